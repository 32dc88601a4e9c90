"""kill -9 of a real worker: nothing is lost, the deed is done once, a repeated letter has the same Message-ID."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.config import ROOT
from app.extensions import db
from app.kernel import clock
from app.outbox import actions
from app.outbox.models import Promise
from tests.mail_sink import Sink, listening

# A worker with one kind of promise: it reads, mails, and then takes its time until a file says go on.
WORKER = """
import sys, time
from pathlib import Path
from sqlalchemy import text
from app import create_app
from app.extensions import db
from app.mail.letter import Letter
from app.mail.postman import deliver
from app.outbox.worker import Worker

go_on = Path(sys.argv[1])

def mail(number):
    deliver(Letter("ann@example.org", f"Letter {number}", "Hello\\n", "<p>Hello</p>", f"kill:{number}"))
    while not go_on.exists():
        time.sleep(0.02)
    return lambda: db.session.execute(text("INSERT INTO deed (number) VALUES (:number)"), {"number": number})

Worker(create_app(), {"kill": mail}, {}).run()
"""


@pytest.fixture
def deeds(app) -> Iterator[Callable[[], list[int]]]:
    """The numbers that deeds wrote: a table that would hold a deed done twice twice."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE deed (number INTEGER NOT NULL)")

    def numbers() -> list[int]:
        with db.engine.connect() as connection:
            return sorted(connection.exec_driver_sql("SELECT number FROM deed").scalars())

    yield numbers
    db.session.remove()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE deed")


class Process:
    """A worker in a process of its own."""

    def __init__(self, settings, sink: Sink, folder: Path):
        self.go_on = folder / "go-on"
        is_postgresql = settings.database_url.startswith("postgresql")
        database = settings.database_url.replace("+psycopg", "")
        self.environment = {
            **os.environ,
            "ANSWERABLE_VAR": str(folder),
            "DATABASE_URL": database,
            "QUEUE_URL": database if is_postgresql else f"sqlite:///{folder / 'queue.db'}",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(sink.port),
            "MAIL_TLS": "none",
        }
        self.sink = sink
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        self.running = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(self.go_on)], cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL
        )
        return self

    def kill(self) -> None:
        assert self.running is not None
        self.running.kill()
        self.running.wait()

    def stop(self) -> int:
        assert self.running is not None
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(timeout=30)


@pytest.fixture
def process(settings, tmp_path) -> Iterator[Process]:
    with listening() as sink:
        made = Process(settings, sink, tmp_path)
        yield made
        if made.running and made.running.poll() is None:
            made.kill()


def eventually(holds: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
        db.session.rollback()


def the_lease_ends() -> None:
    """As if its two minutes had gone by."""
    db.session.rollback()
    for promise in db.session.scalars(select(Promise).where(Promise.leased_until.is_not(None))):
        promise.leased_until = clock.now()
    db.session.commit()


def promised(numbers: range) -> None:
    for number in numbers:
        actions.promise("kill", number=number)
    db.session.commit()


def are_done() -> bool:
    db.session.expire_all()
    return all(promise.done_at for promise in db.session.scalars(select(Promise)))


def test_killed_between_the_servers_yes_and_our_note_one_letter_comes_again_with_its_message_id(process, deeds):
    promised(range(1))
    process.start()
    assert process.sink.has_come.wait(30)
    process.kill()
    assert deeds() == []

    process.go_on.touch()
    the_lease_ends()
    process.start()
    eventually(are_done)

    assert deeds() == [0]
    assert len(process.sink.letters) == 2
    assert len({letter["Message-ID"] for letter in process.sink.letters}) == 1
    assert process.stop() == 0


def test_killed_again_and_again_while_busy_every_deed_is_done_once(process, deeds):
    process.go_on.touch()
    promised(range(60))
    for wait in (0.0, 0.07, 0.2):
        came = len(process.sink.contents)
        process.start()
        eventually(lambda came=came: len(process.sink.contents) > came)
        time.sleep(wait)
        process.kill()
        the_lease_ends()
    process.start()
    eventually(are_done)
    assert process.stop() == 0

    assert deeds() == list(range(60))
    ids = [letter["Message-ID"] for letter in process.sink.letters]
    assert len(set(ids)) == 60
    # Two threads are busy at the moment of a kill, so each kill may repeat two letters.
    assert len(ids) <= 60 + 3 * 2


def test_told_to_stop_it_ends_what_it_has_begun(process, deeds):
    promised(range(1))
    process.start()
    assert process.sink.has_come.wait(30)
    process.running.send_signal(signal.SIGTERM)
    process.go_on.touch()

    assert process.running.wait(timeout=30) == 0
    assert deeds() == [0]
    assert are_done()
    assert len(process.sink.letters) == 1
