"""A manager sets up by sheets: a look at what each row does, good rows in, bad rows back with the reason."""

import io
from datetime import date

import openpyxl
import pytest
from werkzeug.datastructures import FileStorage

from app.directory import sheets
from app.directory.models import Clause, ClauseTarget, Contract, ContractSite, Kpi, KpiTarget, Provider, Site
from app.directory.sheets import Sheet
from app.extensions import db
from app.web.sheets import Line
from tests.web.cases_story import sent

TABLES = (Provider, Contract, Clause, ClauseTarget, Kpi, KpiTarget, Site, ContractSite)
SITES = """code,name,area,latitude,longitude
PK-1,Elm Park,East,31.2,121.4
RS-001,The old market,,,
HS-001,Not ours,,,
PK-2,,East,,
RS-002,Place RS-002,,,
PK-3,Ash Park,East,91,
"""


@pytest.fixture
def manager(app, riverside):
    return app.test_client().sign_in(riverside.manager)


def counted():
    db.session.rollback()
    return [db.session.query(table).count() for table in TABLES]


def send(client, sheet, table, name="sheet.csv"):
    raw = table if isinstance(table, bytes) else table.encode()
    return client.post(f"/directory/sheets/{sheet}", data={"file": (io.BytesIO(raw), name)})


def fields(form):
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]")}


def confirm(client, seen):
    """Press the button below the rows: take the good ones in or, afterwards, get the others as a file."""
    form = seen.page.select_one("main form")
    return client.post_parts(form["action"], fields(form))


def take_in(client, sheet, table, name="sheet.csv"):
    return confirm(client, send(client, sheet, table, name))


def rows(page):
    return [[" ".join(cell.text.split()) for cell in row.select("th, td")] for row in page.select("tbody tr")]


def test_good_rows_go_in_and_the_others_come_back_with_the_reason(manager, riverside, hillside):
    before = counted()
    seen = send(manager, "sites", SITES)

    said = {row[0]: row for row in rows(seen.page)}
    assert said["2"][1:3] == ["PK-1", "New"]
    assert "Area: East" in said["2"][3]
    assert said["3"][1:] == ["RS-001", "Changed", "Name: Place RS-001 → The old market"]
    assert said["4"][2:] == ["Not taken in", "code is a site of another agency"]
    assert said["5"][2:] == ["Not taken in", "name is empty"]
    assert said["6"][2] == "As it was"
    assert said["7"][3] == "latitude must be from -90 to 90 degrees, and is 91"
    assert "New: 1. Changed: 1. As they were: 1. Not taken in: 3." in " ".join(seen.page.main.text.split())
    assert counted() == before

    done = confirm(manager, seen)
    assert "2 rows were taken in." in done.page.main.text
    assert [row[0] for row in rows(done.page)] == ["4", "5", "7"]
    assert db.session.query(Site).filter_by(code="PK-1").one().area == "East"
    assert db.session.query(Site).filter_by(code_key="hs-001").one().agency_id == hillside.agency.id

    back = confirm(manager, done)
    assert back.headers["Content-Disposition"] == 'attachment; filename="sites-refused.xlsx"'
    sheet = [list(row) for row in openpyxl.load_workbook(io.BytesIO(back.data)).active.iter_rows(values_only=True)]
    assert sheet[0] == ["code", "name", "area", "latitude", "longitude", "reason"]
    assert sheet[2] == ["PK-2", None, "East", None, None, "name is empty"]
    # Mended, it is sent as it came.
    mended = openpyxl.load_workbook(io.BytesIO(back.data))
    mended.active["B3"] = "Oak Park"
    file = io.BytesIO()
    mended.save(file)
    assert [row[2] for row in rows(send(manager, "sites", file.getvalue(), "x.xlsx").page)].count("New") == 1


