"""Web servers that run while they are measured. Knows nothing of the product, so that the yardstick stays bare."""

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SECONDS_TO_START = 30
SECONDS_TO_STOP = 20


@dataclass(frozen=True)
class Server:
    """A web server that runs: its address and the process that began it."""

    url: str
    pid: int


@contextmanager
def serving(command: list[str], told: Mapping[str, str], folder: Path, port: int) -> Iterator[Server]:
    """``command`` while it listens on ``port``; ``RuntimeError``, with what it said, when it does not begin to."""
    with tempfile.TemporaryFile() as notes:
        process = subprocess.Popen(command, env=dict(told), cwd=folder, stdout=notes, stderr=notes)
        try:
            wait_for(process, port, notes)
            yield Server(f"http://127.0.0.1:{port}", process.pid)
        finally:
            stop(process)


def wait_for(process: "subprocess.Popen[bytes]", port: int, notes: IO[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            notes.seek(0)
            raise RuntimeError(f"the server did not begin to listen: {notes.read().decode(errors='replace')[-2000:]}")
        time.sleep(0.05)


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
