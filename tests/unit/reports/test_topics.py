"""Phrases that rise are found in both languages; what is said every week is none, nor is what one family says."""

import random

import pytest

from app.reports.topics import Text, phrases, topics_of

USUAL = {
    "en": ["The bin was full again", "Street was clean, thank you", "Nobody answers the phone", "They came a day late"],
    "zh": ["垃圾桶又满了", "街道很干净，谢谢", "电话没有人接", "清运晚了一天"],
}
NEW = {"en": "The new parking meter does not work", "zh": "新装的充电桩不能用"}


def week(language, usual, new=0, seed=1):
    dice = random.Random(seed)
    texts = [dice.choice(USUAL[language]) for _ in range(usual)] + [NEW[language]] * new
    return [Text(f"{language}-{seed}-{nth}", language, words) for nth, words in enumerate(texts)]


@pytest.mark.parametrize(("language", "expected"), [("en", "parking meter"), ("zh", "充电桩")])
def test_a_new_phrase_is_found_once(language, expected):
    found = topics_of(week(language, 110, new=12), week(language, 800, seed=2))

    assert len(found) == 1
    assert expected in found[0].phrase
    assert (found[0].now, found[0].of_now, found[0].before) == (12, 122, 0)
    assert found[0].quotes[0].words == NEW[language]
    assert len(found[0].quotes) == 1, "the same words are quoted once"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_said_every_week_is_no_topic(language):
    for seed in range(10, 20):
        assert topics_of(week(language, 120, seed=seed), week(language, 900, seed=seed + 100)) == ()


def test_a_few_are_not_a_topic_and_nothing_before_says_nothing():
    assert topics_of(week("en", 110, new=4), week("en", 800, seed=2)) == ()
    assert topics_of(week("en", 110, new=12), []) == ()


def test_languages_are_compared_with_themselves():
    now = week("en", 90, new=10) + week("zh", 90)
    found = topics_of(now, week("en", 700, seed=2) + week("zh", 700, seed=3))

    assert {topic.language for topic in found} == {"en"}


def test_what_covers_persons_is_no_phrase():
    assert not {
        each for each in phrases("ask [name] or [phone number] today", "en") if "name" in each or "number" in each
    }
    assert phrases("[姓名]说充电桩坏", "zh") == {"充电", "充电桩", "充电桩坏", "电桩", "电桩坏", "桩坏"}
    assert "parking meter's" in phrases("The parking meter’s broken", "en")
