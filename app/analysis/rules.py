"""What a tag comes to once staff have spoken, and which texts they are asked to check. Plain Python."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from app.kernel.words import Aspect, Sentiment

SAMPLE = 20
"""So many texts of a week are drawn for staff to check: in a year a thousand, which tells 87 % from 90 %."""

CALLED_WITHIN = timedelta(days=7)
"""Whoever is on duty is not called about what was sent longer ago: a new version may find old things urgent."""

HAPPY, UNHAPPY = frozenset({4, 5}), frozenset({1, 2})


@dataclass(frozen=True)
class Labels:
    """What a text is tagged with, aspects in the order of ``Aspect``."""

    sentiment: Sentiment
    aspects: tuple[Aspect, ...]
    is_urgent: bool


@dataclass(frozen=True)
class Said:
    """What staff say of a text; None is what they leave as it is."""

    sentiment: Sentiment | None = None
    aspects: tuple[Aspect, ...] | None = None
    is_urgent: bool | None = None


def in_order(aspects: Iterable[str]) -> tuple[Aspect, ...]:
    """Aspects, each once, in the order of ``Aspect``."""
    named = set(aspects)
    return tuple(aspect for aspect in Aspect if aspect in named)


def corrected(read: Labels, said: Iterable[Said]) -> tuple[Labels, bool]:
    """What counts: of each field what staff said last (``said`` is oldest first), else what was read.

    And whether staff have settled the sentiment, be it by saying the same.
    """
    sentiment: Sentiment | None = None
    aspects: tuple[Aspect, ...] | None = None
    is_urgent: bool | None = None
    for each in said:
        sentiment = each.sentiment or sentiment
        aspects = each.aspects if each.aspects is not None else aspects
        is_urgent = each.is_urgent if each.is_urgent is not None else is_urgent
    labels = Labels(
        sentiment=sentiment or read.sentiment,
        aspects=read.aspects if aspects is None else aspects,
        is_urgent=read.is_urgent if is_urgent is None else is_urgent,
    )
    return labels, sentiment is not None


def disagree(sentiment: Sentiment, rating: int | None) -> bool:
    """Whether words and stars contradict each other."""
    return (sentiment == Sentiment.NEGATIVE and rating in HAPPY) or (
        sentiment == Sentiment.POSITIVE and rating in UNHAPPY
    )


def drawn(feedback_ids: Iterable[int], *, seed: str, size: int = SAMPLE) -> Sequence[int]:
    """``size`` of them at random, all where there are fewer; the same for the same seed, in whatever order."""
    among = sorted(set(feedback_ids))
    chance = Random(seed)  # noqa: S311  # to be repeated, not to be secret
    return sorted(chance.sample(among, min(size, len(among))))
