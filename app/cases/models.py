"""The agency's duty to answer a complaint, and everything that happened to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Member
from app.directory.models import Clause, Contract
from app.directory.rules import CONFIRM_DAYS
from app.intake.models import Feedback
from app.kernel.database import Base, Row, check, choice, only_if, only_where, unless_null
from app.kernel.words import Actor, Attribution, CaseStatus, EventKind, Holder, HoldKind, Limit, VerdictStage

RARE_NEWS = (EventKind.REOPENED, EventKind.ADDED, EventKind.RESIDENT_REPLIED, EventKind.HANDED_BACK)
"""What makes a case unread again: few among many events, so that an index of their own finds them at once."""

_NEWEST = ("submitted_at", "feedback_id")
_LONGEST_OVERDUE = ("overdue_from", "feedback_id")

_IS_WITH_AGENCY = "status = 'open' AND holder = 'agency' AND waiting_since IS NULL"
_IS_RARE_NEWS = text(f"kind IN ({', '.join(repr(str(kind)) for kind in RARE_NEWS)})")


class Case(Row, Base):
    """The duty to answer one complaint: who holds it, by when, where it stands.

    What it says of itself (status, holder, first response …) follows from its events and is kept beside them so that
    the inbox can ask for it; ``cases.actions`` alone writes both. Limits and calendar are frozen when it is opened.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        ForeignKeyConstraint(["agency_id", "clause_id"], ["clause.agency_id", "clause.id"]),
        ForeignKeyConstraint(["agency_id", "duplicate_of_id"], ["case.agency_id", "case.id"]),
        check("(status = 'duplicate') = (duplicate_of_id IS NOT NULL) OR is_imported", "duplicate_of"),
        check("holder = 'agency' OR provider_id IS NOT NULL", "holder_exists"),
        check("confirm_days > 0", "confirm_days"),
        # The inbox reads each of its views along an index of its own, in its order.
        Index("ix_case_status", "agency_id", "status", *_NEWEST),
        only_where("ix_case_provider", "provider_since IS NOT NULL", "provider_id", *_NEWEST),
        only_where("ix_case_provider_status", "provider_since IS NOT NULL", "provider_id", "status", *_NEWEST),
        only_if("ix_case_unread", "is_unread", "provider_id", *_NEWEST),
        only_where("ix_case_with_agency", _IS_WITH_AGENCY, "agency_id", "status", "holder", *_NEWEST),
        only_where(
            "ix_case_without_contract", "status = 'open' AND contract_id IS NULL", "agency_id", "status", "contract_id"
        ),
        only_where("ix_case_overdue", "overdue_from IS NOT NULL", "agency_id", *_LONGEST_OVERDUE),
        only_where("ix_case_provider_overdue", "overdue_from IS NOT NULL", "provider_id", *_LONGEST_OVERDUE),
        only_where("ix_case_waiting", "waiting_since IS NOT NULL", "agency_id", *_NEWEST),
        only_where("ix_case_provider_waiting", "waiting_since IS NOT NULL", "provider_id", *_NEWEST),
        only_where("ix_case_assignee", "assignee_id IS NOT NULL", "assignee_id", *_NEWEST),
        only_where("ix_case_mine", "status = 'open'", "assignee_id", *_NEWEST),
        only_where("ix_case_unanswered", "status = 'open' AND first_response_at IS NULL", "agency_id", "feedback_id"),
        only_where("ix_case_reopened", "status = 'open' AND times_reopened > 0", "agency_id", "status", *_NEWEST),
        only_if("ix_case_to_judge", "is_to_judge", "agency_id", *_NEWEST),
        unless_null("ix_case_escalate_at", "escalate_at"),
        unless_null("ix_case_duplicate_of", "duplicate_of_id"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(unique=True)
    contract_id: Mapped[int | None] = mapped_column(index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    clause_id: Mapped[int | None]
    status: Mapped[CaseStatus] = mapped_column(choice(CaseStatus), default=CaseStatus.OPEN)
    holder: Mapped[Holder] = mapped_column(choice(Holder), default=Holder.AGENCY)
    # Since when the provider has known of it; before, it does not exist for them.
    provider_since: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    duplicate_of_id: Mapped[int | None]
    # The case that was over for too long to be opened again, where this one goes on with it.
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    is_imported: Mapped[bool] = mapped_column(default=False)

    submitted_at: Mapped[datetime]
    # Frozen from the clause and the agency's calendar; None where no contract was in force.
    respond_within_hours: Mapped[float | None]
    resolve_within_hours: Mapped[float | None]
    # Frozen too: after so many days without a word, a resident who was told that it is resolved counts as silent.
    confirm_days: Mapped[int] = mapped_column(default=CONFIRM_DAYS)
    calendar: Mapped[dict[str, Any]]
    respond_by: Mapped[datetime | None]
    resolve_by: Mapped[datetime | None]
    # Since when it is beyond a limit, or from when on it will be if nothing happens; None while no limit runs.
    overdue_from: Mapped[datetime | None]

    # By when the resident was told that it is due, where that has become later since; none once that is done.
    told_before: Mapped[datetime | None]
    # By when an answer was promised to the resident before analysis proposed a clause that gives longer: that stays.
    still_promised: Mapped[datetime | None]

    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    # Since when we wait for the resident's answer to a question.
    waiting_since: Mapped[datetime | None]
    # When the next step of a limit is reached, at which somebody must be told; none while no clock runs.
    escalate_at: Mapped[datetime | None]
    times_reopened: Mapped[int] = mapped_column(default=0)
    last_event_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    # The version that the last thing a person did made of it: whoever has seen that one has missed only what machines
    # did since, like the clause that analysis proposes.
    acted_version: Mapped[int] = mapped_column(default=1, server_default="1")
    # Whether the provider's people have still to look at it; whether it is dealt with and nobody has said whose it was
    # (``cases.inbox_marks``).
    is_unread: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_to_judge: Mapped[bool] = mapped_column(default=False, server_default=false())

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own way to say it

    @property
    def promised(self) -> datetime | None:
        """By when its resident reads that it is answered or, after that, solved; None where they read no such day."""
        if self.status != CaseStatus.OPEN or self.waiting_since is not None:
            return None
        if self.first_response_at is not None:
            return self.resolve_by
        return self.still_promised or self.respond_by

    @property
    def promised_sooner(self) -> datetime | None:
        """The day that the resident was told, where the case's own limit gives longer; for staff, until they answer."""
        is_unanswered = self.status == CaseStatus.OPEN and self.first_response_at is None
        return self.still_promised if is_unanswered else None

    def is_past(self, version: int) -> bool:
        """Whether a person has done something since ``version``, or it is none that there was."""
        return not self.acted_version <= version <= self.version

    feedback: Mapped[Feedback] = relationship(overlaps="contract,clause")
    contract: Mapped[Contract | None] = relationship(overlaps="feedback,clause")
    clause: Mapped[Clause | None] = relationship(overlaps="feedback,contract")
    assignee: Mapped[Member | None] = relationship()

    @property
    def is_reopened(self) -> bool:
        """Open, and not for the first time."""
        return self.status == CaseStatus.OPEN and self.times_reopened > 0


class Event(Row, Base):
    """A thing that happened to a feedback and its case. Only ever added; the text of a message is in ``words.py``."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("rating IS NULL OR rating BETWEEN 1 AND 5", "rating"),
        check("(kind = 'verdict') = (attribution IS NOT NULL)", "verdict_attributes"),
        Index("ix_event_history", "feedback_id", "at", "id"),
        Index("ix_event_news", "feedback_id", "at", "id", sqlite_where=_IS_RARE_NEWS, postgresql_where=_IS_RARE_NEWS),
        Index(
            "uq_event_imported",
            "feedback_id",
            "at",
            "kind",
            "actor",
            unique=True,
            sqlite_where=text("is_imported"),
            postgresql_where=text("is_imported"),
        ),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    kind: Mapped[EventKind] = mapped_column(choice(EventKind))
    actor: Mapped[Actor] = mapped_column(choice(Actor))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    rating: Mapped[int | None]
    attribution: Mapped[Attribution | None] = mapped_column(choice(Attribution))
    # The new value of what an internal event changed: a kind, a clause's or contract's reference, a member's id.
    changed_to: Mapped[str | None] = mapped_column(String(80))
    has_message: Mapped[bool] = mapped_column(default=False)
    is_imported: Mapped[bool] = mapped_column(default=False)

    member: Mapped[Member | None] = relationship()


class CaseMove(Row, Base):
    """That a case was moved to another contract, and on what terms it stood before: only ever added.

    By it is known under which contract, with which limits, a case counted at any moment.
    """

    __tablename__ = "case_move"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        ForeignKeyConstraint(["agency_id", "event_id"], ["event.agency_id", "event.id"]),
        ForeignKeyConstraint(["agency_id", "from_contract_id"], ["contract.agency_id", "contract.id"]),
        ForeignKeyConstraint(["agency_id", "to_contract_id"], ["contract.agency_id", "contract.id"]),
        ForeignKeyConstraint(["agency_id", "clause_id"], ["clause.agency_id", "clause.id"]),
        UniqueConstraint("event_id"),
        check("from_contract_id IS NULL OR from_contract_id <> to_contract_id", "to_another"),
        Index("ix_case_move_at", "at"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(index=True)
    event_id: Mapped[int]
    at: Mapped[datetime]
    # None where no contract was in force.
    from_contract_id: Mapped[int | None]
    to_contract_id: Mapped[int]
    # As they were on the case until then.
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    clause_id: Mapped[int | None]
    respond_within_hours: Mapped[float | None]
    resolve_within_hours: Mapped[float | None]
    confirm_days: Mapped[int]
    calendar: Mapped[dict[str, Any]]


class Verdict(Base):
    """How far the agency's finding on one complaint has come: who judged, until when the provider may say what.

    It follows from the events and is kept beside them so that lists can ask for it; ``cases.judging`` writes both.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("checked_by_id IS NULL OR judged_by_id IS NULL OR checked_by_id <> judged_by_id", "second_person"),
        check("stage IN ('reply', 'objected') OR attribution IS NOT NULL", "attributes"),
        Index("ix_verdict_stage", "agency_id", "stage"),
        only_if("ix_verdict_drawn", "is_drawn", "agency_id", "stage", "checked_by_id"),
        unless_null("ix_verdict_reply_by", "reply_by"),
        unless_null("ix_verdict_contest_by", "contest_by"),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    stage: Mapped[VerdictStage] = mapped_column(choice(VerdictStage))
    # Whom the latest verdict found, which is what counts; none while the first proposal waits for the provider.
    attribution: Mapped[Attribution | None] = mapped_column(choice(Attribution))
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    judged_at: Mapped[datetime]
    # Until when the provider may reply to the proposal, and contest what was upheld against its reply. Of a proposal
    # that waits until the provider can be told there is none.
    reply_by: Mapped[datetime | None]
    contest_by: Mapped[datetime | None]
    # Whether a second person of the agency looks at it too.
    is_drawn: Mapped[bool] = mapped_column(default=False)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))


