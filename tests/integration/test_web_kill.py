"""kill -9 of the web server while residents send: what was shown is there, once and whole, and nothing in half."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.cases.models import Case, Event
from app.config import ROOT
from app.extensions import db
from app.intake.models import Feedback, TrackingLink
from app.intake.words import FeedbackWords
from app.outbox.models import Promise
from tests.conftest import DATA_KEY

RESIDENTS = 60
KEY = re.compile(r'<input name="key" type="hidden" value="([\w-]+)">')


class WebServer:
    """gunicorn as it is installed, in processes of its own, that can be killed and started again."""

    def __init__(self, settings, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "ANSWERABLE_VAR": str(folder),
            "DATABASE_URL": settings.database_url.replace("+psycopg", ""),
            "QUEUE_URL": f"sqlite:///{folder / 'queue.db'}",
            "DATA_KEYS": DATA_KEY,
            "SECRET_KEY": "only for tests",
            "PUBLIC_URL": self.url,
            "PORT": str(port),
        }
        self.master = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "wsgi:app"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children")
        with suppress(OSError):
            return [int(pid) for pid in children.read_text().split()]
        return []

    def kill_all(self) -> None:
        """Master and workers, as a power cut would."""
        for pid in (self.master.pid, *self.workers()):
            kill(pid)
        self.master.wait()


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def web(settings, tmp_path) -> Iterator[WebServer]:
    made = WebServer(settings, tmp_path)
    yield made
    made.kill_all()


def insisting(request: urllib.request.Request | str) -> str:
    """What the server answers, asked again until it does."""
    until = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (our own address)
                return str(answer.read().decode())
        except (OSError, HTTPException):
            assert time.monotonic() < until, "the server does not come back"
            time.sleep(0.1)


def give(web: WebServer, number: int) -> tuple[str, str]:
    """Send one complaint as a phone does that sends again until it is answered; its key and the reference shown."""
    found = KEY.search(insisting(f"{web.url}/give/RS-001?lang=en"))
    assert found, "the form has its key"
    answers = {"key": found[1], "rating": "2", "text": f"Left full again, {number}.", "wants_answer": "yes"}
    sent = urllib.parse.urlencode(answers | {"email": f"r{number}@example.org"}).encode()
    to = f"{web.url}/give/RS-001?lang=en"
    told = insisting(urllib.request.Request(to, sent, {"Accept": "application/json"}))  # noqa: S310 (our own address)
    return found[1], json.loads(told)["reference"]


def test_what_was_shown_is_there_once_and_whole(web, riverside):
    db.session.commit()
    over, killed, dice = threading.Event(), [], random.Random(7)

    def killer() -> None:
        """A worker five times a second; in the middle once all there is."""
        while not over.wait(0.2):
            if workers := web.workers():
                killed.append(dice.choice(workers))
                kill(killed[-1])
                if len(killed) == 10:
                    web.kill_all()
                    web.master = web.start()

    insisting(f"{web.url}/status")
    thread = threading.Thread(target=killer)
    thread.start()
    try:
        with ThreadPoolExecutor(8) as residents:
            shown = list(residents.map(lambda number: give(web, number), range(RESIDENTS)))
    finally:
        over.set()
        thread.join()

    db.session.rollback()
    assert len(killed) > 10
    kept = {
        key: reference for key, reference in db.session.execute(select(Feedback.idempotency_key, Feedback.reference))
    }
    assert kept == dict(shown)
    assert len(kept) == RESIDENTS
    for whole in (Feedback, FeedbackWords, TrackingLink, Case, Event):
        assert db.session.scalar(select(func.count()).select_from(whole)) == RESIDENTS, whole
    promised = db.session.execute(select(Promise.topic, func.count()).group_by(Promise.topic))
    assert {topic: number for topic, number in promised} == {"feedback.read": RESIDENTS, "resident.receipt": RESIDENTS}
