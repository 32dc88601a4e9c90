"""Who may come in: every view names its guests, and the viewer comes first in every query."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden

from app.kernel.words import Role
from app.web.refusals import refuse
from app.web.row_security import look_as_viewer
from app.web.texts import gettext as _

View = Callable[..., Any]


class SignedOut(Forbidden):
    """Somebody sent a form of members who is not signed in, or no more."""

    description = "Sign in first."


class Viewer(Protocol):
    """Whoever looks: a membership, an API key, the worker. Queries narrow themselves to what it may see."""

    @property
    def agency_id(self) -> int | None: ...
    @property
    def provider_id(self) -> int | None: ...
    @property
    def role(self) -> Role: ...
    @property
    def member_id(self) -> int | None: ...
    @property
    def is_safeguarding_officer(self) -> bool: ...


def public(view: View) -> View:
    """Anyone may come. A form sent from another site is refused by its Origin, as these pages set no cookie."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        if request.method not in ("GET", "HEAD", "OPTIONS") and not came_from_here():
            refuse(403, _("This form was sent from another site. Open it here and send it again."))
        return view(*args, **values)

    guarded.access = "public"  # type: ignore[attr-defined]
    return guarded


def allow(*roles: Role) -> Callable[[View], View]:
    """Only members in one of ``roles``; others sign in first, or learn that it is not for them."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            who = current_viewer()
            if who is None:
                if request.method in ("GET", "HEAD"):
                    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
                raise SignedOut
            if who.role not in roles:
                abort(403)
            return view(*args, **values)

        guarded.access = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


def came_from_here() -> bool:
    """Whether the browser says this request comes from our own pages (or says nothing, like old browsers and tools)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    ours = {urlsplit(current_app.config["CONFIG"].public_url).netloc, request.host}
    return urlsplit(origin).netloc in ours


def current_viewer() -> Viewer | None:
    """The membership under which the signed-in member looks now, or None."""
    if "viewer" not in g:
        g.viewer = current_app.extensions["load_viewer"]()
        look_as_viewer()
    viewer: Viewer | None = g.viewer
    return viewer


def viewer() -> Viewer:
    """The same inside a view that named its guests."""
    who = current_viewer()
    if who is None:
        abort(403)
    return who
