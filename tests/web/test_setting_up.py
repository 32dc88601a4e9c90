"""A manager sets up a new service by pages alone; whatever cannot be is said, and changes nothing."""

from datetime import date

import pytest

from app.directory.actions import preview
from app.directory.exporting import directory_of
from app.directory.forms import WEEKDAYS
from app.directory.models import Clause, Contract, ContractSite, Kpi, Provider, Site
from app.directory.rules import Days, overlap
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import ImportRefused
from app.kernel.periods import day_of
from app.kernel.words import Direction
from app.measures.kpis import kpi_on

CONTRACT = {
    "reference": "C-2027-04",
    "title_zh": "公园养护 2027",
    "title_en": "Parks 2027",
    "service_en": "Parks",
    "also_called_en": "trees, playground",
    "provider": "another",
    "provider_name": "Greenleaf Ltd",
    "provider_slug": "greenleaf",
    "provider_kind": "firm",
    "starts_on": "2027-01-01",
    "ends_on": "2028-12-31",
}
CLAUSE = {
    "code": "1",
    "title_en": "Paths",
    "aspects": ["safety"],
    "respond_within_hours": "8",
    "resolve_within_hours": "40,5",
}
LIMITS = {"starts_on": "2026-12-01", "respond_within_hours": "8", "resolve_within_hours": "8"}
LIMITS_OF_IT = ("Answer within (working hours)", "Resolve within (working hours)")
LAST_CUT_OFF = "Requires improvement (per cent); what is short of it is inadequate"
SITE = {
    "code": "PK-1",
    "name_en": "Elm Park",
    "area_zh": "东城区",
    "area_en": "East",
    "latitude": "31.2",
    "longitude": "121.4",
}


@pytest.fixture
def manager(app, riverside):
    return app.test_client().sign_in(riverside.manager)


def counted():
    db.session.rollback()
    return [db.session.query(table).count() for table in (Provider, Contract, Clause, Site, ContractSite)]


def errors(response):
    assert response.status_code == 422
    return " ".join(each.text for each in response.page.select(".govuk-error-message, .govuk-error-summary"))


def test_a_new_service_is_set_up_by_pages_alone(manager, riverside):
    assert manager.get("/contracts").page.select_one("a[href='/contracts/new']")
    made = manager.post("/contracts/new", data=CONTRACT)
    assert made.location == "/contracts/C-2027-04/terms?agency=riverside"
    terms = manager.get(made.location).page
    assert [link.text for link in terms.select("#next-steps a")] == [
        "Add a clause",
        "Add a KPI",
        "Add a site to the contract",
    ]
    for page in ("change", "new-clause", "new-kpi", "new-site"):
        assert terms.select_one(f"a[href^='/contracts/C-2027-04/{page}']"), page

    manager.post("/contracts/C-2027-04/new-clause", data=CLAUSE)
    manager.post("/contracts/C-2027-04/new-clause", data={**CLAUSE, "code": "2", "title_en": "Litter"})
    manager.post(
        "/contracts/C-2027-04/clauses/2/change", data={"title_en": "Litter", "aspects": ["cleanliness"], "nth": "1"}
    )
    assert manager.post("/sites/new", data=SITE).location == "/sites/PK-1"
    manager.post("/contracts/C-2027-04/new-site", data={"site": "pk-1", "starts_on": "2027-02-01"})

    page = " ".join(manager.get("/contracts/C-2027-04").page.main.text.split())
    for said in ("Parks 2027", "Greenleaf Ltd (firm)", "Litter", "Cleanliness", "PK-1", "Elm Park", "1 Feb 2027"):
        assert said in page
    contract = db.session.query(Contract).filter_by(reference="C-2027-04").one()
    assert contract.title == {"zh": "公园养护 2027", "en": "Parks 2027"}
    assert (contract.service, contract.also_called) == ("Parks", "trees, playground")
    assert manager.get("/contracts/C-2027-04/change").page.select_one("#also_called_zh")["value"] == "trees, playground"
    assert [(each.code, each.position) for each in contract.clauses] == [("2", 0), ("1", 1)]
    assert contract.clauses[1].resolve_within_hours == 40.5
    site = " ".join(manager.get("/sites/PK-1?lang=zh").page.main.text.split())
    assert "东城区" in site
    assert "31.2, 121.4" in site


