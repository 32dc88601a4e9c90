"""Mail that comes back: read, believed only of our own letters, and nothing more is sent until somebody mends it."""

from email.message import EmailMessage

import pytest

from app.extensions import db
from app.mail.bounces import MARK_HEADER, NotOurs, mark_of, mend, returned_among, take_in
from app.mail.letter import Letter
from app.mail.models import ReturnedMail
from app.mail.postman import deliver, message_of
from app.outbox.models import Promise
from tests.integration.test_digest import MONDAY, promises, subscribed, tick

ADDRESS = "manager@riverside.example"


def letter(to=ADDRESS):
    return Letter(to=to, subject="Hello", text="Hello", html="<p>Hello</p>", key="k")


def report(head, *, address=ADDRESS, action="failed", status="5.1.1", head_type="text/rfc822-headers"):
    """A delivery status notification as mail servers write it (RFC 3464)."""
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: answerable@localhost\r\nSubject: Undelivered Mail\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: {head_type}\r\n\r\n{head}\r\n--b--\r\n"
    ).encode()


@pytest.fixture
def head(app, settings):
    message = message_of(letter(), settings)
    return "\r\n".join(f"{name}: {value}" for name, value in message.items()) + "\r\n"


@pytest.mark.parametrize("head_type", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.upper(), f"<{ADDRESS}>"])
def test_an_address_that_is_given_up_on_is_noted(app, head, head_type, address):
    (failure,) = take_in(report(head, address=address, head_type=head_type))

    assert failure.status == "5.1.1"
    assert list(returned_among([ADDRESS, "other@riverside.example"])) == [ADDRESS]
    assert ADDRESS not in str(db.session.query(ReturnedMail).one().__dict__), "the address itself is not kept"


def test_said_again_it_is_one_address(app, head):
    take_in(report(head))
    take_in(report(head, status="5.2.1"))

    assert db.session.query(ReturnedMail).one().status == "5.2.1"


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2"), ("delivered", "2.0.0")])
def test_what_may_still_arrive_is_let_be(app, head, action, status):
    assert take_in(report(head, action=action, status=status)) == []
    assert returned_among([ADDRESS]) == {}


def test_nobody_can_shut_an_address_out_by_a_forged_report(app, head):
    marked_for_another = head.replace(mark_of(ADDRESS), mark_of("attacker@example.org"))
    for forged in (
        report("Subject: Hello\r\n"),
        report(marked_for_another),
        report(head, address="victim@riverside.example"),
        report(head.replace(mark_of(ADDRESS), "0" * 64)),
    ):
        with pytest.raises(NotOurs):
            take_in(forged)
    assert db.session.query(ReturnedMail).count() == 0


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"Subject: I am on holiday\r\n\r\nBack on Monday."])
def test_other_mail_is_no_report(app, body):
    with pytest.raises(NotOurs):
        take_in(body)


def test_nothing_more_is_sent_until_somebody_says_that_it_works_again(app, riverside, head, work, mail_box, at):
    subscribed(riverside, riverside.manager)
    with at("2026-11-03T12:00:00+08:00"):
        tick("2026-11-03T12:00:00+08:00")
        take_in(report(head))
        db.session.commit()
        work()
    assert mail_box() == []
    dead = db.session.query(Promise).filter(Promise.topic == "digest.send").one()
    assert "came back" in dead.last_error
    tick(MONDAY)
    assert len(promises()) == 1, "no further one is promised"

    assert mend(ADDRESS)
    db.session.commit()
    with at(MONDAY):
        tick(MONDAY)
        work()
    assert len(mail_box()) == 1
    assert not mend(ADDRESS)


def test_a_letter_carries_the_mark_and_the_address_for_what_comes_back(app, settings):
    message: EmailMessage = message_of(letter(), settings)

    assert message[MARK_HEADER] == mark_of(ADDRESS)
    deliver(letter("fresh@riverside.example"))


def test_the_command_reads_a_report_and_names_nobody(app, head):
    run = app.test_cli_runner()
    done = run.invoke(args=["bounce"], input=report(head))
    assert done.exit_code == 0, done.output
    assert done.output == "Nothing more is sent to an address that was given up on (5.1.1).\n"
    assert run.invoke(args=["bounce"], input=b"Subject: Holiday\r\n\r\nhi").exit_code == 1
    assert "sent to it again" in run.invoke(args=["bounce", "--mend", ADDRESS]).output
    assert returned_among([ADDRESS]) == {}


def test_a_manager_sees_it_and_mends_it(client, riverside, head):
    address = riverside.second_officer.email
    take_in(report(head.replace(mark_of(ADDRESS), mark_of(address)), address=address))
    db.session.commit()
    client.sign_in(riverside.manager)
    page = client.get("/members").page
    assert "Mail comes back" in page.text
    link = next(each for each in page.select("main a") if "Second" in each.text)["href"]
    assert "code 5.1.1" in client.get(link).page.text
    assert client.post(f"{link}/mend").status_code == 302
    assert "Mail comes back" not in client.get("/members").page.text
