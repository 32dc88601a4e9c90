"""When the limits of a case fall, in working hours from its submission, and in whose hands its time went by."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from app.cases.history import CaseState, Pause
from app.kernel.words import Actor
from app.kernel.working_time import HOUR, WorkingCalendar, falls_at, hours_between


def respond_by(calendar: WorkingCalendar, submitted_at: datetime, hours: float | None) -> datetime | None:
    """When the limit to respond falls; None without a limit, and for one that never does."""
    return None if hours is None else falls_at(calendar, submitted_at, hours)


def resolve_by(
    calendar: WorkingCalendar, submitted_at: datetime, hours: float | None, pauses: Iterable[Pause], as_of: datetime
) -> datetime | None:
    """When the limit to resolve falls, put off by the pauses before it; None without a limit or for never.

    A pause that still lasts at ``as_of`` has put it off until then only, so the answer is provisional.
    """
    if hours is None:
        return None
    due = falls_at(calendar, submitted_at, hours)
    for since, until in pauses:
        if due is None or since >= due:
            break
        due = falls_at(calendar, due, hours_between(calendar, since, until or max(as_of, since)))
    return due


def overdue_from(state: CaseState, respond_by: datetime | None, resolve_by: datetime | None) -> datetime | None:
    """When the first of the limits that run falls, or fell; None while none runs.

    The limit to resolve stands still while a question is out, unless it had fallen before.
    """
    if not state.is_open:
        return None
    asked_at = state.waiting_since
    runs = asked_at is None or (resolve_by is not None and resolve_by < asked_at)
    limits = [respond_by if state.first_response_at is None else None, resolve_by if runs else None]
    return min((limit for limit in limits if limit is not None), default=None)


@dataclass(frozen=True)
class Hands:
    """Working hours of one case: with whom it was, how often and how long it waited for the resident."""

    agency: float
    provider: float
    resident: float
    pauses: int


def hands_of(calendar: WorkingCalendar, submitted_at: datetime, state: CaseState, as_of: datetime) -> Hands:
    """Until ``as_of`` or the end of the case; nobody has it while it is resolved or rejected."""
    worked_until = calendar.ledger.worked_until
    held = held_by(state, worked_until, worked_until(submitted_at), worked_until(state.ended_at or as_of))
    return Hands(
        agency=held[Actor.AGENCY] / HOUR,
        provider=held[Actor.PROVIDER] / HOUR,
        resident=held[Actor.RESIDENT] / HOUR,
        pauses=len(state.pauses),
    )


def held_by(state: CaseState, worked_until: Callable[[datetime], int], submitted: int, end: int) -> dict[Actor, int]:
    """Working time in each one's hands, between totals of a ledger; in its unit."""
    held = {Actor.AGENCY: 0, Actor.PROVIDER: 0, Actor.RESIDENT: 0}
    hand: Actor | None = Actor.AGENCY
    since_total = submitted
    for at, into in state.hands:
        total = worked_until(at)
        if hand is not None:
            held[hand] += total - since_total
        hand, since_total = into, total
    if hand is not None:
        held[hand] += end - since_total
    return held
