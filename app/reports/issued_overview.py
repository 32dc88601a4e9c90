"""A report of several contracts that is issued: put together from those issued of each, and told in every form."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from app.directory.models import Agency, Provider
from app.kernel.periods import Period, period_before
from app.measures.membership import UNJUDGED
from app.reports import as_csv, as_pdf, as_spreadsheet, queries
from app.reports.as_pdf import Block, heading, paragraph, quote, table
from app.reports.corrections import Changed, changed_figures_of_several
from app.reports.frozen import canonical, differences, hash_of, thaw
from app.reports.models import IssuedOverview, IssuedReport
from app.reports.overview import COMPARED, ContractLine, Overview, Portion, Whose, put_together, summed_weeks
from app.reports.queries import Issued
from app.reports.report import Report
from app.web.filters import moment
from app.web.languages import OF_MEMBERS, locale_of
from app.web.sheets import Cell
from app.web.texts import gettext as _

ENGLISH = "en"


def missing(overview: Overview) -> list[str]:
    """The contracts that were heard of, and of which no report was issued about the same days: by reference."""
    return [line.reference for line in overview.lines if line.issued is None and line.figures.received.value]


def put_together_from(
    reports: Sequence[IssuedReport], period: Period, agency: Agency, provider: Provider | None
) -> Overview:
    """The overview of what the issued reports say, as of the latest of their moments."""
    thawed = [thaw(report.content) for report in reports]
    as_of = max(report.as_of for report in thawed)
    before = period_before(period)
    return put_together(
        Whose(
            agency.slug,
            thawed[0].scope.agency_name,
            provider.slug if provider else None,
            thawed[0].scope.provider if provider else None,
        ),
        [_portion(issued, report) for issued, report in zip(reports, thawed, strict=True)],
        summed_weeks(report.weeks for report in thawed),
        period=period,
        as_of=as_of,
        before=before,
        before_as_of=as_of - (period.since - before.since),
    )


def content_of(overview: Overview, reports: Sequence[IssuedReport]) -> dict[str, Any]:
    """What is kept: every figure, the definitions, and the reports that it was put together from with their hashes."""
    return {
        "overview": json.loads(json.dumps(overview.to_json())),
        "reports": [
            {"contract": each.contract.reference, "number": each.number, "sha256": each.content_hash}
            for each in reports
        ],
        "definitions": reports[0].content["definitions"],
    }


def overview_of(issued: IssuedOverview) -> Overview:
    """The overview as it was issued: from the reports it names, which stay as they are."""
    return put_together_from(reports_of(issued), _period(issued), issued.agency, issued.provider)


def reports_of(issued: IssuedOverview) -> list[IssuedReport]:
    """The reports that it was put together from, in the order of its content."""
    numbers = [each["number"] for each in issued.content["reports"]]
    found = {report.number: report for report in queries.reports_numbered(issued.agency_id, numbers)}
    return [found[number] for number in numbers]


def files_of(issued: IssuedOverview) -> dict[tuple[str, str], bytes]:
    """Every file: (kind, language) → its bytes; PDF and spreadsheet in each of the agency's languages."""
    overview = overview_of(issued)
    spoken = [code for code in issued.agency.languages if code in OF_MEMBERS] or [ENGLISH]
    files: dict[tuple[str, str], bytes] = {
        ("json", ENGLISH): json.dumps(as_json(issued), ensure_ascii=False, indent=1).encode(),
        ("csv", ENGLISH): ("\ufeff" + as_csv.render_overview(overview, _issue_rows(issued))).encode(),
    }
    for code in spoken:
        with force_locale(locale_of(code)):
            files["pdf", code] = as_pdf.render_overview(
                overview,
                mark=_("Issued report %(number)d", number=issued.number),
                footer=_("Report %(number)d, SHA-256 %(hash)s", number=issued.number, hash=issued.content_hash),
                facts=_printed(issued),
                more=_more(issued),
            )
            files["xlsx", code] = as_spreadsheet.render_overview(
                overview, facts=[*_facts(issued), *_statements(issued)]
            )
    return files


def _issue_rows(issued: IssuedOverview) -> as_csv.Rows:
    said = [("statement", str(report.number), report.statement) for report in reports_of(issued) if report.statement]
    rows = as_csv.issue_rows(issued.content["issue"], issued.content_hash, issued.content, ENGLISH)
    reports = [("reports", str(each["number"]), each["contract"]) for each in issued.content["reports"]]
    return [*rows, *reports, *said]


def as_json(issued: IssuedOverview) -> dict[str, Any]:
    """The JSON of the overview with the facts of its issue, and its hash, which is over the rest."""
    kept = issued.content
    facts = {key: kept[key] for key in ("issue", "reports", "definitions")}
    return {**kept["overview"], **facts, "sha256": issued.content_hash}