def test_what_is_not_as_it_was_seen_is_shown_again(manager, riverside):
    seen = send(manager, "sites", "code,name\nRS-001,The old market\n")
    riverside.site.name = "Somebody was faster"
    db.session.commit()

    shown = confirm(manager, seen)

    assert "Somebody was faster" in shown.page.main.text
    assert db.session.query(Site).filter_by(code="RS-001").one().name == "Somebody was faster"


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_templates_make_a_service(manager, riverside, form):
    for sheet in Sheet:
        file = manager.get(f"/directory/sheets/{sheet}/template.{form}")
        assert take_in(manager, sheet, file.data, f"x.{form}").status_code == 303, sheet

    contract = db.session.query(Contract).filter_by(reference="C-2027-04").one()
    assert (contract.provider.slug, contract.value, contract.reply_days) == ("greenleaf", 120000, 5)
    assert [(each.code, sorted(each.aspects)) for each in contract.clauses] == [("4.2", ["access", "safety"])]
    assert (contract.kpis[0].target, contract.kpis[0].binds_from) == (0.9, date(2027, 4, 1))
    assert [placing.site.code for placing in contract.placings] == ["PK-001"]


def test_a_template_says_what_its_columns_mean(manager):
    book = openpyxl.load_workbook(io.BytesIO(manager.get("/directory/sheets/kpis/template.xlsx?lang=zh").data))

    assert len(book.worksheets) == 2
    assert len(list(book.worksheets[0].iter_rows())) == 2
    columns = [row[0] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)]
    assert columns[:3] == ["contract", "code", "from"]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_there_is_comes_back_and_changes_nothing(manager, riverside, form):
    contract, site = riverside.contract, riverside.site
    contract.title = {"zh": "街道清洁", "en": "=Streets"}
    contract.value, contract.currency, contract.is_small = 120000.5, "CNY", True
    site.name, site.area = {"zh": "旧市场", "en": "-Old market"}, {"en": "East", "es": "Este"}
    site.latitude, site.longitude = -31.230416, 121.473701
    riverside.other_site.address = None
    clause, kpi = contract.clauses[0], contract.kpis[0]
    later = {"starts_on": date(2027, 1, 1), "agency_id": riverside.agency.id}
    db.session.add(ClauseTarget(clause_id=clause.id, respond_within_hours=7.5, resolve_within_hours=30, **later))
    target = {"direction": kpi.direction, "target": 0.955, "approaching": 0.8, "inadequate": 0.1}
    db.session.add(
        KpiTarget(kpi_id=kpi.id, basis="validated", minimum_n=3, binds_from=date(2027, 2, 1), **later, **target)
    )
    contract.placings[0].ends_on = date(2026, 6, 30)
    db.session.add(
        ContractSite(
            agency_id=riverside.agency.id, contract_id=contract.id, site_id=site.id, starts_on=date(2026, 8, 1)
        )
    )
    db.session.commit()

    for sheet in Sheet:
        file = manager.get(f"/directory/sheets/{sheet}/all.{form}").data
        seen = send(manager, sheet, file, f"x.{form}")
        assert {row[2] for row in rows(seen.page)} == {"As it was"}, (sheet, rows(seen.page))
        assert not any(button.text == "Make these changes" for button in seen.page.select("button"))