def test_what_there_is_is_changed(manager, riverside):
    page = manager.get("/contracts/C-001/change").page
    assert page.select_one("#title_zh")["value"] == "Street cleaning 2026"
    manager.post(
        "/contracts/C-001/change",
        data={
            "title_zh": "街道清洁",
            "title_en": "Streets",
            "service_zh": "Street cleaning",
            "starts_on": "2026-01-01",
            "ends_on": "2026-11-30",
        },
    )
    blank = dict.fromkeys(("name_zh", "address_zh", "address_en", "area_zh", "area_en"), "")
    answers = {"name_en": "The old market", "latitude": "31", "longitude": "121"} | blank
    manager.post("/sites/RS-001/change", data=answers)
    placing = riverside.contract.placings[0].id
    manager.post(f"/contracts/C-001/sites/{placing}", data={"starts_on": "2026-02-01", "ends_on": "2026-06-30"})
    db.session.expire_all()

    assert riverside.contract.title == {"zh": "街道清洁", "en": "Streets"}
    assert (riverside.contract.service, riverside.contract.ends_on) == ("Street cleaning", date(2026, 11, 30))
    assert (riverside.site.name, riverside.site.address, riverside.site.latitude) == ("The old market", None, 31.0)
    assert db.session.get(ContractSite, placing).ends_on == date(2026, 6, 30)


def test_sites_are_found_by_words(client, riverside):
    client.sign_in(riverside.viewer)

    assert len(client.get("/sites").page.select("tbody tr")) == 3
    assert [row.th.text.strip() for row in client.get("/sites?q=2+long").page.select("tbody tr")] == ["RS-002"]
    assert "Nothing fits" in client.get("/sites?q=zebra").page.main.text
    assert not client.get("/sites").page.select_one("a[href='/sites/new']")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reference": "C 1/2"}, "Enter a reference like"),
        ({"reference": "C-001"}, "There is one of that name already"),
        ({"title_zh": "", "title_en": " "}, "Enter a name"),
        ({"title_en": "x" * 201}, "200 characters"),
        ({"provider": "brightside"}, "Choose one of the list"),
        ({"provider_slug": "Green Leaf"}, "Enter a short name"),
        ({"provider_slug": "clearway"}, "There is one of that name already"),
        ({"provider_kind": "club"}, "Choose one of the list"),
        ({"starts_on": "soon"}, "Enter a date"),
        ({"ends_on": "2026-12-31"}, "not before the first"),
    ],
)
def test_a_contract_that_cannot_be_is_not_made(manager, riverside, hillside, wrong, said):
    before = counted()
    refused = manager.post("/contracts/new", data=CONTRACT | wrong)

    assert said in errors(refused)
    assert counted() == before


