"""Whether a share has changed, and complaints against what was delivered."""

from datetime import date

import pytest

from app.kernel.periods import Period, months_in, quarters_to
from app.measures.shares import share_of
from app.measures.trend import changes_of
from app.measures.volume import per_thousand
from tests.web.cases_story import MONDAY


def test_a_change_is_notable_only_beyond_chance():
    (big,) = changes_of([(share_of(80, 100), share_of(50, 100))])
    (small,) = changes_of([(share_of(8, 10), share_of(7, 10))])

    assert big.is_notable
    assert big.by == pytest.approx(-0.3)
    # z = 0.3 / sqrt(0.65 * 0.35 * 2 / 100) = 4.4475; two-sided p
    assert big.p == pytest.approx(8.6886e-06, rel=1e-3)
    assert not small.is_notable
    assert small.would_show == pytest.approx(1.6448536 * (0.75 * 0.25 * 0.2) ** 0.5)


def test_what_is_compared_on_a_page_is_judged_together():
    """Ten comparisons with p = 0.05 each are none: one alone would have been called notable."""
    pair = (share_of(50, 100), share_of(36, 100))  # p = 0.0458

    (alone,) = changes_of([pair])
    among = changes_of([pair, *[(share_of(50, 100), share_of(50, 100))] * 9])

    assert alone.is_notable
    assert not among[0].is_notable


def test_what_cannot_be_compared_is_not():
    assert changes_of([(share_of(0, 0), share_of(1, 2)), (share_of(1, 2), share_of(0, 0))]) == [None, None]
    (same,) = changes_of([(share_of(5, 5), share_of(9, 9))])
    assert (same.is_notable, same.p, same.would_show) == (False, 1.0, 0.0)


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
