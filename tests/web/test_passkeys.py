"""A passkey is a second step beside the codes of an app: added and removed for a code, and answered once."""

from datetime import UTC, datetime, timedelta

import pytest
from flask_security import hash_password

from app.accounts import two_steps
from app.accounts.models import Member, Passkey
from app.accounts.passkeys import Place
from app.accounts.rules import code_of, step_at
from app.audit.models import AuditEntry
from app.extensions import db
from tests.factories import KEY
from tests.security_key import SecurityKey

PASSWORD = "correct horse battery"
MORNING = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def manager(riverside):
    riverside.manager.password = hash_password(PASSWORD)
    db.session.commit()
    return riverside.manager


def sign_in(client, member, **more):
    return client.post("/sign-in", data={"email": member.email, "password": PASSWORD, **more})


def asked(answer):
    """What the page asks the browser."""
    form = answer.page.select_one("form[data-passkey]")
    assert form.has_attr("hidden"), "without script there is only the code"
    return form["data-passkey"]


def begin(client, now, wanted="passkey"):
    """Enter a code of the app for something to be changed."""
    return client.post("/account/two-steps", data={"code": code_of(KEY, step_at(now)), "wanted": wanted})


def add(client, now, name="Work phone", key=None):
    key = key or SecurityKey()
    sent = {"name": name, "credential": key.create(asked(begin(client, now)))}
    assert client.post("/account/two-steps/passkey", data=sent).location == "/account/two-steps"
    return key


@pytest.fixture
def key(client, manager, at):
    """A key that the manager has added, and been signed out since."""
    with at(MORNING):
        client.sign_in(manager)
        made = add(client, MORNING)
        client.post("/sign-out")
    return made


def test_it_is_added_for_a_code_and_lets_in_from_then_on(client, manager, key, at):
    with at(MORNING + timedelta(hours=1)):
        assert sign_in(client, manager).location.startswith("/sign-in/code")
        assert client.get("/inbox").location.startswith("/sign-in")
        page = client.get("/sign-in/code")
        assert page.page.select_one("[name=code]"), "the code remains"
        done = client.post("/sign-in/passkey", data={"credential": key.get(asked(page))})

        assert done.location == "/start"
        assert client.get("/inbox").status_code == 200
        listed = client.get("/account/two-steps").page.select_one("table")
        assert "Work phone" in listed.text
        assert "a passkey or a code" in client.get("/account").page.main.text


def test_they_come_back_to_the_page_they_asked_for_and_to_no_other_site(client, manager, key, at):
    for wanted, lands in (("/reports", "/reports"), ("https://elsewhere.example/", "/start")):
        with at(MORNING + timedelta(hours=len(wanted))):
            sign_in(client, manager)
            answer = key.get(asked(client.get("/sign-in/code")))
            done = client.post(f"/sign-in/passkey?next={wanted}", data={"credential": answer})
            assert done.location == lands
            client.post("/sign-out")


def test_without_a_code_or_with_a_wrong_one_none_is_added(client, manager, at):
    client.sign_in(manager)
    with at(MORNING):
        wrong = client.post("/account/two-steps", data={"code": "000000", "wanted": "passkey"})
        assert wrong.status_code == 422
        assert not wrong.page.select("form[data-passkey]")
        uninvited = client.post("/account/two-steps/passkey", data={"name": "Mine", "credential": "{}"})
        assert uninvited.location == "/account/two-steps"
        page = begin(client, MORNING)
    with at(MORNING + timedelta(minutes=6)):
        sent = {"name": "Late", "credential": SecurityKey().create(asked(page))}
        client.post("/account/two-steps/passkey", data=sent)
        assert "too long" in client.get("/account/two-steps").page.text
    assert db.session.query(Passkey).count() == 0


def test_a_name_is_asked_for_and_what_the_browser_made_is_kept_meanwhile(client, manager, at):
    client.sign_in(manager)
    with at(MORNING):
        add(client, MORNING, "Stick")
    later = MORNING + timedelta(minutes=1)
    with at(later):
        made = SecurityKey().create(asked(begin(client, later)))
        for name, says in ((" ", "Give it a name"), ("x" * 61, "60 characters"), ("stick", "of this name")):
            again = client.post("/account/two-steps/passkey", data={"name": name, "credential": made})
            assert again.status_code == 422
            assert says in again.page.select_one(".govuk-error-message").text
            assert again.page.select_one("[name=credential]")["value"] == made
            assert not again.page.select("form[data-passkey]"), "it is not asked for twice"
        client.post("/account/two-steps/passkey", data={"name": "Blue stick", "credential": made})
    assert [each.name for each in db.session.query(Passkey)] == ["Stick", "Blue stick"]


