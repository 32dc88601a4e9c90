"""Changing the directory: a whole agency from a file, after a look at what will change."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import exists, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app.audit.actions import as_one, note_values
from app.directory.models import (
    Agency,
    Clause,
    ClauseTarget,
    Contract,
    ContractSite,
    Kpi,
    KpiName,
    KpiTarget,
    Provider,
    Site,
    Volume,
)
from app.directory.phrases import begin_with
from app.directory.retention_periods import Kept, days_of
from app.directory.rules import (
    NOT_LIVED,
    ContractSpec,
    Days,
    DayTrouble,
    DirectorySpec,
    KpiSpec,
    Lived,
    SiteSpec,
    Span,
    days_that_stay,
    first_day_of_new,
    kept_first_day,
    read_directory,
    trouble_with,
    trouble_with_new,
)
from app.directory.setting_up import lived, open_cases_outside, served_by_another
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import DomainError, ImportRefused
from app.kernel.periods import day_of
from app.kernel.said import Said, said_of
from app.kernel.words import Words

V = TypeVar("V", ClauseTarget, KpiTarget, Kpi, KpiName)

LIMITS = ("respond_within_hours", "resolve_within_hours")
"""What a clause gives people time for; what it is called and about changes with no day."""

KPI_TERMS = tuple(each.name for each in fields(KpiSpec) if each.name not in ("code", "starts_on", "targets", "names"))
"""All that a KPI says by itself: periods that are over were judged by it, and tell its name."""

MAY_BE_LEFT_OUT = ("also_called", "value", "currency", "calendar")
"""What a contract of a file may leave out, and then stays as it is."""


class Kind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One row that an import adds or changes; ``fields`` says of each what was (None for new rows) and what will be."""

    kind: Kind
    what: str
    name: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


@dataclass
class Changes:
    """What an import changes, in the order of the file; ``unchanged`` counts the rows that stay as they are.

    ``outside``: contract → how many of its open cases were sent on days that are no longer its own. Whoever asks for
    the import is told, and says that they know, before it is kept.
    """

    agency: Agency
    rows: list[Change] = field(default_factory=list)
    unchanged: int = 0
    outside: dict[str, int] = field(default_factory=dict)

    def ask_about(self, contract: Contract, days: Days) -> None:
        """Before the days of a contract change: how many open cases that leaves outside."""
        if inspect(contract).persistent and (contract.starts_on, contract.ends_on) != (days.starts_on, days.ends_on):
            outside = open_cases_outside(contract, days)
            if outside:
                self.outside[contract.reference] = outside


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
        raise ImportRefused([said_of("agency.slug", Said("%(slug)s is not your agency", slug=repr(spec.agency.slug)))])
    _refuse_foreign_sites(spec.contracts, agency)
    _refuse_days(spec.contracts, agency)
    if agency is not None and only_agency is not None:
        _refuse_shared_providers(spec, agency)

    is_new = agency is None
    agency = agency or Agency(slug=spec.agency.slug, languages=["en"])
    changes = Changes(agency)
    write_row(changes, agency, "agency", spec.agency.slug, _given(_values(spec.agency, "slug")))
    if is_new:
        begin_with(agency)
    providers: dict[str, Provider] = {}
    for wanted in spec.providers:
        provider = db.session.scalar(select(Provider).where(Provider.slug == wanted.slug)) or Provider(slug=wanted.slug)
        write_row(changes, provider, "provider", wanted.slug, _values(wanted, "slug"))
        providers[wanted.slug] = provider
    for each in spec.contracts:
        _contract(changes, agency, providers[each.provider], each)
    _refuse_two_of_a_service(spec.contracts, agency)
    return changes


def preview(data: Any, *, only_agency: int | None = None) -> Changes:
    """What ``import_directory`` would change; changes nothing."""
    with db.session.no_autoflush, db.session.begin_nested() as nothing:
        changes = import_directory(data, only_agency=only_agency)
        nothing.rollback()
    return changes


