"""The postman carries a letter to the mail server or, where there is none, into a folder. Only tasks call him."""

import hashlib
import os
import smtplib
import ssl
import threading
import unicodedata
from contextlib import closing, suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from app.config import Config
from app.extensions import db
from app.kernel import clock
from app.mail.bounces import MARK_HEADER, mark_of, returned_among
from app.mail.letter import Letter
from app.outbox.running import CannotBeKept

PATIENCE = 30
"""Seconds we wait for any answer of the mail server: well below the lease of a promise."""

BREAKS = frozenset({"Cc", "Zl", "Zp"})
"""Unicode's categories of controls and of separators of lines and paragraphs."""


class Policy(EmailPolicy):
    """As letters travel, with links whole: folded, or encoded for their length, no mail program would follow them."""

    def fold(self, name: str, value: str) -> str:
        if name.lower().startswith("list-"):
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower().startswith("list-"):
            return self.fold(name, value).encode()
        return super().fold_binary(name, value)


POLICY = Policy(linesep="\r\n")


def deliver(letter: Letter) -> None:
    """Hand the letter over.

    Raises ``CannotBeKept`` where no further attempt can help: an address that is none, or one that the server refuses
    for good. Anything else that goes wrong is raised as it is, and the promise is tried again later.
    """
    config: Config = current_app.config["CONFIG"]
    if returned_among([letter.to]):
        db.session.rollback()
        raise CannotBeKept("Mail to this address came back. Nothing is sent until somebody says that it works again.")
    db.session.rollback()
    message = message_of(letter, config)
    if config.mail_server:
        _send(message, config)
    else:
        _put(message, letter.key, config.var / "mail")


def message_of(letter: Letter, config: Config) -> EmailMessage:
    """The letter as it travels: both parts, styles on the elements, the Message-ID that its key gives."""
    message = EmailMessage(policy=POLICY)
    try:
        message["From"] = config.mail_from
        message["To"] = Address(addr_spec=_one_line(letter.to))
        message["Subject"] = _one_line(letter.subject)
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = message_id(letter, config.public_url)
        # Machines that answer for people on holiday leave such letters alone (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message[MARK_HEADER] = mark_of(letter.to)
        for name, value in letter.headers:
            message[_one_line(name)] = _one_line(value)
    except (ValueError, IndexError, MessageError):
        # The error itself would quote the address.
        raise CannotBeKept("The address or a head line of the letter cannot be used.") from None
    message.set_content(letter.text)
    message.add_alternative(_inlined(letter.html), subtype="html")
    body = message.get_payload()
    html = body[-1] if isinstance(body, list) else message
    for picture in letter.pictures:
        html.add_related(picture.png, "image", "png", cid=f"<{picture.name}>", disposition="inline")  # type: ignore[union-attr]
    for file in letter.files:
        kind, _slash, subtype = file.mimetype.partition("/")
        message.add_attachment(file.body, kind, subtype, filename=file.name)
    return message


def message_id(letter: Letter, public_url: str) -> str:
    """The same for the same letter, whoever sends it and however often; with the token by which a reply is known."""
    thread = f"{letter.thread}." if letter.thread else ""
    return f"<{thread}{_mark(letter.key)}@{_host(public_url)}>"


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _host(public_url: str) -> str:
    host = urlsplit(public_url).hostname or "localhost"
    try:
        return f"[{'IPv6:' if ip_address(host).version == 6 else ''}{host}]"
    except ValueError:
        return host.encode("idna").decode()


def _one_line(text: str) -> str:
    """``text``, or ``ValueError`` where a line break or another control character could begin a head line."""
    if any(unicodedata.category(character) in BREAKS for character in text):
        raise ValueError("a head line is one line")
    return text


def _inlined(html: str) -> str:
    import css_inline  # heavy, and only the worker needs it

    # What is said for dark and for narrow views cannot stand on the elements.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True).inline(html)


def reach(config: Config) -> smtplib.SMTP:
    """The mail server, once it has let us in; raises what ``smtplib`` raises where it does not."""
    server = _connection(config)
    try:
        if config.mail_username:
            server.login(config.mail_username, config.mail_password)
    except BaseException:
        server.close()
        raise
    return server


def _send(message: EmailMessage, config: Config) -> None:
    try:
        with closing(reach(config)) as server:
            if not server.has_extn("smtputf8") and not str(message["To"]).isascii():
                raise CannotBeKept("The mail server cannot send to an address with letters beyond ASCII.")
            server.send_message(message, from_addr=config.mail_bounces or None)
            # The letter is theirs now: a goodbye that fails must not make us send it again.
            with suppress(smtplib.SMTPException):
                server.quit()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if any(code >= 500 for code in codes):
            raise CannotBeKept(f"The mail server refuses the address for good ({max(codes)}).") from None
        # The original quotes the address, and its kind is all that is kept of it.
        raise smtplib.SMTPResponseException(max(codes, default=0), "recipient refused for now") from None
    except smtplib.SMTPDataError as error:
        if error.smtp_code >= 500:
            raise CannotBeKept(f"The mail server refuses the letter for good ({error.smtp_code}).") from None
        raise


def _connection(config: Config) -> smtplib.SMTP:
    ours = _host(config.public_url)
    if config.mail_tls == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(
            config.mail_server, config.mail_port, local_hostname=ours, timeout=PATIENCE, context=context
        )
    server = smtplib.SMTP(config.mail_server, config.mail_port, local_hostname=ours, timeout=PATIENCE)
    if config.mail_tls == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _put(message: EmailMessage, key: str, folder: Path) -> None:
    """As a file that is there whole or not at all; the same letter again is the same file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{_mark(key)}.{os.getpid()}.{threading.get_ident()}"
    with draft.open("wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / f"{_mark(key)}.eml")
