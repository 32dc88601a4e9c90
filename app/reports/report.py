"""A report, gathered once: page, files and letter only dress it, so that no two can disagree."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_

from app.analysis.sampling import agreement_of
from app.cases import verdicts
from app.directory.models import Contract
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import Period, day_of, period_before
from app.kernel.shares import Share, share_of
from app.kernel.words import (
    VERDICT_EVENTS,
    Actor,
    Aspect,
    Channel,
    EventKind,
    FeedbackKind,
    Sentiment,
    VerdictStage,
    Words,
)
from app.measures.cohort import Figures, LastWord, Measures, measures_of
from app.measures.comparison import Change, compare
from app.measures.facts import Reckoned, reckon
from app.measures.kpi_rating import KpiRating
from app.measures.kpis import judged_over, ratings_of, volumes_of
from app.measures.membership import behind
from app.measures.queries import facts_with
from app.measures.survival import Curve, curve_of
from app.measures.verdict_progress import Judging, judging_of
from app.measures.volume import PerThousand, per_thousand_of
from app.reports import queries
from app.reports.queries import Placed
from app.reports.rules import Grave, why_grave

DISPUTED = (VerdictStage.OBJECTED, VerdictStage.CONTESTED)
"""The provider has said that a complaint is not its own, and waits for the agency to decide."""

TREND_WEEKS = 13
"""The trend goes back at least so many weeks, and over the period compared with."""

COMPARED = (
    "on_time_response_rate",
    "response_rate",
    "on_time_resolution_rate",
    "resolution_rate",
    "reopen_rate",
    "rejected_rate",
    "service_satisfaction",
    "handling_satisfaction",
    "negative_share",
)


@dataclass(frozen=True)
class Scope:
    """Whose report it is. Names are one string, or one per language."""

    agency: str
    contract: str
    agency_name: Words
    title: Words
    provider: Words
    service: Words


@dataclass(frozen=True)
class Week:
    """The feedback of one week, Monday to Sunday; ``undecided`` cases have not reached their limit yet."""

    start: date
    received: int
    cases: int
    undecided: int
    on_time: Share


@dataclass(frozen=True)
class Group:
    """The part of the feedback that is about one site or one clause."""

    code: str
    name: Words
    received: int
    cases: int
    open: int
    overdue: int
    on_time: Share
    negative: Share


@dataclass(frozen=True)
class Tones:
    """How the feedback that names an aspect sounds."""

    negative: int
    neutral: int
    positive: int


@dataclass(frozen=True)
class CaseLine:
    """One complaint as a report lists it: facts, no words. Hours are working hours; ``is_given``: to the provider."""

    reference: str
    submitted_at: datetime
    site: str
    clause: str | None
    rating: int | None
    sentiment: str | None
    aspects: tuple[str, ...]
    status: str
    is_answered: bool
    response_hours: float
    answered_on_time: bool | None
    resolution_hours: float
    resolved_on_time: bool | None
    was_reopened: bool
    is_confirmed: bool
    attribution: str | None
    is_overdue: bool
    is_given: bool
    # None in what was issued before channels were told.
    channel: str | None = None


@dataclass(frozen=True)
class GraveCase:
    """A case told by itself, and why."""

    reference: str
    submitted_at: datetime
    site: Words
    status: str | None
    why: tuple[str, ...]


class Line(NamedTuple):
    """A feedback of the period with its clocks and where it belongs: what the numbers are counted from."""

    id: int
    reckoned: Reckoned
    place: Placed


@dataclass(frozen=True)
class Report:
    """One contract and period, as it stood at ``as_of``. ``before`` is what it is compared with, at the same age."""

    scope: Scope
    period: Period
    as_of: datetime
    measures: Measures
    judging: Judging
    per_thousand: PerThousand
    # The period of the ratings: a small contract's twelve rolling months.
    judged_over: Period
    ratings: tuple[KpiRating, ...]
    before: Period
    before_as_of: datetime
    changes: tuple[Change, ...]
    weeks: tuple[Week, ...]
    sites: tuple[Group, ...]
    clauses: tuple[Group, ...]
    # How what was received came: channel → feedback; empty in what was issued before they were told.
    channels: dict[str, int]
    tones: dict[str, Tones]
    curve: Curve
    response_limits: tuple[float, ...]
    grave: tuple[GraveCase, ...]
    disputed: tuple[str, ...]
    cases: tuple[CaseLine, ...]
    # How far the tags behind tones and aspects can be trusted at this agency.
    agreement: Share

    @property
    def figures(self) -> Figures:
        return self.measures.figures

    @property
    def outcomes(self) -> LastWord:
        """What residents say to what was said to be resolved."""
        return self.figures.last_word

    @property
    def not_yet_due(self) -> int:
        """Cases whose response limit has not fallen: what is said of the others may still change."""
        return self.figures.cases.value - self.figures.on_time_response_rate.denominator

    @property
    def notable(self) -> tuple[Change, ...]:
        """The changes that are more than noise, the least likely to be chance first."""
        return tuple(sorted((each for each in self.changes if each.is_notable), key=lambda each: each.p or 0))

    def to_json(self) -> dict[str, Any]:
        """The JSON promised to others; times in the agency's zone."""
        zone = ZoneInfo(self.period.timezone)
        measures = self.measures.to_json()
        measures["measures"]["complaints_per_1000"] = self.per_thousand.to_json()
        measures["validated"] |= self.judging.to_json()
        over = {"start": self.judged_over.start.isoformat(), "end": self.judged_over.end.isoformat()}
        return {
            "scope": {"agency": self.scope.agency, "contract": self.scope.contract},
            "names": {
                "agency": self.scope.agency_name,
                "contract": self.scope.title,
                "provider": self.scope.provider,
                "service": self.scope.service,
            },
            "period": {
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
                "timezone": self.period.timezone,
            },
            "as_of": self.as_of.astimezone(zone).isoformat(),
            **measures,
            "kpis": [rating.to_json() | over for rating in self.ratings],
            "compared_with": {
                "start": self.before.start.isoformat(),
                "end": self.before.end.isoformat(),
                "as_of": self.before_as_of.astimezone(zone).isoformat(),
            },
            "changes": [change.to_json() for change in self.changes],
            "weeks": [_plain(each, zone) for each in self.weeks],
            "sites": [_plain(each, zone) for each in self.sites],
            "clauses": [_plain(each, zone) for each in self.clauses],
            "tones": {aspect: _plain(tones, zone) for aspect, tones in self.tones.items()},
            "channels": self.channels,
            "outcomes": self.outcomes.to_json(),
            "response_curve": {
                "steps": [list(step) for step in self.curve.steps],
                "cut_off": list(self.curve.cut_off),
                "limits": list(self.response_limits),
            },
            "grave": [_plain(each, zone) for each in self.grave],
            "disputed": list(self.disputed),
            "tags": {"agreement": self.agreement.to_json()},
        }


