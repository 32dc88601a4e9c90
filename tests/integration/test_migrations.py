"""Migrations go up, down and up again, with data; what they make is what the models say; on the database under test."""

import uuid
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from app import create_app
from app.config import Config
from app.extensions import db
from app.kernel.database import Base
from tests import factories
from tests.conftest import DATA_KEY


@pytest.fixture
def fresh(database_url, tmp_path: Path):
    """An application whose database is empty: not even tables."""
    if database_url.startswith("postgresql"):
        url = make_url(database_url).set(drivername="postgresql+psycopg")
        name = f"test_{uuid.uuid4().hex[:12]}"
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        target = url.set(database=name).render_as_string(hide_password=False).replace("+psycopg", "")
    else:
        target = f"sqlite:///{tmp_path / 'fresh.db'}"
    settings = {"DATABASE_URL": target, "SECRET_KEY": "test", "DATA_KEYS": DATA_KEY}
    app = create_app(Config.from_environment(settings, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if database_url.startswith("postgresql"):
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def ours(_object, name, _kind, _reflected, _other):
    return not (name or "").startswith(("feedback_search", "ix_feedback_search"))


def test_up_down_and_up_with_data(fresh):
    upgrade()
    factories.riverside()
    db.session.remove()

    downgrade(revision="base")
    left = {name for name in inspect(db.engine).get_table_names() if name != "alembic_version"}
    assert left == set()
    db.engine.dispose()

    upgrade()
    assert factories.hillside().agency.id
    assert {"case", "event", "promise", "feedback"} <= set(inspect(db.engine).get_table_names())


def test_what_is_there_survives_the_second_migration_and_its_undoing(fresh):
    upgrade(revision="0001")
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO agency (id, slug, name, timezone, calendar, languages)"
                " VALUES (1, 'riverside', '\"Riverside\"', 'Asia/Shanghai', '{}', '[]')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO member (id, email, name, active, language, fs_uniquifier)"
                " VALUES (1, 'ann@riverside.example', 'Ann', true, 'en', 'x')"
            )
        )
        connection.execute(text("INSERT INTO membership (id, member_id, agency_id, role) VALUES (1, 1, 1, 'manager')"))
    for revision in ("0002", "0001", "0002"):
        (upgrade if revision == "0002" else downgrade)(revision=revision)
        db.engine.dispose()

    with db.engine.connect() as connection:
        membership = connection.execute(text("SELECT role, is_on_duty, is_safeguarding_officer FROM membership")).one()
        hours = connection.scalar(text("SELECT safeguarding_hours FROM agency"))
    assert (membership.role, bool(membership.is_on_duty), bool(membership.is_safeguarding_officer)) == (
        "manager",
        False,
        False,
    )
    assert hours == 8
    for wrong in (
        "UPDATE agency SET safeguarding_hours = 0",
        "UPDATE membership SET agency_id = NULL, role = 'administrator', is_on_duty = true",
        # What was there before keeps its conditions.
        "UPDATE membership SET role = 'staff'",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(wrong))


def test_the_models_are_what_the_migrations_make(fresh):
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        different = compare_metadata(context, Base.metadata)

    assert different == []


def test_every_check_of_the_models_is_in_the_database(fresh):
    """Alembic compares no CHECK constraints, so their names are compared here."""
    upgrade()

    made = inspect(db.engine)
    missing = {
        table.name: names
        for table in Base.metadata.sorted_tables
        if (names := checks_of(table) - {str(check["name"]) for check in made.get_check_constraints(table.name)})
    }

    assert missing == {}


def checks_of(table) -> set[str]:
    named = {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}
    return {name if name.startswith("ck_") else f"ck_{table.name}_{name}" for name in named}
