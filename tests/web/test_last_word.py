"""The resident has the last word: asked again after each resolution, heard by whoever must act, never punished."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases import actions, following
from app.cases.models import Case
from app.extensions import db
from app.intake.actions import contact_of, tracking_token, words_of
from app.intake.models import Feedback
from app.kernel.words import Actor
from app.outbox.models import Promise
from app.reports.report import build
from tests.web.cases_story import MONDAY, history, sent


def days(n):
    return MONDAY + timedelta(days=n)


def resolve(feedback, officer):
    actions.resolve(actions.case_of(feedback), "Emptied.", by=Actor.AGENCY, member_id=officer.id)
    db.session.commit()


def last_word(world, at):
    made = build(world.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=at)
    return made.to_json()["measures"]["last_word"]


def states(**wanted):
    counts = {"claimed": 0, "confirmed": 0, "contested": 0, "silent": 0} | wanted
    return counts | {"n": sum(counts.values())}


def test_four_states_follow_from_what_the_resident_says(client, riverside, alice, at, work, mail_box):
    with at(MONDAY):
        feedback = sent(riverside)
    path = f"/track/{tracking_token(feedback.id)}"
    assert last_word(riverside, days(0)) == states()
    with at(days(1)):
        resolve(feedback, alice)
        work()
    assert last_word(riverside, days(1)) == states(claimed=1)
    assert last_word(riverside, days(15)) == states(claimed=1)
    assert last_word(riverside, days(15) + timedelta(seconds=1)) == states(silent=1)
    with at(days(16)):
        assert client.post(f"{path}/reopen", data={"message": "Still full."}).status_code == 303
    assert last_word(riverside, days(16)) == states(contested=1)
    with at(days(17)):
        resolve(feedback, alice)
        work()
    assert last_word(riverside, days(17)) == states(claimed=1)
    with at(days(18)):
        client.post(f"{path}/confirm", data={})
    assert last_word(riverside, days(40)) == states(confirmed=1)
    asked = [letter["Subject"] for letter in mail_box() if "Is it solved?" in letter["Subject"]]
    assert len(asked) == 2, "asked again after each resolution"


def test_an_anonymous_resident_does_all_of_it_through_their_link(client, riverside, alice, at):
    with at(MONDAY):
        feedback = sent(riverside, email=None)
        resolve(feedback, alice)
        path = f"/track/{tracking_token(feedback.id)}"
        assert "Yes, it is solved" in client.get(path).page.text
        assert client.post(f"{path}/reopen", data={}).status_code == 303
        resolve(feedback, alice)
        assert client.post(f"{path}/confirm", data={"rating": "4"}).status_code == 303
    assert history(feedback)[-4:] == ["resolved", "reopened", "resolved", "confirmed"]


def test_a_reopening_reaches_whoever_must_act_and_the_second_a_manager(
    app, client, riverside, alice, at, work, mail_box
):
    with at(MONDAY):
        feedback = sent(riverside)
        case = actions.case_of(feedback)
        actions.take(case, assignee_id=alice.id, member_id=alice.id)
        resolve(feedback, alice)
        path = f"/track/{tracking_token(feedback.id)}"
        client.post(f"{path}/reopen", data={})
        work()
    with at(MONDAY + timedelta(hours=1, minutes=2)):
        work()
        (letter,) = (each for each in mail_box() if "your word" in each["Subject"])
        assert letter["To"] == "officer@riverside.example"
        assert feedback.reference in letter.get_body(("plain",)).get_content()
        manager = app.test_client().sign_in(riverside.manager)
        assert feedback.reference not in manager.get("/inbox?view=decide").page.text

        resolve(feedback, alice)
        client.post(f"{path}/reopen", data={})
        assert feedback.reference in manager.get("/inbox?view=decide").page.text
    with at(MONDAY + timedelta(hours=2, minutes=4)):
        work()
    called = [each["To"] for each in mail_box() if "your word" in each["Subject"]]
    assert called[1:] == ["manager@riverside.example", "officer@riverside.example"] or called[1:] == [
        "officer@riverside.example",
        "manager@riverside.example",
    ]


def test_one_letter_an_hour_says_all_that_waits(riverside, alice, at, work, mail_box):
    with at(MONDAY):
        for _ in range(3):
            feedback = sent(riverside)
            actions.assign(actions.case_of(feedback), member_id=alice.id)
            resolve(feedback, alice)
            actions.reopen(actions.case_of(feedback), "No.")
            db.session.commit()
    with at(MONDAY + timedelta(hours=1, minutes=2)):
        work()

    (letter,) = (each for each in mail_box() if "your word" in each["Subject"])
    assert letter["To"] == "staff@clearway.example"
    assert letter["Subject"] == "3 cases wait for your word"


def test_after_ninety_days_a_new_case_goes_on_with_it(client, riverside, alice, at):
    with at(MONDAY):
        feedback = sent(riverside)
        resolve(feedback, alice)
    path = f"/track/{tracking_token(feedback.id)}"
    with at(days(90)):
        assert "with this it is open again" in client.get(f"{path}/reopen").page.text
    with at(days(91)):
        assert "a new case goes on with it" in client.get(f"{path}/reopen").page.text
        response = client.post(f"{path}/reopen", data={"message": "Full again, call 07700 900123."})

        assert response.status_code == 303
        assert "/receipt/" in response.location
        new = db.session.scalars(select(Case).where(Case.follows_id.is_not(None))).one()
        assert new.follows_id == actions.case_of(feedback).id
        assert contact_of(new.feedback_id).email == "resident@example.org"
        assert words_of(new.feedback_id).place == "behind the gate"
        assert history(feedback)[-1] == "followed"
        again = client.post(f"{path}/reopen", data={"message": "Again."})
        assert again.status_code == 409
        page = client.sign_in(alice).get(f"/cases/{new.feedback.reference}").page
        assert feedback.reference in page.text
    assert db.session.query(Feedback).count() == 2
    assert last_word(riverside, days(92)) == states(silent=1), "the old numbers stay"


def test_staff_open_a_new_case_too_and_their_reason_is_a_note(riverside, alice, at):
    with at(MONDAY):
        feedback = sent(riverside)
        resolve(feedback, alice)
    with at(days(120)):
        new = following.reopen_or_follow(actions.case_of(feedback), "They rang.", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()

    assert history(new.feedback) == ["acknowledged", "noted"]
    assert new.feedback.has_text is False


def test_the_days_are_those_of_the_contract(client, riverside, alice, at):
    riverside.contract.reopen_days, riverside.contract.confirm_days = 10, 3
    db.session.commit()
    with at(MONDAY):
        feedback = sent(riverside)
        resolve(feedback, alice)
    assert last_word(riverside, days(4)) == states(silent=1)
    with at(days(11)):
        client.post(f"/track/{tracking_token(feedback.id)}/reopen", data={})
    assert history(feedback)[-1] == "followed"


def test_a_question_is_asked_again_once_and_then_the_clock_runs_on(riverside, alice, at, work, mail_box):
    with at(MONDAY):
        feedback = sent(riverside)
        actions.ask(actions.case_of(feedback), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        work()
    # Two of the five waiting days before they end: on Wednesday at the end of the day.
    with at(MONDAY + timedelta(days=2, hours=8.5)):
        work()
    reminders = [each for each in mail_box() if "Still open" in each["Subject"]]
    assert len(reminders) == 1
    assert "Which bin?" in reminders[0].get_body(("plain",)).get_content()
    with at(MONDAY + timedelta(days=4, hours=8.5)):
        work()
    assert history(feedback)[-2:] == ["asked", "resumed"]
    assert len([each for each in mail_box() if "Still open" in each["Subject"]]) == 1


def test_whoever_has_answered_is_not_reminded(riverside, alice, at, work, mail_box):
    with at(MONDAY):
        feedback = sent(riverside)
        actions.ask(actions.case_of(feedback), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        actions.resident_adds(feedback, "The left one.")
        work()
    with at(days(5)):
        work()
    assert [each for each in mail_box() if "Still open" in each["Subject"]] == []


def test_the_clock_does_not_wait_for_whom_nobody_can_reach(client, riverside, alice, at):
    with at(MONDAY):
        feedback = sent(riverside, email=None)
        actions.ask(actions.case_of(feedback), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()
        assert history(feedback)[-2:] == ["asked", "resumed"]
        assert actions.case_of(feedback).waiting_since is None
        assert not db.session.scalars(select(Promise).where(Promise.topic == "case.resume")).all()
        page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page
        assert "They left no way to reach them, so the clock runs on." in page.text
    hours = build(riverside.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=days(3)).to_json()
    assert hours["measures"]["hours_with"]["resident"] == 0
    assert hours["measures"]["resolution_hours"]["censored"] == 1


def test_where_a_contract_gives_no_days_work_goes_on_and_the_resident_may_still_answer(client, riverside, alice, at):
    riverside.contract.waiting_days = 0
    with at(MONDAY):
        feedback = sent(riverside)
        actions.ask(actions.case_of(feedback), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()
        assert history(feedback)[-2:] == ["asked", "resumed"]
        assert actions.case_of(feedback).waiting_since is None
        track = f"/track/{tracking_token(feedback.id)}"
        page = client.get(track).page
        assert "without an answer" not in page.text
        assert "Work goes on meanwhile, and you can still answer below." in page.text
        assert page.select_one("label[for=message]").text.strip() == "Your answer"
        assert client.post(f"{track}/add", data={"message": "The left one."}).status_code == 303
        assert history(feedback)[-1] == "resident_replied"
        assert "Work goes on meanwhile" not in client.get(track).page.text
        page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page
        assert "The contract gives no days to wait for an answer, so the clock runs on." in page.text
        assert "a question never stops the clock" in client.get("/contracts/C-001").page.text


def test_pauses_are_in_sight_with_their_total(client, riverside, alice, at):
    with at(MONDAY):
        feedback = sent(riverside)
        actions.ask(actions.case_of(feedback), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
    with at(MONDAY + timedelta(hours=3)):
        actions.resident_adds(feedback, "The left one.")
    with at(MONDAY + timedelta(hours=4)):
        facts = client.sign_in(alice).get(f"/cases/{feedback.reference}").page.select_one(".app-card--quiet").text
    facts = " ".join(facts.split())
    assert "Pauses 1, 3 working hours in all" in facts
    assert "Working hours agency 1, provider 0" in facts


@pytest.mark.parametrize(
    ("calendar", "respond_by"),
    [
        # Care runs on Sundays, round the clock: 16 hours after Saturday, 10 o'clock.
        (
            {"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "24:00"},
            "2026-11-08T02:00:00+08:00",
        ),
        # Saturday has hours of its own: 10 to 14; then Monday and Tuesday.
        (
            {
                "weekdays": [0, 1, 2, 3, 4, 5],
                "start": "09:00",
                "end": "17:00",
                "hours": {"5": {"start": "10:00", "end": "14:00"}},
            },
            "2026-11-10T13:00:00+08:00",
        ),
    ],
)
def test_a_clause_can_have_a_calendar_of_its_own(riverside, at, calendar, respond_by):
    riverside.contract.clauses[0].calendar = calendar
    db.session.commit()
    with at("2026-11-07T10:00:00+08:00"):
        case = actions.case_of(sent(riverside))

        assert case.respond_by.isoformat() == at_utc(respond_by)
        other = riverside.contract.clauses[1]
        actions.change_clause(case, other, "It is about conduct.", member_id=riverside.officer.id)
        assert case.calendar == riverside.agency.calendar


def at_utc(text):
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()
