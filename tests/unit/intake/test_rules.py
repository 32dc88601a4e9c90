"""What is taken in: references, kinds, text without hidden characters."""

import re
from datetime import UTC, datetime

import pytest

from app.intake.rules import (
    NewFeedback,
    clean,
    kind_of,
    new_pin,
    new_reference,
    new_token,
    read_reference,
    token_hash,
)
from app.kernel.words import Channel, FeedbackKind


def test_references_are_easy_to_read_out_and_do_not_repeat():
    made = {new_reference() for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}(-[2-9A-HJKMNP-TV-Z]{4}){2}", each) for each in made)


@pytest.mark.parametrize(
    "typed", ["7KQ4-MMZ2-X9RD", "7kq4 mmz2 x9rd", " 7kq4mmz2x9rd\n", "7KQ4–MMZ2–X9RD", "７ＫＱ４-MMZ2-X9RD"]
)
def test_a_reference_is_read_however_it_is_typed(typed):
    assert read_reference(typed) == "7KQ4-MMZ2-X9RD"


def test_a_reference_that_is_none_is_read_as_none_that_exists():
    assert read_reference("") == "--"
    assert len(read_reference("A" * 500)) == 14


def test_pins_and_tokens():
    assert all(re.fullmatch(r"\d{6}", new_pin()) for _ in range(100))
    assert len(new_token()) == 22
    assert token_hash("a") != token_hash("b")


@pytest.mark.parametrize(
    ("wants_answer", "rating", "kind"),
    [
        (True, 5, FeedbackKind.COMPLAINT),
        (True, None, FeedbackKind.COMPLAINT),
        (False, 1, FeedbackKind.RATING),
        (False, 3, FeedbackKind.RATING),
        (False, 4, FeedbackKind.COMPLIMENT),
        (False, None, FeedbackKind.RATING),
    ],
)
def test_who_wants_an_answer_complains(wants_answer, rating, kind):
    assert kind_of(wants_answer=wants_answer, rating=rating) == kind


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  plain  ", "plain"),
        ("two\r\nlines\rand three", "two\nlines\nand three"),
        ("nul\x00 bell\x07 escape\x1b[31m", "nul bell escape[31m"),
        ("gnp.\u202eexe\u202c", "gnp.exe"),
        ("\u2066isolated\u2069 \ufeffmark\u200b", "isolated mark"),
        ("tab\tstays", "tab\tstays"),
        ("垃圾没清走，很臭。", "垃圾没清走，很臭。"),
        ("\u202e\u2066", ""),
    ],
)
def test_hidden_characters_are_stripped_and_words_stay(said, kept):
    assert clean(said) == kept


def feedback(**changes):
    facts = {
        "agency_id": 1,
        "site_id": 1,
        "contract_id": 1,
        "kind": FeedbackKind.RATING,
        "rating": 2,
        "text": "Late.",
        "place": None,
        "email": None,
        "phone": None,
        "is_shared": False,
        "language": "en",
        "channel": Channel.WEB,
        "submitted_at": datetime(2026, 11, 23, tzinfo=UTC),
    }
    return NewFeedback(**facts | changes)


def test_the_same_content_is_the_same_whenever_it_is_sent():
    assert feedback().content == feedback(submitted_at=datetime(2026, 11, 24, tzinfo=UTC)).content


@pytest.mark.parametrize(
    "changes", [{"rating": 3}, {"text": "Late!"}, {"place": "Gate 2"}, {"email": "li@example.org"}, {"is_shared": True}]
)
def test_other_content_is_other_content(changes):
    assert feedback().content != feedback(**changes).content
