"""Who answers for what, as each viewer may see it."""

from collections.abc import Sequence
from datetime import date

from flask import abort
from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import selectinload

from app.directory.models import Agency, Clause, Contract, ContractSite, Kpi, Provider, Site
from app.extensions import db
from app.kernel.words import Role
from app.web.access import Viewer


def for_viewer(viewer: Viewer) -> Select[Contract]:
    """The contracts a viewer may see: their agency's, or those their provider serves."""
    if viewer.agency_id is not None:
        return select(Contract).where(Contract.agency_id == viewer.agency_id)
    if viewer.provider_id is not None:
        return select(Contract).where(Contract.provider_id == viewer.provider_id)
    return select(Contract).where(false())


def contracts_for(viewer: Viewer) -> Sequence[Contract]:
    """The viewer's contracts, by reference."""
    wanted = for_viewer(viewer).options(selectinload(Contract.provider), selectinload(Contract.agency))
    return db.session.scalars(wanted.order_by(Contract.reference, Contract.id)).all()


def contract_or_404(viewer: Viewer, reference: str, agency: str | None = None) -> Contract:
    """The viewer's contract of that reference; where a provider has several of the same, ``agency`` (slug) tells."""
    wanted = for_viewer(viewer).where(Contract.reference == reference)
    if agency:
        wanted = wanted.join(Agency, Agency.id == Contract.agency_id).where(Agency.slug == agency)
    found = db.session.scalars(wanted.order_by(Contract.id)).first()
    return found if found is not None else abort(404)


def clause_or_404(contract: Contract, code: str) -> Clause:
    found = next((clause for clause in contract.clauses if clause.code == code), None)
    return found if found is not None else abort(404)


def kpi_or_404(contract: Contract, code: str) -> Kpi:
    found = next((kpi for kpi in contract.kpis if kpi.code == code), None)
    return found if found is not None else abort(404)


def contracts_by_reference(reference: str, agency: str | None = None) -> Sequence[Contract]:
    """All contracts of that reference, of one agency (slug) or of any: for commands, which no viewer narrows."""
    wanted = select(Contract).where(Contract.reference == reference)
    if agency:
        wanted = wanted.join(Agency, Agency.id == Contract.agency_id).where(Agency.slug == agency)
    return db.session.scalars(wanted).all()


def agency_of(viewer: Viewer) -> Agency:
    """The viewer's own agency; 404 for whoever has none."""
    found = db.session.get(Agency, viewer.agency_id) if viewer.agency_id is not None else None
    return found if found is not None else abort(404)


def agencies_for(viewer: Viewer) -> Sequence[Agency]:
    """The agencies whose directory a viewer may bring in: a manager's own; for administrators all."""
    wanted = select(Agency).order_by(Agency.slug)
    if viewer.role != Role.ADMINISTRATOR:
        wanted = wanted.where(Agency.id == viewer.agency_id)
    return db.session.scalars(wanted).all()


def all_agencies() -> Sequence[Agency]:
    """Every agency of the installation, for commands."""
    return db.session.scalars(select(Agency).order_by(Agency.slug)).all()


def all_contracts() -> Sequence[Contract]:
    """Every contract of the installation, for commands, which no viewer narrows."""
    wanted = select(Contract).options(selectinload(Contract.agency))
    return db.session.scalars(wanted.order_by(Contract.agency_id, Contract.reference)).all()


def agency_by_slug(slug: str) -> Agency | None:
    return db.session.scalar(select(Agency).where(Agency.slug == slug))


def site_or_404(viewer: Viewer, code: str) -> Site:
    """A site of the viewer's agency, or one their provider serves."""
    wanted = select(Site).where(Site.code_key == code.strip().casefold())
    if viewer.agency_id is not None:
        wanted = wanted.where(Site.agency_id == viewer.agency_id)
    else:
        mine = select(ContractSite.site_id).where(
            ContractSite.contract_id.in_(for_viewer(viewer).with_only_columns(Contract.id))
        )
        wanted = wanted.where(Site.id.in_(mine))
    found = db.session.scalar(wanted)
    return found if found is not None else abort(404)


