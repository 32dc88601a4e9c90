"""What a Monday email counts of a contract's week."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.cases.history import EventFacts
from app.digest.rules import Young, contract_week
from app.kernel.periods import Period
from app.kernel.words import Actor, EventKind
from app.kernel.working_time import WorkingCalendar
from app.measures.clocks import CaseFacts

SENT = datetime(2026, 9, 4, 10, tzinfo=UTC)  # a Friday; a limit of 40 working hours falls a week later
WEEK = Period(date(2026, 8, 31), date(2026, 9, 6), "UTC")
MONDAY = datetime(2026, 9, 7, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "actor", "young"),
    [
        (None, None, Young(1, 1)),
        (EventKind.WITHDRAWN, Actor.RESIDENT, Young(0, 1)),
        (EventKind.DUPLICATE, Actor.AGENCY, Young(0, 0)),
    ],
)
def test_what_was_withdrawn_or_merged_is_not_said_to_be_due_later(kind, actor, young):
    events = [EventFacts(SENT + timedelta(minutes=5), kind, actor)] if kind else []
    case = CaseFacts(SENT, WorkingCalendar("UTC"), events, 40, 80)

    week = contract_week(1, [case], received=(1, 1), kpis=[], week=WEEK, as_of=MONDAY)

    assert week.young == young
