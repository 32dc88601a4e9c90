"""A limit comes near: somebody is told at half, at four fifths and when it is over, once, in one letter an hour."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.cases import actions, escalation_actions
from app.cases.models import Case, Escalation
from app.extensions import db
from app.kernel import clock
from app.kernel.words import Actor, FeedbackKind, Limit, Role
from app.outbox.models import Promise
from tests import factories
from tests.web.cases_story import MONDAY, sent

# Limits of the clause: 16 working hours to answer, 40 to resolve; 09:00 to 17:30, so 8.5 hours a day.
HALF = "2026-11-02T17:00:00+08:00"
FOUR_FIFTHS = "2026-11-03T13:18:00+08:00"
OVER = "2026-11-03T16:30:00+08:00"


@pytest.fixture
def tick(work):
    """The worker's minute: what is due is promised, and kept."""

    def minute():
        escalation_actions.promise_due(clock.now())
        return work()

    return minute


@pytest.fixture
def letters(mail_box):
    """Letters to staff: (to whom, text)."""

    def found():
        return [
            (letter["To"], letter.get_body(("plain",)).get_content())
            for letter in mail_box()
            if "your word" in letter["Subject"]
        ]

    return found


def later(moment, **more):
    return datetime.fromisoformat(moment) + timedelta(**more)


def taken(world, by, **more):
    """A case that ``by`` sees to."""
    feedback = sent(world, **more)
    actions.take(actions.case_of(feedback), assignee_id=by.id, member_id=by.id)
    db.session.commit()
    return feedback


def told():
    rows = db.session.execute(select(Escalation.limit_kind, Escalation.step).order_by(Escalation.id))
    return [(str(limit), step) for limit, step in rows]


def test_the_three_steps_reach_the_assignee_and_the_last_one_the_manager_too(riverside, alice, at, tick, letters):
    with at(MONDAY):
        feedback = taken(riverside, alice)
    with at(later(HALF, seconds=-1)):
        tick()
        assert told() == []
    with at(HALF):
        tick()
        assert told() == [("respond", 50)]
    with at(later(HALF, hours=1, minutes=2)):
        tick()
    ((to, text),) = letters()
    assert to == alice.email
    assert "half of the time to answer is used (until 3 Nov 2026, 16:30)" in text
    assert f"http://localhost/cases/{feedback.reference}" in text
    assert "bin was full" not in text

    with at(FOUR_FIFTHS):
        tick()
    with at(later(FOUR_FIFTHS, hours=1)):
        tick()
    assert [to for to, _ in letters()][1:] == [alice.email]
    assert "80 % of the time to answer are used" in letters()[1][1]

    with at(OVER):
        tick()
    with at(later(OVER, hours=1)):
        tick()
    over = dict(letters()[2:])
    assert over.keys() == {alice.email, riverside.manager.email}
    assert all("the time to answer is over" in text for text in over.values())


def test_each_step_is_told_once_whatever_is_repeated(riverside, alice, at, tick, letters):
    with at(MONDAY):
        feedback = taken(riverside, alice)
    with at(HALF):
        tick()
        tick()
        case = actions.case_of(feedback)
        # A worker that was killed after the deed, and one that comes to it with the same promise.
        escalation_actions.escalate(case)
        escalation_actions.escalate(case)
        db.session.commit()
    with at(later(HALF, hours=3)):
        tick()
        tick()

    assert told() == [("respond", 50)]
    assert len(letters()) == 1
    db.session.add(
        Escalation(
            agency_id=case.agency_id, feedback_id=case.feedback_id, limit_kind=Limit.RESPOND, step=50, told_at=MONDAY
        )
    )
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_a_form_that_is_open_meanwhile_stays_good(client, riverside, alice, at, tick):
    with at(MONDAY):
        feedback = taken(riverside, alice)
        page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page
        version = page.select_one("input[name=version]")["value"]
    with at(HALF):
        tick()
        answer = client.post(f"/cases/{feedback.reference}/reply", data={"version": version, "message": "Tomorrow."})

    assert answer.status_code == 303


