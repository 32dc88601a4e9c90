"""A directory as a file again: what ``directory.rules`` reads, so that taking it in changes nothing."""

from dataclasses import is_dataclass
from datetime import date
from enum import Enum
from typing import Any, get_args, get_type_hints

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.directory.models import Agency, Contract, ContractSite, Provider
from app.directory.rules import AgencySpec, ContractSpec, ProviderSpec, SiteSpec
from app.extensions import db

IN_FILES: dict[type, dict[str, str]] = {SiteSpec: {"starts_on": "from", "ends_on": "until"}}
"""What a file calls a field that we call otherwise."""


def directory_of(agency: Agency) -> dict[str, Any]:
    """The agency with its contracts, their providers, clauses, KPIs and sites, as plain JSON values."""
    contracts = db.session.scalars(
        select(Contract)
        .where(Contract.agency_id == agency.id)
        .options(selectinload(Contract.placings).selectinload(ContractSite.site))
        .order_by(Contract.reference)
    ).all()
    ids = {contract.provider_id for contract in contracts}
    providers = db.session.scalars(select(Provider).where(Provider.id.in_(ids)).order_by(Provider.slug))
    return {
        "agency": _written(agency, AgencySpec),
        "providers": [_written(provider, ProviderSpec) for provider in providers],
        "contracts": [_contract(contract) for contract in contracts],
    }


def _contract(contract: Contract) -> dict[str, Any]:
    placings = sorted(contract.placings, key=lambda each: (each.site.code_key, each.starts_on))
    sites = [
        _written(placing, SiteSpec, code=placing.site.code, name=placing.site.name, address=placing.site.address)
        for placing in placings
    ]
    return _written(contract, ContractSpec, provider=contract.provider.slug, sites=sites)


def _written(row: Any, spec: type, **instead: Any) -> dict[str, Any]:
    """What ``spec`` names, read from ``row``, or given ``instead``; what there is none of is left out."""
    written = {}
    for name, hint in get_type_hints(spec).items():
        value = instead[name] if name in instead else getattr(row, name, None)
        inner = next((each for each in get_args(hint) if is_dataclass(each)), None)
        if inner is not None and name not in instead:
            value = [_written(each, inner) for each in value or ()]  # type: ignore[arg-type]
        if value is not None:
            written[IN_FILES.get(spec, {}).get(name, name)] = _plain(value)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value
