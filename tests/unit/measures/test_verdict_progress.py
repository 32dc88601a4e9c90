"""How far the agency has come with its verdicts, from the events alone."""

from datetime import timedelta

import pytest

from app.cases.history import EventFacts
from app.kernel.words import Actor, Attribution, EventKind, FeedbackKind
from app.kernel.working_time import WorkingCalendar
from app.measures.clocks import CaseFacts
from app.measures.facts import FeedbackFacts, reckon
from app.measures.tally import Tally
from app.measures.verdict_progress import count_in, is_disputed, judging_in
from tests.web.cases_story import MONDAY

E = EventKind
OFFICE = WorkingCalendar("Asia/Shanghai")


def judging_of(reckoned, as_of):
    tally = Tally()
    count_in(tally, reckoned, as_of)
    return judging_in(tally)


def case(*steps):
    events = [
        EventFacts(MONDAY + timedelta(hours=hours), kind, Actor.AGENCY, None, found, changed_to)
        for hours, kind, found, changed_to in steps
    ]
    return FeedbackFacts(MONDAY, FeedbackKind.COMPLAINT, case=CaseFacts(MONDAY, OFFICE, events))


def test_it_counts_from_submission_to_the_first_judgement():
    found = judging_of(
        reckon(
            [
                case((2, E.VERDICT, Attribution.AGENCY, None)),
                case((3, E.VERDICT_PROPOSED, None, None)),
                case(
                    (1, E.VERDICT_PROPOSED, None, None),
                    (2, E.VERDICT_ANSWERED, None, "objected"),
                    (4, E.VERDICT, Attribution.PROVIDER, None),
                    (5, E.VERDICT_CONTESTED, None, None),
                ),
                case(),
                case((1, E.DUPLICATE, None, None)),
            ],
            MONDAY + timedelta(hours=6),
        ),
        MONDAY + timedelta(hours=6),
    )

    assert (found.judged.numerator, found.judged.denominator) == (2, 4)
    assert (found.hours.p50, found.hours.p90, found.hours.n, found.hours.censored) == (2, None, 4, 1)
    assert (found.in_reply, found.contested) == (1, 1)


@pytest.mark.parametrize(("hours", "judged"), [(1, 0), (2, 1)])
def test_what_came_later_does_not_exist(hours, judged):
    as_of = MONDAY + timedelta(hours=hours)

    found = judging_of(reckon([case((2, E.VERDICT, Attribution.AGENCY, None))], as_of), as_of)

    assert found.judged.numerator == judged
    assert found.hours.censored == 1 - judged


def test_under_another_contract_it_is_judged_anew():
    as_of = MONDAY + timedelta(hours=4)
    proposed, objected = (1, E.VERDICT_PROPOSED, None, None), (2, E.VERDICT_ANSWERED, None, "objected")
    moved = case(proposed, objected, (3, E.MOVED, None, "C-002"))
    # As files of history have it, which tell of one contract.
    told = case(proposed, objected, (3, E.MOVED, None, None))

    found = judging_of(reckon([moved], as_of), as_of)

    assert (found.in_reply, found.judged.numerator, found.hours.censored) == (0, 0, 1)
    assert judging_of(reckon([told], as_of), as_of).in_reply == 1
    assert (is_disputed(moved), is_disputed(told)) == (False, True)
