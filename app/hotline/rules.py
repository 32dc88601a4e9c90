"""What a hotline's file says of a call: its columns, and by what a call is known again."""

import re
from datetime import timedelta

MOST_CALLS = 2_000
"""Rows of a file: taken in as one, they keep residents who send at the same time waiting for some seconds at most."""

LONGEST_NUMBER = 60
LONGEST_PHONE = 40

COLUMNS = (
    "number",
    "received_at",
    "site",
    "contract",
    "kind",
    "rating",
    "text",
    "place",
    "email",
    "phone",
    "language",
    "deadline",
)
NEEDED = ("number", "received_at", "site")

AHEAD = timedelta(minutes=10)
"""So far the hotline's clock may be ahead of ours."""

LONGEST_SPAN = timedelta(days=366)
"""Answers are taken away for a year at most, at once."""


def key_of(number: str) -> str:
    """A hotline's number as one knows it again, however it is typed.

    >>> key_of(" gd-2026 0042 ") == key_of("GD-20260042")
    True
    """
    return re.sub(r"\s+", "", number).casefold()
