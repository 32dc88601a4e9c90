"""What the feedback of one day counts, as it can be kept: exact at every moment after its last event.

Without a further event a case changes in two ways only: its clocks run on with working time, and at known moments it
turns (a limit is passed, the time for a last word is over). So what is kept are counts as of the last event, clocks
that stand, clocks that run, and turns. Nothing of it is reckoned here: the measures are asked at each of the moments.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.kernel.words import Channel
from app.kernel.working_time import DAY, EPOCH, HOUR, SECOND, calendar_kept
from app.measures import verdict_progress
from app.measures.clocks import turning_points
from app.measures.cohort import is_validated
from app.measures.facts import FeedbackFacts, Reckoned, reckon
from app.measures.membership import BRIEF, OF_CLAUSE, some_of, tally_of
from app.measures.tally import Parts, Tally, narrowed

WHOLE, VALIDATED = "all", "validated"
LATER = timedelta(days=366)
"""After so long a running clock shows more, in any calendar with work in it."""

Kept = dict[str, Any]
"""What is kept, ready for JSON.

``parts``: name → ``yes``, ``no`` (measure → count) and ``clocks`` (measure → hours at which done, at which cut off).
``running``: calendar → part → measure → [total of working time at which the clock would show 0, whether done].
``turns``: microseconds since 1970, names of parts, and what is then added to ``yes`` and ``no``; oldest first.
``turned``: part → what all of them together add.
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

    Of the latter three some measures alone (``keys_of``); of a clause also what is validated (``validated_part``).
    """
    groups: dict[str, list[Reckoned]] = {}
    for each, reckoned in counted:
        for name in _names(each, reckoned):
            groups.setdefault(name, []).append(reckoned)
    return {
        name: _whole_of(group, as_of) if (keys := keys_of(name)) is None else some_of(group, keys)
        for name, group in groups.items()
    }


def validated_part(name: str) -> str:
    """The name of what is validated of a clause."""
    return f"{VALIDATED}-{name}"


def keys_of(name: str) -> tuple[str, ...] | None:
    """The measures that are counted of a part; None: all there are, with clocks."""
    if name in (WHOLE, VALIDATED):
        return None
    return OF_CLAUSE if "clause-" in name else BRIEF


def keep(day: Iterable[Counted]) -> Kept:
    """What is kept of a day's feedback, with all events that there are."""
    kept: Kept = {"parts": {}, "running": {}, "turns": [], "turned": {}}
    for each in day:
        case, last = each.facts.case, last_of(each.facts)
        (reckoned,) = reckon([each.facts], last)
        names, whole = _names(each, reckoned), _whole_of([reckoned], last)
        if case is not None and reckoned.clocks is not None:
            _let_run(kept, each, names, whole, last)
            before = whole
            for moment in turning_points(case, reckoned.clocks.state):
                if moment > last:
                    after = _whole_of(reckon([each.facts], moment), moment)
                    yes, no = _difference(before.yes, after.yes), _difference(before.no, after.no)
                    if yes or no:
                        kept["turns"].append([_microseconds(moment), names, yes, no])
                    before = after
        narrow: dict[tuple[str, ...] | None, Tally] = {None: whole}
        for name in names:
            keys = keys_of(name)
            if keys is not None and keys not in narrow:
                narrow[keys] = narrowed(whole, keys)
            _put(kept["parts"].setdefault(name, {}), narrow[keys])
    for part in kept["parts"].values():
        for done_and_cut_off in part.get("clocks", {}).values():
            for hours in done_and_cut_off:
                hours.sort()
    kept["turns"].sort(key=lambda turn: turn[0])
    kept["turned"] = _turned(kept["turns"])
    return kept


def brief(kept: Kept) -> Kept:
    """Of it what overviews need: all counts and no clocks; of the parts what is validated, and channels."""
    parts = {
        name: {key: part[key] for key in ("yes", "no") if key in part}
        for name, part in kept["parts"].items()
        if _is_brief(name)
    }
    turns = [[at, [name for name in names if _is_brief(name)], yes, no] for at, names, yes, no in kept["turns"]]
    return {"parts": parts, "running": {}, "turns": turns, "turned": _turned(turns)}


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
    for name, (yes, no) in _turned_by(kept, as_of).items():
        _change(total[name].yes, yes)
        _change(total[name].no, no)


def whole_of_day(kept: Kept, as_of: datetime) -> Tally:
    """What was kept of all feedback of a day, without clocks."""
    part = kept["parts"].get(WHOLE, {})
    tally = Tally(dict(part.get("yes", {})), dict(part.get("no", {})))
    yes, no = _turned_by(kept, as_of).get(WHOLE, ({}, {}))
    _change(tally.yes, yes)
    _change(tally.no, no)
    return tally


def _turned_by(kept: Kept, as_of: datetime) -> Mapping[str, Sequence[dict[str, int]]]:
    """What has turned by a moment, by part: mostly everything, which is added up already."""
    turns = kept["turns"]
    if not turns:
        return {}
    moment = _microseconds(as_of)
    all_of_it: Mapping[str, Sequence[dict[str, int]]] = kept["turned"]
    return all_of_it if turns[-1][0] <= moment else _turned([turn for turn in turns if turn[0] <= moment])


def _turned(turns: Iterable[Sequence[Any]]) -> dict[str, Sequence[dict[str, int]]]:
    """Turns together: part → what is added to ``yes`` and ``no``."""
    total: dict[str, Sequence[dict[str, int]]] = {}
    for _, names, yes, no in turns:
        for name in names:
            sums, keys = total.setdefault(name, ({}, {})), keys_of(name)
            for change, by in zip(sums, (yes, no), strict=True):
                _change(change, by if keys is None else {key: by[key] for key in keys if key in by})
    return total


def _change(counts: dict[str, int], by: Mapping[str, int]) -> None:
    for key, n in by.items():
        counts[key] = counts.get(key, 0) + n


def last_of(facts: FeedbackFacts) -> datetime:
    """The last moment at which something happened to a feedback."""
    events = facts.case.events if facts.case else ()
    return max((facts.submitted_at, *(event.at for event in events)))


def _names(each: Counted, reckoned: Reckoned) -> list[str]:
    names = [WHOLE, f"site-{each.site_id}", f"channel-{each.channel}"]
    clause = [f"clause-{each.clause_id}"] if each.clause_id is not None else []
    names += clause
    if is_validated(reckoned):
        names += [VALIDATED, *map(validated_part, clause)]
    return names


def _whole_of(group: Sequence[Reckoned], as_of: datetime) -> Tally:
    tally = tally_of(group)
    verdict_progress.count_in(tally, group, as_of)
    return tally


def _let_run(kept: Kept, each: Counted, names: Sequence[str], whole: Tally, last: datetime) -> None:
    """Move the clocks of a case that show more after a while to those that run."""
    later = last + LATER
    then = _whole_of(reckon([each.facts], later), later)
    for key, ((hours, is_done),) in list(whole.clocks.items()):
        if hours == then.clocks[key][0][0]:
            continue
        del whole.clocks[key]
        # Hours are whole microseconds of working time, which come out again by rounding.
        began = _worked(each, last) - round(hours * HOUR)
        running = kept["running"].setdefault(f"{each.timezone} {each.calendar}", {})
        for name in names:
            if name in (WHOLE, VALIDATED):
                running.setdefault(name, {}).setdefault(key, []).append([began, is_done])


def _worked(each: Counted, at: datetime) -> int:
    return each.facts.case.calendar.ledger.worked_until(at) if each.facts.case else 0


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
