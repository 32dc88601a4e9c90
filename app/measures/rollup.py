"""The counts of the days of contracts: kept ones where they are right, from the events where not. Reads only.

A figure is the same either way; only the time it takes differs.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, case, cast, func, or_, select, true, union_all

from app.analysis.models import Tag
from app.cases.models import Case, CaseMove
from app.directory.models import Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import Period, day_of, local
from app.kernel.working_time import microseconds, moment_at
from app.measures.day_counts import (
    Counted,
    Kept,
    add_clocks,
    add_parts,
    keep,
    last_of,
    number_before,
    parts_of,
)
from app.measures.facts import FeedbackFacts, reckon
from app.measures.grave_cases import Identity, Told, told_among
from app.measures.models import Changed, ContractDay
from app.measures.packed_counts import Steps, from_bytes, parts_in
from app.measures.queries import contracts_before, facts_with, of_contracts
from app.measures.tally import Parts, Tally, sum_of_parts

VERSION = 4
"""Of the counting. Raise it with every change to what is counted of a day or how it is kept: all days are made anew."""

OVER_FOR = timedelta(hours=1)
"""A day is kept once it has been over for so long: whoever began to write in it has finished."""

EVERYTHING = datetime(2399, 12, 31, tzinfo=UTC)
"""A moment after all events."""

COLUMNS = (
    Feedback.contract_id,
    Feedback.reference,
    Feedback.site_id,
    Feedback.channel,
    Feedback.released_at,
    Case.clause_id,
    Case.provider_since,
    Tag.is_urgent,
)
"""Beside the facts, what ``counted`` and ``row_of`` ask of a feedback."""

Key = tuple[int, date]
"""A contract and a day of its agency's calendar."""

Asked = Sequence[tuple[Period, datetime]]
"""The days that are asked about, each with the moment as of which."""


class Day(NamedTuple):
    """What is kept of a day, as it is read: of moments, of ``steps`` and of JSON only as much as is asked for."""

    valid_from: int
    clocks_from: int
    settled_at: int
    sums: bytes
    steps: bytes | None
    told: str
    names: str
    part_steps: bytes
    clocks: str

    def number_at(self, moment: int) -> int:
        """All that was counted at a moment asked about, packed; of others ``steps`` were not read."""
        if moment >= self.settled_at:
            return from_bytes(self.sums)
        if self.steps is None:
            raise LookupError("nobody asked about that moment")
        return number_before(self.sums, self.steps, moment)

    def add_parts(self, total: Parts, moment: int) -> None:
        """Add what was counted of sites and clauses, where that was asked for."""
        if self.part_steps:
            add_parts(total, json.loads(self.names), Steps.read(self.part_steps).until(moment))

    def told_by_itself(self) -> list[Told]:
        return [Told(*each) for each in json.loads(self.told)] if self.told != "[]" else []

    def add_clocks(self, total: Parts, as_of: datetime) -> None:
        if self.clocks:
            add_clocks(total, json.loads(self.clocks), as_of)


@dataclass(frozen=True)
class Days:
    """What is kept of days of contracts of one agency, but for those in which something has changed since."""

    kept: Mapping[int, Mapping[date, Day]]

    def holds(self, key: Key, moment: int, *, with_clocks: bool = False) -> bool:
        """Whether a day need not be counted from the events to know it as it stood at a moment.

        ``with_clocks``: also its clocks, and which cases are told by themselves.
        """
        contract_id, day = key
        found = self.of(contract_id).get(day)
        return found is not None and (found.clocks_from if with_clocks else found.valid_from) <= moment

    def of(self, contract_id: int) -> Mapping[date, Day]:
        """The days of one contract."""
        return self.kept.get(contract_id, {})

    def left_out(
        self, contract_ids: Collection[int], period: Period, as_of: datetime, *, with_clocks: bool = False
    ) -> set[Key]:
        """The days of the period, up to that of ``as_of``, that are not held."""
        moment = microseconds(as_of)
        days = list(_days_in(period.start, min(period.end, day_of(as_of, period.timezone))))
        from_when = attrgetter("clocks_from" if with_clocks else "valid_from")
        found: set[Key] = set()
        for contract_id in contract_ids:
            kept = self.of(contract_id)
            found |= {(contract_id, day) for day in days if (of := kept.get(day)) is None or from_when(of) > moment}
        return found