def _contract(changes: Changes, agency: Agency, provider: Provider, spec: ContractSpec) -> None:
    contract = db.session.scalar(
        select(Contract).where(Contract.agency_id == agency.id, Contract.reference == spec.reference)
    ) or Contract(agency_id=agency.id, reference=spec.reference)
    values = _values(spec, "reference", "provider", "sites", "clauses", "kpis", "volumes")
    values = {key: value for key, value in values.items() if value is not None or key not in MAY_BE_LEFT_OUT}
    values |= {"provider_id": provider.id}
    days, past = Days(spec.starts_on, spec.ends_on), lived(contract)
    today = day_of(clock.now(), agency.timezone)
    changes.ask_about(contract, days)
    write_row(changes, contract, "contract", spec.reference, values)
    clauses = _by_code(Clause, contract)
    for position, clause_spec in enumerate(spec.clauses):
        clause = clauses.get(clause_spec.code) or Clause(
            agency_id=agency.id, contract_id=contract.id, code=clause_spec.code
        )
        name = f"{spec.reference} {clause_spec.code}"
        values = _values(clause_spec, "code", "targets", "calendar") | {"position": position}
        write_row(changes, clause, "clause", name, values | _given({"calendar": clause_spec.calendar}))
        for target in clause_spec.targets:
            limits = _dated(clause.targets, target.starts_on) or ClauseTarget(
                agency_id=agency.id, clause_id=clause.id, starts_on=target.starts_on
            )
            write_row(changes, limits, "clause_target", f"{name}, {target.starts_on}", _values(target, "starts_on"))
    # Clauses that the file does not name come after its own: which is first decides about new cases.
    left = [clause for code, clause in clauses.items() if code not in {each.code for each in spec.clauses}]
    for position, clause in enumerate(sorted(left, key=lambda each: each.position), start=len(spec.clauses)):
        write_row(changes, clause, "clause", f"{spec.reference} {clause.code}", {"position": position})
    kpis = _by_code(Kpi, contract)
    for kpi_spec in spec.kpis:
        kpi = kpis.get(kpi_spec.code) or Kpi(agency_id=agency.id, contract_id=contract.id, code=kpi_spec.code)
        name = f"{spec.reference} {kpi_spec.code}"
        values = _values(kpi_spec, "code", "targets", "names")
        first = kpi_spec.starts_on or kpi.starts_on
        if kpi.id is None and first is None:
            first = first_day_of_new(days, today, past)
        values["starts_on"] = kept_first_day(first, days)
        write_row(changes, kpi, "kpi", name, values)
        for wanted in kpi_spec.targets:
            changed = _dated(kpi.targets, wanted.starts_on) or KpiTarget(
                agency_id=agency.id, kpi_id=kpi.id, starts_on=wanted.starts_on
            )
            write_row(changes, changed, "kpi_target", f"{name}, {wanted.starts_on}", _values(wanted, "starts_on"))
        for named in kpi_spec.names:
            renamed = _dated(kpi.names, named.starts_on) or KpiName(
                agency_id=agency.id, kpi_id=kpi.id, starts_on=named.starts_on
            )
            write_row(changes, renamed, "kpi_name", f"{name}, {named.starts_on}", _values(named, "starts_on"))
    months = {volume.month: volume for volume in _volumes(contract)}
    for month, units in spec.volumes.items():
        volume = months.get(month) or Volume(agency_id=agency.id, contract_id=contract.id, month=month)
        write_row(changes, volume, "volume", f"{spec.reference} {month:%Y-%m}", {"units": units})
    sites = {site.code_key: site for site in db.session.scalars(select(Site).where(Site.agency_id == agency.id))}
    placings: dict[int, list[ContractSite]] = defaultdict(list)
    for placing in db.session.scalars(select(ContractSite).where(ContractSite.contract_id == contract.id)):
        placings[placing.site_id].append(placing)
    times = Counter(each.code.casefold() for each in spec.sites)
    for each in spec.sites:
        site = _site(changes, agency, sites, each)
        _placing(changes, contract, each, site, placings[site.id], is_only=times[site.code_key] == 1)


