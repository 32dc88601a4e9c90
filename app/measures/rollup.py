"""The counts of the days of contracts: kept ones where they are right, from the events where not. Reads only.

A figure is the same either way; only the time it takes differs.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select, true, union_all

from app.analysis.models import Tag
from app.cases.models import Case, CaseMove
from app.directory.models import Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import Period, day_of, local
from app.kernel.words import EventKind
from app.measures.day_counts import Counted, Kept, add_up, brief, keep, last_of, parts_of, whole_of_day
from app.measures.facts import FeedbackFacts, reckon
from app.measures.models import Changed, ContractDay
from app.measures.queries import contracts_before, facts_with, of_contracts
from app.measures.tally import Parts, Tally
from app.measures.verdict_progress import is_disputed

VERSION = 2
"""Of the counting. Raise it with every change to what is counted of a day or how it is kept: all days are made anew."""

OVER_FOR = timedelta(hours=1)
"""A day is kept once it has been over for so long: whoever began to write in it has finished."""

EVERYTHING = datetime(2399, 12, 31, tzinfo=UTC)
"""A moment after all events."""

COLUMNS = (
    Feedback.contract_id,
    Feedback.site_id,
    Feedback.channel,
    Feedback.released_at,
    Case.clause_id,
    Tag.is_urgent,
)
"""Beside the facts, what ``counted`` and ``row_of`` ask of a feedback."""

IDS_AT_ONCE = 5_000

Key = tuple[int, date]
"""A contract and a day of its agency's calendar."""


class Day(NamedTuple):
    """What is kept of a day, and which feedback a report may tell by itself."""

    valid_from: datetime
    counts: Kept
    told: Sequence[int]


@dataclass(frozen=True)
class Days:
    """What is kept of days of contracts of one agency, but for those in which something has changed since."""

    timezone: str
    kept: Mapping[Key, Day]

    def holds(self, contract_id: int, day: date, as_of: datetime) -> bool:
        """Whether a day need not be counted from the events to know it as it stood at ``as_of``."""
        found = self.kept.get((contract_id, day))
        return found is not None and found.valid_from <= as_of

    def held(self, contract_ids: Collection[int], period: Period, as_of: datetime) -> Iterator[tuple[Key, Day]]:
        for contract_id in contract_ids:
            for day in _days_in(period.start, period.end):
                if self.holds(contract_id, day, as_of):
                    yield (contract_id, day), self.kept[contract_id, day]

    def add_up(self, contract_ids: Collection[int], period: Period, as_of: datetime) -> Parts:
        """The days of a period that are held, together, as they stood at ``as_of``."""
        total: Parts = {}
        for _, day in self.held(contract_ids, period, as_of):
            add_up(total, day.counts, as_of)
        return total

    def by_day(self, contract_ids: Collection[int], period: Period, as_of: datetime) -> dict[Key, Tally]:
        """All feedback of the same days, day by day, without clocks."""
        return {key: whole_of_day(day.counts, as_of) for key, day in self.held(contract_ids, period, as_of)}

    def told(self, contract_ids: Collection[int], period: Period, as_of: datetime) -> list[int]:
        """The feedback of the same days that a report may tell by itself."""
        return [each for _, day in self.held(contract_ids, period, as_of) for each in day.told]

    def left_out(self, contract_ids: Collection[int], period: Period, as_of: datetime) -> set[Key]:
        """The days of the period, up to that of ``as_of``, that are not held."""
        days = list(_days_in(period.start, min(period.end, day_of(as_of, self.timezone))))
        return {(each, day) for each in contract_ids for day in days if not self.holds(each, day, as_of)}


Source = Callable[[Collection[int], Period], Days]
"""Where counts come from: ``days_of``, ``days_in_brief``, or ``no_days`` to have all of it from the events."""


def days_of(contract_ids: Collection[int], period: Period) -> Days:
    """What is kept of the days of a period. The caller has made sure that its viewer may see the contracts."""
    return _days_of(contract_ids, period)


def days_in_brief(contract_ids: Collection[int], period: Period) -> Days:
    """The same without clocks, sites and clauses: for whoever tells many contracts."""
    return _days_of(contract_ids, period, in_brief=True)


def no_days(_contract_ids: Collection[int], period: Period) -> Days:
    return Days(period.timezone, {})


def counts_of(contract_ids: Collection[int], period: Period, as_of: datetime, source: Source = days_of) -> Parts:
    """What the feedback about contracts of one agency counts that was sent in a period, as it stood at ``as_of``."""
    days = source(contract_ids, period)
    total = days.add_up(contract_ids, period, as_of)
    left_out = days.left_out(contract_ids, period, as_of)
    found = facts_in(left_out, period.timezone, as_of, *COLUMNS)
    moved = contracts_before(true(), as_of)
    rest = [counted(row, facts, moved.get(row.id)) for row, facts in found]
    for name, tally in counted_live(rest, as_of).items():
        total.setdefault(name, Tally()).add(tally)
    return total


