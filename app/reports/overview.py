"""The report of a provider's contracts, or of all of an agency: each in a line, and what can honestly be summed.

Summed are counts: of a share its numerators and its denominators, each case against the limit of its own clause. Shares
are never averaged, and times of different services are not put together. Contracts stand in no rank: first those that
miss a target beyond doubt, then those that changed for the worse beyond chance, then all others, each by reference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.directory.models import Agency, Contract, Provider
from app.kernel import clock
from app.kernel.periods import Period
from app.kernel.shares import Share, share_of
from app.kernel.words import Aspect, Channel, Sentiment, Word, Words
from app.measures import rollup
from app.measures.cohort import SHARES, Figures, LastWord
from app.measures.kpi_rating import KpiRating
from app.measures.kpis import ratings_of
from app.measures.membership import UNJUDGED, behind
from app.measures.notable_changes import Change, compare
from app.measures.packed_counts import WHOLE
from app.measures.tally import NOTHING
from app.reports import queries
from app.reports.counting import Counts, Line, Span, count, together
from app.reports.queries import Issued
from app.reports.report import (
    CaseLine,
    GraveCase,
    Tones,
    Week,
    case_line,
    channels_of,
    disputed_among,
    grave_of,
    grave_order,
    own_changes,
    plain_of,
    tones_of,
    weeks_of,
)

COUNTS = ("received", "cases", "open", "overdue", "unhappy_without_case", "duplicates", "withdrawn")
"""What is added up over contracts, beside the numerators and denominators of shares."""

SUMMED = tuple(key for key in Figures.__dataclass_fields__ if key in SHARES)

COMPARED = ("on_time_response_rate", "on_time_resolution_rate", "reopen_rate", "service_satisfaction")
"""What is compared of each contract, and of all together: fewer than in the report of one, as all are one family."""

ALL = ""
"""Stands for all contracts together where others are named by their reference."""

WORSE_WHEN_MORE = frozenset({"reopen_rate"})


@dataclass(frozen=True)
class Whose:
    """Whose contracts are told: all of an agency, or those of one of its providers."""

    agency: str
    agency_name: Words
    provider: str | None
    provider_name: Words | None

    @property
    def name(self) -> Words:
        return self.provider_name if self.provider_name is not None else self.agency_name


@dataclass(frozen=True)
class ContractLine:
    """One contract: its figures, how it is judged, what changed, and the report issued about the same days."""

    reference: str
    title: Words
    provider: str
    provider_name: Words
    service: Words
    figures: Figures
    validated: Share
    judged: int
    ratings: tuple[KpiRating, ...]
    changes: tuple[Change, ...]
    grave: int
    # Open cases whose limit to answer is still to come.
    not_yet_due: int
    # The latest report issued about exactly these days.
    issued: Issued | None
    # How its own report judges what it compares, where a change is told here; else it may be empty.
    own: tuple[Change, ...] = ()

    @property
    def on_time(self) -> Share:
        return self.figures.on_time_response_rate

    @property
    def target(self) -> float | None:
        """The target that the contract sets for answering in time, of all its cases."""
        return next(
            (
                rating.kpi.target
                for rating in self.ratings
                if rating.kpi.measure == "on_time_response_rate" and rating.kpi.basis == "raw"
            ),
            None,
        )

    @property
    def missed(self) -> tuple[str, ...]:
        """The codes of the KPIs whose target is missed beyond doubt: also by whatever is not yet due."""
        return tuple(each.kpi.code for each in self.ratings if each.is_missed)

    @property
    def notable(self) -> tuple[Change, ...]:
        return tuple(sorted((each for each in self.changes if each.is_notable), key=lambda each: each.p or 0))

    def to_json(self) -> dict[str, Any]:
        shares = {key: getattr(self.figures, key).to_json() for key in SUMMED}
        return {
            "contract": self.reference,
            "title": self.title,
            "provider": self.provider,
            "provider_name": self.provider_name,
            "service": self.service,
            "measures": {key: {"value": getattr(self.figures, key).value} for key in COUNTS} | shares,
            "validated": {"on_time_response_rate": self.validated.to_json(), "judged": self.judged},
            "kpis": [rating.to_json() for rating in self.ratings],
            "changes": [change.to_json() for change in self.changes],
            "grave": self.grave,
            "issued": {"number": self.issued.number, "sha256": self.issued.sha256} if self.issued else None,
        }


@dataclass(frozen=True)
class Portion:
    """What one contract brings to an overview: its line, but for what only all together tell, and what is added up.

    ``pairs`` are the shares that are compared, before and now.
    """

    line: ContractLine
    pairs: Mapping[str, tuple[Share, Share]]
    channels: Mapping[str, int]
    tones: Mapping[str, Tones]
    grave: tuple[GraveCase, ...]
    disputed: tuple[str, ...]
    given: frozenset[str]
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True)
class Overview:
    """Several contracts and a period, as they stood at ``as_of``; ``changes`` are those of all together."""

    scope: Whose
    period: Period
    as_of: datetime
    before: Period
    before_as_of: datetime
    lines: tuple[ContractLine, ...]
    counts: Mapping[str, int]
    shares: Mapping[str, Share]
    outcomes: LastWord
    changes: tuple[Change, ...]
    weeks: tuple[Week, ...]
    channels: Mapping[str, int]
    tones: Mapping[str, Tones]
    # Each with the reference of its contract.
    grave: tuple[tuple[str, GraveCase], ...]
    disputed: tuple[str, ...]
    cases: tuple[tuple[str, CaseLine], ...]
    # Of the cases told by themselves those that were given to the provider.
    given: frozenset[str]

    @property
    def on_time(self) -> Share:
        return self.shares["on_time_response_rate"]

    @property
    def compared(self) -> int:
        """How many comparisons are made together here."""
        told = (self.changes, *(line.changes for line in self.lines))
        return sum(change.p is not None for changes in told for change in changes)

    @property
    def not_yet_due(self) -> int:
        return sum(line.not_yet_due for line in self.lines)

    @property
    def target(self) -> float | None:
        """The target of answering in time, where all contracts set the same."""
        targets = {line.target for line in self.lines}
        return targets.pop() if len(targets) == 1 else None

    def to_json(self) -> dict[str, Any]:
        """Like the JSON of one contract's report, where the same things are said; times in the agency's zone."""
        zone = ZoneInfo(self.period.timezone)
        scope = {"agency": self.scope.agency} | ({"provider": self.scope.provider} if self.scope.provider else {})
        names = {"agency": self.scope.agency_name} | (
            {"provider": self.scope.provider_name} if self.scope.provider_name is not None else {}
        )
        return {
            "scope": scope,
            "names": names,
            "period": {
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
                "timezone": self.period.timezone,
            },
            "as_of": self.as_of.astimezone(zone).isoformat(),
            "contracts": [line.to_json() for line in self.lines],
            "measures": {key: {"value": count} for key, count in self.counts.items()}
            | {key: share.to_json() for key, share in self.shares.items()}
            | {"last_word": self.outcomes.to_json()},
            "compared_with": {
                "start": self.before.start.isoformat(),
                "end": self.before.end.isoformat(),
                "as_of": self.before_as_of.astimezone(zone).isoformat(),
            },
            "changes": [change.to_json() for change in self.changes],
            "weeks": [plain_of(each, zone) for each in self.weeks],
            "channels": dict(self.channels),
            "tones": {aspect: plain_of(tones, zone) for aspect, tones in self.tones.items()},
            "grave": [{"contract": contract, **plain_of(each, zone)} for contract, each in self.grave],
            "disputed": list(self.disputed),
        }


@dataclass(frozen=True)
class GatheredOverview:
    """An overview and the feedback its numbers were counted from, in the order of submission."""

    report: Overview
    lines: tuple[Line, ...]

    def behind(self, key: str, part: Any) -> list[Line]:
        """The feedback behind a number; ``KeyError`` where there is no such number."""
        return [self.lines[nth] for nth in behind([line.reckoned for line in self.lines], key, part)]

    @property
    def lists(self) -> dict[str, Sequence[str]]:
        """The cases that are told by themselves, by why; references."""
        return {"grave": [each.reference for _contract, each in self.report.grave], "disputed": self.report.disputed}

    def of_clause(self, _code: str) -> None:
        """Clauses belong to one contract: there is none here."""
        return None


def gather_overview(
    agency: Agency,
    contracts: Sequence[Contract],
    *,
    provider: Provider | None = None,
    start: date,
    end: date,
    as_of: datetime | None = None,
    source: rollup.Source = rollup.no_days,
) -> GatheredOverview:
    """Reckon the overview of ``contracts``, all of ``agency`` and, where one is named, of ``provider``.

    The caller has fetched the contracts for its viewer. Those that neither ran in the period nor were heard of in it
    are left out. ``ValueError`` when the period ends before it starts.
    """
    as_of = as_of or clock.now()
    period = Period(start, end, agency.timezone)
    span = Span(period, as_of)
    counts = count([each.id for each in contracts], span, source)
    names = queries.sites(
        {line.place.site_id for made in counts.values() for line in made.lines}
        | {each.site_id for made in counts.values() for each in made.told}
    )
    issued = queries.issued_about([each.id for each in contracts], period, as_of)
    heard_of = [
        each
        for each in contracts
        if counts[each.id].whole.n("received") or (each.starts_on <= period.end and each.ends_on >= period.start)
    ]
    report = put_together(
        Whose(agency.slug, agency.name, provider.slug if provider else None, provider.name if provider else None),
        [_portion(each, counts[each.id], span, names, issued.get(each.id), source) for each in heard_of],
        weeks_of(together(counts[each.id] for each in heard_of), span),
        period=period,
        as_of=as_of,
        before=span.before,
        before_as_of=span.before_as_of,
    )
    report = _beside_their_own(report, heard_of, span)
    of_all = (line for made in counts.values() for line in made.lines)
    in_order = sorted(of_all, key=lambda line: (line.reckoned.facts.submitted_at, line.id))
    return GatheredOverview(report, tuple(in_order))


def _beside_their_own(report: Overview, contracts: Sequence[Contract], span: Span) -> Overview:
    """Where a change of a contract is told, also how the contract's own report judges it."""
    changed = {line.reference for line in report.lines if line.notable}
    told = [each for each in contracts if each.reference in changed]
    own = own_changes(told, span)
    by_reference = {each.reference: own[each.id] for each in told}
    return replace(
        report, lines=tuple(replace(line, own=by_reference.get(line.reference, ())) for line in report.lines)
    )


