"""Texts to residents who left a phone and no address: receipt, answers, links; few notices; and wishes to be called."""

import json
import os
import time
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from app import checkup
from app.cases import actions as cases
from app.directory.models import Agency
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import CallWish, Feedback
from app.kernel import clock
from app.kernel.words import Actor, Channel
from app.outbox.actions import promise
from app.outbox.models import Promise
from app.resident import actions
from app.resident.models import Notice
from app.resident.rules import MOST_NOTICES
from app.sms.rules import segments
from tests import http_service
from tests.web.cases_story import sent

PHONE = "07700 900123"


@pytest.fixture
def gateway(app, monkeypatch):
    """A gateway for texts, to which this installation posts."""
    with http_service.listening() as service:
        set_to = replace(
            app.config["CONFIG"],
            sms_url=f"{service.url}/send?from=1",
            sms_country="GB",
            sms_authorization="Bearer secret",
        )
        monkeypatch.setitem(app.config, "CONFIG", set_to)
        yield service


def texts(service):
    return [json.loads(each.body) for each in service.asked]


def answers(page, **more):
    hidden = page.select("form[method=post] input[type=hidden]")
    return {each["name"]: each.get("value", "") for each in hidden} | {"rating": "1", "text": "Full again."} | more


def test_a_receipt_is_texted_where_there_is_no_address(client, riverside, work, gateway):
    page = client.get("/give/RS-001?lang=en").page
    assert "we text you the receipt" in page.select_one("#phone-hint").text
    sent_off = client.post("/give/RS-001?lang=en", data=answers(page, phone=PHONE, wants_answer="yes"))
    assert "We text this to your phone too." in client.get(sent_off.location).text
    work()

    (text,) = texts(gateway)
    feedback = db.session.query(Feedback).one()
    assert text["to"] == "+447700900123"
    assert feedback.reference in text["text"]
    assert segments(text["text"]) <= 2
    (asked,) = gateway.asked
    assert (asked.path, asked.head["Authorization"]) == ("/send?from=1", "Bearer secret")
    link = text["text"].splitlines()[-1].removeprefix("http://localhost")
    assert client.get(link).location == f"/track/{intake.tracking_token(feedback.id)}"
    assert client.get(client.get(link).location).status_code == 200


@pytest.mark.parametrize("language", ["en", "zh", "es", "ar"])
def test_answers_come_in_two_segments_with_links_to_confirm_and_reopen(client, riverside, work, gateway, language):
    db.session.get(Agency, riverside.agency.id).name = "河滨区公共服务管理局" * 3
    feedback = sent(riverside, email=None, phone=PHONE, language=language)
    case = cases.case_of(feedback)
    cases.ask(case, "Which bin is it? " * 40, by=Actor.AGENCY, member_id=None)
    cases.reply(case, "We come on Tuesday.", by=Actor.AGENCY, member_id=None)
    cases.resolve(case, "It is emptied. " * 40, by=Actor.AGENCY, member_id=None)
    work()

    told = [each["text"] for each in texts(gateway)]
    assert [segments(each) <= 2 for each in told] == [True] * 3
    token = intake.tracking_token(feedback.id)
    assert told[0].endswith(f"/t/{token}")
    assert "We come on Tuesday." in told[1], "a short answer stands in the text itself"
    yes, no = [line for line in told[2].splitlines() if line.startswith("http")]
    assert client.get(yes.removeprefix("http://localhost")).location == f"/track/{token}/confirm"
    assert client.get(no.removeprefix("http://localhost")).location == f"/track/{token}/reopen"


def test_on_a_long_address_one_link_leads_to_both_buttons(app, riverside, work, gateway, monkeypatch):
    long = replace(app.config["CONFIG"], public_url="https://feedback.public-services.riverside.gov.example")
    monkeypatch.setitem(app.config, "CONFIG", long)
    feedback = sent(riverside, email=None, phone=PHONE, language="zh")
    cases.resolve(cases.case_of(feedback), "好了", by=Actor.AGENCY, member_id=None)
    work()

    (told,) = texts(gateway)
    assert segments(told["text"]) <= 2
    (link,) = [line for line in told["text"].splitlines() if line.startswith("http")]
    assert link.endswith(f"/t/{intake.tracking_token(feedback.id)}")
    assert "too long" in " ".join(each.what for each in checkup.texts(long))


def test_who_left_an_address_gets_letters_and_no_texts(riverside, work, mail_box, gateway):
    feedback = sent(riverside, phone=PHONE)
    cases.reply(cases.case_of(feedback), "We come.", by=Actor.AGENCY, member_id=None)
    work()

    assert texts(gateway) == []
    assert len(mail_box()) == 1


@pytest.mark.parametrize("changes", [{"channel": Channel.HOTLINE}, {"phone": "020 7946 0018"}, {"phone": "12345"}])
def test_who_was_not_told_and_what_is_no_mobile_gets_no_text(riverside, work, gateway, changes):
    feedback = sent(riverside, **{"email": None, "phone": PHONE} | changes)
    cases.reply(cases.case_of(feedback), "We come.", by=Actor.AGENCY, member_id=None)
    work()

    assert texts(gateway) == []
    assert db.session.query(Promise).filter(Promise.done_at.is_(None), Promise.topic == "resident.tell").count() == 0


