"""The whole way of a resident in each of their languages, letters included; and members, who have two of them.

What must be translated is what stands in the files that translations/residents.toml names. That it names enough is
shown here: no text is said without a translation, and none of ours is in English.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.cases import actions as cases
from app.cases import held_for_review, merging
from app.cases.erasing import place_hold
from app.cases.models import Event
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Actor, FeedbackKind
from app.mail.letter import Letter
from app.resident import letters
from app.web import errors
from app.web.languages import LANGUAGES, OF_MEMBERS, OF_RESIDENTS
from tests import factories
from tests.browser_client import Browser
from tests.untranslated import english_in, english_of, noted
from tests.web.cases_story import sent
from tests.web.conftest import take_in
from tests.web.test_give import answers
from tests.web.test_photos import chosen, jpeg

TRANSLATED = [code for code in OF_RESIDENTS if code != "en"]
Look = Callable[[Any], Any]


@pytest.fixture(params=TRANSLATED)
def code(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    """A language that residents speak; whatever is said in it meanwhile has a translation."""
    with noted(request.param) as missed:
        yield request.param
    assert missed == [], "said to residents, but in no file that translations/residents.toml names"


@pytest.fixture
def look(code: str) -> Look:
    """Look at an answer: its page is in the language, in its direction, and none of our English is on it."""

    def at(response: Any) -> Any:
        assert response.page is not None, response.text
        assert response.page.html["lang"].split("-")[0] == code
        assert response.page.html["dir"] == ("rtl" if code == "ar" else "ltr")
        assert english_in(response.page, code) == []
        return response

    return at


def read(letter: Letter, code: str) -> Letter:
    """Look at a letter: the same of it."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(letter.html, "html.parser")
    assert page.html["lang"].split("-")[0] == code
    assert page.body["dir"] == ("rtl" if code == "ar" else "ltr")
    assert english_in(page, code) == []
    assert english_of([letter.subject, *letter.text.split("\n")], code) == []
    return letter


def track(feedback: Feedback) -> str:
    """The address at which its resident sees what became of it; it names no language."""
    return f"/track/{intake.tracking_token(feedback.id)}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_whoever_looks_for_english_finds_it(client: Browser, riverside: factories.Directory, code: str) -> None:
    found = english_in(client.get("/give/RS-001?lang=en").page, code)

    assert {"Send", "Characters left: {n}", "Photo {n}"} <= set(found)
    assert any("we hide them from the provider" in each for each in found)


def only() -> Feedback:
    return db.session.query(Feedback).one()


def test_finding_a_place(client: Browser, riverside: factories.Directory, code: str, look: Look) -> None:
    riverside.site.latitude, riverside.site.longitude = 31.2, 121.5
    factories.contract(riverside.agency, riverside.provider, "C-003", "Parks", [riverside.other_site])
    db.session.commit()

    for address in ("/?", "/?q=long&", "/?q=nowhere&", "/accessibility?", "/offline?", "/open/?", "/track?"):
        look(client.get(f"{address}lang={code}"))
    look(client.get(f"/give/NOWHERE?lang={code}"))
    for place in (
        {"latitude": 31.2001, "longitude": 121.5},
        {"latitude": 31.25, "longitude": 121.5},
        {"latitude": 0, "longitude": 0},
        {},
    ):
        look(client.post(f"/near?lang={code}", data=place))
    look(client.get(f"/give/RS-003?lang={code}"))
    assert client.get(f"/manifest.webmanifest?lang={code}").json["dir"] == ("rtl" if code == "ar" else "ltr")


def test_easy_words_and_what_is_held_for_review(
    client: Browser, riverside: factories.Directory, code: str, look: Look
) -> None:
    look(client.get(f"/give/RS-001?easy=y&lang={code}"))
    spam = "https://a.example https://b.example https://c.example"
    for wants in ("yes", "no"):
        form = answers(client.get(f"/give/RS-001?easy=y&lang={code}").page, text=spam, wants_answer=wants)
        form["email"] = "li@example.org"
        look(client.get(client.post(f"/give/RS-001?easy=y&lang={code}", data=form).location))
    feedback = db.session.query(Feedback).first()
    look(client.get(track(feedback)))
    held_for_review.set_aside(feedback, member_id=riverside.officer.id)
    db.session.commit()
    look(client.get(track(feedback)))
    look(client.get(f"/track/nobody-has-this?lang={code}"))
    look(client.get(f"/receipt/nobody-has-this?lang={code}"))


