"""Pages by key, not by offset: newest first, each page begins where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

T = TypeVar("T")
PAGE_SIZE = 25


@dataclass(frozen=True)
class Key:
    """Where a page begins: a moment and, among rows of the same moment, a row."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.id}"

    @classmethod
    def read(cls, text: str | None) -> "Key | None":
        """The key in a link, or None where there is none or somebody made one up."""
        try:
            micros, row = (text or "").split("-")
            seconds, rest = divmod(int(micros), 1_000_000)
            return cls(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), int(row))
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Page(Generic[T]):
    rows: Sequence[T]
    older: Key | None
    newer: Key | None


def page_of(
    session: Session,
    query: Select[Any],
    at: InstrumentedAttribute[datetime],
    row_id: InstrumentedAttribute[int],
    *,
    before: Key | None = None,
    after: Key | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """One page of ``query``, newest first: what is older than ``before``, or just newer than ``after``.

    ``query`` must select ``at`` and ``row_id`` under the names ``page_at`` and ``page_id``.
    """
    if after:
        beyond = or_(at > after.at, and_(at == after.at, row_id > after.id))
        rows = session.execute(query.where(beyond).order_by(at, row_id).limit(size + 1)).all()
        more, rows = len(rows) > size, list(reversed(rows[:size]))
        return Page(rows, older=_key(rows[-1]) if rows else None, newer=_key(rows[0]) if more and rows else None)
    if before:
        query = query.where(or_(at < before.at, and_(at == before.at, row_id < before.id)))
    found = session.execute(query.order_by(at.desc(), row_id.desc()).limit(size + 1)).all()
    rows = list(found[:size])
    return Page(
        rows,
        older=_key(rows[-1]) if len(found) > size else None,
        newer=_key(rows[0]) if before and rows else None,
    )


def _key(row: Any) -> Key:
    return Key(row.page_at, row.page_id)
