"""One week's figures read from page, PDF, spreadsheet, CSV and JSON: five forms of one report, and they agree."""

import csv
import io
import json
import re

from openpyxl import load_workbook
from pypdf import PdfReader

WEEK = "2026-09-07"
ASKED = "?start=2026-09-07&end=2026-09-13&as_of=2026-10-12T09:00:00%2B08:00"
COUNTS = {
    "received": "Feedback received",
    "cases": "Cases",
    "open": "Open cases",
    "overdue": "Overdue cases",
    "duplicates": "Duplicates",
    "withdrawn": "Withdrawn",
    "unhappy_without_case": "Unhappy without a case",
}
SHARES = {
    "response_rate": "Answered",
    "on_time_response_rate": "Answered in time",
    "resolution_rate": "Resolved",
    "on_time_resolution_rate": "Resolved in time",
    "reopen_rate": "Reopened",
    "rejected_rate": "Rejected",
    "service_satisfaction": "Satisfied with the service",
    "handling_satisfaction": "Satisfied with the handling",
    "negative_share": "Negative",
}


def from_json(client):
    whole = json.loads(client.get(f"/reports/C-001.json{ASKED}").data)
    measures = whole["measures"]
    (week,) = [each for each in whole["weeks"] if each["start"] == WEEK]
    return (
        {key: measures[key]["value"] for key in COUNTS}
        | {key: (measures[key]["numerator"], measures[key]["denominator"]) for key in SHARES}
        | {"week": (week["received"], week["cases"], week["on_time"]["numerator"], week["on_time"]["denominator"])}
    )


def from_csv(client):
    rows = list(csv.DictReader(io.StringIO(client.get(f"/reports/C-001.csv{ASKED}").data.decode("utf-8-sig"))))
    by_key = {row["key"]: row for row in rows if row["part"] == "measures"}
    (week,) = [row for row in rows if row["part"] == "weeks" and row["key"] == WEEK]
    return (
        {key: int(by_key[key]["value"]) for key in COUNTS}
        | {key: (int(by_key[key]["numerator"]), int(by_key[key]["denominator"])) for key in SHARES}
        | {"week": tuple(int(week[name]) for name in ("value", "n", "numerator", "denominator"))}
    )


def from_spreadsheet(client):
    book = load_workbook(io.BytesIO(client.get(f"/reports/C-001.xlsx{ASKED}").data))
    by_key = {row[1]: row for row in book["Measures"].iter_rows(values_only=True) if row[0] == "raw"}
    (week,) = [row for row in book["Weeks"].iter_rows(min_row=2, values_only=True) if row[0].date().isoformat() == WEEK]
    return (
        {key: by_key[key][3] for key in COUNTS}
        | {key: (by_key[key][4], by_key[key][5]) for key in SHARES}
        | {"week": (week[1], week[2], week[5], week[6])}
    )


def from_page(client):
    page = client.get(f"/reports/C-001{ASKED}").page
    stats = {}
    for stat in page.select(".app-stat"):
        name = stat.select_one(".app-stat__name").text
        stats[name] = (stat.select_one(".app-stat__value").text.strip(), stat.text)
    row = next(
        row
        for row in page.select("#chart-trend-caption ~ tbody tr")
        if row.select_one("th").text.strip() == "7 Sept 2026" or row.select_one("th").text.strip() == "7 Sep 2026"
    )
    cells = [cell.text.strip() for cell in row.select("td")]
    return (
        {key: int(stats[name][0]) for key, name in COUNTS.items()}
        | {key: basis(stats[name][1]) for key, name in SHARES.items()}
        | {"week": (int(cells[0]), int(cells[1]), *basis(cells[2]))}
    )


def from_pdf(client):
    pdf = PdfReader(io.BytesIO(client.get(f"/reports/C-001.pdf{ASKED}").data))
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))
    table = text.partition("All measures")[2].partition("What changed")[0]

    def after(name, pattern):
        found = re.search(rf"(?<![\w)]) ?{re.escape(name)} {pattern}", table)
        assert found, f"{name} in {table}"
        return found

    week = re.search(r"7 Sept? 2026 (\d+) (\d+) (?:[\d.]+ % \((\d+) of (\d+)\)|–)", text)
    assert week, text
    return (
        {key: int(after(name, r"(\d+)")[1]) for key, name in COUNTS.items()}
        | {key: basis(after(name, r"(?:[\d.]+ %|–) (\d+ of \d+)")[1]) for key, name in SHARES.items()}
        | {"week": tuple(map(int, week.groups()))}
    )


def basis(text):
    """The numbers of "8 of 12"."""
    found = re.search(r"(\d+) of (\d+)", text)
    assert found, text
    return int(found[1]), int(found[2])


def test_the_five_forms_of_a_week_say_the_same(client, september):
    client.sign_in(september.manager)
    said = from_json(client)

    assert said["received"] == 6
    assert said["week"] == (6, 6, 2, 6)
    for form in (from_csv, from_spreadsheet, from_page, from_pdf):
        assert form(client) == said, form.__name__
