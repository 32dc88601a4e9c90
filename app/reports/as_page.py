"""What the page of a report shows, in its order: is it all right, what changed, where, why, which cases."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from markupsafe import Markup, escape

from app.analysis.wording import agreement_words
from app.kernel.periods import Period
from app.kernel.words import Basis, Channel
from app.measures.membership import COUNTED, Part
from app.reports import answer_words, definitions, overview_sentences, sentences
from app.reports.charts import Chart, charts_of, most_named, overview_charts_of
from app.reports.overview import COUNTS as SUMMED_COUNTS
from app.reports.overview import SUMMED, Overview
from app.reports.report import Report

HEADLINES = ("on_time_response_rate", "response_rate", "on_time_resolution_rate", "resolution_rate", "reopen_rate")
# Never alone among these is what residents confirmed: it is one bar with what was claimed.
OTHER_SHARES = ("rejected_rate", "service_satisfaction", "handling_satisfaction", "negative_share")
TIMES = ("response_hours", "resolution_hours", "provider_response_hours")
COUNTS = ("received", "cases", "open", "overdue", "unhappy_without_case", "duplicates", "withdrawn")
GRAVE_SHOWN = 20
FILES = (("PDF", "pdf"), ("Excel", "xlsx"), ("CSV", "csv"), ("JSON", "json"))

OPENED = frozenset(COUNTED) | {"grave", "disputed"} | {f"channel-{channel}" for channel in Channel}
"""What opens the feedback behind it: every number, the two lists, and how it came."""

Link = Callable[..., Any]
Urls = Callable[..., str]


def page(
    report: Report,
    link: Link | None = None,
    pictures: Collection[str] | None = None,
    charts: Iterable[Chart] | None = None,
) -> dict[str, Any]:
    """The names that the report's template uses.

    ``link(text, of, part, over, as_of, contract, **more)`` makes a number open the cases behind it, of the report's own
    days, moment and contract if nothing else is said; without one it is the text alone.
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
        "answer_words": answer_words,
        "charts": by_name,
        "pictures": pictures,
        "are_missing": pictures is not None and any(chart.mark not in pictures for chart in by_name.values()),
        # Neither days nor moment: the mark says which data, and the same picture has the same address tomorrow.
        "picture_url": lambda chart, size: url_for(
            "reports.chart",
            reference=report.scope.contract,
            agency=report.scope.agency,
            name=chart.name,
            mark=chart.mark,
            size=size,
        ),
        "link": link or (lambda text, *_asked, **_more: text),
        "days_of_week": lambda week: Period(
            week.start, min(week.start + timedelta(days=6), report.period.end), report.period.timezone
        ),
        "what_was_compared": what_was_compared,
        "only": lambda kpi: {"validated": "yes"} if kpi.basis == Basis.VALIDATED else {},
        "named_aspects": most_named(report.tones),
        "aspect_names": definitions.ASPECTS,
        "draw_url": url_for("reports.draw", reference=report.scope.contract, agency=report.scope.agency),
        "has_feedback": report.figures.received.value > 0,
    }


def overview_page(
    overview: Overview,
    link: Link | None = None,
    pictures: Collection[str] | None = None,
    charts: Iterable[Chart] | None = None,
    urls: Urls | None = None,
) -> dict[str, Any]:
    """The names that the template of an overview uses; see ``page``.

    ``urls`` makes the addresses of contracts and their reports; without it they are plain text.
    """
    by_name = {chart.name: chart for chart in (overview_charts_of(overview) if charts is None else charts)}
    return {
        "overview": overview,
        "report": overview,
        "definitions": definitions.DEFINITIONS,
        "grave_names": definitions.GRAVE,
        "outcome_names": definitions.OUTCOMES,
        "counts": SUMMED_COUNTS,
        "shares": [key for key in SUMMED if key != "confirmed_rate"],
        "grave_shown": GRAVE_SHOWN,
        "sentences": sentences,
        "overview_sentences": overview_sentences,
        "charts": by_name,
        "pictures": pictures,
        "are_missing": pictures is not None and any(chart.mark not in pictures for chart in by_name.values()),
        "picture_url": lambda chart, size: url_for(
            "overviews.chart",
            agency=overview.scope.agency,
            provider=overview.scope.provider,
            name=chart.name,
            mark=chart.mark,
            size=size,
        ),
        "link": link or (lambda text, *_asked, **_more: text),
        "draw_url": overview_url(overview, "overviews.draw"),
        "has_feedback": overview.counts["received"] > 0,
        "urls": urls,
    }


