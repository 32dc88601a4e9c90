"""Taking in what residents send; reaching them; forgetting them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, insert, literal_column, or_, select

from app.directory.models import Agency, Contract, Provider
from app.extensions import data_keys, db
from app.intake.models import (
    Answer,
    CallWish,
    Feedback,
    HotlineCall,
    IncomingMail,
    Photo,
    QuestionsAsked,
    Suspicion,
    TrackingLink,
)
from app.intake.rules import NewAnswers, NewFeedback, contact_as_one, new_pin, new_reference, new_token, token_hash
from app.intake.words import AnswerWords, FeedbackWords
from app.kernel import clock
from app.kernel.database import insert_row, insertion, table
from app.kernel.words import FeedbackKind, PhotoStatus, Sign, Words
from app.outbox.actions import promise

FEEDBACK, WORDS, LINK = table(Feedback), table(FeedbackWords), table(TrackingLink)
AGENCY, CONTRACT, PROVIDER = table(Agency), table(Contract), table(Provider)
RECEIPT = (
    select(
        FEEDBACK.c.agency_id,
        FEEDBACK.c.reference,
        FEEDBACK.c.kind,
        FEEDBACK.c.is_held,
        AGENCY.c.name.label("agency"),
        AGENCY.c.emergency_number,
        AGENCY.c.timezone,
        CONTRACT.c.service,
        PROVIDER.c.name.label("provider"),
        LINK.c.token_sealed,
        LINK.c.pin_sealed,
        WORDS.c.email_sealed,
        WORDS.c.phone_sealed,
    )
    .select_from(FEEDBACK)
    .join(AGENCY, AGENCY.c.id == FEEDBACK.c.agency_id)
    .join(LINK, LINK.c.feedback_id == FEEDBACK.c.id)
    .join(WORDS, WORDS.c.feedback_id == FEEDBACK.c.id)
    .outerjoin(CONTRACT, CONTRACT.c.id == FEEDBACK.c.contract_id)
    .outerjoin(PROVIDER, PROVIDER.c.id == CONTRACT.c.provider_id)
    .where(FEEDBACK.c.id == bindparam("feedback_id"), LINK.c.revoked_at.is_(None))
)
"""What a receipt says, in one statement that is made once: half of what residents wait for is the making of it."""


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
    is_to_be_erased: bool = False


@dataclass(frozen=True)
class Received:
    """The facts of a feedback that has just been taken in."""

    id: int
    agency_id: int
    reference: str


@dataclass(frozen=True)
class Receipt:
    """What a resident is told of what they sent: where it belongs, and their way back to it."""

    reference: str
    kind: FeedbackKind
    agency: Words
    emergency_number: str | None
    timezone: str
    service: Words | None
    provider: Words | None
    token: str
    pin: str
    has_email: bool
    # Whether somebody of the agency looks at it before it counts.
    is_held: bool
    has_phone: bool


@dataclass(frozen=True)
class Sealing:
    """How far sealing again has come: the last feedback, how many values were sealed, how many no key opens."""

    last_id: int
    sealed: int
    lost: int


@dataclass(frozen=True)
class Ready:
    """What a resident sent, as it will be written: its row, and the way back that they are given."""

    new: NewFeedback
    row: Mapping[str, Any]
    token: str
    pin: str


def make_ready(new: NewFeedback) -> Ready:
    """All of ``receive`` that needs no database."""
    return Ready(new, _row(new), new_token(), new_pin())


def receive(ready: Ready, signs: Collection[Sign] = ()) -> Received:
    """Keep what a resident sent, with their way back to it, and promise that it is read.

    With ``signs`` that it is spam it is held for review: kept like any other, and in no number before it is released.
    ``IntegrityError`` on ``(site, idempotency key)`` when the same draft is being sent twice at once. Written without
    the session's bookkeeping, because nobody else can write meanwhile.
    """
    new, connection = ready.new, db.session.connection()
    feedback_id = insert_row(connection, Feedback, {**ready.row, "is_held": True} if signs else ready.row)
    connection.execute(insertion(FeedbackWords), _words(new, feedback_id))
    connection.execute(
        insertion(TrackingLink),
        {
            "feedback_id": feedback_id,
            "agency_id": new.agency_id,
            "token_hash": token_hash(ready.token),
            "token_sealed": data_keys().seal(ready.token, belongs_to=_owner(new.agency_id, feedback_id, "token")),
            "pin_sealed": data_keys().seal(ready.pin, belongs_to=_owner(new.agency_id, feedback_id, "pin")),
        },
    )
    if signs:
        _hold(connection, new, feedback_id, signs)
    elif new.text:
        promise("feedback.read", agency_id=new.agency_id, feedback_id=feedback_id)
    if new.wants_call and new.phone:
        wish = {"feedback_id": feedback_id, "agency_id": new.agency_id, "wished_at": ready.row["recorded_at"]}
        connection.execute(insertion(CallWish), wish)
    if new.answered:
        _keep_answers(connection, new.agency_id, feedback_id, new.answered)
        if not signs and any(answer.text for answer in new.answered.answers):
            promise("answers.read", agency_id=new.agency_id, feedback_id=feedback_id)
    return Received(feedback_id, new.agency_id, ready.row["reference"])


def _hold(connection: Connection, new: NewFeedback, feedback_id: int, signs: Collection[Sign]) -> None:
    """Why it is held; promise that somebody, or a program at least, looks whether it can wait."""
    own = {"feedback_id": feedback_id, "agency_id": new.agency_id}
    connection.execute(insertion(Suspicion), own | {"signs": sorted(signs), "is_urgent": False, "is_waiting": True})
    if new.text:
        promise("held.read", agency_id=new.agency_id, feedback_id=feedback_id)


def _keep_answers(connection: Connection, agency_id: int, feedback_id: int, answered: NewAnswers) -> None:
    """What was asked, also where nothing was answered, and the answers."""
    own = {"agency_id": agency_id, "feedback_id": feedback_id}
    asked = own | {"question_set_id": answered.question_set_id}
    connection.execute(insertion(QuestionsAsked), asked)
    for answer in answered.answers:
        facts = {name: value for name, value in vars(answer).items() if name != "text"}
        answer_id = insert_row(connection, Answer, asked | facts)
        if answer.text:
            connection.execute(insertion(AnswerWords), own | {"answer_id": answer_id, "text": answer.text})


def suspicion_of(feedback: Feedback) -> Suspicion:
    """Why a feedback is or was held for review."""
    return db.session.get_one(Suspicion, feedback.id, with_for_update=True, populate_existing=True)


def release(feedback: Feedback) -> None:
    """Let what was held count from now on, and promise what would have been promised when it came."""
    suspicion = suspicion_of(feedback)
    suspicion.is_waiting, suspicion.set_aside_at = False, None
    feedback.is_held, feedback.released_at = False, clock.now()
    said = db.session.get_one(FeedbackWords, feedback.id)
    if said.text:
        promise("feedback.read", agency_id=feedback.agency_id, feedback_id=feedback.id)
    if answer_words_of(feedback.id):
        promise("answers.read", agency_id=feedback.agency_id, feedback_id=feedback.id)
    if said.email_sealed or said.phone_sealed:
        promise("resident.receipt", agency_id=feedback.agency_id, feedback_id=feedback.id)
    db.session.flush()


def set_aside(feedback: Feedback) -> None:
    """Say that what is held is spam: it stays where it is, out of sight, for as long as words are kept."""
    suspicion = suspicion_of(feedback)
    suspicion.is_waiting, suspicion.set_aside_at = False, clock.now()
    db.session.flush()


def put_back(feedback: Feedback) -> None:
    """Have somebody look again at what was set aside."""
    suspicion = suspicion_of(feedback)
    suspicion.is_waiting, suspicion.set_aside_at = True, None
    db.session.flush()


def receive_many(past: Sequence[NewFeedback]) -> list[Feedback]:
    """Keep feedback of the past, in the order given: nobody holds a link to it, and nothing is promised."""
    rows = [Feedback(**_row(new)) for new in past]
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
    return data_keys().opened(link.token_sealed, belongs_to=_owner(link.agency_id, feedback_id, "token"))


def receipt_of(feedback_id: int) -> Receipt | None:
    """What the receipt of a feedback says; None where there is none, or no way back to it (any more)."""
    row = db.session.connection().execute(RECEIPT, {"feedback_id": feedback_id}).one_or_none()
    if row is None:
        return None
    token = data_keys().opened(row.token_sealed, belongs_to=_owner(row.agency_id, feedback_id, "token"))
    pin = data_keys().opened(row.pin_sealed, belongs_to=_owner(row.agency_id, feedback_id, "pin"))
    if not token or not pin:
        return None
    return Receipt(
        reference=row.reference,
        kind=row.kind,
        agency=row.agency,
        emergency_number=row.emergency_number,
        timezone=row.timezone,
        service=row.service,
        provider=row.provider,
        token=token,
        pin=pin,
        has_email=row.email_sealed is not None,
        is_held=row.is_held,
        has_phone=row.phone_sealed is not None,
    )


def way_back(feedback_id: int) -> tuple[str, str] | None:
    """Token and PIN together; None where there is no link or it was revoked."""
    receipt = receipt_of(feedback_id)
    return (receipt.token, receipt.pin) if receipt else None


def contact_of(feedback_id: int) -> Contact:
    """How the resident of a feedback can be reached now."""
    words = db.session.get(FeedbackWords, feedback_id)
    if words is None:
        return Contact(None, None, False)
    return Contact(
        email=data_keys().opened(words.email_sealed, belongs_to=_owner(words.agency_id, feedback_id, "email")),
        phone=data_keys().opened(words.phone_sealed, belongs_to=_owner(words.agency_id, feedback_id, "phone")),
        is_shared=words.is_shared,
    )


def words_of(feedback_id: int) -> Said:
    """What the resident wrote, for the resident themselves."""
    words = db.session.get(FeedbackWords, feedback_id)
    if words is None:
        return Said(None, None, erased=True)
    is_erased = words.erased_at is not None
    is_to_be_erased = words.erase_asked_at is not None and not is_erased
    return Said(words.text, words.place, erased=is_erased, is_to_be_erased=is_to_be_erased)


def answer_words_of(feedback_id: int) -> dict[int, str]:
    """What the resident wrote in answer to questions, for the resident themselves: answer → text."""
    rows = db.session.execute(
        select(AnswerWords.answer_id, AnswerWords.text).where(AnswerWords.feedback_id == feedback_id)
    )
    return {answer_id: text for answer_id, text in rows if text}


def withdraw_contact(feedback: Feedback) -> None:
    """Forget how to reach the resident, at once. Their link still works.

    The keyed hashes stay for as long as something of them is kept: ``forget_person`` ends that.
    """
    words = db.session.get_one(FeedbackWords, feedback.id)
    words.email_sealed = words.phone_sealed = None
    words.is_shared = False
    feedback.is_reachable = False
    wish = call_wish_of(feedback.id)
    if wish is not None:
        db.session.delete(wish)
    for mail in db.session.scalars(select(IncomingMail).where(IncomingMail.feedback_id == feedback.id)):
        mail.sender_mark = None


def forget_person(feedback: Feedback) -> None:
    """From now on nobody finds it by how its resident could be reached."""
    words = db.session.get_one(FeedbackWords, feedback.id)
    words.email_mark = words.phone_mark = None
    db.session.flush()


def call_wish_of(feedback_id: int) -> CallWish | None:
    """That the resident wants to be called, where nobody has yet."""
    wish = db.session.get(CallWish, feedback_id)
    return wish if wish is not None and wish.done_at is None else None


def wants_call() -> ColumnElement[bool]:
    """Over ``Feedback``: its resident wants to be called, and nobody has yet."""
    return Feedback.id.in_(select(CallWish.feedback_id).where(CallWish.done_at.is_(None)))


def has_photo_waiting() -> ColumnElement[bool]:
    """Over ``Feedback``: a photo of its resident's waits for somebody to look at it, said as its index says it."""
    waits = Photo.status == literal_column(f"'{PhotoStatus.WAITING.value}'")
    return Feedback.id.in_(select(Photo.feedback_id).where(waits))


