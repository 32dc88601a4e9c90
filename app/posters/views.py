"""Posters of a contract's sites, and of one site."""

from collections.abc import Sequence
from typing import Any

import structlog
from flask import Blueprint, Response, abort, render_template, request

from app.directory import queries as directory
from app.directory.models import Agency, Contract, Site
from app.kernel import clock
from app.kernel.periods import day_of
from app.kernel.words import Role
from app.posters.forms import PosterForm
from app.posters.poster import MIMETYPE, render
from app.posters.rules import MOST_SITES, Paper
from app.reports.as_pdf import CannotBeSet
from app.web.access import allow, viewer

log = structlog.get_logger()
bp = Blueprint("posters", __name__)

READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)


@bp.get("/contracts/<reference>/posters")
@allow(*READERS)
def of_contract(reference: str) -> Any:
    """Choose what to print; the answer is a file."""
    contract = directory.contract_or_404(viewer(), reference, request.args.get("agency"))
    sites = _sites(contract)
    return _choose(contract, sites, _form(None, sites))


@bp.get("/contracts/<reference>/posters.pdf")
@allow(*READERS)
def file_of_contract(reference: str) -> Any:
    """The posters of all sites that the contract serves or will serve, or of the one that is named."""
    contract = directory.contract_or_404(viewer(), reference, request.args.get("agency"))
    sites = _sites(contract)
    form = _form(request.args, sites)
    if not sites or not form.validate():
        return _choose(contract, sites, form), 422
    wanted = [site for site in sites if form.site.data in ("", site.code)]
    name = f"{form.site.data or contract.reference}-{form.paper.data}.pdf"
    return _file(contract.agency, wanted, Paper(form.paper.data), name)


@bp.get("/sites/<code>/posters.pdf")
@allow(*READERS)
def file_of_site(code: str) -> Any:
    """The poster of one site, whoever serves it."""
    site = directory.site_or_404(viewer(), code)
    paper = request.args.get("paper", str(Paper.A4))
    if paper not in list(Paper):
        abort(404)
    return _file(site.agency, [site], Paper(paper), f"{site.code}-{paper}.pdf")


def _form(asked: Any, sites: Sequence[Site]) -> PosterForm:
    return PosterForm(asked, sites, may_all=len(sites) <= MOST_SITES)


def _choose(contract: Contract, sites: Sequence[Site], form: PosterForm) -> str:
    return render_template(
        "posters/choose.html",
        contract=contract,
        sites=sites,
        form=form,
        most=MOST_SITES,
        may_change=viewer().role == Role.MANAGER,
    )


def _sites(contract: Contract) -> list[Site]:
    """The sites that a contract serves today or will serve, by code."""
    today = day_of(clock.now(), contract.agency.timezone)
    placings = directory.placings_of_contract(contract)
    lasting = [each.site for each in placings if min(each.ends_on or contract.ends_on, contract.ends_on) >= today]
    return list(dict.fromkeys(lasting))


def _file(agency: Agency, sites: Sequence[Site], paper: Paper, name: str) -> Response:
    at = clock.now()
    try:
        body = render(agency, sites, paper, at)
    except CannotBeSet as error:
        log.error("posters not made", why=str(error))
        abort(503)
    response = Response(body, mimetype=MIMETYPE)
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response