def _dated(versions: Iterable[Any], starts_on: date) -> Any:
    return next((each for each in versions if each.starts_on == starts_on), None)


def _volumes(contract: Contract) -> Iterable[Volume]:
    return db.session.scalars(select(Volume).where(Volume.contract_id == contract.id))


def _site(changes: Changes, agency: Agency, known: dict[str, Site], spec: SiteSpec) -> Site:
    key = spec.code.casefold()
    site = known.setdefault(key, Site(agency_id=agency.id, code=spec.code, code_key=key))
    write_row(changes, site, "site", spec.code, _given(_values(spec, "code", "starts_on", "ends_on")))
    return site


def _placing(
    changes: Changes, contract: Contract, spec: SiteSpec, site: Site, known: list[ContractSite], *, is_only: bool
) -> None:
    """When the contract serves the site: the span of that first day or, where there is one only, that one, moved."""
    placing = next((each for each in known if each.starts_on == spec.starts_on), None)
    if placing is None and is_only and len(known) == 1:
        placing = known[0]
    placing = placing or ContractSite(agency_id=contract.agency_id, contract_id=contract.id, site_id=site.id)
    name = f"{contract.reference} – {site.code}"
    write_row(changes, placing, "contract_site", name, {"starts_on": spec.starts_on, "ends_on": spec.ends_on})


def differs(row: Any, values: dict[str, Any]) -> bool:
    """Whether a row is not yet as ``values`` says."""
    return any(getattr(row, key) != value for key, value in values.items())


def write_row(changes: Changes, row: Any, what: str, name: str, values: dict[str, Any]) -> None:
    """Give a row its values, adding it where it is new, and note what that changes. Flushes."""
    if note_row(changes, row, what, name, values):
        db.session.flush()


def note_row(changes: Changes, row: Any, what: str, name: str, values: dict[str, Any]) -> bool:
    """The same without flushing, for many rows; whether anything changes."""
    is_new = inspect(row).transient
    different = [(key, getattr(row, key), value) for key, value in values.items() if getattr(row, key) != value]
    for key, _, value in different:
        setattr(row, key, value)
    if is_new:
        db.session.add(row)
        given = tuple(_as_in_the_file(*each) for each in different if each[2] not in (None, [], ""))
        changes.rows.append(Change(Kind.ADDED, what, name, given))
    elif different:
        shown = tuple(_as_in_the_file(*each) for each in different)
        changes.rows.append(Change(Kind.CHANGED, what, name, shown))
    else:
        changes.unchanged += 1
    return is_new or bool(different)


def _values(spec: Any, *without: str) -> dict[str, Any]:
    return {each.name: getattr(spec, each.name) for each in fields(spec) if each.name not in without}


def _as_in_the_file(key: str, before: Any, after: Any) -> tuple[str, Any, Any]:
    if key != "provider_id":
        return key, before, after
    was = db.session.get_one(Provider, before).slug if before is not None else None
    return "provider", was, db.session.get_one(Provider, after).slug


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """What a file may leave out stays as it is."""
    return {key: value for key, value in values.items() if value is not None}


def _by_code(model: Any, contract: Contract) -> dict[str, Any]:
    return {row.code: row for row in db.session.scalars(select(model).where(model.contract_id == contract.id))}


def _refuse_foreign_sites(contracts: list[ContractSpec], agency: Agency | None) -> None:
    """A site code is unique in the installation: another agency's sticker cannot be taken over."""
    keys = sorted({site.code.casefold() for contract in contracts for site in contract.sites})
    foreign: set[str] = set()
    for start in range(0, len(keys), 500):
        taken = select(Site.code_key).where(Site.code_key.in_(keys[start : start + 500]))
        if agency is not None:
            taken = taken.where(Site.agency_id != agency.id)
        foreign.update(db.session.scalars(taken))
    problems = [
        said_of(
            f"contracts[{number}].sites[{at}].code", Said("%(code)s is a site of another agency", code=repr(site.code))
        )
        for number, contract in enumerate(contracts)
        for at, site in enumerate(contract.sites)
        if site.code.casefold() in foreign
    ]
    if problems:
        raise ImportRefused(problems)


