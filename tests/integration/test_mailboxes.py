"""Mailboxes against a real IMAP server: each mail once, whatever happens in between."""

import pytest

from app.checkup import check_up
from app.extensions import db
from app.intake.models import Feedback, IncomingMail, Mailbox
from app.kernel import clock
from app.mailroom import fetching, promising, rules, setting_up
from app.outbox.models import Promise
from tests import imap_server
from tests.web.mail_story import SITE_BOX, letter


@pytest.fixture(scope="module")
def running():
    with imap_server.listening() as server:
        yield server


@pytest.fixture
def server(running):
    with running.opened() as connection:
        connection.select("INBOX")
        connection.store("1:*", "+FLAGS", r"(\Deleted)")
        connection.expunge()
    return running


def mailbox(server, world, **more):
    settings = {
        "agency": world.agency.slug,
        "site": "RS-001",
        "contract": None,
        "takes_tags": False,
        "is_emptied": False,
    }
    made = setting_up.set_up(SITE_BOX, **settings | {"imap_url": server.url, "password": imap_server.PASSWORD} | more)
    db.session.commit()
    return made.id


def mails(*texts):
    return [letter(text).as_bytes() for text in texts]


def test_what_is_new_is_taken_in_once_and_marked_as_read(riverside, server):
    made = mailbox(server, riverside)
    server.put(*mails("One", "Two"))

    assert fetching.fetch(made).taken_in == 2
    server.put(*mails("Three"))
    assert fetching.fetch(made).taken_in == 1
    assert fetching.fetch(made).taken_in == 0

    assert db.session.query(Feedback).filter_by(channel="email").count() == 3
    assert all("Seen" in flags for flags in server.flags())
    assert db.session.get(Mailbox, made).trouble is None


def test_a_server_that_numbers_anew_brings_nothing_twice(riverside, server):
    made = mailbox(server, riverside)
    server.put(*mails("One"))
    fetching.fetch(made)
    box = db.session.get(Mailbox, made)
    box.uid_validity, box.last_uid = 1, 4_000_000_000
    db.session.commit()

    assert fetching.fetch(made).taken_in == 0
    assert db.session.query(IncomingMail).count() == 1
    assert db.session.get(Mailbox, made).last_uid < 4_000_000_000


def test_a_mailbox_can_be_emptied(riverside, server):
    made = mailbox(server, riverside, is_emptied=True)
    server.put(*mails("One", "Two"))

    fetching.fetch(made)

    assert server.flags() == []
    assert db.session.query(Feedback).count() == 2


def test_what_is_too_large_is_read_up_to_its_limit(riverside, server, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_BYTES", 2_000)
    made = mailbox(server, riverside)
    mail = letter("The bin is full.")
    mail.add_attachment(b"x" * 10_000, "application", "pdf", filename="large.pdf")
    server.put(mail.as_bytes())

    assert fetching.fetch(made).taken_in == 1
    assert rules.MOST_BYTES > 2_000
    assert db.session.query(Feedback).count() == 1


def test_many_are_read_in_several_looks(riverside, server, monkeypatch):
    monkeypatch.setattr(fetching, "AT_ONCE", 2)
    made = mailbox(server, riverside)
    server.put(*mails(*map(str, range(3))))

    assert fetching.fetch(made).is_more
    assert not fetching.fetch(made).is_more
    assert db.session.query(Feedback).count() == 3


def test_the_worker_looks_every_five_minutes(riverside, server, work, at):
    made = mailbox(server, riverside)
    server.put(*mails("One"))
    with at("2026-11-02T09:03:10+08:00"):
        promising.promise_due(clock.now())
        promising.promise_due(clock.now())
        assert db.session.query(Promise).filter_by(topic="mail.fetch").count() == 1
        work()
        assert db.session.get(Mailbox, made).fetched_at == clock.now()
    assert db.session.query(Feedback).count() == 1


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"password": "wrong"}, "error"),
        ({"imap_url": "imap://desk@127.0.0.1:1/INBOX"}, "ConnectionRefusedError"),
        ({"imap_url": "imaps://desk@127.0.0.1:{port}/INBOX"}, "SSLError"),
        ({"imap_url": "imap://desk@127.0.0.1:{port}/Nowhere"}, "there is no such folder"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told_and_tried_again(riverside, server, changes, trouble):
    made = mailbox(server, riverside, **{key: value.format(port=server.port) for key, value in changes.items()})

    assert fetching.fetch(made).trouble == trouble

    assert db.session.get(Mailbox, made).trouble == trouble
    told = dict(check_up_of(made))
    assert trouble in told["mailboxes"][0].what
    assert told["mailboxes"][0].is_grave


def test_one_that_can_be_read_is_well(riverside, server):
    assert dict(check_up_of(mailbox(server, riverside)))["mailboxes"] == []


def test_the_command_says_how_many(app, riverside, server):
    mailbox(server, riverside)
    server.put(*mails("One", "Two"))
    done = app.test_cli_runner().invoke(args=["mail", "fetch"])
    assert (done.exit_code, done.output) == (0, f"{SITE_BOX}: 2 new.\n")


def check_up_of(_mailbox_id):
    from app import checkup

    yield "mailboxes", list(checkup.mailboxes(None))
    assert callable(check_up)
