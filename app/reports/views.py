"""The pages of reports: which contracts there are, one contract and period in numbers, and the cases behind them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from flask import Blueprint, Response, abort, current_app, flash, json, redirect, render_template, request, url_for
from markupsafe import Markup

from app.analysis.wording import private_in
from app.cases.beside_inbox import Line, said_beside_the_inbox
from app.config import Config
from app.directory import queries as directory
from app.directory.models import Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, StaleVersion
from app.kernel.periods import Period, last_whole_week
from app.kernel.words import Role, in_language
from app.reports import actions, as_csv, as_pdf, as_spreadsheet, definitions, queries
from app.reports.as_page import GRAVE_SHOWN, files, link_to_cases, page, report_url
from app.reports.case_list import PAGE_SIZE, case_list
from app.reports.charts import CHARTS, charts_of
from app.reports.forms import CorrectionForm, IssueForm, PeriodForm, Questions, StatementForm
from app.reports.frozen import thaw
from app.reports.issued import MIMETYPES, changed_against_earlier, pdf_of
from app.reports.models import IssuedReport
from app.reports.overview import GatheredOverview
from app.reports.peers import ENOUGH as ENOUGH_PEERS
from app.reports.peers import chart_of, funnel_of
from app.reports.queries import Readers
from app.reports.report import Gathered, Report, for_provider, gather, glance
from app.reports.rules import LONGEST_CHANGE, LONGEST_STATEMENT, ReportState, Step, check_step
from app.reports.spans import spans
from app.reports.topics import ENOUGH, WEEKS_BEFORE, topics_of
from app.web import sheets
from app.web.access import Viewer, allow, viewer
from app.web.filters import moment
from app.web.headers import policy_with_pictures_of
from app.web.languages import language
from app.web.refusals import refuse
from app.web.texts import gettext as _
from app.web.transactions import begin_writing, commits, commits_late

log = structlog.get_logger()
bp = Blueprint("reports", __name__)
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A picture of ours has attributes of style; it can load nothing and do nothing."""

READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)
AGENCY = (Role.VIEWER, Role.OFFICER, Role.MANAGER)
ISSUERS = (Role.MANAGER,)


@bp.get("/reports/<reference>")
@allow(*READERS)
def report(reference: str) -> Any:
    """The report as a page; with the ending of a format behind the reference, as a file of it."""
    reference, kind = _kind_of(reference)
    contract = directory.contract_or_404(viewer(), reference, request.args.get("agency"))
    form = PeriodForm(request.args, contract.agency.timezone)
    valid = form.validate()
    if not valid and kind != "page":
        refuse(400, next(iter(form.errors.values()))[0])
    asked = form.to_questions() if valid else form.to_default()
    made = _gathered(contract, asked).report if kind in LISTING else _glanced(contract, asked)
    if kind != "page":
        return FILES[kind](made, contract)
    settings: Config = current_app.config["CONFIG"]
    charts = charts_of(made)
    drawn = queries.drawn_sizes(_readers(contract), {chart.mark for chart in charts})
    kept: dict[str, Any] = {"agency": contract.agency.slug}
    places = queries.positions(contract.agency_id, [site.code for site in made.sites])
    shown = render_template(
        "reports/report.html",
        **page(made, link_to_cases(made), frozenset(mark for mark, _size in drawn), charts),
        files=files(made),
        topics_url=report_url(made, "reports.topics"),
        peers_url=report_url(made, "reports.peers") if _has_peers(contract) else None,
        may_draft=viewer().role in ISSUERS,
        case_link=case_links([*(each.reference for each in made.grave[:GRAVE_SHOWN]), *made.disputed[:GRAVE_SHOWN]]),
        provider=contract.provider.slug,
        form=form,
        action=url_for("reports.report", reference=contract.reference),
        kept=kept,
        spans=spans([contract], contract.agency.timezone, clock.now()),
        span_url=lambda span: url_for(
            "reports.report", reference=contract.reference, **kept, start=span.start, end=span.end
        ),
        places=places,
        tiles=settings.map_tiles,
        credit=settings.map_credit,
    )
    # Tiles come from elsewhere: pages with a map alone may load them.
    headers = {"Content-Security-Policy": policy_with_pictures_of(settings.map_host)} if settings.map_tiles else {}
    return shown, 200 if valid else 422, headers if places else {}


