"""What was over for too long is not opened again: a new case goes on with it, so that old numbers stay as they were."""

from datetime import datetime

from sqlalchemy import select

from app.cases import rules
from app.cases.actions import lock, open_for, record, reopen, state_of
from app.cases.models import Case, Event
from app.directory.queries import contracts_serving
from app.directory.rules import REOPEN_DAYS
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.intake.rules import NewFeedback
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.periods import day_of
from app.kernel.words import Actor, CaseStatus, Channel, EventKind, FeedbackKind
from app.outbox.actions import promise


def is_over_for_good(case: Case) -> bool:
    """Whether a reopening would open a new case instead."""
    if case.status not in (CaseStatus.RESOLVED, CaseStatus.REJECTED):
        return False
    state, _ = state_of(case)
    over_since = state.resolved_at or state.rejected_at
    days = case.contract.reopen_days if case.contract else REOPEN_DAYS
    return rules.is_over_for_good(over_since, days, clock.now())


def reopen_or_follow(
    case: Case,
    message: str | None,
    *,
    by: Actor = Actor.RESIDENT,
    member_id: int | None = None,
    version: int | None = None,
) -> Case:
    """Open the case again or, where it was over for too long, a new one; the case that is open now.

    The new one is about the same place, with the resident's contact details as far as they are still there; what they
    say now is its text. A reason of staff is kept in it as a note.
    """
    lock(case, version)
    if is_followed(case):
        raise MoveNotAllowed("a new case goes on with it already")
    if not is_over_for_good(case):
        reopen(case, message, by=by, member_id=member_id)
        return case
    old = case.feedback
    contact = intake.contact_of(old.id)
    received = intake.receive(
        intake.make_ready(
            NewFeedback(
                agency_id=old.agency_id,
                site_id=old.site_id,
                contract_id=_contract_id(case),
                kind=FeedbackKind.COMPLAINT,
                rating=None,
                text=message if by == Actor.RESIDENT else None,
                place=intake.words_of(old.id).place,
                email=contact.email,
                phone=contact.phone,
                is_shared=contact.is_shared,
                language=old.language,
                channel=Channel.WEB,
                submitted_at=clock.now(),
            )
        )
    )
    feedback = db.session.get_one(Feedback, received.id)
    new = open_for(feedback)
    if new is None:
        raise MoveNotAllowed("the complaint has no case")
    new.follows_id = case.id
    record(case, EventKind.FOLLOWED, by, member_id=member_id, changed_to=feedback.reference)
    if by == Actor.AGENCY:
        record(new, EventKind.NOTED, by, member_id=member_id, message=message)
    if contact.email or contact.phone:
        promise("resident.receipt", agency_id=feedback.agency_id, feedback_id=feedback.id)
    return new


def follower_since(case: Case, since: datetime) -> Case | None:
    """The case with which its resident went on since then; None where they did not."""
    told = select(Event.id).where(Event.feedback_id == case.feedback_id, Event.at > since)
    if db.session.scalar(told.where(Event.kind == EventKind.FOLLOWED, Event.actor == Actor.RESIDENT)) is None:
        return None
    return db.session.scalar(select(Case).where(Case.follows_id == case.id).order_by(Case.id).limit(1))


def is_followed(case: Case) -> bool:
    """Whether a new case goes on with this one."""
    return db.session.scalar(select(Case.id).where(Case.follows_id == case.id).limit(1)) is not None


def _contract_id(case: Case) -> int | None:
    """The contract that answers for it now: the same one while it runs, else the only one at the site."""
    old = case.feedback
    serving = [each.id for each in contracts_serving(old.site, day_of(clock.now(), old.site.agency.timezone))]
    if case.contract_id in serving:
        return case.contract_id
    return serving[0] if len(serving) == 1 else None
