"""The report of a provider and of an agency: each contract in a line, sums of cases, never an average of shares."""

import csv
import io
import json
import re

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from app.directory.models import Agency, Contract, Kpi
from app.extensions import db
from app.kernel.words import Role
from app.reports.models import ChartPicture
from app.reports.overview import gather_overview
from tests import factories
from tests.browser_client import count_statements
from tests.integration.test_digest_wishes import fewer_in_time
from tests.web.conftest import take_in

PERIOD = "?start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"


@pytest.fixture
def town(september, tmp_path):
    """Beside the September of C-001 that of C-002, of another provider: forty complaints, all but one in time."""
    (tmp_path / "second").mkdir()
    rows, events = [], []
    for n in range(40):
        day = f"2026-09-{n % 20 + 1:02d}"
        rows.append(f"H{n},C-002,RS-003,complaint,1,4,The carer came and was kind.,en,phone,{day}T09:00:00+08:00")
        if n:
            events.append(f"H{n},{day}T10:00:00+08:00,replied,agency,Thank you.,")
    take_in(september, tmp_path / "second", rows, events)
    return september


def whole(client, more=""):
    return json.loads(client.get(f"/reports.json{PERIOD}{more}").data)


def test_the_database_is_asked_no_more_often_where_contracts_have_more_kpis(client, town):
    client.sign_in(town.manager)

    def asked():
        return len(count_statements(db.engine, lambda: whole(client)))

    asked()
    before = asked()
    for contract in db.session.scalars(select(Contract)):
        first = contract.kpis[0]
        for number in range(3):
            terms = {name: getattr(first, name) for name in ("measure", "basis", "direction", "minimum_n")}
            cut_offs = {name: getattr(first, name) for name in ("target", "approaching", "inadequate")}
            db.session.add(
                Kpi(agency_id=contract.agency_id, contract_id=contract.id, code=f"X{number}", **terms, **cut_offs)
            )
    db.session.commit()
    db.session.expire_all()

    assert len(whole(client)["contracts"][0]["kpis"]) >= 4
    assert asked() == before


def test_cases_are_added_up_and_shares_are_not_averaged(client, town):
    made = whole(client.sign_in(town.manager))

    on_time = made["measures"]["on_time_response_rate"]
    assert (on_time["numerator"], on_time["denominator"]) == (8 + 39, 12 + 40)
    assert on_time["value"] == pytest.approx(47 / 52)
    assert made["measures"]["received"] == {"value": 15 + 40}
    assert made["channels"] == {"web": 12, "phone": 40, "qr": 3}


def test_each_contract_says_what_its_own_report_says(client, town):
    client.sign_in(town.manager)
    made = whole(client)

    assert made["scope"] == {"agency": "riverside"}
    assert [each["contract"] for each in made["contracts"]] == ["C-001", "C-002"]
    for line in made["contracts"]:
        own = json.loads(client.get(f"/reports/{line['contract']}.json{PERIOD}").data)
        assert line["measures"] == {key: own["measures"][key] for key in line["measures"]}
        assert line["validated"]["on_time_response_rate"] == own["validated"]["measures"]["on_time_response_rate"]
        assert [each["rating"] for each in line["kpis"]] == [each["rating"] for each in own["kpis"]]
        assert line["grave"] == len(own["grave"])


def test_weeks_are_the_sums_of_the_weeks_of_each(client, town):
    client.sign_in(town.manager)
    made = whole(client)

    summed: dict[str, list[int]] = {}
    for reference in ("C-001", "C-002"):
        for week in json.loads(client.get(f"/reports/{reference}.json{PERIOD}").data)["weeks"]:
            counts = summed.setdefault(week["start"], [0, 0, 0, 0])
            on_time = week["on_time"]
            for nth, n in enumerate((week["received"], week["cases"], on_time["numerator"], on_time["denominator"])):
                counts[nth] += n
    assert {
        week["start"]: [week["received"], week["cases"], week["on_time"]["numerator"], week["on_time"]["denominator"]]
        for week in made["weeks"]
    } == summed


def test_the_page_says_of_each_its_rate_interval_n_rating_and_what_changed_and_links_to_it(client, town):
    page = client.sign_in(town.manager).get(f"/reports{PERIOD}").page

    rows = {row.select_one("th a").text.split()[0]: row for row in page.select("#contracts-caption ~ tbody tr")}
    said = " ".join(rows["C-001"].text.split())
    judged = ("K1: Requires improvement, too close to call", "Target missed")
    for part in ("66.7 %", "8 of 12", "39.1 % to 86.2 %", *judged):
        assert part in said
    assert "/reports/C-001?" in rows["C-001"].select_one("th a")["href"]
    assert "start=2026-09-01" in rows["C-001"].select_one("th a")["href"]
    assert "No rank" in page.text
    # The questions of a reader, in their order.
    headings = [each["id"] for each in page.select("main h2[id]")]
    assert headings == ["all-right", "changed", "why", "which", "issued"]


