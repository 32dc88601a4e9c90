"""What analysis made of a feedback: readings, never changed, and the tag that counts now."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Row, check, choice
from app.kernel.words import Sentiment


class Reading(Row, Base):
    """What one version of the analysis made of one feedback's text. Immutable."""

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("feedback_id", "version"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("negative BETWEEN 0 AND 1 AND neutral BETWEEN 0 AND 1 AND positive BETWEEN 0 AND 1", "probabilities"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    version: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(8))
    sentiment: Mapped[Sentiment] = mapped_column(choice(Sentiment))
    negative: Mapped[float]
    neutral: Mapped[float]
    positive: Mapped[float]
    aspects: Mapped[list[str]]
    is_urgent: Mapped[bool]
    # The text without persons: what providers, reports, quotes and letters get.
    redacted: Mapped[str] = mapped_column(Text)
    pii: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    read_at: Mapped[datetime]


class Tag(Base):
    """The effective tag of a feedback: its newest reading, unless staff corrected it. What pages and measures read."""

    __tablename__ = "tag"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        Index("ix_tag_sentiment", "agency_id", "sentiment"),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"))
    language: Mapped[str] = mapped_column(String(8))
    sentiment: Mapped[Sentiment] = mapped_column(choice(Sentiment))
    aspects: Mapped[list[str]]
    is_urgent: Mapped[bool]
    redacted: Mapped[str] = mapped_column(Text)
