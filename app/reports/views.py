"""The pages of reports: which contracts there are, and one contract and period in numbers."""

from typing import Any

from flask import Blueprint, Response, abort, json, render_template, request, url_for
from flask_babel import gettext as _

from app.directory import queries as directory
from app.kernel.words import Role
from app.reports import as_csv, definitions
from app.reports.forms import PeriodForm
from app.reports.report import Report, build
from app.web.access import allow, viewer

bp = Blueprint("reports", __name__)
READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)

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


@bp.get("/reports")
@allow(*READERS)
def index() -> Any:
    return render_template("reports/index.html", contracts=directory.contracts_for(viewer()))


@bp.get("/reports/<reference>")
@allow(*READERS)
def report(reference: str) -> Any:
    """The report as a page; with ``.json`` or ``.csv`` behind the reference, as that."""
    reference, kind = _kind_of(reference)
    contract = directory.contract_or_404(viewer(), reference, request.args.get("agency"))
    form = PeriodForm(request.args, contract.agency.timezone)
    valid = form.validate()
    if not valid and kind != "page":
        abort(400, next(iter(form.errors.values()))[0])
    asked = form.to_questions() if valid else form.to_default()
    made = build(contract, start=asked.start, end=asked.end, as_of=asked.as_of)
    if kind == "json":
        return Response(json.dumps(made.to_json(), ensure_ascii=False, indent=1), mimetype="application/json")
    if kind == "csv":
        name = f"{contract.reference}-{asked.start}-{asked.end}.csv"
        return Response(
            "﻿" + as_csv.render(made),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{_plain(name)}"'},
        )
    return render_template("reports/report.html", **page(made), form=form), 200 if valid else 422


def page(report: Report) -> dict[str, Any]:
    """What the report's template shows, in its order: is it all right, what is open, how long, what about, whose."""
    scope = {"reference": report.contract.reference, "agency": report.agency.slug}
    dates = {"start": report.period.start, "end": report.period.end}
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
        "files": [
            (name, url_for("reports.report", **scope | dates | {"reference": f"{report.contract.reference}.{kind}"}))
            for name, kind in (("JSON", "json"), ("CSV", "csv"))
        ],
    }


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


def _kind_of(reference: str) -> tuple[str, str]:
    for kind in ("json", "csv"):
        if reference.endswith(f".{kind}"):
            return reference.removesuffix(f".{kind}"), kind
    return reference, "page"


def _plain(name: str) -> str:
    """A file name that a header can carry."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in name)
