"""Safeguarding concerns: raised by analysis or anybody of the agency; until one is released, no provider sees it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, insert, or_, select

from app.analysis.models import Concern
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.working_time import WorkingCalendar, add_hours
from app.outbox.actions import promise


def is_hidden() -> ColumnElement[bool]:
    """Over ``Feedback``: there is a concern that nobody has released, so no provider sees it and nothing quotes it."""
    return exists().where(Concern.feedback_id == Feedback.id, Concern.released_at.is_(None))


def was_hidden(as_of: datetime) -> ColumnElement[bool]:
    """The same as it stood at a moment: what is issued must come out the same when it is reckoned again."""
    stood = or_(Concern.released_at.is_(None), Concern.released_at > as_of)
    return exists().where(Concern.feedback_id == Feedback.id, Concern.raised_at <= as_of, stood)


def to_settle() -> Select[int]:
    """The ids of feedback with a concern that no safeguarding officer has dealt with: few among many."""
    return select(Concern.feedback_id).where(Concern.released_at.is_(None), Concern.closed_at.is_(None))


def standing(feedback_id: int) -> Concern | None:
    """The concern that hides a feedback; None where none does."""
    wanted = select(Concern).where(Concern.feedback_id == feedback_id, Concern.released_at.is_(None))
    return db.session.scalar(wanted)


def hid_at(feedback_id: int, at: datetime) -> bool:
    """Whether a concern hid a feedback at a moment."""
    return bool(db.session.scalar(select(Feedback.id).where(Feedback.id == feedback_id, was_hidden(at))))


def raise_by_analysis(feedback: Feedback) -> Concern | None:
    """Hide a feedback, and have the safeguarding officers told. None where there was a concern about it before.

    What a person released stays so, whatever a newer version thinks of it.
    """
    if db.session.scalar(select(Concern.id).where(Concern.feedback_id == feedback.id).limit(1)) is not None:
        return None
    return _raise(feedback, None, None)


def raise_by(feedback: Feedback, reason: str | None = None, *, member_id: int) -> Concern:
    """The same on a member's word, at once, for a reason that only the agency reads.

    ``MoveNotAllowed`` where one stands already.
    """
    # Two who press the button at once come one after the other.
    db.session.execute(select(Feedback.id).where(Feedback.id == feedback.id).with_for_update(key_share=True))
    if standing(feedback.id) is not None:
        raise MoveNotAllowed("there is a safeguarding concern already")
    return _raise(feedback, member_id, reason)


def raise_for_past(feedback: Collection[Feedback]) -> None:
    """Hide feedback of the past that has only just been taken in; nobody is told."""
    if feedback:
        db.session.execute(insert(Concern), [_row(each, None) for each in feedback])


def close(concern: Concern, reason: str | None = None, *, member_id: int) -> None:
    """It is dealt with, and the feedback stays hidden from the provider."""
    if concern.ended_at is not None:
        raise MoveNotAllowed("the concern is closed already")
    concern.closed_at, concern.closed_by_id, concern.close_reason = clock.now(), member_id, reason
    db.session.flush()


def release(concern: Concern, reason: str | None = None, *, member_id: int) -> None:
    """The provider may see the feedback again, or for the first time; also after it was closed."""
    if concern.released_at is not None:
        raise MoveNotAllowed("the concern is released already")
    concern.released_at, concern.released_by_id, concern.release_reason = clock.now(), member_id, reason
    db.session.flush()


def forget_reasons(feedback_id: int) -> None:
    """What members wrote about it goes when all words go; that there was a concern stays."""
    for concern in db.session.scalars(select(Concern).where(Concern.feedback_id == feedback_id)):
        concern.reason = concern.close_reason = concern.release_reason = None


def _raise(feedback: Feedback, member_id: int | None, reason: str | None) -> Concern:
    concern = Concern(**_row(feedback, member_id), reason=reason)
    db.session.add(concern)
    db.session.flush()
    promise("safeguarding.call", agency_id=feedback.agency_id, key=f"safeguarding:{concern.id}", concern_id=concern.id)
    return concern


def _row(feedback: Feedback, member_id: int | None) -> dict[str, object]:
    return {
        "agency_id": feedback.agency_id,
        "feedback_id": feedback.id,
        "raised_at": clock.now(),
        "raised_by_id": member_id,
        "due_at": _due_at(db.session.get_one(Agency, feedback.agency_id), feedback.submitted_at),
    }


def _due_at(agency: Agency, submitted_at: datetime) -> datetime:
    calendar = WorkingCalendar.from_dict(agency.calendar, agency.timezone)
    return add_hours(calendar, submitted_at, agency.safeguarding_hours)
