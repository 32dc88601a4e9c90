"""An answer to a form can be read in another language too, with all that was typed, and nothing is done by that."""

import pytest

from app.cases import actions as cases
from app.cases.models import Case, Event
from app.extensions import db
from app.intake.actions import tracking_token
from app.kernel.words import Actor
from tests.web.cases_story import MONDAY, sent

HINT = "In another language the page begins anew"


@pytest.fixture
def complaint(riverside, at, work):
    with at(MONDAY):
        feedback = sent(riverside, text="The bin was left full again.")
        work()
        yield feedback


def buttons(page):
    """The languages that can be changed to by a button: code → where it sends what was typed."""
    found = page.select("nav button[name=speak]")
    assert all(page.select_one(f"form#{each['form']}") for each in found), "each sends a form of the page"
    return {each["lang"]: each["formaction"] for each in found}


def speak(client, page, code, **typed):
    """Press the button of a language below what is ``typed``."""
    button = page.select_one(f"nav button[name=speak][lang={code}]")
    form = page.select_one(f"form#{button['form']}")
    hidden = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    return client.post(button["formaction"], data=hidden | typed | {"speak": ""})


def test_what_a_resident_adds_stays_in_every_language(client, complaint):
    before = db.session.query(Event).count()
    wrong = client.post(f"/track/{tracking_token(complaint.id)}/add?lang=en", data={"message": "x" * 5001})
    assert wrong.status_code == 422
    assert set(buttons(wrong.page)) == {"zh", "es", "ar"}
    assert HINT not in wrong.page.text

    page = wrong.page
    for code, lang in (("zh", "zh-Hans"), ("ar", "ar"), ("es", "es")):
        answer = speak(client, page, code, message="It smells, too.")
        page = answer.page
        assert answer.status_code == 200
        assert page.html["lang"] == lang
        assert page.select_one("textarea[name=message]").text.strip() == "It smells, too."
        assert not page.select(".govuk-error-message")
    assert db.session.query(Event).count() == before, "nothing was sent by that"


def test_why_it_is_not_solved_stays_in_every_language(client, riverside, complaint):
    case = db.session.query(Case).one()
    cases.resolve(case, "Emptied.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    token = tracking_token(complaint.id)
    wrong = client.post(f"/track/{token}/reopen?lang=en", data={"message": "x" * 5001})
    page = speak(client, wrong.page, "es", message="It is still full.").page
    assert page.select_one("textarea[name=message]").text.strip() == "It is still full."
    wrong = client.post(f"/track/{token}/confirm?lang=en", data={"rating": "9"})
    assert speak(client, wrong.page, "zh", rating="4").page.select_one("input[value='4']").has_attr("checked")
    wrong = client.post(f"/track/{token}/rate?lang=en", data={"rating": ""})
    assert speak(client, wrong.page, "zh", rating="2").page.select_one("input[value='2']").has_attr("checked")
    db.session.expire_all()
    assert (case.status, case.confirmed_at) == ("resolved", None)


def test_reference_and_pin_stay(client, complaint):
    wrong = client.post("/track?lang=en", data={"reference": complaint.reference, "pin": "no"})
    page = speak(client, wrong.page, "ar", reference=complaint.reference, pin="123456").page
    assert page.select_one("[name=reference]")["value"] == complaint.reference
    assert page.html["dir"] == "rtl"


def test_where_what_was_typed_cannot_stay_links_stay_and_say_so(client, riverside, complaint):
    case = db.session.query(Case).one()
    cases.withdraw(case)
    db.session.commit()
    token = tracking_token(complaint.id)

    ended = client.post(f"/track/{token}/add?lang=en", data={"message": "One more thing."})

    assert ended.status_code == 409
    assert "One more thing." in ended.page.text
    assert HINT in ended.page.select_one("header").text
    (spanish,) = ended.page.select("nav a[hreflang=es]")
    assert client.get(spanish["href"]).status_code == 200
    lost = client.post("/give/NOWHERE?lang=en", data={"text": "The bin is full."})
    assert lost.status_code == 404
    assert HINT in lost.page.select_one("header").text
    assert HINT not in client.get("/give/NOWHERE?lang=en").page.text, "nothing was typed"


def test_an_officers_answer_stays(client, riverside, complaint):
    client.sign_in(riverside.officer)
    address = f"/cases/{complaint.reference}"
    wrong = client.post(f"{address}/reject?lang=en", data={"reason": "", "version": "1"})
    assert wrong.status_code == 422
    page = speak(client, wrong.page, "zh", reason="Not ours, see the map.").page
    assert page.html["lang"] == "zh-Hans"
    assert page.select_one("#reject-reason").text.strip() == "Not ours, see the map."
    gone = client.post(f"{address}/hand-back?lang=en", data={"reason": "x"})
    assert gone.status_code == 403
    assert HINT in gone.page.select_one("header").text or "x" not in gone.page.main.text
    stale = client.post(f"{address}/reply?lang=en", data={"message": "We come.", "version": "99"})
    assert stale.status_code == 409
    page = speak(client, stale.page, "zh", message="We come.").page
    assert page.select_one("#message-message").text.strip() == "We come."
    db.session.expire_all()
    assert db.session.query(Case).one().first_response_at is None


def test_what_stands_no_longer_in_a_form_is_carried_along(client, riverside, complaint):
    client.sign_in(riverside.officer)
    case = db.session.query(Case).one()
    cases.withdraw(case)
    db.session.commit()
    ended = client.post(
        f"/cases/{complaint.reference}/reply?lang=en", data={"message": "We come.", "version": str(case.version)}
    )
    assert ended.status_code == 409
    assert "We come." in ended.page.main.text
    page = speak(client, ended.page, "zh").page
    assert page.html["lang"] == "zh-Hans"
    assert "We come." in page.main.text


def test_who_is_looked_for_stays_and_is_not_looked_for_again(client, riverside, complaint):
    client.sign_in(riverside.manager)
    found = client.post("/people?lang=en", data={"contact": "resident@example.org", "reason": "She asked"})
    assert complaint.reference in found.page.text
    page = speak(client, found.page, "zh", contact="resident@example.org", reason="She asked").page
    assert page.select_one("[name=contact]")["value"] == "resident@example.org"
    assert complaint.reference not in page.text
