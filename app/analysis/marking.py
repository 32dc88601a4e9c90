"""The redacted text cut where evidence begins and ends, so that a page can mark what moved a tag."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from app.analysis.evidence import Evidence


@dataclass(frozen=True)
class Part:
    """A piece of the text and the tags that it moved, the strongest first; none for most of the text."""

    text: str
    tags: tuple[str, ...]


def parts_of(text: str, evidence: Iterable[Evidence]) -> tuple[Part, ...]:
    """The whole text in pieces. Evidence outside the text is left alone."""
    within = [each for each in evidence if 0 <= each.start < each.end <= len(text)]
    cuts = sorted({0, len(text), *(each.start for each in within), *(each.end for each in within)})
    parts = []
    for start, end in pairwise(cuts):
        here = sorted((each for each in within if each.start <= start < each.end), key=lambda each: -each.weight)
        parts.append(Part(text[start:end], tuple(dict.fromkeys(each.tag for each in here))))
    return tuple(parts)


def reasons_of(text: str, evidence: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    """Tag → the words that moved it, each once, in the order of the text."""
    reasons: dict[str, list[str]] = {}
    for each in sorted(evidence, key=lambda each: each.start):
        words = " ".join(text[each.start : each.end].split())
        if words and words not in (known := reasons.setdefault(each.tag, [])):
            known.append(words)
    return {tag: tuple(words) for tag, words in reasons.items()}
