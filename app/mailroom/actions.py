"""Taking in what comes to a mailbox: as feedback, as a message in the case it replies to, or to be filed by hand."""

import hashlib
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app
from flask_babel import force_locale

from app.analysis.language import language_of
from app.analysis.redaction import redact
from app.audit.actions import note
from app.audit.rules import Verb
from app.cases import actions as cases
from app.cases import held_for_review
from app.directory.models import Agency, Contract, Site
from app.directory.queries import contracts_serving, ids_served_on
from app.extensions import db
from app.intake import actions as intake
from app.intake import mail_keeping, photo_keeping
from app.intake.mail_keeping import MailSaid
from app.intake.models import Feedback, IncomingMail, Mailbox, MailPhoto
from app.intake.photo_keeping import Filed
from app.intake.photos import MOST_PHOTOS, PhotoRefused, Picture, make_safe
from app.intake.rules import LONGEST_TEXT, NewFeedback, kind_of
from app.intake.spam_signs import is_suspicious, signs_in
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.periods import day_of
from app.kernel.words import Channel, FeedbackKind, MailReason, MailState, PhotoStatus, Sign
from app.mail import bounces, threads
from app.mailroom import queries
from app.mailroom.parsing import ReadMail, read
from app.mailroom.rules import MAILS_A_DAY, MOST_BYTES, RECEIPTS_A_DAY, cut, with_subject, without_quote
from app.outbox.actions import promise
from app.web.access import Viewer
from app.web.languages import LANGUAGES, locale_of
from app.web.texts import gettext as _

LEAST_SIDE = 120
"""Pixels; what is smaller is the logo of a signature and no photo of anything."""

HEARS = frozenset({MailReason.NO_SITE, MailReason.SEVERAL_SERVICES, MailReason.CASE_IS_OVER})
"""Whose mail waits for one of these reasons hears that it has arrived; what may be spam is answered by nobody."""

PIN = re.compile(r"(PIN|查询码|الرمز السري)(\D{0,12})\d{6}")
"""As receipts say it, in each language of residents."""

MOST_OF_A_CASE = 12
"""So many photos a feedback may have by mail; further ones are named as left out."""


@dataclass(frozen=True)
class Ready:
    """A mail that was read, its photos made safe and filed: all that needs no transaction."""

    raw: bytes
    mail: ReadMail
    arrived_at: datetime
    photos: tuple[Filed, ...] = ()
    left_out: tuple[str, ...] = ()


def make_ready(raw: bytes, arrived_at: datetime | None = None) -> Ready:
    """Read a mail and make its pictures safe. ``arrived_at`` is aware, and never to come."""
    now = clock.now()
    mail = read(raw[:MOST_BYTES])
    ready = Ready(raw[:MOST_BYTES], mail, min(arrived_at or now, now))
    if mail.is_automatic:
        return ready
    left_out, good = list(mail.left_out), dict[str, Picture]()
    for name, body in mail.pictures:
        if len(good) >= MOST_PHOTOS:
            left_out.append(name)
            continue
        try:
            picture = make_safe(body)
        except PhotoRefused:
            left_out.append(name)
            continue
        if min(picture.width, picture.height) >= LEAST_SIDE:
            good[picture.sha256] = picture
    return replace(ready, photos=tuple(photo_keeping.file(good.values())), left_out=tuple(left_out[:20]))


def unreadable(raw: bytes, arrived_at: datetime | None = None) -> Ready:
    """A mail that we stumbled over: somebody looks at it in the mailbox itself."""
    now = clock.now()
    return Ready(b"", ReadMail(hashlib.sha256(raw).hexdigest(), is_unreadable=True), min(arrived_at or now, now))


