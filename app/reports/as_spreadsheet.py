"""A report as a spreadsheet for analysts: typed cells, and no text that could be taken for a formula."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.shares import Share
from app.kernel.words import in_language
from app.measures.cohort import KEYS, SHARES, Figures, LastWord
from app.measures.kpi_rating import KpiRating
from app.measures.survival import Times
from app.reports import answer_words, definitions, overview_sentences, sentences
from app.reports.overview import COUNTS, SUMMED, ContractLine, Overview
from app.reports.report import CaseLine, GraveCase, Report, Week
from app.web.filters import said
from app.web.languages import language
from app.web.sheets import Cell, Rows, Workbook
from app.web.texts import gettext as _

NO_WORDS: Mapping[str, str] = {}


def render(report: Report, texts: Mapping[str, str] = NO_WORDS, facts: Sequence[tuple[str, Cell]] = ()) -> bytes:
    """The workbook, in the language of the reader.

    ``texts``: reference → text without persons, of the cases that the reader may read. Cases without a text here are
    listed without one. ``facts`` are said first, like the number of an issued report.
    """
    zone = ZoneInfo(report.period.timezone)
    # The same report is the same file, whenever it is made.
    sheets = Workbook(in_language(report.scope.title, language()), made_at=_naive(report.as_of, zone))
    sheets.add(_("Report"), [_("What"), _("Value")], [*facts, *_scope(report)])
    columns = [_("Part"), _("Key"), _("Measure"), _("Value"), _("Numerator"), _("Denominator"), _("Low"), _("High")]
    columns += ["p50", "p90", "n", _("Still waiting or cut off")]
    raw, validated = report.figures, report.measures.validated
    measures = [*_measures("raw", raw), *_measures("validated", validated), *_per_thousand(report), *_channels(report)]
    sheets.add(_("Measures"), columns, measures)
    sheets.add(_("Verdicts"), [_("Key"), _("What"), *columns[3:]], _verdicts(report))
    sheets.add(_("Weeks"), _head_of_weeks(), _weeks(report.weeks))
    over = [report.judged_over.start, report.judged_over.end]
    days = [_("First day"), _("Last day")]
    sheets.add(_("KPIs"), [*_head_of_kpis(), *days], ([*row, *over] for row in _kpis(report.ratings)))
    sheets.add(_("Aspects"), _head_of_aspects(), _aspects(report))
    sheets.add(_("Sites"), _head_of_groups(), _groups(report.sites))
    sheets.add(_("Clauses"), _head_of_groups(), _groups(report.clauses))
    sheets.add(
        _("Clauses by KPI"),
        [_("Clause"), _("Name"), *_head_of_kpis()],
        ([each.code, said(each.name), *row] for each in report.clause_kpis for row in _kpis(each.ratings)),
    )
    if report.questions:
        sheets.add(_("Answers"), answer_words.head(), answer_words.rows(report.questions))
    sheets.add(_("Changes"), _head_of_changes(), _changes(report))
    told = [("", case) for case in report.grave]
    sheets.add(_("Told singly"), _head_of_told()[1:], (row[1:] for row in _told(told, report.disputed, zone)))
    sheets.add(_("Cases"), _head_of_cases(), (_case(case, texts, zone) for case in report.cases))
    sheets.add(_("Definitions"), [_("Key"), _("Measure"), _("How it is reckoned")], _definitions())
    return sheets.close()


def render_overview(
    overview: Overview, texts: Mapping[str, str] = NO_WORDS, facts: Sequence[tuple[str, Cell]] = ()
) -> bytes:
    """The workbook of several contracts: a row for each, what is summed, weeks, KPIs, cases, definitions."""
    zone = ZoneInfo(overview.period.timezone)
    sheets = Workbook(in_language(overview.scope.name, language()), made_at=_naive(overview.as_of, zone))
    scope: list[tuple[str, Cell]] = [
        (_("Agency"), in_language(overview.scope.agency_name, language())),
        (_("Provider"), said(overview.scope.provider_name)),
        (_("First day"), overview.period.start),
        (_("Last day"), overview.period.end),
        (_("Timezone"), overview.period.timezone),
        (_("As it stood at"), _naive(overview.as_of, zone)),
        (_("In short"), overview_sentences.cover(overview)),
    ]
    sheets.add(_("Report"), [_("What"), _("Value")], [*facts, *scope])
    contract, title = _("Contract"), _("Title")
    sheets.add(_("Contracts"), _head_of_contracts(), _contracts(overview))
    columns = [_("Key"), _("Measure"), *_head_of_share()]
    sheets.add(_("All together"), columns, _sums(overview))
    sheets.add(_("Weeks"), _head_of_weeks(), _weeks(overview.weeks))
    sheets.add(
        _("KPIs"),
        [contract, *_head_of_kpis()],
        ([line.reference, *row] for line in overview.lines for row in _kpis(line.ratings)),
    )
    sheets.add(
        _("Measures"),
        [contract, title, *columns],
        ([line.reference, said(line.title), *row] for line in overview.lines for row in _measures_of(line)),
    )
    sheets.add(_("Told singly"), _head_of_told(), _told(overview.grave, overview.disputed, zone))
    sheets.add(
        _("Cases"),
        [contract, *_head_of_cases()],
        ([reference, *_case(case, texts, zone)] for reference, case in overview.cases),
    )
    sheets.add(_("Definitions"), [_("Key"), _("Measure"), _("How it is reckoned")], _definitions())
    return sheets.close()


def _naive(at: datetime, zone: ZoneInfo) -> datetime:
    """A time as the agency's wall shows it: spreadsheets know no zones."""
    return at.astimezone(zone).replace(tzinfo=None)


