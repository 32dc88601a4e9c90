"""Why something is on hold, as its resident reads it; thresholds of the watch for unanswered questions.

What was on hold before is on hold for another reason that the law gives. Downwards, such thresholds are forgotten.

Revision: 0032, after 0031.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KINDS = ("verdict", "claim", "court", "inquiry", "other")
NEW = ("unanswered_questions", "unanswered_cases")
NAMES = r"name IN \(([^)]*)\)"
THRESHOLD = "ck_watch_threshold_threshold"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE hold ADD COLUMN kind VARCHAR(40) DEFAULT 'other' NOT NULL"
        f" CONSTRAINT ck_hold_holdkind CHECK (kind IN ({quoted(KINDS)}))"
    )
    thresholds_are(lambda known: [*known, *NEW])


def downgrade() -> None:
    op.execute(f"DELETE FROM watch_threshold WHERE name IN ({quoted(NEW)})")  # noqa: S608
    thresholds_are(lambda known: [each for each in known if each not in NEW])
    op.execute("ALTER TABLE hold DROP COLUMN kind")


def thresholds_are(change) -> None:
    """Change which thresholds there are, whatever other migrations have added to them."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        (found,) = (
            each
            for each in sa.inspect(connection).get_check_constraints("watch_threshold")
            if each["name"] == THRESHOLD
        )
        known = named(found["sqltext"])
        op.drop_constraint(op.f(THRESHOLD), "watch_threshold", type_="check")
        op.create_check_constraint(op.f(THRESHOLD), "watch_threshold", f"name IN ({quoted(change(known))})")
        return
    wanted = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'watch_threshold'"
    before = connection.execute(sa.text(wanted)).scalar_one()
    after = re.sub(NAMES, lambda found: f"name IN ({quoted(change(named(found[1])))})", before)
    # SQLite's own record of the table; https://www.sqlite.org/lang_altertable.html for changes of constraints alone.
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = 'watch_threshold'"), {"sql": after}
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    wrong = connection.exec_driver_sql("PRAGMA quick_check").scalar_one()
    if wrong != "ok":
        raise RuntimeError(f"the thresholds could not be changed: {wrong}")


def named(condition: str) -> list[str]:
    return re.findall(r"'(\w+)'", condition)


def quoted(names) -> str:
    return ", ".join(f"'{name}'" for name in names)
