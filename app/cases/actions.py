"""Everything that changes a case: each verb adds an event, and the case's row follows from its events."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, select
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from app.analysis import actions as analysis
from app.analysis import concerns, search
from app.analysis.models import Tag
from app.analysis.redaction import names_in, redact
from app.cases import deadlines, escalation_rules, inbox_marks, rules, verdict_rules
from app.cases.history import CaseState, EventFacts, fold, in_order, since_the_move
from app.cases.models import Case, Escalation, Event, Look
from app.cases.words import MessageWords, TranslatedWords
from app.directory.models import Agency, Clause, ClauseTarget, Contract
from app.directory.rules import CONFIRM_DAYS, WAITING_DAYS
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.intake.rules import NewFeedback
from app.kernel import clock
from app.kernel.database import insertion, table
from app.kernel.errors import MoveNotAllowed, StaleVersion, ThingUnknown
from app.kernel.periods import day_of
from app.kernel.words import STAFF_ONLY_EVENTS, Actor, Attribution, CaseStatus, EventKind, FeedbackKind, Limit
from app.kernel.working_time import WorkingCalendar, add_hours, calendar_kept
from app.outbox.actions import promise

AGENCY, CONTRACT, CLAUSE, TARGET = table(Agency), table(Contract), table(Clause), table(ClauseTarget)
TERMS = (
    select(
        AGENCY.c.calendar,
        AGENCY.c.timezone,
        CONTRACT.c.provider_id,
        CONTRACT.c.confirm_days,
        CONTRACT.c.calendar.label("contract_calendar"),
        CLAUSE.c.calendar.label("clause_calendar"),
        exists().where(TARGET.c.clause_id == CLAUSE.c.id).label("has_changed"),
        CLAUSE.c.id.label("clause_id"),
        CLAUSE.c.respond_within_hours,
        CLAUSE.c.resolve_within_hours,
    )
    .select_from(AGENCY)
    .outerjoin(CONTRACT, and_(CONTRACT.c.agency_id == AGENCY.c.id, CONTRACT.c.id == bindparam("contract_id")))
    .outerjoin(CLAUSE, CLAUSE.c.contract_id == CONTRACT.c.id)
    .where(AGENCY.c.id == bindparam("agency_id"))
    .order_by(CLAUSE.c.position)
    .limit(1)
)
"""On what terms a case of an agency begins: its calendar, the provider, the contract's first clause."""


def open_for(feedback: Feedback) -> Case | None:
    """Give a complaint its case, with the contract's first clause, and note the receipt; None for other feedback.

    Safe to repeat: a complaint has one case.
    """
    if feedback.kind != FeedbackKind.COMPLAINT:
        return None
    if case_of(feedback) is None:
        open_new(feedback.id, opening_of(feedback))
    return case_of(feedback)


@dataclass(frozen=True)
class Opening:
    """A case and its first event as they will be written, but for the number of their feedback."""

    case: Mapping[str, Any]
    event: Mapping[str, Any]


class Unopened(SimpleNamespace):
    """The columns of a case that is not written yet: a mapped object would cost ten times as much to make."""


def opening_of(complaint: NewFeedback | Feedback) -> Opening:
    """What opening a case for a complaint will write: all that can be known before it has been taken in.

    Nobody else waits for us while it is found out.
    """
    case, calendar = _unopened(complaint)
    now = clock.now()
    receipt = EventFacts(max(now, complaint.submitted_at), EventKind.ACKNOWLEDGED, Actor.SYSTEM)
    _follow(case, calendar, [receipt], told={})
    event = {
        "agency_id": complaint.agency_id,
        "at": receipt.at,
        "recorded_at": now,
        "kind": receipt.kind,
        "actor": receipt.actor,
    }
    return Opening(vars(case), event)


def open_new(feedback_id: int, opening: Opening) -> None:
    """Give a complaint that has only just been taken in its case, with as little as there is to write.

    Nothing has happened to it yet, and nobody else can know of it, so there is nothing to check and to wait for.
    """
    connection = db.session.connection()
    connection.execute(insertion(Case), {**opening.case, "feedback_id": feedback_id})
    connection.execute(insertion(Event), {**opening.event, "feedback_id": feedback_id})


