"""Keeping what days of contracts count: noted as changed with whatever changes them, counted anew by the worker."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.directory.models import Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.database import table
from app.kernel.periods import day_of
from app.measures import rollup
from app.measures.models import Changed, ContractDay
from app.outbox.actions import promise
from app.outbox.running import Deed

AT_ONCE = 100
"""So many days are counted at once: for seconds, not for minutes."""

MOST_CHANGES = 5_000

VALUES = tuple(column.name for column in table(ContractDay).columns if not column.primary_key)


def promise_due(now: datetime) -> None:
    """Asked every minute: that what has changed is counted anew; and once an hour that days that are over are kept."""
    promise("rollup.follow", key=f"rollup:{now:%Y-%m-%dT%H}")
    if db.session.scalar(select(Changed.id).limit(1)) is not None:
        promise("rollup.follow", key=f"rollup:{now:%Y-%m-%dT%H:%M}")


def follow() -> tuple[Deed | None, int]:
    """Count the days that have changed, then those that are missing, at most ``AT_ONCE``: what is to be written.

    And how many days that is.
    """
    now = clock.now()
    read = db.session.execute(
        select(Changed.id, func.coalesce(Changed.left_contract_id, Feedback.contract_id), Feedback.submitted_at)
        .join(Feedback, Feedback.id == Changed.feedback_id)
        .order_by(Changed.id)
        .limit(MOST_CHANGES)
    ).all()
    contracts = {each.id: each for each in db.session.scalars(select(Contract).order_by(Contract.id))}
    seen: list[int] = []
    notes: dict[rollup.Key, list[int]] = defaultdict(list)
    for change_id, contract_id, at in read:
        kept_on = _day_kept(contracts.get(contract_id or 0), at, now)
        (notes[kept_on] if kept_on else seen).append(change_id)
    changed: dict[int, list[date]] = defaultdict(list)
    for contract_id, day in sorted(notes)[:AT_ONCE]:
        changed[contract_id].append(day)
        seen += notes[contract_id, day]
    rows = [row for contract_id, days in changed.items() for row in rollup.rows_of(contracts[contract_id], days)]
    missing: list[dict[str, Any]] = []
    for contract in contracts.values():
        left = AT_ONCE - len(rows) - len(missing)
        if left > 0 and (days := rollup.missing_days(contract, now)[:left]):
            missing += rollup.rows_of(contract, days)
    if not seen and not missing:
        return None, 0
    is_more = len(rows) + len(missing) >= AT_ONCE or len(read) == MOST_CHANGES

    def deed() -> None:
        if _take(seen):
            put(rows, anyway=True)
            put(missing, anyway=False)
            if is_more:
                promise("rollup.follow")

    return deed, len(rows) + len(missing)


def forget() -> None:
    """Keep no day any more: all of them are counted from the events, until they are kept again."""
    db.session.execute(delete(ContractDay))
    db.session.execute(delete(Changed))


def _day_kept(contract: Contract | None, at: datetime, now: datetime) -> rollup.Key | None:
    """The day that a feedback belongs to, where it can be kept."""
    if contract is None:
        return None
    timezone = contract.agency.timezone
    day = day_of(at, timezone)
    return (contract.id, day) if rollup.is_over(day, timezone, now) else None


def _take(changes: Sequence[int]) -> bool:
    """Cross off changes that have been counted; False, and nothing done, where another worker was quicker.

    It may have seen more than we have: what we have counted would be older than what it wrote.
    """
    parts = [changes[begin : begin + 500] for begin in range(0, len(changes), 500)]
    there = 0
    for part in parts:
        there += len(db.session.scalars(select(Changed.id).where(Changed.id.in_(part)).with_for_update()).all())
    if there < len(changes):
        return False
    for part in parts:
        db.session.execute(delete(Changed).where(Changed.id.in_(part)))
    return True


def put(rows: Collection[dict[str, Any]], *, anyway: bool) -> None:
    """Keep days; in the place of what was kept of them, or (not ``anyway``) only of an older counting."""
    if not rows:
        return
    connection = db.session.connection()
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    upsert = insert(table(ContractDay))
    upsert = upsert.on_conflict_do_update(
        index_elements=["contract_id", "day"],
        set_={name: upsert.excluded[name] for name in VALUES},
        where=None if anyway else ContractDay.version != rollup.VERSION,
    )
    connection.execute(upsert, list(rows))
