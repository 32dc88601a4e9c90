"""Deleting what has been kept for long enough: found once a day, carried out in small parts, each of its own.

What is left is a tombstone: rating, kind, when, tags, events. So no number changes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from app.cases import erasing, provider_links
from app.cases.models import Case, Event, Hold
from app.directory.models import Agency
from app.directory.retention_periods import RETENTION, Kept, ended_before
from app.extensions import db
from app.intake import actions as intake
from app.intake import mail_keeping
from app.intake.models import Feedback, Photo
from app.kernel import clock
from app.kernel.words import Actor, CaseStatus, EventKind
from app.outbox.actions import promise

AT_ONCE = 100
"""So many feedback in one transaction: others write in between."""

FORGET: dict[Kept, Callable[[Feedback], None]] = {
    Kept.CONTACT: erasing.forget_contact,
    Kept.PHOTOS: erasing.forget_photos,
    Kept.WORDS: erasing.forget_words,
    Kept.LINKS: erasing.forget_link_addresses,
}
ASKED = "asked"
"""In the place of a kind: what residents asked to have deleted, where something stood in its way."""


CLOSING = frozenset({EventKind.RESOLVED, EventKind.REJECTED, EventKind.WITHDRAWN, EventKind.DUPLICATE})
"""Events that close a case."""


def promise_due(now: datetime) -> None:
    """Once a day."""
    promise("retention.look", key=f"retention:{now:%Y-%m-%d}")


def look() -> None:
    """Promise, in parts, that what is due is deleted; mail that nobody has filed for so long goes at once."""
    for agency in db.session.scalars(select(Agency).order_by(Agency.id)).all():
        mail_keeping.set_aside_older(agency.id, ended_before(agency.retention, Kept.CONTACT, clock.now()))
        for kind in RETENTION:
            _promise_parts(agency.id, kind, over(agency, kind, clock.now()))
    _promise_parts(None, ASKED, intake.those_to_be_erased())


def carry_out(kind: str, feedback_ids: Sequence[int]) -> None:
    """Delete a kind of data of these feedback, where nothing stands in its way; safe to repeat."""
    forget = erasing.erase_what_was_asked if kind == ASKED else FORGET[Kept(kind)]
    mine = select(Feedback.id).where(Feedback.id.in_(feedback_ids)).order_by(Feedback.id)
    # Of two who come at once the second waits, and finds nothing left to do.
    db.session.execute(mine.with_for_update(key_share=True))
    rows = select(Feedback).where(Feedback.id.in_(feedback_ids)).order_by(Feedback.id)
    if kind != ASKED:
        rows = rows.where(_is_there(Kept(kind), clock.now()))
    for feedback in db.session.scalars(rows.execution_options(populate_existing=True)).all():
        forget(feedback)
    db.session.flush()


def over(agency: Agency, kind: Kept, now: datetime) -> Sequence[int]:
    """The feedback of an agency of which a kind has been kept for long enough and is still there."""
    held = exists().where(Hold.feedback_id == Feedback.id, Hold.lifted_at.is_(None), Hold.ends_at > now)
    before = ended_before(agency.retention, kind, now)
    # A link ends by itself, whatever becomes of its case.
    is_over = provider_links.has_address_of_before(before) if kind == Kept.LINKS else _ended_at() < before
    due = (
        select(Feedback.id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .where(Feedback.agency_id == agency.id, is_over, ~held, _is_there(kind, now))
    )
    return db.session.scalars(due.order_by(Feedback.id)).all()


def _ended_at() -> ColumnElement[datetime]:
    """When a feedback ended: when its case was last closed, if it is over; without a case, when it was sent.

    What is noted or judged afterwards puts nothing off.
    """
    is_over = and_(Case.id.is_not(None), Case.status != CaseStatus.OPEN)
    closed = select(func.max(Event.at)).where(Event.feedback_id == Feedback.id, Event.kind.in_(CLOSING))
    # Past cases were taken in as they were told: some are over without a word of how.
    closed_at = func.coalesce(closed.scalar_subquery(), Case.last_event_at)
    # An open case has no end, which is before nothing.
    return case((Case.id.is_(None), Feedback.submitted_at), (is_over, closed_at), else_=None)


def _is_there(kind: Kept, now: datetime) -> ColumnElement[bool]:
    if kind == Kept.CONTACT:
        return Feedback.is_reachable.is_(True)
    if kind == Kept.PHOTOS:
        return exists().where(Photo.feedback_id == Feedback.id, Photo.actor == Actor.RESIDENT)
    if kind == Kept.LINKS:
        return provider_links.has_address_of_before(now)
    return or_(intake.has_words(), erasing.has_messages())


def _promise_parts(agency_id: int | None, kind: str, feedback_ids: Sequence[int]) -> None:
    for start in range(0, len(feedback_ids), AT_ONCE):
        part = list(feedback_ids[start : start + AT_ONCE])
        promise("retention.carry_out", agency_id=agency_id, kind=str(kind), feedback_ids=part)
