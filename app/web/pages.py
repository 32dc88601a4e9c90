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
Entry = tuple[str, Callable[[], str], frozenset[Role]]
OFFICERS, MANAGER = frozenset({Role.OFFICER, Role.MANAGER}), frozenset({Role.MANAGER})
# What belongs together → endpoint, label, who finds it in the navigation.
NAVIGATION: tuple[tuple[Callable[[], str], tuple[Entry, ...]], ...] = (
    (
        lambda: _("Every day"),
        (
            ("cases.inbox", lambda: _("Inbox"), AGENCY | {Role.STAFF}),
            ("by_phone.find", lambda: _("By phone"), OFFICERS),
            ("analysis.sample", lambda: _("Check the tags"), OFFICERS),
        ),
    ),
    (
        lambda: _("Contracts and figures"),
        (
            ("directory.contracts", lambda: _("Contracts"), AGENCY | {Role.STAFF}),
            ("setting_up.sites", lambda: _("Sites"), AGENCY),
            ("overviews.index", lambda: _("Reports"), AGENCY | {Role.STAFF}),
            ("gaming_watch.watch", lambda: _("Watch"), MANAGER),
            ("transparency.publications", lambda: _("Public figures"), AGENCY),
        ),
    ),
    (
        lambda: _("People and settings"),
        (
            ("digest.subscriptions", lambda: _("Weekly email"), AGENCY | {Role.STAFF}),
            (
                "accounts.members",
                lambda: _("Members"),
                frozenset({Role.MANAGER, Role.STAFF, Role.ADMINISTRATOR}),
            ),
            ("accounts.duty", lambda: _("On duty"), MANAGER),
            ("directory.settings", lambda: _("Settings"), MANAGER),
            ("privacy.audit", lambda: _("Audit"), frozenset({Role.MANAGER, Role.ADMINISTRATOR})),
            ("outbox.dead_letters", lambda: _("Undelivered"), OFFICERS | {Role.ADMINISTRATOR}),
        ),
    ),
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
        groups = [
            (name(), [_link(entry) for entry in entries if _is_for(who.role, entry)]) for name, entries in NAVIGATION
        ]
        links = [group for group in groups if group[1]]
        return {"navigation": links, "current_member": getattr(who, "member", None)}


def _is_for(role: Role, entry: Entry) -> bool:
    endpoint, _label, roles = entry
    return role in roles and endpoint in current_app.view_functions


def _link(entry: Entry) -> tuple[str, str, bool]:
    endpoint, label, _roles = entry
    return label(), url_for(endpoint), request.endpoint == endpoint


def asset(path: str) -> str:
    """The address of a built file, with a mark of its content, so that browsers may keep it for a year."""
    return url_for("static", filename=path, v=_mark(str(Path(current_app.static_folder or "") / path)))


@lru_cache(maxsize=256)
def _mark(file: str) -> str:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:10]
    except OSError:
        return "0"
