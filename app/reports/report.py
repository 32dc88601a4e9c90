"""A report, gathered once: page, files and letter only dress it, so that no two can disagree."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.analysis.sampling import agreement_of
from app.directory.models import Contract
from app.directory.rules import ENTERED
from app.kernel import clock
from app.kernel.periods import Period, day_of, months_in
from app.kernel.shares import Share, share_of
from app.kernel.words import Aspect, Basis, Channel, Sentiment, Words
from app.kernel.working_time import microseconds, moment_at
from app.measures import rollup
from app.measures.cohort import Figures, LastWord, Measures, measures_from
from app.measures.day_counts import validated_part
from app.measures.grave_cases import Grave, Told
from app.measures.kpi_rating import KpiRating
from app.measures.kpis import held_in, judged_over, rating_of, ratings_of, volumes_of
from app.measures.membership import SHARES_OF_CASES, behind, tone_key
from app.measures.notable_changes import Change, compare
from app.measures.packed_counts import channel_key, some_in
from app.measures.survival import Curve, curve_of
from app.measures.tally import NOTHING, Parts, Tally
from app.measures.verdict_progress import Judging, judging_in
from app.measures.volume import PerThousand, per_thousand
from app.reports import queries, question_answers
from app.reports.counting import Counts, Line, Span, count, monday_of

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
    """The feedback of one week, Monday to Sunday; of ``undecided`` cases the limit to answer is still to come."""

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
class Sides:
    """A KPI's measure over all cases and over the provider's alone; None where a report does not hold it."""

    raw: Share | None
    validated: Share | None


@dataclass(frozen=True)
class ClauseKpis:
    """How the cases about one clause do by the KPIs of the contract that are about cases."""

    code: str
    name: Words
    ratings: tuple[KpiRating, ...]


@dataclass(frozen=True)
class Tones:
    """How the feedback that names an aspect sounds."""

    negative: int
    neutral: int
    positive: int

    @property
    def mentions(self) -> int:
        return self.negative + self.neutral + self.positive


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


class GraveCase(NamedTuple):
    """A case told by itself, and why. A tuple, as an overview of many contracts has thousands."""

    reference: str
    submitted_at: datetime
    site: Words
    status: str | None
    why: tuple[str, ...]


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
    # Empty in what was issued before clauses were judged one by one.
    clause_kpis: tuple[ClauseKpis, ...] = ()
    # What residents answered to the agency's own questions; empty in what was issued before they were told.
    questions: tuple[question_answers.OwnQuestion, ...] = ()
    # Of the cases told by themselves those that were given to the provider; empty in what was issued, as it tells none.
    given: frozenset[str] = frozenset()

    @property
    def figures(self) -> Figures:
        return self.measures.figures

    @property
    def outcomes(self) -> LastWord:
        """What residents say to what was said to be resolved."""
        return self.figures.last_word

    @property
    def not_yet_due(self) -> int:
        """Open cases whose limit to answer is still to come: what is said of the others may still change."""
        return self.measures.not_yet_due.answers

    def sides_of(self, rating: KpiRating) -> Sides:
        """Raw and validated side by side. Over twelve rolling months, or entered: the rated one alone."""
        measure, raw, validated = rating.kpi.measure, None, None
        if self.judged_over == self.period and measure != ENTERED:
            raw, validated = getattr(self.figures, measure), getattr(self.measures.validated, measure)
        # What was rated is what the rating says, whatever else is known.
        if rating.kpi.basis == Basis.VALIDATED:
            return Sides(raw, rating.share)
        return Sides(rating.share, validated)

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
            "weeks": [plain_of(each, zone) for each in self.weeks],
            "sites": [plain_of(each, zone) for each in self.sites],
            "clauses": [plain_of(each, zone) for each in self.clauses],
            "clause_kpis": [
                {"code": each.code, "name": each.name, "kpis": [rating.to_json() for rating in each.ratings]}
                for each in self.clause_kpis
            ],
            "tones": {aspect: plain_of(tones, zone) for aspect, tones in self.tones.items()},
            "channels": self.channels,
            "outcomes": self.outcomes.to_json(),
            "response_curve": {
                "steps": [list(step) for step in self.curve.steps],
                "cut_off": list(self.curve.cut_off),
                "limits": list(self.response_limits),
            },
            "grave": [plain_of(each, zone) for each in self.grave],
            "disputed": list(self.disputed),
            "tags": {"agreement": self.agreement.to_json()},
            "questions": question_answers.to_json(self.questions),
        }


@dataclass(frozen=True)
class Gathered:
    """A report and the feedback its numbers were counted from, in the order of submission."""

    report: Report
    lines: tuple[Line, ...]

    def behind(self, key: str, part: Any) -> list[Line]:
        """The feedback behind a number; ``KeyError`` where there is no such number."""
        return [self.lines[nth] for nth in behind([line.reckoned for line in self.lines], key, part)]

    @property
    def lists(self) -> dict[str, Sequence[str]]:
        """The cases that are told by themselves, by why; references."""
        return {"grave": [each.reference for each in self.report.grave], "disputed": self.report.disputed}

    def of_clause(self, code: str) -> tuple[Words, frozenset[str]] | None:
        """The name of a clause and the references of its cases; None where there is no such clause."""
        group = next((each for each in self.report.clauses if each.code == code), None)
        if group is None:
            return None
        return group.name, frozenset(line.reference for line in self.report.cases if line.clause == code)


def build(contract: Contract, *, start: date, end: date, as_of: datetime | None = None) -> Report:
    """Reckon the report of ``contract`` over whole days of its agency's zone; by default as it stands now.

    The caller has fetched the contract for its viewer. ``ValueError`` when the period ends before it starts.
    """
    return gather(contract, start=start, end=end, as_of=as_of).report


def gather(contract: Contract, *, start: date, end: date, as_of: datetime | None = None) -> Gathered:
    """The same, with the feedback that was counted; all of it is counted from its events."""
    return _gather(contract, Period(start, end, contract.agency.timezone), as_of or clock.now(), rollup.no_days)


def glance(contract: Contract, *, start: date, end: date, as_of: datetime | None = None) -> Report:
    """The same report at a glance, for pages: quick, as far as its days have been counted before.

    Its figures and lists are those of ``build``; its ``cases`` are not all.
    """
    return _gather(contract, Period(start, end, contract.agency.timezone), as_of or clock.now(), rollup.days_of).report


def _gather(contract: Contract, period: Period, as_of: datetime, source: rollup.Source) -> Gathered:
    span = Span(period, as_of)
    counts = count([contract.id], span, source)[contract.id]
    parts, parts_before, whole, lines = counts.now, counts.before, counts.whole, counts.lines
    measures, measures_before = counts.measures, counts.measures_before
    names = queries.sites({*_ids(parts, "site"), *_ids(parts_before, "site")})
    sites, sites_before = _by_site(parts, names), _by_site(parts_before, names)
    clauses, clauses_before = _by_clause(parts, contract), _by_clause(parts_before, contract)
    pairs = _pairs(measures_before, measures, sites=(sites_before, sites), clauses=(clauses_before, clauses))
    codes = {clause.id: clause.code for clause in contract.clauses}
    report = Report(
        scope=scope_of(contract),
        period=period,
        as_of=as_of,
        measures=measures,
        judging=judging_in(whole),
        per_thousand=per_thousand(counts.cases_by_month(period), volumes_of(contract), months_in(period)),
        judged_over=judged_over(contract, period),
        ratings=ratings_of(contract, period, measures, as_of, source),
        before=span.before,
        before_as_of=span.before_as_of,
        changes=compare(pairs),
        weeks=weeks_of(counts, span),
        sites=sites,
        clauses=clauses,
        channels=channels_of(whole),
        tones=tones_of(whole),
        curve=curve_of(whole.clocks.get("response_hours", ())),
        response_limits=tuple(sorted({clause.respond_within_hours for clause in contract.clauses})),
        grave=grave_of(counts.told, as_of, names),
        disputed=disputed_among(counts.told),
        cases=tuple(case_line(line, names, codes) for line in lines if line.reckoned.clocks is not None),
        agreement=agreement_of(contract.agency_id, as_of).sentiment,
        questions=question_answers.count(contract, period, as_of),
        clause_kpis=_clause_kpis(parts, contract, period),
        given=counts.given,
    )
    return Gathered(report, tuple(lines))


def for_provider(report: Report) -> Report:
    """The same numbers, but of single cases only those that were given to the provider: others it does not know of."""
    return replace(
        report,
        cases=tuple(case for case in report.cases if case.is_given),
        grave=tuple(each for each in report.grave if each.reference in report.given),
        disputed=tuple(each for each in report.disputed if each in report.given),
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


def own_changes(contracts: Sequence[Contract], span: Span) -> dict[int, tuple[Change, ...]]:
    """Contract → what its own report of these days compares, and how that judges it, among all that it compares."""
    counts = count([contract.id for contract in contracts], span, rollup.days_of) if contracts else {}
    names = queries.sites(
        {site_id for made in counts.values() for parts in (made.now, made.before) for site_id in _ids(parts, "site")}
    )
    return {
        contract.id: compare(
            _pairs(
                made.measures_before,
                made.measures,
                sites=(_by_site(made.before, names), _by_site(made.now, names)),
                clauses=(_by_clause(made.before, contract), _by_clause(made.now, contract)),
            )
        )
        for contract in contracts
        if (made := counts[contract.id])
    }


Groups = tuple[Group, ...]


def _pairs(
    before: Measures, now: Measures, *, sites: tuple[Groups, Groups], clauses: tuple[Groups, Groups]
) -> dict[str, tuple[Share, Share]]:
    """All that is compared: the shares of the page, of each aspect that was named how much of it is negative, and how
    many were answered in time at each site and by each clause; of both those before and those now.
    """
    pairs = {key: (getattr(before.figures, key), getattr(now.figures, key)) for key in COMPARED}
    for aspect, figures in now.aspects.items():
        if figures.mentions or before.aspects[aspect].mentions:
            pairs[f"aspect:{aspect}"] = (before.aspects[aspect].negative, figures.negative)
    for kind, (groups_before, groups) in (("site", sites), ("clause", clauses)):
        known = {group.code: group.on_time for group in groups_before}
        pairs |= {f"{kind}:{group.code}": (known.get(group.code, share_of(0, 0)), group.on_time) for group in groups}
    return pairs


def weeks_of(counts: Counts, span: Span) -> tuple[Week, ...]:
    """Every week of the trend up to the moment asked, from the first with feedback on; those without are there too."""
    by_week: dict[date, int] = defaultdict(int)
    for day, number in counts.by_day.items():
        by_week[monday_of(day)] += number
    last = min(span.trend.end, day_of(span.as_of, span.period.timezone))
    weeks: list[Week] = []
    start = span.trend.start
    while start <= last:
        of_week = some_in(by_week[start], ("received", "cases", "on_time_response_rate", "not_yet_due"))
        on_time = of_week.share("on_time_response_rate")
        if weeks or of_week.n("received"):
            weeks.append(Week(start, of_week.n("received"), of_week.n("cases"), of_week.n("not_yet_due"), on_time))
        start += timedelta(days=7)
    return tuple(weeks)


def channels_of(whole: Tally) -> dict[str, int]:
    """How much came by each channel, in the order in which we name them."""
    return {str(each): n for each in Channel if (n := whole.n(channel_key(each)))}


def tones_of(whole: Tally) -> dict[str, Tones]:
    return {
        str(aspect): Tones(**{str(tone): whole.n(tone_key(aspect, tone)) for tone in Sentiment}) for aspect in Aspect
    }


def _ids(parts: Parts, kind: str) -> list[int]:
    """The sites or clauses of which something was counted."""
    return [int(name.removeprefix(f"{kind}-")) for name in parts if name.startswith(f"{kind}-")]


def _by_site(parts: Parts, names: dict[int, tuple[str, Words]]) -> tuple[Group, ...]:
    """The sites that were heard from, by how many cases are overdue there, then by code."""
    groups = [_group(*names[site_id], parts[f"site-{site_id}"]) for site_id in _ids(parts, "site")]
    return tuple(sorted(groups, key=lambda group: (-group.overdue, group.code)))


def _by_clause(parts: Parts, contract: Contract) -> tuple[Group, ...]:
    """Every clause of the contract, in its order."""
    return tuple(
        _group(clause.code, clause.title, parts.get(f"clause-{clause.id}", NOTHING)) for clause in contract.clauses
    )


def _clause_kpis(parts: Parts, contract: Contract, period: Period) -> tuple[ClauseKpis, ...]:
    """Each clause that cases are about, by the KPIs that are about cases; always over the report's own period."""
    kpis = [row for row in held_in(contract, period) if row.measure in SHARES_OF_CASES]
    found = []
    for clause in contract.clauses:
        name = f"clause-{clause.id}"
        if kpis and name in parts:
            measures = measures_from(parts[name], parts.get(validated_part(name), NOTHING))
            ratings = tuple(rating_of(row, period, measures, {}) for row in kpis)
            found.append(ClauseKpis(clause.code, clause.title, ratings))
    return tuple(found)


