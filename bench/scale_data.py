"""A full database: two years of feedback about sixty contracts, and of work on it; made once by bulk SQL and kept."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, delete, select, text
from sqlalchemy.engine import Connection, make_url

from app import create_app
from app.analysis import search
from app.analysis.models import Reading, Tag
from app.cases.inbox_marks import settle
from app.cases.models import Case, Event
from app.config import Config
from app.directory import actions as directory
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel.database import Base
from app.measures.models import Changed, ContractDay
from app.web.transactions import begin_writing
from bench.installation import environment, small_directory
from bench.report_speed import SENTENCES, fill, manager

CONTRACTS = 60
SHIFT = timedelta(hours=3, minutes=17, seconds=11)
"""Each copy of the first feedback happened so much earlier than the one before: other hours, other days."""

TABLES = (Feedback, FeedbackWords, Reading, Tag, Case, Event)
MOMENTS = ("submitted_at", "recorded_at", "read_at", "at")
# Of a case, what is due when is asked for by the inbox alone; its clocks are reckoned from the events.
OF_CASE = (
    "provider_since",
    "respond_by",
    "resolve_by",
    "overdue_from",
    "first_response_at",
    "resolved_at",
    "last_event_at",
)

RECENT = "SELECT max(submitted_at) FROM feedback"
DAYS_BEFORE = {"sqlite": "datetime(({moment}), '-{days} days')", "postgresql": "({moment}) - interval '{days} days'"}

WORK = (
    *(f"DELETE FROM {name}" for name in ("call_wish", "concern", "verdict")),
    # Everything was looked at but that of the last days, and one in two thousand that was overlooked.
    "UPDATE feedback SET is_unread = (id % 2000 = 1) WHERE submitted_at < {a_week_ago}",
    """UPDATE "case" SET is_unread = (feedback_id % 2000 = 1)
       WHERE provider_since < {a_week_ago} OR provider_since IS NULL""",
    # What is rare: urgent, not sure, at odds with the stars, by phone, a suggestion, a wish to be called, a concern.
    "UPDATE tag SET is_urgent = true WHERE feedback_id % 50 = 7",
    "UPDATE tag SET is_sure = false WHERE feedback_id % 40 = 9",
    "UPDATE tag SET sentiment = 'positive' WHERE feedback_id % 60 = 23",
    "UPDATE feedback SET channel = 'phone' WHERE id % 500 = 11",
    "UPDATE feedback SET kind = 'suggestion' WHERE id % 1000 = 13 AND kind = 'rating'",
    "INSERT INTO call_wish (feedback_id, agency_id, wished_at)"
    " SELECT id, agency_id, submitted_at FROM feedback WHERE id % 20000 = 17",
    "INSERT INTO concern (agency_id, feedback_id, raised_at, due_at)"
    " SELECT agency_id, id, submitted_at, submitted_at FROM feedback WHERE id % 5000 = 19",
    # Of what is open one in twenty waits for its resident; one in eleven cases is seen to by the manager.
    """UPDATE "case" SET waiting_since = last_event_at,
       overdue_from = CASE WHEN resolve_by < last_event_at THEN overdue_from END
       WHERE status = 'open' AND first_response_at IS NOT NULL AND feedback_id % 20 = 3""",
    """UPDATE "case" SET assignee_id = (SELECT min(id) FROM member) WHERE feedback_id % 11 = 3""",
    """UPDATE "case" SET times_reopened = 2 WHERE status = 'open' AND feedback_id % 100 = 5""",
    # Nine in ten of what was dealt with a month ago are judged; a second person has still to look at some.
    """INSERT INTO verdict (feedback_id, agency_id, stage, attribution, judged_at, is_drawn, contest_by)
       SELECT feedback_id, agency_id, CASE feedback_id % 500 WHEN 0 THEN 'objected' WHEN 1 THEN 'contested'
       ELSE 'stands' END, 'provider', last_event_at, feedback_id % 200 = 2, {a_week_ago} FROM "case"
       WHERE status = 'resolved' AND last_event_at < {a_month_ago} AND feedback_id % 10 <> 6""",
    """UPDATE "case" SET is_to_judge = status IN ('resolved', 'rejected')
       AND NOT EXISTS (SELECT 1 FROM verdict WHERE verdict.feedback_id = "case".feedback_id)""",
)
"""What a staff of some years has done and left undone, as the inbox reads it."""


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
                _at(_plain(url, f"{name}_new"), lambda connection: _multiply(connection, feedback, first))
            _at(_plain(url, f"{name}_new"), work_on)
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
            _at(f"sqlite:///{file}", lambda connection: _multiply(connection, feedback, first))
        _at(f"sqlite:///{file}", work_on)
        (var / "whole").touch()
    return application(var)


def _begin(var: Path, feedback: int) -> None:
    app = application(var)
    with app.app_context():
        begin_writing()
        directory.import_directory(small_directory(CONTRACTS))
        db.session.commit()
        manager(db.session.scalars(select(Agency.id)).one())
        fill(feedback)
        begin_writing()
        settle(db.session.scalars(select(Feedback.id)))
        db.session.commit()
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


def work_on(connection: Connection) -> None:
    """Do what the staff has done (``WORK``), and let what was said be found by its words."""
    name = connection.dialect.name
    ago = {
        f"a_{word}_ago": f"({DAYS_BEFORE[name].format(moment=RECENT, days=days)})"
        for word, days in (("week", 7), ("month", 30))
    }
    if name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql("DROP INDEX ix_feedback_search")
    for statement in WORK:
        connection.execute(text(statement.format(**ago)))
    # Beside its sentence each text has a word that one in five thousand has.
    value = (
        "to_tsvector('simple', :tokens || (feedback_id % 5000))"
        if name == "postgresql"
        else (":tokens || (feedback_id % 5000)")
    )
    filling = f"INSERT INTO feedback_search (rowid, tokens) SELECT feedback_id, {value} FROM tag WHERE redacted = :said"
    connection.execute(text("DELETE FROM feedback_search"))
    for sentence in SENTENCES:
        tokens = " ".join(search.tokens(sentence))
        connection.execute(text(filling), {"tokens": f"{tokens} word", "said": sentence})
    if name == "postgresql":
        connection.exec_driver_sql(search.CREATE[name][-1])
    connection.commit()
    connection.exec_driver_sql("ANALYZE")
    connection.commit()


def _at(url: str, deed: Callable[[Connection], None]) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        deed(connection)
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
