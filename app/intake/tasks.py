"""What the worker calls about photos. Names in, safe to repeat."""

from app.extensions import db
from app.intake import photo_keeping, quotas
from app.kernel import clock
from app.outbox.running import Deed


def forget_photos(names: list[str]) -> Deed | None:
    """On ``photos.forget``: the rows are gone, so the files go."""
    photo_keeping.forget(names)
    db.session.rollback()
    return None


def forget_sent() -> Deed:
    """On ``sent.forget``: what was counted on days that are over."""

    def forget() -> None:
        quotas.forget(quotas.day_number(clock.now()))

    return forget


def sweep_photos() -> Deed:
    """On ``photos.sweep``: what was staged for longer than its hour, and files that no row ever came to know."""
    photo_keeping.sweep()
    db.session.rollback()
    return photo_keeping.end_staging
