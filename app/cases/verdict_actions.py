"""Whom a complaint is attributable to: the agency judges, the provider replies and may contest, a manager decides.

Each step is an event of the case, so that it raises its version: of two who judge at once, one is told.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.analysis import concerns
from app.cases import verdict_rules
from app.cases.actions import calendar_of, facts_of, lock, record
from app.cases.calling_staff import call, call_provider, managers_of
from app.cases.inbox_marks import settle
from app.cases.models import Case, Event, Verdict
from app.cases.opening_links import has_people, is_theirs, latest_link
from app.cases.verdict_rules import Standing
from app.directory.rules import CONTEST_DAYS, REPLY_DAYS
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Actor, Attribution, EventKind, VerdictStage
from app.kernel.working_time import add_hours
from app.outbox.actions import promise

Stage = VerdictStage


def judge(
    case: Case,
    attribution: Attribution,
    grounds: str,
    *,
    member_id: int,
    is_manager: bool,
    version: int | None = None,
) -> Event:
    """Find whom the complaint is attributable to, with grounds that the provider reads.

    The provider is only proposed, where it has not had its reply: it has the contract's reply days from now on, and
    sees the case. Where nobody of it signs in, they begin when a link goes out, and the verdict waits until then.
    ``MoveNotAllowed`` where that is the verdict already, or only a manager may go on.
    """
    lock(case, version)
    stand_when_due(case)
    standing = standing_of(case)
    if verdict_rules.is_for_the_manager(standing) and not is_manager:
        raise MoveNotAllowed("a manager decides")
    if not may_decide(case, standing, member_id):
        raise MoveNotAllowed("another manager decides, who neither judged nor gave the second look")
    if attribution == Attribution.PROVIDER and case.provider_id is None:
        raise MoveNotAllowed("no provider is under contract")
    if attribution == Attribution.PROVIDER and concerns.standing(case.feedback_id) is not None:
        raise MoveNotAllowed("the provider cannot reply to what a safeguarding concern hides")
    step = verdict_rules.step_of(standing, attribution)
    if step == EventKind.VERDICT:
        return _find(case, attribution, message=grounds, member_id=member_id)
    event = record(case, step, Actor.AGENCY, member_id=member_id, message=grounds)
    reply_by = _let_reply(case, event, since=event.at)
    _write(case, stage=Stage.REPLY, judged_by_id=member_id, judged_at=event.at, reply_by=reply_by)
    call_provider(case)
    return event


def agree(case: Case, *, member_id: int | None, version: int | None = None) -> Event:
    """The provider accepts what is proposed: the verdict stands."""
    lock(case, version)
    stand_when_due(case)
    _check(verdict_rules.may_answer(standing_of(case)), "nothing is proposed")
    by = _proposed_by(case)
    record(case, EventKind.VERDICT_ANSWERED, Actor.PROVIDER, member_id=member_id, changed_to=verdict_rules.AGREED)
    return _find(case, Attribution.PROVIDER, member_id=by, after=verdict_rules.AGREED)


def object_to(case: Case, reasons: str, *, member_id: int | None, version: int | None = None) -> Event:
    """The provider says why it is not its own; whoever judged reads it and judges again."""
    lock(case, version)
    stand_when_due(case)
    _check(verdict_rules.may_answer(standing_of(case)), "nothing is proposed")
    event = record(
        case,
        EventKind.VERDICT_ANSWERED,
        Actor.PROVIDER,
        member_id=member_id,
        message=reasons,
        changed_to=verdict_rules.OBJECTED,
    )
    verdict = _verdict(case)
    verdict.stage, verdict.reply_by = Stage.OBJECTED, None
    call(case, [verdict.judged_by_id])
    return event


def consent(case: Case, proposed_event_id: int) -> Event | None:
    """The time to reply is over and the provider has said nothing: silence is consent, and the verdict says so.

    None where somebody has gone on since that proposal, or its time was begun anew; where a safeguarding concern hides
    the case, for nobody consents to what they may not see; and where the provider could not be told, for nobody
    consents to what they never heard of: then it waits until it can.
    """
    lock(case, None)
    proposal = db.session.get(Event, proposed_event_id)
    verdict = db.session.get(Verdict, case.feedback_id)
    if proposal is None or verdict is None or verdict.stage != Stage.REPLY or verdict.judged_at != proposal.at:
        return None
    return _consent(case, verdict, proposal)


def stand_when_due(case: Case) -> None:
    """What was due comes first, however late a worker is: silence up to the end of the time was consent then.

    The case is held.
    """
    verdict = db.session.get(Verdict, case.feedback_id)
    if verdict is not None and verdict.stage == Stage.REPLY and verdict.reply_by is not None:
        _consent(case, verdict, _proposal(case))


def _consent(case: Case, verdict: Verdict, proposal: Event) -> Event | None:
    now = clock.now()
    if verdict.reply_by is None:
        verdict.reply_by = _let_reply(case, proposal, since=now)
        if verdict.reply_by is not None:
            call_provider(case)
        return None
    if now < verdict.reply_by:
        return None
    if concerns.hid_at(case.feedback_id, verdict.reply_by):
        verdict.reply_by = _let_reply(case, proposal, since=verdict.reply_by)
        return None
    if not _is_told(case, proposal, is_out=True):
        verdict.reply_by = None
        _let_reply(case, proposal, since=now)
        call(case, [verdict.judged_by_id])
        return None
    return _find(
        case, Attribution.PROVIDER, member_id=proposal.member_id, after=verdict_rules.SILENT, at=verdict.reply_by
    )


def begin_reply(case: Case) -> None:
    """A link goes out: the time to reply to what is proposed begins now, where nobody of the provider signs in."""
    verdict = db.session.get(Verdict, case.feedback_id)
    if verdict is not None and verdict.stage == Stage.REPLY and not has_people(case.provider_id):
        verdict.reply_by = _let_reply(case, _proposal(case), since=clock.now())


def stop_reply(case: Case) -> None:
    """The link is taken back: where nobody of the provider signs in, what is proposed waits until it can be told."""
    verdict = db.session.get(Verdict, case.feedback_id)
    if verdict is not None and verdict.stage == Stage.REPLY and not has_people(case.provider_id):
        verdict.reply_by = None


def contest(case: Case, grounds: str, *, member_id: int | None, version: int | None = None) -> Event:
    """The provider contests, once, what was upheld against its reply; a manager decides."""
    lock(case, version)
    stand_when_due(case)
    _check(verdict_rules.may_contest(standing_of(case)), "there is nothing to contest")
    verdict = _verdict(case)
    event = record(case, EventKind.VERDICT_CONTESTED, Actor.PROVIDER, member_id=member_id, message=grounds)
    _check(verdict.contest_by is not None and event.at <= verdict.contest_by, "the time to contest is over")
    verdict.stage, verdict.contest_by = Stage.CONTESTED, None
    call(case, deciders_of(case))
    return event


def check(case: Case, *, agrees: bool, why: str | None, member_id: int, version: int | None = None) -> Event:
    """A second person looks at a verdict that was drawn; where they find otherwise, a manager decides."""
    lock(case, version)
    stand_when_due(case)
    verdict = _verdict(case)
    may = verdict_rules.may_check(
        standing_of(case), is_drawn=verdict.is_drawn, judged_by=verdict.judged_by_id, member_id=member_id
    )
    _check(may, "there is nothing for this member to check")
    found = verdict_rules.AGREES if agrees else verdict_rules.DISAGREES
    event = record(
        case, EventKind.VERDICT_CHECKED, Actor.AGENCY, member_id=member_id, message=why or None, changed_to=found
    )
    verdict.checked_by_id = member_id
    if not agrees:
        verdict.stage, verdict.contest_by = Stage.DISPUTED, None
        call(case, deciders_of(case))
    return event


def may_decide(case: Case, standing: Standing, member_id: int | None) -> bool:
    """Whether no other manager has to decide, as this one is a side of it."""
    verdict = db.session.get(Verdict, case.feedback_id)
    return verdict_rules.may_decide(
        standing,
        judged_by=verdict.judged_by_id if verdict else None,
        checked_by=verdict.checked_by_id if verdict else None,
        member_id=member_id,
        managers=managers_of(case),
    )


def deciders_of(case: Case) -> list[int]:
    """The managers (ids of members) who may decide what others disagree on."""
    verdict = db.session.get(Verdict, case.feedback_id)
    sides = (verdict.judged_by_id, verdict.checked_by_id) if verdict else ()
    return verdict_rules.deciders(managers_of(case), sides)


def hears_until(case: Case) -> datetime | None:
    """Until when the provider may reply to what is proposed, or contest what was upheld; None where it may not."""
    verdict, standing = db.session.get(Verdict, case.feedback_id), standing_of(case)
    if verdict is None:
        return None
    if verdict_rules.may_answer(standing):
        return verdict.reply_by
    return verdict.contest_by if verdict_rules.may_contest(standing) else None


def may_still_contest(case: Case) -> bool:
    """Whether a verdict that was upheld may be contested now."""
    until = hears_until(case)
    return verdict_rules.may_contest(standing_of(case)) and until is not None and clock.now() <= until


def standing_of(case: Case) -> Standing:
    """How far the verdict on a case has come, read from its events."""
    return verdict_rules.read(facts_of(case))


def _find(
    case: Case,
    attribution: Attribution,
    *,
    member_id: int | None,
    message: str | None = None,
    after: str | None = None,
    at: datetime | None = None,
) -> Event:
    """The verdict itself; ``after`` says what the provider said to the proposal that it follows from.

    ``at`` is when it came about by itself, where it did.
    """
    event = record(
        case,
        EventKind.VERDICT,
        Actor.AGENCY,
        member_id=member_id,
        message=message,
        attribution=attribution,
        changed_to=after,
        at=at,
    )
    now = standing_of(case)
    contest_by = None
    if verdict_rules.may_contest(now):
        contest_by = _days_later(case, event.at, case.contract.contest_days if case.contract else CONTEST_DAYS)
        call_provider(case)
    _write(
        case,
        stage=now.stage,
        attribution=attribution,
        judged_by_id=member_id,
        judged_at=event.at,
        contest_by=contest_by,
        is_drawn=now.stage == Stage.STANDS and verdict_rules.is_drawn(case.feedback.reference, now.verdicts),
    )
    return event


def _write(case: Case, **values: Any) -> None:
    """Write the row anew after a judgement: what it does not say is over."""
    over = {"reply_by": None, "contest_by": None, "is_drawn": False, "checked_by_id": None}
    verdict = db.session.get(Verdict, case.feedback_id)
    if verdict is None:
        db.session.add(Verdict(feedback_id=case.feedback_id, agency_id=case.agency_id, **over | values))
    else:
        for name, value in (over | values).items():
            setattr(verdict, name, value)
    settle([case.feedback_id])


def _verdict(case: Case) -> Verdict:
    verdict = db.session.get(Verdict, case.feedback_id)
    if verdict is None:
        raise MoveNotAllowed("nobody has judged")
    return verdict


def _proposed_by(case: Case) -> int | None:
    """Whose finding it is: the member who proposed it."""
    return _verdict(case).judged_by_id


def _let_reply(case: Case, proposal: Event, *, since: datetime) -> datetime | None:
    """The provider has the contract's reply days; when they are over, silence is consent.

    None where it cannot be told: then it is looked at again by that time, whether it can.
    """
    reply_by = _days_later(case, since, case.contract.reply_days if case.contract else REPLY_DAYS)
    promise(
        "case.consent",
        agency_id=case.agency_id,
        due_at=reply_by,
        feedback_id=case.feedback_id,
        event_id=proposal.id,
    )
    return reply_by if _is_told(case, proposal) else None


def _is_told(case: Case, proposal: Event, *, is_out: bool = False) -> bool:
    """Whether the provider hears of what is proposed: somebody of it signs in, or a link to it was sent since.

    ``is_out`` asks whether the letter with that link has gone out by now, too.
    """
    if has_people(case.provider_id):
        return True
    link = latest_link(case)
    if link is None or link.revoked_at is not None or link.sent_at < proposal.at or not is_theirs(link):
        return False
    return not is_out or link.token_sealed is None


def _proposal(case: Case) -> Event:
    """What is proposed now."""
    wanted = select(Event).where(Event.feedback_id == case.feedback_id, Event.kind == EventKind.VERDICT_PROPOSED)
    return db.session.scalars(wanted.order_by(Event.at.desc(), Event.id.desc()).limit(1)).one()


def _days_later(case: Case, since: datetime, days: int) -> datetime:
    calendar = calendar_of(case)
    return add_hours(calendar, since, days * calendar.hours_a_day)


def _check(condition: bool, why: str) -> None:
    if not condition:
        raise MoveNotAllowed(why)
