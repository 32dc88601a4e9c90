"""What the feedback about contracts counts in a period and in the one before, and which is told by itself."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import true

from app.intake.models import Feedback
from app.kernel.periods import Period, day_of, period_before
from app.kernel.working_time import microseconds
from app.measures import rollup
from app.measures.cohort import Measures, measures_from
from app.measures.day_counts import Counted, parts_of, whole_of
from app.measures.facts import Reckoned, reckon
from app.measures.grave_cases import Identity, Told, told_among
from app.measures.packed_counts import VALIDATED, WHOLE, lanes_of, number_of, parts_in, some_in
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

    ``now`` is the period, ``before`` what it is compared with, each in parts (``day_counts.parts_of``), the latter
    without clocks; ``by_day`` the days of the trend, ``packed``. ``lines`` are the feedback of those days of the period
    that were counted from the events: all of it where nothing was kept. ``told`` are all that may be told by
    themselves, however their day was counted; ``given`` the references of those of the provider among them.
    """

    now: Parts = field(default_factory=dict)
    before: Parts = field(default_factory=dict)
    by_day: dict[date, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    @property
    def whole(self) -> Tally:
        return self.now.get(WHOLE, NOTHING)

    @property
    def measures(self) -> Measures:
        return measures_from(self.whole, self.now.get(VALIDATED, NOTHING))

    @property
    def measures_before(self) -> Measures:
        return measures_from(self.before.get(WHOLE, NOTHING), self.before.get(VALIDATED, NOTHING))

    @property
    def given(self) -> frozenset[str]:
        return frozenset(each.reference for each in self.told if each.is_given)

    def cases_by_month(self, period: Period) -> Counter[date]:
        """Cases by the first day of the month in which they were sent."""
        found = Counter[date]()
        for day, number in self.by_day.items():
            if period.start <= day <= period.end:
                found[day.replace(day=1)] += some_in(number, ("cases",)).n("cases")
        return found


def count(contract_ids: Collection[int], span: Span, source: rollup.Source) -> dict[int, Counts]:
    """Count the feedback about contracts of one agency, each by itself: from what is kept, the rest from its events."""
    period, as_of, before, before_as_of, trend = span.period, span.as_of, span.before, span.before_as_of, span.trend
    days = source(contract_ids, [(trend, as_of), (before, before_as_of)])
    made = {each: Counts() for each in contract_ids}
    for contract_id, counts in made.items():
        _add_kept(counts, days.of(contract_id), span)
    hiding = queries.hiding([each.feedback_id for counts in made.values() for each in counts.told], as_of)
    for counts in made.values():
        counts.told = [
            each._replace(is_given=False) if each.feedback_id in hiding.now else each
            for each in counts.told
            if each.feedback_id not in hiding.then
        ]
    left_out = (
        days.left_out(contract_ids, trend, as_of)
        | days.left_out(contract_ids, period, as_of, with_clocks=True)
        | days.left_out(contract_ids, before, before_as_of)
    )
    found = rollup.facts_in(
        left_out, period.timezone, as_of, Feedback.contract_id, Feedback.released_at, *queries.placed_columns(as_of)
    )
    # After the feedback itself: what somebody moves this moment was read where it was until then.
    moved = contracts_before(true(), as_of)
    now, then = microseconds(as_of), microseconds(before_as_of)
    live: dict[int, list[tuple[Counted, Reckoned]]] = {each: [] for each in contract_ids}
    live_before: dict[int, list[Counted]] = {each: [] for each in contract_ids}
    for (row, facts), reckoned in zip(found, reckon([facts for _, facts in found], as_of), strict=True):
        move = moved.get(row.id)
        of_contract = row.contract_id if move is None else move.from_contract_id
        if of_contract not in made:
            continue
        counts, day = made[of_contract], day_of(facts.submitted_at, period.timezone)
        one, key = rollup.counted(row, facts, move), (of_contract, day)
        if not days.holds(key, now):
            number = number_of(lanes_of(WHOLE, whole_of(one, reckoned, as_of)))
            counts.by_day[day] = counts.by_day.get(day, 0) + number
        if day >= period.start and not days.holds(key, now, with_clocks=True):
            counts.lines.append(Line(row.id, reckoned, queries.placed(row, move)))
            live[of_contract].append((one, reckoned))
        known_at = row.released_at or facts.submitted_at
        if before.start <= day <= before.end and known_at <= before_as_of and not days.holds(key, then):
            live_before[of_contract].append(one)
    for contract_id, counts in made.items():
        counts.now = sum_of_parts([counts.now, parts_of(live[contract_id], as_of)])
        counts.before = sum_of_parts([counts.before, rollup.counted_live(live_before[contract_id], before_as_of)])
        counts.told += told_among((_identity(line), line.reckoned) for line in counts.lines if not line.place.is_hidden)
    return made


def together(several: Iterable[Counts]) -> Counts:
    """The days of several contracts, added up."""
    by_day: dict[date, int] = defaultdict(int)
    for counts in several:
        for day, number in counts.by_day.items():
            by_day[day] += number
    return Counts(by_day=by_day)


def _add_kept(counts: Counts, kept: Mapping[date, rollup.Day], span: Span) -> None:
    """Add what is kept of the days of a contract."""
    start, before_start = span.period.start, span.before.start
    now, then = microseconds(span.as_of), microseconds(span.before_as_of)
    number = number_before = 0
    parts: Parts = {}
    parts_before: Parts = {}
    # The trend ends with the period, and what comes before that is compared with it; there are ten thousand of these.
    for day, each in kept.items():
        if each.valid_from > now:
            continue
        counts.by_day[day] = of_day = each.number_at(now)
        if day >= start:
            if each.clocks_from <= now:
                number += of_day
                each.add_parts(parts, now)
                each.add_clocks(parts, span.as_of)
                counts.told += each.told_by_itself()
        elif day >= before_start and each.valid_from <= then:
            number_before += of_day if each.settled_at <= then else each.number_at(then)
            each.add_parts(parts_before, then)
    counts.now = sum_of_parts([parts_in(number), parts])
    counts.before = sum_of_parts([parts_in(number_before), parts_before])


def _identity(line: Line) -> Identity:
    place = line.place
    return Identity(line.id, place.reference, place.site_id, place.is_urgent, place.is_given)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