def _portion(
    contract: Contract,
    made: Counts,
    span: Span,
    names: dict[int, tuple[str, Words]],
    issued: Issued | None,
    source: rollup.Source,
) -> Portion:
    """What a contract brings, of what was counted of it."""
    measures, earlier = made.measures, made.before.get(WHOLE, NOTHING)
    grave = grave_of(made.told, span.as_of, names)
    codes = {clause.id: clause.code for clause in contract.clauses}
    return Portion(
        line=ContractLine(
            reference=contract.reference,
            title=contract.title,
            provider=contract.provider.slug,
            provider_name=contract.provider.name,
            service=contract.service,
            figures=measures.figures,
            validated=measures.validated.on_time_response_rate,
            judged=sum(measures.verdicts.values()) - measures.verdicts[UNJUDGED],
            ratings=ratings_of(contract, span.period, measures, span.as_of, source),
            changes=(),
            grave=len(grave),
            not_yet_due=measures.not_yet_due.answers,
            issued=issued,
        ),
        pairs={key: (earlier.share(key), getattr(measures.figures, key)) for key in COMPARED},
        channels=channels_of(made.whole),
        tones=tones_of(made.whole),
        grave=grave,
        disputed=disputed_among(made.told),
        given=made.given,
        cases=tuple(case_line(line, names, codes) for line in made.lines if line.reckoned.clocks is not None),
    )


