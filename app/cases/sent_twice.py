"""What a resident sends a second time, from a page that was left behind, is what they said already."""

from collections.abc import Collection

from sqlalchemy import select

from app.cases import rules
from app.cases.actions import case_of, lock, message_of
from app.cases.models import Event
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import Actor, EventKind

SAID = frozenset({EventKind.ADDED, EventKind.RESIDENT_REPLIED})
"""A message of a resident's, whatever it was taken for."""


def was_done(
    feedback: Feedback, kinds: Collection[EventKind], *, message: str | None = None, rating: int | None = None
) -> bool:
    """Whether the last thing that a resident did was just this, and nobody has told them anything since.

    The case is held until the transaction ends, so that of two at once the second finds what the first did. After a
    new question the same "yes" is another one.
    """
    case = case_of(feedback)
    if case is not None:
        lock(case, None)
    seen = select(Event).where(Event.feedback_id == feedback.id)
    of_both = seen.where((Event.actor == Actor.RESIDENT) | Event.kind.in_(rules.TOLD))
    last = db.session.scalar(of_both.order_by(Event.at.desc(), Event.id.desc()).limit(1))
    if last is None or last.actor != Actor.RESIDENT or last.kind not in kinds or last.rating != rating:
        return False
    return (message_of(last.id) if last.has_message else None) == message
