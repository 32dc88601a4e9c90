"""Feedback that was read in a certain way, without asking what analysis makes of a text today."""

from typing import Any

from app.analysis import actions
from app.analysis.evidence import Evidence
from app.analysis.models import Tag
from app.analysis.reading import VERSION, Analysis, Probabilities
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import Aspect, Sentiment
from tests.factories import Directory
from tests.web.cases_story import sent

TEXT = "The bin was left full again and the street smells."


def analysis(**changes: Any) -> Analysis:
    """Negative, about timeliness, not urgent, sure."""
    made: dict[str, Any] = {
        "language": "en",
        "sentiment": Sentiment.NEGATIVE,
        "probabilities": Probabilities(0.8, 0.1, 0.1),
        "aspects": (Aspect.TIMELINESS,),
        "urgent": False,
        "redacted": TEXT,
        "pii": (),
        "version": VERSION,
        "is_sure": True,
        "evidence": (Evidence(12, 21, "negative", 2.0), Evidence(17, 27, "aspect:timeliness", 1.0)),
        "safeguarding": False,
    }
    return Analysis(**made | changes)


def read(world: Directory, feedback: dict[str, Any] | None = None, **changes: Any) -> Feedback:
    """A feedback that has been read as ``changes`` say."""
    made = sent(world, **{"text": TEXT, **(feedback or {})})
    actions.keep_reading(made.id, analysis(**changes))
    db.session.commit()
    return made


def tag_of(feedback: Feedback) -> Tag:
    db.session.expire_all()
    return db.session.get_one(Tag, feedback.id)
