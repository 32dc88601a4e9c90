"""Pages by key, not by offset: newest first, each page begins where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

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
    first: ColumnElement[bool] | None = None,
    before: Key | None = None,
    after: Key | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """One page of ``query``, newest first: what is older than ``before``, or just newer than ``after``.

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

    found: list[tuple[bool, Any]] = []
    for is_first, part in parts:
        if key and key.is_first == is_first:
            part = part.where(_newer(at, row_id, key) if after else _older(at, row_id, key))
        order = (at, row_id) if after else (at.desc(), row_id.desc())
        rows = session.execute(part.order_by(*order).limit(size + 1 - len(found)))
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


def _older(at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[int], key: Key) -> ColumnElement[bool]:
    return or_(at < key.at, and_(at == key.at, row_id < key.id))


def _newer(at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[int], key: Key) -> ColumnElement[bool]:
    return or_(at > key.at, and_(at == key.at, row_id > key.id))


def _key(is_first: bool, row: Any) -> Key:
    return Key(row.page_at, row.page_id, is_first)
