"""What a week's email says: whose limits fell, what matters most, which words are quoted. Plain Python."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.cases.deadlines import resolve_by, respond_by
from app.kernel.periods import Period, day_of
from app.kernel.shares import Share, share_of
from app.kernel.words import Basis, Direction, Sentiment
from app.measures.clocks import CaseFacts, clocks_of
from app.measures.kpi_rating import Kpi, Rating, TargetVerdict, rate_share
from app.measures.notable_changes import Change, compare

RESPONSE, RESOLUTION = "on_time_response_rate", "on_time_resolution_rate"

LONGEST_QUOTE = 220
"""Characters: what is read at a glance on a phone."""

TREND_WEEKS = 8
"""A small chart shows so many weeks."""

SHORTEST_QUOTE = 12
"""Shorter texts ("ok", "很好") say nothing in a letter."""


@dataclass(frozen=True)
class Called:
    """What a contract is called by, in the reader's language."""

    service: str
    reference: str
    provider: str


def told_apart_by(one: Called, among: Collection[Called]) -> tuple[str, ...]:
    """What must be said beside the service to tell a contract from ``among``: nothing where no other has that service.

    Else its reference, by which all pages call it; and its provider, by whom people know it, where they differ.
    """
    same = {one, *(each for each in among if each.service == one.service)}
    if len(same) == 1:
        return ()
    return (one.reference,) if len({each.provider for each in same}) == 1 else (one.reference, one.provider)


@dataclass(frozen=True)
class Kept:
    """How a limit was kept: the cases for which it fell in a week, the week before, and what was promised."""

    measure: str
    this_week: Share
    week_before: Share
    target: float | None
    direction: Direction | None
    verdict: TargetVerdict | None
    verdict_before: TargetVerdict | None = None

    @property
    def has_crossed(self) -> bool:
        """Missed beyond doubt now, and not so before."""
        return self.is_missed and self.verdict_before != TargetVerdict.MISSED

    @property
    def is_missed(self) -> bool:
        """Missed beyond doubt: enough cases to judge, and their whole interval on the wrong side of the target."""
        return self.verdict == TargetVerdict.MISSED

    @property
    def too_many(self) -> float:
        """How many residents it concerns: so many cases beyond those the target allows; 0 where it is met or unset."""
        if self.target is None:
            return 0.0
        gap = self.target * self.this_week.denominator - self.this_week.numerator
        # Nobody tells sums of percents apart by what floating point leaves.
        return round(max(0.0, gap if self.direction == Direction.AT_LEAST else -gap), 6)


@dataclass(frozen=True)
class Young:
    """Cases sent in the week, and how many of them have a limit to answer that has not fallen yet."""

    not_yet_due: int
    cases: int


@dataclass(frozen=True)
class ContractWeek:
    """One contract in one week, as it stood when the letter was written."""

    contract_id: int
    received: int
    with_words: int
    kept: tuple[Kept, ...]
    young: Young
    overdue: int
    # Monday → how the limit to answer was kept in that week, oldest first.
    trend: tuple[tuple[date, Share], ...] = ()

    @property
    def answered(self) -> Kept:
        return self.kept[0]


@dataclass(frozen=True)
class Quotable:
    """Redacted words of a resident that may be quoted."""

    text: str
    sentiment: Sentiment
    rating: int | None
    language: str
    contract_id: int | None
    site: str
    at: datetime


def contract_week(
    contract_id: int,
    cases: Sequence[CaseFacts],
    *,
    received: tuple[int, int],
    kpis: Sequence[Kpi],
    week: Period,
    as_of: datetime,
) -> ContractWeek:
    """Reckon a contract's week. ``cases`` are those that may matter: any whose limit falls in this week or the last.

    ``received`` is how much feedback was sent in the week, and how much of it has words.
    """
    before = time_before(week)
    mondays = trend_mondays(week)
    by_week: dict[date, list[bool]] = {monday: [] for monday in mondays}
    fell: dict[tuple[str, bool], list[bool]] = {}
    overdue = young = sent = 0
    for case in cases:
        clocks = clocks_of(case, as_of)
        if clocks.state.duplicate_at is not None:
            continue
        overdue += clocks.is_overdue
        answer_by = respond_by(case.calendar, case.submitted_at, case.respond_within_hours)
        solve_by = resolve_by(case.calendar, case.submitted_at, case.resolve_within_hours, clocks.state.pauses, as_of)
        if week.holds(case.submitted_at):
            sent += 1
            young += answer_by is not None and answer_by > as_of and clocks.state.withdrawn_at is None
        for measure, due, on_time in (
            (RESPONSE, answer_by, clocks.answered_on_time),
            (RESOLUTION, solve_by, clocks.resolved_on_time),
        ):
            if due is None or on_time is None or due > as_of:
                continue
            day = day_of(due, week.timezone)
            if measure == RESPONSE and (monday := day - timedelta(days=day.weekday())) in by_week:
                by_week[monday].append(on_time)
            if week.holds(due):
                fell.setdefault((measure, True), []).append(on_time)
            elif before.holds(due):
                fell.setdefault((measure, False), []).append(on_time)

    # The validated basis waits for verdicts, which a week does not give time for. What does not bind is no promise.
    binding = [kpi for kpi in kpis if kpi.binds_from is None or kpi.binds_from <= week.end]
    promised = {kpi.measure: kpi for kpi in binding if kpi.basis == Basis.RAW}
    measures = [RESPONSE] + [RESOLUTION] * (RESOLUTION in promised)
    kept = tuple(
        _kept(measure, fell.get((measure, True), []), fell.get((measure, False), []), promised.get(measure))
        for measure in measures
    )
    trend = tuple((monday, share_of(sum(kept_), len(kept_))) for monday, kept_ in by_week.items())
    return ContractWeek(contract_id, *received, kept, Young(young, sent), overdue, trend)


