"""Phrases that rise are found whole in both languages; what is said every week is none, nor is what one person says."""

import random

import pytest

from app.reports.topics import Text, phrases, topics_of

PLACES = {
    "en": ["on our street", "at number 12", "near the school", "behind the market", "by the park gate", "in Mill Lane"],
    "zh": ["3号楼", "小区门口", "南门", "幼儿园旁边", "菜场后面", "楼下", "12栋", "地铁口"],
}
USUAL = {
    "en": [
        "The bin was full",
        "The street was not swept",
        "Nobody answers the phone",
        "They came a day late",
        "There is litter everywhere",
        "The crew was friendly",
    ],
    "zh": ["垃圾桶又满了", "街道很干净", "电话没有人接", "清运晚了一天", "路灯不亮", "保洁员态度很好", "落叶没有扫"],
}
ENDS = {
    "en": [". Please call me on [phone]", " again", ". Thank you", " for three days now", ", as always", ""],
    "zh": ["，请打我电话", "，请尽快处理", "，谢谢", "，已经三天了", "，每天都这样", "", "，上周也说过", "，请联系我"],
}
SACKS = [
    "The garden waste sacks were not collected",
    "No one took our garden waste sacks",
    "My garden waste sacks are still outside",
    "Two garden waste sacks left behind",
    "Garden waste sacks missed again",
    "They refused the garden waste sacks",
    "Why are garden waste sacks ignored?",
    "Torn open by the crew: garden waste sacks",
    "We paid for garden waste sacks and nobody came",
    "New garden waste sacks rip at once",
]
KITCHEN_BINS = [
    f"{place}厨余垃圾桶{what}"
    for place, what in [
        *zip(PLACES["zh"], ["满了没人倒"] * 8, strict=True),
        *zip(PLACES["zh"], ["倒了一地", "坏了一直没人修"] * 4, strict=True),
        ("昨天", "盖子坏了"),
        ("新放的", "太臭了"),
        ("", "轮子掉了一个"),
        ("", "太少，不够用"),
        ("三楼下面的", "被人偷走"),
        ("", "离得太远，老人走不动"),
        ("他们把", "收走了没有还"),
        ("", "满到外面，野猫都来了"),
        ("里弄口的", "没有盖，苍蝇很多"),
    ]
]
CHARGING = [
    "充电桩不能用",
    "充电桩又坏了，没有人来修",
    "这里的充电桩没有电",
    "新装的充电桩占了人行道",
    "充电桩插不进去",
    "充电桩价格太贵，比别处高一倍",
    "充电桩扫码没反应",
    "汽车挡住了充电桩",
    "充电桩屏幕黑了好几天",
    "一下雨充电桩就跳闸",
]
NEW = {"en": ("garden waste sacks", SACKS), "zh": ("充电桩", CHARGING)}


def said(language, words, name="now"):
    return [Text(f"{language}-{name}-{nth}", language, each) for nth, each in enumerate(words)]