WRONG = {
    "contracts": [
        ("reference=C 9", "reference must have no spaces"),
        ("reference=N|title=N|service=S|provider=clearway|starts_on=2026-01-01", "ends_on is empty"),
        ("reference=C-001|ends_on=2025-12-31", "ends_on is before the first day"),
        ("reference=C-001|starts_on=31.12.2025", "starts_on must be a date"),
        ("reference=C-001|provider=newcomer", "provider_name is empty, and the provider is new here"),
        ("reference=C-001|provider=clearway|provider_name=Clearaway", "does not change providers"),
        ("reference=C-001|provider=sunrise", "provider is another than delivered on days that are over"),
        ("reference=C-001|reply_days=0", "reply_days must be a whole number from 1 to 60"),
        ("reference=C-001|currency=£", "currency must be a currency"),
        ("reference=C-001|title=A|title_en=B", "title must be empty where a language"),
    ],
    "clauses": [
        ("contract=C-9|code=1", "contract is no contract of the agency"),
        ("contract=C-001|code=1|respond_within_hours=0", "respond_within_hours must be a number"),
        ("contract=C-001|code=1|respond_within_hours=8", "respond_within_hours was agreed for days that are over"),
        ("contract=C-001|code=1|respond_within_hours=41", "respond_within_hours is longer than resolve_within_hours"),
        ("contract=C-001|code=1|from=2027-01-01|resolve_within_hours=8", "is longer than resolve_within_hours"),
        ("contract=C-001|code=1|aspects=weather", "aspects must be some of"),
        ("contract=C-001|code=9|from=2027-01-01", "code is no clause yet"),
        ("contract=C-001|code=1|from=2027-01-01|title=Other", "title changes with no day"),
        ("contract=C-001|code=1|from=2026-01-15|resolve_within_hours=80", "from is over; terms change from today on"),
        ("contract=C-001|code=1|from=2031-01-01|resolve_within_hours=80", "from is no day of the contract"),
    ],
    "kpis": [
        ("contract=C-001|code=K1|approaching=95", "approaching must be easier to meet than target"),
        ("contract=C-001|code=K1|from=2027-01-01|inadequate=85", "inadequate must be easier to meet"),
        ("contract=C-001|code=K1|direction=at_most", "direction must be at_least for this measure"),
        (
            "contract=C-001|code=K9|measure=reopen_rate|direction=at_least|target=9|approaching=8|inadequate=7",
            "direction must be at_most for this measure",
        ),
        ("contract=C-001|code=K9|measure=entered", "title is empty"),
        ("contract=C-001|code=K1|title=Bins", "title is only for what people enter"),
        ("contract=C-001|code=K1|from=2026-01-15|target=95", "from is over; terms change from today on"),
        ("contract=C-001|code=K1|from=2031-01-01|target=95", "from is no day of the contract"),
        ("contract=C-001|code=K1|binds_from=2027-01-01", "binds_from was agreed for days that are over and stays"),
        ("contract=C-001|code=K1|target=95", "target was agreed for days that are over and stays; say the change in a"),
        ("contract=C-001|code=K1|measure=response_rate", "measure was agreed for days that are over and stays; add"),
        ("contract=C-001|code=K1|from=2027-01-01|binds_from=2020-01-01", "binds_from is no day of the contract"),
        ("contract=C-001|code=K1|target=101", "target must be a number from 0 to 100"),
    ],
    "served": [
        ("contract=C-001|site=RS-001|from=2026-05-01", "from meets days on which the contract serves"),
        ("contract=C-001|site=RS-003|from=2026-05-01|until=2026-04-30", "until is before the first day"),
        ("contract=C-001|site=HS-001", "site is no site of the agency"),
    ],
}


