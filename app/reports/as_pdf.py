"""A report as a PDF: the cover with its verdict, the numbers in the page's order, the charts, the definitions."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from app.kernel.shares import Share
from app.kernel.words import Words, in_language
from app.measures.cohort import KEYS, SHARES, LastWord
from app.measures.kpi_rating import KpiRating
from app.measures.survival import Times
from app.reports import answer_words, definitions, overview_sentences, sentences
from app.reports.charts import Chart, charts_of, kpi_name, overview_charts_of
from app.reports.overview import Overview
from app.reports.report import GraveCase, Group, Report
from app.web.filters import day, moment, number, percent
from app.web.languages import language
from app.web.texts import gettext as _

MIMETYPE = "application/pdf"
PROGRAM = Path(__file__).with_name("typesetting.py")
PATIENCE = 60
"""Seconds for one PDF; beyond, something is wrong with the machine."""

GRAVE_SHOWN = 30
SIDE_BY_SIDE = (
    "on_time_response_rate",
    "response_rate",
    "on_time_resolution_rate",
    "resolution_rate",
    "reopen_rate",
    "rejected_rate",
    "handling_satisfaction",
)
"""What is told of all cases and, beside it, of the provider's alone."""

LATIN = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x20AC, 0x2022, 0x2192, 0x2248, 0x25A1]))
ARABIC = frozenset(map(chr, range(0x600, 0x700)))

Block = dict[str, Any]

# One at a time in each process: whoever asks for more waits, and the machine's memory is safe.
_turn = BoundedSemaphore(1)


class CannotBeSet(Exception):
    """The PDF could not be made; the message is for the log and holds no text of the report."""


def render(
    report: Report,
    pictures: Mapping[str, str] | None = None,
    *,
    mark: str = "",
    footer: str = "",
    facts: Sequence[tuple[str, str]] = (),
    more: Sequence[Block] = (),
) -> bytes:
    """The PDF in the language of the reader. ``CannotBeSet`` where it cannot be made.

    ``pictures``: charts that are drawn already, mark → SVG; the others are drawn now. An issued report says its
    number (``mark``), its hash (``footer``), and ``more`` blocks, like the provider's statement.
    """
    document = {
        "lang": language(),
        "region": "cn" if language() == "zh" else "gb",
        "title": in_language(report.scope.title, language()),
        "author": in_language(report.scope.agency_name, language()),
        "keywords": [report.scope.contract],
        "mark": mark or _("Not issued: numbers as they stood when this was made"),
        "footer": footer or _("Not issued"),
        # Translators: {n} and {of} are filled in when the pages are made.
        "page": _("Page {n} of {of}"),
        "facts": [*facts, *_facts(report)],
        "verdict": sentences.overview(report),
        "blocks": [*_blocks(report, pictures or {}), *more, *_definitions()],
    }
    return typeset("reports/typst/report.typ", document, report.as_of)


def render_overview(
    overview: Overview,
    pictures: Mapping[str, str] | None = None,
    *,
    mark: str = "",
    footer: str = "",
    facts: Sequence[tuple[str, str]] = (),
    more: Sequence[Block] = (),
) -> bytes:
    """The PDF of several contracts, made and marked like that of one."""
    period, zone = overview.period, overview.period.timezone
    document = {
        "lang": language(),
        "region": "cn" if language() == "zh" else "gb",
        "title": _("Report: %(provider)s", provider=_said(overview.scope.name)),
        "author": _said(overview.scope.agency_name),
        "keywords": [line.reference for line in overview.lines],
        "mark": mark or _("Not issued: numbers as they stood when this was made"),
        "footer": footer or _("Not issued"),
        "page": _("Page {n} of {of}"),
        "facts": [
            *facts,
            (_("Contracts"), ", ".join(line.reference for line in overview.lines)),
            (_("Period"), _("%(start)s to %(end)s", start=day(period.start), end=day(period.end))),
            (_("As it stood at"), f"{moment(overview.as_of, zone)} ({zone})"),
        ],
        "verdict": overview_sentences.cover(overview),
        "blocks": [*_overview_blocks(overview, pictures or {}), *more, *_definitions()],
    }
    return typeset("reports/typst/report.typ", document, overview.as_of)


