"""What is counted among feedback of every kind; the example histories hold the rest."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.cases.history import EventFacts
from app.kernel.periods import Period
from app.kernel.words import Actor, Aspect, Attribution, EventKind, FeedbackKind, Sentiment
from app.kernel.working_time import WorkingCalendar
from app.measures.clocks import CaseFacts
from app.measures.cohort import KEYS, SHARES, NotYetDue, cohort_of, measure
from app.measures.facts import FeedbackFacts
from tests.unit.cases.test_history import history

CALENDAR = WorkingCalendar("UTC")
AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
AS_OF = datetime(2026, 9, 8, 8, tzinfo=UTC)


def complaint(text="", *, attribution=None, **facts):
    events = history(text)
    if attribution:
        events.append(EventFacts(AT + timedelta(days=1), EventKind.VERDICT, Actor.AGENCY, None, attribution))
    return FeedbackFacts(AT, FeedbackKind.COMPLAINT, case=CaseFacts(AT, CALENDAR, events, 8, 40), **facts)


def other(**facts):
    return FeedbackFacts(AT, FeedbackKind.RATING, **facts)


def test_a_cohort_of_nothing_has_nulls_and_no_zeros_for_shares():
    measures = measure([], AS_OF).to_json()["measures"]

    assert list(measures) == list(KEYS)
    assert all(measures[key]["value"] is None and measures[key]["denominator"] == 0 for key in SHARES)
    assert measures["response_hours"] == {"p50": None, "p90": None, "n": 0, "censored": 0}


def test_a_duplicate_leaves_the_cases_and_stays_in_what_was_received():
    figures = measure([complaint("resolved duplicate", rating=5), complaint("withdrawn", rating=1)], AS_OF).figures

    assert (figures.received.value, figures.cases.value) == (2, 1)
    assert (figures.duplicates.value, figures.withdrawn.value) == (1, 1)
    assert figures.service_satisfaction.denominator == 2
    assert figures.response_rate.denominator == 0


@pytest.mark.parametrize(
    ("text", "after", "answers", "resolutions"),
    [
        ("", 2, 1, 1),
        ("", 30, 0, 1),  # the limit to answer is 8 hours, that to resolve 40
        ("", 400, 0, 0),
        ("replied", 2, 0, 1),
        ("withdrawn", 2, 0, 0),
        ("withdrawn", 400, 0, 0),
        ("duplicate", 2, 0, 0),
        ("rejected", 2, 0, 0),
        ("resolved", 2, 0, 0),
        ("resolved reopened", 3, 0, 1),
        ("rejected reopened", 3, 0, 1),
    ],
)
def test_not_yet_due_is_what_is_open_with_its_limit_to_come(text, after, answers, resolutions):
    found = measure([complaint(text)], AT + timedelta(hours=after)).not_yet_due

    assert (found.answers, found.resolutions) == (answers, resolutions)


def test_what_has_no_limit_is_never_due():
    facts = FeedbackFacts(AT, FeedbackKind.COMPLAINT, case=CaseFacts(AT, CALENDAR, history("")))

    assert measure([facts], AS_OF).not_yet_due == NotYetDue(0, 0)


def test_feedback_that_is_no_complaint_has_no_case_whatever_happened_to_it():
    facts = FeedbackFacts(AT, FeedbackKind.SUGGESTION, rating=1, case=complaint("replied").case)

    figures = measure([facts], AS_OF).figures
    assert (figures.cases.value, figures.unhappy_without_case.value) == (0, 1)


@pytest.mark.parametrize(
    ("feedback", "count"),
    [
        (other(rating=1), 1),
        (other(rating=2), 1),
        (other(rating=3), 0),
        (other(rating=5, sentiment=Sentiment.NEGATIVE), 1),
        (other(), 0),
        (complaint(rating=1, sentiment=Sentiment.NEGATIVE), 0),
    ],
)
def test_the_unhappy_without_a_case(feedback, count):
    assert measure([feedback], AS_OF).figures.unhappy_without_case.value == count


def test_what_was_not_read_is_in_no_denominator_of_sentiment():
    measures = measure(
        [
            other(sentiment=Sentiment.NEGATIVE, aspects=(Aspect.STAFF, Aspect.COST)),
            other(sentiment=Sentiment.POSITIVE, aspects=(Aspect.STAFF,)),
            other(rating=1),
        ],
        AS_OF,
    )

    assert (measures.figures.negative_share.numerator, measures.figures.negative_share.denominator) == (1, 2)
    aspects = measures.to_json()["aspects"]
    assert list(aspects) == [str(aspect) for aspect in Aspect]
    assert aspects["staff"]["mentions"] == 2
    assert aspects["staff"]["negative"]["value"] == 0.5
    assert aspects["cost"]["negative"]["value"] == 1
    assert aspects["safety"] == {
        "mentions": 0,
        "negative": {"value": None, "numerator": 0, "denominator": 0, "low": None, "high": None},
    }


def test_validated_counts_the_cases_found_attributable_to_the_provider():
    measures = measure(
        [
            complaint("replied", attribution=Attribution.PROVIDER),
            complaint(attribution=Attribution.PROVIDER),
            complaint(attribution=Attribution.AGENCY),
            complaint("duplicate", attribution=Attribution.PROVIDER),
            complaint(),
            other(rating=5),
        ],
        AS_OF,
    )

    assert measures.to_json()["validated"]["verdicts"] == {
        "provider": 2,
        "agency": 1,
        "third_party": 0,
        "outside_contract": 0,
        "unsubstantiated": 0,
        "unjudged": 1,
    }
    assert measures.figures.cases.value == 4
    assert (measures.validated.received.value, measures.validated.cases.value) == (2, 2)
    assert measures.validated.response_rate.value == 0.5


def test_the_cohort_is_what_was_submitted_in_the_period_and_not_after_as_of():
    period = Period(date(2026, 9, 1), date(2026, 9, 2), "Asia/Shanghai")
    moments = [
        datetime(2026, 8, 31, 15, 59, 59, tzinfo=UTC),
        datetime(2026, 8, 31, 16, tzinfo=UTC),
        datetime(2026, 9, 2, 15, 59, 59, tzinfo=UTC),
        datetime(2026, 9, 2, 16, tzinfo=UTC),
    ]
    feedback = [FeedbackFacts(at, FeedbackKind.RATING) for at in moments]

    assert cohort_of(feedback, period, AS_OF) == feedback[1:3]
    assert cohort_of(feedback, period, moments[1]) == feedback[1:2]
