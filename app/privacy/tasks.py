"""What the worker calls to delete what has been kept for long enough. Ids in, safe to repeat."""

from functools import partial

from app.outbox.running import Deed
from app.privacy import deleting_when_due


def look() -> Deed:
    """On ``retention.look``, once a day."""
    return deleting_when_due.look


def carry_out(kind: str, feedback_ids: list[int]) -> Deed:
    """On ``retention.carry_out``."""
    return partial(deleting_when_due.carry_out, kind, feedback_ids)
