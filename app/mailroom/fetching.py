"""Reading mailboxes by IMAP: what is new since the last look, each mail in a transaction of its own.

Up to where it was read is kept with the mail, so who else reads the mailbox, or what is marked there, does not matter.
"""

import imaplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.intake import mail_keeping
from app.intake.models import Mailbox
from app.kernel import clock
from app.mailroom.receiving import receive
from app.mailroom.rules import MOST_BYTES
from app.web.transactions import begin_writing

log = structlog.get_logger()

PATIENCE = 20
"""Seconds that we wait for any answer of the server."""

AT_ONCE = 50
LONGEST_LOOK = 60
"""Mails, and seconds, of one look: a promise is leased for no longer than two minutes."""

PORTS = {"imaps": 993, "imap": 143, "imap+starttls": 143}


class MailboxTrouble(Exception):
    """The server does not let us read the mailbox; the message holds no password and no address."""


@dataclass(frozen=True)
class Fetched:
    """What one look brought: how many mails are new, whether there may be more, and what went wrong, if anything."""

    taken_in: int = 0
    is_more: bool = False
    trouble: str | None = None


def fetch(mailbox_id: int) -> Fetched:
    """Take in what is new in a mailbox. What goes wrong is noted with the mailbox, and tried again at the next look."""
    mailbox = db.session.get_one(Mailbox, mailbox_id)
    url, password = mailbox.imap_url, mail_keeping.password_of(mailbox)
    validity, last_uid, is_emptied = mailbox.uid_validity, mailbox.last_uid, mailbox.is_emptied
    db.session.rollback()
    if url is None:
        return Fetched()
    taken_in, is_more, trouble = 0, False, None
    until = time.monotonic() + LONGEST_LOOK
    try:
        if password is None:
            raise MailboxTrouble("no key opens its password")
        with opened(url, password) as (server, now_valid):
            if now_valid != validity:
                # The server numbers anew: all is looked at again, and what is known is known by its key.
                last_uid = 0
            uids = _uids_after(server, last_uid)
            for uid in uids[:AT_ONCE]:
                if time.monotonic() > until:
                    is_more = True
                    break
                taken_in += _take_in(server, mailbox_id, now_valid, uid)
                _mark(server, uid, is_emptied=is_emptied)
            is_more = is_more or len(uids) > AT_ONCE
    except (OSError, imaplib.IMAP4.error, MailboxTrouble, ssl.SSLError) as error:
        trouble = str(error) if isinstance(error, MailboxTrouble) else type(error).__name__
        log.warning("mailbox not read", mailbox_id=mailbox_id, kind=type(error).__name__)
    begin_writing()
    mailbox = db.session.get_one(Mailbox, mailbox_id)
    mailbox.fetched_at, mailbox.trouble = clock.now(), trouble
    db.session.commit()
    return Fetched(taken_in, is_more, trouble)


@contextmanager
def opened(url: str, password: str) -> Iterator[tuple[imaplib.IMAP4, int]]:
    """The server with the folder open, and by which numbering it counts. Raises what ``imaplib`` and sockets raise."""
    server = _connected(url)
    try:
        server.login(unquote(urlsplit(url).username or ""), password)
        folder = unquote(urlsplit(url).path.lstrip("/")) or "INBOX"
        if server.select(f'"{folder}"')[0] != "OK":
            raise MailboxTrouble("there is no such folder")
        _kind, told = server.response("UIDVALIDITY")
        yield server, int(told[0]) if told and told[0] else 0
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _connected(url: str) -> imaplib.IMAP4:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=PATIENCE)
    server = imaplib.IMAP4(host, port, timeout=PATIENCE)
    if parts.scheme == "imap+starttls":
        try:
            server.starttls(context)
        except BaseException:
            server.shutdown()
            raise
    return server


def _uids_after(server: imaplib.IMAP4, last_uid: int) -> list[int]:
    """The numbers of mails that came after ``last_uid``; the server's range also names the last one before."""
    _kind, found = server.uid("SEARCH", f"UID {last_uid + 1}:*")
    named = found[0].split() if found and isinstance(found[0], bytes) else []
    return sorted(uid for each in named if (uid := int(each)) > last_uid)


def _take_in(server: imaplib.IMAP4, mailbox_id: int, validity: int, uid: int) -> int:
    """One mail; how many that made. What is longer than ``MOST_BYTES`` is read up to there."""
    _kind, answer = server.uid("FETCH", str(uid), f"(INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)")
    found = next((each for each in answer if isinstance(each, tuple)), None)
    raw, arrived_at = (found[1], _arrived(found[0])) if found else (b"", None)

    def read_up_to_here(mailbox: Mailbox) -> None:
        mailbox.uid_validity, mailbox.last_uid = validity, uid

    try:
        mail = receive(lambda: db.session.get_one(Mailbox, mailbox_id), raw, arrived_at, read_up_to_here)
    except IntegrityError:
        # Another look takes the same mail in at this moment; the next one finds it known.
        return 0
    return int(mail is not None)


def _arrived(answer: bytes) -> datetime | None:
    """When the server got it."""
    at = imaplib.Internaldate2tuple(answer)
    return datetime.fromtimestamp(time.mktime(at), UTC) if at else None


def _mark(server: imaplib.IMAP4, uid: int, *, is_emptied: bool) -> None:
    """After it is kept: as read, or deleted where the mailbox is to be emptied."""
    server.uid("STORE", str(uid), "+FLAGS", r"(\Seen \Deleted)" if is_emptied else r"(\Seen)")
    if is_emptied:
        # Only this one, where the server can (RFC 4315); it says what it can only to who has signed in.
        _kind, can = server.capability()
        if can and isinstance(can[0], bytes) and b"UIDPLUS" in can[0].upper().split():
            server.uid("EXPUNGE", str(uid))
        else:
            server.expunge()


def reach(mailbox: Mailbox) -> str | None:
    """Why a mailbox cannot be read now; None where it can, or is not read by IMAP."""
    password = mail_keeping.password_of(mailbox)
    if mailbox.imap_url is None:
        return None
    try:
        with opened(mailbox.imap_url, password or ""):
            return None
    except (OSError, imaplib.IMAP4.error, MailboxTrouble) as error:
        return str(error) if isinstance(error, MailboxTrouble) else type(error).__name__
