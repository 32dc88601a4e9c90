"""Pages for what went wrong: what happened, what to do, and nothing that was typed is lost."""

from typing import Any

import structlog
from flask import Flask, json, render_template, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.extensions import db

log = structlog.get_logger()
WITH_A_PAGE = frozenset({400, 403, 404, 409, 413, 429, 500, 503})
# Hidden fields that are not anybody's words.
NOT_TYPED = frozenset({"csrf_token", "key", "lang", "password", "new_password", "new_password_confirm", "pin"})


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, http_error)
    for kind in (OperationalError, PoolTimeout):
        app.register_error_handler(kind, database_down)
    app.register_error_handler(Exception, our_fault)


def http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    status = error.code or 500
    page = status if status in WITH_A_PAGE else (400 if status < 500 else 500)
    return answer(page, status, reason=error.description or "")


def database_down(error: DBAPIError) -> Any:
    """The database is locked or away: 503, with everything that was typed, to be sent again."""
    db.session.rollback()
    log.error("database unavailable", kind=type(error).__name__, endpoint=request.endpoint)
    return answer(503, 503, headers={"Retry-After": "10"})


def our_fault(error: Exception) -> Any:
    db.session.rollback()
    log.exception("request failed", endpoint=request.endpoint, kind=type(error).__name__)
    return answer(500, 500)


def answer(page: int, status: int, *, reason: str = "", headers: dict[str, str] | None = None) -> Any:
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return json.dumps({"error": reason or status}), status, {"Content-Type": "application/json", **(headers or {})}
    kept = typed_here()
    hidden = list(request.form.items(multi=True)) if status in (500, 503) else []
    hidden = [(name, text) for name, text in hidden if "password" not in name]
    return (
        render_template(f"errors/{page}.html", reason=reason, kept=kept, hidden=hidden, again=request.path),
        status,
        headers or {},
    )


def typed_here() -> list[tuple[str, str]]:
    """What somebody typed into the form that was sent: (name of the field, text)."""
    return [(name, text) for name, text in request.form.items(multi=True) if text and name not in NOT_TYPED]
