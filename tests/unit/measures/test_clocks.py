"""The clocks of one case, on a calendar that works from nine to five every day."""

from datetime import UTC, datetime

import pytest

from app.kernel.working_time import WorkingCalendar
from app.measures.clocks import CaseFacts, clocks_of
from tests.unit.cases.test_history import history

CALENDAR = WorkingCalendar("UTC", weekdays=frozenset(range(7)), start="08:00", end="18:00")
SUBMITTED = datetime(2026, 9, 1, 8, tzinfo=UTC)  # events follow at nine, ten, …
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def case(text, respond=4.0, resolve=8.0):
    return CaseFacts(SUBMITTED, CALENDAR, history(text), respond, resolve)


@pytest.mark.parametrize(
    ("text", "response", "resolution"),
    [
        ("", 4, 4),
        ("acknowledged assigned", 4, 4),
        ("assigned replied", 2, 4),
        ("withdrawn", 1, 1),
        ("resolved", 1, 1),
        ("resolved reopened", 1, 4),
        ("resolved reopened resolved", 1, 3),
        ("asked resident_replied resolved", 1, 2),
        ("asked", 1, 1),
        ("resolved asked", 1, 1),
        ("replied rejected", 1, 2),
        ("rejected reopened", 1, 4),
        ("rejected withdrawn", 1, 1),
        ("resolved withdrawn", 1, 1),
    ],
)
def test_how_far_the_clocks_have_run(text, response, resolution):
    clocks = clocks_of(case(text), NOON)

    assert (clocks.response_hours, clocks.resolution_hours) == (response, resolution)


@pytest.mark.parametrize(
    ("text", "respond", "on_time"),
    [
        ("replied", 1.0, True),  # on time is up to the limit
        ("replied", 0.9, False),
        ("", 4.0, None),
        ("", 3.9, False),
        ("withdrawn", 1.0, None),
        ("withdrawn", 0.5, False),
        ("replied", None, None),
    ],
)
def test_a_response_is_decided_once_given_or_beyond_its_limit(text, respond, on_time):
    assert clocks_of(case(text, respond=respond), NOON).answered_on_time is on_time


@pytest.mark.parametrize(
    ("text", "resolve", "on_time"),
    [
        ("resolved", 1.0, True),
        ("resolved", 0.5, False),
        ("rejected", 1.0, None),
        ("rejected", 0.5, False),
        ("asked", 1.0, None),
        ("resolved", None, None),
    ],
)
def test_a_resolution_is_decided_once_standing_or_beyond_its_limit(text, resolve, on_time):
    assert clocks_of(case(text, resolve=resolve), NOON).resolved_on_time is on_time


@pytest.mark.parametrize(
    ("text", "respond", "resolve", "overdue"),
    [
        ("", 3.0, 8.0, True),
        ("", 4.0, 8.0, False),
        ("replied", 0.5, 8.0, False),  # late, but no longer owed
        ("replied", 4.0, 3.0, True),
        ("asked", 4.0, 3.0, False),
        ("resolved", 0.5, 0.5, False),
        ("withdrawn", 0.5, 0.5, False),
        ("", None, None, False),
    ],
)
def test_what_is_overdue(text, respond, resolve, overdue):
    assert clocks_of(case(text, respond, resolve), NOON).is_overdue is overdue


@pytest.mark.parametrize(
    ("text", "agency", "provider", "resident"),
    [
        ("", 4, 0, 0),
        ("assigned", 1, 3, 0),
        ("assigned handed_back", 3, 1, 0),
        ("assigned asked handed_back", 1, 1, 2),
        ("asked assigned resident_replied", 1, 1, 2),
        ("assigned resolved reopened", 1, 2, 0),
        ("rejected", 1, 0, 0),
        ("assigned withdrawn", 1, 1, 0),
    ],
)
def test_in_whose_hands_the_time_went_by(text, agency, provider, resident):
    clocks = clocks_of(case(text), NOON)

    assert (clocks.agency_hours, clocks.provider_hours, clocks.resident_hours) == (agency, provider, resident)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("assigned", 3),
        ("assigned replied", 1),
        ("assigned handed_back assigned resolved", 3),
        ("replied assigned", None),
    ],
)
def test_the_provider_is_timed_from_the_first_assignment(text, hours):
    as_of = datetime(2026, 9, 1, 12, tzinfo=UTC)

    assert clocks_of(case(text), as_of).provider_response_hours == hours
