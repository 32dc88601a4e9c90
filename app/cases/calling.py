"""Whom a case waits for: they get one letter in an hour at most, about all that waits for them then."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from app.accounts.models import Member, Membership
from app.cases.models import Case
from app.cases.rules import TO_THE_MANAGER
from app.extensions import db
from app.kernel import clock
from app.kernel.words import Holder, Role
from app.outbox.actions import promise

EVERY = timedelta(hours=1)
GRACE = timedelta(minutes=1)
"""So long after the hour the letter waits for what was still being written when the hour ended."""


def call(case: Case, member_ids: Iterable[int | None], at: datetime | None = None) -> None:
    """Promise each of them the letter about the hour of ``at`` (now), when it is over; once for all of that hour."""
    call_members(case.agency_id, member_ids, at or clock.now())


def call_members(agency_id: int, member_ids: Iterable[int | None], at: datetime) -> None:
    """The same where there is no case."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    for member_id in sorted({each for each in member_ids if each is not None}):
        promise(
            "staff.call",
            agency_id=agency_id,
            due_at=hour + EVERY + GRACE,
            key=f"staff.call:{member_id}:{hour:%Y-%m-%dT%H}",
            member_id=member_id,
            hour=hour.isoformat(),
        )


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


def managers_of(case: Case) -> list[int]:
    return _members(Membership.agency_id == case.agency_id, Membership.role == Role.MANAGER)


def _members(*conditions: ColumnElement[bool]) -> list[int]:
    wanted = select(Membership.member_id).join(Member, Member.id == Membership.member_id).where(Member.active)
    return list(db.session.scalars(wanted.where(*conditions)))
