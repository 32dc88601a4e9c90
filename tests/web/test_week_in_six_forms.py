"""The sums of a week, read from page, PDF (by pdftotext), spreadsheet, CSV, JSON and the Monday email: they agree."""

import csv
import io
import json
import re
import subprocess
from datetime import datetime

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook

from app.digest import actions as digests
from app.extensions import db
from tests.web.conftest import take_in

# The letter about 7 to 13 September goes on Monday the 14th at eight; the others are asked as of that moment.
MONDAY = "2026-09-14T08:00:00+08:00"
ASKED = "?start=2026-09-07&end=2026-09-13&as_of=2026-09-14T08:00:00%2B08:00"
SUMS = {"received": 20, "cases": 16, "on_time": (9, 16), "overdue": 9}


@pytest.fixture
def week(riverside, tmp_path):
    """Two contracts, whose limits all fell in the week: sixteen complaints, nine answered in time, two late."""
    rows, events = [], []
    for n, (contract, site) in enumerate([("C-001", "RS-001")] * 9 + [("C-002", "RS-003")] * 7):
        day = f"2026-09-{7 + n % 3:02d}"
        rows.append(f"W{n},{contract},{site},complaint,1,2,It was late.,en,web,{day}T09:00:00+08:00")
        if n % 16 < 9:
            events.append(f"W{n},{day}T16:00:00+08:00,replied,agency,We are sorry.,")
        elif n < 11:
            events.append(f"W{n},2026-09-12T16:00:00+08:00,replied,agency,We are sorry.,")
    rows += [f"R{n},C-001,RS-002,rating,,5,,en,qr,2026-09-10T09:00:00+08:00" for n in range(4)]
    take_in(riverside, tmp_path, rows, events)
    subscription = digests.subscribe(riverside.manager.id, riverside.agency.id)
    subscription.since = datetime.fromisoformat("2026-09-01T00:00:00+08:00")
    db.session.commit()
    return riverside


def from_page(client):
    page = client.get(f"/reports{ASKED}").page
    stats = {each.select_one(".app-stat__name").text: each for each in page.select(".app-stat")}

    def value(name):
        return int(stats[name].select_one(".app-stat__value").text)

    return {
        "received": value("Feedback received"),
        "cases": value("Cases"),
        "on_time": pair(stats["Answered in time"].text),
        "overdue": value("Overdue cases"),
    }


def from_pdf(client):
    body = client.get(f"/reports.pdf{ASKED}").data
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=body, capture_output=True, check=True)
    text = re.sub(r"\s+", " ", done.stdout.decode())
    sums = text.partition("All measures")[2]

    def after(name):
        found = re.search(rf"{name} (\d+)", sums)
        assert found, sums
        return int(found[1])

    return {
        "received": after("Feedback received"),
        "cases": after("Cases"),
        "on_time": pair(sums.partition("Answered in time")[2]),
        "overdue": after("Overdue cases"),
    }


def from_spreadsheet(client):
    book = load_workbook(io.BytesIO(client.get(f"/reports.xlsx{ASKED}").data))
    rows = {row[0]: row for row in book["All together"].iter_rows(values_only=True)}
    return {key: rows[key][2] for key in ("received", "cases", "overdue")} | {
        "on_time": rows["on_time_response_rate"][3:5]
    }


def from_csv(client):
    rows = list(csv.DictReader(io.StringIO(client.get(f"/reports.csv{ASKED}").data.decode("utf-8-sig"))))
    by_key = {row["key"]: row for row in rows if row["part"] == "measures"}
    on_time = by_key["on_time_response_rate"]
    return {key: int(by_key[key]["value"]) for key in ("received", "cases", "overdue")} | {
        "on_time": (int(on_time["numerator"]), int(on_time["denominator"]))
    }


def from_json(client):
    measures = json.loads(client.get(f"/reports.json{ASKED}").data)["measures"]
    on_time = measures["on_time_response_rate"]
    return {key: measures[key]["value"] for key in ("received", "cases", "overdue")} | {
        "on_time": (on_time["numerator"], on_time["denominator"])
    }


def from_letter(text):
    """The sum that the letter says, which must be that of its lines too."""
    said = " ".join(text.split())

    def sums(part):
        return {
            "received": total(r"(\d+) pieces? of feedback came in", part),
            "cases": total(r"came in: (\d+) complaints?", part),
            "on_time": (total(r"(\d+) of \d+ answered in time", part), total(r"\d+ of (\d+) answered in time", part)),
            "overdue": total(r"(\d+) open cases? (?:is|are) overdue", part),
        }

    lines, _, together = said.partition("What was due this week")[2].partition("All together")
    assert sums(lines) == sums(together)
    return sums(together)


def total(pattern, text):
    return sum(int(found) for found in re.findall(pattern, text))


def pair(text):
    """The numbers of the first "8 of 12"."""
    found = re.search(r"(\d+) of (\d+)", text)
    assert found, text
    return int(found[1]), int(found[2])


def test_the_sums_of_a_week_are_the_same_in_six_forms(client, week, work, mail_box, at):
    client.sign_in(week.manager)
    for form in (from_page, from_pdf, from_spreadsheet, from_csv, from_json):
        assert form(client) == SUMS, form.__name__

    with at(MONDAY):
        digests.promise_due(datetime.fromisoformat(MONDAY))
        work()
    (letter,) = [each for each in mail_box() if "Riverside" in each["Subject"]]
    assert from_letter(letter.get_body(("plain",)).get_content()) == SUMS
    html = BeautifulSoup(letter.get_body(("html",)).get_content(), "html.parser")
    assert from_letter(html.get_text(" ")) == SUMS


def test_the_sums_are_those_of_the_single_reports(client, week):
    client.sign_in(week.manager)
    found = [
        json.loads(client.get(f"/reports/{reference}.json{ASKED}").data)["measures"] for reference in ("C-001", "C-002")
    ]
    assert {
        **{key: sum(each[key]["value"] for each in found) for key in ("received", "cases", "overdue")},
        "on_time": tuple(
            sum(each["on_time_response_rate"][name] for each in found) for name in ("numerator", "denominator")
        ),
    } == SUMS
