"""Members as each viewer may see them, and invitations by their token."""

from collections.abc import Sequence

from flask import abort, current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from app.accounts.models import Invitation, Member, Membership
from app.accounts.passwords import known_of
from app.accounts.rules import House, is_fresh
from app.directory.models import Agency, Contract, Provider
from app.extensions import db
from app.kernel import clock
from app.kernel.words import Role
from app.web.access import Viewer


def for_viewer(viewer: Viewer) -> Select[Membership]:
    """The memberships of the viewer's own house and, for managers, those of providers that wait for their first staff.

    Administrators see all.
    """
    found = select(Membership).join(Member, Member.id == Membership.member_id)
    found = found.options(joinedload(Membership.member), joinedload(Membership.agency), joinedload(Membership.provider))
    if viewer.role == Role.ADMINISTRATOR:
        return found
    if viewer.role == Role.MANAGER and viewer.agency_id is not None:
        waiting = _providers_without_staff(viewer.agency_id).with_only_columns(Provider.id)
        return found.where(or_(Membership.agency_id == viewer.agency_id, Membership.provider_id.in_(waiting)))
    if viewer.role == Role.STAFF and viewer.provider_id is not None:
        return found.where(Membership.provider_id == viewer.provider_id)
    return found.where(false())


def memberships(viewer: Viewer) -> Sequence[Membership]:
    """By house, then by name; administrators first."""
    found = db.session.scalars(for_viewer(viewer)).all()
    return sorted(
        found,
        key=lambda each: (
            each.agency.slug if each.agency else "",
            each.provider.slug if each.provider else "",
            (each.member.name or each.member.email).casefold(),
        ),
    )


def membership_or_404(viewer: Viewer, membership_id: int) -> Membership:
    found = db.session.scalar(for_viewer(viewer).where(Membership.id == membership_id))
    return found if found is not None else abort(404)


def mine(viewer: Viewer) -> Sequence[Membership]:
    """Everything the viewer's member can look through."""
    found = select(Membership).where(Membership.member_id == viewer.member_id)
    found = found.options(joinedload(Membership.agency), joinedload(Membership.provider))
    return db.session.scalars(found.order_by(Membership.id)).all()


def houses(viewer: Viewer) -> Sequence[tuple[House, Agency | Provider | None]]:
    """Where the viewer may invite others to: their own house; for managers also providers that nobody has come in for.

    For administrators everywhere.
    """
    if viewer.role != Role.ADMINISTRATOR:
        house = House(viewer.agency_id, viewer.provider_id)
        if viewer.agency_id is not None:
            waiting = db.session.scalars(_providers_without_staff(viewer.agency_id)).all()
            others = [(House(provider_id=provider.id), provider) for provider in waiting]
            return [(house, db.session.get_one(Agency, viewer.agency_id)), *others]
        return [(house, db.session.get_one(Provider, viewer.provider_id))]
    agencies = db.session.scalars(select(Agency).order_by(Agency.slug)).all()
    providers = db.session.scalars(select(Provider).order_by(Provider.slug)).all()
    return [
        *[(House(agency_id=agency.id), agency) for agency in agencies],
        *[(House(provider_id=provider.id), provider) for provider in providers],
        (House(), None),
    ]


def agencies(viewer: Viewer) -> Sequence[Agency]:
    """Those whose ways of signing in the viewer decides about: of administrators all, of others none."""
    if viewer.role != Role.ADMINISTRATOR:
        return []
    return db.session.scalars(select(Agency).order_by(Agency.slug)).all()


def invitation_token(invitation: Invitation) -> str:
    """What an invitation's link holds. It ends with its days, with the next letter, and once it is used."""
    return _sealer().dumps([invitation.id, invitation.invited_at.isoformat()])


def invited(token: str) -> Invitation | None:
    """The invitation of a link, while it holds; None where it was used, replaced, is too old or made up."""
    try:
        invitation_id, moment = _sealer().loads(token)
        found = db.session.get(Invitation, invitation_id)
    except (BadSignature, TypeError, ValueError):
        return None
    if found is None or found.invited_at.isoformat() != moment or not is_fresh(found.invited_at, clock.now()):
        return None
    return found


def has_account(email: str) -> bool:
    """Whether somebody of this address has a password to sign in with. Said to nobody but themselves."""
    return db.session.scalar(select(Member.id).where(Member.email == email, Member.password.is_not(None))) is not None


def known_of_member(member: Member) -> frozenset[str]:
    """What anybody knows of a member, and what therefore makes no password."""
    houses = [each.agency or each.provider for each in member.memberships]
    return known_of(member.email, member.name, [house.name for house in houses if house is not None])


