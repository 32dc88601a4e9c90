"""Whether two shares differ by more than chance, among all that is compared on one page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from statistics import NormalDist
from typing import Any

from app.kernel.shares import Share

FALSE_ALARMS = 0.10
"""Of the differences called notable on a page, at most so many in the long run are chance."""

AS_UNLIKELY = 1 + 1e-9
"""Tables whose probability differs by less than this factor are equally unlikely: floating point cannot tell more."""


NEGLIGIBLE = 1e-30
"""Beside the likeliest table, one of so little weight is left out."""


Shown = tuple[float | None, float | None]


@dataclass(frozen=True)
class Change:
    """A share before and now.

    ``p`` is that of a two-sided test, None where one side has nothing to count. Where the change is not notable,
    ``shown_below`` and ``shown_above`` are the shares nearest to the one before that would have been, among as many
    cases as there are now; None where no share on that side would. They take longer to find than all the rest, and are
    found where somebody asks: a test notable below ``threshold`` is; or read again from ``kept``.
    """

    key: str
    before: Share
    now: Share
    p: float | None
    is_notable: bool
    threshold: float = field(default=0.0, compare=False)
    kept: Shown | None = field(default=None, compare=False)

    @cached_property
    def shown(self) -> Shown:
        if self.kept is not None:
            return self.kept
        if self.p is None or self.is_notable:
            return None, None
        return _would_show(self.before, self.now.denominator, self.threshold)

    @property
    def shown_below(self) -> float | None:
        return self.shown[0]

    @property
    def shown_above(self) -> float | None:
        return self.shown[1]

    @property
    def rose(self) -> bool:
        return (self.now.value or 0) > (self.before.value or 0)

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "before": self.before.to_json(),
            "now": self.now.to_json(),
            "p": self.p,
            "notable": self.is_notable,
            "shown_below": self.shown_below,
            "shown_above": self.shown_above,
        }


def compare(pairs: Mapping[str, tuple[Share, Share]], false_alarms: float = FALSE_ALARMS) -> tuple[Change, ...]:
    """Compare every share with what it was before; ``pairs`` are (before, now), all that one page compares."""
    ps = {
        key: exact_p(before.numerator, before.denominator, now.numerator, now.denominator)
        for key, (before, now) in pairs.items()
        if before.denominator and now.denominator
    }
    notable = dict(zip(ps, notable_among(list(ps.values()), false_alarms), strict=True))
    # What one more notable change would have had to be below.
    threshold = false_alarms * min(len(ps), sum(notable.values()) + 1) / len(ps) if ps else 0.0
    return tuple(
        Change(key, before, now, ps.get(key), notable.get(key, False), threshold)
        for key, (before, now) in pairs.items()
    )


def notable_among(ps: Sequence[float], false_alarms: float = FALSE_ALARMS) -> list[bool]:
    """Which of the tests hold when at most ``false_alarms`` of those that do may be chance.

    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).
    """
    ordered = sorted(range(len(ps)), key=lambda nth: ps[nth])
    hold = 0
    for rank, nth in enumerate(ordered, start=1):
        if ps[nth] <= false_alarms * rank / len(ps):
            hold = rank
    kept = set(ordered[:hold])
    return [nth in kept for nth in range(len(ps))]


def exact_p(a: int, of_a: int, b: int, of_b: int) -> float:
    """Fisher's exact test, two-sided, that ``a`` of ``of_a`` and ``b`` of ``of_b`` are of one share.

    The probability of all tables with the same margins that are no more likely than this one. It is right for
    small counts too, where it errs on the side of seeing no difference. R. A. Fisher, JRSS 85 (1922).
    """
    for numerator, denominator in ((a, of_a), (b, of_b)):
        if not 0 <= numerator <= denominator:
            raise ValueError(f"{numerator} of {denominator} is not a share")
    both = a + b
    least, most = max(0, both - of_b), min(both, of_a)
    # Weights of the tables, from the likeliest outwards until they no longer matter.
    mode = min(most, max(least, (both + 1) * (of_a + 1) // (of_a + of_b + 2)))
    weights = {mode: 1.0}
    for step, last in ((1, most), (-1, least)):
        k, weight = mode, 1.0
        while k != last and weight > NEGLIGIBLE:
            if step > 0:
                weight *= (of_a - k) * (both - k) / ((k + 1) * (of_b - both + k + 1))
            else:
                weight *= k * (of_b - both + k) / ((of_a - k + 1) * (both - k + 1))
            k += step
            weights[k] = weight
    mine = weights.get(a, 0.0) * AS_UNLIKELY
    return min(1.0, sum(each for each in weights.values() if each <= mine) / sum(weights.values()))


def _would_show(before: Share, n: int, threshold: float) -> Shown:
    """The nearest shares of ``n`` below and above the one before whose test would have held."""
    if before.value is None:
        return None, None
    middle = before.value * n

    def shows(count: int) -> bool:
        return exact_p(before.numerator, before.denominator, count, n) <= threshold

    # About how far a share must move, by the normal approximation: there only the search begins.
    reach = NormalDist().inv_cdf(1 - threshold / 2) if threshold else 0.0
    near = int(reach * sqrt(before.value * (1 - before.value) * n * (1 + n / before.denominator))) + 1
    below = _first(shows, range(int(middle), -1, -1), near)
    above = _first(shows, range(int(middle) + 1, n + 1), near)
    return (None if below is None else below / n), (None if above is None else above / n)


def _first(shows: Callable[[int], bool], counts: range, near: int) -> int | None:
    """The first of ``counts`` that shows; it is probably the one at ``near``.

    The farther away, the more it shows: steps that double find two places between which it lies, halving finds it.
    """
    low, high, step = 0, len(counts), 1
    while low < high and low <= near < high:
        if shows(counts[near]):
            high, near = near, near - step
        else:
            low, near = near + 1, near + step
        step *= 2
    while low < high:
        middle = (low + high) // 2
        if shows(counts[middle]):
            high = middle
        else:
            low = middle + 1
    return counts[low] if low < len(counts) else None
