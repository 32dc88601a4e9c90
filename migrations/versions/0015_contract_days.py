"""What each day of a contract counts, kept, and which feedback has changed since.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Agencies see their own; a provider's people those of its contracts.
NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
IS_PROVIDER = f"starts_with({NOW}, 'provider ')"
CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {NOW}"  # noqa: S608
OF_CHANGED = "SELECT 1 FROM feedback WHERE feedback.id = changed.feedback_id"
POLICIES = {
    "contract_day": f"{MINE} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))",
    "changed": f"{MINE} OR ({IS_PROVIDER} AND EXISTS ({OF_CHANGED})) OR ({IS_PROVIDER} AND left_contract_id IN ({CONTRACTS}))",
}


def upgrade() -> None:
    op.create_table(
        "contract_day",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", UtcDateTime(timezone=True), nullable=False),
        sa.Column("feedback", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("brief", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
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
    op.create_table(
        "changed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("left_contract_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(left_contract_id IS NULL) = (submitted_at IS NULL)", name=op.f("ck_changed_left")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_changed_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "left_contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_changed_agency_id_left_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_changed_agency_id_feedback_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for name, condition in POLICIES.items():
            op.execute(f"CREATE POLICY second_wall ON {name} USING ({condition})")
            op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in POLICIES:
            op.execute(f"DROP POLICY second_wall ON {name}")
    op.drop_table("changed")
    op.drop_table("contract_day")
