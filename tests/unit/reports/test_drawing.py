"""What is written in pictures can be read, on a phone too: parted into lines, and not run together."""

import re

import pytest

from app.reports.drawing import draw, in_lines

RATINGS = ["Good", "Approaching target", "Requires improvement", "Inadequate", "Other"]


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("K2 Resolved", 80, ["K2 Resolved"]),
        ("K1 Answered in time", 75, ["K1 Answered", "in time"]),
        ("K1 集市日之后街道干净整洁的比例", 80, ["K1 集市日之", "后街道干净整", "洁的比例"]),
        ("K1 Residents who say that it was clean", 70, ["K1", "Residents", "who say …"]),
        ("Unbreakable", 10, ["Unbreakable"]),
    ],
)
def test_a_label_is_parted_between_words_and_chinese_anywhere(text, room, lines):
    assert in_lines(text, room, 3) == lines


def words_in(svg):
    return " ".join(re.findall(r">([^<>]+)</(?:text|tspan)>", svg))


def fields(kpis):
    return {
        "language": "en",
        "ratings": RATINGS,
        "texts": {},
        "rows": [
            {"clause": "1 Swept and emptied on time", "kpi": kpi, "rating": "Good", "is_dark": True, "share": "74 %"}
            for kpi in kpis
        ],
    }


def test_the_heads_of_clauses_are_whole_on_a_phone():
    words = words_in(draw("clauses", fields(["K1 Answered in time", "K2 Resolved", "K3 Reopened"]), "narrow"))

    assert "K1 Answered in time K2 Resolved K3 Reopened" in words
    assert "1 Swept and emptied on time" in words
    assert "…" not in words


def test_where_there_is_no_room_for_names_their_codes_stand_for_them():
    words = words_in(draw("clauses", fields([f"K{n} Answered in time" for n in range(6)]), "narrow"))

    assert "K0 K1 K2 K3 K4 K5" in words
    assert "Answered" not in words


@pytest.mark.parametrize(("size", "ends"), [("narrow", "0% 50% 100%"), ("wide", "0% 20% 40% 60% 80% 100%")])
def test_an_axis_has_as_many_shares_as_there_is_room_for(size, ends):
    row = {"kpi": "K1 Answered in time", "value": 0.6, "low": 0.5, "high": 0.7, "target": 0.9}
    data = {"language": "en", "rows": [row], "texts": {"target": "Target", "value": "Value"}}

    assert ends in words_in(draw("kpis", data, size))
