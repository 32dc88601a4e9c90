"""Patterns by table: what crosses a threshold, what just does not, and that nothing else is said."""

from datetime import UTC, datetime, timedelta

import pytest

from app.gaming_watch.rules import (
    DEFAULTS,
    OF_PATTERN,
    Deed,
    Finding,
    Pattern,
    Rating,
    Threshold,
    Withdrawal,
    crowds,
    findings,
    plain,
    weight_of,
)
from app.kernel.words import Actor, EventKind

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
RESOLVED, REJECTED, ASKED = EventKind.RESOLVED, EventKind.REJECTED, EventKind.ASKED
REPLIED, DUPLICATE = EventKind.REPLIED, EventKind.DUPLICATE
LONG_AGO = timedelta(days=3)


def deeds(n, kind, *, apart=timedelta(hours=2), after=LONG_AGO, used=0.3, words=None, side=Actor.PROVIDER, **more):
    """So many cases of one contract; each with words of its own unless they are given."""
    return [
        Deed(
            case=f"C{kind}{nth}",
            contract_id=1,
            side=side,
            kind=kind,
            at=START + nth * apart,
            sent_at=START + nth * apart - after,
            used=used,
            words=words or f"We have looked at this one and {'x' * nth} it is done now.",
            **more,
        )
        for nth in range(n)
    ]


def ratings(n, apart, rating=5, site="RS-001"):
    return [Rating(f"F{nth}", 1, site, rating, START + nth * apart) for nth in range(n)]


def withdrawals(n, after):
    return [
        Withdrawal(f"C{nth}", 1, Actor.PROVIDER, START + nth * LONG_AGO + after, START + nth * LONG_AGO)
        for nth in range(n)
    ]


def in_vain(cases, times):
    """So many cases in which one side asked so many times, and nobody answered."""
    return deeds(cases, ASKED, is_unanswered=True) * times


MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "rated", "taken_back", "wanted"),
    [
        ([], [], [], set()),
        (deeds(40, RESOLVED), [], [], set()),
        # closed within minutes
        (deeds(3, RESOLVED, after=5 * MINUTES), [], [], {"quick"}),
        (deeds(3, RESOLVED, after=6 * MINUTES), [], [], set()),
        (deeds(2, RESOLVED, after=1 * MINUTES), [], [], set()),
        (deeds(3, REPLIED, after=1 * MINUTES), [], [], set()),
        # just before the limit, and a good part of all
        (deeds(5, RESOLVED, used=0.97), [], [], {"at_the_limit"}),
        (deeds(5, RESOLVED, used=0.94), [], [], set()),
        (deeds(5, RESOLVED, used=1.01), [], [], set()),
        (deeds(5, RESOLVED, used=None), [], [], set()),
        (deeds(4, RESOLVED, used=0.97), [], [], set()),
        # many at once
        (deeds(5, RESOLVED, apart=timedelta(seconds=15)), [], [], {"at_once"}),
        (deeds(5, RESOLVED, apart=timedelta(seconds=16)), [], [], set()),
        # mass rejections: in a day
        (deeds(5, REJECTED, apart=6 * HOURS), [], [], {"rejections"}),
        (deeds(5, REJECTED, apart=7 * HOURS), [], [], set()),
        (deeds(4, REJECTED), [], [], set()),
        # without substance
        (deeds(3, REPLIED, words="OK, done."), [], [], {"short"}),
        (deeds(3, REPLIED, words="已处理。"), [], [], {"short"}),
        (deeds(3, REPLIED, words="垃圾已于今天上午清运完毕。"), [], [], set()),
        (deeds(2, REPLIED, words="OK, done."), [], [], set()),
        (deeds(3, REPLIED, words="A crew comes soon."), [], [], set()),
        (deeds(3, ASKED, words="Which?"), [], [], set()),
        (deeds(5, REPLIED, words="Thank you, we have passed this on to the crew."), [], [], {"repeated"}),
        (deeds(4, REPLIED, words="Thank you, we have passed this on to the crew."), [], [], set()),
        # bursts of ratings
        ([], ratings(10, MINUTES), [], {"burst"}),
        ([], ratings(10, 1.2 * MINUTES), [], set()),
        ([], ratings(9, MINUTES), [], set()),
        ([], ratings(5, MINUTES) + ratings(5, MINUTES, rating=1), [], set()),
        ([], ratings(5, MINUTES) + ratings(5, MINUTES, site="RS-002"), [], set()),
        # questions that stop the clock in time
        (deeds(3, ASKED, used=0.9), [], [], {"pauses"}),
        (deeds(3, ASKED, used=1.1), [], [], set()),
        (deeds(2, ASKED, used=0.95), [], [], set()),
        # asked again and again in one case, in vain
        (in_vain(2, 2), [], [], {"unanswered"}),
        (in_vain(1, 5), [], [], set()),
        (in_vain(5, 1), [], [], set()),
        (deeds(5, ASKED) * 2, [], [], set()),
        # taken back after the contact was looked up
        ([], [], withdrawals(2, 24 * HOURS), {"after_a_call"}),
        ([], [], withdrawals(2, 25 * HOURS), set()),
        ([], [], withdrawals(1, 1 * HOURS), set()),
        # duplicates that hide
        (deeds(2, DUPLICATE, used=0.9), [], [], {"duplicates"}),
        (deeds(2, DUPLICATE, into_over=True), [], [], {"duplicates"}),
        (deeds(2, DUPLICATE, into_other=True), [], [], {"duplicates"}),
        (deeds(9, DUPLICATE), [], [], set()),
    ],
)
def test_what_crosses_its_threshold(said, rated, taken_back, wanted):
    found = findings(said, rated, taken_back, DEFAULTS)

    assert {str(each.pattern) for each in found} == wanted


