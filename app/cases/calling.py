"""Whom a case waits for: they get one letter in an hour at most, about all that waits for them then."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from app.accounts.models import Member, Membership
from app.cases.models import Case
from app.cases.rules import TO_THE_MANAGER
from app.extensions import db
from app.kernel import clock
from app.kernel.words import Role
from app.outbox.actions import promise


def call(case: Case, member_ids: Iterable[int | None]) -> None:
    """Promise a letter at the next full hour to each of them; the same to all who were called in this one."""
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for member_id in sorted({each for each in member_ids if each is not None}):
        promise(
            "staff.call",
            agency_id=case.agency_id,
            due_at=hour,
            key=f"staff.call:{member_id}:{hour:%Y-%m-%dT%H}",
            member_id=member_id,
        )


def call_provider(case: Case) -> None:
    """Its staff: a verdict waits for their word."""
    call(case, _members(Membership.provider_id == case.provider_id, Membership.role == Role.STAFF))


def call_managers(case: Case) -> None:
    call(case, managers_of(case))


def call_about_reopening(case: Case) -> None:
    """The managers, where a case was opened again for the second time; whoever holds it hears of it as news."""
    if case.times_reopened >= TO_THE_MANAGER:
        call_managers(case)


def managers_of(case: Case) -> list[int]:
    return _members(Membership.agency_id == case.agency_id, Membership.role == Role.MANAGER)


def _members(*conditions: ColumnElement[bool]) -> list[int]:
    wanted = select(Membership.member_id).join(Member, Member.id == Membership.member_id).where(Member.active)
    return list(db.session.scalars(wanted.where(*conditions)))
