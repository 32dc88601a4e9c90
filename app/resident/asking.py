"""An agency's own questions as fields of the resident's form, and what was answered to them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, RadioField, SelectChoice, SelectMultipleField, TextAreaField, ValidationError
from wtforms.validators import Optional

from app.directory.aspects import ASPECTS
from app.intake.answer_wording import DRIVES, yes_or_no
from app.intake.rules import NewAnswer, clean
from app.kernel import clock
from app.kernel.words import Drive, QuestionKind
from app.questions.queries import OfferedOption, OfferedQuestion, OfferedSet
from app.questions.rules import LONGEST_ANSWER
from app.resident.fields import NoLongerThan, OneToFive
from app.web.fields import Day, add_field

EARLIEST_YEAR = 1900


def name_of(question: OfferedQuestion, option: OfferedOption | None = None) -> str:
    """What the field of a question is called; where it asks what drove it, of one aspect.

    By the question's key, so that what was written before a new version came still finds its place.
    """
    return f"q-{question.key}-{option.key}" if option else f"q-{question.key}"


def add_fields(form: Form, sets: Iterable[OfferedSet], asked: Any) -> None:
    """Have a form ask the questions of these versions too, and read what was ``asked`` with."""
    for of in sets:
        for question in of.questions:
            for name, field in _fields(question):
                add_field(form, name, field, asked)


def answers_in(form: Form, of: OfferedSet) -> tuple[NewAnswer, ...]:
    """What was answered to the questions of one version; what was left open is not there."""
    return tuple(answer for question in of.questions for answer in _answers(form, question))


def _fields(question: OfferedQuestion) -> Iterator[tuple[str, Any]]:
    name, text = name_of(question), question.text
    if question.kind == QuestionKind.DRIVERS:
        for option in question.options:
            label = ASPECTS[option.aspect or ""]
            choices = [SelectChoice(str(drive), words) for drive, words in DRIVES.items()]
            yield name_of(question, option), SelectMultipleField(label, choices=choices)
    elif question.kind == QuestionKind.RATING:
        yield name, OneToFive(text)
    elif question.kind == QuestionKind.TEXT:
        yield name, TextAreaField(text, [NoLongerThan(LONGEST_ANSWER)], filters=[lambda said: clean(said or "")])
    elif question.kind == QuestionKind.DAY:
        yield name, Day(text, [Optional(), happened])
    else:
        choices = [SelectChoice(each.key, each.text) for each in question.options]
        if question.kind == QuestionKind.YES_NO:
            choices = [SelectChoice("yes", yes_or_no(True)), SelectChoice("no", yes_or_no(False))]
        yield name, RadioField(text, [Optional()], choices=choices)


def happened(_form: Form, field: Field) -> None:
    """Where it is already tomorrow, phones are a day ahead."""
    if field.data is not None:
        if field.data > (clock.now() + timedelta(days=1)).date():
            raise ValidationError(_l("Enter a day that has come already."))
        if field.data.year < EARLIEST_YEAR:
            raise ValidationError(_l("Enter a date like 2026-09-30."))


def _answers(form: Form, question: OfferedQuestion) -> Iterator[NewAnswer]:
    kind = question.kind
    if kind == QuestionKind.DRIVERS:
        for option in question.options:
            for drive in form[name_of(question, option)].data or ():
                yield NewAnswer(question.id, kind, option_id=option.id, drive=Drive(drive))
        return
    said = form[name_of(question)].data
    if said is None or said == "":
        return
    if kind == QuestionKind.RATING:
        yield NewAnswer(question.id, kind, rating=said)
    elif kind == QuestionKind.TEXT:
        yield NewAnswer(question.id, kind, text=said)
    elif kind == QuestionKind.DAY:
        yield NewAnswer(question.id, kind, day=said)
    elif kind == QuestionKind.YES_NO:
        yield NewAnswer(question.id, kind, is_yes=said == "yes")
    else:
        yield NewAnswer(question.id, kind, option_id=next(each.id for each in question.options if each.key == said))
