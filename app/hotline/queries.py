"""What a hotline wants back: what became of its calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import joinedload

from app.cases.history import RESPONSES, STAFF
from app.cases.models import Case, Event
from app.cases.words import MessageWords
from app.extensions import db
from app.intake.models import Feedback, HotlineCall
from app.kernel.periods import Period
from app.kernel.words import CaseStatus, FeedbackKind
from app.web.access import Viewer

NO_CASE = "no_case"


@dataclass(frozen=True)
class Answer:
    """What became of a call; ``answer`` is what staff wrote to the resident last."""

    number: str
    reference: str
    contract: str | None
    kind: FeedbackKind
    status: CaseStatus | None
    received_at: datetime
    deadline: datetime | None
    answer_by: datetime | None
    first_answered_at: datetime | None
    resolved_at: datetime | None
    confirmed_at: datetime | None
    answered_at: datetime | None
    answer: str | None


def answers(viewer: Viewer, period: Period) -> Sequence[Answer]:
    """The calls of the viewer's agency that came in these days, or to which something happened; oldest first."""
    happened = exists().where(
        Event.feedback_id == HotlineCall.feedback_id, Event.at >= period.since, Event.at < period.until
    )
    came = and_(Feedback.submitted_at >= period.since, Feedback.submitted_at < period.until)
    rows = db.session.execute(
        select(HotlineCall, Feedback, Case)
        .join(Feedback, Feedback.id == HotlineCall.feedback_id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .where(HotlineCall.agency_id == viewer.agency_id, or_(came, happened))
        .options(joinedload(Feedback.contract))
        .order_by(Feedback.submitted_at, Feedback.id)
    ).all()
    said = _latest([call.feedback_id for call, _feedback, _case in rows])
    return [
        Answer(
            number=call.number,
            reference=feedback.reference,
            contract=feedback.contract.reference if feedback.contract else None,
            kind=feedback.kind,
            status=case.status if case else None,
            received_at=feedback.submitted_at,
            deadline=call.due_at,
            answer_by=case.respond_by if case else None,
            first_answered_at=case.first_response_at if case else None,
            resolved_at=case.resolved_at if case else None,
            confirmed_at=case.confirmed_at if case else None,
            answered_at=said[feedback.id][0] if feedback.id in said else None,
            answer=said[feedback.id][1] if feedback.id in said else None,
        )
        for call, feedback, case in rows
    ]


def _latest(feedback_ids: Sequence[int]) -> dict[int, tuple[datetime, str | None]]:
    """When staff wrote to each resident last, and what."""
    found: dict[int, tuple[datetime, str | None]] = {}
    for start in range(0, len(feedback_ids), 500):
        written = (
            select(Event.feedback_id, Event.at, MessageWords.text)
            .outerjoin(MessageWords, MessageWords.event_id == Event.id)
            .where(Event.feedback_id.in_(feedback_ids[start : start + 500]))
            .where(Event.kind.in_(RESPONSES), Event.actor.in_(STAFF))
            .order_by(Event.at, Event.id)
        )
        for feedback_id, at, text in db.session.execute(written):
            found[feedback_id] = at, text
    return found
