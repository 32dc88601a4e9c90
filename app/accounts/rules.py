"""Who may invite whom as what; how long sessions and links last; codes of a second step. Plain Python."""

import base64
import hashlib
import hmac
import secrets
import struct
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

IN_TWO_STEPS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
"""Who must sign in in two steps: those who decide about others."""

STEP_SECONDS = 30
STEP_DIGITS = 6
"""RFC 6238 as every authenticator app knows it: SHA-1, six digits, a new code every 30 seconds."""

STEPS_OFF = 1
"""So many steps a phone's clock may be off."""

KEY_BYTES = 20
RECOVERY_CODES = 10
MOST_PASSKEYS = 10
PASSKEY_WITHIN = timedelta(minutes=5)
"""So long a browser may take to make a key or to answer with one."""

RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like each other. Sixteen of them are 79 bits: no list of hashes gives them away."""


class Mail(StrEnum):
    """Letters to a member about signing in."""

    RESET = "reset"
    CHANGED = "changed"
    TWO_STEPS = "two_steps"
    PASSKEYS = "passkeys"


@dataclass(frozen=True)
class House:
    """Where a membership is: at an agency, at a provider, or (both None) over the installation."""

    agency_id: int | None = None
    provider_id: int | None = None


def must_use_two_steps(role: Role, *, is_optional: bool) -> bool:
    """Whether this role is used only by who signed in in two steps; an agency can leave it to its managers."""
    return role in IN_TWO_STEPS and not is_optional


def new_key() -> bytes:
    """The secret that an authenticator app and we share."""
    return secrets.token_bytes(KEY_BYTES)


def key_text(key: bytes) -> str:
    """A key as apps take it, in base32, in groups of four for people who type it."""
    text = base64.b32encode(key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def step_at(now: datetime) -> int:
    """The number of the step of 30 seconds that a moment lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def code_of(key: bytes, step: int) -> str:
    """The code of a step: HOTP of RFC 4226 over its number."""
    mark = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    start = mark[-1] & 0x0F
    (number,) = struct.unpack(">I", mark[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 10**STEP_DIGITS:0{STEP_DIGITS}}"


def step_of(key: bytes, code: str, now: datetime, last_step: int | None) -> int | None:
    """The step whose code this is, near ``now`` and after ``last_step``, so that no code works twice; else None."""
    typed, here = "".join(code.split()).encode(), step_at(now)
    found = None
    for step in range(here - STEPS_OFF, here + STEPS_OFF + 1):
        fits = hmac.compare_digest(code_of(key, step).encode(), typed)
        if fits and (last_step is None or step > last_step):
            found = step
    return found


def new_recovery_code() -> str:
    """A code to come in with once, without the phone."""
    letters = "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def recovery_mark(code: str) -> str:
    """What is kept of a recovery code: its SHA-256, however it was typed."""
    plain = "".join(sign for sign in code.casefold() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


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