@bp.get("/reports/<reference>/cases")
@allow(*READERS)
def cases(reference: str) -> Any:
    """The feedback behind one number of a report."""
    contract = directory.contract_or_404(viewer(), reference, request.args.get("agency"))
    form = PeriodForm(request.args, contract.agency.timezone)
    if not form.validate():
        refuse(400, next(iter(form.errors.values()))[0])
    gathered = _gathered(contract, form.to_questions())
    return cases_page(
        gathered,
        partial(report_url, gathered.report, "reports.cases"),
        scope="reports/scope.html",
        agency_name=gathered.report.scope.agency_name,
        back=report_url(gathered.report),
    )


@bp.get("/reports/<reference>/topics")
@allow(*READERS)
def topics(reference: str) -> Any:
    """What residents began to talk about in the last whole week of the period."""
    contract = directory.contract_or_404(viewer(), reference, request.args.get("agency"))
    form = PeriodForm(request.args, contract.agency.timezone)
    if not form.validate():
        refuse(400, next(iter(form.errors.values()))[0])
    asked = form.to_questions()
    week = last_whole_week(asked.end, asked.as_of or clock.now(), contract.agency.timezone)
    first = week.since - timedelta(weeks=WEEKS_BEFORE)
    now = queries.topic_texts(viewer(), contract.id, week.since, week.until)
    enough = len(now) >= ENOUGH
    before = queries.topic_texts(viewer(), contract.id, first, week.since) if enough else []
    return render_template(
        "reports/topics.html",
        contract=contract,
        week=week,
        found=topics_of(now, before) if enough else (),
        texts=len(now),
        enough=ENOUGH,
        weeks_before=WEEKS_BEFORE,
        back=url_for(
            "reports.report", reference=reference, agency=contract.agency.slug, start=asked.start, end=asked.end
        ),
    )


@bp.get("/reports/<reference>/peers")
@allow(*AGENCY)
def peers(reference: str) -> Any:
    """The contract among those about the same service: a funnel and its table, no rank. Only for the agency."""
    contract = _contract(reference)
    form = PeriodForm(request.args, contract.agency.timezone)
    if not form.validate():
        refuse(400, next(iter(form.errors.values()))[0])
    made = _glanced(contract, form.to_questions())
    funnel = funnel_of(contract, made.period, made.as_of)
    chart = chart_of(funnel, contract.reference) if funnel else None
    drawn = queries.drawn_sizes(_readers(contract), {chart.mark}) if chart else ()
    return render_template(
        "reports/peers.html",
        **page(made, link_to_cases(made), frozenset(mark for mark, _size in drawn), [chart] if chart else []),
        peers=list(zip(funnel.peers, chart.rows, strict=True)) if funnel and chart else [],
        enough=ENOUGH_PEERS,
        charts_of="peers",
        back=report_url(made),
    )


@bp.get("/reports/<reference>/charts/<name>.svg")
@allow(*READERS)
def chart(reference: str, name: str) -> Any:
    """A chart as a picture, known by the mark of its data; an empty answer while it is not drawn."""
    return picture_answer(_readers(_contract(reference)), name)


@bp.post("/reports/<reference>/charts")
@allow(*READERS)
@commits
def draw(reference: str) -> Any:
    """Have the charts of a report drawn: asked for by the page's script, or by a person who has none."""
    contract = _contract(reference)
    of = "peers" if request.form.get("of") == "peers" else "report"
    back = partial(url_for, f"reports.{of}", reference=reference, agency=contract.agency.slug)
    return have_drawn(_readers(contract), contract.agency.timezone, of, back)


def _readers(contract: Contract) -> Readers:
    return Readers(contract.agency_id, contract_id=contract.id)


def picture_answer(readers: Readers, name: str) -> Any:
    if name not in CHARTS:
        abort(404)
    svg = queries.picture(readers, request.args.get("mark", ""), request.args.get("size", "wide"))
    if svg is None:
        return Response(status=202, headers={"Retry-After": "2"}, mimetype="image/svg+xml")
    # Other data have another mark, so that this one may be kept; by the reader's own browser only.
    kept = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Security-Policy": PICTURE_POLICY}
    return Response(svg, mimetype="image/svg+xml", headers=kept)


def have_drawn(readers: Readers, timezone: str, of: str, back: Callable[..., str]) -> Any:
    form = PeriodForm(request.form, timezone)
    if not form.validate():
        refuse(400, next(iter(form.errors.values()))[0])
    questions = form.to_questions()
    period = Period(questions.start, questions.end, timezone)
    asked = actions.Asked(period, questions.as_of or clock.now(), language(), of)
    actions.promise_charts(readers, asked)
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return "", 204, {"Content-Type": "text/plain"}
    flash(_("The charts are being drawn. Load the page again in a few seconds."), "success")
    return redirect(back(start=period.start, end=period.end, as_of=asked.as_of.isoformat()), 303)


