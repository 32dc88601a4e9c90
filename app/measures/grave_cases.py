"""Which single cases are told whatever the statistics say: the grave ones, and those that the provider disputes."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.kernel.words import EventKind
from app.kernel.working_time import HOUR, CalendarError, microseconds
from app.measures.clocks import CaseClocks, CaseFacts
from app.measures.facts import Reckoned
from app.measures.verdict_progress import is_disputed

FAR = 3
"""A case open beyond so many times its limit is far beyond it."""


class Grave(StrEnum):
    """Why a case is told by itself."""

    URGENT = "urgent"
    REOPENED_AGAIN = "reopened_again"
    FAR_BEYOND_LIMIT = "far_beyond_limit"


class Told(NamedTuple):
    """A feedback that is told by itself, at some moment without a further event.

    Moments are microseconds since 1970, so that it is kept as it is. ``far_from`` is the one from which on it waits far
    beyond its limit, None for never; ``is_given``: to the provider; ``status`` is that of its case, None without one.
    """

    feedback_id: int
    reference: str
    submitted_at: int
    site_id: int
    status: str | None
    is_urgent: bool
    is_reopened_again: bool
    far_from: int | None
    is_disputed: bool
    is_given: bool

    def why(self, moment: int) -> tuple[Grave, ...]:
        """Why it is grave at a moment; nothing where it is not (yet)."""
        reasons = []
        if self.is_urgent:
            reasons.append(Grave.URGENT)
        if self.is_reopened_again:
            reasons.append(Grave.REOPENED_AGAIN)
        if self.far_from is not None and self.far_from <= moment:
            reasons.append(Grave.FAR_BEYOND_LIMIT)
        return tuple(reasons)


class Identity(NamedTuple):
    """What a report says of a feedback when it tells it by itself, beside what is counted."""

    feedback_id: int
    reference: str
    site_id: int
    is_urgent: bool
    is_given: bool


def told_among(feedback: Iterable[tuple[Identity, Reckoned]]) -> list[Told]:
    """Those that may be told, of feedback whose clocks have been run; right until the next event of each."""
    found = []
    for who, reckoned in feedback:
        facts, clocks = reckoned.facts, reckoned.clocks
        events = facts.case.events if facts.case else ()
        told = Told(
            feedback_id=who.feedback_id,
            reference=who.reference,
            submitted_at=microseconds(facts.submitted_at),
            site_id=who.site_id,
            status=str(clocks.state.status) if clocks else None,
            is_urgent=who.is_urgent,
            is_reopened_again=sum(event.kind == EventKind.REOPENED for event in events) >= 2,
            far_from=microseconds(far) if (far := _far_from(facts.case, clocks)) else None,
            is_disputed=is_disputed(facts),
            is_given=who.is_given,
        )
        if told.is_urgent or told.is_reopened_again or told.far_from is not None or told.is_disputed:
            found.append(told)
    return found


def _far_from(case: CaseFacts | None, clocks: CaseClocks | None) -> datetime | None:
    """When an open case has waited far beyond the limit of what it waits for: a response, else a resolution."""
    if case is None or clocks is None:
        return None
    state, ledger = clocks.state, case.calendar.ledger
    if not state.is_open:
        return None
    limit = case.resolve_within_hours if clocks.is_answered else case.respond_within_hours
    if limit is None:
        return None
    used = ledger.worked_until(case.submitted_at)
    if clocks.is_answered:
        used += sum(ledger.worked_until(p.until) - ledger.worked_until(p.since) for p in state.pauses if p.until)
    far = None
    with suppress(CalendarError):  # too few working days: it never has
        # A microsecond beyond: at three times the limit itself it is not yet.
        far = ledger.moment_of(used + int(FAR * limit * HOUR) + 1, not_before=case.submitted_at)
    # While the resident is asked, the clock that the case waits on stands still.
    stood_still = state.waiting_since if clocks.is_answered else None
    return None if far is not None and stood_still is not None and far > stood_still else far
