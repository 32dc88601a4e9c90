"""Feedback by phone: an officer asks the resident's questions, and reads out reference and PIN."""

import io
from datetime import date

import openpyxl
import pytest

from app.cases.models import Case
from app.directory.models import ContractSite
from app.extensions import db
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel.periods import day_of
from app.kernel.words import Channel

FORM = "/by-phone/RS-001?lang=en"


def answers(page, **changes):
    """The form as an officer fills it in."""
    hidden = {field["name"]: field.get("value", "") for field in page.select("main form input[type=hidden]")}
    said = {"rating": "2", "text": "The bin was left full again.", "wants_answer": "yes", "language": "zh"}
    return hidden | said | changes


def test_an_officer_takes_it_in_and_reads_out_reference_and_pin(client, riverside, work, mail_box):
    client.sign_in(riverside.officer)
    found = client.get("/by-phone?q=RS-001&lang=en").page
    page = client.get(found.select_one("main ul a")["href"]).page
    assert "Riverside Public Services can see how to reach you" in page.select_one("blockquote").text

    contact = {"email": "li@example.org", "phone": "0131 496 0000", "share": "y", "read_out": "y"}
    sent = client.post("/by-phone/RS-001", data=answers(page, place="Gate 2", **contact))

    assert sent.status_code == 303
    shown = client.get(sent.location).page
    feedback = db.session.query(Feedback).one()
    assert feedback.channel == Channel.PHONE
    assert feedback.language == "zh"
    assert shown.select_one("[data-reference]").text == feedback.reference
    pin = shown.select_one("[data-pin]").text
    assert "localhost/track" in shown.select_one("main").text
    assert db.session.query(Case).one().contract_id == riverside.contract.id
    words = db.session.query(FeedbackWords).one()
    assert (words.place, words.is_shared) == ("Gate 2", True)
    tracked = client.post("/track", data={"reference": feedback.reference, "pin": pin})
    assert tracked.location.startswith("/track/")
    work()
    (letter,) = [each for each in mail_box() if each["To"] == "li@example.org"]
    assert feedback.reference in letter["Subject"]


def test_contact_details_need_that_it_was_read_out(client, riverside):
    page = client.sign_in(riverside.officer).get(FORM).page

    refused = client.post(FORM, data=answers(page, phone="0131 496 0000"))

    assert refused.status_code == 422
    assert "Read it to the caller first" in refused.page.select_one(".govuk-error-summary").text
    assert refused.page.select_one("#phone")["value"] == "0131 496 0000"
    assert db.session.query(Feedback).count() == 0
    assert client.post(FORM, data=answers(page, phone="0131 496 0000", read_out="y")).status_code == 303


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"rating": "", "text": ""}, "Choose how it was, or write what happened."),
        ({"text": "x" * 5001}, "Use 5000 characters or fewer."),
        ({"email": "li at example", "read_out": "y"}, "Enter an e-mail address like name@example.com."),
        ({"language": "xx"}, "Not a valid choice."),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_answers(client, riverside, changes, complaint):
    form = answers(client.sign_in(riverside.manager).get(FORM).page, place="Gate 2") | changes

    refused = client.post(FORM, data=form)

    assert refused.status_code == 422
    assert complaint in refused.page.select_one(".govuk-error-summary").text
    assert refused.page.select_one("#place")["value"] == "Gate 2"
    assert db.session.query(Feedback).count() == 0


