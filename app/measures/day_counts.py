"""What the feedback of one day counts, as it can be kept: exact at every moment after its last event.

Without a further event a case changes in two ways only: its clocks run on with working time, and at known moments it
turns (a limit is passed, the time for a last word is over). So what is kept are counts as of the last event, clocks
that stand, clocks that run, and turns. Nothing of it is reckoned here: the measures are asked at each of the moments.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.kernel.words import Channel
from app.kernel.working_time import DAY, EPOCH, HOUR, SECOND, calendar_kept
from app.measures import verdict_progress
from app.measures.clocks import turning_points
from app.measures.cohort import is_validated
from app.measures.facts import FeedbackFacts, Reckoned, reckon
from app.measures.membership import BRIEF, brief_of, tally_of
from app.measures.tally import Parts, Tally, narrowed

WHOLE, VALIDATED = "all", "validated"
LATER = timedelta(days=366)
"""After so long a running clock shows more, in any calendar with work in it."""

Kept = dict[str, Any]
"""What is kept, ready for JSON.

``parts``: name → ``yes``, ``no`` (measure → count) and ``clocks`` (measure → hours at which done, at which cut off).
``running``: calendar → part → measure → [total of working time at which the clock would show 0, whether done].
``turns``: microseconds since 1970, names of parts, and what is then added to ``yes`` and ``no``.
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


def parts_of(counted: Iterable[tuple[Counted, Reckoned]], as_of: datetime) -> Parts:
    """Count feedback whose clocks have been run up to ``as_of``: all, what is validated, by site, clause and channel.

    Of the latter three the measures of ``BRIEF`` alone.
    """
    groups: dict[str, list[Reckoned]] = {}
    for each, reckoned in counted:
        for name in _names(each, reckoned):
            groups.setdefault(name, []).append(reckoned)
    parts = {}
    for name, group in groups.items():
        if name in (WHOLE, VALIDATED):
            parts[name] = tally_of(group)
            verdict_progress.count_in(parts[name], group, as_of)
        else:
            parts[name] = brief_of(group)
    return parts


def keep(day: Iterable[Counted]) -> Kept:
    """What is kept of a day's feedback, with all events that there are."""
    kept: Kept = {"parts": {}, "running": {}, "turns": []}
    for each in day:
        last = last_of(each.facts)
        (reckoned,) = reckon([each.facts], last)
        parts = parts_of([(each, reckoned)], last)
        if reckoned.clocks is not None and each.facts.case is not None:
            _let_run(kept, each, parts, last)
            before = parts
            for moment in turning_points(each.facts.case, reckoned.clocks.state):
                if moment > last:
                    after = parts_of(zip([each], reckon([each.facts], moment), strict=True), moment)
                    _turn(kept, moment, before, after)
                    before = after
        for name, tally in parts.items():
            _put(kept["parts"].setdefault(name, {}), tally)
    for part in kept["parts"].values():
        for done_and_cut_off in part.get("clocks", {}).values():
            for hours in done_and_cut_off:
                hours.sort()
    kept["turns"].sort(key=lambda turn: turn[0])
    return kept


def brief(kept: Kept) -> Kept:
    """Of it what overviews need: all counts and no clocks; of the parts what is validated, and channels."""
    parts = {
        name: {key: part[key] for key in ("yes", "no") if key in part}
        for name, part in kept["parts"].items()
        if _is_brief(name)
    }
    turns = [[at, [name for name in names if _is_brief(name)], yes, no] for at, names, yes, no in kept["turns"]]
    return {"parts": parts, "running": {}, "turns": turns}


def _is_brief(name: str) -> bool:
    return name in (WHOLE, VALIDATED) or name.startswith("channel-")


