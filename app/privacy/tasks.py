"""What the worker calls to delete what has been kept for long enough. Ids in, safe to repeat."""

from functools import partial

from app.outbox.running import Deed
from app.privacy import retention


def look() -> Deed:
    """On ``retention.look``, once a day."""
    return retention.look


def carry_out(kind: str, feedback_ids: list[int]) -> Deed:
    """On ``retention.carry_out``."""
    return partial(retention.carry_out, kind, feedback_ids)
