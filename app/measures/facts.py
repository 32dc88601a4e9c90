"""A feedback as it is counted, and with the clocks of its case."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from app.kernel.words import Aspect, FeedbackKind, Sentiment
from app.measures.clocks import CaseClocks, CaseFacts, clocks_of

PLEASED = frozenset({4, 5})
UNHAPPY = frozenset({1, 2})


class FeedbackFacts(NamedTuple):
    """What a resident sent, as it is counted.

    ``sentiment`` and ``aspects`` are the effective ones (a correction by staff wins); None and empty where there was
    no text, or nothing has read it yet. ``case`` belongs to a complaint; on other kinds it is not looked at.
    """

    submitted_at: datetime
    kind: FeedbackKind
    rating: int | None = None
    sentiment: Sentiment | None = None
    aspects: tuple[Aspect, ...] = ()
    case: CaseFacts | None = None


class Reckoned(NamedTuple):
    """A feedback with the clocks of its case, if it has one: reckoned once, counted as often as needed."""

    facts: FeedbackFacts
    clocks: CaseClocks | None


def reckon(feedback: Iterable[FeedbackFacts], as_of: datetime) -> list[Reckoned]:
    """Run the clocks of every case among the feedback up to ``as_of``."""
    return [
        Reckoned(each, clocks_of(each.case, as_of) if each.case and each.kind == FeedbackKind.COMPLAINT else None)
        for each in feedback
    ]


def is_unhappy(feedback: FeedbackFacts) -> bool:
    """Rated 1 or 2, or tagged negative: without a case, officers see to it."""
    return feedback.rating in UNHAPPY or feedback.sentiment == Sentiment.NEGATIVE