def _scope(report: Report) -> list[tuple[str, Cell]]:
    def said(words: Any) -> str:
        return in_language(words, language())

    return [
        (_("Agency"), said(report.scope.agency_name)),
        (_("Contract"), report.scope.contract),
        (_("Title"), said(report.scope.title)),
        (_("Provider"), said(report.scope.provider)),
        (_("Service"), said(report.scope.service)),
        (_("First day"), report.period.start),
        (_("Last day"), report.period.end),
        (_("Timezone"), report.period.timezone),
        (_("As it stood at"), _naive(report.as_of, ZoneInfo(report.period.timezone))),
        (_("In short"), sentences.overview(report)),
    ]


def _measures(part: str, figures: Figures) -> Rows:
    for key in KEYS:
        figure, name = getattr(figures, key), str(definitions.DEFINITIONS[key].name)
        if key in SHARES:
            yield [part, key, name, *_share(figure)]
        elif isinstance(figure, Times):
            rest = [figure.p50, figure.p90, figure.n, figure.censored]
            yield [part, key, name, None, None, None, None, None, *rest]
        elif key == "hours_with":
            for holder in ("agency", "provider", "resident"):
                yield [part, f"hours_with_{holder}", name, getattr(figure, holder)]
        elif isinstance(figure, LastWord):
            for word, its_name in definitions.OUTCOMES.items():
                yield [part, f"last_word_{word}", str(its_name), getattr(figure, word)]
        else:
            yield [part, key, name, figure.value]


def _per_thousand(report: Report) -> Rows:
    found = report.per_thousand
    yield ["raw", "complaints_per_1000", _("Cases per 1,000 units delivered"), found.value, found.cases, found.units]


