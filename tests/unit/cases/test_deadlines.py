"""When limits fall, on a calendar that works from eight to six every day."""

from datetime import UTC, datetime

import pytest

from app.cases.deadlines import overdue_from, resolve_by, respond_by
from app.cases.history import fold
from app.kernel.working_time import WorkingCalendar
from tests.unit.cases.test_history import history

CALENDAR = WorkingCalendar("UTC", weekdays=frozenset(range(7)), start="08:00", end="18:00")
SUBMITTED = datetime(2026, 9, 1, 8, tzinfo=UTC)  # events follow at nine, ten, …
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("", 1, 16),
        ("asked resident_replied", 1, 17),
        ("asked", 2, 9),  # still out at noon: three hours so far
        ("asked resident_replied asked replied resolved", 1, 18),
    ],
)
def test_a_question_to_the_resident_puts_the_limit_to_resolve_off(text, day, hour):
    pauses = fold(history(text)).pauses

    assert resolve_by(CALENDAR, SUBMITTED, 8, pauses, NOON) == datetime(2026, 9, day, hour, tzinfo=UTC)


def test_the_limit_to_respond_counts_from_submission():
    assert respond_by(CALENDAR, SUBMITTED, 12) == datetime(2026, 9, 2, 10, tzinfo=UTC)


def test_without_a_limit_nothing_falls_due():
    assert respond_by(CALENDAR, SUBMITTED, None) is None
    assert resolve_by(CALENDAR, SUBMITTED, None, (), NOON) is None


@pytest.mark.parametrize(
    ("text", "respond", "resolve", "expected"),
    [
        ("", 11, 16, 11),
        ("", None, 16, 16),
        ("", None, None, None),
        ("replied", 11, 16, 16),
        ("asked", 11, 16, None),  # the question went out before
        ("asked", 11, 8, 8),
        ("replied resolved", 11, 16, None),
    ],
)
def test_overdue_counts_from_the_first_limit_that_runs(text, respond, resolve, expected):
    def at(hour):
        return None if hour is None else datetime(2026, 9, 1, hour, tzinfo=UTC)

    assert overdue_from(fold(history(text)), at(respond), at(resolve)) == at(expected)