def call_is_done(wish: CallWish, *, member_id: int) -> None:
    wish.done_at, wish.done_by_id = clock.now(), member_id
    db.session.flush()


def unshare(feedback: Feedback) -> None:
    """Another provider answers for it now: what was shared with the one before is not shared with them."""
    words = db.session.get_one(FeedbackWords, feedback.id)
    words.is_shared = False


def erase_words(feedback: Feedback) -> None:
    """Forget what the resident wrote; the facts stay, so that no number changes."""
    words = db.session.get_one(FeedbackWords, feedback.id)
    words.text = words.place = None
    words.erased_at = clock.now()
    for answer in db.session.scalars(select(AnswerWords).where(AnswerWords.feedback_id == feedback.id)):
        answer.text, answer.erased_at = None, answer.erased_at or words.erased_at
    feedback.content_mark = None
    call = db.session.get(HotlineCall, feedback.id)
    if call is not None:
        call.text_mark = None
    withdraw_contact(feedback)


def remember_to_erase(feedback: Feedback) -> None:
    """Its resident wants it deleted, and something stands in its way."""
    words = db.session.get_one(FeedbackWords, feedback.id)
    words.erase_asked_at = words.erase_asked_at or clock.now()


def waits_to_be_erased(feedback_id: int) -> bool:
    """Whether its resident wants it deleted and it is not yet."""
    words = db.session.get(FeedbackWords, feedback_id)
    return words is not None and words.erase_asked_at is not None and words.erased_at is None