def open_on(feedback: Feedback, *, member_id: int | None, version: int | None = None) -> Case:
    """Make a complaint of other feedback, as an officer says; its clocks start at its submission all the same."""
    _lock(feedback, version)
    if case_of(feedback) is not None:
        raise StaleVersion("it has a case already")
    feedback.kind = FeedbackKind.COMPLAINT
    case = _new_case(feedback)
    record(case, EventKind.OPENED, Actor.AGENCY, member_id=member_id, changed_to=FeedbackKind.COMPLAINT)
    tag = db.session.get(Tag, feedback.id)
    if tag is not None:
        # Nobody has been promised a day yet.
        _propose_clause(case, tag.aspects, told=None)
    return case


def change_kind(
    feedback: Feedback, kind: FeedbackKind, *, member_id: int | None, version: int | None = None
) -> Case | None:
    """Say what kind of feedback it is; the case that it has then, if any.

    A complaint opens a case. A complaint that turns out to be none loses its case, as long as nobody has dealt with it;
    the history stays.
    """
    if kind == FeedbackKind.COMPLAINT:
        if feedback.kind == kind:
            raise MoveNotAllowed("it is a complaint already")
        return open_on(feedback, member_id=member_id, version=version)
    case = case_of(feedback)
    if case is None:
        _lock(feedback, version)
    else:
        lock(case, version)
    rules.check_kind_change(feedback.kind, kind, [event.kind for event in history_of(feedback)])
    if case is not None:
        if db.session.scalar(select(Case.id).where(Case.duplicate_of_id == case.id).limit(1)):
            raise MoveNotAllowed("another case was merged into it")
        db.session.delete(case)
    feedback.kind = kind
    _add(_event(feedback, EventKind.KIND_CHANGED, Actor.AGENCY, member_id=member_id, changed_to=kind), None)
    return None


def reply(case: Case, message: str, *, by: Actor, member_id: int | None, version: int | None = None) -> Event:
    """Write to the resident: a response."""
    return record(case, EventKind.REPLIED, by, member_id=member_id, message=message, version=version)


def answer(feedback: Feedback, message: str, *, member_id: int | None, version: int | None = None) -> Event:
    """Write to the resident of feedback that is no complaint, and does not become one: no case, no clock, no number."""
    _lock(feedback, version)
    if case_of(feedback) is not None:
        raise StaleVersion("it has a case meanwhile")
    event = _add(_event(feedback, EventKind.REPLIED, Actor.AGENCY, member_id=member_id, message=message), message)
    promise("resident.tell", agency_id=feedback.agency_id, feedback_id=feedback.id, event_id=event.id)
    return event


def ask(case: Case, message: str, *, by: Actor, member_id: int | None, version: int | None = None) -> Event:
    """Ask the resident something: a response. The clock to resolve waits for the answer.

    After the contract's waiting days, with one reminder in between, it runs on by itself; it does not wait at all for
    a resident who left no way to reach them, nor for the next question after one that nobody answered. The event keeps
    until when it waits.
    """
    lock(case, version)
    runs_on, is_waiting = runs_on_because(case), case.waiting_since is not None
    days, calendar = _waiting_days(case), calendar_of(case)
    waits_until = None
    if runs_on is None and not is_waiting:
        asked_at = max(clock.now(), case.last_event_at)
        waits_until = add_hours(calendar, asked_at, days * calendar.hours_a_day)
    event = record(
        case,
        EventKind.ASKED,
        by,
        member_id=member_id,
        message=message,
        changed_to=waits_until.isoformat() if waits_until else None,
    )
    if runs_on is not None:
        record(case, EventKind.RESUMED, Actor.SYSTEM, changed_to=runs_on, at=event.at)
    if waits_until is None:
        return event
    remind_after = rules.remind_after(days)
    remind_at = add_hours(calendar, event.at, remind_after * calendar.hours_a_day) if remind_after is not None else None
    for topic, due_at in (("case.resume", waits_until), ("resident.remind", remind_at)):
        if due_at is not None:
            promise(topic, agency_id=case.agency_id, due_at=due_at, feedback_id=case.feedback_id, event_id=event.id)
    return event


