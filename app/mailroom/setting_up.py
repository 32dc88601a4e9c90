"""Setting mailboxes up: by whoever runs the installation, as they hold the mail server too.

No page does it, so that nobody at one agency can name a mailbox of another, or have us knock at machines of theirs.
"""

import re
from urllib.parse import urlsplit

from sqlalchemy import select

from app.directory.models import Contract, Site
from app.directory.queries import agency_by_slug
from app.extensions import db
from app.intake import mail_keeping
from app.intake.models import Mailbox
from app.kernel import clock
from app.kernel.errors import DomainError
from app.mailroom.fetching import PORTS
from app.mailroom.parsing import ADDRESS


class WrongMailbox(DomainError):
    """A mailbox that cannot be; the message says what is wrong."""


def set_up(
    address: str,
    *,
    agency: str,
    site: str | None,
    contract: str | None,
    imap_url: str | None,
    password: str | None,
    takes_tags: bool,
    is_emptied: bool,
) -> Mailbox:
    """Make an address a mailbox of an agency (by its slug), or change what was set before. Flushes."""
    whose = agency_by_slug(agency)
    if whose is None:
        raise WrongMailbox(f"--agency: no agency {agency!r}")
    if not ADDRESS.fullmatch(address):
        raise WrongMailbox(f"{address!r} is no e-mail address")
    if imap_url is not None:
        _check_url(imap_url)
    place = db.session.scalar(select(Site).where(Site.agency_id == whose.id, Site.code_key == (site or "").casefold()))
    if site and place is None:
        raise WrongMailbox(f"--site: no site {site!r} of this agency")
    meant = db.session.scalar(
        select(Contract).where(Contract.agency_id == whose.id, Contract.reference == (contract or ""))
    )
    if contract and (meant is None or place is None):
        raise WrongMailbox(f"--contract: no contract {contract!r} of this agency, or no --site")
    key = address.casefold()
    mailbox = db.session.scalar(select(Mailbox).where(Mailbox.address_key == key))
    if mailbox is None:
        mailbox = Mailbox(agency_id=whose.id, address=address, address_key=key)
    elif mailbox.agency_id != whose.id:
        raise WrongMailbox(f"{address!r} is a mailbox of another agency")
    if mailbox.imap_url != imap_url:
        mailbox.uid_validity, mailbox.last_uid = None, 0
    mailbox.site_id, mailbox.contract_id = place.id if place else None, meant.id if contract and meant else None
    mailbox.takes_tags, mailbox.is_emptied = takes_tags, is_emptied
    mailbox.imap_url, mailbox.password_sealed = imap_url, None
    mailbox.closed_at = mailbox.trouble = None
    if imap_url is not None:
        mail_keeping.seal_password(mailbox, password or "")
    db.session.add(mailbox)
    db.session.flush()
    return mailbox


def close(mailbox: Mailbox) -> None:
    """Take nothing in any more, and forget how it is read."""
    mailbox.closed_at = clock.now()
    mailbox.imap_url = mailbox.password_sealed = None
    db.session.flush()


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username or parts.password:
        raise WrongMailbox(
            "--imap: expected imaps://user@host/INBOX, without the password (or imap+starttls://, imap://)"
        )
    if re.search(r"[\"\\\x00-\x1f]", url):
        raise WrongMailbox("--imap: quotation marks, backslashes and control characters cannot be in it")
