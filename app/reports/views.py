"""The pages of reports: which contracts there are, and one contract and period in numbers."""

from typing import Any

from flask import Blueprint, Response, json, render_template, request

from app.directory import queries as directory
from app.kernel.words import Role
from app.reports import as_csv
from app.reports.as_page import page
from app.reports.forms import PeriodForm
from app.reports.report import build
from app.web.access import allow, viewer
from app.web.refusals import refuse

bp = Blueprint("reports", __name__)
READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)


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
        refuse(400, next(iter(form.errors.values()))[0])
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


def _kind_of(reference: str) -> tuple[str, str]:
    for kind in ("json", "csv"):
        if reference.endswith(f".{kind}"):
            return reference.removesuffix(f".{kind}"), kind
    return reference, "page"


def _plain(name: str) -> str:
    """A file name that a header can carry."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in name)