def _refuse_two_of_a_service(contracts: list[ContractSpec], agency: Agency) -> None:
    """No site is served by two contracts of one service on the same day; read as the file has left them."""
    db.session.flush()
    problems = []
    for number, spec in enumerate(contracts):
        made = db.session.scalars(
            select(Contract)
            .where(Contract.agency_id == agency.id, Contract.reference == spec.reference)
            .options(selectinload(Contract.placings))
            .execution_options(populate_existing=True)
        ).one()
        if found := served_by_another(made, {}):
            twice = Said(
                "%(code)s is served by %(other)s on some of these days, which is about the same service",
                code=repr(found.site.code),
                other=found.contract.reference,
            )
            problems.append(said_of(f"contracts[{number}].sites", twice))
    if problems:
        raise ImportRefused(problems)


def _refuse_days(contracts: list[ContractSpec], agency: Agency | None) -> None:
    """Terms change on days of the contract and, where somebody was measured by them, from today on.

    Nor can anything have been delivered in a month that has not begun.
    """
    problems: list[str] = []
    for number, spec in enumerate(contracts):
        wanted = select(Contract).where(Contract.reference == spec.reference)
        found = db.session.scalar(wanted.where(Contract.agency_id == agency.id)) if agency else None
        today = day_of(clock.now(), agency.timezone) if agency else None
        past = lived(found) if found else NOT_LIVED
        problems += _wrong_ends(f"contracts[{number}]", spec, found, today, past)
        problems += [
            said_of(f"contracts[{number}].volume.{month:%Y-%m}", Said("this month has not begun"))
            for month in spec.volumes
            if month > (today or clock.now().date())
        ]
        if found and found.provider.slug != spec.provider and trouble_with(None, found, today):
            another = Said("delivered on days that are over and stays; another provider needs a contract of its own")
            problems.append(said_of(f"contracts[{number}].provider", another))
        clauses, kpis = (_by_code(model, found) if found else {} for model in (Clause, Kpi))
        for at, clause in enumerate(spec.clauses):
            place, known = f"contracts[{number}].clauses[{at}]", clauses.get(clause.code)
            problems += _wrong_first(place, LIMITS, clause, known, found, today)
            problems += _wrong_days(f"{place}.targets", clause.targets, known, spec, today)
        for at, kpi in enumerate(spec.kpis):
            place, known = f"contracts[{number}].kpis[{at}]", kpis.get(kpi.code)
            begun = known.days_in(found) if known is not None and found is not None else found
            changed = list(_wrong_first(place, KPI_TERMS, kpi, known, begun, today))
            problems += changed or _wrong_binding(place, kpi, known, spec)
            first, wrong = _first_day(place, kpi, known, found, spec, today, past)
            problems += wrong
            span = Days(first, spec.ends_on)
            problems += _wrong_days(f"{place}.targets", kpi.targets, known, span, today, past)
            problems += _wrong_days(f"{place}.names", kpi.names, known, span, today, past)
            for nth, target in enumerate(kpi.targets):
                if target.binds_from != kpi.binds_from:
                    before = _dated(known.targets, target.starts_on) if known is not None else None
                    problems += _wrong_binding(f"{place}.targets[{nth}]", target, before, spec)
    if problems:
        raise ImportRefused(problems)


def _wrong_ends(
    place: str, spec: ContractSpec, found: Contract | None, today: date | None, past: Lived
) -> Iterable[str]:
    """The days of a contract that are over stay its own."""
    if found is None or today is None:
        return
    stay = days_that_stay(found, spec, today, past)
    if "starts_on" in stay:
        kept = Said("stays %(day)s: another would change days that are over", day=found.starts_on.isoformat())
        yield said_of(f"{place}.starts_on", kept)
    if "ends_on" in stay:
        kept = Said("is over; a contract that was used ends today at the earliest, %(day)s", day=today.isoformat())
        yield said_of(f"{place}.ends_on", kept)


