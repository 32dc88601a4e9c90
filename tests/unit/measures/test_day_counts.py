"""What is kept of a day says at every later moment what its events say."""

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from app.kernel.words import Channel, FeedbackKind
from app.kernel.working_time import WorkingCalendar
from app.measures.clocks import CaseFacts, clocks_of, turning_points
from app.measures.day_counts import Counted, add_up, brief, keep, last_of, whole_of_day
from app.measures.facts import FeedbackFacts
from app.measures.membership import OF_CASE
from app.measures.rollup import counted_live
from app.measures.tally import NOTHING
from tests.unit.measures.random_histories import NOW, feedback

ZONE = "Asia/Shanghai"
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
    """After the last event: whenever, and around the moments at which something turns."""
    last = max((last_of(each.facts) for each in day), default=NOW)
    found = [last, NOW, *(last + after for after in more)]
    for each in day:
        state = clocks_of(each.facts.case, last).state
        for turn in turning_points(each.facts.case, state):
            found += [turn - timedelta(microseconds=1), turn, turn + timedelta(microseconds=1)]
    return [at for at in found if at >= last]


@settings(max_examples=150)
@given(
    some.lists(feedback(), max_size=5),
    some.lists(some.timedeltas(timedelta(0), timedelta(days=90)), min_size=2, max_size=2),
)
def test_a_kept_day_says_what_its_events_say_at_any_moment_from_the_last_of_them_on(made, more):
    day = [counted(nth, each) for nth, each in enumerate(made)]
    kept = json.loads(json.dumps(keep(day)))

    for at in moments_of_interest(day, more):
        ours, in_brief = {}, {}
        add_up(ours, kept, at)
        add_up(in_brief, brief(kept), at)
        theirs = counted_live(day, at)
        assert plain(whole_of_day(kept, at))[:2] == plain(theirs.get("all", NOTHING))[:2]

        assert {name: plain(tally) for name, tally in ours.items()} == {
            name: plain(tally) for name, tally in theirs.items()
        }
        assert {name: plain(tally) for name, tally in in_brief.items()} == {
            name: (*plain(tally)[:2], {})
            for name, tally in theirs.items()
            if not name.startswith(("site", "clause", "validated-"))
        }


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
    assert keep([]) == brief(keep([])) == {"parts": {}, "running": {}, "turns": [], "turned": {}}
