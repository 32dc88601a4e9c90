"""Contracts and sites as their viewers see them, and a directory file that is seen before it is taken."""

import copy
import io
import json
from datetime import date
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage

from app.directory import actions, exporting, queries
from app.directory.models import Agency, Clause, Contract, ContractSite, Kpi, Provider, Site
from app.extensions import db
from app.kernel.errors import ImportRefused
from tests import factories
from tests.web.cases_story import sent

EXAMPLE = json.loads(Path("tests/examples/measures/example/directory.json").read_text())
TABLES = (Agency, Provider, Contract, Clause, Kpi, Site, ContractSite)


@pytest.fixture
def example():
    return copy.deepcopy(EXAMPLE)


def file_of(data):
    raw = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return {"file": (io.BytesIO(raw), "directory.json")}


def counted():
    db.session.rollback()
    return [db.session.query(table).count() for table in TABLES]


def riverside_file(example):
    """The example for the agency of the factories, with codes and references of its own."""
    example["providers"] = [{"slug": "newcomer", "name": "Newcomer Ltd", "kind": "firm"}]
    example["contracts"] = [{**example["contracts"][0], "reference": "C-900", "provider": "newcomer"}]
    return example


def test_a_preview_changes_nothing_and_an_import_can_be_repeated(app, example):
    assert (len(actions.preview(example).rows), counted()) == (40, [0] * 7)

    first = actions.import_directory(example)
    db.session.commit()
    again = actions.import_directory(example)

    assert {change.kind for change in first.rows} == {"added"}
    assert (again.rows, again.unchanged) == ([], 40)
    assert counted() == [1, 3, 3, 6, 9, 9, 9]


def test_what_changes_is_said_old_and_new(app, example, at):
    with at("2025-12-01T09:00:00+08:00"):
        changes = changed_before_it_begins(example)

    assert changes[("clause", "C-001 0.1")] == {"respond_within_hours": (16.0, 8.0), "position": (0, 1)}
    assert changes[("clause", "C-001 0.2")] == {"position": (1, 0)}
    assert str(changes[("contract_site", "C-001 – S00")]["ends_on"][1]) == "2026-06-30"
    assert len(changes) == 3


def changed_before_it_begins(example):
    """What else becomes of contracts that have not begun: nobody was measured by their terms yet."""
    actions.import_directory(example)
    example["contracts"][0]["clauses"][0]["respond_within_hours"] = 8
    example["contracts"][0]["sites"][0]["until"] = "2026-06-30"
    example["contracts"][0]["clauses"].reverse()
    return {
        (change.what, change.name): {key: (before, after) for key, before, after in change.fields}
        for change in actions.preview(example).rows
    }


def test_a_contract_that_begins_later_moves_its_sites_with_it(app, example):
    actions.import_directory(example)
    example["contracts"][0]["starts_on"] = "2026-02-01"
    actions.import_directory(example)

    assert db.session.query(ContractSite).count() == 9


def test_clauses_the_file_leaves_out_come_last(app, example):
    actions.import_directory(example)
    example["contracts"][0]["clauses"] = [{**example["contracts"][0]["clauses"][0], "code": "0.0"}]
    actions.import_directory(example)
    db.session.commit()
    db.session.expire_all()

    contract = queries.contracts_by_reference("C-001")[0]
    assert [clause.code for clause in contract.clauses] == ["0.0", "0.1", "0.2"]


def test_a_site_changes_hands_and_the_sticker_stays(app, example):
    example["contracts"][0]["sites"][0]["until"] = "2026-06-30"
    example["contracts"][1]["sites"].append({"code": "s00", "name": "Street cleaning site 0", "from": "2026-07-01"})
    actions.import_directory(example)
    site = db.session.query(Site).filter_by(code_key="s00").one()
    june, july = (queries.contracts_serving(site, date(2026, month, day)) for month, day in ((6, 30), (7, 1)))

    assert [contract.reference for contract in june] == ["C-001"]
    assert [contract.reference for contract in july] == ["C-002"]


def test_the_sticker_of_another_agency_cannot_be_taken(riverside, example):
    example["contracts"][2]["sites"][1]["code"] = "rs-001"
    before = counted()
    example["agency"]["slug"] = "other"
    with pytest.raises(ImportRefused, match=r"contracts\[2\].sites\[1\].code: 'rs-001' is a site of another agency"):
        actions.import_directory(example)

    assert counted() == before


