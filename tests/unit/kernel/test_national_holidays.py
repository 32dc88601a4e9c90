"""National holidays, the days that China works in exchange, and hours that differ by weekday."""

from datetime import date, datetime

import pytest

from app.kernel.working_time import CalendarError, WorkingCalendar, add_hours, hours_between

CHINA = {"weekdays": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00", "country": "CN"}


def works(calendar, day):
    return calendar.hours_of(date.fromisoformat(day)) is not None


def test_china_swaps_days():
    calendar = WorkingCalendar.from_dict(CHINA, "Asia/Shanghai")

    # In 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October worked for it.
    assert [day for day in range(1, 12) if works(calendar, f"2026-10-{day:02}")] == [8, 9, 10]
    assert works(calendar, "2026-09-20")
    assert not works(calendar, "2026-09-19")


def test_an_agencys_own_days_win_over_the_nations():
    own = CHINA | {"holidays": ["2026-10-10"], "extra_workdays": ["2026-10-02"]}
    calendar = WorkingCalendar.from_dict(own, "Asia/Shanghai")

    assert works(calendar, "2026-10-02")
    assert not works(calendar, "2026-10-10")


def test_parts_of_a_country_have_their_own():
    scotland = WorkingCalendar.from_dict(CHINA | {"country": "GB-SCT"}, "Europe/London")
    england = WorkingCalendar.from_dict(CHINA | {"country": "GB-ENG"}, "Europe/London")

    # Easter Monday is no holiday in Scotland, the second of January is one.
    assert (works(scotland, "2026-04-06"), works(england, "2026-04-06")) == (True, False)
    assert (works(scotland, "2026-01-02"), works(england, "2026-01-02")) == (False, True)


def test_hours_differ_by_weekday():
    week = {
        "weekdays": [0, 1, 2, 3, 4, 5],
        "start": "09:00",
        "end": "17:00",
        "hours": {"5": {"start": "10:00", "end": "14:00"}, "4": {"start": "09:00", "end": "12:00"}},
    }
    calendar = WorkingCalendar.from_dict(week, "Asia/Shanghai")
    friday = datetime.fromisoformat("2026-11-06T09:00:00+08:00")

    assert hours_between(calendar, friday, datetime.fromisoformat("2026-11-09T09:00:00+08:00")) == 7
    assert add_hours(calendar, friday, 8) == datetime.fromisoformat("2026-11-09T10:00:00+08:00")
    assert calendar.hours_a_day == pytest.approx((4 * 8 + 3 + 4) / 6)
    assert WorkingCalendar.from_dict(calendar.to_dict(), "Asia/Shanghai") == calendar


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"country": "Atlantis"}, "country: 'Atlantis' is not known"),
        ({"country": 44}, "country: 44 is not a code"),
        ({"hours": {"6": {"start": "10:00", "end": "14:00"}}}, "hours: 6 is not one of the weekdays"),
        ({"hours": {"0": {"start": "10:00", "end": "09:00"}}}, "hours, 0, end: 09:00 is not after the start"),
        ({"hours": {"0": {"start": "10:00"}}}, "hours, 0: give start and end"),
        ({"hours": {"monday": {}}}, "is not a day from 0"),
        ({"hours": ["10:00"]}, "hours: give start and end"),
        ({"weekdays": []}, "no working day at all"),
    ],
)
def test_a_calendar_that_cannot_be_says_why(wrong, said):
    with pytest.raises(CalendarError, match=said):
        WorkingCalendar.from_dict(CHINA | wrong, "Asia/Shanghai")


def test_a_calendar_without_a_country_is_kept_as_it_was():
    plain = {"weekdays": [0], "start": "09:00", "end": "17:00", "holidays": [], "extra_workdays": []}

    assert WorkingCalendar.from_dict(plain, "Asia/Shanghai").to_dict() == plain
