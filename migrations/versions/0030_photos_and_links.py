"""Photos that wait to be looked at, by an index; what was opened by a provider's link; the address to which a link
was sent can be forgotten.

Revision: 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ADDRESS = "email_sealed BLOB"
CHECK, CONDITION = "ck_provider_link_letter_has_an_address", "token_sealed IS NULL OR email_sealed IS NOT NULL"
SAID = f", CONSTRAINT {CHECK} CHECK ({CONDITION})"


def upgrade() -> None:
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_photo_waiting", "photo", ["feedback_id"], sqlite_where=waiting, postgresql_where=waiting)
    op.add_column("link_disclosure", sa.Column("what", sa.String(40), nullable=False, server_default="contact"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("provider_link", "email_sealed", nullable=True)
        op.create_check_constraint(op.f(CHECK), "provider_link", CONDITION)
    else:
        rewrite_table(
            "provider_link", lambda sql: f"{sql[: sql.rindex(')')]}{SAID})".replace(f"{ADDRESS} NOT NULL", ADDRESS)
        )


def downgrade() -> None:
    # Where it was sent is not known any more, which an older version reads of what it cannot open.
    op.get_bind().execute(
        sa.text("UPDATE provider_link SET email_sealed = :none WHERE email_sealed IS NULL"), {"none": b""}
    )
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "provider_link", type_="check")
        op.alter_column("provider_link", "email_sealed", nullable=False)
    else:
        rewrite_table("provider_link", lambda sql: sql.replace(SAID, "").replace(ADDRESS, f"{ADDRESS} NOT NULL"))
    # Looks at photos cannot be told from looks at contact details by who comes before.
    op.execute("DELETE FROM link_disclosure WHERE what <> 'contact'")
    op.drop_column("link_disclosure", "what")
    op.drop_index("ix_photo_waiting", table_name="photo")


def rewrite_table(table: str, change) -> None:
    """Change constraints in SQLite's own record of a table, which leaves its rows and references untouched.

    The procedure is the one of https://www.sqlite.org/lang_altertable.html for changes of constraints alone.
    """
    connection = op.get_bind()
    known = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"
    after = change(connection.execute(sa.text(known), {"name": table}).scalar_one())
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": after, "name": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    wrong = connection.exec_driver_sql("PRAGMA quick_check").scalar_one()
    if wrong != "ok":
        raise RuntimeError(f"{table} could not be changed: {wrong}")
