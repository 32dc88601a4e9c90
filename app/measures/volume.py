"""Complaints against how much was delivered: cases per 1,000 visits, collections or calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class PerThousand:
    """Over the months of a period whose volume is known; ``value`` is None where none is."""

    value: float | None
    cases: int
    units: int
    months: int

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "cases": self.cases, "units": self.units, "months": self.months}


def per_thousand(cases: Mapping[date, int], volumes: Mapping[date, int], months: Sequence[date]) -> PerThousand:
    """Cases per 1,000 units; all by the first day of the month."""
    known = [month for month in months if month in volumes]
    units = sum(volumes[month] for month in known)
    count = sum(cases.get(month, 0) for month in known)
    return PerThousand(1000 * count / units if units else None, count, units, len(known))
