"""Sheets that are sent: what each row does is seen on a phone and a desk, in both languages, and taken in."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import NARROW, WIDE, Place, open_page
from tests.browser.people import MANAGER, OFFICER

SITES = "code,name,area,latitude,longitude\nPK-1,Elm Park,East,31.2,121.4\nRS-001,The old market,,,\nPK-2,,,95,\n"
CALLS = (
    "number,received_at,site,text,deadline\n"
    "GD-0042,2026-01-02 08:30,RS-001,The bin was left full.,2026-01-06 17:00\n"
    "GD-0043,tomorrow,NOWHERE,,\n"
)


def send(page: Page, address: str, table: str) -> None:
    page.goto(address)
    page.locator("#file").set_input_files({"name": "sheet.csv", "mimeType": "text/csv", "buffer": table.encode()})
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()


def look(page: Page, name: str) -> None:
    """As every page: usable by all, nothing cut off."""
    folder = os.environ.get("CONTACT_SHEETS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [NARROW, WIDE], ids=lambda width: str(width["width"]))
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("who", "address", "table"), [(MANAGER, "/directory/sheets/sites", SITES), (OFFICER, "/hotline", CALLS)]
)
def test_what_each_row_does_is_seen_before_it_is_kept(
    place: Place, chromium: Browser, who: str, address: str, table: str, language: str, width: Any
) -> None:
    page = open_page(chromium, place, who)
    page.set_viewport_size(width)
    send(page, f"{address}?lang={language}", table)

    look(page, f"sheet-rows-{address.strip('/').replace('/', '-')}-{language}-{width['width']}")
    assert page.locator("main tbody tr").count() == table.count("\n") - 1
    page.context.close()


def test_good_rows_go_in_and_the_others_come_back_as_a_file(place: Place, chromium: Browser) -> None:
    page = open_page(chromium, place, OFFICER)
    send(page, "/hotline", CALLS)
    with page.expect_navigation():
        page.get_by_role("button", name="Take the good rows in").click()

    look(page, "sheet-done-hotline-en-1280")
    assert "1 row was taken in." in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="The refused rows as a file").click()
    assert download.value.suggested_filename == "hotline-refused.xlsx"
    page.context.close()
