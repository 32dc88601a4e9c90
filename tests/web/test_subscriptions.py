"""Members choose their weekly email; anybody with the link in a letter can stop it with one click."""

import pytest
from sqlalchemy import select

from app.digest import actions
from app.digest.models import Subscription
from app.extensions import db


def chosen(member) -> set[int | None]:
    running = select(Subscription).where(Subscription.member_id == member.id, Subscription.ended_at.is_(None))
    return {subscription.contract_id for subscription in db.session.scalars(running)}


def test_a_new_manager_gets_none_and_is_told_so(client, riverside):
    page = client.sign_in(riverside.manager).get("/weekly-email").page

    assert "You get none so far." in page.main.text
    assert not page.select("input[checked]")
    assert len(page.select("input[name=wanted]")) == 3


@pytest.mark.parametrize("role", ["viewer", "officer", "manager"])
def test_everyone_at_the_agency_may_choose(client, riverside, role):
    member = getattr(riverside, role)
    client.sign_in(member)
    contract = riverside.contract.id

    response = client.post("/weekly-email", data={"wanted": ["all", str(contract)]})
    assert (response.status_code, response.location) == (302, "/weekly-email")
    assert chosen(member) == {None}  # one email holds all of them

    client.post("/weekly-email", data={"wanted": [str(contract)]})
    assert chosen(member) == {contract}
    client.post("/weekly-email", data={})
    assert chosen(member) == set()


def test_a_preview_says_what_the_letter_would_and_sends_and_keeps_nothing(client, riverside, work, mail_box):
    page = client.sign_in(riverside.manager).get("/weekly-email/preview").page
    assert page.h2.text.startswith("Nothing notable this week")
    assert "Street cleaning" in page.main.text
    assert chosen(riverside.manager) == set()

    actions.subscribe(riverside.manager.id, riverside.agency.id, riverside.other_contract.id)
    page = client.get("/weekly-email/preview").page
    assert "Street cleaning" not in page.main.text
    assert "Home care" in page.main.text
    work()
    assert mail_box() == []


def test_it_says_when_the_next_one_comes_by_the_agencys_clock(client, riverside, at):
    actions.subscribe(riverside.manager.id, riverside.agency.id)
    client.sign_in(riverside.manager)

    with at("2026-11-09T07:30:00+08:00"):
        assert "manager@riverside.example on 9 Nov 2026, 08:00" in client.get("/weekly-email").page.main.text
    with at("2026-11-09T08:00:00+08:00"):
        assert "16 Nov 2026, 08:00" in client.get("/weekly-email").page.main.text


def test_the_contract_of_another_agency_is_no_choice(client, riverside, hillside):
    response = client.sign_in(riverside.manager).post("/weekly-email", data={"wanted": [str(hillside.contract.id)]})
    assert response.status_code == 422
    assert chosen(riverside.manager) == set()


def test_a_provider_chooses_among_its_own_contracts(client, riverside, bob):
    assert client.get("/weekly-email").location.startswith("/sign-in")
    page = client.sign_in(bob).get("/weekly-email").page
    assert [box["value"] for box in page.select("[name=wanted]")] == [str(riverside.contract.id)]
    assert client.post("/weekly-email", data={"wanted": ["all"]}).status_code == 422
    assert client.post("/weekly-email", data={"wanted": [str(riverside.other_contract.id)]}).status_code == 422
    assert client.post("/weekly-email", data={"wanted": [str(riverside.contract.id)]}).status_code == 302
    assert chosen(bob) == {riverside.contract.id}
    assert "Street cleaning" in client.get("/weekly-email/preview").page.text


def test_day_hour_how_often_and_pdf_are_kept(client, riverside, at):
    client.sign_in(riverside.manager)
    wishes = {"wanted": ["all"], "every": "1", "weekday": "3", "hour": "17", "with_pdf": "y"}
    with at("2026-11-09T12:00:00+08:00"):
        assert client.post("/weekly-email", data=wishes).status_code == 302
        page = client.get("/weekly-email").page
        assert client.post("/weekly-email", data={**wishes, "hour": "24"}).status_code == 422
    assert "12 Nov 2026, 17:00" in page.main.text
    assert [each["value"] for each in page.select("option[selected]")] == ["1", "3", "17"]
    assert page.select_one("[name=with_pdf]").has_attr("checked")


def test_the_link_in_the_letter_shows_one_button_and_changes_nothing(client, riverside):
    subscription = actions.subscribe(riverside.manager.id, riverside.agency.id)
    address = f"/unsubscribe/{subscription.unsubscribe_token}"

    page = client.get(address).page
    assert "Stop the weekly email?" in page.h1.text
    assert len(page.select("main button")) == 1
    assert chosen(riverside.manager) == {None}

    assert "You will get no more" in client.post(address).page.h1.text
    assert chosen(riverside.manager) == set()
    assert "You will get no more" in client.get(address).page.h1.text


def test_a_mail_program_stops_it_with_one_click(client, riverside):
    """RFC 8058: a POST with one field, no cookie, no Origin; again and again if it likes."""
    client.application.config["WTF_CSRF_ENABLED"] = True
    try:
        address = f"/unsubscribe/{actions.subscribe(riverside.manager.id, riverside.agency.id).unsubscribe_token}"
        for _ in range(2):
            answer = client.post(address, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    finally:
        client.application.config["WTF_CSRF_ENABLED"] = False
    assert chosen(riverside.manager) == set()


def test_a_link_nobody_was_sent_opens_nothing(client, riverside):
    assert client.get("/unsubscribe/made-up").status_code == 404
    assert client.post("/unsubscribe/made-up").status_code == 404


def test_who_comes_back_is_counted_from_then_and_keeps_the_link(client, riverside, at):
    with at("2026-11-01T00:00:00Z"):
        first = actions.subscribe(riverside.manager.id, riverside.agency.id)
        token = first.unsubscribe_token
        actions.unsubscribe(first)
    with at("2026-11-05T00:00:00Z"):
        again = actions.subscribe(riverside.manager.id, riverside.agency.id)
    assert (again.id, again.unsubscribe_token) == (first.id, token)
    assert again.since.day == 5
