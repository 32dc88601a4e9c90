"""Counts as they are kept: all of a tally in one long number, and how it came about, step by step.

A count takes 32 bits of the number, so that adding two numbers adds all their counts at once: ten thousand days are
added up in the time in which a few could be read as JSON. Each place in it, a lane, is one measure of one part, and
one side of it: ``yes``, or ``no``.
"""

import struct
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.kernel.words import Aspect, Attribution, Channel, Sentiment
from app.measures.membership import OF_CASE, OF_CLAUSE, OF_FEEDBACK, tone_key, verdict_key
from app.measures.tally import Parts, Tally
from app.measures.verdict_progress import COUNTS as OF_JUDGING

WHOLE, VALIDATED = "all", "validated"

BITS = 32
MOST = (1 << BITS) - 1


def channel_key(channel: Channel) -> str:
    return f"channel-{channel}"


KEYS = (
    *OF_FEEDBACK,
    *OF_CASE,
    *(tone_key(aspect, tone) for aspect in Aspect for tone in Sentiment),
    *(verdict_key(each) for each in (*Attribution, None)),
    *OF_JUDGING,
    *map(channel_key, Channel),
)
"""All that is counted of feedback as a whole. Clocks are no counts: they are kept beside."""

# What is validated comes last: it is often nothing, and takes no room then.
LANES = tuple((part, key, is_yes) for part in (WHOLE, VALIDATED) for key in KEYS for is_yes in (True, False))
LANE = {lane: nth for nth, lane in enumerate(LANES)}
ROOM = len(LANES) * BITS // 8
"""So many bytes a number has at most."""

OF_PART = tuple((key, is_yes) for key in OF_CLAUSE for is_yes in (True, False))
"""The lanes of a site or a clause, among all those of a day."""

LANE_OF_PART = {lane: nth for nth, lane in enumerate(OF_PART)}


def number_of(lanes: Mapping[int, int]) -> int:
    """The number of so many in each lane; below nothing where it is to be taken away from another."""
    return sum(n << BITS * lane for lane, n in lanes.items())


def as_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def from_bytes(kept: bytes) -> int:
    return int.from_bytes(kept, "little")


def parts_in(number: int) -> Parts:
    """What a number counts, as a whole and of what is validated."""
    parts: Parts = {}
    counts = struct.unpack(f"<{len(LANES)}I", number.to_bytes(ROOM, "little"))
    for (part, key, is_yes), n in zip(LANES, counts, strict=True):
        if n:
            tally = parts.setdefault(part, Tally())
            (tally.yes if is_yes else tally.no)[key] = n
    return parts


def some_in(number: int, keys: Collection[str]) -> Tally:
    """A few counts of the whole alone."""
    tally = Tally()
    for key in keys:
        for is_yes, side in ((True, tally.yes), (False, tally.no)):
            if n := number >> BITS * LANE[WHOLE, key, is_yes] & MOST:
                side[key] = n
    return tally


def lanes_of(part: str, tally: Tally) -> Counter[int]:
    """The counts of a tally by lane."""
    found = {LANE[part, key, True]: n for key, n in tally.yes.items()}
    return Counter(found | {LANE[part, key, False]: n for key, n in tally.no.items()})


class Steps(NamedTuple):
    """When what was counted changed, and in which lanes: by one more (the lane and one) or one less (below nothing).

    ``at`` are microseconds since 1970, oldest first; ``ends`` where the lanes of each moment end.
    """

    at: Sequence[int]
    ends: Sequence[int]
    lanes: Sequence[int]

    @classmethod
    def of(cls, changes: Iterable[tuple[int, Mapping[int, int]]]) -> "Steps":
        """Those of changes at moments, in any order: how much is added in each lane."""
        at: list[int] = []
        ends: list[int] = []
        lanes: list[int] = []
        for moment, by in sorted(changes, key=lambda each: each[0]):
            for lane, n in by.items():
                lanes += [lane + 1 if n > 0 else -lane - 1] * abs(n)
            at.append(moment)
            ends.append(len(lanes))
        return cls(at, ends, lanes)

    @classmethod
    def read(cls, kept: bytes) -> "Steps":
        moments, places = struct.unpack_from("<II", kept)
        values = struct.unpack_from(f"<{moments}q{moments}I{places}i", kept, 8)
        return cls(values[:moments], values[moments : 2 * moments], values[2 * moments :])

    def written(self) -> bytes:
        moments, places = len(self.at), len(self.lanes)
        form = f"<II{moments}q{moments}I{places}i"
        return struct.pack(form, moments, places, *self.at, *self.ends, *self.lanes)

    def until(self, moment: int) -> dict[int, int]:
        """What was counted in each lane up to a moment, and in it."""
        return _summed(self.lanes[: self._end(moment)])

    def after(self, moment: int) -> dict[int, int]:
        """What is added in each lane after a moment."""
        return _summed(self.lanes[self._end(moment) :])

    def _end(self, moment: int) -> int:
        nth = bisect_right(self.at, moment)
        return self.ends[nth - 1] if nth else 0


def _summed(lanes: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for signed, n in Counter(lanes).items():
        lane, by = (signed - 1, n) if signed > 0 else (-signed - 1, -n)
        found[lane] = found.get(lane, 0) + by
    return found
