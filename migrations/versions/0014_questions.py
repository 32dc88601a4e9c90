"""An agency's own questions to residents, in versions, and what residents answered.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {NOW}"  # noqa: S608
IS_PROVIDER = f"starts_with({NOW}, 'provider ')"


def with_parent(parent: str, name: str) -> str:
    its = f"SELECT 1 FROM {parent} WHERE {parent}.id = {name}.{parent}_id"  # noqa: S608
    return f"{MINE} OR ({IS_PROVIDER} AND EXISTS ({its}))"


POLICIES = {
    **{
        name: f"{MINE} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))"
        for name in ("question_set", "questions_in_use")
    },
    "question": with_parent("question_set", "question"),
    "question_option": with_parent("question", "question_option"),
    **{name: with_parent("feedback", name) for name in ("answer", "answer_reading", "answer_words", "questions_asked")},
}


def upgrade() -> None:
    op.create_table(
        "question_set",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("published_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL)", name=op.f("ck_question_set_published_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_question_set_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_question_set_agency_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["member.id"], name=op.f("fk_question_set_changed_by_id")),
        sa.ForeignKeyConstraint(["published_by_id"], ["member.id"], name=op.f("fk_question_set_published_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_set")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_question_set_agency_id_id")),
        sa.UniqueConstraint("contract_id", "number", name=op.f("uq_question_set_contract_id_number")),
    )
    op.create_index(
        "uq_question_set_draft",
        "question_set",
        ["contract_id"],
        unique=True,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "question",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("question_set_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.JSON(), nullable=False),
        sa.Column("hint", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_for_provider", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('rating', 'drivers', 'text', 'choice', 'yes_no', 'day')", name=op.f("ck_question_questionkind")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "question_set_id"],
            ["question_set.agency_id", "question_set.id"],
            name=op.f("fk_question_agency_id_question_set_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_question_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("question_set_id", "id", "kind", name=op.f("uq_question_question_set_id_id_kind")),
        sa.UniqueConstraint("question_set_id", "key", name=op.f("uq_question_question_set_id_key")),
    )
    op.create_table(
        "questions_asked",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("question_set_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_questions_asked_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "question_set_id"],
            ["question_set.agency_id", "question_set.id"],
            name=op.f("fk_questions_asked_agency_id_question_set_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_questions_asked_agency_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_questions_asked")),
        sa.UniqueConstraint(
            "feedback_id", "question_set_id", name=op.f("uq_questions_asked_feedback_id_question_set_id")
        ),
    )
    op.create_index("ix_questions_asked_question_set_id", "questions_asked", ["question_set_id"])
    op.create_table(
        "questions_in_use",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("question_set_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_questions_in_use_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "question_set_id"],
            ["question_set.agency_id", "question_set.id"],
            name=op.f("fk_questions_in_use_agency_id_question_set_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_questions_in_use_agency_id")),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_questions_in_use")),
    )
    op.create_table(
        "question_option",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.Column("wording", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("aspect", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "aspect IN ('timeliness', 'staff', 'quality', 'cost', 'access', 'safety', 'cleanliness', 'information')",
            name=op.f("ck_question_option_aspect"),
        ),
        sa.CheckConstraint("(wording IS NULL) <> (aspect IS NULL)", name=op.f("ck_question_option_words_or_aspect")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_question_option_agency_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_question_option_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_option")),
        sa.UniqueConstraint("question_id", "id", name=op.f("uq_question_option_question_id_id")),
        sa.UniqueConstraint("question_id", "key", name=op.f("uq_question_option_question_id_key")),
    )
    op.create_table(
        "answer",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("question_set_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("is_yes", sa.Boolean(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("option_id", sa.Integer(), nullable=True),
        sa.Column("drive", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('rating', 'drivers', 'text', 'choice', 'yes_no', 'day')", name=op.f("ck_answer_questionkind")
        ),
        sa.CheckConstraint("drive IN ('positive', 'negative')", name=op.f("ck_answer_drive")),
        sa.CheckConstraint(
            "(rating IS NOT NULL) = (kind = 'rating') AND (is_yes IS NOT NULL) = (kind = 'yes_no') AND (day IS NOT NULL) = (kind = 'day') AND (option_id IS NOT NULL) = (kind IN ('choice', 'drivers')) AND (drive IS NOT NULL) = (kind = 'drivers')",
            name=op.f("ck_answer_what_its_kind_says"),
        ),
        sa.CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name=op.f("ck_answer_rating")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_answer_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_answer_agency_id")),
        sa.ForeignKeyConstraint(
            ["feedback_id", "question_set_id"],
            ["questions_asked.feedback_id", "questions_asked.question_set_id"],
            name=op.f("fk_answer_feedback_id_question_set_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id", "option_id"],
            ["question_option.question_id", "question_option.id"],
            name=op.f("fk_answer_question_id_option_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_set_id", "question_id", "kind"],
            ["question.question_set_id", "question.id", "question.kind"],
            name=op.f("fk_answer_question_set_id_question_id_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "feedback_id",
            "question_id",
            "option_id",
            "drive",
            name=op.f("uq_answer_feedback_id_question_id_option_id_drive"),
        ),
    )
    op.create_index("ix_answer_question_id", "answer", ["question_id"])
    op.create_index(
        "uq_answer_once",
        "answer",
        ["feedback_id", "question_id"],
        unique=True,
        sqlite_where=sa.text("kind <> 'drivers'"),
        postgresql_where=sa.text("kind <> 'drivers'"),
    )
    op.create_table(
        "answer_reading",
        sa.Column("answer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("sentiment", sa.String(length=40), nullable=False),
        sa.Column("is_sure", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("redacted", sa.Text(), nullable=False),
        sa.Column("read_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "sentiment IN ('negative', 'neutral', 'positive')", name=op.f("ck_answer_reading_sentiment")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_answer_reading_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_answer_reading_agency_id")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_answer_reading_answer_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answer_reading")),
    )
    op.create_index("ix_answer_reading_feedback_id", "answer_reading", ["feedback_id"])
    op.create_table(
        "answer_words",
        sa.Column("answer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("erased_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_answer_words_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_answer_words_agency_id")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_answer_words_answer_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answer_words")),
    )
    op.create_index("ix_answer_words_feedback_id", "answer_words", ["feedback_id"])
    if op.get_bind().dialect.name == "postgresql":
        for name, condition in POLICIES.items():
            op.execute(f'CREATE POLICY second_wall ON "{name}" USING ({condition})')
            op.execute(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')


def downgrade() -> None:
    for name in ("answer_words", "answer_reading", "answer", "question_option", "questions_in_use", "questions_asked"):
        op.drop_table(name)
    op.drop_table("question")
    op.drop_table("question_set")
