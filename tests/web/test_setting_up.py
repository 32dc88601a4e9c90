"""A manager sets up a new service by pages alone; whatever cannot be is said, and changes nothing."""

from datetime import date

import pytest

from app.directory.forms import WEEKDAYS
from app.directory.models import Clause, Contract, ContractSite, Provider, Site
from app.directory.rules import Days, overlap
from app.extensions import db

CONTRACT = {
    "reference": "C-2027-04",
    "title_zh": "公园养护 2027",
    "title_en": "Parks 2027",
    "service_en": "Parks",
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
    assert contract.service == "Parks"
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
