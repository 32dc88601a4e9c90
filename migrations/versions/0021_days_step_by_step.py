"""What a day counts is kept packed, with the steps on the way: exact at every moment, and quick to add up.

What was kept follows from the events: it goes, and the worker counts it anew.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NOW = "current_setting('answerable.sees', true)"
CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {NOW}"  # noqa: S608
POLICY = (
    f"{NOW} IN ('everything', 'agency ' || agency_id)"
    f" OR (starts_with({NOW}, 'provider ') AND contract_id IN ({CONTRACTS}))"
)


def upgrade() -> None:
    _make_anew(
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("clocks_from", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=False),
        sa.Column("feedback", sa.Integer(), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("part_steps", sa.LargeBinary(), nullable=False),
        sa.Column("clocks", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    _make_anew(
        sa.Column("valid_from", UtcDateTime(timezone=True), nullable=False),
        sa.Column("feedback", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("brief", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
    )


def _make_anew(*columns: sa.Column[object]) -> None:
    op.drop_table("contract_day")
    op.create_table(
        "contract_day",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *columns,
        sa.CheckConstraint("feedback >= 0", name=op.f("ck_contract_day_feedback")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_contract_day_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_contract_day_agency_id_contract_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "day", name=op.f("pk_contract_day")),
    )
    op.create_index(op.f("ix_contract_day_agency_id"), "contract_day", ["agency_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE POLICY second_wall ON contract_day USING ({POLICY})")
        op.execute("ALTER TABLE contract_day ENABLE ROW LEVEL SECURITY")
