"""A manager makes the questions of a service: in a draft, looked at, published; told what breaks a trend."""

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.questions import actions, queries
from app.questions.models import QuestionSet, QuestionsInUse
from app.questions.rules import MOST_QUESTIONS
from tests.web.questions_story import ALL, CHOICE, DRIVERS, TEXT, YES_NO, ask, now
from tests.web.test_give import answers

EDITOR = "/contracts/C-001/questions"
WORDS = {"wording-zh": "哪一天？", "wording-en": "Which day?", "hint-en": "If you know."}


@pytest.fixture
def manager(client, riverside):
    """Of an agency whose residents are asked in English, and in Chinese where somebody has put it so."""
    riverside.agency.languages = ["en"]
    return client.sign_in(riverside.manager)


def form_of(page, **changes):
    """The question's form as it stands on its page, with changes."""
    form = page.select("main form[method=post]")[-1]
    filled = {each["name"]: each.get("value", "") for each in form.select("input[type=hidden], input[type=text]")}
    filled |= {each["name"]: each.text.removeprefix("\r\n").removeprefix("\n") for each in form.select("textarea")}
    for each in form.select("input[type=checkbox][checked]"):
        filled.setdefault(each["name"], [])
        filled[each["name"]] = [*filled[each["name"]], each["value"]]
    return filled | changes


def save(client, address, **changes):
    return client.post(address, data=form_of(client.get(address).page, **changes))


def press(client, address, page=None, **more):
    seen = (page or client.get(f"{EDITOR}?lang=en").page).select_one("[name=seen]")
    return client.post(address, data={"seen": seen["value"] if seen else ""} | more)


def listed(client):
    return [each.text.split(". ", 1)[1] for each in client.get(f"{EDITOR}?lang=en").page.select(".app-questions h2")]


def asked_now(client):
    page = client.get("/give/RS-001?lang=en").page
    return [each for each in ("Which day?", "Which bin?", "Has it happened before?") if each in page.text]


def add(client, kind="day", **changes):
    return save(client, f"{EDITOR}/new?kind={kind}&lang=en", **(WORDS | changes))


def test_it_is_linked_where_a_manager_looks_for_it(manager, riverside):
    assert f"{EDITOR}?agency=riverside" in {
        a["href"] for a in manager.get("/contracts/C-001?lang=en").page.select("main a")
    }
    assert "/questions" in {a["href"] for a in manager.get("/settings").page.select("main a")}
    listed = manager.get("/questions?lang=en").page
    assert f"{EDITOR}?agency=riverside" in {a["href"] for a in listed.select("main a")}
    assert "Nothing besides" in listed.text


def test_a_question_is_added_to_a_draft_and_asked_once_it_is_published(manager, client, riverside):
    assert add(manager).status_code == 303
    assert listed(manager) == ["Which day?"]
    assert asked_now(client) == []
    assert "Draft" in manager.get("/questions?lang=en").page.text

    page = manager.get(f"{EDITOR}/publish?lang=en").page
    assert "New questions" in page.text
    published = press(manager, f"{EDITOR}/publish", page)

    assert published.status_code == 303
    assert asked_now(client) == ["Which day?"]
    made = queries.in_use(riverside.contract)
    assert (made.number, made.published_by_id) == (1, riverside.manager.id)
    assert made.questions[0].wording == {"zh": "哪一天？", "en": "Which day?"}
    assert made.questions[0].hint == {"en": "If you know."}
    assert "1 question, version 1" in manager.get("/questions?lang=en").page.text


