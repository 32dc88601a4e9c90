"""Everything that changes who may sign in, and as what."""

from collections.abc import Collection, Iterable
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import Select, select

from app.accounts.models import Member, Membership
from app.accounts.rules import House, Mail, fits
from app.directory.models import Agency
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import DomainError
from app.kernel.words import Role
from app.outbox.actions import promise


class AlreadyMember(DomainError):
    """They have a membership in this house already."""


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
    if is_safeguarding_officer and house.agency_id is None:
        raise WrongHouse("Safeguarding officers belong to an agency.")
    if not fits(role, house):
        raise WrongHouse(
            "Viewers, officers and managers belong to an agency, staff to a provider, administrators to none."
        )
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
) -> Membership:
    """Give a membership, and promise the letter that tells them. Raises like ``add_member``."""
    membership = add_member(email, role, house, language=language, is_safeguarding_officer=is_safeguarding_officer)
    send_invitation(membership)
    return membership


def send_invitation(membership: Membership) -> None:
    """Promise the letter; for those who never came in, earlier links end and a new one runs for its days."""
    member = membership.member
    if member.password is None:
        member.invited_at, member.fs_uniquifier = clock.now(), uuid4().hex
    promise(
        "member.invite",
        agency_id=membership.agency_id,
        membership_id=membership.id,
        asked_at=clock.now().isoformat(),
    )
    db.session.flush()


def accept(member: Member, *, name: str, password: str, language: str) -> None:
    """Come in for the first time: the invitation is used up."""
    member.name, member.language = name, language
    member.password, member.confirmed_at, member.invited_at = hash_password(password), clock.now(), None
    member.fs_uniquifier = uuid4().hex
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


def remove(membership: Membership) -> None:
    """End a membership; who has none left cannot sign in, and is out at once."""
    member = membership.member
    db.session.delete(membership)
    db.session.flush()
    if db.session.scalar(select(Membership.id).where(Membership.member_id == member.id).limit(1)) is None:
        member.active, member.invited_at, member.fs_uniquifier = False, None, uuid4().hex
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


def _of(member: Member, house: House) -> Select[Membership]:
    found = select(Membership).where(Membership.member_id == member.id)
    if house.agency_id is not None:
        return found.where(Membership.agency_id == house.agency_id)
    if house.provider_id is not None:
        return found.where(Membership.provider_id == house.provider_id)
    return found.where(Membership.role == Role.ADMINISTRATOR)
