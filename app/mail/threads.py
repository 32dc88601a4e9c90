"""The token by which a reply to a letter of ours is known. Nobody can make one up, and nobody's address is believed.

It stands in the letter's Message-ID, which mail programs send back in In-Reply-To and References; and in Reply-To,
where the mailbox takes addresses like ``help+token@…``. It is not the resident's tracking token: it opens no page.
"""

import base64
import hashlib
import hmac
import re

from flask import current_app

TOKEN = re.compile(r"(?<![a-z0-9])r(\d{1,10})-([a-z2-7]{26})(?![a-z0-9])")
"""In small letters alone, as mail servers may change the case of an address."""

LOOKED_AT = 20_000
"""So many characters of a mail's head lines are looked at."""


def token_of(feedback_id: int) -> str:
    """The token of all letters about one feedback."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    mark = hmac.new(key, f"reply:{feedback_id}".encode(), hashlib.sha256).digest()[:16]
    return f"r{feedback_id}-{base64.b32encode(mark).decode().rstrip('=').lower()}"


def feedback_in(head_lines: str) -> int | None:
    """The feedback that the first genuine token in these head lines is of; None where there is none."""
    for found in TOKEN.finditer(head_lines[:LOOKED_AT].lower()):
        feedback_id = int(found[1])
        if hmac.compare_digest(token_of(feedback_id), found[0]):
            return feedback_id
    return None


def tagged(address: str, token: str) -> str:
    """The address of a mailbox that takes tags, with one: ``help@…`` → ``help+token@…``."""
    name, _at, host = address.rpartition("@")
    return f"{name}+{token}@{host}"
