"""Managers and administrators sign in with a code from their phone; others may."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask_security import hash_password

from app.accounts.models import Member
from app.accounts.rules import code_of, step_at
from app.audit.models import AuditEntry
from app.directory.models import Agency
from app.extensions import db
from tests import factories

PASSWORD = "correct horse battery"
MORNING = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def manager(riverside):
    """A manager who has not set anything up yet."""
    person = riverside.manager
    person.password = hash_password(PASSWORD)
    person.tf_primary_method = person.tf_totp_secret = None
    db.session.commit()
    return person


def sign_in(client, member):
    return client.post("/sign-in", data={"email": member.email, "password": PASSWORD})


def set_up(client, now):
    """Set it up as the page says; the key, and the recovery codes that are shown."""
    page = client.get("/account/two-steps").page
    key = base32(page.select_one("[data-key]").text)
    sealed = page.select_one("[name=secret]")["value"]
    sent = client.post("/account/two-steps", data={"secret": sealed, "code": code_of(key, step_at(now))})
    assert sent.status_code == 200, sent.page.main.text
    return key, [code.text for code in sent.page.select("[data-recovery-codes] code")]


def base32(text):
    plain = text.replace(" ", "")
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def test_a_manager_sets_it_up_before_anything_else(client, manager):
    assert sign_in(client, manager).location.endswith("/start")

    for path in ("/start", "/inbox", "/members", "/audit", "/reports"):
        assert client.get(path).location == "/account/two-steps", path
    assert client.post("/members/1/remove").location == "/account/two-steps"
    assert client.get("/account").status_code == 200
    page = client.get("/account/two-steps").page
    assert page.img["src"].startswith("data:image/svg+xml;base64,")
    wrong = client.post(
        "/account/two-steps", data={"secret": page.select_one("[name=secret]")["value"], "code": "000000"}
    )
    assert wrong.status_code == 422
    assert wrong.page.select_one("[name=secret]")["value"] == page.select_one("[name=secret]")["value"]

    key, codes = set_up(client, datetime.now(UTC))

    assert client.get("/inbox").status_code == 200
    assert len(set(codes)) == 10
    kept = db.session.get(Member, manager.id)
    assert key.hex() not in str(vars(kept))
    assert not set(codes) & set(kept.mf_recovery_codes)


def test_then_a_code_is_asked_each_time_and_works_once(app, client, manager, at):
    with at(MORNING):
        sign_in(client, manager)
        key, _codes = set_up(client, MORNING)
        client.post("/sign-out")
    with at(MORNING + timedelta(minutes=5)) as _:
        now = MORNING + timedelta(minutes=5)
        assert sign_in(client, manager).location.startswith("/sign-in/code")
        assert client.get("/inbox").location.startswith("/sign-in")
        page = client.get("/sign-in/code").page
        assert page.select_one("[name=code]")["autocomplete"] == "one-time-code"
        assert client.post("/sign-in/code", data={"code": "000000"}).page.select(".govuk-error-message")
        done = client.post("/sign-in/code", data={"code": code_of(key, step_at(now))})
        assert done.location.endswith("/start")
        assert client.get("/inbox").status_code == 200

        elsewhere = app.test_client()
        sign_in(elsewhere, manager)
        again = elsewhere.post("/sign-in/code", data={"code": code_of(key, step_at(now))})
        assert again.page.select(".govuk-error-message")
        assert elsewhere.get("/inbox").status_code == 302


def test_they_come_back_to_the_page_they_asked_for(client, manager, at):
    with at(MORNING):
        sign_in(client, manager)
        key, _codes = set_up(client, MORNING)
        client.post("/sign-out")
    now = MORNING + timedelta(minutes=5)
    with at(now):
        step = client.post(
            "/sign-in?next=/reports", data={"email": manager.email, "password": PASSWORD, "next": "/reports"}
        )
        assert client.post(step.location, data={"code": code_of(key, step_at(now))}).location.endswith("/reports")


def test_a_recovery_code_lets_in_once(client, manager, at):
    with at(MORNING):
        sign_in(client, manager)
        _key, codes = set_up(client, MORNING)
        client.post("/sign-out")
        for code, lets_in in ((codes[3].upper(), True), (codes[3], False), ("nonsense", False), (codes[4], True)):
            sign_in(client, manager)
            client.post("/sign-in/recovery", data={"code": code})
            assert (client.get("/inbox").status_code == 200) == lets_in, code
            client.post("/sign-out")
        assert len(db.session.get(Member, manager.id).mf_recovery_codes) == 8


def test_guessing_codes_is_slowed_down(client, manager, at):
    with at(MORNING):
        sign_in(client, manager)
        set_up(client, MORNING)
        client.post("/sign-out")
        sign_in(client, manager)
        found = [client.post("/sign-in/code", data={"code": f"{number:06}"}).status_code for number in range(11)]

    assert found == [200] * 10 + [429]


def test_guessing_a_code_to_turn_them_off_is_slowed_down_and_right_ones_are_not_counted(client, manager, at):
    with at(MORNING):
        sign_in(client, manager)
        set_up(client, MORNING)
        found = [
            client.post("/account/two-steps", data={"code": f"{number:06}", "wanted": "off"}).status_code
            for number in range(11)
        ]

    assert found == [422] * 10 + [429]


def test_a_letter_tells_of_each_change(app, client, manager, at, work, mail_box):
    email = manager.email
    with at(MORNING):
        sign_in(client, manager)
        set_up(client, MORNING)
        work()
    with at(MORNING + timedelta(minutes=1)):
        app.test_cli_runner().invoke(args=["member", "reset-two-steps", email])
        work()

    said = [letter.get_body(("plain",)).get_content() for letter in mail_box() if letter["To"] == email]
    assert ["a code from your phone." in each for each in said] == [True, False]
    assert "was turned off" in said[1]


def test_new_codes_and_turning_it_off_need_a_code(client, manager, at):
    with at(MORNING):
        sign_in(client, manager)
        key, codes = set_up(client, MORNING)
    later = MORNING + timedelta(minutes=1)
    with at(later):
        wrong = client.post("/account/two-steps", data={"code": "000000", "wanted": "off"})
        assert wrong.status_code == 422
        code = code_of(key, step_at(later))
        fresh = client.post("/account/two-steps", data={"code": code, "wanted": "codes"}).page
        assert not {each.text for each in fresh.select("[data-recovery-codes] code")} & set(codes)
    later += timedelta(minutes=1)
    with at(later):
        off = client.post("/account/two-steps", data={"code": code_of(key, step_at(later)), "wanted": "off"})
        assert off.location == "/account"
        assert client.get("/inbox").location == "/account/two-steps", "the role needs it again at once"


def test_officers_may_and_need_not(client, riverside, at):
    riverside.officer.password = hash_password(PASSWORD)
    db.session.commit()
    with at(MORNING):
        sign_in(client, riverside.officer)
        assert client.get("/inbox").status_code == 200
        set_up(client, MORNING)
        client.post("/sign-out")
        assert sign_in(client, riverside.officer).location.startswith("/sign-in/code")


def test_only_an_administrator_can_leave_it_to_the_managers_of_an_agency(app, riverside, hillside, manager):
    page, who = "/members/two-steps", app.test_client()
    sign_in(who, manager)
    assert who.get("/inbox").location == "/account/two-steps"
    administrator = app.test_client().sign_in(factories.administrator())
    assert f'href="{page}"' in administrator.get("/members").text
    assert not administrator.get(page).page.select("[name=optional][checked]"), "off everywhere by default"

    assert administrator.post(page, data={"optional": [riverside.agency.id]}).status_code == 303

    assert who.get("/inbox").status_code == 200
    (ticked,) = administrator.get(page).page.select("[name=optional][checked]")
    assert ticked["value"] == str(riverside.agency.id)
    assert not db.session.get(Agency, hillside.agency.id).two_steps_optional
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.what, entry.detail) == ("agency", "two_steps_optional=no>yes")
    assert administrator.post(page).status_code == 303
    assert who.get("/inbox").location == "/account/two-steps"


def test_a_manager_is_told_and_can_change_nothing_of_it(client, riverside, manager):
    db.session.get(Agency, riverside.agency.id).two_steps_optional = True
    db.session.commit()
    sign_in(client, manager)

    assert client.get("/members/two-steps").status_code == 403
    assert client.post("/members/two-steps", data={"optional": [riverside.agency.id]}).status_code == 403
    assert "managers sign in with a password alone, as an administrator" in client.get("/settings").page.text
    db.session.get(Agency, riverside.agency.id).two_steps_optional = False
    db.session.commit()
    manager.tf_primary_method, manager.tf_totp_secret = "authenticator", "x"
    client.post("/settings", data={"two_steps_optional": "y", "quiet_from": "20", "quiet_until": "7"})
    assert not db.session.get(Agency, riverside.agency.id).two_steps_optional


def test_administrators_have_no_agency_that_could(client):
    person = factories.administrator()
    person.tf_primary_method = person.tf_totp_secret = None
    db.session.commit()

    assert client.sign_in(person).get("/members").location == "/account/two-steps"


def test_a_key_offered_to_another_is_refused(client, riverside, manager):
    client.sign_in(riverside.officer)
    sealed = client.get("/account/two-steps").page.select_one("[name=secret]")["value"]
    client.sign_in(manager)

    assert client.post("/account/two-steps", data={"secret": sealed, "code": "123456"}).location == "/account/two-steps"
    for odd in ("", "x", "AAAA"):
        client.post("/account/two-steps", data={"secret": odd, "code": "123456"})
    assert db.session.get(Member, manager.id).tf_totp_secret is None


def test_a_command_lets_who_lost_everything_begin_again(app, client, manager, at):
    with at(MORNING):
        sign_in(client, manager)
        set_up(client, MORNING)
        done = app.test_cli_runner().invoke(args=["member", "reset-two-steps", manager.email.upper()])
        assert done.exit_code == 0, done.output
        assert client.get("/account").status_code == 302, "whoever was signed in is out"
        assert sign_in(client, manager).location.endswith("/start")
        assert client.get("/inbox").location == "/account/two-steps"
    noted = db.session.query(AuditEntry).filter_by(what="member").order_by(AuditEntry.id.desc())
    assert any(re.search("tf_totp_secret", entry.detail) and entry.doer == "command" for entry in noted)
    nobody = app.test_cli_runner().invoke(args=["member", "reset-two-steps", "nobody@x.example"])
    assert nobody.exit_code == 1


def test_pages_of_flask_security_that_are_not_used_are_not_there(client, riverside):
    client.sign_in(riverside.officer)

    for path in ("/tf-setup", "/tf-rescue", "/tf-select", "/mf-recovery-codes"):
        assert client.get(path).status_code == 404