def _verdicts(report: Report) -> Rows:
    """Verdicts, how many cases have one, and what the others wait for: as columns of the measures have them."""
    for verdict, count in report.measures.verdicts.items():
        yield [verdict, str(definitions.VERDICTS[verdict]), count]
    judging = report.judging
    hours = judging.hours
    yield ["judged", _("Cases with a verdict"), *_share(judging.judged)]
    delay = _("Working hours until the agency judged")
    yield ["judging_hours", delay, *[None] * 5, hours.p50, hours.p90, hours.n, hours.censored]
    yield ["in_reply", _("Waiting for a reply or for the agency's answer to it"), judging.in_reply]
    yield ["contested", _("Contested by the provider"), judging.contested]
    yield ["checked_same", _("A second person found the same"), judging.same]
    yield ["checked_otherwise", _("A second person found otherwise"), judging.otherwise]


def _head_of_told() -> list[str]:
    return [_("Contract"), _("Reference"), _("Why it is listed"), _("Site"), _("Sent"), _("State")]


def _told(grave: Iterable[tuple[str, GraveCase]], disputed: Iterable[str], zone: ZoneInfo) -> Rows:
    """The cases that a report tells by themselves, each grave one with the reference of its contract."""
    for contract, each in grave:
        why = ", ".join(str(definitions.GRAVE[reason]) for reason in each.why)
        yield [contract, each.reference, why, said(each.site), _naive(each.submitted_at, zone), each.status]
    for reference in disputed:
        yield [None, reference, _("Disputed by the provider, not judged yet")]


def _channels(report: Report) -> Rows:
    for channel, count in report.channels.items():
        yield ["channels", channel, sentences.came_by(channel), count]


def _definitions() -> Rows:
    for each in definitions.DEFINITIONS.values():
        yield [each.key, str(each.name), str(each.formula)]


def _share(of: Share) -> list[Cell]:
    return [of.value, of.numerator, of.denominator, of.low, of.high]


def _head_of_share() -> list[str]:
    return [_("Value"), _("Numerator"), _("Denominator"), _("Low"), _("High")]


def _head_of_weeks() -> list[str]:
    return [
        _("Week of"),
        _("Feedback"),
        _("Cases"),
        _("Not yet due"),
        *(_on_time() + each for each in _head_of_share()),
    ]


def _on_time() -> str:
    return _("Answered in time") + ": "


def _weeks(weeks: Iterable[Week]) -> Rows:
    for week in weeks:
        yield [week.start, week.received, week.cases, week.undecided, *_share(week.on_time)]


def _head_of_kpis() -> list[str]:
    head = [_("Code"), _("Measure"), _("Which cases"), _("Direction"), _("Target"), *_head_of_share()]
    return [
        *head,
        _("Proposed rating"),
        _("Clear"),
        _("Against the target"),
        _("Cases that would tell"),
        _("Not yet due"),
        _("For information"),
    ]


def _kpis(ratings: Iterable[KpiRating]) -> Rows:
    for each in ratings:
        kpi = each.kpi
        head: list[Cell] = [kpi.code, said(kpi.title) or kpi.measure, str(kpi.basis), str(kpi.direction), kpi.target]
        judged: list[Cell] = [str(each.rating), each.is_clear, str(each.target_verdict), each.needed]
        yield [*head, *_share(each.share), *judged, each.not_yet_due, each.is_for_information]


def _head_of_aspects() -> list[str]:
    tones = [str(name) for name in definitions.TONES.values()]
    return [_("Key"), _("Aspect"), _("Mentions"), *tones, *(_("Negative") + ": " + each for each in _head_of_share())]


def _aspects(report: Report) -> Rows:
    for aspect, figures in report.measures.aspects.items():
        tones = report.tones[str(aspect)]
        name = str(definitions.ASPECTS[aspect])
        counts = [figures.mentions, tones.negative, tones.neutral, tones.positive]
        yield [str(aspect), name, *counts, *_share(figures.negative)]


def _head_of_groups() -> list[str]:
    head = [_("Code"), _("Name"), _("Feedback"), _("Cases"), _("Open"), _("Overdue")]
    return [
        *head,
        *(_on_time() + each for each in _head_of_share()),
        *(_("Negative") + ": " + each for each in _head_of_share()),
    ]


