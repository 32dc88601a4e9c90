"""What is proposed may wait until the provider can be told: its time to reply has no end before it has begun.

Downwards, what waits has had its time from the judgement on; nobody is told anew.

Revision: 0031, after 0030.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

NAME, CONDITION = "ck_verdict_reply_has_an_end", "stage <> 'reply' OR reply_by IS NOT NULL"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(NAME), "verdict", type_="check")
        return
    rewrite_table("verdict", without_it)


def downgrade() -> None:
    op.execute("UPDATE verdict SET reply_by = judged_at WHERE stage = 'reply' AND reply_by IS NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.create_check_constraint(op.f(NAME), "verdict", CONDITION)
        return
    rewrite_table("verdict", lambda sql: f"{sql[: sql.rindex(')')]}, CONSTRAINT {NAME} CHECK ({CONDITION}))")


def without_it(sql: str) -> str:
    """The record of the table without the condition, wherever in it that stands."""
    return re.sub(rf",\s*CONSTRAINT {NAME} CHECK \({re.escape(CONDITION)}\)", "", sql)


def rewrite_table(table: str, change) -> None:
    """Change constraints in SQLite's own record of a table, which leaves its rows and references untouched.

    The procedure is the one of https://www.sqlite.org/lang_altertable.html for changes of constraints alone.
    """
    connection = op.get_bind()
    known = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"
    before = connection.execute(sa.text(known), {"name": table}).scalar_one()
    after = change(before)
    if after == before:
        raise RuntimeError(f"{table} is not as it was left")
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
