"""What the resident's pages keep for themselves."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Row, check


class PinTry(Row, Base):
    """A wrong PIN for a reference: after a few of them the door stays shut for a while, whichever server is asked."""

    __tablename__ = "pin_try"
    __table_args__ = (Index("ix_pin_try_recent", "reference", "at"),)

    reference: Mapped[str] = mapped_column(String(14))
    at: Mapped[datetime]


class Notice(Row, Base):
    """A message to a resident that is no answer: its receipt, a reminder. A feedback has four of them at most.

    The database itself keeps that: they are numbered, and there is no fifth number.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("feedback_id", "nth"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("nth BETWEEN 1 AND 4", "at_most_four"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    nth: Mapped[int]
    # On which occasion: the same one again is the same notice.
    key: Mapped[str] = mapped_column(String(80), unique=True)
    at: Mapped[datetime]
