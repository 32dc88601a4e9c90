"""The sites of a report on a map: points, and tiles from the one host that was named."""

import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Place, open_page
from tests.browser.deeds import complain
from tests.browser.people import MANAGER


def points(page: Page) -> int:
    return page.locator("[data-map] path.leaflet-interactive").count()


def test_points_stand_on_plain_ground_and_mark_their_site_in_the_list(place: Place, chromium: Browser) -> None:
    resident = open_page(chromium, place)
    complain(resident, "RS-001", "The bin by the gate is full again, since Monday.", email="map@example.org")
    manager = open_page(chromium, place, MANAGER)
    asked: list[str] = []
    manager.on("request", lambda request: asked.append(request.url))
    broken: list[str] = []
    manager.on("console", lambda message: broken.append(message.text) if message.type in ("error", "warning") else None)
    manager.goto("/reports/C-001")

    expect(manager.locator("[data-map]")).to_be_visible()
    placed = manager.locator("[data-latitude]")
    assert points(manager) == placed.count() > 0
    manager.locator("[data-map] path.leaflet-interactive").first.click()
    expect(manager.locator(".app-map__chosen")).to_have_count(1)
    assert [url for url in asked if not url.startswith((place.url, "data:"))] == []
    assert broken == []
    for page in (resident, manager):
        page.context.close()


def test_where_a_host_is_named_tiles_come_from_there(place: Place, chromium: Browser) -> None:
    manager = open_page(chromium, place, MANAGER)
    tiles: list[str] = []

    def name_a_host(route: Route) -> None:
        """As if the installation had named one."""
        answer = route.fetch()
        policy = answer.headers["content-security-policy"].replace(
            "img-src 'self' data:", "img-src 'self' data: https://tiles.example"
        )
        body = answer.text().replace('data-tiles=""', 'data-tiles="https://tiles.example/{z}/{x}/{y}.png"')
        body = body.replace('data-name="', 'data-name="&lt;i&gt;').replace('data-credit="', 'data-credit="&lt;i&gt;')
        route.fulfill(response=answer, body=body, headers={**answer.headers, "content-security-policy": policy})

    def tile(route: Route) -> None:
        tiles.append(route.request.url)
        route.fulfill(status=204)

    manager.route("https://tiles.example/**", tile)
    manager.route("**/reports/C-001", name_a_host)
    manager.goto("/reports/C-001")
    expect(manager.locator("[data-map]")).to_be_visible()
    manager.wait_for_timeout(500)
    assert tiles
    assert "<i>" in manager.locator(".leaflet-tooltip").first.inner_text()
    assert manager.locator("[data-map] i").count() == 0
    manager.context.close()


COVERED = """() => {
  const boxes = [...document.querySelectorAll(".leaflet-tooltip")].map((each) => each.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return boxes.filter((box, nth) => boxes.slice(nth + 1).some((other) => meet(box, other))).length;
}"""


def test_no_name_on_the_map_covers_another(place: Place, chromium: Browser) -> None:
    manager = open_page(chromium, place, MANAGER)

    def crowd_them(route: Route) -> None:
        """Ten sites so near each other that not all of their names have room."""
        answer = route.fetch()
        body = answer.text()
        site = re.search(r"<li data-latitude=.*?</li>", body, re.DOTALL)
        assert site
        crowd = "".join(re.sub(r'(data-latitude="[^"]*)"', rf'\g<1>{nth}"', site[0]) for nth in range(10))
        route.fulfill(response=answer, body=body.replace(site[0], crowd))

    manager.route("**/reports/C-001", crowd_them)
    manager.goto("/reports/C-001")
    expect(manager.locator("[data-map]")).to_be_visible()
    expect(manager.locator(".leaflet-tooltip").first).to_be_visible()
    assert points(manager) >= 10
    assert manager.evaluate(COVERED) == 0
