"""Taking in what residents send; reaching them; forgetting them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import insert, select

from app.extensions import db
from app.intake.models import Feedback, TrackingLink
from app.intake.rules import NewFeedback, new_pin, new_reference, new_token, token_hash
from app.intake.words import FeedbackWords
from app.kernel import clock
from app.kernel.sealing import CannotUnseal, Keyring
from app.outbox.actions import promise


@dataclass(frozen=True)
class Contact:
    """How a resident can be reached, as far as they said and have not taken back."""

    email: str | None
    phone: str | None
    is_shared: bool


@dataclass(frozen=True)
class Said:
    """What a resident wrote, in their own words."""

    text: str | None
    place: str | None
    erased: bool


def receive(new: NewFeedback) -> Feedback:
    """Keep what a resident sent, with their way back to it, and promise that it is read. Flushes the facts.

    ``IntegrityError`` on ``(site, idempotency key)`` when the same draft is being sent twice at once.
    """
    feedback = _row(new)
    db.session.add(feedback)
    db.session.flush()
    token, pin = new_token(), new_pin()
    db.session.add_all(
        [
            _words(new, feedback),
            TrackingLink(
                feedback_id=feedback.id,
                agency_id=feedback.agency_id,
                token_hash=token_hash(token),
                token_sealed=_keys().seal(token, belongs_to=_owner(feedback.agency_id, feedback.id, "token")),
                pin_sealed=_keys().seal(pin, belongs_to=_owner(feedback.agency_id, feedback.id, "pin")),
            ),
        ]
    )
    if feedback.has_text:
        promise("feedback.read", agency_id=feedback.agency_id, feedback_id=feedback.id)
    return feedback


def receive_many(past: Sequence[NewFeedback]) -> list[Feedback]:
    """Keep feedback of the past, in the order given: nobody holds a link to it, and nothing is promised."""
    rows = [_row(new) for new in past]
    db.session.add_all(rows)
    db.session.flush()
    words = [
        {"feedback_id": row.id, "agency_id": row.agency_id, "text": new.text, "place": new.place, "is_shared": False}
        for new, row in zip(past, rows, strict=True)
    ]
    if words:
        db.session.execute(insert(FeedbackWords), words)
    return rows


def tracking_token(feedback_id: int) -> str | None:
    """The token of the resident's link, to write it into a letter; None where there is none or it was revoked."""
    link = db.session.get(TrackingLink, feedback_id)
    if link is None or link.revoked_at is not None:
        return None
    return _unsealed(link.token_sealed, _owner(link.agency_id, feedback_id, "token"))


def pin_of(feedback_id: int) -> str | None:
    """The PIN that opens the tracking page together with the reference."""
    link = db.session.get(TrackingLink, feedback_id)
    if link is None or link.revoked_at is not None:
        return None
    return _unsealed(link.pin_sealed, _owner(link.agency_id, feedback_id, "pin"))


def way_back(feedback_id: int) -> tuple[str, str] | None:
    """Token and PIN together; None where there is no link or it was revoked."""
    link = db.session.get(TrackingLink, feedback_id)
    if link is None or link.revoked_at is not None:
        return None
    token = _unsealed(link.token_sealed, _owner(link.agency_id, feedback_id, "token"))
    pin = _unsealed(link.pin_sealed, _owner(link.agency_id, feedback_id, "pin"))
    return (token, pin) if token and pin else None


def contact_of(feedback_id: int) -> Contact:
    """How the resident of a feedback can be reached now."""
    words = db.session.get(FeedbackWords, feedback_id)
    if words is None:
        return Contact(None, None, False)
    return Contact(
        email=_unsealed(words.email_sealed, _owner(words.agency_id, feedback_id, "email")),
        phone=_unsealed(words.phone_sealed, _owner(words.agency_id, feedback_id, "phone")),
        is_shared=words.is_shared,
    )


def words_of(feedback_id: int) -> Said:
    """What the resident wrote, for the resident themselves."""
    words = db.session.get(FeedbackWords, feedback_id)
    if words is None:
        return Said(None, None, erased=True)
    return Said(words.text, words.place, erased=words.erased_at is not None)


def withdraw_contact(feedback: Feedback) -> None:
    """Forget how to reach the resident, at once. Their link still works."""
    words = db.session.get_one(FeedbackWords, feedback.id)
    words.email_sealed = words.phone_sealed = None
    words.email_mark = words.phone_mark = None
    words.is_shared = False
    feedback.is_reachable = False


def erase_words(feedback: Feedback) -> None:
    """Forget what the resident wrote; the facts stay, so that no number changes."""
    words = db.session.get_one(FeedbackWords, feedback.id)
    words.text = words.place = None
    words.erased_at = clock.now()
    feedback.content_mark = None
    withdraw_contact(feedback)


def sent_before(site_id: int, key: str) -> Feedback | None:
    """The feedback that came under this idempotency key, if one did."""
    return db.session.scalar(select(Feedback).where(Feedback.site_id == site_id, Feedback.idempotency_key == key))


def content_mark(new: NewFeedback) -> str:
    """What ``Feedback.content_mark`` is for this content."""
    return _keys().fingerprint(new.content)


def _row(new: NewFeedback) -> Feedback:
    return Feedback(
        agency_id=new.agency_id,
        site_id=new.site_id,
        contract_id=new.contract_id,
        reference=new_reference(),
        external_reference=new.external_reference,
        kind=new.kind,
        rating=new.rating,
        channel=new.channel,
        language=new.language,
        has_text=bool(new.text),
        is_reachable=bool(new.email or new.phone),
        submitted_at=new.submitted_at,
        recorded_at=clock.now(),
        idempotency_key=new.idempotency_key,
        content_mark=content_mark(new) if new.idempotency_key else None,
    )


def _words(new: NewFeedback, feedback: Feedback) -> FeedbackWords:
    words = FeedbackWords(
        feedback_id=feedback.id,
        agency_id=feedback.agency_id,
        text=new.text,
        place=new.place,
        is_shared=new.is_shared,
    )
    if new.email:
        words.email_sealed = _keys().seal(new.email, belongs_to=_owner(feedback.agency_id, feedback.id, "email"))
        words.email_mark = _keys().fingerprint(new.email)
    if new.phone:
        words.phone_sealed = _keys().seal(new.phone, belongs_to=_owner(feedback.agency_id, feedback.id, "phone"))
        words.phone_mark = _keys().fingerprint(new.phone)
    return words


def _keys() -> Keyring:
    keys: Keyring = current_app.config["CONFIG"].data_keys
    return keys


def _owner(agency_id: int, feedback_id: int, what: str) -> str:
    """What a sealed value is bound to, so that it opens in no other row."""
    return f"agency {agency_id} feedback {feedback_id} {what}"


def _unsealed(sealed: bytes | None, owner: str) -> str | None:
    if sealed is None:
        return None
    try:
        return _keys().unseal(sealed, belongs_to=owner)
    except CannotUnseal:
        return None
