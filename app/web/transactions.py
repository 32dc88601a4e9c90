"""One request, one commit: actions flush, a writing view commits, 400 and above roll back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, make_response, request

from app.extensions import db

View = Callable[..., Any]
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def commits(view: View) -> View:
    """This view writes: a writer's transaction from its first query, committed if the answer is below 400."""

    @wraps(view)
    def writing(*args: Any, **values: Any) -> Any:
        response = make_response(view(*args, **values))
        if request.method in WRITING and response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
        return response

    writing.commits = "at once"  # type: ignore[attr-defined]
    return writing


def commits_late(view: View) -> View:
    """This view writes after long reading: it says ``begin_writing()`` itself, so that others write meanwhile."""
    writing = commits(view)
    writing.commits = "late"  # type: ignore[attr-defined]
    return writing


def begin_writing() -> None:
    """End what was read so far and begin a writer's transaction (BEGIN IMMEDIATE on SQLite)."""
    db.session.rollback()
    db.session.connection(execution_options={"writer": True})


def init_app(app: Flask) -> None:
    """Mark the transaction before anything, the viewer included, is read in it."""

    @app.before_request
    def begin_as_writer() -> None:
        if request.method in WRITING:
            view = app.view_functions.get(request.endpoint or "")
            if getattr(view, "commits", None) == "at once" or request.blueprint == "security":
                begin_writing()
