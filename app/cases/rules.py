"""What may happen to a case, who may do it, and which duty a complaint is about: one table, in plain Python."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from app.cases.history import CaseState
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import REVIEW_EVENTS, VERDICT_EVENTS, Actor, CaseStatus, EventKind, FeedbackKind, Holder
from app.kernel.words import CaseStatus as S
from app.kernel.words import EventKind as E

LONGEST_MESSAGE = 5_000
LONGEST_REASON = 2_000
LONGEST_REASON_TO_LOOK = 300
"""Characters of why somebody opens personal data; as long as the column is wide."""

LONGEST_HOLD = timedelta(days=3653)
"""What is needed for longer is put on hold again: nothing is kept for ever by one press."""

BY_MACHINE_ALONE = frozenset({E.ACKNOWLEDGED, E.CLAUSE_CHANGED, E.RESUMED})
"""What the system does of itself, and no page waits for: whoever acts on what they saw before goes on undisturbed."""

TO_THE_MANAGER = 2
"""Reopened so often, a case is a manager's too."""

LINKS = frozenset({E.LINK_SENT, E.LINK_REVOKED})
"""A verdict may wait for its reply after a case is over, and a link is taken back whatever has become of the case."""

MOVES: dict[CaseStatus, frozenset[EventKind]] = {
    S.OPEN: frozenset(E) - REVIEW_EVENTS - {E.CONFIRMED, E.RATED, E.FOLLOWED},
    S.RESOLVED: VERDICT_EVENTS
    | LINKS
    | {E.CONFIRMED, E.RATED, E.REOPENED, E.REPLIED, E.RESIDENT_REPLIED, E.ADDED, E.TAKEN_BY, E.NOTED, E.FOLLOWED},
    S.REJECTED: VERDICT_EVENTS
    | LINKS
    | {E.REOPENED, E.RATED, E.REPLIED, E.RESIDENT_REPLIED, E.ADDED, E.TAKEN_BY, E.NOTED, E.FOLLOWED},
    S.WITHDRAWN: VERDICT_EVENTS | LINKS | {E.NOTED},
    S.DUPLICATE: VERDICT_EVENTS | LINKS | {E.NOTED, E.ADDED},
}
"""Which events a case takes, by where it stands. The last two states have ended; a note may always be kept.

What was merged is counted no more; its resident may still say how the common case looks from where they are.

What is held for review has no case, so no case takes what becomes of it then.
"""

ACTORS: dict[EventKind, frozenset[Actor]] = {
    E.ACKNOWLEDGED: frozenset({Actor.SYSTEM, Actor.AGENCY}),
    E.ASSIGNED: frozenset({Actor.AGENCY}),
    E.HANDED_BACK: frozenset({Actor.PROVIDER}),
    E.REPLIED: frozenset({Actor.AGENCY, Actor.PROVIDER}),
    E.ASKED: frozenset({Actor.AGENCY, Actor.PROVIDER}),
    E.RESIDENT_REPLIED: frozenset({Actor.RESIDENT}),
    E.RESUMED: frozenset({Actor.SYSTEM}),
    E.RESOLVED: frozenset({Actor.AGENCY, Actor.PROVIDER}),
    E.CONFIRMED: frozenset({Actor.RESIDENT}),
    E.RATED: frozenset({Actor.RESIDENT}),
    E.REOPENED: frozenset({Actor.RESIDENT, Actor.AGENCY}),
    E.REJECTED: frozenset({Actor.AGENCY}),
    E.WITHDRAWN: frozenset({Actor.RESIDENT}),
    E.DUPLICATE: frozenset({Actor.AGENCY}),
    E.MOVED: frozenset({Actor.AGENCY}),
    E.VERDICT: frozenset({Actor.AGENCY}),
    E.VERDICT_PROPOSED: frozenset({Actor.AGENCY}),
    E.VERDICT_ANSWERED: frozenset({Actor.PROVIDER}),
    E.VERDICT_CONTESTED: frozenset({Actor.PROVIDER}),
    E.VERDICT_CHECKED: frozenset({Actor.AGENCY}),
    E.ADDED: frozenset({Actor.RESIDENT}),
    E.FOLLOWED: frozenset({Actor.RESIDENT, Actor.AGENCY}),
    E.OPENED: frozenset({Actor.AGENCY}),
    E.KIND_CHANGED: frozenset({Actor.AGENCY}),
    # The system's when analysis proposes it, before anybody has answered.
    E.CLAUSE_CHANGED: frozenset({Actor.AGENCY, Actor.SYSTEM}),
    E.TAKEN_BY: frozenset({Actor.AGENCY}),
    E.NOTED: frozenset({Actor.AGENCY}),
    E.LINK_SENT: frozenset({Actor.AGENCY}),
    E.LINK_REVOKED: frozenset({Actor.AGENCY}),
    E.HELD: frozenset({Actor.SYSTEM}),
    E.RELEASED: frozenset({Actor.AGENCY}),
    E.SET_ASIDE: frozenset({Actor.AGENCY}),
    # The system's when its resident says more about it.
    E.PUT_BACK: frozenset({Actor.AGENCY, Actor.SYSTEM}),
}
"""Who may do what."""

