"""The directory as sheets, a kind of thing each: good rows are taken in, and what is wrong with the others is said."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.directory.actions import KPI_TERMS, LIMITS, Changes, Kind, differs, note_row, write_row
from app.directory.models import Agency, Clause, ClauseTarget, Contract, ContractSite, Kpi, KpiTarget, Provider, Site
from app.directory.rules import (
    CURRENCY,
    DAYS,
    ENTERED,
    LANGUAGES,
    MEASURES,
    MOST,
    Days,
    DayTrouble,
    Lived,
    Span,
    are_in_order,
    days_served,
    days_that_stay,
    direction_of,
    first_day_of_new,
    kept_first_day,
    serve_at_once,
    trouble_with,
    trouble_with_new,
)
from app.directory.setting_up import in_the_way, lived
from app.extensions import db
from app.kernel import clock
from app.kernel.periods import day_of
from app.kernel.words import Aspect, Basis, Direction, ProviderKind, Words
from app.web.sheets import Cell, Cells, Line
from app.web.texts import gettext as _

CUT_OFFS = ("target", "approaching", "inadequate")
LEAST = 0.01
"""A limit in hours is above nothing."""


class Sheet(StrEnum):
    """What a sheet is about; in the order in which one needs the other."""

    SITES = "sites"
    CONTRACTS = "contracts"
    CLAUSES = "clauses"
    KPIS = "kpis"
    SERVED = "served"


@dataclass(frozen=True)
class Column:
    """A column of a sheet; ``in_languages``: beside it stands one for each language, like ``name_zh``."""

    name: str
    example: Cell
    is_needed: bool = False
    in_languages: bool = False


COLUMNS: dict[Sheet, tuple[Column, ...]] = {
    Sheet.SITES: (
        Column("code", "PK-001", is_needed=True),
        Column("name", "Elm Park", in_languages=True),
        Column("address", "1 Elm Road", in_languages=True),
        Column("area", "East", in_languages=True),
        Column("latitude", 31.2304),
        Column("longitude", 121.4737),
    ),
    Sheet.CONTRACTS: (
        Column("reference", "C-2027-04", is_needed=True),
        Column("title", "Parks 2027", in_languages=True),
        Column("service", "Parks", in_languages=True),
        Column("also_called", "green, trees, playground", in_languages=True),
        Column("provider", "greenleaf"),
        Column("provider_name", "Greenleaf Ltd"),
        Column("provider_kind", "firm"),
        Column("starts_on", date(2027, 1, 1)),
        Column("ends_on", date(2028, 12, 31)),
        Column("value", 120000),
        Column("currency", "GBP"),
        *(Column(name, usual) for name, usual, _least, _most in DAYS),
        Column("is_small", False),
        Column("is_light_touch", False),
    ),
    Sheet.CLAUSES: (
        Column("contract", "C-2027-04", is_needed=True),
        Column("code", "4.2", is_needed=True),
        Column("from", None),
        Column("title", "Paths are safe", in_languages=True),
        Column("aspects", "safety, access"),
        Column("respond_within_hours", 16),
        Column("resolve_within_hours", 40),
    ),
    Sheet.KPIS: (
        Column("contract", "C-2027-04", is_needed=True),
        Column("code", "K1", is_needed=True),
        Column("from", None),
        Column("measure", "on_time_response_rate"),
        Column("title", None, in_languages=True),
        Column("basis", "raw"),
        Column("direction", "at_least"),
        Column("target", 90),
        Column("approaching", 80),
        Column("inadequate", 60),
        Column("minimum_n", 10),
        Column("binds_from", date(2027, 4, 1)),
    ),
    Sheet.SERVED: (
        Column("contract", "C-2027-04", is_needed=True),
        Column("site", "PK-001", is_needed=True),
        Column("from", date(2027, 1, 1)),
        Column("until", None),
    ),
}
WORDS = {column.name for columns in COLUMNS.values() for column in columns if column.in_languages}


@dataclass(frozen=True)
class Row:
    """What became of a row, or would: ``fields`` say what was and what is, ``problems`` what is wrong where."""

    line: Line
    name: str
    kind: Kind | None = None
    fields: tuple[tuple[str, Any, Any], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    # How many open cases of the contract were sent on days that the row takes from it.
    outside: int = 0

    @property
    def is_refused(self) -> bool:
        return bool(self.problems)


def known_columns(sheet: Sheet) -> list[str]:
    """All names that the head of such a sheet may have."""
    return [
        name
        for column in COLUMNS[sheet]
        for name in (column.name, *(f"{column.name}_{code}" for code in LANGUAGES if column.in_languages))
    ]


def needed_columns(sheet: Sheet) -> list[str]:
    return [column.name for column in COLUMNS[sheet] if column.is_needed]


def columns_for(sheet: Sheet, languages: Sequence[str], rows: Iterable[dict[str, Any]] = ()) -> list[str]:
    """The head of a sheet for an agency: names in several languages where it has them, or some row does."""
    spoken = {column for row in rows for column in row}
    more = languages if len(languages) > 1 else ()
    return [name for name in known_columns(sheet) if name in spoken or _is_plain(sheet, name, more)]


def _is_plain(sheet: Sheet, name: str, languages: Sequence[str]) -> bool:
    return any(
        name == column.name or (column.in_languages and name in {f"{column.name}_{code}" for code in languages})
        for column in COLUMNS[sheet]
    )


def take_in(agency: Agency, sheet: Sheet, lines: Sequence[Line]) -> list[Row]:
    """Make the agency's directory what the good rows say, and tell of each row what became of it. Flushes.

    What a row does not name stays, and so does what an empty cell is about.
    """
    taker = _TAKERS[sheet](agency, lines)
    rows = [taker.take(line) for line in lines]
    db.session.flush()
    return rows


def preview(agency: Agency, sheet: Sheet, lines: Sequence[Line]) -> list[Row]:
    """What ``take_in`` would do; changes nothing."""
    with db.session.begin_nested() as nothing:
        rows = take_in(agency, sheet, lines)
        nothing.rollback()
    # What was added for the look is still in the lists of those it was added to.
    db.session.expire_all()
    return rows


@dataclass
class _Taker(ABC):
    """Takes the rows of one sheet in, one after the other."""

    key_column: ClassVar[str] = "code"
    agency: Agency
    lines: Sequence[Line]
    changes: Changes = field(init=False)
    seen: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        contracts = select(Contract).where(Contract.agency_id == self.agency.id)
        more = (Contract.provider, Contract.clauses, Contract.kpis, Contract.placings)
        found = db.session.scalars(contracts.options(*(selectinload(each) for each in more)))
        self.contracts = {contract.reference: contract for contract in found}
        sites = select(Site).where(Site.agency_id == self.agency.id)
        self.sites = {site.code_key: site for site in db.session.scalars(sites)}
        self.load()

    def load(self) -> None:  # noqa: B027  # most kinds of rows need nothing more
        """What else this kind of row needs to know."""

    @abstractmethod
    def read(self, cells: Cells) -> tuple[str, ...]:
        """The names that a row is known by, as they are shown; they are checked already."""

    @abstractmethod
    def write(self, cells: Cells) -> None:
        """Check the row, and write it if nothing is wrong with it."""

    def take(self, line: Line) -> Row:
        cells, self.changes = Cells(line), Changes(self.agency)
        names = self.read(cells)
        key = tuple(name.casefold() for name in names)
        if not cells.problems and self.seen.setdefault(key, line.number) != line.number:
            cells.wrong(self.key_column, _("is in row %(row)s already", row=self.seen[key]))
        if not cells.problems:
            self.write(cells)
        name = " – ".join(name for name in names if name)
        if cells.problems:
            return Row(line, name, problems=tuple(cells.problems))
        kinds = {change.kind for change in self.changes.rows}
        kind = Kind.ADDED if Kind.ADDED in kinds else Kind.CHANGED if kinds else None
        fields = tuple(each for change in self.changes.rows for each in change.fields)
        return Row(line, name, kind, fields, outside=sum(self.changes.outside.values()))

    def contract_of(self, cells: Cells) -> Contract | None:
        reference = cells.needed("contract", 60)
        found = self.contracts.get(reference)
        if found is None and reference:
            cells.wrong("contract", _("is no contract of the agency"))
        return found

    def words(self, cells: Cells, column: str, before: Words | None, *, is_needed: bool) -> Words | None:
        """A name as the row says it, else as it is: languages that it does not name stay."""
        given = {code: text for code in LANGUAGES if (text := cells.text(f"{column}_{code}"))}
        plain = cells.text(column)
        if plain and given:
            cells.wrong(column, _("must be empty where a language has its own"))
        elif plain:
            return plain
        elif given:
            return (before if isinstance(before, dict) else {}) | given
        elif is_needed and not before:
            cells.wrong(column, _("is empty"))
        return before


class _Sites(_Taker):
    def load(self) -> None:
        keys = [line.cells.get("code", "").casefold() for line in self.lines]
        self.foreign: set[str] = set()
        for start in range(0, len(keys), 500):
            taken = select(Site.code_key).where(
                Site.code_key.in_(keys[start : start + 500]), Site.agency_id != self.agency.id
            )
            self.foreign.update(db.session.scalars(taken))

    def read(self, cells: Cells) -> tuple[str, ...]:
        return (cells.name("code", 40),)

    def write(self, cells: Cells) -> None:
        code = cells.line.cells["code"]
        key = code.casefold()
        if key in self.foreign:
            cells.wrong("code", _("is a site of another agency"))
        site = self.sites.get(key) or Site(agency_id=self.agency.id, code=code, code_key=key)
        values = {
            name: self.words(cells, name, getattr(site, name), is_needed=name == "name")
            for name in ("name", "address", "area")
        }
        for column, most in (("latitude", 90), ("longitude", 180)):
            read = cells.degrees(column, most)
            values[column] = getattr(site, column) if read is None else read  # type: ignore[assignment]
        if (values["latitude"] is None) != (values["longitude"] is None):
            missing = "latitude" if values["latitude"] is None else "longitude"
            cells.wrong(missing, _("must be there where the other one is"))
        if not cells.problems:
            note_row(self.changes, site, "site", code, values)
            self.sites[key] = site


class _Contracts(_Taker):
    key_column = "reference"

    def load(self) -> None:
        self.providers: dict[str, Provider] = {row.slug: row for row in db.session.scalars(select(Provider))}

    def read(self, cells: Cells) -> tuple[str, ...]:
        return (cells.name("reference", 60),)

    def write(self, cells: Cells) -> None:
        reference = cells.line.cells["reference"]
        known = self.contracts.get(reference)
        contract = known or Contract(agency_id=self.agency.id, reference=reference)
        values: dict[str, Any] = {
            name: self.words(cells, name, getattr(contract, name), is_needed=name != "also_called")
            for name in ("title", "service", "also_called")
        }
        for column in ("starts_on", "ends_on"):
            values[column] = cells.day(column) or getattr(contract, column)
            if values[column] is None and not cells.has(column):
                cells.wrong(column, _("is empty"))
        if values["starts_on"] and values["ends_on"] and values["ends_on"] < values["starts_on"]:
            cells.wrong("ends_on", _("is before the first day"))
        optional: dict[str, Any] = {"value": cells.amount("value"), "currency": cells.text("currency", 3)}
        if optional["currency"] and not CURRENCY.fullmatch(optional["currency"]):
            cells.wrong("currency", _("must be a currency like GBP or CNY"))
        optional |= {name: cells.whole(name, least, most) for name, _usual, least, most in DAYS}
        optional |= {name: cells.yes_or_no(name) for name in ("is_small", "is_light_touch")}
        # A new row says itself what is usual, so that it is seen.
        usual = {name: each for name, each, *_more in DAYS} | {"is_small": False, "is_light_touch": False}
        for name, value in optional.items():
            if value is not None:
                values[name] = value
            elif known is None and name in usual:
                values[name] = usual[name]
        provider = self._provider(cells, known)
        if known is not None and provider is not None:
            self.check_provider(cells, known, provider)
        if known is not None and not cells.problems:
            self.check_ends(cells, known, Days(values["starts_on"], values["ends_on"]))
        if cells.problems or provider is None:
            return
        if provider.slug not in self.providers:
            said = {"name": cells.text("provider_name"), "kind": cells.one_of("provider_kind", ProviderKind)}
            write_row(self.changes, provider, "provider", provider.slug, said)
            self.providers[provider.slug] = provider
        self.changes.ask_about(contract, Days(values["starts_on"], values["ends_on"]))
        note_row(self.changes, contract, "contract", reference, values | {"provider_id": provider.id})
        self.contracts[reference] = contract

    def _provider(self, cells: Cells, contract: Contract | None) -> Provider | None:
        """Who delivers: as it is, one that is known, or one that the row introduces with name and kind."""
        slug = cells.text("provider", 60)
        name, kind = cells.text("provider_name"), cells.one_of("provider_kind", ProviderKind)
        if slug is None:
            if contract is not None:
                return contract.provider
            cells.wrong("provider", _("is empty"))
            return None
        found = self.providers.get(slug)
        if found is None:
            cells.name("provider", 60)
            for column, given in (("provider_name", name), ("provider_kind", kind)):
                if given is None and not cells.has(column):
                    cells.wrong(column, _("is empty, and the provider is new here"))
            return Provider(slug=slug) if name and kind else None
        if (name and not _is_said(found.name, name)) or (kind and kind != found.kind):
            cells.wrong("provider_name", _("is another than the provider has; a sheet does not change providers"))
        return found

    def check_provider(self, cells: Cells, contract: Contract, provider: Provider) -> None:
        """Who delivered on days that are over did."""
        today = day_of(clock.now(), self.agency.timezone)
        if contract.provider is not provider and trouble_with(None, contract, today):
            cells.wrong(
                "provider", _("is another than delivered on days that are over; it needs a contract of its own")
            )

    def check_ends(self, cells: Cells, contract: Contract, days: Days) -> None:
        """The days of a contract that are over stay its own."""
        today = day_of(clock.now(), self.agency.timezone)
        stay = days_that_stay(contract, days, today, lived(contract))
        if "starts_on" in stay:
            words = _("stays %(day)s: another would change days that are over", day=contract.starts_on)
            cells.wrong("starts_on", words)
        if "ends_on" in stay:
            cells.wrong(
                "ends_on", _("is over; a contract that was used ends today at the earliest, %(day)s", day=today)
            )


class _OfContractFromDay(_Taker):
    """What a contract has by a code, in versions from a day on."""

    def load(self) -> None:
        self.today = day_of(clock.now(), self.agency.timezone)
        self.lived: dict[int, Lived] = {}
        # What this sheet introduces may have had other terms before: nobody was measured by it yet.
        self.new: set[int] = set()

    def lived_of(self, contract: Contract) -> Lived:
        """What there is of a contract already, asked once for all rows of it."""
        if contract.id not in self.lived:
            self.lived[contract.id] = lived(contract)
        return self.lived[contract.id]

    def check_day(self, cells: Cells, column: str, day: date, contract: Contract, of: Clause | Kpi | None) -> None:
        """Terms change on days of the contract and, where somebody was measured by them, from today on."""
        is_known = of is not None and of.id not in self.new
        today = self.today if is_known and column == "from" else None
        if isinstance(of, Kpi) and column == "from":
            past = self.lived_of(contract)
            self.say(cells, column, trouble_with(day, of.days_in(contract), today, past.reported_until), contract)
        else:
            self.say(cells, column, trouble_with(day, contract, today), contract)

    def say(self, cells: Cells, column: str, trouble: DayTrouble | None, contract: Contract) -> None:
        if trouble == DayTrouble.OUTSIDE:
            day, span = cells.day(column), {"first": contract.starts_on, "last": contract.ends_on}
            if day is not None and contract.starts_on <= day <= contract.ends_on:
                cells.wrong(column, _("is before the first day of the KPI"))
            else:
                cells.wrong(column, _("is no day of the contract, which runs from %(first)s to %(last)s", **span))
        elif trouble == DayTrouble.OVER:
            cells.wrong(column, _("is over; terms change from today on at the earliest"))
        elif trouble == DayTrouble.REPORTED:
            until = self.lived_of(contract).reported_until
            cells.wrong(column, _("must be after %(day)s: a report tells of the days until then", day=until))

    def check_first(self, cells: Cells, names: Iterable[str], values: dict[str, Any], of: Clause | Kpi) -> None:
        """What a clause or KPI began with stays as it was agreed, once days under it are over."""
        contract = self.contracts[cells.line.cells["contract"]]
        begun: Span = of.days_in(contract) if isinstance(of, Kpi) else contract
        if of.id is None or of.id in self.new or trouble_with(None, begun, self.today) is None:
            return
        for name in names:
            if getattr(of, name) != values[name]:
                cells.wrong(name, _stays(name))

    def read(self, cells: Cells) -> tuple[str, ...]:
        first = cells.day("from")
        return cells.needed("contract", 60), cells.name("code", 40), first.isoformat() if first else ""


class _Clauses(_OfContractFromDay):
    def write(self, cells: Cells) -> None:
        contract = self.contract_of(cells)
        if contract is None:
            return
        code, first = cells.line.cells["code"], cells.day("from")
        clause = next((each for each in contract.clauses if each.code == code), None)
        limits = {name: cells.number(name, LEAST, MOST) for name in ("respond_within_hours", "resolve_within_hours")}
        name = f"{contract.reference} {code}"
        if first is not None:
            self._version(cells, contract, clause, first, limits)
            return
        is_new = clause is None
        clause = clause or Clause(agency_id=self.agency.id, contract_id=contract.id, code=code)
        aspects = cells.some_of("aspects", Aspect)
        values: dict[str, Any] = {"title": self.words(cells, "title", clause.title, is_needed=True)}
        values["aspects"] = aspects if aspects is not None else clause.aspects or []
        if is_new:
            values["position"] = max((each.position for each in contract.clauses), default=-1) + 1
        values |= _limits(cells, limits, clause)
        self.check_first(cells, LIMITS, values, clause)
        if not cells.problems:
            write_row(self.changes, clause, "clause", name, values)
            if is_new:
                self.new.add(clause.id)
                db.session.refresh(contract, ["clauses"])

    def _version(
        self, cells: Cells, contract: Contract, clause: Clause | None, first: date, limits: dict[str, Any]
    ) -> None:
        if clause is None:
            cells.wrong("code", _("is no clause yet; a row without from comes first"))
            return
        for column in ("title", "aspects"):
            if cells.has(column) and not self._is_as_before(cells, column, clause):
                cells.wrong(column, _("changes with no day; say it in the row without from"))
        known = next((each for each in clause.targets if each.starts_on == first), None)
        target = known or ClauseTarget(agency_id=self.agency.id, clause_id=clause.id, starts_on=first)
        values = _limits(cells, limits, known or clause.limits_on(first))
        if known is None or differs(known, values):
            self.check_day(cells, "from", first, contract, clause)
        if not cells.problems:
            name = f"{contract.reference} {clause.code}, {first}"
            write_row(self.changes, target, "clause_target", name, values)
            if known is None:
                db.session.refresh(clause, ["targets"])

    def _is_as_before(self, cells: Cells, column: str, clause: Clause) -> bool:
        if column == "aspects":
            return cells.some_of("aspects", Aspect) == clause.aspects
        return _is_said(clause.title, cells.text("title") or "")


class _Kpis(_OfContractFromDay):
    def write(self, cells: Cells) -> None:
        contract = self.contract_of(cells)
        if contract is None:
            return
        code, first = cells.line.cells["code"], cells.day("from")
        kpi = next((each for each in contract.kpis if each.code == code), None)
        name = f"{contract.reference} {code}"
        if kpi is not None and first is not None and first != kpi.starts_on:
            known = next((each for each in kpi.targets if each.starts_on == first), None)
            target = known or KpiTarget(agency_id=self.agency.id, kpi_id=kpi.id, starts_on=first)
            values = _target(cells, known or kpi.targets_on(first), kpi.measure)
            if known is None or differs(known, values):
                self.check_day(cells, "from", first, contract, kpi)
            self._check_binding(cells, values, contract, kpi, known)
            if not cells.problems:
                write_row(self.changes, target, "kpi_target", f"{name}, {first}", values)
                db.session.refresh(kpi, ["targets"])
            return
        measure = cells.one_of("measure", sorted(MEASURES | {ENTERED})) or (kpi.measure if kpi else None)
        if measure is None and not cells.has("measure"):
            cells.wrong("measure", _("is empty"))
        values = {"measure": measure} | _target(cells, kpi, measure)
        title = self.words(cells, "title", kpi.title if kpi else None, is_needed=measure == ENTERED)
        if measure not in (ENTERED, None) and title is not None:
            cells.wrong("title", _("is only for what people enter"))
        if kpi is not None and not cells.problems:
            self.check_first(cells, KPI_TERMS, values | {"title": title}, kpi)
        if not cells.problems:
            self._check_binding(cells, values, contract, kpi, kpi)
        if cells.problems:
            return
        if kpi is None:
            values["starts_on"] = self._first_day(cells, contract, first)
            if cells.problems:
                return
        kpi = kpi or Kpi(agency_id=self.agency.id, contract_id=contract.id, code=code)
        write_row(self.changes, kpi, "kpi", name, values | {"title": title})
        if kpi not in contract.kpis:
            self.new.add(kpi.id)
            db.session.refresh(contract, ["kpis"])

    def _first_day(self, cells: Cells, contract: Contract, said: date | None) -> date | None:
        """From when a new KPI holds: the day of the row, or the first from which nothing past is judged by it."""
        past = self.lived_of(contract)
        day = said if said is not None else first_day_of_new(contract, self.today, past) or contract.starts_on
        trouble = trouble_with_new(day, contract, self.today, past)
        if trouble == DayTrouble.OVER:
            why = _("is over, and there is feedback about the contract; a new KPI holds from today on at the earliest")
            cells.wrong("from", why)
        else:
            self.say(cells, "from", trouble, contract)
        return kept_first_day(day, contract)

    def _check_binding(
        self, cells: Cells, values: dict[str, Any], contract: Contract, kpi: Kpi | None, before: Kpi | KpiTarget | None
    ) -> None:
        day = values["binds_from"]
        if day is not None and (before is None or before.binds_from != day):
            self.check_day(cells, "binds_from", day, contract, kpi)


class _Served(_Taker):
    key_column = "site"

    def load(self) -> None:
        self.placings: dict[tuple[int, int], list[ContractSite]] = defaultdict(list)
        for contract in self.contracts.values():
            for placing in contract.placings:
                self.placings[contract.id, placing.site_id].append(placing)

    def read(self, cells: Cells) -> tuple[str, ...]:
        first = cells.day("from")
        return cells.needed("contract", 60), cells.needed("site", 40), first.isoformat() if first else ""

    def write(self, cells: Cells) -> None:
        contract, code = self.contract_of(cells), cells.line.cells["site"]
        site = self.sites.get(code.casefold())
        if site is None:
            cells.wrong("site", _("is no site of the agency"))
        if contract is None or site is None:
            return
        first, last = cells.day("from") or contract.starts_on, cells.day("until")
        if last is not None and last < first:
            cells.wrong("until", _("is before the first day"))
        placings = self.placings[contract.id, site.id]
        placing = next((each for each in placings if each.starts_on == first), None)
        found = in_the_way([each for each in placings if each is not placing], Days(first, last))
        if found is not None:
            words = _("meets days on which the contract serves the site already, from %(day)s on", day=found.starts_on)
            cells.wrong("from", words)
        elif days_served(contract, Days(first, last)) is None:
            cells.wrong("from", _("is when the contract does not run"))
        elif another := self._of_the_same_service(contract, site, Days(first, last)):
            words = _(
                "meets days on which %(contract)s serves the site, which is about the same service", contract=another
            )
            cells.wrong("from", words)
        if cells.problems:
            return
        if placing is None:
            placing = ContractSite(agency_id=self.agency.id, contract_id=contract.id, site_id=site.id)
            placings.append(placing)
        name = f"{contract.reference} – {site.code}"
        note_row(self.changes, placing, "contract_site", name, {"starts_on": first, "ends_on": last})

    def _of_the_same_service(self, contract: Contract, site: Site, days: Days) -> str | None:
        """Another contract that serves the site on one of the days, rows before this one counted in."""
        others = (each for each in self.contracts.values() if each is not contract and each.service == contract.service)
        return next(
            (
                other.reference
                for other in others
                for placing in self.placings[other.id, site.id]
                if serve_at_once(contract, days, other, placing)
            ),
            None,
        )


_TAKERS: dict[Sheet, type[_Taker]] = {
    Sheet.SITES: _Sites,
    Sheet.CONTRACTS: _Contracts,
    Sheet.CLAUSES: _Clauses,
    Sheet.KPIS: _Kpis,
    Sheet.SERVED: _Served,
}


def _stays(name: str) -> str:
    """Why what was agreed first cannot be changed, and how to say the change instead."""
    if name == "measure":
        return _("was agreed for days that are over and stays; add another KPI instead")
    if name == "title":
        return _("was agreed for days that are over and stays; rename it on its page, from a day on")
    return _("was agreed for days that are over and stays; say the change in a row with a day in from")


def _limits(cells: Cells, given: dict[str, Any], before: Any) -> dict[str, Any]:
    """Hours as the row says them, else as they are; a new clause must say them."""
    values = {name: getattr(before, name) if value is None else value for name, value in given.items()}
    for name, value in values.items():
        if value is None and not cells.has(name):
            cells.wrong(name, _("is empty"))
    if not are_in_order(values["respond_within_hours"], values["resolve_within_hours"]):
        cells.wrong("respond_within_hours", _("is longer than resolve_within_hours"))
    return values


def _target(cells: Cells, before: Kpi | KpiTarget | None, measure: str | None) -> dict[str, Any]:
    """Basis, direction and cut-offs as the row says them, in percent there, else as they are."""
    given: dict[str, Any] = {name: cells.number(name, 0, 100) for name in CUT_OFFS}
    given = {name: None if share is None else round(share / 100, 10) for name, share in given.items()}
    basis, direction = cells.one_of("basis", Basis), cells.one_of("direction", Direction)
    given |= {"basis": Basis(basis) if basis else None, "direction": Direction(direction) if direction else None}
    given["minimum_n"] = cells.whole("minimum_n", 0, MOST)
    given["binds_from"] = cells.day("binds_from")
    usual: dict[str, Any] = {"basis": Basis.RAW, "minimum_n": 0}
    values: dict[str, Any] = {}
    for name, value in given.items():
        kept = usual.get(name) if before is None else getattr(before, name)
        values[name] = kept if value is None else value
        if values[name] is None and name != "binds_from" and not cells.has(name):
            cells.wrong(name, _("is empty"))
    only = direction_of(measure or "")
    if values["direction"] is not None and only not in (None, values["direction"]):
        cells.wrong("direction", _("must be %(only)s for this measure; no other makes sense", only=str(only)))
    if not cells.problems:
        for harder, easier in pairwise(CUT_OFFS):
            is_more = values[easier] > values[harder]
            if is_more if values["direction"] == Direction.AT_LEAST else values[easier] < values[harder]:
                cells.wrong(easier, _("must be easier to meet than %(harder)s", harder=harder))
    return values


def _is_said(words: Words | None, text: str) -> bool:
    return text in (words.values() if isinstance(words, dict) else (words,))


def rows_of(agency: Agency, sheet: Sheet) -> Iterator[dict[str, Cell]]:
    """What there is, as rows that change nothing when they are taken in again; cells by column."""
    if sheet == Sheet.SITES:
        for site in db.session.scalars(select(Site).where(Site.agency_id == agency.id).order_by(Site.code_key)):
            named = _named("name", site.name) | _named("address", site.address) | _named("area", site.area)
            yield {"code": site.code, **named, "latitude": site.latitude, "longitude": site.longitude}
        return
    wanted = select(Contract).where(Contract.agency_id == agency.id).order_by(Contract.reference)
    placed = selectinload(Contract.placings).selectinload(ContractSite.site)
    for contract in db.session.scalars(wanted.options(selectinload(Contract.provider), placed)):
        yield from _OF_CONTRACT[sheet](contract)


def _contract_rows(contract: Contract) -> Iterator[dict[str, Cell]]:
    provider = contract.provider
    name = provider.name if isinstance(provider.name, str) else next(iter(provider.name.values()))
    yield {
        "reference": contract.reference,
        **_named("title", contract.title),
        **_named("service", contract.service),
        **_named("also_called", contract.also_called),
        "provider": provider.slug,
        "provider_name": name,
        "provider_kind": str(provider.kind),
        "starts_on": contract.starts_on,
        "ends_on": contract.ends_on,
        "value": None if contract.value is None else float(contract.value),
        "currency": contract.currency,
        **{column: getattr(contract, column) for column, *_more in DAYS},
        "is_small": contract.is_small,
        "is_light_touch": contract.is_light_touch,
    }


def _clause_rows(contract: Contract) -> Iterator[dict[str, Cell]]:
    for clause in contract.clauses:
        of: dict[str, Cell] = {"contract": contract.reference, "code": clause.code}
        about = {**_named("title", clause.title), "aspects": ", ".join(clause.aspects)}
        for limits in (clause, *clause.targets):
            hours = {name: getattr(limits, name) for name in ("respond_within_hours", "resolve_within_hours")}
            is_first = limits is clause
            yield of | {"from": getattr(limits, "starts_on", None)} | (about if is_first else {}) | hours


def _kpi_rows(contract: Contract) -> Iterator[dict[str, Cell]]:
    for kpi in contract.kpis:
        of: dict[str, Cell] = {"contract": contract.reference, "code": kpi.code}
        about = {"measure": kpi.measure, **_named("title", kpi.title)}
        versions: list[Kpi | KpiTarget] = [kpi, *kpi.targets]
        for target in versions:
            yield (
                of
                | {"from": getattr(target, "starts_on", None)}
                | (about if target is kpi else {})
                | {
                    "basis": str(target.basis),
                    "direction": str(target.direction),
                    **{name: round(100 * getattr(target, name), 8) for name in CUT_OFFS},
                    "minimum_n": target.minimum_n,
                    "binds_from": target.binds_from,
                }
            )


def _served_rows(contract: Contract) -> Iterator[dict[str, Cell]]:
    for placing in sorted(contract.placings, key=lambda each: (each.site.code_key, each.starts_on)):
        yield {
            "contract": contract.reference,
            "site": placing.site.code,
            "from": placing.starts_on,
            "until": placing.ends_on,
        }


_OF_CONTRACT = {
    Sheet.CONTRACTS: _contract_rows,
    Sheet.CLAUSES: _clause_rows,
    Sheet.KPIS: _kpi_rows,
    Sheet.SERVED: _served_rows,
}


def _named(column: str, words: Words | None) -> dict[str, Cell]:
    if isinstance(words, dict):
        return {f"{column}_{code}": text for code, text in words.items()}
    return {column: words} if words else {}


def example_of(sheet: Sheet) -> dict[str, Cell]:
    """A row that says everything."""
    return {column.name: column.example for column in COLUMNS[sheet]}
