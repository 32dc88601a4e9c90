"""A form that comes back after its session ended or changed: its words are kept, and can be sent again."""

import pytest

from tests.web.cases_story import history, sent

TYPED = "We emptied the bin, and come twice a week from now on."


@pytest.fixture
def guarded(app):
    """Forms need their token, as they do outside of tests."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def answer(client, riverside, alice, guarded):
    """A page is opened and an answer typed into it: (feedback, address, fields)."""
    feedback = sent(riverside)
    page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page
    form = next(form for form in page.select("form") if form["action"].endswith("/reply"))
    fields = {each["name"]: each.get("value", "") for each in form.select("[name]")} | {"message": TYPED}
    return feedback, form["action"], fields


def sign_out(client):
    with client.session_transaction() as session:
        session.clear()


def again(client, page):
    form = next(form for form in page.select("main form") if form["method"] == "post")
    return client.post(form["action"], data={each["name"]: each.get("value", "") for each in form.select("[name]")})


def test_a_lost_session_keeps_the_words_and_offers_to_sign_in_and_send_again(client, alice, answer):
    feedback, address, fields = answer
    sign_out(client)

    response = client.post(address, data=fields)

    assert response.status_code == 400
    assert response.page.h1.text == "You are signed out"
    assert TYPED in response.page.select_one("textarea").text
    assert [label.text.strip() for label in response.page.select("main label")] == ["Message"]
    link = response.page.select_one("main a[href='/sign-in']")
    assert (link["target"], link["rel"]) == ("_blank", ["noopener"])
    assert history(feedback) == ["acknowledged"]

    client.sign_in(alice)
    assert again(client, response.page).status_code == 303
    assert history(feedback) == ["acknowledged", "replied"]


def test_who_signed_in_again_in_another_tab_sends_with_one_press(client, alice, answer):
    feedback, address, fields = answer
    sign_out(client)
    client.sign_in(alice)

    response = client.post(address, data=fields)

    assert response.page.h1.text == "Please send it again"
    assert "CSRF" not in response.page.text
    assert response.page.select_one(".app-nav__list"), "the way back into the product"
    assert again(client, response.page).status_code == 303
    assert history(feedback) == ["acknowledged", "replied"]


def test_a_session_that_ended_by_itself_is_the_same(client, answer):
    _feedback, address, fields = answer
    with client.session_transaction() as session:
        session.pop("_user_id")

    response = client.post(address, data=fields)

    assert response.status_code == 403
    assert response.page.h1.text == "You are signed out"
    assert TYPED in response.page.select_one("textarea").text


def test_it_is_said_in_chinese(client, answer):
    _feedback, address, fields = answer
    sign_out(client)

    page = client.post(address, data=fields, headers={"Accept-Language": "zh-CN"}).page

    assert page.html["lang"] == "zh-Hans"
    assert "CSRF" not in page.text


def test_what_another_site_sends_cannot_go_on_with_one_press(client, answer):
    feedback, address, fields = answer
    fields.pop("csrf_token")

    page = client.post(address, data=fields, headers={"Sec-Fetch-Site": "cross-site"}).page

    assert page.select("main form") == []
    assert TYPED not in page.text
    assert history(feedback) == ["acknowledged"]


def test_no_password_is_kept(client, guarded, alice):
    page = client.post("/sign-in", data={"email": alice.email, "password": "a very secret one"}).page

    assert "a very secret one" not in str(page)
    assert page.select_one("main a[href='/sign-in']")
