"""A promise is kept once, put off while there is hope, and shown to staff when there is none."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from huey import RedisHuey
from sqlalchemy import select

from app.extensions import db
from app.kernel import clock
from app.outbox import actions, running
from app.outbox.models import Promise
from app.outbox.running import CannotBeKept
from app.outbox.worker import Worker, queue_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def promised(topic: str = "test", **more) -> int:
    promise_id = actions.promise(topic, **more)
    db.session.commit()
    return promise_id


def row(promise_id: int) -> Promise:
    db.session.expire_all()
    return db.session.get_one(Promise, promise_id)


def test_a_promise_is_kept_with_its_deed_in_one_transaction(app):
    promise_id = promised(number=7)
    seen = []

    def task(number):
        seen.append(number)
        return lambda: seen.append("written") or None

    assert running.run(promise_id, {"test": task})
    assert not running.run(promise_id, {"test": task})
    assert seen == [7, "written"]
    assert row(promise_id).done_at is not None


def test_a_key_is_promised_once(app):
    promised(key="weekly:2026-W45:1")

    assert actions.promise("test", key="weekly:2026-W45:1") is None


def test_a_promise_of_the_future_waits(app, at):
    with at(NOON):
        promise_id = promised(due_at=NOON + timedelta(hours=1))
        assert running.due() == []
        assert not running.run(promise_id, {"test": lambda: None})
    with at(NOON + timedelta(hours=1)):
        assert running.due() == [promise_id]


def test_a_failure_puts_off_longer_each_time_and_ends_dead(app, at):
    waits = []
    moment = NOON
    with at(NOON):
        promise_id = promised()

    def fails():
        raise ConnectionRefusedError("ann@example.org")

    for _ in range(actions.TRIES):
        with at(moment):
            assert not running.run(promise_id, {"test": fails})
        found = row(promise_id)
        waits.append(found.due_at - moment)
        moment = found.due_at

    assert found.dead_at is not None
    assert found.tries == actions.TRIES
    assert found.last_error == "ConnectionRefusedError"
    assert waits[:4] == [timedelta(seconds=15 * 2**n) for n in range(4)]
    assert max(waits) == actions.LONGEST_WAIT


def test_what_cannot_be_kept_is_dead_at_once_and_can_be_retried(app):
    promise_id = promised()

    def hopeless():
        raise CannotBeKept("The mail server refuses the address for good (550).")

    assert not running.run(promise_id, {"test": hopeless})
    dead = row(promise_id)
    assert dead.dead_at is not None
    assert (dead.tries, dead.last_error) == (1, "The mail server refuses the address for good (550).")

    actions.retry(dead)
    db.session.commit()
    assert running.run(promise_id, {"test": lambda: None})


def test_a_lease_keeps_others_away_until_it_ends(app, at):
    with at(NOON):
        promise_id = promised()
        assert actions.claim(promise_id)
        db.session.commit()
        assert actions.claim(promise_id) is None
        assert running.due() == []
        db.session.rollback()
    with at(NOON + actions.LEASE):
        assert running.due() == [promise_id]


def test_who_lost_the_lease_writes_nothing(app, at):
    """A worker that slept through its lease must not do the deed a second time."""
    with at(NOON):
        promise_id = promised()
    deeds = []

    def slow():
        with clock.set_to(NOON + actions.LEASE + timedelta(seconds=1)):
            assert running.run(promise_id, {"test": lambda: lambda: deeds.append("quick")})
        return lambda: deeds.append("slow")

    with at(NOON):
        assert not running.run(promise_id, {"test": slow})
    assert deeds == ["quick"]


def test_two_threads_that_claim_the_same_promise_do_the_deed_once(app):
    ids = [promised(number=n) for n in range(20)]
    deeds = []
    together = threading.Barrier(2)

    def work():
        with app.app_context():
            together.wait()
            for promise_id in ids:
                running.run(promise_id, {"test": lambda number: lambda: deeds.append(number)})

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(deeds) == list(range(20))


def test_the_sweep_hands_out_what_is_due_once(app):
    ids = [promised(number=n) for n in range(3)]
    worker = Worker(app, {"test": lambda number: None}, {})
    worker.huey.storage.flush_all()

    assert (worker.sweep(), worker.sweep()) == (3, 0)
    assert worker.huey.pending_count() == 3

    while task := worker.huey.dequeue():
        worker.huey.execute(task)
    assert all(row(promise_id).done_at for promise_id in ids)
    assert worker.handed_out == {}
    worker.huey.storage.close()


def test_what_the_queue_lost_is_handed_out_again_after_its_lease(app):
    promised()
    worker = Worker(app, {}, {})
    worker.sweep()
    worker.huey.storage.flush_all()

    worker.handed_out = {key: at - actions.LEASE.total_seconds() for key, at in worker.handed_out.items()}
    assert worker.sweep() == 1
    worker.huey.storage.flush_all()
    worker.huey.storage.close()


def test_the_calendar_promises_once_however_often_it_is_asked(app):
    def weekly(now):
        actions.promise("test", key=f"weekly:{now:%G-W%V}")

    worker = Worker(app, {}, {"weekly": weekly})
    worker.tick()
    worker.tick()
    assert len(db.session.scalars(select(Promise)).all()) == 1
    worker.huey.storage.close()


@pytest.fixture
def queue_url(request, tmp_path, database_url) -> Iterator[str]:
    """The address of a queue of each kind that there can be; on PostgreSQL in the database under test."""
    if request.param == "redis":
        with redis(tmp_path) as url:
            yield url
    elif database_url.startswith("postgresql"):
        yield database_url
    else:
        yield f"sqlite:///{tmp_path / 'queue.db'}"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis of its own, that keeps nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                with socket.socket() as caller:
                    if caller.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


@pytest.mark.parametrize("queue_url", ["embedded", "redis"], indirect=True)
def test_the_queue_follows_its_address(queue_url):
    queue = queue_of(queue_url)
    queue.storage.enqueue(b"x")
    assert queue.pending_count() == 1
    assert queue.storage.dequeue() == b"x"
    queue.storage.flush_all()
    queue.storage.close()
    if isinstance(queue, RedisHuey):
        queue.storage.conn.connection_pool.disconnect()


def test_the_log_says_where_it_went_wrong_and_quotes_nobody(app):
    noted: Any = {"event": "promise put off", "exc_info": True}
    try:
        words = "planted words"
        raise ExceptionGroup(f"{words}", [ValueError(f"{words} of ann@example.org")])
    except ExceptionGroup:
        for processor in structlog.get_config()["processors"]:
            noted = processor(None, "error", noted)

    assert "ValueError" in noted
    assert "test_outbox.py" in noted
    assert "planted" not in noted
    assert "ann@" not in noted


def test_the_web_server_does_not_load_the_queue():
    command = [sys.executable, "-c", "import app, sys; print('huey' in sys.modules, 'app.worker' in sys.modules)"]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["False", "True"]
