"""Moving a case to another contract of the agency: there it counts as if it had been sent about that one.

What it stood on before is kept (``CaseMove``), so that a report as of an earlier moment says what it said then.
"""

from app.analysis.models import Tag
from app.cases import rules, verdict_rules
from app.cases.actions import calendar_of, facts_of, freeze, lock, record, state_of
from app.cases.models import Case, CaseMove, Event, Verdict
from app.cases.provider_links import revoke_those_of
from app.cases.verdict_actions import stand_when_due
from app.directory.models import Agency, Contract
from app.extensions import db
from app.intake import actions as intake
from app.kernel.errors import MoveNotAllowed, ThingUnknown
from app.kernel.periods import day_of
from app.kernel.words import Actor, EventKind


def move(
    case: Case, to: Contract, reason: str, *, member_id: int, is_manager: bool, version: int | None = None
) -> Event:
    """Put an open case under another contract, with a reason that only the agency reads.

    Where a verdict was found, which ends with it, only a manager may. It is with the agency then, under the clause
    that is about what it says, with the limits that held on the day of its submission. A link to it ends, a verdict is
    over, what was shared with another provider is shared no more. ``ThingUnknown`` where the contract is another
    agency's, ``MoveNotAllowed`` where it was not in force on that day, is the case's own already, the case was brought
    in from a file, which says where it belongs, or only a manager may.
    """
    lock(case, version)
    stand_when_due(case)
    feedback, agency = case.feedback, db.session.get_one(Agency, case.agency_id)
    day = day_of(case.submitted_at, agency.timezone)
    if to.agency_id != case.agency_id:
        raise ThingUnknown("a contract of another agency")
    if case.is_imported or to.id == case.contract_id or not rules.can_hold(to, day):
        raise MoveNotAllowed("the case cannot be moved to this contract")
    state, happened = state_of(case)
    rules.check_move(state, happened, EventKind.MOVED, Actor.AGENCY)
    if verdict_rules.is_moved_by_the_manager(verdict_rules.read(facts_of(case))) and not is_manager:
        raise MoveNotAllowed("a verdict was found: a manager moves it")

    before = CaseMove(
        agency_id=case.agency_id,
        feedback_id=case.feedback_id,
        from_contract_id=case.contract_id,
        to_contract_id=to.id,
        provider_id=case.provider_id,
        clause_id=case.clause_id,
        respond_within_hours=case.respond_within_hours,
        resolve_within_hours=case.resolve_within_hours,
        confirm_days=case.confirm_days,
        calendar=case.calendar,
    )
    revoke_those_of(case.feedback_id, member_id)
    verdict = db.session.get(Verdict, case.feedback_id)
    if verdict is not None:
        db.session.delete(verdict)
    if to.provider_id != case.provider_id:
        intake.unshare(feedback)
    told = case.promised
    case.still_promised = None
    with db.session.no_autoflush:
        _put_under(case, to, agency)
        feedback.contract_id = to.id
        event = record(
            case, EventKind.MOVED, Actor.AGENCY, member_id=member_id, message=reason, changed_to=to.reference, told=told
        )
    before.event_id, before.at = event.id, event.at
    db.session.add(before)
    db.session.flush()
    db.session.expire(case, ["contract", "clause"])
    db.session.expire(feedback, ["contract"])
    return event


def _put_under(case: Case, to: Contract, agency: Agency) -> None:
    """The terms of a contract, as a new case about it would have begun with them on the day of the submission."""
    tag = db.session.get(Tag, case.feedback_id)
    clause = rules.clause_about(to.clauses, tag.aspects if tag else ()) or next(iter(to.clauses), None)
    case.contract_id, case.provider_id, case.provider_since = to.id, to.provider_id, None
    case.confirm_days = to.confirm_days
    case.calendar = (clause.calendar if clause else None) or to.calendar or agency.calendar
    limits = clause.limits_on(day_of(case.submitted_at, agency.timezone)) if clause else None
    freeze(
        case,
        calendar_of(case),
        clause.id if clause else None,
        limits.respond_within_hours if limits else None,
        limits.resolve_within_hours if limits else None,
    )
