"""Labelled comments: which are read, what each may be used for, and folds of which none knows another."""

import gzip
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.analysis.redaction import redact
from app.kernel.words import Aspect

OURS = Path(__file__).parent / "data"
LANGUAGES = ("en", "zh", "es", "ar")
LABELS = ("neg", "neu", "pos")
FOLDS = 5
NHS_ROWS = 1_500
"""Rows of the foreign set that are fitted: more gave nothing to residents' comments."""

SETS = {
    "civic": "residents' comments on outsourced services, written for this project; Apache-2.0, as the project",
    "written": "more of them, written for training only and never measured on; Apache-2.0, as the project",
    "nhs_v6": "NHS Friends and Family comments of 2023; MIT, © NHS England (CDU-data-science-team/pxtextmining)",
}


@dataclass(frozen=True)
class Comment:
    """A labelled text; ``text`` is without persons, as the heads read it. What is None was not labelled."""

    text: str
    raw: str
    language: str
    origin: str
    label: str
    aspects: frozenset[str] | None
    urgent: bool | None
    private: tuple[dict[str, Any], ...]
    measured: bool


def comments(folder: Path) -> list[Comment]:
    """All that is fitted or measured: civic and (if there) NHS comments of ``folder``, written ones of ``data/``."""
    found = [comment for language in LANGUAGES for comment in civic(folder, language)]
    seen = Shingles(found)
    for path in sorted(OURS.glob("written_*.jsonl")):
        # What happens to say the same as a measured comment would flatter the measurement.
        found += [each for row in rows(path) if not seen.near((each := comment_of(row, "written", False)).raw)]
    nhs = [row for row in rows(folder / "nhs_v6.jsonl.gz")] if (folder / "nhs_v6.jsonl.gz").exists() else []
    fitted = [row for row in nhs if row["split"] == "train"]
    chosen = np.random.default_rng(1).permutation(len(fitted))[:NHS_ROWS]
    found += [comment_of(fitted[place], "nhs_v6", False) for place in sorted(chosen)]
    return found + [comment_of(row, "nhs_v6", True) for row in nhs if row["split"] == "val"]


def civic(folder: Path, language: str) -> Iterator[Comment]:
    for row in rows(folder / f"civic_{language}.jsonl"):
        yield comment_of(row, "civic", True)


def rows(path: Path) -> list[dict[str, Any]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.splitlines() if line.strip()]


def comment_of(row: dict[str, Any], origin: str, measured: bool) -> Comment:
    language = row["lang"]
    aspects = row.get("aspects")
    return Comment(
        text=redact(row["text"], language).text,
        raw=row["text"],
        language=language,
        origin=origin,
        label=row["label"],
        aspects=None if aspects is None else frozenset(aspects) & {aspect.value for aspect in Aspect},
        urgent=row.get("urgent"),
        private=tuple(row.get("pii", ())),
        measured=measured,
    )


class Shingles:
    """Texts as sets of overlapping pieces, to find those that say nearly the same."""

    NEAR = 0.5

    def __init__(self, known: list[Comment]):
        self.sets = [pieces(comment.raw) for comment in known]
        self.places: dict[str, list[int]] = defaultdict(list)
        for place, shingles in enumerate(self.sets):
            for shingle in shingles:
                self.places[shingle].append(place)

    def near(self, text: str) -> list[int]:
        """Places of the texts that share half of all pieces with this one."""
        asked = pieces(text)
        shared = Counter(place for shingle in asked for place in self.places.get(shingle, ()))
        return [
            place
            for place, common in shared.items()
            if common >= self.NEAR * (len(asked) + len(self.sets[place]) - common)
        ]


def pieces(text: str) -> set[str]:
    bare = re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFKC", text).lower())
    size = 2 if re.search(r"[\u3400-\u9fff]", bare) else 5
    return {bare[place : place + size] for place in range(max(1, len(bare) - size + 1))}


def folds(known: list[Comment]) -> list[int]:
    """The fold of every comment, by language and label in equal shares; near-duplicates are in the same one.

    Comments that are fitted but not measured have fold -1: every fold may know them.
    """
    measured = [place for place, comment in enumerate(known) if comment.origin == "civic"]
    group = groups([known[place] for place in measured])
    order = np.random.default_rng(7).permutation(len(measured))
    fold = [-1] * len(known)
    of_group: dict[int, int] = {}
    counts: Counter[tuple[str, str, int]] = Counter()
    for at in order:
        comment = known[measured[at]]
        kind = (comment.language, comment.label)
        if group[at] not in of_group:
            of_group[group[at]] = min(range(FOLDS), key=lambda number: counts[*kind, number])
        number = of_group[group[at]]
        counts[*kind, number] += 1
        fold[measured[at]] = number
    return fold


def groups(known: list[Comment]) -> list[int]:
    """The number of the first comment that each is, directly or by others between them, nearly the same as."""
    first = list(range(len(known)))
    shingles = Shingles(known)
    for place, comment in enumerate(known):
        for other in shingles.near(comment.raw):
            low, high = sorted((first[place], first[other]))
            first = [low if number == high else number for number in first]
    return first
