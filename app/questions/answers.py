"""What residents answered to an agency's own questions, as facts; what they wrote is elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.intake.models import Answer, QuestionsAsked
from app.questions.models import Question, QuestionOption


@dataclass(frozen=True)
class Answered:
    """A question that a feedback was asked, and the answers to it: none, one, or one for each thing that drove it."""

    question: Question
    answers: tuple[Answer, ...]

    @property
    def first(self) -> Answer | None:
        return self.answers[0] if self.answers else None

    def option(self, answer: Answer) -> QuestionOption:
        """What was chosen, of an answer that was chosen."""
        return next(each for each in self.question.options if each.id == answer.option_id)


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
    given = db.session.scalars(select(Answer).where(Answer.feedback_id == feedback_id).order_by(Answer.id)).all()
    return [Answered(each, tuple(a for a in given if a.question_id == each.id)) for each in questions]


def numbers_answering(keys: Collection[str]) -> Mapping[str, int]:
    """Question → how many feedback have answered it, in all versions; without those that nobody has."""
    rows = db.session.execute(
        select(Question.key, func.count(distinct(Answer.feedback_id)))
        .join(Answer, Answer.question_id == Question.id)
        .where(Question.key.in_(keys))
        .group_by(Question.key)
    )
    return {key: n for key, n in rows}
