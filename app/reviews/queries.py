"""The page of a contract: its KPIs and their trend, what is open, what was agreed. Reads only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import abort
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload, undefer

from app.analysis.concerns import is_hidden
from app.cases.models import Event
from app.cases.queries import Breach, breaches_of, is_before_a_move, without_contract
from app.cases.words import MessageWords
from app.directory.models import Contract, ContractSite, Figure, Kpi, Site
from app.directory.queries import contract_or_404
from app.directory.rules import ENTERED
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import Period, day_of, months_in, quarters_to
from app.kernel.shares import Share, share_of
from app.kernel.words import STAFF_ONLY_EVENTS, VERDICT_EVENTS, Actor, Attribution, EventKind
from app.measures.cohort import Figures, Measures
from app.measures.kpi_rating import KpiRating, is_out_of_reach
from app.measures.kpis import entered_shares, held_in, judged_over, rating_of, ratings_of, volumes_of
from app.measures.notable_changes import Change, compare
from app.measures.queries import counts_at, of_contracts
from app.measures.rollup import days_of
from app.measures.verdict_progress import Judging, judging_in
from app.measures.volume import per_thousand
from app.reports.counting import Counts, Span, count
from app.reports.models import IssuedReport
from app.reviews.models import AgreedAction, PerformanceNotice
from app.reviews.rules import BREACHES, MONTHS, QUARTERS, is_silent
from app.web.access import Viewer

NO_SHARE = share_of(0, 0)


@dataclass(frozen=True)
class KpiLine:
    """One KPI: how it is judged now, how it went quarter by quarter, and how this one compares with the last.

    Compared at the same age, as in reports: a quarter that has just begun is set against the first days of the last.
    """

    rating: KpiRating
    quarters: tuple[Share, ...]
    change: Change
    # Whether the contract will hardly ever have the cases that would tell, as its quarters went.
    is_out_of_reach: bool

    @property
    def is_better(self) -> bool | None:
        """Whether the change goes the way the KPI wants; None where it cannot be told from chance."""
        return self.change.rose == (self.rating.kpi.direction == "at_least") if self.change.is_notable else None


@dataclass(frozen=True)
class Month:
    """What was delivered in a month, and how many complaints it brought: so far, where it is not over."""

    month: date
    cases: int
    units: int | None
    per_thousand: float | None
    is_over: bool


@dataclass(frozen=True)
class SilentSite:
    code: str
    name: Any
    last_heard: date | None


@dataclass(frozen=True)
class Correction:
    """A figure that took the place of another about the same days, which stays to be seen."""

    now: Figure
    before: Figure


@dataclass(frozen=True)
class Review:
    """All that the page of a contract is made of; ``period`` is this quarter, ``judged_over`` that of the KPIs."""

    contract: Contract
    period: Period
    judged_over: Period
    as_of: datetime
    quarters: tuple[Period, ...]
    # This quarter, with what it is compared with.
    span: Span
    lines: tuple[KpiLine, ...]
    figures: Figures
    verdicts: dict[str, int]
    judging: Judging
    breaches: tuple[Breach, ...]
    months: tuple[Month, ...]
    silent: tuple[SilentSite, ...]
    actions: tuple[AgreedAction, ...]
    # Code of a KPI → what was corrected of the figures that people entered for it.
    corrections: dict[str, list[Correction]]
    # What came to its sites while no contract was in force there.
    without_contract: Sequence[tuple[Site, int]]


def review_or_404(viewer: Viewer, reference: str, agency: str | None = None) -> Review:
    """The page of a contract that the viewer may see, as it stands now."""
    contract = contract_or_404(viewer, reference, agency)
    as_of = clock.now()
    quarters = quarters_to(as_of, contract.agency.timezone, QUARTERS)
    period = quarters[-1]
    span = Span(period, as_of)
    counted = [count([contract.id], Span(quarter, as_of), days_of)[contract.id] for quarter in quarters]
    measures = [each.measures for each in counted]
    return Review(
        contract=contract,
        period=period,
        judged_over=judged_over(contract, period),
        as_of=as_of,
        quarters=tuple(quarters),
        span=span,
        lines=_lines(contract, span, quarters, measures, counted[-1].measures_before),
        figures=measures[-1].figures,
        verdicts=measures[-1].verdicts,
        judging=judging_in(counted[-1].whole),
        breaches=tuple(breaches_of(viewer, contract.id, as_of, limit=BREACHES)),
        months=_months(contract, quarters, counted, as_of),
        silent=_silent(contract, as_of),
        actions=tuple(actions_of(contract)),
        corrections=_corrections(contract, judged_over(contract, period)),
        without_contract=without_contract(viewer, contract),
    )


def actions_of(contract: Contract) -> Sequence[AgreedAction]:
    """What was agreed: first what is to be done, by its day, then what was done, the latest first."""
    found = db.session.scalars(select(AgreedAction).where(AgreedAction.contract_id == contract.id)).all()
    to_do = sorted((each for each in found if each.done_on is None), key=lambda each: (each.due_on, each.id))
    done = sorted((each for each in found if each.done_on), key=lambda each: (each.done_on, each.id), reverse=True)
    return [*to_do, *done]


@dataclass(frozen=True)
class Step:
    """A step of a verdict on a case of a report: who said what; words without persons."""

    reference: str
    at: datetime
    kind: EventKind
    actor: Actor
    attribution: Attribution | None
    said: str


def steps_of(report: IssuedReport) -> list[Step]:
    """The verdicts on the cases of an issued report and how they came about, up to the moment it was issued.

    What a safeguarding concern hides was left out of the report, and is left out here.
    """
    references = [case["reference"] for case in report.content["cases"]]
    at = report.issued_at or report.as_of
    found = (
        select(Feedback.reference, Event.at, Event.kind, Event.actor, Event.attribution, MessageWords.redacted)
        .join(Event, Event.feedback_id == Feedback.id)
        .outerjoin(MessageWords, MessageWords.event_id == Event.id)
        .where(of_contracts([report.contract_id], at), Event.kind.in_(VERDICT_EVENTS - STAFF_ONLY_EVENTS))
        .where(Event.recorded_at <= at, ~is_hidden(), ~is_before_a_move(until=at))
        .order_by(Feedback.reference, Event.at, Event.id)
    )
    listed = frozenset(references)
    return [
        Step(reference, at, kind, actor, attribution, said or "")
        for reference, at, kind, actor, attribution, said in db.session.execute(found)
        if reference in listed
    ]


def notice_of(report: IssuedReport) -> PerformanceNotice | None:
    return db.session.scalar(select(PerformanceNotice).where(PerformanceNotice.issued_report_id == report.id))


def action_or_404(viewer: Viewer, reference: str, agency: str | None, action_id: int) -> AgreedAction:
    contract = contract_or_404(viewer, reference, agency)
    found = db.session.scalar(
        select(AgreedAction).where(AgreedAction.id == action_id, AgreedAction.contract_id == contract.id)
    )
    return found if found is not None else abort(404)


def entered_kpis(contract: Contract) -> list[Kpi]:
    """The KPIs of a contract whose figures people enter."""
    return [row for row in contract.kpis if row.measure == ENTERED]


def figures_of(contract: Contract) -> Sequence[Figure]:
    """All figures that were entered, the newest first, also those that a later one corrects."""
    found = select(Figure).where(Figure.contract_id == contract.id)
    return db.session.scalars(found.order_by(Figure.entered_at.desc(), Figure.id.desc())).all()


def corrections_among(figures: Sequence[Figure]) -> list[Correction]:
    """Which figures say something else than an earlier one about the same days, of all in the order they are listed."""
    found, later = [], dict[tuple[int, date, date], Figure]()
    for figure in figures:
        days = (figure.kpi_id, figure.starts_on, figure.ends_on)
        now = later.get(days)
        if now is not None and (now.numerator, now.denominator) != (figure.numerator, figure.denominator):
            found.append(Correction(now, figure))
        later[days] = figure
    return found


def _corrections(contract: Contract, over: Period) -> dict[str, list[Correction]]:
    """By the code of the KPI: what was corrected of the figures that a period adds up."""
    codes = {row.id: row.code for row in entered_kpis(contract)}
    found: dict[str, list[Correction]] = {}
    for each in corrections_among(figures_of(contract)) if codes else ():
        if over.start <= each.now.starts_on and each.now.ends_on <= over.end:
            found.setdefault(codes[each.now.kpi_id], []).append(each)
    return found


def file_or_404(viewer: Viewer, reference: str, agency: str | None, figure_id: int) -> tuple[str, bytes]:
    """The file behind a figure: its name and what it holds."""
    contract = contract_or_404(viewer, reference, agency)
    found = db.session.scalar(
        select(Figure)
        .where(Figure.id == figure_id, Figure.contract_id == contract.id, Figure.file_name.is_not(None))
        .options(undefer(Figure.file))
    )
    if found is None or found.file is None or found.file_name is None:
        abort(404)
    return found.file_name, found.file


def _lines(
    contract: Contract, span: Span, quarters: Sequence[Period], measures: Sequence[Measures], before: Measures
) -> tuple[KpiLine, ...]:
    rows = held_in(contract, span.period)
    entered = entered_shares(rows, quarters, span.as_of)
    then = entered_shares(rows, [span.before], span.before_as_of)

    def share_in(row: Kpi, period: Period, of: Measures, figures: Mapping[tuple[int, Period], Share]) -> Share:
        """Nothing of a period that had ended before the KPI was agreed."""
        return rating_of(row, period, of, figures).share if row.holds_on(period.end) else NO_SHARE

    series = [
        tuple(share_in(row, quarter, each, entered) for quarter, each in zip(quarters, measures, strict=True))
        for row in rows
    ]
    shares_before = {row.code: share_in(row, span.before, before, then) for row in rows}
    now = {row.code: shares[-1] for row, shares in zip(rows, series, strict=True)}
    changes = compare({code: (shares_before[code], share) for code, share in now.items()})
    ratings = ratings_of(contract, span.period, measures[-1], span.as_of, days_of)
    last = min(day_of(span.as_of, contract.agency.timezone), contract.ends_on)

    def is_too_much(rating: KpiRating, shares: Sequence[Share]) -> bool:
        """At the pace since the first quarter of which anything is known: before, nothing may have been taken in."""
        began = next((each.start for each, share in zip(quarters, shares, strict=True) if share.denominator), last)
        days = max((last - max(began, contract.starts_on)).days + 1, 1)
        return is_out_of_reach(rating, sum(share.denominator for share in shares), days)

    return tuple(
        KpiLine(rating, shares, change, is_too_much(rating, shares))
        for rating, shares, change in zip(ratings, series, changes, strict=True)
    )


def _months(
    contract: Contract, quarters: Sequence[Period], counted: Sequence[Counts], as_of: datetime
) -> tuple[Month, ...]:
    """The last twelve months up to this one, newest first, from the first on whose volume is known."""
    volumes = volumes_of(contract)
    cases = Counter[date]()
    for quarter, each in zip(quarters, counted, strict=True):
        cases.update(each.cases_by_month(quarter))
    today = day_of(as_of, contract.agency.timezone)
    months = [month for quarter in quarters for month in months_in(quarter) if month <= today][-MONTHS:]
    months = months[next((nth for nth, month in enumerate(months) if month in volumes), len(months)) :]
    return tuple(
        Month(
            month,
            cases.get(month, 0),
            volumes.get(month),
            per_thousand(cases, volumes, [month]).value,
            is_over=month < today.replace(day=1),
        )
        for month in reversed(months)
    )


def _silent(contract: Contract, as_of: datetime) -> tuple[SilentSite, ...]:
    """The sites it serves now from which nothing was heard for long, by code."""
    zone = contract.agency.timezone
    today = day_of(as_of, zone)
    if not contract.starts_on <= today <= contract.ends_on:
        return ()
    served = db.session.scalars(
        select(ContractSite)
        .join(Site, Site.id == ContractSite.site_id)
        .where(ContractSite.contract_id == contract.id, ContractSite.starts_on <= today)
        .where(ContractSite.ends_on.is_(None) | (ContractSite.ends_on >= today))
        .options(selectinload(ContractSite.site))
        .order_by(Site.code_key)
    ).all()
    rows = db.session.execute(
        select(Feedback.site_id, func.max(Feedback.submitted_at))
        .where(Feedback.contract_id == contract.id, counts_at(as_of))
        .group_by(Feedback.site_id)
    )
    heard = {site_id: day_of(at, zone) for site_id, at in rows}
    return tuple(
        SilentSite(placing.site.code, placing.site.name, heard.get(placing.site_id))
        for placing in served
        if is_silent(heard.get(placing.site_id), max(placing.starts_on, contract.starts_on), today)
    )