def test_the_form_as_it_is_needs_no_editing(client, riverside):
    page = client.get("/give/RS-001?lang=en").page

    assert not page.select("[name=asked]")
    assert db.session.query(QuestionSet).count() == 0


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("text", {"wording-en": ""}, "Enter the question."),
        ("text", {"wording-zh": "长" * 201}, "Use 200 characters or fewer."),
        ("choice", {"options-en": "One"}, "Enter 2 to 12 answers, each on a line."),
        ("choice", {"options-en": "One\nTwo", "options-zh": "一"}, "Enter as many answers as in the first language"),
        ("choice", {"options-en": "One\nOne"}, "An answer is there twice."),
        ("choice", {"options-en": "One\n" + "2" * 101}, "Each answer can have up to 100 characters."),
        ("drivers", {"aspects": []}, "Choose one aspect at least."),
        ("drivers", {"aspects": ["weather"]}, "weather"),
    ],
)
def test_what_cannot_be_asked_is_told_and_what_was_typed_stays(manager, riverside, kind, wrong, said):
    refused = add(manager, kind, **wrong)

    assert refused.status_code == 422
    assert said in refused.page.select_one(".govuk-error-summary").text
    assert refused.page.select_one("[name=hint-en]")["value"] == "If you know."
    assert queries.draft_of(riverside.contract) is None


def test_every_kind_can_be_made(manager, client, riverside):
    for kind, more in (
        ("rating", {}),
        ("drivers", {"aspects": ["staff", "safety"]}),
        ("text", {}),
        ("choice", {"options-zh": "纸\n玻璃", "options-en": "Paper\nGlass"}),
        ("yes_no", {}),
        ("day", {}),
    ):
        assert add(manager, kind, **more).status_code == 303
    assert press(manager, f"{EDITOR}/publish").status_code == 303

    kinds = [each.kind for each in queries.in_use(riverside.contract).questions]
    assert kinds == ["rating", "drivers", "text", "choice", "yes_no", "day"]
    page = client.get("/give/RS-001?lang=en").page
    assert "Paper" in page.text
    assert len(page.select(".app-drivers fieldset")) == 2
    assert manager.get(f"{EDITOR}/new?kind=poem").status_code == 404


def test_it_is_ordered_without_a_script(manager, client, riverside):
    ask(riverside, YES_NO, CHOICE)
    first, second = (each.key for each in queries.in_use(riverside.contract).questions)

    press(manager, f"{EDITOR}/{second}/move", to="up")
    assert listed(manager) == ["Which bin?", "Has it happened before?"]
    press(manager, f"{EDITOR}/{second}/move", to="up")
    assert listed(manager) == ["Which bin?", "Has it happened before?"], "there is nothing above the first"
    press(manager, f"{EDITOR}/{second}/move", to="down")
    press(manager, f"{EDITOR}/{first}/move", to="down")
    assert listed(manager) == ["Which bin?", "Has it happened before?"]

    page = manager.get(f"{EDITOR}/publish?lang=en").page
    assert "The order changes." in page.text
    assert "A trend breaks" not in page.text
    press(manager, f"{EDITOR}/publish", page)
    assert [each.key for each in queries.in_use(riverside.contract).questions] == [second, first]


def answered_once(client):
    page = client.get("/give/RS-001?lang=en").page
    assert client.post("/give/RS-001", data=answers(page, **{"q-which234": "paper234"})).status_code == 303


def test_a_change_that_breaks_a_trend_is_warned_of_and_becomes_a_new_question(manager, client, riverside):
    ask(riverside, CHOICE)
    answered_once(client.application.test_client())
    address = f"{EDITOR}/which234?lang=en"
    assert "1 resident has answered it." in manager.get(address).page.text

    warned = save(manager, address, **{"wording-en": "Which bin was full?"})
    assert warned.status_code == 422
    said = warned.page.select_one(".govuk-error-summary").text
    assert "It is asked in other words." in said
    assert warned.page.select_one("[name=wording-en]")["value"] == "Which bin was full?"
    assert queries.draft_of(riverside.contract) is None

    sure = manager.post(address, data=form_of(warned.page, sure="y"))
    assert sure.status_code == 303
    (question,) = queries.draft_of(riverside.contract).questions
    assert question.key != "which234"
    page = manager.get(f"{EDITOR}/publish?lang=en").page
    assert "A trend breaks" in page.text
    assert "Which bin? (1 answer)" in page.text
    press(manager, f"{EDITOR}/publish", page)
    assert queries.in_use(riverside.contract).number == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"options-en": "Paper\nGlass\nMetal"}, "There are other answers to choose from."),
        ({"options-en": "Paper\nBottles"}, "There are other answers to choose from."),
    ],
)
def test_other_answers_to_choose_from_break_it_too(manager, riverside, changes, said):
    ask(riverside, CHOICE)

    assert said in save(manager, f"{EDITOR}/which234?lang=en", **({"options-zh": ""} | changes)).page.text


