"""All background work on one screen: which task keeps which promise, and what is promised when."""

from collections.abc import Mapping

from flask import Flask

from app.outbox.running import Task

# topic → the task that keeps it
HANDLERS: Mapping[str, Task] = {}


def init_app(app: Flask) -> None:
    """Let commands and the outbox's pages find the handlers without importing the stages."""
    app.extensions["handlers"] = HANDLERS
