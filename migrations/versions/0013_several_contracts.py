"""Reports of several contracts, of a provider or of all of an agency: issued ones, their files, pictures of charts.

Pictures that were drawn are thrown away, both ways: they are drawn again by whoever looks.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OF_PROVIDER = sa.text("provider_id IS NOT NULL")
OF_AGENCY = sa.text("contract_id IS NULL AND provider_id IS NULL")


def upgrade() -> None:
    _drop()
    op.create_table(
        "chart_picture",
        *_columns(contract_is_optional=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_chart_picture_provider_id")),
        sa.CheckConstraint("contract_id IS NULL OR provider_id IS NULL", name=op.f("ck_chart_picture_of_one_kind")),
    )
    op.create_index(op.f("ix_chart_picture_drawn_at"), "chart_picture", ["drawn_at"], unique=False)
    for name, columns, where in (
        ("uq_chart_picture_provider", ["agency_id", "provider_id", "mark", "size"], OF_PROVIDER),
        ("uq_chart_picture_agency", ["agency_id", "mark", "size"], OF_AGENCY),
    ):
        op.create_index(name, "chart_picture", columns, unique=True, sqlite_where=where, postgresql_where=where)

    op.create_table(
        "issued_overview",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("what_changed", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(corrects_id IS NULL) = (what_changed IS NULL)",
            name=op.f("ck_issued_overview_correction_says_what_changed"),
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_issued_overview_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["agency_id", "corrects_id"],
            ["issued_overview.agency_id", "issued_overview.id"],
            name=op.f("fk_issued_overview_agency_id_corrects_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_issued_overview_agency_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["member.id"], name=op.f("fk_issued_overview_issued_by_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_issued_overview_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_overview")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_issued_overview_agency_id_id")),
        sa.UniqueConstraint("agency_id", "number", name=op.f("uq_issued_overview_agency_id_number")),
    )
    op.create_table(
        "issued_overview_file",
        sa.Column("issued_overview_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issued_overview_id"],
            ["issued_overview.id"],
            name=op.f("fk_issued_overview_file_issued_overview_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_overview_file")),
        sa.UniqueConstraint(
            "issued_overview_id",
            "kind",
            "language",
            name=op.f("uq_issued_overview_file_issued_overview_id_kind_language"),
        ),
    )
    op.create_index(op.f("ix_issued_overview_file_sha256"), "issued_overview_file", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_issued_overview_file_sha256"), table_name="issued_overview_file")
    op.drop_table("issued_overview_file")
    op.drop_table("issued_overview")
    for name in ("uq_chart_picture_agency", "uq_chart_picture_provider"):
        op.drop_index(name, table_name="chart_picture")
    _drop()
    op.create_table("chart_picture", *_columns(contract_is_optional=False))
    op.create_index(op.f("ix_chart_picture_drawn_at"), "chart_picture", ["drawn_at"], unique=False)


def _drop() -> None:
    op.drop_index(op.f("ix_chart_picture_drawn_at"), table_name="chart_picture")
    op.drop_table("chart_picture")


def _columns(*, contract_is_optional: bool) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=contract_is_optional),
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
    ]
