"""The audit, in chains of entries that are only ever added to; signing in in two steps; what is
deleted when; row-level security on PostgreSQL.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER audit_entry_is_not_changed BEFORE UPDATE ON audit_entry"
        " BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END",
        "CREATE TRIGGER audit_entry_is_not_removed BEFORE DELETE ON audit_entry"
        " BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit is only ever added to'; END $$",
        "CREATE TRIGGER audit_entry_is_not_changed BEFORE UPDATE OR DELETE ON audit_entry"
        " FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to()",
        "CREATE TRIGGER audit_entry_is_not_emptied BEFORE TRUNCATE ON audit_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()",
    ),
}


NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {NOW}"  # noqa: S608
IS_PROVIDER = f"starts_with({NOW}, 'provider ')"
OF_FEEDBACK = (
    "concern correction disclosure escalation event feedback_words hold look photo provider_link reading sample tag"
    " tracking_link verdict"
)


def with_parent(parent: str, name: str) -> str:
    its = f"SELECT 1 FROM {parent} WHERE {parent}.id = {name}.{parent}_id"  # noqa: S608
    return f"{MINE} OR ({IS_PROVIDER} AND EXISTS ({its}))"


POLICIES = {
    "feedback": f"{MINE} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))",
    "case": f"{MINE} OR 'provider ' || provider_id = {NOW} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))",
    **{name: with_parent("feedback", name) for name in OF_FEEDBACK.split()},
    "message_words": with_parent("event", "message_words"),
    "link_disclosure": MINE,
}


def upgrade() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(id = 0) = (agency_id IS NULL) AND (agency_id IS NULL OR agency_id = id)",
            name=op.f("ck_audit_chain_is_its"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_audit_chain_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("chain_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("doer", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("feedback_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_entry_number")),
        sa.CheckConstraint(
            "doer IN ('member', 'resident', 'guest', 'system', 'command')", name=op.f("ck_audit_entry_doer")
        ),
        sa.CheckConstraint(
            "verb IN ('added', 'changed', 'removed', 'opened', 'found', 'exported', 'taken_in', 'erased', 'signed_in',"
            " 'signed_out', 'rotated')",
            name=op.f("ck_audit_entry_verb"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_audit_entry_agency_id")),
        sa.ForeignKeyConstraint(["chain_id"], ["audit_chain.id"], name=op.f("fk_audit_entry_chain_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_audit_entry_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("uq_audit_entry_chain_number", "audit_entry", ["chain_id", "number"], unique=True)
    op.create_index("ix_audit_entry_newest", "audit_entry", ["chain_id", "at", "id"])
    op.create_index("ix_audit_entry_feedback", "audit_entry", ["feedback_id", "at", "id"])
    op.create_index("ix_audit_entry_member", "audit_entry", ["member_id", "at", "id"])
    op.add_column("member", sa.Column("tf_primary_method", sa.String(length=20), nullable=True))
    op.add_column("member", sa.Column("tf_totp_secret", sa.String(length=255), nullable=True))
    op.add_column("member", sa.Column("mf_recovery_codes", sa.JSON(), nullable=True))
    op.add_column("member", sa.Column("two_step_counter", sa.Integer(), nullable=True))
    # The default stays, as SQLite rebuilds a table that others refer to only by force.
    op.add_column("agency", sa.Column("two_steps_optional", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "hold",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("placed_by_id", sa.Integer(), nullable=False),
        sa.Column("placed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > placed_at", name=op.f("ck_hold_ends_after_it_began")),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name=op.f("ck_hold_lifted_by_somebody")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_hold_agency_id")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_hold_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["placed_by_id"], ["member.id"], name=op.f("fk_hold_placed_by_id")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["member.id"], name=op.f("fk_hold_lifted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_feedback_id"), "hold", ["feedback_id"])
    op.add_column("feedback_words", sa.Column("erase_asked_at", UtcDateTime(timezone=True), nullable=True))
    # Few among many: those that wait for what stands in the way of deleting them.
    filled = sa.text("erase_asked_at IS NOT NULL")
    op.create_index(
        "ix_feedback_words_erase_asked_at",
        "feedback_words",
        ["erase_asked_at"],
        sqlite_where=filled,
        postgresql_where=filled,
    )
    op.add_column("agency", sa.Column("retention", sa.JSON(), nullable=True))
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        for name, condition in POLICIES.items():
            op.execute(f'CREATE POLICY second_wall ON "{name}" USING ({condition})')
            op.execute(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in reversed(POLICIES):
            op.execute(f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY')
            op.execute(f'DROP POLICY second_wall ON "{name}"')
    op.drop_column("agency", "retention")
    op.drop_index("ix_feedback_words_erase_asked_at", "feedback_words")
    op.drop_column("feedback_words", "erase_asked_at")
    op.drop_table("hold")
    op.drop_column("agency", "two_steps_optional")
    for name in ("two_step_counter", "mf_recovery_codes", "tf_totp_secret", "tf_primary_method"):
        op.drop_column("member", name)
    op.drop_table("audit_entry")
    op.drop_table("audit_chain")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_only_added_to()")
