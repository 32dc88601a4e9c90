"""What the resident sees of their case afterwards, and what they can do."""

import pytest

from app.cases import actions as cases
from app.cases.models import Case, Event
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel.words import Actor, CaseStatus, EventKind
from tests.web.test_give import answers


@pytest.fixture
def given(client, riverside):
    """A complaint with an e-mail address: its feedback and the token of its link."""
    page = client.get("/give/RS-001?lang=en").page
    client.post("/give/RS-001", data=answers(page, email="li@example.org", place="Gate 2"))
    feedback = db.session.query(Feedback).one()
    return feedback, intake.tracking_token(feedback.id)


def resolved(riverside):
    case = db.session.query(Case).one()
    cases.resolve(case, "The bin was emptied.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    return case


def kinds():
    return [event.kind for event in db.session.query(Event).order_by(Event.id)]


def test_it_shows_what_was_said_and_that_it_is_open(client, given):
    page = client.get(f"/track/{given[1]}").page

    assert "The bin was left full again." in page.text
    assert "It is open." in page.text
    assert given[0].reference in page.text


def test_an_unknown_or_revoked_link_opens_nothing(client, given):
    assert client.get("/track/made-up").status_code == 404
    assert client.post("/track/made-up/confirm").status_code == 404


def test_the_answer_arrives_with_links_that_only_open_a_page(client, riverside, given, work, mail_box):
    resolved(riverside)
    work()
    letter = mail_box()[-1].get_body(("plain",)).get_content()
    confirm = next(line for line in letter.split() if line.endswith("/confirm")).removeprefix("http://localhost")

    assert "The bin was emptied." in letter
    page = client.get(confirm).page
    assert db.session.query(Case).one().confirmed_at is None
    assert [button.text.strip() for button in page.select("main button")] == ["Yes, it is solved"]
    client.post(confirm, data={"rating": "4"})
    assert db.session.query(Case).one().confirmed_at is not None
    assert db.session.query(Event).filter_by(kind=EventKind.CONFIRMED).one().rating == 4


def test_reopening_annuls_the_resolution(client, riverside, given):
    resolved(riverside)

    sent = client.post(f"/track/{given[1]}/reopen", data={"message": "Still full."})

    assert sent.status_code == 303
    case = db.session.query(Case).one()
    assert (case.status, case.resolved_at, case.times_reopened) == (CaseStatus.OPEN, None, 1)
    assert "Still full." in client.get(sent.location).page.text


def test_what_cannot_be_is_said_and_nothing_is_changed(client, given):
    assert client.post(f"/track/{given[1]}/confirm").status_code == 409
    again = client.post(f"/track/{given[1]}/reopen", data={"message": "Still full."})
    assert again.status_code == 409
    assert "Still full." in again.page.select_one("textarea").text
    assert kinds() == [EventKind.ACKNOWLEDGED]


def test_an_answer_to_a_question_ends_the_wait_and_anything_else_is_an_addition(client, riverside, given):
    client.post(f"/track/{given[1]}/add", data={"message": "It is the green bin."})
    case = db.session.query(Case).one()
    cases.ask(case, "Which bin?", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    assert db.session.query(Case).one().waiting_since is not None

    client.post(f"/track/{given[1]}/add", data={"message": "The green one."})

    assert db.session.query(Case).one().waiting_since is None
    assert kinds()[1:] == [EventKind.ADDED, EventKind.ASKED, EventKind.RESIDENT_REPLIED]


def test_rating_the_handling(client, riverside, given):
    resolved(riverside)

    assert client.post(f"/track/{given[1]}/rate", data={"rating": ""}).status_code == 422
    assert client.post(f"/track/{given[1]}/rate", data={"rating": "5"}).status_code == 303
    assert db.session.query(Event).filter_by(kind=EventKind.RATED).one().rating == 5


def test_reference_and_pin_open_it_where_the_link_was_lost(client, given):
    pin = intake.pin_of(given[0].id)
    wrong = client.post(
        "/track?lang=en", data={"reference": given[0].reference, "pin": "000000" if pin != "000000" else "1"}
    )
    assert "do not belong together" in wrong.page.text

    typed = given[0].reference.lower().replace("-", " ")
    assert client.post("/track", data={"reference": typed, "pin": pin}).location.startswith(f"/track/{given[1]}")


def test_after_five_wrong_pins_the_door_stays_shut_for_a_while(client, given, at):
    pin = intake.pin_of(given[0].id)
    form = {"reference": given[0].reference, "pin": "no"}
    with at("2030-01-01T10:00:00+00:00"):
        assert [client.post("/track", data=form).status_code for _ in range(6)] == [422] * 5 + [429]
        assert client.post("/track", data=form | {"pin": pin}).status_code == 429
    with at("2030-01-01T10:16:00+00:00"):
        assert client.post("/track", data=form | {"pin": pin}).status_code == 303


def test_contact_details_and_words_can_be_deleted_and_the_numbers_stay(client, given, work):
    work()
    client.post(f"/track/{given[1]}/contact")
    assert intake.contact_of(given[0].id).email is None

    client.post(f"/track/{given[1]}/erase")

    words = db.session.query(FeedbackWords).one()
    assert (words.text, words.place) == (None, None)
    assert db.session.query(Feedback).one().rating == 2
    page = client.get(f"/track/{given[1]}").page
    assert "What you wrote is deleted." in page.text
    assert "left full" not in page.text


def test_taking_it_back_ends_it(client, given):
    client.post(f"/track/{given[1]}/withdraw")

    assert db.session.query(Case).one().status == CaseStatus.WITHDRAWN
    assert client.post(f"/track/{given[1]}/withdraw").status_code == 409
