"""What staff say of tags, the sample they check, safeguarding concerns, and who is on duty.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A column with its condition, as both databases write it: SQLite cannot add a condition to a table that is there.
GUARDED = (
    (
        "membership",
        "is_safeguarding_officer",
        "BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_membership_safeguarding_is_an_agencys"
        " CHECK (agency_id IS NOT NULL OR NOT is_safeguarding_officer)",
    ),
    (
        "membership",
        "is_on_duty",
        "BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_membership_duty_is_an_agencys"
        " CHECK (agency_id IS NOT NULL OR NOT is_on_duty)",
    ),
    (
        "agency",
        "safeguarding_hours",
        "{double} DEFAULT 8 NOT NULL CONSTRAINT ck_agency_safeguarding_hours CHECK (safeguarding_hours > 0)",
    ),
)
PLAIN = (
    ("reading", "is_sure", sa.Boolean(), sa.true()),
    ("reading", "is_safeguarding", sa.Boolean(), sa.false()),
    ("reading", "evidence", sa.JSON(), sa.text("'[]'")),
    ("tag", "is_sure", sa.Boolean(), sa.true()),
    ("tag", "is_settled", sa.Boolean(), sa.false()),
)


def sentiment() -> sa.Column[str]:
    kind = sa.Enum(
        "negative", "neutral", "positive", name="sentiment", native_enum=False, create_constraint=True, length=40
    )
    return sa.Column("sentiment", kind, nullable=True)


def of_feedback(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f(f"fk_{table}_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f(f"fk_{table}_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def by_member(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["member.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    double = sa.Double().compile(dialect=op.get_bind().dialect)
    for table, column, what in GUARDED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {what.format(double=double)}")
    for table, column, kind, default in PLAIN:
        op.add_column(table, sa.Column(column, kind, server_default=default, nullable=False))
    op.create_index(
        "ix_tag_urgent",
        "tag",
        ["agency_id", "feedback_id"],
        sqlite_where=sa.text("is_urgent = 1"),
        postgresql_where=sa.text("is_urgent"),
    )
    op.create_table(
        "correction",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sentiment(),
        sa.Column("aspects", sa.JSON(), nullable=True),
        sa.Column("is_urgent", sa.Boolean(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "sentiment IS NOT NULL OR aspects IS NOT NULL OR is_urgent IS NOT NULL",
            name=op.f("ck_correction_says_something"),
        ),
        by_member("correction", "member_id"),
        *of_feedback("correction"),
    )
    op.create_index("ix_correction_history", "correction", ["feedback_id", "id"])
    op.create_table(
        "sample",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sentiment(),
        sa.Column("aspects", sa.JSON(), nullable=True),
        sa.Column("is_urgent", sa.Boolean(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (sentiment IS NULL) AND (checked_at IS NULL) = (aspects IS NULL)"
            " AND (checked_at IS NULL) = (is_urgent IS NULL) AND (checked_at IS NULL) = (member_id IS NULL)",
            name=op.f("ck_sample_checked_whole"),
        ),
        by_member("sample", "member_id"),
        *of_feedback("sample"),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_sample_feedback_id")),
    )
    op.create_index("ix_sample_week", "sample", ["agency_id", "week_start"])
    op.create_table(
        "concern",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_concern_closed_by_somebody")),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by_id IS NULL)", name=op.f("ck_concern_released_by_somebody")
        ),
        *[by_member("concern", each) for each in ("raised_by_id", "closed_by_id", "released_by_id")],
        *of_feedback("concern"),
    )
    op.create_index(
        "uq_concern_unreleased",
        "concern",
        ["feedback_id"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index("ix_concern_history", "concern", ["feedback_id", "id"])


def downgrade() -> None:
    for table in ("concern", "sample", "correction"):
        op.drop_table(table)
    op.drop_index("ix_tag_urgent", table_name="tag")
    # By hand, as alembic would copy a table to drop a column of SQLite's, and lose the conditions of the others.
    for table, column in [each[:2] for each in (*PLAIN, *GUARDED)]:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
