"""Mails that wait to be filed, and the mailboxes of an agency, as members see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.audit.models import AuditEntry
from app.audit.rules import Verb
from app.cases import rules
from app.cases.actions import case_of, state_of
from app.cases.disclosure import PHOTOS_STAY_OPEN
from app.directory.models import Agency, Contract, Site
from app.directory.queries import contracts_for
from app.extensions import db
from app.intake import actions as intake
from app.intake import mail_keeping
from app.intake.models import Feedback, IncomingMail, Mailbox, MailPhoto
from app.intake.rules import contact_as_one, references_in
from app.kernel import clock
from app.kernel.words import Actor, MailReason, MailState, Role
from app.web.access import Viewer

SHOWN = 50
"""So many mails stand on the page; the oldest first, so that none waits for ever."""

MOST_NAMED = 5
"""So many references of a mail are looked up."""


@dataclass(frozen=True)
class Named:
    """A feedback whose reference a mail names: whether it takes a message, and whether the mail is its resident's."""

    reference: str
    takes_more: bool
    is_from_its_resident: bool


@dataclass(frozen=True)
class Waiting:
    """A mail that waits: what it says without persons, and to which case it replies."""

    id: int
    arrived_at: datetime
    why: MailReason
    mailbox: str
    text: str
    reference: str | None
    named: tuple[Named, ...] = ()


def for_viewer(viewer: Viewer) -> Select[IncomingMail]:
    """The mails of the viewer's agency that wait."""
    waiting = IncomingMail.state == MailState.WAITING, IncomingMail.agency_id == viewer.agency_id
    return select(IncomingMail).where(*waiting)


def waiting(viewer: Viewer) -> list[Waiting]:
    """The oldest ``SHOWN``."""
    found = for_viewer(viewer).options(joinedload(IncomingMail.mailbox)).order_by(IncomingMail.id).limit(SHOWN)
    mails = db.session.scalars(found).all()
    texts = mail_keeping.redacted_of(mail.id for mail in mails)
    about = [mail.feedback_id for mail in mails if mail.feedback_id]
    known = db.session.execute(select(Feedback.id, Feedback.reference).where(Feedback.id.in_(about)))
    references = {feedback_id: reference for feedback_id, reference in known}
    return [
        Waiting(
            id=mail.id,
            arrived_at=mail.arrived_at,
            why=mail.why or MailReason.NO_SITE,
            mailbox=mail.mailbox.address,
            text=texts.get(mail.id, ""),
            reference=references.get(mail.feedback_id) if mail.feedback_id else None,
            named=tuple(_named(mail, feedback) for feedback in named_in(mail)),
        )
        for mail in mails
    ]


def named_in(mail: IncomingMail) -> Sequence[Feedback]:
    """The feedback of its agency whose references a mail names that waits, the first ``MOST_NAMED``."""
    said = mail_keeping.said_in(mail)
    references = references_in(said.text)[:MOST_NAMED] if said is not None else []
    if not references:
        return []
    wanted = select(Feedback).where(Feedback.agency_id == mail.agency_id, Feedback.is_held.is_(False))
    return db.session.scalars(wanted.where(Feedback.reference.in_(references)).order_by(Feedback.id)).all()


def named_or_404(mail: IncomingMail, reference: str) -> tuple[Feedback, Named]:
    """One of them, and what is to be known before the mail is added to it."""
    found = next((each for each in named_in(mail) if each.reference == reference), None)
    return (found, _named(mail, found)) if found is not None else abort(404)


def _named(mail: IncomingMail, feedback: Feedback) -> Named:
    said, email = mail_keeping.said_in(mail), intake.contact_of(feedback.id).email
    is_theirs = bool(said and said.sender and email and contact_as_one(said.sender) == contact_as_one(email))
    case = case_of(feedback)
    takes_more = True
    if case is not None:
        state, happened = state_of(case)
        takes_more = rules.allows(state, happened, rules.kind_of_reply(happened), Actor.RESIDENT)
    return Named(feedback.reference, takes_more, is_theirs)


def waiting_or_404(viewer: Viewer, mail_id: int) -> IncomingMail:
    """A mail of the viewer's agency that waits; one that was filed meanwhile waits no more."""
    found = db.session.scalar(for_viewer(viewer).where(IncomingMail.id == mail_id).with_for_update())
    return found if found is not None else abort(404)


def sites_of(viewer: Viewer) -> Sequence[Site]:
    """The places under which a mail can be filed, by code."""
    return db.session.scalars(select(Site).where(Site.agency_id == viewer.agency_id).order_by(Site.code_key)).all()


def contracts_of(viewer: Viewer) -> Sequence[Contract]:
    """The contracts a mail can be about."""
    return contracts_for(viewer)


def mailboxes_of(viewer: Viewer) -> Sequence[Mailbox]:
    """The open mailboxes of the viewer's agency; an administrator sees all."""
    wanted = select(Mailbox).where(Mailbox.closed_at.is_(None)).options(joinedload(Mailbox.site))
    if viewer.role != Role.ADMINISTRATOR:
        wanted = wanted.where(Mailbox.agency_id == viewer.agency_id)
    return db.session.scalars(wanted.order_by(Mailbox.address_key)).all()


def agency_of(viewer: Viewer) -> Agency | None:
    return db.session.get(Agency, viewer.agency_id) if viewer.agency_id is not None else None


def photos_of(mail_ids: Sequence[int]) -> dict[int, list[int]]:
    """Of mails: the numbers of their photos."""
    found: dict[int, list[int]] = {}
    rows = select(MailPhoto.mail_id, MailPhoto.id).where(MailPhoto.mail_id.in_(mail_ids)).order_by(MailPhoto.id)
    for mail_id, photo_id in db.session.execute(rows):
        found.setdefault(mail_id, []).append(photo_id)
    return found


def with_open_photos(viewer: Viewer, mail_ids: Sequence[int]) -> frozenset[int]:
    """Those of the mails of which the viewer opened the photos a moment ago: the audit knows."""
    opened = select(AuditEntry.subject_id).where(
        AuditEntry.member_id == viewer.member_id,
        AuditEntry.at > clock.now() - PHOTOS_STAY_OPEN,
        AuditEntry.what == MailPhoto.__tablename__,
        AuditEntry.verb == Verb.OPENED,
        AuditEntry.subject_id.in_(mail_ids),
    )
    return frozenset(each for each in db.session.scalars(opened) if each is not None)
