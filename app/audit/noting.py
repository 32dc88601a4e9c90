"""Every change to a row of ours is noted by itself, so that no action can forget to."""

from collections.abc import Iterable
from typing import Any

from flask import Flask
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, UOWTransaction

from app.audit import actions
from app.audit.rules import LONGEST_DETAIL, Facts, Part, Verb, details_of, plain
from app.extensions import db
from app.kernel import clock
from app.kernel.words import VERDICT_EVENTS

UNWATCHED = frozenset(
    {
        # The audit itself.
        "audit_chain",
        "audit_entry",
        # What follows from other rows, or is worked out by machine and can be worked out again.
        "case",
        "changed",
        "chart_picture",
        "contract_day",
        # Kept for a day, to tell spam by: how much came, and the salt of the marks.
        "daily_salt",
        "sent_count",
        "issued_file",
        "issued_overview_file",
        "look",
        "notice",
        # Beside the mail, which is noted.
        "mail_photo",
        "mail_words",
        "pin_try",
        "promise",
        "reading",
        "sample",
        "sending",
        "staged_photo",
        "tag",
        # Of texts whose erasing is noted.
        "translated_words",
        # Beside events, which are noted; erasing them is noted with the feedback's own words.
        "message_words",
        # The same of answers.
        "answer",
        "answer_reading",
        "answer_words",
        "questions_asked",
        "security_role",
    }
)
"""Tables whose changes are nobody's deeds. What is not named here is watched."""

UNTOLD = frozenset(
    {
        "fetched_at",
        "fs_uniquifier",
        "invited_at",
        "is_unread",
        "last_uid",
        "last_used_at",
        "sign_count",
        "trouble",
        "two_step_counter",
        "uid_validity",
        "version",
    }
)
"""Columns that change on the way or follow from other rows, with nothing done to anybody."""

VERBS = {"disclosure": Verb.OPENED, "link_disclosure": Verb.OPENED}
"""Tables whose new rows are looks, not changes."""

_LIMITS = ("respond_within_hours", "resolve_within_hours")
_TARGET = ("basis", "direction", "target", "approaching", "inadequate", "minimum_n", "binds_from")
_DAYS = ("waiting_days", "statement_days", "reply_days", "contest_days", "confirm_days", "reopen_days")

VALUES = {
    "agency": (
        "photos_at_once",
        "quiet_from",
        "quiet_until",
        "safeguarding_hours",
        "translates",
        "two_steps_optional",
    ),
    "agreed_action": ("side", "due_on", "done_on"),
    "agreed_action_note": ("step", "side"),
    "clause": _LIMITS,
    "clause_target": ("starts_on", *_LIMITS),
    "contract": ("starts_on", "ends_on", *_DAYS, "value", "currency", "is_small", "is_light_touch"),
    "contract_site": ("starts_on", "ends_on"),
    "event": ("attribution", "changed_to", "has_message"),
    "figure": ("starts_on", "ends_on", "numerator", "denominator"),
    "issued_overview": ("number", "starts_on", "ends_on", "issued_at", "corrects_id"),
    "issued_report": (
        "state",
        "number",
        "starts_on",
        "ends_on",
        "corrects_id",
        "sent_at",
        "statement_due_at",
        "statement_at",
        "issued_at",
    ),
    "kpi": ("measure", "starts_on", *_TARGET),
    "kpi_name": ("starts_on",),
    "kpi_target": ("starts_on", *_TARGET),
    "membership": ("role",),
    "performance_notice": ("issued_report_id", "signed_at"),
    "publication": ("state", "month", "smallest_cell", "as_of", "approved_at", "withdrawn_at"),
    "publication_freeze": ("starts_on", "ends_on"),
    "publication_terms": ("smallest_cell",),
    "published_contract": ("is_named",),
    "verdict": ("stage", "attribution", "reply_by", "contest_by", "is_drawn"),
    "volume": ("month", "units"),
}
"""Of these columns the entry tells the value, as it will be another one day: numbers, days, choices among ours.

Never a column that holds what a person wrote, or that names or reaches one: of grounds and statements only that there
are some, and when.
"""

POINTING = {"contract_site": ("contract_id", "site_id"), "published_contract": ("contract_id",)}
"""Whatever is done to such a row: the ids of what it is about, as nothing else tells them once it is removed."""

