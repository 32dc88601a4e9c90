"""Every change to a row of ours is noted by itself, so that no action can forget to."""

from typing import Any

from flask import Flask
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, UOWTransaction

from app.audit import actions
from app.audit.rules import LONGEST_DETAIL, Facts, Verb
from app.extensions import db
from app.kernel import clock

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
        "last_uid",
        "last_used_at",
        "sign_count",
        "trouble",
        "two_step_counter",
        "uid_validity",
        "version",
    }
)
"""Columns that change on the way, with nothing done to anybody."""

VERBS = {"disclosure": Verb.OPENED}
"""Tables whose new rows are looks, not changes."""

TELLING = {
    "agreed_action_note": "step",
    "disclosure": "what",
    "event": "kind",
    "membership": "role",
    "verdict": "stage",
}
"""Of a new row: the column that says of what kind it is."""


def init_app(_app: Flask) -> None:
    """Listen to the sessions of all requests, commands and tasks: once in a process, whatever applications it has."""
    if event.contains(db.session, "after_flush", note_rows):
        return
    event.listen(db.session, "after_flush", note_rows)
    event.listen(db.session, "before_commit", actions.chain_up)
    event.listen(db.session, "after_soft_rollback", actions.forget_what_was_undone)
    event.listen(db.session, "after_transaction_create", actions.mark_savepoint)


def note_rows(session: Session, _context: UOWTransaction) -> None:
    """After rows were written, while it is still known what changed in them."""
    if session.info.get(actions.QUIET):
        return
    done = [
        *[(_verb(row), row, _kind_of(row)) for row in session.new],
        *[(Verb.CHANGED, row, names) for row in session.dirty if _is_watched(row) and (names := _changed(row))],
        *[(Verb.REMOVED, row, "") for row in session.deleted],
    ]
    done = [each for each in done if _is_watched(each[1])]
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


def _is_watched(row: Any) -> bool:
    return row.__tablename__ not in UNWATCHED


def _verb(row: Any) -> Verb:
    return VERBS.get(row.__tablename__, Verb.ADDED)


def _kind_of(row: Any) -> str:
    told = TELLING.get(row.__tablename__)
    return str(getattr(row, told)) if told else ""


def _changed(row: Any) -> str:
    state = inspect(row)
    names = [
        column.key
        for column in state.mapper.column_attrs
        if column.key not in UNTOLD and state.attrs[column.key].history.has_changes()
    ]
    return ",".join(sorted(names))


def _agency_of(row: Any) -> int | None:
    found = row.id if row.__tablename__ == "agency" else getattr(row, "agency_id", None)
    return int(found) if found is not None else None
