"""The audit as each viewer may see it: managers their agency's, administrators the installation's and any agency's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import false, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Member
from app.audit.models import AuditEntry
from app.audit.rules import INSTALLATION, Doer, Facts, Verb, parts_of
from app.cases.models import Disclosure, LinkDisclosure
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import Role
from app.kernel.working_time import EPOCH
from app.web.access import Viewer
from app.web.paging import Key, Page, page_of


@dataclass(frozen=True)
class WantedEntries:
    """What is looked for in one chain of the audit."""

    chain: int
    feedback_id: int | None = None
    member_id: int | None = None
    verb: Verb | None = None
    is_nothing: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry with what its ids mean to the viewer: the member's name, the reference, the reason for a look."""

    number: int
    facts: Facts
    at: datetime
    doer: Doer
    member: str | None
    reference: str | None
    reason: str | None


def chain_or_404(viewer: Viewer, asked: int | None) -> int:
    """The chain a viewer looks at: an administrator any, a manager their agency's, whatever the address says."""
    if viewer.role == Role.ADMINISTRATOR:
        return INSTALLATION if asked is None else asked
    if viewer.role != Role.MANAGER or viewer.agency_id is None or asked not in (None, viewer.agency_id):
        abort(404)
    return viewer.agency_id


def entries(wanted: WantedEntries, *, before: Key | None = None, after: Key | None = None) -> Page[Entry]:
    """A page of a chain that ``chain_or_404`` gave, newest first."""
    who, opened = aliased(Member), AuditEntry.what == Disclosure.__tablename__
    by_link = AuditEntry.what == LinkDisclosure.__tablename__
    shown: list[Any] = [
        AuditEntry,
        AuditEntry.at.label("page_at"),
        AuditEntry.id.label("page_id"),
        who.name,
        who.email,
        Feedback.reference,
        func.coalesce(Disclosure.reason, LinkDisclosure.reason).label("reason"),
    ]
    query = (
        select(*shown)
        .outerjoin(who, who.id == AuditEntry.member_id)
        .outerjoin(Feedback, Feedback.id == AuditEntry.feedback_id)
        .outerjoin(Disclosure, (Disclosure.id == AuditEntry.subject_id) & opened)
        .outerjoin(LinkDisclosure, (LinkDisclosure.id == AuditEntry.subject_id) & by_link)
        .where(AuditEntry.chain_id == wanted.chain)
    )
    if wanted.is_nothing:
        query = query.where(false())
    if wanted.feedback_id is not None:
        query = query.where(AuditEntry.feedback_id == wanted.feedback_id)
    if wanted.member_id is not None:
        query = query.where(AuditEntry.member_id == wanted.member_id)
    if wanted.verb is not None:
        query = query.where(AuditEntry.verb == wanted.verb)
    page = page_of(db.session(), query, AuditEntry.at, AuditEntry.id, before=before, after=after)
    renamed = _renamed({row.AuditEntry.member_id for row in page.rows} - {None})
    rows = [
        Entry(
            number=row.AuditEntry.number,
            facts=row.AuditEntry.facts,
            at=row.AuditEntry.at,
            doer=row.AuditEntry.doer,
            member=row.email
            if row.AuditEntry.at < renamed.get(row.AuditEntry.member_id, EPOCH)
            else row.name or row.email,
            reference=row.reference,
            reason=row.reason,
        )
        for row in page.rows
    ]
    return Page(rows, page.older, page.newer)


def _renamed(member_ids: Collection[int]) -> dict[int, datetime]:
    """When members last changed their names: before that they had another, which is kept nowhere."""
    found = (
        select(AuditEntry.member_id, AuditEntry.at, AuditEntry.detail)
        .where(AuditEntry.member_id.in_(member_ids), AuditEntry.what == Member.__tablename__)
        .where(AuditEntry.subject_id == AuditEntry.member_id, AuditEntry.verb == Verb.CHANGED)
        .order_by(AuditEntry.at)
    )
    return {
        member_id: at
        for member_id, at, detail in db.session.execute(found)
        if member_id is not None and any(part.column == "name" for part in parts_of(detail))
    }


def who_acted(chain: int) -> Sequence[Member]:
    """The members who are named in a chain, by name."""
    named = select(AuditEntry.member_id).where(AuditEntry.chain_id == chain, AuditEntry.member_id.is_not(None))
    found = db.session.scalars(select(Member).where(Member.id.in_(named))).all()
    return sorted(found, key=lambda each: (each.name or each.email).casefold())


def feedback_by_reference(chain: int, reference: str) -> int | None:
    """The feedback of a chain's agency with that reference."""
    wanted = select(Feedback.id).where(Feedback.agency_id == chain, Feedback.reference == reference)
    return db.session.scalar(wanted)
