"""Tells PostgreSQL through whose eyes a transaction looks, so that row-level security stands behind the queries.

Pages of residents, the worker and commands see everything: their queries go by tokens and ids, not by a viewer. Pages
of members see what their agency or provider has. On SQLite there is no such wall.
"""

from typing import Any

from flask import Flask, g, has_request_context
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.extensions import db
from app.kernel.row_security import SETTING, sees

LOOK_AS = text("SELECT set_config(:setting, :whose, true)")


def init_app(_app: Flask) -> None:
    if not event.contains(db.session, "after_begin", look_in_time):
        event.listen(db.session, "after_begin", look_in_time)


def look_in_time(_session: Session, _transaction: Any, connection: Connection) -> None:
    """A transaction that begins once it is known who looks."""
    if has_request_context() and "whose" in g:
        narrow(connection, g.whose)


def look_as_viewer() -> None:
    """In the transaction in which the viewer was found: from here on."""
    if g.get("viewer") is not None:
        # Kept as it is said: to ask a row for it could need the transaction that only begins.
        g.whose = sees(g.viewer.agency_id, g.viewer.provider_id)
        narrow(db.session.connection(), g.whose)


def narrow(connection: Connection, whose: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(LOOK_AS, {"setting": SETTING, "whose": whose})
