"""The evidence pack: all that a renewal, a penalty or a notice rests on, in one file whose parts can be checked."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.words import in_language
from app.reports.models import IssuedReport
from app.reviews.models import AgreedAction, AgreedActionNote, PerformanceNotice
from app.reviews.queries import Step
from app.web.sheets import harmless

ENGLISH = "en"
KIND, LANGUAGE = "zip", ENGLISH
MIMETYPE = "application/zip"
MEASURES = "definitions.txt"


def pack_of(
    report: IssuedReport, steps: Sequence[Step], agreed: Sequence[AgreedAction], notice: PerformanceNotice | None
) -> bytes:
    """The pack of an issued report whose files are made. The same parts give the same bytes."""
    parts = {
        f"report-{report.number}-{file.language}.{file.kind}": file.body for file in report.files if file.kind != KIND
    }
    zone = ZoneInfo(report.contract.agency.timezone)
    parts["statements.txt"] = _statements(report, zone)
    parts["verdicts.csv"] = _table(
        ("case", "at", "step", "by", "attribution", "said"),
        (
            (
                each.reference,
                _at(each.at, zone),
                str(each.kind),
                str(each.actor),
                str(each.attribution or ""),
                each.said,
            )
            for each in steps
        ),
    )
    parts["agreed-actions.csv"] = _table(
        ("what", "side", "who", "until", "agreed", "done", "said"),
        (
            (
                each.what,
                str(each.side),
                each.who,
                each.due_on.isoformat(),
                _at(each.agreed_at, zone),
                each.done_on.isoformat() if each.done_on else "",
                "\n".join(_said(note, zone) for note in each.notes),
            )
            for each in agreed
        ),
    )
    parts[MEASURES] = _definitions(report.content["definitions"])
    if notice is not None:
        parts["notice-section-71.txt"] = notice_text(report, notice).encode()
    parts["manifest.json"] = _manifest(report, parts)
    return _zipped(parts, report.issued_at)


def notice_text(report: IssuedReport, notice: PerformanceNotice) -> str:
    """The notice of contract performance, in English, the language of the law that asks for it."""
    contract, kept = report.contract, report.content["report"]
    names = {key: in_language(words, ENGLISH) for key, words in kept["names"].items()}
    kpis = {kpi["code"]: kpi for kpi in kept["kpis"]}
    lines = [
        "Contract performance notice",
        "Procurement Act 2023, section 71: assessment against key performance indicators set under section 52",
        "",
        f"Contracting authority: {names['agency']}",
        f"Supplier: {names['provider']}",
        f"Contract: {names['contract']} ({contract.reference}), {contract.starts_on} to {contract.ends_on}",
        f"Estimated value: {contract.value} {contract.currency}",
        f"Evidence: report {report.number}, SHA-256 {report.content_hash}",
    ]
    for rating in notice.ratings:
        kpi = kpis[rating["code"]]
        sign = "at least" if kpi["direction"] == "at_least" else "at most"
        title = in_language(kpi["title"], ENGLISH) if kpi.get("title") else _name(report, kpi["measure"])
        lines += [
            "",
            f"KPI {kpi['code']}: {title}",
            f"  Period assessed: {kpi['start']} to {kpi['end']}",
            f"  Target: {sign} {kpi['target']:.1%}",
            f"  Result: {_result(kpi)}",
            f"  Rating: {rating['given']}",
        ]
        if rating["given"] != rating["proposed"]:
            lines.append(f"  Proposed by the figures: {rating['proposed']}. Why it differs: {rating['why']}")
    lines += ["", "Statement of the supplier:", report.statement or "None was given in the time there was."]
    signed = notice.signed_at.astimezone(ZoneInfo(contract.agency.timezone))
    lines += ["", f"Rated and signed by {notice.signed_by} for {names['agency']} on {signed:%Y-%m-%d}."]
    return "\n".join(lines) + "\n"


def _name(report: IssuedReport, measure: str) -> str:
    return str(report.content["definitions"][ENGLISH].get(measure, [measure])[0])


def _result(kpi: Mapping[str, Any]) -> str:
    if kpi["value"] is None:
        return "nothing to measure"
    counts = f"{kpi['numerator']} of {kpi['denominator']}"
    return f"{kpi['value']:.1%} ({counts}; 95 % interval {kpi['low']:.1%} to {kpi['high']:.1%})"


def _said(note: AgreedActionNote, zone: ZoneInfo) -> str:
    """One line of what was said about an agreed action: when, which side, who, which step, the words."""
    by = f"{note.side} ({note.by_name})" if note.by_name else str(note.side)
    return ": ".join(part for part in (f"{_at(note.at, zone)} {by}", str(note.step), note.said) if part)


def _statements(report: IssuedReport, zone: ZoneInfo) -> bytes:
    """What each side says to the report as a whole; what they said to single cases is with the verdicts."""
    agency = in_language(report.content["report"]["names"]["agency"], ENGLISH)
    provider = in_language(report.content["report"]["names"]["provider"], ENGLISH)
    said = [f"{provider} (provider):", report.statement or "None was given in the time there was."]
    if report.statement_at:
        said.append(f"Given on {_at(report.statement_at, zone)}.")
    said += ["", f"{agency} (agency):", report.agency_statement or "None was given."]
    if report.what_changed:
        said += ["", f"Why this report corrects another ({agency}):", report.what_changed]
    return ("\n".join(said) + "\n").encode()


def _definitions(kept: Mapping[str, Mapping[str, Sequence[str]]]) -> bytes:
    """What every measure means, as it was when the report was issued, in every language it was kept in."""
    lines = [
        f"[{language}] {name}: {formula}" for language, each in sorted(kept.items()) for name, formula in each.values()
    ]
    return ("\n".join(lines) + "\n").encode()


def _manifest(report: IssuedReport, parts: Mapping[str, bytes]) -> bytes:
    whole = {
        "agency": report.contract.agency.slug,
        "contract": report.contract.reference,
        "report": report.number,
        "content_sha256": report.content_hash,
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in sorted(parts.items())},
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _zipped(parts: Mapping[str, bytes], at: datetime | None) -> bytes:
    """A zip whose bytes follow from what is in it: in order of names, all of the moment of the issue."""
    file = io.BytesIO()
    moment = at.timetuple()[:6] if at else (1980, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, body in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, moment)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, body)
    return file.getvalue()


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return ("\ufeff" + file.getvalue()).encode()


def _at(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