Source = Callable[[Collection[int], Asked], Days]
"""Where counts come from: ``days_of``, ``days_in_brief``, or ``no_days`` to have all of it from the events."""


def days_of(contract_ids: Collection[int], asked: Asked) -> Days:
    """What is kept of the days asked about. The caller has made sure that its viewer may see the contracts."""
    return _days_of(contract_ids, asked)


def days_in_brief(contract_ids: Collection[int], asked: Asked) -> Days:
    """The same without clocks, sites and clauses: for whoever tells many contracts."""
    return _days_of(contract_ids, asked, in_brief=True)


def no_days(_contract_ids: Collection[int], _asked: Asked) -> Days:
    return Days({})


def counts_of(
    contract_ids: Collection[int], period: Period, as_of: datetime, source: Source = days_in_brief
) -> dict[int, Parts]:
    """What the feedback about contracts of one agency counts that was sent in a period, as it stood at ``as_of``.

    Of each contract as a whole and what is validated; clocks only of what is counted from the events.
    """
    days = source(contract_ids, [(period, as_of)])
    moment = microseconds(as_of)
    numbers = {
        each: sum(day.number_at(moment) for day in days.of(each).values() if day.valid_from <= moment)
        for each in contract_ids
    }
    found = facts_in(days.left_out(contract_ids, period, as_of), period.timezone, as_of, *COLUMNS)
    moved = contracts_before(true(), as_of)
    rest: dict[int, list[Counted]] = {each: [] for each in contract_ids}
    for row, facts in found:
        move = moved.get(row.id)
        of_contract = row.contract_id if move is None else move.from_contract_id
        if of_contract in rest:
            rest[of_contract].append(counted(row, facts, move))
    return {each: sum_of_parts([parts_in(number), counted_live(rest[each], as_of)]) for each, number in numbers.items()}


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
    found = _feedback_of(contract, days)
    moves = _moved_at(contract, days)
    return [row_of(contract, day, found[day], moves[day]) for day in sorted(days)]


def _feedback_of(contract: Contract, days: Collection[date]) -> dict[date, list[tuple[Any, Counted]]]:
    """The feedback of days with all that happened to it."""
    timezone = contract.agency.timezone
    found: dict[date, list[tuple[Any, Counted]]] = {day: [] for day in days}
    for row, facts in facts_in({(contract.id, day) for day in days}, timezone, EVERYTHING, *COLUMNS):
        found[day_of(facts.submitted_at, timezone)].append((row, counted(row, facts)))
    return found


def _moved_at(contract: Contract, days: Collection[date]) -> dict[date, list[datetime]]:
    """When anything that was sent on these days was moved to a contract or away from it."""
    found: dict[date, list[datetime]] = {day: [] for day in days}
    rows = db.session.execute(
        select(CaseMove.at, Feedback.submitted_at)
        .join(Feedback, Feedback.id == CaseMove.feedback_id)
        .where(or_(CaseMove.from_contract_id == contract.id, CaseMove.to_contract_id == contract.id))
    )
    for at, submitted_at in rows:
        day = day_of(submitted_at, contract.agency.timezone)
        if day in found:
            found[day].append(at)
    return found


