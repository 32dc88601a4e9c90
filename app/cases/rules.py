"""How a case may move: one table, and what the words of a message must be."""

from dataclasses import dataclass

from app.kernel.errors import MoveNotAllowed
from app.kernel.words import INTERNAL_EVENTS, CaseStatus, EventKind

E, S = EventKind, CaseStatus

# State → the events that pages and API allow in it. A history taken in from files may hold others; the clocks cope.
MOVES: dict[CaseStatus, frozenset[EventKind]] = {
    S.OPEN: frozenset(E) - {E.CONFIRMED, E.RATED},
    S.RESOLVED: frozenset({E.CONFIRMED, E.RATED, E.REOPENED, E.REPLIED, E.RESIDENT_REPLIED, E.VERDICT}),
    S.REJECTED: frozenset({E.REOPENED, E.RATED, E.REPLIED, E.RESIDENT_REPLIED, E.VERDICT}),
    S.WITHDRAWN: frozenset({E.VERDICT}),
    S.DUPLICATE: frozenset({E.VERDICT}),
}
ALWAYS = INTERNAL_EVENTS - {E.OPENED}
"""Housekeeping that is allowed whatever the state, since no clock knows it."""

LONGEST_MESSAGE = 5_000
TOLD = frozenset({E.REPLIED, E.ASKED, E.RESOLVED, E.REJECTED})
"""What a resident is told of by letter."""


@dataclass(frozen=True)
class Standing:
    """What the table needs to know of a case besides its state."""

    status: CaseStatus
    is_with_provider: bool
    was_assigned: bool
    was_asked: bool


def is_allowed(standing: Standing, kind: EventKind) -> bool:
    """Whether a case that stands so takes an event of this kind."""
    if kind in ALWAYS:
        return True
    if kind not in MOVES[standing.status]:
        return False
    if kind == E.ASSIGNED:
        return not standing.is_with_provider
    if kind == E.HANDED_BACK:
        return standing.was_assigned and standing.is_with_provider
    if kind in {E.RESIDENT_REPLIED, E.RESUMED}:
        return standing.was_asked
    return True


def check_move(standing: Standing, kind: EventKind) -> None:
    """Raise ``MoveNotAllowed`` where ``is_allowed`` says no."""
    if not is_allowed(standing, kind):
        raise MoveNotAllowed(f"a case that is {standing.status} does not take the event {kind}")
