"""What time it is: the one clock, aware and in UTC, that tests may set."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_set_to: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _set_to or datetime.now(UTC)


@contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """Inside the ``with``, it is ``at`` (aware) in the whole process."""
    global _set_to
    if at.tzinfo is None:
        raise ValueError("the clock takes aware times only")
    before, _set_to = _set_to, at.astimezone(UTC)
    try:
        yield
    finally:
        _set_to = before
