"""What each day of a contract counts, kept; and which feedback has changed since."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, ForeignKeyConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, check


class ContractDay(Base):
    """What the feedback about a contract that was sent on one day of the agency's calendar counts.

    It follows from the events, and is right at every moment from ``valid_from`` on, until the day is ``Changed``; made
    by ``version`` of the counting. A day without a row is counted from the events.
    """

    __tablename__ = "contract_day"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("feedback >= 0", "feedback"),
    )

    contract_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    version: Mapped[int]
    # The last moment at which anything happened to any of it.
    valid_from: Mapped[datetime]
    feedback: Mapped[int]
    # As ``day_counts`` keeps it, whole, and of it what overviews need.
    counts: Mapped[dict[str, Any]]
    brief: Mapped[dict[str, Any]]
    # The feedback that a report may tell by itself.
    told: Mapped[list[int]] = mapped_column(JSON)


class Changed(Base):
    """That something happened to a feedback, written in the same transaction; until its day is counted again.

    Only ever added, so that no two writers wait for each other. What is moved to another contract changes a day of
    each: a second row names the contract that it left and when it was sent, as people of that contract's provider,
    who are not let see the feedback any more, count that day too.
    """

    __tablename__ = "changed"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        ForeignKeyConstraint(["agency_id", "left_contract_id"], ["contract.agency_id", "contract.id"]),
        check("(left_contract_id IS NULL) = (submitted_at IS NULL)", "left"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    left_contract_id: Mapped[int | None]
    submitted_at: Mapped[datetime | None]