def test_what_is_wrong_with_a_form(client: Browser, riverside: factories.Directory, code: str, look: Look) -> None:
    factories.contract(riverside.agency, riverside.provider, "C-003", "Parks", [riverside.other_site])
    db.session.commit()
    empty = answers(client.get(f"/give/RS-003?lang={code}").page, rating="", text="", share="y", wants_answer="no")

    wrong = look(client.post(f"/give/RS-003?lang={code}", data=empty)).page
    assert len(wrong.select(".govuk-error-message")) == 3
    look(client.post(f"/give/RS-003?lang={code}", data=empty | {"rating": "9", "text": "x" * 5001}))
    look(client.post(f"/give/RS-003?lang={code}", data=empty | {"email": "nobody", "phone": "12", "kept": ["gone"]}))
    form = answers(client.get(f"/give/RS-001?lang={code}").page, rating="", text="")
    broken = chosen(
        b"",
        b"no photo",
        jpeg()[:500],
        jpeg(size=(8000, 6000)),
        jpeg(),
        *[jpeg(each) for each in ("blue", "green", "white", "black", "pink")],
    )
    page = look(client.post_parts(f"/give/RS-001?lang={code}", form | {"photos": broken})).page
    assert len(page.select("#photos-error .govuk-error-message")) >= 4
    assert page.select("input[name=kept]")
    for form in ({"reference": "", "pin": ""}, {"reference": "7KQ4-MMZ2-X9RD", "pin": "123456"}):
        for _try in range(6):
            answer = look(client.post(f"/track?lang={code}", data=form))
    assert answer.status_code == 429
    elsewhere = {"Origin": "https://evil.example"}
    look(client.post(f"/give/RS-001?lang={code}", data={"text": "…", "rating": "1"}, headers=elsewhere))


@pytest.mark.parametrize("status", sorted(errors.WITH_A_PAGE))
def test_what_went_wrong(app: Flask, code: str, status: int) -> None:
    from bs4 import BeautifulSoup

    typed = dict.fromkeys(
        ("text", "place", "email", "phone", "rating", "wants_answer", "service", "share", "message"), "1"
    )
    with app.test_request_context(f"/give/RS-001?lang={code}", method="POST", data=typed | {"lang": code}):
        body, answered, _headers = errors.answer(status, status)

    page = BeautifulSoup(body, "html.parser")
    assert answered == status
    assert page.html["lang"].split("-")[0] == code
    assert english_in(page, code) == []


def test_the_way_of_a_complaint(
    client: Browser, riverside: factories.Directory, code: str, look: Look, work: Any, mail_box: Any
) -> None:
    form = answers(
        client.get(f"/give/RS-001?lang={code}").page, email="li@example.org", place="Gate 2", photos=chosen(jpeg())
    )
    receipt = client.post_parts(f"/give/RS-001?lang={code}", form).location
    look(client.get(receipt))
    look(client.post(f"/give/RS-001?lang={code}", data=form | {"text": "Other words.", "photos": []}))
    feedback = only()
    assert feedback.language == code
    case = cases.case_of(feedback)
    officer = riverside.officer.id

    # What somebody does from here on names no language: it goes on in the one that the feedback was given in.
    mine = track(feedback)
    look(client.get(mine))
    look(client.post(f"{mine}/add", data={"message": ""}))
    look(client.post(f"{mine}/add", data={"message": "Also on Sundays."}, follow_redirects=True))
    for page in ("confirm", "reopen", "withdraw", "contact", "erase"):
        look(client.get(f"{mine}/{page}"))
    look(client.post(f"{mine}/rate", data={"rating": "4"}))
    cases.assign(case, member_id=officer)
    cases.hand_back(case, "Not ours.", member_id=None)
    cases.reply(case, "We look into it.", by=Actor.AGENCY, member_id=officer)
    cases.ask(case, "Which gate?", by=Actor.AGENCY, member_id=officer)
    db.session.commit()
    look(client.get(mine))
    read(letters.told(feedback, db.session.query(Event).filter_by(kind="asked").one(), is_reminder=True), code)
    look(client.post(f"{mine}/add", data={"message": "Gate 2."}, follow_redirects=True))
    cases.resolve(case, "Emptied.", by=Actor.AGENCY, member_id=officer)
    db.session.commit()
    for page in ("", "/confirm", "/reopen", "/erase"):
        look(client.get(f"{mine}{page}"))
    look(client.post(f"{mine}/confirm", data={"rating": "9"}))
    look(client.post(f"{mine}/reopen", data={"message": "Still full."}, follow_redirects=True))
    cases.resolve(case, "Emptied again.", by=Actor.AGENCY, member_id=officer)
    db.session.commit()
    look(client.post(f"{mine}/confirm", data={"rating": "4"}, follow_redirects=True))
    look(client.post(f"{mine}/rate", data={"rating": ""}))
    look(client.post(f"{mine}/rate", data={"rating": "5"}, follow_redirects=True))
    look(client.post(f"{mine}/withdraw"))

    work()
    came = mail_box()
    assert len(came) >= 4
    for each in came:
        if each["To"] == "li@example.org":
            assert english_of([each["Subject"], *each.get_body(("plain",)).get_content().split("\n")], code) == []
            assert feedback.reference in each["Subject"].replace("\u2068", "").replace("\u2069", "")