def test_what_misses_its_target_beyond_doubt_stands_first_and_all_others_by_reference(client, town, tmp_path):
    (kpi,) = town.contract.kpis
    kpi.target, kpi.approaching, kpi.inadequate = 0.5, 0.4, 0.3
    db.session.commit()
    (tmp_path / "third").mkdir()
    rows = [
        f"L{n},C-002,RS-003,complaint,1,1,Nobody came.,en,web,2026-09-{n % 20 + 1:02d}T11:00:00+08:00"
        for n in range(60)
    ]
    take_in(town, tmp_path / "third", rows, [])
    client.sign_in(town.manager)

    assert [each["contract"] for each in whole(client)["contracts"]] == ["C-002", "C-001"]
    assert "Missed beyond doubt: C-002 (K1)." in client.get(f"/reports{PERIOD}").page.text


def test_every_number_opens_as_many_as_it_says(client, town):
    page = client.sign_in(town.manager).get(f"/reports{PERIOD}").page

    checked = 0
    for link in page.select("main a[href*='/cases?']"):
        said = re.fullmatch(
            r"(?:Overdue: |Contested[^:]*: |Disputed[^:]*: |Unhappy[^:]*: )?(\d+)(?: open| overdue| grave)?", link.text
        )
        if said is None:
            continue
        behind = client.get(link["href"]).page
        caption = behind.select_one("caption")
        found = int(caption.text.split()[0]) if caption else 0
        assert found == int(said[1]), link
        checked += 1
    assert checked > 10


def test_the_five_forms_say_the_same(client, town):
    client.sign_in(town.manager)
    made = whole(client)
    expected = {
        each["contract"]: (
            each["measures"]["on_time_response_rate"]["numerator"],
            each["measures"]["on_time_response_rate"]["denominator"],
        )
        for each in made["contracts"]
    }
    summed = (47, 52)

    rows = list(csv.DictReader(io.StringIO(client.get(f"/reports.csv{PERIOD}").data.decode("utf-8-sig"))))
    by_key = {(row["part"], row["key"]): (row["numerator"], row["denominator"]) for row in rows}
    assert by_key["measures", "on_time_response_rate"] == tuple(map(str, summed))
    for reference, counts in expected.items():
        assert by_key["contracts", f"{reference} on_time_response_rate"] == tuple(map(str, counts))

    book = load_workbook(io.BytesIO(client.get(f"/reports.xlsx{PERIOD}").data))
    head, *lines = book["Contracts"].iter_rows(values_only=True)
    at = head.index("Answered in time: Numerator")
    assert {line[0]: line[at : at + 2] for line in lines} == expected
    sums = {row[0]: row for row in book["All together"].iter_rows(values_only=True)}
    assert sums["on_time_response_rate"][3:5] == summed
    assert book["Cases"].max_row == 1 + 52

    pdf = PdfReader(io.BytesIO(client.get(f"/reports.pdf{PERIOD}").data))
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))
    assert re.search(r"Answered in time 90\.4 % 47 of 52", text), text
    for reference, (n, of) in expected.items():
        assert re.search(rf"{reference} [^%]*% \({n} of {of}\)", text), reference

    page = client.get(f"/reports{PERIOD}").page
    assert "47 of 52" in page.text
    assert "8 of 12" in page.text


def test_a_provider_is_told_by_its_contracts_alone(client, town):
    client.sign_in(town.manager)
    made = whole(client, "&provider=sunrise")

    assert made["scope"] == {"agency": "riverside", "provider": "sunrise"}
    assert [each["contract"] for each in made["contracts"]] == ["C-002"]
    assert made["measures"]["received"] == {"value": 40}
    page = client.get(f"/reports{PERIOD}&provider=sunrise").page
    assert page.h1.text == "Report: Sunrise Care"
    assert client.get(f"/reports{PERIOD}&provider=brightside").status_code == 404


def test_the_own_side_of_a_provider_sees_its_own_and_no_other(client, town, hillside):
    client.sign_in(town.staff)
    made = whole(client)

    assert made["scope"] == {"agency": "riverside", "provider": "clearway"}
    assert [each["contract"] for each in made["contracts"]] == ["C-001"]
    assert made["grave"] == []
    for address in ("&provider=sunrise", "&agency=hillside"):
        assert client.get(f"/reports.json{PERIOD}{address}").status_code == 404
        assert client.get(f"/reports/-/cases{PERIOD}&of=received{address}").status_code == 404
    listed = client.get(f"/reports/-/cases{PERIOD}&of=cases").page
    assert "12 more were never given to you" in " ".join(listed.text.split())


