"""The second step of signing in: codes of an authenticator app, and recovery codes where the phone is lost.

flask-security leads through the two steps; what it asks of us is here, as the key is sealed like all that is secret, no
code works twice, and of recovery codes only their hashes are kept.
"""

import base64
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import qrcode
from flask_security import MfRecoveryCodesUtil, Totp
from qrcode.image.svg import SvgPathImage
from sqlalchemy import select

from app.accounts.actions import promise_letter
from app.accounts.models import NO_APP, Member, Passkey
from app.accounts.rules import RECOVERY_CODES, Mail, key_text, new_key, new_recovery_code, recovery_mark, step_of
from app.extensions import data_keys, db
from app.kernel import clock
from app.kernel.encryption import CannotUnseal

ISSUER = "Answerable"
METHOD = "authenticator"


@dataclass(frozen=True)
class Offer:
    """What somebody needs to set up their app: a picture to scan, the key to type; ``sealed`` comes back with the form.

    Nothing is kept of it until a code proves that the app has it.
    """

    picture: str
    text: str
    sealed: str


class Authenticator(Totp):
    """What flask-security asks when somebody signs in; setting up has a page of our own."""

    def __init__(self, _secrets: Any, _issuer: str):
        """Keys are sealed with the data keys, so no further secret is needed."""

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """Whether the code is one of now and was not used before; remembers that it is."""
        return use_code(user, token)


class RecoveryCodes(MfRecoveryCodesUtil):
    """What flask-security asks about a recovery code."""

    def check_recovery_code(self, user: Any, code: str) -> bool:
        return recovery_mark(code) in (user.mf_recovery_codes or ())

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        return use_recovery_code(user, code)


def offer(member: Member, sealed: str | None = None) -> Offer:
    """A fresh key for a member, or the one that they were offered before; ``CannotUnseal`` where it is not theirs."""
    key = _unsealed(member, sealed) if sealed else new_key()
    text = key_text(key)
    address = f"otpauth://totp/{quote(f'{ISSUER}:{member.email}')}?" + urlencode(
        {"secret": text.replace(" ", ""), "issuer": ISSUER}
    )
    return Offer(_picture(address), text, sealed or seal(member.id, key))


def seal(member_id: int, key: bytes) -> str:
    """A key as it is kept, and as it travels in a form: only we can open it, and only for this member."""
    return base64.b64encode(data_keys().seal(key.hex(), belongs_to=_owner(member_id))).decode()


def set_up(member: Member, sealed: str, code: str) -> list[str] | None:
    """From now on this member signs in in two steps; their recovery codes, to be shown once. None: the code is wrong.

    Raises ``CannotUnseal`` where the key is none that we offered to them.
    """
    step = step_of(_unsealed(member, sealed), code, clock.now(), None)
    if step is None:
        return None
    member.tf_primary_method, member.tf_totp_secret, member.two_step_counter = METHOD, sealed, step
    promise_letter(member, Mail.TWO_STEPS)
    return renew_recovery_codes(member)


def begin_with_passkey(member: Member) -> list[str]:
    """The same for who has just added their first passkey, and no app: their recovery codes, to be shown once."""
    member.tf_primary_method, member.tf_totp_secret, member.two_step_counter = METHOD, NO_APP, None
    promise_letter(member, Mail.TWO_STEPS)
    return renew_recovery_codes(member)


def use_recovery_code(member: Member, code: str) -> bool:
    """Whether it is one of the member's that was not used before; it is used up then."""
    mark = recovery_mark(code)
    if mark not in (member.mf_recovery_codes or ()):
        return False
    member.mf_recovery_codes = [each for each in member.mf_recovery_codes or () if each != mark]
    db.session.flush()
    return True


def renew_recovery_codes(member: Member) -> list[str]:
    """New recovery codes, to be shown once; those before work no more."""
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    member.mf_recovery_codes = [recovery_mark(code) for code in codes]
    db.session.flush()
    return codes


def use_code(member: Member, code: str) -> bool:
    """Whether the code is the member's, of now, and not used before; it is used up then."""
    if not member.has_app:
        return False
    try:
        step = step_of(_unsealed(member, member.tf_totp_secret or ""), code, clock.now(), member.two_step_counter)
    except CannotUnseal:
        return False
    if step is None:
        return False
    member.two_step_counter = step
    db.session.flush()
    return True


def turn_off(member: Member) -> None:
    """A password alone is enough, until they set it up again where their role asks for it; passkeys go with it."""
    member.tf_primary_method = member.tf_totp_secret = member.two_step_counter = None
    member.mf_recovery_codes = None
    for passkey in db.session.scalars(select(Passkey).where(Passkey.member_id == member.id)):
        db.session.delete(passkey)
    promise_letter(member, Mail.TWO_STEPS)


def reset(member: Member) -> None:
    """The same for somebody who lost phone and codes; whoever is signed in as them is out."""
    turn_off(member)
    member.fs_uniquifier = uuid4().hex
    db.session.flush()


def seal_again() -> tuple[int, int]:
    """Seal what members keep with the first data key; how many keys that was, and how many no data key opens."""
    sealed = lost = 0
    for member in db.session.scalars(select(Member).where(Member.tf_totp_secret != NO_APP)):
        kept = member.tf_totp_secret or ""
        try:
            key = _unsealed(member, kept)
        except CannotUnseal:
            lost += 1
            continue
        if not data_keys().is_newest(base64.b64decode(kept)):
            member.tf_totp_secret = seal(member.id, key)
            sealed += 1
    db.session.flush()
    return sealed, lost


def _unsealed(member: Member, sealed: str) -> bytes:
    try:
        return bytes.fromhex(data_keys().unseal(base64.b64decode(sealed), belongs_to=_owner(member.id)))
    except ValueError:
        raise CannotUnseal from None


def _owner(member_id: int) -> str:
    return f"member {member_id} two steps"


def _picture(address: str) -> str:
    """A QR code as an image that the page holds itself: nobody else is asked to draw it."""
    drawn = qrcode.make(address, image_factory=SvgPathImage, box_size=12)
    with io.BytesIO() as file:
        drawn.save(file)
        return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()