def test_a_finding_has_its_evidence_and_opens_its_cases():
    (found,) = findings(deeds(6, DUPLICATE, used=0.95, into_over=True, side=Actor.AGENCY), [], [], DEFAULTS)

    assert found == Finding(
        pattern=Pattern.DUPLICATES,
        contract_id=1,
        side=Actor.AGENCY,
        cases=tuple(f"Cduplicate{nth}" for nth in range(6)),
        least=2,
        since=START,
        until=START + 10 * HOURS,
        more={"percent": 90, "late": 6, "over": 6, "other": 0},
    )


def test_few_of_many_at_the_limit_are_chance():
    late, early = deeds(5, RESOLVED, used=0.97), deeds(30, RESOLVED)
    others = [
        Deed(f"E{nth}", 1, Actor.PROVIDER, RESOLVED, each.at, each.sent_at, 0.4) for nth, each in enumerate(early)
    ]

    assert findings(late + others, [], [], DEFAULTS) == []
    (found,) = findings(late + others[:20], [], [], DEFAULTS)
    assert (found.count, found.more["of"]) == (5, 25)


def test_sides_and_contracts_are_looked_at_by_themselves():
    half = deeds(2, RESOLVED, after=MINUTES)
    of_agency = [Deed(f"A{nth}", 1, Actor.AGENCY, RESOLVED, e.at, e.sent_at, 0.1) for nth, e in enumerate(half)]
    elsewhere = [Deed(f"B{nth}", 2, Actor.PROVIDER, RESOLVED, e.at, e.sent_at, 0.1) for nth, e in enumerate(half)]

    assert findings(half + of_agency + elsewhere, [], [], DEFAULTS) == []


def test_a_case_counts_once():
    once = deeds(1, REPLIED, words="OK.") * 5

    assert findings(once, [], [], DEFAULTS) == []


def test_thresholds_are_the_agencys():
    strict = {**DEFAULTS, Threshold.QUICK_CASES: 1, Threshold.QUICK_MINUTES: 60}

    (found,) = findings(deeds(1, RESOLVED, after=59 * MINUTES), [], [], strict)
    assert (found.pattern, found.least, found.more) == (Pattern.QUICK, 1, {"minutes": 60})


def test_a_crowd_is_whole():
    at = [0, 1, 2, 30, 31, 32, 33, 90]
    dated = [Rating(f"F{minute}", 1, "S", 5, START + minute * MINUTES) for minute in at]

    assert [each.case for each in crowds(dated, 3 * MINUTES, 4)] == ["F30", "F31", "F32", "F33"]
    assert len(crowds(dated, 3 * MINUTES, 3)) == 7
    assert crowds([], MINUTES, 1) == []


@pytest.mark.parametrize(
    ("text", "weight"), [("", 0), ("OK!", 2), ("已处理", 9), ("Done: 3 bins", 9), ("...", 0), ("ＯＫ", 2)]
)
def test_how_much_a_text_can_say(text, weight):
    assert weight_of(text) == weight


def test_the_same_words_are_the_same_however_they_are_set():
    assert plain("Dear [name],  we CAME on 3 Nov.") == plain("dear [name] - we came on 14 nov!")
    assert plain("已处理。") == plain("已处理！")
    assert plain("12:30 …") == ""


def test_every_pattern_has_its_thresholds_and_every_threshold_a_default():
    assert set(OF_PATTERN) == set(Pattern)
    assert sorted(name for names in OF_PATTERN.values() for name in names) == sorted(Threshold)
    assert set(DEFAULTS) == set(Threshold)
