"""Whose a complaint is: the agency judges, the provider replies and contests once, a manager decides."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.cases import actions, verdict_actions
from app.cases.models import Case, Event, Verdict
from app.cases.verdict_rules import is_drawn
from app.extensions import db
from app.intake.actions import tracking_token
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Attribution, EventKind, Role, VerdictStage
from app.outbox.models import Promise
from app.reports.report import build
from tests.web.cases_story import MONDAY, history, sent


@pytest.fixture
def complaint(riverside, at):
    with at(MONDAY):
        return sent(riverside)


@pytest.fixture
def monday(at):
    with at(MONDAY + timedelta(hours=1)):
        yield


def page_of(client, feedback):
    return client.get(f"/cases/{feedback.reference}").page


def do(client, feedback, what, **answers):
    """Open the page, fill in one of its forms, send it."""
    seen = page_of(client, feedback).select_one("input[name=version]")
    answers.setdefault("version", seen["value"] if seen else actions.case_of(feedback).version)
    return client.post(f"/cases/{feedback.reference}/{what}", data=answers)


def judge(client, feedback, attribution="provider", grounds="The crew did not come.", **more):
    return do(client, feedback, "verdict", attribution=attribution, grounds=grounds, **more)


def verdict_of(feedback):
    return db.session.get(Verdict, feedback.id, populate_existing=True)


def counted(world):
    made = build(world.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=MONDAY + timedelta(days=60))
    return made.to_json()["validated"]


def test_anybody_else_is_found_at_once(client, riverside, complaint, alice, monday):
    response = judge(client.sign_in(alice), complaint, "third_party", "The shop next door left it there.")

    assert response.status_code == 303
    assert history(complaint) == ["acknowledged", "verdict"]
    assert verdict_of(complaint).stage == VerdictStage.STANDS
    assert counted(riverside)["verdicts"]["third_party"] == 1
    assert "A third party" in page_of(client, complaint).select_one("#verdict").text


def test_the_provider_is_heard_before_it_counts(client, riverside, complaint, alice, bob, monday):
    assert client.sign_in(bob).get(f"/cases/{complaint.reference}").status_code == 404

    judge(client.sign_in(alice), complaint)

    assert counted(riverside)["verdicts"] == counted(riverside)["verdicts"] | {"provider": 0, "unjudged": 1}
    assert counted(riverside)["in_reply"] == 1
    page = page_of(client.sign_in(bob), complaint)
    # Five working days of the agency's calendar after Monday, 10 o'clock.
    assert "until 9 Nov 2026, 10:00" in page.select_one("#verdict").text
    assert "Silence is consent" in page.select_one("#verdict").text
    assert "The crew did not come." in page.text
    warned = " ".join(page.select_one("main .govuk-inset-text").text.split())
    assert "You have until 9 Nov 2026, 10:00 to reply. Silence is consent" in warned
    assert "The provider may reply until 9 Nov 2026, 10:00" in page.select_one(".app-timeline").text
    assert complaint.reference in client.get("/inbox?view=verdicts").page.text

    not_sure = do(client, complaint, "verdict/agree")
    assert not_sure.status_code == 422
    assert "Tick the box if you are sure." in not_sure.page.text
    assert "cannot be contested afterwards" in not_sure.page.select_one("#do-agree").text
    assert history(complaint)[-1] == "verdict_proposed"
    assert do(client, complaint, "verdict/agree", is_sure="y").status_code == 303
    assert history(complaint)[-3:] == ["verdict_proposed", "verdict_answered", "verdict"]
    assert counted(riverside)["verdicts"]["provider"] == 1
    assert counted(riverside)["measures"]["cases"]["value"] == 1
    assert "The provider agreed." in page_of(client, complaint).text


def test_silence_is_consent_and_says_so(app, client, riverside, complaint, alice, bob, at, work):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint)
    # Five days of 8.5 working hours from Monday, 9 o'clock, end on Friday at 17:30.
    friday = MONDAY + timedelta(days=4, hours=8.5)
    with at(friday - timedelta(seconds=1)):
        work()
        assert verdict_of(complaint).stage == VerdictStage.REPLY
    with at(friday):
        work()
        verdict = verdict_of(complaint)
        assert (verdict.stage, verdict.attribution) == (VerdictStage.STANDS, Attribution.PROVIDER)
        assert verdict.judged_by_id == alice.id
        client = app.test_client().sign_in(bob)
        page = page_of(client, complaint)
        assert "The provider said nothing in time; silence is consent." in page.text
        assert not page.select("form[action$=contest]")
        assert do(client, complaint, "verdict/contest", reason="Not ours.").status_code == 409
    assert counted(riverside)["verdicts"]["provider"] == 1


def test_a_reply_stops_the_time(client, complaint, alice, bob, at, work):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint)
        do(client.sign_in(bob), complaint, "verdict/object", reason="The street was closed by the police.")
    with at(MONDAY + timedelta(days=30)):
        work()

    assert verdict_of(complaint).stage == VerdictStage.OBJECTED
    assert history(complaint)[-1] == "verdict_answered"


def test_it_may_be_contested_once_and_a_manager_decides(client, riverside, complaint, alice, bob, monday):
    judge(client.sign_in(alice), complaint)
    do(client.sign_in(bob), complaint, "verdict/object", reason="The street was closed.")
    assert complaint.reference in client.sign_in(alice).get("/inbox?view=verdicts").page.text
    assert "The street was closed." in page_of(client, complaint).text
    judge(client, complaint, "provider", "It was open on Sunday.")
    assert verdict_of(complaint).contest_by is not None

    contested = do(client.sign_in(bob), complaint, "verdict/contest", reason="It was closed on Sunday too.")

    assert contested.status_code == 303
    assert counted(riverside)["contested"] == 1
    assert judge(client.sign_in(alice), complaint, "agency", "Enough.").status_code == 422
    assert judge(client, complaint, "agency", "Enough.", version="999").status_code in (409, 422)
    client.sign_in(riverside.manager)
    assert complaint.reference in client.get("/inbox?view=decide").page.text
    assert "What you decide is final" in page_of(client, complaint).select_one("#do-judge").text
    assert judge(client, complaint, "outside_contract", "Police matter.").status_code == 303
    assert verdict_of(complaint).stage == VerdictStage.DECIDED
    verdicts = counted(riverside)
    assert (verdicts["verdicts"]["outside_contract"], verdicts["contested"]) == (1, 0)
    assert "this is final" in page_of(client, complaint).select_one("#verdict").text
    assert judge(client, complaint, "agency", "Again.").status_code == 422
    assert do(client.sign_in(bob), complaint, "verdict/contest", reason="Again.").status_code == 409


def test_the_inbox_says_how_far_each_verdict_has_come_and_until_when(client, riverside, complaint, alice, bob, monday):
    def row(who, view="verdicts"):
        page = client.sign_in(who).get(f"/inbox?view={view}").page
        return " ".join(page.main.get_text(" ").split())

    judge(client.sign_in(alice), complaint)
    assert "Verdict: proposed Reply by 9 Nov 2026, 10:00" in row(bob)
    assert "Verdict:" not in row(bob, "all")
    assert "The resident does not read it." in page_of(client.sign_in(bob), complaint).select_one("#do-object").text
    do(client.sign_in(bob), complaint, "verdict/object", reason="The street was closed.")
    assert "Verdict: the provider objects" in row(alice)
    judge(client, complaint, "provider", "It was open.")
    assert "Verdict: stands May be contested until" in row(bob)
    banner = page_of(client, complaint).select_one(".govuk-inset-text").text
    assert "You may contest it once, until" in banner
    do(client, complaint, "verdict/contest", reason="It was closed.")
    assert page_of(client, complaint).select_one(".govuk-inset-text") is None
    assert "Verdict: contested" in row(riverside.manager, "decide")


def test_who_comes_too_late_cannot_contest(app, client, complaint, alice, bob, at):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint)
        do(client.sign_in(bob), complaint, "verdict/object", reason="The street was closed.")
        judge(client.sign_in(alice), complaint, "provider", "It was open.")
    with at(MONDAY + timedelta(days=40)):
        client = app.test_client().sign_in(bob)
        assert do(client, complaint, "verdict/contest", reason="No.").status_code == 409
    assert verdict_of(complaint).stage == VerdictStage.STANDS


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"attribution": "", "grounds": "Why"}, "Choose whose it is."),
        ({"attribution": "the weather", "grounds": "Why"}, "Choose one of the list."),
        ({"attribution": "agency", "grounds": " "}, "Give the grounds."),
    ],
)
def test_it_says_what_is_wrong_and_changes_nothing(client, complaint, alice, answers, said, monday):
    response = judge(client.sign_in(alice), complaint, **answers)

    assert response.status_code == 422
    assert said in response.page.text
    assert history(complaint) == ["acknowledged"]
    assert verdict_of(complaint) is None


@pytest.mark.parametrize("who", ["viewer", "charlie", "other_staff", "staff"])
def test_others_do_not_judge(client, riverside, hillside, complaint, who, monday):
    member = hillside.officer if who == "charlie" else getattr(riverside, who)

    status = client.sign_in(member).post(f"/cases/{complaint.reference}/verdict", data={}).status_code

    assert status == (404 if who == "charlie" else 403)


def test_the_agency_does_not_reply_for_the_provider(client, complaint, alice, monday):
    judge(client.sign_in(alice), complaint)

    assert client.post(f"/cases/{complaint.reference}/verdict/agree").status_code == 403
    assert history(complaint) == ["acknowledged", "verdict_proposed"]


def test_of_two_who_judge_at_once_one_is_told(app, client, riverside, complaint, alice):
    version = page_of(client.sign_in(alice), complaint).select_one("input[name=version]")["value"]
    path = f"/cases/{complaint.reference}/verdict"
    browsers = [app.test_client().sign_in(member) for member in (riverside.officer, riverside.second_officer)]
    db.session.remove()
    start, answers = Barrier(2), []

    def press(browser, attribution):
        with app.app_context():
            start.wait()
            sent = {"attribution": attribution, "grounds": "Because.", "version": version}
            answers.append(browser.post(path, data=sent).status_code)
            db.session.remove()

    threads = [
        Thread(target=press, args=(browser, found))
        for browser, found in zip(browsers, ("agency", "third_party"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 409]
    assert len(db.session.scalars(select(Event).where(Event.kind == EventKind.VERDICT)).all()) == 1


def drawn(riverside, wanted):
    """A complaint whose first verdict is drawn for a second look, or is not."""
    while True:
        feedback = sent(riverside)
        if is_drawn(feedback.reference, 1) is wanted:
            return feedback


def test_a_second_person_looks_at_one_in_ten(client, riverside, alice, monday):
    feedback = drawn(riverside, True)
    judge(client.sign_in(alice), feedback, "agency", "We forgot to order it.")
    assert not page_of(client, feedback).select("form[action$=check]"), "not whoever judged"
    client.sign_in(riverside.second_officer)
    assert feedback.reference in client.get("/inbox?view=verdicts").page.text
    assert do(client, feedback, "verdict/check", agrees="no", why="").status_code == 422

    do(client, feedback, "verdict/check", agrees="no", why="The order was there.")

    assert verdict_of(feedback).stage == VerdictStage.DISPUTED
    assert feedback.reference in client.sign_in(riverside.manager).get("/inbox?view=decide").page.text
    judge(client, feedback, "provider", "It had the order.")
    assert verdict_of(feedback).stage == VerdictStage.REPLY, "also from here the provider is heard first"


def test_what_a_manager_found_after_a_doubt_no_officer_judges_again(client, riverside, alice, monday):
    feedback = drawn(riverside, True)
    judge(client.sign_in(alice), feedback, "agency", "We forgot to order it.")
    do(client.sign_in(riverside.second_officer), feedback, "verdict/check", agrees="no", why="It was the storm.")
    judge(client.sign_in(riverside.manager), feedback, "third_party", "The storm.")
    assert verdict_of(feedback).stage == VerdictStage.STANDS

    page = page_of(client.sign_in(alice), feedback)
    assert "only a manager judges again" in page.text
    assert not page.select("form[action$='verdict']")
    assert judge(client, feedback, "agency", "Still ours.").status_code == 422, "it is not offered"
    client.sign_in(riverside.manager)
    assert judge(client, feedback, "agency", " ").status_code == 422, "not without grounds"
    assert judge(client, feedback, "agency", "The order was late.").status_code == 303
    assert verdict_of(feedback).attribution == Attribution.AGENCY


def test_who_was_a_side_of_it_does_not_decide_where_another_manager_can(client, riverside, alice, monday):
    feedback = drawn(riverside, True)
    judge(client.sign_in(alice), feedback, "agency", "We forgot to order it.")
    do(client.sign_in(riverside.manager), feedback, "verdict/check", agrees="no", why="It was the storm.")

    alone = page_of(client, feedback)
    assert "Nobody else here is a manager" in alone.text
    other = riverside.second_officer.memberships[0]
    other.role = Role.MANAGER
    riverside.second_officer.tf_totp_secret = riverside.manager.tf_totp_secret
    db.session.commit()
    page = page_of(client, feedback)
    assert "another manager decides" in page.text
    assert page.select_one("#deciders").text == "May decide: Second.", "who, is said"
    assert not page.select("form[action$='verdict']")
    assert judge(client, feedback, "third_party", "The storm.").status_code == 422, "it is not offered"
    with pytest.raises(MoveNotAllowed, match="another manager"):
        verdict_actions.judge(
            actions.case_of(feedback),
            Attribution.THIRD_PARTY,
            "The storm.",
            member_id=riverside.manager.id,
            is_manager=True,
        )
    db.session.rollback()
    assert judge(client.sign_in(riverside.second_officer), feedback, "third_party", "The storm.").status_code == 303


def test_the_inbox_lists_what_this_manager_may_decide(app, client, riverside, alice, monday, work, mail_box):
    feedback = drawn(riverside, True)
    judge(client.sign_in(riverside.manager), feedback, "agency", "We forgot to order it.")
    riverside.second_officer.memberships[0].role = Role.MANAGER
    riverside.second_officer.tf_totp_secret = riverside.manager.tf_totp_secret
    db.session.commit()
    do(client.sign_in(alice), feedback, "verdict/check", agrees="no", why="It was the storm.")

    def listed(member):
        page = app.test_client().sign_in(member).get("/inbox?view=decide").page
        return feedback.reference in page.main.text

    assert not listed(riverside.manager), "who judged it"
    assert listed(riverside.second_officer)
    assert page_of(client.sign_in(alice), feedback).select_one("#deciders").text == "May decide: Second."
    called = {promise.payload["member_id"] for promise in db.session.query(Promise).filter_by(topic="staff.call")}
    assert called <= {riverside.second_officer.id}

    riverside.second_officer.active = False
    db.session.commit()
    assert listed(riverside.manager), "where nobody else can"


def test_who_is_the_only_manager_decides_all_the_same(client, riverside, alice, monday):
    feedback = drawn(riverside, True)
    judge(client.sign_in(alice), feedback, "agency", "We forgot to order it.")
    do(client.sign_in(riverside.manager), feedback, "verdict/check", agrees="no", why="It was the storm.")

    assert judge(client, feedback, "third_party", "The storm.").status_code == 303


def test_who_finds_the_same_ends_it(client, riverside, alice, monday):
    feedback = drawn(riverside, True)
    judge(client.sign_in(alice), feedback, "agency", "We forgot to order it.")

    do(client.sign_in(riverside.second_officer), feedback, "verdict/check", agrees="yes")

    assert verdict_of(feedback).stage == VerdictStage.STANDS
    assert feedback.reference not in client.get("/inbox?view=verdicts").page.text
    assert counted(riverside)["checked"] == {"same": 1, "otherwise": 0}


def test_the_database_keeps_the_second_person_apart(riverside, alice, monday):
    feedback = drawn(riverside, True)
    verdict_actions.judge(actions.case_of(feedback), Attribution.AGENCY, "Ours.", member_id=alice.id, is_manager=False)
    verdict_of(feedback).checked_by_id = alice.id

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_what_was_dealt_with_waits_to_be_judged(client, complaint, alice, monday):
    client.sign_in(alice)
    assert complaint.reference not in client.get("/inbox?view=to_judge").page.text
    do(client, complaint, "resolve", message="It was emptied.")
    assert complaint.reference in client.get("/inbox?view=to_judge").page.text
    judge(client, complaint, "unsubstantiated", "The bin was empty.")
    assert complaint.reference not in client.get("/inbox?view=to_judge").page.text


def test_the_resident_sees_none_of_it(client, complaint, alice, bob, monday):
    judge(client.sign_in(alice), complaint)
    do(client.sign_in(bob), complaint, "verdict/object", reason="Secret between staff.")
    page = client.get(f"/track/{tracking_token(complaint.id)}").page.text
    assert "Secret between staff." not in page
    assert "erdict" not in page


def test_the_clocks_know_nothing_of_it(client, riverside, complaint, alice, bob, monday):
    as_of = MONDAY + timedelta(days=3)
    before = build(riverside.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=as_of).to_json()["measures"]
    judge(client.sign_in(alice), complaint)
    do(client.sign_in(bob), complaint, "verdict/object", reason="No.")
    judge(client.sign_in(alice), complaint, "provider", "Yes.")

    after = build(riverside.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=as_of).to_json()["measures"]

    assert after == before
    assert db.session.scalars(select(Case)).one().holder == "agency"
    assert db.session.scalars(select(Promise).where(Promise.topic == "case.consent")).one()


def test_whoever_must_say_something_gets_a_letter(client, riverside, complaint, alice, bob, at, work, mail_box):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint)
        work()
        assert [each for each in mail_box() if "your word" in each["Subject"]] == [], "not at once, but within the hour"
    with at(MONDAY + timedelta(hours=1, minutes=1)):
        work()
        (letter,) = (each for each in mail_box() if "your word" in each["Subject"])
        text = letter.get_body(("plain",)).get_content()
        assert letter["To"] == "staff@clearway.example"
        assert f"{complaint.reference} · Street cleaning: a verdict is proposed; you can reply" in text
        assert "(until 6 Nov 2026, 17:30)" in text
        assert "bin was full" not in text + letter.get_body(("html",)).get_content()

        do(client.sign_in(bob), complaint, "verdict/object", reason="The street was closed.")
    with at(MONDAY + timedelta(hours=2, minutes=1)):
        work()
    assert [each["To"] for each in mail_box() if "your word" in each["Subject"]][1:] == ["officer@riverside.example"]


def test_nobody_gets_a_letter_about_what_is_settled_by_then(
    client, riverside, complaint, alice, bob, at, work, mail_box
):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint)
        do(client.sign_in(bob), complaint, "verdict/agree", is_sure="y")
    with at(MONDAY + timedelta(hours=1, minutes=1)):
        work()

    assert [each for each in mail_box() if "your word" in each["Subject"]] == []
