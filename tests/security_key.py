"""A security key in software, as far as a browser and we ask of one: it makes a key, and signs with it (WebAuthn)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT_AND_VERIFIED, WITH_KEY = 0x05, 0x40


class SecurityKey:
    """Answers to ``origin``; counts how often it was used."""

    def __init__(self, origin: str = "http://localhost"):
        self.origin = origin
        self.id, self.private, self.count = secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1()), 0

    def create(self, asked: str) -> str:
        """What a browser sends after it was asked to make a key."""
        options = json.loads(asked)
        point = self.private.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        data = self._data(options["rp"]["id"], PRESENT_AND_VERIFIED | WITH_KEY)
        data += bytes(16) + len(self.id).to_bytes(2) + self.id + key
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=text(said), attestationObject=text(attested))

    def get(self, asked: str) -> str:
        """What a browser sends after it was asked to prove who it is."""
        options = json.loads(asked)
        self.count += 1
        data, said = self._data(options["rpId"], PRESENT_AND_VERIFIED), self._said("webauthn.get", options["challenge"])
        signed = self.private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=text(said), authenticatorData=text(data), signature=text(signed))

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _said(self, what: str, challenge: str) -> bytes:
        return json.dumps({"type": what, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: Any) -> str:
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
