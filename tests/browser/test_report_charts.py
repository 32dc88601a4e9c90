"""The charts of a report in a real browser: the page says that they are drawn, and then shows them, by itself."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import WIDE
from tests.browser.deeds import complain, open_case
from tests.browser.people import MANAGER, OFFICER


def test_charts_appear_without_anybody_doing_anything(new_page: Callable[..., Page]) -> None:
    # A page loaded before the text was read knows no aspects, and has no such chart.
    open_case(
        new_page(OFFICER),
        complain(new_page(), "RS-001", "The bins were not emptied on time and smell.", email="chart@example.org"),
    )
    page = new_page(MANAGER, viewport=WIDE)
    page.goto("/reports/C-001")
    picture = page.locator("img[src*='/aspects.svg']")
    expect(picture).to_be_visible(timeout=40_000)

    assert picture.evaluate("image => image.complete && image.naturalWidth") > 300
    assert "What it is about, and how it sounds" in (picture.get_attribute("alt") or "")
    page.reload()
    expect(picture).to_be_visible()
    assert page.locator("[data-chart*='/aspects.svg']").count() == 0


def test_a_tag_corrected_between_loading_and_drawing_does_not_leave_the_reader_waiting(
    new_page: Callable[..., Page],
) -> None:
    reference = complain(new_page(), "RS-001", "The driver was rude and came late.", email="race@example.org")
    officer = new_page(OFFICER)
    open_case(officer, reference)
    page = new_page(MANAGER, viewport=WIDE)
    held: list[Route] = []
    page.route("**/reports/C-001/charts*", lambda route: held.append(route), times=1)
    page.goto("/reports/C-001")
    waiting = page.locator("[data-chart*='/aspects.svg']")
    expect(waiting).to_have_count(1)
    stale = waiting.get_attribute("data-chart")

    officer.locator("#tags").get_by_role("button", name="Cost").click()
    expect(officer.locator(".govuk-notification-banner--success")).to_be_visible()
    assert held, "the page asks for its charts by itself"
    held[0].continue_()

    picture = page.locator("img[src*='/aspects.svg']")
    expect(picture).to_be_visible(timeout=40_000)
    assert picture.get_attribute("src") != stale


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