@dataclass(frozen=True)
class Gathered:
    """A report and the feedback its numbers were counted from, in the order of submission."""

    report: Report
    lines: tuple[Line, ...]

    def behind(self, key: str, part: Any) -> list[Line]:
        """The feedback behind a number; ``KeyError`` where there is no such number."""
        return [self.lines[nth] for nth in behind([line.reckoned for line in self.lines], key, part)]


def build(contract: Contract, *, start: date, end: date, as_of: datetime | None = None) -> Report:
    """Reckon the report of ``contract`` over whole days of its agency's zone; by default as it stands now.

    The caller has fetched the contract for its viewer. ``ValueError`` when the period ends before it starts.
    """
    return gather(contract, start=start, end=end, as_of=as_of).report


def gather(contract: Contract, *, start: date, end: date, as_of: datetime | None = None) -> Gathered:
    """The same, with the feedback that was counted."""
    as_of = as_of or clock.now()
    period = Period(start, end, contract.agency.timezone)
    before = period_before(period)
    before_as_of = as_of - (period.since - before.since)
    first_week = _monday(min(before.start, end - timedelta(weeks=TREND_WEEKS - 1)))
    trend = Period(first_week, end, period.timezone)
    within = and_(
        Feedback.contract_id == contract.id,
        Feedback.submitted_at >= trend.since,
        Feedback.submitted_at < trend.until,
        Feedback.submitted_at <= as_of,
    )
    found = facts_with(within, as_of, *queries.placed_columns(as_of))
    everything = [
        Line(row.id, reckoned, queries.placed(row))
        for (row, _), reckoned in zip(found, reckon([facts for _, facts in found], as_of), strict=True)
    ]
    lines = [line for line in everything if line.reckoned.facts.submitted_at >= period.since]
    earlier = [
        line
        for line in everything
        if before.since <= (at := line.reckoned.facts.submitted_at) < before.until and at <= before_as_of
    ]
    lines_before = [
        Line(line.id, reckoned, line.place)
        for line, reckoned in zip(earlier, reckon([line.reckoned.facts for line in earlier], before_as_of), strict=True)
    ]
    measures = measures_of([line.reckoned for line in lines])
    measures_before = measures_of([line.reckoned for line in lines_before])
    names = queries.sites({line.place.site_id for line in (*lines, *lines_before)})
    sites, sites_before = _by_site(lines, names), _by_site(lines_before, names)
    clauses, clauses_before = _by_clause(lines, contract), _by_clause(lines_before, contract)
    pairs = _pairs(measures_before, measures)
    for kind, now, then in (("site", sites, sites_before), ("clause", clauses, clauses_before)):
        known = {group.code: group.on_time for group in then}
        pairs |= {f"{kind}:{group.code}": (known.get(group.code, share_of(0, 0)), group.on_time) for group in now}
    codes = {clause.id: clause.code for clause in contract.clauses}
    told = [line for line in lines if not line.place.is_hidden]
    report = Report(
        scope=scope_of(contract),
        period=period,
        as_of=as_of,
        measures=measures,
        judging=judging_of([line.reckoned for line in lines], as_of),
        per_thousand=per_thousand_of([line.reckoned for line in lines], volumes_of(contract), period),
        judged_over=judged_over(contract, period),
        ratings=ratings_of(contract, period, measures, as_of),
        before=before,
        before_as_of=before_as_of,
        changes=compare(pairs),
        weeks=_weeks(everything, trend, as_of),
        sites=sites,
        clauses=clauses,
        channels=_channels(lines),
        tones=_tones(lines),
        curve=curve_of(
            (line.reckoned.clocks.response_hours, line.reckoned.clocks.is_answered) for line in _cases(lines)
        ),
        response_limits=tuple(sorted({clause.respond_within_hours for clause in contract.clauses})),
        grave=_grave(told, names),
        disputed=tuple(line.place.reference for line in told if _is_disputed(line.reckoned)),
        cases=tuple(_case_line(line, names, codes) for line in lines if line.reckoned.clocks is not None),
        agreement=agreement_of(contract.agency_id, as_of).sentiment,
    )
    return Gathered(report, tuple(lines))


