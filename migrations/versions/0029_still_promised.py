"""A day that a resident was told stays promised to them, where a clause that analysis proposes gives longer.

Revision: 0029.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case", sa.Column("still_promised", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("case", "still_promised")
