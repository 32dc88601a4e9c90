"""A KPI that is new judges nothing that was over before it was agreed, by whatever way it comes in."""

import io
from datetime import date
from pathlib import Path

import pytest

from app.directory import actions, exporting
from app.directory.models import Contract, Kpi
from app.extensions import db
from app.kernel.errors import ImportRefused
from app.reports.models import IssuedFile, IssuedReport
from app.reports.report import build

SEPTEMBER = {"start": "2026-09-01", "end": "2026-09-30", "as_of": "2026-10-12T09:00:00+08:00"}
TODAY = "2026-11-02T09:00:00+08:00"
NEW = {
    "code": "K9",
    "measure": "reopen_rate",
    "title": "",
    "basis": "raw",
    "direction": "at_most",
    "target": "5",
    "approaching": "10",
    "inadequate": "20",
    "minimum_n": "1",
    "binds_from": "",
}
SHEET = "contract,code,from,measure,direction,target,approaching,inadequate\n"


@pytest.fixture
def now(at):
    with at(TODAY):
        yield


@pytest.fixture
def issued(client, september, now):
    """September is over, its report is issued, and it is November now."""
    client.sign_in(september.manager)
    address = client.post("/reports/C-001/issued", data=SEPTEMBER).location.partition("?")[0]
    for member, step, more in (
        (september.manager, "send", {}),
        (september.staff, "statement", {"statement": "We did what we could."}),
        (september.manager, "issue", {}),
    ):
        version = db.session.query(IssuedReport).one().version
        answer = client.sign_in(member).post(f"{address}/{step}", data={"version": version} | more)
        assert answer.status_code == 303
    client.sign_in(september.manager)
    return september


def kpis():
    db.session.expire_all()
    return {kpi.code: kpi.starts_on for kpi in db.session.query(Kpi).filter_by(code="K9")}


def judged(world, start, end):
    report = build(db.session.get(Contract, world.contract.id), start=start, end=end)
    return {rating.kpi.code: rating.is_for_information for rating in report.ratings}


def verified(app, tmp_path: Path):
    path = tmp_path / "report.json"
    path.write_bytes(db.session.query(IssuedFile).filter_by(kind="json").one().body)
    result = app.test_cli_runner().invoke(args=["report", "verify", str(path)])
    return result.exit_code, result.output


def by_form(client, _world, day):
    return client.post("/contracts/C-001/new-kpi", data=NEW | {"starts_on": day})


def by_sheet(client, _world, day):
    table = f"{SHEET}C-001,K9,{day},reopen_rate,at_most,5,10,20\n".encode()
    seen = client.post("/directory/sheets/kpis", data={"file": (io.BytesIO(table), "kpis.csv")})
    form = seen.page.select_one("main form")
    hidden = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    return client.post_parts(form["action"], hidden)


def by_file(_client, world, day):
    whole = exporting.directory_of(world.agency)
    kpi = {
        "code": "K9",
        "measure": "reopen_rate",
        "direction": "at_most",
        "target": 0.05,
        "approaching": 0.1,
        "inadequate": 0.2,
    }
    whole["contracts"][0]["kpis"].append(kpi | ({"from": day} if day else {}))
    try:
        actions.import_directory(whole)
    except ImportRefused:
        db.session.rollback()
    db.session.commit()


WAYS = pytest.mark.parametrize("add", [by_form, by_sheet, by_file])


@WAYS
@pytest.mark.parametrize("said", ["2026-11-02", ""])
def test_a_new_kpi_judges_nothing_that_was_over(app, client, issued, work, tmp_path, add, said):
    work()
    add(client, issued, said)

    assert kpis() == {"K9": date(2026, 11, 2)}
    assert judged(issued, date(2026, 9, 1), date(2026, 9, 30)) == {"K1": False}
    assert judged(issued, date(2026, 10, 1), date(2026, 10, 31)) == {"K1": False}
    assert judged(issued, date(2026, 11, 1), date(2026, 11, 30)) == {"K1": False, "K9": True}, "for information"
    assert judged(issued, date(2026, 12, 1), date(2026, 12, 31)) == {"K1": False, "K9": False}
    assert verified(app, tmp_path)[0] == 0, verified(app, tmp_path)[1]
    # What there is as a file or a sheet still changes nothing.
    assert not actions.preview(exporting.directory_of(issued.agency)).rows


@WAYS
@pytest.mark.parametrize("day", ["2026-11-01", "2026-10-15", "2026-09-30", "2026-01-01", "2025-12-31"])
def test_a_new_kpi_holds_from_no_day_that_is_over(client, issued, add, day):
    add(client, issued, day)

    assert kpis() == {}


def test_it_is_said_why_a_day_cannot_be(client, issued):
    refused = by_form(client, issued, "2026-10-15")
    assert refused.status_code == 422
    assert "Choose today or a later day: there is feedback about the contract" in refused.page.main.text
    assert refused.page.select_one("[name=starts_on]")["value"] == "2026-10-15"

    table = f"{SHEET}C-001,K9,2026-10-15,reopen_rate,at_most,5,10,20\n".encode()
    seen = client.post("/directory/sheets/kpis", data={"file": (io.BytesIO(table), "kpis.csv")})
    assert "is over, and there is feedback about the contract" in seen.page.main.text

    whole = exporting.directory_of(issued.agency)
    whole["contracts"][0]["kpis"].append({**whole["contracts"][0]["kpis"][0], "code": "K9", "from": "2026-10-15"})
    with pytest.raises(ImportRefused) as error:
        actions.import_directory(whole)
    assert str(error.value.problems[0]).startswith(
        "contracts[0].kpis[1].from: 2026-10-15 is over, and there is feedback about the contract"
    )


