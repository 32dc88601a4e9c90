"""Everything that changes who may sign in, and as what."""

from collections.abc import Collection, Iterable
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import Select, select

from app.accounts.models import Invitation, Member, Membership
from app.accounts.rules import House, Mail, fits
from app.directory.models import Agency, Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import DomainError
from app.kernel.words import Role
from app.outbox.actions import promise


class AlreadyMember(DomainError):
    """They have a membership in this house already."""


class AlreadyInvited(DomainError):
    """They are invited to this house already."""


class JudgesItself(DomainError):
    """They belong to the other side of a contract: ``membership`` says where."""

    def __init__(self, membership: Membership) -> None:
        super().__init__("Who works for a provider does not judge it for the agency that pays.")
        self.membership = membership


class NoAddress(DomainError):
    """That is no e-mail address."""


class WrongHouse(DomainError):
    """The role is not one of such a house."""


def add_member(
    email: str,
    role: Role,
    house: House,
    *,
    name: str = "",
    language: str = "en",
    password: str | None = None,
    is_safeguarding_officer: bool = False,
) -> Membership:
    """Give ``email`` a membership, making the member where they are new; nobody is told.

    Safeguarding officers belong to an agency, in any of its roles. The first of a provider leads there, as does the
    next where nobody is left who does. Without a password they come in only by an
    invitation or a reset.
    Raises ``AlreadyMember``, ``NoAddress``, ``WrongHouse``.
    """
    _check_role(role, house, is_safeguarding_officer=is_safeguarding_officer)
    email = tidy_address(email)
    member = db.session.scalar(select(Member).where(Member.email == email))
    if member is None:
        member = Member(email=email, name=name, language=language, fs_uniquifier=uuid4().hex, active=True)
        db.session.add(member)
        db.session.flush()
    elif db.session.scalar(_of(member, house)) is not None:
        raise AlreadyMember(f"{email} is a member there already.")
    member.active = True
    if password is not None:
        member.password, member.confirmed_at = hash_password(password), clock.now()
    made = Membership(
        member_id=member.id,
        role=role,
        agency_id=house.agency_id,
        provider_id=house.provider_id,
        is_safeguarding_officer=is_safeguarding_officer,
        is_lead=house.provider_id is not None and not _has_lead(house.provider_id),
    )
    db.session.add(made)
    db.session.flush()
    return made


