"""Near me: the nearest sites for a position that comes once, and stands afterwards in no page, address or log."""

import pytest

from app.directory import actions, exporting, queries
from app.directory.models import Site
from app.extensions import db
from app.kernel.errors import ImportRefused
from app.resident.rules import metres_between, rounded
from tests.browser_client import count_statements
from tests.web.test_directory import example, riverside_file

assert example  # a fixture

HERE = {"latitude": "31.2304", "longitude": "121.4737"}


@pytest.fixture
def placed(riverside):
    """RS-001 three hundred metres to the north, RS-002 two kilometres to the east, RS-003 nowhere."""
    sites = {site.code: site for site in db.session.query(Site)}
    sites["RS-001"].latitude, sites["RS-001"].longitude = 31.2331, 121.4737
    sites["RS-002"].latitude, sites["RS-002"].longitude = 31.2304, 121.4947
    db.session.commit()
    return sites


def test_the_nearest_sites_stand_first_with_their_distance(client, placed):
    page = client.post("/near?lang=en", data=HERE).page

    said = [" ".join(each.text.split()) for each in page.select("main ul li")]
    assert [each["href"] for each in page.select("main ul li a")] == ["/give/RS-001?lang=en", "/give/RS-002?lang=en"]
    assert "300 m away" in said[0]
    assert "2 km away" in said[1]
    assert "Street cleaning" in said[0]


def test_the_position_is_in_no_page_address_or_row(client, placed, caplog, capsys):
    statements = count_statements(db.engine, lambda: client.post("/near", data=HERE))
    answer = client.post("/near", data=HERE)

    assert all(statement.split()[0] in ("SELECT", "BEGIN") for statement in statements)
    for told in (answer.text, caplog.text, *capsys.readouterr()):
        assert "31.2304" not in told
        assert "121.4737" not in told
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_far_from_everything_it_says_so(client, placed):
    page = client.post("/near?lang=en", data={"latitude": "51.5", "longitude": "0"}).page

    assert "Nothing within 20 kilometres" in page.select_one("main").text
    assert page.select_one("form[role=search]")


@pytest.mark.parametrize("latitude", ["", "north", "nan", "inf", "91", "1e400"])
def test_without_a_position_one_can_still_search(client, placed, latitude):
    answer = client.post("/near?lang=en", data=HERE | {"latitude": latitude})

    assert answer.status_code == 422
    assert "Look for the service by name or street" in answer.page.select_one("main").text
    assert answer.page.select_one("form[role=search]")


def test_the_button_is_hidden_until_a_script_can_ask_and_absent_where_no_site_has_a_position(client, riverside):
    assert client.get("/").page.select_one("[data-near]") is None
    riverside.site.latitude, riverside.site.longitude = 31.0, 121.0
    db.session.commit()

    form = client.get("/").page.select_one("[data-near]")

    assert form.has_attr("hidden")
    assert form["method"] == "post"
    assert client.get("/near").location == "/"


def test_across_the_date_line_is_near(client, placed):
    placed["RS-003"].latitude, placed["RS-003"].longitude = -17.0, 179.99
    db.session.commit()

    page = client.post("/near?lang=en", data={"latitude": "-17", "longitude": "-179.99"}).page

    assert "RS-003" in page.select_one("main ul").text
    assert "2.1 km away" in page.select_one("main ul").text


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 180), 20_015_115),
        # Between the cathedrals of Edinburgh and Glasgow.
        ((55.9494, -3.1910), (55.8629, -4.2347), 65_790),
    ],
)
def test_distances_on_the_sphere(one, other, metres):
    assert metres_between(one, other) == pytest.approx(metres, rel=0.001)


def test_distances_are_said_roundly():
    assert [rounded(metres) for metres in (0, 4, 304, 999, 1_049, 1_951)] == [0, 0, 300, 1000, 1000, 2000]


def test_a_directory_file_gives_a_site_its_position_and_gets_it_back(app, riverside, example):
    data = riverside_file(example)
    site = data["contracts"][0]["sites"][0]
    site |= {"latitude": 55.95, "longitude": -3.19}
    data["agency"]["slug"] = "elsewhere"
    actions.import_directory(data)
    db.session.commit()

    written = exporting.directory_of(queries.agency_by_slug("elsewhere"))

    back = {each["code"]: each for each in written["contracts"][0]["sites"]}[site["code"]]
    assert (back["latitude"], back["longitude"]) == (55.95, -3.19)
    assert actions.preview(written).rows == []
    # What a file leaves out stays.
    del site["latitude"], site["longitude"]
    assert actions.preview(data).rows == []


@pytest.mark.parametrize(
    ("position", "problem"),
    [
        ({"latitude": 55.9}, ".longitude: expected both latitude and longitude, or neither"),
        ({"latitude": 155.9, "longitude": 0}, ".latitude: expected degrees from -90 to 90"),
        ({"latitude": "55.9", "longitude": 0}, ".latitude: expected degrees"),
    ],
)
def test_a_wrong_position_is_named(app, example, position, problem):
    example["contracts"][0]["sites"][0] |= position

    with pytest.raises(ImportRefused) as refused:
        actions.preview(example)

    assert any(problem in each for each in refused.value.problems)


def test_contracts_cannot_put_one_site_in_two_places(app, example):
    one = example["contracts"][0]["sites"][0]
    one |= {"latitude": 55.9, "longitude": 3.1}
    example["contracts"][1]["sites"].append({**one, "latitude": 55.8})

    with pytest.raises(ImportRefused, match="as for the same code"):
        actions.preview(example)
