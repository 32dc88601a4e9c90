"""The page about accessibility: linked from the foot of every page of residents, and it says whom to tell."""

from app.extensions import db


def test_it_is_linked_from_the_foot_of_residents_pages(client, riverside):
    for address in ("/", "/give/RS-001", "/track", "/nowhere"):
        foot = client.get(f"{address}?lang=zh").page.select_one("footer")
        assert foot.select_one("a")["href"] == "/accessibility?lang=zh", address


def test_it_says_what_is_aimed_at_what_is_not_met_and_how_to_reach_the_agency(client, riverside, hillside):
    riverside.agency.contact = "access@riverside.example"
    db.session.commit()

    assert client.get("/accessibility?lang=zh").page.h1.text == "无障碍"
    said = client.get("/accessibility?lang=en").page.select_one("main").text

    assert "WCAG) 2.2, level AA" in said
    assert "What is known not to be met" in said
    assert "Riverside Public Services: access@riverside.example" in said
    assert "Hillside Public Services: by the form of any of its services" in said


def test_a_manager_says_how_the_agency_is_reached(client, riverside):
    client.sign_in(riverside.manager)

    assert client.post("/settings", data={"contact": "  0131 496 0000,  Town Hall "}).status_code == 303
    assert "0131 496 0000, Town Hall" in client.get("/accessibility").page.select_one("main").text
    assert client.post("/settings", data={"contact": "x" * 201}).status_code == 422
    client.post("/settings", data={"contact": " "})
    assert riverside.agency.contact is None