def invite(
    email: str, role: Role, house: House, *, language: str = "en", is_safeguarding_officer: bool = False
) -> Invitation:
    """Ask somebody to become a member, and promise the letter. Nobody is told whether they have an account.

    Raises ``AlreadyMember`` and ``AlreadyInvited``, which the members of the house see anyhow, ``NoAddress`` and
    ``WrongHouse``.
    """
    _check_role(role, house, is_safeguarding_officer=is_safeguarding_officer)
    email = tidy_address(email)
    member = db.session.scalar(select(Member).where(Member.email == email))
    if member is not None and db.session.scalar(_of(member, house)) is not None:
        raise AlreadyMember(f"{email} is a member there already.")
    if db.session.scalar(_invitations(email, house)) is not None:
        raise AlreadyInvited(f"{email} is invited there already.")
    made = Invitation(
        email=email,
        role=role,
        agency_id=house.agency_id,
        provider_id=house.provider_id,
        language=language,
        is_safeguarding_officer=is_safeguarding_officer,
        invited_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    send_invitation(made)
    return made


def send_invitation(invitation: Invitation) -> None:
    """Promise the letter; earlier links end and a new one runs for its days."""
    invitation.invited_at = clock.now()
    promise(
        "member.invite",
        agency_id=invitation.agency_id,
        invitation_id=invitation.id,
        asked_at=invitation.invited_at.isoformat(),
    )
    db.session.flush()


def accept(invitation: Invitation, *, name: str = "", password: str | None = None, language: str = "") -> Membership:
    """Become a member as invited; the invitation is used up. Who has an account keeps its name and password.

    Raises ``JudgesItself`` where one person would be on both sides of a contract.
    """
    house = House(invitation.agency_id, invitation.provider_id)
    member = db.session.scalar(select(Member).where(Member.email == invitation.email))
    if member is not None and (across := _across(member, house)) is not None:
        raise JudgesItself(across)
    made = add_member(
        invitation.email,
        invitation.role,
        house,
        name=name,
        language=language or invitation.language,
        password=password,
        is_safeguarding_officer=invitation.is_safeguarding_officer,
    )
    if password is not None:
        made.member.name, made.member.language = name, language or invitation.language
        made.member.fs_uniquifier = uuid4().hex
    take_back(invitation)
    return made


def take_back(invitation: Invitation) -> None:
    """It is declined, used or not meant any more; its link ends."""
    db.session.delete(invitation)
    db.session.flush()


def change_profile(member: Member, *, name: str, language: str, quiet: tuple[int, int] | None) -> None:
    """``quiet``: from which until which hour no letters go to them; None for what holds in their house."""
    member.name, member.language = name, language
    member.quiet_from, member.quiet_until = quiet or (None, None)
    db.session.flush()


def change_role(membership: Membership, role: Role) -> None:
    """Raises ``WrongHouse`` where the role is not one of the membership's house."""
    if not fits(role, House(membership.agency_id, membership.provider_id)):
        raise WrongHouse(f"Nobody is {role} there.")
    membership.role = role
    # Who only reads can answer nothing that is urgent.
    membership.is_on_duty = membership.is_on_duty and role != Role.VIEWER
    db.session.flush()


def appoint(membership: Membership, *, is_safeguarding_officer: bool) -> None:
    """Make a member a safeguarding officer of the agency, or let them be none."""
    membership.is_safeguarding_officer = is_safeguarding_officer
    db.session.flush()


def make_lead(membership: Membership, *, is_lead: bool) -> None:
    """Let a member manage colleagues at their provider, or no longer."""
    membership.is_lead = is_lead
    db.session.flush()


def put_on_duty(memberships: Iterable[Membership], wanted: Collection[int]) -> None:
    """Of these memberships of an agency, those whose ids are ``wanted`` are told of what is urgent."""
    for membership in memberships:
        membership.is_on_duty = membership.id in wanted
    db.session.flush()


def set_safeguarding_hours(agency: Agency, hours: float) -> None:
    """The limit of safeguarding concerns raised from now on, in working hours."""
    agency.safeguarding_hours = hours
    db.session.flush()


def let_managers_use_one_step(agencies: Iterable[Agency], wanted: Collection[int]) -> None:
    """Of these agencies, at those whose ids are ``wanted`` managers may sign in with a password alone."""
    for agency in agencies:
        agency.two_steps_optional = agency.id in wanted
    db.session.flush()


def remove(membership: Membership) -> None:
    """End a membership; who has none left cannot sign in, and is out at once."""
    member = membership.member
    db.session.delete(membership)
    db.session.flush()
    if db.session.scalar(select(Membership.id).where(Membership.member_id == member.id).limit(1)) is None:
        member.active, member.fs_uniquifier = False, uuid4().hex
        db.session.flush()


def promise_letter(member: Member, about: Mail) -> None:
    """Promise a letter about signing in. Who it goes to, and any link in it, is found out when it is written."""
    promise("member.mail", member_id=member.id, about=str(about), asked_at=clock.now().isoformat())
    db.session.flush()


def tidy_address(email: str) -> str:
    """The one way in which an address is kept; raises ``NoAddress``."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise NoAddress(f"{email!r} is not an e-mail address.") from None


def _has_lead(provider_id: int) -> bool:
    leads = select(Membership.id).join(Member, Member.id == Membership.member_id)
    leads = leads.where(Membership.provider_id == provider_id, Membership.is_lead, Member.active)
    return db.session.scalar(leads.limit(1)) is not None


def _check_role(role: Role, house: House, *, is_safeguarding_officer: bool) -> None:
    if is_safeguarding_officer and house.agency_id is None:
        raise WrongHouse("Safeguarding officers belong to an agency.")
    if not fits(role, house):
        raise WrongHouse(
            "Viewers, officers and managers belong to an agency, staff to a provider, administrators to none."
        )


def _across(member: Member, house: House) -> Membership | None:
    """Their membership on the other side of a contract of this house, ended contracts included."""
    found = select(Membership).where(Membership.member_id == member.id).order_by(Membership.id).limit(1)
    if house.provider_id is not None:
        paying = select(Contract.agency_id).where(Contract.provider_id == house.provider_id)
        return db.session.scalar(found.where(Membership.agency_id.in_(paying)))
    if house.agency_id is not None:
        paid = select(Contract.provider_id).where(Contract.agency_id == house.agency_id)
        return db.session.scalar(found.where(Membership.provider_id.in_(paid)))
    return None


def _invitations(email: str, house: House) -> Select[Invitation]:
    return select(Invitation).where(
        Invitation.email == email,
        Invitation.agency_id.is_not_distinct_from(house.agency_id),
        Invitation.provider_id.is_not_distinct_from(house.provider_id),
    )


def _of(member: Member, house: House) -> Select[Membership]:
    found = select(Membership).where(Membership.member_id == member.id)
    if house.agency_id is not None:
        return found.where(Membership.agency_id == house.agency_id)
    if house.provider_id is not None:
        return found.where(Membership.provider_id == house.provider_id)
    return found.where(Membership.role == Role.ADMINISTRATOR)
