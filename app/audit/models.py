"""The audit, as tables: entries that are only ever added to, and how long each chain is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.rules import Doer, Facts, Verb
from app.kernel.database import Base, Row, check, choice, table

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


class AuditChain(Base):
    """How many entries an agency's chain has (the installation's: number 0), and the hash of the last one."""

    __tablename__ = "audit_chain"
    __table_args__ = (check("(id = 0) = (agency_id IS NULL) AND (agency_id IS NULL OR agency_id = id)", "is_its"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    length: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))


class AuditEntry(Row, Base):
    """One thing that somebody did or looked at: who, when, what. Triggers of the database refuse to change it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("uq_audit_entry_chain_number", "chain_id", "number", unique=True),
        Index("ix_audit_entry_newest", "chain_id", "at", "id"),
        Index("ix_audit_entry_feedback", "feedback_id", "at", "id"),
        Index("ix_audit_entry_member", "member_id", "at", "id"),
        check("number > 0", "number"),
    )

    chain_id: Mapped[int] = mapped_column(ForeignKey("audit_chain.id"))
    number: Mapped[int]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    at: Mapped[datetime]
    doer: Mapped[Doer] = mapped_column(choice(Doer))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    verb: Mapped[Verb] = mapped_column(choice(Verb))
    what: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int | None]
    feedback_id: Mapped[int | None]
    detail: Mapped[str] = mapped_column(String(200), default="")
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    @property
    def facts(self) -> Facts:
        return facts_of(self)


def facts_of(row: Any) -> Facts:
    """What a row of the audit says."""
    return Facts(
        agency_id=row.agency_id,
        at=row.at,
        doer=row.doer,
        member_id=row.member_id,
        verb=row.verb,
        what=row.what,
        subject_id=row.subject_id,
        feedback_id=row.feedback_id,
        detail=row.detail,
    )


@event.listens_for(table(AuditEntry), "after_create")
def guard(_table: object, connection: Connection, **_more: object) -> None:
    """Make the triggers with the table, for tests; installations get them from the migration."""
    for statement in TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
