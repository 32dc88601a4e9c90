"""The inbox in no time over a million feedback: whether each is unread, a verdict is still to be found and since when a
case is overdue is kept on it, and each view has an index of its own.

Revision: 0023, after 0021.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NEWEST = ["submitted_at", "feedback_id"]
LONGEST = ["overdue_from", "feedback_id"]

# Name, table, columns, of which rows (on SQLite a flag is said otherwise).
INDEXES = (
    ("ix_feedback_unread", "feedback", ["agency_id", "submitted_at", "id"], "is_unread", "is_unread = 1"),
    ("ix_feedback_suggestion", "feedback", ["agency_id", "submitted_at", "id"], "kind = 'suggestion'", None),
    (
        "ix_feedback_channel",
        "feedback",
        ["agency_id", "channel", "submitted_at", "id"],
        "channel NOT IN ('web', 'qr')",
        None,
    ),
    ("ix_tag_unsure", "tag", ["agency_id", "feedback_id"], "NOT is_sure", "is_sure = 0"),
    ("ix_case_status", "case", ["agency_id", "status", *NEWEST], None, None),
    ("ix_case_provider", "case", ["provider_id", *NEWEST], "provider_since IS NOT NULL", None),
    ("ix_case_provider_status", "case", ["provider_id", "status", *NEWEST], "provider_since IS NOT NULL", None),
    ("ix_case_unread", "case", ["provider_id", *NEWEST], "is_unread", "is_unread = 1"),
    ("ix_case_overdue", "case", ["agency_id", *LONGEST], "overdue_from IS NOT NULL", None),
    ("ix_case_provider_overdue", "case", ["provider_id", *LONGEST], "overdue_from IS NOT NULL", None),
    ("ix_case_waiting", "case", ["agency_id", *NEWEST], "waiting_since IS NOT NULL", None),
    ("ix_case_provider_waiting", "case", ["provider_id", *NEWEST], "waiting_since IS NOT NULL", None),
    ("ix_case_assignee", "case", ["assignee_id", *NEWEST], "assignee_id IS NOT NULL", None),
    ("ix_case_mine", "case", ["assignee_id", *NEWEST], "status = 'open'", None),
    (
        "ix_case_unanswered",
        "case",
        ["agency_id", "feedback_id"],
        "status = 'open' AND first_response_at IS NULL",
        None,
    ),
    ("ix_case_reopened", "case", ["agency_id", "status", *NEWEST], "status = 'open' AND times_reopened > 0", None),
    ("ix_case_to_judge", "case", ["agency_id", *NEWEST], "is_to_judge", "is_to_judge = 1"),
    ("ix_verdict_drawn", "verdict", ["agency_id", "stage", "checked_by_id"], "is_drawn", "is_drawn = 1"),
    ("ix_verdict_reply_by", "verdict", ["reply_by"], "reply_by IS NOT NULL", None),
    ("ix_verdict_contest_by", "verdict", ["contest_by"], "contest_by IS NOT NULL", None),
)
RARE = "kind IN ('reopened', 'added', 'resident_replied', 'handed_back')"

# Of the staff anybody has looked at it or dealt with it, letting it through apart.
SEEN = """
    EXISTS (SELECT 1 FROM event e WHERE e.feedback_id = feedback.id AND e.actor IN ('agency', 'provider')
        AND e.kind NOT IN ('held', 'released', 'set_aside', 'put_back'))
    OR EXISTS (SELECT 1 FROM look WHERE look.feedback_id = feedback.id)
"""
# Nobody of that side has looked or acted since ``news``.
UNSEEN = """
    NOT EXISTS (SELECT 1 FROM event l WHERE l.feedback_id = news.feedback_id AND l.actor IN ({actors})
        AND (l.at > news.at OR l.at = news.at AND l.id > news.id))
    AND NOT EXISTS (SELECT 1 FROM look WHERE look.feedback_id = news.feedback_id AND look.at >= news.at
        AND look.member_id IN (SELECT member_id FROM membership m WHERE {colleagues}))
