"""Passkeys: keys in a phone, a computer or a stick as a second step, alone or beside the codes of an app (WebAuthn).

They belong to the address of this installation, as ``PUBLIC_URL`` says it: a page elsewhere that looks like ours gets
nothing from them. The browser answers a challenge that its session holds; each can be answered for minutes, and once.
"""

import ipaddress
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from app.accounts.actions import promise_letter
from app.accounts.models import Member, Passkey
from app.accounts.rules import MOST_PASSKEYS, PASSKEY_WITHIN, Mail
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import DomainError

CHALLENGE = "passkey"
"""Where a session keeps the challenge that its browser is to answer, since when, and for what."""

PROVED = "passkey_proved"
"""Where a session keeps when its member proved themselves to change the second step."""

TO_ADD, TO_SIGN_IN = "add", "sign in"
NOTHING = ("", 0, "", 0)


class NoPasskey(DomainError):
    """What the browser sent is no answer to our challenge by a key that it may be."""


class NameTaken(DomainError):
    """The member has a passkey of that name."""


class OnlySecondStep(DomainError):
    """The member has neither another passkey nor an app."""


@dataclass(frozen=True)
class Place:
    """What keys are bound to: the host of this installation, and the address its pages come from."""

    host: str
    origin: str

    @property
    def is_possible(self) -> bool:
        """Browsers make keys for names alone, and only over TLS or on the machine itself."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False


def place() -> Place:
    """From ``PUBLIC_URL`` alone: what a request says of its host can be made up."""
    address = urlsplit(current_app.config["CONFIG"].public_url)
    return Place(address.hostname or "", f"{address.scheme}://{address.netloc}")


def of(member: Member) -> Sequence[Passkey]:
    """The member's passkeys, the oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.member_id == member.id).order_by(Passkey.id)).all()


def may_add(member: Member) -> bool:
    """Where browsers make keys for us; and not without end."""
    return place().is_possible and len(of(member)) < MOST_PASSKEYS


def ask_to_add(member: Member, session: MutableMapping[str, Any]) -> str:
    """What the browser is asked to make a key with, as JSON; its challenge is in ``session`` now."""
    options = generate_registration_options(
        rp_id=place().host,
        rp_name="Answerable",
        user_id=f"member {member.id}".encode(),
        user_name=member.email,
        user_display_name=member.name or member.email,
        authenticator_selection=AuthenticatorSelectionCriteria(
            # The password is the first step; a key that asks for a finger as well may.
            user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_known(of(member)),
    )
    _keep(session, options.challenge, TO_ADD, member)
    return options_to_json(options)


def is_asked_to_add(member: Member, session: MutableMapping[str, Any]) -> bool:
    """Whether the browser still has time to make the key that it was asked for."""
    _text, since, why, whose = session.get(CHALLENGE, NOTHING)
    return (why, whose) == (TO_ADD, member.id) and _is_in_time(datetime.fromtimestamp(since, UTC))


def add(member: Member, session: MutableMapping[str, Any], sent: str, name: str) -> Passkey:
    """From now on this key is a second step of the member; a letter tells them. Raises ``NoPasskey``, ``NameTaken``."""
    if name.casefold() in {each.name.casefold() for each in of(member)}:
        raise NameTaken(name)
    challenge, _since = _kept(session, TO_ADD, member)
    try:
        made = verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=place().host,
            expected_origin=place().origin,
        )
    except (WebAuthnException, ValueError) as error:
        raise NoPasskey(str(error)) from None
    if not may_add(member) or _by_credential(made.credential_id) is not None:
        raise NoPasskey("it is known already, or there are enough")
    passkey = Passkey(
        member_id=member.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        added_at=clock.now(),
    )
    db.session.add(passkey)
    promise_letter(member, Mail.PASSKEYS)
    return passkey


def remove(member: Member, passkey_id: int) -> str | None:
    """That key is no second step any more, and a letter says so; its name, or None where it is not the member's.

    Raises ``OnlySecondStep`` where nothing would be left but the password.
    """
    found = db.session.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.member_id == member.id))
    if found is None:
        return None
    if not member.has_app and len(of(member)) == 1:
        raise OnlySecondStep(found.name)
    name = found.name
    db.session.delete(found)
    promise_letter(member, Mail.PASSKEYS)
    return name


def ask_to_sign_in(member: Member, session: MutableMapping[str, Any]) -> str | None:
    """What the browser is asked to prove who signs in, as JSON; None where the member has no passkey."""
    keys = of(member)
    if not keys or not place().is_possible:
        return None
    options = generate_authentication_options(
        rp_id=place().host,
        allow_credentials=_known(keys),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    _keep(session, options.challenge, TO_SIGN_IN, member)
    return options_to_json(options)


def prove(member: Member, session: MutableMapping[str, Any], sent: str) -> Passkey:
    """The key of the member that answered the session's challenge; raises ``NoPasskey``.

    A challenge from before the key was last used is refused, so that an answer that was seen opens nothing.
    """
    challenge, since = _kept(session, TO_SIGN_IN, member)
    try:
        passkey = _by_credential(parse_authentication_credential_json(sent).raw_id)
        if passkey is None or passkey.member_id != member.id:
            raise NoPasskey("it is none of theirs")
        if passkey.last_used_at is not None and since <= passkey.last_used_at:
            raise NoPasskey("it was used since")
        proved = verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=place().host,
            expected_origin=place().origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except (WebAuthnException, ValueError) as error:
        raise NoPasskey(str(error)) from None
    passkey.sign_count, passkey.last_used_at = proved.new_sign_count, clock.now()
    db.session.flush()
    return passkey


def remember_proof(session: MutableMapping[str, Any]) -> None:
    """Whoever sits there has just proved who they are: for minutes they may change the second step."""
    session[PROVED] = clock.now().timestamp()


def is_proved(session: MutableMapping[str, Any]) -> bool:
    """Whether that was minutes ago at most."""
    return PROVED in session and _is_in_time(datetime.fromtimestamp(session[PROVED], UTC))


def forget_proof(session: MutableMapping[str, Any]) -> None:
    """It was used up."""
    session.pop(PROVED, None)


def _keep(session: MutableMapping[str, Any], challenge: bytes, why: str, member: Member) -> None:
    session[CHALLENGE] = [bytes_to_base64url(challenge), clock.now().timestamp(), why, member.id]


def _kept(session: MutableMapping[str, Any], why: str, member: Member) -> tuple[bytes, datetime]:
    """The challenge that was kept, and since when; it is gone then."""
    text, since, what, whose = session.pop(CHALLENGE, NOTHING)
    at = datetime.fromtimestamp(since, UTC)
    if (what, whose) != (why, member.id) or not _is_in_time(at):
        raise NoPasskey("nothing was asked, or too long ago")
    return base64url_to_bytes(text), at


def _is_in_time(at: datetime) -> bool:
    return timedelta() <= clock.now() - at <= PASSKEY_WITHIN


def _by_credential(credential_id: bytes) -> Passkey | None:
    return db.session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def _known(keys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential_id) for each in keys]
