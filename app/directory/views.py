"""Contracts and sites as pages, and the directory from a file."""

import hashlib
import json
from datetime import date
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.config import ROOT
from app.directory import actions, exporting, queries, wording
from app.directory.actions import Changes
from app.directory.forms import CalendarForm, DirectoryForm, KpiForm, LimitsForm, SettingsForm, TermsForm, need_to_know
from app.directory.models import Agency, Clause, Contract
from app.directory.rules import ENTERED
from app.directory.setting_up import lived
from app.directory.wording import MEASURES
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import ImportRefused
from app.kernel.periods import day_of
from app.kernel.words import Role
from app.web.access import allow, viewer
from app.web.texts import translated
from app.web.transactions import commits

bp = Blueprint("directory", __name__)

READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)
IMPORTING = (Role.MANAGER, Role.ADMINISTRATOR)
SHOWN = 200
"""So many problems or changes of a file fit on a page."""

# Whose holidays can be chosen on the page; a directory file may name any that the library knows.
COUNTRIES = {
    "": _l("No national holidays"),
    "CN": _l("China, with the days worked in exchange"),
    "HK": _l("Hong Kong"),
    "SG": _l("Singapore"),
    "GB-ENG": _l("England"),
    "GB-SCT": _l("Scotland"),
    "GB-WLS": _l("Wales"),
    "GB-NIR": _l("Northern Ireland"),
    "IE": _l("Ireland"),
    "DE": _l("Germany"),
    "FR": _l("France"),
    "NL": _l("Netherlands"),
    "US": _l("United States"),
    "CA": _l("Canada"),
    "AU": _l("Australia"),
}
WHAT = {
    "agency": _l("Agency"),
    "provider": _l("Provider"),
    "contract": _l("Contract"),
    "clause": _l("Clause"),
    "clause_target": _l("Limits of a clause from a day on"),
    "kpi": _l("KPI"),
    "kpi_target": _l("Target of a KPI from a day on"),
    "kpi_name": _l("Name of a KPI from a day on"),
    "volume": _l("Units delivered in a month"),
    "site": _l("Site"),
    "contract_site": _l("Contract at a site"),
}


@bp.get("/contracts")
@allow(*READERS)
def contracts() -> Any:
    may_set = viewer().role == Role.MANAGER
    today = day_of(clock.now(), queries.agency_of(viewer()).timezone) if may_set else None
    return render_template(
        "directory/contracts.html",
        contracts=queries.contracts_for(viewer()),
        may_import=viewer().role in IMPORTING,
        may_set=may_set,
        unserved=queries.served_by_nobody(viewer(), today) if today else (),
        has_sites=viewer().agency_id is not None,
        state_of=state_of,
    )


@bp.get("/sites/<code>")
@allow(*READERS)
def site(code: str) -> Any:
    found = queries.site_or_404(viewer(), code)
    today = day_of(clock.now(), found.agency.timezone)
    return render_template(
        "directory/site.html",
        site=found,
        may_change=viewer().role == Role.MANAGER,
        placings=queries.placings_of_site(viewer(), found),
        contracts=[each for each in queries.contracts_for(viewer()) if each.ends_on >= today],
        today=today,
    )


@bp.route("/directory/import", methods=["GET", "POST"])
@allow(*IMPORTING)
@commits
def import_directory() -> Any:
    """Choose a file, see what it will change, confirm. What was seen is what is done, or it is shown again."""
    who = viewer()
    form = DirectoryForm()
    problems: list[str] = []
    if form.validate_on_submit():
        try:
            changes = actions.preview(form.data_read, only_agency=_own(who))
            is_seen = form.is_confirmed and form.seen.data == mark_of(changes)
            if is_seen and need_to_know(form, sum(changes.outside.values())):
                actions.import_directory(form.data_read, only_agency=_own(who))
                flash(_("The directory is now as the file says."), "success")
                return redirect(url_for("directory.contracts" if who.role in READERS else "directory.import_directory"))
            page = render_template(
                "directory/preview.html",
                form=form,
                changes=changes,
                seen=mark_of(changes),
                what=WHAT,
                shown=SHOWN,
                field_name=wording.field_name,
                shown_value=wording.shown_value,
                lost_languages=wording.lost_languages,
            )
            return page, 422 if form.errors else 200
        except ImportRefused as error:
            problems = [translated(problem) for problem in error.problems]
    page = render_template(
        "directory/import.html", form=form, problems=problems, shown=SHOWN, agencies=queries.agencies_for(who)
    )
    return page, 422 if form.errors or problems else 200