def test_a_provider_with_several_agencies_reads_about_one_and_finds_the_others(client, town, hillside):
    factories.contract(hillside.agency, town.provider, "H-009", "Bins", [hillside.site])
    db.session.commit()
    page = client.sign_in(town.staff).get("/reports?agency=riverside").page

    (other,) = [
        a for a in page.select("main a") if "agency=hillside" in a["href"] and a.text == "Hillside Public Services"
    ]
    assert "H-009" in client.get(other["href"]).page.text


def test_another_agency_finds_nothing_there(client, town, charlie):
    client.sign_in(charlie)
    assert client.get("/reports?agency=riverside").status_code == 404
    assert client.get("/reports.json?provider=clearway").status_code == 404
    assert "C-001" not in whole(client)["contracts"]


def test_charts_are_drawn_by_the_worker_for_those_who_may_see_them(client, town, work, charlie):
    page = client.sign_in(town.manager).get(f"/reports{PERIOD}").page
    form = page.select_one("form[data-draw-charts]")
    client.post(form["action"], data={each["name"]: each["value"] for each in form.select("input")})
    work()

    page = client.get(f"/reports{PERIOD}").page
    pictures = page.select("img.app-chart__picture")
    assert len(pictures) == 3
    for picture in pictures:
        assert client.get(picture["src"]).mimetype == "image/svg+xml"
        assert picture["alt"]
    assert db.session.scalars(select(ChartPicture.contract_id).distinct()).all() == [None]
    client.sign_in(charlie)
    assert client.get(pictures[0]["src"]).status_code == 404
    client.sign_in(town.staff)
    assert client.get(pictures[0]["src"]).status_code in (202, 404)


def test_it_says_which_report_was_issued_about_the_same_days(client, town):
    contract = db.session.scalars(select(Contract).where(Contract.reference == "C-001")).one()
    made = gather_overview(town.agency, [contract], start=town.contract.starts_on, end=town.contract.ends_on)
    assert made.report.lines[0].issued is None


def test_without_a_contract_there_is_nothing_to_tell(client, app):
    agency = Agency(slug="empty", name="Empty", timezone="UTC", calendar=factories.OFFICE_HOURS, languages=["en"])
    db.session.add(agency)
    db.session.flush()
    person = factories.member("viewer@empty.example", Role.VIEWER, agency=agency)
    db.session.commit()

    assert "No contracts yet" in client.sign_in(person).get("/reports").page.text
    assert client.get("/reports.json").status_code == 404


def test_the_command_writes_it_too(app, town, tmp_path):
    runner = app.test_cli_runner()
    asked = ["report", "--agency", "riverside", "--start", "2026-09-01", "--end", "2026-09-30"]

    done = runner.invoke(args=[*asked, "--provider", "sunrise"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["scope"] == {"agency": "riverside", "provider": "sunrise"}
    for kind in ("csv", "html"):
        assert runner.invoke(args=[*asked, "--format", kind]).exit_code == 0
    for kind in ("xlsx", "pdf"):
        file = tmp_path / f"overview.{kind}"
        assert runner.invoke(args=[*asked, "--format", kind, "--out", str(file)]).exit_code == 0
        assert file.stat().st_size > 4000
    assert "has no contract" in runner.invoke(args=[*asked, "--provider", "oakcare"]).output


def test_it_is_read_in_chinese_too(client, town):
    page = client.sign_in(town.manager).get(f"/reports{PERIOD}&lang=zh").page
    assert page.html["lang"] == "zh-Hans"


def test_where_a_contracts_own_report_finds_no_clear_change_it_is_said_why(client, riverside):
    fewer_in_time(riverside)
    client.sign_in(riverside.manager)
    asked = "?start=2026-11-02&end=2026-11-08&as_of=2026-11-09T08:00:00%2B08:00"

    said = " ".join(client.get(f"/reports{asked}").page.text.split())
    why = (
        "unlikely to be chance. Here 6 comparisons are made together; the contract's own report makes 7 and finds no "
        "clear change."
    )
    assert f"C-001 Street cleaning 2026, Answered in time: fell from 90 % to 55 % of 20; {why}" in said
    # All together have no other report.
    assert said.count("comparisons") == 1
    assert "No clear change against the period before." in client.get(f"/reports/C-001{asked}").page.text
    assert (
        len([each for each in json.loads(client.get(f"/reports/C-001.json{asked}").data)["changes"] if each["p"]]) == 7
    )
