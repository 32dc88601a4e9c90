"""Pictures of charts about several contracts: of a provider's, or of all of an agency.

What was drawn is thrown away, both ways: it is drawn again by whoever looks.

Revision: 0014, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0014"
down_revision = "0010"
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


def downgrade() -> None:
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
