"""What a resident was told before an answer became due later; the open cases that wait for the
agency, and those under no contract, by indexes.

Revision: 0024.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEXES = (
    (
        "ix_case_with_agency",
        ["agency_id", "status", "holder", "submitted_at", "feedback_id"],
        sa.text("status = 'open' AND holder = 'agency' AND waiting_since IS NULL"),
    ),
    (
        "ix_case_without_contract",
        ["agency_id", "status", "contract_id"],
        sa.text("status = 'open' AND contract_id IS NULL"),
    ),
)


def upgrade() -> None:
    op.add_column("case", sa.Column("told_before", UtcDateTime(timezone=True), nullable=True))
    for name, columns, which in INDEXES:
        op.create_index(name, "case", columns, sqlite_where=which, postgresql_where=which)


def downgrade() -> None:
    for name, _columns, _which in INDEXES:
        op.drop_index(name, table_name="case")
    op.drop_column("case", "told_before")
