"""What a resident was told before an answer became due later; the open cases that wait for the agency, by an index.

Revision: 0027.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0027"
down_revision = "0023"
branch_labels = None
depends_on = None

WITH_AGENCY = sa.text("status = 'open' AND holder = 'agency' AND waiting_since IS NULL")


def upgrade() -> None:
    op.add_column("case", sa.Column("told_before", UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_case_with_agency",
        "case",
        ["agency_id", "submitted_at", "feedback_id"],
        sqlite_where=WITH_AGENCY,
        postgresql_where=WITH_AGENCY,
    )


def downgrade() -> None:
    op.drop_index("ix_case_with_agency", table_name="case")
    op.drop_column("case", "told_before")