def for_provider(report: Report) -> Report:
    """The same numbers, but of single cases only those that were given to the provider: others it does not know of."""
    given = frozenset(case.reference for case in report.cases if case.is_given)
    return replace(
        report,
        cases=tuple(case for case in report.cases if case.reference in given),
        grave=tuple(each for each in report.grave if each.reference in given),
        disputed=tuple(each for each in report.disputed if each in given),
    )


def scope_of(contract: Contract) -> Scope:
    """Whose report a report of ``contract`` is."""
    return Scope(
        agency=contract.agency.slug,
        contract=contract.reference,
        agency_name=contract.agency.name,
        title=contract.title,
        provider=contract.provider.name,
        service=contract.service,
    )


def _pairs(before: Measures, now: Measures) -> dict[str, tuple[Share, Share]]:
    """All that is compared: the shares of the page, and of each aspect that was named how much of it is negative."""
    pairs = {key: (getattr(before.figures, key), getattr(now.figures, key)) for key in COMPARED}
    for aspect, figures in now.aspects.items():
        if figures.mentions or before.aspects[aspect].mentions:
            pairs[f"aspect:{aspect}"] = (before.aspects[aspect].negative, figures.negative)
    return pairs


def _cases(lines: Iterable[Line]) -> list[Any]:
    """Those with a case that is no duplicate."""
    return [
        line for line in lines if line.reckoned.clocks is not None and line.reckoned.clocks.state.duplicate_at is None
    ]


