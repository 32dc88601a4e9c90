"""Whether a link to one case for a provider without accounts opens it, and whom of a provider anything reaches."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import exists, select

from app.accounts.models import Member, Membership
from app.analysis.models import Concern
from app.cases.models import Case, ProviderLink
from app.extensions import db
from app.kernel import clock
from app.kernel.words import Role


class End(StrEnum):
    """Why a link opens nothing any more."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    CLOSED = "closed"


def end_of(link: ProviderLink) -> End | None:
    """Why a link opens nothing any more; None while it does.

    A safeguarding concern closes it for good, also once it is released; so does another provider.
    """
    if link.revoked_at is not None:
        return End.REVOKED
    if clock.now() >= link.expires_at:
        return End.EXPIRED
    return None if is_theirs(link) else End.CLOSED


def is_theirs(link: ProviderLink) -> bool:
    """Whether what a link leads to is still its provider's, and no concern has hidden it since it was sent."""
    was_hidden = exists().where(Concern.feedback_id == link.feedback_id, Concern.raised_at >= link.sent_at)
    is_their_case = exists().where(Case.feedback_id == link.feedback_id, Case.provider_id == link.provider_id)
    return bool(db.session.scalar(select(~was_hidden & is_their_case)))


def latest_link(case: Case) -> ProviderLink | None:
    """The link to a case that was sent last to the provider it has now, whether it has ended or not."""
    wanted = select(ProviderLink).where(
        ProviderLink.feedback_id == case.feedback_id, ProviderLink.provider_id == case.provider_id
    )
    return db.session.scalar(wanted.order_by(ProviderLink.id.desc()).limit(1))


def has_people(provider_id: int | None) -> bool:
    """Whether anybody of a provider can sign in, so that a letter reaches somebody."""
    return provider_id is not None and bool(with_people([provider_id]))


def with_people(provider_ids: Collection[int]) -> frozenset[int]:
    """Of which of these providers (ids) somebody can sign in."""
    staff = select(Membership.provider_id).join(Member, Member.id == Membership.member_id)
    staff = staff.where(Membership.provider_id.in_(provider_ids), Membership.role == Role.STAFF, Member.active)
    return frozenset(each for each in db.session.scalars(staff) if each is not None)
