"""Public figures; when members want their weekly emails; addresses that mail came back from; signed notices.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("as_of", UtcDateTime(timezone=True), nullable=False),
        sa.Column("smallest_cell", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by", sa.String(length=255), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("why_withdrawn", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'withdrawn', 'discarded')", name=op.f("ck_publication_publicationstate")
        ),
        sa.CheckConstraint("smallest_cell >= 5", name=op.f("ck_publication_smallest_cell")),
        sa.CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (approved_at IS NOT NULL)",
            name=op.f("ck_publication_published_is_approved"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_publication_approved_by_somebody")
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_publication_withdrawn_at")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (why_withdrawn IS NULL)", name=op.f("ck_publication_withdrawn_for_a_reason")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_publication_agency_id")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["member.id"], name=op.f("fk_publication_drafted_by_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["member.id"], name=op.f("fk_publication_approved_by_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["member.id"], name=op.f("fk_publication_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    living = sa.text("state <> 'discarded'")
    op.create_index(
        "uq_publication_month",
        "publication",
        ["agency_id", "month"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_table(
        "publication_terms",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("smallest_cell", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("smallest_cell >= 5", name=op.f("ck_publication_terms_smallest_cell")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_publication_terms_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_terms")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_publication_terms_agency_id")),
    )
    op.create_table(
        "published_contract",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_published_contract_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_published_contract_agency_id_contract_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_contract")),
        sa.UniqueConstraint("contract_id", name=op.f("uq_published_contract_contract_id")),
    )
    op.create_table(
        "publication_freeze",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_publication_freeze_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_publication_freeze_agency_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["member.id"], name=op.f("fk_publication_freeze_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_freeze")),
    )
    op.create_index("ix_publication_freeze_agency", "publication_freeze", ["agency_id", "ends_on"])

    op.create_table(
        "digest_wish",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("with_pdf", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("every IN (1, 2, 4)", name=op.f("ck_digest_wish_every")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_digest_wish_weekday")),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_digest_wish_hour")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_digest_wish_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_wish")),
        sa.UniqueConstraint("member_id", name=op.f("uq_digest_wish_member_id")),
    )
    op.add_column("sending", sa.Column("period_end", sa.Date(), nullable=True))
    op.create_table(
        "returned_mail",
        sa.Column("address_mark", sa.String(length=64), nullable=False),
        sa.Column("returned_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_mail")),
        sa.UniqueConstraint("address_mark", name=op.f("uq_returned_mail_address_mark")),
    )

    # The default stays, as SQLite rebuilds a table that others refer to only by force.
    op.add_column("contract", sa.Column("is_light_touch", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "performance_notice",
        sa.Column("issued_report_id", sa.Integer(), nullable=False),
        sa.Column("ratings", sa.JSON(), nullable=False),
        sa.Column("signed_by", sa.String(length=255), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issued_report_id"], ["issued_report.id"], name=op.f("fk_performance_notice_issued_report_id")
        ),
        sa.ForeignKeyConstraint(["signed_by_id"], ["member.id"], name=op.f("fk_performance_notice_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_performance_notice")),
        sa.UniqueConstraint("issued_report_id", name=op.f("uq_performance_notice_issued_report_id")),
    )


def downgrade() -> None:
    op.drop_table("performance_notice")
    op.drop_column("contract", "is_light_touch")
    op.drop_table("returned_mail")
    op.drop_column("sending", "period_end")
    op.drop_table("digest_wish")
    op.drop_table("publication_freeze")
    op.drop_table("published_contract")
    op.drop_table("publication_terms")
    op.drop_table("publication")
