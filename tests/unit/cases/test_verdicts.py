"""How a verdict comes about, by table: what was said, and what may follow."""

from datetime import timedelta

import pytest

from app.cases import verdict_rules
from app.cases.history import EventFacts
from app.cases.verdict_rules import AGREED, AGREES, DISAGREES, OBJECTED, SILENT
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Actor, Attribution, EventKind, VerdictStage
from tests.web.cases_story import MONDAY

A, E, S = Attribution, EventKind, VerdictStage
PROPOSED = (E.VERDICT_PROPOSED, None, None)
OBJECTS = (E.VERDICT_ANSWERED, None, OBJECTED)
AGREES_TO_IT = (E.VERDICT_ANSWERED, None, AGREED)
CONTESTED = (E.VERDICT_CONTESTED, None, None)
UPHELD = (E.VERDICT, A.PROVIDER, None)
BY_SILENCE = (E.VERDICT, A.PROVIDER, SILENT)
OURS = (E.VERDICT, A.AGENCY, None)
THEIRS = (E.VERDICT, A.THIRD_PARTY, None)
SAME = (E.VERDICT_CHECKED, None, AGREES)
OTHERWISE = (E.VERDICT_CHECKED, None, DISAGREES)


def after(*steps):
    return verdict_rules.read(
        EventFacts(MONDAY + timedelta(hours=n), kind, Actor.AGENCY, None, attribution, changed_to)
        for n, (kind, attribution, changed_to) in enumerate(steps)
    )


@pytest.mark.parametrize(
    ("steps", "stage", "found", "provider_takes", "agency_takes", "answers", "contests", "manager"),
    [
        ((), None, None, E.VERDICT_PROPOSED, E.VERDICT, False, False, False),
        ((PROPOSED,), S.REPLY, None, None, E.VERDICT, True, False, False),
        ((PROPOSED, OBJECTS), S.OBJECTED, None, E.VERDICT, E.VERDICT, False, False, False),
        ((PROPOSED, AGREES_TO_IT, UPHELD), S.STANDS, A.PROVIDER, None, E.VERDICT, False, False, False),
        ((PROPOSED, BY_SILENCE), S.STANDS, A.PROVIDER, None, E.VERDICT, False, False, False),
        ((PROPOSED, OBJECTS, UPHELD), S.STANDS, A.PROVIDER, None, E.VERDICT, False, True, False),
        ((PROPOSED, OBJECTS, OURS), S.STANDS, A.AGENCY, E.VERDICT_PROPOSED, None, False, False, False),
        ((OURS,), S.STANDS, A.AGENCY, E.VERDICT_PROPOSED, None, False, False, False),
        ((PROPOSED, OBJECTS, UPHELD, CONTESTED), S.CONTESTED, A.PROVIDER, E.VERDICT, E.VERDICT, False, False, True),
        ((PROPOSED, OBJECTS, UPHELD, CONTESTED, UPHELD), S.DECIDED, A.PROVIDER, None, None, False, False, True),
        ((PROPOSED, OBJECTS, UPHELD, CONTESTED, OURS), S.DECIDED, A.AGENCY, None, None, False, False, True),
        ((OURS, SAME), S.STANDS, A.AGENCY, E.VERDICT_PROPOSED, None, False, False, False),
        ((OURS, OTHERWISE), S.DISPUTED, A.AGENCY, E.VERDICT_PROPOSED, E.VERDICT, False, False, True),
        ((PROPOSED, BY_SILENCE, OTHERWISE), S.DISPUTED, A.PROVIDER, E.VERDICT, E.VERDICT, False, False, True),
        # What a manager has found after a doubt, only a manager judges again, also after what the provider says to it.
        ((PROPOSED, BY_SILENCE, OTHERWISE, UPHELD), S.STANDS, A.PROVIDER, None, E.VERDICT, False, False, True),
        ((PROPOSED, OBJECTS, UPHELD, OTHERWISE, UPHELD), S.STANDS, A.PROVIDER, None, E.VERDICT, False, True, True),
        ((OURS, OTHERWISE, THEIRS), S.STANDS, A.THIRD_PARTY, E.VERDICT_PROPOSED, E.VERDICT, False, False, True),
        ((OURS, OTHERWISE, PROPOSED), S.REPLY, A.AGENCY, None, E.VERDICT, True, False, True),
        ((OURS, OTHERWISE, PROPOSED, OBJECTS), S.OBJECTED, A.AGENCY, E.VERDICT, E.VERDICT, False, False, True),
        ((OURS, OTHERWISE, PROPOSED, BY_SILENCE), S.STANDS, A.PROVIDER, None, E.VERDICT, False, False, True),
        ((OURS, SAME, THEIRS), S.STANDS, A.THIRD_PARTY, E.VERDICT_PROPOSED, E.VERDICT, False, False, False),
    ],
)
def test_what_may_follow(steps, stage, found, provider_takes, agency_takes, answers, contests, manager):
    standing = after(*steps)

    assert (standing.stage, standing.attribution) == (stage, found)
    assert takes(standing, A.PROVIDER) == provider_takes
    assert takes(standing, A.AGENCY) == agency_takes
    assert verdict_rules.may_answer(standing) is answers
    assert verdict_rules.may_contest(standing) is contests
    assert verdict_rules.is_for_the_manager(standing) is manager


def takes(standing, attribution):
    try:
        return verdict_rules.step_of(standing, attribution)
    except MoveNotAllowed:
        return None


def test_one_in_ten_is_drawn():
    drawn = sum(verdict_rules.is_drawn(f"REF-{n}", 1) for n in range(10_000))

    assert 900 < drawn < 1_100
    assert verdict_rules.is_drawn("REF-1", 1) == verdict_rules.is_drawn("REF-1", 1)


@pytest.mark.parametrize(("judged_by", "member", "expected"), [(1, 2, True), (1, 1, False), (1, None, False)])
def test_only_a_second_person_checks(judged_by, member, expected):
    may = verdict_rules.may_check(after(OURS), is_drawn=True, judged_by=judged_by, member_id=member)

    assert may is expected
    assert not verdict_rules.may_check(after(OURS), is_drawn=False, judged_by=1, member_id=2)
    assert not verdict_rules.may_check(after(OURS, SAME), is_drawn=True, judged_by=1, member_id=2)
