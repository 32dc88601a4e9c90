"""Whether somebody could be hurt, or be left without care, heat, food or safety, within about a day."""

from collections import Counter

from app.analysis.lexicon import lexicon


def is_urgent(text: str, language: str) -> bool:
    """One alarming term is enough; a harm needs a second one, or a hint that it is soon or that somebody is frail.

    A false alarm costs an officer a look, a missed one may cost a life: hence the wide net.
    """
    terms = {(found.section, found.term) for found in lexicon("urgency", language).find(text)}
    named = Counter(section for section, _ in terms)
    signs = named["harm"] + named["soon"] + named["frail"]
    return named["now"] >= 1 or (named["harm"] >= 1 and signs >= 2)
