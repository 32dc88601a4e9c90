"""A resident says how it went, on a phone, without an account."""

import re
import threading
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from app.cases.models import Case, Event
from app.directory.models import ContractSite
from app.extensions import db
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel import database
from app.kernel.words import EventKind
from app.outbox.models import Promise
from app.resident import queries
from tests.browser_client import count_statements


def answers(page, **changes):
    """The form of ``page`` as a resident fills it in."""
    hidden = {field["name"]: field.get("value", "") for field in page.select("form[method=post] input[type=hidden]")}
    return hidden | {"rating": "2", "text": "The bin was left full again.", "wants_answer": "yes"} | changes


def test_it_keeps_feedback_case_and_promises_and_then_shows_the_reference(client, riverside):
    page = client.get("/give/rs-001").page

    sent = client.post(
        "/give/RS-001", data=answers(page, place="Gate 2", email="li@example.org", phone="0131 496 0000")
    )

    assert sent.status_code == 303
    receipt = client.get(sent.location)
    feedback = db.session.query(Feedback).one()
    assert receipt.page.select_one("[data-reference]")["data-reference"] == feedback.reference
    assert re.fullmatch(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){2}", feedback.reference)
    assert "999" in receipt.page.text
    assert db.session.query(Case).one().contract_id == riverside.contract.id
    assert db.session.query(Event).one().kind == EventKind.ACKNOWLEDGED
    assert {p.topic for p in db.session.query(Promise)} == {"feedback.read", "resident.receipt"}
    words = db.session.query(FeedbackWords).one()
    assert words.place == "Gate 2"
    assert b"li@example.org" not in words.email_sealed


def test_the_receipt_comes_by_mail_and_the_text_is_read(client, riverside, work, mail_box):
    page = client.get("/give/RS-001?lang=en").page
    client.post("/give/RS-001", data=answers(page, email="li@example.org"))

    work()

    (letter,) = mail_box()
    assert letter["To"] == "li@example.org"
    feedback = db.session.query(Feedback).one()
    assert feedback.reference in letter["Subject"]
    assert "http://localhost/track/" in letter.get_body(("plain",)).get_content()
    assert "http://localhost/track/" in letter.get_body(("html",)).get_content()


def test_without_an_answer_wanted_there_is_no_case(client, riverside):
    page = client.get("/give/RS-001").page
    client.post("/give/RS-001", data=answers(page, rating="5", wants_answer="no"))

    assert db.session.query(Feedback).one().kind == "compliment"
    assert db.session.query(Case).count() == 0


def test_the_same_draft_sent_twice_is_one_feedback(client, riverside):
    form = answers(client.get("/give/RS-001").page)
    first = client.post("/give/RS-001", data=form)
    second = client.post("/give/RS-001", data=form)

    assert db.session.query(Feedback).count() == 1
    shown = [client.get(each.location).page.select_one("[data-reference]").text for each in (first, second)]
    assert shown[0] == shown[1]


def test_the_same_key_with_other_words_can_be_sent_as_new(client, riverside):
    form = answers(client.get("/give/RS-001").page)
    client.post("/give/RS-001", data=form)

    conflict = client.post("/give/RS-001", data=form | {"text": "And the lid is broken."})

    assert conflict.status_code == 409
    assert "And the lid is broken." in conflict.page.select_one("textarea").text
    again = {field["name"]: field.get("value", "") for field in conflict.page.select("form input[type=hidden]")}
    assert client.post("/give/RS-001", data=form | again | {"text": "And the lid is broken."}).status_code == 303
    assert db.session.query(Feedback).count() == 2


def test_the_browser_may_keep_the_blank_form_so_that_going_back_shows_the_same_draft(client, riverside):
    form = client.get("/give/RS-001?from=qr")

    assert form.headers["Cache-Control"] == "private, no-cache"
    # What a browser keeps of an address it forgets once it sends something there.
    assert form.page.select_one("form[method=post]")["action"] != "/give/RS-001?from=qr"
    assert "from=qr" in form.page.select_one("form[method=post]")["action"]
    assert (
        client.get(client.post("/give/RS-001", data=answers(form.page)).location).headers["Cache-Control"] == "no-store"
    )


