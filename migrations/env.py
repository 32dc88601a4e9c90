"""Runs migrations as the owner of the tables, on either database."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool

from app import models  # noqa: F401  # every table is known to the metadata
from app.kernel.database import Base, prepare_engine


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """The search index is made by hand, in each database's own way."""
    return not (name or "").startswith(("feedback_search", "ix_feedback_search"))


def run() -> None:
    engine = create_engine(current_app.config["CONFIG"].database_owner_url, poolclass=pool.NullPool)
    prepare_engine(engine)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Once, here: switching to WAL on every connection gives errors under concurrency.
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.rollback()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=ours,
            compare_type=True,
            render_as_batch=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
