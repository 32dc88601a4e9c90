"""What residents answered to an agency's own questions, as everybody sees it who may; and forgetting it."""

import json
import zipfile
from io import BytesIO

import pytest
from sqlalchemy import select

from app.analysis.models import AnswerReading, Concern
from app.analysis.reading import VERSION
from app.analysis.reading_again import read_all_again
from app.cases import actions as cases
from app.cases import provider_links
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Answer, Feedback
from app.intake.words import AnswerWords
from app.kernel.words import Actor
from app.outbox.models import Promise
from app.privacy import deleting_when_due
from tests.web.questions_story import ALL, TEXT, YES_NO, ask
from tests.web.test_give import answers
from tests.web.test_own_questions import SAID, send


@pytest.fixture
def feedback(client, riverside, work):
    """A complaint with an answer to every question, read."""
    ask(riverside, *ALL)
    page = client.get("/give/RS-001?lang=en").page
    send(client, page, email="li@example.org", **{"q-text2345": "Ask for Mr Smith on 0131 496 0000."})
    work()
    return db.session.scalars(select(Feedback)).one()


def shown_on(page):
    return {row.dt.text.strip(): " ".join(row.dd.text.split()) for row in page.select("[data-answers] > div")}


def test_staff_read_every_answer_without_persons(client, riverside, feedback):
    page = client.sign_in(riverside.viewer).get(f"/cases/{feedback.reference}?lang=en").page

    said = shown_on(page)
    assert said["How were the staff?"].startswith("2 of 5")
    assert said["What made you feel that way?"] == "Good: Staff · Not good: Timeliness, Staff"
    assert said["Which bin?"] == "Glass"
    assert said["Has it happened before?"].startswith("Yes")
    assert said["When was it?"].startswith("30 Sept 2026") or said["When was it?"].startswith("30 Sep 2026")
    assert "0131" not in page.text
    assert "Smith" not in page.text
    assert "Ask for" in said["What would be better?"]


def test_officers_open_what_was_written_and_that_is_written_down(client, riverside, feedback):
    page = (
        client.sign_in(riverside.officer).post(f"/cases/{feedback.reference}/words?lang=en", data={"version": "1"}).page
    )

    assert shown_on(page)["What would be better?"].startswith("Ask for Mr Smith on 0131 496 0000.")


def test_the_provider_reads_what_is_asked_for_it_and_no_more(client, riverside, feedback):
    cases.assign(cases.case_of(feedback), member_id=riverside.officer.id)
    db.session.commit()

    page = client.sign_in(riverside.staff).get(f"/cases/{feedback.reference}?lang=en").page
    assert set(shown_on(page)) == {"What made you feel that way?", "Which bin?"}

    link = provider_links.send(
        cases.case_of(feedback), email="desk@clearway.example", language="en", member_id=riverside.officer.id
    )
    db.session.commit()
    by_link = client.application.test_client().get(f"/provider/{provider_links.token_of(link)}?lang=en").page
    assert set(shown_on(by_link)) == {"What made you feel that way?", "Which bin?"}


def test_another_agency_finds_nothing(client, hillside, feedback):
    assert client.sign_in(hillside.manager).get(f"/cases/{feedback.reference}").status_code == 404


def test_the_resident_reads_their_own_words_on_their_page(client, feedback):
    page = client.get(f"/track/{intake.tracking_token(feedback.id)}?lang=en").page

    assert "Ask for Mr Smith on 0131 496 0000." in page.text
    assert "Good: Staff · Not good: Timeliness, Staff" in page.text


def test_a_sign_of_harm_in_an_answer_raises_a_concern(client, riverside, work):
    ask(riverside, TEXT)
    page = client.get("/give/RS-001?lang=en").page
    client.post("/give/RS-001", data=answers(page) | {"q-text2345": "The worker hit my mother."})
    work()

    assert db.session.query(Concern).count() == 1


def test_an_urgent_answer_calls_those_on_duty_and_moves_no_tag(client, riverside, work):
    ask(riverside, TEXT)
    page = client.get("/give/RS-001?lang=en").page
    urgent = "Gas leak at the corner now, it is dangerous, somebody will get hurt, come at once!"
    client.post("/give/RS-001", data=answers(page) | {"q-text2345": urgent})
    work()

    reading = db.session.scalars(select(AnswerReading)).one()
    assert reading.is_urgent
    assert "urgent.call" in {each.topic for each in db.session.query(Promise)}
    assert reading.version == VERSION


def test_old_answers_are_read_again_by_a_new_version(client, riverside, feedback):
    reading = db.session.scalars(select(AnswerReading)).one()
    reading.version = "older"
    db.session.commit()

    read_all_again(lambda _done, _of: None)

    assert db.session.scalars(select(AnswerReading)).one().version == VERSION


def test_erasing_takes_the_words_and_leaves_the_facts(client, riverside, feedback):
    facts = db.session.query(Answer).count()
    cases.reply(cases.case_of(feedback), "Thank you.", by=Actor.AGENCY, member_id=None)
    db.session.commit()

    client.post(f"/track/{intake.tracking_token(feedback.id)}/erase", data={})

    assert db.session.scalars(select(AnswerWords.text)).all() == [None]
    assert db.session.scalars(select(AnswerReading.redacted)).all() == [""]
    assert db.session.query(Answer).count() == facts
    page = client.sign_in(riverside.officer).get(f"/cases/{feedback.reference}?lang=en").page
    assert shown_on(page)["What would be better?"].startswith("Erased")
    assert "Show original words" not in page.text


def test_what_is_kept_for_long_enough_goes_although_there_was_no_other_text(client, riverside, work, at):
    ask(riverside, TEXT)
    page = client.get("/give/RS-001").page
    client.post("/give/RS-001", data=answers(page, text="", wants_answer="no") | {"q-text2345": "More often."})
    work()

    with at("2031-01-01T00:00:00+00:00"):
        deleting_when_due.look()
        work()

    assert db.session.scalars(select(AnswerWords.text)).all() == [None]


def test_everything_about_a_person_has_their_answers(client, riverside, feedback):
    found = client.sign_in(riverside.manager).post(
        "/people/export", data={"contact": "li@example.org", "reason": "asked for it"}
    )

    with zipfile.ZipFile(BytesIO(found.data)) as packed:
        (about,) = json.loads(packed.read("person.json"))
    said = {each["question"]: each["answer"] for each in about["answers"]}
    assert said["What would be better?"] == "Ask for Mr Smith on 0131 496 0000."
    assert said["Which bin?"] == "Glass"


def test_feedback_that_was_asked_nothing_more_says_nothing_of_it(client, riverside):
    client.post("/give/RS-001", data=answers(client.get("/give/RS-001").page))
    feedback = db.session.scalars(select(Feedback)).one()

    assert not shown_on(client.sign_in(riverside.officer).get(f"/cases/{feedback.reference}").page)


def test_by_phone_the_same_is_asked(client, riverside):
    ask(riverside, *ALL)
    client.sign_in(riverside.officer)
    page = client.get("/by-phone/RS-001?lang=en").page
    assert page.select("[name=q-rate2345]")

    hidden = {each["name"]: each["value"] for each in page.select("main form input[type=hidden]")}
    sent = client.post("/by-phone/RS-001", data=hidden | {"rating": "2", "language": "en"} | SAID)

    assert sent.status_code == 303
    assert db.session.query(Answer).count() == 8
    feedback = db.session.scalars(select(Feedback)).one()
    assert feedback.channel == "phone"
    assert YES_NO.wording["en"] in client.get(f"/cases/{feedback.reference}?lang=en").page.text
