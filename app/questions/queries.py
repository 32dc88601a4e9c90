"""The questions of a contract as its manager edits them, and as they are asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import abort
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import selectinload

from app.directory.models import Contract
from app.extensions import db
from app.kernel.database import table
from app.kernel.words import QuestionKind, Words, in_language
from app.questions.models import Question, QuestionOption, QuestionSet, QuestionsInUse

IN_USE = table(QuestionsInUse)
SET, QUESTION, OPTION = table(QuestionSet), table(Question), table(QuestionOption)
OFFERED = (
    select(
        QUESTION.c.question_set_id,
        SET.c.contract_id,
        QUESTION.c.id,
        QUESTION.c.key,
        QUESTION.c.kind,
        QUESTION.c.wording,
        QUESTION.c.hint,
        QUESTION.c.easy,
        OPTION.c.id.label("option_id"),
        OPTION.c.key.label("option_key"),
        OPTION.c.wording.label("option_wording"),
        OPTION.c.aspect,
    )
    .select_from(QUESTION)
    .join(SET, SET.c.id == QUESTION.c.question_set_id)
    .outerjoin(OPTION, OPTION.c.question_id == QUESTION.c.id)
    .where(QUESTION.c.question_set_id.in_(bindparam("ids", expanding=True)), SET.c.published_at.is_not(None))
    .order_by(QUESTION.c.question_set_id, QUESTION.c.position, QUESTION.c.id, OPTION.c.position)
)
"""All that a form says of an agency's own questions, in one statement that is made once."""


@dataclass(frozen=True)
class OfferedOption:
    """An answer to choose from, in the reader's language; of an aspect the name is the house's own."""

    id: int
    key: str
    text: str
    aspect: str | None


@dataclass(frozen=True)
class OfferedQuestion:
    """A question in the reader's language."""

    id: int
    key: str
    kind: QuestionKind
    text: str
    hint: str
    # In easy words; the usual ones where nobody has written any in this language.
    easy: str
    options: tuple[OfferedOption, ...]


@dataclass(frozen=True)
class OfferedSet:
    """The questions of one version, in the reader's language."""

    id: int
    contract_id: int
    questions: tuple[OfferedQuestion, ...]


def offered(set_ids: Collection[int], language: str) -> tuple[OfferedSet, ...]:
    """Published versions by id, in their order, as somebody who reads ``language`` is asked; unknown ones are left out.

    Pages make and keep the form by what this returns, so it is all that the form says.
    """
    rows = db.session.connection().execute(OFFERED, {"ids": list(set_ids)}).all()
    return tuple(
        OfferedSet(
            set_id,
            of_set[0].contract_id,
            tuple(_offered(of_question, language) for _id, of_question in _by(of_set, "id")),
        )
        for set_id, of_set in _by(rows, "question_set_id")
    )


def offered_in(of: QuestionSet, language: str) -> OfferedSet:
    """One version, published or not, in a language."""
    return OfferedSet(of.id, of.contract_id, tuple(_offered_question(each, language) for each in of.questions))


def in_use(contract: Contract) -> QuestionSet | None:
    """The version that residents are asked now."""
    wanted = _whole().join(QuestionsInUse, QuestionsInUse.question_set_id == QuestionSet.id)
    return db.session.scalar(wanted.where(QuestionsInUse.contract_id == contract.id))


def draft_of(contract: Contract) -> QuestionSet | None:
    """The version that nobody is asked yet."""
    return db.session.scalar(_whole().where(QuestionSet.contract_id == contract.id, QuestionSet.published_at.is_(None)))


def versions_of(contract: Contract) -> Sequence[QuestionSet]:
    """All published versions, newest first."""
    wanted = _whole().where(QuestionSet.contract_id == contract.id, QuestionSet.published_at.is_not(None))
    return db.session.scalars(wanted.order_by(QuestionSet.number.desc())).all()


def numbers_in_use(contracts: Collection[Contract]) -> Mapping[int, tuple[int, int]]:
    """Contract → number of the version in use and how many questions it asks."""
    rows = db.session.execute(
        select(QuestionsInUse.contract_id, QuestionSet.number, func.count(Question.id))
        .join(QuestionSet, QuestionSet.id == QuestionsInUse.question_set_id)
        .outerjoin(Question, Question.question_set_id == QuestionSet.id)
        .where(QuestionsInUse.contract_id.in_([each.id for each in contracts]))
        .group_by(QuestionsInUse.contract_id, QuestionSet.number)
    )
    return {contract_id: (number, asked) for contract_id, number, asked in rows}


def drafts_among(contracts: Collection[Contract]) -> frozenset[int]:
    """The contracts with a draft."""
    ids = [each.id for each in contracts]
    wanted = select(QuestionSet.contract_id).where(QuestionSet.contract_id.in_(ids), QuestionSet.published_at.is_(None))
    return frozenset(db.session.scalars(wanted))


def question_or_404(of: QuestionSet | None, key: str) -> Question:
    found = next((each for each in of.questions if each.key == key), None) if of else None
    return found if found is not None else abort(404)


def was_published(key: str) -> bool:
    """Whether a question has ever been asked, so that there may be answers to it."""
    wanted = select(Question.id).join(QuestionSet, QuestionSet.id == Question.question_set_id)
    return (
        db.session.scalar(wanted.where(Question.key == key, QuestionSet.published_at.is_not(None)).limit(1)) is not None
    )


def _whole() -> Select[QuestionSet]:
    return select(QuestionSet).options(selectinload(QuestionSet.questions).selectinload(Question.options))


def _by(rows: Sequence[Any], name: str) -> Iterator[tuple[int, list[Any]]]:
    """Rows that come one after the other, by a number that they share."""
    return ((number, list(those)) for number, those in groupby(rows, key=attrgetter(name)))


def _offered(rows: Sequence[Any], language: str) -> OfferedQuestion:
    """The question that all ``rows`` are about, an option each."""
    first = rows[0]
    options = ((row.option_id, row.option_key, row.option_wording, row.aspect) for row in rows if row.option_id)
    return OfferedQuestion(
        id=first.id,
        key=first.key,
        kind=first.kind,
        text=in_language(first.wording, language),
        hint=in_language(first.hint, language) if first.hint else "",
        easy=(first.easy or {}).get(language) or in_language(first.wording, language),
        options=tuple(_option(*each, language) for each in options),
    )


def _offered_question(question: Question, language: str) -> OfferedQuestion:
    return OfferedQuestion(
        id=question.id,
        key=question.key,
        kind=question.kind,
        text=in_language(question.wording, language),
        hint=in_language(question.hint, language) if question.hint else "",
        easy=question.asked.easy.get(language) or in_language(question.wording, language),
        options=tuple(_option(each.id, each.key, each.wording, each.aspect, language) for each in question.options),
    )


def _option(option_id: int, key: str, wording: Words | None, aspect: str | None, language: str) -> OfferedOption:
    text = in_language(wording, language) if wording else ""
    return OfferedOption(option_id, key, text, str(aspect) if aspect else None)
