"""The seam of the analysis: text in, everything that is known about it out. What is behind it may be replaced."""

from collections.abc import Collection
from dataclasses import dataclass

from app.analysis.evidence import Evidence, evidence_in
from app.analysis.heads import VERSION as FITTED
from app.analysis.heads import Probabilities, heads
from app.analysis.language import OFFERED, language_of
from app.analysis.private import Span
from app.analysis.redaction import Redacted, names_in, redact
from app.analysis.safeguarding import signs_in
from app.kernel.words import Aspect, Sentiment

__all__ = ["VERSION", "Analysis", "Probabilities", "analyse"]

HIDING = 2
"""Raised whenever other words of a text are hidden than before: what was read is read again then."""

VERSION = f"{FITTED}.{HIDING}"
"""What is kept with every reading: the file of heads, and what hides persons."""

MOST_LETTERS = 10_000
"""What sentiment, aspects, urgency and safeguarding read of a text; redaction always reads the whole."""

SURE = 0.5
"""The least probability of a sentiment that is stated; below it the reading is not sure, and staff may settle it."""

UNKNOWN = Probabilities(0.3, 0.4, 0.3)
"""For a text without letters or signs: neutral, and hardly."""


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


def analyse(text: str, language: str | None = None, offered: tuple[str, ...] = OFFERED, tiers: int = 2) -> Analysis:
    """Read a text; without a language the likeliest of those offered is taken. ``tiers`` 1 leaves out the encoder.

    The tags are read from the text without persons, so that no name can move them. Never fails on a text: what cannot
    be read is neutral, about nothing and not urgent.
    """
    language = language or language_of(text, offered)
    without_persons = redacted(text, language, known=names_in(text))
    shown = without_persons.text[:MOST_LETTERS]
    signs = signs_in(shown)
    probabilities, aspects, urgent, evidence = tags_of(shown, language, tiers)
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
        evidence=evidence + signs,
        safeguarding=bool(signs),
    )


def redacted(text: str, language: str, *, known: Collection[str]) -> Redacted:
    """A text of that language without persons, ``known`` ones by their names."""
    return redact(text, labelled_in(language), known=known)


def labelled_in(language: str) -> str | None:
    """The language of what is put in the place of persons; None where the text's letters say."""
    return language if language in {"en", "zh"} else None


def tags_of(
    shown: str, language: str, tiers: int
) -> tuple[Probabilities, tuple[Aspect, ...], bool, tuple[Evidence, ...]]:
    """What the heads say of a text without persons, and the words that moved them."""
    if not any(map(str.isalnum, shown)):
        return UNKNOWN, (), False, ()
    read = heads().opinion(shown, language, tiers)
    aspects = tuple(aspect for aspect in Aspect if read.aspects[aspect] >= heads().thresholds["aspects"])
    urgent = read.urgent >= heads().thresholds["urgent"]
    tags = [read.probabilities.sentiment.value, *(f"aspect:{aspect}" for aspect in aspects)] + ["urgent"] * urgent
    return read.probabilities, aspects, urgent, evidence_in(shown, read.found, heads(), tags)
