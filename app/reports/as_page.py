"""What the page of a report shows, in its order: is it all right, what changed, where, why, which cases."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from app.analysis.wording import agreement_words
from app.measures.membership import COUNTED, Part
from app.reports import definitions, sentences
from app.reports.charts import Chart, charts_of
from app.reports.report import Report

HEADLINES = ("on_time_response_rate", "response_rate", "on_time_resolution_rate", "resolution_rate", "reopen_rate")
# Never alone among these is what residents confirmed: it is one bar with what was claimed.
OTHER_SHARES = ("rejected_rate", "service_satisfaction", "handling_satisfaction", "negative_share")
TIMES = ("response_hours", "resolution_hours", "provider_response_hours")
COUNTS = ("received", "cases", "open", "overdue", "unhappy_without_case", "duplicates", "withdrawn")
GRAVE_SHOWN = 20
FILES = (("PDF", "pdf"), ("Excel", "xlsx"), ("CSV", "csv"), ("JSON", "json"))

OPENED = frozenset(COUNTED) | {"grave", "disputed"}
"""What opens the cases behind it: every number, and the two lists."""

Link = Callable[..., Any]


def page(
    report: Report,
    link: Link | None = None,
    pictures: Collection[str] | None = None,
    charts: Iterable[Chart] | None = None,
) -> dict[str, Any]:
    """The names that the report's template uses.

    ``link(text, of, part, **more)`` makes a number open the cases behind it; without one it is the text alone.
    ``pictures`` are the marks of charts that are drawn; without it none are shown. ``charts`` are those of the page;
    by default the report's own.
    """
    by_name = {chart.name: chart for chart in (charts_of(report) if charts is None else charts)}
    return {
        "report": report,
        "figures": report.figures,
        "validated": report.measures.validated,
        "definitions": definitions.DEFINITIONS,
        "rating_names": definitions.RATINGS,
        "target_verdicts": definitions.TARGET_VERDICTS,
        "verdict_names": definitions.VERDICTS,
        "grave_names": definitions.GRAVE,
        "outcome_names": definitions.OUTCOMES,
        "headlines": HEADLINES,
        "other_shares": OTHER_SHARES,
        "times": TIMES,
        "counts": COUNTS,
        "grave_shown": GRAVE_SHOWN,
        "sentences": sentences,
        "agreement_words": agreement_words,
        "charts": by_name,
        "pictures": pictures,
        "are_missing": pictures is not None and any(chart.mark not in pictures for chart in by_name.values()),
        "picture_url": lambda chart, size: report_url(
            report, "reports.chart", name=chart.name, mark=chart.mark, size=size
        ),
        "link": link or (lambda text, *_asked, **_more: text),
    }


def link_to_cases(report: Report) -> Link:
    """Makes a number of this report open what stands behind it, as of the report's own moment."""

    def link(text: object, of: str, part: Part | str = Part.ALL, **more: str) -> Markup:
        if of not in OPENED:
            return escape(text)
        url = report_url(report, "reports.cases", of=of, part=str(part), **more)
        return Markup('<a class="govuk-link govuk-link--no-visited-state" href="{}">{}</a>').format(url, text)

    return link


def report_url(report: Report, endpoint: str = "reports.report", kind: str = "", **more: Any) -> str:
    """A page or file about the same contract, period and moment."""
    return url_for(
        endpoint,
        reference=report.scope.contract + (f".{kind}" if kind else ""),
        agency=report.scope.agency,
        start=report.period.start.isoformat(),
        end=report.period.end.isoformat(),
        as_of=report.as_of.isoformat(),
        **more,
    )


def files(report: Report) -> list[tuple[str, str]]:
    """The same report as a file: name of the format and address."""
    return [(name, report_url(report, kind=kind)) for name, kind in FILES]
