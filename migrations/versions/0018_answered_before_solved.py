"""Nothing has to be answered later than it has to be solved; why a safeguarding concern was raised, closed or
released; names of KPIs from a day on; the version of a case that the last thing a person did made of it;
everyday words for a service.

Revision: 0018, after 0017.

A clause that gave longer for the answer than for the solution gives, for new cases, as long for the one as for the
other: whoever says that it is solved has answered. What is open or over keeps the limits it began with.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LIMITED = ("clause", "clause_target")
REASONS = ("reason", "close_reason", "release_reason")
IN_ORDER = "respond_within_hours <= resolve_within_hours"


def upgrade() -> None:
    for name in LIMITED:
        op.execute(
            f"UPDATE {name} SET respond_within_hours = resolve_within_hours"  # noqa: S608
            " WHERE respond_within_hours > resolve_within_hours"
        )
        add_check(name, f"ck_{name}_answered_before_solved", IN_ORDER)
    for reason in REASONS:
        op.add_column("concern", sa.Column(reason, sa.String(length=300), nullable=True))
    op.add_column("case", sa.Column("acted_version", sa.Integer(), nullable=False, server_default="1"))
    op.execute('UPDATE "case" SET acted_version = version')
    op.add_column("contract", sa.Column("also_called", sa.JSON(), nullable=True))
    op.create_table(
        "kpi_name",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("kpi_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_kpi_name_agency_id")),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi.id"], name=op.f("fk_kpi_name_kpi_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_name")),
        sa.UniqueConstraint("kpi_id", "starts_on", name=op.f("uq_kpi_name_kpi_id_starts_on")),
    )


def downgrade() -> None:
    op.drop_table("kpi_name")
    op.drop_column("case", "acted_version")
    op.drop_column("contract", "also_called")
    for reason in REASONS:
        op.drop_column("concern", reason)
    for name in LIMITED:
        drop_check(name, f"ck_{name}_answered_before_solved", IN_ORDER)


def add_check(table: str, name: str, condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_check_constraint(op.f(name), table, condition)
    else:
        rewrite_table(table, lambda sql: f"{sql[: sql.rindex(')')]}, {said(name, condition)})")


def drop_check(table: str, name: str, condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
    else:
        rewrite_table(table, lambda sql: sql.replace(f", {said(name, condition)}", ""))


def said(name: str, condition: str) -> str:
    return f"CONSTRAINT {name} CHECK ({condition})"


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
