"""A provider without accounts hears of a verdict by a link, and only then does its time to reply begin."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Membership
from app.cases import actions, provider_links, verdict_actions
from app.cases.models import ProviderLink, Verdict
from app.extensions import db
from app.kernel.words import Attribution, CaseStatus, Holder, VerdictStage
from app.reports.report import build
from tests.web.cases_story import MONDAY, history, sent

ADDRESS = "desk@clearway.example"
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def complaint(riverside, at):
    """Nobody of the provider can sign in, and the agency keeps the case."""
    db.session.query(Membership).filter_by(provider_id=riverside.provider.id).delete()
    db.session.commit()
    with at(MONDAY):
        return sent(riverside)


@pytest.fixture
def desk(app):
    """Somebody at the provider's desk, who has never signed in anywhere."""
    return app.test_client()


def page_of(client, feedback):
    return client.get(f"/cases/{feedback.reference}").page


def words(found):
    return " ".join(found.text.split())


def do(client, path, what, **answers):
    version = client.get(path).page.select_one("input[name=version]")["value"]
    return client.post(f"{path}/{what}", data={"version": version} | answers)


def judge(client, feedback, **answers):
    answers = {"attribution": "provider", "grounds": "The crew did not come.", "language": "en"} | answers
    return do(client, f"/cases/{feedback.reference}", "verdict", **answers)


def verdict_of(feedback):
    return db.session.get(Verdict, feedback.id, populate_existing=True)


def letters_to(mail_box, address=ADDRESS):
    return [each for each in mail_box() if each["To"] == address]


def link_in(letter):
    return re.search(r"http://localhost(/provider/\S+)", letter.get_body(("plain",)).get_content())[1]


def counted(world):
    made = build(world.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=MONDAY + timedelta(days=60))
    return made.to_json()["validated"]["verdicts"]


def test_who_judges_is_asked_where_the_provider_is_told_and_a_link_goes_there(
    client, riverside, complaint, alice, desk, work, mail_box, at
):
    with at(MONDAY):
        asked = words(page_of(client.sign_in(alice), complaint).select_one("#do-judge"))
        assert "Nobody of Clearway Ltd signs in." in asked
        assert "Without an address the verdict waits until the provider can be told." in asked
        assert judge(client, complaint, email="no address").status_code == 422
        assert judge(client, complaint, email=ADDRESS).status_code == 303
        work()
        (letter,) = letters_to(mail_box)
        assert letter["Subject"] == f"A verdict for you to reply to: {complaint.reference}"
        text = " ".join(letter.get_body(("plain",)).get_content().split())
        assert "You have until 6 Nov 2026, 17:30. Silence is consent" in text
        assert "The crew did not come." not in text
        case = actions.case_of(complaint)
        assert (case.status, case.holder) == (CaseStatus.OPEN, Holder.AGENCY), "to be heard is not to be given the case"
        page = desk.get(link_in(letter)).page
        assert "The agency sees to this complaint itself" in words(page)
        assert "You have until 6 Nov 2026, 17:30 to reply." in words(page)
        assert "The crew did not come." in words(page)
        assert do(desk, link_in(letter), "verdict/object", reason="The street was closed.").status_code == 303
    assert verdict_of(complaint).stage == VerdictStage.OBJECTED
    assert history(complaint) == ["acknowledged", "verdict_proposed", "link_sent", "verdict_answered"]


def test_where_no_link_is_sent_it_waits_and_counts_for_nobody(client, riverside, complaint, alice, work, mail_box, at):
    with at(MONDAY):
        assert judge(client.sign_in(alice), complaint, email="").status_code == 303
        card = words(page_of(client, complaint).select_one("#verdict"))
        assert "It waits until the provider can be told." in card
        assert complaint.reference in client.get("/inbox?view=verdicts").page.text
        assert "Waits until the provider can be told" in client.get("/inbox?view=verdicts").page.text
    for days in range(1, 40):
        with at(MONDAY + timedelta(days=days)):
            work()
    assert (verdict_of(complaint).stage, verdict_of(complaint).reply_by) == (VerdictStage.REPLY, None)
    assert history(complaint) == ["acknowledged", "verdict_proposed"]
    assert counted(riverside) == counted(riverside) | {"provider": 0, "unjudged": 1}


