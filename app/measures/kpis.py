"""The KPIs of a contract as they come out: by our own measures, or by the figures that people entered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from app.directory.models import Contract, Figure, Volume
from app.directory.models import Kpi as KpiRow
from app.directory.rules import ENTERED
from app.extensions import db
from app.kernel.periods import Period, twelve_months_to
from app.kernel.shares import Share, share_of
from app.measures.cohort import Measures, measures_from
from app.measures.kpi_rating import Kpi, KpiRating, rate, rate_share
from app.measures.packed_counts import VALIDATED, WHOLE
from app.measures.rollup import Source, counts_of
from app.measures.tally import Tally


def kpi_on(row: KpiRow, day: date) -> Kpi:
    """A KPI as the rules read it, with the targets in force for a period that ends on ``day``."""
    targets = row.targets_on(day)
    return Kpi(
        code=row.code,
        measure=row.measure,
        direction=targets.direction,
        target=targets.target,
        approaching=targets.approaching,
        inadequate=targets.inadequate,
        minimum_n=targets.minimum_n,
        basis=targets.basis,
        binds_from=targets.binds_from,
        title=row.title_on(day),
    )


def judged_over(contract: Contract, period: Period) -> Period:
    """The period over which the KPIs of a report are judged: a small contract's twelve rolling months."""
    return twelve_months_to(period) if contract.is_small else period


def ratings_of(
    contract: Contract, period: Period, measures: Measures, as_of: datetime, source: Source
) -> tuple[KpiRating, ...]:
    """Every KPI of the contract for a report over ``period``, whose ``measures`` have been reckoned at ``as_of``."""
    over = judged_over(contract, period)
    if over != period:
        counts = counts_of([contract.id], over, as_of, source)[contract.id]
        measures = measures_from(counts.get(WHOLE, Tally()), counts.get(VALIDATED, Tally()))
    rows = held_in(contract, over)
    entered = entered_shares(rows, [over], as_of)
    return tuple(rating_of(row, over, measures, entered) for row in rows)


def held_in(contract: Contract, period: Period) -> list[KpiRow]:
    """The KPIs that judge a period: those agreed by its last day."""
    return [row for row in contract.kpis if row.holds_on(period.end)]


def rating_of(
    row: KpiRow, period: Period, measures: Measures, entered: Mapping[tuple[int, Period], Share]
) -> KpiRating:
    """One KPI over one period; ``entered`` as from ``entered_shares``.

    It is for information where the period began before the KPI was agreed: nobody is bound by it for those days.
    """
    kpi = kpi_on(row, period.end)
    is_for_information = not row.holds_on(period.start)
    if row.measure == ENTERED:
        is_for_information |= kpi.binds_from is not None and period.end < kpi.binds_from
        return rate_share(kpi, entered[row.id, period], is_for_information=is_for_information)
    rating = rate(kpi, measures, period_end=period.end)
    return replace(rating, is_for_information=rating.is_for_information or is_for_information)


def entered_shares(
    kpis: Sequence[KpiRow], periods: Collection[Period], as_of: datetime
) -> dict[tuple[int, Period], Share]:
    """The shares that people entered for KPIs that are entered: of all days that lie in the period.

    Of two entries about the same days the later one counts.
    """
    ids = [row.id for row in kpis if row.measure == ENTERED]
    if not ids:
        return {}
    latest: dict[tuple[int, date, date], tuple[int, int]] = {}
    rows = db.session.execute(
        select(Figure.kpi_id, Figure.starts_on, Figure.ends_on, Figure.numerator, Figure.denominator)
        .where(Figure.kpi_id.in_(ids), Figure.entered_at <= as_of)
        .order_by(Figure.entered_at, Figure.id)
    )
    for kpi_id, starts_on, ends_on, numerator, denominator in rows:
        latest[kpi_id, starts_on, ends_on] = numerator, denominator
    return {
        (kpi_id, period): _sum_of(
            [
                counts
                for (of, starts_on, ends_on), counts in latest.items()
                if of == kpi_id and period.start <= starts_on and ends_on <= period.end
            ]
        )
        for kpi_id in ids
        for period in periods
    }


def volumes_of(contract: Contract) -> dict[date, int]:
    """Units delivered, by the first day of the month."""
    rows = db.session.execute(select(Volume.month, Volume.units).where(Volume.contract_id == contract.id))
    return {month: units for month, units in rows}


def _sum_of(counts: Sequence[tuple[int, int]]) -> Share:
    return share_of(sum(numerator for numerator, _ in counts), sum(denominator for _, denominator in counts))
