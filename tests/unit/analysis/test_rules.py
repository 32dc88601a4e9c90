"""What a tag comes to once staff have spoken, when words and stars disagree, and how a sample is drawn."""

from random import Random

import pytest

from app.analysis.rules import Labels, Said, corrected, disagree, drawn
from app.kernel.words import Aspect, Sentiment

READ = Labels(Sentiment.NEGATIVE, (Aspect.TIMELINESS,), False)
STAFF, COST = Aspect.STAFF, Aspect.COST


@pytest.mark.parametrize(
    ("said", "labels", "is_settled"),
    [
        ([], READ, False),
        ([Said(sentiment=Sentiment.NEGATIVE)], READ, True),
        ([Said(sentiment=Sentiment.POSITIVE)], Labels(Sentiment.POSITIVE, READ.aspects, False), True),
        ([Said(is_urgent=True)], Labels(READ.sentiment, READ.aspects, True), False),
        ([Said(is_urgent=True), Said(is_urgent=False)], READ, False),
        ([Said(aspects=())], Labels(READ.sentiment, (), False), False),
        ([Said(aspects=(STAFF,)), Said(aspects=(COST,))], Labels(READ.sentiment, (COST,), False), False),
        # Field by field: a later word about one says nothing of another.
        (
            [Said(sentiment=Sentiment.NEUTRAL, aspects=(STAFF,)), Said(is_urgent=True)],
            Labels(Sentiment.NEUTRAL, (STAFF,), True),
            True,
        ),
    ],
)
def test_the_newest_word_of_staff_wins_field_by_field(said, labels, is_settled):
    assert corrected(READ, said) == (labels, is_settled)


@pytest.mark.parametrize(
    ("sentiment", "rating", "expected"),
    [
        ("negative", 5, True),
        ("negative", 4, True),
        ("negative", 3, False),
        ("negative", 1, False),
        ("positive", 2, True),
        ("positive", 5, False),
        ("neutral", 1, False),
        ("neutral", 5, False),
        ("negative", None, False),
    ],
)
def test_words_and_stars_disagree(sentiment, rating, expected):
    assert disagree(Sentiment(sentiment), rating) is expected


def test_a_sample_is_the_same_again_in_whatever_order_and_another_for_another_week():
    ids = list(range(1, 500))
    shuffled = list(ids)
    Random(1).shuffle(shuffled)

    first = drawn(ids, seed="riverside:2026-W45")

    assert first == drawn(shuffled, seed="riverside:2026-W45")
    assert len(first) == len(set(first)) == 20
    assert first != drawn(ids, seed="riverside:2026-W46")
    assert drawn([3, 1, 2], seed="any") == [1, 2, 3]


def test_every_text_is_as_likely_to_be_drawn():
    times = dict.fromkeys(range(100), 0)
    for week in range(1000):
        for feedback_id in drawn(times, seed=f"riverside:{week}"):
            times[feedback_id] += 1

    # 200 expected of each, with a standard deviation of 12.6.
    assert min(times.values()) > 140
    assert max(times.values()) < 260
