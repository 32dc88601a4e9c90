"""Mailboxes, the mails that came to them, and what waits to be filed: kept and forgotten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select

from app.extensions import data_keys, db
from app.intake.models import Feedback, IncomingMail, Mailbox, MailPhoto
from app.intake.photo_keeping import Filed
from app.intake.rules import contact_as_one
from app.intake.words import MailWords
from app.kernel import clock
from app.kernel.words import MailReason, MailState
from app.outbox.actions import promise


@dataclass(frozen=True)
class MailSaid:
    """What a mail says that waits, in which language, and who sent it, as far as that is known."""

    text: str
    redacted: str
    language: str
    sender: str | None


def mailbox_for(feedback: Feedback) -> Mailbox | None:
    """The mailbox to which letters about a feedback can be answered: its site's, else one of all of its agency."""
    fits = or_(Mailbox.site_id == feedback.site_id, Mailbox.site_id.is_(None))
    wanted = select(Mailbox).where(Mailbox.agency_id == feedback.agency_id, Mailbox.closed_at.is_(None), fits)
    return db.session.scalar(wanted.order_by(Mailbox.site_id.is_(None), Mailbox.id).limit(1))


def mailbox_by_address(address: str) -> Mailbox | None:
    """The open mailbox of an address, with or without a tag."""
    key = address.strip().casefold()
    name, _at, host = key.rpartition("@")
    bare = f"{name.partition('+')[0]}@{host}"
    open_ones = select(Mailbox).where(Mailbox.closed_at.is_(None))
    exact = db.session.scalar(open_ones.where(Mailbox.address_key == key))
    return exact or db.session.scalar(open_ones.where(Mailbox.address_key == bare, Mailbox.takes_tags))


def is_an_address_of_ours(address: str) -> bool:
    """Whether a mailbox has this address: what comes from there we have sent ourselves, or goes round in a loop."""
    return mailbox_by_address(address) is not None


def open_mailboxes() -> Sequence[Mailbox]:
    """All that take mail in, by address."""
    return db.session.scalars(select(Mailbox).where(Mailbox.closed_at.is_(None)).order_by(Mailbox.address_key)).all()


def seal_password(mailbox: Mailbox, password: str) -> None:
    mailbox.password_sealed = data_keys().seal(password, belongs_to=_owner_of_password(mailbox))


def password_of(mailbox: Mailbox) -> str | None:
    """What opens it; None where it is not read by IMAP, or no key opens it any more."""
    return data_keys().opened(mailbox.password_sealed, belongs_to=_owner_of_password(mailbox))


def seal_again() -> tuple[int, int]:
    """Seal passwords of mailboxes and senders of mails that wait with the first key; how many, how many are lost."""
    done = lost = 0
    for row in (*db.session.scalars(select(Mailbox)), *db.session.scalars(select(MailWords))):
        name = "password_sealed" if isinstance(row, Mailbox) else "sender_sealed"
        owner = _owner_of_password(row) if isinstance(row, Mailbox) else _owner(row.agency_id, row.mail_id)
        sealed: bytes | None = getattr(row, name)
        if sealed is None or data_keys().is_newest(sealed):
            continue
        text = data_keys().opened(sealed, belongs_to=owner)
        if text is None:
            lost += 1
        else:
            setattr(row, name, data_keys().seal(text, belongs_to=owner))
            done += 1
    db.session.flush()
    return done, lost


def is_known(agency_id: int, message_key: str) -> bool:
    """Whether this mail was taken in before."""
    known = exists().where(IncomingMail.agency_id == agency_id, IncomingMail.message_key == message_key)
    return bool(db.session.scalar(select(known)))


def mark_of(sender: str) -> str:
    """What a sender is known by."""
    return data_keys().fingerprint(contact_as_one(sender))


def number_from(agency_id: int, sender: str, since: datetime, states: Iterable[MailState] = MailState) -> int:
    """How many mails came to an agency from one sender since then; of those, how many became what ``states`` say."""
    mine = IncomingMail.agency_id == agency_id, _from(sender), IncomingMail.taken_in_at >= since
    wanted = select(func.count()).select_from(IncomingMail).where(*mine, IncomingMail.state.in_(list(states)))
    return db.session.scalar(wanted) or 0


