"""Letters to residents, in the language of their form."""

from typing import Any

from app.cases.models import Case, Event
from app.cases.words import MessageWords
from app.extensions import db
from app.intake import actions as intake
from app.intake import mail_keeping
from app.intake.models import Feedback
from app.kernel.words import EventKind, FeedbackKind, in_language
from app.mail import threads
from app.mail.letter import Letter, compose
from app.resident import queries


def receipt(feedback: Feedback) -> Letter | None:
    """That it arrived, under which reference, and the way back; None where there is no address (any more)."""
    to, way_back = intake.contact_of(feedback.id).email, intake.way_back(feedback.id)
    if not to or not way_back:
        return None
    token, pin = way_back
    return compose(
        "resident_receipt",
        to=to,
        language=feedback.language,
        key=f"resident.receipt:{feedback.id}",
        **_way_to_reply(feedback),
        token=token,
        pin=pin,
        due=queries.answer_due(feedback.id),
        is_complaint=feedback.kind == FeedbackKind.COMPLAINT,
        zone=feedback.site.agency.timezone,
        emergency_number=feedback.site.agency.emergency_number,
        **_scene(feedback),
    )


def told(feedback: Feedback, event: Event, *, is_reminder: bool = False) -> Letter | None:
    """What the agency or provider said or did, with links to confirm or reopen; None where there is no address."""
    to, token = intake.contact_of(feedback.id).email, intake.tracking_token(feedback.id)
    if not to or not token:
        return None
    words = db.session.get(MessageWords, event.id)
    return compose(
        "resident_told",
        to=to,
        language=feedback.language,
        key=f"resident.{'remind' if is_reminder else 'tell'}:{event.id}",
        **_way_to_reply(feedback),
        is_reminder=is_reminder,
        token=token,
        kind=event.kind,
        message=(words.text if words else None) or "",
        is_claim=event.kind == EventKind.RESOLVED,
        is_refusal=event.kind == EventKind.REJECTED,
        **_scene(feedback),
    )


def moved(feedback: Feedback, event: Event, case: Case) -> Letter | None:
    """That it is with another service, which one, and by when it is due there; None where there is no address."""
    to, token = intake.contact_of(feedback.id).email, intake.tracking_token(feedback.id)
    if not to or not token:
        return None
    provider = feedback.contract.provider if feedback.contract else None
    return compose(
        "resident_moved",
        to=to,
        language=feedback.language,
        key=f"resident.moved:{event.id}",
        **_way_to_reply(feedback),
        token=token,
        provider=in_language(provider.name, feedback.language) if provider else "",
        is_answered=case.first_response_at is not None,
        before=case.told_before,
        due=case.promised,
        zone=feedback.site.agency.timezone,
        **_scene(feedback),
    )


def later(feedback: Feedback, event: Event, case: Case) -> Letter | None:
    """That what was due by a day is due later, and why; None where there is no address."""
    to, token = intake.contact_of(feedback.id).email, intake.tracking_token(feedback.id)
    if not to or not token:
        return None
    return compose(
        "resident_later",
        to=to,
        language=feedback.language,
        key=f"resident.later:{event.id}",
        **_way_to_reply(feedback),
        token=token,
        is_answered=case.first_response_at is not None,
        before=case.told_before,
        due=case.promised,
        zone=feedback.site.agency.timezone,
        **_scene(feedback),
    )


def joined(feedback: Feedback, event: Event) -> Letter | None:
    """Where the case stands that theirs was merged into, and nothing that was written in it: that is another's."""
    to, token = intake.contact_of(feedback.id).email, intake.tracking_token(feedback.id)
    if not to or not token:
        return None
    return compose(
        "resident_joined",
        to=to,
        language=feedback.language,
        key=f"resident.joined:{feedback.id}:{event.id}",
        **_way_to_reply(feedback),
        token=token,
        kind=event.kind,
        **_scene(feedback),
    )


def _way_to_reply(feedback: Feedback) -> dict[str, Any]:
    """What makes a reply to the letter a message in the case; and to which mailbox it goes, where there is one."""
    token = threads.token_of(feedback.id)
    mailbox = mail_keeping.mailbox_for(feedback)
    if mailbox is None:
        return {"thread": token}
    to = threads.tagged(mailbox.address, token) if mailbox.takes_tags else mailbox.address
    return {"thread": token, "headers": (("Reply-To", to),), "can_reply": True}


def _scene(feedback: Feedback) -> dict[str, Any]:
    agency, contract = feedback.site.agency, feedback.contract
    return {
        "reference": feedback.reference,
        "agency": in_language(agency.name, feedback.language),
        "service": in_language(contract.service, feedback.language) if contract else "",
        "site": in_language(feedback.site.name, feedback.language),
        "code": feedback.site.code,
    }
