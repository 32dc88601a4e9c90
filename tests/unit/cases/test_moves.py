"""What a move to another contract makes of a case, event by event."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.cases import verdict_rules
from app.cases.history import EventFacts, fold, since_the_move
from app.cases.rules import ACTORS, MOVES, can_hold
from app.directory.rules import Days
from app.kernel.words import Actor, Attribution, CaseStatus, EventKind, Holder

MORNING = datetime(2026, 9, 1, 9, tzinfo=UTC)


def history(text):
    """``"assigned moved:C-2"``: events an hour apart, what changed after the colon."""
    events = []
    for hour, word in enumerate(text.split()):
        kind, _, changed_to = word.partition(":")
        found = Attribution.PROVIDER if kind == "verdict" else None
        events.append(
            EventFacts(MORNING + timedelta(hours=hour), EventKind(kind), Actor.AGENCY, None, found, changed_to or None)
        )
    return events


@pytest.mark.parametrize(
    ("text", "holder", "attribution", "hands"),
    [
        ("assigned moved:C-2", Holder.AGENCY, None, ["agency"]),
        ("assigned moved:C-2 assigned", Holder.PROVIDER, None, ["agency", "provider"]),
        ("assigned asked moved:C-2", Holder.AGENCY, None, ["agency", "resident"]),
        ("verdict moved:C-2", Holder.AGENCY, None, []),
        ("verdict moved:C-2 verdict", Holder.AGENCY, Attribution.PROVIDER, []),
        # As files of history write it: no contract is named, and clocks pass it over.
        ("assigned verdict moved", Holder.PROVIDER, Attribution.PROVIDER, ["provider"]),
    ],
)
def test_a_move_puts_it_into_the_agencys_hands_unjudged(text, holder, attribution, hands):
    state = fold(history(text))

    assert (state.holder, state.attribution) == (holder, attribution)
    assert [str(whose) for _, whose in state.hands] == hands


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("assigned moved:C-2", None),
        ("assigned moved:C-2 assigned", 2),
        ("assigned replied moved:C-2 assigned", None),
        ("assigned moved", 0),
    ],
)
def test_the_clock_of_the_provider_begins_with_its_own_assignment(text, hour):
    at = fold(history(text)).assigned_before_response_at

    assert at == (None if hour is None else MORNING + timedelta(hours=hour))


def test_a_question_that_is_out_stays_out():
    assert fold(history("asked moved:C-2")).waiting_since == MORNING


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("assigned replied", ["assigned", "replied"]),
        ("assigned moved:C-2 noted moved:C-1 assigned", ["assigned"]),
        ("assigned moved noted", ["assigned", "moved", "noted"]),
    ],
)
def test_of_this_contract_is_what_came_after_the_last_move(text, kinds):
    assert [str(event.kind) for event in since_the_move(history(text))] == kinds


@pytest.mark.parametrize(
    ("text", "is_the_managers"),
    [
        ("verdict moved:C-2", False),
        ("verdict_proposed moved:C-2", False),
        ("verdict verdict_contested moved:C-2", True),
        ("verdict verdict_contested verdict moved:C-2", True),
        ("verdict verdict_checked:disagrees moved:C-2", True),
        ("verdict verdict_contested verdict moved:C-2 moved:C-1", True),
    ],
)
def test_what_a_manager_had_to_decide_stays_a_managers(text, is_the_managers):
    standing = verdict_rules.read(history(text))

    assert standing == verdict_rules.Standing(is_the_managers=is_the_managers)
    assert verdict_rules.is_for_the_manager(standing) is is_the_managers


@pytest.mark.parametrize(
    ("text", "by_manager"),
    [
        ("assigned", False),
        ("verdict_proposed", False),
        ("verdict_proposed verdict_answered:objected", False),
        ("verdict", True),
        ("verdict verdict_contested", True),
        ("verdict verdict_proposed", True),
        ("verdict moved:C-2", False),
    ],
)
def test_what_was_found_only_a_manager_moves(text, by_manager):
    assert verdict_rules.is_moved_by_the_manager(verdict_rules.read(history(text))) is by_manager


def test_a_verdict_begins_anew():
    assert verdict_rules.read(history("verdict_proposed moved:C-2")) == verdict_rules.Standing()
    assert verdict_rules.read(history("verdict moved:C-2 verdict")).verdicts == 1


@pytest.mark.parametrize("status", CaseStatus)
def test_only_an_open_case_is_moved(status):
    assert (EventKind.MOVED in MOVES[status]) is (status == CaseStatus.OPEN)
    assert ACTORS[EventKind.MOVED] == {Actor.AGENCY}


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "can"),
    [
        ("2026-09-01", "2026-12-31", True),
        ("2026-01-01", "2026-09-01", True),
        ("2026-09-02", "2026-12-31", False),
        ("2026-01-01", "2026-08-31", False),
    ],
)
def test_a_contract_holds_what_was_sent_while_it_was_in_force(starts_on, ends_on, can):
    days = Days(date.fromisoformat(starts_on), date.fromisoformat(ends_on))

    assert can_hold(days, MORNING.date()) is can
