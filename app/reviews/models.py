"""What agency and provider agreed to do, and how an officer rated the KPIs of a contract for the law."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.database import Base, Row, check, choice
from app.kernel.words import Holder
from app.reports.models import IssuedReport


class AgreedAction(Row, Base):
    """Something that was agreed in a review: what, who, until when; it stays on the page until it is done."""

    __tablename__ = "agreed_action"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("(done_on IS NULL) = (done_by_id IS NULL)", "who_says_it_is_done"),
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