TELLING = {
    "agreed_action_note": "step",
    "disclosure": "what",
    "event": "kind",
    "invitation": "role",
    "link_disclosure": "what",
    "membership": "role",
    "verdict": "stage",
}
"""Of a new row: the column that says of what kind it is, told first."""


def init_app(_app: Flask) -> None:
    """Listen to the sessions of all requests, commands and tasks: once in a process, whatever applications it has."""
    if event.contains(db.session, "after_flush", note_rows):
        return
    event.listen(db.session, "after_flush", note_rows)
    event.listen(db.session, "before_commit", actions.chain_up)
    event.listen(db.session, "after_soft_rollback", actions.forget_what_was_undone)
    event.listen(db.session, "after_transaction_create", actions.mark_savepoint)


def note_rows(session: Session, context: UOWTransaction) -> None:
    """After rows were written, while it is still known what changed in them."""
    if session.info.get(actions.QUIET):
        return
    done = [
        *[(_verb(row), row, detail) for row in session.new if _is_watched(row) for detail in _said_of_new(row)],
        *[
            (Verb.CHANGED, row, detail)
            for row in session.dirty
            if _is_watched(row) and (parts := _changed(row))
            for detail in details_of([*_values(row, POINTING.get(row.__tablename__, ())), *parts])
        ],
        *[(Verb.REMOVED, row, detail) for row in _gone(context) if _is_watched(row) for detail in _said_of_gone(row)],
    ]
    if not done:
        return
    # Who acts is asked when the chain is written: finding it out may ask the database, which cannot be done here.
    noted = actions.waiting(session)
    for verb, row, detail in done:
        noted.append(
            Facts(
                agency_id=_agency_of(row),
                at=clock.now(),
                verb=verb,
                what=row.__tablename__,
                subject_id=inspect(row).mapper.primary_key_from_instance(row)[0],
                feedback_id=row.id if row.__tablename__ == "feedback" else getattr(row, "feedback_id", None),
                detail=detail[:LONGEST_DETAIL],
            )
        )


def _gone(context: UOWTransaction) -> list[Any]:
    """The rows that were deleted, also those that went because nothing has them any more."""
    found = (state.obj() for state, (is_deleted, is_listed) in context.states.items() if is_deleted and not is_listed)
    return [row for row in found if row is not None]


def _is_watched(row: Any) -> bool:
    return row.__tablename__ not in UNWATCHED


def _verb(row: Any) -> Verb:
    return VERBS.get(row.__tablename__, Verb.ADDED)


def _said_of_new(row: Any) -> list[str]:
    kind = TELLING.get(row.__tablename__)
    names = (*POINTING.get(row.__tablename__, ()), *_told_of(row))
    values = _values(row, [name for name in names if name != kind])
    return details_of([Part(str(getattr(row, kind))), *values] if kind else values)


def _said_of_gone(row: Any) -> list[str]:
    return details_of(_values(row, (*POINTING.get(row.__tablename__, ()), *_told_of(row))))


def _told_of(row: Any) -> tuple[str, ...]:
    """The columns whose values are told; of events only those of a verdict, as others may hold more than choices."""
    is_of_verdict = row.__tablename__ != "event" or row.kind in VERDICT_EVENTS
    return VALUES.get(row.__tablename__, ()) if is_of_verdict else ()


def _values(row: Any, names: Iterable[str]) -> list[Part]:
    """What a row says in these columns, without those that say nothing or no."""
    values = ((name, getattr(row, name)) for name in names)
    return [Part(name, plain(value)) for name, value in values if value is not None and value is not False]


def _changed(row: Any) -> list[Part]:
    state, told = inspect(row), VALUES.get(row.__tablename__, ())
    parts = []
    for name in sorted(column.key for column in state.mapper.column_attrs if column.key not in UNTOLD):
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        if name not in told:
            parts.append(Part(name))
        else:
            before = plain(history.deleted[0]) if history.deleted else None
            parts.append(Part(name, plain(getattr(row, name)), before))
    return parts


def _agency_of(row: Any) -> int | None:
    found = row.id if row.__tablename__ == "agency" else getattr(row, "agency_id", None)
    return int(found) if found is not None else None