def facts_in(days: Collection[Key], timezone: str, as_of: datetime, *columns: Any) -> list[tuple[Any, FeedbackFacts]]:
    """The facts of the feedback of these days that was sent up to ``as_of``, each with its row (see ``facts_with``).

    The days are those of the contracts that it was under at ``as_of``.
    """
    of_contract: dict[int, list[date]] = defaultdict(list)
    for contract_id, day in sorted(days):
        of_contract[contract_id].append(day)
    spans: dict[tuple[date, date], list[int]] = defaultdict(list)
    for contract_id, found in of_contract.items():
        for span in _spans(found):
            spans[span].append(contract_id)
    if not spans:
        return []
    moved = contracts_before(true(), as_of)
    within = (
        and_(
            of_contracts(ids, as_of, moved),
            Feedback.submitted_at >= local(start, 0, timezone),
            Feedback.submitted_at < local(end + timedelta(days=1), 0, timezone),
            Feedback.submitted_at <= as_of,
        )
        for (start, end), ids in spans.items()
    )
    return facts_with(or_(*within), as_of, *columns)


def facts_named(ids: Sequence[int], as_of: datetime, *columns: Any) -> list[tuple[Any, FeedbackFacts]]:
    """The facts of single feedback, each with its row."""
    parts = (ids[begin : begin + IDS_AT_ONCE] for begin in range(0, len(ids), IDS_AT_ONCE))
    return [each for part in parts for each in facts_with(Feedback.id.in_(part), as_of, *columns)]


def counted(row: Any, facts: FeedbackFacts, moved: Any | None = None) -> Counted:
    """A row with ``COLUMNS``, and its facts, as ``day_counts`` reads them; ``moved``: how it was moved since then."""
    clause_id, calendar = (
        (row.clause_id, row.calendar) if moved is None else (moved.clause_id, json.dumps(moved.calendar))
    )
    return Counted(row.id, facts, row.site_id, clause_id, row.channel, calendar, row.timezone)


def counted_live(feedback: Sequence[Counted], as_of: datetime) -> Parts:
    """Count feedback from its events."""
    return parts_of(zip(feedback, reckon([each.facts for each in feedback], as_of), strict=True), as_of)


def changed_days(contract_ids: Collection[int], period: Period) -> set[Key]:
    """The days of a period in which something has changed since they were kept."""
    there = (
        select(Feedback.contract_id, Feedback.submitted_at)
        .join(Changed, Changed.feedback_id == Feedback.id)
        .where(Feedback.contract_id.in_(contract_ids))
        .where(Feedback.submitted_at >= period.since, Feedback.submitted_at < period.until)
    )
    left = (
        select(Changed.left_contract_id, Changed.submitted_at)
        .where(Changed.left_contract_id.in_(contract_ids))
        .where(Changed.submitted_at >= period.since, Changed.submitted_at < period.until)
    )
    rows: Any = db.session.execute(union_all(there, left))
    return {(contract_id, day_of(at, period.timezone)) for contract_id, at in rows if contract_id is not None}


def is_over(day: date, timezone: str, now: datetime) -> bool:
    """Whether a day can be kept."""
    return local(day + timedelta(days=1), 0, timezone) + OVER_FOR <= now


def missing_days(contract: Contract, now: datetime) -> list[date]:
    """The days of a contract that can be kept and are not, from its first feedback on; the newest first."""
    first = db.session.scalar(select(func.min(Feedback.submitted_at)).where(of_contracts([contract.id], EVERYTHING)))
    if first is None:
        return []
    timezone = contract.agency.timezone
    last = day_of(now - OVER_FOR, timezone) - timedelta(days=1)
    days = [day for day in _days_in(day_of(first, timezone), last) if is_over(day, timezone, now)]
    if not days:
        return []
    # Days before the first may be kept too, if all that was sent in them has been moved away.
    made = (ContractDay.contract_id == contract.id, ContractDay.version == VERSION, ContractDay.day >= days[0])
    if db.session.scalar(select(func.count()).select_from(ContractDay).where(*made)) == len(days):
        return []
    known = set(db.session.scalars(select(ContractDay.day).where(*made)))
    return [day for day in reversed(days) if day not in known]


def rows_of(contract: Contract, days: Collection[date]) -> list[dict[str, Any]]:
    """Count days of a contract from all events there are: the rows of ``ContractDay``, oldest first."""
    timezone = contract.agency.timezone
    of_day: dict[date, list[tuple[Any, Counted]]] = {day: [] for day in sorted(days)}
    for row, facts in facts_in({(contract.id, day) for day in days}, timezone, EVERYTHING, *COLUMNS):
        of_day[day_of(facts.submitted_at, timezone)].append((row, counted(row, facts)))
    left = _left_at(contract, of_day.keys())
    return [row_of(contract, day, found, left[day]) for day, found in of_day.items()]


def _left_at(contract: Contract, days: Collection[date]) -> dict[date, list[datetime]]:
    """When what was sent on these days was moved away from a contract; each of them."""
    found: dict[date, list[datetime]] = {day: [] for day in days}
    rows = db.session.execute(
        select(CaseMove.at, Feedback.submitted_at)
        .join(Feedback, Feedback.id == CaseMove.feedback_id)
        .where(CaseMove.from_contract_id == contract.id)
    )
    for at, submitted_at in rows:
        day = day_of(submitted_at, contract.agency.timezone)
        if day in found:
            found[day].append(at)
    return found


