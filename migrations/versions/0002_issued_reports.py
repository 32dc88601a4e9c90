"""Reports that were issued, with their files; pictures of charts; how long a provider has for its statement.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chart_picture",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("size", sa.String(length=8), nullable=False),
        sa.Column("svg", sa.Text(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("size IN ('wide', 'narrow')", name=op.f("ck_chart_picture_size")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_chart_picture_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_chart_picture_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chart_picture")),
        sa.UniqueConstraint("contract_id", "mark", "size", name=op.f("uq_chart_picture_contract_id_mark_size")),
    )
    op.create_index(op.f("ix_chart_picture_drawn_at"), "chart_picture", ["drawn_at"], unique=False)

    op.create_table(
        "issued_report",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "with_provider",
                "issued",
                "discarded",
                name="reportstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("as_of", UtcDateTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("statement_due_at", UtcDateTime(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("statement_at", UtcDateTime(), nullable=True),
        sa.Column("statement_by_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("what_changed", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'issued') = (content_hash IS NOT NULL)", name=op.f("ck_issued_report_issued_is_hashed")
        ),
        sa.CheckConstraint(
            "(state = 'issued') = (number IS NOT NULL)", name=op.f("ck_issued_report_issued_is_numbered")
        ),
        sa.CheckConstraint(
            "(corrects_id IS NULL) = (what_changed IS NULL)", name=op.f("ck_issued_report_correction_says_what_changed")
        ),
        sa.CheckConstraint(
            "(statement IS NULL) = (statement_at IS NULL)", name=op.f("ck_issued_report_statement_has_its_time")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_issued_report_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_issued_report_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "corrects_id"],
            ["issued_report.agency_id", "issued_report.id"],
            name=op.f("fk_issued_report_agency_id_corrects_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_issued_report_agency_id")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["member.id"], name=op.f("fk_issued_report_drafted_by_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["member.id"], name=op.f("fk_issued_report_issued_by_id")),
        sa.ForeignKeyConstraint(["statement_by_id"], ["member.id"], name=op.f("fk_issued_report_statement_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_report")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_issued_report_agency_id_id")),
        sa.UniqueConstraint("agency_id", "number", name=op.f("uq_issued_report_agency_id_number")),
    )
    op.create_index("ix_issued_report_contract", "issued_report", ["contract_id", "drafted_at"], unique=False)

    op.create_table(
        "issued_file",
        sa.Column("issued_report_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issued_report_id"], ["issued_report.id"], name=op.f("fk_issued_file_issued_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_file")),
        sa.UniqueConstraint(
            "issued_report_id", "kind", "language", name=op.f("uq_issued_file_issued_report_id_kind_language")
        ),
    )
    op.create_index(op.f("ix_issued_file_sha256"), "issued_file", ["sha256"], unique=False)

    op.add_column(
        "contract",
        sa.Column(
            "statement_days",
            sa.Integer(),
            sa.CheckConstraint("statement_days >= 0", name=op.f("ck_contract_statement_days")),
            server_default="10",
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("contract", "statement_days")
    op.drop_index(op.f("ix_issued_file_sha256"), table_name="issued_file")
    op.drop_table("issued_file")
    op.drop_index("ix_issued_report_contract", table_name="issued_report")
    op.drop_table("issued_report")
    op.drop_index(op.f("ix_chart_picture_drawn_at"), table_name="chart_picture")
    op.drop_table("chart_picture")
