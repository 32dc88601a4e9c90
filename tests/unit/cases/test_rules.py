"""Which events a case takes, by table: state, event, and who does it."""

import pytest

from app.cases.history import EventFacts, fold
from app.cases.rules import ACTORS, allows, check_kind_change, check_move, clause_about, kind_of_reply
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import REVIEW_EVENTS, Actor, CaseStatus, EventKind, FeedbackKind
from tests.web.cases_story import MONDAY

E, S = EventKind, CaseStatus
LINKS = {E.LINK_SENT, E.LINK_REVOKED}
HOUSEKEEPING = {E.TAKEN_BY, E.NOTED} | LINKS
JUDGING = {E.VERDICT, E.VERDICT_PROPOSED, E.VERDICT_ANSWERED, E.VERDICT_CONTESTED, E.VERDICT_CHECKED}
LEADS_TO = {
    S.OPEN: [],
    S.RESOLVED: [(E.RESOLVED, Actor.AGENCY)],
    S.REJECTED: [(E.REJECTED, Actor.AGENCY)],
    S.WITHDRAWN: [(E.WITHDRAWN, Actor.RESIDENT)],
    S.DUPLICATE: [(E.DUPLICATE, Actor.AGENCY)],
}
# As the definitions of the measures have it, and besides what no clock knows.
TAKES = {
    # What is held for review has no case yet.
    S.OPEN: set(E) - {E.CONFIRMED, E.RATED, E.FOLLOWED} - REVIEW_EVENTS,
    S.RESOLVED: {E.CONFIRMED, E.RATED, E.REOPENED, E.REPLIED, E.RESIDENT_REPLIED, E.ADDED, E.FOLLOWED}
    | JUDGING
    | HOUSEKEEPING,
    S.REJECTED: {E.REOPENED, E.RATED, E.REPLIED, E.RESIDENT_REPLIED, E.ADDED, E.FOLLOWED} | JUDGING | HOUSEKEEPING,
    S.WITHDRAWN: JUDGING | LINKS | {E.NOTED},
    S.DUPLICATE: JUDGING | LINKS | {E.NOTED, E.ADDED},
}


def after(*happened):
    """The state after events, an hour each, and which they were."""
    facts = [EventFacts(MONDAY, kind, actor) for kind, actor in happened]
    return fold(facts), {kind for kind, _ in happened}


def prepared(status, kind):
    """A history that ends in ``status`` and has all that ``kind`` needs before it."""
    before = [(E.ASKED, Actor.AGENCY)] if kind in {E.RESIDENT_REPLIED, E.RESUMED} else []
    if kind == E.HANDED_BACK:
        before.append((E.ASSIGNED, Actor.AGENCY))
    return after(*before, *LEADS_TO[status])


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("kind", E)
def test_a_case_takes_what_the_table_says(status, kind):
    state, happened = prepared(status, kind)
    assert state.status == status
    actor = sorted(ACTORS[kind])[0]

    if kind in TAKES[status]:
        check_move(state, happened, kind, actor)
    else:
        with pytest.raises(MoveNotAllowed, match=f"{status} does not take {kind}"):
            check_move(state, happened, kind, actor)


@pytest.mark.parametrize(
    ("kind", "actor"), [(kind, actor) for kind in E for actor in Actor if actor not in ACTORS[kind]]
)
def test_nobody_does_what_is_for_others(kind, actor):
    state, happened = prepared(S.OPEN, kind)

    with pytest.raises(MoveNotAllowed, match="is not for"):
        check_move(state, happened, kind, actor)


@pytest.mark.parametrize(
    ("before", "kind", "actor", "allowed"),
    [
        ([], E.HANDED_BACK, Actor.PROVIDER, False),
        ([(E.ASSIGNED, Actor.AGENCY)], E.HANDED_BACK, Actor.PROVIDER, True),
        ([(E.ASSIGNED, Actor.AGENCY), (E.HANDED_BACK, Actor.PROVIDER)], E.HANDED_BACK, Actor.PROVIDER, False),
        ([(E.ASSIGNED, Actor.AGENCY), (E.HANDED_BACK, Actor.PROVIDER)], E.ASSIGNED, Actor.AGENCY, True),
        ([(E.ASSIGNED, Actor.AGENCY)], E.ASSIGNED, Actor.AGENCY, False),
        ([], E.RESIDENT_REPLIED, Actor.RESIDENT, False),
        ([], E.ADDED, Actor.RESIDENT, True),
        ([(E.ASKED, Actor.AGENCY)], E.RESIDENT_REPLIED, Actor.RESIDENT, True),
        ([], E.RESUMED, Actor.SYSTEM, False),
        ([(E.ASKED, Actor.AGENCY)], E.RESUMED, Actor.SYSTEM, True),
        ([(E.ASKED, Actor.AGENCY), (E.REPLIED, Actor.AGENCY)], E.RESUMED, Actor.SYSTEM, False),
        ([], E.RESOLVED, Actor.PROVIDER, False),
        ([(E.ASSIGNED, Actor.AGENCY)], E.RESOLVED, Actor.PROVIDER, True),
    ],
)
def test_some_need_something_before_them(before, kind, actor, allowed):
    assert allows(*after(*before), kind, actor) is allowed


def test_what_a_resident_writes_is_an_answer_where_something_was_asked():
    assert kind_of_reply({E.ASKED, E.REPLIED}) == E.RESIDENT_REPLIED
    assert kind_of_reply({E.REPLIED}) == E.ADDED
    assert kind_of_reply({E.ASKED, E.DUPLICATE}) == E.ADDED, "what was merged waits for no answer"


def test_a_complaint_that_was_dealt_with_stays_one():
    check_kind_change(FeedbackKind.COMPLAINT, FeedbackKind.SUGGESTION, [E.ACKNOWLEDGED, E.NOTED])
    with pytest.raises(MoveNotAllowed):
        check_kind_change(FeedbackKind.COMPLAINT, FeedbackKind.SUGGESTION, [E.ACKNOWLEDGED, E.REPLIED])
    with pytest.raises(MoveNotAllowed):
        check_kind_change(FeedbackKind.RATING, FeedbackKind.RATING, [])


class Duty:
    def __init__(self, *aspects):
        self.aspects = list(aspects)


def test_the_first_clause_about_what_was_said_is_meant():
    first, second = Duty("timeliness"), Duty("staff", "timeliness")

    assert clause_about([first, second], ["staff"]) is second
    assert clause_about([first, second], ["timeliness", "staff"]) is first
    assert clause_about([first, second], ["cost"]) is None
