"""The watch: what the rules find in what really happened, for managers, without a person's name, with its cases."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.cases import actions, disclosure, merging, moving, provider_links
from app.extensions import db
from app.gaming_watch import queries
from app.gaming_watch.models import WatchThreshold
from app.gaming_watch.queries import Span
from app.gaming_watch.rules import DEFAULTS
from app.kernel.words import Actor, FeedbackKind
from app.privacy import finding
from tests.web.cases_story import MONDAY, sent

NOW = MONDAY + timedelta(days=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def manager(app, riverside):
    return app.test_client().sign_in(riverside.manager)


def found(world, **more):
    """The patterns that the manager is shown, by name."""
    membership = world.manager.memberships[0]
    span = Span(MONDAY - timedelta(days=1), NOW, **more)
    return {str(each.pattern): each for each in queries.found_for(membership, span)}


def given(world, at, n, when=MONDAY, apart=timedelta(hours=2), **more):
    """So many complaints that the provider has."""
    made = []
    for nth in range(n):
        with at(when + nth * apart):
            feedback = sent(world, **more)
            actions.assign(actions.case_of(feedback), member_id=world.officer.id)
            db.session.commit()
            made.append(feedback)
    return made


def closed(world, feedback, words=None):
    message = words or f"We have looked at it and emptied the bin, number {feedback.id}."
    actions.resolve(actions.case_of(feedback), message, by=Actor.PROVIDER, member_id=world.staff.id)
    db.session.commit()


def test_closures_within_minutes_and_many_at_once(riverside, manager, at):
    complaints = given(riverside, at, 5, apart=timedelta(seconds=10))
    with at(MONDAY + 2 * MINUTE):
        for each in complaints:
            closed(riverside, each)

    assert set(found(riverside)) == {"quick", "at_once", "repeated"}
    with at(NOW):
        page = manager.get("/watch").page
    shown = " ".join(page.text.split())
    assert "Cases closed by the provider within 5 minutes of being sent: 5." in shown
    assert "Cases closed by the provider, several within 60 seconds: 5." in shown
    assert "shown from 3 on" in shown
    links = {link["href"] for link in page.select(".app-card a")}
    assert links == {f"/cases/{each.reference}" for each in complaints}
    for person in (riverside.staff, riverside.officer):
        assert person.name not in shown
        assert person.email not in shown


def test_closures_at_the_limit_by_the_frozen_calendar(riverside, at):
    complaints = given(riverside, at, 5, apart=MINUTE)
    for each in complaints:
        # 40 working hours of 8.5 a day from Monday at nine: Friday, 15:00.
        with at("2026-11-06T14:30:00+08:00"):
            closed(riverside, each, f"Done as agreed with {'a' * each.id} the market.")

    assert "at_the_limit" in found(riverside)
    assert found(riverside)["at_the_limit"].more == {"percent": 95, "of": 5}


def test_a_pause_moves_the_limit_and_its_question_is_seen(riverside, at):
    complaints = given(riverside, at, 3, apart=MINUTE)
    for each in complaints:
        with at("2026-11-06T12:00:00+08:00"):
            actions.ask(
                actions.case_of(each), f"Which of the bins, {each.id * 'a'}?", by=Actor.PROVIDER, member_id=None
            )
            db.session.commit()
    assert set(found(riverside)) == {"pauses"}
    with at("2026-11-09T12:00:00+08:00"):
        for each in complaints:
            actions.resident_adds(each, "The left one.")
            db.session.commit()
    with at("2026-11-09T12:30:00+08:00"):
        deeds = queries.deeds_of(riverside.manager.memberships[0], Span(MONDAY, NOW))
    assert {round(each.used, 1) for each in deeds} == {0.9}, "what was asked still stands where it was"


def test_a_question_for_which_the_clock_did_not_stop_is_no_pause(riverside, at):
    riverside.contract.waiting_days = 0
    for each in given(riverside, at, 3, apart=MINUTE):
        with at("2026-11-06T12:00:00+08:00"):
            actions.ask(
                actions.case_of(each), f"Which of the bins, {each.id * 'a'}?", by=Actor.PROVIDER, member_id=None
            )
            db.session.commit()

    assert set(found(riverside)) == set()


def test_what_was_done_before_a_move_is_the_former_contracts(riverside, alice, at):
    complaints = given(riverside, at, 3, is_shared=True)
    with at(MONDAY + timedelta(days=1)):
        for each in complaints:
            disclosure.show_contact(riverside.staff.memberships[0], each, "To call")
            actions.reply(actions.case_of(each), "OK.", by=Actor.PROVIDER, member_id=riverside.staff.id)
            moving.move(
                actions.case_of(each), riverside.other_contract, "Theirs.", member_id=alice.id, is_manager=False
            )
            db.session.commit()
    with at(MONDAY + timedelta(days=1, hours=2)):
        for each in complaints:
            actions.withdraw(actions.case_of(each))
    db.session.commit()

    assert {name: each.contract_id for name, each in found(riverside).items()} == {
        "short": riverside.contract.id,
        "after_a_call": riverside.contract.id,
    }
    assert set(found(riverside, contract_id=riverside.contract.id)) == {"short", "after_a_call"}
    assert set(found(riverside, contract_id=riverside.other_contract.id)) == set()


def test_rejections_and_thin_replies(riverside, alice, at):
    complaints = given(riverside, at, 5)
    with at(MONDAY + timedelta(hours=10)):
        for each in complaints:
            actions.reply(actions.case_of(each), "OK.", by=Actor.AGENCY, member_id=alice.id)
    for nth, each in enumerate(complaints):
        with at(MONDAY + timedelta(hours=11 + nth)):
            actions.reject(actions.case_of(each), f"Outside of the {'x' * nth} contract's area.", member_id=alice.id)
            db.session.commit()

    patterns = found(riverside)
    assert {"rejections", "short", "repeated"} <= set(patterns)
    assert patterns["short"].side == Actor.AGENCY
    assert patterns["repeated"].more == {"words": "OK."}


def test_a_burst_of_ratings_at_a_site(riverside, manager, at):
    for nth in range(10):
        with at(MONDAY + nth * MINUTE):
            sent(riverside, kind=FeedbackKind.RATING, rating=5, text=None)

    assert set(found(riverside)) == {"burst"}
    with at(NOW):
        shown = manager.get("/watch").page.text
    assert "Ratings of 5 of 5 at site RS-001, several within 10 minutes: 10." in shown
    assert "We keep no addresses of phones" in shown


def test_what_was_taken_back_after_a_look_at_the_contact(riverside, at):
    complaints = given(riverside, at, 2, is_shared=True)
    by_link = given(riverside, at, 1, is_shared=True)
    staff = riverside.staff.memberships[0]
    with at(MONDAY + timedelta(days=1)):
        disclosure.show_contact(staff, complaints[0], "To call")
        disclosure.show_contact(staff, complaints[1], "To call")
        link = provider_links.send(
            actions.case_of(by_link[0]), email="desk@clearway.example", language="en", member_id=riverside.officer.id
        )
        provider_links.show_contact(link, "To call")
    with at(MONDAY + timedelta(days=1, hours=5)):
        for each in [*complaints, *by_link]:
            actions.withdraw(actions.case_of(each))
    db.session.commit()

    crossed = found(riverside)["after_a_call"]
    assert (crossed.side, crossed.count) == (Actor.PROVIDER, 3)


def test_who_looked_for_a_person_did_not_look_up_how_to_reach_them(riverside, manager, at):
    complaints = given(riverside, at, 2, email="ann@example.org")
    with at(MONDAY + timedelta(days=1)):
        assert len(finding.find(riverside.manager.memberships[0], "ann@example.org", "She asks what is known")) == 2
    with at(MONDAY + timedelta(days=1, hours=5)):
        for each in complaints:
            actions.withdraw(actions.case_of(each))
    db.session.commit()

    assert "after_a_call" not in found(riverside)


def test_duplicates_that_hide(riverside, alice, at):
    target, *others = given(riverside, at, 3)
    with at(MONDAY + timedelta(hours=8)):
        closed(riverside, target)
        for each in others:
            merging.mark_duplicate(actions.case_of(each), actions.case_of(target), member_id=alice.id)
        db.session.commit()

    finding = found(riverside)["duplicates"]
    assert finding.more == {"percent": 90, "late": 0, "over": 2, "other": 0}
    assert finding.cases == tuple(each.reference for each in others)


def test_an_ordinary_week_shows_nothing(riverside, alice, manager, at):
    for nth, feedback in enumerate(given(riverside, at, 4)):
        with at(MONDAY + timedelta(days=1, hours=nth)):
            actions.reply(actions.case_of(feedback), f"A crew comes {'so' * nth}on.", by=Actor.PROVIDER, member_id=None)
        with at(MONDAY + timedelta(days=2, hours=nth)):
            closed(riverside, feedback, f"It was emptied at {'a' * nth} quarter past nine.")

    assert found(riverside) == {}
    with at(NOW):
        assert "Nothing crosses its threshold." in manager.get("/watch").page.text


def test_it_is_narrowed_by_contract_and_time(riverside, manager, at):
    complaints = given(riverside, at, 3)
    for each in complaints:
        with at(each.submitted_at + MINUTE):
            closed(riverside, each)
    assert "quick" in found(riverside, contract_id=riverside.contract.id)
    assert found(riverside, contract_id=riverside.other_contract.id) == {}
    with at(NOW):
        assert "Cases closed by the provider within" in manager.get("/watch?contract=C-001").page.text
        assert "Cases closed by the provider within" not in manager.get("/watch?contract=C-002").page.text
        assert "Cases closed by the provider within" not in manager.get("/watch?days=7").page.text
        assert manager.get("/watch?days=soon").status_code == 200
        assert manager.get("/watch?contract=C-999").status_code == 404


def test_another_agency_sees_nothing_of_it(riverside, hillside, at):
    for each in given(riverside, at, 3):
        with at(each.submitted_at + MINUTE):
            closed(riverside, each)

    assert found(hillside) == {}


@pytest.mark.parametrize("who", ["viewer", "officer", "staff"])
def test_it_is_for_managers_alone(client, riverside, who):
    client.sign_in(getattr(riverside, who))
    assert client.get("/watch").status_code == 403
    assert client.get("/watch/thresholds").status_code == 403
    assert 'href="/watch' not in client.get("/contracts/C-001").text


def test_managers_find_it_in_the_menu_and_on_the_page_of_a_contract(manager, riverside):
    page = manager.get("/contracts/C-001").page
    assert page.select_one("nav a[href='/watch']")
    assert page.select_one("main a[href='/watch?contract=C-001']")


def answers(manager, **changes):
    page = manager.get("/watch/thresholds").page
    return {field["name"]: field["value"] for field in page.select("form input[inputmode]")} | changes


def test_an_agency_sets_its_thresholds(riverside, hillside, manager, at):
    for each in given(riverside, at, 1):
        with at(each.submitted_at + MINUTE):
            closed(riverside, each)
    assert found(riverside) == {}

    assert manager.post("/watch/thresholds", data=answers(manager, quick_cases="1")).status_code == 303

    assert set(found(riverside)) == {"quick"}
    kept = db.session.query(WatchThreshold).one()
    assert (kept.agency_id, kept.name, kept.value) == (riverside.agency.id, "quick_cases", 1)
    assert queries.thresholds_of(hillside.manager.memberships[0]) == DEFAULTS
    assert answers(manager)["quick_cases"] == "1"
    manager.post("/watch/thresholds", data=answers(manager, quick_cases="3"))
    assert db.session.query(WatchThreshold).count() == 0, "a better default reaches who has set nothing"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("quick_cases", "0", "Enter a whole number from 1 to 10000."),
        ("limit_percent", "101", "Enter a whole number from 1 to 100."),
        ("quick_minutes", "", "Enter a whole number."),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(manager, riverside, name, value, said):
    response = manager.post("/watch/thresholds", data=answers(manager, **{name: value}))

    assert response.status_code == 422
    assert said in response.page.text
    assert db.session.query(WatchThreshold).count() == 0


def test_the_database_knows_the_thresholds(riverside):
    for wrong in ("'danced', 1", "'quick_cases', 0"):
        with pytest.raises(IntegrityError):
            db.session.execute(
                text(f"INSERT INTO watch_threshold (agency_id, name, value) VALUES ({riverside.agency.id}, {wrong})")
            )
        db.session.rollback()


def test_questions_again_and_again_that_nobody_answers(riverside, manager, at, work):
    twice, also, answered = given(riverside, at, 3)
    for week in range(2):
        with at(MONDAY + timedelta(days=1, hours=week)):
            for each in (twice, also, answered):
                ask = actions.ask(actions.case_of(each), f"Which bin, {each.id}?", by=Actor.PROVIDER, member_id=None)
                assert ask.kind == "asked"
                db.session.commit()
            actions.resident_adds(answered, "The left one.")
            db.session.commit()
    with at(NOW):
        work()
        page = manager.get("/watch").page
    finding_ = found(riverside)["unanswered"]
    assert set(finding_.cases) == {twice.reference, also.reference}
    shown = " ".join(page.text.split())
    assert "Cases in which the provider asked 2 times or more without an answer: 2." in shown
    settings = " ".join(manager_settings(manager, at).split())
    assert "Unanswered questions in one case" in settings


def manager_settings(manager, at):
    with at(NOW):
        return manager.get("/watch/thresholds").page.text
