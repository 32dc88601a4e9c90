"""When a member's email is due, and about which weeks. Plain Python."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.kernel.periods import Period, local, previous_week, week_before, week_name, week_of

DIGEST_HOUR = 8
"""Unless a member wishes otherwise it is due on Monday at eight: on the desk before the week's meeting."""

EVERY = (1, 2, 4)
"""An email may come every so many weeks."""

FIRST_MONDAY = date(2024, 1, 1)
"""From here weeks are counted, so that all who get an email every second week get it about the same weeks."""


@dataclass(frozen=True)
class When:
    """When a member wants their email: every so many weeks, on which day (0 = Monday), at which hour."""

    every: int = 1
    weekday: int = 0
    hour: int = DIGEST_HOUR


MONDAY_AT_EIGHT = When()


def weekly_key(week: Period) -> str:
    """What names a digest in the outbox, like ``weekly:2026-W47``: by its last week."""
    return f"weekly:{week_name(_last_week(week))}"


def digest_due_at(week: Period, when: When = MONDAY_AT_EIGHT) -> datetime:
    """When the email about ``week`` is due, in UTC: on the day and hour wished, in the week after it."""
    return local(week.end + timedelta(days=1 + when.weekday), when.hour, week.timezone)


def latest_due_week(at: datetime, timezone: str, when: When = MONDAY_AT_EIGHT) -> Period:
    """The latest weeks whose email is due at ``at``, one or several in a row; older ones are not caught up."""
    week = previous_week(at, timezone)
    while _number(week) % when.every or digest_due_at(week, when) > at:
        week = week_before(week)
    return Period(week.start - timedelta(weeks=when.every - 1), week.end, timezone)


def next_due_at(at: datetime, timezone: str, when: When) -> datetime:
    """When the next email is due."""
    week = week_of(at, timezone)
    week = week_before(week) if digest_due_at(week_before(week), when) > at else week
    while _number(week) % when.every:
        week = week_of(week.until, timezone)
    return digest_due_at(week, when)


def _number(week: Period) -> int:
    return (week.start - FIRST_MONDAY).days // 7


def _last_week(period: Period) -> Period:
    return Period(period.end - timedelta(days=6), period.end, period.timezone)
