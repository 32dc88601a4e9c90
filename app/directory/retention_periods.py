"""What is kept for how long after the end of what it is about. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Kept(StrEnum):
    """Kinds of data by which persons are known, each with its own days."""

    CONTACT = "contact"
    PHOTOS = "photos"
    WORDS = "words"
    # Where links to cases were sent for providers without accounts.
    LINKS = "links"


@dataclass(frozen=True)
class Days:
    """For how many days a kind is kept: what the product says, and between what an agency can choose."""

    default: int
    least: int
    most: int


RETENTION: Mapping[Kept, Days] = {
    # The resident may still be written to about a reopening, for which contracts give 90 days.
    Kept.CONTACT: Days(90, 1, 730),
    Kept.PHOTOS: Days(365, 30, 3650),
    # Until the yearly review of a contract and the one after it are over.
    Kept.WORDS: Days(730, 90, 3650),
    # Long enough for the next link to go where the last one went; counted from when a link ends.
    Kept.LINKS: Days(90, 1, 730),
}


def days_of(chosen: Mapping[str, Any] | None, kind: Kept) -> int:
    """For how many days an agency keeps a kind: what it chose, within what there is to choose from."""
    limits = RETENTION[kind]
    days = (chosen or {}).get(kind.value)
    return min(max(days, limits.least), limits.most) if isinstance(days, int) else limits.default


def ended_before(chosen: Mapping[str, Any] | None, kind: Kept, now: datetime) -> datetime:
    """What ended before this moment has been kept for long enough."""
    return now - timedelta(days=days_of(chosen, kind))
