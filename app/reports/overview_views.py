"""The pages of several contracts: all of an agency, or of one provider; live, and as they were issued."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from flask import Blueprint, Response, abort, flash, json, redirect, render_template, request, url_for

from app.directory.models import Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.periods import Period
from app.measures.rollup import Source, days_in_brief, no_days
from app.reports import actions, as_csv, as_pdf, as_spreadsheet, issued_overview, queries
from app.reports.as_page import (
    GRAVE_SHOWN,
    contract_url,
    link_to_all_cases,
    overview_files,
    overview_page,
    overview_url,
)
from app.reports.charts import overview_charts_of
from app.reports.forms import CorrectionForm, PeriodForm, Questions
from app.reports.issued import MIMETYPES
from app.reports.models import IssuedOverview
from app.reports.overview import GatheredOverview, Overview, for_provider, gather_overview
from app.reports.peers import ENOUGH as ENOUGH_PEERS
from app.reports.rules import LONGEST_CHANGE
from app.reports.spans import spans
from app.reports.views import ISSUERS, LISTING, READERS, case_links, cases_page, have_drawn, named, picture_answer
from app.web.access import allow, viewer
from app.web.filters import said
from app.web.languages import language
from app.web.refusals import refuse
from app.web.texts import gettext as _
from app.web.transactions import begin_writing, commits, commits_late

log = structlog.get_logger()
bp = Blueprint("overviews", __name__)


@bp.get("/reports")
@allow(*READERS)
def index() -> Any:
    """The report of all contracts of the agency, or of one provider's: each in a line, on the way to its own."""
    asked = queries.asked_or_404(viewer(), request.args.get("agency") or None, request.args.get("provider") or None)
    if asked is None:
        return render_template("reports/index.html", overview=None)
    form = PeriodForm(request.args, asked.agency.timezone)
    valid = form.validate()
    contracts = queries.contracts_told(asked.agency.id, asked.readers.provider_id)
    questions = form.to_questions() if valid else form.to_default()
    made = _gathered_overview(asked, questions, days_in_brief, contracts).report
    charts = overview_charts_of(made)
    drawn = queries.drawn_sizes(asked.readers, {chart.mark for chart in charts})
    kept = _kept(asked)
    label, others = _other_overviews(asked, made)
    who = viewer()
    earlier = queries.overviews_of(who, asked)
    return render_template(
        "reports/index.html",
        **overview_page(
            made,
            link_to_all_cases(made),
            frozenset(mark for mark, _size in drawn),
            charts,
            partial(contract_url, made),
        ),
        files=overview_files(made),
        others_label=label,
        others=others,
        peers=_peers(made) if who.provider_id is None else [],
        is_provider=who.provider_id is not None,
        case_link=case_links(
            [*(each.reference for _contract, each in made.grave[:GRAVE_SHOWN]), *made.disputed[:GRAVE_SHOWN]]
        ),
        form=form,
        action=url_for("overviews.index"),
        kept=kept,
        spans=spans(contracts, asked.agency.timezone, clock.now()),
        span_url=lambda span: url_for("overviews.index", **kept, start=span.start, end=span.end),
        issued=earlier,
        may_issue=who.role in ISSUERS,
        missing=issued_overview.missing(made),
        corrects=_same_days(earlier, made.period),
        correction=CorrectionForm(),
        longest_change=LONGEST_CHANGE,
    ), 200 if valid else 422


@bp.get("/reports.<kind>")
@allow(*READERS)
def file(kind: str) -> Any:
    """The same as a file."""
    if kind not in OVERVIEW_FILES:
        abort(404)
    asked = _asked()
    made = _gathered_overview(asked, _questions(asked), no_days if kind in LISTING else days_in_brief).report
    return OVERVIEW_FILES[kind](made, asked)


@bp.get("/reports/-/cases")
@allow(*READERS)
def cases() -> Any:
    """The feedback behind one number of an overview."""
    asked = _asked()
    gathered = _gathered_overview(asked, _questions(asked), no_days)
    return cases_page(
        gathered,
        partial(overview_url, gathered.report, "overviews.cases"),
        scope="reports/overview_scope.html",
        agency_name=gathered.report.scope.agency_name,
        back=overview_url(gathered.report),
        overview=gathered.report,
    )


