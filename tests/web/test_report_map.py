"""Sites on a map, with a list beside it that says all of it; tiles only where the installation names them."""

from dataclasses import replace

import pytest

from app.config import BadSetting, Config
from app.extensions import db

PERIOD = "?start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"
TILES = "https://tiles.example.org/{z}/{x}/{y}.png"


@pytest.fixture
def placed(september):
    """The first of the two sites has a position, the other has none."""
    september.site.latitude, september.site.longitude = 31.23, 121.48
    db.session.commit()
    return september


@pytest.fixture
def tiles(app, settings):
    app.config["CONFIG"] = replace(settings, map_tiles=TILES, map_credit="© Streets of everybody")
    yield
    app.config["CONFIG"] = settings


def test_the_list_beside_the_map_is_complete_and_opens_the_cases(client, placed):
    page = client.sign_in(placed.manager).get(f"/reports/C-001{PERIOD}").page

    listed = page.select(".app-map__list li")
    assert [each.strong.text for each in listed] == ["RS-001", "RS-002"]
    assert [each.get("data-latitude") for each in listed] == ["31.23", None]
    assert "position not known" in listed[1].text
    assert [link.text for link in listed[0].select("a")] == ["12 overdue", "12 open", "12 cases"]
    behind = client.get(listed[0].select("a")[2]["href"]).page
    assert behind.select_one("caption").text.split()[0] == "12"
    # The map itself waits for its script: without one there is the list alone.
    assert page.select_one("[data-map]").has_attr("hidden")
    assert page.select_one("[data-map]")["data-tiles"] == ""


def test_without_a_position_there_is_the_table_alone(client, september):
    page = client.sign_in(september.manager).get(f"/reports/C-001{PERIOD}").page
    assert not page.select("[data-map]")
    assert not page.select("script[src*='map.js'], link[href*='map.css']")
    assert page.select("#sites-caption")


def test_tiles_are_off_and_then_pages_load_nothing_from_elsewhere(client, placed):
    policy = client.sign_in(placed.manager).get(f"/reports/C-001{PERIOD}").headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in policy


def test_with_tiles_their_host_alone_is_let_in_and_on_pages_with_a_map_alone(client, placed, tiles):
    response = client.sign_in(placed.manager).get(f"/reports/C-001{PERIOD}")

    assert "img-src 'self' data: https://tiles.example.org;" in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Security-Policy"].count("https:") == 1
    assert response.page.select_one("[data-map]")["data-tiles"] == TILES
    assert response.page.select_one("[data-map]")["data-credit"] == "© Streets of everybody"
    for elsewhere in (f"/reports{PERIOD}", "/inbox", f"/reports/C-001/cases{PERIOD}&of=received"):
        assert "tiles.example.org" not in client.get(elsewhere).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "wrong",
    [
        "tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org/{z}/{x}.png",
        "https://{s}.tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org; script-src *//{z}/{x}/{y}",
        "javascript:{z}{x}{y}",
    ],
)
def test_an_address_of_tiles_is_checked(tmp_path, wrong):
    with pytest.raises(BadSetting, match=r"^MAP_TILES.*expected"):
        Config.from_environment({"MAP_TILES": wrong}, tmp_path)
