"""Why a text was tagged as it was: the words that moved a tag, as spans of the redacted text."""

import re
from dataclasses import dataclass

from app.analysis.lexicon import TOKEN, lexicon
from app.kernel.words import Sentiment

MOST = 6
"""Spans shown for one text; more marks would explain less."""

REASONS = {"negative": Sentiment.NEGATIVE, "positive": Sentiment.POSITIVE, "request": Sentiment.NEUTRAL}


@dataclass(frozen=True)
class Evidence:
    """Words from ``start`` to before ``end`` of the redacted text that spoke for ``tag``, by ``weight`` (over 0).

    A tag is "negative", "neutral", "positive", "aspect:<name>", "urgent" or "safeguarding".
    """

    start: int
    end: int
    tag: str
    weight: float


def evidence_in(redacted: str, language: str, tags: set[str]) -> tuple[Evidence, ...]:
    """The words that speak for those of ``tags`` which the text was given, in the order of the text."""
    found = []
    for name in ("sentiment", "aspects", "urgency"):
        words = lexicon(name, language)
        places = [match.span() for match in TOKEN.finditer(redacted)]
        for each in words.find(redacted):
            tag = tag_of(name, each.section)
            if tag in tags:
                start, end = each.at, each.at + each.length
                if not words.spaceless:
                    start, end = places[start][0], places[end - 1][1]
                found.append(Evidence(start, end, tag, float(each.length)))
    strongest = sorted(found, key=lambda each: -each.weight)[:MOST]
    return tuple(sorted(strongest, key=lambda each: (each.start, each.end, each.tag)))


def spans_of(pattern: re.Pattern[str], redacted: str, tag: str) -> tuple[Evidence, ...]:
    """What a pattern found, as evidence for a tag."""
    return tuple(Evidence(*match.span(), tag, 1.0) for match in pattern.finditer(redacted) if match.group())[:MOST]


def tag_of(name: str, section: str) -> str:
    if name == "sentiment":
        return REASONS[section].value if section in REASONS else ""
    return f"aspect:{section}" if name == "aspects" else "urgent"
