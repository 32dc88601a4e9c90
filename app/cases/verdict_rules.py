"""How a verdict comes about: the agency proposes, the provider replies, somebody decides. One table, in plain Python.

Whom a complaint is attributable to counts for the provider only once it could reply. Anybody else than the provider is
found at once: that takes nothing from them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

from app.cases.history import EventFacts, is_move
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Attribution, EventKind, VerdictStage
from app.kernel.words import EventKind as E
from app.kernel.words import VerdictStage as S

ONE_IN = 10
"""A second person of the agency looks at one in so many verdicts."""

AGREED, OBJECTED, SILENT = "agreed", "objected", "silent"
"""What the provider said to a proposal, kept with the event that follows from it."""

AGREES, DISAGREES = "agrees", "disagrees"
"""What the second person found."""

OPEN_STAGES = frozenset({S.REPLY, S.OBJECTED, S.CONTESTED, S.DISPUTED})
"""Somebody has still to say something."""

FOR_THE_MANAGER = frozenset({S.CONTESTED, S.DISPUTED})

THE_MANAGERS = FOR_THE_MANAGER | {S.DECIDED}
"""What a manager has to decide, or has decided: moving the case does not put it back into an officer's hands."""


@dataclass(frozen=True)
class Standing:
    """How far the verdict on one complaint has come; ``stage`` is None while nobody has judged.

    ``attribution`` is whom the latest verdict found, which is what counts; a proposal finds nobody yet.
    ``is_the_managers`` where a manager had to go on, after it was contested or a second person's doubt: from then on
    only a manager judges again, also under each later contract.
    """

    stage: VerdictStage | None = None
    attribution: Attribution | None = None
    was_contested: bool = False
    was_upheld: bool = False
    was_checked: bool = False
    verdicts: int = 0
    is_the_managers: bool = False


def read(events: Iterable[EventFacts]) -> Standing:
    """What the steps of a verdict have come to; other events are passed over.

    Histories from files hold verdicts alone, without the steps before them.
    """
    standing = Standing()
    for event in sorted(events, key=lambda each: each.at):
        standing = _moved(standing) if is_move(event) else _after(standing, event)
    return standing


def _moved(before: Standing) -> Standing:
    """Under another contract it is judged anew; but what a manager had to decide, only a manager judges again."""
    return Standing(is_the_managers=before.is_the_managers or before.stage in THE_MANAGERS)


def _after(before: Standing, event: EventFacts) -> Standing:
    now = dict(before.__dict__)
    if before.stage in FOR_THE_MANAGER and event.kind in (E.VERDICT, E.VERDICT_PROPOSED):
        now |= {"is_the_managers": True}
    if event.kind == E.VERDICT_PROPOSED:
        now |= {"stage": S.REPLY}
    elif event.kind == E.VERDICT_ANSWERED and event.changed_to == OBJECTED:
        now |= {"stage": S.OBJECTED}
    elif event.kind == E.VERDICT_CONTESTED:
        now |= {"stage": S.CONTESTED, "was_contested": True}
    elif event.kind == E.VERDICT_CHECKED:
        now |= {"was_checked": True, "stage": S.DISPUTED if event.changed_to == DISAGREES else before.stage}
    elif event.kind == E.VERDICT:
        is_provider = event.attribution == Attribution.PROVIDER
        now |= {
            "stage": S.DECIDED if before.stage == S.CONTESTED else S.STANDS,
            "attribution": event.attribution,
            "was_upheld": is_provider and (before.stage == S.OBJECTED or (before.was_upheld and _is_same(before))),
            "verdicts": before.verdicts + 1,
        }
    return Standing(**now)


def _is_same(before: Standing) -> bool:
    return before.attribution == Attribution.PROVIDER


def step_of(standing: Standing, attribution: Attribution) -> EventKind:
    """What it takes to find ``attribution``: a verdict, or first a proposal that the provider may reply to.

    Raises ``MoveNotAllowed`` where that is found already, proposed already, or decided for good.
    """
    if standing.stage == S.DECIDED:
        raise MoveNotAllowed("the manager has decided")
    if attribution != Attribution.PROVIDER:
        if standing.stage == S.STANDS and standing.attribution == attribution:
            raise MoveNotAllowed("that is the verdict already")
        return E.VERDICT
    if standing.stage == S.REPLY:
        raise MoveNotAllowed("the provider has not replied yet")
    if standing.stage in (S.OBJECTED, S.CONTESTED):
        return E.VERDICT
    if standing.attribution == Attribution.PROVIDER:
        if standing.stage == S.STANDS:
            raise MoveNotAllowed("that is the verdict already")
        return E.VERDICT
    return E.VERDICT_PROPOSED


def findings(standing: Standing) -> list[Attribution]:
    """Whom the agency may find now."""
    found = []
    for attribution in Attribution:
        try:
            step_of(standing, attribution)
        except MoveNotAllowed:
            continue
        found.append(attribution)
    return found


def is_for_the_manager(standing: Standing) -> bool:
    """Whether only a manager can go on from here."""
    return standing.stage in FOR_THE_MANAGER or standing.is_the_managers


def may_decide(
    standing: Standing,
    *,
    judged_by: int | None,
    checked_by: int | None,
    member_id: int | None,
    managers: Collection[int],
) -> bool:
    """Whether this manager decides what others disagree on, of the agency's ``managers`` (ids of members).

    Who judged, or gave the second look, is one side of it: another manager decides, where there is one.
    """
    sides = {judged_by, checked_by}
    if standing.stage not in FOR_THE_MANAGER or member_id not in sides:
        return True
    return member_id in deciders([*managers, member_id], sides)


def deciders(managers: Iterable[int | None], sides: Collection[int | None]) -> list[int]:
    """Which of an agency's managers decide: those who are no side of it, where there is one; else all of them."""
    known = [each for each in dict.fromkeys(managers) if each is not None]
    return [each for each in known if each not in sides] or known


def is_moved_by_the_manager(standing: Standing) -> bool:
    """Whether only a manager can move the case: a verdict was found, and would end. A proposal found nobody yet."""
    return standing.attribution is not None


def may_answer(standing: Standing) -> bool:
    """Whether the provider can reply to a proposal."""
    return standing.stage == S.REPLY


def may_contest(standing: Standing) -> bool:
    """Once, and only what was upheld against its reply: who agreed or said nothing has consented."""
    return standing.stage == S.STANDS and standing.was_upheld and not standing.was_contested


def may_hand_back(standing: Standing) -> bool:
    """Whether the provider can still say that it is not its own: not once a manager has decided that it is."""
    return standing.stage != S.DECIDED or standing.attribution != Attribution.PROVIDER


def is_drawn(reference: str, nth: int) -> bool:
    """Whether the ``nth`` verdict on a feedback is one of the one in ten that a second person looks at.

    References are drawn at random, so nobody can choose which; the same verdict is always drawn or never.
    """
    return int.from_bytes(sha256(f"{reference} {nth}".encode()).digest()[:8]) % ONE_IN == 0


def may_check(standing: Standing, *, is_drawn: bool, judged_by: int | None, member_id: int | None) -> bool:
    """Whether this member is the second person that a drawn verdict waits for."""
    is_second = member_id is not None and member_id != judged_by
    return standing.stage == S.STANDS and is_drawn and not standing.was_checked and is_second