def test_how_else_it_can_end(client: Browser, riverside: factories.Directory, code: str, look: Look) -> None:
    declined, joined, other, withdrawn, held, praise = (
        sent(riverside, language=code, email=f"{nth}@example.org", **more)
        for nth, more in enumerate([{}, {}, {}, {}, {}, {"kind": FeedbackKind.COMPLIMENT, "rating": 5}])
    )
    officer = riverside.officer.id
    cases.reject(cases.case_of(declined), "Not our street.", member_id=officer)
    merging.mark_duplicate(cases.case_of(joined), cases.case_of(other), member_id=officer)
    place_hold(held, "court", clock.now() + timedelta(days=30), member_id=officer)
    cases.answer(praise, "Thank you.", member_id=officer)
    db.session.commit()

    for feedback in (declined, joined, other, held, praise):
        look(client.get(track(feedback)))
        read(letters.receipt(feedback), code)
        for event in db.session.query(Event).filter_by(feedback_id=feedback.id):
            read(letters.told(feedback, event), code)
    look(client.get(f"{track(held)}/erase"))
    look(client.post(f"{track(held)}/erase", follow_redirects=True))
    for page in ("contact", "erase", "withdraw"):
        look(client.post(f"{track(withdrawn)}/{page}", follow_redirects=True))
    for page in ("confirm", "reopen"):
        look(client.get(f"{track(withdrawn)}/{page}"))


@pytest.mark.parametrize("end", ["resolved", "rejected", "withdrawn"])
def test_what_became_of_another_report_of_the_same(
    client: Browser, riverside: factories.Directory, code: str, look: Look, end: str
) -> None:
    joined, other = sent(riverside, language=code), sent(riverside, language=code)
    officer, case = riverside.officer.id, cases.case_of(other)
    merging.mark_duplicate(cases.case_of(joined), case, member_id=officer)
    if end == "resolved":
        cases.resolve(case, "Emptied.", by=Actor.AGENCY, member_id=officer)
    elif end == "rejected":
        cases.reject(case, "Not our street.", member_id=officer)
    else:
        cases.withdraw(case)
    db.session.commit()

    look(client.get(track(joined)))


def test_the_public_pages(
    app: Flask, client: Browser, riverside: factories.Directory, tmp_path: Any, at: Any, code: str, look: Look
) -> None:
    rows = [f"P{n},C-001,RS-001,complaint,1,2,,en,web,2026-09-{n % 28 + 1:02d}T09:00:00+08:00" for n in range(60)]
    events = [f"P{n},2026-09-{n % 28 + 1:02d}T12:00:00+08:00,replied,agency,Done.," for n in range(40)]
    take_in(riverside, tmp_path, rows, events)
    db.session.commit()
    with at("2026-12-20T09:00:00+08:00"):
        manager = app.test_client().sign_in(riverside.manager)
        manager.post(
            "/publications/choices",
            data={"published": [riverside.contract.id], "named": [riverside.contract.id], "smallest_cell": 10},
        )
        draft = manager.post("/publications", data={"month": "2026-09"}).location
        manager.post(f"{draft}/approve", data={"version": "1", "name": "Ann Lee"})

    look(client.get(f"/open/?lang={code}"))
    page = look(client.get(f"/open/riverside/2026-09?lang={code}"))
    assert page.status_code == 200
    assert english_of(client.get(f"/open/riverside/2026-09.csv?lang={code}").text.splitlines(), code) == []
    with at("2026-12-20T09:00:00+08:00"):
        manager.post(f"{draft}/withdraw", data={"version": "2", "why": "…"})
    assert look(client.get(f"/open/riverside/2026-09?lang={code}")).status_code == 410


@pytest.mark.parametrize(
    ("wished", "given"),
    [
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("ar-EG", "ar"),
        ("ar,en;q=0.8", "ar"),
        ("fr,es;q=0.5", "es"),
        ("de", "en"),
        ("zh-TW", "zh"),
    ],
)
def test_a_browser_gets_the_language_that_it_wishes_for(
    client: Browser, riverside: factories.Directory, wished: str, given: str
) -> None:
    page = client.get("/give/RS-001", headers={"Accept-Language": wished}).page

    assert page.html["lang"].split("-")[0] == given


