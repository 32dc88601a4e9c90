"""When the letter of an hour goes out: when the hour is over or, where that is in quiet hours, in the morning."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EVERY = timedelta(hours=1)
GRACE = timedelta(minutes=1)
"""So long after the hour the letter waits for what was still being written when the hour ended."""


@dataclass(frozen=True)
class Quiet:
    """From which until which hour of a zone's wall clock no letter goes out; the same hour twice is never."""

    timezone: str
    since: int
    until: int

    def holds(self, at: datetime) -> bool:
        """Whether a letter of ``at`` (aware) would wait."""
        hour = at.astimezone(ZoneInfo(self.timezone)).hour
        if self.since <= self.until:
            return self.since <= hour < self.until
        return hour >= self.since or hour < self.until


NEVER = Quiet("UTC", 0, 0)


def slot_of(at: datetime, quiet: Quiet) -> datetime:
    """The beginning of the hour, in UTC, with whose letter what happens at ``at`` is told.

    That is its own hour or, where that one ends in quiet hours, the one that ends first after them: so one person
    never gets two letters in an hour, and one in the morning about all of the night.
    """
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while quiet.holds(hour + EVERY):
        hour += EVERY
    return hour


def begin_of(slot: datetime, quiet: Quiet) -> datetime:
    """The beginning of the first hour that is told with the letter of ``slot``."""
    since = slot
    while slot_of(since - EVERY, quiet) == slot:
        since -= EVERY
    return since


def next_day_slot(slot: datetime, quiet: Quiet) -> datetime:
    """The first hour whose letter goes out on the day after that of ``slot``, by the wall clock of the zone."""
    zone = ZoneInfo(quiet.timezone)
    day = goes_out_at(slot).astimezone(zone).date()
    later = slot
    while goes_out_at(later).astimezone(zone).date() == day:
        later = slot_of(later + EVERY, quiet)
    return later


def goes_out_at(slot: datetime) -> datetime:
    """When the letter of an hour goes out."""
    return slot + EVERY + GRACE
