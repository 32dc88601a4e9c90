"""The facts of a feedback: where, about which contract, how it was rated, when. The words live in ``words.py``."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.directory.models import Contract, Site
from app.kernel.database import Base, Row, check, choice, only_if, only_where, unless_null
from app.kernel.words import (
    Actor,
    Channel,
    Drive,
    FeedbackKind,
    MailReason,
    MailState,
    PhotoStatus,
    QuestionKind,
)

WHAT_A_KIND_SAYS = (
    "(rating IS NOT NULL) = (kind = 'rating')"
    " AND (is_yes IS NOT NULL) = (kind = 'yes_no')"
    " AND (day IS NOT NULL) = (kind = 'day')"
    " AND (option_id IS NOT NULL) = (kind IN ('choice', 'drivers'))"
    " AND (drive IS NOT NULL) = (kind = 'drivers')"
)
"""Of an answer: what its kind is answered with is there, and nothing else; what a text says is kept apart."""

USUAL_CHANNELS = (Channel.WEB, Channel.QR)
"""By which most feedback comes; what comes by another is found by an index of its own."""

_IS_UNUSUAL = f"channel NOT IN ({', '.join(repr(str(channel)) for channel in USUAL_CHANNELS)})"


class Feedback(Row, Base):
    """What a resident sent about a service, as facts that name nobody."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        UniqueConstraint("site_id", "idempotency_key"),
        ForeignKeyConstraint(["agency_id", "site_id"], ["site.agency_id", "site.id"]),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("rating IS NULL OR rating BETWEEN 1 AND 5", "rating"),
        check("released_at IS NULL OR NOT is_held", "released"),
        Index("ix_feedback_newest", "agency_id", "submitted_at", "id"),
        # What few feedback are has an index of its own, so that the inbox finds them among all.
        only_if("ix_feedback_unread", "is_unread", "agency_id", "submitted_at", "id"),
        only_where("ix_feedback_suggestion", "kind = 'suggestion'", "agency_id", "submitted_at", "id"),
        only_where("ix_feedback_channel", _IS_UNUSUAL, "agency_id", "channel", "submitted_at", "id"),
        Index("ix_feedback_cohort", "contract_id", "submitted_at"),
        unless_null("uq_feedback_external_reference", "contract_id", "external_reference", unique=True),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    site_id: Mapped[int]
    # The contract in force at the site when it was sent, for good; none where nobody was contracted.
    # Known before it changes: what it leaves counts less (``measures.watching``).
    contract_id: Mapped[int | None] = mapped_column(active_history=True)
    reference: Mapped[str] = mapped_column(String(14), unique=True)
    external_reference: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[FeedbackKind] = mapped_column(choice(FeedbackKind))
    rating: Mapped[int | None]
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    # The language of the page it was written on: letters to the resident are in it.
    language: Mapped[str] = mapped_column(String(8))
    has_text: Mapped[bool]
    # Whether there is any way to reach the resident besides their tracking link.
    is_reachable: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    # Held for review it is in no number and on no page but those of review; since its release it counts.
    is_held: Mapped[bool] = mapped_column(default=False)
    released_at: Mapped[datetime | None]
    # Whether the agency's people have still to look at it (``cases.inbox_marks``).
    is_unread: Mapped[bool] = mapped_column(default=True, server_default=true())
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    # What was sent under the key, as a keyed hash: the same key with other content is a mistake.
    content_mark: Mapped[str | None] = mapped_column(String(64))

    site: Mapped[Site] = relationship(overlaps="contract")
    contract: Mapped[Contract | None] = relationship(overlaps="site")


class TrackingLink(Base):
    """The resident's own way back to their feedback: a token in a link, or reference and PIN where it was lost."""

    __tablename__ = "tracking_link"
    __table_args__ = (ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),)

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    # SHA-256 of the token, to find it; sealed token and PIN, to write them into later letters.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[bytes]
    pin_sealed: Mapped[bytes]
    revoked_at: Mapped[datetime | None]

    feedback: Mapped[Feedback] = relationship()


