"""Everything that happens to a case. Each verb goes through ``record``, which keeps event, words and case in step."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.analysis.redaction import redact
from app.cases.deadlines import resolve_by, respond_by
from app.cases.history import CaseState, EventFacts, fold
from app.cases.models import Case, Event, Look
from app.cases.rules import TOLD, Standing, check_move, is_allowed
from app.cases.words import MessageWords
from app.directory.models import Agency, Clause, Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, StaleVersion, ThingUnknown
from app.kernel.words import Actor, CaseStatus, EventKind, FeedbackKind, Holder
from app.kernel.working_time import WorkingCalendar, add_hours
from app.outbox.actions import promise

E = EventKind


def open_for(feedback: Feedback) -> Case | None:
    """Open the case of a complaint, with its limits and calendar frozen and its receipt noted; None for other kinds."""
    if feedback.kind != FeedbackKind.COMPLAINT:
        return None
    case = _new_case(feedback)
    _add(feedback, E.ACKNOWLEDGED, Actor.SYSTEM, at=clock.now())
    return case


def open_on(feedback: Feedback, *, member_id: int) -> Case:
    """An officer opens a case on other feedback: it becomes a complaint, and its clocks start at its submission."""
    if db.session.scalar(select(Case.id).where(Case.feedback_id == feedback.id)):
        raise MoveNotAllowed("there is a case already")
    feedback.kind = FeedbackKind.COMPLAINT
    case = _new_case(feedback)
    _add(feedback, E.OPENED, Actor.AGENCY, at=clock.now(), member_id=member_id)
    return case


def reply(case: Case, message: str, *, by: Actor, member_id: int, version: int | None = None) -> Event:
    """Write to the resident: a response."""
    return record(case, E.REPLIED, by, member_id=member_id, message=message, version=version)


def ask(case: Case, message: str, *, by: Actor, member_id: int, version: int | None = None) -> Event:
    """Ask the resident something: a response. The clock waits for the answer, for so many working days at most."""
    event = record(case, E.ASKED, by, member_id=member_id, message=message, version=version)
    contract = case.contract
    calendar = _calendar(case)
    hours = (contract.waiting_days if contract else 5) * calendar.hours_a_day
    promise(
        "case.resume",
        agency_id=case.agency_id,
        due_at=add_hours(calendar, event.at, hours),
        key=f"case.resume:{event.id}",
        feedback_id=case.feedback_id,
        event_id=event.id,
    )
    return event


def assign(case: Case, *, member_id: int, note: str | None = None, version: int | None = None) -> Event:
    """Give a case to the contract's provider."""
    if case.provider_id is None:
        raise MoveNotAllowed("there is no provider under contract here")
    return record(case, E.ASSIGNED, Actor.AGENCY, member_id=member_id, message=note, version=version)


def hand_back(case: Case, reason: str, *, member_id: int, version: int | None = None) -> Event:
    """The provider gives a case back to the agency, with its reason."""
    return record(case, E.HANDED_BACK, Actor.PROVIDER, member_id=member_id, message=reason, version=version)


def resolve(case: Case, message: str, *, by: Actor, member_id: int, version: int | None = None) -> Event:
    """Claim that it is done, and say so to the resident."""
    return record(case, E.RESOLVED, by, member_id=member_id, message=message, version=version)


def reject(case: Case, reason: str, *, member_id: int, version: int | None = None) -> Event:
    """Decline, with a reason that the resident reads."""
    return record(case, E.REJECTED, Actor.AGENCY, member_id=member_id, message=reason, version=version)


def mark_duplicate(case: Case, of: Case, *, member_id: int, version: int | None = None) -> Event:
    """Merge a case into another one of the same agency."""
    if of.id == case.id or of.agency_id != case.agency_id or of.status == CaseStatus.DUPLICATE:
        raise ThingUnknown("a case can be the duplicate only of another case of the agency that is none itself")
    case.duplicate_of_id = of.id
    other = of.feedback.reference
    return record(case, E.DUPLICATE, Actor.AGENCY, member_id=member_id, changed_to=other, version=version)


def take(case: Case, *, assignee_id: int | None, member_id: int, version: int | None = None) -> Event:
    """Make a member of the agency the one who sees to a case, or nobody."""
    _check_version(case, version)
    case.assignee_id = assignee_id
    changed_to = str(assignee_id) if assignee_id else ""
    return record(case, E.TAKEN_BY, Actor.AGENCY, member_id=member_id, changed_to=changed_to)


def note(feedback: Feedback, text: str, *, member_id: int) -> Event:
    """Write something down for colleagues; nobody else sees it."""
    return _add(feedback, E.NOTED, Actor.AGENCY, at=clock.now(), member_id=member_id, message=text)


