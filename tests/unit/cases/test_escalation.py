"""When half, four fifths and all of a limit are used: in working time, without pauses, whatever the wall clock does."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.cases.escalation_rules import Running, next_at, reached_at, running, step_at, used
from app.cases.history import Pause, fold
from app.kernel.words import Limit
from app.kernel.working_time import WorkingCalendar
from tests.unit.cases.test_history import history

# The Saturday after the holidays is worked in exchange.
SHANGHAI = WorkingCalendar(
    "Asia/Shanghai",
    start="09:00",
    end="17:00",
    holidays=frozenset(date(2026, 10, day) for day in (1, 2, 5, 6, 7)),
    extra_workdays=frozenset({date(2026, 10, 10)}),
)
LONDON = WorkingCalendar("Europe/London", weekdays=frozenset(range(7)), start="00:00", end="24:00")


def at(text, calendar=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.timezone))


def pause(since, until=None):
    return Pause(at(since), at(until) if until else None)


@pytest.mark.parametrize(
    ("calendar", "submitted", "hours", "half", "four_fifths", "all_of_it"),
    [
        (SHANGHAI, "2026-09-28T09:00", 8, "2026-09-28T13:00", "2026-09-28T15:24", "2026-09-28T17:00"),
        # Over the holidays, and on through the Saturday that is worked.
        (SHANGHAI, "2026-09-30T13:00", 20, "2026-10-08T15:00", "2026-10-09T13:00", "2026-10-09T17:00"),
        (SHANGHAI, "2026-10-09T13:00", 10, "2026-10-10T10:00", "2026-10-10T13:00", "2026-10-10T15:00"),
        # The night in which the clock goes back has an hour more, and the one in which it goes forward one less.
        (LONDON, "2026-10-24T23:00", 10, "2026-10-25T03:00", "2026-10-25T06:00", "2026-10-25T08:00"),
        (LONDON, "2026-03-28T23:00", 10, "2026-03-29T05:00", "2026-03-29T08:00", "2026-03-29T10:00"),
    ],
)
def test_steps_are_reached_in_working_time(calendar, submitted, hours, half, four_fifths, all_of_it):
    since, of = at(submitted, calendar), Running(Limit.RESPOND, hours)

    for step, wanted in ((50, half), (80, four_fifths), (100, all_of_it)):
        moment = at(wanted, calendar)
        assert reached_at(calendar, since, of, step) == moment
        assert step_at(calendar, since, of, moment) == step
        assert used(calendar, since, of, moment) == pytest.approx(step / 100)


@pytest.mark.parametrize(
    ("pauses", "half", "all_of_it"),
    [
        ((pause("2026-09-28T10:00", "2026-09-28T12:00"),), "2026-09-28T15:00", "2026-09-29T11:00"),
        # Out over night: what is not worked is no pause either.
        ((pause("2026-09-28T12:00", "2026-09-29T10:00"),), "2026-09-29T11:00", "2026-09-29T15:00"),
        # Still out: what was reached before it stands, what lies behind it is not known.
        ((pause("2026-09-28T14:00"),), "2026-09-28T13:00", None),
        ((pause("2026-09-28T10:00"),), None, None),
        # After the limit fell a question puts nothing off.
        ((pause("2026-09-28T17:00"),), "2026-09-28T13:00", "2026-09-28T17:00"),
    ],
)
def test_pauses_put_steps_off(pauses, half, all_of_it):
    of = Running(Limit.RESOLVE, 8, pauses)
    since = at("2026-09-28T09:00")

    assert reached_at(SHANGHAI, since, of, 50) == (at(half) if half else None)
    assert reached_at(SHANGHAI, since, of, 100) == (at(all_of_it) if all_of_it else None)


def test_a_clock_that_stands_uses_nothing():
    of = Running(Limit.RESOLVE, 8, (pause("2026-09-28T11:00"),))

    assert used(SHANGHAI, at("2026-09-28T09:00"), of, at("2026-09-29T17:00")) == 0.25


@pytest.mark.parametrize(
    ("events", "limits"),
    [
        ("", {"respond", "resolve"}),
        ("assigned", {"respond", "resolve"}),
        ("replied", {"resolve"}),
        ("asked", {"resolve"}),
        ("resolved", set()),
        ("rejected", set()),
        ("withdrawn", set()),
        ("resolved reopened", {"resolve"}),
    ],
)
def test_which_limits_run(events, limits):
    assert {str(of.limit) for of in running(fold(history(events)), 8, 16)} == limits
    assert running(fold(history(events)), None, None) == ()


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({}, "2026-09-28T13:00"),
        ({Limit.RESPOND: 50}, "2026-09-28T15:24"),
        ({Limit.RESPOND: 80}, "2026-09-28T17:00"),
        # What was passed over, as a higher one was told, is not told any more.
        ({Limit.RESPOND: 100}, "2026-09-28T17:00"),
        ({Limit.RESPOND: 100, Limit.RESOLVE: 50}, "2026-09-29T13:48"),
        ({Limit.RESPOND: 100, Limit.RESOLVE: 100}, None),
    ],
)
def test_the_next_step_is_the_first_that_nobody_was_told_of(told, wanted):
    clocks = (Running(Limit.RESPOND, 8), Running(Limit.RESOLVE, 16))
    submitted = at("2026-09-28T09:00")
    found = next_at(SHANGHAI, submitted, clocks, told)

    assert found == (at(wanted).astimezone(UTC) if wanted else None)
