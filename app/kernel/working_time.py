"""Working time: how long an agency's clock has run between two moments, and when it will have run so long."""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.kernel.national_holidays import UnknownCountry, days_of
from app.kernel.said import Said, said_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
"""Inside this module moments and lengths are whole microseconds, so that nothing is lost by adding up."""


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 (``at`` aware)."""
    gone = at - EPOCH
    return gone.days * DAY + gone.seconds * SECOND + gone.microseconds


def moment_at(since_1970: int) -> datetime:
    """The moment so many microseconds after the beginning of 1970, in UTC."""
    return EPOCH + timedelta(microseconds=since_1970)


EARLIEST_YEAR, LATEST_YEAR = 1900, 2400
"""Moments outside these years are slips of the pen; we refuse them rather than count five hundred years of days."""

ANY_YEAR = 2026
"""To see whether a country is known at all."""

YEARS_WITHOUT_WORK = 5
"""So many years without a working day, and a limit counts as never due."""

WALL_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
OWN_HOURS = '{"5": {"start": "10:00", "end": "14:00"}}'
KEYS = ("weekdays", "start", "end", "hours", "country", "holidays", "extra_workdays")


class CalendarError(ValueError):
    """A working calendar that cannot be, or that cannot answer; ``said`` says why."""

    def __init__(self, said: Said):
        super().__init__(said)
        self.said = said


@dataclass(frozen=True)
class WorkingCalendar:
    """When an agency works: from ``start`` to ``end`` by the wall clock of its timezone, on its working days.

    ``weekdays`` are 0 (Monday) to 6; ``start`` and ``end`` are ``"HH:MM"``, ``end`` may be ``"24:00"``; ``hours`` holds
    (weekday, start, end) where a weekday has its own. A day in ``extra_workdays`` is worked whatever else is said of
    it, one in ``holidays`` is not; then come the days off of ``country``, and those it works in exchange.
    Equal calendars share one table of working days, so it is cheap to make the same one again.
    """

    timezone: str
    weekdays: frozenset[int] = field(default_factory=lambda: frozenset(range(5)))
    start: str = "09:00"
    end: str = "17:00"
    hours: tuple[tuple[int, str, str], ...] = ()
    country: str = ""
    holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise CalendarError(
                said_of("timezone", Said("%(name)s is not known; try one like Europe/London", name=repr(self.timezone)))
            ) from None
        if wrong := sorted(day for day in self.weekdays if day not in range(7)):
            raise CalendarError(said_of("weekdays", _no_weekday(wrong[0])))
        if not self.weekdays and not self.extra_workdays:
            raise CalendarError(said_of("weekdays", Said("there is no working day at all")))
        _span("", self.start, self.end)
        for weekday, start, end in self.hours:
            if weekday not in self.weekdays:
                raise CalendarError(said_of("hours", Said("%(day)s is not one of the weekdays", day=repr(weekday))))
            _span(f"hours, {weekday}, ", start, end)
        if self.country:
            try:
                days_of(self.country, ANY_YEAR)
            except UnknownCountry:
                raise CalendarError(
                    said_of(
                        "country", Said("%(name)s is not known; try one like CN or GB-ENG", name=repr(self.country))
                    )
                ) from None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], timezone: str) -> "WorkingCalendar":
        """Read the ``calendar`` of a directory file; raise ``CalendarError`` naming the key that is wrong."""
        if not isinstance(data, Mapping):
            raise CalendarError(said_of("calendar", Said("give weekdays, start and end")))
        if unknown := sorted(str(key) for key in data if key not in KEYS):
            raise CalendarError(
                said_of(unknown[0], Said("not a part of a calendar; those are %(names)s", names=", ".join(KEYS)))
            )
        if missing := [key for key in ("weekdays", "start", "end") if key not in data]:
            raise CalendarError(said_of(missing[0], Said("missing")))
        country = data.get("country", "")
        if not isinstance(country, str):
            raise CalendarError(said_of("country", Said("%(name)s is not a code like CN", name=repr(country))))
        return cls(
            timezone=timezone,
            weekdays=frozenset(_weekdays(data["weekdays"])),
            start=data["start"],
            end=data["end"],
            hours=_hours(data.get("hours", {})),
            country=country,
            holidays=frozenset(_days("holidays", data.get("holidays", ()))),
            extra_workdays=frozenset(_days("extra_workdays", data.get("extra_workdays", ()))),
        )

    def to_dict(self) -> dict[str, Any]:
        """The ``calendar`` of a directory file, which ``from_dict`` reads again; the timezone is the agency's."""
        own = {str(weekday): {"start": start, "end": end} for weekday, start, end in self.hours}
        return {
            "weekdays": sorted(self.weekdays),
            "start": self.start,
            "end": self.end,
            **({"hours": own} if own else {}),
            **({"country": self.country} if self.country else {}),
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
            "extra_workdays": [day.isoformat() for day in sorted(self.extra_workdays)],
        }

    def hours_of(self, day: date) -> tuple[int, int] | None:
        """From and until which minute of its wall clock the day is worked; None on a day off."""
        return self._spans.get(day.weekday(), self._usual) if self._is_worked(day) else None

    def _is_worked(self, day: date) -> bool:
        if day in self.extra_workdays:
            return True
        if day in self.holidays:
            return False
        if self.country:
            off, worked_instead = days_of(self.country, day.year)
            if day in worked_instead or day in off:
                return day in worked_instead
        return day.weekday() in self.weekdays

    @cached_property
    def hours_a_day(self) -> float:
        """The length of an ordinary working day, in hours: the mean over the weekdays that are worked."""
        lengths = [end - start for start, end in (self._spans.get(day, self._usual) for day in self.weekdays)]
        return sum(lengths) / len(lengths) / 60 if lengths else (self._usual[1] - self._usual[0]) / 60

    @cached_property
    def _usual(self) -> tuple[int, int]:
        return _span("", self.start, self.end)

    @cached_property
    def _spans(self) -> dict[int, tuple[int, int]]:
        return {weekday: _span("", start, end) for weekday, start, end in self.hours}

    @cached_property
    def ledger(self) -> "Ledger":
        """The table of this calendar's working days, shared by all calendars equal to it."""
        return _ledger(self)


