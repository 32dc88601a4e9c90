"""Cases that happened elsewhere: brought in whole with their events, in bulk, without telling anybody."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.analysis import search
from app.analysis.redaction import redact
from app.cases.deadlines import overdue_from, resolve_by, respond_by
from app.cases.history import EventFacts, fold
from app.cases.inbox_marks import settle
from app.cases.models import Case, Event, Verdict
from app.cases.words import MessageWords
from app.directory.models import Agency, Clause, Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import day_of
from app.kernel.words import Actor, Attribution, EventKind, FeedbackKind, VerdictStage
from app.kernel.working_time import WorkingCalendar


@dataclass(frozen=True)
class PastHappening:
    at: datetime
    kind: EventKind
    actor: Actor
    message: str | None
    rating: int | None
    attribution: Attribution | None


@dataclass(frozen=True)
class PastCase:
    """A feedback with what happened to it, in order; one that is no complaint gets its events but no case."""

    feedback: Feedback
    contract: Contract
    clause: Clause | None
    events: list[PastHappening] = field(default_factory=list)


@dataclass
class Written:
    events: int = 0
    known_events: int = 0


def bring_in(cases: Iterable[PastCase]) -> Written:
    """Write cases and events; what is there already stays as it is. In the caller's transaction."""
    written = Written()
    now = clock.now()
    calendars = _Calendars()
    all_cases = list(cases)
    known = _known_events(all_cases)
    has_case = set(db.session.scalars(select(Case.feedback_id)))
    case_rows: list[dict[str, object]] = []
    event_rows: list[dict[str, object]] = []
    messages: list[str | None] = []
    for past in all_cases:
        fresh = []
        for happening in past.events:
            key = (past.feedback.id, happening.at, happening.kind, happening.actor)
            if key in known:
                written.known_events += 1
            else:
                known.add(key)
                fresh.append(happening)
        for happening in fresh:
            event_rows.append(
                {
                    "agency_id": past.feedback.agency_id,
                    "feedback_id": past.feedback.id,
                    "at": happening.at,
                    "recorded_at": now,
                    "kind": happening.kind,
                    "actor": happening.actor,
                    "rating": happening.rating,
                    "attribution": happening.attribution,
                    "has_message": happening.message is not None,
                    "is_imported": True,
                }
            )
            messages.append(happening.message)
        if past.feedback.kind == FeedbackKind.COMPLAINT and past.feedback.id not in has_case:
            case_rows.append(_case_row(past, *calendars.of(past), now))

    if case_rows:
        db.session.execute(insert(Case), case_rows)
    _bring_in_verdicts(all_cases)
    for start in range(0, len(event_rows), 500):
        batch = event_rows[start : start + 500]
        ids = list(db.session.scalars(insert(Event).returning(Event.id, sort_by_parameter_order=True), batch))
        said = [
            (event_id, row["agency_id"], message, redact(message).text)
            for event_id, row, message in zip(ids, batch, messages[start : start + 500], strict=True)
            if message is not None
        ]
        if said:
            names = ("event_id", "agency_id", "text", "redacted")
            db.session.execute(insert(MessageWords), [dict(zip(names, each, strict=True)) for each in said])
            # A file of history knows none of the events that only staff of the agency see.
            search.insert_messages([(event_id, redacted) for event_id, _agency, _message, redacted in said])
    settle({past.feedback.id for past in all_cases})
    written.events = len(event_rows)
    return written


class _Calendars:
    """The calendar of each clause: its own, else the contract's, else the agency's; read once."""

    def __init__(self) -> None:
        self.agencies = {agency.id: agency for agency in db.session.scalars(select(Agency))}
        self.known: dict[tuple[int, int | None], tuple[dict[str, Any], WorkingCalendar]] = {}

    def of(self, past: PastCase) -> tuple[dict[str, Any], WorkingCalendar]:
        key = (past.contract.id, past.clause.id if past.clause else None)
        if key not in self.known:
            agency = self.agencies[past.contract.agency_id]
            frozen = (past.clause.calendar if past.clause else None) or past.contract.calendar or agency.calendar
            self.known[key] = frozen, WorkingCalendar.from_dict(frozen, agency.timezone)
        return self.known[key]


def _case_row(past: PastCase, frozen: dict[str, Any], calendar: WorkingCalendar, now: datetime) -> dict[str, object]:
    submitted_at = past.feedback.submitted_at
    state = fold([EventFacts(e.at, e.kind, e.actor, e.rating, e.attribution) for e in past.events])
    limits = past.clause.limits_on(day_of(submitted_at, calendar.timezone)) if past.clause else None
    respond = limits.respond_within_hours if limits else None
    resolve = limits.resolve_within_hours if limits else None
    answer_by = respond_by(calendar, submitted_at, respond)
    solve_by = resolve_by(calendar, submitted_at, resolve, state.pauses, now)
    with_provider = [e.at for e in past.events if e.kind == EventKind.ASSIGNED or e.actor == Actor.PROVIDER]
    confirmed = [e.at for e in past.events if e.kind == EventKind.CONFIRMED]
    return {
        "agency_id": past.feedback.agency_id,
        "feedback_id": past.feedback.id,
        "contract_id": past.contract.id,
        "provider_id": past.contract.provider_id,
        "clause_id": past.clause.id if past.clause else None,
        "status": state.status,
        "holder": state.holder,
        "provider_since": min(with_provider, default=None),
        "is_imported": True,
        "submitted_at": submitted_at,
        "respond_within_hours": respond,
        "resolve_within_hours": resolve,
        "calendar": frozen,
        "respond_by": answer_by,
        "resolve_by": solve_by,
        "overdue_from": overdue_from(state, answer_by, solve_by),
        "first_response_at": state.first_response_at,
        "resolved_at": state.resolved_at,
        "confirm_days": past.contract.confirm_days,
        "confirmed_at": confirmed[-1] if state.is_confirmed else None,
        "waiting_since": state.waiting_since if state.is_open else None,
        "times_reopened": sum(e.kind == EventKind.REOPENED for e in past.events),
        "last_event_at": max([submitted_at, *(e.at for e in past.events)]),
        "version": 1,
    }


def _bring_in_verdicts(cases: list[PastCase]) -> None:
    """Verdicts of a history stand as they are: what came before them is not known."""
    judged = set(db.session.scalars(select(Verdict.feedback_id)))
    rows = []
    for past in cases:
        found = [event for event in past.events if event.kind == EventKind.VERDICT]
        if not found or past.feedback.id in judged:
            continue
        latest = max(found, key=lambda event: event.at)
        rows.append(
            {
                "feedback_id": past.feedback.id,
                "agency_id": past.feedback.agency_id,
                "stage": VerdictStage.STANDS,
                "attribution": latest.attribution,
                "judged_at": latest.at,
                "is_drawn": False,
            }
        )
    if rows:
        db.session.execute(insert(Verdict), rows)


def _known_events(cases: list[PastCase]) -> set[tuple[int, datetime, EventKind, Actor]]:
    contract_ids = {case.contract.id for case in cases}
    rows = db.session.execute(
        select(Event.feedback_id, Event.at, Event.kind, Event.actor)
        .join(Feedback, Feedback.id == Event.feedback_id)
        .where(Event.is_imported, Feedback.contract_id.in_(contract_ids))
    )
    return {(row.feedback_id, row.at, row.kind, row.actor) for row in rows}
