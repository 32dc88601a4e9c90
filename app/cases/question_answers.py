"""What residents answered to an agency's own questions, as each viewer may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.analysis.models import AnswerReading
from app.analysis.queries import answer_readings
from app.directory.aspects import ASPECTS
from app.intake.answer_wording import DRIVES, yes_or_no
from app.intake.models import Feedback
from app.kernel.words import Drive, QuestionKind
from app.questions.answers import Answered, answered_in
from app.web.access import Viewer
from app.web.filters import day, said
from app.web.texts import gettext as _


@dataclass(frozen=True)
class AnswerLine:
    """A question and what was answered, in words; None where nothing was. ``reading`` is of a text that was read."""

    question: str
    answer: str | None
    is_for_provider: bool = False
    reading: AnswerReading | None = None


def seen_by(viewer: Viewer, feedback: Feedback, original: Mapping[int, str] | None = None) -> Sequence[AnswerLine]:
    """What staff see: texts without persons, or as written where they were opened (``original``, by answer).

    The provider sees the questions that are asked for it too.
    """
    answered = answered_in(feedback.id)
    if viewer.agency_id is None:
        answered = [each for each in answered if each.question.is_for_provider]
    readings = answer_readings(feedback.id) if answered else {}
    return [_line(each, readings, original or {}) for each in answered]


def of_resident(feedback: Feedback, texts: Mapping[int, str]) -> Sequence[AnswerLine]:
    """What residents see of their own: what they answered, as they wrote it."""
    lines = []
    for each in answered_in(feedback.id):
        if each.answers:
            text = texts.get(each.answers[0].id, "") if each.question.kind == QuestionKind.TEXT else in_words(each)
            lines.append(AnswerLine(said(each.question.wording), text or _("What you wrote is deleted.")))
    return lines


def in_words(answered: Answered) -> str:
    """What was answered, but for texts, in the language of the page."""
    first, kind = answered.answers[0], answered.question.kind
    if kind == QuestionKind.RATING:
        return _("%(n)s of 5", n=first.rating)
    if kind == QuestionKind.YES_NO:
        return yes_or_no(bool(first.is_yes))
    if kind == QuestionKind.DAY:
        return day(first.day)
    if kind == QuestionKind.CHOICE:
        return said(answered.option(first).wording)
    driven: dict[Drive, list[Any]] = {drive: [] for drive in Drive}
    for each in answered.answers:
        if each.drive is not None:
            driven[each.drive].append(ASPECTS[answered.option(each).aspect or ""])
    return " · ".join(
        _("%(drive)s: %(aspects)s", drive=DRIVES[drive], aspects=", ".join(str(each) for each in aspects))
        for drive, aspects in driven.items()
        if aspects
    )


def _line(each: Answered, readings: Mapping[int, AnswerReading], original: Mapping[int, str]) -> AnswerLine:
    question, first = each.question, each.first
    reading = readings.get(first.id) if first else None
    if first is None:
        words = None
    elif question.kind != QuestionKind.TEXT:
        words = in_words(each)
    elif first.id in original:
        words = original[first.id]
    elif reading is None:
        words = _("It is being read. It appears here without names and numbers in a moment.")
    else:
        words = reading.redacted or _("Erased")
    return AnswerLine(said(question.wording), words, question.is_for_provider, reading)