@bp.get("/reports/-/charts/<name>.svg")
@allow(*READERS)
def chart(name: str) -> Any:
    """A chart of an overview as a picture; see ``chart``."""
    return picture_answer(_asked().readers, name)


@bp.post("/reports/-/charts")
@allow(*READERS)
@commits
def draw() -> Any:
    """Have the charts of an overview drawn; see ``draw``."""
    asked = _asked()
    return have_drawn(
        asked.readers, asked.agency.timezone, "overview", partial(url_for, "overviews.index", **_kept(asked))
    )


def _asked() -> queries.ContractsOf:
    """Whose contracts the address asks about; 404 where there are none."""
    asked = queries.asked_or_404(viewer(), request.args.get("agency") or None, request.args.get("provider") or None)
    return asked if asked is not None else abort(404)


def _questions(asked: queries.ContractsOf) -> Questions:
    form = PeriodForm(request.args, asked.agency.timezone)
    if not form.validate():
        refuse(400, next(iter(form.errors.values()))[0])
    return form.to_questions()


def _kept(asked: queries.ContractsOf) -> dict[str, Any]:
    return {"agency": asked.agency.slug, "provider": asked.provider.slug if asked.provider else None}


def _gathered_overview(
    asked: queries.ContractsOf, questions: Questions, source: Source, contracts: Sequence[Contract] | None = None
) -> GatheredOverview:
    """An overview as the viewer may see it; of its cases all only where all is counted from the events."""
    made = gather_overview(
        asked.agency,
        contracts or queries.contracts_told(asked.agency.id, asked.readers.provider_id),
        provider=asked.provider,
        start=questions.start,
        end=questions.end,
        as_of=questions.as_of,
        source=source,
    )
    return made if viewer().provider_id is None else for_provider(made)


def _other_overviews(asked: queries.ContractsOf, made: Overview) -> tuple[str, list[tuple[str, str]]]:
    """Where else to look: an agency at its providers one by one, a provider at its other agencies."""
    days: dict[str, Any] = {"start": made.period.start, "end": made.period.end}
    who = viewer()
    if who.provider_id is not None:
        agencies = [each for each in queries.agencies_of(who) if each.id != asked.agency.id]
        links = [(said(each.name), url_for("overviews.index", agency=each.slug, **days)) for each in agencies]
        return _("Contracts with other agencies:"), links
    if asked.provider is not None:
        return _("More:"), [(_("All contracts of the agency"), url_for("overviews.index", **days))]
    providers = queries.providers_of(who, asked.agency.id)
    links = [(said(each.name), url_for("overviews.index", provider=each.slug, **days)) for each in providers]
    return _("By provider:"), links


def _peers(made: Overview) -> list[tuple[Any, str]]:
    """The services that enough contracts deliver for a funnel, and where it is."""
    found: dict[str, list[Any]] = {}
    for line in made.lines:
        found.setdefault(json.dumps(line.service), []).append(line)
    return [
        (lines[0].service, contract_url(made, lines[0].reference, "reports.peers"))
        for lines in found.values()
        if len(lines) >= ENOUGH_PEERS
    ]


def _overview_json(made: Overview, _asked: queries.ContractsOf) -> Response:
    return Response(json.dumps(made.to_json(), ensure_ascii=False, indent=1), mimetype="application/json")


def _overview_csv(made: Overview, _asked: queries.ContractsOf) -> Response:
    return _overview_as(("\ufeff" + as_csv.render_overview(made)).encode(), made, "csv", "text/csv")


def _overview_spreadsheet(made: Overview, _asked: queries.ContractsOf) -> Response:
    texts = queries.texts(viewer(), [case.reference for _contract, case in made.cases])
    return _overview_as(as_spreadsheet.render_overview(made, texts), made, "xlsx", MIMETYPES["xlsx"])