def _no_weekday(day: Any) -> Said:
    return Said("%(day)s is not a day from 0 (Monday) to 6 (Sunday)", day=repr(day))


def _span(where: str, start: Any, end: Any) -> tuple[int, int]:
    """The minutes of the wall clock between which a day is worked, or what is wrong with them."""
    minutes = []
    for name, text in (("start", start), ("end", end)):
        if not isinstance(text, str) or not WALL_CLOCK.fullmatch(text):
            raise CalendarError(said_of(f"{where}{name}", Said("%(text)s is not a time like 09:00", text=repr(text))))
        minutes.append(int(text[:2]) * 60 + int(text[3:]))
    if minutes[0] >= minutes[1]:
        raise CalendarError(
            said_of(f"{where}end", Said("%(end)s is not after the start, %(start)s", end=end, start=start))
        )
    return minutes[0], minutes[1]


def _hours(own: Any) -> tuple[tuple[int, str, str], ...]:
    """``{"5": {"start": "10:00", "end": "14:00"}}``, by weekday."""
    if not isinstance(own, Mapping):
        raise CalendarError(
            said_of("hours", Said("give start and end for a weekday, like %(example)s", example=OWN_HOURS))
        )
    found = []
    for weekday, span in own.items():
        if str(weekday) not in "0123456" or len(str(weekday)) != 1:
            raise CalendarError(said_of("hours", _no_weekday(weekday)))
        if not isinstance(span, Mapping) or set(span) != {"start", "end"}:
            raise CalendarError(said_of(f"hours, {weekday}", Said("give start and end")))
        found.append((int(weekday), span["start"], span["end"]))
    return tuple(sorted(found))


