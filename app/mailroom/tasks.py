"""What the worker calls about mail. Ids in, safe to repeat."""

from app.extensions import db
from app.intake.models import IncomingMail
from app.mail import postman
from app.mailroom import fetching, letters
from app.outbox.actions import promise
from app.outbox.running import Deed


def tell_that_it_waits(mail_id: int) -> Deed | None:
    """On ``mail.waits``: it has arrived and somebody reads it; nothing where it is filed already."""
    letter = letters.waits(db.session.get_one(IncomingMail, mail_id))
    db.session.rollback()
    if letter is not None:
        postman.deliver(letter)
    return None


def fetch_mail(mailbox_id: int) -> Deed | None:
    """On ``mail.fetch``: what is new in a mailbox, and on at once where there is more."""
    fetched = fetching.fetch(mailbox_id)
    db.session.rollback()
    if not fetched.is_more:
        return None

    def go_on() -> None:
        promise("mail.fetch", mailbox_id=mailbox_id)

    return go_on
