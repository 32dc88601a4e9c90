"""What a directory file may say, and how it is told what is wrong: by table."""

import copy
import json
from pathlib import Path

import pytest

from app.directory.rules import MEASURES, read_directory
from app.measures.cohort import SHARES

EXAMPLE = json.loads(Path("tests/examples/measures/example/directory.json").read_text())

# path in the file, a value for it, and what is then said
WRONG = [
    ("agency.slug", "river side", "agency.slug: expected a code without spaces and slashes"),
    ("agency.name", "", "agency.name: expected text of 1 to 200 characters, got ''"),
    ("agency.name", {"xx": "Riverside"}, "agency.name: expected text, or one text for each of some languages"),
    ("agency.name", {"en": " "}, "agency.name.en: expected text"),
    ("agency.timezone", "Asia/Shanghia", "agency.calendar: timezone: 'Asia/Shanghia' is not known"),
    ("agency.calendar.start", "9", "agency.calendar: start: '9' is not a time like 09:00"),
    ("agency.calendar.weekdays", [], "agency.calendar: weekdays: a week needs at least one working day"),
    ("agency.languages", [], "agency.languages: expected a list of"),
    ("agency.colour", "red", "agency.colour: unknown; known are"),
    ("providers[0].kind", "charity", "providers[0].kind: expected one of firm, social_organisation, got 'charity'"),
    ("providers[1].slug", "clearway", "providers: slug 'clearway' is there more than once"),
    ("contracts[1].provider", "nobody", "contracts[1].provider: expected the slug of one of the providers"),
    ("contracts[1].reference", "C-001", "contracts: reference 'C-001' is there more than once"),
    ("contracts[1].reference", "C/1", "contracts[1].reference: expected a code without spaces and slashes"),
    ("contracts[1].starts_on", "1 May", "contracts[1].starts_on: expected a date like 2026-09-30, got '1 May'"),
    ("contracts[1].starts_on", 2026, "contracts[1].starts_on: expected a date like 2026-09-30, got 2026"),
    ("contracts[1].ends_on", "2025-12-31", "contracts[1].ends_on: expected a day not before 2026-01-01"),
    ("contracts[1].waiting_days", 2.5, "contracts[1].waiting_days: expected a whole number from 0 to 60, got 2.5"),
    ("contracts[1].sites", {}, "contracts[1].sites: expected a list"),
    ("contracts[1].sites[0].code", "S 1", "contracts[1].sites[0].code: expected a code without spaces and slashes"),
    (
        "contracts[1].sites[0].code",
        "s00",
        "contracts[1].sites[0].name: expected 'Street cleaning site 0' as for the same code",
    ),
    ("contracts[0].sites[1].code", "s00", "contracts[0].sites: 's00' is served twice at once"),
    ("contracts[0].sites[1].until", "2025-01-01", "contracts[0].sites[1].until: expected a day not before 2026-01-01"),
    (
        "contracts[1].clauses[0].respond_within_hours",
        0,
        "contracts[1].clauses[0].respond_within_hours: expected a number above 0, got 0",
    ),
    ("contracts[1].clauses[0].respond_within_hours", "16", "got '16'"),
    ("contracts[1].clauses[0].resolve_within_hours", float("inf"), "expected a number above 0, got inf"),
    ("contracts[1].clauses[0].resolve_within_hours", 10**400, "expected a number above 0, got 1000"),
    ("contracts[1].clauses[0].resolve_within_hours", True, "expected a number above 0, got True"),
    (
        "contracts[1].clauses[0].resolve_within_hours",
        1,
        "respond_within_hours: expected at most resolve_within_hours (1)",
    ),
    ("contracts[1].clauses[0].aspects[0]", "noise", "contracts[1].clauses[0].aspects[0]: expected one of timeliness"),
    ("contracts[1].clauses[1].code", "1.1", "contracts[1].clauses: code '1.1' is there more than once"),
    ("contracts[1].kpis[0].measure", "happiness", "contracts[1].kpis[0].measure: expected one of confirmed_rate"),
    ("contracts[1].kpis[0].target", 90, "contracts[1].kpis[0].target: expected a share from 0 to 1, got 90"),
    ("contracts[1].kpis[0].approaching", 0.95, "contracts[1].kpis[0].approaching: expected at most 0.9"),
    ("contracts[1].kpis[0].inadequate", 0.85, "contracts[1].kpis[0].inadequate: expected at most 0.8"),
    ("contracts[1].kpis[2].approaching", 0.05, "contracts[1].kpis[2].approaching: expected at least 0.1"),
    ("contracts[1].kpis[0].basis", "judged", "contracts[1].kpis[0].basis: expected one of raw, validated"),
    ("contracts[0].kpis[0].direction", "at_most", "kpis[0].direction: expected at_least: no other makes sense for"),
    ("contracts[1].kpis[0].binds_from", "soon", "contracts[1].kpis[0].binds_from: expected a date"),
    ("contracts[1].title", "a\u202eb", "contracts[1].title: expected text"),
]


def changed(path, value):
    """The example with one value changed."""
    data = copy.deepcopy(EXAMPLE)
    at = data
    *steps, last = path.replace("[", ".[").split(".")
    for step in steps:
        at = at[int(step[1:-1])] if step.startswith("[") else at[step]
    at[int(last[1:-1]) if last.startswith("[") else last] = value
    return data


def test_the_example_is_right():
    spec, problems = read_directory(EXAMPLE)

    assert problems == []
    assert (len(spec.providers), len(spec.contracts)) == (3, 3)
    assert spec.agency.languages is None
    assert spec.contracts[0].waiting_days == 5


@pytest.mark.parametrize(
    ("path", "value", "said"), WRONG, ids=[f"{path}={str(value)[:12]}" for path, value, _ in WRONG]
)
def test_a_wrong_value_is_told_with_its_place(path, value, said):
    _, problems = read_directory(changed(path, value))

    assert any(said in problem for problem in problems), problems
    assert all(len(problem) < 400 for problem in problems)


@pytest.mark.parametrize(
    "data", [None, [], "directory", 1, {}, {"agency": None, "providers": [None], "contracts": [[]]}]
)
def test_what_is_no_directory_at_all_is_told(data):
    _, problems = read_directory(data)

    assert problems


def test_all_problems_are_told_at_once():
    data = changed("contracts[1].kpis[0].target", 90)
    data["agency"]["name"] = 7
    del data["contracts"][0]["title"]
    _, problems = read_directory(data)

    assert "contracts[0].title: expected text, or one text" in "\n".join(problems)
    assert len(problems) == 3


def test_a_site_may_be_left_and_come_back_to():
    data = changed("contracts[0].sites[0].until", "2026-06-30")
    data["contracts"][0]["sites"].append({"code": "s00", "name": "Street cleaning site 0", "from": "2027-01-01"})

    assert read_directory(data)[1] == []


def test_names_may_be_given_in_several_languages():
    spec, problems = read_directory(changed("contracts[0].service", {"en": "Street cleaning", "zh": "街道清洁"}))

    assert problems == []
    assert spec.contracts[0].service == {"en": "Street cleaning", "zh": "街道清洁"}


def test_every_share_and_only_shares_can_be_bound():
    assert MEASURES == SHARES
