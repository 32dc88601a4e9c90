"""Changing what residents are asked: always in a draft, which is published as a new version."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.directory.models import Agency, Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, StaleVersion
from app.questions import queries, rules
from app.questions.models import Question, QuestionOption, QuestionSet, QuestionsInUse
from app.questions.rules import MOST_QUESTIONS, Asked, Changes

NOTHING = "0.0"
"""What stands for the state of a contract that asks nothing of its own."""

ENGLISH = "en"


def state_of(draft: QuestionSet | None, current: QuestionSet | None) -> str:
    """What a page of the editor shows, in short: whoever sends it back with a change has seen the newest."""
    seen = draft or current
    return f"{seen.id}.{seen.revision}" if seen else NOTHING


def add(contract: Contract, asked: Asked, *, seen: str, member_id: int) -> Question:
    """Ask something more, last of all. ``MoveNotAllowed`` where it is enough."""
    draft = _draft(contract, seen, member_id)
    if len(draft.questions) >= MOST_QUESTIONS:
        raise MoveNotAllowed("nobody answers so many questions")
    question = _question(draft, asked, position=1 + max((each.position for each in draft.questions), default=0))
    draft.questions.append(question)
    db.session.flush()
    return question


def change(contract: Contract, key: str, asked: Asked, *, seen: str, member_id: int) -> Question:
    """Ask it in other words; ``asked`` brings a new key where that makes it another question."""
    draft = _draft(contract, seen, member_id)
    old = queries.question_or_404(draft, key)
    position = old.position
    draft.questions.remove(old)
    # What is in its place now may have its key.
    db.session.flush()
    question = _question(draft, asked, position=position)
    draft.questions.append(question)
    db.session.flush()
    return question


def move(contract: Contract, key: str, *, up: bool, seen: str, member_id: int) -> None:
    """Ask it sooner or later than its neighbour."""
    draft = _draft(contract, seen, member_id)
    queries.question_or_404(draft, key)
    order = rules.moved([each.key for each in draft.questions], key, up)
    for question in draft.questions:
        question.position = order.index(question.key)
    db.session.flush()


def retire(contract: Contract, key: str, *, seen: str, member_id: int) -> None:
    """Ask it no more from the next version on; what was answered stays."""
    draft = _draft(contract, seen, member_id)
    draft.questions.remove(queries.question_or_404(draft, key))
    db.session.flush()


def discard(contract: Contract, *, seen: str) -> None:
    """Throw the draft away; what residents are asked stays as it is."""
    _hold(contract)
    draft = queries.draft_of(contract)
    if draft is None or state_of(draft, None) != seen:
        raise StaleVersion("somebody else has changed the draft")
    db.session.delete(draft)
    db.session.flush()


def publish(contract: Contract, *, seen: str, member_id: int) -> QuestionSet:
    """Ask residents this from now on. ``MoveNotAllowed`` where it changes nothing.

    A version without questions ends them: then the contract asks what everybody is asked, as fast as ever.
    """
    _hold(contract)
    draft, current = queries.draft_of(contract), queries.in_use(contract)
    if draft is None or state_of(draft, None) != seen:
        raise StaleVersion("somebody else has changed the draft")
    if not changes_of(draft, current).is_anything:
        raise MoveNotAllowed("nothing would change")
    draft.published_at, draft.published_by_id = clock.now(), member_id
    row = db.session.get(QuestionsInUse, contract.id)
    if not draft.questions:
        if row is not None:
            db.session.delete(row)
    elif row is None:
        db.session.add(QuestionsInUse(contract_id=contract.id, agency_id=contract.agency_id, question_set_id=draft.id))
    else:
        row.question_set_id = draft.id
    db.session.flush()
    return draft


def changes_of(draft: QuestionSet, current: QuestionSet | None) -> Changes:
    """What publishing a draft would change."""
    return rules.changes(current.asked if current else (), draft.asked)


def languages_of(contract: Contract, spoken: Sequence[str]) -> list[str]:
    """In which languages a question can be put: the agency's, its main one first, then all others that are spoken."""
    own = db.session.get_one(Agency, contract.agency_id).languages or [ENGLISH]
    return list(dict.fromkeys([*own, *spoken]))


def _draft(contract: Contract, seen: str, member_id: int) -> QuestionSet:
    """The draft to be changed, made of what is asked now where there is none.

    ``StaleVersion`` where it is not what its changer has seen.
    """
    _hold(contract)
    draft, current = queries.draft_of(contract), queries.in_use(contract)
    if state_of(draft, current) != seen:
        raise StaleVersion("somebody else has changed the questions")
    now = clock.now()
    if draft is not None:
        draft.revision += 1
        draft.changed_at, draft.changed_by_id = now, member_id
        return draft
    last = db.session.scalar(select(func.max(QuestionSet.number)).where(QuestionSet.contract_id == contract.id))
    draft = QuestionSet(
        agency_id=contract.agency_id,
        contract_id=contract.id,
        number=(last or 0) + 1,
        language=languages_of(contract, ())[0],
        changed_at=now,
        changed_by_id=member_id,
        published_at=None,
        published_by_id=None,
        revision=1,
    )
    db.session.add(draft)
    db.session.flush()
    for question in current.questions if current else ():
        draft.questions.append(_question(draft, question.asked, position=question.position))
    db.session.flush()
    return draft


def _hold(contract: Contract) -> None:
    """Two who change the questions of a contract at once come one after the other."""
    db.session.execute(select(Contract.id).where(Contract.id == contract.id).with_for_update(key_share=True))


def _question(draft: QuestionSet, asked: Asked, *, position: int) -> Question:
    return Question(
        agency_id=draft.agency_id,
        position=position,
        key=asked.key,
        kind=asked.kind,
        wording=dict(asked.wording),
        hint=dict(asked.hint) or None,
        easy=dict(asked.easy) or None,
        is_for_provider=asked.is_for_provider,
        options=[
            QuestionOption(
                agency_id=draft.agency_id,
                position=nth,
                key=each.key,
                wording=dict(each.wording) if each.wording else None,
                aspect=each.aspect,
            )
            for nth, each in enumerate(asked.options)
        ],
    )