def time_before(week: Period) -> Period:
    """As many days just before: what a week, or several in a row, is compared with."""
    return Period(week.start - timedelta(days=week.days), week.start - timedelta(days=1), week.timezone)


def trend_mondays(week: Period) -> list[date]:
    """The Mondays of the weeks that a small chart shows, the last of them that of the letter."""
    last = week.end - timedelta(days=6)
    return [last - timedelta(weeks=back) for back in range(TREND_WEEKS - 1, -1, -1)]


def _kept(measure: str, now: list[bool], before: list[bool], kpi: Kpi | None) -> Kept:
    share = share_of(sum(now), len(now))
    return Kept(
        measure=measure,
        this_week=share,
        week_before=share_of(sum(before), len(before)),
        target=kpi.target if kpi else None,
        direction=kpi.direction if kpi else None,
        verdict=_verdict(kpi, share),
        verdict_before=_verdict(kpi, share_of(sum(before), len(before))),
    )


def _verdict(kpi: Kpi | None, share: Share) -> TargetVerdict | None:
    """Against the target; of fewer cases than the KPI is judged by, nothing can be told, as in the report."""
    if kpi is None or share.value is None:
        return None
    rating = rate_share(kpi, share)
    return TargetVerdict.CANNOT_TELL if rating.rating == Rating.OTHER else rating.target_verdict


@dataclass(frozen=True)
class Mood:
    """How a contract was spoken of in a time: ratings of 4 and 5 among all, texts tagged negative among those read."""

    satisfied: Share
    negative: Share


NO_MOOD = Mood(share_of(0, 0), share_of(0, 0))
BETTER_WHEN_LESS = frozenset({"negative_share"})


@dataclass(frozen=True)
class Compared:
    """What changed notably against the time before, the least likely chance first, among so many comparisons."""

    notable: tuple[Change, ...]
    of: int


def changes(weeks: Iterable[ContractWeek], moods: Mapping[tuple[int, bool], Mood]) -> Compared:
    """All that a letter compares, as one family.

    ``moods`` are by contract and whether they are of now. Keys are ``measure:contract``.
    """
    pairs: dict[str, tuple[Share, Share]] = {}
    for each in weeks:
        for kept in each.kept:
            pairs[f"{kept.measure}:{each.contract_id}"] = (kept.week_before, kept.this_week)
        before, now = (moods.get((each.contract_id, is_now), NO_MOOD) for is_now in (False, True))
        pairs[f"service_satisfaction:{each.contract_id}"] = (before.satisfied, now.satisfied)
        pairs[f"negative_share:{each.contract_id}"] = (before.negative, now.negative)
    found = [each for each in compare(pairs) if each.p is not None]
    notable = sorted((each for each in found if each.is_notable), key=lambda each: each.p or 0)
    return Compared(tuple(notable), len(found))


def contract_of(change: Change) -> int:
    return int(change.key.partition(":")[2])


def finds_it_too(own: Iterable[Change], change: Change) -> bool:
    """Whether the contract's own report, of which ``own`` are the comparisons, tells the same change."""
    measure = change.key.partition(":")[0]
    return any(each.key == measure and each.is_notable and each.rose == change.rose for each in own)


def is_worse(change: Change) -> bool:
    """Whether it changed to the worse for those whom the service is for."""
    return change.rose == (change.key.partition(":")[0] in BETTER_WHEN_LESS)


def worst(weeks: Iterable[ContractWeek]) -> tuple[ContractWeek, Kept] | None:
    """The limit missed beyond doubt that concerns most residents, or with most overdue; None where none was missed."""
    missed = [(week, kept) for week in weeks for kept in week.kept if kept.is_missed]
    return max(missed, key=lambda pair: (pair[1].too_many, pair[0].overdue), default=None)


def most_pressing_first(weeks: Iterable[ContractWeek]) -> list[ContractWeek]:
    """In the order of ``worst``; then where most is overdue."""

    def pressing(week: ContractWeek) -> tuple[float, int]:
        return max((kept.too_many for kept in week.kept if kept.is_missed), default=0.0), week.overdue

    return sorted(weeks, key=pressing, reverse=True)


def quotes(found: Iterable[Quotable], language: str) -> list[Quotable]:
    """Two at most: a praise, where there is one, and the most telling complaint; in the reader's language if possible.

    Without a praise, two complaints; without a complaint, two praises.
    """
    sayable = [each for each in found if len(each.text.strip()) >= SHORTEST_QUOTE]
    praise = sorted(
        (each for each in sayable if each.sentiment == Sentiment.POSITIVE),
        key=lambda each: (each.language != language, -(each.rating or 0), len(each.text) > LONGEST_QUOTE, each.at),
    )
    blame = sorted(
        (each for each in sayable if each.sentiment == Sentiment.NEGATIVE),
        key=lambda each: (each.language != language, each.rating or 3, len(each.text) > LONGEST_QUOTE, each.at),
    )
    return (blame[:1] + praise[:1] + blame[1:] + praise[1:])[:2]


def shortened(text: str) -> str:
    """At most ``LONGEST_QUOTE`` characters on one line, cut between words where the language has spaces."""
    text = " ".join(text.split())
    if len(text) <= LONGEST_QUOTE:
        return text
    head = text[:LONGEST_QUOTE]
    space = head.rfind(" ")
    return (head[:space] if space > LONGEST_QUOTE * 0.7 else head).rstrip(" ,;:.，；：。") + " …"
