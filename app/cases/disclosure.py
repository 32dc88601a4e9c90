"""What residents wrote and how to reach them, for staff who ask: every opening of it is written down."""

from dataclasses import dataclass

from sqlalchemy import select

from app.cases.models import Disclosure, Event
from app.cases.words import MessageWords
from app.extensions import db
from app.intake.actions import contact_of
from app.intake.models import Feedback
from app.intake.words import AnswerWords, FeedbackWords
from app.kernel import clock
from app.kernel.words import Actor
from app.web.access import Viewer

EVERYTHING = "words and contact"
CONTACT = "contact"
FOUND = "found by contact"


@dataclass(frozen=True)
class Shown:
    """Personal data of one feedback, as far as the viewer may see it; ``messages`` are the resident's, by event.

    ``answers`` are what they wrote in answer to questions, by answer.
    """

    text: str | None
    email: str | None
    phone: str | None
    messages: dict[int, str]
    answers: dict[int, str]


def place_of(feedback_id: int) -> str | None:
    """Where exactly: no personal data, and the provider needs it to act."""
    return db.session.scalar(select(FeedbackWords.place).where(FeedbackWords.feedback_id == feedback_id))


def may_see_contact(viewer: Viewer, feedback: Feedback) -> bool:
    """Whether there are contact details that the viewer may see: a provider only those that the resident shared."""
    if not feedback.is_reachable:
        return False
    if viewer.agency_id is not None:
        return viewer.agency_id == feedback.agency_id
    shared = select(FeedbackWords.is_shared).where(FeedbackWords.feedback_id == feedback.id)
    return bool(db.session.scalar(shared))


def may_show(viewer: Viewer, feedback: Feedback) -> bool:
    """Whether there is anything personal left that the viewer may open."""
    if viewer.agency_id is None:
        return may_see_contact(viewer, feedback)
    has_words = feedback.has_text and not _is_erased(feedback.id)
    return has_words or may_see_contact(viewer, feedback) or bool(_answers_of(feedback.id))


def show(viewer: Viewer, feedback: Feedback, reason: str) -> Shown:
    """Open the personal data of a feedback to a viewer who may see the feedback; write down who opened it, and why.

    The agency sees original words and contact; a provider the contact alone, and only if the resident shared it.
    """
    contact = contact_of(feedback.id) if may_see_contact(viewer, feedback) else None
    of_agency = viewer.agency_id is not None and viewer.agency_id == feedback.agency_id
    if of_agency or contact is not None:
        write_down(viewer, feedback, EVERYTHING if of_agency else CONTACT, reason)
    return Shown(
        text=_text_of(feedback.id) if of_agency else None,
        email=contact.email if contact else None,
        phone=contact.phone if contact else None,
        messages=_messages_of(feedback.id) if of_agency else {},
        answers=_answers_of(feedback.id) if of_agency else {},
    )


def write_down(viewer: Viewer, feedback: Feedback, what: str, reason: str) -> None:
    """Keep that a viewer got to know something personal of a feedback, and why."""
    if viewer.member_id is None:
        raise ValueError("personal data is shown to people only")
    db.session.add(
        Disclosure(
            agency_id=feedback.agency_id,
            feedback_id=feedback.id,
            member_id=viewer.member_id,
            at=clock.now(),
            what=what,
            reason=reason,
        )
    )
    db.session.flush()


def _is_erased(feedback_id: int) -> bool:
    erased_at = select(FeedbackWords.erased_at).where(FeedbackWords.feedback_id == feedback_id)
    return db.session.scalar(erased_at) is not None


def _text_of(feedback_id: int) -> str | None:
    return db.session.scalar(select(FeedbackWords.text).where(FeedbackWords.feedback_id == feedback_id))


def _messages_of(feedback_id: int) -> dict[int, str]:
    written = select(MessageWords.event_id, MessageWords.text).join(Event, Event.id == MessageWords.event_id)
    rows = db.session.execute(written.where(Event.feedback_id == feedback_id, Event.actor == Actor.RESIDENT))
    return {event_id: text for event_id, text in rows if text}


def _answers_of(feedback_id: int) -> dict[int, str]:
    written = select(AnswerWords.answer_id, AnswerWords.text).where(AnswerWords.feedback_id == feedback_id)
    return {answer_id: text for answer_id, text in db.session.execute(written) if text}
