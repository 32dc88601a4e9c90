"""What a directory file must say, checked before anything is changed; a problem names its place in the file."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from app.kernel.said import Said, said_of
from app.kernel.words import Aspect, Basis, Direction, ProviderKind, Words
from app.kernel.working_time import CalendarError, WorkingCalendar

MEASURES = frozenset(
    {
        "response_rate",
        "on_time_response_rate",
        "resolution_rate",
        "on_time_resolution_rate",
        "reopen_rate",
        "confirmed_rate",
        "rejected_rate",
        "service_satisfaction",
        "handling_satisfaction",
        "negative_share",
    }
)
"""The shares that a KPI can be about (a test holds this against the measures)."""

FEWER_IS_BETTER = frozenset({"reopen_rate", "rejected_rate", "negative_share"})
"""The measures of which a small share is good; of all others a large one is."""

ENTERED = "entered"
"""The measure of a KPI whose figures people enter, from inspections and from what the provider returns."""

WAITING_DAYS, STATEMENT_DAYS, REPLY_DAYS, CONTEST_DAYS, CONFIRM_DAYS, REOPEN_DAYS = 5, 10, 5, 10, 14, 90
"""What a contract says where it says nothing: the first four in working days."""

MOST = 100_000
"""No limit in hours and no number of cases reaches it: more is a slip of the pen."""

MOST_UNITS = 2_000_000_000
CURRENCY = re.compile(r"[A-Z]{3}")

LANGUAGES = ("en", "zh", "es", "ar")


def are_in_order(respond: float | None, resolve: float | None) -> bool:
    """Whether nothing has to be answered later than solved: both limits run in the working hours of one calendar.

    Where one is not known (None, NaN) nothing can be said against the other.
    """
    return respond is None or resolve is None or not respond > resolve


def direction_of(measure: str) -> Direction | None:
    """Which side of its target is good, whatever a contract says; None for what people enter, which can be either."""
    if measure not in MEASURES:
        return None
    return Direction.AT_MOST if measure in FEWER_IS_BETTER else Direction.AT_LEAST


class Dated(Protocol):
    """Something that holds from a day on."""

    @property
    def starts_on(self) -> Any: ...


AnyDated = TypeVar("AnyDated", bound=Dated)


def in_force(versions: Iterable[AnyDated], day: date) -> AnyDated | None:
    """The version that holds on ``day``: the latest that has begun; None where none has."""
    return max((each for each in versions if each.starts_on <= day), key=lambda each: each.starts_on, default=None)


class Span(Protocol):
    """Days from a first to a last one; without a last one, without an end."""

    @property
    def starts_on(self) -> Any: ...
    @property
    def ends_on(self) -> Any: ...


def overlap(one: Span, other: Span) -> bool:
    """Whether both hold on some day."""
    return bool(one.starts_on <= (other.ends_on or date.max) and other.starts_on <= (one.ends_on or date.max))


def days_served(contract: Span, placing: Span) -> "Days | None":
    """The days on which a contract serves a site: those of its placing on which it runs; None where there are none."""
    first = max(contract.starts_on, placing.starts_on)
    last = min(contract.ends_on, placing.ends_on or contract.ends_on)
    return Days(first, last) if first <= last else None


def serve_at_once(contract: Span, placing: Span, other: Span, others_placing: Span) -> bool:
    """Whether two contracts serve a site on some same day, each with its placing there."""
    one, two = days_served(contract, placing), days_served(other, others_placing)
    return one is not None and two is not None and overlap(one, two)


class DayTrouble(StrEnum):
    """Why terms cannot change from a day on."""

    OUTSIDE = "outside"
    OVER = "over"
    REPORTED = "reported"


@dataclass(frozen=True)
class Days:
    """A span of days by itself."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Lived:
    """What there is of a contract already: whether anything was sent about it, and the last day of any report on it."""

    was_heard: bool = False
    reported_until: date | None = None

    def __or__(self, other: "Lived") -> "Lived":
        days = [each for each in (self.reported_until, other.reported_until) if each is not None]
        return Lived(self.was_heard or other.was_heard, max(days, default=None))


NOT_LIVED = Lived()
"""Of a contract that is new."""


