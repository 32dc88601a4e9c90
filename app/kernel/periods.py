"""Days, weeks, months and quarters of an agency's own calendar, and the moments between which they lie."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Period:
    """Whole days of an agency's timezone, both ends inclusive."""

    start: date
    end: date
    timezone: str

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"A period cannot end on {self.end}, before it starts on {self.start}")

    @cached_property
    def since(self) -> datetime:
        """The moment its first day begins, in UTC."""
        return local(self.start, 0, self.timezone)

    @cached_property
    def until(self) -> datetime:
        """The moment its last day is over, in UTC; no longer part of it."""
        return local(self.end + timedelta(days=1), 0, self.timezone)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


def local(day: date, hour: int, timezone: str) -> datetime:
    """The moment of a wall-clock hour, in UTC."""
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def day_of(at: datetime, timezone: str) -> date:
    """The date that a calendar on the agency's wall shows at ``at`` (aware)."""
    return at.astimezone(ZoneInfo(timezone)).date()


def week_of(at: datetime, timezone: str) -> Period:
    """The ISO week, Monday to Sunday, of the moment ``at``."""
    return _week(day_of(at, timezone), timezone)


def month_of(at: datetime, timezone: str) -> Period:
    day = day_of(at, timezone)
    return _months(day.year, day.month, 1, timezone)


def quarter_of(at: datetime, timezone: str) -> Period:
    day = day_of(at, timezone)
    return _months(day.year, (day.month - 1) // 3 * 3 + 1, 3, timezone)


def twelve_months_to(period: Period) -> Period:
    """The twelve months that end with the month in which ``period`` ends: small contracts are judged over these."""
    nth = period.end.year * 12 + period.end.month - 12
    return _months(nth // 12, nth % 12 + 1, 12, period.timezone)


def contract_year(starts_on: date, day: date, timezone: str) -> Period:
    """The year of a contract, from one anniversary of its first day to the eve of the next, in which ``day`` lies.

    ``ValueError`` before the contract begins.
    """
    if day < starts_on:
        raise ValueError(f"The contract begins on {starts_on}")
    year = day.year if day >= _anniversary(starts_on, day.year) else day.year - 1
    return Period(_anniversary(starts_on, year), _anniversary(starts_on, year + 1) - timedelta(days=1), timezone)


def _anniversary(of: date, year: int) -> date:
    """The same day of another year; of 29 February the day after the 28th."""
    try:
        return of.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def period_before(period: Period) -> Period:
    """The one it is compared with: as many months before whole months, as many days before any others."""
    if period.start.day == 1 and (period.end + timedelta(days=1)).day == 1:
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
        nth = period.start.year * 12 + period.start.month - 1 - months
        return _months(nth // 12, nth % 12 + 1, months, period.timezone)
    end = period.start - timedelta(days=1)
    return Period(end - timedelta(days=period.days - 1), end, period.timezone)


def quarter_before(quarter: Period) -> Period:
    """The quarter that ends where this one begins."""
    return quarter_of(quarter.since - timedelta(seconds=1), quarter.timezone)


def quarters_to(at: datetime, timezone: str, count: int) -> list[Period]:
    """So many quarters, oldest first, the last of them the one of the moment ``at``."""
    quarters = [quarter_of(at, timezone)]
    while len(quarters) < count:
        quarters.insert(0, quarter_before(quarters[0]))
    return quarters


def months_in(period: Period) -> list[date]:
    """The first days of the months that lie wholly in a period."""
    nth = period.start.year * 12 + period.start.month - 1 + (period.start.day > 1)
    found = []
    while (month := _months(nth // 12, nth % 12 + 1, 1, period.timezone)).end <= period.end:
        found.append(month.start)
        nth += 1
    return found


def week_before(week: Period) -> Period:
    return _week(week.start - timedelta(days=7), week.timezone)


def previous_week(at: datetime, timezone: str) -> Period:
    """The last ISO week that was over at ``at``."""
    return week_before(week_of(at, timezone))


def last_whole_week(end: date, at: datetime, timezone: str) -> Period:
    """The last ISO week that was over at ``at`` and does not go beyond the day ``end``."""
    return previous_week(min(at, local(end + timedelta(days=1), 0, timezone)), timezone)


def week_name(week: Period) -> str:
    """The ISO name of a week, like ``2026-W47``; around New Year its year is not always that of its days."""
    year, number, _ = week.start.isocalendar()
    return f"{year:04d}-W{number:02d}"


def _week(day: date, timezone: str) -> Period:
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6), timezone)


def _months(year: int, month: int, count: int, timezone: str) -> Period:
    nth = year * 12 + month - 1 + count
    return Period(date(year, month, 1), date(nth // 12, nth % 12 + 1, 1) - timedelta(days=1), timezone)
