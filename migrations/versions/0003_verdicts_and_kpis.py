"""Verdicts with the provider's reply; targets and KPIs from a date; figures, volumes and agreed actions of a contract.

Revision: 0003, after 0002.
"""

import re

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW_EVENTS = (
    "verdict_proposed",
    "verdict_answered",
    "verdict_contested",
    "verdict_checked",
    "followed",
)

# Written out as SQL, as SQLite adds a column with its constraint in no other way.
NEW_COLUMNS = (
    ("contract", "reply_days", "INTEGER DEFAULT 5 NOT NULL CONSTRAINT ck_contract_reply_days CHECK (reply_days > 0)"),
    (
        "contract",
        "contest_days",
        "INTEGER DEFAULT 10 NOT NULL CONSTRAINT ck_contract_contest_days CHECK (contest_days > 0)",
    ),
    (
        "contract",
        "confirm_days",
        "INTEGER DEFAULT 14 NOT NULL CONSTRAINT ck_contract_confirm_days CHECK (confirm_days > 0)",
    ),
    (
        "contract",
        "reopen_days",
        "INTEGER DEFAULT 90 NOT NULL CONSTRAINT ck_contract_reopen_days CHECK (reopen_days > 0)",
    ),
    ("contract", "calendar", "JSON"),
    ("contract", "value", "NUMERIC(14, 2) CONSTRAINT ck_contract_value CHECK (value IS NULL OR value >= 0)"),
    ("contract", "currency", "VARCHAR(3)"),
    ("contract", "is_small", "BOOLEAN DEFAULT FALSE NOT NULL"),
    ("clause", "calendar", "JSON"),
    (
        "kpi",
        "title",
        "JSON CONSTRAINT ck_kpi_entered_has_a_title CHECK ((measure = 'entered') = (title IS NOT NULL))",
    ),
    ("case", "confirm_days", "INTEGER DEFAULT 14 NOT NULL CONSTRAINT ck_case_confirm_days CHECK (confirm_days > 0)"),
    ("case", "follows_id", 'INTEGER CONSTRAINT fk_case_follows_id REFERENCES "case" (id)'),
)

KINDS = re.compile(r"kind IN \(([^)]*'acknowledged'[^)]*)\)")

