"""A form that comes back after its session ended, or changed in another tab: nothing is lost, it can be sent again."""

from typing import Any

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.extensions import db
from app.web.access import SignedOut, came_from_here, current_viewer
from app.web.errors import NOT_TYPED, look_for_the_viewer

# Of a form of members: what nobody typed, though it is sent again.
CHOSEN = frozenset(
    {
        "version",
        "seen",
        "sure",
        "content",
        "next",
        "kind",
        "clause",
        "assignee",
        "role",
        "house",
        "language",
        "wanted",
        "membership_id",
    }
)


def init_app(app: Flask) -> None:
    for kind in (CSRFError, SignedOut):
        app.register_error_handler(kind, session_changed)


def session_changed(error: HTTPException) -> Any:
    """What happened and what was typed; a way to sign in, and a button that sends the same again.

    The button is for forms of our own pages alone: what another site sent must not go on with one press.
    """
    db.session.rollback()
    look_for_the_viewer(error.code or 400)
    sent = [(name, text) for name, text in request.form.items(multi=True) if not _is_secret(name)]
    may_go_on = came_from_here() and request.blueprint != "security"
    page = render_template(
        "errors/session.html",
        is_signed_in=current_viewer() is not None,
        kept=[(name, text) for name, text in sent if text and name not in NOT_TYPED | CHOSEN] if may_go_on else [],
        sent=sent,
        may_go_on=may_go_on,
        had_files=any(request.files.values()),
    )
    return page, error.code or 400


def _is_secret(name: str) -> bool:
    return name == "csrf_token" or "password" in name