def _on_time(lines: Iterable[Line]) -> Share:
    decided = [on_time for line in _cases(lines) if (on_time := line.reckoned.clocks.answered_on_time) is not None]
    return share_of(sum(decided), len(decided))


def _weeks(lines: Iterable[Line], trend: Period, as_of: datetime) -> tuple[Week, ...]:
    """Every week of the trend up to ``as_of``, from the first with feedback on; those without are there too."""
    by_week = _grouped(lines, lambda line: _monday(day_of(line.reckoned.facts.submitted_at, trend.timezone)))
    last = min(trend.end, day_of(as_of, trend.timezone))
    weeks: list[Week] = []
    start = trend.start
    while start <= last:
        of_week = by_week.get(start, [])
        on_time = _on_time(of_week)
        cases = len(_cases(of_week))
        if of_week or weeks:
            weeks.append(Week(start, len(of_week), cases, cases - on_time.denominator, on_time))
        start += timedelta(days=7)
    return tuple(weeks)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _by_site(lines: Iterable[Line], names: dict[int, tuple[str, Words]]) -> tuple[Group, ...]:
    """The sites that were heard from, by how many cases are overdue there, then by code."""
    groups = [
        _group(*names[site_id], of_site)
        for site_id, of_site in _grouped(lines, lambda line: line.place.site_id).items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.overdue, group.code)))


def _by_clause(lines: Iterable[Line], contract: Contract) -> tuple[Group, ...]:
    """Every clause of the contract, in its order."""
    by_clause = _grouped(lines, lambda line: line.place.clause_id)
    return tuple(_group(clause.code, clause.title, by_clause.get(clause.id, [])) for clause in contract.clauses)


def _group(code: str, name: Words, lines: Sequence[Line]) -> Group:
    cases = _cases(lines)
    tones = Counter(line.reckoned.facts.sentiment for line in lines)
    read = sum(tones[tone] for tone in Sentiment)
    return Group(
        code=code,
        name=name,
        received=len(lines),
        cases=len(cases),
        open=sum(line.reckoned.clocks.state.is_open for line in cases),
        overdue=sum(line.reckoned.clocks.is_overdue for line in cases),
        on_time=_on_time(lines),
        negative=share_of(tones[Sentiment.NEGATIVE], read),
    )


def _tones(lines: Iterable[Line]) -> dict[str, Tones]:
    counted: dict[Aspect, Counter[Sentiment | None]] = {aspect: Counter() for aspect in Aspect}
    for line in lines:
        for aspect in set(line.reckoned.facts.aspects):
            counted[aspect][line.reckoned.facts.sentiment] += 1
    return {
        str(aspect): Tones(found[Sentiment.NEGATIVE], found[Sentiment.NEUTRAL], found[Sentiment.POSITIVE])
        for aspect, found in counted.items()
    }