def test_an_answer_ends_one_limit_and_not_the_other(riverside, alice, at, tick):
    with at(MONDAY):
        feedback = taken(riverside, alice)
        actions.reply(actions.case_of(feedback), "We look.", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()
    with at(OVER):
        tick()
        assert told() == []
    # Half of forty hours: two days and three hours.
    with at("2026-11-04T12:00:00+08:00"):
        tick()
        assert told() == [("resolve", 50)]


def test_a_pause_puts_the_steps_off_and_an_answer_brings_them_back(riverside, alice, at, tick):
    with at(MONDAY):
        feedback = taken(riverside, alice)
        case = actions.case_of(feedback)
        actions.ask(case, "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()
        assert case.escalate_at is None, "the clock stands"
    with at(MONDAY + timedelta(days=1)):
        actions.resident_adds(feedback, "The left one.")
        db.session.commit()
        assert actions.case_of(feedback).escalate_at == datetime.fromisoformat("2026-11-05T12:00:00+08:00")
    with at("2026-11-05T11:59:59+08:00"):
        tick()
        assert told() == []
    with at("2026-11-05T12:00:00+08:00"):
        tick()
        assert told() == [("resolve", 50)]


def test_what_was_promised_before_a_pause_is_not_told_in_it(riverside, alice, at, work):
    with at(MONDAY):
        feedback = taken(riverside, alice)
        actions.reply(actions.case_of(feedback), "We look.", by=Actor.AGENCY, member_id=alice.id)
    with at("2026-11-04T12:00:00+08:00"):
        escalation_actions.promise_due(clock.now())
        db.session.commit()
        actions.ask(actions.case_of(feedback), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        actions.resolve(actions.case_of(feedback), "Done.", by=Actor.AGENCY, member_id=alice.id)
        work()

        assert told() == []
        assert db.session.query(Promise).filter_by(topic="case.escalate").one().done_at is not None
        actions.reopen(actions.case_of(feedback), "It is not.")
        db.session.commit()
        escalation_actions.promise_due(clock.now())
        work()
        assert told() == [("resolve", 50)], "the same moment, and another state of the case"


def test_a_reopened_case_goes_on_where_its_clock_is(riverside, alice, at, tick, letters):
    with at(MONDAY):
        feedback = taken(riverside, alice)
    with at(later(HALF, minutes=-30)):
        actions.resolve(actions.case_of(feedback), "Done.", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()
        assert actions.case_of(feedback).escalate_at is None
    # 85 of a hundred of the forty hours have gone by: half of it was passed over and is told no more.
    with at("2026-11-06T09:00:00+08:00"):
        actions.reopen(actions.case_of(feedback), "Still full.")
        db.session.commit()
        tick()
        assert told() == [("resolve", 80)]
    with at("2026-11-06T15:01:00+08:00"):
        tick()
    assert told() == [("resolve", 80), ("resolve", 100)]


def test_where_somebody_leads_at_the_provider_the_others_are_left_alone(riverside, alice, bob, at, tick, letters):
    lead = factories.member("lead@clearway.example", Role.STAFF, provider=riverside.provider)
    lead.memberships[0].is_lead = True
    with at(MONDAY):
        case = actions.case_of(sent(riverside))
        actions.assign(case, member_id=alice.id)
        db.session.commit()
    with at(HALF):
        tick()
    with at(later(HALF, minutes=61)):
        tick()

    assert [to for to, text in letters() if "half" in text or "50" in text] == [lead.email]
    assert bob.email not in [to for to, text in letters() if "50" in text]


def test_the_providers_staff_hear_of_what_they_hold_and_not_of_what_is_hidden(
    client, riverside, alice, bob, at, tick, letters
):
    with at(MONDAY):
        held, hidden = sent(riverside), sent(riverside)
        for feedback in (held, hidden):
            actions.assign(actions.case_of(feedback), member_id=alice.id)
            actions.look(feedback, member_id=bob.id)
        why = {"reason": "An accused worker", "is_sure": "y"}
        assert client.sign_in(alice).post(f"/cases/{hidden.reference}/safeguarding", data=why).status_code == 303
        db.session.commit()
    with at(HALF):
        tick()
    with at(later(HALF, hours=1, minutes=2)):
        tick()

    found = dict(letters())
    assert found.keys() == {bob.email, alice.email}
    assert held.reference in found[bob.email]
    assert hidden.reference not in found[bob.email]
    assert hidden.reference in found[alice.email], "of what is hidden the agency sees to it"
    assert held.reference not in found[alice.email]


def test_where_nobody_sees_to_it_the_managers_hear_of_it(riverside, at, tick, letters):
    with at(MONDAY):
        sent(riverside)
    with at(HALF):
        tick()
    with at(later(HALF, hours=1, minutes=2)):
        tick()

    assert [to for to, _ in letters()] == [riverside.manager.email]


def test_what_is_answered_before_the_letter_goes_out_is_not_in_it(riverside, alice, at, tick, letters):
    with at(MONDAY):
        feedback = taken(riverside, alice)
    with at(HALF):
        tick()
    with at(later(HALF, minutes=30)):
        actions.reply(actions.case_of(feedback), "We look.", by=Actor.AGENCY, member_id=alice.id)
    with at(later(HALF, hours=2)):
        tick()

    assert letters() == []


def test_all_of_an_hour_comes_in_one_letter_and_a_case_counts_once(riverside, alice, at, tick, letters):
    with at(MONDAY):
        first, second = taken(riverside, alice), taken(riverside, alice)
    with at(HALF):
        tick()
        actions.resident_adds(first, "And the lid is broken.")
        db.session.commit()
        tick()
    with at(later(HALF, hours=1, minutes=2)):
        tick()

    ((_, text),) = letters()
    assert text.startswith("2 cases wait for your word")
    assert {each.reference for each in (first, second)} <= set(text.split())


NIGHT_AND_DAY = {"weekdays": list(range(7)), "start": "00:00", "end": "24:00"}


def test_in_quiet_hours_letters_wait_for_the_morning_and_are_one(riverside, alice, at, tick, letters):
    """Care is given round the clock; whoever sees to it sleeps."""
    for clause in riverside.contract.clauses:
        clause.calendar = NIGHT_AND_DAY
    db.session.commit()
    for hour in ("13:00", "15:30", "19:40"):  # half of sixteen hours later: 21:00, 23:30, 03:40
        with at(f"2026-11-02T{hour}:00+08:00"):
            taken(riverside, alice)
    moment = datetime.fromisoformat("2026-11-02T20:30:00+08:00")
    while moment < datetime.fromisoformat("2026-11-03T07:00:00+08:00"):
        with at(moment):
            tick()
        moment += timedelta(minutes=10)
    assert letters() == []
    assert len(told()) == 6, "the first case has used all of its time by five, the second four fifths"
    with at("2026-11-03T07:01:00+08:00"):
        tick()

    text = dict(letters())[alice.email]
    assert len(letters()) == 2, "and one to the manager, of what is over"
    assert text.startswith("3 cases wait for your word")


def test_without_quiet_hours_they_go_out_at_night(riverside, alice, at, tick, letters):
    riverside.agency.quiet_from = riverside.agency.quiet_until = 0
    for clause in riverside.contract.clauses:
        clause.calendar = NIGHT_AND_DAY
    db.session.commit()
    with at("2026-11-02T15:00:00+08:00"):
        taken(riverside, alice)
    with at("2026-11-02T23:00:00+08:00"):
        tick()
    with at("2026-11-03T00:01:00+08:00"):
        tick()

    assert len(letters()) == 1


def test_a_member_chooses_quiet_hours_of_their_own_and_gives_them_up(client, riverside, alice, at, tick, letters):
    """Works at night, sleeps from noon on; a colleague keeps the hours of the agency."""
    for clause in riverside.contract.clauses:
        clause.calendar = NIGHT_AND_DAY
    client.sign_in(alice)
    page = client.get("/account").page
    assert "Those of your agency are from 20:00 to 7:00." in page.text
    assert not page.select_one("[name=has_own_quiet]").has_attr("checked")
    mine = {"name": "Alice", "language": "en", "has_own_quiet": "y", "quiet_from": "12", "quiet_until": "18"}
    assert client.post("/account", data=mine).location == "/account"
    chosen = client.get("/account").page.select("select option[selected]")
    assert [option["value"] for option in chosen] == ["12", "18"]

    for officer, hour in ((alice, "06:00"), (alice, "15:00"), (riverside.second_officer, "15:00")):
        with at(f"2026-11-02T{hour}:00+08:00"):
            taken(riverside, officer)
    for moment, told_to in (("14:02", []), ("18:01", [alice.email]), ("23:02", [alice.email]), ("23:59", None)):
        with at(f"2026-11-02T{moment}:00+08:00"):
            tick()
        if told_to is not None:
            assert [to for to, _text in letters()] == told_to, moment
    with at("2026-11-03T00:01:00+08:00"):
        tick()
    assert [to for to, _text in letters()] == [alice.email] * 2, "the colleague is left alone until the morning"

    client.sign_in(alice)
    client.post("/account", data={"name": "Alice", "language": "en", "quiet_from": "12", "quiet_until": "18"})
    assert (alice.quiet_from, alice.quiet_until) == (None, None)
    # Hours that would not hold are not thrown away without a word.
    changed = client.post("/account", data={"name": "Alice", "language": "en", "quiet_from": "9", "quiet_until": "10"})
    assert (changed.status_code, "Tick this for the hours below to hold" in changed.page.text) == (422, True)
    odd = client.post("/account", data=mine | {"quiet_from": "25"})
    assert odd.status_code == 422
    assert alice.quiet_from is None


@pytest.mark.parametrize("hours", [("22", "6"), ("0", "0")])
def test_a_manager_sets_the_quiet_hours(client, riverside, hours):
    client.sign_in(riverside.manager)
    answer = client.post("/settings", data={"quiet_from": hours[0], "quiet_until": hours[1]})

    assert answer.status_code == 303
    assert (riverside.agency.quiet_from, riverside.agency.quiet_until) == tuple(map(int, hours))
    chosen = client.get("/settings").page.select("option[selected]")
    assert [option["value"] for option in chosen] == list(hours)


def test_hours_that_no_clock_shows_are_refused(client, riverside):
    answer = client.sign_in(riverside.manager).post("/settings", data={"quiet_from": "25", "quiet_until": "7"})

    assert answer.status_code == 422
    assert riverside.agency.quiet_from == 20


def test_the_page_says_how_much_is_used(client, riverside, alice, at, tick):
    with at(MONDAY):
        feedback = taken(riverside, alice)
    with at(HALF):
        tick()
    with at(FOUR_FIFTHS):
        facts = client.sign_in(alice).get(f"/cases/{feedback.reference}").page.select_one(".app-card--quiet").text
    facts = " ".join(facts.split())

    assert "Time to answer 80 % is used; somebody was told at 50 %" in facts
    assert "Time to resolve 32 % is used" in facts


def test_summer_time_ends_and_the_step_comes_when_the_hours_have_gone_by(hillside, charlie, at, tick):
    for clause in hillside.contract.clauses:
        clause.calendar = NIGHT_AND_DAY
    db.session.commit()
    with at("2026-10-24T22:00:00+01:00"):
        case = actions.case_of(taken(hillside, charlie))
    assert case.escalate_at == datetime.fromisoformat("2026-10-25T05:00:00+00:00"), "eight hours, one of them twice"


def test_what_came_from_a_file_is_told_of_only_once_somebody_sees_to_it(riverside, alice, at, tick, tmp_path):
    from tests.web.conftest import take_in

    take_in(
        riverside,
        tmp_path,
        ["P1,C-001,RS-001,complaint,1,2,The bin was full.,en,web,2026-09-01T09:00:00+08:00"],
        [],
    )
    db.session.commit()
    with at(MONDAY):
        tick()
        assert told() == []
        case = db.session.query(Case).one()
        actions.take(case, assignee_id=alice.id, member_id=alice.id)
        db.session.commit()
        tick()
    assert told() == [("respond", 100), ("resolve", 100)]


def test_what_is_no_complaint_has_no_steps(riverside, at, tick):
    with at(MONDAY):
        sent(riverside, kind=FeedbackKind.RATING)
    with at(OVER):
        tick()
    assert told() == []
