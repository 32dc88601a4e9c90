"""Pages for what went wrong: what happened, what to do, and nothing that was typed is lost."""

from typing import Any

import structlog
from flask import Flask, g, json, render_template, request, url_for
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.extensions import db
from app.web.access import current_viewer
from app.web.languages import nearest_page, speaks_for_itself
from app.web.refusals import reason_of

log = structlog.get_logger()
WITH_A_PAGE = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})
# Hidden fields that are not anybody's words, and what is not to be shown.
NOT_TYPED = frozenset(
    {"asked", "csrf_token", "key", "kept", "lang", "latitude", "longitude", "next", "speak", "version"}
    | {"opened", "proof", "password", "new_password", "new_password_confirm", "pin"}
)


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"typed_here": typed_here})
    app.register_error_handler(HTTPException, http_error)
    for kind in (OperationalError, PoolTimeout):
        app.register_error_handler(kind, database_down)
    app.register_error_handler(Exception, our_fault)


def http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    status = error.code or 500
    page = status if status in WITH_A_PAGE else (400 if status < 500 else 500)
    allowed = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if isinstance(error, MethodNotAllowed) else {}
    return answer(page, status, reason=reason_of(error), headers=allowed)


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
    hidden = list(request.form.items(multi=True)) if status in (500, 503) else []
    hidden = [(name, text) for name, text in hidden if "password" not in name]
    look_for_the_viewer(status)
    is_members = speaks_for_itself()
    return (
        render_template(
            f"errors/{page}.html",
            layout="layouts/console.html" if is_members else "layouts/resident.html",
            first_page=url_for("accounts.start" if is_members else "resident.home"),
            reason=reason,
            kept=typed_here(),
            hidden=hidden,
            again=request.path,
            nearest=nearest_page(request.path),
        ),
        status,
        headers or {},
    )


def look_for_the_viewer(status: int) -> None:
    """Know who looks, for the menu above the error, or go without: an error page must not need the database."""
    g.pop("viewer", None)  # what was rolled back is not to be asked
    try:
        if status != 503 and speaks_for_itself():
            current_viewer()
            return
    except SQLAlchemyError:
        db.session.rollback()
    g.viewer, g._login_user = None, AnonymousUserMixin()  # flask-login asks for somebody on every page


def typed_here() -> list[tuple[str, str]]:
    """What somebody typed into the form that was sent: (name of the field, text)."""
    return [(name, text) for name, text in request.form.items(multi=True) if text and name not in NOT_TYPED]