def _grave(lines: Iterable[Line], names: dict[int, tuple[str, Words]]) -> tuple[GraveCase, ...]:
    found = []
    for line in lines:
        facts, clocks = line.reckoned.facts, line.reckoned.clocks
        events = facts.case.events if facts.case else ()
        waiting_for, limit = None, None
        if clocks is not None and clocks.state.is_open:
            if clocks.is_answered:
                waiting_for, limit = clocks.resolution_hours, clocks.resolve_within_hours
            else:
                waiting_for, limit = clocks.response_hours, clocks.respond_within_hours
        why = why_grave(
            is_urgent=line.place.is_urgent,
            times_reopened=sum(event.kind == EventKind.REOPENED for event in events),
            waiting_for=waiting_for,
            limit=limit,
        )
        if why:
            status = str(clocks.state.status) if clocks else None
            site = names[line.place.site_id][1]
            found.append(
                GraveCase(line.place.reference, facts.submitted_at, site, status, tuple(str(each) for each in why))
            )
    order = list(Grave)
    return tuple(sorted(found, key=lambda each: (-len(each.why), order.index(Grave(each.why[0])), each.reference)))


def _is_disputed(reckoned: Reckoned) -> bool:
    """The provider says that it is not its own, and the agency has not decided since.

    It objects to a proposal or contests a verdict; or it handed the case back, and nobody has judged since.
    """
    if reckoned.facts.case is None or reckoned.facts.kind != FeedbackKind.COMPLAINT:
        return False
    steps = []
    handed_back = False
    for event in reckoned.facts.case.events:
        if event.kind in VERDICT_EVENTS:
            steps.append(event)
            handed_back = False
        elif event.kind == EventKind.HANDED_BACK and event.actor == Actor.PROVIDER:
            handed_back = True
    return handed_back or (bool(steps) and verdicts.read(steps).stage in DISPUTED)


def _case_line(line: Line, names: dict[int, tuple[str, Words]], codes: dict[int, str]) -> CaseLine:
    facts, clocks, place = line.reckoned.facts, line.reckoned.clocks, line.place
    if clocks is None:
        raise ValueError("not a case")
    return CaseLine(
        reference=place.reference,
        submitted_at=facts.submitted_at,
        site=names[place.site_id][0],
        clause=codes.get(place.clause_id or 0),
        rating=facts.rating,
        sentiment=str(facts.sentiment) if facts.sentiment else None,
        aspects=tuple(str(aspect) for aspect in facts.aspects),
        status=str(clocks.state.status),
        is_answered=clocks.is_answered,
        response_hours=clocks.response_hours,
        answered_on_time=clocks.answered_on_time,
        resolution_hours=clocks.resolution_hours,
        resolved_on_time=clocks.resolved_on_time,
        was_reopened=clocks.state.was_reopened,
        is_confirmed=clocks.state.is_confirmed,
        attribution=str(clocks.state.attribution) if clocks.state.attribution else None,
        is_overdue=clocks.is_overdue,
        is_given=place.is_given,
        channel=str(place.channel),
    )


def _channels(lines: Iterable[Line]) -> dict[str, int]:
    """How much came by each channel, in the order in which we name them."""
    counted = Counter(line.place.channel for line in lines)
    return {str(channel): counted[channel] for channel in Channel if counted[channel]}


def _grouped(lines: Iterable[Line], by: Callable[[Line], Hashable]) -> dict[Any, list[Line]]:
    groups: dict[Any, list[Line]] = defaultdict(list)
    for line in lines:
        groups[by(line)].append(line)
    return groups


def _plain(row: Any, zone: ZoneInfo) -> dict[str, Any]:
    """A row of a report as JSON: shares as everywhere, times in the agency's zone."""
    plain: dict[str, Any] = {}
    for name in row.__dataclass_fields__:
        value = getattr(row, name)
        if isinstance(value, Share):
            value = value.to_json()
        elif isinstance(value, datetime):
            value = value.astimezone(zone).isoformat()
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        plain[name] = value
    return plain
