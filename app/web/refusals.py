"""Saying why something is not answered: in plain words of ours, which alone are shown to people."""

from typing import NoReturn

from werkzeug.exceptions import HTTPException, default_exceptions


def refuse(status: int, reason: str) -> NoReturn:
    """End the request with the page for ``status``, which says ``reason``; it is in the reader's language already."""
    error = default_exceptions[status](reason)
    error.is_said = True  # type: ignore[attr-defined]
    raise error


def reason_of(error: HTTPException) -> str:
    """Why, in words of ours; what libraries say is for whoever reads logs, in English, and is left out."""
    return (error.description or "") if getattr(error, "is_said", False) else ""