def test_an_answer_that_was_seen_opens_nothing(app, client, manager, key, at):
    with at(MORNING + timedelta(hours=1)):
        sign_in(client, manager)
        page = client.get("/sign-in/code")
        with client.session_transaction() as session:
            before = dict(session)
        answer = key.get(asked(page))
        key.count = 0
        thief = app.test_client()
        with thief.session_transaction() as session:
            session.update(before)
        client.post("/sign-in/passkey", data={"credential": answer})
        assert client.get("/inbox").status_code == 200

        client.post("/sign-out")
        member = db.session.get(Member, manager.id)
        with thief.session_transaction() as session:
            session["tf_user_id"] = member.fs_uniquifier
        assert thief.post("/sign-in/passkey", data={"credential": answer}).location.startswith("/sign-in/code")
        assert thief.get("/inbox").status_code == 302


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda key: setattr(key, "origin", "https://answerable.evil.example"), id="another site"),
        pytest.param(lambda key: setattr(key, "count", -1), id="a copy that counts again from the start"),
        pytest.param(lambda key: setattr(key, "private", SecurityKey().private), id="another key under its number"),
        pytest.param(lambda key: setattr(key, "id", SecurityKey().id), id="a key that nobody added"),
    ],
)
def test_what_only_looks_like_the_key_does_not_let_in(client, manager, key, at, spoil):
    with at(MORNING + timedelta(hours=1)):
        sign_in(client, manager)
        client.post("/sign-in/passkey", data={"credential": key.get(asked(client.get("/sign-in/code")))})
        client.post("/sign-out")
    with at(MORNING + timedelta(hours=2)):
        sign_in(client, manager)
        spoil(key)
        sent = {"credential": key.get(asked(client.get("/sign-in/code")))}
        assert client.post("/sign-in/passkey", data=sent).location.startswith("/sign-in/code")
        assert "did not let you in" in client.get("/sign-in/code").page.text
        assert client.get("/inbox").status_code == 302


@pytest.mark.parametrize("sent", ["", "{}", "nonsense", '{"id": 1}', '{"rawId": "AA", "response": []}'])
def test_nonsense_is_refused(client, manager, key, at, sent):
    with at(MORNING + timedelta(hours=1)):
        assert client.post("/sign-in/passkey", data={"credential": sent}).location.endswith("/sign-in")
        sign_in(client, manager)
        client.get("/sign-in/code")
        assert client.post("/sign-in/passkey", data={"credential": sent}).location.startswith("/sign-in/code")


def test_the_key_of_another_member_is_none_of_theirs(client, manager, key, riverside, at):
    officer = riverside.officer
    officer.password = hash_password(PASSWORD)
    officer.tf_primary_method, officer.tf_totp_secret = two_steps.METHOD, two_steps.seal(officer.id, KEY)
    db.session.commit()
    managers = db.session.query(Passkey).one().id
    noon = MORNING + timedelta(hours=3)
    with at(noon):
        client.sign_in(officer)
        add(client, noon, "Mine")
    with at(noon + timedelta(minutes=1)):
        assert begin(client, noon + timedelta(minutes=1), f"remove-{managers}").status_code == 404
        client.post("/sign-out")
        sign_in(client, officer)
        sent = {"credential": key.get(asked(client.get("/sign-in/code")))}
        assert client.post("/sign-in/passkey", data=sent).location.startswith("/sign-in/code")
        assert client.get("/inbox").status_code == 302
    assert db.session.query(Passkey).count() == 2


def test_it_is_removed_for_a_code_and_every_change_is_told_and_noted(client, manager, key, at, work, mail_box):
    noon = MORNING + timedelta(hours=3)
    kept = db.session.query(Passkey).one().id
    with at(noon):
        work()
        client.sign_in(manager)
        assert client.post("/account/two-steps", data={"code": "000000", "wanted": f"remove-{kept}"}).status_code == 422
        assert begin(client, noon, f"remove-{kept}").location == "/account/two-steps"
    with at(noon + timedelta(minutes=1)):
        assert begin(client, noon + timedelta(minutes=1), f"remove-{kept}").status_code == 404
        work()

    said = [letter.get_body(("plain",)).get_content() for letter in mail_box()]
    assert "one of these passkeys: Work phone." in said[0]
    assert "No passkey is left." in said[1]
    noted = db.session.query(AuditEntry).filter_by(what="passkey").order_by(AuditEntry.id)
    assert [(str(each.verb), each.member_id) for each in noted] == [("added", manager.id), ("removed", manager.id)]


def test_they_go_with_the_second_step(app, manager, key):
    done = app.test_cli_runner().invoke(args=["member", "reset-two-steps", manager.email])

    assert done.exit_code == 0, done.output
    assert db.session.query(Passkey).count() == 0


def test_there_are_ten_at_most(client, manager, at):
    client.sign_in(manager)
    for nth in range(10):
        now = MORNING + timedelta(minutes=nth)
        with at(now):
            add(client, now, f"Key {nth}")
    with at(MORNING + timedelta(hours=1)):
        assert not client.get("/account/two-steps").page.select("[value=passkey]")


