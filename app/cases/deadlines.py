"""When the limits of a case fall: from its submission, in working hours, put off by the time a question was out."""

from collections.abc import Iterable
from datetime import datetime

from app.cases.history import Pause
from app.kernel.working_time import WorkingCalendar, add_hours, hours_between


def respond_by(calendar: WorkingCalendar, submitted_at: datetime, hours: float | None) -> datetime | None:
    """When the limit to respond falls; None without a limit."""
    return None if hours is None else add_hours(calendar, submitted_at, hours)


def resolve_by(
    calendar: WorkingCalendar, submitted_at: datetime, hours: float | None, pauses: Iterable[Pause], as_of: datetime
) -> datetime | None:
    """When the limit to resolve falls, put off by the pauses before it; None without a limit.

    A pause that still lasts at ``as_of`` has put it off until then only, so the answer is provisional.
    """
    if hours is None:
        return None
    due = add_hours(calendar, submitted_at, hours)
    for since, until in pauses:
        if since >= due:
            break
        due = add_hours(calendar, due, hours_between(calendar, since, until or max(as_of, since)))
    return due
