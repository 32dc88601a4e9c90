"""What the tests of mail begin with: mailboxes, and mails as people and machines write them."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any

from app.extensions import db
from app.intake.models import IncomingMail, Mailbox
from app.mailroom import actions

SITE_BOX, AGENCY_BOX = "bins@riverside.example", "help@riverside.example"
RESIDENT = "ann.resident@example.org"


def mailbox(world: Any, address: str = SITE_BOX, *, site: Any = None, **more: Any) -> Mailbox:
    """A mailbox into which the mail server pipes what comes."""
    made = Mailbox(
        agency_id=world.agency.id,
        address=address,
        address_key=address.casefold(),
        site_id=site.id if site else None,
        last_uid=0,
        **more,
    )
    db.session.add(made)
    db.session.commit()
    return made


def letter(text: str = "The bin at the gate is full.", **head: str) -> EmailMessage:
    """A mail as a person writes it. ``head`` names further head lines, with _ for -."""
    mail = EmailMessage()
    given = {name.replace("_", "-"): value for name, value in head.items()}
    for name, value in ({"From": f"Ann <{RESIDENT}>", "To": SITE_BOX, "Subject": "Full bin"} | given).items():
        mail[name] = value
    if "Message-ID" not in mail:
        mail["Message-ID"] = f"<{abs(hash((text, *given.items())))}@example.org>"
    mail["Date"] = "Mon, 02 Nov 2026 09:00:00 +0800"
    mail.set_content(text)
    return mail


def come(box: Mailbox, mail: EmailMessage | bytes, arrived_at: datetime | None = None) -> IncomingMail | None:
    """It arrives."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    taken = actions.take_in(box, actions.make_ready(raw, arrived_at))
    db.session.commit()
    return taken