def invitations(viewer: Viewer) -> Sequence[Invitation]:
    """To the houses whose members the viewer sees, by house and address."""
    found = db.session.scalars(invitations_for(viewer)).all()
    return sorted(
        found,
        key=lambda each: (
            each.agency.slug if each.agency else "",
            each.provider.slug if each.provider else "",
            each.email,
        ),
    )


def invitations_for(viewer: Viewer) -> Select[Invitation]:
    """Invitations to the houses of ``for_viewer``."""
    found = select(Invitation).options(joinedload(Invitation.agency), joinedload(Invitation.provider))
    if viewer.role == Role.ADMINISTRATOR:
        return found
    if viewer.role == Role.MANAGER and viewer.agency_id is not None:
        waiting = _providers_without_staff(viewer.agency_id).with_only_columns(Provider.id)
        return found.where(or_(Invitation.agency_id == viewer.agency_id, Invitation.provider_id.in_(waiting)))
    if viewer.role == Role.STAFF and viewer.provider_id is not None:
        return found.where(Invitation.provider_id == viewer.provider_id)
    return found.where(false())


def invitation_or_404(viewer: Viewer, invitation_id: int) -> Invitation:
    found = db.session.scalar(invitations_for(viewer).where(Invitation.id == invitation_id))
    return found if found is not None else abort(404)


def to_me(viewer: Viewer) -> Sequence[Invitation]:
    """Invitations to the viewer's own address that still hold."""
    own = select(Member.email).where(Member.id == viewer.member_id).scalar_subquery()
    found = select(Invitation).where(Invitation.email == own).order_by(Invitation.id)
    found = found.options(joinedload(Invitation.agency), joinedload(Invitation.provider))
    return [each for each in db.session.scalars(found) if is_fresh(each.invited_at, clock.now())]


def on_duty(agency_id: int) -> Sequence[Membership]:
    """Whom to tell of something urgent: those on duty; where nobody is, the managers."""
    return _told(agency_id, Membership.is_on_duty)


def safeguarding_officers(agency_id: int) -> Sequence[Membership]:
    """Whom to tell of a safeguarding concern; where there is no such officer, the managers, who can appoint one."""
    return _told(agency_id, Membership.is_safeguarding_officer)


def of_agency(viewer: Viewer) -> Sequence[Membership]:
    """Officers and managers of the viewer's agency, by name: who can be on duty."""
    wanted = _active_at(viewer.agency_id or 0).where(Membership.role.in_((Role.OFFICER, Role.MANAGER)))
    return sorted(db.session.scalars(wanted), key=lambda each: (each.member.name or each.member.email).casefold())


def membership_at(agency_id: int, member_id: int) -> Membership | None:
    """What a member is to an agency now; None where they cannot sign in, or not there."""
    return db.session.scalar(_active_at(agency_id).where(Membership.member_id == member_id))


def member_by_email(email: str) -> Member | None:
    """A member of the installation, for commands."""
    return db.session.scalar(select(Member).where(Member.email == email.strip().lower()))


def provider_by_slug(slug: str) -> Provider | None:
    return db.session.scalar(select(Provider).where(Provider.slug == slug))


def _active_at(agency_id: int) -> Select[Membership]:
    found = select(Membership).join(Member, Member.id == Membership.member_id).order_by(Membership.id)
    return found.where(Membership.agency_id == agency_id, Member.active).options(joinedload(Membership.member))


def _told(agency_id: int, whom: ColumnElement[bool] | InstrumentedAttribute[bool]) -> Sequence[Membership]:
    wanted = _active_at(agency_id)
    found = db.session.scalars(wanted.where(whom)).all()
    return found or db.session.scalars(wanted.where(Membership.role == Role.MANAGER)).all()


def _providers_without_staff(agency_id: int) -> Select[Provider]:
    """Providers that work for this agency alone and for whom nobody has come in yet.

    For one that works for another agency too, its people would see that agency's cases: an administrator invites them.
    """
    own = select(Contract.provider_id).where(Contract.agency_id == agency_id)
    elsewhere = select(Contract.provider_id).where(Contract.agency_id != agency_id)
    came_in = select(Membership.provider_id).join(Member, Member.id == Membership.member_id)
    came_in = came_in.where(Membership.provider_id.is_not(None), Member.confirmed_at.is_not(None))
    wanted = select(Provider).where(Provider.id.in_(own), Provider.id.not_in(elsewhere), Provider.id.not_in(came_in))
    return wanted.order_by(Provider.slug)


def _sealer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="invitation")
