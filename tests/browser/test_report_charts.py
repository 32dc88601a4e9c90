"""The charts of a report in a real browser: the page says that they are drawn, and then shows them, by itself."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE
from tests.browser.deeds import complain
from tests.browser.people import MANAGER


def test_charts_appear_without_anybody_doing_anything(new_page: Callable[..., Page]) -> None:
    complain(new_page(), "RS-001", "The bins were not emptied on time and smell.", email="chart@example.org")
    page = new_page(MANAGER, viewport=WIDE)
    page.goto("/reports/C-001")
    picture = page.locator("img[src*='/aspects.svg']")
    expect(picture).to_be_visible(timeout=40_000)

    assert picture.evaluate("image => image.complete && image.naturalWidth") > 300
    assert "What it is about, and how it sounds" in (picture.get_attribute("alt") or "")
    page.reload()
    expect(picture).to_be_visible()
    assert page.locator("[data-chart*='/aspects.svg']").count() == 0


def test_without_script_a_button_has_them_drawn(new_page: Callable[..., Page]) -> None:
    complain(new_page(), "RS-002", "Nobody came to sweep, it is dirty.", email="noscript@example.org")
    page = new_page(MANAGER, viewport=WIDE)
    state = page.context.storage_state()
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(storage_state=state, java_script_enabled=False, viewport=WIDE)
    quiet = plain.new_page()
    quiet.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/reports/C-001")
    if quiet.get_by_role("button", name="Draw the charts").count():
        quiet.get_by_role("button", name="Draw the charts").click()
        expect(quiet.locator(".govuk-notification-banner--success")).to_contain_text("being drawn")
    plain.close()
