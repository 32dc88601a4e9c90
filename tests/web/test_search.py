"""Redacted text is found in both languages, on both databases."""

import pytest

from app.analysis import search
from app.extensions import db

TEXTS = {
    1: "The bin on Mill Road was left full again, third Tuesday.",
    2: "小区垃圾三天没人清运了，味道很大。",
    3: "护工上门迟到了一个小时。",
    4: "Driver didn't stop; the LIFT is broken / 电梯坏了",
}


@pytest.fixture
def indexed(app):
    for feedback_id, text in TEXTS.items():
        search.index(feedback_id, text)
    db.session.commit()


def found(words):
    query = search.matching(words)
    return None if query is None else sorted(db.session.scalars(query))


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("bin", [1]),
        ("BIN full", [1]),
        ("tues", [1]),
        ("垃圾", [2]),
        ("清运", [2]),
        ("迟到", [3]),
        ("电梯", [4]),
        ("梯", [4]),
        ("lift", [4]),
        ("bin lift", []),
        ("垃梯", []),
        ("'; DROP TABLE feedback_search; --", []),
        ('"full" OR *', []),
        ("a & b | !c:*", []),
    ],
)
def test_words_and_pairs_of_characters_are_found(indexed, words, ids):
    assert found(words) == ids


@pytest.mark.parametrize("words", ["", "   ", "!?", "……"])
def test_nothing_asked_is_no_search(indexed, words):
    assert found(words) is None


def test_messages_stand_beside_the_text_they_are_about(indexed):
    search.insert_messages([(1, "The lid is broken too")])

    assert found("lid") == [-1]
    assert found("mill") == [1]
    search.index(1, "All clean now.")
    assert found("lid") == [-1]
    search.forget_message(1)
    assert found("lid") == []


def test_a_text_indexed_again_is_found_by_its_new_words_only(indexed):
    search.index(1, "All clean now.")

    assert found("mill") == []
    assert found("clean") == [1]