def has_words() -> ColumnElement[bool]:
    """Of a feedback: whether what its resident wrote is still there."""
    left = FeedbackWords.text.is_not(None) | FeedbackWords.place.is_not(None)
    return or_(
        exists().where(FeedbackWords.feedback_id == Feedback.id, left),
        exists().where(AnswerWords.feedback_id == Feedback.id, AnswerWords.text.is_not(None)),
    )


def those_to_be_erased() -> Sequence[int]:
    """The feedback that waits for what stands in the way of deleting it."""
    waiting = FeedbackWords.erase_asked_at.is_not(None) & FeedbackWords.erased_at.is_(None)
    return db.session.scalars(select(FeedbackWords.feedback_id).where(waiting)).all()


def sent_before(site_id: int, key: str) -> Feedback | None:
    """The feedback that came under this idempotency key, if one did."""
    return db.session.scalar(select(Feedback).where(Feedback.site_id == site_id, Feedback.idempotency_key == key))


def is_same(feedback: Feedback, new: NewFeedback) -> bool:
    """Whether this content is what came as that feedback."""
    return feedback.content_mark in data_keys().fingerprints(new.content)


def feedback_by_contact(agency_id: int, contact: str) -> Sequence[Feedback]:
    """What came to an agency from whoever can be reached there, or could be, by the keyed hash of it; oldest first."""
    keys = data_keys()
    # As it was typed, too: so it was kept before numbers were brought into one form.
    marks = [*keys.fingerprints(contact_as_one(contact)), *keys.fingerprints(contact)]
    by_it = FeedbackWords.email_mark.in_(marks) | FeedbackWords.phone_mark.in_(marks)
    wanted = select(Feedback).join(FeedbackWords, FeedbackWords.feedback_id == Feedback.id)
    return db.session.scalars(wanted.where(Feedback.agency_id == agency_id, by_it).order_by(Feedback.id)).all()


