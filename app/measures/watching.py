"""Every change to what is counted is noted by itself, in its own transaction, so that no action can forget to."""

from collections.abc import Iterable
from typing import Any

from flask import Flask
from sqlalchemy import delete, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from app.analysis.models import Tag
from app.cases.models import Case, Event
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.database import insertion
from app.measures.models import Changed, ContractDay

COUNTED = (Feedback, Case, Event, Tag)
"""What the measures read. A feedback that was only just taken in is not noted: its day is not over, so not kept."""


def init_app(_app: Flask) -> None:
    """Listen to the sessions of all requests, commands and tasks: once in a process, whatever applications it has."""
    if event.contains(db.session, "after_flush", note_rows):
        return
    event.listen(db.session, "after_flush", note_rows)
    event.listen(db.session, "do_orm_execute", note_many)


def note_rows(session: Session, _context: UOWTransaction) -> None:
    """After rows were written one by one."""
    written = [*session.new, *(row for row in session.dirty if session.is_modified(row)), *session.deleted]
    _note(session, (_whose(row) for row in written if isinstance(row, COUNTED)))
    for row in session.dirty:
        if isinstance(row, Agency) and inspect(row).attrs.timezone.history.has_changes():
            # Its days begin and end at other moments now.
            session.connection().execute(delete(ContractDay).where(ContractDay.agency_id == row.id))


def note_many(state: ORMExecuteState) -> None:
    """Before many rows are written in one statement."""
    mapper = state.bind_mapper
    if state.is_insert and mapper is not None and mapper.class_ in COUNTED and isinstance(state.parameters, list):
        _note(state.session, ((row["agency_id"], row["feedback_id"]) for row in state.parameters))


def _whose(row: Any) -> tuple[int, int]:
    return row.agency_id, row.id if isinstance(row, Feedback) else row.feedback_id


def _note(session: Session, feedback: Iterable[tuple[int, int]]) -> None:
    rows = [{"agency_id": agency_id, "feedback_id": feedback_id} for agency_id, feedback_id in sorted(set(feedback))]
    if rows:
        session.connection().execute(insertion(Changed), rows)
