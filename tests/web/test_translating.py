"""A machine's translation beside a foreign text: asked for, without persons, marked, kept, never analysed."""

import json
from dataclasses import replace

import pytest

from app.analysis.models import Reading, Tag
from app.cases import actions as cases
from app.cases.erasing import erase
from app.cases.words import TranslatedWords
from app.directory.models import Agency
from app.extensions import db
from app.kernel.words import Actor
from tests import http_service
from tests.web.cases_story import sent

TEXT = "El contenedor está lleno desde hace tres días, llame al 612 345 678, por favor."


def translate(asked):
    """As LibreTranslate answers."""
    said = json.loads(asked.body)
    return 200, json.dumps({"translatedText": [f"{said['target'].upper()}: {text}" for text in said["q"]]})


@pytest.fixture
def service(app, monkeypatch):
    with http_service.listening() as door:
        door.answer = translate
        set_to = replace(
            app.config["CONFIG"], translate_url=door.url, translate_key="secret", translate_name="Town translator"
        )
        monkeypatch.setitem(app.config, "CONFIG", set_to)
        yield door


@pytest.fixture
def foreign(riverside, work):
    """A Spanish complaint, read and given to the provider; the agency allows translating."""
    db.session.get(Agency, riverside.agency.id).translates = True
    feedback = sent(riverside, text=TEXT, language="es")
    work()
    cases.assign(cases.case_of(feedback), member_id=riverside.officer.id)
    db.session.commit()
    return feedback


def test_it_is_asked_by_pressing_shown_beside_the_text_and_marked(client, riverside, foreign, service, work):
    cases.resident_adds(foreign, "Mi número es 612 345 679.")
    db.session.commit()
    client.sign_in(riverside.officer)
    page = client.get(f"/cases/{foreign.reference}?lang=en").page
    assert service.asked == [], "opening a page asks nobody"
    assert "goes to Town translator" in page.text
    button = page.select_one("form[action$='/translate']")
    readings = db.session.query(Reading).count()

    assert client.post(button["action"]).status_code == 303

    (asked,) = service.asked
    body = json.loads(asked.body)
    assert asked.path == "/translate"
    assert (body["source"], body["target"], body["format"], body["api_key"]) == ("auto", "en", "text", "secret")
    assert len(body["q"]) == 2
    assert "612" not in asked.body, "only what is without persons leaves the house"
    page = client.get(f"/cases/{foreign.reference}?lang=en").page
    assert page.text.count("Translated by a machine: Town translator") == 2
    assert "EN: El contenedor está lleno" in page.text
    assert page.select_one("form[action$='/translate']") is None
    work()
    assert db.session.query(Reading).count() == readings
    assert db.session.query(Tag).one().language == "es"

    client.post(f"/cases/{foreign.reference}/translate")
    assert len(service.asked) == 1, "what is kept is not asked for again"
    assert "EN: El contenedor" in client.sign_in(riverside.staff).get(f"/cases/{foreign.reference}?lang=en").text
    assert "EN: El contenedor" not in client.get(f"/cases/{foreign.reference}?lang=zh").text


def test_a_text_that_was_redacted_anew_is_translated_anew(client, riverside, foreign, service):
    client.sign_in(riverside.officer).post(f"/cases/{foreign.reference}/translate?lang=en")
    db.session.query(Tag).one().redacted = "El contenedor está lleno."
    db.session.commit()

    page = client.get(f"/cases/{foreign.reference}?lang=en").page
    assert "Translated by a machine" not in page.text
    client.post(f"/cases/{foreign.reference}/translate?lang=en")
    assert db.session.query(TranslatedWords).one().text == "EN: El contenedor está lleno."


@pytest.mark.parametrize(
    "answer",
    [
        (500, "{}"),
        (403, '{"error": "key"}'),
        (302, "{}"),
        (200, "no json"),
        (200, "[]"),
        (200, '{"translatedText": ["a", "b", "c"]}'),
        (200, '{"translatedText": [null]}'),
    ],
)
def test_a_service_that_gives_none_is_said_and_nothing_is_kept(client, riverside, foreign, service, answer):
    service.answer = lambda _asked: answer
    client.sign_in(riverside.officer)

    assert client.post(f"/cases/{foreign.reference}/translate?lang=en").status_code == 303

    assert "gave no translation" in client.get(f"/cases/{foreign.reference}?lang=en").text
    assert db.session.query(TranslatedWords).count() == 0


def test_nobody_is_asked_where_the_agency_does_not_allow_it_or_there_is_no_service(client, riverside, foreign, service):
    client.sign_in(riverside.officer)
    db.session.get(Agency, riverside.agency.id).translates = False
    db.session.commit()
    assert client.post(f"/cases/{foreign.reference}/translate").status_code == 404
    assert client.get(f"/cases/{foreign.reference}?lang=en").page.select_one("form[action$='/translate']") is None
    assert service.asked == []


def test_without_a_service_there_is_nothing_to_press_or_to_allow(client, riverside, foreign):
    assert client.sign_in(riverside.officer).post(f"/cases/{foreign.reference}/translate").status_code == 404
    assert "by a machine" not in client.sign_in(riverside.manager).get("/settings?lang=en").text


def test_what_is_in_the_readers_language_needs_none_and_only_officers_ask(client, riverside, foreign, service, charlie):
    english = sent(riverside, text="The bin is full.", language="en")
    assert (
        client.sign_in(riverside.officer)
        .get(f"/cases/{english.reference}?lang=en")
        .page.select_one("form[action$='/translate']")
        is None
    )
    for who, status in ((riverside.viewer, 403), (riverside.staff, 403), (charlie, 404)):
        assert client.sign_in(who).post(f"/cases/{foreign.reference}/translate").status_code == status
    assert service.asked == []


def test_a_manager_allows_it_and_reads_which_service(client, riverside, service):
    client.sign_in(riverside.manager)
    page = client.get("/settings?lang=en").page
    assert "Town translator" in page.select_one("#translates-hint").text
    sent_back = {"quiet_from": "20", "quiet_until": "7", "contact": "", "translates": "y"}
    assert client.post("/settings", data=sent_back).status_code == 303
    assert db.session.get(Agency, riverside.agency.id).translates


def test_it_goes_with_the_words(client, riverside, foreign, service):
    client.sign_in(riverside.officer).post(f"/cases/{foreign.reference}/translate?lang=en")
    assert db.session.query(TranslatedWords).count() == 1
    cases.resolve(cases.case_of(foreign), "Done", by=Actor.AGENCY, member_id=None)

    erase(db.session.merge(foreign))
    db.session.commit()

    assert db.session.query(TranslatedWords).count() == 0
