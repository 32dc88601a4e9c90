"""Everything about one person, by how they can be reached: found by the keyed hash of it, given as a file, deleted."""

import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from sqlalchemy import select

from app.analysis.models import Tag
from app.audit.actions import note
from app.audit.rules import Verb
from app.cases import disclosure, erasing, question_answers
from app.cases.erasing import Because
from app.cases.models import Disclosure, Event, LinkDisclosure, ProviderLink
from app.cases.words import MessageWords
from app.extensions import db
from app.intake import mail_keeping, photo_files
from app.intake.actions import feedback_by_contact
from app.intake.models import Feedback, IncomingMail, Photo
from app.kernel.words import Actor, MailReason, in_language
from app.web.access import Viewer


def find(viewer: Viewer, contact: str, reason: str) -> Sequence[Feedback]:
    """What came to the viewer's agency from whoever can be reached there; who looked for it and why is written down."""
    if viewer.agency_id is None:
        return []
    found = feedback_by_contact(viewer.agency_id, contact)
    for feedback in found:
        disclosure.write_down(viewer, feedback, disclosure.FOUND, reason)
    note(Verb.FOUND, "person", agency_id=viewer.agency_id, detail=str(len(found)))
    return found


def mails_that_wait(viewer: Viewer, contact: str) -> int:
    """How many mails of that person wait to be filed at the viewer's agency."""
    return len(mail_keeping.waiting_from(viewer.agency_id, contact)) if viewer.agency_id is not None else 0


def export(viewer: Viewer, contact: str, reason: str) -> bytes | None:
    """A ZIP file with all that is known: ``person.json`` and the photos that the person sent. None where nothing is.

    It is written down. What staff wrote about it is in it as it was written: whoever hands it over looks first for
    what is about others.
    """
    if viewer.agency_id is None:
        return None
    found = feedback_by_contact(viewer.agency_id, contact)
    mails = mail_keeping.waiting_from(viewer.agency_id, contact)
    if not found and not mails:
        return None
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        about = [_all_about(viewer, feedback, reason, packed) for feedback in found]
        about += [_mail_that_waits(mail) for mail in mails]
        packed.writestr("person.json", json.dumps(about, ensure_ascii=False, indent=1))
    note(Verb.EXPORTED, "person", agency_id=viewer.agency_id, detail=str(len(found)))
    return file.getvalue()


def why_kept(found: Sequence[Feedback]) -> dict[int, dict[Because, datetime | None]]:
    """What stands in the way of deleting what was written, and until when, by feedback; nothing where nothing does."""
    return {feedback.id: erasing.why_kept(feedback) for feedback in found}


def erase(viewer: Viewer, contact: str, reason: str) -> tuple[Sequence[Feedback], int]:
    """Delete everything about one person, as they could themselves; what it is and how many mails that waited went too.

    Contact details go at once. What something stands in the way of follows by itself: ``why_kept`` says what; until
    then the person is still found. It is written down who asked for it, and why.
    """
    if viewer.agency_id is None:
        return [], 0
    found = feedback_by_contact(viewer.agency_id, contact)
    mails = mail_keeping.waiting_from(viewer.agency_id, contact)
    for feedback in found:
        disclosure.write_down(viewer, feedback, disclosure.FOUND, reason)
        erasing.ask_to_erase(feedback)
        note(Verb.ERASED, "person", agency_id=viewer.agency_id, subject_id=feedback.id, feedback_id=feedback.id)
    for mail in mails:
        mail_keeping.set_aside(mail, MailReason.NO_FEEDBACK, member_id=viewer.member_id)
    if found or mails:
        note(Verb.ERASED, "person", agency_id=viewer.agency_id, detail=str(len(found)))
    db.session.flush()
    return found, len(mails)


def _all_about(viewer: Viewer, feedback: Feedback, reason: str, packed: zipfile.ZipFile) -> dict[str, Any]:
    shown, contract = disclosure.show_everything(viewer, feedback, reason), feedback.contract
    tag = db.session.get(Tag, feedback.id)
    return {
        "reference": feedback.reference,
        "submitted_at": feedback.submitted_at.isoformat(),
        "site": in_language(feedback.site.name, feedback.language),
        "service": in_language(contract.service, feedback.language) if contract else None,
        "kind": feedback.kind,
        "rating": feedback.rating,
        "channel": feedback.channel,
        "language": feedback.language,
        "text": shown.text,
        "answers": [
            {"question": each.question, "answer": each.answer}
            for each in question_answers.of_resident(feedback, shown.answers)
        ],
        "place": disclosure.place_of(feedback.id),
        "email": shown.email,
        "phone": shown.phone,
        "tags": {"sentiment": tag.sentiment, "aspects": list(tag.aspects)} if tag else None,
        "events": _events_of(feedback),
        "photos": _photos_of(feedback, packed),
        "looked_at": _looks_at(feedback),
    }


def _mail_that_waits(mail: IncomingMail) -> dict[str, Any]:
    """A mail that is no feedback yet."""
    said = mail_keeping.said_in(mail)
    text, sender = (said.text, said.sender) if said else (None, None)
    return {"mail_that_waits": mail.arrived_at.isoformat(), "text": text, "email": sender}


def _events_of(feedback: Feedback) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Event.at, Event.kind, Event.actor, Event.rating, MessageWords.text)
        .outerjoin(MessageWords, MessageWords.event_id == Event.id)
        .where(Event.feedback_id == feedback.id)
        .order_by(Event.at, Event.id)
    )
    return [
        {"at": at.isoformat(), "event": kind, "by": actor, "rating": rating, "message": text}
        for at, kind, actor, rating, text in rows
    ]


def _photos_of(feedback: Feedback, packed: zipfile.ZipFile) -> list[str]:
    """What the resident sent. What staff show each other as evidence the resident does not see, here neither."""
    names = []
    own = select(Photo).where(Photo.feedback_id == feedback.id, Photo.actor == Actor.RESIDENT)
    for photo in db.session.scalars(own.order_by(Photo.id)):
        body = photo_files.read(photo.name)
        if body is not None:
            names.append(f"{feedback.reference}-{photo.id}.jpg")
            packed.writestr(names[-1], body)
    return names


def _looks_at(feedback: Feedback) -> list[dict[str, Any]]:
    """When personal data of it were opened, and of what kind; by whom is for the agency to say."""
    by_members = select(Disclosure.at, Disclosure.what).where(Disclosure.feedback_id == feedback.id)
    by_link = (
        select(LinkDisclosure.at, LinkDisclosure.what)
        .join(ProviderLink, ProviderLink.id == LinkDisclosure.link_id)
        .where(ProviderLink.feedback_id == feedback.id)
    )
    looks = [(at, what) for at, what in db.session.execute(by_members)]
    looks += [(at, f"{what}, by the provider's link") for at, what in db.session.execute(by_link)]
    return [{"at": at.isoformat(), "what": what} for at, what in sorted(looks)]
