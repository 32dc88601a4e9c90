"""A real IMAP server for tests, in a process of its own, with one mailbox that is empty."""

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

USER, PASSWORD = "desk", "only-for-tests"


@dataclass
class Server:
    """``url`` is what a mailbox is read by; ``put`` delivers a mail."""

    port: int

    @property
    def url(self) -> str:
        return f"imap://{USER}@127.0.0.1:{self.port}/INBOX"

    def put(self, *mails: bytes) -> None:
        with self.opened() as server:
            for mail in mails:
                status, _ = server.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)
                assert status == "OK"

    def flags(self) -> list[str]:
        """Of each mail that is there: its flags."""
        with self.opened() as server:
            server.select("INBOX", readonly=True)
            _, found = server.fetch("1:*", "(FLAGS)")
        return [each.decode() for each in found if each]

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        server = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        server.login(USER, PASSWORD)
        try:
            yield server
        finally:
            server.logout()


@contextmanager
def listening() -> Iterator[Server]:
    """A server on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The same as the command pymap, found wherever the tests run.
    command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--no-tls", "dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield Server(port)
    finally:
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the IMAP server did not start")
