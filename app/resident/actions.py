"""What the resident's pages write for themselves: wrong tries of a PIN."""

from datetime import datetime

from sqlalchemy import delete

from app.extensions import db
from app.resident.models import PinTry
from app.resident.rules import WINDOW


def note_wrong_pin(reference: str, now: datetime) -> None:
    """Keep that a wrong PIN came with ``reference``, and forget those that no longer count."""
    db.session.execute(delete(PinTry).where(PinTry.at <= now - WINDOW))
    db.session.add(PinTry(reference=reference, at=now))
    db.session.flush()
