"""What praises, what blames, and what a "not" reaches, in four languages."""

import time

import pytest

from app.analysis import lexicon
from app.analysis.ngrams import fingerprint, grams
from app.analysis.tone import KINDS, LANGUAGES, SECTIONS, known


def tones(text: str) -> list[tuple[str, str]]:
    return [(KINDS[each.kind], text[each.start : each.end]) for each in grams(text).tones]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("服务很好", [("good", "很好")]),
        ("一点也不干净", [("not good", "不干净")]),
        ("一点也不脏", [("not bad", "不脏")]),
        ("没人接电话", [("not other", "没人接电话")]),
        ("不错", [("good", "不错")]),
        ("不满意", [("bad", "不满意")]),
        # It asks, and says neither.
        ("好不好", []),
        ("不知道周末开不开门", []),
        # A comma ends the reach.
        ("没人，干净", [("not other", "没人"), ("good", "干净")]),
        ("The stairs are clean", [("good", "clean")]),
        ("Not clean", [("not good", "Not clean")]),
        ("They aren't kind or clean", [("not good", "t kind"), ("not good", "t kind or clean")]),
        ("No mess at all", [("not bad", "No mess")]),
        ("Nobody came, clean as ever", [("not other", "Nobody came"), ("good", "clean")]),
        ("Not swept but clean", [("not other", "Not swept"), ("good", "clean")]),
        ("No está limpia", [("not good", "No está limpia")]),
        ("Nunca tuve problemas", [("not bad", "Nunca tuve problemas")]),
        ("Nadie vino", [("not other", "Nadie vino")]),
        ("المكان غير نظيف", [("not good", "غير نظيف")]),
        ("ما في مشاكل", [("not bad", "ما في مشاكل")]),
        ("ما حد جا", [("not other", "ما حد جا")]),
        # Letters that many write one for the other.
        ("الخدمه ممتازه", [("good", "ممتازه")]),
        ("", []),
        ("😀", []),
    ],
)
def test_a_not_turns_round_what_it_reaches(text, found):
    assert tones(text) == found


def test_what_has_no_tone_has_none_and_else_it_is_of_length_one():
    assert not grams("The bin is at the gate").tone().any()
    assert grams("Not good, and dirty").tone() @ grams("Not good, and dirty").tone() == pytest.approx(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_in_two_lists_of_a_language(language):
    read = lexicon.sections("tone", language)

    assert set(read) <= set(SECTIONS)
    words = [word for section in read.values() for word in section]
    assert sorted(words) == sorted(set(words))


def test_other_lists_make_other_vectors(monkeypatch):
    before = fingerprint()
    monkeypatch.setitem(known(), "spick", 0)

    assert fingerprint() != before


def test_double_the_hostile_text_takes_about_double_the_time():
    def seconds_for(text: str) -> float:
        taken = []
        for _ in range(3):
            began = time.process_time()
            grams(text)
            taken.append(time.process_time() - began)
        return min(taken)

    for unit in ("not ", "不", "没有好", "no,", "ما "):
        text = (unit * 60_000)[:60_000]
        assert seconds_for(text) < max(3.4 * seconds_for(text[:30_000]), 0.1)