def test_a_manager_sees_and_then_takes_a_file(client, riverside, example):
    client.sign_in(riverside.manager)
    before = counted()
    seen = client.post("/directory/import", data=file_of(riverside_file(example)))

    assert seen.page.h1.text.strip() == "What will change"
    assert "C-900" in seen.page.main.text
    assert counted() == before
    form = {field["name"]: field["value"] for field in seen.page.select("main form input[type=hidden]")}
    done = client.post("/directory/import", data=form, content_type="multipart/form-data")
    assert done.location.endswith("/contracts")
    assert "C-900" in client.get("/contracts").page.main.text
    again = client.post("/directory/import", data=file_of(riverside_file(example)))
    assert "Nothing will change" in again.page.main.text


def test_the_preview_says_what_is_added(client, riverside, example):
    client.sign_in(riverside.manager)

    rows = client.post("/directory/import", data=file_of(riverside_file(example))).page.select("tbody tr")

    said = {" ".join(row.th.text.split()): " ".join(row.text.split()) for row in rows}
    clause = example["contracts"][0]["clauses"][0]
    assert f"Answer within, in working hours: {clause['respond_within_hours']:g}" in said[f"C-900 {clause['code']}"]
    assert "From: 1 Jan 2026" in said["C-900"]
    assert "Provider: newcomer" in said["C-900"]
    assert "in both lists, and so worked: 2026-10-07" in said["riverside"]


def test_a_name_that_loses_a_language_is_warned_of(client, riverside, example):
    riverside.agency.name = {"en": "Riverside", "zh": "临江区"}
    db.session.commit()
    client.sign_in(riverside.manager)

    page = client.post("/directory/import", data=file_of(riverside_file(example))).page

    (warned,) = page.select(".govuk-tag--red")
    assert warned.text == "Loses: English, 简体中文"


def test_what_there_is_comes_out_as_a_file_that_changes_nothing(client, app, example):
    contract = example["contracts"][0]
    contract |= {"value": 1200000.5, "currency": "CNY", "volume": {"2026-09": 1200}, "is_small": True, "reply_days": 7}
    contract["calendar"] = {
        "weekdays": [0, 5],
        "start": "08:00",
        "end": "12:00",
        "country": "CN",
        "hours": {"5": {"start": "09:00", "end": "10:00"}},
    }
    contract["clauses"][0]["targets"] = [{"from": "2026-06-01", "respond_within_hours": 4, "resolve_within_hours": 9}]
    contract["kpis"][0] |= {"binds_from": "2026-04-01", "targets": [{"from": "2026-06-01", "target": 0.95}]}
    actions.import_directory(example)
    db.session.commit()
    client.sign_in(factories.administrator())

    response = client.get("/directory/riverside/directory.json")

    assert response.headers["Content-Disposition"] == 'attachment; filename="directory.json"'
    written = json.loads(response.get_data(as_text=True))
    assert (len(written["contracts"]), len(written["providers"])) == (3, 3)
    changes = actions.preview(written)
    assert (changes.rows, changes.unchanged) == ([], 43)
    db.session.rollback()


def test_terms_change_in_a_file_from_today_on_and_on_days_of_the_contract(app, example, at):
    contract = example["contracts"][0]
    contract["ends_on"] = "2027-12-31"
    contract["kpis"][0]["targets"] = [{"from": "2026-06-01", "target": 0.95}]
    with at("2026-10-01T09:00:00+08:00"):
        actions.import_directory(example)
        db.session.commit()
        assert actions.preview(example).rows == [], "what is known already may be said again"
        contract["kpis"][0]["targets"] = [{"from": "2026-06-01", "target": 0.97}, {"from": "2031-01-01"}]
        contract["kpis"].append(contract["kpis"][0] | {"code": "K9", "binds_from": "2020-01-01", "targets": []})
        contract["volume"] = {"2026-10": 12, "2026-11": 12}
        contract["clauses"][0]["targets"] = [
            {"from": "2026-09-30", "respond_within_hours": 4, "resolve_within_hours": 9}
        ]
        with pytest.raises(ImportRefused) as refused:
            actions.import_directory(example)

    assert refused.value.problems == [
        "contracts[0].volume.2026-11: this month has not begun",
        "contracts[0].clauses[0].targets[0].from: 2026-09-30 is over; terms change from today on at the earliest",
        "contracts[0].kpis[0].targets[0].from: 2026-06-01 is over; terms change from today on at the earliest",
        "contracts[0].kpis[0].targets[1].from: 2031-01-01 is no day of the contract",
        "contracts[0].kpis[3].binds_from: 2020-01-01 is no day of the contract",
    ]


def entered(**changes):
    """A KPI of a file whose figures people enter."""
    shares = {"direction": "at_least", "target": 0.9, "approaching": 0.8, "inadequate": 0.6}
    return {"code": "E1", "measure": "entered", "title": "Bins found clean", **shares, **changes}


