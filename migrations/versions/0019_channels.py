"""Mailboxes that residents write to, the mails that came to them; who wants to be called; notices that were sent.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
# An agency's own rows; no provider sees one.
POLICIES = dict.fromkeys(("call_wish", "incoming_mail", "mail_photo", "mail_words", "mailbox", "notice"), MINE)


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("address_key", sa.String(length=254), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("takes_tags", sa.Boolean(), nullable=False),
        sa.Column("imap_url", sa.String(length=300), nullable=True),
        sa.Column("password_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("is_emptied", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=80), nullable=True),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(imap_url IS NULL) = (password_sealed IS NULL)", name=op.f("ck_mailbox_imap_has_a_password")
        ),
        sa.CheckConstraint("contract_id IS NULL OR site_id IS NOT NULL", name=op.f("ck_mailbox_contract_at_a_site")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contract_id"],
            ["contract.agency_id", "contract.id"],
            name=op.f("fk_mailbox_agency_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "site_id"], ["site.agency_id", "site.id"], name=op.f("fk_mailbox_agency_id_site_id")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_mailbox_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("address_key", name=op.f("uq_mailbox_address_key")),
    )
    op.create_index(op.f("ix_mailbox_agency_id"), "mailbox", ["agency_id"])
    op.create_table(
        "call_wish",
        sa.Column("feedback_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("wished_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name=op.f("ck_call_wish_done_by_somebody")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_call_wish_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_call_wish_agency_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["member.id"], name=op.f("fk_call_wish_done_by_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_call_wish")),
    )
    op.create_index(
        "ix_call_wish_waiting",
        "call_wish",
        ["agency_id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "notice",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("nth BETWEEN 1 AND 4", name=op.f("ck_notice_at_most_four")),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_notice_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_notice_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("feedback_id", "nth", name=op.f("uq_notice_feedback_id_nth")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_table(
        "incoming_mail",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("arrived_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("taken_in_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("feedback_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("sender_mark", sa.String(length=64), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'feedback', 'message', 'set_aside')", name=op.f("ck_incoming_mail_mailstate")
        ),
        sa.CheckConstraint(
            "why IN ('no_site', 'several_services', 'marked_as_spam', 'many_from_one', 'case_is_over', 'unreadable', 'empty', 'automatic', 'our_own', 'no_feedback', 'too_old')",
            name=op.f("ck_incoming_mail_mailreason"),
        ),
        sa.CheckConstraint(
            "(state = 'message') = (event_id IS NOT NULL)", name=op.f("ck_incoming_mail_message_is_named")
        ),
        sa.CheckConstraint(
            "(why IS NOT NULL) = (state IN ('waiting', 'set_aside'))", name=op.f("ck_incoming_mail_why")
        ),
        sa.CheckConstraint(
            "state <> 'feedback' OR feedback_id IS NOT NULL", name=op.f("ck_incoming_mail_feedback_is_named")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "event_id"], ["event.agency_id", "event.id"], name=op.f("fk_incoming_mail_agency_id_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_incoming_mail_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_incoming_mail_agency_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["member.id"], name=op.f("fk_incoming_mail_decided_by_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_incoming_mail_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mail")),
        sa.UniqueConstraint("agency_id", "id", name=op.f("uq_incoming_mail_agency_id_id")),
        sa.UniqueConstraint("agency_id", "message_key", name=op.f("uq_incoming_mail_agency_id_message_key")),
    )
    op.create_index(
        "ix_incoming_mail_feedback_id",
        "incoming_mail",
        ["feedback_id"],
        sqlite_where=sa.text("feedback_id IS NOT NULL"),
        postgresql_where=sa.text("feedback_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_incoming_mail_mailbox_id"), "incoming_mail", ["mailbox_id"])
    op.create_index(
        "ix_incoming_mail_sender_mark",
        "incoming_mail",
        ["sender_mark"],
        sqlite_where=sa.text("sender_mark IS NOT NULL"),
        postgresql_where=sa.text("sender_mark IS NOT NULL"),
    )
    op.create_index("ix_incoming_mail_state", "incoming_mail", ["agency_id", "state", "id"])
    op.create_table(
        "mail_photo",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=46), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0 AND bytes > 0", name=op.f("ck_mail_photo_size")),
        sa.ForeignKeyConstraint(
            ["agency_id", "mail_id"],
            ["incoming_mail.agency_id", "incoming_mail.id"],
            name=op.f("fk_mail_photo_agency_id_mail_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_mail_photo_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_mail_photo_name")),
    )
    op.create_index(op.f("ix_mail_photo_mail_id"), "mail_photo", ["mail_id"])
    op.create_table(
        "mail_words",
        sa.Column("mail_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("redacted", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sender_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "mail_id"],
            ["incoming_mail.agency_id", "incoming_mail.id"],
            name=op.f("fk_mail_words_agency_id_mail_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_mail_words_agency_id")),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail_words")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for name, condition in POLICIES.items():
            op.execute(f"CREATE POLICY second_wall ON {name} USING ({condition})")
            op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("mail_words")
    op.drop_table("mail_photo")
    op.drop_table("incoming_mail")
    op.drop_table("notice")
    op.drop_table("call_wish")
    op.drop_table("mailbox")