def runs_on_because(case: Case) -> str | None:
    """Why the clock would not wait for the answer to a question that is asked now; None where it does."""
    facts = facts_of(case)
    answered = [fact.at for fact in facts if fact.kind == EventKind.RESIDENT_REPLIED]
    return rules.runs_on_because(
        fold(facts),
        max(answered, default=None),
        is_reachable=case.feedback.is_reachable,
        waiting_days=_waiting_days(case),
    )


def _waiting_days(case: Case) -> int:
    return case.contract.waiting_days if case.contract else WAITING_DAYS


def assign(case: Case, *, member_id: int | None, note: str | None = None, version: int | None = None) -> Event:
    """Hand the case to the contract's provider, who sees it from now on; ``note`` is for staff alone."""
    if case.provider_id is None:
        raise MoveNotAllowed("no provider is under contract")
    if concerns.standing(case.feedback_id) is not None:
        raise MoveNotAllowed("a safeguarding concern hides it from the provider")
    return record(case, EventKind.ASSIGNED, Actor.AGENCY, member_id=member_id, message=note, version=version)


def take(case: Case, *, assignee_id: int | None, member_id: int | None, version: int | None = None) -> Event:
    """Make a member of the agency the one who sees to the case; None for nobody."""
    lock(case, version)
    case.assignee_id = assignee_id
    changed_to = str(assignee_id) if assignee_id else ""
    event = record(case, EventKind.TAKEN_BY, Actor.AGENCY, member_id=member_id, changed_to=changed_to)
    if assignee_id not in (None, member_id):
        _promise_news(event)
    return event


def hand_back(case: Case, reason: str, *, member_id: int | None, version: int | None = None) -> Event:
    """The provider gives the case back to the agency, with a reason.

    ``MoveNotAllowed`` once a manager has decided for good that it is the provider's.
    """
    lock(case, version)
    if not verdict_rules.may_hand_back(verdict_rules.read(facts_of(case))):
        raise MoveNotAllowed("a manager has decided that it is the provider's")
    return record(case, EventKind.HANDED_BACK, Actor.PROVIDER, member_id=member_id, message=reason)


def resolve(case: Case, message: str, *, by: Actor, member_id: int | None, version: int | None = None) -> Event:
    """Claim that it is done, and say so to the resident, who confirms or reopens."""
    return record(case, EventKind.RESOLVED, by, member_id=member_id, message=message, version=version)


def reject(case: Case, reason: str, *, member_id: int | None, version: int | None = None) -> Event:
    """Decline, with a reason that the resident reads."""
    return record(case, EventKind.REJECTED, Actor.AGENCY, member_id=member_id, message=reason, version=version)


def note(feedback: Feedback, text: str, *, member_id: int | None, version: int | None = None) -> Event:
    """Keep something that only the agency's staff see, with or without a case."""
    case = case_of(feedback)
    if case is not None:
        return record(case, EventKind.NOTED, Actor.AGENCY, member_id=member_id, message=text, version=version)
    _lock(feedback, version)
    return _add(_event(feedback, EventKind.NOTED, Actor.AGENCY, member_id=member_id, message=text), text)


def change_clause(
    case: Case, clause: Clause, reason: str, *, member_id: int | None, version: int | None = None
) -> Event:
    """Say which duty the complaint is about; its limits are those of that duty from now on."""
    lock(case, version)
    if clause.contract_id != case.contract_id:
        raise ThingUnknown("a clause of another contract")
    check(case, EventKind.CLAUSE_CHANGED, Actor.AGENCY)
    told = case.promised
    case.still_promised = None
    _freeze_clause(case, clause)
    return record(
        case,
        EventKind.CLAUSE_CHANGED,
        Actor.AGENCY,
        member_id=member_id,
        message=reason,
        changed_to=clause.code,
        told=told,
    )


