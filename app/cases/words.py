"""The text of messages in a case, beside the events they belong to, so that it can be erased alone; translations."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Row


class MessageWords(Base):
    """What was written with an event: as written, and without persons, as providers and reports get it."""

    __tablename__ = "message_words"
    __table_args__ = (ForeignKeyConstraint(["agency_id", "event_id"], ["event.agency_id", "event.id"]),)

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    text: Mapped[str | None] = mapped_column(Text)
    redacted: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None]


class TranslatedWords(Row, Base):
    """What a machine made of a text without persons: of a feedback or, with an event, of a message. It goes with them.

    Nothing is counted or tagged by it.
    """

    __tablename__ = "translated_words"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        ForeignKeyConstraint(["agency_id", "event_id"], ["event.agency_id", "event.id"]),
        Index(
            "uq_translated_words_text",
            "feedback_id",
            "language",
            unique=True,
            sqlite_where=text("event_id IS NULL"),
            postgresql_where=text("event_id IS NULL"),
        ),
        Index(
            "uq_translated_words_message",
            "event_id",
            "language",
            unique=True,
            sqlite_where=text("event_id IS NOT NULL"),
            postgresql_where=text("event_id IS NOT NULL"),
        ),
        Index("ix_translated_words_feedback_id", "feedback_id"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    event_id: Mapped[int | None]
    # Into which.
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    # SHA-256 of what was translated.
    source_mark: Mapped[str] = mapped_column(String(64))
    # How the service is called, for whoever reads it.
    service: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
