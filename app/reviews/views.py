"""The page of a contract, and the doors for what is agreed and entered there."""

from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.utils import secure_filename

from app.directory import queries as directory
from app.directory.aspects import ASPECTS
from app.directory.models import Contract
from app.directory.views import state_of
from app.directory.wording import MEASURES
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.periods import day_of
from app.kernel.words import ActionStep, Holder, Role
from app.reports import definitions, sentences
from app.reports import queries as reports
from app.reports.models import IssuedReport
from app.reports.rules import ReportState
from app.reviews import actions, forms, queries
from app.reviews import pack as packs
from app.reviews.forms import ReviewForm
from app.reviews.rules import LONGEST_WHAT, needs_notice, steps_for
from app.web.access import allow, viewer
from app.web.filters import day, month, number
from app.web.languages import language
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("reviews", __name__)

READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)
OFFICERS = (Role.OFFICER, Role.MANAGER)
SPEAKERS = (*OFFICERS, Role.STAFF)
PACKERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER)

SAID_NOW: dict[ActionStep, Any] = {
    ActionStep.NOTED: _l("Your note is written down; both sides read it."),
    ActionStep.SAID_DONE: _l("You said that it is done. The agency accepts it, or says what is missing."),
    ActionStep.MISSING: _l("The provider reads what is missing."),
    ActionStep.ACCEPTED: _l("It is marked as done."),
}

F = TypeVar("F", bound=ReviewForm)


@bp.get("/contracts/<reference>")
@allow(*READERS)
def contract(reference: str) -> Any:
    """The thing to open in a review."""
    return _show(reference)


@bp.post("/contracts/<reference>/actions")
@allow(*OFFICERS)
@commits
def agree_on(reference: str) -> Any:
    found = _contract(reference)
    form = forms.AgreeForm(request.form, today=_today(found))
    if not form.validate():
        return _show(reference, form), 422
    actions.agree_on(
        found,
        form.what.data,
        side=Holder(form.side.data),
        who=form.who.data,
        due_on=form.due_on.data,
        member_id=_member(),
    )
    return _back(found, _("What was agreed is written down."), "actions")


@bp.post("/contracts/<reference>/actions/<int:action_id>")
@allow(*SPEAKERS)
@commits
def say(reference: str, action_id: int) -> Any:
    """Say something about what was agreed, as the side the viewer is of."""
    found = _contract(reference)
    agreed = queries.action_or_404(viewer(), reference, request.args.get("agency"), action_id)
    step = ActionStep(request.form["step"]) if request.form.get("step") in list(ActionStep) else abort(400)
    form = forms.SayForm(agreed.id, request.form, step=step)
    if not form.validate():
        return _show(reference, form), 422
    try:
        actions.say(
            agreed, step, form.said.data, found.agency.timezone, side=_side(), member_id=_member(), name=_written_name()
        )
    except MoveNotAllowed:
        flash(_("Nothing was changed: look at what was said about this action in the meantime."), "error")
        return _show(reference, form), 409
    return _back(found, SAID_NOW[step], "actions")


@bp.post("/contracts/<reference>/volume")
@allow(*OFFICERS)
@commits
def deliver(reference: str) -> Any:
    found = _contract(reference)
    form = forms.DeliverForm(request.form, today=_today(found))
    if not form.validate() or form.read_month is None:
        return _show(reference, form), 422
    units = form.units.data
    before = actions.deliver(found, form.read_month, units)
    said = {"month": month(form.read_month), "units": number(units), "before": number(before)}
    if before is None:
        done = _("Written down for %(month)s: %(units)s units.", **said)
    elif before == units:
        done = _("Nothing changes for %(month)s: %(units)s units were written down already.", **said)
    else:
        done = _("Corrected for %(month)s: %(before)s units become %(units)s.", **said)
    return _back(found, done, "volume")


