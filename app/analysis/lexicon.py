"""Word lists kept as data: how they are read, and how their terms are found in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
SPACELESS = frozenset({"zh"})
"""Languages written without spaces: terms are found character by character, the longest first."""

TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+){0,3}")
SHORTEST_STEM = 3


@dataclass(frozen=True)
class Found:
    """One term in a text: where it begins, counted in tokens or (Chinese) characters, and its section."""

    at: int
    length: int
    term: str
    section: str


def sections(name: str, language: str) -> dict[str, tuple[str, ...]]:
    """The sections of ``words/<name>.<language>.txt``; a term stands on one line or between ``|``.

    ``#`` begins a comment. A language without that file has no sections.
    """
    path = FOLDER / f"{name}.{language}.txt"
    read: dict[str, list[str]] = {}
    if not path.exists():
        return {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            read.setdefault(section, []).extend(term.strip() for term in line.split("|") if term.strip())
    return {section: tuple(terms) for section, terms in read.items()}


class Lexicon:
    """Terms by section, found in one pass over a text. ``clean*`` stands for every word it begins."""

    def __init__(self, name: str, language: str):
        self.spaceless = language in SPACELESS
        self.terms: dict[str, tuple[str, ...]] = {}
        self.stems: dict[str, tuple[str, ...]] = {}
        self.longest = 1
        for section, terms in sections(name, language).items():
            for term in terms:
                self._add(term, section)

    def _add(self, term: str, section: str) -> None:
        if self.spaceless:
            key, length, among = term, len(term), self.terms
        elif term.endswith("*"):
            key, length, among = term[:-1].lower(), 1, self.stems
        else:
            words = tokens(term)
            key, length, among = " ".join(words), len(words), self.terms
        among[key] = (*among.get(key, ()), section)
        self.longest = max(self.longest, length)

    def find(self, text: str) -> Iterator[Found]:
        """Every term, left to right; where two begin at the same place only the longer is found."""
        units = text if self.spaceless else tokens(text)
        glue = "" if self.spaceless else " "
        at = 0
        while at < len(units):
            length, sections_here, term = self._longest_at(units, at, glue)
            for section in sections_here:
                yield Found(at, length, term, section)
            at += length

    def _longest_at(self, units: str | list[str], at: int, glue: str) -> tuple[int, tuple[str, ...], str]:
        for length in range(min(self.longest, len(units) - at), 0, -1):
            term = glue.join(units[at : at + length])
            if term in self.terms:
                return length, self.terms[term], term
        if not self.spaceless:
            word = units[at]
            for end in range(min(len(word), 20), SHORTEST_STEM - 1, -1):
                if word[:end] in self.stems:
                    return 1, self.stems[word[:end]], word
        return 1, (), ""


def tokens(text: str) -> list[str]:
    """Words in lower case, with straight apostrophes."""
    return TOKEN.findall(text.lower().replace("’", "'"))


@cache
def lexicon(name: str, language: str) -> Lexicon:
    """The list of that name and language, read once per process."""
    return Lexicon(name, language)
