"""Mail that comes back (RFC 3464): nothing more is sent to its address until somebody says that it works again."""

import email
import email.policy
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.kernel import clock
from app.kernel.errors import DomainError
from app.mail.models import ReturnedMail

MARK_HEADER = "X-Answerable-To"
"""In each letter: the mark of its address. It comes back with the head of the letter, and nobody can forge it."""

STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class NotOurs(DomainError):
    """Not a report that a letter of ours could not be delivered."""


@dataclass(frozen=True)
class Failure:
    """An address to which a letter could not be delivered, and the status code that says why."""

    address: str
    status: str


def mark_of(address: str) -> str:
    """What an address is known by, whatever the case of its letters."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"mail:" + address.strip().casefold().encode(), hashlib.sha256).hexdigest()


def take_in(body: bytes) -> list[Failure]:
    """Note the addresses that a delivery status notification gives up on; what may still arrive is let be.

    ``NotOurs`` where it is none, or does not hold the head of a letter that we sent to that address.
    """
    report = email.message_from_bytes(body, policy=email.policy.default)
    failures = list(_failures(report))
    if not failures:
        if any(part.get_content_type() == "message/delivery-status" for part in report.walk()):
            return []
        raise NotOurs("this is no delivery status notification (RFC 3464)")
    marks = set(_marks(report))
    ours = [each for each in failures if mark_of(each.address) in marks]
    if not ours:
        raise NotOurs("it does not hold the head of a letter of ours to that address")
    for each in ours:
        mark = mark_of(each.address)
        found = db.session.scalar(select(ReturnedMail).where(ReturnedMail.address_mark == mark))
        if found is None:
            found = ReturnedMail(address_mark=mark)
            db.session.add(found)
        found.returned_at, found.status = clock.now(), each.status
    db.session.flush()
    return ours


def returned_among(addresses: Iterable[str]) -> dict[str, ReturnedMail]:
    """Those of ``addresses`` that mail came back from."""
    marks = {mark_of(address): address for address in addresses}
    if not marks:
        return {}
    found = db.session.scalars(select(ReturnedMail).where(ReturnedMail.address_mark.in_(marks)))
    return {marks[each.address_mark]: each for each in found}


def mend(address: str) -> bool:
    """The address works again; False where nothing was known against it."""
    found = db.session.scalar(select(ReturnedMail).where(ReturnedMail.address_mark == mark_of(address)))
    if found is None:
        return False
    db.session.delete(found)
    db.session.flush()
    return True


def _failures(report: Message) -> Iterator[Failure]:
    """The recipients that are given up on: failed, and for good (5.x.x)."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload()
        for group in groups if isinstance(groups, list) else ():
            if not isinstance(group, Message):
                continue
            recipient = str(group.get("Final-Recipient", "") or group.get("Original-Recipient", ""))
            kind, _semicolon, address = recipient.partition(";")
            status = STATUS.search(str(group.get("Status", "")))
            is_given_up = str(group.get("Action", "")).strip().lower() == "failed"
            if is_given_up and status and status[0].startswith("5") and kind.strip().lower() in ("rfc822", "utf-8"):
                yield Failure(address.strip().strip("<>"), status[0])


def _marks(report: Message) -> Iterator[str]:
    """The marks in the heads of letters that were sent back."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers" and isinstance(part, EmailMessage):
            part = email.message_from_string(str(part.get_content()))
        mark = part.get(MARK_HEADER)
        if mark:
            yield str(mark).strip()
