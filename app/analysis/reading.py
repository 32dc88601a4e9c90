"""The seam of the analysis: text in, everything that is known about it out. What is behind it may be replaced."""

from dataclasses import dataclass

from app.analysis.aspects import aspects_of
from app.analysis.evidence import Evidence, evidence_in
from app.analysis.language import OFFERED, language_of
from app.analysis.redaction import Span, redact
from app.analysis.safeguarding import signs_in
from app.analysis.sentiment import Probabilities, probabilities_of
from app.analysis.urgency import is_urgent
from app.kernel.words import Aspect, Sentiment

VERSION = "words-1"
"""Written on every reading; a change that can change a result needs a new one."""

MOST_LETTERS = 10_000
"""What sentiment, aspects and urgency read of a text; redaction always reads the whole."""

SURE = 0.5
"""The least probability of a sentiment that is stated; below it the reading is not sure, and staff may settle it."""


@dataclass(frozen=True)
class Analysis:
    """What one version of the analysis made of one text.

    ``pii`` counts in characters of the original text, ``evidence`` in those of the redacted one. Where ``is_sure`` is
    False, ``sentiment`` is no more than the likeliest. ``safeguarding``: it may be about abuse, an injury or an
    accused worker.
    """

    language: str
    sentiment: Sentiment
    probabilities: Probabilities
    aspects: tuple[Aspect, ...]
    urgent: bool
    redacted: str
    pii: tuple[Span, ...]
    version: str
    is_sure: bool
    evidence: tuple[Evidence, ...]
    safeguarding: bool


def analyse(text: str, language: str | None = None, offered: tuple[str, ...] = OFFERED) -> Analysis:
    """Read a text; without a language the likeliest of those offered is taken.

    Never fails on a text: what cannot be read is neutral, about nothing and not urgent.
    """
    language = language or language_of(text, offered)
    start = text[:MOST_LETTERS]
    probabilities = probabilities_of(start, language)
    aspects = aspects_of(start, language)
    urgent = is_urgent(start, language)
    without_persons = redact(text, language if language in {"en", "zh"} else None)
    shown = without_persons.text[:MOST_LETTERS]
    signs = signs_in(shown)
    tags = {probabilities.sentiment.value, *(f"aspect:{aspect}" for aspect in aspects)} | (
        {"urgent"} if urgent else set()
    )
    return Analysis(
        language=language,
        sentiment=probabilities.sentiment,
        probabilities=probabilities,
        aspects=aspects,
        urgent=urgent,
        redacted=without_persons.text,
        pii=without_persons.spans,
        version=VERSION,
        is_sure=max(probabilities) >= SURE,
        evidence=evidence_in(shown, language, tags) + signs,
        safeguarding=bool(signs),
    )
