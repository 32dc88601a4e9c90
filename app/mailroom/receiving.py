"""One mail comes in, in a transaction of its own: by IMAP or piped in, whatever is in it."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.intake.models import IncomingMail, Mailbox
from app.mailroom import actions
from app.mailroom.actions import Ready
from app.web.transactions import begin_writing

log = structlog.get_logger()


class NoSuchMailbox(Exception):
    """Nobody here has this address."""


def receive(
    mailbox_of: Callable[[], Mailbox | None],
    raw: bytes,
    arrived_at: datetime | None = None,
    note: Callable[[Mailbox], None] = lambda _mailbox: None,
) -> IncomingMail | None:
    """Take a mail in and commit; None where it came before. ``note`` is written on the mailbox with it.

    Disk and database raise what they raise: the mail comes again. Anything else that goes wrong is about this mail; it
    then waits as unreadable, so that those behind it come through.
    """
    try:
        return _receive(mailbox_of, actions.make_ready(raw, arrived_at), note)
    except (OSError, SQLAlchemyError, NoSuchMailbox):
        db.session.rollback()
        raise
    except Exception as error:
        db.session.rollback()
        log.exception("mail not understood", kind=type(error).__name__)
        return _receive(mailbox_of, actions.unreadable(raw, arrived_at), note)


def _receive(
    mailbox_of: Callable[[], Mailbox | None], ready: Ready, note: Callable[[Mailbox], None]
) -> IncomingMail | None:
    begin_writing()
    mailbox = mailbox_of()
    if mailbox is None:
        raise NoSuchMailbox
    mail = actions.take_in(mailbox, ready)
    note(mailbox)
    db.session.commit()
    return mail
