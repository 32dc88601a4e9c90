"""The area of a site, calls that a hotline handed over with its number and deadline, and cases that
were moved to another contract.

Revision: 0011, after 0010.
"""

import re

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

HOTLINE = "hotline"
CHANNELS = r"channel IN \(([^)]*)\)"

NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
WALLED = ("case_move", "hotline_call")


def policy(name: str) -> str:
    its = f"SELECT 1 FROM feedback WHERE feedback.id = {name}.feedback_id"  # noqa: S608
    return f"{MINE} OR (starts_with({NOW}, 'provider ') AND EXISTS ({its}))"


def upgrade() -> None:
    op.add_column("site", sa.Column("area", sa.JSON(), nullable=True))
    channels_are(lambda known: [*known, HOTLINE])
    op.create_table(
        "hotline_call",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("number_key", sa.String(length=60), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("text_mark", sa.String(length=64), nullable=True),
        sa.Column("taken_in_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_hotline_call_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_hotline_call_agency_id_feedback_id"),
        ),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_hotline_call")),
        sa.UniqueConstraint("agency_id", "number_key", name=op.f("uq_hotline_call_agency_id_number_key")),
    )
    op.create_table(
        "case_move",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("from_contract_id", sa.Integer(), nullable=True),
        sa.Column("to_contract_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("clause_id", sa.Integer(), nullable=True),
        sa.Column("respond_within_hours", sa.Double(), nullable=True),
        sa.Column("resolve_within_hours", sa.Double(), nullable=True),
        sa.Column("confirm_days", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "from_contract_id IS NULL OR from_contract_id <> to_contract_id", name=op.f("ck_case_move_to_another")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_case_move_agency_id")),
        *(
            sa.ForeignKeyConstraint(
                ["agency_id", f"{column}"],
                [f"{table}.agency_id", f"{table}.id"],
                name=op.f(f"fk_case_move_agency_id_{column}"),
            )
            for column, table in (
                ("feedback_id", "feedback"),
                ("event_id", "event"),
                ("from_contract_id", "contract"),
                ("to_contract_id", "contract"),
                ("clause_id", "clause"),
            )
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_case_move_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_move")),
        sa.UniqueConstraint("event_id", name=op.f("uq_case_move_event_id")),
    )
    op.create_index(op.f("ix_case_move_feedback_id"), "case_move", ["feedback_id"])
    op.create_index("ix_case_move_at", "case_move", ["at"])
    if op.get_bind().dialect.name == "postgresql":
        for name in WALLED:
            op.execute(f'CREATE POLICY second_wall ON "{name}" USING ({policy(name)})')
            op.execute(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')


def downgrade() -> None:
    op.drop_table("case_move")
    op.drop_table("hotline_call")
    # What a hotline took down came by phone.
    op.execute("UPDATE feedback SET channel = 'phone' WHERE channel = 'hotline'")
    channels_are(lambda known: [each for each in known if each != HOTLINE])
    op.drop_column("site", "area")


def channels_are(change) -> None:
    """Change which channels there are, whatever other migrations have added to them."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        (found,) = (
            each for each in sa.inspect(connection).get_check_constraints("feedback") if "'qr'" in each["sqltext"]
        )
        kinds = quoted(change(named(found["sqltext"])))
        op.drop_constraint(op.f(found["name"]), "feedback", type_="check")
        op.create_check_constraint(op.f(found["name"]), "feedback", f"channel IN ({kinds})")
        return
    rewrite_table(
        "feedback",
        lambda sql: re.sub(CHANNELS, lambda found: f"channel IN ({quoted(change(named(found[1])))})", sql),
    )


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


def named(condition: str) -> list[str]:
    return re.findall(r"'(\w+)'", condition)


def quoted(kinds: list[str]) -> str:
    return ", ".join(f"'{each}'" for each in kinds)