def row_of(
    contract: Contract, day: date, found: Sequence[tuple[Any, Counted]], left: Iterable[datetime] = ()
) -> dict[str, Any]:
    """What is kept of one day; ``left``: when cases of it were moved away, which it counted until then."""
    counts = keep(each for _, each in found)
    # What was held for review and let through is counted from then on.
    released = [row.released_at for row, _ in found if row.released_at is not None]
    return {
        "contract_id": contract.id,
        "day": day,
        "agency_id": contract.agency_id,
        "version": VERSION,
        "valid_from": max(
            (*(last_of(each.facts) for _, each in found), *released, *left),
            default=local(day, 0, contract.agency.timezone),
        ),
        "feedback": len(found),
        "counts": counts,
        "brief": brief(counts),
        "told": [row.id for row, each in found if _may_be_told(each.facts, is_urgent=bool(row.is_urgent))],
    }


def check(contract: Contract) -> tuple[int, list[tuple[date, str]]]:
    """Count every day that is kept of a contract again from the events: how many, and where they differ, in what."""
    timezone = contract.agency.timezone
    held = select(func.min(ContractDay.day), func.max(ContractDay.day)).where(ContractDay.contract_id == contract.id)
    ends: Any = db.session.execute(held).one()
    first, last = ends
    if first is None:
        return 0, []
    checked = 0
    wrong: list[tuple[date, str]] = []
    for start in _days_in(first, last, step=31):
        month = Period(start, min(start + timedelta(days=30), last), timezone)
        days = days_of([contract.id], month)
        found: dict[date, list[Counted]] = defaultdict(list)
        for row, facts in facts_in(days.kept, timezone, EVERYTHING, *COLUMNS):
            found[day_of(facts.submitted_at, timezone)].append(counted(row, facts))
        changed_meanwhile = changed_days([contract.id], month)
        for (contract_id, day), kept in days.kept.items():
            if (contract_id, day) in changed_meanwhile:
                continue
            checked += 1
            for moment in {kept.valid_from, max(kept.valid_from, clock.now())}:
                ours: Parts = {}
                add_up(ours, kept.counts, moment)
                if (differs := _difference(ours, counted_live(found[day], moment))) is not None:
                    wrong.append((day, differs))
                    break
    return checked, wrong


CLOSE = 1e-6


def _difference(ours: Parts, theirs: Parts) -> str | None:
    """In what two counts differ by more than ``CLOSE``; None where they agree."""
    for name in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(name, Tally()), theirs.get(name, Tally())
        for key in sorted(a.yes.keys() | b.yes.keys() | a.no.keys() | b.no.keys()):
            if (a.yes.get(key, 0), a.no.get(key, 0)) != (b.yes.get(key, 0), b.no.get(key, 0)):
                return f"{name}, {key}"
        for key in sorted(a.clocks.keys() | b.clocks.keys()):
            mine, its = sorted(a.clocks.get(key, ())), sorted(b.clocks.get(key, ()))
            if len(mine) != len(its) or any(
                x[1] != y[1] or abs(x[0] - y[0]) > CLOSE for x, y in zip(mine, its, strict=True)
            ):
                return f"{name}, {key}"
    return None


def _days_of(contract_ids: Collection[int], period: Period, *, in_brief: bool = False) -> Days:
    # What has changed is asked first: what changes and is counted anew between the two is right either way.
    changed = changed_days(contract_ids, period)
    counts = ContractDay.brief if in_brief else ContractDay.counts
    rows = db.session.execute(
        select(ContractDay.contract_id, ContractDay.day, ContractDay.valid_from, counts, ContractDay.told)
        .where(ContractDay.contract_id.in_(contract_ids), ContractDay.version == VERSION)
        .where(ContractDay.day >= period.start, ContractDay.day <= period.end)
    )
    return Days(
        period.timezone,
        {
            (contract_id, day): Day(valid_from, kept, told)
            for contract_id, day, valid_from, kept, told in rows
            if (contract_id, day) not in changed
        },
    )


def _may_be_told(facts: FeedbackFacts, *, is_urgent: bool) -> bool:
    """Whether a report may tell a feedback by itself, as grave or disputed, at some moment without a further event."""
    if is_urgent:
        return True
    if facts.case is None:
        return False
    (reckoned,) = reckon([facts], last_of(facts))
    is_open = reckoned.clocks is not None and reckoned.clocks.state.is_open
    reopened = sum(event.kind == EventKind.REOPENED for event in facts.case.events)
    return is_open or reopened > 1 or is_disputed(facts)


def _days_in(first: date, last: date, step: int = 1) -> Iterable[date]:
    return (first + timedelta(days=nth) for nth in range(0, (last - first).days + 1, step))


def _spans(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days in order as unbroken spans."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and found[-1][1] + timedelta(days=1) == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