def put_together(
    scope: Whose,
    portions: Sequence[Portion],
    weeks: tuple[Week, ...],
    *,
    period: Period,
    as_of: datetime,
    before: Period,
    before_as_of: datetime,
) -> Overview:
    """The overview of what each contract brings; ``weeks`` are those of all together."""
    changes = _changes(portions)
    lines = [replace(each.line, changes=changes[each.line.reference]) for each in portions]
    figures = [line.figures for line in lines]
    grave = [(each.line.reference, case) for each in portions for case in each.grave]
    cases = [(each.line.reference, case) for each in portions for case in each.cases]
    channels = Counter[str]()
    for each in portions:
        channels.update(each.channels)
    return Overview(
        scope=scope,
        period=period,
        as_of=as_of,
        before=before,
        before_as_of=before_as_of,
        lines=tuple(sorted(lines, key=lambda line: (_needs_a_look(line), line.reference))),
        counts={key: sum(getattr(each, key).value for each in figures) for key in COUNTS},
        shares={key: summed(getattr(each, key) for each in figures) for key in SUMMED},
        outcomes=LastWord(
            **{word.value: sum(getattr(each.last_word, word.value) for each in figures) for word in Word}
        ),
        changes=changes[ALL],
        weeks=weeks,
        channels={str(channel): channels[channel] for channel in Channel if channels[channel]},
        tones={
            str(aspect): Tones(
                **{tone.value: sum(getattr(each.tones[aspect], tone.value) for each in portions) for tone in Sentiment}
            )
            for aspect in Aspect
        },
        grave=tuple(sorted(grave, key=lambda each: (grave_order(each[1]), each[0]))),
        disputed=tuple(reference for each in portions for reference in each.disputed),
        cases=tuple(sorted(cases, key=lambda each: (each[1].submitted_at, each[1].reference))),
        given=frozenset[str]().union(*(each.given for each in portions)),
    )


