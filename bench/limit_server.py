"""The least that Flask and gunicorn can do for one form: the yardstick beside which the product is measured.

It leaves out nothing that is needed to take in one row durably: a form with a signed token, its check, one INSERT and
COMMIT with the same durability as the product's, a redirect, and a page that shows the reference. Of a photo that comes
with it, it leaves out nothing either: decoded, shrunk, written anew, and durable before the COMMIT.
"""

import hashlib
import hmac
import os
import secrets
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from flask import Flask, make_response, redirect, request
from PIL import Image

from bench.serving import Server, free_port, serving

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 8
TABLE = (
    "CREATE TABLE submission (id INTEGER PRIMARY KEY, rating INTEGER NOT NULL, text TEXT NOT NULL, at REAL NOT NULL)"
)
FORM = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Feedback</title>
<h1>Feedback</h1><form method="post">
<input type="hidden" name="token" value="%s">
<p><label>How was it? <input name="rating" type="number" min="1" max="5"></label>
<p><label>What happened? <textarea name="text"></textarea></label>
<p><button>Send</button></form></html>"""


@contextmanager
def limit(folder: Path) -> Iterator[Server]:
    """The yardstick's server over a new database in ``folder``."""
    # Another part of the same run may have left its own.
    for left in folder.glob("limit.db*"):
        left.unlink()
    with sqlite3.connect(folder / "limit.db") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(TABLE)
    connection.close()
    port = free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning", "--no-control-socket"),
        "bench.limit_server:create_app()",
    ]
    told = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LIMIT_DATABASE": str(folder / "limit.db"),
        "LIMIT_KEY": secrets.token_hex(16),
    }
    # Started elsewhere than in the project, as gunicorn would read the product's settings there.
    with serving(command, told, folder, port) as server:
        yield server


def rows(folder: Path) -> int:
    """How many submissions the database holds."""
    with sqlite3.connect(folder / "limit.db") as connection:
        found: int = connection.execute("SELECT count(*) FROM submission").fetchone()[0]
    connection.close()
    return found


def create_app() -> Flask:
    """What each worker of gunicorn runs."""
    app = Flask(__name__)
    key = os.environ["LIMIT_KEY"].encode()
    mine = threading.local()

    def signed(nonce: str) -> str:
        return hmac.new(key, nonce.encode(), hashlib.sha256).hexdigest()

    def keep(rating: int, text: str) -> int | None:
        connection = getattr(mine, "connection", None)
        if connection is None:
            connection = mine.connection = sqlite3.connect(os.environ["LIMIT_DATABASE"], timeout=10)
            connection.isolation_level = None
            connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN IMMEDIATE")
        added = connection.execute(
            "INSERT INTO submission (rating, text, at) VALUES (?, ?, julianday())", (rating, text)
        )
        connection.execute("COMMIT")
        reference: int | None = added.lastrowid
        return reference

    def keep_photo(sent: IO[bytes]) -> None:
        picture = Image.open(sent, formats=("JPEG",)).convert("RGB")
        picture.thumbnail((1600, 1600))
        with open(f"{os.environ['LIMIT_DATABASE']}-{secrets.token_hex(16)}.jpg", "wb") as file:
            picture.save(file, "JPEG", quality=80)
            file.flush()
            os.fsync(file.fileno())

    @app.get("/form")
    def form() -> Any:
        nonce = secrets.token_hex(8)
        response = make_response(FORM % signed(nonce))
        response.set_cookie("nonce", nonce, httponly=True, samesite="Lax")
        return response

    @app.post("/form")
    def send() -> Any:
        if not hmac.compare_digest(signed(request.cookies.get("nonce", "")), request.form.get("token", "")):
            return "The token does not fit.", 400
        if "photos" in request.files:
            keep_photo(request.files["photos"].stream)
        return redirect(f"/done/{keep(int(request.form['rating']), request.form['text'])}", 303)

    @app.get("/done/<int:reference>")
    def done(reference: int) -> str:
        return f"<!doctype html><title>Thank you</title><p>Reference: <b data-reference>{reference}</b>"

    return app
