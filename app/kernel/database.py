"""How rows are kept: aware times, enumerations as checked text, named constraints, two databases."""

import sqlite3
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Engine,
    Enum,
    Index,
    Insert,
    Integer,
    MetaData,
    Table,
    event,
    text,
)
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from app.kernel import row_security
from app.kernel.row_security import EVERYTHING, SETTING
from app.kernel.words import Words

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

PATIENCE = 10.0
"""So many seconds a writer waits for those before it."""

BETWEEN_TRIES = 3
"""So many milliseconds SQLite waits by itself, before we ask again."""


PAGES_IN_LOG = 4000
"""When SQLite's log of writes is worked into the database file: at 16 MB."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware out, UTC inside. A naive time is a mistake and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its offset cannot be stored")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the product."""

    # The types are told to the registry, as flask-sqlalchemy makes a further class of this one.
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime(),
            dict[str, Any]: JSON(),
            list[str]: JSON(),
            Words: JSON(),
        },
    )


class Row:
    """A table whose rows are known by a number."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)


def table(model: type[DeclarativeBase]) -> Table:
    """The table of a model, for the few statements that must cost no more than they do: no session, no objects."""
    return cast(Table, model.__table__)


def insert_row(connection: Connection, model: type[DeclarativeBase], row: Mapping[str, Any]) -> int:
    """Insert one row by its table and give the number it got."""
    (number,) = connection.execute(insertion(model), row).inserted_primary_key or (0,)
    return int(number)


@cache
def insertion(model: type[DeclarativeBase]) -> Insert:
    """The statement that inserts a row into a table, made once, as making it costs as much as sending it."""
    return table(model).insert()


def choice(kind: type[StrEnum], name: str | None = None) -> Enum:
    """A column of one of ``kind``'s values: text with a CHECK, on both databases the same."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name or kind.__name__.lower(),
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def check(condition: str, name: str) -> CheckConstraint:
    """A named CHECK beside the columns it guards."""
    return CheckConstraint(condition, name=name)


def unless_null(name: str, *columns: str, unique: bool = False) -> Index:
    """An index of the rows whose last column says something: those that do not need no writing there."""
    filled = text(f"{columns[-1]} IS NOT NULL")
    return Index(name, *columns, unique=unique, sqlite_where=filled, postgresql_where=filled)


def only_where(name: str, condition: str, *columns: str) -> Index:
    """An index of the rows for which ``condition`` holds: found at once and in order, however many others there are."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


def only_if(name: str, flag: str, *columns: str) -> Index:
    """The same of the rows whose ``flag`` is true, as each of the databases says it."""
    return Index(name, *columns, sqlite_where=text(f"{flag} = 1"), postgresql_where=text(flag))


def prepare_engine(engine: Engine) -> None:
    """Make SQLite as strict as PostgreSQL, and let writers queue instead of fail; keep PostgreSQL from compiling.

    A connection that carries the execution option ``writer`` begins with BEGIN IMMEDIATE: reading first and then
    upgrading to a writer is what makes SQLite answer "database is locked" at once, whatever the timeout.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _on_connect_to_postgresql)
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}")
        cursor.execute("PRAGMA synchronous=FULL")
        # Pages that many writers change (the end of every index) go from the log to the file once, not every time.
        cursor.execute(f"PRAGMA wal_autocheckpoint={PAGES_IN_LOG}")
        cursor.close()

    turn = threading.Lock()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options: Mapping[str, Any] = connection.get_execution_options()
        driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]
        if not options.get("writer"):
            driver.execute("BEGIN")
            return
        # Writers of one process come one after the other, so that those who wait neither sleep too long (SQLite's
        # own waiting does, up to 100 ms a time) nor take the processor from the one who writes.
        if not turn.acquire(timeout=PATIENCE):
            raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))
        connection.connection.info["has_turn"] = True
        _begin_immediate(driver)

    @event.listens_for(engine, "checkin")
    @event.listens_for(engine, "close")
    def give_turn_away(_connection: Any, record: Any) -> None:
        if record.info.pop("has_turn", False):
            turn.release()


def _on_connect_to_postgresql(connection: Any, _record: object) -> None:
    """Without compiling: the long conditions of the inbox would take seconds, for rows found in no time.

    And seeing everything, until a transaction says that it looks for somebody.
    """
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
        cursor.execute(f"SET {SETTING} = '{EVERYTHING}'")
    connection.autocommit = False


def _begin_immediate(driver: sqlite3.Connection) -> None:
    """Become the writer, trying every few milliseconds while another process is."""
    give_up_at = time.monotonic() + PATIENCE
    driver.execute(f"PRAGMA busy_timeout={BETWEEN_TRIES}")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() >= give_up_at:
                    raise OperationalError("BEGIN IMMEDIATE", {}, error) from error
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}")


def switch_to_wal(engine: Engine) -> None:
    """Let readers go on while one writes: once per database file, as doing it on every connection gives errors."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        connection.cursor().execute("PRAGMA journal_mode=WAL")
        connection.close()


@event.listens_for(Base.metadata, "after_create")
def put_up_the_wall(_metadata: object, connection: Connection, **_more: object) -> None:
    """With the tables, for tests; installations get it from a migration."""
    if connection.dialect.name == "postgresql":
        for statement in row_security.build():
            connection.exec_driver_sql(statement)