def test_two_at_once_with_one_key_are_one_feedback(app, riverside):
    form = {"rating": "1", "text": "Late again.", "wants_answer": "yes", "key": "one-draft"}
    answered = []

    def send():
        with app.app_context():
            answered.append(app.test_client().post("/give/RS-001", data=form).status_code)

    db.session.commit()
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answered == [303] * 4
    assert db.session.query(Feedback).count() == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"rating": "", "text": ""}, "Choose how it was, or write what happened."),
        ({"rating": "9"}, "Choose one of the five."),
        ({"rating": "good"}, "Choose one of the five."),
        ({"text": "x" * 5001}, "Use 5000 characters or fewer."),
        ({"email": "li at example"}, "Enter an e-mail address like name@example.com."),
        ({"share": "y"}, "Enter an e-mail address or a phone number, or untick this."),
        ({"phone": "call me"}, "Enter a phone number like 0131 496 0000."),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_answers(client, riverside, changes, complaint):
    form = answers(client.get("/give/RS-001").page, place="Gate 2") | changes

    page = client.post("/give/RS-001?lang=en", data=form)

    assert page.status_code == 422
    assert complaint in page.page.select_one(".govuk-error-summary").text
    assert page.page.select_one("#place")["value"] == "Gate 2"
    assert page.page.select_one("textarea").text.strip() == form["text"]
    assert db.session.query(Feedback).count() == 0


def test_the_language_changes_on_an_answer_with_everything_that_was_typed(client, riverside):
    form = answers(client.get("/give/RS-001?lang=en").page, place="Gate 2", email="li at example")
    wrong = client.post("/give/RS-001?lang=en", data=form)
    button = wrong.page.select_one("nav button[name=speak]")
    assert (button["lang"], button["form"]) == ("zh", wrong.page.select_one("main form")["id"])

    spoken = client.post(button["formaction"], data=answers(wrong.page) | form | {button["name"]: ""})

    assert spoken.status_code == 200
    assert spoken.page.html["lang"] == "zh-Hans"
    assert spoken.page.select_one("textarea").text.strip() == form["text"]
    assert spoken.page.select_one("#email")["value"] == "li at example"
    assert spoken.page.select_one("[name=rating][checked]")["value"] == "2"
    assert not spoken.page.select(".govuk-error-summary, .govuk-error-message")
    assert db.session.query(Feedback).count() == 0
    # In that language it goes on, under the same key.
    mended = answers(spoken.page, email="li@example.org", place="Gate 2")
    assert mended["key"] == form["key"]
    done = client.post(spoken.page.select_one("main form")["action"], data=mended)
    assert client.get(done.location).page.html["lang"] == "zh-Hans"
    assert db.session.query(Feedback).one().language == "zh"


def test_hidden_characters_are_stripped(client, riverside):
    page = client.get("/give/RS-001").page
    client.post("/give/RS-001", data=answers(page, text="left\u202e full\x07\r\nagain"))

    assert db.session.query(FeedbackWords).one().text == "left full\nagain"


def test_an_unknown_site_is_said_to_be_unknown(client, riverside):
    assert client.get("/give/NOWHERE").status_code == 404
    assert client.post("/give/NOWHERE", data={"rating": "1"}).status_code == 404
    assert client.get("/receipt/made-up").status_code == 404


