"""The charts of a report: what each shows, the sentence it comes to, and the same numbers as a table.

Nothing here draws: ``drawing`` does, in the worker, from ``Chart.data`` alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.periods import Period
from app.kernel.shares import share_of
from app.measures.kpi_rating import Kpi
from app.reports import definitions, overview_sentences, sentences
from app.reports.overview import Overview
from app.reports.report import Report, Tones, Week
from app.web.filters import day, number, percent, said
from app.web.languages import language
from app.web.texts import gettext as _

STYLE = 2
"""Raised when charts are to look different, so that none of the old is shown."""

SIZES = ("wide", "narrow")
"""For a desk and for a phone."""

MOST_STEPS = 240
"""A curve with more steps than pixels shows nothing more."""

Column = tuple[str, str]


@dataclass(frozen=True)
class Chart:
    """A chart as its readers meet it: sentence, table, and behind ``mark`` a picture, once it is drawn.

    ``reading`` says what its lines and marks mean.
    """

    name: str
    title: str
    sentence: str
    reading: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    data: dict[str, Any]

    @property
    def mark(self) -> str:
        """The hash of all that is drawn: the same data, texts and style are the same picture."""
        drawn = json.dumps([STYLE, self.name, self.data], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(drawn.encode()).hexdigest()[:32]

    @property
    def alt(self) -> str:
        """What the picture says, for those who do not see it."""
        return f"{self.title}. {self.sentence}"


def charts_of(report: Report) -> tuple[Chart, ...]:
    """The charts of a report's page in the language of the reader; those that have nothing to show are left out."""
    target = sentences.target_of(report, "on_time_response_rate")
    drawable = (
        trend(report.weeks, report.period, target),
        kpis(report),
        response(report),
        aspects(report.tones),
        clauses(report),
    )
    return tuple(chart for chart in drawable if chart.rows)


CHARTS = frozenset({"trend", "kpis", "response", "aspects", "funnel", "contracts", "clauses"})


def trend(all_weeks: Sequence[Week], period: Period, target: float | None) -> Chart:
    """Week by week the share answered in time, with its interval, and the target."""
    weeks = [week for week in all_weeks if week.on_time.denominator]
    return Chart(
        name="trend",
        title=_("Answered in time, week by week"),
        sentence=sentences.trend(all_weeks, target),
        reading=_(
            "Band: the interval (95 %). Hollow: cases of that week are not yet due. Shaded: the period of the report."
        ),
        columns=[
            (_("Week of"), "text"),
            (_("Feedback"), "numeric"),
            (_("Cases"), "numeric"),
            (_("Answered in time"), "numeric"),
            (_("Interval (95 %)"), "numeric"),
            (_("Not yet due"), "numeric"),
        ],
        rows=[
            [
                day(week.start),
                week.received,
                week.cases,
                sentences.share(week.on_time) if week.on_time.denominator else "–",
                _interval(week.on_time.low, week.on_time.high),
                week.undecided,
            ]
            for week in all_weeks
        ]
        if weeks
        else [],
        data={
            "language": language(),
            "weeks": [
                {
                    "week": week.start.isoformat(),
                    "value": week.on_time.value,
                    "low": week.on_time.low,
                    "high": week.on_time.high,
                    "provisional": week.undecided > 0,
                }
                for week in weeks
            ],
            "target": target,
            "period": [period.start.isoformat(), period.end.isoformat()],
            "texts": {"value": _("Answered in time"), "target": _("Target"), "period": _("Period of the report")},
        },
    )


