"""What a KPI is rated, and when the numbers cannot carry it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.kernel.shares import share_of
from app.kernel.words import Basis, Direction
from app.measures.cohort import NotYetDue, measure
from app.measures.kpi_rating import (
    Kpi,
    Rating,
    TargetVerdict,
    cases_needed,
    is_out_of_reach,
    not_yet_due_for,
    rate,
    rate_share,
)

AS_OF = datetime(2026, 10, 1, tzinfo=ZoneInfo("UTC"))


def kpi(**changes):
    facts = {
        "code": "K1",
        "measure": "on_time_response_rate",
        "direction": Direction.AT_LEAST,
        "target": 0.9,
        "approaching": 0.8,
        "inadequate": 0.6,
        "minimum_n": 10,
    }
    return Kpi(**{**facts, **changes})


AT_MOST = {
    "measure": "reopen_rate",
    "direction": Direction.AT_MOST,
    "target": 0.1,
    "approaching": 0.15,
    "inadequate": 0.3,
}


@pytest.mark.parametrize(
    ("changes", "numerator", "denominator", "rating"),
    [
        ({}, 9, 10, Rating.GOOD),  # meeting includes equality
        ({}, 8, 10, Rating.APPROACHING_TARGET),
        ({}, 79, 100, Rating.REQUIRES_IMPROVEMENT),
        ({}, 6, 10, Rating.REQUIRES_IMPROVEMENT),
        ({}, 59, 100, Rating.INADEQUATE),
        ({}, 9, 9, Rating.OTHER),
        ({"minimum_n": 0}, 0, 0, Rating.OTHER),
        (AT_MOST, 1, 10, Rating.GOOD),
        (AT_MOST, 15, 100, Rating.APPROACHING_TARGET),
        (AT_MOST, 3, 10, Rating.REQUIRES_IMPROVEMENT),
        (AT_MOST, 31, 100, Rating.INADEQUATE),
    ],
)
def test_ratings(changes, numerator, denominator, rating):
    assert rate_share(kpi(**changes), share_of(numerator, denominator)).rating == rating


@pytest.mark.parametrize(
    ("changes", "numerator", "denominator", "is_clear", "verdict"),
    [
        ({}, 990, 1000, True, TargetVerdict.MET),
        ({}, 91, 100, False, TargetVerdict.CANNOT_TELL),
        ({}, 75, 100, False, TargetVerdict.MISSED),
        ({}, 72, 100, True, TargetVerdict.MISSED),
        ({}, 700, 1000, True, TargetVerdict.MISSED),
        ({}, 0, 0, False, TargetVerdict.CANNOT_TELL),
        ({}, 5, 5, False, TargetVerdict.CANNOT_TELL),
        (AT_MOST, 20, 1000, True, TargetVerdict.MET),
        (AT_MOST, 9, 100, False, TargetVerdict.CANNOT_TELL),
        (AT_MOST, 500, 1000, True, TargetVerdict.MISSED),
    ],
)
def test_clear_or_too_close_to_call(changes, numerator, denominator, is_clear, verdict):
    rating = rate_share(kpi(**changes), share_of(numerator, denominator))

    assert (rating.is_clear, rating.target_verdict) == (is_clear, verdict)
    assert rating.is_too_close_to_call == (rating.rating != Rating.OTHER and not is_clear)


RESOLVED = {"measure": "resolution_rate"}
SO_FAR = [
    # changes, numerator, denominator, not yet due, verdict as it stands, what is sure, may it turn
    ({}, 75, 100, 0, TargetVerdict.MISSED, TargetVerdict.MISSED, False),
    ({}, 75, 100, 3, TargetVerdict.MISSED, TargetVerdict.MISSED, False),
    ({}, 75, 100, 150, TargetVerdict.MISSED, TargetVerdict.CANNOT_TELL, True),
    ({}, 990, 1000, 5, TargetVerdict.MET, TargetVerdict.MET, False),
    ({}, 990, 1000, 200, TargetVerdict.MET, TargetVerdict.CANNOT_TELL, True),
    ({}, 91, 100, 1, TargetVerdict.CANNOT_TELL, TargetVerdict.CANNOT_TELL, False),
    ({}, 91, 100, 4, TargetVerdict.CANNOT_TELL, TargetVerdict.CANNOT_TELL, True),  # Good or not
    ({}, 8, 9, 1, TargetVerdict.CANNOT_TELL, TargetVerdict.CANNOT_TELL, True),  # enough cases for a rating
    # Young complaints are among those not resolved already.
    (RESOLVED, 12, 20, 8, TargetVerdict.MISSED, TargetVerdict.CANNOT_TELL, True),
    (RESOLVED, 12, 20, 0, TargetVerdict.MISSED, TargetVerdict.MISSED, False),
    (RESOLVED, 10, 100, 8, TargetVerdict.MISSED, TargetVerdict.MISSED, False),
]


@pytest.mark.parametrize(("changes", "numerator", "denominator", "due", "verdict", "sure", "may_turn"), SO_FAR)
def test_nothing_is_sure_that_cases_not_yet_due_can_turn(changes, numerator, denominator, due, verdict, sure, may_turn):
    rating = rate_share(kpi(**changes), share_of(numerator, denominator), not_yet_due=due)

    assert (rating.target_verdict, rating.sure_verdict, rating.may_turn) == (verdict, sure, may_turn)
    assert rating.awaited == denominator + (0 if changes else due)


@pytest.mark.parametrize(
    ("measure", "awaited"),
    [
        ("on_time_response_rate", 3),
        ("response_rate", 3),
        ("on_time_resolution_rate", 5),
        ("resolution_rate", 5),
        ("reopen_rate", 0),
        ("service_satisfaction", 0),
    ],
)
def test_each_share_waits_for_its_own_limit(measure, awaited):
    assert not_yet_due_for(measure, NotYetDue(answers=3, resolutions=5)) == awaited


@pytest.mark.parametrize(("numerator", "denominator"), [(19, 20), (17, 20), (80, 100)])
def test_the_number_of_cases_that_would_tell(numerator, denominator):
    rating = rate_share(kpi(target=0.88), share_of(numerator, denominator))
    needed = rating.needed

    if rating.target_verdict == TargetVerdict.CANNOT_TELL:
        enough = share_of(numerator * needed, denominator * needed)
        assert needed > denominator
        assert rate_share(kpi(target=0.88), enough).target_verdict != TargetVerdict.CANNOT_TELL
    else:
        assert needed is None


def test_no_number_of_cases_tells_a_share_from_itself():
    assert cases_needed(0.9, 0.9, 50) is None
    assert cases_needed(0.95, 0.9, 20) == 139
    assert rate_share(kpi(), share_of(9, 10)).needed is None


def test_before_it_binds_a_kpi_is_for_information():
    measures = measure([], AS_OF)
    late = kpi(binds_from=date(2026, 10, 1), basis=Basis.VALIDATED)

    assert rate(late, measures, period_end=date(2026, 9, 30)).is_for_information
    assert not rate(late, measures, period_end=date(2026, 10, 1)).is_for_information
    assert not rate(kpi(), measures).is_for_information


def test_its_entry_in_the_report():
    entry = rate_share(kpi(), share_of(18, 25)).to_json()

    wanted = ("code", "measure", "target", "value", "rating", "clear", "target_verdict")
    assert [entry[key] for key in wanted] == [
        "K1", "on_time_response_rate", 0.9, 0.72, "Requires improvement", False, "missed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measure": "open"}, "'open' is not a share"),
        ({"approaching": 0.95}, "easier to meet"),
        ({"direction": Direction.AT_MOST}, "easier to meet"),
        ({"target": 90}, "from 0 to 1"),
        ({"minimum_n": -1}, "minimum_n"),
    ],
)
def test_a_kpi_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        kpi(**changes)


@pytest.mark.parametrize(
    ("cases", "days", "is_out"),
    [(200, 365, False), (20, 365, True), (20, 30, False), (0, 30, True), (9, 10, False)],
)
def test_what_needs_the_cases_of_more_than_five_years_is_out_of_reach(cases, days, is_out):
    rated = rate_share(kpi(), share_of(350, 400))
    assert 200 < (rated.needed or 0) <= 2_000

    assert is_out_of_reach(rated, cases, days) is is_out


@pytest.mark.parametrize(
    ("numerator", "denominator", "others"),
    [
        (26, 40, [Rating.INADEQUATE]),
        (34, 40, [Rating.GOOD, Rating.REQUIRES_IMPROVEMENT]),
        (400, 400, []),
        (1, 2, []),
    ],
)
def test_where_it_is_too_close_to_call_it_is_known_between_which(numerator, denominator, others):
    rated = rate_share(kpi(), share_of(numerator, denominator))

    assert list(rated.others) == others
    assert rated.is_too_close_to_call == bool(others)
