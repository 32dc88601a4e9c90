"""The clock stands for a question once, while its resident can be reached, and no longer because a worker was late."""

from datetime import timedelta

import pytest

from app.cases import actions, verdict_actions
from app.cases.models import Verdict
from app.extensions import db
from app.intake.actions import tracking_token
from app.kernel.words import Actor, Attribution, VerdictStage
from app.reports.report import build
from tests.web.cases_story import MONDAY, history, sent

# Five working days of 8.5 hours from Monday, 9 o'clock.
FRIDAY = MONDAY + timedelta(days=4, hours=8.5)


@pytest.fixture
def complaint(riverside, at):
    with at(MONDAY):
        return sent(riverside)


def ask(feedback, member, words="Which bin?"):
    event = actions.ask(actions.case_of(feedback), words, by=Actor.AGENCY, member_id=member.id)
    db.session.commit()
    return event


def with_the_resident(world, as_of=MONDAY + timedelta(days=60)):
    made = build(world.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=as_of).to_json()
    return made["measures"]["hours_with"]["resident"]


def test_the_resident_reads_until_when_the_clock_stands(app, complaint, alice, at):
    with at(MONDAY):
        ask(complaint, alice)
        page = app.test_client().get(f"/track/{tracking_token(complaint.id)}?lang=en").page
    assert (
        "answer below. Until you do, the time to solve it stands still, at most until 6 Nov 2026, 17:30;"
        in " ".join(page.text.split())
    )


def test_three_questions_that_nobody_answers_pause_no_longer_than_one(app, riverside, complaint, alice, at, work):
    for week in range(3):
        with at(MONDAY + timedelta(weeks=week)):
            ask(complaint, alice)
            work()
        with at(FRIDAY + timedelta(weeks=week)):
            work()
    assert history(complaint) == ["acknowledged", *(["asked", "resumed"] * 3)]
    assert with_the_resident(riverside) == 42.5
    with at(MONDAY + timedelta(weeks=3)):
        page = app.test_client().sign_in(alice).get(f"/cases/{complaint.reference}").page
    text = " ".join(page.text.split())
    assert "Pauses 3, 42.5 working hours in all" in text
    assert "If you ask a question: Nobody has answered the question before, so the clock goes on." in text
    assert "Send as a question; the clock goes on" in text


def test_the_page_says_until_when_it_waits_and_that_asking_again_changes_nothing(client, complaint, alice, at, work):
    with at(MONDAY):
        page = client.sign_in(alice).get(f"/cases/{complaint.reference}").page
        assert "Send as a question; the clock waits" in page.text
        ask(complaint, alice)
    with at(MONDAY + timedelta(hours=2)):
        ask(complaint, alice, "Or which gate?")
        page = client.get(f"/cases/{complaint.reference}").page
        assert page.text.count("The clock waits for the answer until 6 Nov 2026, 17:30 at most.") == 1
    with at(FRIDAY):
        work()
    assert history(complaint) == ["acknowledged", "asked", "asked", "resumed"]


def test_after_an_answer_a_question_may_pause_again(riverside, complaint, alice, at, work):
    with at(MONDAY):
        ask(complaint, alice)
    with at(FRIDAY):
        work()
        ask(complaint, alice)
        assert actions.case_of(complaint).waiting_since is None
        actions.resident_adds(complaint, "The left one.")
        db.session.commit()
        ask(complaint, alice, "Which left one?")
        assert actions.case_of(complaint).waiting_since == FRIDAY


def test_a_question_cut_short_without_an_answer_was_the_one(riverside, complaint, alice, at):
    with at(MONDAY):
        ask(complaint, alice)
    with at(MONDAY + timedelta(hours=2)):
        actions.reply(actions.case_of(complaint), "We looked.", by=Actor.AGENCY, member_id=alice.id)
        ask(complaint, alice)
        assert actions.case_of(complaint).waiting_since is None
    assert with_the_resident(riverside) == 2


