"""What entries of the audit about contracts are about: which contract, clause, KPI or site, by its code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import column as sql_column
from sqlalchemy import select
from sqlalchemy import table as sql_table

from app.audit.rules import Facts, parts_of
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
_TOLD = ("contract_id", "site_id")
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
    return found | _told(facts, agency_id)


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


def _told(facts: Sequence[Facts], agency_id: int) -> dict[tuple[str, int], Subject]:
    """Which contract and site those entries are about that hold the ids: their rows may be gone."""
    ids: dict[tuple[str, int], tuple[int, int | None]] = {}
    for each in facts:
        told = {part.column: int(part.after or 0) for part in parts_of(each.detail) if part.column in _TOLD}
        if "contract_id" in told and each.subject_id is not None:
            ids[each.what, each.subject_id] = told["contract_id"], told.get("site_id")
    if not ids:
        return {}
    contracts, sites = ({number for number in each if number} for each in zip(*ids.values(), strict=True))
    of_agency = select(Contract.id, Contract.reference).where(Contract.agency_id == agency_id)
    references = {row.id: row.reference for row in db.session.execute(of_agency.where(Contract.id.in_(contracts)))}
    at_agency = select(Site.id, Site.code).where(Site.agency_id == agency_id)
    codes = {row.id: row.code for row in db.session.execute(at_agency.where(Site.id.in_(sites)))}
    return {
        row: Subject(
            (references[of], codes[at]) if at in codes else (references[of],),
            _IN_REVIEW,
            {"reference": references[of]},
        )
        for row, (of, at) in ids.items()
        if of in references
    }