def propose_clause(case: Case, aspects: Collection[str]) -> Event | None:
    """Change to the first clause that is about one of ``aspects``: until the first response, and unless staff chose.

    The limits are that clause's, but a day that the resident was told stays promised to them where it is sooner.
    """
    _hold(case)
    return _propose_clause(case, aspects, told=case.promised)


def _propose_clause(case: Case, aspects: Collection[str], *, told: datetime | None) -> Event | None:
    if case.is_imported or case.contract is None or case.first_response_at or case.status != CaseStatus.OPEN:
        return None
    staff_chose = select(Event.id).where(
        Event.feedback_id == case.feedback_id, Event.kind == EventKind.CLAUSE_CHANGED, Event.actor == Actor.AGENCY
    )
    clause = rules.clause_about(case.contract.clauses, aspects)
    if clause is None or clause.id == case.clause_id or db.session.scalar(staff_chose.limit(1)):
        return None
    _freeze_clause(case, clause)
    is_later = told is not None and (case.respond_by is None or case.respond_by > told)
    case.still_promised = told if is_later else None
    return record(case, EventKind.CLAUSE_CHANGED, Actor.SYSTEM, changed_to=clause.code, told=told)


def resident_adds(feedback: Feedback, message: str) -> Event:
    """Keep what a resident writes after their feedback: an answer where something was asked, else something added."""
    case = case_of(feedback)
    if case is None:
        event = _add(_event(feedback, EventKind.ADDED, Actor.RESIDENT, message=message), message)
        if not feedback.is_held:
            _promise_news(event)
        return event
    _hold(case)
    kind = rules.kind_of_reply({event.kind for event in history_of(feedback)})
    return record(case, kind, Actor.RESIDENT, message=message)


def confirm(case: Case, *, rating: int | None = None) -> Event:
    """The resident says that it is solved, and may rate the handling from 1 to 5."""
    return record(case, EventKind.CONFIRMED, Actor.RESIDENT, rating=rating)


def rate(case: Case, rating: int) -> Event:
    """The resident rates the handling from 1 to 5."""
    return record(case, EventKind.RATED, Actor.RESIDENT, rating=rating)


def reopen(
    case: Case,
    message: str | None = None,
    *,
    by: Actor = Actor.RESIDENT,
    member_id: int | None = None,
    rating: int | None = None,
    version: int | None = None,
) -> Event:
    """Say that it is not solved, or was rejected wrongly: what was resolved counts no more.

    Whoever held the case has it again. Not allowed on an open case, where a second press of the button would count.
    """
    lock(case, version)
    if case.status == CaseStatus.OPEN:
        raise MoveNotAllowed("the case is open")
    return record(case, EventKind.REOPENED, by, member_id=member_id, message=message, rating=rating)


def withdraw(case: Case) -> Event:
    """The resident takes the complaint back, which ends the case."""
    return record(case, EventKind.WITHDRAWN, Actor.RESIDENT)


def resume(case: Case, asked_event_id: int) -> Event | None:
    """Let the clock run again where nobody has answered since that question; None where somebody has, or it is over."""
    _hold(case)
    question = db.session.get(Event, asked_event_id)
    if question is None or case.waiting_since is None or case.waiting_since != question.at:
        return None
    return _resume_when_due(case)


def _resume_when_due(case: Case) -> Event | None:
    """Let the clock run again from the moment on at which the waiting time was over; None where it is not.

    The case is held. However late a worker comes, or whatever else is done first, the pause ends when it was to end.
    """
    until = waits_until(case)
    if until is None or until > clock.now():
        return None
    return record(case, EventKind.RESUMED, Actor.SYSTEM, at=until)


def resume_unreachable(feedback: Feedback) -> Event | None:
    """The resident took back how to reach them: the clock waits for no answer any more. None where it did not wait."""
    case = case_of(feedback)
    if case is None:
        return None
    lock(case, None)
    if case.waiting_since is None or feedback.is_reachable:
        return None
    return record(case, EventKind.RESUMED, Actor.SYSTEM, changed_to=rules.CONTACT_GONE)


