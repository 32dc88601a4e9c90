"""Making promises, and keeping book of how they go."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.extensions import db
from app.kernel import clock
from app.kernel.database import insert_row
from app.outbox.models import Promise

LEASE = timedelta(minutes=2)
# With the waits below: two and a half days, so that a mail server may be down over a weekend.
TRIES = 20
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=6)


def promise(
    topic: str,
    *,
    agency_id: int | None = None,
    due_at: datetime | None = None,
    key: str | None = None,
    **payload: Any,
) -> int | None:
    """Write, in the caller's transaction, that ``topic`` must be done with ``payload``; the promise's id.

    Under a ``key`` it is promised once: None where it was before.
    """
    if key is not None and db.session.scalar(select(Promise.id).where(Promise.key == key)):
        return None
    now = clock.now()
    row = {
        "agency_id": agency_id,
        "topic": topic,
        "payload": payload,
        "key": key,
        "made_at": now,
        "due_at": due_at or now,
    }
    return insert_row(db.session.connection(), Promise, row)


def claim(promise_id: int) -> Promise | None:
    """Take a due promise for one attempt, or None where another worker was quicker. The caller commits."""
    now = clock.now()
    free = (Promise.leased_until.is_(None)) | (Promise.leased_until <= now)
    taken = db.session.execute(
        update(Promise)
        .where(Promise.id == promise_id, Promise.done_at.is_(None), Promise.dead_at.is_(None), free)
        .where(Promise.due_at <= now)
        .values(attempt=Promise.attempt + 1, tries=Promise.tries + 1, leased_until=now + LEASE)
        .returning(Promise)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).scalar_one_or_none()
    return taken


def keep(promise_id: int, attempt: int) -> bool:
    """Mark a promise done if this attempt still holds it; False where the lease went to another."""
    return _write(promise_id, attempt, done_at=clock.now(), leased_until=None)


def put_off(promise_id: int, attempt: int, error: str) -> bool:
    """Note that an attempt failed: try again after a while, longer each time; after ``TRIES`` it is dead."""
    now = clock.now()
    tries = db.session.scalar(select(Promise.tries).where(Promise.id == promise_id)) or 1
    if tries >= TRIES:
        return _write(promise_id, attempt, dead_at=now, leased_until=None, last_error=error)
    wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    return _write(promise_id, attempt, due_at=now + wait, leased_until=None, last_error=error)


def give_up(promise_id: int, attempt: int, error: str) -> bool:
    """Note that no further attempt can help: staff see it at once."""
    return _write(promise_id, attempt, dead_at=clock.now(), leased_until=None, last_error=error)


def retry(dead: Promise) -> None:
    """Make a dead promise due again, with all its tries."""
    dead.dead_at, dead.due_at, dead.tries, dead.leased_until = None, clock.now(), 0, None


def _write(promise_id: int, attempt: int, **values: Any) -> bool:
    mine = (
        (Promise.id == promise_id)
        & (Promise.attempt == attempt)
        & Promise.done_at.is_(None)
        & Promise.dead_at.is_(None)
    )
    result = db.session.execute(
        update(Promise).where(mine).values(**values).execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]
