"""How long it takes when some are not done yet: Kaplan-Meier percentiles, open cases counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

HALF, TENTH = (1, 2), (1, 10)

TOO_CLOSE = 1e-9
"""Within this of a threshold floating point is not trusted; its error over a million steps is a thousandth of it."""


@dataclass(frozen=True, slots=True)
class Times:
    """Hours by which half and nine tenths were done; None where the observation does not reach so far."""

    p50: float | None
    p90: float | None
    n: int
    censored: int

    def to_json(self) -> dict[str, float | int | None]:
        return {"p50": self.p50, "p90": self.p90, "n": self.n, "censored": self.censored}


def times_of(clocks: Iterable[tuple[float, bool]]) -> Times:
    """Percentiles of ``clocks``, pairs of hours and whether the thing was done then (else the clock was cut off).

    p50 and p90 are the smallest times at which at most 1/2 and 1/10 remain undone. A curve at exactly 1/2 has
    reached it; at equal times what was done comes before what was cut off.
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958).
    """
    # False sorts before True: at equal times, done before cut off.
    ordered = sorted((hours, not is_done) for hours, is_done in clocks)
    n = len(ordered)
    p50 = None
    curve = _Curve()
    at_risk, nth = n, 0
    censored = sum(cut_off for _, cut_off in ordered)

    while nth < n:
        hours, cut_off = ordered[nth]
        if cut_off:
            at_risk -= 1
            nth += 1
            continue
        done = 1
        while nth + done < n and ordered[nth + done] == (hours, False):
            done += 1
        curve.fall(at_risk, at_risk - done)
        at_risk -= done
        nth += done
        if p50 is None and curve.has_reached(HALF):
            p50 = hours
        if p50 is not None and curve.has_reached(TENTH):
            return Times(p50, hours, n, censored)
    return Times(p50, None, n, censored)


@dataclass(frozen=True, slots=True)
class Curve:
    """The share still undone over time: it falls to ``remaining`` at ``hours``; ``cut_off`` are clocks that still ran.

    Floating point, for the eye: the percentiles that are told are those of ``times_of``.
    """

    steps: tuple[tuple[float, float], ...]
    cut_off: tuple[float, ...]

    def remaining_at(self, hours: float) -> float:
        """The share undone after so many hours."""
        return next((share for at, share in reversed(self.steps) if at <= hours), 1.0)


def curve_of(clocks: Iterable[tuple[float, bool]]) -> Curve:
    """The Kaplan-Meier curve of ``clocks``, as ``times_of`` reads them."""
    ordered = sorted((hours, not is_done) for hours, is_done in clocks)
    steps: list[tuple[float, float]] = []
    remaining, at_risk = 1.0, len(ordered)
    for hours, cut_off in ordered:
        if not cut_off:
            remaining *= (at_risk - 1) / at_risk
            if steps and steps[-1][0] == hours:
                steps[-1] = (hours, remaining)
            else:
                steps.append((hours, remaining))
        at_risk -= 1
    return Curve(tuple(steps), tuple(hours for hours, cut_off in ordered if cut_off))


class _Curve:
    """The share that remains, a product of fractions: followed in floating point, asked exactly where it matters."""

    def __init__(self) -> None:
        self.near = 1.0
        # Falls that follow each other without a cut-off between are one fall: (8/9)(7/8) is 7/9.
        self.at_risk: list[int] = []
        self.remaining: list[int] = []

    def fall(self, at_risk: int, remaining: int) -> None:
        self.near *= remaining / at_risk
        if self.remaining and self.remaining[-1] == at_risk:
            self.remaining[-1] = remaining
        else:
            self.at_risk.append(at_risk)
            self.remaining.append(remaining)

    def has_reached(self, level: tuple[int, int]) -> bool:
        numerator, denominator = level
        above = self.near - numerator / denominator
        if abs(above) > TOO_CLOSE:
            return above < 0
        return prod(self.remaining) * denominator <= prod(self.at_risk) * numerator