def test_what_a_clause_or_kpi_began_with_stays_once_its_days_are_over(app, example, at):
    contract = example["contracts"][0]
    contract["kpis"].append(entered())
    with at("2026-10-01T09:00:00+08:00"):
        first = actions.import_directory(example)
        db.session.commit()
        assert actions.preview(example).rows == []
        contract["clauses"][0]["resolve_within_hours"] = 80
        contract["kpis"][0]["target"] = 0.95
        contract["kpis"][1]["minimum_n"] = 7
        contract["provider"] = example["contracts"][1]["provider"]
        contract["kpis"][3] = entered(title="Bins", names=[{"from": "2026-09-01", "title": "Clean bins"}])
        with pytest.raises(ImportRefused) as refused:
            actions.import_directory(example)

    assert {change.kind for change in first.rows} == {"added"}, "what is new may begin in the past"
    stays = "was agreed for days that are over and stays; say the change in"
    assert refused.value.problems == [
        "contracts[0].provider: delivered on days that are over and stays; "
        "another provider needs a contract of its own",
        f"contracts[0].clauses[0].resolve_within_hours: {stays} targets, with a day from today on",
        f"contracts[0].kpis[0].target: {stays} targets, with a day from today on",
        f"contracts[0].kpis[1].minimum_n: {stays} targets, with a day from today on",
        f"contracts[0].kpis[3].title: {stays} names, with a day from today on",
        "contracts[0].kpis[3].names[0].from: 2026-09-01 is over; terms change from today on at the earliest",
    ]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"starts_on": "2027-06-01"}, "contracts[0].starts_on: stays 2026-01-01: another would change days"),
        ({"starts_on": "2025-06-01"}, "contracts[0].starts_on: stays 2026-01-01"),
        ({"ends_on": "2026-10-31"}, "contracts[0].ends_on: is over; a contract that was used ends today"),
    ],
)
def test_days_of_a_contract_that_are_over_stay_in_files(riverside, days, said):
    sent(riverside)
    db.session.commit()
    whole = exporting.directory_of(riverside.agency)
    whole["contracts"][0] |= days

    with pytest.raises(ImportRefused) as refused:
        actions.import_directory(whole)

    assert any(problem.startswith(said) for problem in map(str, refused.value.problems))


def test_a_file_that_leaves_open_cases_outside_asks_for_a_tick(client, riverside, example):
    riverside.contract.starts_on = date(2027, 1, 1)
    sent(riverside)
    db.session.commit()
    client.sign_in(riverside.manager)
    whole = json.loads(client.get("/directory/riverside/directory.json").get_data(as_text=True))
    whole["contracts"][0]["starts_on"] = "2027-06-01"
    whole["contracts"][0]["clauses"] = whole["contracts"][0]["kpis"] = []
    seen = client.post("/directory/import", data=file_of(whole)).page
    form = {field["name"]: field["value"] for field in seen.select("main form input[type=hidden]")}

    assert "1 open case was sent outside these days. It stays with the contract." in seen.main.text
    asked = client.post_parts("/directory/import", form)
    assert asked.status_code == 422
    assert "tick that you know" in asked.page.main.text
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2027, 1, 1)
    assert client.post_parts("/directory/import", form | {"is_sure": "y"}).status_code == 302
    db.session.expire_all()
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2027, 6, 1)


def test_the_command_asks_to_be_sure_where_open_cases_are_left_outside(app, riverside, tmp_path):
    riverside.contract.starts_on = date(2027, 1, 1)
    sent(riverside)
    db.session.commit()
    whole = exporting.directory_of(riverside.agency)
    whole["contracts"][0]["starts_on"] = "2027-06-01"
    path = tmp_path / "directory.json"
    path.write_text(json.dumps(whole))
    run = app.test_cli_runner().invoke

    refused = run(args=["import", "directory", str(path)])

    assert refused.exit_code == 1
    assert "C-001: 1 open cases were sent outside these days; --sure changes them all the same" in refused.output
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2027, 1, 1)
    assert "1 rows added or changed" in run(args=["import", "directory", str(path), "--sure"]).output


def test_a_manager_gets_the_file_of_their_own_agency(client, riverside, hillside):
    client.sign_in(riverside.manager)

    assert client.get("/directory/hillside/directory.json").status_code == 404
    own = client.get("/directory/riverside/directory.json")
    assert "hillside" not in own.get_data(as_text=True)
    assert "/directory/riverside/directory.json" in str(client.get("/directory/import").page.main)
    assert client.sign_in(riverside.officer).get("/directory/riverside/directory.json").status_code == 403


def test_the_example_is_right(client, app):
    whole = json.loads(client.sign_in(factories.administrator()).get("/directory/example.json").get_data(as_text=True))

    changes = actions.preview(whole)

    assert {change.what for change in changes.rows} == {
        "agency", "provider", "contract", "clause", "kpi", "site", "contract_site"
    }  # fmt: skip


