"""Where a site is, for those who look for the nearest one; and how an agency is reached.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Conditions stand with their column, as SQLite rebuilds a table that others refer to only by force.
COLUMNS = (
    ("latitude", "CONSTRAINT ck_site_latitude CHECK (latitude BETWEEN -90 AND 90)"),
    (
        "longitude",
        "CONSTRAINT ck_site_longitude CHECK (longitude BETWEEN -180 AND 180)"
        " CONSTRAINT ck_site_position CHECK ((latitude IS NULL) = (longitude IS NULL))",
    ),
)


def upgrade() -> None:
    op.add_column("agency", sa.Column("contact", sa.String(200), nullable=True))
    double = sa.Double().compile(dialect=op.get_bind().dialect)
    for column, conditions in COLUMNS:
        op.execute(f"ALTER TABLE site ADD COLUMN {column} {double} {conditions}")


def downgrade() -> None:
    for column, _conditions in reversed(COLUMNS):
        op.execute(f"ALTER TABLE site DROP COLUMN {column}")
    op.drop_column("agency", "contact")
