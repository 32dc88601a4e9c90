"""The receipt: reference, link and PIN, for a day."""

from io import BytesIO

import pytest
import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.web.languages import OF_RESIDENTS
from tests.browser_client import as_read
from tests.web.test_give import answers


def give(client, **changes):
    form = answers(client.get("/give/RS-001?lang=en").page, **changes)
    return client.post("/give/RS-001", data=form).location


def test_it_shows_reference_link_pin_and_the_emergency_number(client, riverside):
    receipt = client.get(give(client))

    feedback = db.session.query(Feedback).one()
    token, pin = intake.way_back(feedback.id)
    assert receipt.status_code == 200
    assert receipt.page.select_one("[data-reference]")["data-reference"] == feedback.reference
    assert f"/track/{token}" in [link["href"].partition("?")[0] for link in receipt.page.select("main a")]
    assert pin in receipt.page.text
    assert "999" in receipt.page.select_one("main").text
    assert "it is the only way back" in receipt.page.text


def test_it_says_that_the_link_also_comes_by_mail(client, riverside):
    assert "We send this to your e-mail address too." in client.get(give(client, email="li@example.org")).page.text


def test_who_wants_no_answer_is_promised_none_and_not_reproached(client, riverside):
    said = client.get(give(client, wants_answer="no")).page.text

    assert "reads it, and it counts" in said
    assert "must answer" not in said
    assert "asked for no answer" not in said


def test_it_is_kept_as_a_picture_of_reference_and_address_alone(client, riverside, at):
    with at("2026-11-23T10:00:00+08:00"):
        receipt = client.get(give(client, email="li@example.org", text="Ask Wang Xiaoming")).page
        link = receipt.select_one("main a[download]")["href"]
        kept = client.get(link)
    token, _ = intake.way_back(db.session.query(Feedback).one().id)

    assert kept.mimetype == "image/png"
    assert kept.headers["Cache-Control"] == "private, no-store"
    assert receipt.select_one("[data-reference]")["data-reference"] in kept.headers["Content-Disposition"]
    picture = Image.open(BytesIO(kept.data))
    assert picture.width == 720
    assert not picture.info, "nothing besides the pixels"
    expected = cells_of(f"http://localhost/track/{token}")
    assert code_in(picture.convert("L"), len(expected)) == expected
    with at("2026-11-24T11:00:00+08:00"):
        assert client.get(link).status_code == 404


@pytest.mark.parametrize("language", OF_RESIDENTS)
def test_the_picture_is_in_the_language_of_the_page(client, riverside, language):
    receipt = client.get(f"{give(client).partition('?')[0]}?lang={language}").page

    kept = client.get(receipt.select_one("main a[download]")["href"])

    assert Image.open(BytesIO(kept.data)).format == "PNG"
    assert len(kept.data) < 60_000


def cells_of(address):
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(address)
    return code.get_matrix()


def code_in(picture, n):
    """The cells of the code in a picture, of which it alone is quite black."""
    black = picture.point(lambda level: 255 if level < 8 else 0)
    left, top, right, bottom = black.getbbox()
    assert (right - left, bottom - top) == ((right - left) // n * n,) * 2
    cell = (right - left) // n
    at = [nth * cell + cell // 2 for nth in range(n)]
    return [[black.getpixel((left + x, top + y)) == 255 for x in at] for y in at]


def test_a_receipt_of_yesterday_says_how_to_get_back(client, riverside, at):
    with at("2026-11-23T10:00:00+08:00"):
        location = give(client)
    with at("2026-11-24T11:00:00+08:00"):
        over = client.get(location)

    assert over.status_code == 404
    assert "A receipt is shown for 24 hours" in over.page.text
    assert over.page.select_one("main a[href^='/track']")


def test_a_link_works_years_later_and_a_wrong_one_says_why_not(client, riverside, at):
    with at("2026-11-23T10:00:00+08:00"):
        receipt = client.get(give(client)).page
    link = receipt.select_one("main a[href*='/track/']")["href"]
    with at("2034-11-23T10:00:00+08:00"):
        assert client.get(link).status_code == 200
        wrong = client.get(link.partition("?")[0][:-3])

    assert wrong.status_code == 404
    assert "This link opens nothing" in wrong.page.text
    assert wrong.page.select_one("main a[href^='/track']").text == "See what became of it"


def test_it_shows_the_address_as_text_and_when_an_answer_is_due(client, riverside, at):
    with at("2026-11-23T10:00:00+08:00"):
        page = client.get(give(client)).page

    token, _ = intake.way_back(db.session.query(Feedback).one().id)
    assert page.select_one("[data-copy]").text == f"http://localhost/track/{token}"
    # Sixteen working hours of 09:00 to 17:30.
    assert "An answer is due by 24 Nov 2026, 17:30." in page.text


def test_the_letter_says_when_an_answer_is_due_too(client, riverside, at, work, mail_box):
    with at("2026-11-23T10:00:00+08:00"):
        give(client, email="li@example.org")
        work()

    for part in ("plain", "html"):
        assert "An answer is due by 24 Nov 2026, 17:30." in as_read(mail_box()[0].get_body((part,)).get_content())


def test_it_can_be_opened_again_for_a_day(client, riverside, at):
    with at("2026-11-23T10:00:00+08:00"):
        location = give(client)
        assert client.get(location).status_code == 200
        assert client.get(location).status_code == 200


def test_a_made_up_or_revoked_receipt_opens_nothing(client, riverside, at):
    location = give(client)
    signed = location.partition("?")[0]

    assert client.get(signed + "x").status_code == 404
    link = db.session.query(intake.TrackingLink).one()
    link.revoked_at = link.feedback.submitted_at
    db.session.commit()
    assert client.get(location).status_code == 404


def test_nobody_but_the_resident_is_told_anything(client, riverside):
    response = client.get(give(client, email="li@example.org", text="Only for you."))

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in response.headers
    assert "li@example.org" not in response.get_data(as_text=True)


def test_no_letter_is_sent_to_who_took_the_address_back(client, riverside, work, mail_box):
    give(client, email="li@example.org")
    token, _ = intake.way_back(db.session.query(Feedback).one().id)
    client.post(f"/track/{token}/contact")

    work()

    assert mail_box() == []
    assert db.session.query(FeedbackWords).one().email_sealed is None
