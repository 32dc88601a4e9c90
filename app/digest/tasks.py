"""What the worker calls to send a weekly email. Ids in, safe to repeat."""

from app.digest import actions, letters
from app.extensions import db
from app.mail.postman import deliver
from app.outbox.running import Deed


def send(sending_id: int) -> Deed | None:
    """On ``digest.send``: write the letter, send it outside any transaction, note that it went."""
    letter = letters.weekly(sending_id)
    db.session.rollback()
    if letter is None:
        return None
    deliver(letter)
    return lambda: actions.note_sent(sending_id)