def _first_day(
    place: str,
    wanted: KpiSpec,
    known: Kpi | None,
    found: Contract | None,
    of: ContractSpec,
    today: date | None,
    past: Lived,
) -> tuple[date, list[str]]:
    """From which day a KPI of a file holds, and what is wrong with the day that the file says."""
    day = wanted.starts_on
    if known is not None and found is not None:
        before = known.days_in(found).starts_on
        if day is None or day == before:
            return (known.starts_on or of.starts_on), []
        # What has not begun may begin on another day; what has begun did so.
        if today is not None and before < today and past != NOT_LIVED:
            return before, [said_of(f"{place}.from", _stays("starts_on"))]
    if today is None:
        today = date.min
    if day is None:
        day = first_day_of_new(of, today, past) or of.starts_on
    trouble = trouble_with_new(day, of, today, past)
    return day, [said_of(f"{place}.from", _new_trouble(trouble, day, past))] if trouble else []


def _new_trouble(trouble: DayTrouble, day: date, past: Lived) -> Said:
    if trouble == DayTrouble.OVER:
        return Said(
            "%(day)s is over, and there is feedback about the contract; a new KPI holds from today on at the earliest",
            day=day.isoformat(),
        )
    return _reported(past) if trouble == DayTrouble.REPORTED else _no_day(day)


def _reported(past: Lived) -> Said:
    until = past.reported_until or date.min
    return Said("a report tells of the days until %(day)s; choose a later day", day=until.isoformat())


def _wrong_first(
    place: str, terms: Iterable[str], wanted: Any, known: Clause | Kpi | None, of: Span | None, today: date | None
) -> Iterable[str]:
    """What a clause or KPI began with stays as it was agreed, once days under it are over."""
    if known is None or of is None or trouble_with(None, of, today) is None:
        return
    for name in terms:
        if getattr(known, name) != getattr(wanted, name):
            yield said_of(f"{place}.{name}", _stays(name))


def _stays(name: str) -> Said:
    if name == "measure":
        return Said("was agreed for days that are over and stays; add another KPI instead")
    if name == "starts_on":
        return Said("was agreed and stays: days that are over were judged by it, or were not")
    return Said(
        "was agreed for days that are over and stays; say the change in %(key)s, with a day from today on",
        key="names" if name == "title" else "targets",
    )


def _wrong_days(
    place: str,
    versions: Sequence[Any],
    known: Clause | Kpi | None,
    of: Span,
    today: date | None,
    past: Lived = NOT_LIVED,
) -> Iterable[str]:
    part = place.rpartition(".")[2]
    for nth, version in enumerate(versions):
        before = _dated(getattr(known, part), version.starts_on) if known is not None else None
        if before is not None and not differs(before, _values(version, "starts_on")):
            continue
        trouble = trouble_with(version.starts_on, of, today if known is not None else None, past.reported_until)
        if trouble == DayTrouble.OUTSIDE:
            yield said_of(f"{place}[{nth}].from", _no_day(version.starts_on))
        elif trouble == DayTrouble.OVER:
            over = Said(
                "%(day)s is over; terms change from today on at the earliest", day=version.starts_on.isoformat()
            )
            yield said_of(f"{place}[{nth}].from", over)
        elif trouble == DayTrouble.REPORTED:
            yield said_of(f"{place}[{nth}].from", _reported(past))


def _wrong_binding(place: str, wanted: Any, before: Any, of: ContractSpec) -> Iterable[str]:
    day = wanted.binds_from
    if day is not None and (before is None or before.binds_from != day) and trouble_with(day, of, None):
        yield said_of(f"{place}.binds_from", _no_day(day))


def _no_day(day: date) -> Said:
    return Said("%(day)s is no day of the contract", day=day.isoformat())


