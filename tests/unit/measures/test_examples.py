"""The example histories give the numbers that were worked out for them by other means."""

from datetime import date, datetime

import pytest

from app.kernel.periods import Period
from app.measures.cohort import cohort_of, measure
from tests.unit.measures.histories import read

CASES = [
    pytest.param(timezone, feedback[each["contract"]], each, id=f"{name}-{each['contract']}-{each['start']}")
    for name in ("example", "example-london")
    for timezone, feedback, expected in [read(name)]
    for each in expected
]


@pytest.mark.parametrize(("timezone", "feedback", "expected"), CASES)
def test_every_measure_agrees_to_a_millionth(timezone, feedback, expected):
    period = Period(date.fromisoformat(expected["start"]), date.fromisoformat(expected["end"]), timezone)
    as_of = datetime.fromisoformat(expected["as_of"])

    measures = measure(cohort_of(feedback, period, as_of), as_of).to_json()["measures"]

    for key, parts in expected["measures"].items():
        assert measures[key].keys() == parts.keys(), key
        for part, value in parts.items():
            assert measures[key][part] == (value if value is None else pytest.approx(value, abs=1e-6)), (key, part)
