"""What residents answered to an agency's own questions, as facts; what they wrote is elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.intake.models import Answer, QuestionsAsked
from app.questions.models import Question


@dataclass(frozen=True)
class Answered:
    """A question that a feedback was asked, and the answers to it: none, one, or one for each thing that drove it."""

    question: Question
    answers: tuple[Answer, ...]

    @property
    def first(self) -> Answer | None:
        return self.answers[0] if self.answers else None


def answered_in(feedback_id: int) -> Sequence[Answered]:
    """All questions of the version that a feedback was asked, in their order, answered or not."""
    asked = (
        select(Question)
        .join(QuestionsAsked, QuestionsAsked.question_set_id == Question.question_set_id)
        .where(QuestionsAsked.feedback_id == feedback_id)
        .options(selectinload(Question.options))
        .order_by(Question.position)
    )
    questions = db.session.scalars(asked).all()
    if not questions:
        return ()
    wanted = select(Answer).where(Answer.feedback_id == feedback_id).options(joinedload(Answer.option))
    given = db.session.scalars(wanted.order_by(Answer.id)).all()
    return [Answered(each, tuple(a for a in given if a.question_id == each.id)) for each in questions]
