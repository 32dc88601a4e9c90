"""The pages on which a manager sets up contracts, clauses, sites and who serves what."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from app.directory import actions as directory
from app.directory import queries, setting_up
from app.directory.aspects import ASPECTS
from app.directory.forms import need_to_know
from app.directory.models import Contract, ContractSite
from app.directory.rules import Days
from app.directory.setting_up import ContractNotRunning, NameTaken, ServedAlready
from app.directory.setup_forms import (
    ClauseForm,
    ContractForm,
    KpiNameForm,
    PlacingForm,
    SiteForm,
    TakeOffForm,
    in_languages,
    need_days_that_may_move,
    said_in,
)
from app.directory.views import page_if_there
from app.extensions import db
from app.kernel import clock
from app.kernel.periods import day_of
from app.kernel.words import ProviderKind, Role
from app.web.access import allow, viewer
from app.web.filters import day
from app.web.languages import language
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("setting_up", __name__)

SHOWN = 200
"""So many sites fit on a page; who has more searches."""


@bp.route("/contracts/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def new_contract() -> Any:
    """A contract that the agency does not have yet, of a provider that is known or new."""
    agency = queries.agency_of(viewer())
    form = in_languages(ContractForm, agency.languages)(is_new=True)
    form.offer(queries.providers_of(agency), language())
    if form.validate_on_submit():
        try:
            return _back(_made(form), _("The contract is made. Next come its clauses and its sites."), page="terms")
        except NameTaken:
            taken = form.reference
            if form.is_of_a_new_provider and not _has(form.reference.data):
                taken = form.provider_slug
            taken.errors = [_("There is one of that name already. Nothing was changed.")]
            form.offer(queries.providers_of(queries.agency_of(viewer())), language())
    return _page("contract_form.html", form, contract=None)


def _made(form: ContractForm) -> Contract:
    agency = queries.agency_of(viewer())
    if form.is_of_a_new_provider:
        kind = ProviderKind(form.provider_kind.data)
        provider = setting_up.add_provider(form.provider_slug.data, form.provider_name.data, kind)
    else:
        provider = next(each for each in queries.providers_of(agency) if each.slug == form.provider.data)
    return setting_up.add_contract(agency, provider, form.reference.data, form.to_values())


def _has(reference: str) -> bool:
    return any(each.reference == reference for each in queries.contracts_for(viewer()))


@bp.route("/contracts/<reference>/change", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def change_contract(reference: str) -> Any:
    """What a contract is called, what it is about, from when until when."""
    found = _contract(reference)
    asked = found.agency.languages
    kept: dict[str, Any] = {
        name: text for each in ContractForm.names for name, text in said_in(getattr(found, each), each, asked).items()
    }
    kept |= {"starts_on": found.starts_on, "ends_on": found.ends_on}
    form = in_languages(ContractForm, asked)(is_new=False, data=kept)
    if form.validate_on_submit():
        days = Days(form.starts_on.data, form.ends_on.data)
        is_other = (days.starts_on, days.ends_on) != (found.starts_on, found.ends_on)
        outside = setting_up.open_cases_outside(found, days) if is_other else 0
        today = day_of(clock.now(), found.agency.timezone)
        if need_days_that_may_move(form, found, today, setting_up.lived(found)) and need_to_know(form, outside):
            try:
                setting_up.change_contract(found, form.to_values(found))
                return _back(found, _("The contract is changed. Open cases keep what they began with."))
            except ServedAlready as already:
                form.ends_on.errors = [_served_words(found, already.days)]
    return _page("contract_form.html", form, contract=found)


@bp.route("/contracts/<reference>/new-clause", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def new_clause(reference: str) -> Any:
    """A duty that the contract does not have yet."""
    found = _contract(reference)
    form = in_languages(ClauseForm, found.agency.languages)(is_new=True, aspects=ASPECTS)
    if form.validate_on_submit():
        try:
            setting_up.add_clause(found, form.code.data, form.to_values())
            return _back(found, _("The clause was added. Open cases keep what they began with."), page="terms")
        except NameTaken:
            form.code.errors = [_("There is a clause with that code already. Nothing was changed.")]
            found = _contract(reference)
    return _page("clause_form.html", form, contract=found, clause=None)


@bp.route("/contracts/<reference>/clauses/<clause>/change", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def change_clause(reference: str, clause: str) -> Any:
    """What a clause is called, what it is about and where it stands; its limits change from a day on, by its page."""
    found = _contract(reference)
    one = queries.clause_or_404(found, clause)
    asked = found.agency.languages
    kept: dict[str, Any] = {**said_in(one.title, "title", asked), "aspects": one.aspects}
    kept["nth"] = found.clauses.index(one) + 1
    form = in_languages(ClauseForm, asked)(is_new=False, aspects=ASPECTS, of=len(found.clauses), data=kept)
    if form.validate_on_submit():
        setting_up.change(one, form.to_values(one))
        setting_up.put_in_order(one, form.nth.data)
        return _back(found, _("The clause is changed. Open cases keep what they began with."), page="terms")
    return _page("clause_form.html", form, contract=found, clause=one)


@bp.get("/sites")
@allow(Role.VIEWER, Role.OFFICER, Role.MANAGER)
def sites() -> Any:
    """The agency's sites, narrowed by words."""
    asked = request.args.get("q", "").strip()[:200]
    found = queries.sites_of(viewer(), asked)
    today = day_of(clock.now(), queries.agency_of(viewer()).timezone)
    return render_template(
        "directory/sites.html",
        sites=found[:SHOWN],
        number=len(found),
        asked=asked,
        shown=SHOWN,
        unserved={site.id for site in queries.served_by_nobody(viewer(), today)},
        may_change=viewer().role == Role.MANAGER,
    )


