"""What the resident's pages write for themselves: wrong tries of a PIN, and how often a resident was written to."""

from datetime import datetime

from sqlalchemy import delete, func, select

from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.resident.models import Notice, PinTry
from app.resident.rules import MOST_NOTICES, WINDOW


def note_wrong_pin(reference: str, now: datetime) -> None:
    """Keep that a wrong PIN came with ``reference``, and forget those that no longer count."""
    db.session.execute(delete(PinTry).where(PinTry.at <= now - WINDOW))
    db.session.add(PinTry(reference=reference, at=now))
    db.session.flush()


def count_notice(feedback_id: int, key: str) -> bool:
    """Count a message that is no answer; False where there were enough of them, and it must not be sent.

    The same occasion again is the same message.
    """
    if db.session.scalar(select(Notice.id).where(Notice.key == key)) is not None:
        return True
    feedback = db.session.get_one(Feedback, feedback_id)
    nth = 1 + (db.session.scalar(select(func.count()).where(Notice.feedback_id == feedback_id)) or 0)
    if nth > MOST_NOTICES:
        return False
    db.session.add(Notice(agency_id=feedback.agency_id, feedback_id=feedback_id, nth=nth, key=key, at=clock.now()))
    db.session.flush()
    return True
