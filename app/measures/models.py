"""What each day of a contract counts, kept; and which feedback has changed since."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, ForeignKeyConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, check


class ContractDay(Base):
    """What the feedback about a contract that was sent on one day of the agency's calendar counts.

    It follows from the events, and is right until the day is ``Changed``; made by ``version`` of the counting. A day
    without a row is counted from the events. Columns are as ``day_counts.Kept`` has them, those first that are read of
    ten thousand days at once.
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
    # Microseconds since 1970: when any of it was moved to or from the contract last, else when the day began; the last
    # moment at which anything happened to any of it; the last at which any count changes.
    valid_from: Mapped[int] = mapped_column(BigInteger)
    clocks_from: Mapped[int] = mapped_column(BigInteger)
    settled_at: Mapped[int] = mapped_column(BigInteger)
    feedback: Mapped[int]
    sums: Mapped[bytes]
    # The feedback that a report may tell by itself: rows of ``grave.Told``.
    told: Mapped[list[Any]] = mapped_column(JSON)
    steps: Mapped[bytes]
    names: Mapped[list[str]] = mapped_column(JSON)
    part_steps: Mapped[bytes]
    clocks: Mapped[dict[str, Any]]


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