@pytest.mark.parametrize(
    ("host", "origin", "possible"),
    [
        ("answerable.example", "https://answerable.example", True),
        ("answerable.example", "http://answerable.example", False),
        ("localhost", "http://localhost:8000", True),
        ("127.0.0.1", "http://127.0.0.1:8000", False),
        ("192.0.2.1", "https://192.0.2.1", False),
        ("2001:db8::1", "https://[2001:db8::1]", False),
    ],
)
def test_browsers_make_keys_for_names_over_tls_alone(host, origin, possible):
    assert Place(host, origin).is_possible == possible


@pytest.fixture
def newcomer(riverside):
    """A manager who has no second step yet, and must have one."""
    riverside.manager.password = hash_password(PASSWORD)
    two_steps.turn_off(riverside.manager)
    db.session.commit()
    return riverside.manager


def first_key(client, now, key=None):
    """Signed in with the password alone: choose a passkey, and get recovery codes."""
    key = key or SecurityKey()
    chosen = client.post("/account/two-steps", data={"wanted": "passkey"})
    made = client.post("/account/two-steps/passkey", data={"name": "Laptop", "credential": key.create(asked(chosen))})
    return key, [code.text for code in made.page.select("[data-recovery-codes] code")]


def test_either_step_may_be_the_first_and_both_are_explained(client, newcomer, at):
    with at(MORNING):
        assert sign_in(client, newcomer).location == "/start"
        assert client.get("/inbox").location == "/account/two-steps"
        page = client.get("/account/two-steps").page
        assert [each.text for each in page.select("main h2")] == ["With a passkey", "With an authenticator app"]
        assert page.select_one("[data-key]")

        key, codes = first_key(client, MORNING)
        assert len(codes) == 10
        assert client.get("/inbox").status_code == 200
        assert "password, then a passkey." in client.get("/account").page.main.text
        client.post("/sign-out")

    with at(MORNING + timedelta(hours=1)):
        assert sign_in(client, newcomer).location.startswith("/sign-in/code")
        page = client.get("/sign-in/code")
        assert not page.page.select("[name=code]"), "there is no app whose code it could be"
        assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 200
        assert client.get("/inbox").status_code == 302
        page = client.get("/sign-in/code")
        assert client.post("/sign-in/passkey", data={"credential": key.get(asked(page))}).location == "/start"
        client.post("/sign-out")
        sign_in(client, newcomer)
        assert client.post("/sign-in/recovery", data={"code": codes[0]}).status_code == 302
        assert client.get("/inbox").status_code == 200


def test_who_has_passkeys_alone_changes_something_for_one_or_for_a_recovery_code(client, newcomer, at):
    with at(MORNING):
        sign_in(client, newcomer)
        key, codes = first_key(client, MORNING)
    with at(MORNING + timedelta(minutes=10)):
        for wanted in ("off", "codes", "passkey", "app"):
            assert client.post("/account/two-steps", data={"wanted": wanted}).status_code == 422
        page = client.get("/account/two-steps")
        assert not page.page.select("[name=wanted]")
        assert client.post("/account/two-steps", data={"code": "ABCD-EFGH"}).status_code == 422
        proved = client.post(
            "/account/two-steps", data={"credential": key.get(asked(client.get("/account/two-steps")))}
        )
        assert proved.location == "/account/two-steps"
        assert client.get(proved.location).page.select("[value=off]")
    with at(MORNING + timedelta(minutes=20)):
        assert client.post("/account/two-steps", data={"wanted": "off"}).status_code == 422, "that was too long ago"
        client.post("/account/two-steps", data={"code": codes[0]})
        only = db.session.query(Passkey).one().id
        client.post("/account/two-steps", data={"wanted": f"remove-{only}"})
        assert "only second step" in client.get("/account/two-steps").page.text
        assert client.post("/account/two-steps", data={"code": codes[0]}).status_code == 422, "each works once"
        client.post("/account/two-steps", data={"code": codes[1]})
        offered = client.post("/account/two-steps", data={"wanted": "app"}).page
        secret = offered.select_one("[name=secret]")["value"]
        key_of_app = two_steps._unsealed(db.session.get(Member, newcomer.id), secret)
        now = MORNING + timedelta(minutes=20)
        done = client.post("/account/two-steps", data={"secret": secret, "code": code_of(key_of_app, step_at(now))})
        assert len(done.page.select("[data-recovery-codes] code")) == 10
    member = db.session.get(Member, newcomer.id)
    assert member.has_app
    assert db.session.query(Passkey).count() == 1


def test_keys_are_sealed_again_where_there_are_some(client, newcomer, at):
    with at(MORNING):
        sign_in(client, newcomer)
        first_key(client, MORNING)

    assert two_steps.seal_again() == (0, 0)