def week(language, usual, *, new=(), seed=1):
    """So many of the usual texts, each put together at random, and new ones among them."""
    dice = random.Random(seed)
    gap = " " if language == "en" else ""
    words = [
        dice.choice(USUAL[language]) + gap + dice.choice(PLACES[language]) + dice.choice(ENDS[language])
        if language == "en"
        else dice.choice(PLACES[language]) + dice.choice(USUAL[language]) + dice.choice(ENDS[language])
        for _ in range(usual)
    ]
    words += [each + dice.choice(ENDS[language]) for each in new]
    dice.shuffle(words)
    return said(language, words, f"{seed}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_phrase_is_found_once_and_whole_with_three_quotes(language):
    phrase, texts = NEW[language]
    (found,) = topics_of(week(language, 110, new=texts), week(language, 800, seed=2))

    assert found.phrase == phrase
    assert (found.now, found.of_now, found.before, found.of_before) == (10, 120, 0, 800)
    assert len({quote.words for quote in found.quotes}) == 3
    assert all(phrase in quote.words.lower() for quote in found.quotes)


def test_what_is_said_in_many_ways_is_one_topic_and_counted_whole():
    """Eight say that it is full, four that it fell over, four that it broke: 25 speak of the same bin."""
    assert len(KITCHEN_BINS) == 25
    for seed in range(20):
        (found,) = topics_of(week("zh", 90, new=KITCHEN_BINS, seed=seed), week("zh", 800, seed=seed + 50))
        assert (found.phrase, found.now, found.of_now) == ("厨余垃圾桶", 25, 115)


def test_two_topics_of_a_week_are_two():
    found = topics_of(week("zh", 90, new=[*KITCHEN_BINS, *CHARGING]), week("zh", 800, seed=2))

    assert [(topic.phrase, topic.now) for topic in found] == [("厨余垃圾桶", 25), ("充电桩", 10)]


def test_a_longer_phrase_stands_for_a_shorter_one_where_nearly_all_say_it():
    words = [each.replace("充电桩", "新能源汽车充电桩") if nth < 9 else each for nth, each in enumerate(CHARGING)]
    (found,) = topics_of(week("zh", 110, new=words), week("zh", 800, seed=2))
    assert (found.phrase, found.now) == ("新能源汽车充电桩", 9)

    words = [each.replace("充电桩", "新能源汽车充电桩") if nth < 5 else each for nth, each in enumerate(CHARGING)]
    (found,) = topics_of(week("zh", 110, new=words), week("zh", 800, seed=2))
    assert (found.phrase, found.now) == ("充电桩", 10)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_said_every_week_is_no_topic(language):
    for seed in range(10, 20):
        assert topics_of(week(language, 120, seed=seed), week(language, 900, seed=seed + 100)) == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_few_are_not_a_topic_and_nothing_before_says_nothing(language):
    _phrase, texts = NEW[language]
    assert topics_of(week(language, 110, new=texts[:4]), week(language, 800, seed=2)) == ()
    assert topics_of(week(language, 110, new=texts), []) == ()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "楼下厨余垃圾桶坏了一直没人修，请打我电话{}"),
        ("en", "The garden waste sacks were left behind once more, ref {}!"),
    ],
)
def test_nearly_the_same_text_counts_once_however_often_it_is_sent(language, words):
    copies = said(language, [words.format(nth) for nth in range(20)])
    assert topics_of(week(language, 100) + copies, week(language, 800, seed=2)) == ()


def test_a_few_words_may_be_those_of_many_and_are_quoted_once():
    (found,) = topics_of(week("en", 100) + said("en", ["Gritting missed"] * 12), week("en", 800, seed=2))

    assert (found.phrase, found.now, len(found.quotes)) == ("gritting missed", 12, 1)


@pytest.mark.parametrize(
    ("language", "ends"),
    [
        ("zh", ["，请打我电话", "，麻烦联系我", "，希望尽快回复", "，有事打我手机", "，请给我回电话", "，谢谢您"]),
        (
            "en",
            [
                ". Please call me back",
                ". Call me on [phone]",
                ". Could you get in touch",
                ". My mobile number is [phone]",
            ],
        ),
    ],
)
def test_how_to_reach_somebody_is_no_topic(language, ends):
    dice = random.Random(3)
    calling = [text.words + dice.choice(ends) for text in week(language, 60, seed=4)]
    without = [text for text in week(language, 900, seed=2) if not any(word in text.words for word in ("call", "我"))]

    assert topics_of(week(language, 60) + said(language, calling), without) == ()


@pytest.mark.parametrize(
    ("language", "words", "kept", "left_out"),
    [
        ("zh", "热线电话没有人接，请打我电话", "电话没有人接", "打我电"),
        ("zh", "停水没有及时通知我们", "及时通知", None),
        ("zh", "一直没有人联系我，请尽快联系我", "人联系", "尽快联系"),
        ("zh", "他们从来不接我电话。我的电话是[phone]", "接我电话", "我的电话"),
        ("en", "The phone rings and nobody answers. Please phone me.", "nobody answers", "please phone"),
        ("en", "It is impossible to get in touch with the depot", "touch", None),
        ("en", "The crew broke my phone. Could you get in touch? My phone: [phone]", "broke my phone", "touch"),
        ("en", "Nobody let us know. Let us know!", "nobody let", None),
    ],
)
def test_only_what_asks_for_a_call_is_left_out(language, words, kept, left_out):
    found = phrases(words, language)

    assert kept in found
    assert left_out not in found


def test_languages_are_compared_with_themselves():
    now = week("en", 90, new=SACKS) + week("zh", 90)
    found = topics_of(now, week("en", 700, seed=2) + week("zh", 700, seed=3))

    assert {topic.language for topic in found} == {"en"}


def test_what_covers_persons_is_no_phrase():
    assert not {
        each for each in phrases("ask [name] or [phone number] today", "en") if "name" in each or "number" in each
    }
    assert phrases("[姓名]说充电桩坏", "zh") == {"充电", "充电桩", "充电桩坏", "电桩", "电桩坏", "桩坏"}
    assert "parking meter's" in phrases("The parking meter’s broken", "en")