def change_kind(feedback: Feedback, kind: FeedbackKind, *, member_id: int) -> Event:
    """Correct what kind of feedback it is. What becomes a complaint gets a case; what has one stays a complaint."""
    has_case = db.session.scalar(select(Case.id).where(Case.feedback_id == feedback.id))
    if has_case:
        raise MoveNotAllowed("feedback with a case stays a complaint")
    if kind == FeedbackKind.COMPLAINT:
        open_on(feedback, member_id=member_id)
    feedback.kind = kind
    return _add(feedback, E.KIND_CHANGED, Actor.AGENCY, at=clock.now(), member_id=member_id, changed_to=kind)


def change_clause(case: Case, clause: Clause, reason: str, *, member_id: int, version: int | None = None) -> Event:
    """Correct which duty a complaint is about; limits become those of that clause."""
    if clause.contract_id != case.contract_id:
        raise ThingUnknown("a clause of another contract")
    _check_version(case, version)
    _freeze(case, clause)
    return record(case, E.CLAUSE_CHANGED, Actor.AGENCY, member_id=member_id, changed_to=clause.code, message=reason)


def propose_clause(case: Case, aspects: list[str]) -> None:
    """Take the first clause that is about what was said, as long as nobody has answered or chosen another."""
    chosen = select(Event.id).where(Event.feedback_id == case.feedback_id, Event.kind == E.CLAUSE_CHANGED)
    if case.first_response_at is not None or case.contract is None or db.session.scalar(chosen):
        return
    for clause in case.contract.clauses:
        if set(clause.aspects) & set(aspects):
            if clause.id != case.clause_id:
                _freeze(case, clause)
            return


def resident_adds(feedback: Feedback, message: str) -> Event:
    """A resident writes: an answer where a question is out or was, else an addition that no clock knows."""
    case = db.session.scalar(select(Case).where(Case.feedback_id == feedback.id))
    if case is not None and is_allowed(standing_of(case), E.RESIDENT_REPLIED):
        return record(case, E.RESIDENT_REPLIED, Actor.RESIDENT, message=message)
    event = _add(feedback, E.ADDED, Actor.RESIDENT, at=clock.now(), message=message)
    if case is not None:
        case.last_event_at = event.at
    return event


def confirm(case: Case, *, rating: int | None = None) -> Event:
    """The resident says that it is solved; confirming twice is once."""
    return record(case, E.CONFIRMED, Actor.RESIDENT, rating=rating)


def rate(case: Case, rating: int) -> Event:
    """The resident rates the handling."""
    return record(case, E.RATED, Actor.RESIDENT, rating=rating)


def reopen(
    case: Case,
    message: str | None = None,
    *,
    by: Actor = Actor.RESIDENT,
    member_id: int | None = None,
    rating: int | None = None,
    version: int | None = None,
) -> Event:
    """Say that it is not solved, or was wrongly rejected: the resolution before it is annulled."""
    return record(case, E.REOPENED, by, member_id=member_id, message=message, rating=rating, version=version)


def withdraw(case: Case) -> Event:
    """The resident takes the complaint back, which ends the case."""
    return record(case, E.WITHDRAWN, Actor.RESIDENT)


def resume(case: Case, asked_event_id: int) -> Event | None:
    """Let the clock run again where a question still waits for its answer; None where it does not any more."""
    asked = db.session.get(Event, asked_event_id)
    if asked is None or case.status != CaseStatus.OPEN or case.waiting_since is None:
        return None
    if case.waiting_since > asked.at:
        return None
    return record(case, E.RESUMED, Actor.SYSTEM)


def look(feedback: Feedback, *, member_id: int) -> None:
    """Note that a member of staff has seen a feedback: it is read now."""
    seen = select(Look.id).where(Look.feedback_id == feedback.id, Look.member_id == member_id)
    if not db.session.scalar(seen):
        db.session.add(Look(agency_id=feedback.agency_id, feedback_id=feedback.id, member_id=member_id, at=clock.now()))
        db.session.flush()


def record(
    case: Case,
    kind: EventKind,
    actor: Actor,
    *,
    member_id: int | None = None,
    message: str | None = None,
    rating: int | None = None,
    changed_to: str | None = None,
    version: int | None = None,
) -> Event:
    """Let ``kind`` happen to ``case`` now; flushes.

    ``version`` is the one the form was opened with: ``StaleVersion`` where somebody changed the case since.
    ``MoveNotAllowed`` where the table of moves says no. In both cases nothing has been changed.
    """
    _check_version(case, version)
    check_move(standing_of(case), kind)
    at = max(clock.now(), case.last_event_at + timedelta(microseconds=1))
    event = _add(
        case.feedback,
        kind,
        actor,
        at=at,
        member_id=member_id,
        message=message,
        rating=rating,
        changed_to=changed_to,
    )
    _refresh(case)
    db.session.flush()
    if kind in TOLD:
        promise("resident.tell", agency_id=case.agency_id, feedback_id=case.feedback_id, event_id=event.id)
    return event


