"""What the public sees, as it was approved; what the agency chose to show; and the days in which nothing appears."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.directory.models import Agency, Contract
from app.kernel.database import Base, Row, check, choice
from app.transparency.rules import PublicationState
from app.transparency.suppression import LEAST_SMALLEST_CELL, SMALLEST_CELL

LIVING = text("state <> 'discarded'")


class Publication(Row, Base):
    """The public figures of an agency and month, frozen from the draft on: what was looked at is what appears.

    ``content`` is all that the public gets; ``kept`` is what must be known to hide enough in the next month, and
    is shown to nobody.
    """

    __tablename__ = "publication"
    __table_args__ = (
        Index("uq_publication_month", "agency_id", "month", unique=True, sqlite_where=LIVING, postgresql_where=LIVING),
        check(f"smallest_cell >= {LEAST_SMALLEST_CELL}", "smallest_cell"),
        check("(state IN ('published', 'withdrawn')) = (approved_at IS NOT NULL)", "published_is_approved"),
        check("(approved_at IS NULL) = (approved_by IS NULL)", "approved_by_somebody"),
        check("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", "withdrawn_at"),
        check("(withdrawn_at IS NULL) = (why_withdrawn IS NULL)", "withdrawn_for_a_reason"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    # The first day of the month.
    month: Mapped[date] = mapped_column(Date)
    state: Mapped[PublicationState] = mapped_column(choice(PublicationState), default=PublicationState.DRAFT)
    as_of: Mapped[datetime]
    smallest_cell: Mapped[int]
    content: Mapped[dict[str, Any]]
    kept: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    # The name that stands on the page, as it was: people come and go.
    approved_by: Mapped[str | None] = mapped_column(String(255))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    why_withdrawn: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own way to say it

    agency: Mapped[Agency] = relationship()


class PublicationTerms(Row, Base):
    """How an agency publishes: below which number a cell is hidden."""

    __tablename__ = "publication_terms"
    __table_args__ = (
        UniqueConstraint("agency_id"),
        check(f"smallest_cell >= {LEAST_SMALLEST_CELL}", "smallest_cell"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    smallest_cell: Mapped[int] = mapped_column(default=SMALLEST_CELL)


class PublishedContract(Row, Base):
    """A contract whose figures the public sees, and whether its provider is named."""

    __tablename__ = "published_contract"
    __table_args__ = (
        UniqueConstraint("contract_id"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    is_named: Mapped[bool] = mapped_column(default=False)

    contract: Mapped[Contract] = relationship(overlaps="agency")


class PublicationFreeze(Row, Base):
    """Days in which nothing appears, both ends included: before an election, for example."""

    __tablename__ = "publication_freeze"
    __table_args__ = (
        check("starts_on <= ends_on", "starts_before_it_ends"),
        Index("ix_publication_freeze_agency", "agency_id", "ends_on"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    why: Mapped[str] = mapped_column(String(200))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
