"""Text messages on their way: one HTTP POST to a gateway or, where there is none, a file. Only tasks call it."""

import hashlib
import http.client
import json
import os
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from flask import current_app

from app.config import Config
from app.outbox.running import CannotBeKept
from app.sms.rules import number_for

PATIENCE = 20
"""Seconds we wait for any answer of the gateway."""

KEPT_FOR = 24 * 60 * 60
"""Seconds for which the files of texts are kept that no gateway takes: they hold numbers."""


class GatewayBusy(Exception):
    """The gateway does not take the text now; it is tried again later. The message holds its status alone."""


@dataclass(frozen=True)
class TextMessage:
    """One text to one number, as it was typed; ``key`` names the occasion, and is the same for the same text again."""

    to: str
    text: str
    key: str


def are_sent() -> bool:
    """Whether texts reach anybody: without a gateway a phone is for calls only."""
    config: Config = current_app.config["CONFIG"]
    return bool(config.sms_url)


def deliver(message: TextMessage) -> None:
    """Hand a text over. Nothing is sent to what is no mobile number.

    Raises ``CannotBeKept`` where the gateway refuses it for good (4xx but 408 and 429), ``GatewayBusy`` or what sockets
    raise where a later attempt may help.
    """
    config: Config = current_app.config["CONFIG"]
    number = number_for(message.to, config.sms_country)
    if number is None:
        return
    if config.sms_url:
        _post(config, body_of(config.sms_body, number, message.text))
    else:
        _put(config.var / "sms", message, number)


def body_of(template: str, to: str, text: str) -> tuple[str, str]:
    """The template filled in, and of what kind it is: JSON where it begins with a brace, else the fields of a form."""
    if template.lstrip().startswith("{"):
        filled = template.replace("{to}", json.dumps(to)[1:-1])
        return filled.replace("{text}", json.dumps(text)[1:-1]), "application/json"
    filled = template.replace("{to}", quote_plus(to))
    return filled.replace("{text}", quote_plus(text)), "application/x-www-form-urlencoded"


def _post(config: Config, body: tuple[str, str]) -> None:
    filled, kind = body
    parts = urlsplit(config.sms_url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    head = {"Content-Type": kind}
    if config.sms_authorization:
        head["Authorization"] = config.sms_authorization
    # No redirect is followed: what is posted is for this address alone.
    with closing(connect(parts.netloc, timeout=PATIENCE)) as gateway:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        gateway.request("POST", path, filled.encode(), head)
        status = gateway.getresponse().status
    if status in (408, 429) or status >= 500:
        raise GatewayBusy(f"status {status}")
    if status >= 300:
        raise CannotBeKept(f"The gateway refuses the text for good ({status}).")


def _put(folder: Path, message: TextMessage, number: str) -> None:
    """As a file that is there whole or not at all; the same text again is the same file. Old ones go."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.txt"):
        with suppress(FileNotFoundError):
            if old.stat().st_mtime < time.time() - KEPT_FOR:
                old.unlink()
    name = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    draft = folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
    draft.touch(mode=0o600)
    draft.write_text(f"To: {number}\n\n{message.text}\n", encoding="utf-8")
    draft.replace(folder / f"{name}.txt")
