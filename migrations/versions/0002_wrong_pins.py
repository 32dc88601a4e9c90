"""Wrong tries of the PIN that opens a tracking page.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pin_try",
        sa.Column("reference", sa.String(length=14), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_try")),
    )
    op.create_index("ix_pin_try_recent", "pin_try", ["reference", "at"])


def downgrade() -> None:
    op.drop_index("ix_pin_try_recent", table_name="pin_try")
    op.drop_table("pin_try")
