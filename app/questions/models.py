"""The questions of a contract in versions, and which version is asked now."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.directory.models import Contract
from app.kernel.database import Base, Row, check, choice
from app.kernel.words import Aspect, QuestionKind, Words
from app.questions import rules

WORDS_OR_NULL = JSON(none_as_null=True)


class QuestionSet(Row, Base):
    """One version of the questions of a contract: a draft, then published and never changed again."""

    __tablename__ = "question_set"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        UniqueConstraint("contract_id", "number"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("(published_at IS NULL) = (published_by_id IS NULL)", "published_by_somebody"),
        # One draft at a time.
        Index(
            "uq_question_set_draft",
            "contract_id",
            unique=True,
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    number: Mapped[int]
    # The main language: what has no words in a reader's own is shown in it.
    language: Mapped[str] = mapped_column(String(8))
    # Goes up with each change of the draft, so that of two people at once the second is told.
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    contract: Mapped[Contract] = relationship()
    questions: Mapped[list["Question"]] = relationship(
        order_by="Question.position", back_populates="question_set", cascade="all, delete-orphan", overlaps="agency"
    )

    @property
    def asked(self) -> tuple[rules.Asked, ...]:
        return tuple(each.asked for each in self.questions)


class Question(Row, Base):
    """A question in one version. Its key is the same in all versions in which it is the same question."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("question_set_id", "key"),
        # What an answer refers to: its kind decides which column of it is filled.
        UniqueConstraint("question_set_id", "id", "kind"),
        ForeignKeyConstraint(["agency_id", "question_set_id"], ["question_set.agency_id", "question_set.id"]),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    question_set_id: Mapped[int]
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(12))
    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind))
    wording: Mapped[Words]
    hint: Mapped[Words | None] = mapped_column(WORDS_OR_NULL)
    # The same question in short and simple words, in those languages in which somebody has written them.
    easy: Mapped[Words | None] = mapped_column(WORDS_OR_NULL)
    # Whether the provider reads each answer, as it reads the text: without persons.
    is_for_provider: Mapped[bool] = mapped_column(default=False)

    question_set: Mapped[QuestionSet] = relationship(back_populates="questions")
    options: Mapped[list["QuestionOption"]] = relationship(
        order_by="QuestionOption.position", cascade="all, delete-orphan"
    )

    @property
    def asked(self) -> rules.Asked:
        return rules.Asked(
            key=self.key,
            kind=self.kind,
            wording=by_language(self.wording),
            hint=by_language(self.hint),
            options=tuple(
                rules.Option(each.key, by_language(each.wording) if each.wording else None, each.aspect)
                for each in self.options
            ),
            is_for_provider=self.is_for_provider,
            easy=by_language(self.easy),
        )


class QuestionOption(Row, Base):
    """One of the answers that a question offers: words, or an aspect that may have driven it."""

    __tablename__ = "question_option"
    __table_args__ = (
        UniqueConstraint("question_id", "key"),
        UniqueConstraint("question_id", "id"),
        check("(wording IS NULL) <> (aspect IS NULL)", "words_or_aspect"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(12))
    wording: Mapped[Words | None] = mapped_column(WORDS_OR_NULL)
    aspect: Mapped[Aspect | None] = mapped_column(choice(Aspect))


class QuestionsInUse(Base):
    """Which version residents are asked now; a contract without a row asks what everybody is asked, and no more."""

    __tablename__ = "questions_in_use"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        ForeignKeyConstraint(["agency_id", "question_set_id"], ["question_set.agency_id", "question_set.id"]),
    )

    contract_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    question_set_id: Mapped[int]


def by_language(words: Words | None) -> dict[str, str]:
    """Words by language; none where nothing is said."""
    return dict(words) if isinstance(words, dict) else {}
