"""Photos: kept with a feedback or an event, staged with a draft, and whether an agency lets them through at once.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default stays, as SQLite rebuilds a table that others refer to only by force.
    op.add_column("agency", sa.Column("photos_at_once", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "photo",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=46), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("actor IN ('system', 'agency', 'provider', 'resident')", name=op.f("ck_photo_actor")),
        sa.CheckConstraint("status IN ('waiting', 'released', 'refused')", name=op.f("ck_photo_photostatus")),
        sa.CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_photo_decided")),
        sa.CheckConstraint("actor = 'resident' OR event_id IS NOT NULL", name=op.f("ck_photo_evidence_has_its_event")),
        sa.CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name=op.f("ck_photo_size")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_photo_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_photo_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "event_id"], ["event.agency_id", "event.id"], name=op.f("fk_photo_agency_id_event_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_photo_member_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["member.id"], name=op.f("fk_photo_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_photo_name")),
    )
    op.create_index(op.f("ix_photo_feedback_id"), "photo", ["feedback_id"])
    op.create_table(
        "staged_photo",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=46), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("staged_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name=op.f("ck_staged_photo_size")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_staged_photo_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "site_id"], ["site.agency_id", "site.id"], name=op.f("fk_staged_photo_agency_id_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_staged_photo_name")),
        sa.UniqueConstraint("site_id", "draft", "sha256", name=op.f("uq_staged_photo_site_id_draft_sha256")),
    )
    op.create_index(op.f("ix_staged_photo_staged_at"), "staged_photo", ["staged_at"])


def downgrade() -> None:
    op.drop_table("staged_photo")
    op.drop_table("photo")
    op.drop_column("agency", "photos_at_once")