def row_of(
    contract: Contract, day: date, found: Sequence[tuple[Any, Counted]], moved_at: Iterable[datetime] = ()
) -> dict[str, Any]:
    """What is kept of one day; ``moved_at``: until then other feedback belonged to it, on other terms."""
    kept = keep([each for _, each in found])
    # What was held for review and let through is counted from then on.
    released = [row.released_at for row, _ in found if row.released_at is not None]
    valid_from = max(map(microseconds, (local(day, 0, contract.agency.timezone), *released, *moved_at)))
    told = told_among(
        (
            Identity(row.id, row.reference, row.site_id, bool(row.is_urgent), row.provider_since is not None),
            reckon([each.facts], last_of(each.facts))[0],
        )
        for row, each in found
    )
    return {
        "contract_id": contract.id,
        "day": day,
        "agency_id": contract.agency_id,
        "version": VERSION,
        "feedback": len(found),
        "told": list(map(list, told)),
        **kept._asdict(),
        "valid_from": valid_from,
        "clocks_from": max(valid_from, kept.clocks_from),
        "settled_at": max(valid_from, kept.settled_at),
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
        changed = changed_days([contract.id], month)
        rows = db.session.scalars(
            select(ContractDay)
            .where(ContractDay.contract_id == contract.id, ContractDay.version == VERSION)
            .where(ContractDay.day >= month.start, ContractDay.day <= month.end)
        ).all()
        found = _feedback_of(contract, [row.day for row in rows])
        moves = _moved_at(contract, found.keys())
        changed |= changed_days([contract.id], month)  # meanwhile
        for row in rows:
            if (contract.id, row.day) in changed:
                continue
            checked += 1
            if differs := _wrong_in(row, row_of(contract, row.day, found[row.day], moves[row.day]), found[row.day]):
                wrong.append((row.day, differs))
        for row in rows:
            db.session.expunge(row)
    return checked, wrong


def _wrong_in(row: ContractDay, anew: Mapping[str, Any], found: Sequence[tuple[Any, Counted]]) -> str | None:
    """In what a day that is kept differs from its events: asked at its last event, now, and on the way there."""
    kept = Kept(*(getattr(row, name) for name in Kept._fields))
    steps = Steps.read(kept.steps).at
    on_the_way = [steps[len(steps) * nth // 4] for nth in range(1, 4)] if steps else []
    for moment in sorted({row.clocks_from, row.settled_at, microseconds(clock.now()), *on_the_way}):
        if moment < row.valid_from:
            continue
        as_of = moment_at(moment)
        theirs = counted_live([each for _, each in found if each.facts.submitted_at <= as_of], as_of)
        if moment < row.clocks_from:
            theirs = {name: Tally(tally.yes, tally.no) for name, tally in theirs.items()}
        if (differs := _difference(kept.counts_at(as_of), theirs)) is not None:
            return differs
    return next((name for name in ("told", "valid_from", "feedback") if getattr(row, name) != anew[name]), None)


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


def _days_of(contract_ids: Collection[int], asked: Asked, *, in_brief: bool = False) -> Days:
    first, last = min(period.start for period, _ in asked), max(period.end for period, _ in asked)
    span = Period(first, last, asked[0][0].timezone)
    # What has changed is asked first: what changes and is counted anew between the two is right either way.
    changed = changed_days(contract_ids, span)
    day = ContractDay.day
    unsettled = or_(
        *(
            and_(day.between(period.start, period.end), ContractDay.settled_at > microseconds(as_of))
            for period, as_of in asked
        )
    )
    # Read as they are kept, and made something of only where it is needed.
    in_detail = (cast(ContractDay.names, Text), ContractDay.part_steps, cast(ContractDay.clocks, Text))
    rows = db.session.connection().execute(
        select(
            ContractDay.contract_id,
            day,
            ContractDay.valid_from,
            ContractDay.clocks_from,
            ContractDay.settled_at,
            ContractDay.sums,
            case((unsettled, ContractDay.steps)),
            cast(ContractDay.told, Text),
            *(() if in_brief else in_detail),
        )
        .where(ContractDay.contract_id.in_(contract_ids), ContractDay.version == VERSION)
        .where(day >= first, day <= last)
    )
    left_away = ("", b"", "") if in_brief else ()
    kept: dict[int, dict[date, Day]] = defaultdict(dict)
    for contract_id, on, *rest in rows.all():
        if (contract_id, on) not in changed:
            kept[contract_id][on] = Day(*rest, *left_away)
    return Days(kept)


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