def trouble_with(
    day: date | None, of: Span, today: date | None, reported_until: date | None = None
) -> DayTrouble | None:
    """Whether terms of a contract (``of``) may change from ``day`` on: one of its days, and none that is over.

    Without ``day`` it is about the terms that something began with: they hold from its first day on, so they can be
    others only while it has not begun. Without ``today`` nothing is over. What periods are judged by cannot change for
    those that were reported already, up to ``reported_until``.
    """
    day = of.starts_on if day is None else day
    if not of.starts_on <= day <= (of.ends_on or date.max):
        return DayTrouble.OUTSIDE
    if today is not None and day < today:
        return DayTrouble.OVER
    return DayTrouble.REPORTED if reported_until is not None and day <= reported_until else None


def trouble_with_new(day: date, of: Span, today: date, lived: Lived) -> DayTrouble | None:
    """Whether a contract may be judged from ``day`` on by a KPI that it did not have before.

    On days that are over only while nothing was sent about it: nobody had agreed to be measured by it.
    """
    return trouble_with(day, of, today if lived.was_heard else None, lived.reported_until)


def first_day_of_new(of: Span, today: date, lived: Lived) -> date | None:
    """From when a new KPI holds if nobody says so: today, or the first day on which nothing past is judged by it.

    None, from the contract's first day on, where that changes nothing: nobody was measured yet.
    """
    if trouble_with_new(of.starts_on, of, today, lived) is None:
        return None
    reported = lived.reported_until
    first: date = max(of.starts_on, today)
    return max(first, reported + timedelta(days=1)) if reported else first


def kept_first_day(day: date | None, of: Span) -> date | None:
    """A first day as it is kept: None where it is that of the contract."""
    return day if day is not None and day > of.starts_on else None


def days_that_stay(before: Span, after: Span, today: date, lived: Lived) -> frozenset[str]:
    """Which ends of a contract (``starts_on``, ``ends_on``) cannot move: that would change days that are over.

    A first day that is over stays, and none is put before today; a last day comes no earlier than today. A contract
    that nothing was sent about and no report told of may get any days: they were set down wrongly. One that is over
    may be prolonged, as it is often agreed late: that takes nothing from the days it had.
    """
    if lived == NOT_LIVED:
        return frozenset()
    stay = set()
    if before.starts_on != after.starts_on and min(before.starts_on, after.starts_on) < today:
        stay.add("starts_on")
    last, new_last = before.ends_on or date.max, after.ends_on or date.max
    if new_last < last and new_last < today:
        stay.add("ends_on")
    return frozenset(stay)


@dataclass(frozen=True)
class ClauseTargetSpec:
    """Other limits of a clause from a day on."""

    starts_on: date
    respond_within_hours: float
    resolve_within_hours: float


@dataclass(frozen=True)
class ClauseSpec:
    code: str
    title: Words
    aspects: list[str]
    respond_within_hours: float
    resolve_within_hours: float
    # None: as it is; a new clause has the contract's.
    calendar: dict[str, Any] | None
    targets: list[ClauseTargetSpec]


@dataclass(frozen=True)
class KpiTargetSpec:
    """Another target of a KPI from a day on."""

    starts_on: date
    direction: Direction
    target: float
    approaching: float
    inadequate: float
    minimum_n: int
    basis: Basis
    binds_from: date | None


@dataclass(frozen=True)
class KpiNameSpec:
    """Another name of a KPI that people enter, from a day on."""

    starts_on: date
    title: Words


@dataclass(frozen=True)
class KpiSpec:
    code: str
    measure: str
    direction: Direction
    target: float
    approaching: float
    inadequate: float
    minimum_n: int
    basis: Basis
    binds_from: date | None
    title: Words | None
    # From when it holds; None: as it is; a new KPI from the contract's first day on, or from today.
    starts_on: date | None
    targets: list[KpiTargetSpec]
    names: list[KpiNameSpec]


