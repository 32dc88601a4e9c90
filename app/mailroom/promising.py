"""When mailboxes are looked into."""

from datetime import datetime

from app.intake.mail_keeping import open_mailboxes
from app.outbox.actions import promise

EVERY = 5
"""Minutes from one look to the next."""


def promise_due(now: datetime) -> None:
    """Once in ``EVERY`` minutes for each mailbox that is read by IMAP."""
    for mailbox in open_mailboxes():
        if mailbox.imap_url is not None:
            slot = now.replace(minute=now.minute - now.minute % EVERY, second=0, microsecond=0)
            key = f"mail.fetch:{mailbox.id}:{slot:%Y-%m-%dT%H:%M}"
            promise("mail.fetch", agency_id=mailbox.agency_id, key=key, mailbox_id=mailbox.id)