@bp.get("/contracts/<reference>/figures")
@allow(*READERS)
def figures(reference: str) -> Any:
    """Figures from inspections and returns: all that were entered, and the form to enter one."""
    return _figures(_contract(reference), forms.FigureForm())


@bp.post("/contracts/<reference>/figures")
@allow(*OFFICERS)
@commits
def enter(reference: str) -> Any:
    found = _contract(reference)
    kpis = queries.entered_kpis(found)
    form = forms.FigureForm(CombinedMultiDict([request.files, request.form]), today=_today(found))
    form.offer(kpis, language(), _today(found))
    if form.validate():
        kpi = next(row for row in kpis if str(row.id) == form.kpi.data)
        try:
            actions.enter(found, kpi, form.to_new_figure(), member_id=_member(), name=_name())
            flash(_("The figure was entered."), "success")
            return redirect(url_for("reviews.figures", reference=reference, agency=found.agency.slug), 303)
        except actions.DaysOverlap as error:
            message = _(
                "There are figures from %(start)s to %(end)s already. Enter the same days to correct them.",
                start=day(error.starts_on),
                end=day(error.ends_on),
            )
            form.form_errors.append(message)
    return _figures(found, form), 422


@bp.get("/contracts/<reference>/figures/<int:figure_id>/file")
@allow(*READERS)
def file(reference: str, figure_id: int) -> Any:
    """The file behind a figure, to be kept and opened elsewhere: never as a page of ours."""
    name, content = queries.file_or_404(viewer(), reference, request.args.get("agency"), figure_id)
    return Response(
        content,
        mimetype="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


@bp.get("/contracts/<reference>/packs/<int:report_id>")
@allow(*PACKERS)
def pack(reference: str, report_id: int) -> Any:
    """The evidence pack of an issued report: what is in it, what is missing, and the file once it is made."""
    return _pack(_issued(reference, report_id))


@bp.post("/contracts/<reference>/packs/<int:report_id>")
@allow(*OFFICERS)
@commits
def prepare_pack(reference: str, report_id: int) -> Any:
    found = _issued(reference, report_id)
    try:
        actions.prepare_pack(found)
    except MoveNotAllowed:
        flash(_("It cannot be made yet: the report's files or the signed notice are missing."), "error")
        return _pack(found), 409
    flash(_("The evidence pack is made."), "success")
    return redirect(_pack_url(found), 303)


@bp.post("/contracts/<reference>/packs/<int:report_id>/notice")
@allow(*OFFICERS)
@commits
def sign(reference: str, report_id: int) -> Any:
    """Rate the KPIs and sign the notice of contract performance."""
    found = _issued(reference, report_id)
    kpis = found.content["report"]["kpis"]
    form = forms.notice_form(kpis, request.form)
    if not form.validate():
        return _pack(found, form), 422
    try:
        actions.sign_notice(found, forms.ratings_from(form, kpis), form.name.data, member_id=_member())
    except MoveNotAllowed:
        flash(_("The notice is signed already."), "error")
        return _pack(found), 409
    flash(_("The notice is signed."), "success")
    return redirect(_pack_url(found), 303)


@bp.get("/contracts/<reference>/packs/<int:report_id>.zip")
@allow(*PACKERS)
def pack_file(reference: str, report_id: int) -> Any:
    found = _issued(reference, report_id)
    kept = reports.issued_file(found.id, packs.KIND, packs.LANGUAGE)
    if kept is None:
        abort(404)
    name = secure_filename(f"{reference}-report-{found.number}-evidence.zip") or "evidence.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(kept.body, mimetype=packs.MIMETYPE, headers=headers)


def _issued(reference: str, report_id: int) -> IssuedReport:
    found = reports.issued_or_404(viewer(), _contract(reference).id, report_id)
    return found if found.state == ReportState.ISSUED else abort(404)


def _pack_url(found: IssuedReport) -> str:
    contract = found.contract
    return url_for("reviews.pack", reference=contract.reference, report_id=found.id, agency=contract.agency.slug)


def _pack(found: IssuedReport, form: forms.NoticeForm | None = None) -> str:
    contract = found.contract
    notice = queries.notice_of(found)
    kpis = found.content["report"]["kpis"]
    return render_template(
        "reviews/pack.html",
        contract=contract,
        issued=found,
        kpis=kpis,
        needs_notice=needs_notice(contract.value, contract.currency, is_light_touch=contract.is_light_touch),
        notice=notice,
        notice_text=packs.notice_text(found, notice) if notice else "",
        has_files=any(file.kind != packs.KIND for file in found.files),
        is_made=reports.issued_file(found.id, packs.KIND, packs.LANGUAGE) is not None,
        form=form or forms.notice_form(kpis, data={"name": _name()}),
        rating_names=definitions.RATINGS,
        longest_why=LONGEST_WHAT,
        may_write=viewer().role in OFFICERS,
    )


def _figures(found: Contract, form: forms.FigureForm) -> str:
    kpis = queries.entered_kpis(found)
    form.offer(kpis, language(), _today(found))
    figures = queries.figures_of(found)
    return render_template(
        "reviews/figures.html",
        contract=found,
        kpis={row.id: row for row in kpis},
        figures=figures,
        corrections=queries.corrections_among(figures),
        form=form,
        sources=forms.SOURCES,
        may_enter=viewer().role in OFFICERS and bool(kpis),
    )


def _show(reference: str, sent: ReviewForm | None = None) -> str:
    review = queries.review_or_404(viewer(), reference, request.args.get("agency"))
    found = review.contract
    side = _side()
    sayings = [forms.SayForm(agreed.id) for agreed in review.actions]
    made: dict[str, ReviewForm] = {form.action: form for form in (forms.AgreeForm(), forms.DeliverForm(), *sayings)}
    if sent is not None:
        made[sent.action] = sent
    return render_template(
        "reviews/contract.html",
        review=review,
        contract=found,
        placings=directory.placings_of_contract(found),
        state=state_of(found),
        today=day_of(review.as_of, found.agency.timezone),
        measures=MEASURES,
        aspects=ASPECTS,
        definitions=definitions.DEFINITIONS,
        sentences=sentences,
        verdict_names=definitions.VERDICTS,
        last_words=definitions.OUTCOMES,
        sides=forms.SIDES,
        saying=forms.SAYING,
        said=forms.SAID,
        steps={
            agreed.id: steps_for(
                side, agreed.side, is_done=agreed.done_on is not None, is_said_done=agreed.said_done is not None
            )
            for agreed in review.actions
        },
        longest_what=LONGEST_WHAT,
        may_speak=viewer().role in SPEAKERS,
        forms=made,
        sent=sent,
        form=sent,
        has_entered=bool(queries.entered_kpis(found)),
        is_agency=viewer().agency_id is not None,
        may_write=viewer().role in OFFICERS,
        may_change=viewer().role == Role.MANAGER,
    )


def _today(found: Contract) -> date:
    return day_of(clock.now(), found.agency.timezone)


def _contract(reference: str) -> Contract:
    return directory.contract_or_404(viewer(), reference, request.args.get("agency"))


def _back(found: Contract, done: str, part: str) -> Any:
    flash(done, "success")
    address = url_for("reviews.contract", reference=found.reference, agency=found.agency.slug, _anchor=part)
    return redirect(address, 303)


def _side() -> Holder:
    return Holder.AGENCY if viewer().agency_id is not None else Holder.PROVIDER


def _written_name() -> str:
    """As the other side may read it: their name, never their address."""
    member = getattr(viewer(), "member", None)
    return member.name if member else ""


def _member() -> int:
    member_id = viewer().member_id
    return member_id if member_id is not None else abort(403)


def _name() -> str:
    member = getattr(viewer(), "member", None)
    return (member.name or member.email) if member else ""
