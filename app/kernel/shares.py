"""A share, with the interval in which the true one lies: never a percentage alone."""

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution, for intervals of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """``numerator`` of ``denominator``; with nothing to count, ``value``, ``low`` and ``high`` are None, never 0."""

    value: float | None
    numerator: int
    denominator: int
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, float | int | None]:
        return {
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "low": self.low,
            "high": self.high,
        }


def share_of(numerator: int, denominator: int) -> Share:
    """The share with its Wilson score interval of 95 %, without continuity correction.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if not 0 <= numerator <= denominator:
        raise ValueError(f"{numerator} of {denominator} is not a share")
    if denominator == 0:
        return Share(None, 0, 0, None, None)

    value = numerator / denominator
    low, high = wilson(value, denominator)
    return Share(
        value=value,
        numerator=numerator,
        denominator=denominator,
        low=0.0 if numerator == 0 else low,
        high=1.0 if numerator == denominator else high,
    )


def wilson(value: float, n: int) -> tuple[float, float]:
    """The Wilson score interval of 95 % around ``value`` observed among ``n``."""
    shrink = 1 + Z * Z / n
    middle = (value + Z * Z / (2 * n)) / shrink
    reach = Z / shrink * sqrt(value * (1 - value) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)
