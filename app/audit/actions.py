"""Writing the audit: what is noted waits in the session and is chained last of all, in the transaction it is about.

Chained last, whoever writes holds the end of a chain for as long as a commit takes, and waits for nothing else
meanwhile: two people at once come one after the other, and never wait for each other in a circle. For that, rows of
agencies and members are locked with ``key_share`` at most, as entries refer to them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import groupby
from typing import Any

from flask import current_app, has_request_context, request
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session, SessionTransaction

from app.audit.models import AuditChain, AuditEntry
from app.audit.rules import FIRST, LONGEST_DETAIL, Doer, Facts, Part, Verb, details_of, hash_of, plain
from app.extensions import db
from app.kernel import clock
from app.kernel.database import table
from app.web.access import current_viewer

CHAIN, ENTRY = table(AuditChain), table(AuditEntry)
WAITING, MARKS, QUIET = "audit.waiting", "audit.marks", "audit.quiet"
OPEN_CHAIN = text(
    "INSERT INTO audit_chain (id, agency_id, length, head) VALUES (:id, :agency_id, 0, :head)"
    " ON CONFLICT (id) DO NOTHING"
)

_outside: ContextVar[Doer] = ContextVar("who acts outside of any request", default=Doer.COMMAND)


def note(
    verb: Verb,
    what: str,
    *,
    agency_id: int | None = None,
    subject_id: int | None = None,
    feedback_id: int | None = None,
    detail: str = "",
    member_id: int | None = None,
) -> None:
    """Write down that something was done, with the transaction that does it. Ids and kinds only.

    ``member_id`` where it is not whoever looks at the page.
    """
    noted = Facts(
        agency_id=agency_id,
        at=clock.now(),
        verb=verb,
        what=what,
        doer=Doer.MEMBER if member_id is not None else None,
        member_id=member_id,
        subject_id=subject_id,
        feedback_id=feedback_id,
        detail=detail[:LONGEST_DETAIL],
    )
    waiting(db.session()).append(noted)


def note_values(
    what: str, before: Mapping[str, Any], after: Mapping[str, Any], *, agency_id: int, subject_id: int | None = None
) -> None:
    """Write down which of several named values of a setting changed, with what each was before and is then.

    Numbers, days and choices among ours alone, as in ``noting.VALUES``.
    """
    parts = [
        Part(name, plain(value), plain(before.get(name))) for name, value in after.items() if value != before.get(name)
    ]
    if parts:
        for detail in details_of(parts):
            note(Verb.CHANGED, what, agency_id=agency_id, subject_id=subject_id, detail=detail)


@contextmanager
def acting_as(doer: Doer) -> Iterator[None]:
    """Outside of any request, this is who acts."""
    before = _outside.set(doer)
    try:
        yield
    finally:
        _outside.reset(before)


@contextmanager
def as_one() -> Iterator[None]:
    """What changes inside is not written down row by row: whoever does it notes it as one thing."""
    info = db.session().info
    # What was changed before is written down as ever.
    db.session.flush()
    before, info[QUIET] = info.get(QUIET, False), True
    try:
        yield
        db.session.flush()
    finally:
        info[QUIET] = before


def acting() -> tuple[Doer, int | None]:
    """Who acts now, and as which member."""
    if not has_request_context():
        return _outside.get(), None
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "access", "public") == "public":
        return (Doer.RESIDENT if request.blueprint == "resident" else Doer.GUEST), None
    who = current_viewer()
    return (Doer.MEMBER, who.member_id) if who is not None else (Doer.GUEST, None)


def waiting(session: Session) -> list[Facts]:
    """What is to be chained when ``session`` commits."""
    found: list[Facts] = session.info.setdefault(WAITING, [])
    return found


def chain_up(session: Session) -> None:
    """Before a commit: what was noted goes to the ends of its chains, in the order of the chains' numbers."""
    if session.in_nested_transaction():
        return
    session.flush()
    noted, session.info[WAITING] = session.info.get(WAITING), []
    if not noted:
        return
    doer, member_id = acting()
    noted = [each if each.doer else replace(each, doer=doer, member_id=member_id) for each in noted]
    connection = session.connection()
    for number, facts in groupby(sorted(noted, key=lambda each: each.chain), key=lambda each: each.chain):
        _append(connection, number, list(facts))


def forget_what_was_undone(session: Session, undone: SessionTransaction) -> None:
    """After a rollback: what did not happen is not noted."""
    if undone.nested or undone.parent is None:
        waiting(session)[session.info.get(MARKS, {}).pop(id(undone), 0) :] = []


def mark_savepoint(session: Session, begun: SessionTransaction) -> None:
    """What was noted before a savepoint stays when one goes back to it."""
    if begun.nested:
        session.info.setdefault(MARKS, {})[id(begun)] = len(waiting(session))


def _append(connection: Any, chain_id: int, noted: list[Facts]) -> None:
    wanted = select(CHAIN.c.length, CHAIN.c.head).where(CHAIN.c.id == chain_id).with_for_update()
    end = connection.execute(wanted).one_or_none()
    if end is None:
        connection.execute(OPEN_CHAIN, {"id": chain_id, "agency_id": noted[0].agency_id, "head": FIRST})
        end = connection.execute(wanted).one()
    length, head = end.length, end.head
    rows = []
    for facts in noted:
        length += 1
        previous, head = head, hash_of(chain_id, length, facts, head)
        rows.append({"chain_id": chain_id, "number": length, **vars(facts), "previous": previous, "hash": head})
    # Nothing is asked back: whoever adds to the audit of another house may not read it.
    connection.execute(insert(ENTRY).inline(), rows)
    connection.execute(CHAIN.update().where(CHAIN.c.id == chain_id).values(length=length, head=head))
