"""A report, gathered once: page, file and letter only dress it, so that no two can disagree."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.directory.models import Agency, Contract
from app.directory.models import Kpi as KpiRow
from app.kernel import clock
from app.kernel.periods import Period
from app.measures import kpi_rating, queries
from app.measures.cohort import Measures, measure
from app.measures.kpi_rating import KpiRating


@dataclass(frozen=True)
class Report:
    """One contract and period, as it stood at ``as_of``."""

    agency: Agency
    contract: Contract
    period: Period
    as_of: datetime
    measures: Measures
    ratings: tuple[KpiRating, ...]

    @property
    def not_yet_due(self) -> int:
        """Cases whose response limit has not fallen: what is said of the others may still change."""
        return self.measures.figures.cases.value - self.measures.figures.on_time_response_rate.denominator

    def to_json(self) -> dict[str, Any]:
        """The JSON promised to others; times in the agency's zone."""
        return {
            "scope": {"agency": self.agency.slug, "contract": self.contract.reference},
            "period": {
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
                "timezone": self.period.timezone,
            },
            "as_of": self.as_of.astimezone(ZoneInfo(self.period.timezone)).isoformat(),
            **self.measures.to_json(),
            "kpis": [rating.to_json() for rating in self.ratings],
        }


def build(contract: Contract, *, start: date, end: date, as_of: datetime | None = None) -> Report:
    """Reckon the report of ``contract`` over whole days of its agency's zone; by default as it stands now.

    The caller has fetched the contract for its viewer. ``ValueError`` when the period ends before it starts.
    """
    as_of = as_of or clock.now()
    period = Period(start, end, contract.agency.timezone)
    facts = queries.facts_of([contract.id], since=period.since, until=period.until, as_of=as_of)
    measures = measure(facts, as_of)
    ratings = tuple(kpi_rating.rate(kpi_of(row), measures, period_end=end) for row in contract.kpis)
    return Report(contract.agency, contract, period, as_of, measures, ratings)


def kpi_of(row: KpiRow) -> kpi_rating.Kpi:
    """A KPI of the contract as the rules read it."""
    return kpi_rating.Kpi(
        code=row.code,
        measure=row.measure,
        direction=row.direction,
        target=row.target,
        approaching=row.approaching,
        inadequate=row.inadequate,
        minimum_n=row.minimum_n,
        basis=row.basis,
        binds_from=row.binds_from,
    )
