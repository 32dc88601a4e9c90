"""What residents answered to an agency's own questions, counted for a report; never what they wrote."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, exists, func, select

from app.directory.models import Contract
from app.extensions import db
from app.intake.models import Answer, Feedback, QuestionsAsked
from app.kernel.periods import Period, day_of
from app.kernel.shares import Share, share_of
from app.kernel.words import Drive, QuestionKind, Words
from app.measures.queries import counts_at, of_contracts
from app.questions.models import Question, QuestionSet

LATER = ((0, "same_day"), (7, "week"), (10**6, "longer"))
"""Up to so many days lay between what happened and telling it, and what that is called."""


@dataclass(frozen=True)
class Counted:
    """How many gave one of the answers, of those who answered; ``text`` is that of a choice."""

    key: str
    text: Words | None
    share: Share


@dataclass(frozen=True)
class Driven:
    """How many of those it was offered to named an aspect as good, as not good, and left it open."""

    aspect: str
    offered: int
    positive: Share
    negative: Share
    unanswered: int


@dataclass(frozen=True)
class OwnQuestion:
    """One question through all versions in which it is the same, in its newest words.

    ``offered`` counts the feedback that was asked it: what came before it, or by an older page, is not unanswered.
    """

    key: str
    kind: str
    wording: Words
    offered: int
    answered: int
    counts: tuple[Counted, ...] = ()
    drivers: tuple[Driven, ...] = ()

    @property
    def unanswered(self) -> int:
        return self.offered - self.answered


@dataclass(frozen=True)
class _Asked:
    """A question of one version, and to how many feedback of the period it was put."""

    question: Question
    version: int
    offered: int


def count(contract: Contract, period: Period, as_of: datetime) -> tuple[OwnQuestion, ...]:
    """The questions that feedback of the period was asked, in the order of the newest version; none where none was."""
    if not db.session.scalar(select(exists().where(QuestionSet.agency_id == contract.agency_id))):
        return ()
    within = and_(
        of_contracts([contract.id], as_of),
        Feedback.submitted_at >= period.since,
        Feedback.submitted_at < period.until,
        Feedback.submitted_at <= as_of,
        counts_at(as_of),
    )
    asked = _asked(within)
    if not asked:
        return ()
    given, answered = _given(within), _answered(within)
    days = (
        _days_between(within, period.timezone) if any(each.question.kind == QuestionKind.DAY for each in asked) else {}
    )
    by_key: dict[str, list[_Asked]] = defaultdict(list)
    for each in asked:
        by_key[each.question.key].append(each)
    # The newest words and the newest order; what is asked no more comes last.
    newest = {key: max(of, key=lambda each: each.version) for key, of in by_key.items()}
    order = sorted(newest.values(), key=lambda each: (-each.version, each.question.position))
    return tuple(_question(by_key[each.question.key], each.question, given, answered, days) for each in order)


def from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[OwnQuestion, ...]:
    """What ``to_json`` wrote."""
    return tuple(
        OwnQuestion(
            key=each["key"],
            kind=each["kind"],
            wording=each["wording"],
            offered=each["offered"],
            answered=each["answered"],
            counts=tuple(Counted(of["key"], of["text"], Share(**of["share"])) for of in each["counts"]),
            drivers=tuple(
                Driven(
                    of["aspect"],
                    of["offered"],
                    Share(**of["positive"]),
                    Share(**of["negative"]),
                    of["unanswered"],
                )
                for of in each["drivers"]
            ),
        )
        for each in kept
    )


def to_json(questions: Sequence[OwnQuestion]) -> list[dict[str, Any]]:
    """All of it as plain JSON."""
    return [
        {
            "key": each.key,
            "kind": each.kind,
            "wording": each.wording,
            "offered": each.offered,
            "answered": each.answered,
            "unanswered": each.unanswered,
            "counts": [{"key": of.key, "text": of.text, "share": of.share.to_json()} for of in each.counts],
            "drivers": [
                {
                    "aspect": of.aspect,
                    "offered": of.offered,
                    "positive": of.positive.to_json(),
                    "negative": of.negative.to_json(),
                    "unanswered": of.unanswered,
                }
                for of in each.drivers
            ],
        }
        for each in questions
    ]


def _asked(within: ColumnElement[bool]) -> list[_Asked]:
    offered = (
        select(QuestionsAsked.question_set_id, func.count().label("n"))
        .join(Feedback, Feedback.id == QuestionsAsked.feedback_id)
        .where(within)
        .group_by(QuestionsAsked.question_set_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Question, QuestionSet.number, offered.c.n)
        .join(offered, offered.c.question_set_id == Question.question_set_id)
        .join(QuestionSet, QuestionSet.id == Question.question_set_id)
        .order_by(QuestionSet.number, Question.position)
    )
    return [_Asked(question, number, n) for question, number, n in rows]


def _given(within: ColumnElement[bool]) -> Mapping[int, Counter[tuple[Any, ...]]]:
    """Question → (rating, yes or no, option, drive) → how many answered that."""
    said = (Answer.rating, Answer.is_yes, Answer.option_id, Answer.drive)
    counted: dict[int, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    for question_id, *what, n in db.session.execute(
        select(Answer.question_id, *said, func.count())
        .join(Feedback, Feedback.id == Answer.feedback_id)
        .where(within)
        .group_by(Answer.question_id, *said)
    ):
        counted[question_id][tuple(what)] = n
    return counted


def _answered(within: ColumnElement[bool]) -> Mapping[tuple[int, int | None], int]:
    """(question, option or None for any) → how many feedback have an answer."""
    n = func.count(distinct(Answer.feedback_id))
    of = select(Answer.question_id, n).join(Feedback, Feedback.id == Answer.feedback_id).where(within)
    rows = db.session.execute(of.group_by(Answer.question_id))
    found: dict[tuple[int, int | None], int] = {(question_id, None): times for question_id, times in rows}
    chosen = of.where(Answer.option_id.is_not(None)).add_columns(Answer.option_id)
    for question_id, times, option_id in db.session.execute(chosen.group_by(Answer.question_id, Answer.option_id)):
        found[question_id, option_id] = times
    return found


def _days_between(within: ColumnElement[bool], timezone: str) -> Mapping[int, Counter[str]]:
    """Question → after how long it was told what happened on the day answered."""
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for question_id, day, submitted_at in db.session.execute(
        select(Answer.question_id, Answer.day, Feedback.submitted_at)
        .join(Feedback, Feedback.id == Answer.feedback_id)
        .where(within, Answer.day.is_not(None))
    ):
        if day is not None:
            passed = (day_of(submitted_at, timezone) - day).days
            counted[question_id][next(name for most, name in LATER if passed <= most)] += 1
    return counted


def _question(
    versions: Sequence[_Asked],
    newest: Question,
    given: Mapping[int, Counter[tuple[Any, ...]]],
    answered: Mapping[tuple[int, int | None], int],
    days: Mapping[int, Counter[str]],
) -> OwnQuestion:
    counted: Counter[str] = Counter()
    texts: dict[str, Words | None] = {}
    n = sum(answered.get((each.question.id, None), 0) for each in versions)
    for each in versions:
        options = {option.id: option for option in each.question.options}
        texts |= {option.key: option.wording for option in options.values()}
        for (rating, is_yes, option_id, _drive), times in given.get(each.question.id, {}).items():
            if rating is not None:
                counted[str(rating)] += times
            elif is_yes is not None:
                counted["yes" if is_yes else "no"] += times
            elif option_id is not None:
                counted[options[option_id].key] += times
        counted.update(days.get(each.question.id, {}))
    offered = sum(each.offered for each in versions)
    keys = {
        QuestionKind.RATING: [str(stars) for stars in range(1, 6)],
        QuestionKind.YES_NO: ["yes", "no"],
        QuestionKind.DAY: [name for _most, name in LATER],
        QuestionKind.CHOICE: list(texts),
    }.get(newest.kind, [])
    return OwnQuestion(
        key=newest.key,
        kind=str(newest.kind),
        wording=newest.wording,
        offered=offered,
        answered=n,
        counts=tuple(Counted(key, texts.get(key), share_of(counted[key], n)) for key in keys),
        drivers=_drivers(versions, given, answered) if newest.kind == QuestionKind.DRIVERS else (),
    )


def _drivers(
    versions: Sequence[_Asked],
    given: Mapping[int, Counter[tuple[Any, ...]]],
    answered: Mapping[tuple[int, int | None], int],
) -> tuple[Driven, ...]:
    """Each aspect among those it was offered to, the one most often not good first."""
    offered, named, ways = Counter[str](), Counter[str](), Counter[tuple[str, Drive]]()
    for each in versions:
        for option in each.question.options:
            aspect = str(option.aspect)
            offered[aspect] += each.offered
            named[aspect] += answered.get((each.question.id, option.id), 0)
            for drive in Drive:
                ways[aspect, drive] += given.get(each.question.id, Counter())[None, None, option.id, drive]
    drivers = [
        Driven(
            aspect=aspect,
            offered=n,
            positive=share_of(ways[aspect, Drive.POSITIVE], n),
            negative=share_of(ways[aspect, Drive.NEGATIVE], n),
            unanswered=n - named[aspect],
        )
        for aspect, n in offered.items()
    ]
    return tuple(
        sorted(drivers, key=lambda each: (-(each.negative.value or 0), -(each.positive.value or 0), each.aspect))
    )
