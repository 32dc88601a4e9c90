"""Setting up by pages: contracts, clauses, sites and who serves what, one at a time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from app.directory.models import Agency, Clause, Contract, ContractSite, Provider, Site
from app.directory.rules import NOT_LIVED, Days, Lived, Span, days_served, overlap, serve_at_once
from app.extensions import db
from app.kernel.errors import DomainError
from app.kernel.words import ProviderKind

AnyRow = TypeVar("AnyRow", Provider, Contract, Clause, Site)


CountCases = Callable[[Contract, Days], int]
"""How many open cases of a contract were sent outside some days; a later stage, which knows cases, counts them."""

_counting: list[CountCases] = []


def counting_cases(count: CountCases) -> CountCases:
    """Have this function asked before the days of a contract change."""
    _counting.append(count)
    return count


def open_cases_outside(contract: Contract, days: Days) -> int:
    """How many open cases of the contract were sent on other days than these."""
    return sum(count(contract, days) for count in _counting)


LookBack = Callable[[Contract], Lived]
"""What a later stage knows of a contract that was lived under: what was sent about it, what was reported."""

_looking_back: list[LookBack] = []


def looking_back(look: LookBack) -> LookBack:
    """Have this function asked before the days of a contract, or what it is judged by, change."""
    _looking_back.append(look)
    return look


def lived(contract: Contract) -> Lived:
    """All that there is of a contract already; nothing of one that is not kept yet."""
    found = NOT_LIVED
    if contract.id is not None:
        for look in _looking_back:
            found |= look(contract)
    return found


class NameTaken(DomainError):
    """There is one of that name already: a reference, a code, the short name of a provider."""


class ServedAlready(DomainError):
    """The contract, or another one of the same service, serves the site on some of these days already: on ``days``.

    Residents who come to a site must not be asked which of two contracts they mean when both are about the same.
    """

    def __init__(self, days: ContractSite):
        super().__init__("the site is served on some of these days already")
        self.days = days


class ContractNotRunning(DomainError):
    """The contract runs on none of these days."""


def add_provider(slug: str, name: str, kind: ProviderKind) -> Provider:
    """A provider that nobody here knows yet; ``NameTaken`` where one is called so."""
    return _add(Provider(slug=slug, name=name, kind=kind))


def add_contract(agency: Agency, provider: Provider, reference: str, values: dict[str, Any]) -> Contract:
    """A contract that the agency did not have; ``NameTaken`` where it has one of that reference."""
    return _add(Contract(agency_id=agency.id, provider_id=provider.id, reference=reference, **values))


def change_contract(contract: Contract, values: dict[str, Any]) -> None:
    """Give a contract what ``values`` says. ``ServedAlready`` where it would newly meet another of its service."""
    found = served_by_another(contract, values)
    if found is not None and served_by_another(contract, {}) is None:
        raise ServedAlready(found)
    change(contract, values)


def change(row: Contract | Clause | Site, values: dict[str, Any]) -> None:
    """Give a row what ``values`` says by its columns; open cases keep what they began with."""
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()


def add_clause(contract: Contract, code: str, values: dict[str, Any]) -> Clause:
    """A duty that the contract did not have, after the others; ``NameTaken`` where it has one of that code."""
    last = max((clause.position for clause in contract.clauses), default=-1)
    return _add(
        Clause(agency_id=contract.agency_id, contract_id=contract.id, code=code, position=last + 1, **values),
    )


def put_in_order(clause: Clause, nth: int) -> None:
    """Make a clause the ``nth`` of its contract, from 1: which is first decides about new cases."""
    others = [each for each in clause.contract.clauses if each is not clause]
    others.insert(nth - 1, clause)
    for position, each in enumerate(others):
        each.position = position
    db.session.flush()


def add_site(agency: Agency, code: str, values: dict[str, Any]) -> Site:
    """A site with a code that nobody in the installation has; ``NameTaken`` otherwise."""
    return _add(Site(agency_id=agency.id, code=code, code_key=code.casefold(), **values))


def place(contract: Contract, site: Site, starts_on: date, ends_on: date | None) -> ContractSite:
    """Let a contract serve a site on some days. ``ServedAlready`` where it, or another of its service, does on one.

    ``ContractNotRunning`` where it runs on none of them.
    """
    _check_free(contract, site.id, Days(starts_on, ends_on))
    placing = ContractSite(
        agency_id=contract.agency_id, contract_id=contract.id, site_id=site.id, starts_on=starts_on, ends_on=ends_on
    )
    db.session.add(placing)
    db.session.flush()
    return placing


def change_days(placing: ContractSite, starts_on: date, ends_on: date | None) -> None:
    """Let a contract serve the site on other days; refused as in ``place``."""
    _check_free(placing.contract, placing.site_id, Days(starts_on, ends_on), but=placing.id)
    placing.starts_on, placing.ends_on = starts_on, ends_on
    db.session.flush()


def take_off(placing: ContractSite, gone_from: date) -> bool:
    """A contract serves the site no more from that day; whether any day is left on which it did.

    What was sent before stays under it. Where no day is left the row goes; that it was there stays in the audit.
    """
    if gone_from <= placing.starts_on:
        db.session.delete(placing)
        db.session.flush()
        return False
    last = gone_from - timedelta(days=1)
    placing.ends_on = last if placing.ends_on is None else min(placing.ends_on, last)
    db.session.flush()
    return True


def in_the_way(others: Sequence[ContractSite], days: Days) -> ContractSite | None:
    """The first of ``others`` that holds on one of the days."""
    return next((each for each in others if overlap(each, days)), None)


def served_by_another(
    contract: Contract, values: Mapping[str, Any], placings: Sequence[tuple[int, Span]] | None = None
) -> ContractSite | None:
    """Where another contract of the same service serves a site of this one on the same day; None where none does.

    The contract is taken as ``values`` say, and as it is for the rest; ``placings``: (site, days), by default its own.
    """
    own = [(each.site_id, each) for each in contract.placings] if placings is None else placings
    service = values.get("service", contract.service)
    runs = Days(values.get("starts_on", contract.starts_on), values.get("ends_on", contract.ends_on))
    others = (
        select(ContractSite)
        .join(ContractSite.contract)
        .where(Contract.agency_id == contract.agency_id, Contract.id != contract.id)
        .where(ContractSite.site_id.in_({site_id for site_id, _days in own}))
        .options(contains_eager(ContractSite.contract))
        .order_by(ContractSite.id)
    )
    with db.session.no_autoflush:
        there = [each for each in db.session.scalars(others) if each.contract.service == service]
    return next(
        (
            other
            for site_id, days in own
            for other in there
            if other.site_id == site_id and serve_at_once(runs, days, other.contract, other)
        ),
        None,
    )


def _check_free(contract: Contract, site_id: int, days: Days, but: int | None = None) -> None:
    # Whoever places the same contract, or another at this site, meanwhile waits for the end of this.
    db.session.execute(select(Contract.id).where(Contract.id == contract.id).with_for_update())
    db.session.execute(select(Site.id).where(Site.id == site_id).with_for_update())
    if days_served(contract, days) is None:
        raise ContractNotRunning("the contract runs on none of these days")
    others = select(ContractSite).where(ContractSite.contract_id == contract.id, ContractSite.site_id == site_id)
    own = [each for each in db.session.scalars(others) if each.id != but]
    found = in_the_way(own, days) or served_by_another(contract, {}, [(site_id, days)])
    if found is not None:
        raise ServedAlready(found)


def _add(row: AnyRow) -> AnyRow:
    """Add it; the database says whether there is one of that name already."""
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise NameTaken("there is one of that name already") from None
    return row