def seal_again(after_id: int, limit: int) -> Sealing | None:
    """Seal what belongs to the next ``limit`` feedback with the first key, and mark their contacts under it.

    What the first key sealed is left as it is. None after the last one.
    """
    wanted = select(FeedbackWords).where(FeedbackWords.feedback_id > after_id)
    rows = db.session.scalars(wanted.order_by(FeedbackWords.feedback_id).limit(limit)).all()
    if not rows:
        return None
    links = select(TrackingLink).where(TrackingLink.feedback_id.in_([row.feedback_id for row in rows]))
    again = [_again(row, "email") for row in rows] + [_again(row, "phone") for row in rows]
    again += [_again(link, name) for link in db.session.scalars(links) for name in ("token", "pin")]
    db.session.flush()
    return Sealing(rows[-1].feedback_id, again.count(True), again.count(None))


def _again(row: FeedbackWords | TrackingLink, name: str) -> bool | None:
    """Seal one value again; whether that was needed, None where no key opens it."""
    sealed: bytes | None = getattr(row, f"{name}_sealed")
    if sealed is None or data_keys().is_newest(sealed):
        return False
    owner = _owner(row.agency_id, row.feedback_id, name)
    text = data_keys().opened(sealed, belongs_to=owner)
    if text is None:
        return None
    setattr(row, f"{name}_sealed", data_keys().seal(text, belongs_to=owner))
    if isinstance(row, FeedbackWords):
        setattr(row, f"{name}_mark", data_keys().fingerprint(contact_as_one(text)))
    return True


def _row(new: NewFeedback) -> dict[str, Any]:
    return {
        "agency_id": new.agency_id,
        "site_id": new.site_id,
        "contract_id": new.contract_id,
        "reference": new_reference(),
        "external_reference": new.external_reference,
        "kind": new.kind,
        "rating": new.rating,
        "channel": new.channel,
        "language": new.language,
        "has_text": bool(new.text),
        "is_reachable": bool(new.email or new.phone),
        "submitted_at": new.submitted_at,
        "recorded_at": clock.now(),
        "is_held": False,
        "idempotency_key": new.idempotency_key,
        "content_mark": data_keys().fingerprint(new.content) if new.idempotency_key else None,
    }


def _words(new: NewFeedback, feedback_id: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "feedback_id": feedback_id,
        "agency_id": new.agency_id,
        "text": new.text,
        "place": new.place,
        "is_shared": new.is_shared,
    }
    for name, contact in (("email", new.email), ("phone", new.phone)):
        owner = _owner(new.agency_id, feedback_id, name)
        row[f"{name}_sealed"] = data_keys().seal(contact, belongs_to=owner) if contact else None
        row[f"{name}_mark"] = data_keys().fingerprint(contact_as_one(contact)) if contact else None
    return row


def _owner(agency_id: int, feedback_id: int, what: str) -> str:
    """What a sealed value is bound to, so that it opens in no other row."""
    return f"agency {agency_id} feedback {feedback_id} {what}"
