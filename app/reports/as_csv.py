"""A report as comma-separated values: a row per number."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from app.reports.overview import COUNTS, SUMMED, Overview
from app.reports.report import Report
from app.web.sheets import harmless

Rows = Sequence[tuple[str, str, str]]

COLUMNS = ("part", "key", "value", "numerator", "denominator", "low", "high", "p50", "p90", "n", "censored", "text")


def render(report: Report, issue: Rows = ()) -> str:
    """Rows for all that the report counts, what it compares, and the cases that it tells by themselves.

    UTF-8 text with a header row. Of a week, a site or a clause ``value`` is what was received, ``n`` the cases, and
    numerator, denominator, low and high are those answered in time. ``issue`` is said first: see ``issue_rows``.
    """
    whole = report.to_json()
    file = io.StringIO()
    writer = _begun(file, whole, issue)
    _numbers(writer, "measures", whole["measures"])
    for aspect, figures in whole["aspects"].items():
        writer.writerow({"part": "aspects", "key": aspect, "n": figures["mentions"], **_cells(figures["negative"])})
    for verdict, count in whole["validated"]["verdicts"].items():
        writer.writerow({"part": "verdicts", "key": verdict, "value": count})
    _numbers(writer, "validated", whole["validated"]["measures"])
    _numbers(writer, "judging", {key: whole["validated"][key] for key in ("judged", "judging_hours")})
    for key in ("in_reply", "contested"):
        writer.writerow({"part": "judging", "key": key, "value": whole["validated"][key]})
    for found, count in whole["validated"]["checked"].items():
        writer.writerow({"part": "judging", "key": f"checked_{found}", "value": count})
    _weeks(writer, whole["weeks"])
    for channel, count in whole["channels"].items():
        writer.writerow({"part": "channels", "key": channel, "value": count})
    for outcome, count in whole["outcomes"].items():
        writer.writerow({"part": "outcomes", "key": outcome, "value": count})
    for part in ("sites", "clauses"):
        for group in whole[part]:
            counts = {"value": group["received"], "n": group["cases"]}
            writer.writerow({"part": part, "key": harmless(group["code"]), **counts, **_basis(group["on_time"])})
    for kpi in whole["kpis"]:
        writer.writerow({"part": "kpis", "key": harmless(kpi["code"]), "text": _judged(kpi), **_cells(kpi)})
    for clause in whole["clause_kpis"]:
        for kpi in clause["kpis"]:
            key = harmless(f"{clause['code']} {kpi['code']}")
            writer.writerow({"part": "clause_kpis", "key": key, "text": _judged(kpi), **_cells(kpi)})
    _questions(writer, whole["questions"])
    _compared(writer, whole)
    _told(writer, [(each["reference"], each) for each in whole["grave"]], whole["disputed"])
    return file.getvalue()


def render_overview(overview: Overview, issue: Rows = ()) -> str:
    """Rows for scope, period, all together, each contract, weeks, channels and outcomes; as those of one report.

    Rows of a contract have its reference as part of the key, like ``C-001 received``.
    """
    whole = overview.to_json()
    file = io.StringIO()
    writer = _begun(file, whole, issue)
    summed = {key: whole["measures"][key] for key in (*COUNTS, *SUMMED)}
    _numbers(writer, "measures", summed)
    for contract in whole["contracts"]:
        named = {harmless(f"{contract['contract']} {key}"): of for key, of in contract["measures"].items()}
        _numbers(writer, "contracts", named)
        validated = contract["validated"]["on_time_response_rate"]
        key = f"{contract['contract']} on_time_response_rate"
        writer.writerow({"part": "validated", "key": harmless(key), **_cells(validated)})
        for kpi in contract["kpis"]:
            key = f"{contract['contract']} {kpi['code']}"
            writer.writerow({"part": "kpis", "key": harmless(key), "text": _judged(kpi), **_cells(kpi)})
    _weeks(writer, whole["weeks"])
    for channel, count in whole["channels"].items():
        writer.writerow({"part": "channels", "key": channel, "value": count})
    for outcome, count in whole["measures"]["last_word"].items():
        writer.writerow({"part": "outcomes", "key": outcome, "value": count})
    _compared(writer, whole)
    _told(writer, [(f"{each['contract']} {each['reference']}", each) for each in whole["grave"]], whole["disputed"])
    return file.getvalue()


def _compared(writer: Any, whole: dict[str, Any]) -> None:
    """With what the period was compared, each share before and now, and how what is said of each aspect sounds."""
    for key, text in whole["compared_with"].items():
        writer.writerow({"part": "compared_with", "key": key, "text": text})
    for change in whole["changes"]:
        said = f"{'notable' if change['notable'] else 'no clear change'}; p {change['p']}"
        key = harmless(change["key"])
        writer.writerow({"part": "before", "key": key, **_cells(change["before"])})
        writer.writerow({"part": "now", "key": key, "text": said, **_cells(change["now"])})
    for aspect, tones in whole["tones"].items():
        for tone, count in tones.items():
            writer.writerow({"part": "tones", "key": f"{aspect} {tone}", "value": count})


def _told(writer: Any, grave: list[tuple[str, dict[str, Any]]], disputed: list[str]) -> None:
    """The cases that are told by themselves, and why."""
    for key, each in grave:
        writer.writerow({"part": "grave", "key": harmless(key), "text": ", ".join(each["why"])})
    for reference in disputed:
        writer.writerow({"part": "disputed", "key": harmless(reference)})


def _judged(kpi: dict[str, Any]) -> str:
    rating = kpi["rating"] if kpi["clear"] or kpi["rating"] == "Other" else f"{kpi['rating']}, too close to call"
    said = f"{kpi['measure']} {kpi['basis']}, {kpi['direction']} {kpi['target']}: {rating}; {kpi['target_verdict']}"
    said = f"{said}; for information" if kpi["for_information"] else said
    said = f"{said}; {kpi['not_yet_due']} not yet due" if "not_yet_due" in kpi else said
    # A small contract is judged over twelve months, whatever the period of its report.
    return f"{said}; {kpi['start']} to {kpi['end']}" if "start" in kpi else said


def _weeks(writer: Any, weeks: list[dict[str, Any]]) -> None:
    for week in weeks:
        counts = {"value": week["received"], "n": week["cases"]}
        writer.writerow({"part": "weeks", "key": week["start"], **counts, **_basis(week["on_time"])})


def _questions(writer: Any, questions: list[dict[str, Any]]) -> None:
    """Of a question ``value`` is how many have answered, ``n`` how many were asked."""
    for each in questions:
        key, wording = each["key"], each["wording"]
        text = harmless(next(iter(wording.values()), "") if isinstance(wording, dict) else wording)
        row = {"part": "questions", "key": key, "value": each["answered"], "n": each["offered"], "text": text}
        writer.writerow(row)
        for of in each["counts"]:
            words = of["text"]
            text = harmless(next(iter(words.values()), "")) if words else ""
            writer.writerow({"part": "answers", "key": f"{key}:{of['key']}", "text": text, **_cells(of["share"])})
        for of in each["drivers"]:
            row = {"part": "drivers", "key": f"{key}:{of['aspect']}", "value": of["unanswered"], "n": of["offered"]}
            writer.writerow(row | {"text": "unanswered"})
            for way in ("positive", "negative"):
                writer.writerow({"part": "drivers", "key": f"{key}:{of['aspect']}:{way}", **_cells(of[way])})


def issue_rows(issue: Mapping[str, Any], sha256: str, content: Mapping[str, Any], language: str) -> Rows:
    """Of an issued report: (part, key, text) of its number, hash and statements, what is left out, the definitions."""
    facts = [("issue", key, str(text)) for key, text in issue.items() if text is not None]
    left_out = [("exclusions", key, str(count)) for key, count in content.get("exclusions", {}).items()]
    means = [
        ("definitions", key, f"{name}: {formula}") for key, (name, formula) in content["definitions"][language].items()
    ]
    return [("issue", "sha256", sha256), *facts, *left_out, *means]


def _begun(file: io.StringIO, whole: dict[str, Any], issue: Rows) -> Any:
    """A writer into ``file``, past the head and what the numbers are about."""
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    for part, key, text in issue:
        writer.writerow({"part": part, "key": key, "text": harmless(text)})
    for part, facts in (("scope", whole["scope"]), ("period", whole["period"]), ("as_of", {"as_of": whole["as_of"]})):
        for key, text in facts.items():
            writer.writerow({"part": part, "key": key, "text": harmless(text)})
    return writer


def _numbers(writer: Any, part: str, measures: dict[str, dict[str, Any]]) -> None:
    for key, figures in measures.items():
        if key in ("hours_with", "last_word"):
            for what, value in figures.items():
                writer.writerow({"part": part, "key": f"{key}_{what}", "value": value})
        else:
            writer.writerow({"part": part, "key": key, **_cells(figures)})


def _basis(share: dict[str, Any]) -> dict[str, Any]:
    """Of a row whose value is what was received: the share answered in time, told by what it rests on."""
    return {key: cell for key, cell in _cells(share).items() if key != "value"}


def _cells(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: "" if figures[key] is None else figures[key] for key in COLUMNS if key in figures}
