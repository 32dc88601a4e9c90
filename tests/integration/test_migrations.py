"""Migrations go up, down and up again, with data; what they make is what the models say; on the database under test."""

import uuid
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, create_engine, inspect, text
from sqlalchemy.engine import make_url

from app import create_app
from app.analysis import search
from app.cases import actions
from app.config import Config
from app.extensions import db
from app.kernel.database import Base
from app.kernel.words import Actor
from tests import factories
from tests.conftest import DATA_KEY
from tests.web.cases_story import sent


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


def test_messages_that_were_there_before_are_found_after(fresh):
    upgrade()
    case = actions.case_of(sent(factories.riverside()))
    actions.reply(case, "The lid was mended", by=Actor.AGENCY, member_id=None)
    actions.note(case.feedback, "Gossip", member_id=None)
    db.session.execute(text("DELETE FROM feedback_search"))
    db.session.commit()
    db.session.remove()

    downgrade(revision="-1")
    upgrade()

    assert len(db.session.scalars(search.matching("lid")).all()) == 1
    assert db.session.scalars(search.matching("gossip")).all() == []


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
