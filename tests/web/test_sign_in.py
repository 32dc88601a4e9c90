"""A member signs in, forgets the password, gets a letter, and is signed out in time."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask_security import hash_password

from app.accounts import actions
from app.accounts.models import Member
from app.accounts.rules import House
from app.extensions import db, tries
from app.kernel.words import Role
from app.outbox.models import Promise

PASSWORD = "correct horse battery"
NEW = "staple of the river"


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests():
    tries.reset()


@pytest.fixture
def officer(riverside):
    riverside.officer.password = hash_password(PASSWORD)
    db.session.commit()
    return riverside.officer


def sign_in(client, email, password, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_a_member_signs_in_and_lands_at_the_inbox(client, officer):
    response = sign_in(client, officer.email.upper(), PASSWORD)

    assert response.location.endswith("/start")
    assert client.get("/start").location.endswith("/inbox")
    assert client.get("/account").status_code == 200


def test_they_come_back_to_the_page_they_asked_for(client, officer):
    asked = client.get("/reports?x=1").location
    response = client.post(asked, data={"email": officer.email, "password": PASSWORD, "next": "/reports?x=1"})

    assert response.location.endswith("/reports?x=1")


def test_nobody_is_sent_to_another_site(client, officer):
    for evil in ("https://evil.example/", "//evil.example/", "\\\\evil.example"):
        response = sign_in(client, officer.email, PASSWORD, next=evil)
        there = urlsplit(response.headers.get("Location", "/"))
        assert there.netloc == ""
        assert there.path[:2] not in ("//", "/\\", "\\\\")
        client.post("/sign-out")


def test_a_wrong_password_and_an_unknown_name_look_the_same(client, officer):
    wrong = sign_in(client, officer.email, "wrong but long enough").page
    unknown = sign_in(client, "nobody@riverside.example", "wrong but long enough").page

    def said(page):
        return [error.text for error in page.select(".govuk-error-summary li, .govuk-error-message")]

    assert said(wrong) == said(unknown) != []
    assert client.get("/account").status_code == 302


def test_guessing_is_slowed_down_for_one_name_only(client, officer, riverside):
    for _ in range(10):
        assert sign_in(client, officer.email, "wrong but long enough").status_code == 200
    assert sign_in(client, officer.email, PASSWORD).status_code == 429
    riverside.manager.password = hash_password(PASSWORD)
    assert sign_in(client, riverside.manager.email, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("", "", ["Enter an e-mail address.", "Enter a password."]),
        ("a@b.example", "", ["Enter a password."]),
        ("a@b.example", "wrong but long enough", ["No member has this address and this password."]),
    ],
)
def test_what_is_missing_is_said(client, email, password, said):
    page = sign_in(client, email, password).page

    assert [line.text for line in page.select(".govuk-error-summary__list li")] == said


def test_signing_in_needs_the_token_of_its_form(app, client, officer):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert sign_in(client, officer.email, PASSWORD).status_code == 400
        token = client.get("/sign-in").page.select_one("[name=csrf_token]")["value"]
        assert sign_in(client, officer.email, PASSWORD, csrf_token=token).status_code == 302
        assert client.post("/sign-out").status_code == 400
        assert client.get("/account").status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_signing_out_ends_the_session_on_every_device(app, client, officer):
    elsewhere = app.test_client()
    sign_in(client, officer.email, PASSWORD)
    sign_in(elsewhere, officer.email, PASSWORD)

    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")

    assert client.get("/account").status_code == 302
    assert elsewhere.get("/account").status_code == 302


def test_a_session_ends_after_eight_hours_of_rest(client, officer, at):
    morning = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
    with at(morning):
        sign_in(client, officer.email, PASSWORD)
    for hours in (7, 14):
        with at(morning + timedelta(hours=hours)):
            assert client.get("/account").status_code == 200
    with at(morning + timedelta(hours=22, minutes=10)):
        assert client.get("/account").status_code == 302


def test_a_session_ends_after_seven_days_however_busy(client, officer, at):
    morning = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
    with at(morning):
        sign_in(client, officer.email, PASSWORD)
    for hours in range(7, 7 * 24, 7):
        with at(morning + timedelta(hours=hours)):
            assert client.get("/account").status_code == 200
    with at(morning + timedelta(days=7, minutes=1)):
        assert client.get("/account").status_code == 302


def test_nobody_is_remembered_for_longer(client, officer):
    sign_in(client, officer.email, PASSWORD, remember="y")

    assert client.get_cookie("remember_token") is None


def test_a_forgotten_password_is_chosen_anew_by_a_letter_that_arrives(app, client, officer, work, mail_box):
    elsewhere, email = app.test_client(), officer.email
    sign_in(elsewhere, email, PASSWORD)
    client.post("/forgotten-password", data={"email": email})

    promise = db.session.query(Promise).one()
    assert email not in str(promise.payload)
    assert set(promise.payload) == {"member_id", "about", "asked_at"}
    work()
    (letter,) = mail_box()
    assert letter["To"] == email
    link = re.search(r"http://localhost(/forgotten-password/\S+)", letter.get_body(("plain",)).get_content())[1]
    assert client.get(link).page.h1.text.strip() == "Choose a new password"

    short = client.post(link, data={"password": "short", "password_confirm": "short"})
    assert short.page.select(".govuk-error-message")
    for weak in ("1234567890", "aaaaaaaaaa", "answerable-1", email):
        refused = client.post(link, data={"password": weak, "password_confirm": weak})
        assert re.search("others would try|Leave out your name", refused.page.main.text)
    done = client.post(link, data={"password": NEW, "password_confirm": NEW})

    assert done.location.startswith("/sign-in")
    assert elsewhere.get("/account").status_code == 302
    assert sign_in(client, email, PASSWORD).status_code == 200
    assert sign_in(client, email, NEW).status_code == 302
    client.post("/sign-out")
    assert client.get(link).status_code == 302, "the link works once"
    work()
    assert [each["Subject"] for each in mail_box()][1:] == ["Your password for Answerable was changed"]


def test_an_unknown_address_gets_the_same_page_and_no_letter(client, officer, work, mail_box):
    known = client.post("/forgotten-password", data={"email": officer.email}).page
    unknown = client.post("/forgotten-password", data={"email": "nobody@riverside.example"}).page

    assert known.main.text.replace(officer.email, "?") == unknown.main.text.replace("nobody@riverside.example", "?")
    work()
    assert len(mail_box()) == 1


def test_a_letter_is_in_the_language_of_its_reader(client, officer, work, mail_box):
    officer.language = "zh"
    client.post("/forgotten-password", data={"email": officer.email})
    work()

    assert "lang=zh" in mail_box()[0].get_body(("plain",)).get_content()


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(app, client, officer):
    elsewhere = app.test_client()
    for browser in (client, elsewhere):
        sign_in(browser, officer.email, PASSWORD)
    wrong = {"password": "not this one, surely", "new_password": NEW, "new_password_confirm": NEW}
    assert client.post("/account/password", data=wrong).page.select(".govuk-error-message")
    weak = {"password": PASSWORD, "new_password": "1234567890", "new_password_confirm": "1234567890"}
    assert "others would try" in client.post("/account/password", data=weak).page.main.text

    done = client.post("/account/password", data={**wrong, "password": PASSWORD})

    assert done.location.endswith("/account")
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def test_a_member_of_two_houses_chooses_openly(client, officer, riverside, hillside):
    second = actions.add_member(officer.email, Role.VIEWER, House(agency_id=hillside.agency.id))
    db.session.commit()
    sign_in(client, officer.email, PASSWORD)

    assert client.get("/start").location.endswith("/account#memberships")
    assert "Riverside Public Services" in client.get("/account").page.header.text
    chosen = client.post("/account/membership", data={"membership_id": second.id})
    assert chosen.location.endswith("/inbox")
    assert "Hillside Public Services" in client.get("/account").page.header.text
    assert "hillside" not in client.get("/reports").page.header.text


def test_nobody_chooses_the_membership_of_another(client, officer, hillside):
    sign_in(client, officer.email, PASSWORD)
    foreign = hillside.officer.memberships[0]

    assert client.post("/account/membership", data={"membership_id": foreign.id}).status_code == 404
    client.sign_in(officer, membership=foreign)
    assert "Riverside" in client.get("/account").page.header.text


def test_name_and_language_are_changed_on_the_account_page(client, officer):
    sign_in(client, officer.email, PASSWORD)
    wrong = client.post("/account", data={"name": " ", "language": "xx"})
    assert wrong.status_code == 422
    client.post("/account", data={"name": "Alice Ⅱ", "language": "zh"})

    assert client.get("/account").page.html["lang"] == "zh-Hans"
    assert db.session.get(Member, officer.id).name == "Alice Ⅱ"


def test_a_member_who_belongs_nowhere_is_out(client, officer):
    sign_in(client, officer.email, PASSWORD)
    actions.remove(officer.memberships[0])
    db.session.commit()

    assert client.get("/account").status_code == 302
    assert sign_in(client, officer.email, PASSWORD).status_code == 200


def test_a_language_chosen_by_link_lasts_until_another_is_chosen_or_saved(client, officer):
    client.sign_in(officer)
    assert client.get("/inbox?lang=zh").page.html["lang"] == "zh-Hans"
    assert client.get("/reports").page.html["lang"] == "zh-Hans"
    assert client.get("/contracts?lang=en").page.html["lang"] == "en"
    assert client.get("/inbox").page.html["lang"] == "en"

    client.post("/account", data={"name": "Alice", "language": "zh"})
    assert client.get("/inbox").page.html["lang"] == "zh-Hans"


def test_a_language_chosen_before_signing_in_stays(client, officer):
    client.get("/sign-in?lang=zh")

    assert client.get("/sign-in").page.html["lang"] == "zh-Hans"
    assert client.sign_in(officer).get("/inbox").page.html["lang"] == "zh-Hans"


def test_odd_names_in_an_address_break_nothing(client, riverside):
    page = client.get("/give/RS-001?endpoint=x&_scheme=javascript&code=y&lang=en").page

    assert [link["href"].partition("?")[0] for link in page.select("header nav a")] == ["/give/RS-001"] * 3


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example"])
def test_a_link_to_another_site_signs_in_and_leads_to_the_first_page(client, officer, elsewhere):
    sent = client.post(
        f"/sign-in?next={elsewhere}", data={"email": officer.email, "password": PASSWORD, "next": elsewhere}
    )

    assert sent.status_code == 302
    assert sent.location == "/start"