def test_another_kind_breaks_it(manager, riverside):
    ask(riverside, TEXT)
    asked = manager.get(f"{EDITOR}/text2345?kind=day&lang=en")
    assert asked.page.select_one("[name=wording-en]")["value"] == "What would be better?"

    assert (
        "What it is answered with is another thing." in save(manager, f"{EDITOR}/text2345?kind=day&lang=en").page.text
    )


def test_what_changes_no_meaning_stays_the_same_question(manager, client, riverside):
    ask(riverside, CHOICE, DRIVERS)
    more = {"wording-zh": "哪个桶？", "hint-en": "Look at the lid.", "is_for_provider": "y"}

    assert save(manager, f"{EDITOR}/which234?lang=en", **more).status_code == 303
    dropped = save(manager, f"{EDITOR}/drive234?lang=en", aspects=["staff", "safety"])
    assert dropped.status_code == 303, "each aspect is counted among those it was offered to"

    assert [each.key for each in queries.draft_of(riverside.contract).questions] == ["which234", "drive234"]
    page = manager.get(f"{EDITOR}/publish?lang=en").page
    assert "Changed, and still the same question" in page.text
    assert "A trend breaks" not in page.text


def test_before_it_was_ever_asked_everything_can_be_changed(manager, riverside):
    add(manager, "choice", **{"options-en": "Paper\nGlass"})
    (question,) = queries.draft_of(riverside.contract).questions

    changed = {"wording-en": "Else", "options-en": "One\nTwo\nThree"}
    assert save(manager, f"{EDITOR}/{question.key}?lang=en", **changed).status_code == 303
    assert queries.draft_of(riverside.contract).questions[0].key == question.key


def test_it_is_asked_no_more_from_the_next_version_on(manager, client, riverside):
    ask(riverside, CHOICE, YES_NO)
    answered_once(client.application.test_client())

    press(manager, f"{EDITOR}/which234/retire")
    assert asked_now(client) == ["Which bin?", "Has it happened before?"]
    press(manager, f"{EDITOR}/publish")
    assert asked_now(client) == ["Has it happened before?"]

    press(manager, f"{EDITOR}/again234/retire")
    press(manager, f"{EDITOR}/publish")
    assert db.session.query(QuestionsInUse).count() == 0
    assert "Nothing besides is asked." in manager.get(f"{EDITOR}?lang=en").page.text


def test_a_draft_is_thrown_away(manager, riverside):
    ask(riverside, YES_NO)
    add(manager)

    assert press(manager, f"{EDITOR}/discard").status_code == 303
    assert listed(manager) == ["Has it happened before?"]
    assert press(manager, f"{EDITOR}/discard", seen="0.0").status_code == 409


def test_a_draft_that_changes_nothing_is_not_published(manager, riverside):
    ask(riverside, YES_NO, CHOICE)
    press(manager, f"{EDITOR}/again234/move", to="down")
    press(manager, f"{EDITOR}/again234/move", to="up")

    assert "nothing would change" in manager.get(f"{EDITOR}/publish?lang=en").page.text
    assert press(manager, f"{EDITOR}/publish").status_code == 409
    assert queries.in_use(riverside.contract).number == 1


