"""Histories as nobody would live them: any events in any order."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as some

from app.cases.history import EventFacts
from app.cases.verdict_rules import AGREES, DISAGREES, OBJECTED
from app.kernel.words import Actor, Aspect, Attribution, Channel, EventKind, FeedbackKind, Sentiment

FIRST = datetime(2026, 7, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
LIMITS = (None, 0.5, 8, 16.25, 40)
CONTRACTS = ("C-001", "C-002", None)
"""To which a case is moved; None: as files of history have it, which do not say."""

moments = some.datetimes(FIRST.replace(tzinfo=None), NOW.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=UTC))
# What people do comes in bursts: soon after it began, or whenever.
gaps = some.one_of(some.timedeltas(timedelta(0), timedelta(days=3)), some.timedeltas(timedelta(0), timedelta(days=60)))
kinds = some.sampled_from(
    [
        *(kind for kind in EventKind if kind not in (EventKind.WITHDRAWN, EventKind.DUPLICATE)),
        *(EventKind.ASSIGNED, EventKind.REPLIED, EventKind.ASKED, EventKind.RESOLVED, EventKind.RESOLVED) * 2,
        *(EventKind.REOPENED, EventKind.CONFIRMED, EventKind.VERDICT, EventKind.WITHDRAWN, EventKind.DUPLICATE),
        *(EventKind.MOVED, EventKind.MOVED, EventKind.MOVED),
    ]
)


@some.composite
def happenings(draw, since, until=NOW, most=7):
    """Events from a moment on, oldest first."""
    found, at = [], since
    for _ in range(draw(some.integers(0, most))):
        at = at + draw(gaps)
        if at > until:
            break
        kind = draw(kinds)
        found.append(
            EventFacts(
                at,
                kind,
                draw(some.sampled_from(Actor)),
                draw(some.sampled_from([None, None, 1, 3, 5])),
                draw(some.sampled_from(Attribution)) if kind == EventKind.VERDICT else None,
                draw(some.sampled_from(CONTRACTS if kind == EventKind.MOVED else [None, OBJECTED, AGREES, DISAGREES])),
            )
        )
    return found


def feedback():
    """What a resident sent: its facts, and what happened to it."""
    return moments.flatmap(
        lambda at: some.fixed_dictionaries(
            {
                "at": some.just(at),
                "kind": some.sampled_from([FeedbackKind.COMPLAINT] * 3 + [FeedbackKind.RATING]),
                "rating": some.sampled_from([None, 1, 2, 3, 4, 5]),
                "channel": some.sampled_from(Channel),
                "sentiment": some.sampled_from([None, *Sentiment]),
                "aspects": some.lists(some.sampled_from(Aspect), max_size=3, unique=True),
                "is_urgent": some.booleans(),
                "respond": some.sampled_from(LIMITS),
                "resolve": some.sampled_from(LIMITS),
                "where": some.integers(0, 1),
                "events": happenings(at),
            }
        )
    )
