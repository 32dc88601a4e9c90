"""The form in easy words: the same fields, found by a link that stays without script, in each language."""

from dataclasses import replace

import pytest

from app.extensions import db
from app.intake.models import Answer, Feedback
from app.web.languages import OF_RESIDENTS
from tests.web.questions_story import TEXT, YES_NO, ask
from tests.web.test_give import answers


def link(page):
    return page.select_one("main > p a[href*='/give/']")["href"]


def names(page):
    return {each["name"] for each in page.select("form#give [name]")}


@pytest.mark.parametrize("language", OF_RESIDENTS)
def test_a_link_leads_there_and_back_and_the_fields_are_the_same(client, riverside, language):
    usual = client.get(f"/give/RS-001?from=qr&lang={language}").page

    easy = client.get(link(usual)).page

    assert easy.select_one("form.app-easy")
    assert easy.html["lang"].startswith(language)
    assert names(easy) == names(usual)
    assert "from=qr" in easy.select_one("form#give")["action"]
    assert client.get(link(easy)).page.select_one("form#give:not(.app-easy)")
    for other in easy.select("nav a[hreflang]"):
        assert "easy=y" in other["href"], "another language keeps the easy words"


def test_what_is_sent_is_taken_in_as_ever(client, riverside):
    page = client.get("/give/RS-001?easy=y&from=qr").page

    sent = client.post(page.select_one("form#give")["action"], data=answers(page))

    assert sent.status_code == 303
    assert db.session.query(Feedback).one().channel == "qr"


def test_an_error_leaves_it_easy_and_a_button_changes_the_words_and_loses_nothing(client, riverside):
    page = client.get("/give/RS-001?easy=y").page
    form = answers(page, email="li at example", text="The lid is broken.")

    wrong = client.post(page.select_one("form#give")["action"], data=form)

    assert wrong.status_code == 422
    assert wrong.page.select_one("form.app-easy")
    button = wrong.page.select_one("main > p button[name=speak]")
    usual = client.post(button["formaction"], data=form | {"speak": ""}).page
    assert usual.select_one("form#give:not(.app-easy)")
    assert "The lid is broken." in usual.select_one("textarea").text
    assert db.session.query(Feedback).count() == 0


def test_own_questions_are_easy_as_far_as_somebody_wrote_it(client, riverside):
    ask(riverside, replace(YES_NO, easy={"en": "Was it so before?"}), TEXT)

    usual, easy = client.get("/give/RS-001?lang=en").page, client.get("/give/RS-001?lang=en&easy=y").page

    assert "Has it happened before? (optional)" in usual.text
    assert "Was it so before?" in easy.text
    assert "Has it happened before?" not in easy.text
    assert "What would be better?" in easy.text
    assert "Has it happened before?" in client.get("/give/RS-001?lang=zh&easy=y").text, "nobody wrote it in Chinese"
    form = answers(easy) | {"q-again234": "yes", "asked": easy.select_one("[name=asked]")["value"]}
    client.post(easy.select_one("form#give")["action"], data=form)
    assert db.session.query(Answer).one().is_yes


def test_a_manager_writes_easy_words_and_breaks_nothing(client, riverside):
    ask(riverside, YES_NO)
    client.sign_in(riverside.manager)
    address = f"/contracts/C-001/questions/{YES_NO.key}"
    page = client.get(address).page
    form = {each["name"]: each.get("value", "") for each in page.select("main form[method=post] input[name]")}
    form = {name: value for name, value in form.items() if name not in ("is_for_provider", "sure")}

    words = {"wording-zh": "以前发生过吗？", "easy-en": "Was it so before?", "easy-zh": "以前也这样吗？"}
    kept = client.post(address, data=form | words)

    assert kept.status_code == 303
    assert client.get(address).page.select_one("[name=easy-zh]")["value"] == "以前也这样吗？"
    ready = client.get("/contracts/C-001/questions/publish?lang=en").page
    assert "Changed, and still the same question" in ready.text
    assert "Some languages are missing" in ready.text
    missing = ready.select_one("main a[href*='/questions/again234']").parent.text
    assert "简体中文" not in missing
    assert "Español" in missing
    assert "العربية" in missing


def test_where_all_languages_have_words_nothing_is_missing(client, riverside):
    everywhere = {"en": "Was it dark?", "zh": "当时天黑吗？", "es": "¿Estaba oscuro?", "ar": "هل كان المكان مظلمًا؟"}
    ask(riverside, YES_NO)
    client.sign_in(riverside.manager)
    page = client.get("/contracts/C-001/questions/new?kind=yes_no").page
    form = {each["name"]: each.get("value", "") for each in page.select("main form[method=post] input[type=hidden]")}
    client.post(
        "/contracts/C-001/questions/new?kind=yes_no",
        data=form | {f"wording-{code}": text for code, text in everywhere.items()},
    )

    ready = client.get("/contracts/C-001/questions/publish?lang=en").page

    missing = [each.text for each in ready.select(".govuk-inset-text a")]
    assert missing == ["Has it happened before?"]
