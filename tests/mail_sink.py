"""A real mail server for tests: it keeps what it gets, and answers as it is told."""

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default as modern
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """``letters`` holds what was accepted. An answer other than 250 refuses."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.readers: list[list[str]] = []
        self.has_come = Event()
        self.answer_to_recipient = "250 OK"
        self.answer_to_data = "250 OK"
        self.port = 0

    @property
    def letters(self) -> list[EmailMessage]:
        return [email.message_from_bytes(content, policy=modern) for content in self.contents]  # type: ignore[misc]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer_to_data.startswith("250"):
            self.contents.append(envelope.content)
            self.readers.append(list(envelope.rcpt_tos))
            self.has_come.set()
        return self.answer_to_data


@contextmanager
def listening() -> Iterator[Sink]:
    """A sink on a free port of this machine."""
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sink.port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
