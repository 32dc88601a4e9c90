"""How past feedback and events are written in files, and what is wrong with a line: where, and what was expected."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TextIO, TypeVar

from app.kernel.words import INTERNAL_EVENTS, Actor, Attribution, Channel, EventKind, FeedbackKind

T = TypeVar("T", bound=StrEnum)

FEEDBACK_COLUMNS = (
    "reference",
    "contract",
    "site",
    "kind",
    "clause",
    "rating",
    "text",
    "language",
    "channel",
    "submitted_at",
)
EVENT_COLUMNS = ("reference", "at", "event", "actor", "message", "rating")

LONGEST_TEXT = 60_000
LONGEST_REFERENCE = 80

# Who may be said to have done what (the table of events in docs/glossary.md).
ACTORS: dict[EventKind, frozenset[Actor]] = {
    EventKind.ACKNOWLEDGED: frozenset({Actor.SYSTEM, Actor.AGENCY}),
    EventKind.ASSIGNED: frozenset({Actor.AGENCY}),
    EventKind.HANDED_BACK: frozenset({Actor.PROVIDER}),
    EventKind.REPLIED: frozenset({Actor.AGENCY, Actor.PROVIDER}),
    EventKind.ASKED: frozenset({Actor.AGENCY, Actor.PROVIDER}),
    EventKind.RESIDENT_REPLIED: frozenset({Actor.RESIDENT}),
    EventKind.RESUMED: frozenset({Actor.SYSTEM}),
    EventKind.RESOLVED: frozenset({Actor.AGENCY, Actor.PROVIDER}),
    EventKind.CONFIRMED: frozenset({Actor.RESIDENT}),
    EventKind.RATED: frozenset({Actor.RESIDENT}),
    EventKind.REOPENED: frozenset({Actor.RESIDENT, Actor.AGENCY}),
    EventKind.REJECTED: frozenset({Actor.AGENCY}),
    EventKind.WITHDRAWN: frozenset({Actor.RESIDENT}),
    EventKind.DUPLICATE: frozenset({Actor.AGENCY}),
    EventKind.MOVED: frozenset({Actor.AGENCY}),
    EventKind.VERDICT: frozenset({Actor.AGENCY}),
}


class Wrong(ValueError):
    """One cell that cannot be taken in: which column, what stands there, what was expected."""

    def __init__(self, column: str, found: str, expected: str):
        shown = found if len(found) <= 40 else found[:40] + "…"
        super().__init__(f"column {column}: found {shown!r}, expected {expected}")


@dataclass(frozen=True)
class Line:
    """A row of a file and where it stands, so that whatever is found wrong later can say so."""

    file: str
    number: int
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.file}, line {self.number}"


@dataclass(frozen=True)
class PastFeedback:
    line: Line
    reference: str
    contract: str
    site: str
    kind: FeedbackKind
    clause: str | None
    rating: int | None
    text: str | None
    language: str | None
    channel: Channel
    submitted_at: datetime


@dataclass(frozen=True)
class PastEvent:
    line: Line
    reference: str
    at: datetime
    kind: EventKind
    actor: Actor
    message: str | None
    rating: int | None
    attribution: Attribution | None


def lines_of(path: Path, columns: tuple[str, ...]) -> Iterator[Line]:
    """The rows of a CSV file in UTF-8 with a header; ``ValueError`` with file and reason where it is not one."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from _lines(file, path.name, columns)


def _lines(file: TextIO, name: str, columns: tuple[str, ...]) -> Iterator[Line]:
    try:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if unknown := [column for column in header if column not in columns]:
            raise ValueError(f"{name}, line 1: unknown column {unknown[0]!r}; expected {', '.join(columns)}")
        if missing := [column for column in columns if column not in header]:
            raise ValueError(f"{name}, line 1: column {missing[0]!r} is missing")
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise ValueError(f"{name}, line {reader.line_num}: {len(cells)} cells, expected {len(header)}")
            yield Line(name, reader.line_num, dict(zip(header, cells, strict=True)))
    except UnicodeDecodeError:
        raise ValueError(f"{name}: not UTF-8 text") from None
    except csv.Error as error:
        raise ValueError(f"{name}, line {reader.line_num}: {error}") from None


def feedback_of(line: Line) -> PastFeedback:
    """A feedback as its row says; ``Wrong`` where a cell cannot be."""
    cells = line.cells
    return PastFeedback(
        line=line,
        reference=_reference(cells["reference"]),
        contract=_needed(cells["contract"], "contract"),
        site=_needed(cells["site"], "site"),
        kind=_one_of(FeedbackKind, cells["kind"], "kind"),
        clause=cells["clause"].strip() or None,
        rating=_rating(cells["rating"]),
        text=_text(cells["text"], "text"),
        language=cells["language"].strip() or None,
        channel=_one_of(Channel, cells["channel"] or "web", "channel"),
        submitted_at=_moment(cells["submitted_at"], "submitted_at"),
    )


def event_of(line: Line) -> PastEvent:
    """An event as its row says; ``Wrong`` where a cell cannot be."""
    cells = line.cells
    kind = _one_of(EventKind, cells["event"], "event")
    if kind in INTERNAL_EVENTS:
        raise Wrong("event", cells["event"], f"one of {', '.join(ACTORS)}")
    actor = _one_of(Actor, cells["actor"], "actor")
    if actor not in ACTORS[kind]:
        raise Wrong("actor", cells["actor"], f"{' or '.join(sorted(ACTORS[kind]))} for {kind}")
    return PastEvent(
        line=line,
        reference=_reference(cells["reference"]),
        at=_moment(cells["at"], "at"),
        kind=kind,
        actor=actor,
        message=_text(cells["message"], "message"),
        rating=_rating(cells["rating"]),
        # A verdict says in its message whom it finds.
        attribution=_one_of(Attribution, cells["message"], "message") if kind == EventKind.VERDICT else None,
    )


def _reference(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_REFERENCE:
        raise Wrong("reference", text, f"1 to {LONGEST_REFERENCE} characters")
    return text


def _needed(text: str, column: str) -> str:
    if not text.strip():
        raise Wrong(column, text, "a name")
    return text.strip()


def _one_of(kind: type[T], text: str, column: str) -> T:
    try:
        return kind(text.strip())
    except ValueError:
        choices = [member.value for member in kind if member not in INTERNAL_EVENTS]
        raise Wrong(column, text, f"one of {', '.join(choices)}") from None


def _rating(text: str) -> int | None:
    if not text.strip():
        return None
    if text.strip() not in ("1", "2", "3", "4", "5"):
        raise Wrong("rating", text, "a whole number from 1 to 5, or nothing")
    return int(text)


def _text(text: str, column: str) -> str | None:
    if len(text) > LONGEST_TEXT:
        raise Wrong(column, text, f"at most {LONGEST_TEXT} characters")
    return text.strip() or None


def _moment(text: str, column: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Wrong(column, text, "a time with its offset, like 2026-09-30T14:05:00+08:00") from None
    if at.tzinfo is None:
        raise Wrong(column, text, "a time with its offset, like 2026-09-30T14:05:00+08:00")
    return at.astimezone(UTC)
