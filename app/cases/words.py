"""The text of messages in a case, beside the events they belong to, so that it can be erased alone."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base


class MessageWords(Base):
    """What was written with an event: as written, and without persons, as providers and reports get it."""

    __tablename__ = "message_words"
    __table_args__ = (ForeignKeyConstraint(["agency_id", "event_id"], ["event.agency_id", "event.id"]),)

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    text: Mapped[str | None] = mapped_column(Text)
    redacted: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None]
