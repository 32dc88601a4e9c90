"""What the resident wrote and how to reach them: in a table of their own, so that erasing leaves the numbers whole.

Only ``intake.actions``, ``intake.mail_keeping``, ``analysis.actions`` and ``cases.disclosure`` may import this module.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, unless_null


class FeedbackWords(Base):
    """The raw words of one feedback, and the contact details its resident left, sealed."""

    __tablename__ = "feedback_words"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        unless_null("ix_feedback_words_email_mark", "email_mark"),
        unless_null("ix_feedback_words_phone_mark", "phone_mark"),
        unless_null("ix_feedback_words_erase_asked_at", "erase_asked_at"),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    text: Mapped[str | None] = mapped_column(Text)
    # Where exactly: not redacted, the provider needs it to act, and the form says so.
    place: Mapped[str | None] = mapped_column(Text)
    email_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    # Keyed hashes, by which everything about one person can be found: for as long as anything is kept of it.
    email_mark: Mapped[str | None] = mapped_column(String(64))
    phone_mark: Mapped[str | None] = mapped_column(String(64))
    # Whether the contact details may go to the provider.
    is_shared: Mapped[bool] = mapped_column(default=False)
    erased_at: Mapped[datetime | None]
    # When their resident asked to have it deleted, where something stood in its way.
    erase_asked_at: Mapped[datetime | None]


class AnswerWords(Base):
    """What a resident wrote in answer to one question."""

    __tablename__ = "answer_words"
    __table_args__ = (ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None]


class MailWords(Base):
    """What a mail says that waits to be filed, and who sent it, sealed. The row goes when it is known what it is."""

    __tablename__ = "mail_words"
    __table_args__ = (ForeignKeyConstraint(["agency_id", "mail_id"], ["incoming_mail.agency_id", "incoming_mail.id"]),)

    mail_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    text: Mapped[str] = mapped_column(Text)
    # Without persons, as officers read it.
    redacted: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    sender_sealed: Mapped[bytes | None]
