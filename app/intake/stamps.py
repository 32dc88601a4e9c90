"""When a form was opened, in the form itself and signed: nobody who sends it can make it older than it is."""

import hmac
from functools import lru_cache

SIGNED = 16
"""So many hex digits of the signature are kept: nobody gains by guessing."""


def new_stamp(secret_key: str, at: int) -> str:
    """``at`` (seconds since 1970) as it stands in a form."""
    return f"{at:x}.{_signature(secret_key, f'{at:x}')}"


def opened_at(secret_key: str, stamp: str) -> int | None:
    """When the form with this stamp was opened; None where it is no stamp of ours."""
    text, _, signature = stamp.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret_key, text).encode()):
        return None
    return int(text, 16)


def _signature(secret_key: str, text: str) -> str:
    return hmac.digest(_key(secret_key), text.encode(), "sha256").hex()[:SIGNED]


@lru_cache(maxsize=4)
def _key(secret_key: str) -> bytes:
    """A key of its own, so that nothing else that is signed is taken for a stamp."""
    return hmac.digest(secret_key.encode(), b"stamp", "sha256")
