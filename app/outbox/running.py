"""Keeping a promise: claim it, do the slow work outside any transaction, write its result only if it is still ours."""

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy import select

from app.audit.actions import acting_as
from app.audit.rules import Doer
from app.extensions import db
from app.kernel import clock
from app.outbox import actions
from app.outbox.models import Promise
from app.web.transactions import begin_writing

log = structlog.get_logger()

Deed = Callable[[], None]
"""What a task wants written: run in the same transaction that marks the promise done."""

Task = Callable[..., Deed | None]
"""A task reads, works (analyses, sends) and returns its deed, or None where nothing is to be written."""

Schedule = Mapping[str, Callable[[datetime], object]]
"""When → what is then promised. Asked every minute; under keys, so asking again promises nothing twice."""


class CannotBeKept(Exception):
    """No further attempt can help; staff must see to it. The message holds no personal data."""


def due(limit: int = 100) -> list[int]:
    """The ids of promises that wait for a worker, oldest first."""
    now = clock.now()
    free = (Promise.leased_until.is_(None)) | (Promise.leased_until <= now)
    query = select(Promise.id).where(Promise.done_at.is_(None), Promise.dead_at.is_(None), Promise.due_at <= now, free)
    found = list(db.session.scalars(query.order_by(Promise.due_at, Promise.id).limit(limit)))
    db.session.rollback()
    return found


def run(promise_id: int, handlers: Mapping[str, Task]) -> bool:
    """One attempt at one promise; True where it was kept. Safe to call twice, from two processes, after a kill."""
    begin_writing()
    taken = actions.claim(promise_id)
    if taken is None:
        db.session.rollback()
        return False
    topic, payload, attempt = taken.topic, dict(taken.payload), taken.attempt
    db.session.commit()
    try:
        with acting_as(Doer.SYSTEM):
            deed = handlers[topic](**payload)
            begin_writing()
            if not actions.keep(promise_id, attempt):
                db.session.rollback()
                return False
            if deed is not None:
                deed()
            db.session.commit()
    except CannotBeKept as error:
        _note(actions.give_up, promise_id, attempt, str(error))
        log.error("promise is dead", topic=topic, promise_id=promise_id, why=str(error))
        return False
    except Exception as error:
        # The message of a foreign error may quote an address: only its kind is kept.
        _note(actions.put_off, promise_id, attempt, type(error).__name__)
        log.exception("promise put off", topic=topic, promise_id=promise_id, attempt=attempt)
        return False
    finally:
        db.session.remove()
    return True


def run_all(handlers: Mapping[str, Task], limit: int = 10_000) -> int:
    """Keep everything that is due, and what that makes due, in this process; how many were kept."""
    kept = 0
    while limit > 0 and (ids := due()):
        limit -= len(ids)
        kept += sum(run(promise_id, handlers) for promise_id in ids)
    return kept


def _note(how: Callable[[int, int, str], bool], promise_id: int, attempt: int, error: str) -> None:
    db.session.rollback()
    begin_writing()
    how(promise_id, attempt, error)
    db.session.commit()
