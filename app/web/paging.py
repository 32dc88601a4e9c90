"""Pages by key, not by offset: newest or oldest first, each page begins where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_
from sqlalchemy.orm import Session

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


class Order(StrEnum):
    """What comes first in a list."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows in their order; ``older`` leads further down the list, ``newer`` back up."""

    rows: Sequence[T]
    older: Key | None
    newer: Key | None


def page_of(
    session: Session,
    query: Select[Any],
    at: SQLColumnExpression[Any],
    row_id: SQLColumnExpression[int],
    *,
    order: Order = Order.NEWEST,
    before: Key | None = None,
    after: Key | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """One page of ``query``: what stands below ``before`` in its order, or just above ``after``.

    ``query`` must select ``at`` and ``row_id`` under the names ``page_at`` and ``page_id``.
    """
    rising, falling = (at, row_id), (at.desc(), row_id.desc())
    down, up = (falling, rising) if order == Order.NEWEST else (rising, falling)
    if after:
        beyond = _newer(at, row_id, after) if order == Order.NEWEST else _older(at, row_id, after)
        rows = session.execute(query.where(beyond).order_by(*up).limit(size + 1)).all()
        more, rows = len(rows) > size, list(reversed(rows[:size]))
        return Page(rows, older=_key(rows[-1]) if rows else None, newer=_key(rows[0]) if more and rows else None)
    if before:
        query = query.where(_older(at, row_id, before) if order == Order.NEWEST else _newer(at, row_id, before))
    found = session.execute(query.order_by(*down).limit(size + 1)).all()
    rows = list(found[:size])
    return Page(
        rows,
        older=_key(rows[-1]) if len(found) > size else None,
        newer=_key(rows[0]) if before and rows else None,
    )


def _older(at: SQLColumnExpression[Any], row_id: SQLColumnExpression[int], key: Key) -> ColumnElement[bool]:
    return or_(at < key.at, and_(at == key.at, row_id < key.id))


def _newer(at: SQLColumnExpression[Any], row_id: SQLColumnExpression[int], key: Key) -> ColumnElement[bool]:
    return or_(at > key.at, and_(at == key.at, row_id > key.id))


def _key(row: Any) -> Key:
    return Key(row.page_at, row.page_id)