@pytest.mark.parametrize(("status", "is_dead"), [(400, True), (302, True), (429, False), (503, False)])
def test_a_gateway_that_refuses_is_asked_again_or_told_to_staff(riverside, work, gateway, status, is_dead):
    gateway.answer = lambda _asked: (status, "no")
    feedback = sent(riverside, email=None, phone=PHONE)
    cases.reply(cases.case_of(feedback), "We come.", by=Actor.AGENCY, member_id=None)
    work()

    made = db.session.query(Promise).filter_by(topic="resident.tell").one()
    assert (made.dead_at is not None) == is_dead
    assert made.done_at is None
    assert PHONE not in str(made.last_error)
    assert len(gateway.asked) == 1, "no redirect is followed"


def test_beside_the_answers_four_messages_go_out_at_most(riverside, work, mail_box, at):
    with at("2026-11-02T09:00:00+08:00"):
        feedback = sent(riverside)
        promise("resident.receipt", feedback_id=feedback.id)
        work()
    months = [f"2027-{month:02d}-04T09:00:00+08:00" for month in range(1, 7)]
    for month in months:
        with at(month):
            cases.ask(cases.case_of(feedback), f"Which one? {month}", by=Actor.AGENCY, member_id=None)
            work()
        with at(month.replace("-04T", "-20T")):
            work()
            # Of a question after one that nobody answered nothing waits, and nobody is reminded.
            cases.resident_adds(cases.case_of(feedback), "The left one.")
            db.session.commit()

    kinds = [("Still open" in letter["Subject"], "arrived" in letter["Subject"]) for letter in mail_box()]
    assert kinds.count((False, True)) == 1
    assert kinds.count((True, False)) == MOST_NOTICES - 1
    assert kinds.count((False, False)) == len(months), "every question itself is told"
    assert db.session.query(Notice).count() == MOST_NOTICES
    # The same occasion again, after a fall, is the same message.
    key = db.session.query(Notice).first().key
    assert actions.count_notice(feedback.id, key)
    assert not actions.count_notice(feedback.id, "another")
    db.session.add(Notice(agency_id=feedback.agency_id, feedback_id=feedback.id, nth=5, key="fifth", at=clock.now()))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_without_a_gateway_the_form_says_so_and_texts_are_files_for_a_day(client, riverside, settings, work):
    folder = settings.var / "sms"
    folder.mkdir(exist_ok=True)
    old = folder / "old.txt"
    old.write_text("To: +44…")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    page = client.get("/give/RS-002?lang=en").page
    assert page.select_one("#phone-hint").text == "For calls only: we send no text messages."
    client.post("/give/RS-002?lang=en", data=answers(page, phone="+44 7700 900123"))
    work()

    (file,) = folder.glob("*.txt")
    assert file.read_text().startswith("To: +447700900123\n\n")
    assert file.stat().st_mode & 0o077 == 0
    assert not old.exists()
    told = list(checkup.texts(settings))
    assert [each.is_grave for each in told] == [False]
    file.unlink()


def test_a_wish_to_be_called_is_a_task_until_it_is_done(client, riverside, work):
    page = client.get("/give/RS-001?lang=en").page
    refused = client.post("/give/RS-001?lang=en", data=answers(page, call="y"))
    assert refused.status_code == 422
    assert "Enter a phone number, or untick this." in refused.page.select_one("#call-error").text
    client.post("/give/RS-001?lang=en", data=answers(page, call="y", phone=PHONE))
    feedback = db.session.query(Feedback).one()

    client.sign_in(riverside.officer)
    to_call = client.get("/inbox?view=to_call&lang=en").page
    assert feedback.reference in to_call.select_one("main table").text
    case = client.get(f"/cases/{feedback.reference}?lang=en").page
    assert "Wants to be called" in case.text
    version = case.select_one("form[action$='/called'] input[name=version]")["value"]
    address = f"/cases/{feedback.reference}/called?lang=en"
    assert client.post(address, data={"version": version}).status_code == 422
    assert client.post(address, data={"version": version, "note": "Told her that we come."}).status_code == 303
    assert "Nobody waits for a call." in client.get("/inbox?view=to_call&lang=en").text
    done = client.get(f"/cases/{feedback.reference}?lang=en").page
    assert "Told her that we come." in done.text
    assert "Wants to be called" not in done.text
    wish = db.session.query(CallWish).one()
    assert wish.done_by_id == riverside.officer.id
    assert client.post(address, data={"version": "-1", "note": "Again"}).status_code == 409


def test_a_wish_goes_with_the_contact_and_no_provider_knows_of_it(client, riverside, bob):
    feedback = sent(riverside, email=None, phone=PHONE, is_shared=True, wants_call=True)
    cases.assign(cases.case_of(feedback), member_id=riverside.officer.id)
    db.session.commit()
    seen = client.sign_in(bob).get(f"/cases/{feedback.reference}?lang=en").page
    assert "Wants to be called" not in seen.text
    assert client.post(f"/cases/{feedback.reference}/called", data={"note": "x"}).status_code == 403
    assert client.get("/inbox?view=to_call&lang=en").page.select_one("[aria-current=page]").text != "To be called"

    intake.withdraw_contact(db.session.merge(feedback))
    db.session.commit()

    assert db.session.query(CallWish).count() == 0
