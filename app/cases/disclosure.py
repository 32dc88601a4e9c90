"""What residents wrote and how to reach them, for staff who ask: every opening of it is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import exists, select

from app.analysis.redaction import names_in, redact
from app.cases.models import Disclosure, Event
from app.cases.words import MessageWords
from app.extensions import db
from app.intake.actions import contact_of
from app.intake.models import Feedback
from app.intake.words import AnswerWords, FeedbackWords
from app.kernel import clock
from app.kernel.words import Actor
from app.web.access import Viewer

WORDS = "words"
CONTACT = "contact details"
SHARED = "contact"
FOUND = "found by contact"
EVERYTHING = "words and contact"
PHOTOS = "photos"
"""What was opened: by the agency words, contact details, or both for a file about one person; by a provider what a
resident shared with it; by either photos."""

PHOTOS_STAY_OPEN = timedelta(hours=1)
"""So long the photos of a feedback are seen by who opened them: that is one look, however often the page is loaded."""


@dataclass(frozen=True)
class Shown:
    """What was opened of one feedback, and nothing else.

    ``messages`` are the resident's, by event; ``answers`` are what they wrote in answer to questions, by answer.
    """

    text: str | None = None
    email: str | None = None
    phone: str | None = None
    messages: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_contact(self) -> bool:
        return bool(self.email or self.phone)


NOTHING = Shown()


def place_of(feedback_id: int) -> str | None:
    """Where exactly: no personal data, and the provider needs it to act."""
    return db.session.scalar(select(FeedbackWords.place).where(FeedbackWords.feedback_id == feedback_id))


def without_persons(feedback_ids: Sequence[int]) -> dict[int, tuple[str | None, str | None]]:
    """Of feedback that nothing has read yet: its words without persons, and where exactly; None where there are none.

    As they are shown everywhere else, so that it is no opening of what somebody wrote.
    """
    rows = db.session.execute(
        select(FeedbackWords.feedback_id, FeedbackWords.text, FeedbackWords.place).where(
            FeedbackWords.feedback_id.in_(feedback_ids)
        )
    )
    return {
        feedback_id: (redact(text, known=names_in(text)).text if text else None, place)
        for feedback_id, text, place in rows
    }


def may_see_contact(viewer: Viewer, feedback: Feedback) -> bool:
    """Whether there are contact details that the viewer may see: a provider only those that the resident shared."""
    if not feedback.is_reachable:
        return False
    if viewer.agency_id is not None:
        return viewer.agency_id == feedback.agency_id
    shared = select(FeedbackWords.is_shared).where(FeedbackWords.feedback_id == feedback.id)
    return bool(db.session.scalar(shared))


def may_see_words(viewer: Viewer, feedback: Feedback) -> bool:
    """Whether there is something as its resident wrote it that the viewer may open: the agency alone may."""
    if viewer.agency_id is None or viewer.agency_id != feedback.agency_id:
        return False
    return (feedback.has_text and not _is_erased(feedback.id)) or bool(_answers_of(feedback.id))


def show_words(viewer: Viewer, feedback: Feedback) -> Shown:
    """Open what the resident wrote to somebody of the agency, who may see the feedback; it is written down."""
    if not may_see_words(viewer, feedback):
        return NOTHING
    write_down(viewer, feedback, WORDS)
    return Shown(text=_text_of(feedback.id), messages=_messages_of(feedback.id), answers=_answers_of(feedback.id))


def show_contact(viewer: Viewer, feedback: Feedback, reason: str) -> Shown:
    """Open how to reach the resident to a viewer who may see the feedback; who did, and why, is written down.

    A provider sees it only where the resident shared it.
    """
    if not may_see_contact(viewer, feedback):
        return NOTHING
    write_down(viewer, feedback, SHARED if viewer.agency_id is None else CONTACT, reason)
    contact = contact_of(feedback.id)
    return Shown(email=contact.email, phone=contact.phone)


def show_photos(viewer: Viewer, feedback: Feedback) -> None:
    """Open the photos that a viewer may see of a feedback, for a while; it is written down, once meanwhile."""
    if not are_photos_open(viewer, feedback):
        write_down(viewer, feedback, PHOTOS)


def are_photos_open(viewer: Viewer, feedback: Feedback) -> bool:
    """Whether the viewer opened the photos of a feedback a moment ago."""
    opened = exists().where(
        Disclosure.feedback_id == feedback.id,
        Disclosure.member_id == viewer.member_id,
        Disclosure.what == PHOTOS,
        Disclosure.at > clock.now() - PHOTOS_STAY_OPEN,
    )
    return bool(db.session.scalar(select(opened)))


def show_everything(viewer: Viewer, feedback: Feedback, reason: str) -> Shown:
    """Both at once, for the file that a person is given about themselves; only to the feedback's agency."""
    write_down(viewer, feedback, EVERYTHING, reason)
    contact = contact_of(feedback.id)
    words = _text_of(feedback.id), contact.email, contact.phone, _messages_of(feedback.id), _answers_of(feedback.id)
    return Shown(*words)


def write_down(viewer: Viewer, feedback: Feedback, what: str, reason: str = "") -> None:
    """Keep that a viewer got to know something personal of a feedback; and why, where they were asked."""
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
