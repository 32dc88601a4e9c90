"""Ready phrases: a manager keeps them, an officer puts one into an answer, first in the language the resident reads."""

import pytest

from app.directory import phrases
from app.directory.actions import import_directory
from app.directory.models import Agency, Phrase
from app.directory.phrases import MOST_PHRASES, USUAL
from app.extensions import db
from app.kernel.words import FeedbackKind
from app.web.languages import OF_RESIDENTS
from tests.factories import OFFICE_HOURS
from tests.web.cases_story import history, sent


@pytest.fixture
def usual(riverside):
    phrases.begin_with(riverside.agency)
    db.session.commit()
    return riverside


def test_the_usual_phrases_are_in_every_language_of_residents():
    assert all(set(words) == set(OF_RESIDENTS) for words in USUAL)
    assert all(text.strip() == text for words in USUAL for text in words.values())


def test_a_new_agency_begins_with_the_usual_phrases(app):
    new = {"slug": "lakeside", "name": "Lakeside", "timezone": "Europe/London", "calendar": OFFICE_HOURS}
    import_directory({"agency": new, "providers": [], "contracts": []})
    agency = db.session.query(Agency).one()
    assert [phrase.words for phrase in phrases.phrases_of(agency.id)] == list(USUAL)

    db.session.delete(phrases.phrases_of(agency.id)[0])
    import_directory({"agency": new, "providers": [], "contracts": []})
    assert len(phrases.phrases_of(agency.id)) == len(USUAL) - 1, "what was removed stays away"


@pytest.mark.parametrize(
    ("language", "reads"), [("es", "Spanish"), ("ar", "Arabic"), ("zh", "Chinese"), ("en", "English")]
)
def test_the_residents_language_is_said_and_comes_first(client, usual, language, reads):
    feedback = sent(usual, language=language)

    page = client.sign_in(usual.officer).get(f"/cases/{feedback.reference}?lang=en").page

    assert f"This resident reads {reads}." in page.text
    groups = page.select("#message-phrase optgroup")
    assert len(groups) == len(OF_RESIDENTS)
    first = groups[0].select("option")[0]
    assert first["data-text"] == USUAL[0][language]
    assert first.text == USUAL[0]["en"], "who chooses reads it in their own language"


def test_without_a_script_a_phrase_is_put_below_what_was_typed_and_nothing_is_sent(client, usual):
    feedback = sent(usual, language="es")
    page = client.sign_in(usual.officer).get(f"/cases/{feedback.reference}?lang=en").page
    form = page.select_one("form[action$='/reply']")
    chosen = form.select_one("option[data-text]")
    button = next(each for each in form.select("button") if each.get("formaction", "").endswith("/phrase"))

    again = client.post_parts(
        button["formaction"], {"version": "1", "message": "Estimada señora:", "phrase": chosen["value"], "photos": ""}
    )

    assert again.status_code == 200
    assert again.page.select_one("#message-message").text.strip() == f"Estimada señora:\n\n{USUAL[0]['es']}"
    assert history(feedback) == ["acknowledged"]
    sent_on = {"version": again.page.select_one("form[action$='/reply'] input[name=version]")["value"]}
    sent_on["message"] = again.page.select_one("#message-message").text
    assert client.post(f"/cases/{feedback.reference}/reply", data=sent_on).status_code == 303
    assert history(feedback)[-1] == "replied"


def test_a_phrase_that_is_none_of_the_agencys_adds_nothing(client, usual, hillside):
    phrases.begin_with(hillside.agency)
    theirs = phrases.phrases_of(hillside.agency.id)[0]
    feedback = sent(usual)
    client.sign_in(usual.officer)
    for value in (f"{theirs.id}-en", "", "999-en", "x"):
        page = client.post(f"/cases/{feedback.reference}/phrase", data={"message": "Dear", "phrase": value}).page
        assert page.select_one("#message-message").text.strip() == "Dear"


def test_praise_is_answered_with_phrases_too_and_providers_have_none(client, usual):
    praise = sent(usual, kind=FeedbackKind.COMPLIMENT, rating=5)
    assert client.sign_in(usual.officer).get(f"/cases/{praise.reference}").page.select_one("#message-phrase")
    assert client.sign_in(usual.viewer).post(f"/cases/{praise.reference}/phrase").status_code == 403
    assert client.sign_in(usual.staff).post(f"/cases/{praise.reference}/phrase").status_code == 403


def test_a_manager_adds_changes_and_removes(client, usual):
    client.sign_in(usual.manager)
    assert client.get("/settings?lang=en").page.select_one("a[href='/phrases']")
    assert USUAL[0]["ar"] in client.get("/phrases?lang=en").text
    nothing = client.post("/phrases/new?lang=en", data={"en": "  \u202e "})
    assert nothing.status_code == 422
    assert "Write the phrase in one language at least." in nothing.page.text
    too_long = client.post("/phrases/new?lang=en", data={"es": "a" * 1001})
    assert too_long.status_code == 422
    assert too_long.page.select_one("#es-error")
    client.post("/phrases/new", data={"en": "See you on Tuesday.\r\nThe team", "es": "Hasta el martes."})
    made = db.session.query(Phrase).order_by(Phrase.id.desc()).first()
    assert made.words == {"en": "See you on Tuesday.\nThe team", "es": "Hasta el martes."}

    client.post(f"/phrases/{made.id}", data={"en": "See you on Monday.", "es": ""})
    db.session.refresh(made)
    assert made.words == {"en": "See you on Monday."}
    client.post(f"/phrases/{made.id}/remove")
    assert db.session.query(Phrase).count() == len(USUAL)


def test_there_is_an_end_to_phrases(client, usual):
    for n in range(len(USUAL), MOST_PHRASES):
        phrases.add(usual.agency, {"en": str(n)})
    refused = client.sign_in(usual.manager).post("/phrases/new?lang=en", data={"en": "one more"})
    assert refused.status_code == 422
    assert "fifty phrases already" in refused.page.text


def test_another_agencys_phrases_do_not_exist(client, usual, hillside):
    phrase = phrases.phrases_of(usual.agency.id)[0]
    client.sign_in(hillside.manager)
    assert client.get(f"/phrases/{phrase.id}").status_code == 404
    assert client.post(f"/phrases/{phrase.id}/remove").status_code == 404
    assert client.sign_in(usual.officer).get("/phrases").status_code == 403
