"""What is hidden on public pages so that nobody can work it out. Plain Python.

A figure is published as a row: so many (``n``) of so many, the others being ``rest``. Both are cells. All rows of a
month (its contracts on one side, its weeks on the other) are parts of one total, and whoever knows the total and the
rows that are shown can subtract. So rows that are too small are hidden, and with them as many more as it takes that
what is left over when all that is shown is subtracted is large enough, and is that of two rows at least.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

SMALLEST_CELL = 10
"""Cells below this are hidden, unless the agency sets another number …"""

LEAST_SMALLEST_CELL = 5
"""… which is never below this."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Cell:
    """A share as it can be given away: ``n`` of ``n + rest``. Both numbers must be large enough to be shown."""

    n: int = 0
    rest: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.n + other.n, self.rest + other.rest)

    def __sub__(self, other: "Cell") -> "Cell":
        return Cell(self.n - other.n, self.rest - other.rest)

    @property
    def of(self) -> int:
        return self.n + self.rest

    def is_small(self, smallest: int) -> bool:
        return self.n < smallest or self.rest < smallest


@dataclass(frozen=True)
class Part:
    """A row of a total, and what would be told of it.

    ``cell`` is what the total counts. ``told`` is the same or, where a provider is named, only what was found to be
    the provider's (then it is not ``is_whole``, even if it comes to the same); None where nothing of it may be told.
    """

    cell: Cell
    told: Cell | None
    is_whole: bool = True

    def untold(self, is_shown: bool) -> Cell | None:
        """What of it is left in the total when what is shown is subtracted; None where nothing of the kind is."""
        if not is_shown or self.told is None:
            return self.cell
        return None if self.is_whole else self.cell - self.told


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a total when all that is shown is subtracted: of so many rows, together so much."""

    rows: int
    together: Cell

    def without(self, cell: Cell) -> "Left":
        return Left(self.rows - 1, self.together - cell)

    def is_safe(self, smallest: int) -> bool:
        """Nothing is left, or so much of so many rows that none of them can be told."""
        return self.rows == 0 or (self.rows >= 2 and not self.together.is_small(smallest))


def left_over(parts: Mapping[Key, Part], shown: Collection[Key]) -> Left:
    """What is left of the total of ``parts`` when some are shown."""
    found = [untold for key, part in parts.items() if (untold := part.untold(key in shown)) is not None]
    return Left(len(found), sum(found, Cell()))


def shown_among(parts: Mapping[Key, Part], smallest: int, *, never: Collection[Key] = ()) -> frozenset[Key]:
    """Which rows of a total can be shown; ``never`` those that must not be for another reason.

    What is small is hidden first; then, while what is left over could be told, the smallest row that is still shown.
    """
    rows = {key: part.told for key, part in parts.items() if part.told is not None}
    shown = {key for key, told in rows.items() if not told.is_small(smallest) and key not in never}
    while shown and not left_over(parts, shown).is_safe(smallest):
        shown.remove(min(shown, key=lambda key: (rows[key].of, str(key))))
    return frozenset(shown)


@dataclass(frozen=True)
class Before:
    """What is known of the month before: what is left of it, the days whose week ends in this month among it.

    ``is_told`` says whether its total is shown; where it is not, nothing can be subtracted from it. Below its own
    ``smallest`` nothing of its days may be told, whatever holds now.
    """

    left: Left
    is_told: bool
    smallest: int = 0


@dataclass(frozen=True)
class Shown:
    """What of one measure of a month is shown, and what is left of its days: to be known when the next is published."""

    total: bool
    contracts: frozenset[str]
    weeks: frozenset[date]
    left: Left


def shown_of_month(
    contracts: Mapping[str, Part],
    weeks: Mapping[date, Cell],
    smallest: int,
    *,
    first: Cell | None,
    outgoing: Cell | None,
    before: Before | None,
) -> Shown:
    """Decide what of one measure of a month is shown.

    ``weeks`` (Monday → cell) are the days of this month in each week that ends in it; ``first`` is what the first of
    them has in the month before, None where it begins in this one. ``outgoing`` are the last days, whose week ends in
    the next month, None where there are none. ``before`` is None where the month before is not published.

    Weeks are those of the whole agency, and the total is both that of the contracts and that of the days. Whoever
    attacks is given the days of a week on either side of the turn of a month for nothing, so that months can be looked
    at one by one; the weeks and the contracts of a month have nothing in common but its total.
    """
    total = sum((part.cell for part in contracts.values()), Cell())
    large = frozenset(
        key for key, part in contracts.items() if part.told is not None and not part.told.is_small(smallest)
    )
    shown = shown_among(contracts, smallest)
    costs_too_much = len(shown) < len(large) - 1 or bool(large and not shown)
    if total.is_small(smallest) or costs_too_much or not left_over(contracts, shown).is_safe(smallest):
        # The contracts alone: without their total none can be told from the others, and weeks would say what it is.
        return Shown(False, large, frozenset(), Left(0, Cell()))

    days = {monday: Part(cell, cell) for monday, cell in weeks.items()}
    if outgoing is not None:
        days[max(weeks) + timedelta(days=7)] = Part(outgoing, None)
    never = set()
    strictest = max(smallest, before.smallest if before else 0)
    if first is not None and (
        first.is_small(strictest) or (before and before.is_told and not before.left.without(first).is_safe(strictest))
    ):
        never.add(min(weeks))
    shown_weeks = shown_among(days, smallest, never=never)
    return Shown(True, shown, shown_weeks, left_over(days, shown_weeks))