@dataclass(frozen=True)
class SiteSpec:
    code: str
    name: Words
    # None: as they are.
    address: Words | None
    area: Words | None
    latitude: float | None
    longitude: float | None
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class ContractSpec:
    reference: str
    title: Words
    service: Words
    # None: as it is.
    also_called: Words | None
    provider: str
    starts_on: date
    ends_on: date
    waiting_days: int
    statement_days: int
    reply_days: int
    contest_days: int
    confirm_days: int
    reopen_days: int
    is_small: bool
    is_light_touch: bool
    # None: as they are.
    value: Decimal | None
    currency: str | None
    calendar: dict[str, Any] | None
    volumes: dict[date, int]
    sites: list[SiteSpec]
    clauses: list[ClauseSpec]
    kpis: list[KpiSpec]


@dataclass(frozen=True)
class ProviderSpec:
    slug: str
    name: Words
    kind: ProviderKind


@dataclass(frozen=True)
class AgencySpec:
    slug: str
    name: Words
    timezone: str
    calendar: dict[str, Any]
    # None: as they are; a new agency begins with English.
    languages: list[str] | None
    emergency_number: str | None
    contact: str | None


@dataclass(frozen=True)
class DirectorySpec:
    agency: AgencySpec
    providers: list[ProviderSpec]
    contracts: list[ContractSpec]


