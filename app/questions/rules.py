"""What can be asked, when a changed question is another one, and what a new version changes. Plain Python."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.kernel.words import QuestionKind

MOST_QUESTIONS = 8
"""More than that nobody answers in a minute."""

LEAST_OPTIONS, MOST_OPTIONS = 2, 12
LONGEST_QUESTION, LONGEST_HINT, LONGEST_OPTION = 200, 300, 100
LONGEST_ANSWER = 2_000

WITH_OPTIONS = frozenset({QuestionKind.CHOICE, QuestionKind.DRIVERS})

# Without letters that look alike, as in references; a key is in the form that a resident sends.
KEY_SIGNS, KEY_LENGTH = "23456789abcdefghjkmnpqrstvwxyz", 8


class Break(StrEnum):
    """Why answers from before and after a change cannot be set side by side."""

    KIND = "kind"
    WORDING = "wording"
    OPTIONS = "options"


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from: in words, or an aspect, which has its own words in every language."""

    key: str
    wording: Mapping[str, str] | None = None
    aspect: str | None = None


@dataclass(frozen=True)
class Asked:
    """A question as it is asked; ``wording`` and ``hint`` by language, the form's main one first.

    Questions with the same ``key`` are one question, whatever version they are in: their answers are counted together.
    """

    key: str
    kind: QuestionKind
    wording: Mapping[str, str]
    hint: Mapping[str, str]
    options: tuple[Option, ...] = ()
    is_for_provider: bool = False
    # In short and simple words, where somebody has written them.
    easy: Mapping[str, str] = field(default_factory=dict)

    def is_whole_in(self, language: str) -> bool:
        """Whether all of it has words in a language; aspects have them in every one."""
        return bool(self.wording.get(language)) and all(
            (each.wording or {}).get(language) for each in self.options if each.aspect is None
        )


@dataclass(frozen=True)
class Changes:
    """What a new version changes; of ``reworded`` questions only what breaks nothing."""

    added: tuple[Asked, ...]
    ended: tuple[Asked, ...]
    reworded: tuple[Asked, ...]
    moved: bool

    @property
    def is_anything(self) -> bool:
        return bool(self.added or self.ended or self.reworded or self.moved)


def new_key() -> str:
    """What a question is known by, through all versions: 39 random bits."""
    return "".join(secrets.choice(KEY_SIGNS) for _ in range(KEY_LENGTH))


def is_key(text: str) -> bool:
    """Whether it can be a key, and so was not written by anybody."""
    return len(text) == KEY_LENGTH and all(sign in KEY_SIGNS for sign in text)


def breaks(before: Asked, after: Asked) -> tuple[Break, ...]:
    """Why the answers to both cannot be compared; nothing where they can.

    A language that comes to it, a hint, easy words, the order of options, or who sees the answers changes no meaning.
    Of what drove it each aspect is counted by itself among those it was offered to, so aspects may come and go.
    """
    found = []
    if before.kind != after.kind:
        found.append(Break.KIND)
    if _reads_otherwise(before.wording, after.wording):
        found.append(Break.WORDING)
    if before.kind == after.kind == QuestionKind.CHOICE and _options_differ(before.options, after.options):
        found.append(Break.OPTIONS)
    return tuple(found)


def changes(before: Sequence[Asked], after: Sequence[Asked]) -> Changes:
    """What is asked otherwise after than before."""
    old, new = {each.key: each for each in before}, {each.key: each for each in after}
    kept = [key for key in new if key in old]
    return Changes(
        added=tuple(each for each in after if each.key not in old),
        ended=tuple(each for each in before if each.key not in new),
        reworded=tuple(new[key] for key in kept if new[key] != old[key]),
        moved=kept != [key for key in old if key in new],
    )


def moved(keys: Sequence[str], key: str, up: bool) -> list[str]:
    """The keys with one of them a place further up or down; as they were where there is no such place."""
    at = keys.index(key)
    to = at - 1 if up else at + 1
    order = list(keys)
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    return order


def _reads_otherwise(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return any(after.get(language) != text for language, text in before.items())


def _options_differ(before: Sequence[Option], after: Sequence[Option]) -> bool:
    old, new = {each.key: each for each in before}, {each.key: each for each in after}
    return old.keys() != new.keys() or any(_reads_otherwise(old[k].wording or {}, new[k].wording or {}) for k in old)
