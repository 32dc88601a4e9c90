"""What a case has come to after its events: the one reading of a history that pages, clocks and reports share."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from app.kernel.words import INTERNAL_EVENTS, Actor, Attribution, CaseStatus, EventKind, Holder, Word

# Bound to names of their own because the loop below runs for every event of a report.
_OPEN, _RESOLVED, _REJECTED = CaseStatus.OPEN, CaseStatus.RESOLVED, CaseStatus.REJECTED
_BY_TIME = attrgetter("at")

STAFF = frozenset({Actor.AGENCY, Actor.PROVIDER})

RESPONSES = frozenset({EventKind.REPLIED, EventKind.ASKED, EventKind.RESOLVED, EventKind.REJECTED})
"""What tells the resident something. A receipt or an assignment does not."""

KEEPS_WAITING = frozenset(
    {
        EventKind.ASKED,
        EventKind.ASSIGNED,
        EventKind.ACKNOWLEDGED,
        EventKind.HANDED_BACK,
        EventKind.MOVED,
        EventKind.VERDICT,
    }
)
"""What may happen while a question to the resident is out, and leaves it out."""


def in_order(events: Iterable["EventFacts"]) -> list["EventFacts"]:
    """By their time; at equal times in the order given."""
    return sorted(events, key=_BY_TIME)


def is_move(event: "EventFacts") -> bool:
    """Whether the case came under another contract with it, as our own pages write it: with the contract's reference.

    Histories from files say that a case was moved, but not where to: what they tell is about one contract.
    """
    return event.kind == EventKind.MOVED and event.changed_to is not None


def since_the_move(events: Iterable["EventFacts"]) -> list["EventFacts"]:
    """The events under the contract that a case is under now, in the order given: those after it was moved last."""
    found: list[EventFacts] = []
    for event in events:
        found = [] if is_move(event) else [*found, event]
    return found


RATES_THE_HANDLING = frozenset({EventKind.CONFIRMED, EventKind.RATED, EventKind.REOPENED})


class EventFacts(NamedTuple):
    """A thing that happened to a case: no words, only what is counted."""

    at: datetime
    kind: EventKind
    actor: Actor
    rating: int | None = None
    attribution: Attribution | None = None
    changed_to: str | None = None


class Pause(NamedTuple):
    """A question to the resident is out, the resolution clock stands. ``until`` is None while it still is."""

    since: datetime
    until: datetime | None


class CaseState(NamedTuple):
    """Where a case stands: everything that follows from its events.

    ``standing`` is open, resolved or rejected, and is not touched by a withdrawal or a merger, which end the case.
    ``hands`` lists when the case changed hands and into whose: agency, provider, resident (a question is out) or
    nobody's (None). Before the first change the agency has it.
    """

    standing: CaseStatus
    holder: Holder
    first_response_at: datetime | None
    first_response_by: Actor | None
    assigned_before_response_at: datetime | None
    resolved_at: datetime | None
    rejected_at: datetime | None
    withdrawn_at: datetime | None
    duplicate_at: datetime | None
    was_resolved: bool
    was_reopened: bool
    is_confirmed: bool
    handling_rating: int | None
    attribution: Attribution | None
    pauses: tuple[Pause, ...]
    hands: tuple[tuple[datetime, Actor | None], ...]

    @property
    def status(self) -> CaseStatus:
        """What a case's row and its pages say: how it ended, else how it stands."""
        if self.duplicate_at is not None:
            return CaseStatus.DUPLICATE
        if self.withdrawn_at is not None:
            return CaseStatus.WITHDRAWN
        return self.standing

    @property
    def ended_at(self) -> datetime | None:
        return self.duplicate_at or self.withdrawn_at

    @property
    def is_open(self) -> bool:
        return self.standing == _OPEN and self.ended_at is None

    @property
    def waiting_since(self) -> datetime | None:
        """When the question was asked that the resident has not answered; None when there is none."""
        return self.pauses[-1].since if self.pauses and self.pauses[-1].until is None else None

    @property
    def is_waiting_on_resident(self) -> bool:
        return self.is_open and self.waiting_since is not None