def cases_page(gathered: Gathered | GatheredOverview, address: Callable[..., str], **more: Any) -> Any:
    """The list behind a number that the address asks for; ``address`` makes those of its other pages."""
    asked = request.args.to_dict()
    listed = case_list(viewer(), gathered, asked)
    if listed is None:
        abort(404)
    kept = {name: asked[name] for name in ("of", "part", "site", "clause", "validated") if asked.get(name)}

    def at(number: int) -> str:
        return address(**kept, page=number)

    return render_template(
        "reports/cases.html",
        report=gathered.report,
        listed=listed,
        newer=at(listed.page - 1) if listed.page > 1 else None,
        older=at(listed.page + 1) if listed.page * PAGE_SIZE < listed.total else None,
        **more,
    )


def _gathered(contract: Contract, asked: Questions) -> Gathered:
    """A report as the viewer may see it, and what it was counted from."""
    made = gather(contract, start=asked.start, end=asked.end, as_of=asked.as_of)
    return replace(made, report=_as_seen(made.report))


def _glanced(contract: Contract, asked: Questions) -> Report:
    """A report as the viewer may see it, for what lists no cases but those it tells one by one."""
    return _as_seen(glance(contract, start=asked.start, end=asked.end, as_of=asked.as_of))


def _as_seen(made: Report) -> Report:
    return made if viewer().provider_id is None else for_provider(made)


def case_links(references: list[str]) -> Any:
    """Makes a reference a link where the viewer may open the page behind it."""
    open_to_us = queries.visible(viewer(), references)

    def link(reference: str) -> Any:
        if reference not in open_to_us:
            return reference
        url = url_for("cases.case", reference=reference)
        return Markup('<a class="govuk-link" href="{}">{}</a>').format(url, reference)

    return link


def _json(made: Report, _contract: Contract) -> Response:
    return Response(json.dumps(made.to_json(), ensure_ascii=False, indent=1), mimetype="application/json")


def _csv(made: Report, _contract: Contract) -> Response:
    # The first sign tells spreadsheets that it is UTF-8.
    return _file(("\ufeff" + as_csv.render(made)).encode(), made, "csv", "text/csv")


def _spreadsheet(made: Report, _contract: Contract) -> Response:
    texts = queries.texts(viewer(), [case.reference for case in made.cases])
    return _file(as_spreadsheet.render(made, texts), made, "xlsx", sheets.MIMETYPE)


def _pdf(made: Report, contract: Contract) -> Response:
    drawn = queries.pictures(_readers(contract), [chart.mark for chart in charts_of(made)])
    db.session.rollback()  # nothing is held while it is being made
    try:
        return _file(as_pdf.render(made, drawn), made, "pdf", as_pdf.MIMETYPE)
    except as_pdf.CannotBeSet as error:
        log.error("pdf not made", why=str(error))
        abort(503)


LISTING = frozenset({"xlsx"})
"""The formats that list all cases."""

FILES = {"json": _json, "csv": _csv, "xlsx": _spreadsheet, "pdf": _pdf}


def _file(body: bytes, made: Report, kind: str, mimetype: str) -> Response:
    return named(body, f"{made.scope.contract}-{made.period.start}-{made.period.end}.{kind}", mimetype)


