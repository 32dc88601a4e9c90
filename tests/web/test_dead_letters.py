"""What could not be delivered is shown to those who can see to it alone; monitors learn whether all is well."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.extensions import db
from app.kernel import clock
from app.outbox import actions
from app.outbox.models import Promise
from tests import factories


def dead(agency: Any = None, *, topic: str = "resident.tell", error: str = "gaierror", **payload: Any) -> int:
    made = db.session.get_one(Promise, actions.promise(topic, agency_id=agency.id if agency else None, **payload))
    made.tries, made.last_error, made.dead_at = 20, error, clock.now()
    db.session.commit()
    return made.id


def test_it_says_in_plain_words_what_and_why(client, riverside):
    dead(riverside.agency)
    refused = "The mail server refuses the address for good (550)."
    dead(riverside.agency, topic="digest.send", error=refused, sending_id=1)

    page = client.sign_in(riverside.officer).get("/undelivered").page
    shown = page.main.text
    assert "News of their case to a resident" in shown
    assert "The mail server's name is not known." in shown
    assert "Weekly email" in shown
    assert refused in shown
    assert len(page.select("form[action$=retry]")) == 2


def test_where_there_is_nothing_it_says_so(client, riverside):
    assert "Everything was delivered." in client.sign_in(riverside.manager).get("/undelivered").page.main.text


def test_retry_makes_it_due_again(client, riverside):
    promise_id = dead(riverside.agency)

    response = client.sign_in(riverside.manager).post(f"/undelivered/{promise_id}/retry")
    assert (response.status_code, response.location) == (302, "/undelivered")
    again = db.session.get_one(Promise, promise_id)
    assert (again.dead_at, again.tries) == (None, 0)
    assert again.due_at <= clock.now()
    assert "It will be tried again" in client.get("/undelivered").page.main.text
    assert client.post(f"/undelivered/{promise_id}/retry").status_code == 404


def test_another_agency_does_not_see_it(client, riverside, charlie):
    promise_id = dead(riverside.agency)
    client.sign_in(charlie)

    assert "Everything was delivered." in client.get("/undelivered").page.main.text
    assert client.post(f"/undelivered/{promise_id}/retry").status_code == 404
    assert db.session.get_one(Promise, promise_id).dead_at is not None


def test_what_belongs_to_the_installation_is_for_administrators(client, riverside, hillside):
    dead(topic="member.mail")
    dead(riverside.agency)
    dead(hillside.agency)

    assert "Everything was delivered." not in client.sign_in(riverside.officer).get("/undelivered").page.main.text
    assert len(client.get("/undelivered").page.select("form[action$=retry]")) == 1
    client.sign_in(factories.administrator())
    assert len(client.get("/undelivered").page.select("form[action$=retry]")) == 3


@pytest.mark.parametrize("role", ["viewer", "staff"])
def test_it_is_not_for_everybody(client, riverside, role):
    promise_id = dead(riverside.agency)
    client.sign_in(getattr(riverside, role))

    assert client.get("/undelivered").status_code == 403
    assert client.post(f"/undelivered/{promise_id}/retry").status_code == 403


def test_strangers_sign_in_first(client, riverside):
    assert client.get("/undelivered").location.startswith("/sign-in")


def test_status_is_well_where_nothing_waits_long(client, riverside):
    actions.promise("test")
    actions.promise("test", due_at=clock.now() + timedelta(days=3))
    dead(riverside.agency)

    answer = client.get("/status")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["version"]
    assert 0 <= answer.json["oldest_due_seconds"] < 60


def test_status_is_unwell_when_a_promise_waits_for_eleven_minutes(client):
    actions.promise("test", due_at=clock.now() - timedelta(minutes=11))

    answer = client.get("/status")
    assert answer.status_code == 503
    assert answer.json["oldest_due_seconds"] >= 660


def test_status_names_the_migration(client):
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001_first')"))
    try:
        assert client.get("/status").json["migration"] == "0001_first"
    finally:
        db.session.remove()
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))


def test_status_is_unwell_when_the_database_does_not_answer(app, client):
    """A table that is gone stands for a database that is: either way no query succeeds."""
    db.session.execute(select(1))
    db.session.remove()
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE promise RENAME TO promise_away"))
    try:
        answer = client.get("/status")
        assert answer.status_code == 503
        assert answer.json["status"] == "database down"
    finally:
        db.session.remove()
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE promise_away RENAME TO promise"))
