"""Both sides say something about what was agreed: notes, that it is done, what is missing.

Revision: 0022, after 0021.

Agreed actions go behind the second wall, with what is said about them.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
IS_PROVIDER = f"starts_with({NOW}, 'provider ')"
CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {NOW}"  # noqa: S608
ITS = "SELECT 1 FROM agreed_action WHERE agreed_action.id = agreed_action_note.agreed_action_id"
POLICIES = {
    "agreed_action": f"{MINE} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))",
    "agreed_action_note": f"{MINE} OR ({IS_PROVIDER} AND EXISTS ({ITS}))",
}


def upgrade() -> None:
    op.create_index("uq_agreed_action_agency_id_id", "agreed_action", ["agency_id", "id"], unique=True)
    op.create_table(
        "agreed_action_note",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("agreed_action_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("said", sa.String(length=1000), nullable=True),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("by_name", sa.String(length=255), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step IN ('noted', 'said_done', 'missing', 'accepted')", name=op.f("ck_agreed_action_note_actionstep")
        ),
        sa.CheckConstraint("side IN ('agency', 'provider')", name=op.f("ck_agreed_action_note_holder")),
        sa.CheckConstraint(
            "step IN ('said_done', 'accepted') OR said IS NOT NULL",
            name=op.f("ck_agreed_action_note_says_something"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "agreed_action_id"],
            ["agreed_action.agency_id", "agreed_action.id"],
            name=op.f("fk_agreed_action_note_agency_id_agreed_action_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agreed_action_note_agency_id")),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_agreed_action_note_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_action_note")),
    )
    op.create_index("ix_agreed_action_note_agreed_action_id", "agreed_action_note", ["agreed_action_id"])
    if op.get_bind().dialect.name == "postgresql":
        for name, condition in POLICIES.items():
            op.execute(f"CREATE POLICY second_wall ON {name} USING ({condition})")
            op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE agreed_action DISABLE ROW LEVEL SECURITY")
        op.execute("DROP POLICY second_wall ON agreed_action")
    op.drop_table("agreed_action_note")
    op.drop_index("uq_agreed_action_agency_id_id", "agreed_action")