def test_a_form_from_another_site_is_refused(client, riverside):
    form = answers(client.get("/give/RS-001").page)

    assert client.post("/give/RS-001", data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/give/RS-001", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert db.session.query(Feedback).count() == 0


def test_a_form_left_open_overnight_is_taken_all_the_same(client, riverside, at):
    with at("2026-11-23T23:00:00+08:00"):
        form = answers(client.get("/give/RS-001").page)
    with at("2026-11-24T08:00:00+08:00"):
        assert client.post("/give/RS-001", data=form).status_code == 303


def test_where_nobody_is_contracted_it_is_accepted_all_the_same(client, riverside, at):
    with at("2029-01-01T12:00:00+08:00"):
        page = client.get("/give/RS-001").page
        assert client.post("/give/RS-001", data=answers(page)).status_code == 303

    assert db.session.query(Feedback).one().contract_id is None
    assert db.session.query(Case).one().respond_by is None


def test_the_page_sets_no_cookie_and_names_who_is_behind_it(client, riverside):
    response = client.get("/give/RS-001?lang=en")

    assert "Set-Cookie" not in response.headers
    assert "Answerable for it: Riverside Public Services" in response.page.select_one("footer").text
    assert "Delivered by Clearway Ltd" in response.page.select_one("footer").text


def test_it_speaks_the_language_of_the_browser_and_of_the_link(client, riverside):
    assert client.get("/give/RS-001", headers={"Accept-Language": "zh-TW,zh;q=0.9"}).page.html["lang"] == "zh-Hans"
    page = client.get("/give/RS-001?lang=zh").page
    assert page.html["lang"] == "zh-Hans"
    assert "lang=zh" in page.select_one("form[method=post]")["action"]


def test_a_language_chosen_by_link_outlasts_the_search(client, riverside):
    page = client.get("/?lang=zh").page
    asked = {field["name"]: field.get("value", "") for field in page.select("form[role=search] input")}

    found = client.get("/", query_string=asked | {"q": "street"}).page

    assert found.html["lang"] == "zh-Hans"
    assert all("lang=zh" in link["href"] for link in found.select("main ul a"))


@pytest.mark.parametrize("typed", ["rs-001", "RS001", " rs 001 ", "ＲＳ－００１", "rs_001"])
def test_a_code_leads_to_its_form_however_it_is_written(client, riverside, typed):
    assert client.get("/", query_string={"q": typed}).location.startswith("/give/RS-001")
    assert client.get(f"/give/{typed}?from=qr").status_code in (200, 307)


def test_a_form_sent_to_a_code_written_otherwise_arrives(client, riverside):
    form = answers(client.get("/give/RS-001").page)
    sent = client.post("/give/rs001?lang=en", data=form, follow_redirects=True)

    assert sent.status_code == 200
    assert db.session.query(Feedback).count() == 1


@pytest.mark.parametrize(
    "asked",
    [
        "long street",
        "STREET cleaning",
        "clearway",
        "Riverside",
        "ｃｌｅａｎｉｎｇ ００２",
        "rs-0",
        "保洁",
        "Rubbish",
        "垃圾",
        "bins on the Place RS-002",
        "riverside的垃圾",
        "街道垃圾",
        "街道 的 垃圾",
    ],
)
def test_a_search_finds_by_service_provider_agency_name_or_street(client, riverside, asked):
    riverside.contract.service = {"en": "Street cleaning", "zh": "街道保洁"}
    riverside.contract.also_called = {"en": "rubbish, bins", "zh": "垃圾、卫生"}
    db.session.commit()

    page = client.get("/", query_string={"q": asked, "lang": "en"}).page

    found = page.select_one("h2 + ul").text
    assert "RS-002" in found
    assert "Street cleaning: Place RS-002" in found
    assert "Riverside Public Services" in found
    assert "bins" not in found, "everyday words are only to be found by"


def test_a_search_knows_who_serves_a_place_today(client, riverside, at):
    with at("2029-01-01T12:00:00+08:00"):
        assert "Nothing found" in client.get("/?q=clearway&lang=en").page.text
    assert "Nothing found" in client.get("/?q=Xyzzy&lang=en").page.text
    assert "Nothing found" in client.get("/?q=%25&lang=en").page.text


def test_a_search_needs_every_word_that_means_something(client, riverside):
    riverside.contract.also_called = {"en": "rubbish, bins", "zh": "垃圾、卫生"}
    db.session.commit()

    for asked in ("bins on Xyzzy", "路灯的垃圾", "垃圾路灯"):
        assert "Nothing found" in client.get("/", query_string={"q": asked, "lang": "en"}).page.text, asked


def test_the_code_that_was_meant_stands_first(client, riverside):
    for site, code in ((riverside.site, "RS-BIN-03"), (riverside.other_site, "RS-BIN-01")):
        site.code, site.code_key, site.address = code, code.casefold(), "1 Long Street"
    db.session.commit()

    page = client.get("/", query_string={"q": "rs-bin-1", "lang": "en"}).page

    found = [link["href"].partition("?")[0] for link in page.select("h2 + ul a")]
    assert found == ["/give/RS-BIN-01", "/give/RS-BIN-03"]


def test_two_latin_names_in_an_arabic_heading_are_read_as_one(client, riverside):
    heading = client.get("/give/RS-001?lang=ar").page.h1

    assert str(heading.bdi.string).strip() == "Street cleaning: Place RS-001"


def test_few_places_can_be_chosen_from_a_list_by_agency(client, riverside, hillside, monkeypatch):
    page = client.get("/?lang=en").page
    lists = {each.summary.text.strip(): each.select("a") for each in page.select("main details")}

    assert sorted(lists) == ["Hillside Public Services", "Riverside Public Services"]
    assert lists["Hillside Public Services"][0]["href"] == "/give/HS-001?lang=en"
    monkeypatch.setattr(queries, "FEW_PLACES", 5)
    assert not client.get("/").page.select("main details")


def test_an_unknown_code_is_named_and_can_be_looked_for(client, riverside):
    page = client.get("/give/RS-999?lang=en")

    assert page.status_code == 404
    assert "RS-999" in page.page.h1.text
    assert page.page.select_one("#q")["value"] == "RS-999"
    sent = client.post("/give/RS-999?lang=en", data={"text": "The bin was left full again."})
    assert sent.status_code == 404
    assert "The bin was left full again." in sent.page.select_one("main").text


def test_of_several_services_at_one_place_it_asks_which(client, riverside):
    db.session.add(
        ContractSite(
            agency_id=riverside.agency.id,
            contract_id=riverside.other_contract.id,
            site_id=riverside.site.id,
            starts_on=date(2026, 1, 1),
        )
    )
    page = client.get("/give/RS-001?lang=en").page
    assert [field["value"] for field in page.select("input[name=service]")] == ["C-001", "C-002"]

    refused = client.post("/give/RS-001?lang=en", data=answers(page))
    assert refused.status_code == 422
    assert "Choose the service." in refused.page.select_one(".govuk-error-summary").text
    assert client.post("/give/RS-001", data=answers(page, service="C-002")).status_code == 303
    assert db.session.query(Feedback).one().contract_id == riverside.other_contract.id


def test_the_emergency_number_stands_once_and_near_the_button(client, riverside):
    form = client.get("/give/RS-001?lang=en").page.select_one("form[method=post]")

    assert form.text.count("999") == 1
    assert form.text.index("999") > form.text.index("Phone (optional)")


def test_where_exactly_is_kept_without_text_and_told_to_staff(client, riverside):
    client.post("/give/RS-001", data=answers(client.get("/give/RS-001").page, text="", place="Gate 2"))
    feedback = db.session.query(Feedback).one()

    case_page = client.sign_in(riverside.officer).get(f"/cases/{feedback.reference}")

    assert "Gate 2" in case_page.page.text


def test_it_needs_no_token_of_a_session(app, client, riverside, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    assert client.post("/give/RS-001", data=answers(client.get("/give/RS-001").page)).status_code == 303


def test_a_database_that_is_locked_keeps_the_words_and_one_press_sends_them_again(client, riverside, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    form = answers(client.get("/give/RS-001?lang=en").page, place="Gate 2")
    with somebody_else_writing():
        refused = client.post("/give/RS-001?lang=en", data=form)

    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert form["text"] in refused.page.select_one("main").text
    assert db.session.query(Feedback).count() == 0
    again = refused.page.select_one("form[method=post]")
    kept = {field["name"]: field["value"] for field in again.select("input[type=hidden]")}
    assert client.post(again["action"], data=kept).status_code == 303
    assert db.session.query(FeedbackWords).one().place == "Gate 2"


def test_asking_for_the_form_takes_one_query_and_writes_nothing(client, riverside):
    client.get("/give/RS-001")

    seen = count_statements(db.engine, lambda: client.get("/give/RS-001"))

    assert [statement.split()[0] for statement in seen if statement != "BEGIN"] == ["SELECT"]


@contextmanager
def somebody_else_writing():
    """Hold what every writer needs, and have writers give up soon."""
    is_sqlite = db.engine.dialect.name == "sqlite"

    def hurry(connection, *_rest):
        connection.cursor().execute("SET lock_timeout = 50")

    other = db.engine.raw_connection()
    try:
        if is_sqlite:
            other.cursor().execute("BEGIN IMMEDIATE")
        else:
            event.listen(db.engine, "checkout", hurry)
            other.cursor().execute("LOCK TABLE feedback IN EXCLUSIVE MODE")
        yield
    finally:
        if not is_sqlite:
            event.remove(db.engine, "checkout", hurry)
        other.rollback()
        other.close()