def waits_until(case: Case) -> datetime | None:
    """When the waiting time for the answer to a question is over; None while none is out.

    It was set when it was asked. Of questions from before that was kept it is reckoned by the contract.
    """
    since = case.waiting_since
    if since is None:
        return None
    asked = select(Event.changed_to).where(
        Event.feedback_id == case.feedback_id, Event.kind == EventKind.ASKED, Event.at == since
    )
    with db.session.no_autoflush:
        kept = db.session.scalars(asked.order_by(Event.id).limit(1)).first()
    if kept is not None:
        return datetime.fromisoformat(kept)
    calendar = calendar_of(case)
    return add_hours(calendar, since, _waiting_days(case) * calendar.hours_a_day)


def erase_words(feedback: Feedback) -> None:
    """Forget what the resident wrote, in messages, readings and index; events and tags stay: no number changes."""
    mine = select(Event.id).where(Event.feedback_id == feedback.id, Event.actor == Actor.RESIDENT)
    for words in db.session.scalars(select(MessageWords).where(MessageWords.event_id.in_(mine))):
        words.text = words.redacted = None
        words.erased_at = clock.now()
        search.forget_message(words.event_id)
    forget_translations(feedback)
    analysis.erase(feedback.id)


def forget_translations(feedback: Feedback) -> None:
    """What a machine made of words goes with them."""
    db.session.execute(delete(TranslatedWords).where(TranslatedWords.feedback_id == feedback.id))


def message_of(event_id: int) -> str | None:
    """What was written with an event; None where it was erased."""
    return db.session.scalar(select(MessageWords.text).where(MessageWords.event_id == event_id))


def look(feedback: Feedback, *, member_id: int) -> None:
    """Note when a member last saw a feedback."""
    seen = db.session.scalar(select(Look).where(Look.feedback_id == feedback.id, Look.member_id == member_id))
    if seen is None:
        seen = Look(agency_id=feedback.agency_id, feedback_id=feedback.id, member_id=member_id)
        db.session.add(seen)
    seen.at = clock.now()
    inbox_marks.settle([feedback.id])


def record(
    case: Case,
    kind: EventKind,
    actor: Actor,
    *,
    member_id: int | None = None,
    message: str | None = None,
    rating: int | None = None,
    changed_to: str | None = None,
    attribution: Attribution | None = None,
    version: int | None = None,
    told: datetime | None = None,
    at: datetime | None = None,
) -> Event:
    """Add an event to a case and let its row follow; promise letters where the resident or staff should hear of it.

    ``told`` is by when the resident knew it to be due before its limits were changed: of a later day they hear.
    ``at`` is when something came about by itself that is written down later, while the case is held; all else happens
    now.
    ``version`` is the one the person saw: ``StaleVersion`` where somebody was faster. ``MoveNotAllowed`` where the case
    does not take the event. Flushes.
    """
    if at is None:
        lock(case, version)
    check(case, kind, actor)
    event = _event(
        case.feedback, kind, actor, member_id=member_id, message=message, rating=rating, changed_to=changed_to
    )
    event.at = at or max(event.at, case.last_event_at)
    event.attribution = attribution
    facts = in_order([*facts_of(case), EventFacts(event.at, kind, actor, rating, attribution, changed_to)])
    had_answer = case.first_response_at is not None
    _follow(case, calendar_of(case), facts, told_of(case.feedback_id))
    is_later = told is not None and (case.promised is None or case.promised > told)
    if told is not None:
        first = case.told_before or told
        case.told_before = first if case.promised is None or case.promised > first else None
    elif had_answer != (case.first_response_at is not None):
        case.told_before = None
    if not (actor == Actor.SYSTEM and kind in rules.BY_MACHINE_ALONE):
        case.acted_version = case.version + 1
    # Also where all values are the same: the version has to rise with every event.
    flag_modified(case, "last_event_at")
    _add(event, message)
    if kind in rules.TOLD:
        promise("resident.tell", agency_id=case.agency_id, feedback_id=case.feedback_id, event_id=event.id)
    if kind in rules.TOLD_TO_THE_JOINED:
        _promise_the_joined(case, event)
    if kind == EventKind.MOVED:
        promise("resident.moved", agency_id=case.agency_id, feedback_id=case.feedback_id, event_id=event.id)
    elif is_later:
        promise("resident.later", agency_id=case.agency_id, feedback_id=case.feedback_id, event_id=event.id)
    if rules.is_news(kind, actor):
        _promise_news(event)
    return event


