"""Searching redacted text in both languages: words, and pairs of Han characters, behind one pair of functions.

Trigram indexes find nothing for Chinese words of two characters, so Han runs are cut into overlapping pairs here and
both databases index the same tokens: FTS5 in SQLite, a tsvector in PostgreSQL. What a feedback says stands under its
own number, what was written later about it under the number of the event, below zero.
"""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, SQLColumnExpression, event, func, select, text
from sqlalchemy.sql import column, table

from app.extensions import db
from app.kernel.database import Base

WORD = re.compile(r"[㐀-鿿豈-﫿]+|[^\W_]+", re.UNICODE)
HAN = re.compile(r"[㐀-鿿豈-﫿]")
MAX_TOKENS = 4_000

CREATE = {
    "sqlite": ("CREATE VIRTUAL TABLE feedback_search USING fts5(tokens, tokenize = 'unicode61')",),
    "postgresql": (
        "CREATE TABLE feedback_search (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        "CREATE INDEX ix_feedback_search ON feedback_search USING gin (tokens)",
    ),
}
DROP = "DROP TABLE IF EXISTS feedback_search"


@event.listens_for(Base.metadata, "after_create")
def create(_metadata: object, connection: Connection, **_more: object) -> None:
    """Make the index with the tables, for tests; installations get it from the first migration."""
    for statement in CREATE[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "before_drop")
def drop(_metadata: object, connection: Connection, **_more: object) -> None:
    connection.exec_driver_sql(DROP)


def tokens(words: str) -> list[str]:
    """The tokens under which ``words`` is found: lower-case words, Han runs as overlapping pairs and single signs."""
    found: list[str] = []
    for run in WORD.findall(unicodedata.normalize("NFKC", words).casefold()):
        if HAN.match(run):
            found += list(run)
            found += [run[i : i + 2] for i in range(len(run) - 1)]
        else:
            found.append(run)
        if len(found) > MAX_TOKENS:
            break
    return found


def asked_tokens(words: str) -> list[str]:
    """What a query must find: as ``tokens``, but of a Han run only its pairs, unless it is a single sign."""
    asked: list[str] = []
    for run in WORD.findall(unicodedata.normalize("NFKC", words).casefold())[:20]:
        if HAN.match(run):
            asked += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        else:
            asked.append(run)
    return asked


def index(feedback_id: int, redacted: str) -> None:
    """Make ``redacted`` findable under ``feedback_id``, in place of what was there."""
    forget(feedback_id)
    insert_many([(feedback_id, redacted)])


def insert_many(rows: list[tuple[int, str]]) -> None:
    """Index many texts that were not indexed before."""
    if not rows:
        return
    value = "to_tsvector('simple', :tokens)" if _dialect() == "postgresql" else ":tokens"
    db.session.execute(
        text(f"INSERT INTO feedback_search (rowid, tokens) VALUES (:id, {value})"),  # noqa: S608  # two constants
        [{"id": feedback_id, "tokens": " ".join(tokens(redacted))} for feedback_id, redacted in rows],
    )


def insert_messages(rows: list[tuple[int, str]]) -> None:
    """Index redacted messages, each with the id of its event; only what both sides of a case may read."""
    insert_many([(-event_id, redacted) for event_id, redacted in rows])


def forget(feedback_id: int) -> None:
    db.session.execute(text("DELETE FROM feedback_search WHERE rowid = :id"), {"id": feedback_id})


def forget_message(event_id: int) -> None:
    forget(-event_id)


def matching(words: str) -> Select[Any] | None:
    """What redacted text holds all of ``words``, the last one as a beginning; None for no words.

    Gives ids of feedback and, below zero, of events. The caller narrows to what its viewer may see.
    """
    asked = asked_tokens(words)
    if not asked:
        return None
    found = table("feedback_search", column("rowid"))
    if _dialect() == "postgresql":
        query = " & ".join(f"'{word}'" for word in asked[:-1]) + (" & " if asked[1:] else "") + f"'{asked[-1]}':*"
        return select(found.c.rowid).where(text("tokens @@ to_tsquery('simple', :asked)").bindparams(asked=query))
    query = " ".join(f'"{word}"' for word in asked[:-1]) + f' "{asked[-1]}"*'
    return select(found.c.rowid).where(text("feedback_search MATCH :asked").bindparams(asked=query.strip()))


def first(matches: Select[Any]) -> Select[Any]:
    """The same, found along the index of words before anything else is asked of it.

    PostgreSQL would else read all that there is from its newest on, in the hope that it soon has enough.
    """
    return matches.offset(0) if _dialect() == "postgresql" else matches


def holds(column: SQLColumnExpression[str], part: str, number: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Over a table known by ``number``: its short text holds another as it stands.

    Each database in the way in which it asks a million soonest: PostgreSQL row by row, SQLite along an index of them.
    """
    if _dialect() == "postgresql":
        return func.strpos(column, part) > 0
    return number.in_(select(number).where(func.instr(column, part) > 0).correlate(None))


def _dialect() -> str:
    return str(db.session.get_bind().dialect.name)