def _refuse_shared_providers(spec: DirectorySpec, agency: Agency) -> None:
    """Providers belong to the installation: what one agency calls them must not change under another's feet."""
    problems = []
    for number, wanted in enumerate(spec.providers):
        works_elsewhere = exists().where(Contract.provider_id == Provider.id, Contract.agency_id != agency.id)
        shared = db.session.scalar(select(Provider).where(Provider.slug == wanted.slug, works_elsewhere))
        if shared is not None and (shared.name != wanted.name or shared.kind != wanted.kind):
            elsewhere = Said(
                "%(slug)s works for other agencies too; only an administrator can change it from %(name)s, %(kind)s",
                slug=repr(wanted.slug),
                name=repr(shared.name),
                kind=str(shared.kind),
            )
            problems.append(said_of(f"providers[{number}]", elsewhere))
    if problems:
        raise ImportRefused(problems)


class VersionKnown(DomainError):
    """There are other targets from that day on already; two cannot begin on one day."""


def change_terms(contract: Contract, values: dict[str, Any]) -> None:
    """Make the days and the value of a contract what ``values`` says; open cases keep what they began with."""
    for name, value in values.items():
        setattr(contract, name, value)
    db.session.flush()


def change_limits(clause: Clause, starts_on: date, *, respond: float, resolve: float) -> ClauseTarget:
    """Other limits of a clause for what is submitted from a day on: a new version, the old ones stay."""
    changed = ClauseTarget(
        agency_id=clause.agency_id,
        clause_id=clause.id,
        starts_on=starts_on,
        respond_within_hours=respond,
        resolve_within_hours=resolve,
    )
    return _new_version(changed)


def change_target(kpi: Kpi, starts_on: date, values: dict[str, Any]) -> KpiTarget:
    """Another target of a KPI for periods that end from a day on."""
    return _new_version(KpiTarget(agency_id=kpi.agency_id, kpi_id=kpi.id, starts_on=starts_on, **values))


def rename_kpi(kpi: Kpi, starts_on: date, title: Words) -> KpiName:
    """Call a KPI that people enter otherwise in periods that end from a day on; ``VersionKnown`` as for targets."""
    return _new_version(KpiName(agency_id=kpi.agency_id, kpi_id=kpi.id, starts_on=starts_on, title=title))


def add_kpi(
    contract: Contract,
    code: str,
    measure: str,
    title: str | None,
    values: dict[str, Any],
    *,
    starts_on: date | None = None,
) -> Kpi:
    """A KPI that the contract did not have, from a day on; ``VersionKnown`` where it has one of that code.

    Without ``starts_on`` from the first day on from which nothing of the past is judged by it.
    """
    if starts_on is None:
        starts_on = first_day_of_new(contract, day_of(clock.now(), contract.agency.timezone), lived(contract))
    return _new_version(
        Kpi(
            agency_id=contract.agency_id,
            contract_id=contract.id,
            code=code,
            measure=measure,
            title=title,
            starts_on=kept_first_day(starts_on, contract),
            **values,
        )
    )


def change_calendar(of: Agency | Contract | Clause, calendar: dict[str, Any] | None) -> None:
    """Another working calendar, for new cases; None lets a contract or clause go by the one above it."""
    of.calendar = calendar
    db.session.flush()


def _new_version(row: V) -> V:
    """Add it; the database says whether there is one of that day (or code) already."""
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise VersionKnown("there is one already") from None
    return row


def change_settings(
    agency: Agency,
    *,
    photos_at_once: bool,
    quiet_from: int,
    quiet_until: int,
    contact: str | None,
    translates: bool,
) -> None:
    """Decide for all services of an agency; photos and letters that wait already go on waiting."""
    agency.photos_at_once = photos_at_once
    agency.quiet_from, agency.quiet_until, agency.contact = quiet_from, quiet_until, contact
    agency.translates = translates
    db.session.flush()


def change_retention(agency: Agency, days: dict[str, int]) -> None:
    """For how many days an agency keeps each kind of data from now on."""
    before, after = (
        {f"retention_{kind}": days_of(chosen, kind) for kind in Kept} for chosen in (agency.retention, days)
    )
    with as_one():
        agency.retention = days
    note_values("agency", before, after, agency_id=agency.id, subject_id=agency.id)
