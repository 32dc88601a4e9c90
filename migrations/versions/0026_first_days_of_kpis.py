"""From which day a KPI was agreed; of those that are there, as before, from their contract's first day on.

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("kpi", sa.Column("starts_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("kpi", "starts_on")
