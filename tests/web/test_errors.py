"""When something goes wrong: a page that says so, the right status, and nothing typed is lost."""

import sqlite3

import pytest
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

    from sqlalchemy import event

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
    assert client.delete("/give/RS-001").status_code == 405


def test_every_answer_carries_a_strict_policy(client, riverside):
    policy = client.get("/give/RS-001").headers["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    assert client.get("/give/RS-001").headers["Referrer-Policy"] == "no-referrer"


def test_60_kilobytes_of_text_are_refused_in_plain_words(client, riverside):
    response = client.post("/give/RS-001?lang=en", data=TYPED | {"text": "long " * 12_000})

    assert response.status_code == 422
    assert "Use 5000 characters or fewer." in response.page.text
