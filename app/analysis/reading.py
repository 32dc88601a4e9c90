"""The seam of the analysis: text in, everything that is known about it out. What is behind it may be replaced."""

from dataclasses import dataclass

from app.analysis.aspects import aspects_of
from app.analysis.language import OFFERED, language_of
from app.analysis.redaction import Span, redact
from app.analysis.sentiment import Probabilities, probabilities_of
from app.analysis.urgency import is_urgent
from app.kernel.words import Aspect, Sentiment

VERSION = "words-1"
"""Written on every reading; a change that can change a result needs a new one."""

MOST_LETTERS = 10_000
"""What sentiment, aspects and urgency read of a text; redaction always reads the whole."""


@dataclass(frozen=True)
class Analysis:
    """What one version of the analysis made of one text. ``pii`` counts in characters of the original text."""

    language: str
    sentiment: Sentiment
    probabilities: Probabilities
    aspects: tuple[Aspect, ...]
    urgent: bool
    redacted: str
    pii: tuple[Span, ...]
    version: str


def analyse(text: str, language: str | None = None, offered: tuple[str, ...] = OFFERED) -> Analysis:
    """Read a text; without a language the likeliest of those offered is taken.

    Never fails on a text: what cannot be read is neutral, about nothing and not urgent.
    """
    language = language or language_of(text, offered)
    start = text[:MOST_LETTERS]
    probabilities = probabilities_of(start, language)
    without_persons = redact(text, language if language in {"en", "zh"} else None)
    return Analysis(
        language=language,
        sentiment=probabilities.sentiment,
        probabilities=probabilities,
        aspects=aspects_of(start, language),
        urgent=is_urgent(start, language),
        redacted=without_persons.text,
        pii=without_persons.spans,
        version=VERSION,
    )