def add_up(total: Parts, kept: Kept, as_of: datetime) -> None:
    """Add what was kept of a day, as it stood at ``as_of``: not before its last event."""
    for name, part in kept["parts"].items():
        total.setdefault(name, Tally()).add(_read(part))
    for calendar, running in kept["running"].items():
        timezone, _, text = calendar.partition(" ")
        now = calendar_kept(text, timezone).ledger.worked_until(as_of)
        for name, clocks in running.items():
            tally = total[name]
            for key, offsets in clocks.items():
                for offset, is_done in offsets:
                    tally.clock(key, (now - offset) / HOUR, is_done)
    if kept["turns"]:
        moment = _microseconds(as_of)
        for at, names, yes, no in kept["turns"]:
            if at > moment:
                break
            for name in names:
                total[name].add(narrowed(Tally(yes, no), BRIEF) if name not in (WHOLE, VALIDATED) else Tally(yes, no))


def last_of(facts: FeedbackFacts) -> datetime:
    """The last moment at which something happened to a feedback."""
    events = facts.case.events if facts.case else ()
    return max((facts.submitted_at, *(event.at for event in events)))


def _names(each: Counted, reckoned: Reckoned) -> list[str]:
    names = [WHOLE, f"site-{each.site_id}", f"channel-{each.channel}"]
    if each.clause_id is not None:
        names.append(f"clause-{each.clause_id}")
    if is_validated(reckoned):
        names.append(VALIDATED)
    return names


def _let_run(kept: Kept, each: Counted, parts: Parts, last: datetime) -> None:
    """Move the clocks that show more after a while to those that run."""
    later = last + LATER
    at_last, at_later = _worked(each, last), _worked(each, later)
    if at_last == at_later:
        return
    then = parts_of(zip([each], reckon([each.facts], later), strict=True), later)
    calendar = f"{each.timezone} {each.calendar}"
    for name in (WHOLE, VALIDATED):
        tally = parts.get(name)
        if tally is None:
            continue
        for key, clocks in list(tally.clocks.items()):
            ((hours, is_done),), ((hours_later, _),) = clocks, then[name].clocks[key]
            if hours != hours_later:
                del tally.clocks[key]
                running = kept["running"].setdefault(calendar, {}).setdefault(name, {}).setdefault(key, [])
                # Hours are whole microseconds of working time, which come out again by rounding.
                running.append([at_last - round(hours * HOUR), is_done])


def _worked(each: Counted, at: datetime) -> int:
    return each.facts.case.calendar.ledger.worked_until(at) if each.facts.case else 0


def _turn(kept: Kept, moment: datetime, before: Parts, after: Parts) -> None:
    """Note what changes at a moment; whom a case belongs to does not."""
    changed = {name for name in before if (before[name].yes, before[name].no) != (after[name].yes, after[name].no)}
    if changed:
        yes, no = _difference(before[WHOLE].yes, after[WHOLE].yes), _difference(before[WHOLE].no, after[WHOLE].no)
        kept["turns"].append([_microseconds(moment), sorted(changed), yes, no])


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    keys = before.keys() | after.keys()
    return {key: more for key in sorted(keys) if (more := after.get(key, 0) - before.get(key, 0))}


def _put(part: dict[str, Any], tally: Tally) -> None:
    for name, counts in (("yes", tally.yes), ("no", tally.no)):
        if counts:
            kept = part.setdefault(name, {})
            for key, n in counts.items():
                kept[key] = kept.get(key, 0) + n
    for key, clocks in tally.clocks.items():
        done, cut_off = part.setdefault("clocks", {}).setdefault(key, [[], []])
        for hours, is_done in clocks:
            (done if is_done else cut_off).append(hours)


def _read(part: Mapping[str, Any]) -> Tally:
    clocks = {
        key: [*((hours, True) for hours in done), *((hours, False) for hours in cut_off)]
        for key, (done, cut_off) in part.get("clocks", {}).items()
    }
    return Tally(part.get("yes", {}), part.get("no", {}), clocks)


def _microseconds(at: datetime) -> int:
    gone = at - EPOCH
    return gone.days * DAY + gone.seconds * SECOND + gone.microseconds
