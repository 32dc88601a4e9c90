"""What the feedback about contracts counts in a period and in the one before, and which is told by itself."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import true

from app.intake.models import Feedback
from app.kernel.periods import Period, day_of, period_before
from app.measures import rollup
from app.measures.cohort import Measures, measures_from
from app.measures.day_counts import VALIDATED, WHOLE, Counted, parts_of
from app.measures.facts import Reckoned, reckon
from app.measures.membership import tally_of
from app.measures.queries import contracts_before
from app.measures.tally import NOTHING, Parts, Tally, sum_of_parts
from app.reports import queries
from app.reports.queries import Placed

TREND_WEEKS = 13
"""The trend goes back at least so many weeks, and over the period compared with."""


class Line(NamedTuple):
    """A feedback of the period with its clocks and where it belongs."""

    id: int
    reckoned: Reckoned
    place: Placed


@dataclass(frozen=True)
class Span:
    """The days of a report, up to which moment it knows, and what it is compared with: at the same age."""

    period: Period
    as_of: datetime

    @property
    def before(self) -> Period:
        return period_before(self.period)

    @property
    def before_as_of(self) -> datetime:
        return self.as_of - (self.period.since - self.before.since)

    @property
    def trend(self) -> Period:
        """Whole weeks."""
        first = min(self.before.start, self.period.end - timedelta(weeks=TREND_WEEKS - 1))
        return Period(monday_of(first), self.period.end, self.period.timezone)


@dataclass
class Counts:
    """What was counted of one contract.

    ``now`` is the period, ``before`` what it is compared with, each in parts (``day_counts.parts_of``); ``by_day`` the
    days of the trend, without clocks. ``lines`` are all feedback of the period where nothing was kept of its days;
    where it was, those sent in other days and all that a report may tell by itself.
    """

    now: Parts = field(default_factory=dict)
    before: Parts = field(default_factory=dict)
    by_day: dict[date, Tally] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @property
    def whole(self) -> Tally:
        return self.now.get(WHOLE, NOTHING)

    @property
    def measures(self) -> Measures:
        return measures_from(self.whole, self.now.get(VALIDATED, NOTHING))

    @property
    def measures_before(self) -> Measures:
        return measures_from(self.before.get(WHOLE, NOTHING), self.before.get(VALIDATED, NOTHING))

    def cases_by_month(self, period: Period) -> Counter[date]:
        """Cases by the first day of the month in which they were sent."""
        found = Counter[date]()
        for day, tally in self.by_day.items():
            if period.start <= day <= period.end:
                found[day.replace(day=1)] += tally.n("cases")
        return found


def count(contract_ids: Collection[int], span: Span, source: rollup.Source) -> dict[int, Counts]:
    """Count the feedback about contracts of one agency, each by itself: from what is kept, the rest from its events."""
    period, as_of, before, before_as_of, trend = span.period, span.as_of, span.before, span.before_as_of, span.trend
    days = source(contract_ids, trend)
    left_out = days.left_out(contract_ids, trend, as_of) | days.left_out(contract_ids, before, before_as_of)
    columns = (Feedback.contract_id, Feedback.released_at, *queries.placed_columns(as_of))
    # Two questions, as one with both conditions would have the database look at all feedback.
    found = rollup.facts_in(left_out, period.timezone, as_of, *columns)
    read = {row.id for row, _ in found}
    told = [each for each in days.told(contract_ids, period, as_of) if each not in read]
    if told:
        found = sorted(
            [*found, *rollup.facts_named(told, as_of, *columns)], key=lambda each: (each[1].submitted_at, each[0].id)
        )
    # After the feedback itself: what somebody moves this moment was read where it was until then.
    moved = contracts_before(true(), as_of)
    made = {each: Counts() for each in contract_ids}
    for (contract_id, day), tally in days.by_day(contract_ids, trend, as_of).items():
        made[contract_id].by_day[day] = tally
    live: dict[int, list[tuple[Counted, Reckoned]]] = {each: [] for each in contract_ids}
    live_before: dict[int, list[Counted]] = {each: [] for each in contract_ids}
    for (row, facts), reckoned in zip(found, reckon([facts for _, facts in found], as_of), strict=True):
        move = moved.get(row.id)
        of_contract = row.contract_id if move is None else move.from_contract_id
        if of_contract not in made:
            continue
        counts, day, place = made[of_contract], day_of(facts.submitted_at, period.timezone), queries.placed(row, move)
        one = rollup.counted(row, facts, move)
        if day >= period.start:
            counts.lines.append(Line(row.id, reckoned, place))
        if not days.holds(of_contract, day, as_of):
            counts.by_day.setdefault(day, Tally()).add(tally_of([reckoned]))
            if day >= period.start:
                live[of_contract].append((one, reckoned))
        known_at = row.released_at or facts.submitted_at
        is_before = before.start <= day <= before.end and known_at <= before_as_of
        if is_before and not days.holds(of_contract, day, before_as_of):
            live_before[of_contract].append(one)
    for contract_id, counts in made.items():
        kept, kept_before = (
            days.add_up([contract_id], period, as_of),
            days.add_up([contract_id], before, before_as_of),
        )
        counts.now = sum_of_parts([kept, parts_of(live[contract_id], as_of)])
        counts.before = sum_of_parts([kept_before, rollup.counted_live(live_before[contract_id], before_as_of)])
    return made


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
