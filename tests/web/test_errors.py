"""When something goes wrong: a page that says so, the right status, and nothing typed is lost."""

import sqlite3

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.intake.models import Feedback

TYPED = {"rating": "1", "text": "The lift has been stuck since Monday.", "wants_answer": "yes", "key": "k1"}


@pytest.fixture
def database_away(app, riverside):
    """The database refuses every writer, as when it is locked or down."""

    def refuse(connection):
        if connection.get_execution_options().get("writer"):
            raise OperationalError("BEGIN", {}, sqlite3.OperationalError("database is locked"))

    event.listen(db.engine, "begin", refuse)
    yield
    event.remove(db.engine, "begin", refuse)


def test_while_the_database_is_away_the_text_is_kept_and_can_be_sent_again(client, database_away):
    response = client.post("/give/RS-001?lang=en", data=TYPED)

    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert TYPED["text"] in response.page.text
    again = {field["name"]: field.get("value") or field.text for field in response.page.select("form [name]")}
    assert again["text"] == TYPED["text"]
    assert again["key"] == TYPED["key"]
    assert db.session.query(Feedback).count() == 0


def test_an_unknown_page_says_so_in_both_languages(client):
    assert client.get("/nothing-here?lang=en").status_code == 404
    chinese = client.get("/nothing-here", headers={"Accept-Language": "zh-CN"})
    assert chinese.page.html["lang"] == "zh-Hans"


def test_a_wrong_method_is_no_crash(client, riverside):
    refused = client.delete("/give/RS-001")

    assert refused.status_code == 405
    assert {"GET", "POST"} <= set(refused.headers["Allow"].split(", "))


def test_an_address_that_only_takes_what_is_sent_leads_to_its_page(client, riverside):
    client.sign_in(riverside.officer)

    page = client.get("/account/membership?lang=en")

    assert page.status_code == 405
    assert "/account" in [link["href"] for link in page.page.select("main a")]
    assert "not allowed for the requested" not in page.page.text


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/cases/AAAA-BBBB-CCCC", 404), ("/members", 403)])
def test_an_error_keeps_the_menu_of_who_is_signed_in_and_leads_back_to_their_first_page(
    client, riverside, path, status
):
    client.sign_in(riverside.officer)

    page = client.get(f"{path}?lang=zh")

    assert page.status_code == status
    assert "/inbox" in [link["href"] for link in page.page.select("header nav a")]
    assert page.page.select_one(".app-header__name")["href"] == "/start"
    assert "/start" in [link["href"] for link in page.page.select("main a")]
    assert "Public Services" in page.page.header.text


def test_an_error_on_a_page_of_residents_asks_nobody_who_they_are(client, riverside):
    client.sign_in(riverside.officer)

    page = client.get("/track/made-up?lang=en")

    assert page.status_code == 404
    assert not page.page.select("header nav a[href='/inbox']")
    assert page.page.select_one("#q")


def test_a_form_from_elsewhere_is_refused_in_the_language_of_the_page(client, riverside):
    headers = {"Origin": "https://evil.example"}

    assert "sent from another site" in client.post("/give/RS-001?lang=en", data=TYPED, headers=headers).page.text
    chinese = client.post("/give/RS-001?lang=zh", data=TYPED, headers=headers).page.select_one("main")
    assert "another site" not in chinese.text
    assert TYPED["text"] in chinese.text


def test_while_nothing_can_be_read_members_are_told_so_too(client, riverside):
    client.sign_in(riverside.officer)

    def refuse(_connection):
        raise OperationalError("BEGIN", {}, sqlite3.OperationalError("no connection"))

    db.session.commit()
    event.listen(db.engine, "begin", refuse)
    try:
        page = client.get("/inbox?lang=en")
    finally:
        event.remove(db.engine, "begin", refuse)

    assert page.status_code == 503
    assert "Our database does not answer" in page.page.text


def test_every_answer_carries_a_strict_policy(client, riverside):
    policy = client.get("/give/RS-001").headers["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    assert client.get("/give/RS-001").headers["Referrer-Policy"] == "no-referrer"


def test_60_kilobytes_of_text_are_refused_in_plain_words(client, riverside):
    response = client.post("/give/RS-001?lang=en", data=TYPED | {"text": "long " * 12_000})

    assert response.status_code == 422
    assert "Use 5000 characters or fewer." in response.page.text
