"""Composes letters to members about coming in; sends nothing."""

from datetime import timedelta

from flask_security.recoverable import generate_reset_password_token

from app.accounts import passkeys
from app.accounts.models import Member, Membership
from app.accounts.queries import invitation_token
from app.accounts.rules import INVITATION_LASTS, RESET_WITHIN, Mail
from app.extensions import db
from app.kernel.words import in_language
from app.mail.letter import Letter, compose
from app.web.links import absolute


def invitation(membership_id: int, asked_at: str) -> Letter | None:
    """The letter that tells somebody of their membership; None where it has been taken back."""
    membership = db.session.get(Membership, membership_id)
    if membership is None or not membership.member.active:
        return None
    member = membership.member
    house = membership.agency or membership.provider
    is_new = member.password is None
    return compose(
        "account_invitation",
        to=member.email,
        language=member.language,
        key=f"member.invite:{membership_id}:{asked_at}",
        house=in_language(house.name, member.language) if house else "",
        role=membership.role,
        is_new=is_new,
        link=absolute("accounts.accept", token=invitation_token(member), lang=member.language)
        if is_new
        else absolute("security.login"),
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
