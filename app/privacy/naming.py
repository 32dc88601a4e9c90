"""What entries of the audit about contracts are about: which contract, clause, KPI or site, by its code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import column as sql_column
from sqlalchemy import select
from sqlalchemy import table as sql_table

from app.audit.rules import Facts, Verb, parts_of
from app.directory.models import (
    Clause,
    ClauseTarget,
    Contract,
    ContractSite,
    Figure,
    Kpi,
    KpiName,
    KpiTarget,
    Site,
    Volume,
)
from app.extensions import db
from app.privacy.columns import OF_REPORTS, kind_of_report
from app.reports.models import IssuedOverview, IssuedReport


@dataclass(frozen=True)
class Subject:
    """What an entry is about: the codes it is known by, which stay whatever it is called, and where it is seen."""

    names: tuple[str, ...]
    endpoint: str
    address: Mapping[str, str] = field(default_factory=dict)


def _of_contract(model: Any, *more: Any) -> Any:
    return select(model.id, Contract.reference, *more).join(Contract, Contract.id == model.contract_id)


def _of_kpi(model: Any) -> Any:
    return (
        select(model.id, Contract.reference, Kpi.code)
        .join(Kpi, Kpi.id == model.kpi_id)
        .join(Contract, Contract.id == Kpi.contract_id)
    )


_IN_REVIEW = "reviews.contract"
# Named by their tables: agreed actions belong to a stage beside this one.
_ACTION = sql_table("agreed_action", sql_column("id"), sql_column("agency_id"), sql_column("contract_id"))
_NOTE = sql_table("agreed_action_note", sql_column("id"), sql_column("agency_id"), sql_column("agreed_action_id"))

_WANTED: dict[str, tuple[Any, Any, str]] = {
    "contract": (Contract, select(Contract.id, Contract.reference), _IN_REVIEW),
    "clause": (Clause, _of_contract(Clause, Clause.code), "directory.clause"),
    "clause_target": (
        ClauseTarget,
        select(ClauseTarget.id, Contract.reference, Clause.code)
        .join(Clause, Clause.id == ClauseTarget.clause_id)
        .join(Contract, Contract.id == Clause.contract_id),
        "directory.clause",
    ),
    "kpi": (Kpi, _of_contract(Kpi, Kpi.code), "directory.kpi"),
    "kpi_target": (KpiTarget, _of_kpi(KpiTarget), "directory.kpi"),
    "kpi_name": (KpiName, _of_kpi(KpiName), "directory.kpi"),
    "volume": (Volume, _of_contract(Volume), _IN_REVIEW),
    "figure": (Figure, _of_kpi(Figure), "directory.kpi"),
    "issued_report": (IssuedReport, _of_contract(IssuedReport), "reports.issued_report"),
    "agreed_action": (_ACTION.c, _of_contract(_ACTION.c), _IN_REVIEW),
    "agreed_action_note": (
        _NOTE.c,
        select(_NOTE.c.id, Contract.reference)
        .join(_ACTION, _ACTION.c.id == _NOTE.c.agreed_action_id)
        .join(Contract, Contract.id == _ACTION.c.contract_id),
        _IN_REVIEW,
    ),
    "contract_site": (
        ContractSite,
        _of_contract(ContractSite, Site.code).join(Site, Site.id == ContractSite.site_id),
        _IN_REVIEW,
    ),
    "site": (Site, select(Site.id, Site.code), "directory.site"),
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
        of, query, endpoint = _WANTED[what]
        for number, *names in db.session.execute(query.where(of.id.in_(ids), of.agency_id == agency_id)):
            address = {"code": names[0]} if what == "site" else {"reference": names[0]}
            if endpoint in _PARTS:
                address[_PARTS[endpoint]] = names[1]
            if what == "issued_report":
                address["report_id"] = str(number)
            found[what, number] = Subject(tuple(names), endpoint, address)
    return found | _gone(facts, agency_id)


def numbers_of(facts: Sequence[Facts], agency_id: int) -> dict[tuple[str, int], int | None]:
    """The numbers of those reports that entries of an agency refer to, by kind and id."""
    ids: dict[str, set[int]] = {}
    for each in facts:
        for part in parts_of(each.detail):
            if part.column in OF_REPORTS and part.after:
                ids.setdefault(kind_of_report(each.what), set()).add(int(part.after))
    found: dict[tuple[str, int], int | None] = {}
    for of in (IssuedReport, IssuedOverview):
        kind = of.__tablename__
        if kind in ids:
            rows = db.session.execute(select(of.id, of.number).where(of.agency_id == agency_id, of.id.in_(ids[kind])))
            found |= {(kind, number_of): number for number_of, number in rows}
    return found


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
