"""How much of a limit is used, and when a step of it is reached: half, four fifths, all. Plain Python."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.cases.history import CaseState, Pause
from app.kernel.words import Limit
from app.kernel.working_time import HOUR, WorkingCalendar, falls_at, hours_between

ALL = 100
STEPS = (50, 80, ALL)
"""Percent of a limit's working time; at each somebody is told, once for each case and limit."""


@dataclass(frozen=True)
class Running:
    """A limit whose clock is not stopped: its working hours, and the pauses that do not count."""

    limit: Limit
    hours: float
    pauses: tuple[Pause, ...] = ()


def running(state: CaseState, respond_in: float | None, resolve_in: float | None) -> tuple[Running, ...]:
    """The limits that still run: to answer until there is an answer, to resolve while the case is open."""
    if not state.is_open:
        return ()
    found = []
    if respond_in is not None and state.first_response_at is None:
        found.append(Running(Limit.RESPOND, respond_in))
    if resolve_in is not None:
        found.append(Running(Limit.RESOLVE, resolve_in, state.pauses))
    return tuple(found)


def used(calendar: WorkingCalendar, submitted_at: datetime, of: Running, at: datetime) -> float:
    """Which share of a limit is used at ``at``: 1 is all of it, and it goes on beyond."""
    worked_until = calendar.ledger.worked_until
    worked = worked_until(at) - worked_until(submitted_at)
    for since, until in of.pauses:
        worked -= worked_until(until or at) - worked_until(since)
    return worked / HOUR / of.hours


def reached_at(calendar: WorkingCalendar, submitted_at: datetime, of: Running, step: int) -> datetime | None:
    """When ``step`` percent of a limit are used; None for never and, while a question is out, for what lies behind."""
    at = falls_at(calendar, submitted_at, of.hours * step / 100)
    for since, until in of.pauses:
        if at is None or since >= at:
            break
        if until is None:
            return None
        at = falls_at(calendar, at, hours_between(calendar, since, until))
    return at


def step_at(calendar: WorkingCalendar, submitted_at: datetime, of: Running, now: datetime) -> int:
    """The highest step that is reached at ``now``; 0 where none is."""
    reached = 0
    for step in STEPS:
        at = reached_at(calendar, submitted_at, of, step)
        if at is None or at > now:
            break
        reached = step
    return reached


def next_at(
    calendar: WorkingCalendar, submitted_at: datetime, clocks: Iterable[Running], told: Mapping[Limit, int]
) -> datetime | None:
    """When the next step is reached that lies above what was ``told`` of each limit; it may have gone by."""
    moments = []
    for of in clocks:
        step = next((step for step in STEPS if step > told.get(of.limit, 0)), None)
        if step is not None:
            moments.append(reached_at(calendar, submitted_at, of, step))
    return min((at for at in moments if at is not None), default=None)