"""
FROM_RESIDENTS = "news.actor = 'resident' AND news.kind IN ('reopened', 'added', 'resident_replied')"

READ_BY_AGENCY = f"UPDATE feedback SET is_unread = false WHERE {SEEN}"  # noqa: S608
NEWS_FOR_AGENCY = f"""
    UPDATE feedback SET is_unread = true WHERE id IN (
        SELECT news.feedback_id FROM event news WHERE news.{RARE}
        AND ({FROM_RESIDENTS} OR news.actor = 'provider' AND news.kind = 'handed_back')
        AND NOT EXISTS (
            SELECT 1 FROM "case" WHERE "case".feedback_id = news.feedback_id AND "case".holder = 'provider'
        )
        AND {UNSEEN.format(actors="'agency', 'provider'", colleagues="m.agency_id = news.agency_id")})
"""  # noqa: S608
OF_PROVIDERS = 'm.provider_id = (SELECT provider_id FROM "case" c WHERE c.feedback_id = news.feedback_id)'
UNREAD_BY_PROVIDER = """
    UPDATE "case" SET is_unread = true WHERE provider_since IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM event e WHERE e.feedback_id = "case".feedback_id AND e.actor = 'provider'
        AND NOT EXISTS (SELECT 1 FROM case_move v WHERE v.feedback_id = e.feedback_id
            AND (v.at > e.at OR v.at = e.at AND v.event_id > e.id)))
    AND NOT EXISTS (SELECT 1 FROM look WHERE look.feedback_id = "case".feedback_id
        AND look.member_id IN (SELECT member_id FROM membership m WHERE m.provider_id = "case".provider_id))
"""
NEWS_FOR_PROVIDER = f"""
    UPDATE "case" SET is_unread = true WHERE provider_since IS NOT NULL AND holder = 'provider' AND feedback_id IN (
        SELECT news.feedback_id FROM event news WHERE news.{RARE}
        AND ({FROM_RESIDENTS} OR news.actor = 'agency' AND news.kind = 'reopened')
        AND {UNSEEN.format(actors="'provider'", colleagues=OF_PROVIDERS)}
        UNION ALL
        SELECT news.feedback_id FROM event back JOIN event news ON news.feedback_id = back.feedback_id
        WHERE back.{RARE} AND back.kind = 'handed_back' AND news.kind = 'assigned'
        AND (news.at > back.at OR news.at = back.at AND news.id > back.id)
        AND {UNSEEN.format(actors="'provider'", colleagues=OF_PROVIDERS)})
"""  # noqa: S608
TO_JUDGE = """
    UPDATE "case" SET is_to_judge = true WHERE status IN ('resolved', 'rejected')
    AND NOT EXISTS (SELECT 1 FROM verdict WHERE verdict.feedback_id = "case".feedback_id)
"""
# The first of the limits that run: to answer until somebody has; to solve unless a question is out since before it fell.
ANSWER = "CASE WHEN first_response_at IS NULL THEN respond_by END"
SOLVE = "CASE WHEN waiting_since IS NULL OR resolve_by < waiting_since THEN resolve_by END"
OVERDUE = f"""
    UPDATE "case" SET overdue_from = CASE
        WHEN ({ANSWER}) <= ({SOLVE}) THEN {ANSWER} ELSE coalesce({SOLVE}, {ANSWER}) END
    WHERE status = 'open'
"""  # noqa: S608


def upgrade() -> None:
    op.add_column("feedback", sa.Column("is_unread", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("case", sa.Column("is_unread", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("case", sa.Column("is_to_judge", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("case", sa.Column("overdue_from", UtcDateTime(timezone=True), nullable=True))
    filling = (READ_BY_AGENCY, NEWS_FOR_AGENCY, UNREAD_BY_PROVIDER, NEWS_FOR_PROVIDER, TO_JUDGE, OVERDUE)
    for statement in filling:
        op.execute(statement)
    op.drop_index("ix_case_open", table_name="case")
    op.drop_index("ix_case_provider", table_name="case")
    op.drop_index("ix_case_assignee_id", table_name="case")
    for name, table, columns, condition, in_sqlite in INDEXES:
        op.create_index(
            name,
            table,
            columns,
            sqlite_where=sa.text(in_sqlite or condition) if condition else None,
            postgresql_where=sa.text(condition) if condition else None,
        )


def downgrade() -> None:
    for name, table, *_ in INDEXES:
        op.drop_index(name, table_name=table)
    op.create_index("ix_case_open", "case", ["agency_id", "status", "resolve_by"])
    op.create_index("ix_case_provider", "case", ["provider_id", "provider_since"])
    op.create_index("ix_case_assignee_id", "case", ["assignee_id"])
    for name in ("overdue_from", "is_to_judge", "is_unread"):
        op.drop_column("case", name)
    op.drop_column("feedback", "is_unread")
