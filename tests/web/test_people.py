"""A manager finds and exports everything about one person, by how they can be reached; it is written down."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.audit.rules import Verb
from app.cases import actions as cases
from app.cases import erasing, provider_links
from app.cases.models import Disclosure, Event
from app.config import Config
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback, Photo
from app.intake.words import FeedbackWords
from app.kernel import clock
from app.kernel.encryption import Keyring, new_key
from app.kernel.words import Actor
from tests.web.test_give import answers
from tests.web.test_photos import jpeg

WHY = "They asked by letter of 3 November"


@pytest.fixture
def given(client, riverside, hillside, work):
    """Two of one person, one of another; one of the same person at another agency."""
    for code, more in (
        ("RS-001", {"email": "Li@Example.org", "phone": "0131 496 0000"}),
        ("RS-003", {"email": "", "phone": "+44 131-496-0000"}),
        ("RS-001", {"email": "other@example.org", "phone": ""}),
        ("HS-001", {"email": "li@example.org", "phone": ""}),
    ):
        page = client.get(f"/give/{code}?lang=en").page
        client.post(f"/give/{code}", data=answers(page, **more))
    work()
    first = db.session.query(Feedback).order_by(Feedback.id).first()
    cases.resident_adds(first, "I am Ann Walker.")
    db.session.commit()
    return first


@pytest.fixture
def manager(app, riverside):
    return app.test_client().sign_in(riverside.manager)


def references(page):
    return [link.text for link in page.select("tbody a")]


@pytest.mark.parametrize("contact", ["01314960000", "0044 131 496 0000", "０１３１ ４９６ ００００"])
def test_a_number_is_found_however_it_is_written(manager, given, contact):
    page = manager.post("/people", data={"contact": contact, "reason": WHY}).page

    assert len(references(page)) == 2


def test_what_is_found_is_the_agencys_own_and_is_written_down(manager, given):
    answer = manager.post("/people", data={"contact": " li@example.ORG ", "reason": WHY})

    assert references(answer.page) == [given.reference]
    assert "li@example" not in answer.headers.get("Location", "")
    (look,) = db.session.query(Disclosure)
    assert (look.what, look.reason, look.feedback_id) == ("found by contact", WHY, given.id)
    found = db.session.query(AuditEntry).filter_by(verb=Verb.FOUND).one()
    assert (found.what, found.detail) == ("person", "1")
    assert "example" not in str(vars(found))


def test_nobody_is_found_by_half_a_number_or_without_a_reason(manager, given):
    for wrong in ({"contact": "0000", "reason": WHY}, {"contact": "01314960000", "reason": ""}, {}):
        assert manager.post("/people", data=wrong).status_code == 422
        assert manager.post("/people/export", data=wrong).status_code == 422
    unknown = {"contact": "nobody@example.org", "reason": WHY}
    assert "Nothing was sent" in manager.post("/people", data=unknown).page.text
    assert manager.post("/people/export", data=unknown).status_code == 404


def test_the_page_is_linked_where_it_is_looked_for(manager, riverside):
    for page in ("/settings", "/audit"):
        links = {link["href"] for link in manager.get(page).page.select("main a")}
        assert {"/people", "/retention"} <= links
    assert manager.get("/people").status_code == 200


def test_only_managers_may(app, riverside, given):
    for person in (riverside.officer, riverside.viewer, riverside.staff):
        visitor = app.test_client().sign_in(person)
        assert visitor.get("/people").status_code == 403
        assert visitor.post("/people/export", data={"contact": "x", "reason": WHY}).status_code == 403


def test_the_file_holds_everything(client, manager, given):
    photo = {"photos": (io.BytesIO(jpeg("red")), "IMG.jpg")}
    page = client.get("/give/RS-002?lang=en").page
    client.post("/give/RS-002", data=answers(page, email="li@example.org") | photo)

    sent = manager.post("/people/export", data={"contact": "li@example.org", "reason": WHY})

    packed = zipfile.ZipFile(io.BytesIO(sent.data))
    about = json.loads(packed.read("person.json"))
    assert [each["email"] for each in about] == ["Li@Example.org", "li@example.org"]
    assert about[0]["text"] == "The bin was left full again."
    assert about[0]["phone"] == "0131 496 0000"
    assert "I am Ann Walker." in [event["message"] for event in about[0]["events"]]
    assert packed.read(about[1]["photos"][0])[:3] == b"\xff\xd8\xff"
    assert db.session.query(AuditEntry).filter_by(verb=Verb.EXPORTED, what="person").one().detail == "2"
    assert db.session.query(AuditEntry).filter_by(verb=Verb.OPENED).count() == 2

    # What the provider's staff attach as evidence the resident does not see, in this file neither.
    evidence = db.session.query(Photo).one()
    evidence.actor, evidence.event_id = Actor.PROVIDER, db.session.query(Event.id).order_by(Event.id).first()[0]
    db.session.commit()
    again = manager.post("/people/export", data={"contact": "li@example.org", "reason": WHY})
    assert zipfile.ZipFile(io.BytesIO(again.data)).namelist() == ["person.json"]


def test_who_withdrew_their_contact_is_found_for_as_long_as_something_of_them_is_kept(client, manager, given):
    asked = {"contact": "li@example.org", "reason": WHY}
    token = intake.tracking_token(given.id)
    assert client.post(f"/track/{token}/contact").status_code == 303

    (about,) = exported(manager, asked)
    assert (about["email"], about["text"]) == (None, "The bin was left full again.")

    assert client.post(f"/track/{token}/erase").status_code == 303
    assert "Nothing was sent" in manager.post("/people", data=asked).page.text


def test_of_whom_nothing_is_kept_but_contact_details_nothing_is_left_once_they_go(client, manager, riverside):
    page = client.get("/give/RS-002?lang=en").page
    client.post("/give/RS-002", data=answers(page, text="", rating="5", email="wei@example.org"))
    feedback = db.session.query(Feedback).one()

    client.post(f"/track/{intake.tracking_token(feedback.id)}/contact")

    asked = {"contact": "wei@example.org", "reason": WHY}
    assert "Nothing was sent" in manager.post("/people", data=asked).page.text


def exported(manager, asked):
    """What the file about one person says."""
    sent = manager.post("/people/export", data=asked)
    return json.loads(zipfile.ZipFile(io.BytesIO(sent.data)).read("person.json"))


def test_the_file_says_when_somebody_looked_by_the_providers_link(client, manager, given, alice):
    words = db.session.get(FeedbackWords, given.id)
    words.is_shared = True
    link = provider_links.send(cases.case_of(given), email="desk@clearway.example", language="en", member_id=alice.id)
    db.session.commit()
    opened = client.post(f"/provider/{provider_links.token_of(link)}/contact", data={"reason": "to call"})
    assert "li@example.org" in opened.page.text.lower()

    (about,) = exported(manager, {"contact": "li@example.org", "reason": WHY})

    assert "contact, by the provider's link" in [each["what"] for each in about["looked_at"]]


def test_who_asks_by_letter_is_deleted_and_what_is_on_hold_is_named(client, manager, given, alice):
    asked = {"contact": "0131 496 0000", "reason": WHY}
    second = db.session.query(Feedback).order_by(Feedback.id).all()[1]
    erasing.place_hold(second, "For the court", clock.now() + timedelta(days=30), member_id=alice.id)
    db.session.commit()
    unsure = manager.post("/people/erase", data=asked)
    assert unsure.status_code == 422
    assert "Tick this" in unsure.page.text
    assert "A hold until" in unsure.page.text
    assert intake.contact_of(given.id).phone

    done = manager.post("/people/erase", data=asked | {"sure": "y"})

    rows = [row.text for row in done.page.select("tbody tr")]
    assert [given.reference in rows[0], second.reference in rows[1]] == [True, True]
    assert ["A hold until" in row for row in rows] == [False, True]
    db.session.expire_all()
    words = {each.feedback_id: each for each in db.session.query(FeedbackWords)}
    assert (words[given.id].text, words[given.id].email_sealed) == (None, None)
    assert words[second.id].text
    assert words[second.id].erase_asked_at
    assert (words[second.id].phone_sealed, bool(words[second.id].phone_mark)) == (None, True)
    assert (words[given.id].phone_mark, words[given.id].email_mark) == (None, None)
    assert all(words[each].text for each in words if each not in (given.id, second.id)), "of others nothing goes"
    noted = db.session.query(AuditEntry).filter_by(verb=Verb.ERASED, what="person").order_by(AuditEntry.id).all()
    assert [(each.feedback_id, each.detail) for each in noted] == [(given.id, ""), (second.id, ""), (None, "2")]
    assert db.session.query(Disclosure).filter_by(feedback_id=given.id, reason=WHY).count() >= 1
    # What is kept for now can be found and given to whom it is about, and is deleted when the hold ends.
    assert references(manager.post("/people", data=asked).page) == [second.reference]
    assert [each["reference"] for each in exported(manager, asked)] == [second.reference]
    erasing.lift_holds(second, member_id=alice.id)
    erasing.erase_what_was_asked(second)
    db.session.commit()
    assert "Nothing was sent" in manager.post("/people", data=asked).page.text
    assert manager.post("/people/erase", data=asked | {"sure": "y"}).status_code == 404


def test_deleting_a_person_is_for_managers_of_their_agency(app, riverside, hillside, given):
    asked = {"contact": "li@example.org", "reason": WHY, "sure": "y"}
    for person in (riverside.officer, riverside.viewer, riverside.staff):
        assert app.test_client().sign_in(person).post("/people/erase", data=asked).status_code == 403
    app.test_client().sign_in(hillside.manager).post("/people/erase", data=asked)
    assert intake.contact_of(given.id).email


def with_keys(app, keys):
    """Start the application again with these data keys."""
    vars_of = {**vars(app.config["CONFIG"]), "data_keys": keys}
    app.config["CONFIG"] = Config(**vars_of)
    db.session.expire_all()


def test_keys_rotate_and_the_old_one_can_go(app, manager, given, alice):
    runner, kept = app.test_cli_runner(), app.config["CONFIG"]
    old = kept.data_keys
    token = intake.tracking_token(given.id)
    link = provider_links.send(cases.case_of(given), email="desk@clearway.example", language="en", member_id=alice.id)
    db.session.commit()
    try:
        printed = runner.invoke(args=["keys", "new"]).stdout.strip()
        both = Keyring.from_text(printed)
        assert both.keys[1:] == old.keys
        with_keys(app, both)
        assert intake.contact_of(given.id).email == "Li@Example.org", "before it is sealed again"
        asked = {"contact": "li@example.org", "reason": WHY}
        assert len(references(manager.post("/people", data=asked).page)) == 1, "found under the old key"

        done = runner.invoke(args=["keys", "rotate"])
        assert done.exit_code == 0, done.output
        assert "Sealed again: 15 contact details and links, 2 keys of members" in done.stdout
        assert "Sealed again: 0 contact" in runner.invoke(args=["keys", "rotate"]).stdout

        with_keys(app, Keyring(both.keys[:1]))
        assert intake.contact_of(given.id).email == "Li@Example.org"
        assert intake.tracking_token(given.id) == token
        assert provider_links.address_of(link) == "desk@clearway.example"
        assert len(references(manager.post("/people", data=asked).page)) == 1

        with_keys(app, Keyring.from_text(new_key()))
        lost = runner.invoke(args=["keys", "rotate"])
        assert lost.exit_code == 1
        assert "No key in DATA_KEYS opens" in lost.stderr
        assert db.session.query(FeedbackWords).filter(FeedbackWords.email_sealed.is_not(None)).count() == 3
    finally:
        app.config["CONFIG"] = kept
