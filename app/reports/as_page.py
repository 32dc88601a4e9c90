"""What the page of a report shows, in its order: is it all right, what is open, how long, what about, whose."""

from typing import Any

from flask import url_for

from app.reports import definitions
from app.reports.report import Report
from app.web.texts import gettext as _

HEADLINES = ("on_time_response_rate", "response_rate", "on_time_resolution_rate", "resolution_rate", "reopen_rate")
OTHER_SHARES = (
    "confirmed_rate",
    "rejected_rate",
    "service_satisfaction",
    "handling_satisfaction",
    "negative_share",
)
TIMES = ("response_hours", "resolution_hours", "provider_response_hours")
COUNTS = ("received", "cases", "open", "overdue", "unhappy_without_case", "duplicates", "withdrawn")


def page(report: Report) -> dict[str, Any]:
    """The names that the report's template uses."""
    return {
        "report": report,
        "figures": report.measures.figures,
        "validated": report.measures.validated,
        "definitions": definitions.DEFINITIONS,
        "aspect_names": definitions.ASPECTS,
        "rating_names": definitions.RATINGS,
        "target_verdicts": definitions.TARGET_VERDICTS,
        "verdict_names": definitions.VERDICTS,
        "headlines": HEADLINES,
        "other_shares": OTHER_SHARES,
        "times": TIMES,
        "counts": COUNTS,
        "summary": summary(report),
        "files": [(name, file_url(report, kind)) for name, kind in (("JSON", "json"), ("CSV", "csv"))],
    }


def file_url(report: Report, kind: str) -> str:
    """Where the same report is, as a file of that kind."""
    return url_for(
        "reports.report",
        reference=f"{report.contract.reference}.{kind}",
        agency=report.agency.slug,
        start=report.period.start,
        end=report.period.end,
    )


def summary(report: Report) -> str:
    """The answer to "is it all right?", in one sentence that says how much it rests on."""
    share = report.measures.figures.on_time_response_rate
    if share.value is None:
        return _("Nothing in this period has reached its limit yet, so nothing can be judged.")
    missed = [rating.kpi.code for rating in report.ratings if rating.target_verdict == "missed"]
    text = _(
        "%(on_time)d of %(decided)d cases were answered in time; %(open)d are open, %(overdue)d of them overdue.",
        on_time=share.numerator,
        decided=share.denominator,
        open=report.measures.figures.open.value,
        overdue=report.measures.figures.overdue.value,
    )
    if missed:
        return text + " " + _("Missed beyond doubt: %(codes)s.", codes=", ".join(missed))
    if report.ratings:
        return text + " " + _("No target is missed beyond doubt.")
    return text
