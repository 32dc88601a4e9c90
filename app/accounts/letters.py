"""Composes letters to members about coming in; sends nothing."""

from datetime import timedelta

from flask_security.recoverable import generate_reset_password_token

from app.accounts import passkeys
from app.accounts.models import Invitation, Member
from app.accounts.queries import has_account, invitation_token, member_by_email
from app.accounts.rules import INVITATION_LASTS, RESET_WITHIN, Mail
from app.extensions import db
from app.kernel.words import in_language
from app.mail.letter import Letter, compose
from app.web.links import absolute


def invitation(invitation_id: int, asked_at: str) -> Letter | None:
    """The letter that invites somebody; None where that was taken back. Only here it matters who has an account."""
    found = db.session.get(Invitation, invitation_id)
    if found is None:
        return None
    member = member_by_email(found.email)
    language = member.language if member is not None else found.language
    house = found.agency or found.provider
    return compose(
        "account_invitation",
        to=found.email,
        language=language,
        key=f"member.invite:{invitation_id}:{asked_at}",
        house=in_language(house.name, language) if house else "",
        role=found.role,
        is_new=not has_account(found.email),
        link=absolute("accounts.accept", token=invitation_token(found), lang=language),
        days=INVITATION_LASTS.days,
    )


def about_signing_in(member_id: int, about: Mail, asked_at: str) -> Letter | None:
    """The link to a new password, or word that it or the second step was changed; None where the member is gone."""
    member = db.session.get(Member, member_id)
    if member is None or not member.active:
        return None
    link = ""
    if about == Mail.RESET:
        link = absolute("security.reset_password", token=generate_reset_password_token(member), lang=member.language)  # type: ignore[no-untyped-call]
    return compose(
        f"account_{about}",
        to=member.email,
        language=member.language,
        key=f"member.mail:{about}:{member_id}:{asked_at}",
        link=link,
        hours=RESET_WITHIN // timedelta(hours=1),
        has_two_steps=member.has_two_steps,
        has_app=member.has_app,
        names=", ".join(each.name for each in passkeys.of(member)) if about == Mail.PASSKEYS else "",
    )
