"""The real thing: web server, worker, mail server and Chromium, each a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.accounts.rules import code_of, step_at
from tests.browser import people
from tests.mail_sink import Sink, listening

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = Path(__file__).with_name("directory.json")
SECONDS_TO_START = 60
SECONDS_TO_ARRIVE = 20
NARROW = {"width": 360, "height": 740}
WIDE = {"width": 1280, "height": 900}

CHROMIUM = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Place:
    """A running Answerable: its address, its environment, and the mail server it writes to."""

    url: str
    environment: dict[str, str]
    sink: Sink

    def flask(self, *arguments: str) -> str:
        """What ``flask …`` prints in this place; fails where the command does."""
        return self.run("flask", *arguments)

    def run(self, module: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def receive(self, address: str, mail: bytes) -> None:
        """A mail arrives: the mail server pipes it in."""
        command = [sys.executable, "-m", "flask", "mail", "receive", address]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, input=mail, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def letter(self, to: str, wanted: Callable[[EmailMessage], bool] = lambda _: True) -> EmailMessage:
        """The newest letter to ``to`` that is ``wanted``, once it has arrived."""
        deadline = time.monotonic() + SECONDS_TO_ARRIVE
        while time.monotonic() < deadline:
            for letter in reversed(self.sink.letters):
                if to in letter["To"] and wanted(letter):
                    return letter
            time.sleep(0.1)
        raise AssertionError(
            f"no such letter to {to} among {[(each['To'], each['Subject']) for each in self.sink.letters]}"
        )


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Installed as an administrator would: migrated, with directory and members, server and worker started."""
    var = tmp_path_factory.mktemp("place")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with listening() as sink:
        ours = {
            "ANSWERABLE_VAR": str(var),
            "PORT": str(port),
            # A name, as browsers make passkeys for names alone.
            "PUBLIC_URL": f"http://localhost:{port}",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(sink.port),
            "MAIL_TLS": "none",
        }
        foreign = ("DATABASE_URL", "DATABASE_OWNER_URL", "QUEUE_URL", "TEST_DATABASE_URL", "DATA_KEYS", "FLASK_APP")
        environment = {name: value for name, value in os.environ.items() if name not in foreign} | ours
        made = Place(ours["PUBLIC_URL"], environment, sink)
        made.flask("db", "upgrade")
        made.flask("import", "directory", str(DIRECTORY))
        made.run("tests.browser.people")

        log = var / "log"
        with log.open("w") as out:
            processes = [
                subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=out, stderr=out)
                for command in (("gunicorn", "wsgi:app"), ("flask", "worker"))
            ]
            try:
                wait_for(f"{made.url}/status", log)
                yield made
            finally:
                for process in processes:
                    process.terminate()
                for process in processes:
                    process.wait(timeout=20)


def wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            with closing(urllib.request.urlopen(url, timeout=2)):  # noqa: S310 (our own address)
                return
        except OSError as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def new_page(place: Place, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``new_page()`` is a visitor's page, ``new_page(member)`` that of one who has signed in, both on a phone."""
    contexts: list[BrowserContext] = []

    def make(member: str | None = None, **more: Any) -> Page:
        page = open_page(chromium, place, member, **more)
        contexts.append(page.context)
        return page

    yield make
    for context in contexts:
        context.close()


def open_page(chromium: Browser, place: Place, member: str | None = None, **more: Any) -> Page:
    context = chromium.new_context(**{"base_url": place.url, "viewport": NARROW, "locale": "en-GB", **more})
    context.set_default_timeout(10_000)
    page = context.new_page()
    if member is not None:
        sign_in(page, member)
    return page


def sign_in(page: Page, member: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(member)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if member == people.ADMINISTRATOR:
        page.wait_for_url(lambda url: "/sign-in/code" in url)
        page.get_by_label("Code from the app").fill(next_code())
        page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


used: list[int] = []


def next_code() -> str:
    """A code of the administrator's app that was not used yet: of the step before, this one, or the next."""
    while True:
        here = step_at(datetime.now(UTC))
        step = max([here - 1, *(each + 1 for each in used)])
        if step <= here + 1:
            used.append(step)
            return code_of(people.KEY, step)
        time.sleep(1)


def next_monday_at_nine(timezone: str) -> datetime:
    now = datetime.now(ZoneInfo(timezone))
    day = now + timedelta(days=7 - now.weekday())
    return day.replace(hour=9, minute=0, second=0, microsecond=0)