def _groups(groups: Iterable[Any]) -> Rows:
    for each in groups:
        head = [each.code, in_language(each.name, language()), each.received, each.cases, each.open, each.overdue]
        yield [*head, *_share(each.on_time), *_share(each.negative)]


def _head_of_changes() -> list[str]:
    before, now = _("Before") + ": ", _("Now") + ": "
    head = [
        _("Key"),
        _("What was compared"),
        *(before + each for each in _head_of_share()),
        *(now + each for each in _head_of_share()),
    ]
    return [*head, "p", _("Notable"), _("Would have shown at or below"), _("Would have shown at or above")]


def _changes(report: Report) -> Rows:
    for each in report.changes:
        name = sentences.compared_name(report, each.key)
        rest = [each.p, each.is_notable, each.shown_below, each.shown_above]
        yield [each.key, name, *_share(each.before), *_share(each.now), *rest]


def _head_of_cases() -> list[str]:
    head = [_("Reference"), _("Sent"), _("Site"), _("Clause"), _("Rating"), _("Tone"), _("Aspects"), _("State")]
    head += [_("Answered"), _("Working hours to the first response"), _("Answered in time")]
    head += [_("Working hours to resolution"), _("Resolved in time"), _("Reopened"), _("Confirmed by the resident")]
    return [*head, _("Attributable to"), _("Overdue"), _("Came by"), _("Text without persons")]


def _case(case: CaseLine, texts: Mapping[str, str], zone: ZoneInfo) -> list[Cell]:
    return [
        case.reference,
        _naive(case.submitted_at, zone),
        case.site,
        case.clause,
        case.rating,
        case.sentiment,
        ", ".join(case.aspects),
        case.status,
        case.is_answered,
        case.response_hours,
        case.answered_on_time,
        case.resolution_hours,
        case.resolved_on_time,
        case.was_reopened,
        case.is_confirmed,
        case.attribution,
        case.is_overdue,
        case.channel,
        texts.get(case.reference),
    ]


def _head_of_contracts() -> list[str]:
    head = [_("Contract"), _("Title"), _("Provider"), _("Service"), _("Feedback"), _("Cases"), _("Open"), _("Overdue")]
    head += [_("Grave single cases"), _("Not yet due"), *(_on_time() + each for each in _head_of_share())]
    return [
        *head,
        *(_("Validated") + ": " + each for each in _head_of_share()),
        _("Cases with a verdict"),
        _("Missed beyond doubt"),
        _("What changed"),
        _("Issued report"),
    ]


def _contracts(overview: Overview) -> Rows:
    for line in overview.lines:
        figures = line.figures
        head: list[Cell] = [line.reference, said(line.title), said(line.provider_name), said(line.service)]
        head += [figures.received.value, figures.cases.value, figures.open.value, figures.overdue.value]
        yield [
            *head,
            line.grave,
            line.not_yet_due,
            *_share(line.on_time),
            *_share(line.validated),
            line.judged,
            ", ".join(line.missed),
            overview_sentences.change_of(line),
            line.issued.number if line.issued else None,
        ]


def _sums(overview: Overview) -> Rows:
    for key, count in overview.counts.items():
        yield [key, str(definitions.DEFINITIONS[key].name), count]
    for key, of in overview.shares.items():
        yield [key, str(definitions.DEFINITIONS[key].name), *_share(of)]
    for word, name in definitions.OUTCOMES.items():
        yield [f"last_word_{word}", str(name), getattr(overview.outcomes, word)]
    for channel, count in overview.channels.items():
        yield [f"channel_{channel}", sentences.came_by(channel), count]


def _measures_of(line: ContractLine) -> Rows:
    for key in COUNTS:
        yield [key, str(definitions.DEFINITIONS[key].name), getattr(line.figures, key).value]
    for key in SUMMED:
        yield [key, str(definitions.DEFINITIONS[key].name), *_share(getattr(line.figures, key))]