@dataclass
class Reader:
    """Reads a JSON value piece by piece and keeps what is wrong with it, each with its place."""

    problems: list[str] = field(default_factory=list)

    def wrong(self, place: str, expected: str, found: Any) -> None:
        shown = Said("nothing") if found is None else repr(found)[:60]
        wrong = Said("expected %(expected)s, got %(found)s", expected=expected, found=shown)
        self.problems.append(said_of(place, wrong))

    def thing(self, value: Any, place: str, known: set[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong(place, Said("an object"), value)
            return {}
        for key in sorted(value.keys() - known):
            names = ", ".join(sorted(known))
            self.problems.append(said_of(f"{place}.{key}", Said("unknown; known are %(names)s", names=names)))
        return value

    def things(self, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        if value is None:
            return
        if not isinstance(value, list):
            self.wrong(place, Said("a list"), value)
            return
        for number, item in enumerate(value):
            yield f"{place}[{number}]", item

    def text(self, value: Any, place: str, longest: int = 60) -> str:
        if isinstance(value, str) and 0 < len(value.strip()) <= longest and value.strip().isprintable():
            return value.strip()
        self.wrong(place, Said("text of 1 to %(most)s characters", most=longest), value)
        return ""

    def address_part(self, value: Any, place: str, longest: int = 60) -> str:
        """A name that stands in the address of a page."""
        text = self.text(value, place, longest)
        if any(sign in "/?#%\\" or sign.isspace() for sign in text) or text in (".", ".."):
            self.wrong(place, Said("a code without spaces and slashes, as it stands in an address"), text)
        return text

    def words(self, value: Any, place: str) -> Words:
        if isinstance(value, str):
            return self.text(value, place, 200)
        if isinstance(value, dict) and value and all(key in LANGUAGES for key in value):
            return {language: self.text(text, f"{place}.{language}", 200) for language, text in value.items()}
        names = ", ".join(LANGUAGES)
        self.wrong(place, Said("text, or one text for each of some languages (%(names)s)", names=names), value)
        return ""

    def number(self, value: Any, place: str, expected: str, holds: Callable[[float], bool]) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and abs(value) < MOST and math.isfinite(value) and holds(value):
            return float(value)
        self.wrong(place, expected, value)
        return math.nan  # of which nothing more is said to be wrong

    def degrees(self, value: Any, place: str, most: int) -> float:
        return self.number(
            value,
            place,
            Said("degrees from %(least)s to %(most)s (WGS 84)", least=-most, most=most),
            lambda n: -most <= n <= most,
        )

    def whole(self, value: Any, place: str, low: int, high: int) -> int:
        expected = Said("a whole number from %(least)s to %(most)s", least=low, most=high)
        number = self.number(value, place, expected, lambda n: low <= n <= high and float(n).is_integer())
        return 0 if math.isnan(number) else int(number)

    def day(self, value: Any, place: str) -> date:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong(place, Said("a date like 2026-09-30"), value)
            return date.min

    def yes_or_no(self, value: Any, place: str) -> bool:
        if not isinstance(value, bool):
            self.wrong(place, Said("true or false"), value)
        return bool(value)

    def money(self, value: Any, place: str) -> Decimal:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**12
        if not is_number or round(value, 2) != value:
            self.wrong(place, Said("an amount of at most two decimals, not below 0"), value)
            return Decimal(0)
        return Decimal(str(value)).quantize(Decimal("0.01"))

    def currency(self, value: Any, place: str) -> str:
        if not isinstance(value, str) or not CURRENCY.fullmatch(value):
            self.wrong(place, Said("a currency like GBP or CNY"), value)
            return ""
        return value

    def calendar(self, value: Any, place: str, timezone: str) -> dict[str, Any]:
        try:
            read = WorkingCalendar.from_dict(value, timezone)
        except CalendarError as error:
            self.problems.append(said_of(place, error.said))
            return {}
        if not read.weekdays:
            # Extra days run out, and then no limit would ever fall.
            self.problems.append(said_of(f"{place}: weekdays", Said("a week needs at least one working day")))
        return read.to_dict()

    def one_of(self, value: Any, place: str, kind: Any) -> Any:
        try:
            return kind(value)
        except ValueError:
            self.wrong(place, _one_of(kind), value)
            return next(iter(kind))


def read_directory(data: Any) -> tuple[DirectorySpec, list[str]]:
    """The directory a file describes and everything that is wrong with it; to be used only where nothing is."""
    reader = Reader()
    whole = reader.thing(data, "file", {"agency", "providers", "contracts"})
    agency = _agency(reader, whole.get("agency"))
    providers = [_provider(reader, value, place) for place, value in reader.things(whole.get("providers"), "providers")]
    contracts = [
        _contract(reader, value, place, agency.timezone)
        for place, value in reader.things(whole.get("contracts"), "contracts")
    ]

    slugs = [provider.slug for provider in providers]
    _once(reader, "providers", "slug", slugs)
    _once(reader, "contracts", "reference", [contract.reference for contract in contracts])
    for number, contract in enumerate(contracts):
        if contract.provider not in slugs:
            expected = Said("the slug of one of the providers")
            reader.wrong(f"contracts[{number}].provider", expected, contract.provider)
    _one_site_per_code(reader, contracts)
    return DirectorySpec(agency, providers, contracts), reader.problems


def _agency(reader: Reader, value: Any) -> AgencySpec:
    known = {"name", "slug", "timezone", "calendar", "languages", "emergency_number", "contact"}
    data = reader.thing(value, "agency", known)
    timezone = reader.text(data.get("timezone"), "agency.timezone")
    languages = data.get("languages")
    are_languages = isinstance(languages, list) and languages and all(each in LANGUAGES for each in languages)
    if languages is not None and not are_languages:
        reader.wrong("agency.languages", Said("a list of %(names)s", names=", ".join(LANGUAGES)), languages)
    emergency, contact = data.get("emergency_number"), data.get("contact")
    return AgencySpec(
        slug=reader.address_part(data.get("slug"), "agency.slug"),
        name=reader.words(data.get("name"), "agency.name"),
        timezone=timezone,
        calendar=reader.calendar(data.get("calendar", {}), "agency.calendar", timezone),
        languages=languages,
        emergency_number=None if emergency is None else reader.text(emergency, "agency.emergency_number", 40),
        contact=None if contact is None else reader.text(contact, "agency.contact", 200),
    )


def _provider(reader: Reader, value: Any, place: str) -> ProviderSpec:
    data = reader.thing(value, place, {"slug", "name", "kind"})
    return ProviderSpec(
        slug=reader.address_part(data.get("slug"), f"{place}.slug"),
        name=reader.words(data.get("name"), f"{place}.name"),
        kind=reader.one_of(data.get("kind"), f"{place}.kind", ProviderKind),
    )


# How many days a contract gives, and the least and most that make sense.
DAYS = (
    ("waiting_days", WAITING_DAYS, 0, 60),
    ("statement_days", STATEMENT_DAYS, 0, 60),
    ("reply_days", REPLY_DAYS, 1, 60),
    ("contest_days", CONTEST_DAYS, 1, 60),
    ("confirm_days", CONFIRM_DAYS, 1, 365),
    ("reopen_days", REOPEN_DAYS, 1, 3_650),
)


def _contract(reader: Reader, value: Any, place: str, timezone: str) -> ContractSpec:
    known = {"reference", "title", "service", "provider", "starts_on", "ends_on", "sites", "clauses", "kpis"}
    known |= {
        "also_called",
        "value",
        "currency",
        "calendar",
        "volume",
        "is_small",
        "is_light_touch",
        *(key for key, *_ in DAYS),
    }
    data = reader.thing(value, place, known)
    starts_on, ends_on = reader.day(data.get("starts_on"), f"{place}.starts_on"), date.max
    if "ends_on" in data:
        ends_on = reader.day(data["ends_on"], f"{place}.ends_on")
    if ends_on < starts_on:
        reader.wrong(f"{place}.ends_on", _not_before(starts_on), data.get("ends_on"))
    spec = ContractSpec(
        reference=reader.address_part(data.get("reference"), f"{place}.reference"),
        title=reader.words(data.get("title"), f"{place}.title"),
        service=reader.words(data.get("service"), f"{place}.service"),
        also_called=reader.words(data["also_called"], f"{place}.also_called") if data.get("also_called") else None,
        provider=reader.text(data.get("provider"), f"{place}.provider"),
        starts_on=starts_on,
        ends_on=ends_on,
        **{key: reader.whole(data.get(key, usual), f"{place}.{key}", least, most) for key, usual, least, most in DAYS},
        is_small=reader.yes_or_no(data.get("is_small", False), f"{place}.is_small"),
        is_light_touch=reader.yes_or_no(data.get("is_light_touch", False), f"{place}.is_light_touch"),
        value=reader.money(data["value"], f"{place}.value") if data.get("value") is not None else None,
        currency=reader.currency(data["currency"], f"{place}.currency") if data.get("currency") else None,
        calendar=reader.calendar(data["calendar"], f"{place}.calendar", timezone) if data.get("calendar") else None,
        volumes=_volumes(reader, data.get("volume"), f"{place}.volume"),
        sites=[_site(reader, item, at, starts_on) for at, item in reader.things(data.get("sites"), f"{place}.sites")],
        clauses=[
            _clause(reader, item, at, timezone) for at, item in reader.things(data.get("clauses"), f"{place}.clauses")
        ],
        kpis=[_kpi(reader, item, at) for at, item in reader.things(data.get("kpis"), f"{place}.kpis")],
    )
    _once(reader, f"{place}.clauses", "code", [clause.code for clause in spec.clauses])
    _once(reader, f"{place}.kpis", "code", [kpi.code for kpi in spec.kpis])
    _never_twice_at_once(reader, f"{place}.sites", spec.sites)
    return spec


def _site(reader: Reader, value: Any, place: str, contract_starts_on: date) -> SiteSpec:
    data = reader.thing(value, place, {"code", "name", "address", "area", "latitude", "longitude", "from", "until"})
    starts_on = reader.day(data["from"], f"{place}.from") if "from" in data else contract_starts_on
    ends_on = reader.day(data["until"], f"{place}.until") if data.get("until") else None
    if ends_on is not None and ends_on < starts_on:
        reader.wrong(f"{place}.until", _not_before(starts_on), data["until"])
    latitude, longitude = (
        reader.degrees(data[key], f"{place}.{key}", most) if data.get(key) is not None else None
        for key, most in (("latitude", 90), ("longitude", 180))
    )
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        reader.wrong(f"{place}.{missing}", Said("both latitude and longitude, or neither"), data.get(missing))
    return SiteSpec(
        code=reader.address_part(data.get("code"), f"{place}.code", 40),
        name=reader.words(data.get("name"), f"{place}.name"),
        address=reader.words(data["address"], f"{place}.address") if data.get("address") else None,
        area=reader.words(data["area"], f"{place}.area") if data.get("area") else None,
        latitude=latitude,
        longitude=longitude,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _volumes(reader: Reader, value: Any, place: str) -> dict[date, int]:
    """Units delivered by month: ``{"2026-09": 1200}``."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        reader.wrong(place, Said("a number for each month, like 2026-09"), value)
        return {}
    return {
        reader.day(f"{month}-01", f"{place}.{month}"): reader.whole(units, f"{place}.{month}", 1, MOST_UNITS)
        for month, units in value.items()
    }


def _clause(reader: Reader, value: Any, place: str, timezone: str) -> ClauseSpec:
    limits = {"respond_within_hours", "resolve_within_hours"}
    data = reader.thing(value, place, {"code", "title", "aspects", "calendar", "targets"} | limits)
    aspects = [
        str(reader.one_of(item, at, Aspect)) for at, item in reader.things(data.get("aspects"), f"{place}.aspects")
    ]
    respond, resolve = _limits(reader, data, place)
    targets = []
    for at, item in reader.things(data.get("targets"), f"{place}.targets"):
        changed = reader.thing(item, at, {"from"} | limits)
        starts_on = reader.day(changed.get("from"), f"{at}.from")
        targets.append(ClauseTargetSpec(starts_on, *_limits(reader, changed, at)))
    _once(reader, f"{place}.targets", "from", [str(each.starts_on) for each in targets])
    return ClauseSpec(
        code=reader.address_part(data.get("code"), f"{place}.code", 40),
        title=reader.words(data.get("title"), f"{place}.title"),
        aspects=aspects,
        respond_within_hours=respond,
        resolve_within_hours=resolve,
        calendar=reader.calendar(data["calendar"], f"{place}.calendar", timezone) if data.get("calendar") else None,
        targets=targets,
    )


def _limits(reader: Reader, data: dict[str, Any], place: str) -> tuple[float, float]:
    respond, resolve = (
        reader.number(data.get(key), f"{place}.{key}", Said("a number above 0"), lambda n: n > 0)
        for key in ("respond_within_hours", "resolve_within_hours")
    )
    if not are_in_order(respond, resolve):
        wanted = Said(
            "at most resolve_within_hours (%(hours)s), since both run in the same working hours", hours=f"{resolve:g}"
        )
        reader.wrong(f"{place}.respond_within_hours", wanted, data.get("respond_within_hours"))
    return respond, resolve


def _kpi(reader: Reader, value: Any, place: str) -> KpiSpec:
    target = {"direction", "target", "approaching", "inadequate", "minimum_n", "basis", "binds_from"}
    data = reader.thing(value, place, {"code", "measure", "title", "from", "targets", "names"} | target)
    measure = reader.text(data.get("measure"), f"{place}.measure")
    if measure and measure not in MEASURES | {ENTERED}:
        reader.wrong(f"{place}.measure", _one_of(sorted(MEASURES | {ENTERED})), measure)
    title = reader.words(data["title"], f"{place}.title") if data.get("title") else None
    if (measure == ENTERED) != (title is not None):
        expected = Said("a title for what is entered, and for nothing else")
        reader.wrong(f"{place}.title", expected, data.get("title"))
    first = _target(reader, data, place, measure)
    targets = []
    for at, item in reader.things(data.get("targets"), f"{place}.targets"):
        changed = reader.thing(item, at, {"from"} | target)
        # What a change does not say stays as it was.
        kept = {key: data[key] for key in target if key in data}
        later = _target(reader, kept | changed, at, measure)
        targets.append(KpiTargetSpec(starts_on=reader.day(changed.get("from"), f"{at}.from"), **later))
    _once(reader, f"{place}.targets", "from", [str(each.starts_on) for each in targets])
    names = []
    for at, item in reader.things(data.get("names"), f"{place}.names"):
        renamed = reader.thing(item, at, {"from", "title"})
        starts_on = reader.day(renamed.get("from"), f"{at}.from")
        names.append(KpiNameSpec(starts_on, reader.words(renamed.get("title"), f"{at}.title")))
    _once(reader, f"{place}.names", "from", [str(each.starts_on) for each in names])
    if names and measure != ENTERED:
        reader.wrong(f"{place}.names", Said("names for what is entered, and for nothing else"), Said("some"))
    return KpiSpec(
        code=reader.address_part(data.get("code"), f"{place}.code", 40),
        measure=measure,
        title=title,
        starts_on=reader.day(data["from"], f"{place}.from") if data.get("from") else None,
        targets=targets,
        names=names,
        **first,
    )


def _target(reader: Reader, data: dict[str, Any], place: str, measure: str) -> dict[str, Any]:
    direction = reader.one_of(data.get("direction"), f"{place}.direction", Direction)
    if (only := direction_of(measure)) not in (None, direction):
        expected = Said("%(only)s: no other makes sense for %(measure)s", only=str(only), measure=measure)
        reader.wrong(f"{place}.direction", expected, data.get("direction"))
    cut_offs = [
        reader.number(data.get(key), f"{place}.{key}", Said("a share from 0 to 1"), lambda n: 0 <= n <= 1)
        for key in ("target", "approaching", "inadequate")
    ]
    for key, harder, easier in zip(("approaching", "inadequate"), cut_offs, cut_offs[1:], strict=False):
        if direction == Direction.AT_LEAST and easier > harder:
            expected = Said("at most %(most)s, the cut-off before it", most=f"{harder:g}")
            reader.wrong(f"{place}.{key}", expected, easier)
        if direction == Direction.AT_MOST and easier < harder:
            expected = Said("at least %(least)s, the cut-off before it", least=f"{harder:g}")
            reader.wrong(f"{place}.{key}", expected, easier)
    return {
        "direction": direction,
        "target": cut_offs[0],
        "approaching": cut_offs[1],
        "inadequate": cut_offs[2],
        "minimum_n": reader.whole(data.get("minimum_n", 0), f"{place}.minimum_n", 0, MOST),
        "basis": reader.one_of(data.get("basis", "raw"), f"{place}.basis", Basis),
        "binds_from": reader.day(data["binds_from"], f"{place}.binds_from") if data.get("binds_from") else None,
    }


def _once(reader: Reader, place: str, key: str, values: list[str]) -> None:
    for value in sorted(value for value, times in Counter(values).items() if value and times > 1):
        twice = Said("%(key)s %(value)s is there more than once", key=key, value=repr(value))
        reader.problems.append(said_of(place, twice))


def _never_twice_at_once(reader: Reader, place: str, sites: list[SiteSpec]) -> None:
    """A contract may come back to a site, but does not serve it twice at the same time."""
    last: dict[str, SiteSpec] = {}
    for site in sorted(sites, key=lambda each: each.starts_on):
        before = last.get(site.code.casefold())
        if before is not None and (before.ends_on is None or before.ends_on >= site.starts_on):
            twice = Said("%(code)s is served twice at once; from and until tell when", code=repr(site.code))
            reader.problems.append(said_of(place, twice))
        last[site.code.casefold()] = site


def _one_site_per_code(reader: Reader, contracts: list[ContractSpec]) -> None:
    """A site that several contracts serve is one site, which has one name and one address."""
    known: dict[str, tuple[str, SiteSpec]] = {}
    for number, contract in enumerate(contracts):
        for at, site in enumerate(contract.sites):
            place = f"contracts[{number}].sites[{at}]"
            first, other = known.setdefault(site.code.casefold(), (place, site))
            if site.name != other.name:
                reader.wrong(f"{place}.name", _as_in(first, other.name), site.name)
            elif site.address != other.address:
                reader.wrong(f"{place}.address", _as_in(first, other.address), site.address)
            elif None not in (site.area, other.area) and site.area != other.area:
                reader.wrong(f"{place}.area", _as_in(first, other.area), site.area)
            elif None not in (site.latitude, other.latitude) and _position(site) != _position(other):
                reader.wrong(f"{place}.latitude", _as_in(first, _position(other)), _position(site))


def _one_of(names: Iterable[str]) -> Said:
    return Said("one of %(names)s", names=", ".join(names))


def _not_before(first: date) -> Said:
    return Said("a day not before %(day)s", day=first.isoformat())


def _as_in(first: str, value: Any) -> Said:
    return Said("%(value)s as for the same code in %(place)s", value=repr(value), place=first)


def _position(site: SiteSpec) -> tuple[float | None, float | None]:
    return site.latitude, site.longitude
