"""What a case has come to, history by history."""

from datetime import UTC, datetime, timedelta

import pytest

from app.cases.history import EventFacts, fold
from app.kernel.words import Actor, Attribution, CaseStatus, EventKind, Holder

MORNING = datetime(2026, 9, 1, 9, tzinfo=UTC)
ACTORS = {
    "acknowledged": Actor.SYSTEM,
    "resumed": Actor.SYSTEM,
    "handed_back": Actor.PROVIDER,
    **dict.fromkeys(("resident_replied", "confirmed", "rated", "reopened", "withdrawn"), Actor.RESIDENT),
}


def history(text):
    """``"asked resolved/5"``: events an hour apart from nine o'clock on, a rating after the slash."""
    events = []
    for hour, word in enumerate(text.split()):
        kind, _, rating = word.partition("/")
        actor = ACTORS.get(kind, Actor.AGENCY)
        events.append(EventFacts(hours(hour), EventKind(kind), actor, int(rating) if rating else None))
    return events


def hours(count):
    return MORNING + timedelta(hours=count)


@pytest.mark.parametrize(
    ("text", "status", "resolved_hour", "rejected_hour"),
    [
        ("", "open", None, None),
        ("acknowledged assigned replied", "open", None, None),
        ("resolved", "resolved", 0, None),
        ("resolved resolved", "resolved", 0, None),
        ("resolved reopened", "open", None, None),
        ("resolved reopened resolved", "resolved", 2, None),
        ("rejected rejected", "rejected", None, 0),
        ("rejected reopened", "open", None, None),
        ("rejected resolved", "resolved", 1, None),
        ("resolved rejected", "rejected", None, 1),
        ("resolved withdrawn", "withdrawn", 0, None),
        ("withdrawn resolved", "withdrawn", None, None),
        ("duplicate reopened", "duplicate", None, None),
    ],
)
def test_where_a_case_stands(text, status, resolved_hour, rejected_hour):
    state = fold(history(text))

    assert state.status == status
    assert state.resolved_at == (None if resolved_hour is None else hours(resolved_hour))
    assert state.rejected_at == (None if rejected_hour is None else hours(rejected_hour))


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("acknowledged assigned handed_back moved verdict resident_replied", None),
        ("acknowledged replied resolved", 1),
        ("assigned asked", 1),
        ("resolved", 0),
        ("rejected", 0),
        ("withdrawn replied", None),
    ],
)
def test_receipts_and_assignments_are_no_response(text, hour):
    assert fold(history(text)).first_response_at == (None if hour is None else hours(hour))


def test_a_machine_does_not_respond():
    assert fold([EventFacts(MORNING, EventKind.REPLIED, Actor.SYSTEM)]).first_response_at is None


@pytest.mark.parametrize(
    ("text", "pauses"),
    [
        ("asked", [(0, None)]),
        ("asked asked assigned acknowledged handed_back moved verdict", [(0, None)]),
        ("asked resident_replied", [(0, 1)]),
        ("asked assigned resumed asked", [(0, 2), (3, None)]),
        ("asked replied", [(0, 1)]),
        ("asked resolved", [(0, 1)]),
        ("asked withdrawn", [(0, 1)]),
    ],
)
def test_a_question_pauses_until_somebody_moves(text, pauses):
    state = fold(history(text))

    assert list(state.pauses) == [(hours(a), None if b is None else hours(b)) for a, b in pauses]
    assert state.is_waiting_on_resident == (pauses[-1][1] is None)


@pytest.mark.parametrize(
    ("text", "confirmed", "reopened", "rating"),
    [
        ("resolved confirmed/5", True, False, 5),
        ("resolved confirmed/5 resolved", True, False, 5),
        ("resolved confirmed/5 reopened", False, True, 5),
        ("resolved confirmed/5 reopened/1 resolved", False, True, 1),
        ("resolved rated/2 rated/4", False, False, 4),
        ("resolved confirmed/5 rejected", False, False, 5),
        ("confirmed resolved", False, False, None),
        ("replied/3 rated", False, False, None),
    ],
)
def test_the_resident_has_the_last_word(text, confirmed, reopened, rating):
    state = fold(history(text))

    assert (state.is_confirmed, state.was_reopened, state.handling_rating) == (confirmed, reopened, rating)


@pytest.mark.parametrize(
    ("text", "hands"),
    [
        ("assigned handed_back assigned", ["provider", "agency", "provider"]),
        ("asked assigned resident_replied", ["resident", None, "provider"]),
        ("assigned resolved reopened", ["provider", None, "provider"]),
        ("rejected reopened", [None, "agency"]),
    ],
)
def test_in_whose_hands_a_case_is(text, hands):
    """A place for each event: into whose hands it gave the case; None for nobody's, and for no change."""
    state = fold(history(text))

    seen = dict(state.hands)
    assert [seen.get(hours(hour)) for hour in range(len(hands))] == hands
    assert state.holder == (Holder.AGENCY if hands[-1] == "agency" else Holder.PROVIDER)


def test_what_comes_after_as_of_does_not_exist_and_what_comes_then_does():
    events = history("replied resolved")

    assert fold(events, hours(1)).status == CaseStatus.RESOLVED
    assert fold(events, hours(1) - timedelta(microseconds=1)).status == CaseStatus.OPEN


def test_events_at_the_same_time_keep_their_order():
    kinds = [EventKind.RESOLVED, EventKind.REOPENED]
    events = [EventFacts(MORNING, kind, Actor.AGENCY) for kind in kinds]

    assert fold(events).status == CaseStatus.OPEN
    assert fold(reversed(events)).status == CaseStatus.RESOLVED
    assert fold([EventFacts(hours(1), EventKind.REPLIED, Actor.AGENCY), *events]).first_response_at == MORNING


def test_a_verdict_counts_even_after_the_end_and_the_latest_wins():
    def verdict(hour, attribution):
        return EventFacts(hours(hour), EventKind.VERDICT, Actor.AGENCY, None, attribution)

    events = [*history("withdrawn"), verdict(1, Attribution.PROVIDER), verdict(2, Attribution.AGENCY)]

    assert fold(events).attribution == Attribution.AGENCY
    assert fold(events, hours(1)).attribution == Attribution.PROVIDER
