"""When a changed question is another one, and what a new version changes."""

from dataclasses import replace

import pytest

from app.kernel.words import QuestionKind
from app.questions.rules import Asked, Break, Option, breaks, changes, is_key, moved, new_key

CHOICE = Asked(
    "which234",
    QuestionKind.CHOICE,
    {"en": "Which bin?"},
    {},
    (Option("paper234", {"en": "Paper"}), Option("glass234", {"en": "Glass"})),
)
DRIVERS = Asked(
    "drive234",
    QuestionKind.DRIVERS,
    {"en": "Why?"},
    {},
    (Option("staff", aspect="staff"), Option("cost", aspect="cost")),
)
TEXT = Asked("text2345", QuestionKind.TEXT, {"en": "What else?", "zh": "还有吗？"}, {})


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (CHOICE, CHOICE, ()),
        (CHOICE, replace(CHOICE, wording={"en": "Which bin?", "zh": "哪个桶？"}), ()),
        (CHOICE, replace(CHOICE, hint={"en": "Look at the lid."}), ()),
        (CHOICE, replace(CHOICE, is_for_provider=True), ()),
        (CHOICE, replace(CHOICE, options=CHOICE.options[::-1]), ()),
        (CHOICE, replace(CHOICE, wording={"en": "Which bins?"}), (Break.WORDING,)),
        (TEXT, replace(TEXT, wording={"en": "What else?"}), (Break.WORDING,)),
        (TEXT, replace(TEXT, kind=QuestionKind.DAY), (Break.KIND,)),
        (CHOICE, replace(CHOICE, kind=QuestionKind.TEXT, options=(), wording={"en": "x"}), (Break.KIND, Break.WORDING)),
        (CHOICE, replace(CHOICE, options=CHOICE.options[:1]), (Break.OPTIONS,)),
        (CHOICE, replace(CHOICE, options=(*CHOICE.options, Option("metal234", {"en": "Metal"}))), (Break.OPTIONS,)),
        (
            CHOICE,
            replace(CHOICE, options=(CHOICE.options[0], Option("glass234", {"en": "Bottles"}))),
            (Break.OPTIONS,),
        ),
        (
            CHOICE,
            replace(CHOICE, options=(CHOICE.options[0], Option("glass234", {"en": "Glass", "zh": "玻璃"}))),
            (),
        ),
        (DRIVERS, replace(DRIVERS, options=DRIVERS.options[:1]), ()),
        (DRIVERS, replace(DRIVERS, wording={"en": "What drove it?"}), (Break.WORDING,)),
    ],
)
def test_a_change_breaks_what_it_breaks(before, after, found):
    assert breaks(before, after) == found


def test_what_a_version_changes():
    reworded = replace(TEXT, hint={"en": "Briefly."})
    found = changes((CHOICE, TEXT), (reworded, DRIVERS))

    assert (found.added, found.ended, found.reworded, found.moved) == ((DRIVERS,), (CHOICE,), (reworded,), False)
    assert changes((CHOICE, TEXT), (TEXT, CHOICE)).moved
    assert not changes((CHOICE, TEXT), (CHOICE, TEXT)).is_anything
    assert not changes((CHOICE, TEXT, DRIVERS), (CHOICE, DRIVERS)).moved


@pytest.mark.parametrize(
    ("key", "up", "order"),
    [("a", True, "abc"), ("a", False, "bac"), ("b", True, "bac"), ("c", False, "abc"), ("c", True, "acb")],
)
def test_a_question_moves_past_its_neighbour(key, up, order):
    assert moved("abc", key, up) == list(order)


def test_keys_can_be_told_from_what_people_write():
    assert is_key(new_key())
    assert not any(map(is_key, ("", "The lid is loose.", "2026-09-30", "坏了", "paper", "positive")))
    assert len({new_key() for _ in range(1000)}) == 1000