def test_what_is_not_as_it_was_seen_is_shown_again(client, riverside, example):
    client.sign_in(riverside.manager)
    form = {"content": json.dumps(riverside_file(example)), "seen": "something else"}
    shown = client.post("/directory/import", data=form)

    assert shown.page.h1.text.strip() == "What will change"
    assert queries.contracts_by_reference("C-900") == []


def test_a_manager_takes_files_of_their_own_agency_only(client, riverside, hillside, example):
    riverside_file(example)["agency"]["slug"] = "hillside"
    before = counted()
    refused = client.sign_in(riverside.manager).post("/directory/import", data=file_of(example))

    assert refused.status_code == 422
    assert "agency.slug: 'hillside' is not your agency" in refused.page.text
    assert counted() == before
    assert client.sign_in(factories.administrator()).post("/directory/import", data=file_of(example)).status_code == 200


def test_a_manager_does_not_rename_a_provider_that_works_for_others(client, riverside, hillside, example):
    hillside.contract.provider_id = riverside.provider.id
    db.session.commit()
    data = riverside_file(example)
    data["providers"].append({"slug": "clearway", "name": "Clearaway", "kind": "firm"})
    refused = client.sign_in(riverside.manager).post("/directory/import", data=file_of(data))

    assert refused.status_code == 422
    assert "works for other agencies too" in refused.page.text


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "Choose a file."),
        (b"{", "line 1, column 2"),
        (b"\xff\xfe{}", "not text in UTF-8"),
        (b"[" * 100_000, "not JSON that can be read"),
        (b'{"agency": ' + b" " * 2_000_000 + b"}", "larger than 2 MB"),
        (b"[]", "file: expected an object, got []"),
        (b"9" * 5000, "not JSON that can be read"),
    ],
)
def test_files_that_are_none_are_told_so(client, riverside, raw, said):
    form = {"file": FileStorage(io.BytesIO(raw), "directory.json")}
    refused = client.sign_in(riverside.manager).post_parts("/directory/import", form)

    assert refused.status_code == 422
    assert said in " ".join(refused.page.text.split())


def test_the_page_of_a_contract_says_what_was_agreed(client, riverside):
    page = client.sign_in(riverside.viewer).get("/contracts/C-001").page

    text = " ".join(page.text.split())
    for words in (
        "Street cleaning 2026",
        "Clearway Ltd (firm)",
        "On time",
        "Timeliness",
        "≥ 90 %",
        "RS-001",
        "5 working days",
    ):
        assert words in text
    assert page.select_one("a[href^='/reports/C-001']")
    assert page.select_one("a[href^='/inbox']")
    assert "RS-003" not in text


def test_the_page_of_a_site_says_who_serves_it_when(client, riverside):
    page = client.sign_in(riverside.viewer).get("/sites/rs-001").page

    assert "Street cleaning 2026" in page.main.text
    assert page.select_one("a[href='/give/RS-001']")


def test_staff_see_contracts_and_sites_of_their_provider_only(client, riverside):
    client.sign_in(riverside.staff)

    assert "C-001" in client.get("/contracts").page.main.text
    assert "C-002" not in client.get("/contracts").page.main.text
    assert client.get("/contracts/C-001").status_code == 200
    assert client.get("/sites/RS-001").status_code == 200
    assert client.get("/contracts/C-002").status_code == 404
    assert client.get("/sites/RS-003").status_code == 404


def test_another_agencys_contracts_and_sites_do_not_exist(client, riverside, hillside):
    client.sign_in(hillside.manager)

    assert client.get("/sites/RS-001").status_code == 404
    assert client.get("/contracts/C-001?agency=riverside").status_code == 404
    assert "Hillside" in client.get("/contracts/C-001").page.main.text
    assert client.get("/sites/none").status_code == 404


def test_names_are_in_the_language_of_the_page(client, riverside):
    riverside.contract.title = {"en": "Street cleaning 2026", "zh": "街道清洁2026"}
    db.session.commit()
    client.sign_in(riverside.viewer)

    assert client.get("/contracts/C-001?lang=zh").page.h1.text.strip() == "街道清洁2026"


def test_the_command_takes_a_file_or_says_what_is_wrong(app, tmp_path, example):
    path = tmp_path / "directory.json"
    path.write_text(json.dumps(example))
    run = app.test_cli_runner().invoke
    assert "40 rows added or changed" in run(args=["import", "directory", str(path)]).output
    assert "0 rows added or changed, 40 as they were" in run(args=["import", "directory", str(path)]).output
    example["contracts"][1]["clauses"][0]["respond_within_hours"] = 0
    path.write_text(json.dumps(example))
    refused = run(args=["import", "directory", str(path)])

    assert refused.exit_code == 1
    assert "contracts[1].clauses[0].respond_within_hours: expected a number above 0, got 0" in refused.output
