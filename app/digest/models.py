"""Who gets which digest, and which were sent."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Member
from app.digest.timing import DIGEST_HOUR, When
from app.directory.models import Agency, Contract
from app.kernel.database import Base, Row, check


class Subscription(Row, Base):
    """A member's wish for the weekly email of an agency, or of one of its contracts."""

    __tablename__ = "subscription"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        Index(
            "uq_subscription_contract",
            "member_id",
            "agency_id",
            "contract_id",
            unique=True,
            sqlite_where=text("contract_id IS NOT NULL"),
            postgresql_where=text("contract_id IS NOT NULL"),
        ),
        Index(
            "uq_subscription_agency",
            "member_id",
            "agency_id",
            unique=True,
            sqlite_where=text("contract_id IS NULL"),
            postgresql_where=text("contract_id IS NULL"),
        ),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int | None]
    # For the one-click link in the letter's head: random, known to the mail alone.
    unsubscribe_token: Mapped[str] = mapped_column(String(64), unique=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship()
    agency: Mapped[Agency] = relationship()
    contract: Mapped[Contract | None] = relationship(overlaps="agency")


class DigestWish(Row, Base):
    """When a member wants their emails, and whether with the reports as PDF; without one, Mondays at 8 and without."""

    __tablename__ = "digest_wish"
    __table_args__ = (
        UniqueConstraint("member_id"),
        check("every IN (1, 2, 4)", "every"),
        check("weekday BETWEEN 0 AND 6", "weekday"),
        check("hour BETWEEN 0 AND 23", "hour"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    every: Mapped[int] = mapped_column(default=1)
    weekday: Mapped[int] = mapped_column(default=0)
    hour: Mapped[int] = mapped_column(default=DIGEST_HOUR)
    with_pdf: Mapped[bool] = mapped_column(default=False)

    @property
    def when(self) -> When:
        return When(self.every, self.weekday, self.hour)


class Sending(Row, Base):
    """One digest of one subscription for one period: unique, so that it goes once whatever restarts or repeats."""

    __tablename__ = "sending"
    __table_args__ = (UniqueConstraint("subscription_id", "period_start"),)

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id", ondelete="CASCADE"))
    period_start: Mapped[date] = mapped_column(Date)
    # Its last day; where it is not said, the period is a week.
    period_end: Mapped[date | None] = mapped_column(Date)
    promised_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
