"""Web servers that run while they are measured. Knows nothing of the product, so that the yardstick stays bare."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_START = 30
SECONDS_TO_STOP = 20


@dataclass(frozen=True)
class Server:
    """A web server that runs: its address and the process that began it."""

    url: str
    pid: int


@contextmanager
def serving(command: list[str], told: Mapping[str, str], folder: Path, port: int) -> Iterator[Server]:
    """``command`` while it listens on ``port``; ``RuntimeError`` when it ends or does not begin to."""
    process = subprocess.Popen(command, env=dict(told), cwd=folder)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(command[1:])} did not begin to listen")
            time.sleep(0.05)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
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
