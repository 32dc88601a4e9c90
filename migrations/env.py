"""Runs migrations as the owner of the tables, on either database."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool

from app import models  # noqa: F401  # every table is known to the metadata
from app.kernel.database import Base, prepare_engine, switch_to_wal


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """The search index is made by hand, in each database's own way; the queue makes its own tables."""
    return not (name or "").startswith(("feedback_search", "ix_feedback_search", "huey_"))


def run() -> None:
    engine = create_engine(current_app.config["CONFIG"].database_owner_url, poolclass=pool.NullPool)
    prepare_engine(engine)
    switch_to_wal(engine)
    with engine.connect() as connection:
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
