"""What an entry of the audit says, and the chain that holds entries together. Plain Python."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

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
class Facts:
    """One thing that was done, in ids and kinds; nothing that a person wrote, and no name.

    ``what`` is the kind of thing (a table's name), ``detail`` which columns or which kind of it. ``doer`` is None until
    it is known who acts.
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