TOLD = frozenset({E.REPLIED, E.ASKED, E.RESOLVED, E.REJECTED, E.DUPLICATE})
"""What the resident gets a letter about."""

TOLD_TO_THE_JOINED = frozenset({E.REPLIED, E.RESOLVED, E.REJECTED, E.WITHDRAWN})
"""What the residents hear of whose reports were merged into the case: of answers only the first since then."""

UNREACHABLE, NO_DAYS, IN_VAIN = UNPAUSED = ("unreachable", "no_days", "in_vain")
"""Why the clock ran on at once after a question: kept with the event."""

CONTACT_GONE = "contact_gone"
"""Why the clock ran again before the waiting time was over: the resident took back how to reach them."""

TELLS_THE_PROVIDER = frozenset({E.ASSIGNED, E.VERDICT_PROPOSED})
"""From these on the provider sees the case."""

FROM_RESIDENTS = frozenset((kind, Actor.RESIDENT) for kind in (E.REOPENED, E.ADDED, E.RESIDENT_REPLIED))

NEWS: dict[Holder, frozenset[tuple[EventKind, Actor]]] = {
    Holder.AGENCY: FROM_RESIDENTS | {(E.HANDED_BACK, Actor.PROVIDER)},
    Holder.PROVIDER: FROM_RESIDENTS | {(E.ASSIGNED, Actor.AGENCY), (E.REOPENED, Actor.AGENCY)},
}
"""What asks whoever holds the case to look again: it is unread once more, and they get a letter about it."""

UNDOES_NOTHING = REVIEW_EVENTS | {
    E.ACKNOWLEDGED,
    E.KIND_CHANGED,
    E.CLAUSE_CHANGED,
    E.TAKEN_BY,
    E.NOTED,
    E.OPENED,
    E.ADDED,
}
"""As long as nothing else happened, a complaint can still turn out to be none."""


def check_move(state: CaseState, happened: Collection[EventKind], kind: EventKind, actor: Actor) -> None:
    """Raise ``MoveNotAllowed`` unless a case in ``state`` takes ``kind`` by ``actor`` after what has ``happened``."""
    if actor not in ACTORS[kind]:
        raise MoveNotAllowed(f"{kind} is not for {actor}")
    if kind not in MOVES[state.status]:
        raise MoveNotAllowed(f"a case that is {state.status} does not take {kind}")
    if kind == E.RESIDENT_REPLIED and E.ASKED not in happened:
        raise MoveNotAllowed("nobody has asked the resident anything")
    if kind == E.RESUMED and state.waiting_since is None:
        raise MoveNotAllowed("no question to the resident is out")
    if kind == E.HANDED_BACK and E.ASSIGNED not in happened:
        raise MoveNotAllowed("the case was never assigned to the provider")
    if actor == Actor.PROVIDER and state.holder != Holder.PROVIDER and kind not in VERDICT_EVENTS:
        raise MoveNotAllowed("the case is not with the provider")
    if kind == E.ASSIGNED and state.holder == Holder.PROVIDER:
        raise MoveNotAllowed("the case is with the provider already")


