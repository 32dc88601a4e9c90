"""Why a text was tagged as it was: the words that moved a tag, as spans of the redacted text.

Reckoned from the n-grams of the first tier, whose scores are sums: what every n-gram adds is shared among its
characters, and the words that gathered most are shown. The encoder's part has no words of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.heads import OUTPUTS, Heads
from app.analysis.ngrams import Grams, counted, weighed

MOST = 6
"""Spans shown for one text; more marks would explain less."""

MOST_OF_ONE = 3
"""Spans shown for one tag."""

LONGEST_RUN = 8
"""Characters of a run in a language without spaces."""

UNIT = re.compile(r"\[[^\]\n]{1,12}\]|[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:['’-][^\W_\u3400-\u9fff]+)*|[?？؟]")
HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Evidence:
    """Words from ``start`` to before ``end`` of the redacted text that spoke for ``tag``, by ``weight`` (over 0).

    A tag is "negative", "neutral", "positive", "aspect:<name>", "urgent" or "safeguarding".
    """

    start: int
    end: int
    tag: str
    weight: float


def evidence_in(redacted: str, found: Grams, heads: Heads, tags: list[str]) -> tuple[Evidence, ...]:
    """The words that spoke for these tags, at most six, in the order of the text."""
    value, table = values_of(found, heads), heads.grams[np.concatenate(found.blocks)]
    places = tuple(np.clip(side, 0, len(redacted)) for side in found.places())
    strongest: list[Evidence] = []
    for tag in tags:
        name = tag.removeprefix("aspect:")
        score = -(table[:, 0] + table[:, 1]) if name == "neutral" else table[:, OUTPUTS.index(name)]
        by_sign = shares(len(redacted), places, value * score)
        candidates = sorted(spans_in(redacted, tag, by_sign), key=lambda each: -each.weight)[:MOST_OF_ONE]
        strongest += [each for each in candidates if each.weight >= candidates[0].weight / 3]
    strongest = sorted(strongest, key=lambda each: -each.weight)[:MOST]
    return tuple(sorted(strongest, key=lambda each: (each.start, each.end, each.tag)))


def values_of(found: Grams, heads: Heads) -> NDArray[np.float32]:
    """What every n-gram counts in its text, in the order of its places; one that occurs twice counts half each time."""
    _, values = weighed(found, heads.rarity)
    done, parts = 0, []
    for block in found.blocks:
        ids, counts = counted(block)
        part = values[done : done + len(ids)] / counts
        parts.append(part[np.searchsorted(ids, block)])
        done += len(ids)
    return np.concatenate(parts)


def shares(letters: int, places: tuple[NDArray[np.int64], ...], added: NDArray[np.float32]) -> NDArray[np.float64]:
    """What every character of a text gathered, when each n-gram shares what it adds evenly among its characters."""
    start, end = places
    part = added / np.maximum(end - start, 1)
    steps = np.bincount(start, part, letters + 1) - np.bincount(end, part, letters + 1)
    return np.cumsum(steps)[:letters]


def spans_in(redacted: str, tag: str, by_sign: NDArray[np.float64]) -> Iterator[Evidence]:
    """Whole words, or in Chinese runs of signs, that gathered more than nothing; neighbours as one."""
    open_span: Evidence | None = None
    for start, end in units(redacted, by_sign):
        weight = float(by_sign[start:end].sum())
        if weight <= 0:
            continue
        if open_span and start - open_span.end <= 1 and redacted[open_span.end : start].isspace():
            open_span = Evidence(open_span.start, end, tag, open_span.weight + weight)
            continue
        if open_span:
            yield open_span
        open_span = Evidence(start, end, tag, weight)
    if open_span:
        yield open_span


def units(redacted: str, by_sign: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    for match in UNIT.finditer(redacted):
        start, end = match.span()
        if redacted[start] == "[":
            continue
        if not HAN.match(redacted[start]):
            yield start, end
            continue
        spoke = by_sign[start:end] > max(0.0, float(by_sign[start:end].mean()))
        begin = start
        for place in range(start, end + 1):
            going = place < end and spoke[place - start] and place - begin < LONGEST_RUN
            if not going:
                if place > begin:
                    yield begin, place
                begin = place if place < end and spoke[place - start] else place + 1


def matches(pattern: re.Pattern[str], redacted: str, tag: str) -> tuple[Evidence, ...]:
    """What a pattern found, as evidence for a tag."""
    return tuple(Evidence(*match.span(), tag, 1.0) for match in pattern.finditer(redacted) if match.group())[:MOST]
