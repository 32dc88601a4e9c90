"""Photos that wait to be looked at, by an index; what was opened by a provider's link.

Revision: 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_photo_waiting", "photo", ["feedback_id"], sqlite_where=waiting, postgresql_where=waiting)
    op.add_column("link_disclosure", sa.Column("what", sa.String(40), nullable=False, server_default="contact"))


def downgrade() -> None:
    # Looks at photos cannot be told from looks at contact details by who comes before.
    op.execute("DELETE FROM link_disclosure WHERE what <> 'contact'")
    op.drop_column("link_disclosure", "what")
    op.drop_index("ix_photo_waiting", table_name="photo")
