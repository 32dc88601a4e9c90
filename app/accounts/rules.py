"""Who may invite whom as what; how long sessions and links last. Plain Python."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.words import AGENCY_ROLES, Role

LEAST_PASSWORD = 10
MOST_PASSWORD = 128
INVITATION_LASTS = timedelta(days=7)
RESET_WITHIN = timedelta(hours=4)
IDLE_FOR = timedelta(hours=8)
SIGNED_IN_FOR = timedelta(days=7)


class Mail(StrEnum):
    """Letters to a member about signing in."""

    RESET = "reset"
    CHANGED = "changed"


@dataclass(frozen=True)
class House:
    """Where a membership is: at an agency, at a provider, or (both None) over the installation."""

    agency_id: int | None = None
    provider_id: int | None = None


def is_over(since: float, seen: float, now: float) -> bool:
    """Whether a session that began ``since`` and was last used at ``seen`` has ended by ``now`` (POSIX seconds)."""
    return now - seen > IDLE_FOR.total_seconds() or now - since > SIGNED_IN_FOR.total_seconds()


def is_fresh(invited_at: datetime, now: datetime) -> bool:
    """Whether an invitation of ``invited_at`` can still be accepted."""
    return now - invited_at <= INVITATION_LASTS


def roles_to_give(giver: Role, *, to_providers: bool) -> tuple[Role, ...]:
    """The roles that somebody may invite others to: managers within their agency, staff within their provider.

    Managers give ``staff`` too where there are providers that nobody has come in for.
    """
    if giver == Role.ADMINISTRATOR:
        return tuple(Role)
    if giver == Role.MANAGER:
        return tuple(role for role in Role if role in AGENCY_ROLES or (to_providers and role == Role.STAFF))
    return (Role.STAFF,) if giver == Role.STAFF else ()


def manages(role: Role, *, is_lead: bool) -> bool:
    """Whether somebody changes and removes members of their house: managers, administrators, a provider's lead."""
    return role in (Role.MANAGER, Role.ADMINISTRATOR) or (role == Role.STAFF and is_lead)


def fits(role: Role, house: House) -> bool:
    """Whether a role belongs into such a house."""
    if role == Role.ADMINISTRATOR:
        return house.agency_id is None and house.provider_id is None
    if role == Role.STAFF:
        return house.provider_id is not None and house.agency_id is None
    return house.agency_id is not None and house.provider_id is None
