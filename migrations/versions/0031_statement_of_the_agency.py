"""The agency, too, says something to the report that it issues.

Revision: 0031, after 0030.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issued_report", sa.Column("agency_statement", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("issued_report", "agency_statement")