def take_in(mailbox: Mailbox, ready: Ready) -> IncomingMail | None:
    """Make of a mail what it is; None where it came before. Flushes.

    ``IntegrityError`` where it is being taken in twice at once.
    """
    mail = ready.mail
    about = _answered_by(mail)
    agency_id = about.agency_id if about is not None else mailbox.agency_id
    if mail_keeping.is_known(agency_id, mail.key):
        return None
    row = IncomingMail(
        agency_id=agency_id,
        mailbox_id=mailbox.id,
        message_key=mail.key,
        arrived_at=ready.arrived_at,
        taken_in_at=clock.now(),
        state=MailState.SET_ASIDE,
    )
    if mail.is_automatic:
        # What comes back of our own letters says which address to leave alone.
        with suppress(bounces.NotOurs):
            bounces.take_in(ready.raw)
        return _kept(row, MailReason.AUTOMATIC)
    if mail.sender is not None and _is_ours(mail.sender):
        return _kept(row, MailReason.OUR_OWN)
    if mail.sender is not None:
        row.sender_mark = mail_keeping.mark_of(mail.sender)
    if about is not None:
        return _add_to(about, row, ready)
    return _new(mailbox, row, ready)


def file_under(mail: IncomingMail, site: Site, contract: Contract | None, *, member_id: int | None) -> Feedback | None:
    """Make feedback of a mail that waits, about a place of its agency; None where it waits no more."""
    said = mail_keeping.said_in(mail)
    if mail.state != MailState.WAITING or said is None:
        return None
    photos = mail_keeping.photos_in(mail)
    mail.decided_by_id, mail.decided_at = member_id, clock.now()
    feedback = _become_feedback(mail, said, photos, site, contract)
    note(Verb.ADDED, "feedback", agency_id=feedback.agency_id, subject_id=feedback.id, feedback_id=feedback.id)
    mail_keeping.forget_what_waited(mail)
    return feedback


def add_to(mail: IncomingMail, feedback: Feedback, *, member_id: int | None) -> None:
    """Make a mail that waits a message in a case, as an officer says: the resident's words, who read them there too.

    ``MoveNotAllowed`` where it waits no more, or the case takes nothing more.
    """
    said = mail_keeping.said_in(mail)
    if mail.state != MailState.WAITING or said is None:
        raise MoveNotAllowed("the mail waits no more")
    photos = mail_keeping.photos_in(mail)
    room = max(0, MOST_OF_A_CASE - len(photo_keeping.kept_of(feedback.id)))
    with force_locale(locale_of(feedback.language)):
        event = cases.resident_adds(feedback, _without_keys(said.text, feedback) or _("Photos"))
    _keep_photos(feedback, photos[:room])
    mail.state, mail.why, mail.feedback_id, mail.event_id = MailState.MESSAGE, None, feedback.id, event.id
    mail.decided_by_id, mail.decided_at = member_id, clock.now()
    mail_keeping.forget_what_waited(mail)
    db.session.flush()


def set_aside(mail: IncomingMail, *, member_id: int) -> None:
    """An officer says that it is no feedback; its words and photos go."""
    if mail.state != MailState.WAITING:
        raise MoveNotAllowed("the mail waits no more")
    mail_keeping.set_aside(mail, MailReason.NO_FEEDBACK, member_id=member_id)


def contracts_serving_at(site: Site, at: datetime) -> Sequence[Contract]:
    """The contracts in force at a site when a mail arrived."""
    agency = db.session.get_one(Agency, site.agency_id)
    return contracts_serving(site, day_of(at, agency.timezone))


def ids_served_at(agency: Agency, at: datetime) -> frozenset[int]:
    """The sites of an agency at which some contract was in force when a mail arrived."""
    return ids_served_on(agency.id, day_of(at, agency.timezone))


def contract_meant(mailbox: Mailbox, site: Site, at: datetime) -> tuple[Contract | None, bool]:
    """Which contract a mail to a site's mailbox is about, and whether that is certain."""
    serving = contracts_serving_at(site, at)
    if mailbox.contract_id is not None and (found := [each for each in serving if each.id == mailbox.contract_id]):
        return found[0], True
    return (serving[0] if serving else None), len(serving) <= 1


def _answered_by(mail: ReadMail) -> Feedback | None:
    """The feedback about whose letter of ours this is a reply, by a token that nobody can make up."""
    feedback_id = threads.feedback_in(mail.head_lines)
    if feedback_id is None or intake.tracking_token(feedback_id) is None:
        return None
    return db.session.get(Feedback, feedback_id)


