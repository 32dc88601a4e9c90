"""What is proposed may wait until the provider can be told: its time to reply has no end before it has begun. Why
something is on hold, as its resident reads it. Thresholds of the watch for unanswered questions.

What was on hold before is on hold for another reason that the law gives. Downwards, what waits has had its time from
the judgement on, nobody is told anew, and such thresholds are forgotten.

Revision: 0032, after 0031.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

REPLY_ENDS, CONDITION = "ck_verdict_reply_has_an_end", "stage <> 'reply' OR reply_by IS NOT NULL"
KINDS = ("verdict", "claim", "court", "inquiry", "other")
NEW = ("unanswered_questions", "unanswered_cases")
NAMES = r"name IN \(([^)]*)\)"
THRESHOLD = "ck_watch_threshold_threshold"


def upgrade() -> None:
    if is_postgresql():
        op.drop_constraint(op.f(REPLY_ENDS), "verdict", type_="check")
    else:
        rewrite_table("verdict", without_the_end)
    op.execute(
        "ALTER TABLE hold ADD COLUMN kind VARCHAR(40) DEFAULT 'other' NOT NULL"
        f" CONSTRAINT ck_hold_holdkind CHECK (kind IN ({quoted(KINDS)}))"
    )
    thresholds_are(lambda known: [*known, *NEW])


def downgrade() -> None:
    op.execute(f"DELETE FROM watch_threshold WHERE name IN ({quoted(NEW)})")  # noqa: S608
    thresholds_are(lambda known: [each for each in known if each not in NEW])
    op.execute("ALTER TABLE hold DROP COLUMN kind")
    op.execute("UPDATE verdict SET reply_by = judged_at WHERE stage = 'reply' AND reply_by IS NULL")
    if is_postgresql():
        op.create_check_constraint(op.f(REPLY_ENDS), "verdict", CONDITION)
    else:
        rewrite_table("verdict", lambda sql: f"{sql[: sql.rindex(')')]}, CONSTRAINT {REPLY_ENDS} CHECK ({CONDITION}))")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def without_the_end(sql: str) -> str:
    """The record of the table without the condition, wherever in it that stands."""
    return re.sub(rf",\s*CONSTRAINT {REPLY_ENDS} CHECK \({re.escape(CONDITION)}\)", "", sql)


def thresholds_are(change) -> None:
    """Change which thresholds there are, whatever other migrations have added to them."""
    if not is_postgresql():
        rewrite_table(
            "watch_threshold",
            lambda sql: re.sub(NAMES, lambda found: f"name IN ({quoted(change(named(found[1])))})", sql),
        )
        return
    checks = sa.inspect(op.get_bind()).get_check_constraints("watch_threshold")
    known = next(named(each["sqltext"]) for each in checks if each["name"] == THRESHOLD)
    op.drop_constraint(op.f(THRESHOLD), "watch_threshold", type_="check")
    op.create_check_constraint(op.f(THRESHOLD), "watch_threshold", f"name IN ({quoted(change(known))})")


def rewrite_table(table: str, change) -> None:
    """Change constraints in SQLite's own record of a table, which leaves its rows and references untouched.

    The procedure is the one of https://www.sqlite.org/lang_altertable.html for changes of constraints alone.
    """
    connection = op.get_bind()
    wanted = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"
    before = connection.execute(sa.text(wanted), {"name": table}).scalar_one()
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


def named(condition: str) -> list[str]:
    return re.findall(r"'(\w+)'", condition)


def quoted(names) -> str:
    return ", ".join(f"'{name}'" for name in names)
