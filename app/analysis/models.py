"""What analysis made of a feedback, what staff say of it, and the tag that counts now."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Member
from app.analysis.rules import Labels, Said, in_order
from app.intake.models import Feedback
from app.kernel.database import Base, Row, check, choice
from app.kernel.words import Sentiment

NAMES_OR_NULL = JSON(none_as_null=True)


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
    # Where it is not sure, the sentiment is only the likeliest.
    is_sure: Mapped[bool] = mapped_column(default=True)
    aspects: Mapped[list[str]]
    is_urgent: Mapped[bool]
    # Possible abuse, injury or an accused worker: what raises a concern.
    is_safeguarding: Mapped[bool] = mapped_column(default=False)
    # The text without persons: what providers, reports, quotes and letters get.
    redacted: Mapped[str] = mapped_column(Text)
    # Which words of the redacted text moved which tag: start, end, tag, weight.
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    pii: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    read_at: Mapped[datetime]

    @property
    def labels(self) -> Labels:
        return Labels(self.sentiment, in_order(self.aspects), self.is_urgent)


class AnswerReading(Base):
    """What analysis made of what a resident wrote in answer to a question: the newest only.

    It moves no tag of the feedback, as a question that is asked anew would otherwise move a trend.
    """

    __tablename__ = "answer_reading"
    __table_args__ = (ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(index=True)
    version: Mapped[str] = mapped_column(String(60))
    sentiment: Mapped[Sentiment] = mapped_column(choice(Sentiment))
    is_sure: Mapped[bool]
    is_urgent: Mapped[bool]
    # Without persons: what staff and, where the question is for it, the provider read.
    redacted: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime]


class Tag(Base):
    """The effective tag of a feedback: its newest reading, unless staff corrected it. What pages and measures read."""

    __tablename__ = "tag"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        Index("ix_tag_sentiment", "agency_id", "sentiment"),
        Index(
            "ix_tag_urgent",
            "agency_id",
            "feedback_id",
            sqlite_where=text("is_urgent = 1"),
            postgresql_where=text("is_urgent"),
        ),
        Index(
            "ix_tag_unsure",
            "agency_id",
            "feedback_id",
            sqlite_where=text("is_sure = 0"),
            postgresql_where=text("NOT is_sure"),
        ),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"))
    language: Mapped[str] = mapped_column(String(8))
    sentiment: Mapped[Sentiment] = mapped_column(choice(Sentiment))
    # Not sure is a state of its own, until staff say what it is.
    is_sure: Mapped[bool] = mapped_column(default=True)
    # Staff have said what the sentiment is, be it what was read.
    is_settled: Mapped[bool] = mapped_column(default=False)
    aspects: Mapped[list[str]]
    is_urgent: Mapped[bool]
    redacted: Mapped[str] = mapped_column(Text)

    reading: Mapped[Reading] = relationship()

    @property
    def labels(self) -> Labels:
        return Labels(self.sentiment, in_order(self.aspects), self.is_urgent)


class Correction(Row, Base):
    """What a member of staff said a text is: of each field the newest wins. Only ever added."""

    __tablename__ = "correction"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("sentiment IS NOT NULL OR aspects IS NOT NULL OR is_urgent IS NOT NULL", "says_something"),
        Index("ix_correction_history", "feedback_id", "id"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    # None: left as it is.
    sentiment: Mapped[Sentiment | None] = mapped_column(choice(Sentiment))
    aspects: Mapped[list[str] | None] = mapped_column(NAMES_OR_NULL)
    is_urgent: Mapped[bool | None]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]

    member: Mapped[Member] = relationship()

    @property
    def said(self) -> Said:
        return Said(self.sentiment, None if self.aspects is None else in_order(self.aspects), self.is_urgent)


class Sample(Row, Base):
    """A text drawn at random for staff to check, and what they said it is before they saw how it is tagged.

    What the figure of agreement rests on.

    Kept beside the corrections, since those are made where somebody noticed something: a figure made of them would be
    biased.
    """

    __tablename__ = "sample"
    __table_args__ = (
        UniqueConstraint("feedback_id"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check(
            "(checked_at IS NULL) = (sentiment IS NULL) AND (checked_at IS NULL) = (aspects IS NULL)"
            " AND (checked_at IS NULL) = (is_urgent IS NULL) AND (checked_at IS NULL) = (member_id IS NULL)",
            "checked_whole",
        ),
        Index("ix_sample_week", "agency_id", "week_start"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    # The Monday of the week, of the agency's calendar, in which the text was sent.
    week_start: Mapped[date] = mapped_column(Date)
    drawn_at: Mapped[datetime]
    sentiment: Mapped[Sentiment | None] = mapped_column(choice(Sentiment))
    aspects: Mapped[list[str] | None] = mapped_column(NAMES_OR_NULL)
    is_urgent: Mapped[bool | None]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    checked_at: Mapped[datetime | None]

    feedback: Mapped[Feedback] = relationship()

    @property
    def labels(self) -> Labels:
        """What was said; only of one that was checked."""
        if self.sentiment is None:
            raise ValueError("nobody has checked this text")
        return Labels(self.sentiment, in_order(self.aspects or ()), bool(self.is_urgent))


class Concern(Row, Base):
    """That a feedback may be about abuse, an injury or an accused worker: until it is released no provider sees it.

    It has a clock of its own, from the submission until a safeguarding officer closes or releases it. Closed, it is
    dealt with and stays hidden.
    """

    __tablename__ = "concern"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("(closed_at IS NULL) = (closed_by_id IS NULL)", "closed_by_somebody"),
        check("(released_at IS NULL) = (released_by_id IS NULL)", "released_by_somebody"),
        # One at a time; what was released can be raised again.
        Index(
            "uq_concern_unreleased",
            "feedback_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_concern_history", "feedback_id", "id"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    raised_at: Mapped[datetime]
    # None: by analysis.
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    # Why, in a few words of whoever raised, closed or released it: for the agency alone. Analysis gives none.
    reason: Mapped[str | None] = mapped_column(String(300))
    close_reason: Mapped[str | None] = mapped_column(String(300))
    release_reason: Mapped[str | None] = mapped_column(String(300))
    # When its limit falls, frozen when it is raised.
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    raised_by: Mapped[Member | None] = relationship(foreign_keys=[raised_by_id])
    closed_by: Mapped[Member | None] = relationship(foreign_keys=[closed_by_id])
    released_by: Mapped[Member | None] = relationship(foreign_keys=[released_by_id])

    @property
    def ended_at(self) -> datetime | None:
        """When its clock stopped."""
        return self.closed_at or self.released_at
