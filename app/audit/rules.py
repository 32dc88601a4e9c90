"""What an entry of the audit says, and the chain that holds entries together. Plain Python."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

INSTALLATION = 0
"""The chain of what belongs to no agency: members, providers, the installation itself."""

FIRST = "0" * 64
"""What the first entry of a chain holds on to."""

LONGEST_DETAIL = 200


class Verb(StrEnum):
    """What was done."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    OPENED = "opened"
    FOUND = "found"
    EXPORTED = "exported"
    TAKEN_IN = "taken_in"
    ERASED = "erased"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    ROTATED = "rotated"


class Doer(StrEnum):
    """Who did it: a member, a resident by their link, somebody else by a link, the worker, or a command."""

    MEMBER = "member"
    RESIDENT = "resident"
    GUEST = "guest"
    SYSTEM = "system"
    COMMAND = "command"


@dataclass(frozen=True)
class Part:
    """A column that an entry tells of and, where it is told, its value: after the deed, before it too where it changed.

    Values are written as ``plain`` writes them.
    """

    column: str
    after: str | None = None
    before: str | None = None

    def __str__(self) -> str:
        if self.after is None:
            return self.column
        return f"{self.column}={self.after}" if self.before is None else f"{self.column}={self.before}>{self.after}"


def plain(value: Any) -> str:
    """A number, a day, yes or no, or a choice among ours, in short; never what a person wrote."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def details_of(parts: Iterable[Part]) -> list[str]:
    """What entries say of these columns; more than one where it is too long for an entry."""
    details = [""]
    for part in map(str, parts):
        longer = f"{details[-1]},{part}" if details[-1] else part
        if len(longer) <= LONGEST_DETAIL:
            details[-1] = longer
        else:
            details.append(part)
    return details


def parts_of(detail: str) -> list[Part]:
    """The columns that an entry tells of, read again; without values where it was written before those were told."""
    found = []
    for text in detail.split(",") if detail else ():
        column, _is, value = text.partition("=")
        before, has_changed, after = value.partition(">")
        if not _is:
            found.append(Part(column))
        else:
            found.append(Part(column, after, before) if has_changed else Part(column, value))
    return found


@dataclass(frozen=True)
class Facts:
    """One thing that was done, in ids, kinds and the terms that were set; nothing that a person wrote, and no name.

    ``what`` is the kind of thing (a table's name), ``detail`` which columns, with the values of terms, or which kind
    of it. ``doer`` is None until it is known who acts.
    """

    agency_id: int | None
    at: datetime
    verb: Verb
    what: str
    doer: Doer | None = None
    member_id: int | None = None
    subject_id: int | None = None
    feedback_id: int | None = None
    detail: str = ""

    @property
    def chain(self) -> int:
        return self.agency_id or INSTALLATION


def hash_of(chain: int, number: int, facts: Facts, previous: str) -> str:
    """SHA-256, in hex, over everything an entry says and the hash of the entry before it.

    Whoever changes or removes an entry breaks every later one.
    """
    said = [
        chain,
        number,
        facts.agency_id,
        facts.at.astimezone(UTC).isoformat(timespec="microseconds"),
        facts.doer,
        facts.member_id,
        facts.verb,
        facts.what,
        facts.subject_id,
        facts.feedback_id,
        facts.detail,
        previous,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
