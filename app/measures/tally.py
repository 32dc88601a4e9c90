"""What was counted of some feedback, in a form that can be added up: shares are reckoned from the sum."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.kernel.shares import Share, share_of
from app.measures.survival import Times, times_of

Clock = tuple[float, bool]
"""Hours, and whether the thing was done then; else the clock was cut off."""


@dataclass
class Tally:
    """Counts and clocks by measure. Two tallies of different feedback add up to that of both.

    ``yes`` is how many are in the numerator (or are counted), ``no`` how many in the denominator alone.
    """

    yes: dict[str, int] = field(default_factory=dict)
    no: dict[str, int] = field(default_factory=dict)
    clocks: dict[str, list[Clock]] = field(default_factory=dict)

    def count(self, key: str, holds: bool | None) -> None:
        """Count one feedback in a measure; None: it is no part of it."""
        if holds is not None:
            counts = self.yes if holds else self.no
            counts[key] = counts.get(key, 0) + 1

    def clock(self, key: str, hours: float, is_done: bool) -> None:
        self.clocks.setdefault(key, []).append((hours, is_done))

    def add(self, other: "Tally") -> None:
        for mine, theirs in ((self.yes, other.yes), (self.no, other.no)):
            for key, n in theirs.items():
                mine[key] = mine.get(key, 0) + n
        for key, clocks in other.clocks.items():
            self.clocks.setdefault(key, []).extend(clocks)

    def n(self, key: str) -> int:
        """How many are in a numerator, or counted."""
        return self.yes.get(key, 0)

    def share(self, key: str) -> Share:
        yes = self.yes.get(key, 0)
        return share_of(yes, yes + self.no.get(key, 0))

    def times(self, key: str) -> Times:
        return times_of(self.clocks.get(key, ()))

    def hours(self, key: str) -> float:
        """All the hours of a clock together."""
        return sum(hours for hours, _ in self.clocks.get(key, ()))


Parts = dict[str, Tally]
"""The tallies of some feedback: of all of it, and of parts of it, by name."""

NOTHING = Tally()


def sum_of_parts(several: Iterable[Mapping[str, Tally]]) -> Parts:
    """The same of each part."""
    total: Parts = {}
    for parts in several:
        for name, tally in parts.items():
            total.setdefault(name, Tally()).add(tally)
    return total


def narrowed(tally: Tally, keys: Sequence[str]) -> Tally:
    """The counts of some measures alone."""
    return Tally(
        {key: tally.yes[key] for key in keys if key in tally.yes},
        {key: tally.no[key] for key in keys if key in tally.no},
    )
