"""What the resident's pages keep for themselves."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Row


class PinTry(Row, Base):
    """A wrong PIN for a reference: after a few of them the door stays shut for a while, whichever server is asked."""

    __tablename__ = "pin_try"
    __table_args__ = (Index("ix_pin_try_recent", "reference", "at"),)

    reference: Mapped[str] = mapped_column(String(14))
    at: Mapped[datetime]
