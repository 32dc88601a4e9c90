"""What the feedback of one day counts, as it is kept: exact at every moment, before and after its last event.

What is counted of a case changes at known moments only: when something happens to it, when a limit is passed, and when
the time for a last word is over. So what is kept of a day is what all of it comes to in the end, and the steps on the
way there: as of a moment, the steps after it are taken away. Clocks are kept as they stand after the last event, those
that run as the total of working time at which they would show 0. Nothing of it is reckoned here: the measures are
asked at each of the moments.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.kernel.words import Channel
from app.kernel.working_time import HOUR, calendar_kept, microseconds
from app.measures import verdict_progress
from app.measures.clocks import moments_of
from app.measures.cohort import is_validated
from app.measures.facts import FeedbackFacts, Reckoned, reckon
from app.measures.membership import BRIEF, OF_CLAUSE, tally_of
from app.measures.packed_counts import (
    LANE_OF_PART,
    OF_PART,
    VALIDATED,
    WHOLE,
    Steps,
    as_bytes,
    channel_key,
    from_bytes,
    lanes_of,
    number_of,
    parts_in,
)
from app.measures.tally import Parts, Tally, narrowed

LATER = timedelta(days=366)
"""After so long a running clock shows more, in any calendar with work in it."""

Clocks = dict[str, Any]
"""Clocks, ready for JSON.

``standing``: part → measure → hours at which done, at which cut off, each in order.
``running``: calendar → part → measure → [total of working time at which the clock would show 0, whether done].
"""


class Counted(NamedTuple):
    """A feedback with what says to which parts it belongs, and the calendar of its case as text."""

    id: int
    facts: FeedbackFacts
    site_id: int
    clause_id: int | None
    channel: Channel
    calendar: str | None
    timezone: str


class Kept(NamedTuple):
    """What is kept of a day. Moments are microseconds since 1970.

    ``sums`` and ``steps`` are of all of it and of what is validated (``packed``). Of each site and clause in ``names``
    there are steps alone. ``clocks`` are right from ``clocks_from`` on; after ``settled_at`` no count changes any more.
    """

    clocks_from: int
    settled_at: int
    sums: bytes
    steps: bytes
    names: Sequence[str]
    part_steps: bytes
    clocks: Clocks

    def number_at(self, moment: int) -> int:
        """All of it as it stood at a moment."""
        return from_bytes(self.sums) if moment >= self.settled_at else number_before(self.sums, self.steps, moment)

    def counts_at(self, as_of: datetime) -> Parts:
        """All that it counted at a moment; clocks where they are right by then."""
        moment = microseconds(as_of)
        total = parts_in(self.number_at(moment))
        add_parts(total, self.names, Steps.read(self.part_steps).until(moment))
        if moment >= self.clocks_from:
            add_clocks(total, self.clocks, as_of)
        return total


def parts_of(counted: Iterable[tuple[Counted, Reckoned]], as_of: datetime) -> Parts:
    """Count feedback whose clocks have been run up to ``as_of``: all, what is validated, by site and by clause.

    Of the latter two some measures alone (``BRIEF``, ``OF_CLAUSE``); of a clause also what is validated
    (``validated_part``).
    """
    total: Parts = {}
    for each, reckoned in counted:
        for name, tally in _parts(each, reckoned, as_of).items():
            total.setdefault(name, Tally()).add(tally)
    return total


def validated_part(name: str) -> str:
    """The name of what is validated of a clause."""
    return f"{VALIDATED}-{name}"


def keep(day: Sequence[Counted]) -> Kept:
    """What is kept of a day's feedback, with all events that there are."""
    changes: list[tuple[int, Mapping[int, int]]] = []
    of_parts: list[tuple[int, Mapping[int, int]]] = []
    names: dict[str, int] = {}
    clocks: Clocks = {"standing": {}, "running": {}}
    for each in day:
        before, before_parts = Counter[int](), Counter[int]()
        for moment in _moments(each.facts):
            (reckoned,) = reckon([each.facts], moment)
            parts = _parts(each, reckoned, moment)
            after, after_parts = _lanes(parts, names)
            for found, old, new in ((changes, before, after), (of_parts, before_parts, after_parts)):
                if by := _difference(old, new):
                    found.append((microseconds(moment), by))
            before, before_parts = after, after_parts
        _keep_clocks(clocks, each)
    for part in clocks["standing"].values():
        for done_and_cut_off in part.values():
            for hours in done_and_cut_off:
                hours.sort()
    total = Counter[int]()
    for _, change in changes:
        total.update(change)
    return Kept(
        clocks_from=max((microseconds(last_of(each.facts)) for each in day), default=0),
        settled_at=max((at for at, _ in (*changes, *of_parts)), default=0),
        sums=as_bytes(number_of(total)),
        steps=Steps.of(changes).written(),
        names=list(names),
        part_steps=Steps.of(of_parts).written(),
        clocks=clocks,
    )


