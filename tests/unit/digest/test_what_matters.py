"""The subject of the weekly email: what is beyond doubt and concerns the most residents, never noise."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.cases.history import EventFacts
from app.digest.rules import contract_week, most_pressing_first, worst
from app.kernel.periods import Period
from app.kernel.words import Actor, Direction, EventKind
from app.kernel.working_time import WorkingCalendar
from app.measures.clocks import CaseFacts
from app.measures.kpi_rating import Kpi, TargetVerdict

SENT = datetime(2026, 8, 31, 10, tzinfo=UTC)  # the Monday of the week; eight working hours end on Tuesday
WEEK = Period(date(2026, 8, 31), date(2026, 9, 6), "UTC")
MONDAY = datetime(2026, 9, 7, 7, tzinfo=UTC)
RESPONSE, RESOLUTION = "on_time_response_rate", "on_time_resolution_rate"


def week_of(contract_id, on_time, of, *, target=0.9, minimum_n=10, measure=RESPONSE, silent=0, kpi=True, binds=None):
    """So many cases on time of all whose limit fell; the others late, the ``silent`` among them to this day."""
    kind = EventKind.REPLIED if measure == RESPONSE else EventKind.RESOLVED
    cases = []
    for nth in range(of):
        after = timedelta(hours=1) if nth < on_time else timedelta(days=3)
        events = [] if nth >= of - silent else [EventFacts(SENT + after, kind, Actor.AGENCY)]
        cases.append(CaseFacts(SENT, WorkingCalendar("UTC"), events, 8, 8 if measure == RESOLUTION else 400))
    kpis = (
        [Kpi("K1", measure, Direction.AT_LEAST, target, target / 2, target / 4, minimum_n, binds_from=binds)]
        if kpi
        else []
    )
    return contract_week(contract_id, cases, received=(of, 0), kpis=kpis, week=WEEK, as_of=MONDAY)


@pytest.mark.parametrize(
    ("why", "weeks", "first"),
    [
        ("nothing was promised", [week_of(1, 0, 40, kpi=False)], None),
        ("all is met", [week_of(1, 40, 40)], None),
        ("it binds only later", [week_of(1, 0, 40, binds=date(2026, 9, 7))], None),
        ("it binds since this week", [week_of(1, 0, 40, binds=date(2026, 9, 6))], 1),
        ("short, but perhaps by chance", [week_of(1, 17, 20)], None),
        ("fewer than it is judged by", [week_of(1, 2, 5)], None),
        ("few, but enough for this contract", [week_of(1, 2, 5, minimum_n=5)], 1),
        ("the larger gap concerns fewer", [week_of(1, 4, 8, minimum_n=5), week_of(2, 23, 41)], 2),
        ("a larger gap of too few", [week_of(1, 2, 5), week_of(2, 23, 41)], 2),
        ("many a little late, rather than few all late", [week_of(1, 0, 10), week_of(2, 150, 200)], 2),
        ("what is allowed to be late does not count", [week_of(1, 20, 60, target=0.5), week_of(2, 30, 60)], 2),
        ("noise never wins, however many", [week_of(1, 86, 100), week_of(2, 6, 12)], 2),
        ("resolving too", [week_of(1, 5, 12), week_of(2, 5, 40, measure=RESOLUTION)], 2),
        ("as many: more overdue", [week_of(1, 10, 30, silent=5), week_of(2, 10, 30, silent=20)], 2),
    ],
)
def test_the_subject_is_what_is_beyond_doubt_and_concerns_most(why, weeks, first):
    for given in (weeks, weeks[::-1]):
        found = worst(given)
        assert (found[0].contract_id if found else None) == first, why
        assert first is None or most_pressing_first(given)[0].contract_id == first


def test_a_share_at_most_is_missed_from_above():
    cases = [
        CaseFacts(SENT, WorkingCalendar("UTC"), [EventFacts(SENT, EventKind.REPLIED, Actor.AGENCY)], 8, 400)
        for _ in range(20)
    ]
    kpi = Kpi("K1", RESPONSE, Direction.AT_MOST, 0.2, 0.4, 0.6, 10)
    (kept,) = contract_week(1, cases, received=(20, 0), kpis=[kpi], week=WEEK, as_of=MONDAY).kept

    assert (kept.is_missed, kept.too_many) == (True, 16)


def test_too_few_are_neither_missed_nor_met():
    verdicts = [week_of(1, n, 9).answered.verdict for n in (0, 9)]

    assert verdicts == [TargetVerdict.CANNOT_TELL] * 2
