"""Shares with their intervals, and percentiles in which what is not done yet counts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.shares import share_of
from app.measures.survival import curve_of, times_of


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        # The first two from R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (10, 10, 0.7225, 1),
    ],
)
def test_wilson(numerator, denominator, low, high):
    share = share_of(numerator, denominator)

    assert (share.low, share.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_nothing_to_count_is_not_zero():
    nothing = {"value": None, "numerator": 0, "denominator": 0, "low": None, "high": None}

    assert share_of(0, 0).to_json() == nothing


@pytest.mark.parametrize("numerator", [-1, 3])
def test_what_is_no_share_is_refused(numerator):
    with pytest.raises(ValueError, match="is not a share"):
        share_of(numerator, 2)


DONE, CUT_OFF = True, False


@pytest.mark.parametrize(
    ("clocks", "p50", "p90"),
    [
        ([], None, None),
        ([(1, CUT_OFF)], None, None),
        ([(1, DONE)], 1, 1),
        ([(1, DONE), (2, CUT_OFF)], 1, None),  # exactly one half has reached it
        ([(1, DONE), (2, DONE), (3, CUT_OFF)], 2, None),
        ([(1, CUT_OFF), (1, DONE)], 1, None),  # at equal times, done comes first
        ([(hour, DONE) for hour in range(1, 11)], 5, 9),
        ([(1, CUT_OFF), (2, DONE)], 2, 2),
        ([(0, DONE), (0, DONE)], 0, 0),
    ],
)
def test_kaplan_meier(clocks, p50, p90):
    times = times_of(clocks)

    assert (times.p50, times.p90) == (p50, p90)
    assert (times.n, times.censored) == (len(clocks), sum(not done for _, done in clocks))


@given(st.lists(st.tuples(st.integers(0, 12).map(float), st.booleans()), max_size=60))
def test_it_agrees_with_the_definition_in_fractions(clocks):
    curve, reached = Fraction(1), {}
    for hours in sorted({hours for hours, done in clocks if done}):
        at_risk = sum(other >= hours for other, _ in clocks)
        curve *= 1 - Fraction(sum(clock == (hours, True) for clock in clocks), at_risk)
        for level in (2, 10):
            if curve <= Fraction(1, level):
                reached.setdefault(level, hours)

    times = times_of(clocks)
    assert (times.p50, times.p90) == (reached.get(2), reached.get(10))


def test_the_curve_falls_where_the_percentiles_say():
    clocks = [(2.0, True), (2.0, True), (3.0, False), (5.0, True), (8.0, False)]
    curve = curve_of(clocks)

    assert curve.steps == ((2.0, pytest.approx(0.6)), (5.0, pytest.approx(0.3)))
    assert curve.cut_off == (3.0, 8.0)
    assert times_of(clocks).p50 == 5.0
    assert [curve.remaining_at(hours) for hours in (0, 2, 4.9, 5)] == [
        1.0,
        *[pytest.approx(0.6)] * 2,
        pytest.approx(0.3),
    ]