def last_word(state: CaseState, confirm_days: int, at: datetime) -> Word | None:
    """The resident's last word at ``at`` on what was said to be resolved; None where nothing was, or it was rejected.

    For ``confirm_days`` days (of 24 hours) after the standing resolution there is time to say something.
    """
    if state.resolved_at is not None:
        if state.is_confirmed:
            return Word.CONFIRMED
        return Word.CLAIMED if at <= state.resolved_at + timedelta(days=confirm_days) else Word.SILENT
    return Word.CONTESTED if state.was_resolved and state.standing == _OPEN else None


def fold(events: Iterable[EventFacts], as_of: datetime | None = None) -> CaseState:
    """What a case has come to at ``as_of``: events after it do not exist, one exactly then does.

    Events count in the order of their time, at equal times in the order given. Any history is read, also one
    that our own pages would not have allowed; after a withdrawal or a merger only a verdict counts.
    """
    standing = _OPEN
    holder = Holder.AGENCY
    hand: Actor | None = Actor.AGENCY
    first_response_at = first_response_by = assigned_before_response_at = None
    resolved_at = rejected_at = withdrawn_at = duplicate_at = None
    was_resolved = was_reopened = is_confirmed = False
    handling_rating = attribution = waiting_since = None
    pauses: list[Pause] = []
    hands: list[tuple[datetime, Actor | None]] = []

    for event in in_order(events):
        at, kind, actor, rating, verdict, _ = event
        if as_of is not None and at > as_of:
            break
        if kind == EventKind.VERDICT:
            attribution = verdict
            continue
        if withdrawn_at is not None or duplicate_at is not None or kind in INTERNAL_EVENTS:
            continue

        if waiting_since is not None and kind not in KEEPS_WAITING:
            pauses.append(Pause(waiting_since, at))
            waiting_since = None
        if first_response_at is None and kind in RESPONSES and actor in STAFF:
            first_response_at, first_response_by = at, actor
        if rating is not None and kind in RATES_THE_HANDLING and actor == Actor.RESIDENT:
            handling_rating = rating

        if kind == EventKind.ASSIGNED:
            holder = Holder.PROVIDER
            if assigned_before_response_at is None and first_response_at is None:
                assigned_before_response_at = at
        elif kind == EventKind.HANDED_BACK:
            holder = Holder.AGENCY
        elif kind == EventKind.MOVED and event.changed_to is not None:
            # Whoever delivers under the new contract begins anew: what went before was with the agency, which
            # sent it astray, and a verdict on somebody else is none on them.
            holder, attribution, assigned_before_response_at = Holder.AGENCY, None, None
            hands = [(since, Actor.AGENCY if whose == Actor.PROVIDER else whose) for since, whose in hands]
            hand = Actor.AGENCY if hand == Actor.PROVIDER else hand
        elif kind == EventKind.ASKED:
            waiting_since = waiting_since or at
        elif kind == EventKind.RESOLVED:
            if standing != _RESOLVED:
                standing, resolved_at, rejected_at = _RESOLVED, at, None
                is_confirmed = False
            was_resolved = True
        elif kind == EventKind.REJECTED:
            if standing != _REJECTED:
                standing, resolved_at, rejected_at = _REJECTED, None, at
        elif kind == EventKind.REOPENED:
            standing, resolved_at, rejected_at = _OPEN, None, None
            is_confirmed = False
            was_reopened = True
        elif kind == EventKind.CONFIRMED:
            is_confirmed = True
        elif kind == EventKind.WITHDRAWN:
            withdrawn_at = at
        elif kind == EventKind.DUPLICATE:
            duplicate_at = at

        now_in = None if standing != _OPEN else Actor.RESIDENT if waiting_since is not None else _ACTOR[holder]
        if now_in != hand:
            hands.append((at, now_in))
            hand = now_in

    if waiting_since is not None:
        pauses.append(Pause(waiting_since, None))
    return CaseState(
        standing=standing,
        holder=holder,
        first_response_at=first_response_at,
        first_response_by=first_response_by,
        assigned_before_response_at=assigned_before_response_at,
        resolved_at=resolved_at,
        rejected_at=rejected_at,
        withdrawn_at=withdrawn_at,
        duplicate_at=duplicate_at,
        was_resolved=was_resolved,
        was_reopened=was_reopened,
        is_confirmed=is_confirmed and standing == _RESOLVED,
        handling_rating=handling_rating,
        attribution=attribution,
        pauses=tuple(pauses),
        hands=tuple(hands),
    )


_ACTOR = {Holder.AGENCY: Actor.AGENCY, Holder.PROVIDER: Actor.PROVIDER}