def keep_waiting(mail: IncomingMail, said: MailSaid, photos: Sequence[Filed]) -> None:
    """Keep what a mail says until it is filed."""
    owner = _owner(mail.agency_id, mail.id)
    db.session.add(
        MailWords(
            mail_id=mail.id,
            agency_id=mail.agency_id,
            text=said.text,
            redacted=said.redacted,
            language=said.language,
            sender_sealed=data_keys().seal(said.sender, belongs_to=owner) if said.sender else None,
        )
    )
    own = {"agency_id": mail.agency_id, "mail_id": mail.id}
    if photos:
        db.session.execute(insert(MailPhoto), [own | vars(each) for each in photos])
    db.session.flush()


def said_in(mail: IncomingMail) -> MailSaid | None:
    """What a mail says that waits; None where it waits no more."""
    words = db.session.get(MailWords, mail.id)
    if words is None:
        return None
    sender = data_keys().opened(words.sender_sealed, belongs_to=_owner(mail.agency_id, mail.id))
    return MailSaid(words.text, words.redacted, words.language, sender)


def redacted_of(mail_ids: Iterable[int]) -> dict[int, str]:
    """What mails say that wait, without persons, as officers read it."""
    wanted = select(MailWords.mail_id, MailWords.redacted).where(MailWords.mail_id.in_(list(mail_ids)))
    return {mail_id: text for mail_id, text in db.session.execute(wanted)}


def photos_in(mail: IncomingMail) -> list[Filed]:
    rows = db.session.scalars(select(MailPhoto).where(MailPhoto.mail_id == mail.id).order_by(MailPhoto.id))
    return [Filed(row.name, row.sha256, row.width, row.height, row.bytes) for row in rows]


def forget_what_waited(mail: IncomingMail) -> None:
    """It is known what it is: its words are elsewhere now, or nowhere. Files that no feedback has are deleted later."""
    names = sorted(each.name for each in photos_in(mail))
    db.session.execute(delete(MailPhoto).where(MailPhoto.mail_id == mail.id))
    db.session.execute(delete(MailWords).where(MailWords.mail_id == mail.id))
    if names:
        # Those that a feedback has got are known by its rows, and stay.
        promise("photos.forget", agency_id=mail.agency_id, names=names)


def set_aside(mail: IncomingMail, why: MailReason, *, member_id: int | None) -> None:
    """It becomes no feedback; nothing of it is left but that it came."""
    mail.state, mail.why, mail.sender_mark = MailState.SET_ASIDE, why, None
    mail.decided_by_id, mail.decided_at = member_id, clock.now()
    forget_what_waited(mail)
    db.session.flush()


def set_aside_older(agency_id: int, before: datetime) -> None:
    """What nobody has filed for so long is kept no longer than contact details are."""
    waiting = IncomingMail.agency_id == agency_id, IncomingMail.state == MailState.WAITING
    for mail in db.session.scalars(select(IncomingMail).where(*waiting, IncomingMail.arrived_at < before)):
        set_aside(mail, MailReason.TOO_OLD, member_id=None)


def number_waiting(agency_id: int | None) -> int:
    """How many mails wait to be filed by officers of an agency."""
    waiting = IncomingMail.agency_id == agency_id, IncomingMail.state == MailState.WAITING
    return db.session.scalar(select(func.count()).select_from(IncomingMail).where(*waiting)) or 0


def waiting_from(agency_id: int, sender: str) -> Sequence[IncomingMail]:
    """The mails of one sender that wait to be filed; oldest first."""
    waiting = IncomingMail.agency_id == agency_id, IncomingMail.state == MailState.WAITING
    return db.session.scalars(select(IncomingMail).where(*waiting, _from(sender)).order_by(IncomingMail.id)).all()


def a_day_ago() -> datetime:
    return clock.now() - timedelta(days=1)


def _from(sender: str) -> ColumnElement[bool]:
    return IncomingMail.sender_mark.in_(data_keys().fingerprints(contact_as_one(sender)))


def _owner(agency_id: int, mail_id: int) -> str:
    return f"agency {agency_id} mail {mail_id} sender"


def _owner_of_password(mailbox: Mailbox) -> str:
    return f"agency {mailbox.agency_id} mailbox {mailbox.address_key} password"