def _overview_pdf(made: Overview, asked: queries.ContractsOf) -> Response:
    drawn = queries.pictures(asked.readers, [chart.mark for chart in overview_charts_of(made)])
    db.session.rollback()  # nothing is held while it is being made
    try:
        return _overview_as(as_pdf.render_overview(made, drawn), made, "pdf", as_pdf.MIMETYPE)
    except as_pdf.CannotBeSet as error:
        log.error("pdf not made", why=str(error))
        abort(503)


OVERVIEW_FILES = {"json": _overview_json, "csv": _overview_csv, "xlsx": _overview_spreadsheet, "pdf": _overview_pdf}


def _overview_as(body: bytes, made: Overview, kind: str, mimetype: str) -> Response:
    whose = made.scope.provider or made.scope.agency
    return named(body, f"{whose}-{made.period.start}-{made.period.end}.{kind}", mimetype)


@bp.post("/reports/-/issued")
@allow(*ISSUERS)
@commits_late
def issue() -> Any:
    """Put together what was issued of each contract about the days asked for, number and seal it."""
    asked = _asked()
    form = PeriodForm(request.form, asked.agency.timezone)
    if not form.validate():
        refuse(400, next(iter(form.errors.values()))[0])
    days = form.to_questions()
    # What is issued by now counts, whatever moment the page was of.
    live = _gathered_overview(asked, Questions(days.start, days.end, None), no_days).report
    begin_writing()
    asked = _asked()
    corrects = _same_days(queries.overviews_of(viewer(), asked), live.period)
    correction = CorrectionForm(request.form)
    reports = queries.reports_about(viewer(), asked, live.period)
    lacking = issued_overview.missing(live)
    if lacking or not reports:
        refuse(409, _("Issue the reports of these contracts first: %(codes)s.", codes=", ".join(lacking) or "–"))
    if corrects is not None and not correction.validate():
        named = correction.in_public if correction.is_meant.errors else []
        refuse(422, " ".join([next(iter(correction.errors.values()))[0], *named]))
    made = issued_overview.put_together_from(reports, live.period, asked.agency, asked.provider)
    kept = actions.issue_overview(
        asked,
        made,
        issued_overview.content_of(made, reports),
        member_id=viewer().member_id,
        corrects=corrects,
        what_changed=correction.what_changed.data,
    )
    flash(_("The report is issued. Its files are ready in a moment."), "success")
    return redirect(url_for("overviews.issued", overview_id=kept.id), 303)


@bp.get("/reports/-/issued/<int:overview_id>")
@allow(*READERS)
def issued(overview_id: int) -> Any:
    found = queries.overview_or_404(viewer(), overview_id)
    made = issued_overview.overview_of(found)
    made_files = {file.kind for file in found.files}
    return render_template(
        "reports/issued_overview.html",
        **overview_page(made),
        issued=found,
        reports=issued_overview.reports_of(found),
        changed=issued_overview.changed_against_earlier(found),
        is_provider=viewer().provider_id is not None,
        file_kinds=[kind for kind in MIMETYPES if kind in made_files],
        back=url_for("overviews.index", agency=found.agency.slug, provider=found.provider and found.provider.slug),
    )


@bp.get("/reports/-/issued/<int:overview_id>.<kind>")
@allow(*READERS)
def issued_file(overview_id: int, kind: str) -> Any:
    """A file of an issued report of several contracts, as it was made for good."""
    found = queries.overview_or_404(viewer(), overview_id)
    kept = queries.overview_file(found.id, kind, language()) if kind in MIMETYPES else None
    if kept is None:
        abort(404)
    whose = found.provider.slug if found.provider else found.agency.slug
    return named(kept.body, f"{whose}-{found.number}.{kind}", MIMETYPES[kind])


def _same_days(earlier: Sequence[IssuedOverview], period: Period) -> IssuedOverview | None:
    """The latest of them about exactly these days: what is issued about the same days once more corrects it."""
    return next((each for each in earlier if (each.starts_on, each.ends_on) == (period.start, period.end)), None)
