"""Whether a share has changed between two periods, or only seems so."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

from app.measures.shares import Share

FALSE_ALARMS = 0.10
"""Of the changes that are called notable on one page, at most so many are none (Benjamini-Hochberg)."""

Z_SHOWS = 1.6448536269514722
"""The 95 % point of the normal distribution: a two-sided test at 10 %."""


@dataclass(frozen=True, slots=True)
class Change:
    """A share before and after. ``by`` is the difference; ``would_show`` the smallest one that would be notable."""

    before: Share
    after: Share
    by: float
    p: float
    would_show: float
    is_notable: bool


def changes_of(pairs: Sequence[tuple[Share, Share]]) -> list[Change | None]:
    """Compare each pair (before, after), all of them shown on one page; None where one of the two is empty.

    A two-sided test of two proportions with the pooled variance, then Benjamini and Hochberg's procedure over all:
    "Controlling the false discovery rate", JRSS B 57 (1995).
    """
    tested = [(nth, *_test(before, after)) for nth, (before, after) in enumerate(pairs) if _is_testable(before, after)]
    ranked = sorted(p for _, p, _ in tested)
    passing = [p for rank, p in enumerate(ranked, start=1) if p <= FALSE_ALARMS * rank / len(ranked)]
    limit = max(passing, default=-1.0)
    found: list[Change | None] = [None] * len(pairs)
    for nth, p, spread in tested:
        before, after = pairs[nth]
        by = (after.value or 0.0) - (before.value or 0.0)
        found[nth] = Change(before, after, by, p, Z_SHOWS * spread, p <= limit)
    return found


def _is_testable(before: Share, after: Share) -> bool:
    return before.denominator > 0 and after.denominator > 0


def _test(before: Share, after: Share) -> tuple[float, float]:
    """The probability of such a difference by chance, and the spread of the difference."""
    pooled = (before.numerator + after.numerator) / (before.denominator + after.denominator)
    spread = sqrt(pooled * (1 - pooled) * (1 / before.denominator + 1 / after.denominator))
    by = (after.value or 0.0) - (before.value or 0.0)
    return (1.0 if spread == 0 else erfc(abs(by) / spread / sqrt(2))), spread