@pytest.mark.parametrize(
    ("sheet", "row", "said"), [(sheet, *each) for sheet, wrong in WRONG.items() for each in wrong], ids=str
)
def test_what_cannot_be_is_said_by_column_and_changes_nothing(manager, riverside, hillside, sheet, row, said):
    before = counted()
    cells = dict(cell.split("=") for cell in row.split("|"))

    refused = send(manager, sheet, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")

    assert said in rows(refused.page)[0][3]
    assert not any("Take" in button.text or "Make" in button.text for button in refused.page.select("button"))
    assert counted() == before


def test_a_kpi_is_shown_as_people_say_it(manager, riverside):
    head = "contract,code,measure,basis,direction,target,approaching,inadequate\n"
    seen = send(manager, "kpis", head + "C-001,K9,reopen_rate,validated,at_most,5,10,20\n")

    said = rows(seen.page)[0][3]
    for words in (
        "Measure: Reopened",
        "Counts: Only those found attributable",
        "Good: 5 %",
        "Requires improvement: 20 %",
    ):
        assert words in said
    assert "0.05" not in said
    assert "Open cases keep the limits" not in seen.page.main.text


@pytest.mark.parametrize(
    ("latitude", "longitude", "why"),
    [
        ("91", "121.4", "latitude must be from -90 to 90 degrees, and is 91"),
        ("31.2", "-180.5", "longitude must be from -180 to 180 degrees, and is -180.5"),
        ("31°13'49", "121.4", "latitude must be a number of degrees like 31.2304, without letters, signs or minutes"),
        ("31.2 N", "121.4", "latitude must be a number of degrees"),
        ("31.2%", "121.4", "latitude must be a number of degrees"),
        ("nan", "121.4", "latitude must be a number of degrees"),
        ("31.2", "", "longitude must be there where the other one is"),
    ],
)
def test_positions_that_cannot_be_are_said(manager, riverside, latitude, longitude, why):
    seen = send(manager, "sites", f"code,name,latitude,longitude\nPK-1,Elm Park,{latitude},{longitude}\n")

    assert why in rows(seen.page)[0][3]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_digit_of_a_position_is_lost(manager, riverside, form):
    latitude, longitude = "31.2304161234567", "-121.473701234567"
    seen = send(manager, "sites", f"code,name,latitude,longitude\nPK-1,Elm Park,{latitude},{longitude}\n")
    assert latitude in seen.page.main.text, "the preview shows all of it"
    confirm(manager, seen)
    site = db.session.query(Site).filter_by(code="PK-1").one()
    assert (site.latitude, site.longitude) == (float(latitude), float(longitude))

    table = manager.get(f"/directory/sheets/sites/all.{form}").data
    again = send(manager, "sites", table, f"sites.{form}")
    assert "Changed: 0." in again.page.main.text
    page = manager.get("/sites/PK-1/change").page
    assert page.select_one("[name=latitude]")["value"] == latitude, "nor by saving the page"


def test_the_same_row_twice_is_refused_the_second_time(manager, riverside):
    table = "contract,code,from,respond_within_hours,resolve_within_hours\n" + "C-001,1,2027-01-01,4,8\n" * 2

    first, second = sorted(rows(send(manager, "clauses", table).page))

    assert (first[2], second[2:]) == ("New", ["Not taken in", "code is in row 2 already"])


def test_a_file_that_is_none_is_refused_as_a_whole(manager, riverside):
    refused = send(manager, "sites", "code,shoe size\nPK-1,42\n")

    assert refused.status_code == 422
    assert "no column shoe_size; known are: code" in refused.page.text
    empty = FileStorage(io.BytesIO(b""), "empty.csv")
    assert manager.post_parts("/directory/sheets/sites", {"file": empty}).status_code == 422
    assert manager.post("/directory/sheets/sites", data={"content": "{}", "seen": "x"}).status_code == 422
    assert manager.get("/directory/sheets/weather").status_code == 404
    assert manager.get("/directory/sheets/sites/all.pdf").status_code == 404


def test_a_sheet_as_large_as_it_may_be_is_taken_in(app, riverside):
    lines = [Line(n, {"code": f"X-{n}", "name": f"Place {n}"}) for n in range(2, 1002)]
    taken = sheets.take_in(riverside.agency, Sheet.SITES, lines)
    db.session.commit()

    assert {row.kind for row in taken} == {"added"}
    assert {row.kind for row in sheets.take_in(riverside.agency, Sheet.SITES, lines)} == {None}


def test_what_has_not_begun_may_begin_otherwise(manager, riverside):
    riverside.contract.starts_on, riverside.contract.ends_on = date(2031, 1, 1), date(2031, 12, 31)
    db.session.commit()

    take_in(manager, "clauses", "contract,code,respond_within_hours\nC-001,1,8\n")
    take_in(manager, "kpis", "contract,code,target\nC-001,K1,95\n")

    db.session.expire_all()
    contract = db.session.get(Contract, riverside.contract.id)
    assert (contract.clauses[0].respond_within_hours, contract.kpis[0].target) == (8, 0.95)


def test_days_of_a_contract_that_are_over_stay_in_sheets(manager, riverside):
    sent(riverside)
    db.session.commit()

    for column, day, why in (
        ("starts_on", "2027-06-01", "stays 2026-01-01: another would change days that are over"),
        ("starts_on", "2025-06-01", "stays 2026-01-01"),
        ("ends_on", "2026-10-31", "ends today at the earliest"),
    ):
        assert why in rows(send(manager, "contracts", f"reference,{column}\nC-001,{day}\n").page)[0][3]


def test_a_sheet_that_leaves_open_cases_outside_asks_for_a_tick(manager, riverside):
    riverside.contract.starts_on = date(2027, 1, 1)
    sent(riverside)
    db.session.commit()

    seen = send(manager, "contracts", "reference,starts_on\nC-001,2027-06-01\n")

    assert "1 open case was sent outside these days. It stays with the contract." in rows(seen.page)[0][3]
    asked = confirm(manager, seen)
    assert asked.status_code == 422
    assert "tick that you know" in asked.page.select_one(".govuk-error-summary").text
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2027, 1, 1)
    form = asked.page.select_one("main form")
    assert manager.post_parts(form["action"], fields(form) | {"is_sure": "y"}).status_code == 303
    db.session.expire_all()
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2027, 6, 1)