CUT_OFFS_IN_ORDER = (
    "(direction = 'at_least' AND target >= approaching AND approaching >= inadequate)"
    " OR (direction = 'at_most' AND target <= approaching AND approaching <= inadequate)"
)


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    events_are(lambda known: [*known, *(each for each in NEW_EVENTS if each not in known)])
    for table, column, kind in NEW_COLUMNS:
        op.execute(f'ALTER TABLE "{table}" ADD COLUMN {column} {kind}')

    op.create_table(
        "clause_target",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("clause_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("respond_within_hours", sa.Double(), nullable=False),
        sa.Column("resolve_within_hours", sa.Double(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "respond_within_hours > 0 AND resolve_within_hours > 0", name=op.f("ck_clause_target_limits_are_positive")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_clause_target_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "clause_id"],
            ["clause.agency_id", "clause.id"],
            name=op.f("fk_clause_target_agency_id_clause_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_target")),
        sa.UniqueConstraint("clause_id", "starts_on", name=op.f("uq_clause_target_clause_id_starts_on")),
    )
    op.create_table(
        "kpi_target",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("kpi_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("basis", one_of("basis", "raw", "validated"), nullable=False),
        sa.Column("direction", one_of("direction", "at_least", "at_most"), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("approaching", sa.Double(), nullable=False),
        sa.Column("inadequate", sa.Double(), nullable=False),
        sa.Column("minimum_n", sa.Integer(), nullable=False),
        sa.Column("binds_from", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(CUT_OFFS_IN_ORDER, name=op.f("ck_kpi_target_cut_offs_in_order")),
        sa.CheckConstraint("minimum_n >= 0", name=op.f("ck_kpi_target_minimum_n")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_kpi_target_agency_id")),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi.id"], name=op.f("fk_kpi_target_kpi_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_target")),
        sa.UniqueConstraint("kpi_id", "starts_on", name=op.f("uq_kpi_target_kpi_id_starts_on")),
    )
    op.create_table(
        "figure",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("kpi_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.Column("source", one_of("source", "inspection", "provider_return"), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.String(length=255), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "numerator >= 0 AND numerator <= denominator AND denominator > 0", name=op.f("ck_figure_share")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_figure_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_figure_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_figure_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi.id"], name=op.f("fk_figure_kpi_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure")),
    )
    op.create_index("ix_figure_kpi", "figure", ["kpi_id", "starts_on"], unique=False)
    op.create_table(
        "volume",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_volume_units")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_volume_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_volume_agency_id_contract_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volume")),
        sa.UniqueConstraint("contract_id", "month", name=op.f("uq_volume_contract_id_month")),
    )
    op.create_table(
        "agreed_action",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=1000), nullable=False),
        sa.Column("side", one_of("holder", "agency", "provider"), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.Column("agreed_by_id", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(done_on IS NULL) = (done_by_id IS NULL)", name=op.f("ck_agreed_action_who_says_it_is_done")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agreed_action_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_agreed_action_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["member.id"], name=op.f("fk_agreed_action_agreed_by_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["member.id"], name=op.f("fk_agreed_action_done_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_action")),
    )
    op.create_index("ix_agreed_action_contract", "agreed_action", ["contract_id", "due_on"], unique=False)
    op.create_table(
        "verdict",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            one_of("verdictstage", "reply", "objected", "stands", "contested", "disputed", "decided"),
            nullable=False,
        ),
        sa.Column(
            "attribution",
            one_of("attribution", "provider", "agency", "third_party", "outside_contract", "unsubstantiated"),
            nullable=True,
        ),
        sa.Column("judged_by_id", sa.Integer(), nullable=True),
        sa.Column("judged_at", UtcDateTime(), nullable=False),
        sa.Column("reply_by", UtcDateTime(), nullable=True),
        sa.Column("contest_by", UtcDateTime(), nullable=True),
        sa.Column("is_drawn", sa.Boolean(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "checked_by_id IS NULL OR judged_by_id IS NULL OR checked_by_id <> judged_by_id",
            name=op.f("ck_verdict_second_person"),
        ),
        sa.CheckConstraint(
            "stage IN ('reply', 'objected') OR attribution IS NOT NULL", name=op.f("ck_verdict_attributes")
        ),
        sa.CheckConstraint("stage <> 'reply' OR reply_by IS NOT NULL", name=op.f("ck_verdict_reply_has_an_end")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_verdict_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_verdict_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["checked_by_id"], ["member.id"], name=op.f("fk_verdict_checked_by_id")),
        sa.ForeignKeyConstraint(["judged_by_id"], ["member.id"], name=op.f("fk_verdict_judged_by_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_verdict")),
    )
    op.create_index("ix_verdict_stage", "verdict", ["agency_id", "stage"], unique=False)
    # Verdicts that histories brought stand as they are.
    op.execute(
        """
        INSERT INTO verdict (feedback_id, agency_id, stage, attribution, judged_by_id, judged_at, is_drawn)
        SELECT feedback_id, agency_id, 'stands', attribution, member_id, at, FALSE
        FROM event AS latest
        WHERE kind = 'verdict' AND NOT EXISTS (
            SELECT 1 FROM event AS later
            WHERE later.feedback_id = latest.feedback_id AND later.kind = 'verdict'
            AND (later.at > latest.at OR (later.at = latest.at AND later.id > latest.id))
        )
        """
    )


def downgrade() -> None:
    op.drop_table("verdict")
    op.drop_table("agreed_action")
    op.drop_table("volume")
    op.drop_table("figure")
    op.drop_table("kpi_target")
    op.drop_table("clause_target")
    op.execute("DELETE FROM kpi WHERE measure = 'entered'")
    for table, column, kind in reversed(NEW_COLUMNS):
        drop_column(table, column, kind)
    gone = ", ".join(f"'{each}'" for each in NEW_EVENTS)
    op.execute(f"DELETE FROM message_words WHERE event_id IN (SELECT id FROM event WHERE kind IN ({gone}))")  # noqa: S608
    op.execute(f"DELETE FROM event WHERE kind IN ({gone})")  # noqa: S608
    events_are(lambda known: [each for each in known if each not in NEW_EVENTS])


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


def drop_column(table: str, column: str, kind: str) -> None:
    """SQLite drops no column that a constraint names: the column's own constraint goes first."""
    if op.get_bind().dialect.name == "sqlite":
        bare = kind.partition(" CONSTRAINT ")[0]
        rewrite_table(table, lambda sql: sql.replace(f"{column} {kind}", f"{column} {bare}"))
    op.execute(f'ALTER TABLE "{table}" DROP COLUMN {column}')


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