@dataclass(frozen=True)
class VerifiedOverview:
    """What was found out about a file of an issued overview: whose, and what is wrong, a line each."""

    issued: IssuedOverview
    problems: tuple[str, ...]


def verify(body: bytes) -> VerifiedOverview | None:
    """Whether a file of an issued overview comes out of its reports again; None where it is no such file."""
    file = queries.overview_file_by_hash(hashlib.sha256(body).hexdigest())
    if file is None:
        return None
    issued = file.overview
    problems = []
    if hash_of(issued.content) != issued.content_hash:
        problems.append("the kept content is not the one that was issued: its SHA-256 differs")
    for named, report in zip(issued.content["reports"], reports_of(issued), strict=True):
        if hash_of(report.content) != named["sha256"]:
            problems.append(f"report {named['number']} is not the one that it was put together from")
    now = json.loads(canonical(overview_of(issued).to_json()))
    problems += differences(issued.content["overview"], now)
    return VerifiedOverview(issued, tuple(problems))


def _portion(issued: IssuedReport, report: Report) -> Portion:
    pairs = {change.key: (change.before, change.now) for change in report.changes}
    return Portion(
        line=ContractLine(
            reference=report.scope.contract,
            title=report.scope.title,
            provider=issued.contract.provider.slug,
            provider_name=report.scope.provider,
            service=report.scope.service,
            figures=report.figures,
            validated=report.measures.validated.on_time_response_rate,
            judged=sum(report.measures.verdicts.values()) - report.measures.verdicts[UNJUDGED],
            ratings=report.ratings,
            changes=(),
            grave=len(report.grave),
            not_yet_due=report.not_yet_due,
            issued=Issued(issued.id, issued.number or 0, issued.content_hash or ""),
            own=report.changes,
        ),
        pairs={key: pairs[key] for key in COMPARED},
        channels=report.channels,
        tones=report.tones,
        grave=report.grave,
        disputed=report.disputed,
        given=report.given,
        cases=report.cases,
    )


def _period(issued: IssuedOverview) -> Period:
    return Period(issued.starts_on, issued.ends_on, issued.agency.timezone)


def _facts(issued: IssuedOverview) -> list[tuple[str, Cell]]:
    """What is said first: as typed cells, times as the agency's wall shows them."""
    zone = ZoneInfo(issued.agency.timezone)
    facts: list[tuple[str, Cell]] = [
        (_("Number"), issued.number),
        (_("When it was issued"), issued.issued_at.astimezone(zone).replace(tzinfo=None)),
        ("SHA-256", issued.content_hash),
        (_("Corrects report"), issued.corrects.number if issued.corrects else None),
        (_("What changed, and why"), issued.what_changed),
        (_("Put together from the reports"), ", ".join(str(each["number"]) for each in issued.content["reports"])),
    ]
    return [(name, value) for name, value in facts if value]


def _statements(issued: IssuedOverview) -> list[tuple[str, Cell]]:
    """What each provider said to the report of its contract."""
    return [
        (_("Statement about %(reference)s", reference=report.contract.reference), report.statement)
        for report in reports_of(issued)
        if report.statement
    ]


def _printed(issued: IssuedOverview) -> list[tuple[str, str]]:
    facts = [
        (_("Number"), str(issued.number)),
        (_("When it was issued"), moment(issued.issued_at, issued.agency.timezone)),
        ("SHA-256", issued.content_hash),
        (_("Corrects report"), str(issued.corrects.number) if issued.corrects else ""),
        (_("Put together from the reports"), ", ".join(str(each["number"]) for each in issued.content["reports"])),
    ]
    return [(name, value) for name, value in facts if value]


def changed_against_earlier(issued: IssuedOverview) -> list[Changed]:
    """Which figures a correction changes against the report it corrects."""
    if issued.corrects is None:
        return []
    return changed_figures_of_several(issued.corrects.content["overview"], issued.content["overview"])


def _more(issued: IssuedOverview) -> list[Block]:
    """What each provider said to the report of its contract, and why this one corrects another."""
    blocks = []
    if issued.corrects is not None:
        blocks.append(heading(_("What changed against report %(number)s", number=issued.corrects.number)))
        blocks.append(quote(issued.what_changed or ""))
        rows = changed_against_earlier(issued)
        columns = [(_("Measure"), "wide"), (_("Before"), "numeric"), (_("Now"), "numeric")]
        blocks.append(table(_("Figures that changed"), columns, rows) if rows else paragraph(_("No figure changed.")))
    blocks.append(heading(_("Statements of the providers")))
    for report in reports_of(issued):
        where: Mapping[str, Any] = {"number": report.number, "reference": report.contract.reference}
        blocks.append(heading(_("Report %(number)s, %(reference)s", **where), 3))
        blocks.append(
            quote(report.statement) if report.statement else paragraph(_("None was given in the time there was."))
        )
    return blocks
