"""An issued report in its forms: files made from what was frozen, and whether a file is one of them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from app.analysis.wording import agreement_words
from app.kernel.words import in_language
from app.reports import as_csv, as_pdf, as_spreadsheet, queries
from app.reports.as_pdf import Block, heading, paragraph, quote, table
from app.reports.corrections import Changed, changed_figures
from app.reports.frozen import differences, hash_of, thaw
from app.reports.models import IssuedReport
from app.reports.report import Report, build
from app.web import sheets
from app.web.filters import moment
from app.web.languages import OF_MEMBERS, locale_of
from app.web.sheets import Cell
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
        ("csv", ENGLISH): ("\ufeff" + as_csv.render(report, _issue_rows(issued))).encode(),
    }
    for code in spoken:
        with force_locale(locale_of(code)):
            files["pdf", code] = pdf_of(issued, report)
            files["xlsx", code] = as_spreadsheet.render(report, facts=[*_facts(issued), *_said_and_left_out(issued)])
    return files


def _issue_rows(issued: IssuedReport) -> as_csv.Rows:
    return as_csv.issue_rows(issued.content["issue"], issued.content_hash or "", issued.content, ENGLISH)


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
    return as_pdf.render(report, mark=mark, footer=footer, facts=_printed(issued), more=_more(issued, report))


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


def _facts(issued: IssuedReport) -> list[tuple[str, Cell]]:
    """What is said first: as typed cells, times as the agency's wall shows them."""
    zone = ZoneInfo(issued.contract.agency.timezone)
    facts: list[tuple[str, Cell]] = [
        (_("Number"), issued.number),
        (_("When it was issued"), issued.issued_at and issued.issued_at.astimezone(zone).replace(tzinfo=None)),
        ("SHA-256", issued.content_hash),
        (_("Corrects report"), issued.corrects.number if issued.corrects else None),
    ]
    return [(name, value) for name, value in facts if value]


def _printed(issued: IssuedReport) -> list[tuple[str, str]]:
    """The same on paper, and whether the provider made a statement, which stands further down."""
    zone = issued.contract.agency.timezone
    facts = [
        (_("Number"), str(issued.number) if issued.number else ""),
        (_("When it was issued"), moment(issued.issued_at, zone)),
        ("SHA-256", issued.content_hash or ""),
        (_("Corrects report"), str(issued.corrects.number) if issued.corrects else ""),
        (_("Statement of the provider"), _stated(issued)),
    ]
    return [(name, value) for name, value in facts if value]


def _said_and_left_out(issued: IssuedReport) -> list[tuple[str, Cell]]:
    """What each side says to the report, and what no figure counts."""
    said: list[tuple[str, Cell]] = [
        (_("Statement of the provider"), issued.statement or _stated(issued)),
        (_("Statement of the agency"), issued.agency_statement),
        (_("What changed, and why"), issued.what_changed),
    ]
    left_out = [(_("Left out: %(what)s", what=name), count) for name, count in _left_out(issued)]
    return [*((name, text) for name, text in said if text), *left_out]


def _stated(issued: IssuedReport) -> str:
    if issued.statement is not None:
        return _("given on %(day)s", day=moment(issued.statement_at, issued.contract.agency.timezone))
    if issued.number is not None:
        return _("none was given in the time there was")
    return ""


def changed_against_earlier(issued: IssuedReport) -> list[Changed]:
    """Which figures a correction changes against the report it corrects."""
    if issued.corrects is None:
        return []
    return changed_figures(issued.corrects.content["report"], issued.content["report"])


def _more(issued: IssuedReport, report: Report) -> Sequence[Block]:
    blocks = [heading(_("Statement of the provider"))]
    blocks.append(quote(issued.statement) if issued.statement else paragraph(_stated(issued) or _("Not given yet.")))
    if issued.agency_statement:
        blocks += [heading(_("Statement of the agency")), quote(issued.agency_statement)]
    if issued.corrects is not None:
        blocks.append(heading(_("What changed against report %(number)s", number=issued.corrects.number)))
        blocks.append(quote(issued.what_changed or ""))
        rows = changed_against_earlier(issued)
        columns = [(_("Measure"), "wide"), (_("Before"), "numeric"), (_("Now"), "numeric")]
        blocks.append(table(_("Figures that changed"), columns, rows) if rows else paragraph(_("No figure changed.")))
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
    blocks.append(table(_("What is left out"), [(_("What"), "wide"), (_("Cases"), "numeric")], _left_out(issued)))
    return blocks


def _left_out(issued: IssuedReport) -> list[tuple[str, int]]:
    """What leaves the figures, by name."""
    names = {
        "duplicates": _("Duplicates: in no measure of cases"),
        "withdrawn": _("Withdrawn: in no share of answers and resolutions"),
        "not_yet_due": _("Not yet due: in no share of what was in time"),
        "unjudged": _("Not judged yet: in no validated figure"),
    }
    return [(names[key], count) for key, count in issued.content["exclusions"].items()]


def title_of(issued: IssuedReport, language: str) -> str:
    """The contract as it was named when the report was drafted."""
    return in_language(issued.content["report"]["names"]["contract"], language)
