"""The feedback behind a number is as many as the number says, in every example history."""

from datetime import date, datetime

import pytest

from app.kernel.periods import Period
from app.measures.cohort import KEYS, SHARES, cohort_of, figures_of
from app.measures.facts import reckon
from app.measures.membership import COUNTED, Part, behind
from tests.unit.measures.histories import read

CASES = [
    pytest.param(timezone, feedback[each["contract"]], each, id=f"{name}-{each['contract']}-{each['start']}")
    for name in ("example", "example-london")
    for timezone, feedback, expected in [read(name)]
    for each in expected
]


@pytest.mark.parametrize(("timezone", "feedback", "expected"), CASES)
def test_as_many_stand_behind_each_number_as_it_says(timezone, feedback, expected):
    period = Period(date.fromisoformat(expected["start"]), date.fromisoformat(expected["end"]), timezone)
    as_of = datetime.fromisoformat(expected["as_of"])
    reckoned = reckon(cohort_of(feedback, period, as_of), as_of)
    figures = figures_of(reckoned)

    assert set(KEYS) - COUNTED.keys() == {"hours_with"}
    for key in KEYS:
        if key == "hours_with":
            continue
        figure = getattr(figures, key)
        yes, everyone = len(behind(reckoned, key, Part.YES)), len(behind(reckoned, key))
        if key in SHARES:
            assert (yes, everyone) == (figure.numerator, figure.denominator), key
        elif key.endswith("_hours"):
            assert (everyone - yes, everyone) == (figure.censored, figure.n), key
        else:
            count = figure.n if key == "last_word" else figure.value
            assert (yes, everyone) == (count, count), key


@pytest.mark.parametrize(("timezone", "feedback", "expected"), CASES)
def test_the_last_word_is_one_of_four(timezone, feedback, expected):
    as_of = datetime.fromisoformat(expected["as_of"])
    reckoned = reckon([each for each in feedback if each.submitted_at <= as_of], as_of)
    parts = [set(behind(reckoned, key)) for key in ("claimed", "confirmed", "contested", "silent")]

    assert set.union(*parts) == set(behind(reckoned, "last_word"))
    assert sum(map(len, parts)) == len(behind(reckoned, "last_word"))
