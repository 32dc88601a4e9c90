"""Whom a case waits for: one letter an hour at most about what waits for them, and one a day about new work."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from app.accounts.models import Member, Membership
from app.analysis import concerns
from app.cases.escalation_rules import ALL
from app.cases.models import Case, Event
from app.cases.quiet_hours import EVERY, NEVER, Quiet, begin_of, goes_out_at, next_day_slot, slot_of
from app.cases.rules import TO_THE_MANAGER
from app.directory.models import Agency, Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.periods import day_of
from app.kernel.words import Actor, Holder, Role
from app.outbox.actions import promise
from app.outbox.models import Promise

WHO_ACTS = (Role.OFFICER, Role.MANAGER)


def call(case: Case, member_ids: Iterable[int | None], at: datetime | None = None) -> None:
    """Promise each of them the letter about the hour of ``at`` (now), when it is over; once for all of that hour.

    In the quiet hours of the member, or of their agency where they chose none, it waits until they are over, with all
    that happens meanwhile.
    """
    call_members(case.agency_id, member_ids, at or clock.now())


def call_members(agency_id: int, member_ids: Iterable[int | None], at: datetime) -> None:
    """The same where there is no case."""
    wanted = sorted({each for each in member_ids if each is not None})
    quiet = _quiet_hours_of(wanted)
    for member_id in wanted:
        slot = slot_of(at, quiet[member_id])
        promise(
            "staff.call",
            agency_id=agency_id,
            due_at=goes_out_at(slot),
            key=f"staff.call:{member_id}:{slot:%Y-%m-%dT%H}",
            member_id=member_id,
            hour=slot.isoformat(),
            since=begin_of(slot, quiet[member_id]).isoformat(),
        )


def call_about_new_work(agency_id: int, member_ids: Iterable[int], at: datetime) -> None:
    """Promise each of a provider's people the letter about cases that were given to it: one a day at most.

    The first case of a day is told when its hour is over, like all else; those of the rest of that day in the first
    hour of the next one in which letters go out. What presses in the meantime is told by its limits.
    """
    wanted = sorted(set(member_ids))
    quiet = _quiet_hours_of(wanted)
    for member_id in wanted:
        # Where another worker has promised a letter of that day meanwhile, it is looked at once more.
        if not _promise_work(agency_id, member_id, at, quiet[member_id]):
            _promise_work(agency_id, member_id, at, quiet[member_id])


def _promise_work(agency_id: int, member_id: int, at: datetime, quiet: Quiet) -> bool:
    """Whether a letter will tell what happens at ``at``."""
    slot = slot_of(at, quiet)
    of_today = _promised_work(member_id, _day_of(slot, quiet))
    if of_today is not None:
        if slot <= of_today:
            return True
        slot = next_day_slot(slot, quiet)
    day = _day_of(slot, quiet)
    before = _promised_work(member_id, day - timedelta(days=1))
    made = promise(
        "provider.work",
        agency_id=agency_id,
        due_at=goes_out_at(slot),
        key=_work_key(member_id, day),
        member_id=member_id,
        hour=slot.isoformat(),
        since=(before + EVERY if before else slot - timedelta(days=1)).isoformat(),
    )
    return made is not None or of_today is not None


def _promised_work(member_id: int, day: date) -> datetime | None:
    """The hour of the letter that is promised for a day, or went."""
    found = db.session.scalar(select(Promise.payload).where(Promise.key == _work_key(member_id, day)))
    return datetime.fromisoformat(found["hour"]) if found else None


def _work_key(member_id: int, day: date) -> str:
    return f"provider.work:{member_id}:{day}"


def _day_of(slot: datetime, quiet: Quiet) -> date:
    """On which day of the wall's calendar the letter of an hour goes out."""
    return day_of(goes_out_at(slot), quiet.timezone)


def call_provider(case: Case) -> None:
    """Its staff: a verdict waits for their word."""
    call(case, _members(Membership.provider_id == case.provider_id, Membership.role == Role.STAFF))


def call_managers(case: Case, at: datetime | None = None) -> None:
    call(case, managers_of(case), at)


def call_managers_about_reopening(case: Case, at: datetime) -> None:
    """Where nobody sees to a case that was reopened, it is the managers'; the second time it is theirs in any case."""
    is_nobodys = case.holder == Holder.AGENCY and case.assignee_id is None
    if is_nobodys or case.times_reopened >= TO_THE_MANAGER:
        call_managers(case, at)


def concerned_by_limit(case: Case, step: int) -> list[int]:
    """Whom to tell that ``step`` percent of a limit are used: in whose hands the case is, and all of it the managers.

    That is who leads the provider's people, else all of its staff, where it holds the case and may see it, and whoever
    of the agency sees to it. Where there is nobody: who last did something about it, else the managers.
    """
    found = _members_at(case, case.assignee_id)
    if case.holder == Holder.PROVIDER and concerns.standing(case.feedback_id) is None:
        of_provider = Membership.provider_id == case.provider_id
        found += _members(of_provider, Membership.is_lead.is_(True)) or _members(of_provider)
    found = found or _members_at(case, _last_to_act(case)) or managers_of(case)
    return sorted({*found, *(managers_of(case) if step >= ALL else ())})


def managers_of(case: Case) -> list[int]:
    return _members(Membership.agency_id == case.agency_id, Membership.role == Role.MANAGER)


def _members(*conditions: ColumnElement[bool]) -> list[int]:
    wanted = select(Membership.member_id).join(Member, Member.id == Membership.member_id).where(Member.active)
    return list(db.session.scalars(wanted.where(*conditions)))


def _members_at(case: Case, member_id: int | None) -> list[int]:
    """The member, where they still act for the case's agency."""
    return _members(
        Membership.agency_id == case.agency_id, Membership.member_id == member_id, Membership.role.in_(WHO_ACTS)
    )


def _last_to_act(case: Case) -> int | None:
    did = select(Event.member_id).where(
        Event.feedback_id == case.feedback_id, Event.actor == Actor.AGENCY, Event.member_id.is_not(None)
    )
    return db.session.scalar(did.order_by(Event.at.desc(), Event.id.desc()).limit(1))


def _quiet_hours_of(member_ids: Collection[int]) -> dict[int, Quiet]:
    """Their own, else those of the agency that each belongs to; of a provider's people, of the first it works for.

    By the clock of that agency in either case.
    """
    first_contract = (
        select(func.min(Contract.id)).where(Contract.provider_id == Membership.provider_id).correlate(Membership)
    ).scalar_subquery()
    rows = db.session.execute(
        select(
            Membership.member_id,
            Agency.timezone,
            func.coalesce(Member.quiet_from, Agency.quiet_from),
            func.coalesce(Member.quiet_until, Agency.quiet_until),
        )
        .join(Member, Member.id == Membership.member_id)
        .outerjoin(Contract, Contract.id == first_contract)
        .join(Agency, Agency.id == func.coalesce(Membership.agency_id, Contract.agency_id))
        .where(Membership.member_id.in_(member_ids))
        .order_by(Membership.member_id, Membership.id.desc())
    )
    known = {member_id: Quiet(timezone, since, until) for member_id, timezone, since, until in rows}
    return {member_id: known.get(member_id, NEVER) for member_id in member_ids}
