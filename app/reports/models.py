"""Reports that were issued, the files of them, and the pictures of charts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Member
from app.directory.models import Agency, Contract, Provider
from app.kernel.database import Base, Row, check, choice
from app.reports.rules import ReportState


class IssuedReport(Row, Base):
    """A report on its way to being issued, and then for good: its numbers are frozen from the draft on.

    ``content`` holds everything it says but the words of residents, so that erasing a person leaves it as it is.
    """

    __tablename__ = "issued_report"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        UniqueConstraint("agency_id", "number"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        ForeignKeyConstraint(["agency_id", "corrects_id"], ["issued_report.agency_id", "issued_report.id"]),
        check("starts_on <= ends_on", "starts_before_it_ends"),
        check("(state = 'issued') = (number IS NOT NULL)", "issued_is_numbered"),
        check("(state = 'issued') = (content_hash IS NOT NULL)", "issued_is_hashed"),
        check("(corrects_id IS NULL) = (what_changed IS NULL)", "correction_says_what_changed"),
        check("(statement IS NULL) = (statement_at IS NULL)", "statement_has_its_time"),
        Index("ix_issued_report_contract", "contract_id", "drafted_at"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    state: Mapped[ReportState] = mapped_column(choice(ReportState), default=ReportState.DRAFT)
    number: Mapped[int | None]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    as_of: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    # SHA-256 of the content as it was issued.
    content_hash: Mapped[str | None] = mapped_column(String(64))
    drafted_at: Mapped[datetime]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    sent_at: Mapped[datetime | None]
    statement_due_at: Mapped[datetime | None]
    statement: Mapped[str | None] = mapped_column(Text)
    statement_at: Mapped[datetime | None]
    statement_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    # What the agency itself says to its figures, beside what the provider says.
    agency_statement: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime | None]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    corrects_id: Mapped[int | None]
    what_changed: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own way to say it

    contract: Mapped[Contract] = relationship()
    corrects: Mapped["IssuedReport | None"] = relationship(remote_side="IssuedReport.id", overlaps="contract")
    drafted_by: Mapped[Member | None] = relationship(foreign_keys=[drafted_by_id])
    statement_by: Mapped[Member | None] = relationship(foreign_keys=[statement_by_id])
    issued_by: Mapped[Member | None] = relationship(foreign_keys=[issued_by_id])
    files: Mapped[list["IssuedFile"]] = relationship(order_by="IssuedFile.id", back_populates="report")


class IssuedFile(Row, Base):
    """A file of an issued report, kept as it was made: what anybody holds in their hands can be compared with it."""

    __tablename__ = "issued_file"
    __table_args__ = (UniqueConstraint("issued_report_id", "kind", "language"),)

    issued_report_id: Mapped[int] = mapped_column(ForeignKey("issued_report.id"))
    kind: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]

    report: Mapped[IssuedReport] = relationship(back_populates="files")


class IssuedOverview(Row, Base):
    """A report of several contracts that was issued: put together from the reports issued of each, about the same days.

    It is of the contracts with one provider or, where none is named, of all of the agency. Numbers are of the same
    series as those of ``IssuedReport``. ``content`` names the reports it was put together from, with their hashes.
    """

    __tablename__ = "issued_overview"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        UniqueConstraint("agency_id", "number"),
        ForeignKeyConstraint(["agency_id", "corrects_id"], ["issued_overview.agency_id", "issued_overview.id"]),
        check("starts_on <= ends_on", "starts_before_it_ends"),
        check("(corrects_id IS NULL) = (what_changed IS NULL)", "correction_says_what_changed"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    number: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    corrects_id: Mapped[int | None]
    what_changed: Mapped[str | None] = mapped_column(Text)

    agency: Mapped[Agency] = relationship()
    provider: Mapped[Provider | None] = relationship()
    issued_by: Mapped[Member | None] = relationship()
    corrects: Mapped["IssuedOverview | None"] = relationship(remote_side="IssuedOverview.id", overlaps="agency")
    files: Mapped[list["IssuedOverviewFile"]] = relationship(
        order_by="IssuedOverviewFile.id", back_populates="overview"
    )


class IssuedOverviewFile(Row, Base):
    """A file of an issued report of several contracts, kept as it was made."""

    __tablename__ = "issued_overview_file"
    __table_args__ = (UniqueConstraint("issued_overview_id", "kind", "language"),)

    issued_overview_id: Mapped[int] = mapped_column(ForeignKey("issued_overview.id"))
    kind: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]

    overview: Mapped[IssuedOverview] = relationship(back_populates="files")


class ChartPicture(Row, Base):
    """A chart as it was drawn from data of that mark. Can be drawn again at any time.

    It is for the readers of one contract, of an agency's contracts with one provider or, where neither is named, of all
    of an agency.
    """

    __tablename__ = "chart_picture"
    __table_args__ = (
        UniqueConstraint("contract_id", "mark", "size"),
        Index(
            "uq_chart_picture_provider",
            "agency_id",
            "provider_id",
            "mark",
            "size",
            unique=True,
            sqlite_where=text("provider_id IS NOT NULL"),
            postgresql_where=text("provider_id IS NOT NULL"),
        ),
        Index(
            "uq_chart_picture_agency",
            "agency_id",
            "mark",
            "size",
            unique=True,
            sqlite_where=text("contract_id IS NULL AND provider_id IS NULL"),
            postgresql_where=text("contract_id IS NULL AND provider_id IS NULL"),
        ),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("size IN ('wide', 'narrow')", "size"),
        check("contract_id IS NULL OR provider_id IS NULL", "of_one_kind"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int | None]
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    mark: Mapped[str] = mapped_column(String(32))
    size: Mapped[str] = mapped_column(String(8))
    svg: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[datetime] = mapped_column(index=True)