def standing_of(case: Case) -> Standing:
    """What the table of moves needs to know of a case."""
    was_asked = select(Event.id).where(Event.feedback_id == case.feedback_id, Event.kind == E.ASKED).limit(1)
    return Standing(
        status=case.status,
        is_with_provider=case.holder == Holder.PROVIDER,
        was_assigned=case.provider_since is not None,
        was_asked=db.session.scalar(was_asked) is not None,
    )


def state_of(case: Case) -> CaseState:
    """What the case has come to, from its events."""
    rows = db.session.execute(
        select(Event.at, Event.kind, Event.actor, Event.rating, Event.attribution)
        .where(Event.feedback_id == case.feedback_id)
        .order_by(Event.at, Event.id)
    )
    return fold([EventFacts(*row) for row in rows])


def _refresh(case: Case) -> None:
    """Write beside the events what follows from them."""
    db.session.flush()
    state = state_of(case)
    times = select(Event.at).where(Event.feedback_id == case.feedback_id).order_by(Event.at.desc())
    now = clock.now()
    if case.provider_since is None and state.holder == Holder.PROVIDER:
        case.provider_since = now
    case.status = state.status
    case.holder = state.holder
    case.first_response_at = state.first_response_at
    case.resolved_at = state.resolved_at
    case.waiting_since = state.waiting_since if state.is_open else None
    case.confirmed_at = db.session.scalar(times.where(Event.kind == E.CONFIRMED)) if state.is_confirmed else None
    case.times_reopened = len(db.session.scalars(times.where(Event.kind == E.REOPENED)).all())
    case.last_event_at = db.session.scalar(times) or case.last_event_at
    case.resolve_by = resolve_by(_calendar(case), case.submitted_at, case.resolve_within_hours, state.pauses, now)


def _new_case(feedback: Feedback) -> Case:
    agency = db.session.get_one(Agency, feedback.agency_id)
    contract = db.session.get(Contract, feedback.contract_id) if feedback.contract_id else None
    case = Case(
        agency_id=feedback.agency_id,
        feedback_id=feedback.id,
        contract_id=feedback.contract_id,
        provider_id=contract.provider_id if contract else None,
        status=CaseStatus.OPEN,
        holder=Holder.AGENCY,
        submitted_at=feedback.submitted_at,
        calendar=agency.calendar,
        last_event_at=feedback.submitted_at,
    )
    case.feedback = feedback
    case.contract = contract
    if contract and contract.clauses:
        _freeze(case, contract.clauses[0])
    db.session.add(case)
    db.session.flush()
    return case


def _freeze(case: Case, clause: Clause) -> None:
    """Make a clause the one a case is judged by: its limits are kept on the case."""
    agency = db.session.get_one(Agency, case.agency_id)
    calendar = WorkingCalendar.from_dict(case.calendar, agency.timezone)
    pauses = state_of(case).pauses if case.id else ()
    case.clause_id = clause.id
    case.respond_within_hours = clause.respond_within_hours
    case.resolve_within_hours = clause.resolve_within_hours
    case.respond_by = respond_by(calendar, case.submitted_at, clause.respond_within_hours)
    case.resolve_by = resolve_by(calendar, case.submitted_at, clause.resolve_within_hours, pauses, clock.now())


def _calendar(case: Case) -> WorkingCalendar:
    agency = db.session.get_one(Agency, case.agency_id)
    return WorkingCalendar.from_dict(case.calendar, agency.timezone)


def _check_version(case: Case, version: int | None) -> None:
    if version is not None and version != case.version:
        raise StaleVersion


def _add(
    feedback: Feedback,
    kind: EventKind,
    actor: Actor,
    *,
    at: datetime,
    member_id: int | None = None,
    message: str | None = None,
    rating: int | None = None,
    changed_to: str | None = None,
) -> Event:
    event = Event(
        agency_id=feedback.agency_id,
        feedback_id=feedback.id,
        at=at,
        recorded_at=clock.now(),
        kind=kind,
        actor=actor,
        member_id=member_id,
        rating=rating,
        changed_to=changed_to,
        has_message=bool(message),
    )
    db.session.add(event)
    db.session.flush()
    if message:
        words = MessageWords(
            event_id=event.id, agency_id=feedback.agency_id, text=message, redacted=redact(message).text
        )
        db.session.add(words)
    return event
