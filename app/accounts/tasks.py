"""What the worker calls to send letters to members. Ids in, safe to repeat."""

from app.accounts import letters
from app.accounts.rules import Mail
from app.extensions import db
from app.mail.letter import Letter
from app.mail.postman import deliver


def invite(invitation_id: int, asked_at: str) -> None:
    """On ``member.invite``."""
    _send(letters.invitation(invitation_id, asked_at))


def mail(member_id: int, about: str, asked_at: str) -> None:
    """On ``member.mail``."""
    _send(letters.about_signing_in(member_id, Mail(about), asked_at))


def _send(letter: Letter | None) -> None:
    """Outside any transaction, as mail servers take their time."""
    db.session.rollback()
    if letter is not None:
        deliver(letter)
