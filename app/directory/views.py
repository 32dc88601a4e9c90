"""Contracts and sites as pages, and the directory from a file."""

import hashlib
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.directory import actions, queries
from app.directory.actions import Changes
from app.directory.forms import DirectoryForm, SettingsForm
from app.directory.models import Agency, Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import ImportRefused
from app.kernel.periods import day_of
from app.kernel.words import Role
from app.web.access import allow, viewer
from app.web.transactions import commits

bp = Blueprint("directory", __name__)

READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)
IMPORTING = (Role.MANAGER, Role.ADMINISTRATOR)
SHOWN = 200
"""So many problems or changes of a file fit on a page."""

MEASURES = {
    "response_rate": _l("Answered"),
    "on_time_response_rate": _l("Answered in time"),
    "resolution_rate": _l("Resolved"),
    "on_time_resolution_rate": _l("Resolved in time"),
    "reopen_rate": _l("Reopened"),
    "confirmed_rate": _l("Confirmed by the resident"),
    "rejected_rate": _l("Rejected"),
    "service_satisfaction": _l("Satisfied with the service"),
    "handling_satisfaction": _l("Satisfied with the handling"),
    "negative_share": _l("Negative"),
}
ASPECTS = {
    "timeliness": _l("Timeliness"),
    "staff": _l("Staff"),
    "quality": _l("Quality"),
    "cost": _l("Cost"),
    "access": _l("Access"),
    "safety": _l("Safety"),
    "cleanliness": _l("Cleanliness"),
    "information": _l("Information"),
}
WHAT = {
    "agency": _l("Agency"),
    "provider": _l("Provider"),
    "contract": _l("Contract"),
    "clause": _l("Clause"),
    "kpi": _l("KPI"),
    "site": _l("Site"),
    "contract_site": _l("Contract at a site"),
}


@bp.get("/contracts")
@allow(*READERS)
def contracts() -> Any:
    return render_template(
        "directory/contracts.html",
        contracts=queries.contracts_for(viewer()),
        may_import=viewer().role in IMPORTING,
        may_set=viewer().role == Role.MANAGER,
        state_of=state_of,
    )


@bp.get("/contracts/<reference>")
@allow(*READERS)
def contract(reference: str) -> Any:
    found = queries.contract_or_404(viewer(), reference, request.args.get("agency"))
    return render_template(
        "directory/contract.html",
        contract=found,
        placings=queries.placings_of_contract(found),
        state=state_of(found),
        measures=MEASURES,
        aspects=ASPECTS,
    )


@bp.get("/sites/<code>")
@allow(*READERS)
def site(code: str) -> Any:
    found = queries.site_or_404(viewer(), code)
    return render_template(
        "directory/site.html",
        site=found,
        placings=queries.placings_of_site(viewer(), found),
        today=day_of(clock.now(), found.agency.timezone),
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
            if form.is_confirmed and form.seen.data == mark_of(changes):
                actions.import_directory(form.data_read, only_agency=_own(who))
                flash(_("The directory is now as the file says."), "success")
                return redirect(url_for("directory.contracts" if who.role in READERS else "directory.import_directory"))
            return render_template(
                "directory/preview.html",
                form=form,
                changes=changes,
                seen=mark_of(changes),
                what=WHAT,
                shown=SHOWN,
                shown_value=shown_value,
            )
        except ImportRefused as error:
            problems = error.problems
    page = render_template("directory/import.html", form=form, problems=problems, shown=SHOWN)
    return page, 422 if form.errors or problems else 200


@bp.route("/settings", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def settings() -> Any:
    """What the agency decides once for all its services."""
    agency = db.session.get_one(Agency, viewer().agency_id)
    form = SettingsForm(obj=agency)
    if form.validate_on_submit():
        actions.change_settings(agency, photos_at_once=form.photos_at_once.data)
        flash(_("Your changes are kept."), "success")
        return redirect(url_for("directory.settings"), 303)
    return render_template("directory/settings.html", form=form, agency=agency), 422 if form.errors else 200


def mark_of(changes: Changes) -> str:
    """What a preview showed, in short."""
    return hashlib.sha256(repr(changes.rows).encode()).hexdigest()


def shown_value(value: Any) -> str:
    """A value before or after, as people may read it."""
    if value is None or value == []:
        return "–"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {shown_value(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def state_of(found: Contract) -> str:
    """``running``, ``ended`` or ``coming``, by the agency's calendar."""
    today = day_of(clock.now(), found.agency.timezone)
    if found.ends_on < today:
        return "ended"
    return "running" if found.starts_on <= today else "coming"


def _own(who: Any) -> int | None:
    """Managers touch their own agency only; administrators any."""
    return None if who.role == Role.ADMINISTRATOR else who.agency_id


@bp.app_template_global("page_if_there")
def page_if_there(endpoint: str, **values: Any) -> str | None:
    """The address of a page of a later stage, which this one does not import; None where it is not built in."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