def test_of_two_managers_at_once_the_second_is_told_and_loses_nothing(manager, riverside):
    ask(riverside, YES_NO, CHOICE)
    page = manager.get(f"{EDITOR}/again234?lang=en").page
    buttons = manager.get(f"{EDITOR}?lang=en").page
    actions.add(riverside.contract, TEXT, seen=now(riverside.contract), member_id=riverside.manager.id)
    db.session.commit()

    second = manager.post(f"{EDITOR}/again234?lang=en", data=form_of(page, **{"hint-en": "Lately."}))
    assert second.status_code == 409
    assert "Manager has changed these questions since you opened the page." in second.page.text
    assert second.page.select_one("[name=hint-en]")["value"] == "Lately."
    assert press(manager, f"{EDITOR}/which234/retire?lang=en", buttons).status_code == 409
    assert press(manager, f"{EDITOR}/publish?lang=en", buttons).status_code == 409
    assert len(listed(manager)) == 3

    assert manager.post(f"{EDITOR}/again234?lang=en", data=form_of(second.page)).status_code == 303
    assert "Lately." in str(queries.draft_of(riverside.contract).asked)


def test_what_was_typed_about_a_question_that_went_is_shown(manager, riverside):
    ask(riverside, YES_NO, CHOICE)
    page = manager.get(f"{EDITOR}/again234?lang=en").page
    actions.retire(riverside.contract, "again234", seen=now(riverside.contract), member_id=riverside.manager.id)
    db.session.commit()

    second = manager.post(f"{EDITOR}/again234?lang=en", data=form_of(page, **{"hint-en": "Lately."}))

    assert second.status_code == 409
    assert "Lately." in second.page.text
    assert manager.get(f"{EDITOR}/again234").status_code == 404


def test_there_are_never_too_many(manager, riverside):
    for _ in range(MOST_QUESTIONS):
        assert add(manager).status_code == 303

    assert "nobody answers more in a minute" in manager.get(f"{EDITOR}?lang=en").page.text
    assert add(manager).status_code == 422
    assert len(queries.draft_of(riverside.contract).questions) == MOST_QUESTIONS


def test_the_preview_shows_the_draft_in_any_language_and_can_send_nothing(manager, riverside):
    ask(riverside, YES_NO)
    add(manager)

    page = manager.get(f"{EDITOR}/preview?lang=en&in=zh")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    frame = page.page.iframe
    assert frame["width"] == "360"
    inside = manager.get(frame["src"])
    assert "frame-ancestors 'self'" in inside.headers["Content-Security-Policy"]
    assert inside.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "哪一天？" in inside.page.text
    assert "提交" in inside.page.text
    assert not inside.page.select("form[method=post], button[type=submit], script")
    assert manager.get("/settings").page.html["lang"] == "en", "the manager's own pages stay in their language"
    assert "frame-ancestors 'none'" in manager.get(EDITOR).headers["Content-Security-Policy"]


def test_without_any_question_the_preview_is_the_form_as_it_is(manager, riverside):
    assert "How was it?" in manager.get(f"{EDITOR}/preview/form?lang=en").page.text


def test_every_change_is_in_the_audit(manager, riverside):
    add(manager)
    press(manager, f"{EDITOR}/publish")

    noted = {(each.what, each.verb) for each in db.session.scalars(select(AuditEntry))}
    assert {("question_set", "added"), ("question", "added"), ("question_set", "changed")} <= noted
    assert ("questions_in_use", "added") in noted
    assert "a version of the questions" in manager.get("/audit?lang=en").page.text


def test_only_managers_of_the_agency_come_in(client, riverside, hillside):
    ask(riverside, *ALL)
    assert client.sign_in(riverside.officer).get(EDITOR).status_code == 403
    assert client.sign_in(riverside.staff).get(EDITOR).status_code == 403
    stranger = client.sign_in(hillside.manager)
    assert stranger.get(f"{EDITOR}?agency=riverside").status_code == 404
    assert "Which bin?" not in stranger.get(EDITOR).page.text
    assert stranger.post(f"{EDITOR}/which234/retire", data={"seen": now(riverside.contract)}).status_code in (404, 409)
    assert len(queries.in_use(riverside.contract).questions) == 6