def _is_ours(sender: str) -> bool:
    config = current_app.config["CONFIG"]
    ours = (config.mail_from.rpartition("<")[2].rstrip(">"), config.mail_bounces)
    return sender.casefold() in {each.strip().casefold() for each in ours} or mail_keeping.is_an_address_of_ours(sender)


def _add_to(feedback: Feedback, row: IncomingMail, ready: Ready) -> IncomingMail:
    """A reply: what the resident wrote above what is quoted is a message in the case."""
    text = _without_keys(without_quote(ready.mail.text), feedback)
    room = max(0, MOST_OF_A_CASE - len(photo_keeping.kept_of(feedback.id)))
    text = _with_left_out(text, ready, feedback.language)
    if not text and not ready.photos:
        return _kept(row, MailReason.EMPTY)
    try:
        with db.session.begin_nested(), force_locale(locale_of(feedback.language)):
            event = cases.resident_adds(feedback, text or _("Photos"))
    except MoveNotAllowed:
        # Withdrawn or joined with another one: somebody must see what there is still to say.
        return _wait(row, MailReason.CASE_IS_OVER, ready, feedback)
    row.state, row.feedback_id, row.event_id = MailState.MESSAGE, feedback.id, event.id
    _keep_photos(feedback, ready.photos[:room])
    return _kept(row)


def _new(mailbox: Mailbox, row: IncomingMail, ready: Ready) -> IncomingMail:
    mail = ready.mail
    if not mail.is_unreadable and not mail.text and not mail.subject and not ready.photos:
        return _kept(row, MailReason.EMPTY)
    site = mailbox.site
    contract, is_certain = contract_meant(mailbox, site, ready.arrived_at) if site else (None, False)
    why = None
    if mail.is_unreadable:
        why = MailReason.UNREADABLE
    elif mail.is_marked_as_spam:
        why = MailReason.MARKED_AS_SPAM
    elif _from_that_one(row, mail) >= MAILS_A_DAY:
        why = MailReason.MANY_FROM_ONE
    elif site is None:
        why = MailReason.NO_SITE
    elif not is_certain:
        why = MailReason.SEVERAL_SERVICES
    if why is not None or site is None:
        return _wait(row, why or MailReason.NO_SITE, ready, None)
    said = _said(row, ready, None)
    _become_feedback(row, said, ready.photos, site, contract, signs=signs_in(said.text))
    return row


def _become_feedback(
    row: IncomingMail,
    said: MailSaid,
    photos: Sequence[Filed],
    site: Site,
    contract: Contract | None,
    signs: Collection[Sign] = (),
) -> Feedback:
    """Who writes a letter wants an answer: it is a complaint until an officer says otherwise.

    With ``signs`` that it is spam it is held for review; what an officer has filed was looked at already.
    """
    new = NewFeedback(
        agency_id=row.agency_id,
        site_id=site.id,
        contract_id=contract.id if contract else None,
        kind=kind_of(wants_answer=True, rating=None),
        rating=None,
        text=said.text or None,
        place=None,
        email=said.sender,
        phone=None,
        is_shared=False,
        language=said.language,
        channel=Channel.EMAIL,
        submitted_at=row.arrived_at,
    )
    doubts = signs if is_suspicious(set(signs)) else ()
    received = intake.receive(intake.make_ready(new), doubts)
    if doubts:
        held_for_review.note_held(received.id, received.agency_id, new.submitted_at)
    elif new.kind == FeedbackKind.COMPLAINT:
        cases.open_new(received.id, cases.opening_of(new))
    feedback = db.session.get_one(Feedback, received.id)
    _keep_photos(feedback, photos)
    if not doubts and said.sender is not None and _receipts_to(row.agency_id, said.sender) < RECEIPTS_A_DAY:
        promise("resident.receipt", agency_id=feedback.agency_id, feedback_id=feedback.id)
    row.state, row.why, row.feedback_id = MailState.FEEDBACK, None, feedback.id
    db.session.add(row)
    db.session.flush()
    return feedback


