"""Sealing what must not be read by who finds the database: contact details and tokens, by AES-256-GCM."""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class CannotUnseal(Exception):
    """No key we hold opens this, or it belongs to another row."""


@dataclass(frozen=True)
class Keyring:
    """The data keys: the first one seals, all of them unseal, so that keys can rotate."""

    keys: tuple[bytes, ...]

    @classmethod
    def from_text(cls, text: str) -> "Keyring":
        """Read comma-separated urlsafe base64 keys of 32 bytes; ``ValueError`` names what is wrong."""
        keys = []
        for number, part in enumerate(text.split(","), start=1):
            try:
                key = base64.urlsafe_b64decode(part.strip() + "=" * (-len(part.strip()) % 4))
            except ValueError:
                raise ValueError(f"key {number} is not base64") from None
            if len(key) != 32:
                raise ValueError(f"key {number} has {len(key)} bytes instead of 32")
            keys.append(key)
        return cls(tuple(keys))

    def to_text(self) -> str:
        """The keys as ``from_text`` reads them."""
        return ",".join(base64.urlsafe_b64encode(key).decode().rstrip("=") for key in self.keys)

    def seal(self, text: str, *, belongs_to: str) -> bytes:
        """Encrypt ``text``; ``belongs_to`` (agency and row) is bound to it, so that it opens in no other row."""
        key = self.keys[0]
        nonce = os.urandom(NONCE_BYTES)
        return key_mark(key) + nonce + AESGCM(key).encrypt(nonce, text.encode(), belongs_to.encode())

    def unseal(self, sealed: bytes, *, belongs_to: str) -> str:
        """Decrypt; ``CannotUnseal`` when the key is gone or the row is another."""
        mark, nonce, body = sealed[:4], sealed[4 : 4 + NONCE_BYTES], sealed[4 + NONCE_BYTES :]
        for key in self.keys:
            if hmac.compare_digest(key_mark(key), mark):
                try:
                    return AESGCM(key).decrypt(nonce, body, belongs_to.encode()).decode()
                except InvalidTag:
                    break
        raise CannotUnseal

    def opened(self, sealed: bytes | None, *, belongs_to: str) -> str | None:
        """What was sealed; None where nothing is, or it cannot be opened any more."""
        if sealed is None:
            return None
        try:
            return self.unseal(sealed, belongs_to=belongs_to)
        except CannotUnseal:
            return None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the first key sealed it: what is not is sealed again when keys rotate."""
        return hmac.compare_digest(key_mark(self.keys[0]), sealed[:4])

    def fingerprint(self, text: str) -> str:
        """A keyed hash by which the same contact is found again without being stored in the clear."""
        return self.fingerprints(text)[0]

    def fingerprints(self, text: str) -> list[str]:
        """The same under each key, the first one's first: what was written before keys rotated is found too."""
        plain = text.strip().casefold().encode()
        return [hmac.new(key, plain, hashlib.sha256).hexdigest() for key in self.keys]


def key_mark(key: bytes) -> bytes:
    """Four bytes that say which key sealed something, and nothing about the key."""
    return hashlib.sha256(b"answerable key mark" + key).digest()[:4]


def new_key() -> str:
    """A fresh data key, as it is written in ``DATA_KEYS``."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
