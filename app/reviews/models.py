"""What agency and provider agreed to do and say about it, and how an officer rated a contract's KPIs for the law."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.database import Base, Row, check, choice
from app.kernel.words import ActionStep, Holder
from app.reports.models import IssuedReport
from app.reviews.rules import LONGEST_WHAT


class AgreedActionNote(Row, Base):
    """What one side said about an agreed action, and when: a note, that it is done, what is missing."""

    __tablename__ = "agreed_action_note"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "agreed_action_id"], ["agreed_action.agency_id", "agreed_action.id"]),
        check("step IN ('said_done', 'accepted') OR said IS NOT NULL", "says_something"),
        Index("ix_agreed_action_note_agreed_action_id", "agreed_action_id"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    agreed_action_id: Mapped[int]
    at: Mapped[datetime]
    step: Mapped[ActionStep] = mapped_column(choice(ActionStep))
    said: Mapped[str | None] = mapped_column(String(LONGEST_WHAT))
    side: Mapped[Holder] = mapped_column(choice(Holder))
    # The name as it was: people come and go, what they said stays.
    by_name: Mapped[str] = mapped_column(String(255))
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))


class AgreedAction(Row, Base):
    """Something that was agreed in a review: what, who, until when; it stays on the page until it is done."""

    __tablename__ = "agreed_action"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("(done_on IS NULL) = (done_by_id IS NULL)", "who_says_it_is_done"),
        Index("uq_agreed_action_agency_id_id", "agency_id", "id", unique=True),
        Index("ix_agreed_action_contract", "contract_id", "due_on"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    what: Mapped[str] = mapped_column(String(1000))
    # Which side does it, and who there, as people say it.
    side: Mapped[Holder] = mapped_column(choice(Holder))
    who: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date] = mapped_column(Date)
    agreed_at: Mapped[datetime]
    agreed_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    done_on: Mapped[date | None] = mapped_column(Date)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    notes: Mapped[list[AgreedActionNote]] = relationship(order_by=AgreedActionNote.id, viewonly=True, lazy="selectin")

    @property
    def said_done(self) -> AgreedActionNote | None:
        """The provider's claim that it is done, while the agency has neither accepted it nor said what is missing."""
        said = [note for note in self.notes if note.step != ActionStep.NOTED]
        is_claim = self.done_on is None and bool(said) and said[-1].step == ActionStep.SAID_DONE
        return said[-1] if is_claim else None


class PerformanceNotice(Row, Base):
    """The notice of contract performance (UK Procurement Act 2023, section 71): an officer's ratings, signed."""

    __tablename__ = "performance_notice"
    __table_args__ = (UniqueConstraint("issued_report_id"),)

    issued_report_id: Mapped[int] = mapped_column(ForeignKey("issued_report.id"))
    # For each KPI: code, proposed, given, why (where the officer rates differently).
    ratings: Mapped[list[dict[str, Any]]] = mapped_column(JSON())
    # The name as it was written: people come and go, who signed it stays.
    signed_by: Mapped[str] = mapped_column(String(255))
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    signed_at: Mapped[datetime]

    report: Mapped[IssuedReport] = relationship()

    @property
    def agency_id(self) -> int:
        """Whose it is: that of its report. The audit keeps it there."""
        return self.report.agency_id