def _weekdays(days: Any) -> Iterable[int]:
    if not isinstance(days, list | tuple | set | frozenset):
        raise CalendarError(said_of("weekdays", Said("give a list of days, 0 (Monday) to 6 (Sunday)")))
    for day in days:
        if not isinstance(day, int) or isinstance(day, bool):
            raise CalendarError(said_of("weekdays", _no_weekday(day)))
        yield day


def _days(name: str, days: Any) -> Iterable[date]:
    if not isinstance(days, list | tuple | set | frozenset):
        raise CalendarError(said_of(name, Said("give a list of dates")))
    for day in days:
        try:
            yield date.fromisoformat(day)
        except (TypeError, ValueError):
            raise CalendarError(said_of(name, Said("%(text)s is not a date like 2026-10-01", text=repr(day)))) from None


@dataclass(frozen=True)
class _Table:
    """The working spans of some whole years, oldest first, and the working time before each of them."""

    first_year: int
    last_year: int
    since: int
    until: int
    starts: list[int]
    ends: list[int]
    before: list[int]
    worked_at_since: int


class Ledger:
    """Working time as a running total, so that the time between two moments is one subtraction.

    The total counts from a fixed moment, the beginning of the first of ``FIRST_YEARS``, in every table: totals taken
    before and after a table was replaced by a wider one still fit together.
    """

    FIRST_YEARS = (2020, 2029)

    def __init__(self, calendar: WorkingCalendar):
        self.calendar = calendar
        self.zone = ZoneInfo(calendar.timezone)
        self._table = self._lay(*self.FIRST_YEARS)
        self._widening = Lock()

    def worked_until(self, at: datetime) -> int:
        """Microseconds of working time until ``at`` (aware). Only the difference of two such totals means something."""
        moment = microseconds(at)
        table = self._table
        if not table.since <= moment < table.until:
            table = self._widen(at.astimezone(UTC).year - 1, at.astimezone(UTC).year + 1)
        nth = bisect_right(table.starts, moment) - 1
        if nth < 0:
            return table.worked_at_since
        return table.before[nth] + min(moment, table.ends[nth]) - table.starts[nth]

    def moment_of(self, total: int, *, not_before: datetime) -> datetime:
        """The first moment from ``not_before`` on at which the running total is ``total``, in UTC."""
        if self.worked_until(not_before) >= total:
            return not_before.astimezone(UTC)

        table, idle_years = self._table, 0
        while not table.before or table.before[-1] + table.ends[-1] - table.starts[-1] < total:
            if idle_years >= YEARS_WITHOUT_WORK or table.last_year >= LATEST_YEAR:
                raise CalendarError(
                    Said("the calendar has too few working days after %(day)s", day=f"{not_before:%Y-%m-%d}")
                )
            spans = len(table.starts)
            table = self._widen(table.first_year, table.last_year + 1)
            idle_years = idle_years + 1 if len(table.starts) == spans else 0

        # The span before the first one that begins with the total reached: a limit falls at the end of a day,
        # not at the beginning of the next.
        nth = bisect_left(table.before, total) - 1
        return moment_at(table.starts[nth] + total - table.before[nth])

    def _widen(self, first_year: int, last_year: int) -> _Table:
        if last_year <= EARLIEST_YEAR or first_year >= LATEST_YEAR:
            raise CalendarError(
                Said("working time is known for %(first)s to %(last)s only", first=EARLIEST_YEAR, last=LATEST_YEAR)
            )
        with self._widening:  # two threads must not undo each other's years
            table = self._table
            if first_year < table.first_year or last_year > table.last_year:
                table = self._lay(min(first_year, table.first_year), max(last_year, table.last_year))
                self._table = table
            return table

    def _lay(self, first_year: int, last_year: int) -> _Table:
        starts: list[int] = []
        ends: list[int] = []
        lengths: list[int] = []
        worked_at_since = 0
        for year in range(first_year, last_year + 1):
            if year == self.FIRST_YEARS[0]:
                worked_at_since = -sum(lengths)
            for start, end in _spans_of_year(self.calendar, year):
                starts.append(start)
                ends.append(end)
                lengths.append(end - start)
        worked = worked_at_since
        before = []
        for length in lengths:
            before.append(worked)
            worked += length
        return _Table(
            first_year=first_year,
            last_year=last_year,
            since=_moment(date(first_year, 1, 1), 0, self.zone),
            until=_moment(date(last_year + 1, 1, 1), 0, self.zone),
            starts=starts,
            ends=ends,
            before=before,
            worked_at_since=worked_at_since,
        )


