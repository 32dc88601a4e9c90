"""What the worker calls to have feedback read. Ids in, safe to repeat."""

from app.analysis import actions
from app.analysis.reading import analyse
from app.extensions import db
from app.outbox.running import Deed


def read_feedback(feedback_id: int) -> Deed | None:
    """On ``feedback.read``: analyse the text outside any transaction, then keep the reading."""
    found = actions.text_to_read(feedback_id)
    db.session.rollback()
    if found is None:
        return None
    analysis = analyse(found[0])

    def keep() -> None:
        actions.keep_reading(feedback_id, analysis)

    return keep