def site_of(agency: Agency, code: str) -> Site | None:
    """An agency's own site of that code, however it was typed."""
    wanted = select(Site).where(Site.agency_id == agency.id, Site.code_key == code.strip().casefold())
    return db.session.scalar(wanted)


def contracts_serving(site: Site, on: date) -> Sequence[Contract]:
    """The contracts in force at ``site`` on a day of its agency's calendar, by reference."""
    in_force = (
        select(Contract)
        .join(ContractSite, ContractSite.contract_id == Contract.id)
        .where(ContractSite.site_id == site.id, ContractSite.starts_on <= on, Contract.starts_on <= on)
        .where(Contract.ends_on >= on, or_(ContractSite.ends_on.is_(None), ContractSite.ends_on >= on))
        .options(selectinload(Contract.provider))
        .order_by(Contract.reference)
    )
    return db.session.scalars(in_force).all()


def ids_served_on(agency_id: int, on: date) -> frozenset[int]:
    """The sites of an agency at which some contract is in force on a day of its calendar."""
    served = (
        select(ContractSite.site_id)
        .join(Contract, Contract.id == ContractSite.contract_id)
        .where(ContractSite.agency_id == agency_id, ContractSite.starts_on <= on, Contract.starts_on <= on)
        .where(Contract.ends_on >= on, or_(ContractSite.ends_on.is_(None), ContractSite.ends_on >= on))
    )
    return frozenset(db.session.scalars(served))


def served_by_nobody(viewer: Viewer, on: date) -> Sequence[Site]:
    """The sites of the viewer's agency at which no contract is in force on a day, by code."""
    if viewer.agency_id is None:
        return []
    served = ids_served_on(viewer.agency_id, on)
    sites = db.session.scalars(select(Site).where(Site.agency_id == viewer.agency_id).order_by(Site.code_key))
    return [site for site in sites if site.id not in served]


def placings_of_contract(contract: Contract) -> Sequence[ContractSite]:
    """Which sites a contract serves and when, by code."""
    found = select(ContractSite).join(Site, Site.id == ContractSite.site_id)
    found = found.where(ContractSite.contract_id == contract.id).options(selectinload(ContractSite.site))
    return db.session.scalars(found.order_by(Site.code_key, ContractSite.starts_on)).all()


def placings_of_site(viewer: Viewer, site: Site) -> Sequence[ContractSite]:
    """Which of the viewer's contracts serve a site and when, the newest first."""
    mine = for_viewer(viewer).with_only_columns(Contract.id)
    found = select(ContractSite).where(ContractSite.site_id == site.id, ContractSite.contract_id.in_(mine))
    found = found.options(selectinload(ContractSite.contract).selectinload(Contract.provider))
    return db.session.scalars(found.order_by(ContractSite.starts_on.desc(), ContractSite.id.desc())).all()


def providers_of(agency: Agency) -> Sequence[Provider]:
    """Who delivers for an agency, under any of its contracts, by short name."""
    theirs = select(Contract.provider_id).where(Contract.agency_id == agency.id)
    return db.session.scalars(select(Provider).where(Provider.id.in_(theirs)).order_by(Provider.slug)).all()


def sites_of(viewer: Viewer, asked: str) -> Sequence[Site]:
    """The sites of the viewer's agency whose code, name, address or area holds what was asked for; by code."""
    wanted = select(Site).where(Site.agency_id == viewer.agency_id).order_by(Site.code_key)
    words = asked.casefold().split()
    return [site for site in db.session.scalars(wanted) if all(word in _said_of(site) for word in words)]


def placing_or_404(contract: Contract, placing_id: int) -> ContractSite:
    found = next((placing for placing in contract.placings if placing.id == placing_id), None)
    return found if found is not None else abort(404)


def _said_of(site: Site) -> str:
    """All that a site is called, to be searched."""
    names = (site.name, site.address, site.area)
    texts = [text for name in names for text in (name.values() if isinstance(name, dict) else [name or ""])]
    return "\n".join([site.code, *texts]).casefold()
