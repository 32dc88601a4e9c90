"""What looks like spam is held for review; how much was sent lately is counted.

Revision: 0016, after 0015. On the way down what is held becomes feedback as any other, of which no case was opened:
nothing that a resident sent is lost.
"""

import re

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NEW_EVENTS = ("held", "released", "set_aside", "put_back")
KINDS = re.compile(r"kind IN \(([^)]*'acknowledged'[^)]*)\)")

NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
IS_PROVIDER = f"starts_with({NOW}, 'provider ')"
CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {NOW}"  # noqa: S608
BEFORE = f"{MINE} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))"
AFTER = f"{MINE} OR ({IS_PROVIDER} AND NOT is_held AND contract_id IN ({CONTRACTS}))"


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    moment = "TIMESTAMP WITH TIME ZONE" if is_postgresql else "DATETIME"
    op.execute("ALTER TABLE feedback ADD COLUMN is_held BOOLEAN DEFAULT FALSE NOT NULL")
    # The condition stands with its column, as SQLite rebuilds a table that others refer to only by force.
    op.execute(
        f"ALTER TABLE feedback ADD COLUMN released_at {moment}"
        " CONSTRAINT ck_feedback_released CHECK (released_at IS NULL OR NOT is_held)"
    )
    op.create_table(
        "suspicion",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("set_aside_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("set_aside_at IS NULL OR NOT is_waiting", name=op.f("ck_suspicion_set_aside")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_suspicion_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_suspicion_agency_id_feedback_id"),
        ),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_suspicion")),
    )
    op.create_index(
        "ix_suspicion_waiting",
        "suspicion",
        ["agency_id"],
        sqlite_where=sa.text("is_waiting"),
        postgresql_where=sa.text("is_waiting"),
    )
    op.create_table(
        "sent_count",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "scope", "mark", name=op.f("pk_sent_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "daily_salt",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_salt")),
    )
    events_are(lambda known: [*known, *NEW_EVENTS])
    if is_postgresql:
        wall("feedback", AFTER)
        op.execute(f"CREATE POLICY second_wall ON suspicion USING ({MINE})")
        op.execute("ALTER TABLE suspicion ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        wall("feedback", BEFORE)
        op.execute("DROP POLICY second_wall ON suspicion")
    op.execute("UPDATE feedback SET kind = 'rating' WHERE is_held AND kind = 'complaint'")
    op.execute(f"DELETE FROM event WHERE kind IN ({quoted(list(NEW_EVENTS))})")  # noqa: S608
    events_are(lambda known: [each for each in known if each not in NEW_EVENTS])
    for name in ("daily_salt", "sent_count", "suspicion"):
        op.drop_table(name)
    op.execute("ALTER TABLE feedback DROP COLUMN released_at")
    op.execute("ALTER TABLE feedback DROP COLUMN is_held")


def wall(table: str, condition: str) -> None:
    op.execute(f"DROP POLICY second_wall ON {table}")
    op.execute(f"CREATE POLICY second_wall ON {table} USING ({condition})")


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