def record_review(feedback: Feedback, kind: EventKind, actor: Actor, *, member_id: int | None) -> Event:
    """Add what became of feedback that is held for review: it has no case, and no clock knows of it."""
    return _add(_event(feedback, kind, actor, member_id=member_id), None)


def case_of(feedback: Feedback) -> Case | None:
    """The case of a feedback; None where it has none."""
    return db.session.scalar(select(Case).where(Case.feedback_id == feedback.id))


def history_of(feedback: Feedback) -> list[Event]:
    """What has happened to a feedback, oldest first."""
    events = select(Event).where(Event.feedback_id == feedback.id)
    return list(db.session.scalars(events.order_by(Event.at, Event.id)))


def version_of(feedback: Feedback, case: Case | None) -> int:
    """What a form must bring back, so that we know whether something has happened since: without a case, below 1."""
    if case is not None:
        return case.version
    return -len(history_of(feedback))


def calendar_of(case: Case) -> WorkingCalendar:
    """The working calendar by which the case is due, as it was when it was opened."""
    agency = db.session.get_one(Agency, case.agency_id)
    return WorkingCalendar.from_dict(case.calendar, agency.timezone)


def _new_case(feedback: Feedback) -> Case:
    opened, _ = _unopened(feedback)
    case = Case(**vars(opened), feedback_id=feedback.id)
    db.session.add(case)
    db.session.flush()
    return case


def _unopened(feedback: NewFeedback | Feedback) -> tuple[Unopened, WorkingCalendar]:
    """A case with the limits and the calendar that it will have for good, not yet in the database nor of a feedback."""
    asked = {"agency_id": feedback.agency_id, "contract_id": feedback.contract_id}
    terms = db.session.connection().execute(TERMS, asked).one()
    frozen = terms.clause_calendar or terms.contract_calendar or terms.calendar
    calendar = calendar_kept(json.dumps(frozen), terms.timezone)
    case = Unopened(
        agency_id=feedback.agency_id,
        contract_id=feedback.contract_id,
        provider_id=terms.provider_id,
        provider_since=None,
        submitted_at=feedback.submitted_at,
        last_event_at=feedback.submitted_at,
        calendar=frozen,
        confirm_days=terms.confirm_days or CONFIRM_DAYS,
        times_reopened=0,
    )
    limits: Any = terms
    if terms.has_changed:
        limits = db.session.get_one(Clause, terms.clause_id).limits_on(day_of(feedback.submitted_at, terms.timezone))
    freeze(case, calendar, terms.clause_id, limits.respond_within_hours, limits.resolve_within_hours)
    return case, calendar


def freeze(
    case: Case | Unopened,
    calendar: WorkingCalendar,
    clause_id: int | None,
    respond_in: float | None,
    resolve_in: float | None,
) -> None:
    """The limits of a clause, in hours of the calendar that is frozen already, from the submission on."""
    case.clause_id = clause_id
    case.respond_within_hours, case.resolve_within_hours = respond_in, resolve_in
    case.respond_by = deadlines.respond_by(calendar, case.submitted_at, respond_in)
    case.resolve_by = deadlines.resolve_by(calendar, case.submitted_at, resolve_in, (), clock.now())


def _freeze_clause(case: Case, clause: Clause) -> None:
    """The limits of a clause as they were on the day of submission.

    The calendar that is frozen already stays, unless the clause has its own or the one before it had.
    """
    agency = db.session.get_one(Agency, case.agency_id)
    before = db.session.get(Clause, case.clause_id) if case.clause_id else None
    if clause.calendar is not None:
        case.calendar = clause.calendar
    elif before is not None and before.calendar is not None:
        case.calendar = (case.contract.calendar if case.contract else None) or agency.calendar
    limits = clause.limits_on(day_of(case.submitted_at, agency.timezone))
    freeze(case, calendar_of(case), clause.id, limits.respond_within_hours, limits.resolve_within_hours)


