"""A manager opens the report of a contract: page, JSON and CSV say the same."""

import csv
import io
import json
from datetime import timedelta

import pytest

from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock

PERIOD = "?start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"


def test_the_page_says_how_much_each_number_rests_on(client, september):
    page = client.sign_in(september.manager).get(f"/reports/C-001{PERIOD}").page

    text = " ".join(page.text.split())
    assert "8 of 12 cases were answered in time" in text
    assert "8 of 12" in text
    assert "likely between" in text
    assert "Requires improvement" in text
    assert "too close to call" in text


def test_page_json_and_csv_agree(client, september):
    client.sign_in(september.manager)
    whole = json.loads(client.get(f"/reports/C-001.json{PERIOD}").data)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/reports/C-001.csv{PERIOD}").data.decode("utf-8-sig"))))

    assert whole["measures"]["received"] == {"value": 15}
    assert whole["measures"]["on_time_response_rate"]["value"] == pytest.approx(8 / 12)
    assert whole["scope"] == {"agency": "riverside", "contract": "C-001"}
    assert whole["as_of"] == "2026-10-12T09:00:00+08:00"
    assert whole["kpis"][0]["rating"] == "Requires improvement"
    by_key = {row["key"]: row for row in rows if row["part"] == "measures"}
    assert float(by_key["on_time_response_rate"]["value"]) == pytest.approx(8 / 12)
    assert by_key["received"]["value"] == "15"


def test_it_is_read_in_chinese_too(client, september):
    page = client.sign_in(september.manager).get(f"/reports/C-001{PERIOD}&lang=zh").page

    assert page.html["lang"] == "zh-Hans"
    assert "按时答复" in page.text


def test_a_wrong_period_is_said_and_kept(client, september):
    response = client.sign_in(september.manager).get("/reports/C-001?start=2026-09-30&end=2026-09-01")

    assert response.status_code == 422
    assert "The last day must not be before the first." in response.page.text
    assert response.page.select_one("#start")["value"] == "2026-09-30"
    assert client.get("/reports/C-001.json?start=never").status_code == 400


def test_an_empty_period_says_so(client, riverside):
    assert "No feedback in this period." in client.sign_in(riverside.viewer).get("/reports/C-001").page.text


def test_staff_of_the_provider_read_their_own_report_and_no_other(client, september):
    client.sign_in(september.staff)

    assert client.get("/reports/C-001").status_code == 200
    assert client.get("/reports/C-002").status_code == 404


def test_another_agency_finds_nothing_there(client, september, charlie):
    assert client.sign_in(charlie).get("/reports/C-009").status_code == 404
    assert "RS-001" not in client.get("/reports/C-001").text


def test_what_came_after_the_moment_does_not_exist(client, september):
    client.sign_in(september.manager)
    early = json.loads(
        client.get("/reports/C-001.json?start=2026-09-01&end=2026-09-30&as_of=2026-09-05T00:00:00%2B08:00").data
    )

    assert early["measures"]["received"] == {"value": 4}
    assert db.session.query(Feedback).count() == 15
    assert clock.now() - db.session.query(Feedback).first().submitted_at > timedelta(0)


def test_periods_that_are_often_asked_for_are_links(client, september, at):
    with at("2027-02-10T09:00:00+08:00"):
        page = client.sign_in(september.viewer).get("/reports/C-001").page
        links = {each.text: each["href"] for each in page.select("form details a")}
        assert list(links) == [
            "Last week",
            "Last month",
            "This quarter",
            "Last quarter",
            "This year of the contract",
            "The year of the contract before",
        ]
        year = client.get(links["The year of the contract before"]).page
    assert "1 Jan 2026" in year.text
    assert "31 Dec 2026" in year.text


def test_each_clause_is_judged_by_the_kpis_about_cases(client, september):
    client.sign_in(september.manager)
    whole = json.loads(client.get(f"/reports/C-001.json{PERIOD}").data)

    (clause,) = whole["clause_kpis"]  # nothing was said about the other
    assert (clause["code"], [kpi["code"] for kpi in clause["kpis"]]) == ("1", ["K1"])
    assert (clause["kpis"][0]["numerator"], clause["kpis"][0]["denominator"]) == (8, 12)
    page = client.get(f"/reports/C-001{PERIOD}").page
    cells = [cell.text for cell in page.select("#chart-clauses-caption ~ tbody tr > *")]
    assert cells == ["1 On time", "Requires improvement: 66.7 % (8 of 12)"]
    assert "Clauses that miss a target beyond doubt: 1 (K1)." in page.text
    rows = list(csv.DictReader(io.StringIO(client.get(f"/reports/C-001.csv{PERIOD}").data.decode("utf-8-sig"))))
    (row,) = [row for row in rows if row["part"] == "clause_kpis"]
    assert (row["key"], row["numerator"], row["denominator"]) == ("1 K1", "8", "12")
