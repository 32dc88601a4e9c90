"""What residents and colleagues do reaches whoever must act: unread again, marked, and told in one letter an hour."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cases import actions, rules
from app.extensions import db
from app.kernel.words import Actor, EventKind, FeedbackKind
from app.outbox.models import Promise
from tests.web.cases_story import MONDAY, sent

HOUR = timedelta(hours=1)


@pytest.fixture
def later(at):
    """``with later(3):`` three hours after Monday morning."""
    return lambda hours: at(MONDAY + hours * HOUR)


def unread(client, member):
    return [link.text for link in client.sign_in(member).get("/inbox?view=unread").page.select("tbody th a")]


def resolved(world, by):
    """A case that ``by`` took on and says to be resolved."""
    feedback = sent(world)
    case = actions.case_of(feedback)
    actions.take(case, assignee_id=by.id, member_id=by.id)
    actions.resolve(case, "Done.", by=Actor.AGENCY, member_id=by.id)
    db.session.commit()
    return feedback


def test_a_reopened_case_is_unread_again_and_says_so(client, riverside, alice, later):
    with later(0):
        complaint = resolved(riverside, alice)
        assert unread(client, alice) == []
    with later(1):
        actions.reopen(actions.case_of(complaint), "Still full")
        assert unread(client, riverside.second_officer) == [complaint.reference]
        assert "Reopened" in client.get("/inbox?view=unread").page.text
        assert "Reopened" in client.get(f"/cases/{complaint.reference}").page.select_one(".app-tags").text
    with later(2):
        client.post(f"/cases/{complaint.reference}/looked")
        assert unread(client, alice) == []


@pytest.mark.parametrize("kind", [FeedbackKind.COMPLAINT, FeedbackKind.RATING])
def test_what_a_resident_adds_is_unread_until_somebody_acts(client, riverside, alice, later, kind):
    with later(0):
        feedback = sent(riverside, kind=kind)
        actions.look(feedback, member_id=alice.id)
        db.session.commit()
        assert unread(client, alice) == []
    with later(1):
        actions.resident_adds(feedback, "And the lid is broken")
        assert unread(client, alice) == [feedback.reference]
    with later(2):
        actions.note(feedback, "Seen", member_id=alice.id)
        assert unread(client, alice) == []


def test_it_is_unread_for_the_side_that_holds_it(client, riverside, alice, bob, later):
    with later(0):
        complaint = sent(riverside)
        case = actions.case_of(complaint)
        actions.assign(case, member_id=alice.id)
        actions.resolve(case, "Done.", by=Actor.PROVIDER, member_id=bob.id)
        db.session.commit()
        assert (unread(client, alice), unread(client, bob)) == ([], [])
    with later(1):
        actions.reopen(case)
        assert (unread(client, alice), unread(client, bob)) == ([], [complaint.reference])
    with later(2):
        actions.hand_back(case, "Not ours", member_id=bob.id)
        assert (unread(client, alice), unread(client, bob)) == ([complaint.reference], [])
    with later(3):
        actions.assign(case, member_id=alice.id)
        assert (unread(client, alice), unread(client, bob)) == ([], [complaint.reference])


def test_the_one_who_sees_to_it_gets_a_letter_without_persons_or_words(riverside, alice, later, work, mail_box):
    with later(0):
        complaint = resolved(riverside, alice)
    with later(1):
        actions.reopen(actions.case_of(complaint), "Still full, says Tom Miller")
        work()
    with later(2):
        work()
        assert [letter["To"] for letter in mail_box()] == ["resident@example.org"]
    with later(2.1):
        work()

    letter = mail_box()[-1]
    assert (letter["To"], letter["Subject"]) == (alice.email, "1 case waits for your word")
    for kind in ("plain", "html"):
        body = letter.get_body((kind,)).get_content()
        assert "the resident says that it is not solved" in body
        assert f"http://localhost/cases/{complaint.reference}" in body
        assert "Street cleaning" in body
        for hidden in ("Still full", "Tom", "resident@example.org", "07700", "bin was full"):
            assert hidden not in body


def test_the_news_of_an_hour_come_in_one_letter(riverside, alice, bob, later, work, mail_box):
    with later(0):
        cases = [actions.case_of(sent(riverside)) for _ in range(3)]
        for case in cases:
            actions.assign(case, member_id=alice.id)
            actions.look(case.feedback, member_id=bob.id)
    for minutes, case in enumerate(cases, start=1):
        with later(minutes / 10):
            actions.resident_adds(case.feedback, "More")
            work()
    with later(5):
        work()
        work()

    (letter,) = mail_box()
    assert (letter["To"], letter["Subject"]) == (bob.email, "3 cases wait for your word")
    keys = list(db.session.scalars(select(Promise.key).where(Promise.topic == "staff.call")))
    assert keys == [f"staff.call:{bob.id}:2026-11-02T01"]


@pytest.mark.parametrize("how", ["looked", "a colleague acted", "no longer here"])
def test_what_was_seen_to_meanwhile_is_not_told(riverside, alice, later, work, mail_box, how):
    with later(0):
        complaint = sent(riverside, email=None)
        case = actions.case_of(complaint)
        actions.take(case, assignee_id=alice.id, member_id=alice.id)
        actions.resident_adds(complaint, "More")
        work()
    with later(0.5):
        if how == "looked":
            actions.look(complaint, member_id=alice.id)
        elif how == "a colleague acted":
            actions.reply(case, "We heard", by=Actor.AGENCY, member_id=riverside.second_officer.id)
        else:
            alice.active = False
        work()
    with later(2):
        work()

    assert mail_box() == []


def test_a_case_that_nobody_took_comes_back_to_who_gave_it_away(riverside, alice, bob, later, work, mail_box):
    with later(0):
        case = actions.case_of(sent(riverside))
        actions.assign(case, member_id=alice.id)
        actions.look(case.feedback, member_id=bob.id)
        actions.hand_back(case, "Not on our route", member_id=bob.id)
        work()
    with later(2):
        work()

    (letter,) = mail_box()
    assert letter["To"] == alice.email
    assert "the provider handed it back" in letter.get_body(("plain",)).get_content()
    assert "route" not in letter.get_body(("plain",)).get_content()


def test_a_colleague_who_is_asked_hears_of_it_and_nobody_hears_of_their_own(riverside, alice, later, work, mail_box):
    second = riverside.second_officer
    with later(0):
        given, own = (actions.case_of(sent(riverside)) for _ in range(2))
        actions.take(given, assignee_id=second.id, member_id=alice.id)
        actions.take(own, assignee_id=alice.id, member_id=alice.id)
        work()
    with later(2):
        work()

    (letter,) = mail_box()
    assert (letter["To"], letter["Subject"]) == (second.email, "1 case waits for your word")
    assert given.feedback.reference in letter.get_body(("plain",)).get_content()


def test_nobody_is_told_of_a_case_that_nobody_has_touched(riverside, later, work, mail_box):
    with later(0):
        actions.resident_adds(sent(riverside), "More")
        work()
    with later(2):
        work()
        assert mail_box() == []


@pytest.mark.parametrize(
    ("kind", "actor", "is_news"),
    [
        (EventKind.REOPENED, Actor.RESIDENT, True),
        (EventKind.REOPENED, Actor.AGENCY, True),
        (EventKind.HANDED_BACK, Actor.PROVIDER, True),
        (EventKind.CONFIRMED, Actor.RESIDENT, False),
        (EventKind.REPLIED, Actor.AGENCY, False),
    ],
)
def test_what_is_news(kind, actor, is_news):
    assert rules.is_news(kind, actor) == is_news