def test_a_pause_ends_when_its_resident_takes_back_how_to_reach_them(client, riverside, complaint, alice, at, work):
    with at(MONDAY):
        ask(complaint, alice)
    with at(MONDAY + timedelta(hours=3)):
        assert client.post(f"/track/{tracking_token(complaint.id)}/contact").status_code == 303
        assert actions.case_of(complaint).waiting_since is None
        page = client.sign_in(alice).get(f"/cases/{complaint.reference}").page
        assert "They took back how to reach them, so the clock runs again." in page.text
    with at(FRIDAY):
        work()
    assert history(complaint) == ["acknowledged", "asked", "resumed"]
    assert with_the_resident(riverside) == 3


def test_it_ends_too_when_they_have_everything_deleted(client, riverside, complaint, alice, at):
    with at(MONDAY):
        ask(complaint, alice)
    with at(MONDAY + timedelta(hours=3)):
        assert client.post(f"/track/{tracking_token(complaint.id)}/erase").status_code == 303
    assert history(complaint) == ["acknowledged", "asked", "resumed"]
    assert with_the_resident(riverside) == 3


def test_a_late_worker_does_not_lengthen_a_pause(riverside, complaint, alice, at, work):
    with at(MONDAY):
        ask(complaint, alice)
    with at(FRIDAY + timedelta(days=20)):
        work()
    assert actions.history_of(complaint)[-1].at == FRIDAY
    assert with_the_resident(riverside) == 42.5


def test_nor_does_whatever_is_done_before_it_comes(riverside, complaint, alice, at, work):
    with at(MONDAY):
        ask(complaint, alice)
    with at(FRIDAY + timedelta(days=4)):
        ask(complaint, alice, "Are you there?")
    with at(FRIDAY + timedelta(days=5)):
        actions.resident_adds(complaint, "The left one.")
        work()
    assert history(complaint) == ["acknowledged", "asked", "resumed", "asked", "resumed", "resident_replied"]
    assert actions.history_of(complaint)[2].at == FRIDAY
    assert with_the_resident(riverside) == 42.5


def test_the_waiting_time_is_that_of_the_day_on_which_it_was_asked(riverside, complaint, alice, at, work):
    with at(MONDAY):
        ask(complaint, alice)
    riverside.contract.waiting_days = 20
    db.session.commit()
    with at(FRIDAY + timedelta(days=1)):
        work()
    assert actions.history_of(complaint)[-1].at == FRIDAY


def test_silence_is_consent_from_the_end_of_the_time_on_however_late_a_worker_is(riverside, complaint, alice, at, work):
    with at(MONDAY):
        verdict_actions.judge(
            actions.case_of(complaint), Attribution.PROVIDER, "Why", member_id=alice.id, is_manager=False
        )
        db.session.commit()
    with at(FRIDAY + timedelta(days=20)):
        work()
    assert (history(complaint)[-1], actions.history_of(complaint)[-1].at) == ("verdict", FRIDAY)
    assert db.session.get(Verdict, complaint.id).judged_at == FRIDAY


def test_nor_can_the_provider_reply_after_it(client, riverside, complaint, alice, bob, at, work):
    with at(MONDAY):
        verdict_actions.judge(
            actions.case_of(complaint), Attribution.PROVIDER, "Why", member_id=alice.id, is_manager=False
        )
        db.session.commit()
    with at(FRIDAY + timedelta(days=1)):
        version = client.sign_in(bob).get(f"/cases/{complaint.reference}").page.select_one("input[name=version]")
        late = {"version": version["value"], "reason": "Not ours."}
        assert client.post(f"/cases/{complaint.reference}/verdict/object", data=late).status_code == 409
        work()
    assert db.session.get(Verdict, complaint.id, populate_existing=True).stage == VerdictStage.STANDS
    assert actions.history_of(complaint)[-1].at == FRIDAY
