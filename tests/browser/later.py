"""Lets time pass for a contract: ``python -m tests.browser.later C-004 30``.

Server and worker go by the real clock, so instead all that has happened under the contract is put so many hours back,
and all that is promised about it comes so much sooner.
"""

import sys
from datetime import timedelta

from sqlalchemy import select, update

from app import create_app
from app.directory.models import Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.database import Base, UtcDateTime
from app.outbox.models import Promise
from app.web.transactions import begin_writing

ONLY_ADDED_TO = "audit_entry"


def put_back(contract: str, passed: timedelta) -> None:
    mine = select(Feedback.id).join(Contract).where(Contract.reference == contract)
    ids = set(db.session.scalars(mine))
    for table in Base.metadata.sorted_tables:
        of = table.c.id if table.name == "feedback" else table.c.get("feedback_id")
        moments = [column for column in table.c if isinstance(column.type, UtcDateTime)]
        if of is None or not moments or table.name == ONLY_ADDED_TO:
            continue
        for row in db.session.execute(select(table).where(of.in_(ids))).mappings():
            here = [key == row[key] for key in table.primary_key]
            sooner = {each.name: row[each] - passed for each in moments if row[each] is not None}
            if sooner:
                db.session.execute(update(table).where(*here).values(sooner))
    for promised in db.session.scalars(select(Promise).where(Promise.due_at > clock.now())):
        if promised.payload.get("feedback_id") in ids:
            promised.due_at -= passed


if __name__ == "__main__":
    with create_app().app_context():
        begin_writing()
        put_back(sys.argv[1], timedelta(hours=float(sys.argv[2])))
        db.session.commit()
