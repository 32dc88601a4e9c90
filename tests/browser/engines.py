"""WebKit and Firefox as Debian packages them: real engines beside Chromium, asked by WebDriver's own commands.

WebKit speaks them over HTTP, Firefox over its Marionette socket; both know the same ones by the same names.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which WebDriver hands out elements."""

SECONDS = 30
PHONE = {"x": 0, "y": 0, "width": 360, "height": 740}

ROUTES = {
    "NewSession": ("POST", "session"),
    "DeleteSession": ("DELETE", "session/{session}"),
    "Navigate": ("POST", "session/{session}/url"),
    "SetWindowRect": ("POST", "session/{session}/window/rect"),
    "NewWindow": ("POST", "session/{session}/window/new"),
    "CloseWindow": ("DELETE", "session/{session}/window"),
    "SwitchToWindow": ("POST", "session/{session}/window"),
    "GetWindowHandle": ("GET", "session/{session}/window"),
    "FindElement": ("POST", "session/{session}/element"),
    "ElementClick": ("POST", "session/{session}/element/{id}/click"),
    "ElementSendKeys": ("POST", "session/{session}/element/{id}/value"),
    "GetElementText": ("GET", "session/{session}/element/{id}/text"),
    "ExecuteScript": ("POST", "session/{session}/execute/sync"),
    "ExecuteAsyncScript": ("POST", "session/{session}/execute/async"),
    "TakeScreenshot": ("GET", "session/{session}/screenshot"),
}

Ask = Callable[[str, dict[str, Any]], Any]


class Refused(AssertionError):
    """What a browser answers to a command that it cannot carry out."""


class Engine:
    """One window of a browser, in the words of somebody who uses it."""

    def __init__(self, name: str, ask: Ask):
        self.name = name
        self.ask = ask

    def open(self, address: str) -> None:
        self.ask("Navigate", {"url": address})

    def new_tab(self) -> None:
        """Open another tab and go there; the one before stays."""
        self.ask("SwitchToWindow", {"handle": self.ask("NewWindow", {"type": "tab"})["handle"]})

    def close_tab(self) -> None:
        """Close the tab that is looked at, and go to one that is left."""
        left = self.ask("CloseWindow", {})
        self.ask("SwitchToWindow", {"handle": left[0]})

    def find(self, selector: str) -> str:
        """An element, once it is there."""
        return self.until(lambda: self.ask("FindElement", {"using": "css selector", "value": selector})[ELEMENT])

    def press(self, selector: str) -> None:
        self.ask("ElementClick", {"id": self.find(selector)})

    def write(self, selector: str, words: str) -> None:
        self.ask("ElementSendKeys", {"id": self.find(selector), "text": words})

    def text(self, selector: str) -> str:
        return str(self.ask("GetElementText", {"id": self.find(selector)}))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.ask("ExecuteScript", {"script": script, "args": list(arguments)})

    def think(self, script: str, *arguments: Any) -> Any:
        """What an asynchronous function comes to."""
        waited = f"const done = arguments[arguments.length - 1]; ({script})(...arguments).then(done);"
        return self.ask("ExecuteAsyncScript", {"script": waited, "args": list(arguments)})

    def until(self, come_to: Callable[[], Any]) -> Any:
        """What is true at last."""
        deadline, last = time.monotonic() + SECONDS, "nothing"
        while time.monotonic() < deadline:
            with suppress(Refused):
                found = come_to()
                if found:
                    return found
                last = repr(found)
            time.sleep(0.1)
        raise AssertionError(f"{self.name} came to {last}")


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """The engine of every browser on iOS, on a display of its own; like there it knows no background sync."""
    browser = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))
    port = free_port()
    with display() as shown, process(["WebKitWebDriver", f"--port={port}"], folder, DISPLAY=shown):
        session = ""

        def ask(command: str, given: dict[str, Any]) -> Any:
            method, route = ROUTES[command]
            asked = {key: value for key, value in given.items() if key != "id"}
            body = json.dumps(asked) if method == "POST" else None
            with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as line:
                line.request(method, "/" + route.format(session=session, id=given.get("id")), body)
                answer = line.getresponse()
                value = json.loads(answer.read())["value"]
            if answer.status != 200:
                raise Refused(f"{command}: {value['error']}: {value['message']}")
            return value

        wait_for(port)
        wanted = {"webkitgtk:browserOptions": {"binary": str(browser), "args": ["--automation"]}}
        session = ask("NewSession", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        yield Engine("WebKit", ask)
        ask("DeleteSession", {})


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    """Firefox without a window, on a profile of its own."""
    port = free_port()
    settings = {
        "marionette.port": port,
        "datareporting.policy.dataSubmissionEnabled": False,
        "app.update.enabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
    }
    lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in settings.items()]
    (folder / "user.js").write_text("\n".join(lines))
    with process(["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(folder)], folder):
        wait_for(port)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line, line.makefile("rb") as heard:

            def listen() -> Any:
                """One message, its length in front of it."""
                size = b""
                while (sign := heard.read(1)) != b":":
                    size += sign
                return json.loads(heard.read(int(size)))

            def ask(command: str, given: dict[str, Any]) -> Any:
                asked = json.dumps([0, 1, f"WebDriver:{command}", given]).encode()
                line.sendall(b"%d:%b" % (len(asked), asked))
                _kind, _number, error, found = listen()
                if error:
                    raise Refused(f"{command}: {error['error']}: {error['message']}")
                return found["value"] if isinstance(found, dict) and set(found) == {"value"} else found

            listen()
            ask("NewSession", {})
            yield Engine("Firefox", ask)


@contextmanager
def process(command: list[str], folder: Path, **environment: str) -> Iterator[None]:
    """A program that ends with what it is needed for; what it says is in ``folder``."""
    with (folder / f"{Path(command[0]).name}.log").open("wb") as out:
        started = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | environment)
        try:
            yield
        finally:
            started.terminate()
            started.wait(timeout=20)


@contextmanager
def display() -> Iterator[str]:
    """A screen that nobody sees; says its name once it is there."""
    hears, tells = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tells), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[tells],
        stderr=subprocess.DEVNULL,
    )
    os.close(tells)
    try:
        with os.fdopen(hears) as told:
            yield f":{told.readline().strip()}"
    finally:
        screen.terminate()
        screen.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens on {port}")
