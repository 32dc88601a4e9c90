"""Looks over the shoulder of every story: whatever a member's form changes in the database must be in the audit."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, has_request_context, request, request_finished
from sqlalchemy import event

from app.audit.noting import UNTOLD, UNWATCHED, VERBS
from app.audit.rules import Verb
from app.extensions import db
from app.web.transactions import WRITING

SENT = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?(?: SET (.*?) WHERE )?', re.DOTALL)
DEEDS = {"INSERT INTO": Verb.ADDED, "UPDATE": Verb.CHANGED, "DELETE FROM": Verb.REMOVED}

FOLLOWS = "UPDATE feedback SET is_unread="
"""How the mark is written anew that follows from what was done, which is noted."""

NOTED_AS_ONE = frozenset(
    {
        # Whoever takes in a whole file is noted once, with how much it was.
        "directory.import_directory",
        "hotline.send",
        "hotline.answers",
        "sheets.send",
        # What a resident says by phone or mail, with the case, link and promises that begin with it.
        "by_phone.give",
        "mailroom.file_under",
        # By the values of all that changed, the usual ones included, which have no row.
        "gaming_watch.thresholds",
    }
)
"""Endpoints of which one entry tells what many rows would."""


@contextmanager
def looking_over(app: Flask) -> Iterator[list[str]]:
    """Collects what members' forms changed and no entry tells, as ``endpoint: verb table``."""
    missing: list[str] = []

    def on_statement(_conn: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        if not has_request_context():
            return
        found = SENT.match(statement)
        if found is None or statement.startswith(FOLLOWS):
            return
        how, name, columns = found.groups()
        sent = request.environ.setdefault("test.sent", [])
        if name == "audit_entry":
            sent.extend((True, each["verb"], each["what"]) for each in context.compiled_parameters)
        elif name not in UNWATCHED and name in db.metadata.tables:
            changed = {part.split("=")[0].strip(' "') for part in columns.split(",")} if columns else None
            if changed is None or changed - UNTOLD:
                verb = DEEDS[how]
                sent.append((False, VERBS.get(name, verb) if verb == Verb.ADDED else verb, name))

    def on_savepoint(_conn: Any, name: str) -> None:
        if has_request_context():
            marks = request.environ.setdefault("test.marks", {})
            marks[name] = len(request.environ.setdefault("test.sent", []))

    def on_rollback(_conn: Any, name: str = "", _context: Any = None) -> None:
        # What a preview wrote and took back again was never there.
        if has_request_context():
            del request.environ.setdefault("test.sent", [])[request.environ.get("test.marks", {}).get(name, 0) :]

    def on_commit(_conn: Any) -> None:
        if has_request_context():
            written, noted = request.environ.setdefault("test.written", (set(), set()))
            for is_noted, verb, what in request.environ.pop("test.sent", []):
                (noted if is_noted else written).add((verb, what))

    def on_answer(_app: Flask, response: Any) -> None:
        written, noted = request.environ.pop("test.written", (set(), set()))
        view = app.view_functions.get(request.endpoint or "")
        if request.method not in WRITING or response.status_code >= 400:
            return
        if getattr(view, "access", "public") == "public":
            return
        if request.endpoint in NOTED_AS_ONE and noted:
            return
        # What is erased is noted as that, with how much it was.
        erased = {(Verb.REMOVED, what) for verb, what in noted if verb == Verb.ERASED}
        missing.extend(f"{request.endpoint}: {verb} {name}" for verb, name in sorted(written - noted - erased))

    listeners = (
        ("before_cursor_execute", on_statement),
        ("savepoint", on_savepoint),
        ("rollback_savepoint", on_rollback),
        ("rollback", on_rollback),
        ("commit", on_commit),
    )
    for name, listener in listeners:
        event.listen(db.engine, name, listener)
    request_finished.connect(on_answer, app)
    try:
        yield missing
    finally:
        request_finished.disconnect(on_answer, app)
        for name, listener in listeners:
            event.remove(db.engine, name, listener)