def test_the_time_to_reply_begins_with_the_link_and_silence_is_then_consent(
    app, client, riverside, complaint, alice, work, mail_box, at
):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email="")
    with at(TUESDAY):
        client = app.test_client().sign_in(alice)
        address = f"/cases/{complaint.reference}"
        assert do(client, address, "link", email=ADDRESS, language="en").status_code == 303
        assert verdict_of(complaint).reply_by == TUESDAY + timedelta(days=6, hours=8.5)
        work()
    assert [each["Subject"] for each in letters_to(mail_box)] == [
        f"A verdict for you to reply to: {complaint.reference}"
    ]
    with at(TUESDAY + timedelta(days=5)):
        work()
        assert verdict_of(complaint).stage == VerdictStage.REPLY, "the time that the judgement began was none"
    with at(TUESDAY + timedelta(days=6, hours=8.5)):
        work()
    assert (verdict_of(complaint).stage, verdict_of(complaint).attribution) == (
        VerdictStage.STANDS,
        Attribution.PROVIDER,
    )
    assert counted(riverside)["provider"] == 1


def test_a_link_that_was_taken_back_tells_nobody_anything(client, complaint, alice, work, mail_box, at):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email=ADDRESS)
        work()
        client.post(f"/cases/{complaint.reference}/link/revoke")
        assert "It waits until the provider can be told." in words(page_of(client, complaint).select_one("#verdict"))
    with at(MONDAY + timedelta(days=30)):
        work()
    assert verdict_of(complaint).stage == VerdictStage.REPLY
    with at(MONDAY + timedelta(days=30, hours=2)):
        work()
    assert not [each for each in mail_box() if "your word" in each["Subject"]], "whoever took it back knows"


def test_silence_is_no_consent_while_the_letter_is_not_out(client, complaint, alice, at):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email=ADDRESS)
    link = db.session.scalars(select(ProviderLink)).one()
    assert link.token_sealed is not None
    with at(MONDAY + timedelta(days=4, hours=8.5)):
        case = actions.case_of(complaint)
        verdict_actions.consent(case, actions.history_of(complaint)[1].id)
        db.session.commit()
    assert (verdict_of(complaint).stage, verdict_of(complaint).reply_by) == (VerdictStage.REPLY, None)


def test_who_gets_an_account_meanwhile_has_the_whole_time(client, riverside, complaint, alice, bob, work, at):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email="")
    db.session.add(Membership(member_id=bob.id, provider_id=riverside.provider.id, role="staff"))
    db.session.commit()
    friday = MONDAY + timedelta(days=4, hours=8.5)
    with at(friday):
        work()
        assert verdict_of(complaint).stage == VerdictStage.REPLY
        assert verdict_of(complaint).reply_by == friday + timedelta(days=7)
    with at(friday + timedelta(days=7)):
        work()
    assert verdict_of(complaint).stage == VerdictStage.STANDS


def test_what_was_upheld_is_sent_by_itself_and_can_be_contested_there(
    client, riverside, complaint, alice, desk, work, mail_box, at
):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email=ADDRESS)
        do(client, f"/cases/{complaint.reference}", "resolve", message="It was emptied.")
        work()
        do(desk, link_in(letters_to(mail_box)[0]), "verdict/object", reason="The street was closed.")
        again = page_of(client, complaint).select_one("#do-judge")
        assert again.select_one("input[name=email]")["value"] == ADDRESS, "where the last link went"
        assert judge(client, complaint, grounds="It was open.", email="").status_code == 303
        work()
        (letter,) = letters_to(mail_box)[1:]
        assert letter["Subject"] == f"A verdict that you may contest: {complaint.reference}"
        until = verdict_of(complaint).contest_by
        link = db.session.scalars(select(ProviderLink).where(ProviderLink.revoked_at.is_(None))).one()
        assert link.expires_at >= until, "it opens as long as the verdict may be contested"
        page = desk.get(link_in(letter)).page
        assert "You may contest it once, until" in words(page)
        assert provider_links.may_send(actions.case_of(complaint)), "and the officer can send another one"
        assert do(desk, link_in(letter), "verdict/contest", reason="It was closed.").status_code == 303
        assert complaint.reference in client.sign_in(riverside.manager).get("/inbox?view=decide").page.text
    assert verdict_of(complaint).stage == VerdictStage.CONTESTED


