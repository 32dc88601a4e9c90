"""What sentences say where there is one of a thing, or nothing yet."""

from types import SimpleNamespace

import pytest

from app.cases.queries import LimitUsed
from app.cases.wording import clock_words
from app.kernel.shares import share_of
from app.kernel.words import Direction, Limit
from app.measures.cohort import LastWord
from app.measures.kpi_rating import Kpi, TargetVerdict, rate_share
from app.measures.notable_changes import Change
from app.measures.survival import Times
from app.reports import overview_sentences, sentences
from app.reports.report import Tones
from app.reports.rules import leaders
from tests.browser_client import as_read


@pytest.fixture(autouse=True)
def english(app):
    with app.test_request_context("/?lang=en"):
        yield


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (Times(None, None, 0, 0), "there are no cases"),
        (Times(None, None, 9, 6), "fewer than half are done yet"),
        (Times(3.5, None, 9, 2), "half within 3.5 working hours; fewer than 90 % are done yet"),
        (Times(3.5, 12.0, 9, 0), "half within 3.5 working hours, 90 % within 12"),
    ],
)
def test_what_is_not_reached_is_said_in_words(times, said):
    assert as_read(sentences.within(times)) == said


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([(2, 3)], "Under the contract, 67 % were answered in time."),
        ([(2, 3), (4, 6)], "Under each of 2 contracts, 67 % were answered in time."),
        ([(2, 3), (1, 2)], "Of 2 contracts, between 50 % and 67 % were answered in time."),
        ([(0, 0)], "No limit to answer has fallen in this period."),
    ],
)
def test_contracts_that_do_not_differ_are_no_span(shares, said):
    overview = SimpleNamespace(lines=[SimpleNamespace(on_time=share_of(*each)) for each in shares])

    assert as_read(overview_sentences.contracts(overview)).startswith(said)


@pytest.mark.parametrize(
    ("percent", "told", "said"),
    [
        (32, (), "32 % is used"),
        (100, (), "100 % is used"),
        (131, (), "overdue: 31 % more than its limit"),
        (531, (50, 80, 100), "overdue: 5 times its limit; somebody was told at 50, 80, 100 %"),
    ],
)
def test_beyond_a_limit_it_is_said_how_far(percent, told, said):
    assert as_read(clock_words([LimitUsed(Limit.RESPOND, percent, told)], "respond")) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            LastWord(claimed=0, confirmed=1, contested=0, silent=0),
            "Of 1 case said to be resolved, residents confirmed 1, contest 0 and stayed silent about 0.",
        ),
        (
            LastWord(claimed=2, confirmed=4, contested=1, silent=1),
            "Of 8 cases said to be resolved, residents confirmed 4, contest 1 and stayed silent about 1. "
            "About 2 they may still say something.",
        ),
    ],
)
def test_of_no_case_it_is_said_that_residents_may_still_speak(found, said):
    assert as_read(sentences.outcomes(found)) == said


@pytest.mark.parametrize(
    ("negative", "said"),
    [
        ((48, 3, 0), "Named negatively most often is Timeliness: 48 of its 99 mentions are negative."),
        ((48, 0, 0), "Only Timeliness is named negatively: 48 of its 99 mentions are negative."),
        ((4, 4, 0), "These are named negatively, none clearly more often than another: Timeliness (4 of 99), "),
        ((9, 8, 1), "Named negatively most often, none clearly more than another: Timeliness (9 of 99), "),
        ((0, 0, 0), "No aspect is named negatively."),
    ],
)
def test_mentions_are_no_complaints_and_noise_is_not_ranked(negative, said):
    found = {
        aspect: Tones(negative=n, neutral=30, positive=69 - n)
        for aspect, n in zip(("timeliness", "cleanliness", "staff"), negative, strict=True)
    }

    assert as_read(sentences.aspects(found)).startswith(said)


@pytest.mark.parametrize(
    ("overdue", "said"),
    [
        ((), "No site has an overdue case."),
        ((0, 0), "No site has an overdue case."),
        ((1,), "1 overdue case: A."),
        ((5, 0), "All 5 overdue cases: A."),
        ((3, 2), "Overdue cases, at no site clearly more than at another: A (3), B (2)."),
        ((3, 3, 3), "Overdue cases, at no site clearly more than at another: A (3), B (3), C (3)."),
        ((9, 1), "Most overdue cases: A, 9 of 10."),
        ((9, 8, 1), "Most overdue cases, at none of these clearly more than at another: A (9), B (8)."),
        (
            (2, 2, 2, 2, 2, 1, 1),
            "Overdue cases, at no site clearly more than at another: A (2), B (2), C (2), D (2), E (2), 2 others.",
        ),
    ],
)
def test_sites_that_cannot_be_told_apart_are_all_named(overdue, said):
    sites = [SimpleNamespace(code=name, name=name, overdue=n) for name, n in zip("ABCDEFG", overdue, strict=False)]
    report = SimpleNamespace(sites=sites, figures=SimpleNamespace(overdue=SimpleNamespace(value=sum(overdue))))

    assert as_read(sentences.sites(report)) == said