class HotlineCall(Base):
    """A call that the agency's hotline handed over: its own number and deadline, kept beside ours."""

    __tablename__ = "hotline_call"
    __table_args__ = (
        UniqueConstraint("agency_id", "number_key"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    number: Mapped[str] = mapped_column(String(60))
    # The number without regard to case and spaces, by which a call is known again.
    number_key: Mapped[str] = mapped_column(String(60))
    # By when the hotline wants an answer; it changes no clock of ours.
    due_at: Mapped[datetime | None]
    # What was said last, as a keyed hash: the same text again says nothing new. None once it was erased.
    text_mark: Mapped[str | None] = mapped_column(String(64))
    taken_in_at: Mapped[datetime]

    feedback: Mapped[Feedback] = relationship()


class CallWish(Base):
    """A resident wants to be called: a task for officers, until one of them says that it is done."""

    __tablename__ = "call_wish"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("(done_at IS NULL) = (done_by_id IS NULL)", "done_by_somebody"),
        Index(
            "ix_call_wish_waiting",
            "agency_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    wished_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))


class Photo(Row, Base):
    """A photo of a feedback: the resident's own, or what staff attached to an event as evidence. Its file is apart.

    The provider sees it once it is released; what staff attach is at once.
    """

    __tablename__ = "photo"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        ForeignKeyConstraint(["agency_id", "event_id"], ["event.agency_id", "event.id"]),
        check("(status = 'waiting') = (decided_at IS NULL)", "decided"),
        check("actor = 'resident' OR event_id IS NOT NULL", "evidence_has_its_event"),
        only_where("ix_photo_waiting", "status = 'waiting'", "feedback_id"),
        check("width > 0 AND height > 0 AND bytes > 0", "size"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int] = mapped_column(index=True)
    event_id: Mapped[int | None]
    # What its files are called; nothing of the name it came with.
    name: Mapped[str] = mapped_column(String(46), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    actor: Mapped[Actor] = mapped_column(choice(Actor))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    added_at: Mapped[datetime]
    status: Mapped[PhotoStatus] = mapped_column(choice(PhotoStatus))
    # Who let it through or refused it, last; nobody where the agency lets all through at once.
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    decided_at: Mapped[datetime | None]


class StagedPhoto(Row, Base):
    """A good photo of a form that could not be taken in yet: kept for an hour under the key of the draft."""

    __tablename__ = "staged_photo"
    __table_args__ = (
        UniqueConstraint("site_id", "draft", "sha256"),
        ForeignKeyConstraint(["agency_id", "site_id"], ["site.agency_id", "site.id"]),
        check("width > 0 AND height > 0 AND bytes > 0", "size"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    site_id: Mapped[int]
    draft: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(46), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    staged_at: Mapped[datetime] = mapped_column(index=True)


class Suspicion(Base):
    """Why a feedback is held for review, for good; who set it aside as spam and when, until it is put back."""

    __tablename__ = "suspicion"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        check("set_aside_at IS NULL OR NOT is_waiting", "set_aside"),
        Index(
            "ix_suspicion_waiting",
            "agency_id",
            sqlite_where=text("is_waiting"),
            postgresql_where=text("is_waiting"),
        ),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    # As ``Sign`` says them.
    signs: Mapped[list[str]]
    # What it says may be urgent, or that somebody was harmed.
    is_urgent: Mapped[bool] = mapped_column(default=False)
    is_waiting: Mapped[bool] = mapped_column(default=True)
    set_aside_at: Mapped[datetime | None]


class SentCount(Base):
    """How much was sent in one hour from a network, at a site, to an agency; on one day in the same words.

    What it is of is a mark: of networks and words a hash with the salt of that day.
    """

    __tablename__ = "sent_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    # Hours since 1970; of words the first hour of the day.
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    n: Mapped[int]


class DailySalt(Base):
    """What networks and words are hashed with on one day; gone with it, and what was hashed then says nothing more."""

    __tablename__ = "daily_salt"

    # Days since 1970.
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[bytes]


class QuestionsAsked(Base):
    """Which version of an agency's own questions a feedback was asked, for good; no row where there were none."""

    __tablename__ = "questions_asked"
    __table_args__ = (
        UniqueConstraint("feedback_id", "question_set_id"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        ForeignKeyConstraint(["agency_id", "question_set_id"], ["question_set.agency_id", "question_set.id"]),
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    question_set_id: Mapped[int] = mapped_column(index=True)


class Answer(Row, Base):
    """What a resident answered to one question, as a fact; of what drove it one row for each aspect and way."""

    __tablename__ = "answer"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        # Only to what it was asked, and as the question's kind wants it.
        ForeignKeyConstraint(
            ["feedback_id", "question_set_id"], ["questions_asked.feedback_id", "questions_asked.question_set_id"]
        ),
        ForeignKeyConstraint(
            ["question_set_id", "question_id", "kind"], ["question.question_set_id", "question.id", "question.kind"]
        ),
        ForeignKeyConstraint(["question_id", "option_id"], ["question_option.question_id", "question_option.id"]),
        UniqueConstraint("feedback_id", "question_id", "option_id", "drive"),
        # Once, unless several things drove it.
        Index(
            "uq_answer_once",
            "feedback_id",
            "question_id",
            unique=True,
            sqlite_where=text("kind <> 'drivers'"),
            postgresql_where=text("kind <> 'drivers'"),
        ),
        check(WHAT_A_KIND_SAYS, "what_its_kind_says"),
        check("rating IS NULL OR rating BETWEEN 1 AND 5", "rating"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    feedback_id: Mapped[int]
    question_set_id: Mapped[int]
    question_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind))
    rating: Mapped[int | None]
    is_yes: Mapped[bool | None]
    day: Mapped[date | None] = mapped_column(Date)
    option_id: Mapped[int | None]
    drive: Mapped[Drive | None] = mapped_column(choice(Drive))


class Mailbox(Row, Base):
    """An address to which residents write: of one site, or of all of an agency, whose officers say what it is about.

    It is read by IMAP where there is an ``imap_url``; else the mail server hands over what comes.
    """

    __tablename__ = "mailbox"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "site_id"], ["site.agency_id", "site.id"]),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("contract_id IS NULL OR site_id IS NOT NULL", "contract_at_a_site"),
        check("(imap_url IS NULL) = (password_sealed IS NULL)", "imap_has_a_password"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    # The address without regard to case, by which it is unique in the installation.
    address_key: Mapped[str] = mapped_column(String(254), unique=True)
    site_id: Mapped[int | None]
    # Where several contracts serve the site: which of them is meant.
    contract_id: Mapped[int | None]
    # Whether name+anything@… arrives too, so that replies are known by their address.
    takes_tags: Mapped[bool] = mapped_column(default=False)
    # How it is read, without the password: imaps://user@host:993/INBOX.
    imap_url: Mapped[str | None] = mapped_column(String(300))
    password_sealed: Mapped[bytes | None]
    # Whether what was taken in is deleted there; else it is marked as read.
    is_emptied: Mapped[bool] = mapped_column(default=False)
    # Up to which mail it was read, in which numbering of the server's (RFC 3501, 2.3.1.1).
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    fetched_at: Mapped[datetime | None]
    # The kind of error that the last look ended with; none where it went well.
    trouble: Mapped[str | None] = mapped_column(String(80))
    # Nothing is taken in any more from then on.
    closed_at: Mapped[datetime | None]

    site: Mapped[Site | None] = relationship(overlaps="contract")
    contract: Mapped[Contract | None] = relationship(overlaps="site")


class IncomingMail(Row, Base):
    """One mail that came to a mailbox, once for each agency, and what became of it. Its words are kept apart."""

    __tablename__ = "incoming_mail"
    __table_args__ = (
        UniqueConstraint("agency_id", "message_key"),
        UniqueConstraint("agency_id", "id"),
        ForeignKeyConstraint(["agency_id", "feedback_id"], ["feedback.agency_id", "feedback.id"]),
        ForeignKeyConstraint(["agency_id", "event_id"], ["event.agency_id", "event.id"]),
        check("state <> 'feedback' OR feedback_id IS NOT NULL", "feedback_is_named"),
        check("(state = 'message') = (event_id IS NOT NULL)", "message_is_named"),
        check("(why IS NOT NULL) = (state IN ('waiting', 'set_aside'))", "why"),
        Index("ix_incoming_mail_state", "agency_id", "state", "id"),
        unless_null("ix_incoming_mail_sender_mark", "sender_mark"),
        unless_null("ix_incoming_mail_feedback_id", "feedback_id"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"), index=True)
    # A hash of what tells it from every other mail: Message-ID, sender, date.
    message_key: Mapped[str] = mapped_column(String(64))
    arrived_at: Mapped[datetime]
    taken_in_at: Mapped[datetime]
    state: Mapped[MailState] = mapped_column(choice(MailState))
    why: Mapped[MailReason | None] = mapped_column(choice(MailReason))
    # What it became, or what it is a reply to.
    feedback_id: Mapped[int | None]
    event_id: Mapped[int | None]
    # A keyed hash of who sent it, by which too many from one are noticed.
    sender_mark: Mapped[str | None] = mapped_column(String(64))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    decided_at: Mapped[datetime | None]

    mailbox: Mapped[Mailbox] = relationship()


class MailPhoto(Row, Base):
    """A photo of a mail that waits to be filed."""

    __tablename__ = "mail_photo"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "mail_id"], ["incoming_mail.agency_id", "incoming_mail.id"]),
        check("width > 0 AND height > 0 AND bytes > 0", "size"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    mail_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(46), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
