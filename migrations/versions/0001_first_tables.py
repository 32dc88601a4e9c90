"""The first tables: directory, accounts, intake, analysis, cases, outbox, digest, and the index of redacted text.

Revision: 0001, after none.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("calendar", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("emergency_number", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("slug", name=op.f("uq_agency_slug")),
    )
    op.create_table(
        "member",
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("invited_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("email", name=op.f("uq_member_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_member_fs_uniquifier")),
    )
    op.create_table(
        "pin_try",
        sa.Column("reference", sa.String(length=14), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_try")),
    )
    op.create_index("ix_pin_try_recent", "pin_try", ["reference", "at"], unique=False)
    op.create_table(
        "provider",
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "firm", "social_organisation", name="providerkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("slug", name=op.f("uq_provider_slug")),
    )
    op.create_table(
        "security_role",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_role")),
        sa.UniqueConstraint("name", name=op.f("uq_security_role_name")),
    )
    op.create_table(
        "contract",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("service", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("waiting_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_contract_starts_before_it_ends")),
        sa.CheckConstraint("waiting_days >= 0", name=op.f("ck_contract_waiting_days")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_contract_agency_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_contract_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_contract_agency_id_id")),
        sa.UniqueConstraint("agency_id", "reference", name=op.f("uq_contract_agency_id_reference")),
    )
    op.create_index(op.f("ix_contract_provider_id"), "contract", ["provider_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "officer",
                "manager",
                "staff",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role IN ('viewer', 'officer', 'manager') AND agency_id IS NOT NULL AND provider_id IS NULL) OR (role = 'staff' AND provider_id IS NOT NULL AND agency_id IS NULL) OR (role = 'administrator' AND agency_id IS NULL AND provider_id IS NULL)",
            name=op.f("ck_membership_role_fits_the_house"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_membership_agency_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_membership_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_membership_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_agency_id"), "membership", ["agency_id"], unique=False)
    op.create_index(op.f("ix_membership_provider_id"), "membership", ["provider_id"], unique=False)
    op.create_index("uq_membership_agency", "membership", ["member_id", "agency_id"], unique=True)
    op.create_index("uq_membership_provider", "membership", ["member_id", "provider_id"], unique=True)
    op.create_table(
        "promise",
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("dead_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("done_at IS NULL OR dead_at IS NULL", name=op.f("ck_promise_done_or_dead")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_promise_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(
        "uq_promise_key",
        "promise",
        ["key"],
        unique=True,
        sqlite_where=sa.text("key IS NOT NULL"),
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_index(
        "ix_promise_dead",
        "promise",
        ["dead_at"],
        unique=False,
        sqlite_where=sa.text("dead_at IS NOT NULL"),
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
    op.create_index(
        "ix_promise_due",
        "promise",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "site",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_site_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_site_agency_id_id")),
        sa.UniqueConstraint("code_key", name=op.f("uq_site_code_key")),
    )
    op.create_index(op.f("ix_site_agency_id"), "site", ["agency_id"], unique=False)
    op.create_table(
        "clause",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("aspects", sa.JSON(), nullable=False),
        sa.Column("respond_within_hours", sa.Double(), nullable=False),
        sa.Column("resolve_within_hours", sa.Double(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "respond_within_hours > 0 AND resolve_within_hours > 0", name=op.f("ck_clause_limits_are_positive")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_clause_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_clause_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_clause_agency_id_id")),
        sa.UniqueConstraint("contract_id", "code", name=op.f("uq_clause_contract_id_code")),
    )
    op.create_table(
        "contract_site",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_contract_site_starts_before_it_ends")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_contract_site_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "site_id"], ["site.agency_id", "site.id"], name=op.f("fk_contract_site_agency_id_site_id")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_contract_site_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_site")),
        sa.UniqueConstraint(
            "contract_id", "site_id", "starts_on", name=op.f("uq_contract_site_contract_id_site_id_starts_on")
        ),
    )
    op.create_index(op.f("ix_contract_site_contract_id"), "contract_site", ["contract_id"], unique=False)
    op.create_index(op.f("ix_contract_site_site_id"), "contract_site", ["site_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=14), nullable=False),
        sa.Column("external_reference", sa.String(length=80), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "rating",
                "complaint",
                "suggestion",
                "compliment",
                name="feedbackkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "web",
                "qr",
                "phone",
                "email",
                "sms",
                "letter",
                "api",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("has_text", sa.Boolean(), nullable=False),
        sa.Column("is_reachable", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=True),
        sa.Column("content_mark", sa.String(length=64), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name=op.f("ck_feedback_rating")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_feedback_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "site_id"], ["site.agency_id", "site.id"], name=op.f("fk_feedback_agency_id_site_id")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_feedback_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_feedback_agency_id_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_feedback_reference")),
        sa.UniqueConstraint("site_id", "idempotency_key", name=op.f("uq_feedback_site_id_idempotency_key")),
    )
    op.create_index("ix_feedback_newest", "feedback", ["agency_id", "submitted_at", "id"], unique=False)
    op.create_index("ix_feedback_cohort", "feedback", ["contract_id", "submitted_at"], unique=False)
    op.create_index(
        "uq_feedback_external_reference",
        "feedback",
        ["contract_id", "external_reference"],
        unique=True,
        sqlite_where=sa.text("external_reference IS NOT NULL"),
        postgresql_where=sa.text("external_reference IS NOT NULL"),
    )
    op.create_table(
        "kpi",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column(
            "basis",
            sa.Enum("raw", "validated", name="basis", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "direction",
            sa.Enum("at_least", "at_most", name="direction", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("approaching", sa.Double(), nullable=False),
        sa.Column("inadequate", sa.Double(), nullable=False),
        sa.Column("minimum_n", sa.Integer(), nullable=False),
        sa.Column("binds_from", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(direction = 'at_least' AND target >= approaching AND approaching >= inadequate) OR (direction = 'at_most' AND target <= approaching AND approaching <= inadequate)",
            name=op.f("ck_kpi_cut_offs_in_order"),
        ),
        sa.CheckConstraint("minimum_n >= 0", name=op.f("ck_kpi_minimum_n")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_kpi_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_kpi_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi")),
        sa.UniqueConstraint("contract_id", "code", name=op.f("uq_kpi_contract_id_code")),
    )
    op.create_table(
        "subscription",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("unsubscribe_token", sa.String(length=64), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_subscription_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_subscription_agency_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_subscription_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("unsubscribe_token", name=op.f("uq_subscription_unsubscribe_token")),
    )
    op.create_index(
        "uq_subscription_agency",
        "subscription",
        ["member_id", "agency_id"],
        unique=True,
        sqlite_where=sa.text("contract_id IS NULL"),
        postgresql_where=sa.text("contract_id IS NULL"),
    )
    op.create_index(
        "uq_subscription_contract",
        "subscription",
        ["member_id", "agency_id", "contract_id"],
        unique=True,
        sqlite_where=sa.text("contract_id IS NOT NULL"),
        postgresql_where=sa.text("contract_id IS NOT NULL"),
    )
    op.create_table(
        "case",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("clause_id", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "resolved",
                "rejected",
                "withdrawn",
                "duplicate",
                name="casestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "holder",
            sa.Enum("agency", "provider", name="holder", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("provider_since", UtcDateTime(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("respond_within_hours", sa.Double(), nullable=True),
        sa.Column("resolve_within_hours", sa.Double(), nullable=True),
        sa.Column("calendar", sa.JSON(), nullable=False),
        sa.Column("respond_by", UtcDateTime(), nullable=True),
        sa.Column("resolve_by", UtcDateTime(), nullable=True),
        sa.Column("first_response_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("waiting_since", UtcDateTime(), nullable=True),
        sa.Column("times_reopened", sa.Integer(), nullable=False),
        sa.Column("last_event_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'duplicate') = (duplicate_of_id IS NOT NULL) OR is_imported", name=op.f("ck_case_duplicate_of")
        ),
        sa.CheckConstraint("holder = 'agency' OR provider_id IS NOT NULL", name=op.f("ck_case_holder_exists")),
        sa.ForeignKeyConstraint(
            ["agency_id", "clause_id"], ["clause.agency_id", "clause.id"], name=op.f("fk_case_agency_id_clause_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_case_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "duplicate_of_id"],
            ["case.agency_id", "case.id"],
            name=op.f("fk_case_agency_id_duplicate_of_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_case_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_case_agency_id")),
        sa.ForeignKeyConstraint(["assignee_id"], ["member.id"], name=op.f("fk_case_assignee_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_case_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_case_agency_id_id")),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_case_feedback_id")),
    )
    op.create_index(op.f("ix_case_assignee_id"), "case", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_case_contract_id"), "case", ["contract_id"], unique=False)
    op.create_index("ix_case_open", "case", ["agency_id", "status", "resolve_by"], unique=False)
    op.create_index("ix_case_provider", "case", ["provider_id", "provider_since"], unique=False)
    op.create_table(
        "disclosure",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_disclosure_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_disclosure_agency_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_disclosure_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index(op.f("ix_disclosure_feedback_id"), "disclosure", ["feedback_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "acknowledged",
                "assigned",
                "handed_back",
                "replied",
                "asked",
                "resident_replied",
                "resumed",
                "resolved",
                "confirmed",
                "rated",
                "reopened",
                "rejected",
                "withdrawn",
                "duplicate",
                "moved",
                "verdict",
                "opened",
                "kind_changed",
                "clause_changed",
                "taken_by",
                "noted",
                "added",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "actor",
            sa.Enum(
                "system",
                "agency",
                "provider",
                "resident",
                name="actor",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column(
            "attribution",
            sa.Enum(
                "provider",
                "agency",
                "third_party",
                "outside_contract",
                "unsubstantiated",
                name="attribution",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("changed_to", sa.String(length=80), nullable=True),
        sa.Column("has_message", sa.Boolean(), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'verdict') = (attribution IS NOT NULL)", name=op.f("ck_event_verdict_attributes")),
        sa.CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name=op.f("ck_event_rating")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_event_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_event_agency_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_event_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_event_agency_id_id")),
    )
    op.create_index("ix_event_history", "event", ["feedback_id", "at", "id"], unique=False)
    op.create_index(
        "uq_event_imported",
        "event",
        ["feedback_id", "at", "kind", "actor"],
        unique=True,
        sqlite_where=sa.text("is_imported"),
        postgresql_where=sa.text("is_imported"),
    )
    op.create_table(
        "feedback_words",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_mark", sa.String(length=64), nullable=True),
        sa.Column("phone_mark", sa.String(length=64), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_feedback_words_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_feedback_words_agency_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_feedback_words")),
    )
    op.create_index(
        "ix_feedback_words_email_mark",
        "feedback_words",
        ["email_mark"],
        unique=False,
        sqlite_where=sa.text("email_mark IS NOT NULL"),
        postgresql_where=sa.text("email_mark IS NOT NULL"),
    )
    op.create_index(
        "ix_feedback_words_phone_mark",
        "feedback_words",
        ["phone_mark"],
        unique=False,
        sqlite_where=sa.text("phone_mark IS NOT NULL"),
        postgresql_where=sa.text("phone_mark IS NOT NULL"),
    )
    op.create_table(
        "look",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_look_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_look_agency_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_look_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
        sa.UniqueConstraint("feedback_id", "member_id", name=op.f("uq_look_feedback_id_member_id")),
    )
    op.create_table(
        "reading",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "sentiment",
            sa.Enum(
                "negative",
                "neutral",
                "positive",
                name="sentiment",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("negative", sa.Double(), nullable=False),
        sa.Column("neutral", sa.Double(), nullable=False),
        sa.Column("positive", sa.Double(), nullable=False),
        sa.Column("aspects", sa.JSON(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("redacted", sa.Text(), nullable=False),
        sa.Column("pii", sa.JSON(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "negative BETWEEN 0 AND 1 AND neutral BETWEEN 0 AND 1 AND positive BETWEEN 0 AND 1",
            name=op.f("ck_reading_probabilities"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_reading_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_reading_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("feedback_id", "version", name=op.f("uq_reading_feedback_id_version")),
    )
    op.create_table(
        "sending",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("promised_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_sending_subscription_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
        sa.UniqueConstraint("subscription_id", "period_start", name=op.f("uq_sending_subscription_id_period_start")),
    )
    op.create_table(
        "tracking_link",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("pin_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_tracking_link_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_tracking_link_agency_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_tracking_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tracking_link_token_hash")),
    )
    op.create_table(
        "message_words",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("redacted", sa.Text(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "event_id"], ["event.agency_id", "event.id"], name=op.f("fk_message_words_agency_id_event_id")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_message_words_agency_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_message_words")),
    )
    op.create_table(
        "tag",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "sentiment",
            sa.Enum(
                "negative",
                "neutral",
                "positive",
                name="sentiment",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("aspects", sa.JSON(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("redacted", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_tag_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_tag_agency_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_tag_reading_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_tag")),
    )
    op.create_index("ix_tag_sentiment", "tag", ["agency_id", "sentiment"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE feedback_search (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_feedback_search ON feedback_search USING gin (tokens)")
    else:
        op.execute("CREATE VIRTUAL TABLE feedback_search USING fts5(tokens, tokenize = 'unicode61')")


def downgrade() -> None:
    op.execute("DROP TABLE feedback_search")
    op.drop_index("ix_tag_sentiment", table_name="tag")
    op.drop_table("tag")
    op.drop_table("message_words")
    op.drop_table("tracking_link")
    op.drop_table("sending")
    op.drop_table("reading")
    op.drop_table("look")
    op.drop_index("ix_feedback_words_phone_mark", table_name="feedback_words")
    op.drop_index("ix_feedback_words_email_mark", table_name="feedback_words")
    op.drop_table("feedback_words")
    op.drop_index(
        "uq_event_imported",
        table_name="event",
        sqlite_where=sa.text("is_imported"),
        postgresql_where=sa.text("is_imported"),
    )
    op.drop_index("ix_event_history", table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_disclosure_feedback_id"), table_name="disclosure")
    op.drop_table("disclosure")
    op.drop_index("ix_case_provider", table_name="case")
    op.drop_index("ix_case_open", table_name="case")
    op.drop_index(op.f("ix_case_contract_id"), table_name="case")
    op.drop_index(op.f("ix_case_assignee_id"), table_name="case")
    op.drop_table("case")
    op.drop_index(
        "uq_subscription_contract",
        table_name="subscription",
        sqlite_where=sa.text("contract_id IS NOT NULL"),
        postgresql_where=sa.text("contract_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_subscription_agency",
        table_name="subscription",
        sqlite_where=sa.text("contract_id IS NULL"),
        postgresql_where=sa.text("contract_id IS NULL"),
    )
    op.drop_table("subscription")
    op.drop_table("kpi")
    op.drop_index("uq_feedback_external_reference", table_name="feedback")
    op.drop_index("ix_feedback_cohort", table_name="feedback")
    op.drop_index("ix_feedback_newest", table_name="feedback")
    op.drop_table("feedback")
    op.drop_index(op.f("ix_contract_site_site_id"), table_name="contract_site")
    op.drop_index(op.f("ix_contract_site_contract_id"), table_name="contract_site")
    op.drop_table("contract_site")
    op.drop_table("clause")
    op.drop_index(op.f("ix_site_agency_id"), table_name="site")
    op.drop_table("site")
    op.drop_index(
        "ix_promise_due",
        table_name="promise",
        sqlite_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.drop_index(
        "ix_promise_dead",
        table_name="promise",
        sqlite_where=sa.text("dead_at IS NOT NULL"),
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
    op.drop_index("uq_promise_key", table_name="promise")
    op.drop_table("promise")
    op.drop_index("uq_membership_provider", table_name="membership")
    op.drop_index("uq_membership_agency", table_name="membership")
    op.drop_index(op.f("ix_membership_provider_id"), table_name="membership")
    op.drop_index(op.f("ix_membership_agency_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_contract_provider_id"), table_name="contract")
    op.drop_table("contract")
    op.drop_table("security_role")
    op.drop_table("provider")
    op.drop_index("ix_pin_try_recent", table_name="pin_try")
    op.drop_table("pin_try")
    op.drop_table("member")
    op.drop_table("agency")
