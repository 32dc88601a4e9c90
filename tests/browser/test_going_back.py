"""A resident goes back from the receipt, finds everything as it was typed, and sends it once more."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page


@pytest.mark.parametrize("address", ["/give/RS-001", "/give/RS-001?from=qr", "/give/RS-001?lang=zh"])
def test_going_back_and_sending_again_is_one_feedback(new_page: Callable[..., Page], address: str) -> None:
    page = new_page()
    page.goto(address)
    page.locator("#rating-2").check(force=True)
    page.locator("#text").fill("The bin was left full again.")
    page.locator("#place").fill("Gate 2")
    first = send(page)

    page.go_back()

    assert page.locator("#rating-2").is_checked()
    assert page.locator("#text").input_value() == "The bin was left full again."
    assert page.locator("#place").input_value() == "Gate 2"
    assert send(page) == first


def send(page: Page) -> str | None:
    """Send the form; the reference that the receipt shows."""
    page.locator("main form button").click()
    page.wait_for_url("**/receipt/**")
    return page.locator("[data-reference]").get_attribute("data-reference")
