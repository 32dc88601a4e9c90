"""What every template can say: addresses of assets, the navigation, who is signed in."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _

from app.kernel.words import Role
from app.web.access import current_viewer
from app.web.languages import speaks_for_itself

AGENCY = frozenset({Role.VIEWER, Role.OFFICER, Role.MANAGER})
# endpoint, label, who finds it in the navigation
NAVIGATION: tuple[tuple[str, Callable[[], str], frozenset[Role]], ...] = (
    ("cases.inbox", lambda: _("Inbox"), AGENCY | {Role.STAFF}),
    ("by_phone.find", lambda: _("By phone"), frozenset({Role.OFFICER, Role.MANAGER})),
    ("directory.contracts", lambda: _("Contracts"), AGENCY | {Role.STAFF}),
    ("overviews.index", lambda: _("Reports"), AGENCY | {Role.STAFF}),
    ("analysis.sample", lambda: _("Check the tags"), frozenset({Role.OFFICER, Role.MANAGER})),
    ("watch.watch", lambda: _("Watch"), frozenset({Role.MANAGER})),
    ("digest.subscriptions", lambda: _("Weekly email"), AGENCY | {Role.STAFF}),
    ("transparency.publications", lambda: _("Public figures"), AGENCY),
    ("accounts.members", lambda: _("Members"), frozenset({Role.MANAGER, Role.STAFF, Role.ADMINISTRATOR})),
    ("privacy.audit", lambda: _("Audit"), frozenset({Role.MANAGER, Role.ADMINISTRATOR})),
    ("outbox.dead_letters", lambda: _("Undelivered"), frozenset({Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR})),
)


def init_app(app: Flask) -> None:
    app.add_template_global(asset, "asset")

    @app.context_processor
    def signed_in() -> dict[str, Any]:
        """Only pages of members ask who is signed in; public pages do not touch the session."""
        if not request or not speaks_for_itself():
            return {"navigation": [], "current_member": None}
        who = current_viewer()
        if who is None:
            return {"navigation": [], "current_member": None}
        links = [
            (label(), url_for(endpoint), request.endpoint == endpoint)
            for endpoint, label, roles in NAVIGATION
            if who.role in roles and endpoint in current_app.view_functions
        ]
        return {"navigation": links, "current_member": getattr(who, "member", None)}


def asset(path: str) -> str:
    """The address of a built file, with a mark of its content, so that browsers may keep it for a year."""
    return url_for("static", filename=path, v=_mark(str(Path(current_app.static_folder or "") / path)))


@lru_cache(maxsize=256)
def _mark(file: str) -> str:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:10]
    except OSError:
        return "0"
