"""A resident is asked an agency's own questions; what they answer is kept, read, shown and forgotten."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.directory.models import ContractSite
from app.extensions import db
from app.intake.models import Answer, Feedback, QuestionsAsked
from app.intake.words import AnswerWords
from app.kernel.words import Drive, QuestionKind
from app.outbox.models import Promise
from app.questions import actions
from app.questions.answers import answered_in
from tests.browser_client import count_statements
from tests.web.questions_story import ALL, CHOICE, DAY, DRIVERS, RATING, TEXT, YES_NO, ask, now
from tests.web.test_give import answers

SAID = {
    "q-rate2345": "2",
    "q-drive234-timeliness": ["negative"],
    "q-drive234-staff": ["positive", "negative"],
    "q-text2345": "Ask for Mr Smith, 0131 496 0000.",
    "q-which234": "glass234",
    "q-again234": "yes",
    "q-when2345": "2026-09-30",
}


def send(client, page, code="RS-001", **changes):
    return client.post(f"/give/{code}?lang=en", data=answers(page, **SAID) | changes)


def kept():
    """Question → what was answered."""
    feedback = db.session.scalars(select(Feedback).order_by(Feedback.id.desc())).first()
    return feedback, {each.question.key: each for each in answered_in(feedback.id)}


def test_every_kind_of_question_is_asked_and_its_answer_kept(client, riverside):
    made = ask(riverside, *ALL)
    page = client.get("/give/RS-001?lang=en").page

    asked = [each.text for each in page.select("legend, label.govuk-label--m")]
    assert asked[asked.index("Where exactly? (optional)") + 1 : asked.index("Photos (optional)")] == [
        "How were the staff? (optional)",
        "What made you feel that way? (optional)",
        "Timeliness",
        "Staff",
        "Cleanliness",
        "What would be better? (optional)",
        "Which bin? (optional)",
        "Has it happened before? (optional)",
        "When was it? (optional)",
    ]
    assert page.select_one("#q-when2345")["type"] == "date"
    assert len(page.select("[name=q-rate2345] + label svg[aria-hidden=true]")) == 5
    assert send(client, page).status_code == 303

    feedback, answered = kept()
    assert db.session.get(QuestionsAsked, feedback.id).question_set_id == made.id
    assert answered["rate2345"].first.rating == 2
    assert [(answered["drive234"].option(each).aspect, each.drive) for each in answered["drive234"].answers] == [
        ("timeliness", Drive.NEGATIVE),
        ("staff", Drive.POSITIVE),
        ("staff", Drive.NEGATIVE),
    ]
    assert answered["which234"].option(answered["which234"].first).key == "glass234"
    assert answered["again234"].first.is_yes is True
    assert answered["when2345"].first.day == date(2026, 9, 30)
    assert db.session.scalar(select(AnswerWords.text)) == SAID["q-text2345"]


def test_it_is_asked_in_the_readers_language_and_else_in_the_forms_own(client, riverside):
    ask(riverside, RATING, CHOICE)

    page = client.get("/give/RS-001?lang=zh").page

    assert "工作人员怎么样？" in page.text
    assert "Which bin?" in page.text
    assert "玻璃" in page.text


def test_what_is_left_open_was_asked_all_the_same(client, riverside):
    made = ask(riverside, *ALL)

    client.post("/give/RS-001", data=answers(client.get("/give/RS-001").page))

    feedback, answered = kept()
    assert db.session.get(QuestionsAsked, feedback.id).question_set_id == made.id
    assert not any(each.answers for each in answered.values())


def test_an_answer_alone_is_something_said(client, riverside):
    ask(riverside, YES_NO)
    page = client.get("/give/RS-001?lang=en").page

    silent = client.post("/give/RS-001?lang=en", data=answers(page, rating="", text=""))
    assert silent.status_code == 422

    again = {"rating": "", "text": "", "q-again234": "no"}
    assert client.post("/give/RS-001?lang=en", data=answers(page) | again).status_code == 303
    assert kept()[1]["again234"].first.is_yes is False


def test_a_wrong_answer_is_told_beside_its_question_and_nothing_else_is_lost(client, riverside):
    ask(riverside, *ALL)
    page = client.get("/give/RS-001?lang=en").page

    wrong = {
        "q-rate2345": "9",
        "q-text2345": "x" * 2001,
        "q-which234": "nothing",
        "q-when2345": "yesterday",
        "q-again234": "yes",
    }
    refused = client.post("/give/RS-001?lang=en", data=answers(page) | wrong)

    assert refused.status_code == 422
    said = {a["href"]: a.text for a in refused.page.select(".govuk-error-summary a")}
    assert set(said) == {"#q-rate2345", "#q-text2345", "#q-which234", "#q-when2345"}
    assert said["#q-when2345"] == "Enter a date like 2026-09-30."
    assert said["#q-text2345"] == "Use 2000 characters or fewer."
    assert refused.page.select_one("[name=q-again234][value=yes]").has_attr("checked")
    assert refused.page.select_one("[name=q-when2345]")["value"] == "yesterday"
    future = client.post("/give/RS-001?lang=en", data=answers(page) | {"q-when2345": "2999-01-01"})
    assert "Enter a day that has come already." in future.page.text
    assert db.session.query(Feedback).count() == 0


def test_an_old_page_is_taken_in_under_the_version_that_it_asked(client, riverside):
    old = ask(riverside, CHOICE, DRIVERS)
    page = client.get("/give/RS-001?lang=en").page
    new = ask(riverside, YES_NO)

    assert send(client, page).status_code == 303

    feedback, answered = kept()
    assert db.session.get(QuestionsAsked, feedback.id).question_set_id == old.id != new.id
    assert answered["which234"].option(answered["which234"].first).key == "glass234"
    wrong = client.post("/give/RS-001?lang=en", data=answers(page, key="k2") | {"email": "x", "q-which234": "paper234"})
    assert wrong.status_code == 422
    assert wrong.page.select_one("[name=q-which234][value=paper234]").has_attr("checked"), "its own questions again"


def test_an_old_page_of_before_there_were_questions_was_asked_none(client, riverside):
    page = client.get("/give/RS-001?lang=en").page
    ask(riverside, YES_NO)

    assert client.post("/give/RS-001", data=answers(page)).status_code == 303
    assert db.session.query(QuestionsAsked).count() == 0


def test_where_the_questions_have_ended_an_old_page_still_counts(client, riverside):
    old = ask(riverside, YES_NO)
    page = client.get("/give/RS-001?lang=en").page
    ask(riverside)

    assert not client.get("/give/RS-001?lang=en").page.select("[name=asked]")
    assert send(client, page).status_code == 303
    assert db.session.query(QuestionsAsked.question_set_id).scalar() == old.id


def test_a_version_that_nobody_knows_is_told_in_plain_words_with_nothing_lost(client, riverside, hillside):
    ask(riverside, TEXT, YES_NO)
    theirs = ask(hillside, YES_NO)
    page = client.get("/give/RS-001?lang=en").page

    for unknown in ("999999", str(theirs.id)):
        more = {
            "asked": unknown,
            "q-gone2345": "The lid is loose.",
            "q-text2345": "More often.",
            "q-gone2346": "paper234",
        }
        refused = client.post("/give/RS-001?lang=en", data=answers(page) | more)

        assert refused.status_code == 422
        assert "asked something that is asked no more" in refused.page.select_one(".govuk-error-summary").text
        assert [each.text for each in refused.page.select("textarea[readonly]")] == ["The lid is loose."]
        assert refused.page.select_one("#text").text.strip() == "The bin was left full again."
        assert refused.page.select_one("#q-text2345").text.strip() == "More often."
    assert client.post("/give/RS-001", data=answers(refused.page)).status_code == 303


def test_a_draft_is_no_version_to_answer(client, riverside):
    ask(riverside, YES_NO)
    actions.add(riverside.contract, DAY, seen=now(riverside.contract), member_id=riverside.manager.id)
    db.session.commit()
    page = client.get("/give/RS-001?lang=en").page
    assert "When was it?" not in page.text

    draft = actions.queries.draft_of(riverside.contract).id
    assert client.post("/give/RS-001?lang=en", data=answers(page) | {"asked": str(draft)}).status_code == 422


def test_of_several_services_only_the_chosen_ones_questions_count(client, riverside):
    db.session.add(
        ContractSite(
            agency_id=riverside.agency.id,
            contract_id=riverside.other_contract.id,
            site_id=riverside.site.id,
            starts_on=date(2026, 1, 1),
        )
    )
    first = ask(riverside, YES_NO)
    page = client.get("/give/RS-001?lang=en").page
    assert [each["data-service"] for each in page.select("[data-service]")] == ["C-001"]
    assert "Only about Street cleaning" in page.text

    client.post("/give/RS-001", data=answers(page, service="C-002") | {"q-again234": "yes"})
    assert db.session.query(QuestionsAsked).count() == 0
    client.post("/give/RS-001", data=answers(page, service="C-001", key="other") | {"q-again234": "yes"})
    assert db.session.query(QuestionsAsked.question_set_id).scalar() == first.id


def test_where_another_contract_serves_the_place_now_the_old_answers_stay_with_their_version(client, riverside):
    old = ask(riverside, YES_NO)
    page = client.get("/give/RS-001?lang=en").page
    placing = db.session.query(ContractSite).filter_by(site_id=riverside.site.id).one()
    placing.ends_on = date(2026, 1, 2)
    db.session.add(
        ContractSite(
            agency_id=riverside.agency.id,
            contract_id=riverside.other_contract.id,
            site_id=riverside.site.id,
            starts_on=date(2026, 1, 3),
        )
    )

    assert send(client, page).status_code == 303

    feedback, answered = kept()
    assert feedback.contract_id == riverside.other_contract.id
    assert db.session.query(QuestionsAsked.question_set_id).scalar() == old.id
    assert answered["again234"].first.is_yes


def test_the_same_draft_with_other_answers_is_another_feedback(client, riverside):
    ask(riverside, *ALL)
    page = client.get("/give/RS-001?lang=en").page

    first = send(client, page)
    assert send(client, page).location.split("/")[-1][:4] == first.location.split("/")[-1][:4]
    assert db.session.query(Feedback).count() == 1
    assert send(client, page, **{"q-again234": "no"}).status_code == 409


def test_the_form_of_who_asks_nothing_more_takes_one_query_as_ever(client, riverside):
    client.get("/give/RS-001")
    assert len(count_statements(db.engine, lambda: client.get("/give/RS-001"))) == 1

    ask(riverside, *ALL)
    client.get("/give/RS-001")
    assert len(count_statements(db.engine, lambda: client.get("/give/RS-001"))) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE answer SET rating = 6 WHERE kind = 'rating'",
        "UPDATE answer SET rating = NULL WHERE kind = 'rating'",
        "UPDATE answer SET kind = 'text', rating = NULL WHERE kind = 'rating'",
        "UPDATE answer SET is_yes = NULL WHERE kind = 'yes_no'",
        "UPDATE answer SET drive = NULL WHERE kind = 'drivers'",
        "UPDATE answer SET option_id = (SELECT max(id) FROM question_option) WHERE kind = 'drivers'",
        "UPDATE answer SET question_set_id = question_set_id + 1",
        "DELETE FROM questions_asked",
        "UPDATE question SET kind = 'text' WHERE kind = 'rating'",
        "UPDATE question_set SET published_by_id = NULL",
    ],
)
def test_the_database_takes_no_answer_that_its_question_does_not_want(client, riverside, wrong):
    ask(riverside, *ALL)
    send(client, client.get("/give/RS-001?lang=en").page)

    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text(wrong))


def test_what_is_written_is_promised_to_be_read(client, riverside):
    ask(riverside, TEXT, YES_NO)
    page = client.get("/give/RS-001?lang=en").page

    client.post("/give/RS-001", data=answers(page, text="") | {"q-again234": "yes"})
    assert "answers.read" not in {each.topic for each in db.session.query(Promise)}
    client.post("/give/RS-001", data=answers(page, text="", key="k2") | {"q-text2345": "More often."})
    assert "answers.read" in {each.topic for each in db.session.query(Promise)}
    assert db.session.query(Answer).filter_by(kind=QuestionKind.TEXT).count() == 1
