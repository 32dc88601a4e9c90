"""A report as comma-separated values: a row per number."""

import csv
import io
from typing import Any

from app.reports.report import Report

COLUMNS = ("part", "key", "value", "numerator", "denominator", "low", "high", "p50", "p90", "n", "censored", "text")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def render(report: Report) -> str:
    """Rows for scope, measures, aspects, validated measures and KPIs, in UTF-8 text with a header row."""
    whole = report.to_json()
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    for part, facts in (("scope", whole["scope"]), ("period", whole["period"]), ("as_of", {"as_of": whole["as_of"]})):
        for key, text in facts.items():
            writer.writerow({"part": part, "key": key, "text": harmless(text)})
    _numbers(writer, "measures", whole["measures"])
    for aspect, figures in whole["aspects"].items():
        writer.writerow({"part": "aspects", "key": aspect, "n": figures["mentions"], **_cells(figures["negative"])})
    for verdict, count in whole["validated"]["verdicts"].items():
        writer.writerow({"part": "verdicts", "key": verdict, "value": count})
    _numbers(writer, "validated", whole["validated"]["measures"])
    for kpi in whole["kpis"]:
        judged = f"{kpi['measure']}: {kpi['rating']}; {kpi['target_verdict']}"
        writer.writerow({"part": "kpis", "key": harmless(kpi["code"]), "text": judged, **_cells(kpi)})
    return file.getvalue()


def harmless(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _numbers(writer: Any, part: str, measures: dict[str, dict[str, Any]]) -> None:
    for key, figures in measures.items():
        if key == "hours_with":
            for holder, hours in figures.items():
                writer.writerow({"part": part, "key": f"hours_with_{holder}", "value": hours})
        else:
            writer.writerow({"part": part, "key": key, **_cells(figures)})


def _cells(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: "" if figures[key] is None else figures[key] for key in COLUMNS if key in figures}