def test_the_page_proposes_today(client, issued):
    assert client.get("/contracts/C-001/new-kpi").page.select_one("[name=starts_on]")["value"] == "2026-11-02"


@WAYS
def test_a_contract_that_nothing_was_sent_about_may_have_a_kpi_from_its_first_day_on(client, riverside, now, add):
    client.sign_in(riverside.manager)

    add(client, riverside, "2026-01-01")

    assert kpis() == {"K9": None}
    assert judged(riverside, date(2026, 1, 1), date(2026, 1, 31)) == {"K1": False, "K9": False}


@pytest.mark.parametrize("add", [by_sheet, by_file])
def test_without_a_day_it_holds_from_the_first_day_on_where_nobody_was_measured(client, riverside, now, add):
    client.sign_in(riverside.manager)

    add(client, riverside, "")

    assert kpis() == {"K9": None}


@WAYS
def test_what_a_report_tells_of_is_judged_by_nothing_new(client, issued, add):
    # A report on the running month too: what it told of stays, up to its last day.
    report = db.session.query(IssuedReport).one()
    report.ends_on = date(2026, 11, 30)
    db.session.commit()

    add(client, issued, "2026-11-10")
    assert kpis() == {}
    add(client, issued, "2026-12-01")
    assert kpis() == {"K9": date(2026, 12, 1)}


def test_a_reported_period_gets_no_other_target_either(client, issued):
    report = db.session.query(IssuedReport).one()
    report.ends_on = date(2026, 11, 30)
    db.session.commit()
    target = {key: value for key, value in NEW.items() if key not in ("code", "measure", "title")}
    target |= {"direction": "at_least", "target": "90", "approaching": "80", "inadequate": "60"}

    refused = client.post("/contracts/C-001/kpis/K1", data=target | {"starts_on": "2026-11-10"})

    assert "Choose a day after 30 Nov 2026: a report tells of the days until then." in refused.page.main.text
    assert client.post("/contracts/C-001/kpis/K1", data=target | {"starts_on": "2026-12-01"}).status_code == 303


def test_the_page_of_a_contract_says_from_when_a_kpi_holds_and_shows_nothing_from_before(client, issued):
    by_form(client, issued, "2026-11-02")

    page = client.get("/contracts/C-001").page
    (row,) = [row for row in page.select("#kpis-caption ~ tbody tr") if "K9" in row.text]
    assert "for information" in row.text
    assert "No figures yet." in row.text, "quarters that were over are not judged"
    (terms,) = [row for row in page.select("#cut-offs-caption ~ tbody tr") if "K9" in row.text]
    assert "2 Nov 2026" in terms.text

    by_form(client, issued, "2027-03-01")
    assert (
        client.post("/contracts/C-001/new-kpi", data=NEW | {"code": "K10", "starts_on": "2027-03-01"}).status_code
        == 303
    )
    page = client.get("/contracts/C-001").page
    assert "K10" not in page.select_one("#kpis-caption ~ tbody").text
    assert "1 Mar 2027" in page.select_one("#cut-offs-caption ~ tbody").text


def test_later_versions_of_a_kpi_come_after_its_first_day(client, issued):
    by_form(client, issued, "2026-12-01")
    table = b"contract,code,from,target\nC-001,K9,2026-11-15,4\nC-001,K9,2026-12-01,4\nC-001,K9,2027-01-01,3\n"

    seen = client.post("/directory/sheets/kpis", data={"file": (io.BytesIO(table), "kpis.csv")})

    rows = [" ".join(row.text.split()) for row in seen.page.select("tbody tr")]
    assert "is before the first day of the KPI" in rows[0]
    # What has not begun yet may begin otherwise.
    assert "5 %" in rows[1] or "5%" in rows[1]
    page = client.post("/contracts/C-001/kpis/K9", data=NEW | {"starts_on": "2026-11-15"})
    assert "from 1 Dec 2026 to 31 Dec 2027" in page.page.main.text


def test_what_a_small_contract_is_judged_by_is_for_information_until_twelve_months_are_its_own(client, issued):
    issued.contract.is_small = True
    by_form(client, issued, "2026-11-02")
    contract = db.session.get(Contract, issued.contract.id)
    contract.is_small = True
    db.session.commit()

    assert judged(issued, date(2026, 11, 1), date(2026, 11, 30)) == {"K1": False, "K9": True}


def test_what_is_for_information_is_no_missed_target(client, issued):
    by_form(client, issued, "2026-11-02")

    page = client.get("/reports/C-001?start=2026-09-01&end=2026-12-31").page
    (row,) = [row for row in page.select("#kpis-caption ~ tbody tr") if "K9" in row.text]

    assert "for information" in row.text
    assert "K9" not in page.select_one("#all-right ~ p").text
