"""What browser tests reckon for themselves agrees with the examples too: two ways to the same numbers."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.kernel.periods import Period
from app.measures.cohort import cohort_of, measure
from tests.reckoning import Case, Event, Hours, Said, measures
from tests.unit.measures.histories import EXAMPLES, number, read, rows


def not_yet_due(name, expected):
    """The same by our own measures."""
    timezone, feedback, _ = read(name)
    as_of = datetime.fromisoformat(expected["as_of"])
    period = Period(date.fromisoformat(expected["start"]), date.fromisoformat(expected["end"]), timezone)
    return measure(cohort_of(feedback[expected["contract"]], period, as_of), as_of).not_yet_due


@pytest.mark.parametrize("name", ["example", "example-london"])
def test_the_plain_reckoning_gives_the_examples(name):
    folder = EXAMPLES / name
    directory = json.loads((folder / "directory.json").read_text(encoding="utf-8"))
    hours = Hours(directory["agency"]["calendar"], ZoneInfo(directory["agency"]["timezone"]))
    limits = {(each["reference"], of["code"]): of for each in directory["contracts"] for of in each["clauses"]}
    events: dict[str, list[Event]] = {}
    for row in rows(folder / "events.csv"):
        event = Event(datetime.fromisoformat(row["at"]), row["event"], row["actor"], number(row["rating"]))
        events.setdefault(row["reference"], []).append(event)
    said = [
        (
            row["contract"],
            Said(
                row["reference"],
                datetime.fromisoformat(row["submitted_at"]),
                row["kind"],
                number(row["rating"]),
                respond=limits.get((row["contract"], row["clause"]), {}).get("respond_within_hours", 0),
                resolve=limits.get((row["contract"], row["clause"]), {}).get("resolve_within_hours", 0),
                events=tuple(events.get(row["reference"], ())),
            ),
        )
        for row in rows(folder / "feedback.csv")
    ]

    for expected in json.loads((folder / "expected.json").read_text(encoding="utf-8")):
        as_of = datetime.fromisoformat(expected["as_of"])
        first, last = (date.fromisoformat(expected[end]) for end in ("start", "end"))
        cohort = [
            each
            for contract, each in said
            if contract == expected["contract"]
            and first <= each.submitted_at.astimezone(hours.zone).date() <= last
            and each.submitted_at <= as_of
        ]
        cases = [Case(each, hours, as_of, 14) for each in cohort if each.kind == "complaint"]
        found = measures(cohort, cases)
        assert sum(case.not_yet_due for case in cases) == not_yet_due(name, expected).answers
        for key, parts in expected["measures"].items():
            for part, value in parts.items():
                exact = value if value is None else pytest.approx(value, abs=1e-6)
                assert found[key][part] == exact, (expected["contract"], expected["start"], key, part)
