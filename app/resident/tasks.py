"""What the worker calls to write to residents: letters, or texts where there is no address. Ids in, safe to repeat."""

from app.cases import actions as cases
from app.cases.models import Event
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import CaseStatus
from app.mail import postman
from app.mail.letter import Letter
from app.outbox.running import Deed
from app.resident import actions, letters, queries, text_messages
from app.sms import gateway
from app.sms.gateway import TextMessage
from app.web.transactions import begin_writing


def send_receipt(feedback_id: int) -> Deed | None:
    """On ``resident.receipt``."""
    feedback = db.session.get_one(Feedback, feedback_id)
    _send_notice(feedback, letters.receipt(feedback) or text_messages.receipt(feedback))
    return None


def tell(feedback_id: int, event_id: int) -> Deed | None:
    """On ``resident.tell``: an answer, which is always told."""
    feedback, event = db.session.get_one(Feedback, feedback_id), db.session.get_one(Event, event_id)
    _send(letters.told(feedback, event) or text_messages.told(feedback, event))
    return None


def remind(feedback_id: int, event_id: int) -> Deed | None:
    """On ``resident.remind``: the question once more, where nobody has answered it yet."""
    feedback, event = db.session.get_one(Feedback, feedback_id), db.session.get_one(Event, event_id)
    case = cases.case_of(feedback)
    if case is not None and case.waiting_since == event.at:
        again = letters.told(feedback, event, is_reminder=True)
        _send_notice(feedback, again or text_messages.told(feedback, event, is_reminder=True))
    return None


def tell_later(feedback_id: int, event_id: int) -> Deed | None:
    """On ``resident.later``: what they know the day of is due later, unless that was mended or done since."""
    feedback, event = db.session.get_one(Feedback, feedback_id), db.session.get_one(Event, event_id)
    case = cases.case_of(feedback)
    if case is not None and case.told_before is not None:
        _send_notice(feedback, letters.later(feedback, event, case) or text_messages.later(feedback, event))
    return None


def tell_joined(feedback_id: int, event_id: int) -> Deed | None:
    """On ``resident.joined``: what became of the case that theirs was merged into."""
    feedback, event = db.session.get_one(Feedback, feedback_id), db.session.get_one(Event, event_id)
    if queries.is_told_of(feedback, event):
        _send(letters.joined(feedback, event) or text_messages.joined(feedback, event))
    return None


def tell_moved(feedback_id: int, event_id: int) -> Deed | None:
    """On ``resident.moved``: whom it is with now, unless that is over or it was passed on again since.

    Where neither the service nor its provider has another name, only a later day is told.
    """
    feedback, event = db.session.get_one(Feedback, feedback_id), db.session.get_one(Event, event_id)
    case = cases.case_of(feedback)
    if case is None or case.status != CaseStatus.OPEN or not queries.is_last_move(event):
        return None
    if queries.names_another_service(event):
        _send_notice(feedback, letters.moved(feedback, event, case) or text_messages.moved(feedback, event))
    else:
        tell_later(feedback_id, event_id)
    return None


def _send_notice(feedback: Feedback, message: Letter | TextMessage | None) -> None:
    """What is no answer: sent as long as it is one of the few that a case may send beside answers."""
    if message is None:
        return
    begin_writing()
    may_be_sent = actions.count_notice(feedback.id, message.key)
    # Before it is sent: whatever happens on the way, it is one of them.
    db.session.commit()
    if may_be_sent:
        _send(message)


def _send(message: Letter | TextMessage | None) -> None:
    db.session.rollback()
    if isinstance(message, TextMessage):
        gateway.deliver(message)
    elif message is not None:
        postman.deliver(message)
