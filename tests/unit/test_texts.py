"""Text messages: how long they are, to whom they can go, and what is posted to a gateway."""

import json
from urllib.parse import parse_qs

import pytest

from app.sms.gateway import body_of
from app.sms.rules import fitting, number_for, segments


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ñ" * 160, 1),
        ("í" * 70, 1),
        ("í" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_is_of_so_many_segments(text, of):
    assert segments(text) == of


def test_the_first_that_fits_is_sent_and_the_shortest_where_none_does():
    assert fitting(["a" * 400, "b" * 300, "c"]) == "b" * 300
    assert fitting(["a" * 400, "b" * 350]) == "b" * 350


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("+44 7700 900123", "", "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("138 0000 1234", "CN", "+8613800001234"),
        ("07700 900123", "", None),
        ("020 7946 0018", "GB", None),
        ("12", "GB", None),
        ("call me", "GB", None),
    ],
)
def test_numbers_are_written_as_gateways_want_them(typed, country, number):
    assert number_for(typed, country) == number


def test_what_is_said_cannot_break_out_of_the_template():
    said = 'He said "no"\\ & {to}\n&To=+1'
    body, kind = body_of('{"to": "{to}", "content": {"text": "{text}"}}', "+447700900123", said)
    assert kind == "application/json"
    assert json.loads(body) == {"to": "+447700900123", "content": {"text": said}}

    body, kind = body_of("To={to}&From=Riverside&Body={text}", "+447700900123", said)
    assert kind == "application/x-www-form-urlencoded"
    assert parse_qs(body) == {"To": ["+447700900123"], "From": ["Riverside"], "Body": [said]}