@bp.route("/sites/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def new_site() -> Any:
    """A place or a route with a code of its own."""
    agency = queries.agency_of(viewer())
    form = in_languages(SiteForm, agency.languages)(is_new=True, data={"code": request.args.get("code", "")[:40]})
    if form.validate_on_submit():
        try:
            made = setting_up.add_site(agency, form.code.data, form.to_values())
            reference = request.args.get("contract")
            if reference and _has(reference):
                flash(_("The site is made. Next, say from which day the contract serves it."), "success")
                return redirect(url_for("setting_up.place", reference=reference, site=made.code), 303)
            flash(_("The site is made. Next, choose below which contract serves it."), "success")
            return redirect(url_for("directory.site", code=made.code), 303)
        except NameTaken:
            form.code.errors = [_("There is a site with that code already. Nothing was changed.")]
    return _page("site_form.html", form, site=None)


@bp.route("/sites/<code>/change", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def change_site(code: str) -> Any:
    """What a site is called and where it is; its code is on stickers and stays."""
    found = queries.site_or_404(viewer(), code)
    asked = found.agency.languages
    kept = {
        name: value for each in SiteForm.names for name, value in said_in(getattr(found, each), each, asked).items()
    }
    for name in ("latitude", "longitude"):
        kept[name] = "" if getattr(found, name) is None else f"{getattr(found, name):.15g}"
    form = in_languages(SiteForm, asked)(is_new=False, data=kept)
    if form.validate_on_submit():
        setting_up.change(found, form.to_values(found))
        flash(_("The site is changed."), "success")
        return redirect(url_for("directory.site", code=found.code), 303)
    return _page("site_form.html", form, site=found)


@bp.route("/contracts/<reference>/new-site", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def place(reference: str) -> Any:
    """A site that a contract serves from a day on."""
    found = _contract(reference)
    today = day_of(clock.now(), found.agency.timezone)
    form = PlacingForm(
        is_new=True, data={"starts_on": max(today, found.starts_on), "site": request.args.get("site", "")}
    )
    if form.validate_on_submit():
        site = queries.site_of(found.agency, form.site.data)
        if site is None:
            form.site.errors = [_("There is no site with that code yet. Make it first, by the link below.")]
        else:
            try:
                setting_up.place(found, site, form.starts_on.data, form.ends_on.data)
                return _back(found, _("The contract serves the site on these days."))
            except ServedAlready as already:
                form.starts_on.errors = [_served_words(found, already.days)]
            except ContractNotRunning:
                form.starts_on.errors = [_not_running_words(found)]
    return _page("placing.html", form, contract=found, placing=None)


@bp.route("/contracts/<reference>/sites/<int:placing_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def change_placing(reference: str, placing_id: int) -> Any:
    """On which days a contract serves a site."""
    found = _contract(reference)
    one = queries.placing_or_404(found, placing_id)
    form = PlacingForm(is_new=False, data={"starts_on": one.starts_on, "ends_on": one.ends_on})
    if form.validate_on_submit():
        try:
            setting_up.change_days(one, form.starts_on.data, form.ends_on.data)
            return _back(found, _("The contract serves the site on these days."))
        except ServedAlready as already:
            form.starts_on.errors = [_served_words(found, already.days)]
        except ContractNotRunning:
            form.starts_on.errors = [_not_running_words(found)]
    return _page("placing.html", form, contract=found, placing=one, gone=TakeOffForm(formdata=None))


@bp.post("/contracts/<reference>/sites/<int:placing_id>/take-off")
@allow(Role.MANAGER)
@commits
def take_off(reference: str, placing_id: int) -> Any:
    """A site that the contract serves no more from a day on, or that it never was to serve."""
    found = _contract(reference)
    one = queries.placing_or_404(found, placing_id)
    form = TakeOffForm()
    if form.validate_on_submit():
        if setting_up.take_off(one, form.gone_from.data):
            return _back(found, _("The contract serves the site no more from that day."))
        return _back(found, _("The site is taken off the contract. What was sent under it stays."))
    days = PlacingForm(formdata=None, is_new=False, data={"starts_on": one.starts_on, "ends_on": one.ends_on})
    return _page("placing.html", form, contract=found, placing=one, days=days)


@bp.route("/contracts/<reference>/kpis/<kpi>/rename", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def rename_kpi(reference: str, kpi: str) -> Any:
    """What a KPI that people enter is called from a day on."""
    found = _contract(reference)
    one = queries.kpi_or_404(found, kpi)
    if one.title is None:
        abort(404)
    today = day_of(clock.now(), found.agency.timezone)
    asked = found.agency.languages
    kept = {**said_in(one.title_on(today), "title", asked), "starts_on": today}
    form = in_languages(KpiNameForm, asked)(
        of=one.days_in(found), today=today, lived=setting_up.lived(found), data=kept
    )
    if form.validate_on_submit():
        try:
            words = form.words("title", one.title_on(form.starts_on.data))
            directory.rename_kpi(one, form.starts_on.data, words or "")
            return _back(found, _("The KPI is renamed. Earlier periods keep the old name."))
        except directory.VersionKnown:
            form.starts_on.errors = [_("There is another name from that day on already. Nothing was changed.")]
            found = _contract(reference)
            one = queries.kpi_or_404(found, kpi)
    return _page("kpi_name.html", form, contract=found, kpi=one, today=today)


def _not_running_words(contract: Contract) -> str:
    return _(
        "The contract runs from %(start)s to %(end)s. Nothing was changed.",
        start=day(contract.starts_on),
        end=day(contract.ends_on),
    )


def _served_words(contract: Contract, days: ContractSite) -> str:
    if days.contract_id != contract.id:
        return _(
            "The contract %(reference)s is about the same service and serves the site %(site)s on some of these days: "
            "residents could not tell the two apart. Nothing was changed.",
            reference=days.contract.reference,
            site=days.site.code,
        )
    if days.ends_on is None:
        return _(
            "The contract serves this site already, from %(start)s on. Nothing was changed.", start=day(days.starts_on)
        )
    return _(
        "The contract serves this site already, from %(start)s to %(end)s. Nothing was changed.",
        start=day(days.starts_on),
        end=day(days.ends_on),
    )


def _contract(reference: str) -> Contract:
    return queries.contract_or_404(viewer(), reference, request.args.get("agency"))


def _page(template: str, form: Any, **more: Any) -> Any:
    # What was refused is undone before the page is made, which reads.
    if form.errors:
        db.session.rollback()
    return render_template(f"directory/{template}", form=form, **more), 422 if form.errors else 200


def _back(found: Contract, done: str, page: str = "") -> Any:
    flash(done, "success")
    at: dict[str, Any] = {"reference": found.reference, "agency": found.agency.slug}
    if page:
        return redirect(url_for(f"directory.{page}", **at), 303)
    return redirect(page_if_there("reviews.contract", **at) or url_for("directory.contracts"), 303)