def for_provider(gathered: GatheredOverview) -> GatheredOverview:
    """The same numbers, but of single cases only those that were given to the provider."""
    made = gathered.report
    return replace(
        gathered,
        report=replace(
            made,
            cases=tuple(each for each in made.cases if each[1].is_given),
            grave=tuple(each for each in made.grave if each[1].reference in made.given),
            disputed=tuple(each for each in made.disputed if each in made.given),
        ),
    )


def summed(shares: Iterable[Share]) -> Share:
    """The share of all cases together: numerators and denominators are added, never shares averaged."""
    found = list(shares)
    return share_of(sum(each.numerator for each in found), sum(each.denominator for each in found))


def is_worse(change: Change) -> bool:
    """Whether it went the way that residents would not want."""
    return change.rose == (change.key in WORSE_WHEN_MORE)


def _needs_a_look(line: ContractLine) -> int:
    if line.missed:
        return 0
    return 1 if any(is_worse(change) for change in line.notable) else 2


def _changes(portions: Sequence[Portion]) -> dict[str, tuple[Change, ...]]:
    """Reference (``ALL``: all together) → how its shares compare; all of them are one family of tests."""
    pairs: dict[tuple[str, str], tuple[Share, Share]] = {}
    for key in COMPARED:
        pairs[ALL, key] = (
            summed(each.pairs[key][0] for each in portions),
            summed(each.pairs[key][1] for each in portions),
        )
        pairs |= {(each.line.reference, key): each.pairs[key] for each in portions}
    found: dict[str, list[Change]] = {ALL: [], **{each.line.reference: [] for each in portions}}
    for (reference, key), change in zip(
        pairs, compare({f"{nth}": pair for nth, pair in enumerate(pairs.values())}), strict=True
    ):
        found[reference].append(replace(change, key=key))
    return {reference: tuple(each) for reference, each in found.items()}


def summed_weeks(several: Iterable[Iterable[Week]]) -> tuple[Week, ...]:
    """Week by week, from the first in which any contract was heard of."""
    by_start: dict[date, list[Week]] = defaultdict(list)
    for weeks in several:
        for week in weeks:
            by_start[week.start].append(week)
    return tuple(
        Week(
            start,
            sum(week.received for week in weeks),
            sum(week.cases for week in weeks),
            sum(week.undecided for week in weeks),
            summed(week.on_time for week in weeks),
        )
        for start, weeks in sorted(by_start.items())
    )