def number_before(sums: bytes, steps: bytes, moment: int) -> int:
    """What a day counted at a moment before it was settled, packed."""
    return from_bytes(sums) - number_of(Steps.read(steps).after(moment))


def add_parts(total: Parts, names: Sequence[str], lanes: Mapping[int, int]) -> None:
    """Add what was counted of the sites and clauses of a day."""
    for lane, n in lanes.items():
        if n:
            nth, place = divmod(lane, len(OF_PART))
            key, is_yes = OF_PART[place]
            tally = total.setdefault(names[nth], Tally())
            side = tally.yes if is_yes else tally.no
            side[key] = side.get(key, 0) + n


def add_clocks(total: Parts, kept: Clocks, as_of: datetime) -> None:
    """Add the clocks of a day as they stood at ``as_of``: not before its last event."""
    for name, part in kept["standing"].items():
        tally = total.setdefault(name, Tally())
        for key, (done, cut_off) in part.items():
            clocks = tally.clocks.setdefault(key, [])
            clocks += [(hours, True) for hours in done]
            clocks += [(hours, False) for hours in cut_off]
    for calendar, running in kept["running"].items():
        timezone, _, text = calendar.partition(" ")
        now = calendar_kept(text, timezone).ledger.worked_until(as_of)
        for name, of_part in running.items():
            tally = total.setdefault(name, Tally())
            for key, offsets in of_part.items():
                clocks = tally.clocks.setdefault(key, [])
                clocks += [((now - offset) / HOUR, is_done) for offset, is_done in offsets]


def last_of(facts: FeedbackFacts) -> datetime:
    """The last moment at which something happened to a feedback."""
    events = facts.case.events if facts.case else ()
    return max((facts.submitted_at, *(event.at for event in events)))


def whole_of(each: Counted, reckoned: Reckoned, as_of: datetime) -> Tally:
    """One feedback in every measure, with its clocks and the channel that it came by."""
    tally = _measured(reckoned, as_of)
    tally.count(channel_key(each.channel), True)
    return tally


def _parts(each: Counted, reckoned: Reckoned, as_of: datetime) -> Parts:
    """One feedback in all parts that it belongs to."""
    whole = whole_of(each, reckoned, as_of)
    parts = {WHOLE: whole, f"site-{each.site_id}": narrowed(whole, BRIEF)}
    clause = f"clause-{each.clause_id}"
    if each.clause_id is not None:
        parts[clause] = narrowed(whole, OF_CLAUSE)
    if is_validated(reckoned):
        parts[VALIDATED] = _measured(reckoned, as_of)
        if each.clause_id is not None:
            parts[validated_part(clause)] = narrowed(whole, OF_CLAUSE)
    return parts


def _measured(reckoned: Reckoned, as_of: datetime) -> Tally:
    tally = tally_of([reckoned])
    verdict_progress.count_in(tally, [reckoned], as_of)
    return tally


def _moments(facts: FeedbackFacts) -> Iterable[datetime]:
    return [facts.submitted_at] if facts.case is None else moments_of(facts.case)


def _lanes(parts: Parts, names: dict[str, int]) -> tuple[Counter[int], Counter[int]]:
    """The counts of a feedback by lane: of all and what is validated, and of sites and clauses."""
    of_all, of_parts = Counter[int](), Counter[int]()
    for name, tally in parts.items():
        if name in (WHOLE, VALIDATED):
            of_all.update(lanes_of(name, tally))
            continue
        first = names.setdefault(name, len(names)) * len(OF_PART)
        for side, is_yes in ((tally.yes, True), (tally.no, False)):
            for key, n in side.items():
                of_parts[first + LANE_OF_PART[key, is_yes]] += n
    return of_all, of_parts


def _difference(before: Counter[int], after: Counter[int]) -> dict[int, int]:
    return {lane: more for lane in before.keys() | after.keys() if (more := after[lane] - before[lane])}


def _keep_clocks(kept: Clocks, each: Counted) -> None:
    """Keep the clocks of a case: those that show more after a while as running, the others as they stand."""
    last = last_of(each.facts)
    (now,), later = reckon([each.facts], last), last + LATER
    if each.facts.case is None or now.clocks is None:
        return
    shown, then = _measured(now, last), _measured(reckon([each.facts], later)[0], later)
    names = (WHOLE, VALIDATED) if is_validated(now) else (WHOLE,)
    for key, ((hours, is_done),) in shown.clocks.items():
        runs = hours != then.clocks[key][0][0]
        # Hours are whole microseconds of working time, which come out again by rounding.
        began = each.facts.case.calendar.ledger.worked_until(last) - round(hours * HOUR)
        for name in names:
            if runs:
                running = kept["running"].setdefault(f"{each.timezone} {each.calendar}", {})
                running.setdefault(name, {}).setdefault(key, []).append([began, is_done])
            else:
                standing = kept["standing"].setdefault(name, {}).setdefault(key, [[], []])
                standing[0 if is_done else 1].append(hours)
