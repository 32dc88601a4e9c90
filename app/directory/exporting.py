"""A directory as a file again: what ``directory.rules`` reads, so that taking it in changes nothing."""

from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_type_hints

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.directory.models import Agency, Contract, ContractSite, Provider, Volume
from app.directory.rules import (
    AgencySpec,
    ClauseTargetSpec,
    ContractSpec,
    KpiNameSpec,
    KpiSpec,
    KpiTargetSpec,
    ProviderSpec,
    SiteSpec,
)
from app.extensions import db

IN_FILES: dict[type, dict[str, str]] = {
    SiteSpec: {"starts_on": "from", "ends_on": "until"},
    ClauseTargetSpec: {"starts_on": "from"},
    KpiSpec: {"starts_on": "from"},
    KpiTargetSpec: {"starts_on": "from"},
    KpiNameSpec: {"starts_on": "from"},
    ContractSpec: {"volumes": "volume"},
}
"""What a file calls a field that we call otherwise."""

OF_A_SITE = ("code", "name", "address", "area", "latitude", "longitude")
"""What a file says of the site itself; the rest is about its contract there."""


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
        _written(placing, SiteSpec, **{key: getattr(placing.site, key) for key in OF_A_SITE}) for placing in placings
    ]
    volumes = db.session.scalars(select(Volume).where(Volume.contract_id == contract.id).order_by(Volume.month))
    months = {f"{volume.month:%Y-%m}": volume.units for volume in volumes}
    return _written(contract, ContractSpec, provider=contract.provider.slug, sites=sites, volumes=months or None)


def _written(row: Any, spec: type, **instead: Any) -> dict[str, Any]:
    """What ``spec`` names, read from ``row``, or given ``instead``; what there is none of is left out."""
    written = {}
    for name, hint in get_type_hints(spec).items():
        value = instead[name] if name in instead else getattr(row, name, None)
        inner = next((each for each in get_args(hint) if is_dataclass(each)), None)
        if inner is not None and name not in instead:
            value = [_written(each, inner) for each in value or ()]  # type: ignore[arg-type]
        # What a later target of a KPI leaves out is as it was before.
        if value is not None or spec is KpiTargetSpec:
            written[IN_FILES.get(spec, {}).get(name, name)] = _plain(value)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Enum):
        return value.value
    return value
