"""What is kept of a day says at every later moment what its events say."""

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from app.kernel.words import Channel, FeedbackKind
from app.kernel.working_time import WorkingCalendar, microseconds
from app.measures.clocks import CaseFacts, clocks_of, moments_of, turning_points
from app.measures.day_counts import Counted, keep, last_of
from app.measures.facts import FeedbackFacts, reckon
from app.measures.grave_cases import Grave, Identity, Told, told_among
from app.measures.membership import OF_CASE
from app.measures.rollup import counted_live
from app.measures.tally import Tally
from app.measures.verdict_progress import is_disputed
from tests.unit.measures.random_histories import NOW, feedback

ZONE = "Asia/Shanghai"
NONE = ({}, {}, {})
CALENDAR = {
    "weekdays": [0, 1, 2, 3, 4, 5],
    "start": "09:00",
    "end": "17:30",
    "holidays": ["2026-10-01", "2026-10-02"],
    "extra_workdays": [],
}


def counted(number, made):
    case = CaseFacts(
        made["at"], WorkingCalendar.from_dict(CALENDAR, ZONE), made["events"], made["respond"], made["resolve"], 5
    )
    facts = FeedbackFacts(made["at"], made["kind"], made["rating"], made["sentiment"], tuple(made["aspects"]), case)
    return Counted(number, facts, made["where"], made["where"], Channel.WEB, json.dumps(CALENDAR), ZONE)


def plain(tally):
    return (
        {key: n for key, n in tally.yes.items() if n},
        {key: n for key, n in tally.no.items() if n},
        {key: sorted(clocks) for key, clocks in tally.clocks.items()},
    )


def moments_of_interest(day, more):
    """Whenever, and around the moments at which something happens or turns."""
    found = [NOW, *(last_of(each.facts) + after for each in day for after in more)]
    for each in day:
        for moment in moments_of(each.facts.case):
            found += [moment - timedelta(microseconds=1), moment, moment + timedelta(microseconds=1)]
    return found


@settings(max_examples=150)
@given(
    some.lists(feedback(), max_size=5),
    some.lists(some.timedeltas(timedelta(0), timedelta(days=90)), min_size=2, max_size=2),
)
def test_a_kept_day_says_what_its_events_say_at_any_moment(made, more):
    day = [counted(nth, each) for nth, each in enumerate(made)]
    kept = keep(day)
    kept = kept._replace(clocks=json.loads(json.dumps(kept.clocks)))

    for at in moments_of_interest(day, more):
        ours = kept.counts_at(at)
        theirs = counted_live([each for each in day if each.facts.submitted_at <= at], at)
        has_clocks = microseconds(at) >= kept.clocks_from
        assert {name: plain(tally) for name, tally in ours.items() if plain(tally) != NONE} == {
            name: plain(tally if has_clocks else Tally(tally.yes, tally.no)) for name, tally in theirs.items()
        }


@settings(max_examples=150)
@given(some.lists(feedback(), max_size=4), some.timedeltas(timedelta(0), timedelta(days=200)))
def test_those_told_by_themselves_are_the_grave_and_the_disputed_at_any_moment_from_their_last_event_on(made, after):
    for each in (counted(nth, each) for nth, each in enumerate(made)):
        last = last_of(each.facts)
        who = Identity(each.id, f"{each.id}", each.site_id, is_urgent=False, is_given=True)
        told = next(iter(told_among([(who, *reckon([each.facts], last))])), None)
        for at in (last, last + after):
            (reckoned,) = reckon([each.facts], at)
            waits_far = is_far_beyond(reckoned.clocks)
            assert (Grave.FAR_BEYOND_LIMIT in told.why(microseconds(at)) if told else False) == waits_far
        assert (told.is_disputed if told else False) == is_disputed(each.facts)
        assert told is None or Told(*json.loads(json.dumps(list(told)))) == told


def is_far_beyond(clocks):
    """As a person would say it, with both in hand."""
    if clocks is None or not clocks.state.is_open:
        return False
    hours, limit = (
        (clocks.resolution_hours, clocks.resolve_within_hours)
        if clocks.is_answered
        else (clocks.response_hours, clocks.respond_within_hours)
    )
    return limit is not None and hours > 3 * limit


@settings(max_examples=150)
@given(feedback(), some.floats(0, 1))
def test_between_two_turning_points_nothing_counted_of_a_case_changes(made, share):
    each = counted(1, made)
    case = each.facts.case
    last = last_of(each.facts)
    turns = [at for at in turning_points(case, clocks_of(case, last).state) if at > last]
    for since, until in zip([last, *turns], [*turns, last + timedelta(days=400)], strict=True):
        between = min(since + share * (until - since), until - timedelta(microseconds=1))
        a, b = clocks_of(case, since), clocks_of(case, max(since, between))
        assert [of(a) for of in OF_CASE.values()] == [of(b) for of in OF_CASE.values()]


def test_a_limit_that_falls_at_the_end_of_a_day_is_passed_in_the_next_morning():
    opening = NOW.replace(hour=1, minute=0)  # 09:00 of a Friday in Shanghai
    made = {"at": opening, "kind": FeedbackKind.COMPLAINT, "rating": 1, "sentiment": None, "aspects": [], "where": 0}
    case = counted(1, made | {"events": [], "respond": 8.5, "resolve": None}).facts.case

    (turn,) = turning_points(case, clocks_of(case, opening).state)

    assert turn - opening == timedelta(hours=24, microseconds=1)
    assert not clocks_of(case, turn - timedelta(microseconds=1)).is_response_late
    assert clocks_of(case, turn).is_response_late


def test_nothing_is_kept_of_a_day_without_feedback():
    assert keep([]).counts_at(NOW) == {}
