"""What the worker calls about cases. Ids in, safe to repeat."""

from sqlalchemy import select

from app.analysis.models import Tag
from app.cases import actions
from app.cases.models import Case
from app.extensions import db
from app.outbox.running import Deed


def propose_clause(feedback_id: int) -> Deed:
    """On ``case.propose_clause``: once a complaint is read, take the clause that is about what was said."""

    def keep() -> None:
        case = db.session.scalar(select(Case).where(Case.feedback_id == feedback_id))
        aspects = db.session.scalar(select(Tag.aspects).where(Tag.feedback_id == feedback_id))
        if case is not None and aspects:
            actions.propose_clause(case, aspects)

    return keep


def resume(feedback_id: int, event_id: int) -> Deed:
    """On ``case.resume``: nobody answered the question within the waiting time, the clock runs again."""

    def keep() -> None:
        case = db.session.scalar(select(Case).where(Case.feedback_id == feedback_id))
        if case is not None:
            actions.resume(case, event_id)

    return keep
