"""Logs: a sentence and its facts, as JSON lines; whatever could name a person is refused."""

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.tracebacks import ExceptionDictTransformer

# Facts that may name a person or open their page never reach a log.
REFUSED = frozenset(
    {"email", "phone", "text", "name", "place", "token", "pin", "password", "words", "message", "to", "path", "url"}
)


def refuse_persons(_logger: Any, _method: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for fact in REFUSED & facts.keys():
        facts[fact] = "[refused]"
    return facts


def forget_values(_logger: Any, _method: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep where an error came from, not what it says: that may quote an address, or a resident's words."""
    for error in facts.get("exception", ()):
        error.update(exc_value="[refused]", exc_notes=[])
        for part in error.get("exceptions", ()):
            forget_values(_logger, _method, {"exception": part})
    return facts


def init_app(app: Flask) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            refuse_persons,
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            forget_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    log = structlog.get_logger()

    @app.before_request
    def note_start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def note_answer(response: Response) -> Response:
        """One line per slow or failed request, by endpoint: a path can hold a resident's token."""
        took = time.perf_counter() - g.get("started", time.perf_counter())
        if response.status_code >= 500 or took > 1:
            log.warning("answered", endpoint=request.endpoint, status=response.status_code, ms=round(took * 1000))
        return response
