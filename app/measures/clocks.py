"""The clocks of one case: how long until it was answered and put right, and in whose hands the time went by."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from app.cases.deadlines import held_by
from app.cases.history import CaseState, EventFacts, fold, last_word
from app.directory.rules import CONFIRM_DAYS
from app.kernel.words import Actor, Word
from app.kernel.working_time import HOUR, CalendarError, WorkingCalendar

_AGENCY, _PROVIDER, _RESIDENT = Actor.AGENCY, Actor.PROVIDER, Actor.RESIDENT


class CaseFacts(NamedTuple):
    """A complaint as the clocks see it.

    Limits and calendar are those frozen on the case; a limit of None never falls.
    """

    submitted_at: datetime
    calendar: WorkingCalendar
    events: Sequence[EventFacts]
    respond_within_hours: float | None = None
    resolve_within_hours: float | None = None
    confirm_days: int = CONFIRM_DAYS


class CaseClocks(NamedTuple):
    """What the clocks of a case show, in working hours, beside what it has come to.

    A clock that has not been stopped by a response or a standing resolution shows the time until it was cut off:
    at the moment of asking or, earlier, at the end of the case.
    """

    state: CaseState
    respond_within_hours: float | None
    resolve_within_hours: float | None
    response_hours: float
    resolution_hours: float
    provider_response_hours: float | None
    agency_hours: float
    provider_hours: float
    resident_hours: float
    last_word: Word | None

    @property
    def is_answered(self) -> bool:
        return self.state.first_response_at is not None

    @property
    def is_resolved(self) -> bool:
        return self.state.resolved_at is not None

    @property
    def is_response_late(self) -> bool:
        return self.respond_within_hours is not None and self.response_hours > self.respond_within_hours

    @property
    def is_resolution_late(self) -> bool:
        return self.resolve_within_hours is not None and self.resolution_hours > self.resolve_within_hours

    @property
    def answered_on_time(self) -> bool | None:
        """Whether the first response came within its limit; None while that is undecided, or there is no limit."""
        if self.respond_within_hours is None:
            return None
        return self.is_answered and not self.is_response_late if self.is_answered or self.is_response_late else None

    @property
    def resolved_on_time(self) -> bool | None:
        """Whether the standing resolution came within its limit; None while undecided, or there is no limit."""
        if self.resolve_within_hours is None:
            return None
        return self.is_resolved and not self.is_resolution_late if self.is_resolved or self.is_resolution_late else None

    @property
    def is_answer_not_yet_due(self) -> bool:
        """Open, without a response, and its limit to answer is still to come: a case that has ended waits for none."""
        return (
            self.respond_within_hours is not None
            and self.state.is_open
            and not self.is_answered
            and not self.is_response_late
        )

    @property
    def is_resolution_not_yet_due(self) -> bool:
        """Open, and its limit to resolve is still to come."""
        return self.resolve_within_hours is not None and self.state.is_open and not self.is_resolution_late

    @property
    def is_overdue(self) -> bool:
        """Open, and either without a response beyond that limit or beyond the limit to resolve."""
        return self.state.is_open and ((self.is_response_late and not self.is_answered) or self.is_resolution_late)


def clocks_of(case: CaseFacts, as_of: datetime) -> CaseClocks:
    """Reckon one case at ``as_of`` (aware, not before its submission). Exact to the microsecond."""
    state = fold(case.events, as_of)
    worked_until = case.calendar.ledger.worked_until
    submitted = worked_until(case.submitted_at)
    ended_at = state.withdrawn_at or state.duplicate_at
    end = worked_until(ended_at or as_of)

    answered_at = state.first_response_at
    answered = end if answered_at is None else worked_until(answered_at)

    # What stops the resolution clock, or cuts it off: a rejection that stands came before any withdrawal.
    stopped_at = state.resolved_at or state.rejected_at or ended_at or as_of
    stopped = worked_until(stopped_at)
    paused = 0
    for since, until in state.pauses:
        if since >= stopped_at:
            break
        paused += worked_until(until if until is not None and until < stopped_at else stopped_at) - worked_until(since)

    provider_response_hours = None
    if state.assigned_before_response_at is not None:
        provider_response_hours = (answered - worked_until(state.assigned_before_response_at)) / HOUR

    held = held_by(state, worked_until, submitted, end)

    return CaseClocks(
        state=state,
        respond_within_hours=case.respond_within_hours,
        resolve_within_hours=case.resolve_within_hours,
        response_hours=(answered - submitted) / HOUR,
        resolution_hours=(stopped - submitted - paused) / HOUR,
        provider_response_hours=provider_response_hours,
        agency_hours=held[_AGENCY] / HOUR,
        provider_hours=held[_PROVIDER] / HOUR,
        resident_hours=held[_RESIDENT] / HOUR,
        last_word=last_word(state, case.confirm_days, as_of),
    )


def moments_of(case: CaseFacts) -> Iterator[datetime]:
    """The moments at which anything counted of a case may change, oldest first: what happens, and what turns by itself.

    Between two of them nothing changes but the hours of clocks that run.
    """
    happened = sorted({case.submitted_at, *(event.at for event in case.events if event.at > case.submitted_at)})
    for nth, since in enumerate(happened):
        yield since
        until = happened[nth + 1] if nth + 1 < len(happened) else None
        for turn in turning_points(case, fold(case.events, since)):
            if turn > since and (until is None or turn < until):
                yield turn


def turning_points(case: CaseFacts, state: CaseState) -> list[datetime]:
    """The moments at which something counted of a case changes by itself, without a further event.

    A limit is passed while its clock runs, or the resident's time for a last word is over. ``state`` is that after some
    event: up to the next one, nothing else changes but the hours of clocks that run.
    """
    ledger = case.calendar.ledger
    submitted = ledger.worked_until(case.submitted_at)
    found = []

    def passes(limit: float | None, used: int) -> None:
        if limit is not None:
            with suppress(CalendarError):  # too few working days: it is never passed
                # A microsecond beyond: at the limit itself it is still kept.
                found.append(ledger.moment_of(used + int(limit * HOUR) + 1, not_before=case.submitted_at))

    if state.first_response_at is None and state.ended_at is None:
        passes(case.respond_within_hours, submitted)
    if state.is_open and state.waiting_since is None:
        paused = sum(ledger.worked_until(p.until) - ledger.worked_until(p.since) for p in state.pauses if p.until)
        passes(case.resolve_within_hours, submitted + paused)
    if state.resolved_at is not None and not state.is_confirmed:
        found.append(state.resolved_at + timedelta(days=case.confirm_days, microseconds=1))
    return sorted(found)
