"""The receipt is kept: as a picture that the browser saves, script or not, and on paper."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.web.languages import OF_RESIDENTS
from tests.browser.test_every_page import keep_picture


def send(page: Page, language: str) -> None:
    page.goto(f"/give/RS-005?lang={language}")
    page.locator('[name=rating][value="4"]').check()
    page.locator("main form button[type=submit]:not([name])").last.click()
    page.wait_for_url("**/receipt/**")


@pytest.mark.parametrize("language", OF_RESIDENTS)
def test_it_is_saved_as_a_picture_without_a_script(new_page: Callable[..., Page], language: str) -> None:
    page = new_page(java_script_enabled=False)
    send(page, language)
    reference = page.locator("p[data-reference]").get_attribute("data-reference") or ""

    with page.expect_download() as saving:
        page.locator("main a[download]").click()

    assert saving.value.suggested_filename == f"{reference}.png"
    kept = Path(saving.value.path()).read_bytes()
    assert Image.open(BytesIO(kept)).width == 720


def test_on_paper_it_is_reference_and_address_without_what_can_only_be_pressed(new_page: Callable[..., Page]) -> None:
    page = new_page()
    send(page, "en")
    page.emulate_media(media="print")

    keep_picture(page, "receipt-on-paper")
    expect(page.locator("p[data-reference]")).to_be_visible()
    expect(page.locator("[data-copy]")).to_be_visible()
    expect(page.locator("main a[download]")).to_be_hidden()
    expect(page.get_by_role("button", name="Print this page")).to_be_hidden()
