"""How the web server runs; ``gunicorn wsgi:app`` reads this by itself.

What GUNICORN_CMD_ARGS (``--bind 0.0.0.0:8000 --workers 4``) or the command line say goes before this.
"""

import ctypes
import gc
import os
import sys
from contextlib import suppress

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

# From <malloc.h> of glibc; other C libraries have no such setting and need none.
M_MMAP_THRESHOLD = -3
# So many new objects there are before garbage is looked for: with Python's 700 it was in every form that is sent.
NEW_OBJECTS = 10_000
# Seconds a thread that computes keeps the interpreter from the others. Everybody waits for the one who writes to
# SQLite, who lets go of it with every statement and would wait Python's 5 ms each time to have it back.
TURN = 0.0005

# This machine only: a proxy that speaks TLS and shields us from slow connections stands in front.
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = 2
threads = 8
control_socket_disable = True
# Loaded once and forked: half the memory and half the time to start.
preload_app = True
# Workers prove that they live by touching a file; on a slow disk that would stop the requests.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Addresses of our pages hold tokens, so no request is noted here; the application logs what is safe.
accesslog = None
loglevel = "warning"


def give_back_large_pieces() -> None:
    """Have what photos took given back to the system: the C library would keep it, for every thread anew."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 64 * 1024)


def when_ready(server: Arbiter) -> None:
    """Leave what was loaded once alone: looking for garbage in it makes workers copy it, a fifth of the memory."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Give the worker database connections of its own, as two on one corrupt it, and let it keep little memory."""
    from app.extensions import db

    give_back_large_pieces()
    sys.setswitchinterval(TURN)
    app = worker.app.wsgi()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
