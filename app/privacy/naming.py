"""What entries of the audit about contracts mean: which contract, clause, KPI or site, and what was set there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.audit.rules import Facts
from app.directory.models import Clause, ClauseTarget, Contract, ContractSite, Kpi, KpiName, KpiTarget, Site, Volume
from app.extensions import db
from app.reports.models import IssuedReport


@dataclass(frozen=True)
class Subject:
    """What an entry is about, as it is now: the names it is known by, where it is seen, and a version's own values."""

    names: tuple[str, ...]
    endpoint: str
    address: Mapping[str, str] = field(default_factory=dict)
    # The limits or the target that hold from a day on.
    version: Any = None


def _of_contract(model: Any, *more: Any) -> Any:
    return select(model, Contract.reference, *more).join(Contract, Contract.id == model.contract_id)


_WANTED: dict[str, tuple[Any, Any, str]] = {
    "contract": (Contract, select(Contract, Contract.reference), "reviews.contract"),
    "clause": (Clause, _of_contract(Clause, Clause.code), "directory.clause"),
    "clause_target": (
        ClauseTarget,
        select(ClauseTarget, Contract.reference, Clause.code)
        .join(Clause, Clause.id == ClauseTarget.clause_id)
        .join(Contract, Contract.id == Clause.contract_id),
        "directory.clause",
    ),
    "kpi": (Kpi, _of_contract(Kpi, Kpi.code), "directory.kpi"),
    **{
        model.__tablename__: (
            model,
            select(model, Contract.reference, Kpi.code)
            .join(Kpi, Kpi.id == model.kpi_id)
            .join(Contract, Contract.id == Kpi.contract_id),
            "directory.kpi",
        )
        for model in (KpiTarget, KpiName)
    },
    "volume": (Volume, _of_contract(Volume), "reviews.contract"),
    "issued_report": (IssuedReport, _of_contract(IssuedReport), "reviews.contract"),
    "contract_site": (
        ContractSite,
        _of_contract(ContractSite, Site.code).join(Site, Site.id == ContractSite.site_id),
        "reviews.contract",
    ),
    "site": (Site, select(Site, Site.code), "directory.site"),
}
_PARTS = {"directory.clause": "clause", "directory.kpi": "kpi"}
_VERSIONS = (ClauseTarget, KpiTarget)


def subjects_of(facts: Iterable[Facts], agency_id: int) -> dict[tuple[str, int], Subject]:
    """By kind and id, of those entries of an agency that are about its contracts and still there."""
    wanted: dict[str, set[int]] = {}
    for each in facts:
        if each.what in _WANTED and each.subject_id is not None:
            wanted.setdefault(each.what, set()).add(each.subject_id)
    found: dict[tuple[str, int], Subject] = {}
    for what, ids in wanted.items():
        model, query, endpoint = _WANTED[what]
        for row, *names in db.session.execute(query.where(model.id.in_(ids), model.agency_id == agency_id)):
            address = {"code": names[0]} if what == "site" else {"reference": names[0]}
            if endpoint in _PARTS:
                address[_PARTS[endpoint]] = names[1]
            version = row if isinstance(row, _VERSIONS) else None
            found[what, row.id] = Subject(tuple(names), endpoint, address, version)
    return found