def test_residents_choose_from_four_languages_and_members_from_two(
    client: Browser, riverside: factories.Directory
) -> None:
    offered = client.get("/give/RS-001?lang=ar").page.select(".app-languages li")
    assert [each.text for each in offered] == [name for _locale, name in LANGUAGES.values()]
    assert offered[3].select_one("[aria-current]")

    for path in ("/sign-in", "/provider/gone", "/unsubscribe/gone", "/invitation/gone"):
        assert len(client.get(path).page.select(".app-languages li")) == len(OF_MEMBERS), path
    client.sign_in(riverside.officer)
    assert len(client.get("/inbox").page.select(".app-languages li")) == len(OF_MEMBERS)
    assert [each["value"] for each in client.get("/account").page.select("[name=language]")] == list(OF_MEMBERS)


@pytest.mark.parametrize("code", ["es", "ar"])
@pytest.mark.parametrize(
    "path", ["/sign-in", "/inbox", "/contracts/C-001", "/nowhere", "/provider/gone", "/by-phone/RS-001"]
)
def test_a_page_of_members_is_english_where_it_does_not_speak_the_language(
    client: Browser, riverside: factories.Directory, path: str, code: str
) -> None:
    client.sign_in(riverside.officer)

    page = client.get(f"{path}?lang={code}", headers={"Accept-Language": code}, follow_redirects=True).page

    assert (page.html["lang"], page.html["dir"]) == ("en", "ltr")
    assert client.get("/inbox", headers={"Accept-Language": code}).page.html["lang"] == "en"


def test_a_link_to_a_page_of_residents_goes_on_in_the_language_of_the_member(
    client: Browser, riverside: factories.Directory
) -> None:
    client.sign_in(riverside.officer)

    def links(wished: str) -> set[str]:
        page = client.get("/sites/RS-001?lang=zh", headers={"Accept-Language": wished}).page
        return {each["href"] for each in page.select("a[href^='/give/'], a[href^='/inbox']")}

    assert "/give/RS-001?lang=zh" in links("en")
    assert "/give/RS-001" in links("zh-CN"), "the browser asks for it anyhow"
    assert not [each for each in links("en") if each.startswith("/inbox") and "lang" in each]
    door = client.get("/sign-in?lang=zh", headers={"Accept-Language": "en"}, follow_redirects=True).page
    assert door.html["lang"] == "zh-Hans"


def test_who_takes_a_call_offers_the_languages_of_residents(
    client: Browser, riverside: factories.Directory, work: Any, mail_box: Any
) -> None:
    page = client.sign_in(riverside.officer).get("/by-phone/RS-001?lang=en").page
    assert [each["value"] for each in page.select("#language option")] == list(OF_RESIDENTS)

    client.post("/by-phone/RS-001", data=answers(page, language="es", email="li@example.org", read_out="y"))
    work()

    assert only().language == "es"
    assert mail_box()[0]["Subject"] == f"Su comentario ha llegado: {only().reference}"


def test_what_stands_between_arabic_keeps_its_own_direction(client: Browser, riverside: factories.Directory) -> None:
    feedback = sent(riverside, language="ar", text="The bin was full again.")

    receipt = letters.receipt(feedback)
    page = client.get(track(feedback)).page

    assert f"\u2068{feedback.reference}\u2069" in receipt.subject
    assert f"\u2068{feedback.reference}\u2069" in page.select_one("[data-reference]").text
    assert page.select_one(".app-words")["dir"] == "auto"
    assert {each["dir"] for each in page.select("textarea")} == {"auto"}
    form = client.get("/give/RS-001?lang=ar").page
    assert [form.select_one(each)["dir"] for each in ("#email", "#phone", "#text")] == ["ltr", "ltr", "auto"]
    assert not re.search("[\u0660-\u0669]", page.text), "digits as they stand on signs and telephones"


def test_names_of_places_are_said_in_the_language_where_there_is_one(
    client: Browser, riverside: factories.Directory
) -> None:
    riverside.site.name = {"en": "Market Square", "ar": "ساحة السوق", "es": "Plaza del Mercado"}
    db.session.commit()

    assert "ساحة السوق" in client.get("/give/RS-001?lang=ar").page.h1.text
    assert "Plaza del Mercado" in client.get("/give/RS-001?lang=es").page.h1.text
    assert "Market Square" in client.get("/give/RS-001?lang=zh").page.h1.text


def test_a_month_that_was_frozen_before_a_language_was_spoken_is_explained_in_it(app: Flask) -> None:
    from flask_babel import force_locale

    from app.transparency.gathering import definitions_of

    frozen = {
        "definitions": {"en": {"service_satisfaction": ["Satisfied with the service", "Reckoned as it was then."]}}
    }
    with force_locale("es"):
        assert definitions_of(frozen, "es") == {
            "service_satisfaction": ["Satisfechos con el servicio", "Reckoned as it was then."]
        }


def test_dates_in_the_letters_are_written_as_the_language_does(riverside: factories.Directory, at: Any) -> None:
    with at("2026-11-02T09:00:00+08:00"):
        feedback = sent(riverside, language="ar")
        assert "نوفمبر 2026" in letters.receipt(feedback).text