def _hold(row: Case | Feedback) -> None:
    """Wait for whoever writes the row now, and read what they wrote.

    Locked by its id alone: PostgreSQL locks no row that was fetched together with what it may not have.
    """
    kind = type(row)
    db.session.execute(select(kind.id).where(kind.id == row.id).with_for_update())
    db.session.refresh(row)


def _lock(feedback: Feedback, version: int | None) -> None:
    _hold(feedback)
    if version is not None and version != version_of(feedback, case_of(feedback)):
        raise StaleVersion("somebody else has changed the feedback")


def lock(case: Case, version: int | None) -> None:
    """Wait for whoever writes the case now, and see what they wrote. A pause that was to end by now has ended.

    ``StaleVersion`` where a person has done something since ``version``; what a machine did since is in nobody's way.
    """
    with db.session.no_autoflush:
        is_clean = case not in db.session.dirty
        if is_clean:
            _hold(case)
    if version is not None and case.is_past(version):
        raise StaleVersion("somebody else has changed the case")
    if is_clean:
        _resume_when_due(case)


def facts_of(case: Case) -> list[EventFacts]:
    """What has happened to a case as its rules read it, oldest first."""
    with db.session.no_autoflush:
        rows = db.session.execute(
            select(Event.at, Event.kind, Event.actor, Event.rating, Event.attribution, Event.changed_to)
            .where(Event.feedback_id == case.feedback_id)
            .order_by(Event.at, Event.id)
        )
        return [EventFacts(*row) for row in rows]


def state_of(case: Case) -> tuple[CaseState, frozenset[EventKind]]:
    """Where a case stands, and what kinds of events it has had: what rules ask for."""
    facts = facts_of(case)
    return fold(facts), frozenset(fact.kind for fact in facts)


def check(case: Case, kind: EventKind, actor: Actor) -> None:
    state, happened = state_of(case)
    rules.check_move(state, happened, kind, actor)


def _event(
    feedback: Feedback,
    kind: EventKind,
    actor: Actor,
    *,
    member_id: int | None = None,
    message: str | None = None,
    rating: int | None = None,
    changed_to: str | None = None,
) -> Event:
    now = clock.now()
    return Event(
        agency_id=feedback.agency_id,
        feedback_id=feedback.id,
        at=max(now, feedback.submitted_at),
        recorded_at=now,
        kind=kind,
        actor=actor,
        member_id=member_id,
        rating=rating,
        changed_to=changed_to,
        has_message=message is not None,
    )


def _add(event: Event, message: str | None) -> Event:
    """Write the event, and its words beside it: as they are, and without persons."""
    db.session.add(event)
    try:
        db.session.flush()
    except StaleDataError:
        raise StaleVersion("somebody else has changed the case") from None
    if message is not None:
        named = names_in(*_written_about(event.feedback_id), message)
        redacted = redact(message, known=named).text
        if names_in(message):
            _hide_in_earlier_messages(event.feedback_id, named)
            promise("case.hide_names", agency_id=event.agency_id, feedback_id=event.feedback_id)
        db.session.add(MessageWords(event_id=event.id, agency_id=event.agency_id, text=message, redacted=redacted))
        if event.actor == Actor.RESIDENT:
            promise("case.read_message", agency_id=event.agency_id, event_id=event.id)
        db.session.flush()
        if event.kind not in STAFF_ONLY_EVENTS | {EventKind.MOVED}:
            search.insert_messages([(event.id, redacted)])
    inbox_marks.settle([event.feedback_id])
    return event


def names_in_case(feedback_id: int) -> frozenset[str]:
    """Who is named in anything that was written with a feedback and its events."""
    return names_in(*_written_about(feedback_id))


def _written_about(feedback_id: int) -> list[str]:
    """All that was written with a feedback and its events, as it was written, while it is there."""
    events = select(Event.id).where(Event.feedback_id == feedback_id)
    messages = db.session.scalars(select(MessageWords.text).where(MessageWords.event_id.in_(events)))
    said = [intake.words_of(feedback_id).text, *intake.answer_words_of(feedback_id).values(), *messages]
    return [text for text in said if text]