def named(body: bytes, name: str, mimetype: str) -> Response:
    return Response(body, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{_plain(name)}"'})


def _kind_of(reference: str) -> tuple[str, str]:
    for kind in FILES:
        if reference.endswith(f".{kind}"):
            return reference.removesuffix(f".{kind}"), kind
    return reference, "page"


def _plain(name: str) -> str:
    """A file name that a header can carry."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in name)


@bp.get("/reports/<reference>/issued")
@allow(*READERS)
def issued(reference: str) -> Any:
    """The reports of a contract that were issued, or are on their way to it."""
    contract = _contract(reference)
    return render_template(
        "reports/issued.html",
        contract=contract,
        reports=queries.issued_of(viewer(), contract.id),
        states=_states(contract),
    )


@bp.post("/reports/<reference>/issued")
@allow(*ISSUERS)
@commits_late
def draft(reference: str) -> Any:
    """Freeze the report of the period asked for, as a draft."""
    contract = _contract(reference)
    form = PeriodForm(request.form, contract.agency.timezone)
    if not form.validate():
        refuse(400, next(iter(form.errors.values()))[0])
    made = _gathered(contract, form.to_questions()).report
    begin_writing()
    kept = actions.draft(_contract(reference), made, member_id=viewer().member_id)
    flash(_("The draft is frozen. Send it to the provider for its statement."), "success")
    return redirect(_issued_url(kept), 303)


@said_beside_the_inbox
def statements_waiting(who: Viewer) -> list[Line]:
    """Of each draft that waits for the word of a provider, for its staff: which, and until when."""
    if who.role != Role.STAFF:
        return []
    return [
        (
            _(
                "A draft report waits for your statement until %(at)s: %(contract)s",
                at=moment(each.statement_due_at, each.contract.agency.timezone),
                contract=in_language(each.contract.title, language()),
            ),
            url_for(
                "reports.issued_report",
                reference=each.contract.reference,
                agency=each.contract.agency.slug,
                report_id=each.id,
            ),
        )
        for each in queries.waiting_for_statement(who)
    ]


@bp.get("/reports/<reference>/issued/<int:report_id>")
@allow(*READERS)
def issued_report(reference: str, report_id: int) -> Any:
    return _show(queries.issued_or_404(viewer(), _contract(reference).id, report_id))


@bp.get("/reports/<reference>/issued/<int:report_id>.<kind>")
@allow(*READERS)
def issued_file(reference: str, report_id: int, kind: str) -> Any:
    """A file of an issued report, as it was made for good; of a draft its PDF, made now."""
    report = queries.issued_or_404(viewer(), _contract(reference).id, report_id)
    if kind not in MIMETYPES:
        abort(404)
    kept = queries.issued_file(report.id, kind, language())
    name = f"{report.contract.reference}-{report.number or 'draft'}.{kind}"
    if kept is not None:
        return named(kept.body, name, MIMETYPES[kind])
    if kind != "pdf" or report.state == ReportState.ISSUED:
        abort(404)
    try:
        return named(pdf_of(report, thaw(report.content)), name, MIMETYPES[kind])
    except as_pdf.CannotBeSet as error:
        log.error("pdf not made", why=str(error))
        abort(503)


@bp.post("/reports/<reference>/issued/<int:report_id>/send")
@allow(*ISSUERS)
@commits
def send(reference: str, report_id: int) -> Any:
    """Ask the provider for its statement; where nobody of it signs in, its time begins all the same."""
    can_ask = queries.can_be_asked(_contract(reference))
    done = (
        _("The provider was asked for its statement.")
        if can_ask
        else _("Nobody could be told by us: nobody of this provider signs in. Send it the PDF of the draft yourself.")
    )
    return _step(reference, report_id, actions.send, done)


@bp.post("/reports/<reference>/issued/<int:report_id>/issue")
@allow(*ISSUERS)
@commits
def issue(reference: str, report_id: int) -> Any:
    form = IssueForm(request.form)

    def deed(report: IssuedReport, version: int) -> None:
        actions.issue(report, form.agency_statement.data, member_id=viewer().member_id, version=version)

    if form.validate():
        return _step(
            reference, report_id, deed, _("The report is issued. Its files are ready in a moment."), issue=form
        )
    return _show(queries.issued_or_404(viewer(), _contract(reference).id, report_id), issue=form), 422


@bp.post("/reports/<reference>/issued/<int:report_id>/discard")
@allow(*ISSUERS)
@commits
def discard(reference: str, report_id: int) -> Any:
    return _step(reference, report_id, actions.discard, _("The draft was discarded."))


@bp.post("/reports/<reference>/issued/<int:report_id>/statement")
@allow(Role.STAFF)
@commits
def state(reference: str, report_id: int) -> Any:
    """What the provider says to the draft."""
    form = StatementForm(request.form)

    def deed(report: IssuedReport, version: int) -> None:
        actions.state(report, form.statement.data, member_id=viewer().member_id, version=version)

    if form.validate():
        return _step(reference, report_id, deed, _("Your statement will stand in the report."), statement=form)
    report = queries.issued_or_404(viewer(), _contract(reference).id, report_id)
    return _show(report, statement=form), 422


@bp.post("/reports/<reference>/issued/<int:report_id>/correct")
@allow(*ISSUERS)
@commits_late
def correct(reference: str, report_id: int) -> Any:
    """Draft a report of the same period as it stands now, that corrects an issued one."""
    old = queries.issued_or_404(viewer(), _contract(reference).id, report_id)
    form = CorrectionForm(request.form)
    if not form.validate():
        return _show(old, correction=form), 422
    asked = Questions(old.starts_on, old.ends_on, None)
    made = _gathered(old.contract, asked).report
    begin_writing()
    contract = _contract(reference)
    old = queries.issued_or_404(viewer(), contract.id, report_id)
    try:
        new = actions.draft(
            contract, made, member_id=viewer().member_id, corrects=old, what_changed=form.what_changed.data
        )
    except MoveNotAllowed:
        flash(_("This cannot be done to the report as it stands now."), "error")
        return _show(old, correction=form), 409
    flash(_("The correction is drafted. Send it to the provider for its statement."), "success")
    return redirect(_issued_url(new), 303)


def _step(reference: str, report_id: int, deed: Callable[..., None], done: str, **forms: Any) -> Any:
    """Do one thing to a report on its way, unless it moved on since the page was opened."""
    report = queries.issued_or_404(viewer(), _contract(reference).id, report_id)
    version = request.form.get("version", "")
    try:
        deed(report, version=int(version) if version.isdigit() else -1)
    except StaleVersion:
        if queries.last_to_act(report_id) == viewer().member_id:
            flash(_("This report was changed meanwhile, by you in another window. Look again."), "error")
        else:
            flash(_("Somebody else has done something to this report. Look again."), "error")
    except MoveNotAllowed:
        flash(_("This cannot be done to the report as it stands now."), "error")
    else:
        flash(done, "success")
        return redirect(_issued_url(report), 303)
    db.session.rollback()
    return _show(queries.issued_or_404(viewer(), _contract(reference).id, report_id), **forms), 409


def _show(
    report: IssuedReport,
    statement: StatementForm | None = None,
    correction: CorrectionForm | None = None,
    issue: IssueForm | None = None,
) -> Any:
    frozen = thaw(report.content)
    who = viewer()
    made_files = {(file.kind, file.language) for file in report.files}
    return render_template(
        "reports/issued_report.html",
        issued=report,
        contract=report.contract,
        states=_states(report.contract),
        can_ask=queries.can_be_asked(report.contract),
        statement=statement or StatementForm(data={"statement": report.statement or ""}),
        correction=correction or CorrectionForm(),
        issue=issue or IssueForm(),
        changed=changed_against_earlier(report),
        corrected_by=queries.correction_of(who, report),
        may=_may_do(report),
        is_provider=who.provider_id is not None,
        longest_statement=LONGEST_STATEMENT,
        named=private_in(report.statement) if report.statement and report.state != ReportState.ISSUED else [],
        longest_change=LONGEST_CHANGE,
        case_link=case_links([*frozen.disputed, *(each.reference for each in frozen.grave[:GRAVE_SHOWN])]),
        file_kinds=[kind for kind in MIMETYPES if any(kind == made for made, _language in made_files)],
        **page(frozen, link_to_cases(frozen)),
    )


def _states(contract: Contract) -> dict[str, Any]:
    """The states of a report in words: nothing is with a provider of whom nobody signs in."""
    if queries.can_be_asked(contract):
        return definitions.STATES
    return definitions.STATES | {ReportState.WITH_PROVIDER: _("Time for the statement; nobody could be told by us")}


def _has_peers(contract: Contract) -> bool:
    """Whether the viewer may see it among others of the same service, and there are enough of them."""
    return viewer().provider_id is None and len(queries.peers(contract)) >= ENOUGH_PEERS


def _may_do(report: IssuedReport) -> frozenset[str]:
    """The steps that the viewer may take now."""
    who = viewer()
    own = (
        {Step.STATE}
        if who.role == Role.STAFF
        else {Step.SEND, Step.ISSUE, Step.DISCARD}
        if who.role in ISSUERS
        else set()
    )
    found = set()
    for step in own:
        with suppress(MoveNotAllowed):
            check_step(
                report.state,
                step,
                has_statement=report.statement is not None,
                due_at=report.statement_due_at,
                now=clock.now(),
            )
            found.add(str(step))
    if who.role in ISSUERS and report.state == ReportState.ISSUED:
        found.add("correct")
    return frozenset(found)


def _contract(reference: str) -> Contract:
    return directory.contract_or_404(viewer(), reference, request.args.get("agency"))


def _issued_url(report: IssuedReport) -> str:
    return url_for(
        "reports.issued_report",
        reference=report.contract.reference,
        report_id=report.id,
        agency=report.contract.agency.slug,
    )
