"""Steps of limits that were told, the hours in which staff get no letters, links for providers without
accounts, from when on a pattern is shown on the watch, and who leads the people of a provider.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Columns with their conditions as SQL, as SQLite adds them in no other way.
QUIET = (
    ("quiet_from", "INTEGER DEFAULT 20 NOT NULL CONSTRAINT ck_agency_quiet_from CHECK (quiet_from BETWEEN 0 AND 23)"),
    ("quiet_until", "INTEGER DEFAULT 7 NOT NULL CONSTRAINT ck_agency_quiet_until CHECK (quiet_until BETWEEN 0 AND 23)"),
)

THRESHOLDS = (
    "quick_minutes",
    "quick_cases",
    "limit_percent",
    "limit_cases",
    "limit_share",
    "once_seconds",
    "once_cases",
    "rejection_hours",
    "rejection_cases",
    "short_letters",
    "short_cases",
    "repeated_cases",
    "burst_minutes",
    "burst_ratings",
    "pause_percent",
    "pause_cases",
    "call_hours",
    "call_cases",
    "duplicate_percent",
    "duplicate_cases",
)


def upgrade() -> None:
    for column, what in QUIET:
        op.execute(f"ALTER TABLE agency ADD COLUMN {column} {what}")
    op.execute(
        "ALTER TABLE membership ADD COLUMN is_lead BOOLEAN DEFAULT false NOT NULL"
        " CONSTRAINT ck_membership_lead_is_a_providers CHECK (provider_id IS NOT NULL OR NOT is_lead)"
    )
    op.execute(
        "UPDATE membership SET is_lead = true WHERE id IN"
        " (SELECT min(id) FROM membership WHERE provider_id IS NOT NULL GROUP BY provider_id)"
    )
    _escalation()
    _links()
    op.create_table(
        "watch_threshold",
        sa.Column("agency_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"name IN ({', '.join(map(repr, THRESHOLDS))})", name=op.f("ck_watch_threshold_threshold")),
        sa.CheckConstraint("value > 0", name=op.f("ck_watch_threshold_value")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_watch_threshold_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "name", name=op.f("pk_watch_threshold")),
    )


def _links() -> None:
    op.create_table(
        "provider_link",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at > sent_at", name=op.f("ck_provider_link_ends_after_it_began")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_provider_link_revoked_by_somebody")
        ),
        sa.CheckConstraint(
            "revoked_at IS NULL OR token_sealed IS NULL", name=op.f("ck_provider_link_revoked_is_forgotten")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_provider_link_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_provider_link_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_provider_link_provider_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["member.id"], name=op.f("fk_provider_link_sent_by_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["member.id"], name=op.f("fk_provider_link_revoked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_provider_link_token_hash")),
    )
    op.create_index(op.f("ix_provider_link_feedback_id"), "provider_link", ["feedback_id"])
    op.create_index("ix_provider_link_sent", "provider_link", ["agency_id", "provider_id", "id"])
    op.create_index(
        "uq_provider_link_standing",
        "provider_link",
        ["feedback_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "link_disclosure",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_link_disclosure_agency_id")),
        sa.ForeignKeyConstraint(["link_id"], ["provider_link.id"], name=op.f("fk_link_disclosure_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_disclosure")),
    )
    op.create_index(op.f("ix_link_disclosure_link_id"), "link_disclosure", ["link_id"])


def _escalation() -> None:
    op.add_column("case", sa.Column("escalate_at", UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_case_escalate_at",
        "case",
        ["escalate_at"],
        sqlite_where=sa.text("escalate_at IS NOT NULL"),
        postgresql_where=sa.text("escalate_at IS NOT NULL"),
    )
    # What is open now is looked at once, in the first minute; what was brought in from files when somebody touches it.
    op.execute(
        "UPDATE \"case\" SET escalate_at = submitted_at WHERE status = 'open' AND NOT is_imported"
        " AND (respond_within_hours IS NOT NULL OR resolve_within_hours IS NOT NULL)"
    )
    op.create_table(
        "escalation",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("limit_kind", sa.String(length=40), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("limit_kind IN ('respond', 'resolve')", name=op.f("ck_escalation_limit")),
        sa.CheckConstraint("step IN (50, 80, 100)", name=op.f("ck_escalation_step")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_escalation_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_escalation_agency_id_feedback_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint(
            "feedback_id", "limit_kind", "step", name=op.f("uq_escalation_feedback_id_limit_kind_step")
        ),
    )
    op.create_index("ix_escalation_told_at", "escalation", ["told_at"])
    op.create_table(
        "escalation_call",
        sa.Column("escalation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_call_escalation_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_escalation_call_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("escalation_id", "member_id", name=op.f("pk_escalation_call")),
    )
    op.create_index(op.f("ix_escalation_call_member_id"), "escalation_call", ["member_id"])


def downgrade() -> None:
    op.drop_table("watch_threshold")
    op.drop_table("link_disclosure")
    op.drop_table("provider_link")
    op.drop_table("escalation_call")
    op.drop_table("escalation")
    op.drop_index("ix_case_escalate_at", "case")
    op.execute('ALTER TABLE "case" DROP COLUMN escalate_at')
    op.execute("ALTER TABLE membership DROP COLUMN is_lead")
    for column, _what in QUIET:
        op.execute(f"ALTER TABLE agency DROP COLUMN {column}")
