"""What the worker calls to keep what days count. Safe to repeat."""

from app.measures import actions
from app.outbox.running import Deed


def follow() -> Deed | None:
    """On ``rollup.follow``."""
    deed, _ = actions.follow()
    return deed