class Escalation(Row, Base):
    """That a step of a limit was reached and somebody told: once for each case, limit and step."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("feedback_id", "limit_kind", "step"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("step IN (50, 80, 100)", "step"),
        Index("ix_escalation_told_at", "told_at"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    limit_kind: Mapped[Limit] = mapped_column(choice(Limit))
    # Percent of the limit's working time.
    step: Mapped[int]
    told_at: Mapped[datetime]


class EscalationCall(Base):
    """Whom a step was told: their next letter names the case."""

    __tablename__ = "escalation_call"

    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class ProviderLink(Row, Base):
    """A link to one case for a provider without accounts: who sent it, until when it opens, who took it back."""

    __tablename__ = "provider_link"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("expires_at > sent_at", "ends_after_it_began"),
        check("(revoked_at IS NULL) = (revoked_by_id IS NULL)", "revoked_by_somebody"),
        check("revoked_at IS NULL OR token_sealed IS NULL", "revoked_is_forgotten"),
        check("token_sealed IS NULL OR email_sealed IS NOT NULL", "letter_has_an_address"),
        Index(
            "uq_provider_link_standing",
            "feedback_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_provider_link_sent", "agency_id", "provider_id", "id"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    # SHA-256 of the token, to find it; sealed, only until its letter is out.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[bytes | None]
    # None once it was kept for long enough.
    email_sealed: Mapped[bytes | None]
    # Of the letter and the page.
    language: Mapped[str] = mapped_column(String(8))
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    feedback: Mapped[Feedback] = relationship()


class LinkDisclosure(Row, Base):
    """That whoever holds a link opened shared contact details, or photos: when, why. Never the data."""

    __tablename__ = "link_disclosure"

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    link_id: Mapped[int] = mapped_column(ForeignKey("provider_link.id"), index=True)
    at: Mapped[datetime]
    # As of members (``Disclosure``).
    what: Mapped[str] = mapped_column(String(40), server_default="contact")
    reason: Mapped[str] = mapped_column(String(300), default="")

    link: Mapped[ProviderLink] = relationship()

    @property
    def feedback_id(self) -> int:
        """Whose data it was: for the audit of that case."""
        return self.link.feedback_id


class Look(Row, Base):
    """That a member of staff has seen a feedback: what makes it read."""

    __tablename__ = "look"
    __table_args__ = (
        UniqueConstraint("feedback_id", "member_id"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class Hold(Row, Base):
    """That what was written about one feedback must be kept until then, for a reason, whoever asks to delete it."""

    __tablename__ = "hold"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("ends_at > placed_at", "ends_after_it_began"),
        check("(lifted_at IS NULL) = (lifted_by_id IS NULL)", "lifted_by_somebody"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(index=True)
    # Its resident reads of what kind the reason is; the reason itself is for the agency's own people.
    kind: Mapped[HoldKind] = mapped_column(choice(HoldKind), default=HoldKind.OTHER, server_default="other")
    reason: Mapped[str] = mapped_column(String(300))
    ends_at: Mapped[datetime]
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    placed_at: Mapped[datetime]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    lifted_at: Mapped[datetime | None]


class Disclosure(Row, Base):
    """That a member opened personal data of a feedback: who, when, what, why. Never the data."""

    __tablename__ = "disclosure"
    __table_args__ = (ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),)

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(300), default="")
