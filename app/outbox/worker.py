"""The worker: hands promises that are due to huey, whose threads keep them, and makes those that the calendar asks for.

The rows of the outbox are the truth. What huey loses, in a kill or with its whole storage, is handed out again; what
it holds twice is claimed once.
"""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.exceptions import ConfigurationError
from sqlalchemy.exc import IntegrityError

from app.config import BadSetting
from app.extensions import db
from app.kernel import clock
from app.outbox import running
from app.outbox.actions import LEASE
from app.web.transactions import begin_writing

log = structlog.get_logger()

THREADS = 2
SWEEP_SECONDS = 2.0
TICK_SECONDS = 60.0
HEALTH_SECONDS = 10.0
PATIENCE_SECONDS = 20
"""How long a promise that is being kept may take to end when we are told to stop; then its lease runs out instead."""

AT_ONCE = 200
"""So many promises are handed out at most: the rest wait in the outbox, where every worker sees them."""


def queue_of(url: str) -> Huey:
    """huey over the storage that QUEUE_URL names, or ``BadSetting``."""
    kind = urlsplit(url).scheme
    common: dict[str, Any] = {"results": False, "utc": True}
    try:
        if kind == "sqlite":
            return SqliteHuey("answerable", filename=url.removeprefix("sqlite:///"), **common)
        if kind == "postgresql":
            return PostgresHuey("answerable", dsn=url, **common)
        return RedisHuey("answerable", url=url, **common)
    except ConfigurationError:
        raise BadSetting(f"QUEUE_URL starts with {kind!r}, but the Python package for it is not installed") from None


class Worker:
    """One process: huey's threads keep promises, its main thread hands them out."""

    def __init__(self, app: Flask, handlers: Mapping[str, running.Task], schedule: running.Schedule):
        self.app = app
        self.handlers = handlers
        self.schedule = schedule
        self.huey = queue_of(app.config["CONFIG"].queue_url)
        self.keep = self.huey.task(name="keep")(self._keep)
        self.told_to_stop = threading.Event()
        # id → when we handed it out. Should its message get lost, it is due again after its lease.
        self.handed_out: dict[int, float] = {}

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then end what is being kept, and return."""
        consumer = Consumer(
            self.huey,
            workers=THREADS,
            periodic=False,
            max_delay=1.0,
            scheduler_interval=60,
            shutdown_timeout=PATIENCE_SECONDS,
        )
        consumer.start()
        # After the start, which sets handlers of its own that do not let the threads finish.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.told_to_stop.set())
        log.info("worker started", threads=THREADS)
        next_tick = next_health = 0.0
        while not self.told_to_stop.is_set():
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + TICK_SECONDS
                self._quietly(self.tick)
            self._quietly(self.sweep)
            if time.monotonic() >= next_health:
                next_health = time.monotonic() + HEALTH_SECONDS
                consumer.check_worker_health()
            self.told_to_stop.wait(SWEEP_SECONDS)
        log.info("worker stops")
        consumer.stop(graceful=True)

    def sweep(self) -> int:
        """Hand out what is due and not in huey's hands already; how many."""
        lost_since = time.monotonic() - LEASE.total_seconds()
        self.handed_out = {promise: at for promise, at in list(self.handed_out.items()) if at > lost_since}
        found = [promise for promise in running.due(AT_ONCE) if promise not in self.handed_out]
        for promise in found:
            self.handed_out[promise] = time.monotonic()
            self.keep(promise)
        return len(found)

    def tick(self) -> None:
        """Let the calendar make its promises."""
        now = clock.now()
        for due in self.schedule.values():
            begin_writing()
            try:
                due(now)
                db.session.commit()
            except IntegrityError:
                # Another worker was quicker by a moment, and promised the same.
                db.session.rollback()

    def _keep(self, promise_id: int) -> None:
        try:
            with self.app.app_context():
                running.run(promise_id, self.handlers)
        finally:
            self.handed_out.pop(promise_id, None)

    def _quietly(self, deed: Callable[[], object]) -> None:
        """A database or queue that is away for a while is no reason to end: the next round tries again."""
        try:
            with self.app.app_context():
                deed()
        except Exception as error:
            log.error("worker could not look for work", kind=type(error).__name__)
