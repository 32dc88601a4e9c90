"""An issued report in its forms: files made from what was frozen, and whether a file is one of them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale

from app.analysis.wording import agreement_words
from app.kernel.words import in_language
from app.reports import as_csv, as_pdf, as_spreadsheet, definitions, queries
from app.reports.as_pdf import Block, heading, paragraph, quote, table
from app.reports.frozen import differences, hash_of, thaw
from app.reports.models import IssuedReport
from app.reports.report import Report, build
from app.web import sheets
from app.web.filters import moment
from app.web.languages import OF_MEMBERS, locale_of
from app.web.texts import gettext as _

MIMETYPES = {
    "pdf": as_pdf.MIMETYPE,
    "xlsx": sheets.MIMETYPE,
    "csv": "text/csv",
    "json": "application/json",
}
ENGLISH = "en"


def files_of(issued: IssuedReport) -> dict[tuple[str, str], bytes]:
    """Every file of an issued report: (kind, language) → its bytes; PDF and spreadsheet in each of the agency's
    languages, CSV and JSON once."""
    report = thaw(issued.content)
    spoken = [code for code in issued.contract.agency.languages if code in OF_MEMBERS] or [ENGLISH]
    files: dict[tuple[str, str], bytes] = {
        ("json", ENGLISH): json.dumps(as_json(issued), ensure_ascii=False, indent=1).encode(),
        ("csv", ENGLISH): ("\ufeff" + as_csv.render(report)).encode(),
    }
    for code in spoken:
        with force_locale(locale_of(code)):
            files["pdf", code] = pdf_of(issued, report)
            files["xlsx", code] = as_spreadsheet.render(report, facts=_facts(issued))
    return files


def as_json(issued: IssuedReport) -> dict[str, Any]:
    """The JSON of a report with the facts of its issue, and its hash, which is over all the rest."""
    return {
        **issued.content["report"],
        "issue": issued.content.get("issue"),
        "exclusions": issued.content["exclusions"],
        "definitions": issued.content["definitions"],
        "cases": issued.content["cases"],
        "sha256": issued.content_hash,
    }


def pdf_of(issued: IssuedReport, report: Report) -> bytes:
    """The PDF in the language of the reader; of a draft, one that says so on each page."""
    if issued.number is None:
        mark = footer = _("Draft for the provider's statement, not issued")
    else:
        mark = _("Issued report %(number)d", number=issued.number)
        footer = _("Report %(number)d, SHA-256 %(hash)s", number=issued.number, hash=issued.content_hash)
    return as_pdf.render(report, mark=mark, footer=footer, facts=_facts(issued), more=_more(issued, report))


def changed_figures(issued: IssuedReport) -> list[tuple[str, str, str]]:
    """Which figures a correction changes against the report it corrects: name, before, now."""
    if issued.corrects is None:
        return []
    then, now = issued.corrects.content["report"], issued.content["report"]
    before, after = then["measures"], now["measures"]
    measures = [
        (str(definitions.DEFINITIONS[key].name), _figure(before[key]), _figure(after[key]))
        for key in after
        if any(True for _line in differences(before.get(key), after[key]))
    ]
    return [*measures, *_changed_kpis(then["kpis"], now["kpis"])]


def _changed_kpis(before: Sequence[dict[str, Any]], now: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """KPIs that say something else, or that one of two reports does not have."""
    old, new = ({kpi["code"]: kpi for kpi in kpis} for kpis in (before, now))
    rows = [
        (_kpi_name(new.get(code) or old[code]), _kpi_figure(old.get(code)), _kpi_figure(new.get(code)))
        for code in dict.fromkeys([*old, *new])
    ]
    return [row for row in rows if row[1] != row[2]]


def _kpi_name(kpi: dict[str, Any]) -> str:
    """Its code and what it measures; of one that is entered its title."""
    of = definitions.DEFINITIONS.get(kpi["measure"])
    return f"{kpi['code']} {of.name if of else kpi.get('title', '')}"


def _kpi_figure(kpi: dict[str, Any] | None) -> str:
    if kpi is None:
        return "–"
    return f"{_figure(kpi)}, {definitions.RATINGS[kpi['rating']]}"


@dataclass(frozen=True)
class Verified:
    """What was found out about a file: the report it belongs to, and what is wrong, a line each."""

    issued: IssuedReport | None
    problems: tuple[str, ...]


def verify(body: bytes) -> Verified:
    """Whether a file is one of an issued report, word for word, and whether its numbers still come out.

    Numbers are reckoned again from the events as of the report's moment. They differ where something was corrected,
    or became known, afterwards.
    """
    file = queries.file_by_hash(hashlib.sha256(body).hexdigest())
    if file is None:
        return Verified(*_look_alike(body))
    issued = file.report
    problems: list[str] = []
    if hash_of(issued.content) != issued.content_hash:
        problems.append("the kept content is not the one that was issued: its SHA-256 differs")
    kept = issued.content["report"]
    again = build(
        issued.contract, start=issued.starts_on, end=issued.ends_on, as_of=datetime.fromisoformat(kept["as_of"])
    )
    now = json.loads(json.dumps(again.to_json()))
    names = {"names"}  # may have been given anew; they are no figures
    figures = {key: value for key, value in kept.items() if key not in names}
    # What reports have said only since then was never issued.
    problems += differences(figures, {key: value for key, value in now.items() if key in figures})
    return Verified(issued, tuple(problems))


def _look_alike(body: bytes) -> tuple[IssuedReport | None, tuple[str, ...]]:
    """What a file that we never made says it is: JSON of a report can be compared line by line."""
    unknown = "no file with these contents was issued here: it was changed, or made elsewhere"
    try:
        said = json.loads(body)
        issued = queries.issued_by_number(said["scope"]["agency"], said["issue"]["number"])
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        return None, (unknown,)
    if issued is None:
        return None, (unknown,)
    true = json.loads(json.dumps(as_json(issued)))
    return issued, (unknown, *differences(true, said))


def _facts(issued: IssuedReport) -> list[tuple[str, str]]:
    zone = issued.contract.agency.timezone
    facts = [
        (_("Number"), str(issued.number) if issued.number else ""),
        (_("When it was issued"), moment(issued.issued_at, zone)),
        ("SHA-256", issued.content_hash or ""),
        (_("Corrects report"), str(issued.corrects.number) if issued.corrects else ""),
        (_("Statement of the provider"), _stated(issued)),
    ]
    return [(name, value) for name, value in facts if value]


def _stated(issued: IssuedReport) -> str:
    if issued.statement is not None:
        return _("given on %(day)s", day=moment(issued.statement_at, issued.contract.agency.timezone))
    if issued.number is not None:
        return _("none was given in the time there was")
    return ""


def _more(issued: IssuedReport, report: Report) -> Sequence[Block]:
    blocks = [heading(_("Statement of the provider"))]
    blocks.append(quote(issued.statement) if issued.statement else paragraph(_stated(issued) or _("Not given yet.")))
    if issued.corrects is not None:
        blocks.append(heading(_("What changed against report %(number)s", number=issued.corrects.number)))
        blocks.append(quote(issued.what_changed or ""))
        rows = changed_figures(issued)
        columns = [(_("Measure"), "wide"), (_("Before"), "numeric"), (_("Now"), "numeric")]
        blocks.append(table(_("Figures that changed"), columns, rows) if rows else paragraph(_("No figure changed.")))
    left_out = issued.content["exclusions"]
    names = {
        "duplicates": _("Duplicates: in no measure of cases"),
        "withdrawn": _("Withdrawn: in no share of answers and resolutions"),
        "not_yet_due": _("Not yet due: in no share of what was in time"),
        "unjudged": _("Not judged yet: in no validated figure"),
    }
    blocks.append(heading(_("What the numbers rest on")))
    zone = report.period.timezone
    window = _(
        "Feedback submitted from %(since)s until %(until)s (%(zone)s), with all that was known of it at %(as_of)s.",
        since=moment(report.period.since, zone),
        until=moment(report.period.until, zone),
        zone=zone,
        as_of=moment(report.as_of, zone),
    )
    blocks += [paragraph(window), paragraph(agreement_words(report.agreement))]
    rows_left = [[names[key], count] for key, count in left_out.items()]
    blocks.append(table(_("What is left out"), [(_("What"), "wide"), (_("Cases"), "numeric")], rows_left))
    return blocks


def _figure(figure: dict[str, Any]) -> str:
    if "numerator" in figure:
        return _("%(n)d of %(of)d", n=figure["numerator"], of=figure["denominator"])
    return ", ".join(f"{name} {value}" for name, value in figure.items() if value is not None)


def title_of(issued: IssuedReport, language: str) -> str:
    """The contract as it was named when the report was drafted."""
    return in_language(issued.content["report"]["names"]["contract"], language)