@pytest.mark.parametrize(
    ("address", "answers", "said"),
    [
        ("/contracts/C-001/new-clause", CLAUSE, "There is a clause with that code already"),
        ("/contracts/C-001/new-clause", CLAUSE | {"code": "9", "respond_within_hours": "0"}, "Enter a number above 0"),
        ("/contracts/C-001/new-clause", CLAUSE | {"code": "9", "respond_within_hours": "41"}, "cannot be longer than"),
        ("/contracts/C-001/clauses/1", LIMITS | {"respond_within_hours": "9"}, "cannot be longer than"),
        ("/contracts/C-001/new-clause", CLAUSE | {"code": "9", "aspects": ["weather"]}, "Choose one of the list"),
        ("/contracts/C-001/clauses/1/change", {"title_en": "On time", "nth": "3"}, "from 1 to 2"),
        ("/sites/new", SITE | {"code": "HS-001"}, "There is a site with that code already"),
        ("/sites/new", SITE | {"latitude": ""}, "both latitude and longitude"),
        ("/sites/new", SITE | {"latitude": "91"}, "from -90 to 90"),
        ("/contracts/C-001/new-site", {"site": "HS-001", "starts_on": "2026-01-01"}, "no site with that code"),
        ("/contracts/C-001/new-site", {"site": "RS-001", "starts_on": "2026-05-01"}, "from 1 Jan 2026 on"),
        ("/contracts/C-001/new-site", {"site": "RS-3", "starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "before"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_changes_nothing(manager, riverside, hillside, address, answers, said):
    before = counted()
    refused = manager.post(address, data=answers)

    assert said in errors(refused)
    assert counted() == before


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (("2026-01-01", "2026-01-31"), ("2026-02-01", None), False),
        (("2026-01-01", "2026-02-01"), ("2026-02-01", None), True),
        (("2026-01-01", None), ("2027-01-01", "2027-01-02"), True),
        (("2026-03-01", None), ("2026-01-01", "2026-02-28"), False),
    ],
)
def test_days_meet_or_do_not(one, other, meet):
    first, second = (Days(*(each and date.fromisoformat(each) for each in span)) for span in (one, other))

    assert overlap(first, second) is meet
    assert overlap(second, first) is meet


@pytest.mark.parametrize(
    ("address", "answers", "fields"),
    [
        (
            "/contracts/new",
            CONTRACT | {"reference": "", "starts_on": "soon", "ends_on": ""},
            ["Reference", "First day", "Last day"],
        ),
        (
            "/contracts/C-001/new-clause",
            {"code": "?", "resolve_within_hours": "x"},
            ["Code", "Duty (简体中文)", *LIMITS_OF_IT],
        ),
        (
            "/contracts/C-001/new-kpi",
            {"code": "K9"},
            ["Measure", "Good (per cent)", "Approaching target (per cent)", LAST_CUT_OFF],
        ),
        ("/contracts/C-001/clauses/1", {}, ["From", *LIMITS_OF_IT]),
        ("/calendar", dict.fromkeys(WEEKDAYS, ""), ["Monday"]),
    ],
)
def test_each_line_of_a_summary_names_its_field_and_leads_to_it(manager, riverside, address, answers, fields):
    page = manager.post(address, data=answers).page

    summary = page.select_one(".govuk-error-summary[data-focus-on-load]")
    lines = summary.select("li a")
    assert len(lines) == len(summary.select("li"))
    for line in lines:
        assert page.select_one(line["href"]).name in ("input", "select", "textarea")
    named = [line.text.split(":")[0] for line in lines]
    assert named == fields


def test_a_site_that_is_not_there_is_made_on_the_way_and_then_served(manager, riverside):
    refused = manager.post("/contracts/C-001/new-site", data={"site": "PK-1", "starts_on": "2026-06-01"})
    way = refused.page.select_one("a[href^='/sites/new']")
    assert "Make the site PK-1" in way.text
    form = manager.get(way["href"]).page
    assert form.select_one("#code")["value"] == "PK-1"

    made = manager.post(way["href"], data=SITE)

    assert made.location == "/contracts/C-001/new-site?site=PK-1"
    form = manager.get(made.location).page
    assert form.select_one("#site")["value"] == "PK-1"
    assert form.select_one("#starts_on")["value"] == day_of(clock.now(), "Asia/Shanghai").isoformat()
    riverside.contract.starts_on = date(2027, 1, 1)
    db.session.commit()
    assert manager.get(made.location).page.select_one("#starts_on")["value"] == "2027-01-01"
    assert [link["href"] for link in manager.get("/sites/PK-1").page.select("main details a")] == [
        f"/contracts/{reference}/new-site?agency=riverside&site=PK-1" for reference in ("C-001", "C-002")
    ]


def test_where_no_site_is_served_the_posters_lead_to_adding_one(client, manager, riverside):
    manager.post("/contracts/new", data=CONTRACT)

    assert manager.get("/contracts/C-2027-04/posters").page.select_one("a[href^='/contracts/C-2027-04/new-site']")
    client.sign_in(riverside.viewer)
    assert not client.get("/contracts/C-2027-04/posters").page.select("a[href*=new-site]")


@pytest.mark.parametrize(
    ("gone_from", "ends_on", "left"),
    [("2026-07-01", date(2026, 6, 30), 1), ("2026-01-01", None, 0), ("2025-05-05", None, 0)],
)
def test_a_site_is_taken_off_from_a_day_on(manager, riverside, gone_from, ends_on, left):
    placing = riverside.contract.placings[0]
    at, number = f"/contracts/C-001/sites/{placing.id}", placing.id
    assert manager.get(at).page.select_one(f"form[action^='{at}/take-off']")
    assert "date like" in errors(manager.post(f"{at}/take-off", data={"gone_from": "soon"}))

    manager.post(f"{at}/take-off", data={"gone_from": gone_from})

    db.session.expire_all()
    found = db.session.get(ContractSite, number)
    assert (found is not None) == bool(left)
    assert not left or found.ends_on == ends_on


def test_a_kpi_that_people_enter_is_renamed_from_today_on(manager, riverside, at):
    kpi = Kpi(agency_id=riverside.agency.id, contract_id=riverside.contract.id, code="E1", measure="entered")
    kpi.title, kpi.direction = "Bins found clean", Direction.AT_LEAST
    kpi.target, kpi.approaching, kpi.inadequate = 0.9, 0.8, 0.6
    db.session.add(kpi)
    db.session.commit()
    page = "/contracts/C-001/kpis/E1/rename"
    assert manager.get("/contracts/C-001/kpis/E1").page.select_one(f"a[href^='{page}']")
    assert manager.get("/contracts/C-001/kpis/K1/rename").status_code == 404, "its measure is its name"

    answers = {"title_zh": "清洁", "title_en": "Bins clean and dry", "starts_on": "2026-07-01"}
    with at("2026-07-01T09:00:00+08:00"):
        over = manager.post(page, data=answers | {"starts_on": "2026-06-30"})
        assert "Choose today or a later day" in errors(over)
        assert over.page.select_one("#title_en")["value"] == "Bins clean and dry"
        assert "Choose a day of the contract" in errors(manager.post(page, data=answers | {"starts_on": "2031-01-01"}))
        assert manager.post(page, data=answers).status_code == 303
        assert "another name from that day" in errors(manager.post(page, data=answers))

    db.session.expire_all()
    assert kpi_on(kpi, date(2026, 6, 30)).title == "Bins found clean"
    assert kpi_on(kpi, date(2026, 7, 1)).title == {"zh": "清洁", "en": "Bins clean and dry"}
    whole = directory_of(riverside.agency)
    (entered,) = [each for each in whole["contracts"][0]["kpis"] if each["code"] == "E1"]
    assert entered["names"] == [{"from": "2026-07-01", "title": {"zh": "清洁", "en": "Bins clean and dry"}}]
    assert preview(whole, only_agency=riverside.agency.id).rows == []


def another_contract(riverside, **more):
    """A contract about the same service as C-001, unless said otherwise."""
    first = riverside.contract
    values = {"reference": "C-900", "title": "Streets again", "service": first.service}
    values |= {"starts_on": first.starts_on, "ends_on": first.ends_on}
    other = Contract(agency_id=first.agency_id, provider_id=first.provider_id, **(values | more))
    db.session.add(other)
    db.session.commit()
    return other


def test_two_contracts_of_one_service_never_serve_a_site_on_the_same_day(manager, riverside):
    first, site = riverside.contract, riverside.site
    other = another_contract(riverside)
    asked = {"site": site.code, "starts_on": first.starts_on.isoformat(), "ends_on": ""}

    refused = manager.post("/contracts/C-900/new-site", data=asked)

    assert "C-001 is about the same service and serves the site" in refused.page.main.text
    assert db.session.query(ContractSite).filter_by(contract_id=other.id).count() == 0
    gone = {"starts_on": first.starts_on.isoformat(), "ends_on": "2026-06-30"}
    at = f"/contracts/C-001/sites/{first.placings[0].id}"
    assert manager.post(at, data=gone).status_code == 303
    assert manager.post("/contracts/C-900/new-site", data=asked | {"starts_on": "2026-07-01"}).status_code == 303
    assert "C-900 is about the same service" in manager.post(at, data=gone | {"ends_on": "2026-07-01"}).page.main.text


def test_a_contract_is_not_prolonged_into_the_next_one_of_its_service(manager, riverside):
    first = riverside.contract
    first.ends_on = date(2026, 12, 31)
    after = another_contract(riverside, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
    named = {"agency_id": first.agency_id, "contract_id": after.id, "site_id": riverside.site.id}
    db.session.add(ContractSite(starts_on=date(2027, 1, 1), **named))
    db.session.commit()
    words = {"title_en": "Streets", "title_zh": "街道", "service_en": first.service, "service_zh": ""}

    longer = manager.post("/contracts/C-001/change", data=words | {"starts_on": "2026-01-01", "ends_on": "2027-01-01"})

    assert "C-900 is about the same service" in longer.page.main.text
    db.session.expire_all()
    assert riverside.contract.ends_on == date(2026, 12, 31)


def test_a_site_is_not_served_on_days_on_which_the_contract_does_not_run(manager, riverside):
    other = another_contract(riverside, service="Another one")

    refused = manager.post("/contracts/C-900/new-site", data={"site": riverside.site.code, "starts_on": "2039-01-01"})

    assert "The contract runs from" in refused.page.main.text
    assert db.session.query(ContractSite).filter_by(contract_id=other.id).count() == 0


def test_a_file_that_has_two_contracts_of_one_service_at_a_site_is_refused(riverside):
    data = directory_of(riverside.agency)
    twin = {**data["contracts"][0], "reference": "C-901"}
    data["contracts"].append(twin)

    with pytest.raises(ImportRefused) as refused:
        preview(data)

    assert any("is about the same service" in str(each) for each in refused.value.problems)