@lru_cache(maxsize=1024)
def calendar_kept(text: str, timezone: str) -> WorkingCalendar:
    """The calendar that a row keeps as JSON ``text``: read and checked once, as thousands of cases share a few."""
    return WorkingCalendar.from_dict(json.loads(text), timezone)


@lru_cache(maxsize=256)
def _ledger(calendar: WorkingCalendar) -> Ledger:
    return Ledger(calendar)


@lru_cache(maxsize=4096)
def _spans_of_year(calendar: WorkingCalendar, year: int) -> tuple[tuple[int, int], ...]:
    """Beginning and end of each working day of a year of the wall clock, oldest first, never overlapping."""
    zone = ZoneInfo(calendar.timezone)
    spans = []
    day = date(year, 1, 1)
    while day.year == year:
        if hours := calendar.hours_of(day):
            start, end = _moment(day, hours[0], zone), _moment(day, hours[1], zone)
            if start < end:  # a wall clock put forward may leave nothing of a short day
                spans.append((start, end))
        day += timedelta(days=1)
    return tuple(spans)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> int:
    """A wall-clock time as microseconds since 1970 in UTC; minute 1440 is the next midnight.

    A time that the clock shows twice is its first showing; one that it skips counts as if it had not been put
    forward yet.
    """
    if minutes == 24 * 60:
        day, minutes = day + timedelta(days=1), 0
    gone = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=zone) - EPOCH
    return gone.days * DAY + gone.seconds * SECOND


def hours_between(calendar: WorkingCalendar, a: datetime, b: datetime) -> float:
    """Working hours from ``a`` to ``b`` (both aware), exact to the microsecond; negative when ``b`` comes first."""
    ledger = calendar.ledger
    return (ledger.worked_until(b) - ledger.worked_until(a)) / HOUR


def add_hours(calendar: WorkingCalendar, at: datetime, hours: float) -> datetime:
    """The first moment, in UTC, at which ``hours`` of working time have gone by since ``at``: when a limit falls.

    Raises ``CalendarError`` when the calendar has no work to offer for years, ``ValueError`` on negative hours.
    """
    if not hours >= 0:
        raise ValueError(f"a limit of {hours} hours is no limit")
    ledger = calendar.ledger
    return ledger.moment_of(ledger.worked_until(at) + round(hours * HOUR), not_before=at)


def falls_at(calendar: WorkingCalendar, at: datetime, hours: float) -> datetime | None:
    """The same; None for a limit that never falls, as a calendar has too few working days for it."""
    try:
        return add_hours(calendar, at, hours)
    except CalendarError:
        return None


class Unit(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True)
class Remaining:
    """Working time left to a limit, or gone since it, in the unit a person would say: "due in 3 working hours".

    ``count`` is rounded down, so nobody is promised more time than there is. ``hours`` is negative when over.
    """

    hours: float
    is_over: bool
    count: int
    unit: Unit


def remaining(calendar: WorkingCalendar, now: datetime, due: datetime) -> Remaining:
    """How much working time is left at ``now``. A limit is over from the first moment after ``due``."""
    hours = hours_between(calendar, now, due)
    size = abs(hours)
    if size < 1:
        count, unit = int(size * 60 + 1e-9), Unit.MINUTE
    elif size < 2 * calendar.hours_a_day:
        count, unit = int(size + 1e-9), Unit.HOUR
    else:
        count, unit = int(size / calendar.hours_a_day + 1e-9), Unit.DAY
    return Remaining(hours=hours, is_over=hours < 0, count=count, unit=unit)
