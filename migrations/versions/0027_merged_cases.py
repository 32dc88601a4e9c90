"""The cases that were merged into another are found by an index: their residents hear what becomes of it.

Revision: 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_merged = sa.text("duplicate_of_id IS NOT NULL")
    op.create_index(
        "ix_case_duplicate_of", "case", ["duplicate_of_id"], sqlite_where=is_merged, postgresql_where=is_merged
    )


def downgrade() -> None:
    op.drop_index("ix_case_duplicate_of", table_name="case")
