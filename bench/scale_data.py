"""A full database: two years of feedback about sixty contracts, made once by bulk SQL and kept."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, delete, text
from sqlalchemy.engine import Connection, make_url

from app import create_app
from app.analysis.models import Reading, Tag
from app.cases.models import Case, Event
from app.config import Config
from app.directory import actions as directory
from app.extensions import db
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel.database import Base
from app.measures.models import Changed, ContractDay
from app.web.transactions import begin_writing
from bench.installation import environment, small_directory
from bench.report_speed import fill

CONTRACTS = 60
SHIFT = timedelta(hours=3, minutes=17, seconds=11)
"""Each copy of the first feedback happened so much earlier than the one before: other hours, other days."""

TABLES = (Feedback, FeedbackWords, Reading, Tag, Case, Event)
MOMENTS = ("submitted_at", "recorded_at", "read_at", "at")
# Of a case, what is due when is asked for by the inbox alone; its clocks are reckoned from the events.
OF_CASE = ("provider_since", "respond_by", "resolve_by", "first_response_at", "resolved_at", "last_event_at")


def application(var: Path, url: str | None = None) -> Flask:
    """The product over the database in ``var``, or the PostgreSQL database of ``url``; brought up to date."""
    told = environment(var) | ({"DATABASE_URL": url} if url else {})
    app = create_app(Config.from_environment(told, var))
    with app.app_context():
        upgrade()
    return app


def kept(folder: Path, feedback: int, first: int, server: str | None = None) -> Flask:
    """The application over ``feedback`` rows, made of ``first`` where they are not in ``folder`` (or at ``server``)."""
    if server is None:
        return _in_file(folder, feedback, first)
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"scale_{feedback}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        known = set(connection.scalars(text("SELECT datname FROM pg_database")))
        if name not in known:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}_new"))
            if feedback == first:
                connection.execute(text(f"CREATE DATABASE {name}_new"))
                _copy_from(_in_file(folder, first, first), folder, _plain(url, f"{name}_new"))
            else:
                with kept(folder, first, first, server).app_context():
                    db.engine.dispose()
                connection.execute(text(f"CREATE DATABASE {name}_new TEMPLATE scale_{first}"))
                _multiply_at(_plain(url, f"{name}_new"), feedback, first)
            # Under its name only once it is whole.
            connection.execute(text(f"ALTER DATABASE {name}_new RENAME TO {name}"))
    admin.dispose()
    return application(folder / f"{feedback}-postgresql", _plain(url, name))


def _in_file(folder: Path, feedback: int, first: int) -> Flask:
    var = folder / str(feedback)
    file = var / "answerable.db"
    if not (var / "whole").exists():
        shutil.rmtree(var, ignore_errors=True)
        var.mkdir(parents=True)
        if feedback == first:
            _begin(var, first)
        else:
            with _in_file(folder, first, first).app_context():
                db.engine.dispose()
            shutil.copy(folder / str(first) / "answerable.db", file)
            engine = create_engine(f"sqlite:///{file}")
            with engine.connect() as connection:
                _multiply(connection, feedback, first)
            engine.dispose()
        (var / "whole").touch()
    return application(var)


def _begin(var: Path, feedback: int) -> None:
    app = application(var)
    with app.app_context():
        begin_writing()
        directory.import_directory(small_directory(CONTRACTS))
        db.session.commit()
        fill(feedback)
        # Nothing is kept yet, so nothing has changed since.
        db.session.execute(delete(Changed))
        db.session.commit()
        db.session.remove()
        raw = db.engine.raw_connection()
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
        db.engine.dispose()


def _multiply(connection: Connection, feedback: int, first: int) -> None:
    """Add copies of the first feedback, each a little earlier than the one before, until there are so many."""
    is_file = connection.dialect.name == "sqlite"
    if is_file:
        connection.exec_driver_sql("PRAGMA journal_mode=OFF")
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA cache_size=-1000000")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")
    # Ids of feedback and readings are those of the first, one after the other; those of cases and events follow theirs.
    most = {
        model: connection.exec_driver_sql(f'SELECT max(id) FROM "{model.__tablename__}"').scalar() or 0
        for model in (Case, Event)
    }
    # What was kept of the first is not what all of it counts.
    for kept_days in (ContractDay, Changed):
        connection.exec_driver_sql(f"DELETE FROM {kept_days.__tablename__}")
    for model in TABLES:
        for copy in range(1, feedback // first):
            connection.exec_driver_sql(_copying(model, copy, first, most.get(model, first), is_file=is_file))
        connection.commit()
    connection.exec_driver_sql("ANALYZE")
    connection.commit()
    if is_file:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _copying(model: type, copy: int, first: int, most: int, *, is_file: bool) -> str:
    seconds = int(copy * SHIFT.total_seconds())

    def value(name: str) -> str:
        if name == "id":
            return f"id + {copy * most}"
        if name in ("feedback_id", "reading_id"):
            return f"{name} + {copy * first}"
        if name == "reference":
            return (
                f"printf('%04d-%04d-%04d', {copy}, id / 10000, id % 10000)"
                if is_file
                else f"'{copy:04d}-' || lpad((id / 10000)::text, 4, '0') || '-' || lpad(mod(id, 10000)::text, 4, '0')"
            )
        if name in MOMENTS or (model is Case and name in OF_CASE):
            return (
                f"strftime('%Y-%m-%d %H:%M:%f', {name}, '-{seconds} seconds') || '000'"
                if is_file
                else f"{name} - interval '{seconds} seconds'"
            )
        return f'"{name}"'

    table = Base.metadata.tables[model.__tablename__]
    names = [column.name for column in table.columns]
    into = ", ".join(f'"{name}"' for name in names)
    where = "feedback_id" if "feedback_id" in names else "id"
    return (
        f'INSERT INTO "{table.name}" ({into}) SELECT {", ".join(map(value, names))} FROM "{table.name}"'
        f" WHERE {where} <= {first}"
    )


def _multiply_at(url: str, feedback: int, first: int) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        _multiply(connection, feedback, first)
    engine.dispose()


def _copy_from(source: Flask, folder: Path, url: str) -> None:
    """Take the rows of a database in a file over into an empty one of PostgreSQL."""
    file = folder / "first.db"
    with source.app_context():
        db.session.remove()
        name = db.engine.url.database
        db.engine.dispose()
    shutil.copy(name or "", file)
    target = application(folder / "first-postgresql", url)
    with target.app_context():
        tables = Base.metadata.sorted_tables
        db.engine.dispose()
    with sqlite3.connect(file) as read, psycopg.connect(url) as write:
        write.execute("SET session_replication_role = replica")
        write.execute("SET timezone = 'UTC'")
        for table in tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            write.execute(f'DELETE FROM "{table.name}"')
            with write.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in read.execute(f'SELECT {names} FROM "{table.name}"'):
                    copy.write_row(row)
            if "id" in table.columns:
                write.execute(
                    f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'),"
                    f' (SELECT coalesce(max(id), 1) FROM "{table.name}"))'
                )
    for each in folder.glob("first.db*"):
        each.unlink()


def _plain(url: object, name: str) -> str:
    return make_url(url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
