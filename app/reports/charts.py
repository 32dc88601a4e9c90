"""The charts of a report: what each shows, the sentence it comes to, and the same numbers as a table.

Nothing here draws: ``drawing`` does, in the worker, from ``Chart.data`` alone.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.measures.kpi_rating import Kpi
from app.reports import definitions, sentences
from app.reports.report import Report
from app.web.filters import day, number, percent, said
from app.web.languages import language
from app.web.texts import gettext as _

STYLE = 1
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
    drawable = (trend(report), kpis(report), response(report), aspects(report))
    return tuple(chart for chart in drawable if chart.rows)


CHARTS = frozenset({"trend", "kpis", "response", "aspects", "funnel"})


def trend(report: Report) -> Chart:
    """Week by week the share answered in time, with its interval, and the target."""
    weeks = [week for week in report.weeks if week.on_time.denominator]
    return Chart(
        name="trend",
        title=_("Answered in time, week by week"),
        sentence=sentences.trend(report),
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
            for week in report.weeks
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
            "target": sentences.target_of(report, "on_time_response_rate"),
            "period": [report.period.start.isoformat(), report.period.end.isoformat()],
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


def aspects(report: Report) -> Chart:
    """What residents talk about, and how it sounds; what is named most stands first."""
    named = [(code, tones) for code, tones in report.tones.items() if tones.negative + tones.neutral + tones.positive]
    named.sort(key=lambda each: -(each[1].negative + each[1].neutral + each[1].positive))
    shares = {str(aspect): figures.negative for aspect, figures in report.measures.aspects.items()}
    return Chart(
        name="aspects",
        title=_("What it is about, and how it sounds"),
        sentence=sentences.aspects(report),
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


def kpi_name(kpi: Kpi) -> str:
    """Its code with what it measures, or the title of what people enter."""
    return f"{kpi.code} {said(kpi.title) or definitions.DEFINITIONS[kpi.measure].name}"


def _moments(report: Report, last: float) -> list[float]:
    """The hours at which the table of the curve is read: the limits, and a few that people think in."""
    usual = {1.0, 4.0, 8.0, 16.0, 24.0, 40.0, 80.0}
    return [hours for hours in sorted({*usual, *report.response_limits}) if hours <= last or hours == min(usual)]


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{percent(low)} – {percent(high)}"