@pytest.mark.parametrize(("found", "may_hand_back"), [("provider", False), ("agency", True)])
def test_what_the_manager_decides_is_told_where_the_last_link_went_and_is_final(
    client, riverside, complaint, alice, desk, work, mail_box, at, found, may_hand_back
):
    case = actions.case_of(complaint)
    with at(MONDAY):
        actions.assign(case, member_id=alice.id)
        db.session.commit()
        judge(client.sign_in(alice), complaint, email=ADDRESS)
        work()
        do(desk, link_in(letters_to(mail_box)[-1]), "verdict/object", reason="The street was closed.")
        judge(client, complaint, grounds="It was open.", email="")
        work()
        do(desk, link_in(letters_to(mail_box)[-1]), "verdict/contest", reason="It was closed.")
        before = link_in(letters_to(mail_box)[-1])
        assert desk.get(before).page.select_one("form[action$=hand-back]") is not None, "it is not decided yet"

        client.sign_in(riverside.manager)
        assert judge(client, complaint, attribution=found, grounds="The lists show it.", email="").status_code == 303
        work()
        letter = letters_to(mail_box)[-1]
        assert letter["Subject"] == f"What was decided on the verdict that you contested: {complaint.reference}"
        for kind in ("plain", "html"):
            text = " ".join(letter.get_body((kind,)).get_content().split())
            assert "has decided on the verdict that Clearway Ltd contested" in text
            assert "Read what was decided, and why, on this page:" in text
            assert "The lists show it." not in text
        path = link_in(letter)
        assert desk.get(before).status_code == 410
        page = desk.get(path).page
        assert "A manager has decided; this is final." in words(page)
        assert "The lists show it." in words(page)
        assert (page.select_one("form[action$=hand-back]") is not None) == may_hand_back
        handed_back = do(desk, path, "hand-back", reason="Not ours.")
        assert handed_back.status_code == (303 if may_hand_back else 409)
    assert history(complaint).count("assigned") == 1, "a letter about a decision gives nobody the case"


def test_what_was_decided_is_told_also_when_the_case_is_over(
    client, riverside, complaint, alice, desk, work, mail_box, at
):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email=ADDRESS)
        do(client, f"/cases/{complaint.reference}", "resolve", message="It was emptied.")
        work()
        do(desk, link_in(letters_to(mail_box)[-1]), "verdict/object", reason="The street was closed.")
        judge(client, complaint, grounds="It was open.", email="")
        work()
        do(desk, link_in(letters_to(mail_box)[-1]), "verdict/contest", reason="It was closed.")
        judge(client.sign_in(riverside.manager), complaint, grounds="The lists show it.", email="")
        work()
        assert letters_to(mail_box)[-1]["Subject"].startswith("What was decided")
        assert "The lists show it." in words(desk.get(link_in(letters_to(mail_box)[-1])).page)


def test_nothing_goes_by_itself_to_an_address_whose_link_was_taken_back(
    client, riverside, complaint, alice, desk, work, mail_box, at
):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email=ADDRESS)
        work()
        do(desk, link_in(letters_to(mail_box)[-1]), "verdict/object", reason="The street was closed.")
        judge(client, complaint, grounds="It was open.", email="")
        work()
        do(desk, link_in(letters_to(mail_box)[-1]), "verdict/contest", reason="It was closed.")
        client.post(f"/cases/{complaint.reference}/link/revoke")
        before = len(letters_to(mail_box))
        judge(client.sign_in(riverside.manager), complaint, grounds="The lists show it.", email="")
        work()
        assert verdict_of(complaint).stage == VerdictStage.DECIDED
        assert len(letters_to(mail_box)) == before


def test_after_the_days_to_contest_no_link_is_sent(client, complaint, alice, desk, work, mail_box, at):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email=ADDRESS)
        do(client, f"/cases/{complaint.reference}", "resolve", message="It was emptied.")
        work()
        do(desk, link_in(letters_to(mail_box)[0]), "verdict/object", reason="The street was closed.")
        judge(client, complaint, grounds="It was open.")
    with at(MONDAY + timedelta(days=40)):
        assert not provider_links.may_send(actions.case_of(complaint))


def test_an_address_that_ends_otherwise_is_looked_at_twice(client, complaint, alice, work, at):
    with at(MONDAY):
        judge(client.sign_in(alice), complaint, email=ADDRESS)
        do(client, f"/cases/{complaint.reference}", "link/revoke")
        second = judge(client, complaint, attribution="agency", email="x@clearvvay.example")
        assert second.status_code == 303, "of anybody else nothing is sent"
        refused = judge(client, complaint, email="desk@clearvvay.example")
        assert refused.status_code == 422
        assert "this one in clearvvay.example" in words(refused.page.main)
        assert judge(client, complaint, email="desk@clearvvay.example", is_meant="y").status_code == 303


def test_where_people_sign_in_nobody_is_asked_for_an_address(client, riverside, alice, at):
    with at(MONDAY):
        feedback = sent(riverside)
        assert not page_of(client.sign_in(alice), feedback).select("#do-judge input[name=email]")
