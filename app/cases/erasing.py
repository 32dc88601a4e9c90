"""What a resident asked to be deleted, what stands in its way for now, and carrying it out once nothing does.

Contact details go at once, always. What was written stays while somebody still decides about it: a verdict that is not
final, a claim that it is resolved, or a hold.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select

from app.analysis import actions as analysis
from app.analysis import concerns, search
from app.audit.actions import as_one, note
from app.audit.rules import Verb
from app.cases import provider_links, verdict_rules
from app.cases.actions import case_of, erase_words, forget_translations, resume_unreachable
from app.cases.models import Case, Event, Hold, Verdict
from app.cases.words import MessageWords
from app.directory.models import Agency
from app.directory.retention_periods import Kept, ended_before
from app.extensions import db
from app.intake import actions as intake
from app.intake import photo_keeping
from app.intake.models import Feedback, Photo
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Actor, CaseStatus, HoldKind, VerdictStage


class Because(StrEnum):
    """Why what was written is kept for now."""

    VERDICT = "verdict"
    CLAIM = "claim"
    HOLD_VERDICT = "hold_verdict"
    HOLD_CLAIM = "hold_claim"
    HOLD_COURT = "hold_court"
    HOLD_INQUIRY = "hold_inquiry"
    HOLD_OTHER = "hold_other"

    @classmethod
    def of_hold(cls, kind: HoldKind) -> "Because":
        """That it is on hold, for a reason of this kind."""
        return cls(f"hold_{kind}")


def why_kept(feedback: Feedback) -> dict[Because, datetime | None]:
    """What stands in the way of deleting what was written, and until when, where that is known."""
    now, found = clock.now(), dict[Because, datetime | None]()
    case, verdict = case_of(feedback), db.session.get(Verdict, feedback.id)
    if verdict is not None and _is_open(verdict, now):
        found[Because.VERDICT] = verdict.contest_by if verdict.stage == VerdictStage.STANDS else None
    if case is not None and case.status == CaseStatus.RESOLVED and case.confirmed_at is None:
        until = claim_ends(case)
        if until is not None and now <= until:
            found[Because.CLAIM] = until
    for hold in reversed(open_holds(feedback)):
        found[Because.of_hold(hold.kind)] = hold.ends_at
    return found


def claim_ends(case: Case) -> datetime | None:
    """Until when the resident may say whether it really is resolved, as it is claimed."""
    return case.resolved_at + timedelta(days=case.confirm_days) if case.resolved_at else None


def withdraw_contact(feedback: Feedback) -> None:
    """Forget how to reach the resident: nobody waits for an answer of theirs then.

    While their words are kept they are found by it, to be told of them.
    """
    intake.withdraw_contact(feedback)
    resume_unreachable(feedback)
    _forget_person_if_nothing_is_left(feedback)


def ask_to_erase(feedback: Feedback) -> dict[Because, datetime | None]:
    """As its resident wants it: contact details go now, what was written too, or as soon as nothing stands in its way.

    What stands in its way is given back.
    """
    withdraw_contact(feedback)
    why = why_kept(feedback)
    if why:
        intake.remember_to_erase(feedback)
    else:
        erase(feedback)
    return why


def erase(feedback: Feedback) -> None:
    """Forget what the resident wrote and sent, everywhere; the facts stay, so that no number changes."""
    erase_words(feedback)
    intake.erase_words(feedback)
    resume_unreachable(feedback)
    photo_keeping.erase(feedback)
    _forget_person_if_nothing_is_left(feedback)


def erase_what_was_asked(feedback: Feedback) -> None:
    """Do now what had to wait, if nothing stands in its way any more."""
    if intake.waits_to_be_erased(feedback.id) and not why_kept(feedback):
        erase(feedback)


def forget_contact(feedback: Feedback) -> None:
    """The days for which contact details are kept are over."""
    if not open_holds(feedback) and feedback.is_reachable:
        with as_one():
            withdraw_contact(feedback)
        note(Verb.ERASED, "contact", agency_id=feedback.agency_id, subject_id=feedback.id, feedback_id=feedback.id)


def forget_link_addresses(feedback: Feedback) -> None:
    """The days are over for which it is kept where links to it were sent, for a provider without accounts."""
    agency = db.session.get_one(Agency, feedback.agency_id)
    before = ended_before(agency.retention, Kept.LINKS, clock.now())
    number = 0 if open_holds(feedback) else provider_links.forget_addresses(feedback, before)
    if number:
        note(Verb.ERASED, "provider_link", agency_id=agency.id, feedback_id=feedback.id, detail=str(number))


def forget_words(feedback: Feedback) -> None:
    """The days for which it is kept what was written are over: of the resident, and of staff to them and about it."""
    if why_kept(feedback):
        return
    with as_one():
        events = select(Event.id).where(Event.feedback_id == feedback.id)
        for words in db.session.scalars(select(MessageWords).where(MessageWords.event_id.in_(events))):
            words.text = words.redacted = None
            words.erased_at = words.erased_at or clock.now()
            search.forget_message(words.event_id)
        forget_translations(feedback)
        analysis.erase(feedback.id)
        concerns.forget_reasons(feedback.id)
        intake.erase_words(feedback)
        resume_unreachable(feedback)
        _forget_person_if_nothing_is_left(feedback)
    note(Verb.ERASED, "words", agency_id=feedback.agency_id, subject_id=feedback.id, feedback_id=feedback.id)


def forget_photos(feedback: Feedback) -> None:
    """The days for which photos are kept are over."""
    if not why_kept(feedback):
        photo_keeping.erase(feedback)
        _forget_person_if_nothing_is_left(feedback)


def has_messages() -> ColumnElement[bool]:
    """Of a feedback: whether something is left that was written with its events."""
    left = select(MessageWords.event_id).join(Event, Event.id == MessageWords.event_id)
    return left.where(Event.feedback_id == Feedback.id, MessageWords.erased_at.is_(None)).exists()


def _forget_person_if_nothing_is_left(feedback: Feedback) -> None:
    """Once nothing is kept that its resident wrote or sent, they are found no more by how they could be reached."""
    db.session.flush()
    written = select(MessageWords.event_id).join(Event, Event.id == MessageWords.event_id)
    written = written.where(Event.feedback_id == Feedback.id, Event.actor == Actor.RESIDENT)
    sent = select(Photo.id).where(Photo.feedback_id == Feedback.id, Photo.actor == Actor.RESIDENT)
    kept = or_(intake.has_words(), written.where(MessageWords.text.is_not(None)).exists(), sent.exists())
    is_kept = db.session.scalar(select(Feedback.id).where(Feedback.id == feedback.id, kept))
    if not feedback.is_reachable and is_kept is None:
        intake.forget_person(feedback)


def place_hold(
    feedback: Feedback, reason: str, ends_at: datetime, *, kind: HoldKind = HoldKind.OTHER, member_id: int
) -> Hold:
    """Keep what was written until then, whoever asks for it to be deleted: for a court, an inquiry, a claim.

    The resident reads the ``kind`` and the end, the agency's own people the reason as well.
    """
    hold = Hold(
        agency_id=feedback.agency_id,
        feedback_id=feedback.id,
        kind=kind,
        reason=reason,
        ends_at=ends_at,
        placed_by_id=member_id,
        placed_at=clock.now(),
    )
    db.session.add(hold)
    db.session.flush()
    return hold


def lift_holds(feedback: Feedback, *, member_id: int) -> None:
    """End the holds that are open before their time. ``MoveNotAllowed`` where there is none."""
    holds = open_holds(feedback)
    if not holds:
        raise MoveNotAllowed("nothing is on hold")
    for hold in holds:
        hold.lifted_by_id, hold.lifted_at = member_id, clock.now()
    db.session.flush()


def open_holds(feedback: Feedback) -> Sequence[Hold]:
    """The holds on a feedback that have neither ended nor been lifted, the last to end first."""
    wanted = select(Hold).where(Hold.feedback_id == feedback.id, Hold.lifted_at.is_(None), Hold.ends_at > clock.now())
    return db.session.scalars(wanted.order_by(Hold.ends_at.desc())).all()


def _is_open(verdict: Verdict, now: datetime) -> bool:
    if verdict.stage in verdict_rules.OPEN_STAGES:
        return True
    return verdict.stage == VerdictStage.STANDS and verdict.contest_by is not None and now <= verdict.contest_by