def response(report: Report) -> Chart:
    """How many have not been answered after so many working hours; open cases counted as long as they have waited."""
    curve = report.curve
    steps = [(0.0, 1.0), *curve.steps]
    thin = max(1, len(steps) // MOST_STEPS)
    last = max([hours for hours, _share in steps] + list(curve.cut_off))
    kept = [step for nth, step in enumerate(steps) if nth % thin == 0 or nth == len(steps) - 1]
    if kept[-1][0] < last:
        kept.append((float(round(last)), kept[-1][1]))
    moments = _moments(report, last)
    return Chart(
        name="response",
        title=_("Time to the first response"),
        sentence=sentences.response_curve(report),
        reading=_("Strokes on the line: cases that still wait or were cut off. Dashed: limits of the contract."),
        columns=[(_("After working hours"), "text"), (_("Still unanswered"), "numeric")],
        rows=[[number(hours), percent(round(curve.remaining_at(hours), 3))] for hours in moments]
        if report.figures.response_hours.n
        else [],
        data={
            "language": language(),
            "steps": [{"hours": round(hours, 2), "share": round(share, 4)} for hours, share in kept],
            # Whole hours, or an open case would make another picture every minute.
            "cut_off": [
                {"hours": hours, "share": round(curve.remaining_at(hours), 4)}
                for hours in sorted({float(round(hours)) for hours in curve.cut_off})
            ],
            "limits": list(report.response_limits),
            "texts": {
                "hours": _("Working hours since the complaint"),
                "share": _("Still unanswered"),
                "limit": _("Limit"),
                "cut_off": _("A case that still waits or was cut off"),
            },
        },
    )


def aspects(found: Mapping[str, Tones]) -> Chart:
    """What residents talk about, and how it sounds; what is named most stands first."""
    named = most_named(found)
    shares = {code: share_of(tones.negative, tones.mentions) for code, tones in named}
    return Chart(
        name="aspects",
        title=_("What it is about, and how it sounds"),
        sentence=sentences.aspects(found),
        reading=_("Each bar is all feedback that names the aspect; one feedback can name several."),
        columns=[
            (_("Aspect"), "text"),
            *((str(name), "numeric") for name in definitions.TONES.values()),
            (_("Negative"), "numeric"),
            (_("Interval (95 %)"), "numeric"),
        ],
        rows=[
            [
                str(definitions.ASPECTS[code]),
                tones.negative,
                tones.neutral,
                tones.positive,
                percent(shares[code].value),
                _interval(shares[code].low, shares[code].high),
            ]
            for code, tones in named
        ],
        data={
            "language": language(),
            "rows": [
                {"aspect": str(definitions.ASPECTS[code]), "tone": str(name), "n": getattr(tones, tone)}
                for code, tones in named
                for tone, name in definitions.TONES.items()
            ],
            "tones": [str(name) for name in definitions.TONES.values()],
            "texts": {"n": _("Mentions")},
        },
    )


def most_named(found: Mapping[str, Tones]) -> list[tuple[str, Tones]]:
    """The aspects that are named at all, the most named first."""
    named = [(code, tones) for code, tones in found.items() if tones.mentions]
    return sorted(named, key=lambda each: -each[1].mentions)


def kpis(report: Report) -> Chart:
    """Each KPI's value with its interval beside its target."""
    judged = [rating for rating in report.ratings if rating.share.value is not None]
    return Chart(
        name="kpis",
        title=_("KPIs against their targets"),
        sentence=sentences.kpis(report),
        reading=_("Point and band: the value with its interval (95 %). Stroke: the target."),
        columns=[
            (_("KPI"), "text"),
            (_("Value"), "numeric"),
            (_("Interval (95 %)"), "numeric"),
            (_("Target"), "numeric"),
        ],
        rows=[
            [
                kpi_name(rating.kpi),
                sentences.share(rating.share),
                _interval(rating.share.low, rating.share.high),
                percent(rating.kpi.target),
            ]
            for rating in judged
        ],
        data={
            "language": language(),
            "rows": [
                {
                    "kpi": kpi_name(rating.kpi),
                    "value": rating.share.value,
                    "low": rating.share.low,
                    "high": rating.share.high,
                    "target": rating.kpi.target,
                }
                for rating in judged
            ],
            "texts": {"target": _("Target"), "value": _("Value")},
        },
    )


def clauses(report: Report) -> Chart:
    """Each clause by each KPI that is about cases: a field for each, with its rating."""
    found = report.clause_kpis
    kpis_of = [rating.kpi for rating in found[0].ratings] if found else []
    return Chart(
        name="clauses",
        title=_("Clauses by the KPIs of the contract"),
        sentence=sentences.clauses(found),
        reading=_("Each field: the rating of the cases about a clause, with its share."),
        columns=[(_("Clause"), "text"), *((kpi_name(kpi), "text") for kpi in kpis_of)],
        rows=[
            [
                f"{each.code} {said(each.name)}",
                *(
                    f"{definitions.RATINGS[str(rating.rating)]}: {sentences.share(rating.share)}"
                    for rating in each.ratings
                ),
            ]
            for each in found
        ]
        if kpis_of
        else [],
        data={
            "language": language(),
            "rows": [
                {
                    "clause": f"{each.code} {said(each.name)}",
                    "kpi": kpi_name(rating.kpi),
                    "rating": str(definitions.RATINGS[str(rating.rating)]),
                    "is_dark": str(rating.rating) in ("Good", "Inadequate"),
                    "share": sentences.whole(rating.share.value),
                }
                for each in found
                for rating in each.ratings
            ],
            "ratings": [str(name) for name in definitions.RATINGS.values()],
            "texts": {},
        },
    )


def overview_charts_of(overview: Overview) -> tuple[Chart, ...]:
    """The charts of an overview, like those of one contract."""
    drawable = (
        contracts(overview),
        trend(overview.weeks, overview.period, overview.target),
        aspects(overview.tones),
    )
    return tuple(chart for chart in drawable if chart.rows)


def contracts(overview: Overview) -> Chart:
    """Each contract's share answered in time with its interval, beside its own target; in the order of the table."""
    decided = [line for line in overview.lines if line.on_time.value is not None]
    return Chart(
        name="contracts",
        title=_("Answered in time, contract by contract"),
        sentence=overview_sentences.contracts(overview),
        reading=_("Point and band: the value with its interval (95 %). Stroke: the target, where there is one."),
        columns=[
            (_("Contract"), "text"),
            (_("Answered in time"), "numeric"),
            (_("Interval (95 %)"), "numeric"),
            (_("Target"), "numeric"),
        ],
        rows=[
            [
                f"{line.reference} {said(line.title)}",
                sentences.share(line.on_time),
                _interval(line.on_time.low, line.on_time.high),
                percent(line.target),
            ]
            for line in decided
        ],
        data={
            "language": language(),
            "rows": [
                {
                    "kpi": f"{line.reference} {said(line.service)}",
                    "value": line.on_time.value,
                    "low": line.on_time.low,
                    "high": line.on_time.high,
                    "target": line.target,
                }
                for line in decided
            ],
            "texts": {"target": _("Target"), "value": _("Answered in time")},
        },
    )


def kpi_name(kpi: Kpi) -> str:
    """Its code with what it measures, or the title of what people enter."""
    return f"{kpi.code} {said(kpi.title) or definitions.DEFINITIONS[kpi.measure].name}"


def _moments(report: Report, last: float) -> list[float]:
    """The hours at which the table of the curve is read: the limits, and a few that people think in."""
    usual = {1.0, 4.0, 8.0, 16.0, 24.0, 40.0, 80.0}
    return [hours for hours in sorted({*usual, *report.response_limits}) if hours <= last or hours == min(usual)]


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{percent(low)} – {percent(high)}"
