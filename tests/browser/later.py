"""Lets time pass for a contract of a place.

Server and worker go by the real clock, so instead all that has happened under the contract is put so many hours back,
and all that is promised about it comes so much sooner.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, delete, event, insert, select, update

from app import models
from app.directory.models import Contract
from app.intake.models import Feedback
from app.kernel.database import Base, UtcDateTime
from app.measures.models import Changed, ContractDay
from app.outbox.models import Promise

assert models, "every table is known"
LEFT_ALONE = {"audit_entry", "changed"}
"""What is only ever added to: the audit, and notes of days to be counted anew, which name days as they were."""


def put_back(database: Path, contract: str, passed: timedelta) -> None:
    """All that is kept about the feedback of a contract becomes so much older."""
    engine = create_engine(f"sqlite:///{database}", connect_args={"timeout": 20, "isolation_level": None})
    # What is read here must still be so when it is written.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        columns = Feedback.agency_id, Feedback.id, Feedback.contract_id, Feedback.submitted_at
        mine = select(*columns).join(Contract, Contract.id == Feedback.contract_id)
        before = connection.execute(mine.where(Contract.reference == contract)).all()
        ids = {feedback_id for _, feedback_id, _, _ in before}
        for table in Base.metadata.sorted_tables:
            of = table.c.id if table.name == "feedback" else table.c.get("feedback_id")
            moments = [column for column in table.c if isinstance(column.type, UtcDateTime)]
            if of is None or not moments or table.name in LEFT_ALONE:
                continue
            for row in connection.execute(select(table).where(of.in_(ids))).mappings().all():
                here = [key == row[key] for key in table.primary_key]
                sooner = {each.name: row[each] - passed for each in moments if row[each] is not None}
                if sooner:
                    connection.execute(update(table).where(*here).values(sooner))
        # Both its days, that of before and that of now, are counted anew, also where the worker is at it this moment.
        changed = [
            {"agency_id": agency_id, "feedback_id": feedback_id, "left_contract_id": left, "submitted_at": at}
            for agency_id, feedback_id, contract_id, submitted_at in before
            for left, at in ((None, None), (contract_id, submitted_at))
        ]
        if changed:
            connection.execute(insert(Changed), changed)
        of_contract = select(Contract.id).where(Contract.reference == contract)
        connection.execute(delete(ContractDay).where(ContractDay.contract_id.in_(of_contract)))
        promised = select(Promise.id, Promise.payload, Promise.due_at).where(Promise.due_at > datetime.now(UTC))
        for promise_id, payload, due_at in connection.execute(promised).all():
            if payload.get("feedback_id") in ids:
                connection.execute(update(Promise).where(Promise.id == promise_id).values(due_at=due_at - passed))
    engine.dispose()
