"""Messages of cases are found by their words, like what was said first; what makes a case unread again by an index.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

from app.analysis.search import tokens

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STAFF_ONLY = ("opened", "kind_changed", "clause_changed", "taken_by", "noted", "verdict_checked")
AT_ONCE = 500


IS_RARE_NEWS = sa.text("kind IN ('reopened', 'added', 'resident_replied', 'handed_back')")


def upgrade() -> None:
    """Index what is there; what comes later is indexed as it is written. A message stands below zero, by its event."""
    op.create_index(
        "ix_event_news",
        "event",
        ["feedback_id", "at", "id"],
        sqlite_where=IS_RARE_NEWS,
        postgresql_where=IS_RARE_NEWS,
    )
    connection = op.get_bind()
    value = "to_tsvector('simple', :tokens)" if connection.dialect.name == "postgresql" else ":tokens"
    insert = sa.text(f"INSERT INTO feedback_search (rowid, tokens) VALUES (:id, {value})")  # noqa: S608  # two constants
    messages = sa.text(
        "SELECT message_words.event_id, message_words.redacted FROM message_words"
        " JOIN event ON event.id = message_words.event_id"
        " WHERE message_words.redacted IS NOT NULL AND event.kind NOT IN :staff_only AND event.id > :after"
        " ORDER BY event.id LIMIT :most"
    ).bindparams(sa.bindparam("staff_only", expanding=True))
    after = 0
    while rows := connection.execute(messages, {"staff_only": STAFF_ONLY, "after": after, "most": AT_ONCE}).all():
        connection.execute(insert, [{"id": -row.event_id, "tokens": " ".join(tokens(row.redacted))} for row in rows])
        after = rows[-1].event_id


def downgrade() -> None:
    op.drop_index("ix_event_news", "event")
    op.execute("DELETE FROM feedback_search WHERE rowid < 0")