@bp.route("/contracts/<reference>/terms", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def terms(reference: str) -> Any:
    """Days and value of a contract, and the ways to its clauses, KPIs and calendar."""
    found = _contract(reference)
    form = TermsForm(obj=found)
    if form.validate_on_submit():
        actions.change_terms(found, form.to_values())
        return _back(found, _("The terms are changed. Open cases keep what they began with."))
    return render_template("directory/terms.html", contract=found, form=form), 422 if form.errors else 200


@bp.route("/contracts/<reference>/clauses/<clause>", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def clause(reference: str, clause: str) -> Any:
    """The limits of a clause, now and from other days on."""
    found = _contract(reference)
    one = queries.clause_or_404(found, clause)
    form = LimitsForm(of=found, today=_today(found))
    if form.validate_on_submit():
        try:
            actions.change_limits(
                one,
                form.starts_on.data,
                respond=form.respond_within_hours.read or 0.0,
                resolve=form.resolve_within_hours.read or 0.0,
            )
            return _back(
                found, _("The new limits are written down. What was submitted before that day keeps its limits.")
            )
        except actions.VersionKnown:
            form.starts_on.errors = [_("There are other limits from that day on already. Nothing was changed.")]
            found = _contract(reference)
            one = queries.clause_or_404(found, clause)
    return render_template("directory/clause.html", contract=found, clause=one, form=form), 422 if form.errors else 200


@bp.route("/contracts/<reference>/kpis/<kpi>", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def kpi(reference: str, kpi: str) -> Any:
    """The targets of a KPI, now and from other days on."""
    found = _contract(reference)
    one = queries.kpi_or_404(found, kpi)
    today = _today(found)
    form = KpiForm(
        is_new=False,
        of=one.days_in(found),
        today=today,
        lived=lived(found),
        measure=one.measure,
        data=_said(one.targets_on(today)),
    )
    if form.validate_on_submit():
        try:
            actions.change_target(one, form.starts_on.data, form.to_target())
            return _back(found, _("The new target is written down. Periods that end before that day keep the old one."))
        except actions.VersionKnown:
            form.starts_on.errors = [_("There is another target from that day on already. Nothing was changed.")]
            found = _contract(reference)
            one = queries.kpi_or_404(found, kpi)
    return render_template(
        "directory/kpi.html", contract=found, kpi=one, form=form, measures=MEASURES, today=_today(found)
    ), 422 if form.errors else 200


@bp.route("/contracts/<reference>/new-kpi", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def add_kpi(reference: str) -> Any:
    """A KPI that the contract does not have yet: it holds from a day on, and judges nothing before."""
    found = _contract(reference)
    today = _today(found)
    usual = {"basis": "raw", "direction": "at_least", "minimum_n": 10, "starts_on": max(today, found.starts_on)}
    form = KpiForm(is_new=True, of=found, today=today, lived=lived(found), data=usual)
    form.offer(MEASURES)
    if form.validate_on_submit():
        title = form.title.data if form.measure.data == ENTERED else None
        try:
            actions.add_kpi(
                found, form.code.data, form.measure.data, title, form.to_target(), starts_on=form.starts_on.data
            )
            return _back(found, _("The KPI was added. What ended before its first day is not judged by it."))
        except actions.VersionKnown:
            form.code.errors = [_("There is a KPI with that code already. Nothing was changed.")]
            found = _contract(reference)
    return render_template(
        "directory/kpi.html", contract=found, kpi=None, form=form, measures=MEASURES
    ), 422 if form.errors else 200


@bp.route("/calendar", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def calendar() -> Any:
    """The working calendar of the viewer's agency."""
    agency = queries.agency_of(viewer())
    return _calendar(agency, agency.calendar, agency.timezone, url_for("directory.contracts"))


@bp.route("/contracts/<reference>/calendar", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def contract_calendar(reference: str) -> Any:
    """The working calendar of a contract, which is the agency's unless it has its own."""
    found = _contract(reference)
    return _calendar(found, found.agency.calendar, found.agency.timezone, _address(found))


@bp.route("/contracts/<reference>/clauses/<clause>/calendar", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def clause_calendar(reference: str, clause: str) -> Any:
    """The working calendar of a clause, which is the contract's unless it has its own."""
    found = _contract(reference)
    one = queries.clause_or_404(found, clause)
    above = found.calendar or found.agency.calendar
    return _calendar(one, above, found.agency.timezone, _address(found))


def _calendar(of: Agency | Contract | Clause, above: dict[str, Any], timezone: str, back: str) -> Any:
    form = CalendarForm(of.calendar or above, timezone, COUNTRIES, is_own=of.calendar is not None)
    if isinstance(of, Agency):
        del form.is_own
    if form.validate_on_submit():
        has_own = isinstance(of, Agency) or form.is_own.data
        actions.change_calendar(of, form.read if has_own else None)
        flash(_("The calendar is changed. Open cases keep the one they began with."), "success")
        return redirect(back, 303)
    return render_template(
        "directory/calendar.html", of=of, form=form, back=back, is_agency=isinstance(of, Agency)
    ), 422 if form.errors else 200


def _contract(reference: str) -> Contract:
    return queries.contract_or_404(viewer(), reference, request.args.get("agency"))


def _address(found: Contract) -> str:
    return page_if_there("reviews.contract", reference=found.reference, agency=found.agency.slug) or "/contracts"


def _back(found: Contract, done: str) -> Any:
    flash(done, "success")
    return redirect(_address(found), 303)


def _today(found: Contract) -> date:
    return day_of(clock.now(), found.agency.timezone)


def _said(target: Any) -> dict[str, Any]:
    """A target as the form says it: shares in percent."""
    shares = {key: f"{100 * getattr(target, key):g}" for key in ("target", "approaching", "inadequate")}
    kept = {key: getattr(target, key) for key in ("minimum_n", "binds_from")}
    return shares | kept | {"basis": str(target.basis), "direction": str(target.direction)}


@bp.get("/directory/example.json")
@allow(*IMPORTING)
def example() -> Any:
    """A small file that has everything, to begin with."""
    return _as_file((ROOT / "app/directory/example.json").read_text(), "example.json")


@bp.get("/directory/<slug>/directory.json")
@allow(*IMPORTING)
def export(slug: str) -> Any:
    """What there is, as the file that would make it: to be changed and taken in again."""
    agency = next((each for each in queries.agencies_for(viewer()) if each.slug == slug), None)
    if agency is None:
        abort(404)
    whole = exporting.directory_of(agency)
    return _as_file(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", "directory.json")


@bp.route("/settings", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def settings() -> Any:
    """What the agency decides once for all its services."""
    agency = db.session.get_one(Agency, viewer().agency_id)
    form = SettingsForm(obj=agency)
    if form.validate_on_submit():
        actions.change_settings(
            agency,
            photos_at_once=form.photos_at_once.data,
            quiet_from=form.quiet_from.data,
            quiet_until=form.quiet_until.data,
            contact=form.contact.data,
            translates=form.translates.data,
        )
        flash(_("Your changes are kept."), "success")
        return redirect(url_for("directory.settings"), 303)
    config = current_app.config["CONFIG"]
    page = render_template(
        "directory/settings.html",
        form=form,
        agency=agency,
        translator=config.translate_name if config.translate_url else None,
    )
    return page, 422 if form.errors else 200


def mark_of(changes: Changes) -> str:
    """What a preview showed, in short."""
    return hashlib.sha256(repr(changes.rows).encode()).hexdigest()


def state_of(found: Contract) -> str:
    """``running``, ``ended`` or ``coming``, by the agency's calendar."""
    today = day_of(clock.now(), found.agency.timezone)
    if found.ends_on < today:
        return "ended"
    return "running" if found.starts_on <= today else "coming"


def _own(who: Any) -> int | None:
    """Managers touch their own agency only; administrators any."""
    return None if who.role == Role.ADMINISTRATOR else who.agency_id


def _as_file(text: str, name: str) -> Any:
    headers = {"Content-Type": "application/json", "Content-Disposition": f'attachment; filename="{name}"'}
    return text, 200, headers


@bp.app_template_global("page_if_there")
def page_if_there(endpoint: str, **values: Any) -> str | None:
    """The address of a page of a later stage, which this one does not import; None where it is not built in."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