def allows(state: CaseState, happened: Collection[EventKind], kind: EventKind, actor: Actor) -> bool:
    """Whether ``check_move`` lets it pass: for buttons."""
    try:
        check_move(state, happened, kind, actor)
    except MoveNotAllowed:
        return False
    return True


class Dates(Protocol):
    """A contract, as far as it matters here."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...


def can_hold(contract: Dates, submitted_on: date) -> bool:
    """Whether a case can be moved to a contract: it must have been in force on the day of the submission."""
    return contract.starts_on <= submitted_on <= contract.ends_on


def kind_of_reply(happened: Collection[EventKind]) -> EventKind:
    """What it is when a resident writes again: an answer where something was asked, else something added.

    What was merged waits for no answer any more.
    """
    return E.RESIDENT_REPLIED if E.ASKED in happened and E.DUPLICATE not in happened else E.ADDED


def check_kind_change(old: FeedbackKind, new: FeedbackKind, happened: Iterable[EventKind]) -> None:
    """A complaint that somebody has dealt with stays one; raise ``MoveNotAllowed`` otherwise."""
    if old == new:
        raise MoveNotAllowed(f"it is a {old} already")
    if old == FeedbackKind.COMPLAINT and not UNDOES_NOTHING.issuperset(happened):
        raise MoveNotAllowed("a complaint that was dealt with stays a complaint")


def runs_on_because(
    state: CaseState, answered_at: datetime | None, *, is_reachable: bool, waiting_days: int
) -> str | None:
    """Why the clock would not wait for the answer to a question that is asked now, of ``UNPAUSED``; None where it does.

    It waits for a resident who can be reached, and once: after a question for which it waited it waits again only when
    the resident has written (``answered_at`` is when they last did). So all pauses of a case for questions that nobody
    answered are together no longer than the contract's waiting time. Asking again while it waits changes nothing.
    """
    if waiting_days == 0:
        return NO_DAYS
    if not is_reachable:
        return UNREACHABLE
    if state.waiting_since is not None:
        return None
    for pause in state.pauses:
        if pause.until != pause.since and (answered_at is None or pause.since >= answered_at):
            return IN_VAIN
    return None


def remind_after(waiting_days: int) -> int | None:
    """After how many of the waiting days a resident is reminded, once: two before they end; None where too few."""
    return waiting_days - 2 if waiting_days > 2 else None


def is_over_for_good(over_since: datetime | None, days: int, now: datetime) -> bool:
    """Whether what was resolved or rejected then is too long over to be opened again."""
    return over_since is not None and now > over_since + timedelta(days=days)


def is_news(kind: EventKind, actor: Actor) -> bool:
    """Whether somebody of the staff, whoever holds the case, must hear of it."""
    return any((kind, actor) in news for news in NEWS.values())


class HasAspects(Protocol):
    """A clause, as far as it matters here."""

    @property
    def aspects(self) -> list[str]: ...


AnyClause = TypeVar("AnyClause", bound=HasAspects)


def clause_about(clauses: Iterable[AnyClause], aspects: Collection[str]) -> AnyClause | None:
    """The first clause, by position, that is about one of ``aspects``; None where none is."""
    return next((clause for clause in clauses if not set(clause.aspects).isdisjoint(aspects)), None)


class Stand(StrEnum):
    """Where feedback stands, as the inbox can be narrowed to."""

    OPEN = "open"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    NO_CASE = "no_case"


class HeldBy(StrEnum):
    """In whose hands an open case is, as the inbox can be narrowed to; what was handed back is with the agency."""

    AGENCY = "agency"
    HANDED_BACK = "handed_back"
    PROVIDER = "provider"


class InboxView(StrEnum):
    """The inbox, as one looks at it."""

    UNREAD = "unread"
    WITH_US = "with_us"
    MINE = "mine"
    OVERDUE = "overdue"
    WAITING = "waiting"
    TO_CALL = "to_call"
    PHOTOS = "photos"
    TO_JUDGE = "to_judge"
    VERDICTS = "verdicts"
    DECIDE = "decide"
    UNHAPPY = "unhappy"
    ALL = "all"
