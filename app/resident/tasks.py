"""What the worker calls to write to residents. Ids in, safe to repeat."""

from app.cases import actions as cases
from app.cases.models import Event
from app.extensions import db
from app.intake.models import Feedback
from app.mail import postman
from app.outbox.running import Deed
from app.resident import letters


def send_receipt(feedback_id: int) -> Deed | None:
    """On ``resident.receipt``."""
    feedback = db.session.get_one(Feedback, feedback_id)
    letter = letters.receipt(feedback)
    db.session.rollback()
    if letter is not None:
        postman.deliver(letter)
    return None


def tell(feedback_id: int, event_id: int) -> Deed | None:
    """On ``resident.tell``."""
    feedback, event = db.session.get_one(Feedback, feedback_id), db.session.get_one(Event, event_id)
    letter = letters.told(feedback, event)
    db.session.rollback()
    if letter is not None:
        postman.deliver(letter)
    return None


def remind(feedback_id: int, event_id: int) -> Deed | None:
    """On ``resident.remind``: the question once more, where nobody has answered it yet."""
    feedback, event = db.session.get_one(Feedback, feedback_id), db.session.get_one(Event, event_id)
    case = cases.case_of(feedback)
    is_out = case is not None and case.waiting_since == event.at
    letter = letters.told(feedback, event, is_reminder=True) if is_out else None
    db.session.rollback()
    if letter is not None:
        postman.deliver(letter)
    return None
