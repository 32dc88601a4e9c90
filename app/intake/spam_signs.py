"""What makes a feedback look like spam, and how much each sign weighs. Plain Python.

Nothing of it refuses anybody: what weighs ``HELD_FROM`` or more waits until somebody of the agency has looked at it.
"""

import re
import zlib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from app.kernel.words import Sign

HELD_FROM = 3
"""No single sign that honest people show weighs as much."""

WEIGHT: Mapping[Sign, int] = {
    # A field that people do not see was filled in.
    Sign.HONEYPOT: 3,
    Sign.MANY_FROM_NETWORK: 3,
    Sign.MANY_AT_SITE: 3,
    Sign.MANY_TO_AGENCY: 3,
    Sign.NO_STAMP: 1,
    Sign.TOO_FAST: 1,
    Sign.LINK: 1,
    Sign.LINKS: 3,
    Sign.SAME_WORDS: 1,
    Sign.SAME_WORDS_OFTEN: 2,
    Sign.ONE_THING_AGAIN: 2,
}

OF_MACHINES = frozenset({Sign.MANY_FROM_NETWORK, Sign.MANY_AT_SITE, Sign.MANY_TO_AGENCY, Sign.NO_STAMP, Sign.TOO_FAST})
"""What a device that has done some work for it is believed not to mean: many people behind one address, say."""

FASTEST = 3
"""Seconds in which nobody has opened a form, chosen a face and sent it."""

MANY_LINKS = 3

SAME, SAME_OFTEN = 3, 10
"""The so-manieth time on one day that the same words come. A neighbour's text is passed on, too."""

LONG_ENOUGH = 40
"""Characters from which the same words are no coincidence."""

LONG = 200
"""Characters from which it is looked at whether a text says one thing again and again."""

SQUEEZED_TO = 0.12
"""Of ordinary texts of this length a third and more is left when they are compressed."""

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
MARKUP = re.compile(r"\[url[=\]]|<a\s", re.IGNORECASE)


@dataclass(frozen=True)
class Counts:
    """What came before in this hour (of the same words: on this day), this one among it; 0 where it is not counted."""

    network: int = 0
    site: int = 0
    agency: int = 0
    words: int = 0


@dataclass(frozen=True)
class Quotas:
    """How much may come in one hour before it is too much; 0 for without end."""

    network: int
    site: int
    agency: int


def signs_in(text: str) -> set[Sign]:
    """What the words alone show.

    >>> signs_in("Look at https://a.example")
    {<Sign.LINK: 'link'>}
    """
    found: set[Sign] = set()
    if "://" in text or "www." in text or "[" in text or "<" in text:
        links = len(LINK.findall(text))
        if links >= MANY_LINKS or MARKUP.search(text):
            found.add(Sign.LINKS)
        elif links:
            found.add(Sign.LINK)
    if len(text) >= LONG:
        raw = text.encode()
        if len(zlib.compress(raw, 1)) < SQUEEZED_TO * len(raw):
            found.add(Sign.ONE_THING_AGAIN)
    return found


def signs_of_time(seconds: int | None) -> set[Sign]:
    """``seconds``: for how long the form was open; None where no page of ours says when it was opened."""
    if seconds is None:
        return {Sign.NO_STAMP}
    return {Sign.TOO_FAST} if seconds < FASTEST else set()


def signs_of_counts(counts: Counts, quotas: Quotas) -> set[Sign]:
    """What the number of others says."""
    many = (
        (Sign.MANY_FROM_NETWORK, counts.network, quotas.network),
        (Sign.MANY_AT_SITE, counts.site, quotas.site),
        (Sign.MANY_TO_AGENCY, counts.agency, quotas.agency),
    )
    found = {sign for sign, n, quota in many if quota and n > quota}
    if counts.words >= SAME:
        found.add(Sign.SAME_WORDS_OFTEN if counts.words >= SAME_OFTEN else Sign.SAME_WORDS)
    return found


def is_suspicious(signs: Iterable[Sign]) -> bool:
    """Whether they weigh enough to have somebody look first."""
    return sum(WEIGHT[sign] for sign in signs) >= HELD_FROM


def would_be_cleared(signs: Set[Sign]) -> bool:
    """Whether it is suspicious for its machine-like signs alone: a proof of work settles it."""
    return is_suspicious(signs) and not is_suspicious(signs - OF_MACHINES)