def _hide_in_earlier_messages(feedback_id: int, named: Collection[str]) -> None:
    """Whoever is known to be named by what was written now is named in nothing that was written before.

    Where the resident's words are erased, those whom they named are known no more, and stay hidden as they are.
    """
    is_erased = intake.words_of(feedback_id).erased
    mine = select(MessageWords, Event.kind).join(Event, Event.id == MessageWords.event_id)
    for words, kind in db.session.execute(mine.where(Event.feedback_id == feedback_id, MessageWords.text.is_not(None))):
        redacted = redact((words.redacted if is_erased else words.text) or "", known=named).text
        if redacted != words.redacted:
            words.redacted = redacted
            if kind not in STAFF_ONLY_EVENTS | {EventKind.MOVED}:
                search.forget_message(words.event_id)
                search.insert_messages([(words.event_id, redacted)])


def merged_into(case: Case) -> list[Case]:
    """The cases that were merged into one, also by way of others; oldest first."""
    found: dict[int, Case] = {}
    into = [case.id]
    while into:
        more = db.session.scalars(select(Case).where(Case.duplicate_of_id.in_(into)))
        new = [each for each in more if each.id not in found and each.id != case.id]
        found |= {each.id: each for each in new}
        into = [each.id for each in new]
    return sorted(found.values(), key=lambda each: (each.submitted_at, each.id))


def _promise_the_joined(case: Case, event: Event) -> None:
    """The residents of the reports that were merged into it hear of it as well, each in a letter of their own."""
    for each in merged_into(case):
        promise("resident.joined", agency_id=each.agency_id, feedback_id=each.feedback_id, event_id=event.id)


def _promise_news(event: Event) -> None:
    """Whoever must act gets a letter; who that is, is found out when it is kept."""
    promise("case.news", agency_id=event.agency_id, feedback_id=event.feedback_id, event_id=event.id)


def _follow(
    case: Case | Unopened, calendar: WorkingCalendar, facts: list[EventFacts], told: Mapping[Limit, int]
) -> None:
    """Write on the case's row what follows from its events, and from what somebody was ``told`` of its limits."""
    state = fold(facts)
    known = [fact.at for fact in since_the_move(facts) if fact.kind in rules.TELLS_THE_PROVIDER]
    confirmed = [fact.at for fact in facts if fact.kind == EventKind.CONFIRMED]
    case.status = state.status
    case.holder = state.holder
    case.provider_since = case.provider_since or min(known, default=None)
    case.first_response_at = state.first_response_at
    case.resolved_at = state.resolved_at
    case.confirmed_at = confirmed[-1] if state.is_confirmed else None
    case.waiting_since = state.waiting_since if state.is_open else None
    case.times_reopened = sum(fact.kind == EventKind.REOPENED for fact in facts)
    case.last_event_at = max([case.submitted_at, *(fact.at for fact in facts)])
    case.resolve_by = deadlines.resolve_by(
        calendar, case.submitted_at, case.resolve_within_hours, state.pauses, _now(facts)
    )
    case.overdue_from = deadlines.overdue_from(state, case.respond_by, case.resolve_by)
    case.escalate_at = next_step_at(case, calendar, state, told)


def next_step_at(
    case: Case | Unopened, calendar: WorkingCalendar, state: CaseState, told: Mapping[Limit, int]
) -> datetime | None:
    """When the next step of a limit is reached that nobody was ``told`` of yet; None while no clock runs."""
    clocks = escalation_rules.running(state, case.respond_within_hours, case.resolve_within_hours)
    return escalation_rules.next_at(calendar, case.submitted_at, clocks, told)


def told_of(feedback_id: int) -> dict[Limit, int]:
    """The highest step of each limit that somebody was told of, in percent."""
    told = select(Escalation.limit_kind, func.max(Escalation.step)).where(Escalation.feedback_id == feedback_id)
    with db.session.no_autoflush:
        return {limit: step for limit, step in db.session.execute(told.group_by(Escalation.limit_kind))}


def _now(facts: list[EventFacts]) -> datetime:
    return max([clock.now(), *(fact.at for fact in facts)])
