"""The agency's ready phrases beside the answer to one feedback: first those in the language that its resident reads."""

from collections.abc import Sequence

from app.cases.queries import CasePage
from app.directory.phrases import phrases_of
from app.web.languages import LANGUAGES, language

LONGEST_LABEL = 80

Choice = tuple[str, str, str]
"""What is sent, how it is told from others in the language of the page, and what it says to the resident."""


def offered(page: CasePage) -> Sequence[tuple[str, Sequence[Choice]]]:
    """Phrases by language, by its own name; the resident's language comes first, then the others that there are."""
    phrases = phrases_of(page.agency.id)
    codes = sorted(LANGUAGES, key=lambda code: code != page.feedback.language)
    found = []
    for code in codes:
        choices = [
            (f"{phrase.id}-{code}", _label(phrase.words, code), phrase.words[code])
            for phrase in phrases
            if phrase.words.get(code)
        ]
        if choices:
            found.append((LANGUAGES[code][1], choices))
    return found


def chosen(page: CasePage, value: str | None) -> str:
    """What the chosen phrase says; nothing where it is none of the agency's."""
    texts = {each: text for _name, choices in offered(page) for each, _label, text in choices}
    return texts.get(value or "", "")


def _label(words: dict[str, str], code: str) -> str:
    """What a phrase says, in the language of who chooses it, where it is there."""
    text = words.get(language()) or words[code]
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1].rstrip() + "…"
