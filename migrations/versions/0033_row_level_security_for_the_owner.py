"""Row-level security holds for the owner of the tables too, and reports, figures and the audit are behind it.

Revision: 0033, after 0032.
"""

from alembic import op
from sqlalchemy import text

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
IS_PROVIDER = f"starts_with({NOW}, 'provider ')"
CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {NOW}"  # noqa: S608
OF_CONTRACT = f"{MINE} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))"
OF_PROVIDER = f"{MINE} OR 'provider ' || provider_id = {NOW}"
INSIDE = "EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {name}.{parent}_id)"

POLICIES = {
    "watch_threshold": MINE,
    "figure": OF_CONTRACT,
    "volume": OF_CONTRACT,
    "issued_report": f"{MINE} OR ({IS_PROVIDER} AND sent_at IS NOT NULL AND contract_id IN ({CONTRACTS}))",
    "issued_overview": OF_PROVIDER,
    "chart_picture": f"{OF_PROVIDER} OR ({IS_PROVIDER} AND contract_id IN ({CONTRACTS}))",
    **{
        name: INSIDE.format(name=name, parent=parent)
        for name, parent in (
            ("escalation_call", "escalation"),
            ("issued_file", "issued_report"),
            ("issued_overview_file", "issued_overview"),
            ("performance_notice", "issued_report"),
        )
    },
    "audit_entry": f"{MINE} OR (agency_id IS NULL AND what = 'member' AND {NOW} <> '')",
}
WALLED = text(
    "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, condition in POLICIES.items():
        op.execute(f"CREATE POLICY second_wall ON {name} USING ({condition})")
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY open_to_add ON audit_entry FOR INSERT WITH CHECK (true)")
    for name in op.get_bind().scalars(WALLED).all():
        op.execute(f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in op.get_bind().scalars(WALLED).all():
        op.execute(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
    op.execute("DROP POLICY open_to_add ON audit_entry")
    for name in POLICIES:
        op.execute(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")
        op.execute(f"DROP POLICY second_wall ON {name}")
