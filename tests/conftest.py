"""What every test may use: an application on a real database, a client that looks, a clock, a mail box."""

import email
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as hypothesis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from app.audit.models import TRIGGERS
from app.config import Config
from app.extensions import db, tries
from app.kernel import clock
from app.kernel.database import Base, switch_to_wal
from app.outbox import running
from tests import factories
from tests.browser_client import Browser

# How fast a busy machine is says nothing of whether it is right.
hypothesis.register_profile("untimed", deadline=None)
hypothesis.load_profile("untimed")

UNIT = Path(__file__).parent / "unit"

DATA_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out the unit tests that know no database: they are the same as on SQLite."""
    if not os.environ.get("TEST_DATABASE_URL"):
        return
    config.hook.pytest_deselected(items=[item for item in items if not knows_a_database(item)])
    items[:] = filter(knows_a_database, items)


def knows_a_database(item: pytest.Item) -> bool:
    return UNIT not in item.path.parents or (isinstance(item, pytest.Function) and "database_url" in item.fixturenames)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this process's own: a PostgreSQL database where TEST_DATABASE_URL says where, else a file."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.db'}"
        return
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False).replace("+psycopg", "")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    var = tmp_path_factory.mktemp("var")
    return Config.from_environment(
        {
            "DATABASE_URL": database_url,
            "QUEUE_URL": f"sqlite:///{var / 'queue.db'}",
            "PUBLIC_URL": "http://localhost",
            "SECRET_KEY": "only for tests",
            "DATA_KEYS": DATA_KEY,
        },
        var,
    )


@pytest.fixture(scope="session")
def application(settings: Config) -> Iterator[Flask]:
    app = create_app(settings)
    app.config.update(TESTING=True, RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    with app.app_context():
        switch_to_wal(db.engine)
        Base.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(application: Flask, settings: Config) -> Iterator[Flask]:
    """The application with empty tables and an empty mail box, inside its context."""
    for file in (settings.var / "mail").glob("*.eml"):
        file.unlink()
    tries.reset()
    with application.app_context():
        yield application
        db.session.remove()
        empty_tables()


def empty_tables() -> None:
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # As the owner of the database alone can: without the triggers that keep the audit. Quicker than TRUNCATE.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            # Parts before what they are parts of, with which row-level security shows them.
            tables = [*(table.name for table in reversed(Base.metadata.sorted_tables)), "feedback_search"]
            connection.exec_driver_sql("; ".join(f'DELETE FROM "{name}"' for name in tables))
            connection.exec_driver_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")
            return
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql("DROP TRIGGER audit_entry_is_not_removed")
        for name in [*Base.metadata.tables, "feedback_search"]:
            connection.exec_driver_sql(f'DELETE FROM "{name}"')
        connection.exec_driver_sql(TRIGGERS["sqlite"][1])


@pytest.fixture
def client(app: Flask) -> Any:
    """A browser that nobody has signed in with; ``client.sign_in(member)`` does."""
    return app.test_client()


@pytest.fixture
def riverside(app: Flask) -> factories.Directory:
    """An agency in Shanghai with two providers, two contracts and three sites, and its people."""
    return factories.riverside()


@pytest.fixture
def hillside(app: Flask) -> factories.Directory:
    """Another agency, in London: whose people must see nothing of the first."""
    return factories.hillside()


@pytest.fixture
def alice(riverside: factories.Directory) -> Any:
    """An officer of riverside."""
    return riverside.officer


@pytest.fixture
def bob(riverside: factories.Directory) -> Any:
    """Provider staff: works for clearway, the provider of riverside's first contract."""
    return riverside.staff


@pytest.fixture
def charlie(hillside: factories.Directory) -> Any:
    """An officer of the other agency."""
    return hillside.officer


@pytest.fixture
def work(app: Flask) -> Callable[[], int]:
    """Do all background work that is due, in this process."""

    def run() -> int:
        db.session.commit()
        with app.app_context():  # a session of its own, as a worker has
            kept = running.run_all(app.extensions["handlers"])
        db.session.expire_all()
        return kept

    return run


@pytest.fixture
def mail_box(app: Flask, settings: Config) -> Callable[[], list[EmailMessage]]:
    """The letters delivered in this test, oldest first."""

    def letters() -> list[EmailMessage]:
        files: list[Path] = sorted((settings.var / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=modern) for file in files]  # type: ignore[misc]

    return letters


@pytest.fixture
def at() -> Callable[[datetime | str], AbstractContextManager[None]]:
    """``with at("2026-11-02T09:00:00+08:00"):`` sets the clock."""

    def set_to(moment: datetime | str) -> AbstractContextManager[None]:
        return clock.set_to(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)

    return set_to
