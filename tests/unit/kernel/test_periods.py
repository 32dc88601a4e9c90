"""Periods are whole days of the agency's own calendar."""

from datetime import UTC, date, datetime

import pytest

from app.digest import timing
from app.kernel import periods
from app.kernel.periods import Period

SHANGHAI, LONDON = "Asia/Shanghai", "Europe/London"


def test_a_period_begins_and_ends_at_midnight_of_its_timezone():
    october = Period(date(2026, 10, 1), date(2026, 10, 31), LONDON)

    assert october.since == datetime(2026, 9, 30, 23, tzinfo=UTC)
    assert october.until == datetime(2026, 11, 1, 0, tzinfo=UTC)
    assert october.days == 31
    assert october.holds(october.since)
    assert not october.holds(october.until)


def test_a_period_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2026, 10, 2), date(2026, 10, 1), LONDON)


@pytest.mark.parametrize(
    ("at", "timezone", "start", "end"),
    [
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), SHANGHAI, date(2026, 11, 16), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), SHANGHAI, date(2026, 11, 23), date(2026, 11, 29)),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), LONDON, date(2026, 11, 16), date(2026, 11, 22)),
    ],
)
def test_the_week_is_that_of_the_agency(at, timezone, start, end):
    assert periods.week_of(at, timezone) == Period(start, end, timezone)


@pytest.mark.parametrize(
    ("month", "start", "end"),
    [(1, (1, 1), (3, 31)), (6, (4, 1), (6, 30)), (9, (7, 1), (9, 30)), (12, (10, 1), (12, 31))],
)
def test_quarters(month, start, end):
    at = datetime(2026, month, 15, tzinfo=UTC)

    assert periods.quarter_of(at, LONDON) == Period(date(2026, *start), date(2026, *end), LONDON)


@pytest.mark.parametrize(("year", "month", "last"), [(2026, 2, 28), (2028, 2, 29), (2026, 12, 31)])
def test_months(year, month, last):
    at = datetime(year, month, 10, tzinfo=UTC)

    assert periods.month_of(at, LONDON) == Period(date(year, month, 1), date(year, month, last), LONDON)


@pytest.mark.parametrize(
    ("end", "start", "last"),
    [
        (date(2026, 11, 20), date(2025, 12, 1), date(2026, 11, 30)),
        (date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 1, 31), date(2025, 2, 1), date(2026, 1, 31)),
    ],
)
def test_twelve_months_end_with_the_month_of_the_period(end, start, last):
    assert periods.twelve_months_to(Period(end, end, LONDON)) == Period(start, last, LONDON)


@pytest.mark.parametrize(
    ("monday", "key"),
    [
        (date(2026, 11, 16), "weekly:2026-W47"),
        (date(2026, 12, 28), "weekly:2026-W53"),
        (date(2024, 12, 30), "weekly:2025-W01"),
    ],
)
def test_a_week_is_named_by_iso(monday, key):
    at = datetime(monday.year, monday.month, monday.day, 12, tzinfo=UTC)

    assert timing.weekly_key(periods.week_of(at, LONDON)) == key


@pytest.mark.parametrize(
    ("at", "monday"),
    [
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), date(2026, 11, 9)),
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), date(2026, 11, 9)),
        (datetime(2026, 11, 23, 0, 0, tzinfo=UTC), date(2026, 11, 16)),  # 08:00 in Shanghai
        (datetime(2026, 11, 26, 9, 0, tzinfo=UTC), date(2026, 11, 16)),
    ],
)
def test_the_weekly_email_is_due_on_monday_at_eight(at, monday):
    week = timing.latest_due_week(at, SHANGHAI)

    assert week.start == monday
    assert timing.digest_due_at(week) <= at


def test_monday_at_eight_follows_daylight_saving():
    summer = periods.week_of(datetime(2026, 10, 14, tzinfo=UTC), LONDON)
    winter = periods.week_of(datetime(2026, 10, 21, tzinfo=UTC), LONDON)

    assert timing.digest_due_at(summer) == datetime(2026, 10, 19, 7, tzinfo=UTC)
    assert timing.digest_due_at(winter) == datetime(2026, 10, 26, 8, tzinfo=UTC)
    assert periods.week_before(winter) == summer


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-07-01", "2026-09-30", "2026-04-01", "2026-06-30"),
        ("2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31"),
        ("2026-09-14", "2026-09-20", "2026-09-07", "2026-09-13"),
        ("2026-09-02", "2026-09-30", "2026-08-04", "2026-09-01"),
    ],
)
def test_a_period_is_compared_with_as_many_months_or_days_before(start, end, first, last):
    period = Period(date.fromisoformat(start), date.fromisoformat(end), "Europe/London")

    before = periods.period_before(period)
    assert (before.start.isoformat(), before.end.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("starts_on", "day", "start", "end"),
    [
        (date(2026, 4, 1), date(2026, 4, 1), date(2026, 4, 1), date(2027, 3, 31)),
        (date(2026, 4, 1), date(2027, 3, 31), date(2026, 4, 1), date(2027, 3, 31)),
        (date(2026, 4, 1), date(2027, 4, 1), date(2027, 4, 1), date(2028, 3, 31)),
        (date(2024, 2, 29), date(2025, 2, 28), date(2024, 2, 29), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2025, 3, 1), date(2025, 3, 1), date(2026, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 29), date(2028, 2, 29), date(2029, 2, 28)),
    ],
)
def test_a_year_of_a_contract_goes_from_anniversary_to_anniversary(starts_on, day, start, end):
    year = periods.contract_year(starts_on, day, "Asia/Shanghai")

    assert (year.start, year.end) == (start, end)


def test_before_the_contract_there_is_no_year_of_it():
    with pytest.raises(ValueError, match="begins on 2026-04-01"):
        periods.contract_year(date(2026, 4, 1), date(2026, 3, 31), "Asia/Shanghai")