def _keep_photos(feedback: Feedback, photos: Sequence[Filed]) -> None:
    if photos:
        agency = db.session.get_one(Agency, feedback.agency_id)
        at_once = agency.photos_at_once and not feedback.is_held
        status = PhotoStatus.RELEASED if at_once else PhotoStatus.WAITING
        photo_keeping.keep(feedback.agency_id, feedback.id, photos, status=status)


def _receipts_to(agency_id: int, sender: str) -> int:
    return mail_keeping.number_from(agency_id, sender, mail_keeping.a_day_ago(), [MailState.FEEDBACK])


def _from_that_one(row: IncomingMail, mail: ReadMail) -> int:
    if mail.sender is None:
        return 0
    return mail_keeping.number_from(row.agency_id, mail.sender, mail_keeping.a_day_ago())


def _wait(row: IncomingMail, why: MailReason, ready: Ready, feedback: Feedback | None) -> IncomingMail:
    row.state, row.feedback_id = MailState.WAITING, feedback.id if feedback else None
    _kept(row, why)
    mail_keeping.keep_waiting(row, _said(row, ready, feedback), ready.photos)
    sender = ready.mail.sender
    # Who writes in many's names, or is a machine after all, hears it once a day at most.
    if why in HEARS and sender is not None and _waiting_from(row, sender) == 1:
        promise("mail.waits", agency_id=row.agency_id, mail_id=row.id)
    return row


def _waiting_from(row: IncomingMail, sender: str) -> int:
    return mail_keeping.number_from(row.agency_id, sender, mail_keeping.a_day_ago(), [MailState.WAITING])


def _said(row: IncomingMail, ready: Ready, feedback: Feedback | None) -> MailSaid:
    mail = ready.mail
    code = feedback.language if feedback else _language(row.agency_id, mail.text or mail.subject)
    text = without_quote(mail.text) if feedback else with_subject(mail.subject, mail.text)
    text = _without_keys(text, feedback)
    text = _with_left_out(text, ready, code)
    return MailSaid(text, redact(text).text, code, mail.sender)


def _without_keys(text: str, feedback: Feedback | None) -> str:
    """A quoted letter of ours without what opens the resident's pages: staff must not have it."""
    public_url = re.escape(current_app.config["CONFIG"].public_url)
    text = re.sub(rf"{public_url}/(?:track|receipt|t|y|n)/\S*", "[…]", text)
    text = PIN.sub(r"\1\2[…]", text)
    way_back = intake.way_back(feedback.id) if feedback else None
    return text.replace(way_back[1], "[…]") if way_back else text


def _with_left_out(text: str, ready: Ready, code: str) -> str:
    """The text within its limit; below it what came with it and is neither text nor picture, by name."""
    if not ready.left_out:
        return cut(text, LONGEST_TEXT)
    with force_locale(locale_of(code)):
        note = _("[Left out: %(names)s]", names=", ".join(ready.left_out))[:1000]
    return f"{cut(text, LONGEST_TEXT - len(note) - 2)}\n\n{note}".strip()


def _language(agency_id: int, text: str) -> str:
    """In which letters to the resident are: the one that is written, where we speak it; else the agency's first."""
    if text.strip():
        return language_of(text, tuple(LANGUAGES))
    agency = db.session.get_one(Agency, agency_id)
    return next((code for code in agency.languages if code in LANGUAGES), "en")


def _kept(row: IncomingMail, why: MailReason | None = None) -> IncomingMail:
    row.why = why
    if row.state == MailState.SET_ASIDE:
        row.sender_mark = None
    db.session.add(row)
    db.session.flush()
    return row


def show_photos(viewer: Viewer, mail: IncomingMail) -> None:
    """Open the photos of a mail that waits, for a while; it is written down. No second time meanwhile."""
    if mail.id not in queries.with_open_photos(viewer, [mail.id]):
        note(Verb.OPENED, MailPhoto.__tablename__, agency_id=mail.agency_id, subject_id=mail.id)
