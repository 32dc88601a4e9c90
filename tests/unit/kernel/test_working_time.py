"""Working time against its definition: swapped days, days of 24 hours, and clocks that are put forward and back."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.working_time import CalendarError, Unit, WorkingCalendar, add_hours, hours_between, remaining

SHANGHAI = WorkingCalendar(
    timezone="Asia/Shanghai",
    start="09:00",
    end="17:30",
    holidays=frozenset(date(2026, 10, day) for day in (1, 2, 5, 6, 7)),
    extra_workdays=frozenset({date(2026, 10, 10), date(2026, 10, 7)}),
)
LONDON = WorkingCalendar(timezone="Europe/London", weekdays=frozenset(range(7)), start="00:00", end="24:00")
NEW_YORK = WorkingCalendar(timezone="America/New_York", weekdays=frozenset(range(7)), start="00:30", end="06:00")
CALENDARS = st.sampled_from([SHANGHAI, LONDON, NEW_YORK])

# Around the end of summer time, the swapped days of October, and a turn of the year.
MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 4, 15)).map(lambda at: at.replace(tzinfo=UTC))


def at(text: str, calendar: WorkingCalendar) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.timezone))


@pytest.mark.parametrize(
    ("calendar", "a", "b", "hours"),
    [
        (SHANGHAI, "2026-09-29T09:00", "2026-09-29T10:30", 1.5),
        (SHANGHAI, "2026-09-29T18:00", "2026-09-30T08:00", 0),
        (SHANGHAI, "2026-09-29T17:00", "2026-09-30T09:30", 1),
        (SHANGHAI, "2026-10-01T00:00", "2026-10-05T00:00", 0),  # holidays, then a weekend
        (SHANGHAI, "2026-10-07T00:00", "2026-10-08T00:00", 8.5),  # holiday and extra workday: worked
        (SHANGHAI, "2026-10-10T00:00", "2026-10-11T00:00", 8.5),  # a Saturday that is worked
        (SHANGHAI, "2026-10-11T00:00", "2026-10-12T00:00", 0),
        (LONDON, "2026-10-25T00:00", "2026-10-26T00:00", 25),  # the clock goes back
        (LONDON, "2026-03-29T00:00", "2026-03-30T00:00", 23),  # the clock goes forward
        (LONDON, "2026-10-24T22:00", "2026-10-25T04:00", 7),
        (NEW_YORK, "2026-11-01T00:00", "2026-11-02T00:00", 6.5),
        (NEW_YORK, "2026-03-08T00:00", "2026-03-09T00:00", 4.5),
        (NEW_YORK, "1999-12-31T23:00", "2000-01-01T02:30", 2),  # long before the first table
        (NEW_YORK, "2051-01-01T00:30", "2051-01-02T00:30", 5.5),  # and long after
    ],
)
def test_working_hours_are_real_hours_inside_working_days(calendar, a, b, hours):
    assert hours_between(calendar, at(a, calendar), at(b, calendar)) == hours
    assert hours_between(calendar, at(b, calendar), at(a, calendar)) == -hours


@pytest.mark.parametrize(
    ("calendar", "since", "hours", "due"),
    [
        (SHANGHAI, "2026-09-29T09:00", 2, "2026-09-29T11:00"),
        (SHANGHAI, "2026-09-29T09:00", 8.5, "2026-09-29T17:30"),  # the end of the day, not the next morning
        (SHANGHAI, "2026-09-30T09:00", 9, "2026-10-07T09:30"),
        (SHANGHAI, "2026-10-03T12:00", 0, "2026-10-03T12:00"),
        (SHANGHAI, "2026-10-09T17:00", 1, "2026-10-10T09:30"),
        (LONDON, "2026-10-25T00:00", 25, "2026-10-26T00:00"),
        (NEW_YORK, "2026-03-08T00:00", 4.5, "2026-03-08T06:00"),
    ],
)
def test_a_limit_falls_when_its_hours_have_gone_by(calendar, since, hours, due):
    assert add_hours(calendar, at(since, calendar), hours) == at(due, calendar)


@given(CALENDARS, MOMENTS, st.integers(0, 400 * 3600))
def test_adding_hours_and_counting_them_agree(calendar, since, seconds):
    due = add_hours(calendar, since, seconds / 3600)

    assert hours_between(calendar, since, due) == pytest.approx(seconds / 3600, abs=1e-9)
    if seconds:
        assert hours_between(calendar, since, due - timedelta(microseconds=1)) < seconds / 3600


@given(CALENDARS, st.lists(MOMENTS, min_size=3, max_size=3))
def test_working_time_adds_up_and_never_exceeds_real_time(calendar, moments):
    a, b, c = sorted(moments)

    whole = hours_between(calendar, a, c)
    assert whole == pytest.approx(hours_between(calendar, a, b) + hours_between(calendar, b, c), abs=1e-9)
    assert 0 <= whole <= (c - a) / timedelta(hours=1) + 1e-9


@given(MOMENTS, MOMENTS)
def test_a_calendar_without_nights_and_holidays_counts_real_time(a, b):
    assert hours_between(LONDON, a, b) == pytest.approx((b - a) / timedelta(hours=1), abs=1e-9)


@given(CALENDARS, MOMENTS, st.integers(1, 20))
def test_it_agrees_with_a_walk_over_every_half_hour(calendar, since, days):
    """The definition spelt out on the clock face: both ends of every calendar here lie on a half hour."""
    since = since.replace(minute=30 * (since.minute // 30), second=0, microsecond=0)
    halves = [since + timedelta(minutes=30) * n for n in range(48 * days + 1)]
    zone = ZoneInfo(calendar.timezone)
    worked = 0.0
    for half, _ in pairwise(halves):
        local = half.astimezone(zone)
        if hours := calendar.hours_of(local.date()):
            worked += 0.5 * (hours[0] <= local.hour * 60 + local.minute < hours[1])

    assert hours_between(calendar, halves[0], halves[-1]) == worked


def test_equal_calendars_share_their_table():
    assert WorkingCalendar.from_dict(SHANGHAI.to_dict(), "Asia/Shanghai").ledger is SHANGHAI.ledger


def test_a_calendar_that_never_works_again_says_so():
    calendar = WorkingCalendar("UTC", weekdays=frozenset(), extra_workdays=frozenset({date(2026, 1, 5)}))

    assert add_hours(calendar, datetime(2026, 1, 1, tzinfo=UTC), 8) == datetime(2026, 1, 5, 17, tzinfo=UTC)
    with pytest.raises(CalendarError, match="too few working days after 2026-01-01"):
        add_hours(calendar, datetime(2026, 1, 1, tzinfo=UTC), 9)


@pytest.mark.parametrize("hours", [-1, float("nan")])
def test_a_limit_is_a_number_of_hours_from_zero(hours):
    with pytest.raises(ValueError, match="no limit"):
        add_hours(LONDON, datetime(2026, 1, 1, tzinfo=UTC), hours)


def test_years_nobody_means_are_refused():
    with pytest.raises(CalendarError, match="1900 to 2400"):
        hours_between(LONDON, datetime(205, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


GOOD = {"weekdays": [0], "start": "09:00", "end": "17:00"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weekdays": []}, "weekdays: there is no working day at all"),
        ({"weekdays": [7]}, "weekdays: 7 is not a day"),
        ({"weekdays": ["Monday"]}, "weekdays: 'Monday' is not a day"),
        ({"weekdays": 5}, "weekdays: give a list"),
        ({"start": "9"}, "start: '9' is not a time"),
        ({"start": 9}, "start: 9 is not a time"),
        ({"end": "24:30"}, "end: '24:30' is not a time"),
        ({"end": "09:00"}, "end: 09:00 is not after the start"),
        ({"start": "24:00", "end": "24:00"}, "is not after the start"),
        ({"holidays": ["1 May"]}, "holidays: '1 May' is not a date"),
        ({"holidays": "2026-05-01"}, "holidays: give a list"),
        ({"extra_workdays": [20260501]}, "extra_workdays: 20260501 is not a date"),
        ({"lunch": "12:00"}, "lunch: not a part of a calendar"),
    ],
)
def test_it_names_what_is_wrong_with_a_calendar(changes, message):
    with pytest.raises(CalendarError, match=message):
        WorkingCalendar.from_dict({**GOOD, **changes}, "UTC")


def test_it_names_what_is_missing():
    with pytest.raises(CalendarError, match="start: missing"):
        WorkingCalendar.from_dict({"weekdays": [0], "end": "17:00"}, "UTC")


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../etc/passwd"])
def test_it_refuses_an_unknown_timezone(timezone):
    with pytest.raises(CalendarError, match="timezone"):
        WorkingCalendar.from_dict(GOOD, timezone)


@pytest.mark.parametrize(
    ("due", "is_over", "count", "unit"),
    [
        ("2026-09-29T12:30", False, 3, Unit.HOUR),
        ("2026-09-29T09:25", False, 25, Unit.MINUTE),
        ("2026-09-30T12:00", False, 11, Unit.HOUR),
        ("2026-10-10T12:00", False, 5, Unit.DAY),
        ("2026-09-29T09:00", False, 0, Unit.MINUTE),
        ("2026-09-28T16:00", True, 1, Unit.HOUR),
    ],
)
def test_what_remains_is_said_in_a_unit_a_person_would_use(due, is_over, count, unit):
    left = remaining(SHANGHAI, at("2026-09-29T09:00", SHANGHAI), at(due, SHANGHAI))

    assert (left.is_over, left.count, left.unit) == (is_over, count, unit)
