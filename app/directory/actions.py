"""Changing the directory: a whole agency from a file, after a look at what will change."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app.directory.models import Agency, Clause, Contract, ContractSite, Kpi, Provider, Site
from app.directory.rules import ContractSpec, SiteSpec, read_directory
from app.extensions import db
from app.kernel.errors import ImportRefused


class Kind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One row that an import adds or changes; ``fields`` says what was and what will be."""

    kind: Kind
    what: str
    name: str
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass
class Changes:
    """What an import changes, in the order of the file; ``unchanged`` counts the rows that stay as they are."""

    agency: Agency
    rows: list[Change] = field(default_factory=list)
    unchanged: int = 0


def import_directory(data: Any, *, only_agency: int | None = None) -> Changes:
    """Make the directory what ``data`` (parsed JSON) says. Flushes; rolled back by the caller, it was a preview.

    What the file does not name stays. ``ImportRefused`` lists all that is wrong, with its place in the file;
    ``only_agency`` refuses a file about any other agency than the one with that id.
    """
    spec, problems = read_directory(data)
    if problems:
        raise ImportRefused(problems)
    agency = db.session.scalar(select(Agency).where(Agency.slug == spec.agency.slug))
    if only_agency is not None and (agency is None or agency.id != only_agency):
        raise ImportRefused([f"agency.slug: {spec.agency.slug!r} is not your agency"])
    _refuse_foreign_sites(spec.contracts, agency)

    agency = agency or Agency(slug=spec.agency.slug)
    changes = Changes(agency)
    _write(changes, agency, "agency", spec.agency.slug, _values(spec.agency, "slug"))
    providers: dict[str, Provider] = {}
    for wanted in spec.providers:
        provider = db.session.scalar(select(Provider).where(Provider.slug == wanted.slug)) or Provider(slug=wanted.slug)
        _write(changes, provider, "provider", wanted.slug, _values(wanted, "slug"))
        providers[wanted.slug] = provider
    for each in spec.contracts:
        _contract(changes, agency, providers[each.provider], each)
    return changes


def _contract(changes: Changes, agency: Agency, provider: Provider, spec: ContractSpec) -> None:
    contract = db.session.scalar(
        select(Contract).where(Contract.agency_id == agency.id, Contract.reference == spec.reference)
    ) or Contract(agency_id=agency.id, reference=spec.reference)
    values = _values(spec, "reference", "provider", "sites", "clauses", "kpis") | {"provider_id": provider.id}
    _write(changes, contract, "contract", spec.reference, values)
    clauses = _by_code(Clause, contract)
    for position, clause_spec in enumerate(spec.clauses):
        clause = clauses.get(clause_spec.code) or Clause(
            agency_id=agency.id, contract_id=contract.id, code=clause_spec.code
        )
        name = f"{spec.reference} {clause_spec.code}"
        _write(changes, clause, "clause", name, _values(clause_spec, "code") | {"position": position})
    kpis = _by_code(Kpi, contract)
    for kpi_spec in spec.kpis:
        kpi = kpis.get(kpi_spec.code) or Kpi(agency_id=agency.id, contract_id=contract.id, code=kpi_spec.code)
        _write(changes, kpi, "kpi", f"{spec.reference} {kpi_spec.code}", _values(kpi_spec, "code"))
    for site_spec in spec.sites:
        _site(changes, agency, contract, site_spec)


def _site(changes: Changes, agency: Agency, contract: Contract, spec: SiteSpec) -> None:
    key = spec.code.casefold()
    site = db.session.scalar(select(Site).where(Site.code_key == key)) or Site(
        agency_id=agency.id, code=spec.code, code_key=key
    )
    _write(changes, site, "site", spec.code, {"name": spec.name, "address": spec.address})
    placing = db.session.scalar(
        select(ContractSite).where(
            ContractSite.contract_id == contract.id,
            ContractSite.site_id == site.id,
            ContractSite.starts_on == spec.starts_on,
        )
    ) or ContractSite(agency_id=agency.id, contract_id=contract.id, site_id=site.id, starts_on=spec.starts_on)
    name = f"{contract.reference} at {spec.code} from {spec.starts_on}"
    _write(changes, placing, "contract_site", name, {"ends_on": spec.ends_on})


def _write(changes: Changes, row: Any, what: str, name: str, values: dict[str, Any]) -> None:
    """Give a row its values, adding it where it is new, and note what that changes."""
    is_new = row.id is None
    different = [(key, getattr(row, key), value) for key, value in values.items() if getattr(row, key) != value]
    for key, _, value in different:
        setattr(row, key, value)
    if is_new:
        db.session.add(row)
        db.session.flush()
        changes.rows.append(Change(Kind.ADDED, what, name))
    elif different:
        db.session.flush()
        shown = tuple((key, str(before), str(after)) for key, before, after in different)
        changes.rows.append(Change(Kind.CHANGED, what, name, shown))
    else:
        changes.unchanged += 1


def _values(spec: Any, *without: str) -> dict[str, Any]:
    return {each.name: getattr(spec, each.name) for each in fields(spec) if each.name not in without}


def _by_code(model: Any, contract: Contract) -> dict[str, Any]:
    return {row.code: row for row in db.session.scalars(select(model).where(model.contract_id == contract.id))}


def _refuse_foreign_sites(contracts: list[ContractSpec], agency: Agency | None) -> None:
    """A site code is unique in the installation: another agency's sticker cannot be taken over."""
    problems = []
    for number, contract in enumerate(contracts):
        for at, site in enumerate(contract.sites):
            found = db.session.scalar(select(Site).where(Site.code_key == site.code.casefold()))
            if found is not None and (agency is None or found.agency_id != agency.id):
                problems.append(f"contracts[{number}].sites[{at}].code: {site.code!r} is a site of another agency")
    if problems:
        raise ImportRefused(problems)
