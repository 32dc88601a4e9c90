"""The words of the demo's residents and staff: texts with gaps in ``words/<language>.txt``, filled in by chance."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "words"
GAP = re.compile(r"\{(\w+)\}")
CLAUSE = re.compile(r"(\d)\| ")
# Gaps that hold the same everywhere; the others belong to a service.
SHARED = frozenset({"when", "often", "name", "phone"})
LISTS = frozenset({*SHARED, "where", "what", "short.good", "short.middling", "short.bad", "confirmed"})


@dataclass(frozen=True)
class Template:
    """One text with gaps; a complaint also says which clause of its contract it is about."""

    text: str
    clause: str | None = None


@cache
def sections(language: str) -> dict[str, tuple[Template, ...]]:
    """Every section of a language's file by its name; lists of words stand on one line, between ``|``."""
    read: dict[str, list[Template]] = {}
    section = ""
    for line in (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            read.setdefault(section, []).extend(_templates(line, section))
    return {name: tuple(templates) for name, templates in read.items()}


def _templates(line: str, section: str) -> list[Template]:
    if section in LISTS or section.rpartition(".")[2] in LISTS:
        return [Template(word.strip()) for word in line.split("|")]
    if found := CLAUSE.match(line):
        return [Template(line[found.end() :], found[1])]
    return [Template(line)]


class Writer:
    """Writes texts in one language about one service. The same ``chance`` writes the same texts."""

    def __init__(self, chance: Random, language: str, service: str):
        self.chance, self.language, self.service = chance, language, service

    def complaint(self) -> tuple[str, str]:
        """A complaint and the clause it is about."""
        template = self._pick(f"{self.service}.complaint")
        return self._fill(template.text) + self._tail(0.4), template.clause or "1"

    def praise(self) -> str:
        return self._fill(self._pick(f"{self.service}.praise").text)

    def suggestion(self) -> str:
        return self._fill(self._pick(f"{self.service}.suggestion").text)

    def mixed(self) -> str:
        return self._fill(self._pick(f"{self.service}.mixed").text) + self._tail(0.1)

    def short(self, rating: int | None) -> str:
        """A few words that fit the rating."""
        mood = "middling" if rating in (None, 3) else "good" if rating and rating > 3 else "bad"
        return self._pick(f"short.{mood}").text

    def said(self, section: str) -> str:
        """What staff or the resident write in the course of a case: ``asked``, ``reopened``, ``reply.provider`` …"""
        return self._fill(self._pick(section).text)

    def resolved(self) -> str:
        return self._pick(f"{self.service}.resolved").text

    def _tail(self, share: float) -> str:
        if self.chance.random() >= share:
            return ""
        tail = self._fill(self._pick("tail").text)
        return tail if self.language == "zh" else f" {tail}"

    def _pick(self, section: str) -> Template:
        return self.chance.choice(sections(self.language)[section])

    def _fill(self, text: str) -> str:
        filled = GAP.sub(self._word_for, text)
        return filled[0].upper() + filled[1:]

    def _word_for(self, gap: re.Match[str]) -> str:
        name = gap[1]
        return self._pick(name if name in SHARED else f"{self.service}.{name}").text