def link_to_all_cases(overview: Overview) -> Link:
    """Makes a number open what stands behind it: of one contract (``contract``) or of all."""

    @cache
    def address(contract: str) -> str:
        if contract:
            return contract_url(overview, contract, "reports.cases")
        return overview_url(overview, "overviews.cases")

    def link(text: object, of: str, part: Part | str = Part.ALL, contract: str = "", **more: str) -> Markup:
        return _opening(address(contract), text, of, part, **more) if of in OPENED else escape(text)

    return link


OPENS, NAMED, CLOSES = Markup('<a class="govuk-link govuk-link--no-visited-state" href="'), Markup('">'), Markup("</a>")


def _opening(address: str, text: object, of: str, part: Part | str, **more: str) -> Markup:
    """A link to what stands behind a number; ``address`` is made once for all numbers of a page, there are hundreds."""
    # Added up, which escapes what is no markup: to format so many takes a tenth of a page's time.
    return OPENS + f"{address}&{_asked(of, str(part), *more.items())}" + NAMED + escape(text) + CLOSES


@lru_cache(maxsize=512)
def _asked(of: str, part: str, *more: tuple[str, str]) -> str:
    """The part of an address that says which number of the page is asked about."""
    return urlencode({"of": of, "part": part, **dict(more)})


def overview_url(overview: Overview, endpoint: str = "overviews.index", **more: Any) -> str:
    """A page or file about the same contracts, period and moment."""
    return url_for(
        endpoint,
        agency=overview.scope.agency,
        provider=overview.scope.provider,
        start=overview.period.start.isoformat(),
        end=overview.period.end.isoformat(),
        as_of=overview.as_of.isoformat(),
        **more,
    )


def contract_url(overview: Overview, reference: str, endpoint: str = "reports.report", **more: Any) -> str:
    """A page about one contract of an overview, of the same period and moment."""
    return url_for(
        endpoint,
        reference=reference,
        agency=overview.scope.agency,
        start=overview.period.start.isoformat(),
        end=overview.period.end.isoformat(),
        as_of=overview.as_of.isoformat(),
        **more,
    )


def overview_files(overview: Overview) -> list[tuple[str, str]]:
    """The same overview as a file: name of the format and address."""
    return [(name, overview_url(overview, "overviews.file", kind=kind)) for name, kind in FILES]


def link_to_cases(report: Report) -> Link:
    """Makes a number of this report open what stands behind it, as of the report's own moment."""

    @cache
    def address(period: Period, as_of: datetime, contract: str) -> str:
        return url_for(
            "reports.cases",
            reference=contract,
            agency=report.scope.agency,
            start=period.start.isoformat(),
            end=period.end.isoformat(),
            as_of=as_of.isoformat(),
        )

    def link(
        text: object,
        of: str,
        part: Part | str = Part.ALL,
        *,
        over: Period = report.period,
        as_of: datetime = report.as_of,
        contract: str = report.scope.contract,
        **more: str,
    ) -> Markup:
        return _opening(address(over, as_of, contract), text, of, part, **more) if of in OPENED else escape(text)

    return link


def what_was_compared(key: str) -> dict[str, str]:
    """What opens a share that was compared: the measure, and of which site or clause."""
    kind, _colon, code = key.partition(":")
    if not code:
        return {"of": key}
    return {"of": f"aspect-{code}"} if kind == "aspect" else {"of": "on_time_response_rate", kind: code}


def report_url(report: Report, endpoint: str = "reports.report", kind: str = "", **more: Any) -> str:
    """A page or file about the same contract, moment and, unless ``more`` says others, days."""
    days = {"start": report.period.start.isoformat(), "end": report.period.end.isoformat()}
    return url_for(
        endpoint,
        reference=report.scope.contract + (f".{kind}" if kind else ""),
        agency=report.scope.agency,
        as_of=report.as_of.isoformat(),
        **(days | more),
    )


def files(report: Report) -> list[tuple[str, str]]:
    """The same report as a file: name of the format and address."""
    return [(name, report_url(report, kind=kind)) for name, kind in FILES]
