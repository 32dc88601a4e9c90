"""When the weekly email is due, and about which week. Plain Python."""

from datetime import datetime, timedelta

from app.kernel.periods import Period, local, previous_week, week_before, week_name

DIGEST_HOUR = 8
"""The weekly email is due on Monday at eight: on the desk before the week's meeting."""


def weekly_key(week: Period) -> str:
    """What names a week's digest in the outbox, like ``weekly:2026-W47``."""
    return f"weekly:{week_name(week)}"


def digest_due_at(week: Period) -> datetime:
    """When the email about ``week`` is due, in UTC: the Monday after it, 08:00 of the agency's time."""
    return local(week.end + timedelta(days=1), DIGEST_HOUR, week.timezone)


def latest_due_week(at: datetime, timezone: str) -> Period:
    """The latest week whose email is due at ``at``; older ones are not caught up."""
    week = previous_week(at, timezone)
    return week if digest_due_at(week) <= at else week_before(week)
