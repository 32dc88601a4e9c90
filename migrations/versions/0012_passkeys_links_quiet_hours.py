"""Passkeys and quiet hours of members; a link to a provider is an event of its case.

Revision: 0012, after 0011.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NEW_EVENTS = ("link_sent", "link_revoked")
KINDS = re.compile(r"kind IN \(([^)]*'acknowledged'[^)]*)\)")
# Conditions stand with their column, as SQLite rebuilds a table that others refer to only by force.
QUIET = (
    ("quiet_from", "CONSTRAINT ck_member_quiet_from CHECK (quiet_from BETWEEN 0 AND 23)"),
    (
        "quiet_until",
        "CONSTRAINT ck_member_quiet_until CHECK (quiet_until BETWEEN 0 AND 23)"
        " CONSTRAINT ck_member_quiet_hours CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))",
    ),
)


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(2048), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_passkey_member_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("member_id", "name", name=op.f("uq_passkey_member_id_name")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkey_sign_count")),
    )
    for column, conditions in QUIET:
        op.execute(f"ALTER TABLE member ADD COLUMN {column} INTEGER {conditions}")
    events_are(lambda known: [*known, *NEW_EVENTS])


def downgrade() -> None:
    gone = quoted(list(NEW_EVENTS))
    op.execute(f"DELETE FROM event WHERE kind IN ({gone})")  # noqa: S608
    events_are(lambda known: [each for each in known if each not in NEW_EVENTS])
    for column, _conditions in reversed(QUIET):
        op.execute(f"ALTER TABLE member DROP COLUMN {column}")
    op.drop_table("passkey")


def events_are(change) -> None:
    """Change which kinds of events there are, whatever other migrations have added to them."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        (found,) = (
            each for each in sa.inspect(connection).get_check_constraints("event") if "acknowledged" in each["sqltext"]
        )
        kinds = named(found["sqltext"])
        op.drop_constraint(op.f(found["name"]), "event", type_="check")
        op.create_check_constraint(op.f(found["name"]), "event", f"kind IN ({quoted(change(kinds))})")
        return
    rewrite_table("event", lambda sql: re.sub(KINDS, lambda found: f"kind IN ({quoted(change(named(found[1])))})", sql))


def rewrite_table(table: str, change) -> None:
    """Change constraints in SQLite's own record of a table, which leaves its rows and references untouched.

    The procedure is the one of https://www.sqlite.org/lang_altertable.html for changes of constraints alone.
    """
    connection = op.get_bind()
    known = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"
    before = connection.execute(sa.text(known), {"name": table}).scalar_one()
    after = change(before)
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


def named(condition: str) -> list[str]:
    return re.findall(r"'(\w+)'", condition)


def quoted(kinds: list[str]) -> str:
    return ", ".join(f"'{each}'" for each in kinds)
