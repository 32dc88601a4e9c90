"""Promises, as a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Row, check, unless_null


class Promise(Row, Base):
    """A deed that must happen after the commit that wrote it.

    It is due from ``due_at``; a worker that takes it raises ``attempt`` and leases it until ``leased_until``; whoever
    writes its result must still hold that attempt. After too many tries it is dead, and staff see it.
    """

    __tablename__ = "promise"
    __table_args__ = (
        check("done_at IS NULL OR dead_at IS NULL", "done_or_dead"),
        unless_null("uq_promise_key", "key", unique=True),
        Index(
            "ix_promise_due",
            "due_at",
            sqlite_where=text("done_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND dead_at IS NULL"),
        ),
        Index(
            "ix_promise_dead",
            "dead_at",
            sqlite_where=text("dead_at IS NOT NULL"),
            postgresql_where=text("dead_at IS NOT NULL"),
        ),
    )

    # Whose staff see it when it fails; none for what belongs to the installation.
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    # Under a key a promise is made once, whoever asks again.
    key: Mapped[str | None] = mapped_column(String(120))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    # Only ever rises: whoever holds the newest attempt may write. ``tries`` starts again when staff retry.
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    # What went wrong last, without any person's data.
    last_error: Mapped[str | None] = mapped_column(Text)
