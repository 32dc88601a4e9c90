"""Complaints against what was delivered."""

from datetime import date

from app.kernel.periods import Period, months_in, quarters_to
from app.measures.volume import per_thousand
from tests.web.cases_story import MONDAY


def test_complaints_are_set_against_the_months_that_are_known():
    september, october, november = (date(2026, month, 1) for month in (9, 10, 11))

    found = per_thousand({september: 3, october: 5}, {september: 1500, november: 500}, [september, october, november])

    assert (found.value, found.cases, found.units, found.months) == (1.5, 3, 2000, 2)
    assert per_thousand({september: 3}, {}, [september]).value is None


def test_only_whole_months_lie_in_a_period():
    zone = "Asia/Shanghai"
    assert months_in(Period(date(2026, 9, 2), date(2026, 11, 30), zone)) == [date(2026, 10, 1), date(2026, 11, 1)]
    assert months_in(Period(date(2026, 12, 1), date(2027, 1, 30), zone)) == [date(2026, 12, 1)]
    starts = [quarter.start for quarter in quarters_to(MONDAY, zone, 4)]
    assert starts == [date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]
