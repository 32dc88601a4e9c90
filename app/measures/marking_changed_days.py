"""Every change to what is counted is noted by itself, in its own transaction, so that no action can forget to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import delete, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from app.analysis.models import Tag
from app.cases.models import Case, CaseMove, Event
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback, HotlineCall, IncomingMail
from app.kernel.database import insertion
from app.measures.models import Changed, ContractDay

COUNTED = (Feedback, Case, CaseMove, Event, Tag, HotlineCall, IncomingMail)
"""What the measures read. A feedback that was only just taken in is not noted: its day is not over, so not kept.

But a hotline hands over what was said on days before, and a mail may be filed days after it came: with the number of
the call, or with the mail, which are written beside each, it is noted.
"""


class Note(NamedTuple):
    """A row of ``Changed``."""

    agency_id: int
    feedback_id: int
    left_contract_id: int | None = None
    submitted_at: datetime | None = None


def init_app(_app: Flask) -> None:
    """Listen to the sessions of all requests, commands and tasks: once in a process, whatever applications it has."""
    if event.contains(db.session, "after_flush", note_rows):
        return
    event.listen(db.session, "after_flush", note_rows)
    event.listen(db.session, "do_orm_execute", note_many)


def note_rows(session: Session, _context: UOWTransaction) -> None:
    """After rows were written one by one."""
    written = [*session.new, *(row for row in session.dirty if session.is_modified(row)), *session.deleted]
    _note(session, (note for row in written if isinstance(row, COUNTED) for note in _notes_of(row)))
    for row in session.dirty:
        if isinstance(row, Agency) and inspect(row).attrs.timezone.history.has_changes():
            # Its days begin and end at other moments now.
            session.connection().execute(delete(ContractDay).where(ContractDay.agency_id == row.id))


def note_many(state: ORMExecuteState) -> None:
    """Before many rows are written in one statement."""
    mapper = state.bind_mapper
    if state.is_insert and mapper is not None and mapper.class_ in COUNTED and isinstance(state.parameters, list):
        _note(state.session, (Note(row["agency_id"], row["feedback_id"]) for row in state.parameters))


def _notes_of(row: Any) -> Iterable[Note]:
    if not isinstance(row, Feedback):
        if row.feedback_id is not None:
            yield Note(row.agency_id, row.feedback_id)
        return
    yield Note(row.agency_id, row.id)
    for contract_id in inspect(row).attrs.contract_id.history.deleted or ():
        if contract_id is not None:
            yield Note(row.agency_id, row.id, contract_id, row.submitted_at)


def _note(session: Session, notes: Iterable[Note]) -> None:
    found = sorted(set(notes), key=lambda note: (note.agency_id, note.feedback_id, note.left_contract_id or 0))
    rows = [note._asdict() for note in found]
    if rows:
        session.connection().execute(insertion(Changed), rows)
