"""Telling somebody in time that a limit comes near: what is due is promised every minute, and told once."""

from datetime import datetime

from sqlalchemy import insert, select, update

from app.cases import escalation_rules
from app.cases.actions import calendar_of, facts_of, lock, next_step_at, told_of
from app.cases.calling_staff import call, concerned_by_limit
from app.cases.history import fold
from app.cases.models import Case, Escalation, EscalationCall
from app.extensions import db
from app.kernel import clock
from app.kernel.database import table
from app.outbox.actions import promise

AT_ONCE = 500
"""So many cases are promised in a minute; of more the rest follow in the next."""


def promise_due(now: datetime) -> None:
    """Promise to see to the cases of which a step is reached: once for each moment and state of a case."""
    due = select(Case.agency_id, Case.feedback_id, Case.escalate_at, Case.version).where(Case.escalate_at <= now)
    for agency_id, feedback_id, at, version in db.session.execute(due.order_by(Case.escalate_at).limit(AT_ONCE)):
        key = f"case.escalate:{feedback_id}:{version}:{at}"
        promise("case.escalate", agency_id=agency_id, key=key, feedback_id=feedback_id)


def escalate(case: Case) -> None:
    """Write down which steps are reached now, call whom they concern, and note when the next one is.

    Of several steps of a limit that are reached the highest is told. What was paused, answered or ended meanwhile is
    not: where the case stands is read again from its events. A form that somebody has open on the case stays good.
    """
    lock(case, None)
    now, calendar, state = clock.now(), calendar_of(case), fold(facts_of(case))
    told = told_of(case.feedback_id)
    for of in escalation_rules.running(state, case.respond_within_hours, case.resolve_within_hours):
        step = escalation_rules.step_at(calendar, case.submitted_at, of, now)
        if step > told.get(of.limit, 0):
            _tell(case, of, step, now)
    # Past the session, as the version of the case is for what people see of it.
    at = next_step_at(case, calendar, state, told_of(case.feedback_id))
    db.session.execute(update(table(Case)).where(table(Case).c.id == case.id).values(escalate_at=at))
    db.session.expire(case, ["escalate_at"])


def _tell(case: Case, of: escalation_rules.Running, step: int, now: datetime) -> None:
    reached = Escalation(
        agency_id=case.agency_id, feedback_id=case.feedback_id, limit_kind=of.limit, step=step, told_at=now
    )
    db.session.add(reached)
    db.session.flush()
    members = concerned_by_limit(case, step)
    if members:
        calls = [{"escalation_id": reached.id, "member_id": member_id} for member_id in members]
        db.session.execute(insert(EscalationCall), calls)
    call(case, members, now)
