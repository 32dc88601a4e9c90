"""What entries of the audit about contracts are about: which contract, clause, KPI or site, by its code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.audit.rules import Facts, Verb, parts_of
from app.directory.models import Clause, ClauseTarget, Contract, ContractSite, Kpi, KpiName, KpiTarget, Site, Volume
from app.extensions import db
from app.reports.models import IssuedReport


@dataclass(frozen=True)
class Subject:
    """What an entry is about: the codes it is known by, which stay whatever it is called, and where it is seen."""

    names: tuple[str, ...]
    endpoint: str
    address: Mapping[str, str] = field(default_factory=dict)


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


def subjects_of(facts: Sequence[Facts], agency_id: int) -> dict[tuple[str, int], Subject]:
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
            found[what, row.id] = Subject(tuple(names), endpoint, address)
    return found | _gone(facts, agency_id)


def _gone(facts: Sequence[Facts], agency_id: int) -> dict[tuple[str, int], Subject]:
    """Which contract and site those placings were about that were removed: their entries hold the ids."""
    ids = {}
    for each in facts:
        if each.what == ContractSite.__tablename__ and each.verb == Verb.REMOVED and each.subject_id is not None:
            told = {part.column: part.after for part in parts_of(each.detail)}
            if told.keys() >= {"contract_id", "site_id"}:
                ids[each.subject_id] = int(told["contract_id"] or 0), int(told["site_id"] or 0)
    if not ids:
        return {}
    contracts, sites = zip(*ids.values(), strict=True)
    of_agency = select(Contract.id, Contract.reference).where(Contract.agency_id == agency_id)
    references = {row.id: row.reference for row in db.session.execute(of_agency.where(Contract.id.in_(contracts)))}
    at_agency = select(Site.id, Site.code).where(Site.agency_id == agency_id)
    codes = {row.id: row.code for row in db.session.execute(at_agency.where(Site.id.in_(sites)))}
    return {
        (ContractSite.__tablename__, number): Subject(
            (references[of], codes[at]), "reviews.contract", {"reference": references[of]}
        )
        for number, (of, at) in ids.items()
        if of in references and at in codes
    }