def _group(code: str, name: Words, counted: Tally) -> Group:
    return Group(
        code=code,
        name=name,
        received=counted.n("received"),
        cases=counted.n("cases"),
        open=counted.n("open"),
        overdue=counted.n("overdue"),
        on_time=counted.share("on_time_response_rate"),
        negative=counted.share("negative_share"),
    )


def grave_of(told: Iterable[Told], as_of: datetime, names: dict[int, tuple[str, Words]]) -> tuple[GraveCase, ...]:
    """Those that are grave as of a moment."""
    moment = microseconds(as_of)
    found = [
        GraveCase(
            each.reference,
            moment_at(each.submitted_at),
            names[each.site_id][1],
            each.status,
            why,
        )
        for each in told
        if (why := each.why(moment))
    ]
    return tuple(sorted(found, key=grave_order))


def disputed_among(told: Iterable[Told]) -> tuple[str, ...]:
    """The references of what the provider says is not its own, oldest first."""
    in_order = sorted(told, key=lambda each: (each.submitted_at, each.feedback_id))
    return tuple(each.reference for each in in_order if each.is_disputed)


def grave_order(case: GraveCase) -> tuple[int, int, str]:
    """By how many reasons a case has, then by the first of them."""
    return -len(case.why), IN_ORDER[case.why[0]], case.reference


IN_ORDER = {str(reason): nth for nth, reason in enumerate(Grave)}


def case_line(line: Line, names: dict[int, tuple[str, Words]], codes: dict[int, str]) -> CaseLine:
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


def plain_of(row: Any, zone: ZoneInfo) -> dict[str, Any]:
    """A row of a report as JSON: shares as everywhere, times in the agency's zone."""
    plain: dict[str, Any] = {}
    for name in row._fields if isinstance(row, GraveCase) else row.__dataclass_fields__:
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
