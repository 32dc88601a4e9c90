"""Ready phrases of an agency; translations by a machine.

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

from app.directory.phrases import USUAL
from app.kernel.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NOW = "current_setting('answerable.sees', true)"
MINE = f"{NOW} IN ('everything', 'agency ' || agency_id)"
ITS = "SELECT 1 FROM feedback WHERE feedback.id = translated_words.feedback_id"
POLICIES = {
    "phrase": MINE,
    "translated_words": f"{MINE} OR (starts_with({NOW}, 'provider ') AND EXISTS ({ITS}))",
}
PHRASE = sa.table("phrase", sa.column("agency_id", sa.Integer), sa.column("words", sa.JSON))


def upgrade() -> None:
    op.create_table(
        "phrase",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_phrase_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
    )
    op.create_index(op.f("ix_phrase_agency_id"), "phrase", ["agency_id"])
    op.create_table(
        "translated_words",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source_mark", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "event_id"],
            ["event.agency_id", "event.id"],
            name=op.f("fk_translated_words_agency_id_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "feedback_id"],
            ["feedback.agency_id", "feedback.id"],
            name=op.f("fk_translated_words_agency_id_feedback_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_translated_words_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translated_words")),
    )
    op.create_index("ix_translated_words_feedback_id", "translated_words", ["feedback_id"])
    op.create_index(
        "uq_translated_words_message",
        "translated_words",
        ["event_id", "language"],
        unique=True,
        sqlite_where=sa.text("event_id IS NOT NULL"),
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.create_index(
        "uq_translated_words_text",
        "translated_words",
        ["feedback_id", "language"],
        unique=True,
        sqlite_where=sa.text("event_id IS NULL"),
        postgresql_where=sa.text("event_id IS NULL"),
    )
    op.add_column("agency", sa.Column("translates", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Agencies that are there begin with the usual phrases, as new ones do.
    agencies = op.get_bind().execute(sa.text("SELECT id FROM agency ORDER BY id")).scalars().all()
    rows = [{"agency_id": agency_id, "words": dict(words)} for agency_id in agencies for words in USUAL]
    if rows:
        op.bulk_insert(PHRASE, rows)
    if op.get_bind().dialect.name == "postgresql":
        for name, condition in POLICIES.items():
            op.execute(f"CREATE POLICY second_wall ON {name} USING ({condition})")
            op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_column("agency", "translates")
    op.drop_table("translated_words")
    op.drop_table("phrase")