def typeset(template: str, document: Mapping[str, Any], at: datetime) -> bytes:
    """``document`` as a PDF that looks as ``template``, a file below ``app/``, has it; or ``CannotBeSet``."""
    asked = json.dumps({"template": template, "document": settable(document), "at": at.isoformat()}, ensure_ascii=False)
    if not _turn.acquire(timeout=PATIENCE / 3):
        raise CannotBeSet("others are being made")
    try:
        done = subprocess.run(
            [sys.executable, str(PROGRAM)], input=asked.encode(), capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise CannotBeSet("it took too long") from None
    finally:
        _turn.release()
    if done.returncode:
        # The last line of a traceback names the error; what comes before may quote the report.
        raise CannotBeSet(done.stderr.decode(errors="replace").strip().splitlines()[-1][:200])
    return done.stdout


def settable(value: Any) -> Any:
    """The same with a square for each character that our letters do not have: a PDF must not have gaps.

    A line break stays; other control characters go.
    """
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else "".join(map(_letter, value))
    if isinstance(value, Mapping):
        # What is drawn comes with letters of its own.
        return {key: each if key == "svg" else settable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [settable(each) for each in value]
    return value


def _letter(sign: str) -> str:
    if sign == "\n" or sign in LATIN:
        return sign
    if not sign.isprintable():
        return " " if sign.isspace() else ""
    if sign in ARABIC:
        return sign
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return "□"
    return sign


def heading(text: str, level: int = 2) -> Block:
    return {"kind": "heading", "level": level, "text": text}


def paragraph(text: str) -> Block:
    return {"kind": "paragraph", "text": text}


def quote(text: str) -> Block:
    return {"kind": "quote", "text": text}


def table(caption: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> Block:
    """Columns are (heading, "wide", "text" or "numeric")."""
    return {
        "kind": "table",
        "caption": caption,
        "columns": [list(column) for column in columns],
        "rows": [[str(cell) for cell in row] for row in rows],
    }


def _facts(report: Report) -> list[tuple[str, str]]:
    period, zone = report.period, report.period.timezone
    return [
        (_("Contract"), f"{report.scope.contract} · {_said(report.scope.service)}"),
        (_("Provider"), _said(report.scope.provider)),
        (_("Period"), _("%(start)s to %(end)s", start=day(period.start), end=day(period.end))),
        (_("As it stood at"), f"{moment(report.as_of, zone)} ({zone})"),
    ]


def _blocks(report: Report, pictures: Mapping[str, str]) -> list[Block]:
    charts = {chart.name: chart for chart in charts_of(report)}

    def figure(name: str) -> list[Block]:
        return [_figure(charts[name], pictures)] if name in charts else []

    blocks = [*_kpis(report), *figure("kpis")]
    # The answer stands above all, on the first page.
    blocks += [heading(_("Is it all right?")), _measures(report)]
    blocks += [paragraph(said) for said in (sentences.per_thousand(report.per_thousand),) if said]
    blocks += [paragraph(sentences.channels(report.channels))] if report.channels else []
    blocks += [heading(_("What changed, and is it noise?")), *_changes(report), *figure("trend"), _weeks(charts)]
    blocks += [heading(_("Where?")), paragraph(sentences.sites(report))]
    blocks += [_groups(_("Sites that were heard from"), _("Site"), report.sites)]
    blocks += [heading(_("Why?")), paragraph(sentences.aspects(report.tones)), *figure("aspects")]
    blocks += [_groups(_("Clauses of the contract"), _("Clause"), report.clauses)]
    if "clauses" in charts:
        blocks += [paragraph(charts["clauses"].sentence), *figure("clauses"), _as_table(charts["clauses"])]
    blocks += _answers(report)
    blocks += [
        heading(str(definitions.DEFINITIONS["last_word"].name), 3),
        paragraph(sentences.outcomes(report.outcomes)),
    ]
    blocks += [_outcomes(report.outcomes)]
    blocks += [heading(_("How long does it take?"), 3), paragraph(sentences.response_curve(report))]
    blocks += figure("response")
    blocks += [_hands(report), heading(_("Whose fault was it?"), 3), _verdicts(report)]
    blocks += [paragraph(sentences.judging(report.judging)), paragraph(sentences.own_delay(report.judging.hours))]
    blocks += [_raw_and_validated(report)]
    blocks += [heading(_("Which cases?"))]
    blocks += _cases([("", each) for each in report.grave], report.disputed, zone=report.period.timezone)
    return [block for block in blocks if block]


def _overview_blocks(overview: Overview, pictures: Mapping[str, str]) -> list[Block]:
    charts = {chart.name: chart for chart in overview_charts_of(overview)}

    def figure(name: str) -> list[Block]:
        return [_figure(charts[name], pictures)] if name in charts else []

    notable = overview_sentences.changes(overview)
    blocks = [_contracts(overview), *figure("contracts"), _contract_kpis(overview)]
    blocks += [heading(_("All together")), _sums(overview)]
    blocks += [paragraph(sentences.channels(overview.channels))] if overview.channels else []
    blocks += [heading(_("What changed, and is it noise?"))]
    blocks += [paragraph(sentences.compared_with(overview.before, overview.before_as_of))]
    blocks += [{"kind": "list", "items": notable}] if notable else [paragraph(overview_sentences.no_change(overview))]
    blocks += [*figure("trend"), _weeks(charts), heading(_("Why?"))]
    blocks += [paragraph(sentences.aspects(overview.tones)), *figure("aspects")]
    blocks += [paragraph(sentences.outcomes(overview.outcomes)), _outcomes(overview.outcomes)]
    blocks += [heading(_("Which cases?"))]
    blocks += _cases(overview.grave, overview.disputed, zone=overview.period.timezone, with_contract=True)
    return [block for block in blocks if block]


def _contracts(overview: Overview) -> Block:
    columns = [(_("Contract"), "wide"), (_("Answered in time"), "numeric"), (_("Interval (95 %)"), "numeric")]
    columns += [(_("Validated"), "numeric"), (_("Open"), "numeric"), (_("Overdue"), "numeric")]
    has_sentences = any(line.notable for line in overview.lines)
    columns += [(_("What changed"), "wide" if has_sentences else "text"), (_("Issued"), "text")]
    rows = [
        [
            f"{line.reference} {_said(line.title)}, {_said(line.provider_name)}",
            sentences.share(line.on_time) if line.on_time.denominator else "–",
            _interval(line.on_time),
            sentences.share(line.validated) if line.validated.denominator else "–",
            line.figures.open.value,
            line.figures.overdue.value,
            overview_sentences.change_of(line) or "–",
            _("Report %(number)d", number=line.issued.number) if line.issued else "–",
        ]
        for line in overview.lines
    ]
    return table(_("Each contract in a line"), columns, rows)


def _contract_kpis(overview: Overview) -> Block:
    rows = [[f"{line.reference} {row[0]}", *row[1:]] for line in overview.lines for row in map(_kpi_row, line.ratings)]
    return table(_("KPIs of the contracts"), _kpi_columns(), rows) if rows else {}


def _sums(overview: Overview) -> Block:
    rows: list[list[Any]] = [[definitions.DEFINITIONS[key].name, n, "–", "–"] for key, n in overview.counts.items()]
    rows += [
        [
            definitions.DEFINITIONS[key].name,
            percent(of.value),
            _("%(n)d of %(of)d", n=of.numerator, of=of.denominator),
            _interval(of),
        ]
        for key, of in overview.shares.items()
        if key != "confirmed_rate"  # told with the cases said to be resolved
    ]
    columns = [(_("Measure"), "wide"), (_("Value"), "numeric"), (_("Rests on"), "numeric")]
    return table(_("All measures"), [*columns, (_("Interval (95 %)"), "numeric")], rows)


def _kpis(report: Report) -> list[Block]:
    if not report.ratings:
        return []
    columns = [(_("KPI"), "wide"), (_("Target"), "text"), (_("Raw: all cases"), "numeric")]
    columns += [(_("Validated: the provider's"), "numeric"), *_judged_columns()]
    rows = [
        [*_name_and_target(rating), _beside(sides.raw), _beside(sides.validated), *_judged(rating)]
        for rating in report.ratings
        for sides in [report.sides_of(rating)]
    ]
    blocks = [table(_("KPIs of the contract"), columns, rows)]
    if report.judged_over != report.period:
        blocks.append(paragraph(sentences.judged_over(report.judged_over)))
    return blocks


def _beside(of: Share | None) -> str:
    if of is None or of.value is None:
        return "–"
    return f"{sentences.share(of)}\n{_interval(of)}"


def _kpi_columns() -> list[tuple[str, str]]:
    columns = [(_("KPI"), "wide"), (_("Target"), "text"), (_("Value"), "numeric"), (_("Interval (95 %)"), "numeric")]
    return [*columns, *_judged_columns()]


def _kpi_row(rating: KpiRating) -> list[Any]:
    return [*_name_and_target(rating), sentences.share(rating.share), _interval(rating.share), *_judged(rating)]


def _judged_columns() -> list[tuple[str, str]]:
    return [(_("Proposed rating"), "text"), (_("Against the target"), "text")]


def _judged(rating: KpiRating) -> list[str]:
    rated = [sentences.judged(rating), _("for information") if rating.is_for_information else ""]
    against = [sentences.against_target(rating), sentences.so_far(rating)]
    return ["\n".join(filter(None, lines)) for lines in (rated, against)]


def _name_and_target(rating: KpiRating) -> list[str]:
    target = percent(rating.kpi.target)
    at_least = rating.kpi.direction == "at_least"
    return [
        f"{kpi_name(rating.kpi)}\n{sentences.rated_by(rating)}",
        _("at least %(share)s", share=target) if at_least else _("at most %(share)s", share=target),
    ]


def _measures(report: Report) -> Block:
    rows: list[list[Any]] = []
    # Translators: the hours by which 50 and those by which 90 of 100 were done.
    half_and_most = _("half / 90 in 100")
    for key in KEYS:
        name, figure = definitions.DEFINITIONS[key].name, getattr(report.figures, key)
        if key in ("hours_with", "confirmed_rate", "last_word"):  # told with the cases said to be resolved
            continue
        if key in SHARES:
            basis = _("%(n)d of %(of)d", n=figure.numerator, of=figure.denominator)
            rows.append([name, percent(figure.value), basis, _interval(figure)])
        elif isinstance(figure, Times):
            value = f"{number(figure.p50)} / {number(figure.p90)}"
            basis = _("%(n)d, %(censored)d still waiting or cut off", n=figure.n, censored=figure.censored)
            rows.append([f"{name} ({half_and_most})", value, basis, "–"])
        else:
            rows.append([name, figure.value, "–", "–"])
    columns = [(_("Measure"), "wide"), (_("Value"), "numeric"), (_("Rests on"), "numeric")]
    return table(_("All measures"), [*columns, (_("Interval (95 %)"), "numeric")], rows)


def _changes(report: Report) -> list[Block]:
    said = sentences.compared_with(report.before, report.before_as_of)
    notable = [sentences.change(report, each) for each in report.notable]
    if notable:
        return [paragraph(said), {"kind": "list", "items": notable}]
    return [paragraph(said), paragraph(sentences.no_change(report))]


def _weeks(charts: Mapping[str, Chart]) -> Block:
    return _as_table(charts["trend"]) if "trend" in charts else {}


def _as_table(chart: Chart) -> Block:
    """The numbers of a chart."""
    first, *others = chart.columns
    return table(chart.title, [(first[0], "wide"), *others], chart.rows)


def _hands(report: Report) -> Block:
    hands = report.figures.hours_with
    rows = [
        [_("Agency"), number(hands.agency)],
        [_("Provider"), number(hands.provider)],
        [_("Resident, while a question is out"), number(hands.resident)],
    ]
    columns = [(_("Whose hands"), "wide"), (_("Working hours"), "numeric")]
    return table(str(definitions.DEFINITIONS["hours_with"].name), columns, rows)


def _raw_and_validated(report: Report) -> Block:
    """All cases beside those that were found attributable to the provider."""
    validated = report.measures.validated
    columns = [(_("Measure"), "wide"), (_("Raw: all cases"), "numeric"), (_("Interval (95 %)"), "numeric")]
    columns += [(_("Validated: the provider's"), "numeric"), (_("Interval (95 %)"), "numeric")]
    rows = [
        [definitions.DEFINITIONS[key].name]
        + [cell for of in (raw, valid) for cell in (sentences.share(of) if of.denominator else "–", _interval(of))]
        for key in SIDE_BY_SIDE
        for raw, valid in [(getattr(report.figures, key), getattr(validated, key))]
    ]
    return table(_("Raw and validated"), columns, rows)


def _groups(caption: str, name: str, groups: Sequence[Group]) -> Block:
    if not groups:
        return {}
    columns = [(name, "wide"), (_("Feedback"), "numeric"), (_("Cases"), "numeric"), (_("Open"), "numeric")]
    columns += [(_("Overdue"), "numeric"), (_("Answered in time"), "numeric"), (_("Interval (95 %)"), "numeric")]
    rows = [
        [
            f"{group.code} {_said(group.name)}",
            *(group.received, group.cases, group.open, group.overdue),
            sentences.share(group.on_time) if group.on_time.denominator else "–",
            _interval(group.on_time),
        ]
        for group in groups
    ]
    return table(caption, columns, rows)


def _answers(report: Report) -> list[Block]:
    """What residents answered to the agency's own questions, a table each."""
    blocks = [heading(_("What drove it, and what else residents were asked"), 3)] if report.questions else []
    for each in report.questions:
        rows = [
            [answer_words.name_of(of), of.share.numerator, percent(of.share.value), _interval(of.share)]
            for of in each.counts
        ]
        columns = [(_("Answer"), "wide"), (_("Answered"), "numeric"), (_("Value"), "numeric")]
        columns += [(_("Interval (95 %)"), "numeric")]
        if each.drivers:
            columns = [(_("Aspect"), "wide"), (_("Not good"), "numeric"), (_("Good"), "numeric")]
            columns += [(_("Asked"), "numeric"), (_("Not answered"), "numeric")]
            rows = [
                [
                    answer_words.aspect_name(of.aspect),
                    sentences.share(of.negative),
                    sentences.share(of.positive),
                    of.offered,
                    of.unanswered,
                ]
                for of in each.drivers
            ]
        blocks.append(paragraph(f"{_said(each.wording)} {answer_words.basis(each)}"))
        blocks += [table(_said(each.wording), columns, rows)] if rows else []
    return blocks


def _outcomes(outcomes: LastWord) -> Block:
    rows = [
        [name, _("%(n)d of %(of)d", n=getattr(outcomes, outcome), of=outcomes.n)]
        for outcome, name in definitions.OUTCOMES.items()
    ]
    return table(_("Cases said to be resolved"), [(_("What became of them"), "wide"), (_("Cases"), "numeric")], rows)


def _verdicts(report: Report) -> Block:
    rows = [[definitions.VERDICTS[verdict], count] for verdict, count in report.measures.verdicts.items()]
    return table(_("Verdicts of the agency"), [(_("Attributable to"), "wide"), (_("Cases"), "numeric")], rows)


def _cases(
    grave: Sequence[tuple[str, GraveCase]], disputed: Sequence[str], *, zone: str, with_contract: bool = False
) -> list[Block]:
    """The cases told by themselves; each grave one with the reference of its contract."""
    blocks = [heading(_("Grave single cases, whatever the statistics say"), 3)]
    if grave:
        rows = [
            [
                each.reference,
                *([contract] if with_contract else []),
                ", ".join(str(definitions.GRAVE[reason]) for reason in each.why),
                _said(each.site),
                moment(each.submitted_at, zone),
            ]
            for contract, each in grave[:GRAVE_SHOWN]
        ]
        columns = [(_("Reference"), "text"), *([(_("Contract"), "text")] if with_contract else [])]
        columns += [(_("Why it is listed"), "wide"), (_("Site"), "text"), (_("Sent"), "text")]
        blocks.append(table(_("Grave single cases"), columns, rows))
        if len(grave) > GRAVE_SHOWN:
            blocks.append(paragraph(_("%(n)d more are in the spreadsheet.", n=len(grave) - GRAVE_SHOWN)))
    else:
        blocks.append(paragraph(_("None.")))
    blocks.append(heading(_("Disputed by the provider, not judged yet"), 3))
    blocks.append(paragraph(", ".join(disputed) or _("None.")))
    return blocks


def _definitions() -> list[Block]:
    rows = [[each.name, each.formula] for each in definitions.DEFINITIONS.values()]
    columns = [(_("Measure"), "text"), (_("How it is reckoned"), "wide")]
    return [heading(_("Definitions")), table(_("What each number means"), columns, rows)]


def _figure(chart: Chart, pictures: Mapping[str, str]) -> Block:
    drawn = {"svg": pictures[chart.mark]} if chart.mark in pictures else {"chart": chart.name, "data": chart.data}
    return {"kind": "figure", "alt": chart.alt, "reading": chart.reading, **drawn}


def _interval(of: Share) -> str:
    return "–" if of.low is None or of.high is None else f"{percent(of.low)} – {percent(of.high)}"


def _said(words: Words) -> str:
    return in_language(words, language())
