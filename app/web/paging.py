"""Pages by key, not by offset: newest or oldest first, each page begins where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, false, func, not_, or_
from sqlalchemy.orm import Session

T = TypeVar("T")
PAGE_SIZE = 25


@dataclass(frozen=True)
class Key:
    """Where a page begins: a moment and, among rows of the same moment, a row.

    ``is_first`` where it is among the rows that come before all others.
    """

    at: datetime
    id: int
    is_first: bool = False

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.id}" + ("-first" if self.is_first else "")

    @classmethod
    def read(cls, text: str | None) -> "Key | None":
        """The key in a link, or None where there is none or somebody made one up."""
        try:
            micros, row, *rest = (text or "").split("-")
            seconds, micro = divmod(int(micros), 1_000_000)
            at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
            return cls(at, int(row), is_first=rest == ["first"])
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
    first: ColumnElement[bool] | None = None,
    order: Order = Order.NEWEST,
    before: Key | None = None,
    after: Key | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """One page of ``query``: what stands below ``before`` in its order, or just above ``after``.

    Rows for which ``first`` holds come before all others. They are asked for by themselves, so that the others are
    still read along their index and none is sorted that is not shown. ``query`` must select ``at`` and ``row_id`` under
    the names ``page_at`` and ``page_id``.
    """
    key = after or before
    parts: list[tuple[bool, Select[Any]]] = [(False, query)]
    if first is not None:
        parts = [(True, query.where(first)), (False, query.where(not_(func.coalesce(first, false()))))]
    if after:
        parts.reverse()
    if key and first is not None and key.is_first == bool(after):
        # The key lies in the part that comes last on the way: the other one is passed already.
        parts = parts[1:]
    # Whether keys get smaller on our way: down from the newest, or up from the oldest.
    falls = (order == Order.NEWEST) != bool(after)

    found: list[tuple[bool, Any]] = []
    for is_first, part in parts:
        if key and key.is_first == is_first:
            part = part.where(_older(at, row_id, key) if falls else _newer(at, row_id, key))
        along = (at.desc(), row_id.desc()) if falls else (at, row_id)
        rows = session.execute(part.order_by(*along).limit(size + 1 - len(found)))
        found += [(is_first, row) for row in rows]
        if len(found) > size:
            break
    shown, more = found[:size], len(found) > size
    if after:
        shown.reverse()
    has_newer, has_older = (more, bool(shown)) if after else (bool(before and shown), more)
    return Page(
        [row for _, row in shown],
        older=_key(*shown[-1]) if has_older else None,
        newer=_key(*shown[0]) if has_newer else None,
    )


def _older(at: SQLColumnExpression[Any], row_id: SQLColumnExpression[int], key: Key) -> ColumnElement[bool]:
    return or_(at < key.at, and_(at == key.at, row_id < key.id))


def _newer(at: SQLColumnExpression[Any], row_id: SQLColumnExpression[int], key: Key) -> ColumnElement[bool]:
    return or_(at > key.at, and_(at == key.at, row_id > key.id))


def _key(is_first: bool, row: Any) -> Key:
    return Key(row.page_at, row.page_id, is_first)
