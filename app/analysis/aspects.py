"""What a text is about, by the words it uses."""

from app.analysis.lexicon import lexicon
from app.kernel.words import Aspect


def aspects_of(text: str, language: str) -> tuple[Aspect, ...]:
    """The aspects named in the text, in the order of ``Aspect``; none in a language without a word list."""
    named = {found.section for found in lexicon("aspects", language).find(text)}
    return tuple(aspect for aspect in Aspect if aspect.value in named)
