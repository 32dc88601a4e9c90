"""Whether the audit is whole: every entry is read again and must say what it said when it was chained."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.audit.models import AuditChain, AuditEntry, facts_of
from app.audit.rules import FIRST, hash_of
from app.extensions import db
from app.kernel.database import table

CHAIN, ENTRY = table(AuditChain), table(AuditEntry)
AT_ONCE = 1000


@dataclass(frozen=True)
class Checked:
    """A chain as it was found; ``broken_at`` is the number of the first entry that is not as it was written."""

    agency_id: int | None
    length: int
    head: str
    broken_at: int | None = None
    why: str = ""


def check_chains(was: Mapping[tuple[int, int], str] | None = None) -> Iterator[Checked]:
    """Read every chain again. ``was``: (chain, number) → the hash that somebody noted down elsewhere before."""
    chains = db.session.execute(select(CHAIN).order_by(CHAIN.c.id)).all()
    for chain in chains:
        yield _check_chain(chain, was or {})
    known = {chain.id for chain in chains}
    for number in sorted({number for number, _entry in was or {} if number not in known}):
        yield Checked(number or None, 0, FIRST, 1, "the whole chain is missing")


def _check_chain(chain: Any, was: Mapping[tuple[int, int], str]) -> Checked:
    rows = select(ENTRY).where(ENTRY.c.chain_id == chain.id).order_by(ENTRY.c.number)
    with closing(db.session.execute(rows.execution_options(yield_per=AT_ONCE))) as found:
        at, why = _first_broken(chain, found, was)
    return Checked(chain.agency_id, chain.length, chain.head, at, why)


def _first_broken(chain: Any, rows: Iterable[Any], was: Mapping[tuple[int, int], str]) -> tuple[int | None, str]:
    expected, previous = 0, FIRST
    for row in rows:
        expected += 1
        why = ""
        if row.number != expected:
            why = f"it is missing; the next one there is {row.number}"
        elif row.previous != previous:
            why = "it does not hold on to the entry before it"
        elif hash_of(chain.id, row.number, facts_of(row), previous) != row.hash:
            why = "it says something else than when it was written"
        elif was.get((chain.id, row.number), row.hash) != row.hash:
            why = "it is another than the one noted down"
        # What is written while we read comes after the end that we know.
        elif row.number == chain.length and row.hash != chain.head:
            why = "it is not the end that the chain remembers"
        if why:
            return expected, why
        previous = row.hash
    latest = max([chain.length, *(entry for number, entry in was if number == chain.id)])
    return (expected + 1, "it is missing, and so is all that came after it") if expected < latest else (None, "")
