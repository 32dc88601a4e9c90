"""What waits, what could not be done, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlalchemy import Select, func, inspect, select, text

from app.extensions import db
from app.kernel import clock
from app.kernel.words import Role
from app.outbox.models import Promise
from app.web.access import Viewer

SHOWN = 200
"""So many dead promises fit on a page; who has more has one cause to find, not a list to read."""


@dataclass(frozen=True)
class Health:
    """Whether the outbox is being worked off: ``oldest_due_seconds`` is None where nothing is due."""

    migration: str | None
    oldest_due_seconds: float | None


def dead_for(viewer: Viewer) -> Select[Promise]:
    """Dead promises of the viewer's agency; administrators see all of them."""
    found = select(Promise).where(Promise.dead_at.is_not(None))
    if viewer.role == Role.ADMINISTRATOR:
        return found
    return found.where(Promise.agency_id == viewer.agency_id, Promise.agency_id.is_not(None))


def dead_letters(viewer: Viewer) -> Sequence[Promise]:
    """The newest first, at most ``SHOWN``."""
    newest_first = dead_for(viewer).order_by(Promise.dead_at.desc(), Promise.id.desc())
    return db.session.scalars(newest_first.limit(SHOWN)).all()


def dead_letter_or_404(viewer: Viewer, promise_id: int) -> Promise:
    """A dead promise that the viewer may see; one that somebody has retried is dead no more."""
    dead = db.session.scalar(dead_for(viewer).where(Promise.id == promise_id))
    return dead if dead is not None else abort(404)


def health() -> Health:
    """How the database stands. Raises what SQLAlchemy raises when it is away."""
    return Health(migration=_migration(), oldest_due_seconds=_oldest_due_seconds())


def _oldest_due_seconds() -> float | None:
    now = clock.now()
    waiting = (Promise.done_at.is_(None), Promise.dead_at.is_(None), Promise.due_at <= now)
    oldest: datetime | None = db.session.scalar(select(func.min(Promise.due_at)).where(*waiting))
    return None if oldest is None else (now - oldest).total_seconds()


def _migration() -> str | None:
    """The migration the tables are at; None where they were not made by migrations."""
    if not inspect(db.session.connection()).has_table("alembic_version"):
        return None
    at: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return at