def test_the_same_form_sent_twice_is_one_feedback_and_with_other_words_a_second_one(client, riverside):
    form = answers(client.sign_in(riverside.officer).get(FORM).page)

    first, second = client.post(FORM, data=form), client.post(FORM, data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert db.session.query(Feedback).count() == 1
    other = client.post(FORM, data=form | {"text": "And the lid is broken."})
    assert other.status_code == 409
    assert db.session.query(Feedback).one().reference in other.page.select_one(".govuk-error-summary").text
    again = answers(other.page, text="And the lid is broken.")
    assert client.post(FORM, data=again).status_code == 303
    assert db.session.query(Feedback).count() == 2


def test_of_several_contracts_at_a_place_one_is_chosen(client, riverside):
    db.session.add(
        ContractSite(
            agency_id=riverside.agency.id,
            contract_id=riverside.other_contract.id,
            site_id=riverside.site.id,
            starts_on=date(2026, 1, 1),
        )
    )
    page = client.sign_in(riverside.officer).get(FORM).page

    assert client.post(FORM, data=answers(page)).status_code == 422
    assert client.post(FORM, data=answers(page, service="C-002")).status_code == 303
    assert db.session.query(Feedback).one().contract_id == riverside.other_contract.id


def test_officers_find_the_places_of_their_own_agency_only(client, riverside, hillside, charlie):
    client.sign_in(riverside.officer)
    everything = client.get("/by-phone?lang=en").page
    assert [each["href"].split("?")[0] for each in everything.select("main ul a")] == [
        "/by-phone/RS-001",
        "/by-phone/RS-002",
        "/by-phone/RS-003",
    ]
    assert "Nothing found" in client.get("/by-phone?q=HS-001&lang=en").page.text
    assert client.get("/by-phone/HS-001").status_code == 404
    page = client.get(FORM).page
    sent = client.post(FORM, data=answers(page))

    stranger = client.application.test_client().sign_in(charlie)
    assert stranger.get(sent.location).status_code == 404
    assert stranger.post("/by-phone/RS-001", data=answers(page)).status_code == 404
    assert client.get("/by-phone/taken-in/made-up").status_code == 404


def test_it_is_for_officers_and_managers_who_find_it_in_the_menu(client, riverside):
    assert client.get("/by-phone").location.startswith("/sign-in")
    for who, status in ((riverside.viewer, 403), (riverside.staff, 403), (riverside.manager, 200)):
        assert client.application.test_client().sign_in(who).get("/by-phone").status_code == status
    menu = client.sign_in(riverside.officer).get("/inbox?lang=en").page.select(".app-nav a")
    assert "/by-phone" in [each["href"] for each in menu]


def test_the_pin_is_not_shown_of_feedback_that_residents_sent_themselves(client, riverside):
    page = client.get("/give/RS-001").page
    hidden = {field["name"]: field.get("value", "") for field in page.select("form[method=post] input[type=hidden]")}
    sent = client.post("/give/RS-001", data=hidden | {"rating": "2"})

    address = sent.location.replace("/receipt/", "/by-phone/taken-in/")

    assert client.sign_in(riverside.officer).get(address).status_code == 404


def test_the_phone_is_told_apart_on_the_case_in_the_inbox_and_in_every_report(client, riverside):
    client.sign_in(riverside.officer)
    client.post(FORM, data=answers(client.get(FORM).page))
    form = client.get("/give/RS-001?from=qr").page.select("form[method=post] input[type=hidden]")
    client.post("/give/RS-001?from=qr", data={each["name"]: each.get("value", "") for each in form} | {"rating": "1"})
    by_phone, by_sign = (db.session.query(Feedback).filter_by(channel=each).one() for each in ("phone", "qr"))
    day = day_of(by_phone.submitted_at, riverside.agency.timezone)
    period = f"start={day}&end={day}&lang=en"

    facts = client.get(f"/cases/{by_phone.reference}?lang=en").page.select_one("main").text
    assert "Phone" in facts.partition("Came by")[2].split()[:1]
    inbox = client.get("/inbox?view=all&channel=phone&lang=en").page.select_one("main table").text
    assert by_phone.reference in inbox
    assert by_sign.reference not in inbox
    report = " ".join(client.get(f"/reports/C-001?{period}").page.select_one("main").text.split())
    assert "How it came: Code on a sign 1; Phone 1" in report
    assert client.get(f"/reports/C-001.json?{period}").json["channels"] == {"qr": 1, "phone": 1}
    assert "channels,phone,1," in client.get(f"/reports/C-001.csv?{period}").text
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/reports/C-001.xlsx?{period}").data))
    assert ("channels", "phone", "Phone", 1) in [
        tuple(c.value for c in row[:4]) for row in book["Measures"].iter_rows()
    ]
    head, case = ([cell.value for cell in row] for row in book["Cases"].iter_rows())
    assert case[head.index("Came by")] == "phone"