@pytest.mark.parametrize(
    ("counts", "first"),
    [
        ({}, []),
        ({"a": 0}, []),
        ({"a": 5, "b": 5}, ["a", "b"]),
        # 5 against 0 comes by chance in one of 16 cases, 6 against 0 in one of 32.
        ({"a": 6, "b": 1, "c": 1}, ["a", "b", "c"]),
        ({"a": 9, "b": 1, "c": 1}, ["a"]),
        ({"a": 60, "b": 40}, ["a", "b"]),
        ({"a": 61, "b": 39}, ["a"]),
        # Beyond 200 by the normal distribution; 116 against 85 is one of 30.
        ({"a": 116, "b": 85}, ["a"]),
        ({"a": 112, "b": 89}, ["a", "b"]),
        ({"a": 500_000, "b": 499_000, "c": 490_000}, ["a", "b"]),
    ],
)
def test_only_what_stands_out_leads(counts, first):
    assert leaders(counts) == first


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ([(1, 20)], "Of 1 contract with KPIs, 1 misses a target beyond doubt, 0 meets all of its own beyond doubt."),
        (
            [(1, 20), (18, 20), (17, 20)],
            "Of 3 contracts with KPIs, 1 miss a target beyond doubt, 0 meet all of theirs beyond doubt. "
            "Of 2 it cannot be told.",
        ),
    ],
)
def test_others_are_told_of_only_where_there_are_others(ratings, said):
    lines = [
        SimpleNamespace(
            reference="C-001",
            ratings=(rating := rated(*each),),
            missed=("K2",) if rating.sure_verdict == TargetVerdict.MISSED else (),
        )
        for each in ratings
    ]
    overview = SimpleNamespace(lines=lines, on_time=share_of(0, 0))

    assert overview_sentences.verdict(overview).startswith(f"{said} Missed beyond doubt: C-001 (K2).")


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([((0, 0), (3, 4))], "The period before had no figures at the same age"),
        ([((3, 4), (0, 0))], "This period has no figures yet"),
        ([((0, 0), (0, 0))], "Neither this period nor the one before it has figures yet"),
        ([((3, 4), (0, 0)), ((0, 0), (3, 4))], "No share has figures in both periods at the same age"),
    ],
)
def test_where_nothing_can_be_compared_it_says_which_side_is_missing(pairs, said):
    changes = tuple(Change("response_rate", share_of(*before), share_of(*now), None, False) for before, now in pairs)
    report = SimpleNamespace(changes=changes)

    assert as_read(sentences.no_change(report)).startswith(said)
    assert as_read(overview_sentences.no_change(report)) == sentences.no_change(report)


@pytest.mark.parametrize(
    ("quarters", "before", "said"),
    [
        ([0, 0, 0, 4], 0, "The first of these quarters with figures: there is nothing before it to compare with."),
        ([4, 0, 0, 4], 0, "The last quarter has no figures"),
        ([0, 0, 4, 4], 0, "The last quarter had no figures yet at this age"),
        ([0, 0, 4, 0], 4, "No figures yet in this quarter"),
        ([0, 0, 0, 0], 0, "No figures yet."),
    ],
)
def test_under_a_trend_it_says_what_is_missing(quarters, before, said):
    assert as_read(sentences.nothing_under([share_of(0, n) for n in quarters], share_of(0, before))).startswith(said)


def rated(numerator, denominator, not_yet_due=0):
    kpi = Kpi("K2", "resolution_rate", Direction.AT_LEAST, 0.9, 0.7, 0.5, 5)
    return rate_share(kpi, share_of(numerator, denominator), not_yet_due=not_yet_due)


@pytest.mark.parametrize(
    ("rating", "against", "so_far", "verdict"),
    [
        (rated(12, 20), "Target missed, whichever of these ratings it is", "", "Missed beyond doubt: K2."),
        (
            rated(12, 20, 8),
            "Target missed so far",
            "Provisional: 8 of 20 are not yet due and may turn it.",
            "No target is missed beyond doubt.",
        ),
        (rated(2, 20, 1), "Target missed", "1 of 20 are not yet due; they cannot turn it.", "Missed beyond doubt: K2."),
    ],
)
def test_beyond_doubt_is_only_what_cases_not_yet_due_cannot_turn(rating, against, so_far, verdict):
    figures = SimpleNamespace(
        on_time_response_rate=share_of(9, 10), open=SimpleNamespace(value=8), overdue=SimpleNamespace(value=1)
    )
    report = SimpleNamespace(ratings=(rating,), figures=figures)

    assert as_read(sentences.against_target(rating)) == against
    assert as_read(sentences.so_far(rating)) == so_far
    assert sentences.verdict(report).endswith(verdict)
    assert as_read(sentences.kpis(report)).endswith(so_far or f"The contract has one KPI: {against}.")


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([], "The contract sets no KPIs."),
        ([(40, 40)], "The contract has one KPI: Target met"),
        (
            [(40, 40), (4, 40)],
            "Of 2 KPIs, 1 meets its target, 1 misses it beyond doubt, and of 0 it cannot be told.",
        ),
        (
            [(40, 40), (40, 40), (4, 40), (4, 40), (18, 20)],
            "Of 5 KPIs, 2 meet their target, 2 miss it beyond doubt, and of 1 it cannot be told.",
        ),
        ([(18, 20)] * 2, "Of 2 KPIs, 0 meet their target, 0 miss it beyond doubt, and of 2 it cannot be told."),
    ],
)
def test_kpis_are_counted_in_right_numbers(shares, said):
    report = SimpleNamespace(ratings=[rated(*share) for share in shares])

    assert sentences.kpis(report).startswith(said)


def test_in_chinese_each_rating_has_quotation_marks_of_its_own(app):
    with app.test_request_context("/?lang=zh"):
        said = sentences.judged(rated(16, 20))

    assert as_read(said) == "接近达标，与“好”或“需要改进”尚难区分"
