"""Letters reach a real mail server whole, once under each name, and learn which refusals are final."""

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.mail.letter import Letter
from app.mail.postman import deliver, message_of
from app.outbox.running import CannotBeKept
from tests.mail_sink import Sink, listening

HTML = "<html><head><style>p { color: #123456; }</style></head><body><p>Answered.</p></body></html>"


@pytest.fixture
def sink(app: Any) -> Iterator[Sink]:
    """A mail server that the application sends to."""
    settings = app.config["CONFIG"]
    with listening() as found:
        app.config["CONFIG"] = replace(settings, mail_server="127.0.0.1", mail_port=found.port, mail_tls="none")
        yield found
    app.config["CONFIG"] = settings


def letter(**changes: Any) -> Letter:
    made = Letter(to="ann@example.org", subject="回复 Answered", text="已答复。Answered.\n", html=HTML, key="test:1")
    return replace(made, **changes)


def test_a_letter_arrives_with_both_parts_and_its_head_lines(sink):
    link = f"<http://localhost/unsubscribe/{'x' * 120}>"
    deliver(letter(headers=(("List-Unsubscribe", link),)))

    (message,) = sink.letters
    assert sink.readers == [["ann@example.org"]]
    assert message["To"] == "ann@example.org"
    assert message["Subject"] == "回复 Answered"
    assert message["Auto-Submitted"] == "auto-generated"
    assert f"List-Unsubscribe: {link}\r\n".encode() in sink.contents[0]
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_body(("plain",)).get_content().strip() == "已答复。Answered."
    html = message.get_body(("html",)).get_content()
    assert 'style="color: #123456;"' in html
    assert "<style>" not in html


def test_the_same_occasion_has_the_same_message_id_and_another_has_another(app):
    settings = app.config["CONFIG"]
    ids = [str(message_of(letter(key=key), settings)["Message-ID"]) for key in ("a", "a", "b")]

    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@localhost>")


def test_without_a_mail_server_a_letter_is_one_file_however_often_it_is_sent(app, mail_box):
    deliver(letter())
    deliver(letter())
    deliver(letter(key="test:2"))

    assert len(mail_box()) == 2
    assert mail_box()[0]["Subject"] == "回复 Answered"


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "ann@example.org\r\nBcc: eve@example.org"},
        {"to": "ann@example.org, eve@example.org"},
        {"to": "nobody"},
        {"to": ""},
        {"subject": "Hello\r\nBcc: eve@example.org"},
        {"subject": "Hello\x0bBcc: eve@example.org"},
        {"subject": "Hello\u2028Bcc: eve@example.org"},
        {"headers": (("X-Note", "a\nBcc: eve@example.org"),)},
        {"headers": (("X-Note: a\r\nBcc", "eve@example.org"),)},
    ],
)
def test_nothing_in_a_letter_can_add_a_head_line_or_a_reader(sink, changes):
    with pytest.raises(CannotBeKept) as refused:
        deliver(letter(**changes))

    assert "example.org" not in str(refused.value)
    assert sink.letters == []


def test_an_address_refused_for_good_is_not_tried_again(sink):
    sink.answer_to_recipient = "550 5.1.1 No such ann@example.org"

    with pytest.raises(CannotBeKept, match="550") as refused:
        deliver(letter())
    assert "ann" not in str(refused.value)


def test_an_address_refused_for_now_is_tried_again(sink):
    sink.answer_to_recipient = "451 4.7.1 Greylisted"

    with pytest.raises(smtplib.SMTPResponseException):
        deliver(letter())


@pytest.mark.parametrize(("answer", "error"), [("554 Spam", CannotBeKept), ("452 Full", smtplib.SMTPDataError)])
def test_a_letter_refused_after_reading_it(sink, answer, error):
    sink.answer_to_data = answer

    with pytest.raises(error):
        deliver(letter())


def test_a_server_that_is_away_is_tried_again(sink, app):
    app.config["CONFIG"] = replace(app.config["CONFIG"], mail_port=1)

    with pytest.raises(OSError, match="refused"):
        deliver(letter())


def test_a_server_without_starttls_gets_nothing_in_the_clear(sink, app):
    app.config["CONFIG"] = replace(app.config["CONFIG"], mail_tls="starttls")

    with pytest.raises(smtplib.SMTPNotSupportedError):
        deliver(letter())
    assert sink.letters == []
