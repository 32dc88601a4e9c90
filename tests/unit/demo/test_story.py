"""The demo's twelve weeks hold the shares they promise, and every case moves as the pages allow."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from app.cases.history import CaseState, EventFacts, fold
from app.cases.rules import check_move
from app.demo.directory import HANDED_OVER, HILLSIDE, PARKS, RIVERSIDE, STREETS, directories
from app.demo.story import Story, story
from app.demo.texts import sections
from app.directory.rules import read_directory
from app.histories.rules import PastEvent
from app.kernel.words import EventKind, FeedbackKind
from app.kernel.working_time import WorkingCalendar, hours_between

UNTIL = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module", params=[UNTIL, datetime(2027, 3, 1, 0, 5, tzinfo=UTC)], ids=["november", "march"])
def told(request: pytest.FixtureRequest) -> dict[str, Story]:
    return {slug: story(slug, request.param) for slug in (RIVERSIDE, HILLSIDE)}


def histories(told: dict[str, Story]) -> dict[str, list[PastEvent]]:
    """The events of every complaint, in order."""
    found: dict[str, list[PastEvent]] = defaultdict(list)
    for each in told.values():
        for said in each.feedback:
            if said.kind == FeedbackKind.COMPLAINT:
                found[said.reference] = []
        for event in each.events:
            found[event.reference].append(event)
    return found


def facts(events: list[PastEvent]) -> list[EventFacts]:
    return [EventFacts(e.at, e.kind, e.actor, e.rating, e.attribution) for e in events]


def states(told: dict[str, Story]) -> list[CaseState]:
    return [fold(facts(events)) for events in histories(told).values()]


def test_it_has_the_shares_it_promises(told):
    feedback = [said for each in told.values() for said in each.feedback]
    cases = states(told)
    ever_resolved = [case for case in cases if case.was_resolved]

    assert (len(told[RIVERSIDE].feedback), len(told[HILLSIDE].feedback)) == (900, 600)
    assert len(cases) == 500
    assert sum(said.language == "zh" for said in feedback) == 600
    assert sum(case.is_open for case in cases) / len(cases) == pytest.approx(0.10, abs=0.01)
    reopened = sum(case.was_reopened for case in ever_resolved)
    assert reopened / len(ever_resolved) == pytest.approx(0.08, abs=0.01)


def test_every_event_is_a_move_that_the_pages_allow(told):
    for events in histories(told).values():
        for number, event in enumerate(events):
            before = facts(events[:number])
            check_move(fold(before), [each.kind for each in before], event.kind, event.actor)


def test_nothing_happens_before_the_submission_or_after_the_withdrawal(told):
    submitted = {said.reference: said.submitted_at for each in told.values() for said in each.feedback}
    for reference, events in histories(told).items():
        times = [event.at for event in events]
        assert times == sorted(set(times))
        assert times[0] > submitted[reference]
        assert EventKind.WITHDRAWN not in [event.kind for event in events[:-1]]


def test_one_provider_slips_from_week_seven_and_the_others_do_not():
    each = story(RIVERSIDE, UNTIL)
    agency = directories(UNTIL.date())[0]["agency"]
    calendar = WorkingCalendar.from_dict(agency["calendar"], agency["timezone"])
    by_reference = histories({RIVERSIDE: each})
    waits: dict[tuple[bool, bool], list[float]] = defaultdict(list)
    for said in each.feedback:
        answered = fold(facts(by_reference[said.reference])).first_response_at if said.clause else None
        if answered:
            is_late = said.submitted_at > UNTIL - timedelta(weeks=6)
            waits[said.contract == STREETS, is_late].append(hours_between(calendar, said.submitted_at, answered))

    median = {key: sorted(hours)[len(hours) // 2] for key, hours in waits.items()}
    assert median[True, True] > 1.5 * median[True, False]
    assert median[False, True] < 1.5 * median[False, False]


def test_the_site_that_changed_hands_is_always_of_one_contract():
    each = story(RIVERSIDE, UNTIL)
    there = [said for said in each.feedback if said.site == HANDED_OVER]

    contracts = [said.contract for said in there]
    assert set(contracts) == {STREETS, PARKS}
    assert contracts == sorted(contracts, reverse=True)


def test_fewer_write_at_weekends(told):
    days = [said.submitted_at.weekday() for each in told.values() for said in each.feedback]
    assert sum(day >= 5 for day in days) / 2 < 0.75 * sum(day < 5 for day in days) / 5


def test_the_same_moment_tells_the_same_story():
    assert story(HILLSIDE, UNTIL) == story(HILLSIDE, UNTIL)


def test_its_directories_are_ones_that_can_be_imported():
    for data in directories(UNTIL.date()):
        spec, problems = read_directory(data)
        assert problems == []
        assert len(spec.contracts) == 3
        assert all(len(contract.clauses) >= 2 and contract.kpis for contract in spec.contracts)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_keeps_a_gap_and_there_are_enough(language):
    kinds = {"complaint", "praise", "suggestion", "mixed"}
    assert sum(len(texts) for name, texts in sections(language).items() if name.rpartition(".")[2] in kinds) >= 60
    texts = [said.text for slug in (RIVERSIDE, HILLSIDE) for said in story(slug, UNTIL).feedback if said.text]
    assert not [text for text in texts if "{" in text or "}" in text]
