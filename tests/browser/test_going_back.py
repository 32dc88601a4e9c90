"""A resident goes back from the receipt, finds everything as it was typed, and sends it once more."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("address", ["/give/RS-001", "/give/RS-001?from=qr", "/give/RS-001?lang=zh"])
def test_going_back_and_sending_again_is_one_feedback(
    new_page: Callable[..., Page], address: str, *, script: bool
) -> None:
    page = new_page(java_script_enabled=script)
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


@pytest.mark.parametrize("script", [True, False])
def test_whoever_changes_the_language_after_an_error_loses_nothing(
    new_page: Callable[..., Page], *, script: bool
) -> None:
    page = new_page(java_script_enabled=script)
    page.goto("/give/RS-001?lang=en")
    page.locator("#rating-2").check(force=True)
    page.locator("#text").fill("The bin was left full again.")
    page.locator("#email").fill("no address")
    page.locator("main form button").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()

    page.get_by_role("link" if script else "button", name="简体中文").click()

    expect(page.locator("#text")).to_have_value("The bin was left full again.")
    expect(page.locator("#rating-2")).to_be_checked()
    expect(page.locator("#email")).to_have_value("no address")


@pytest.mark.parametrize("script", [True, False])
def test_going_back_and_writing_something_else_is_asked_about_and_loses_nothing(
    new_page: Callable[..., Page], *, script: bool
) -> None:
    page = new_page(java_script_enabled=script)
    page.goto("/give/RS-001?lang=en")
    page.locator("#rating-2").check(force=True)
    page.locator("#text").fill("The bin was left full again.")
    first = send(page)
    page.go_back()
    page.locator("#text").fill("The bin was left full again. So is the other one.")
    page.locator("main form button").last.click()

    expect(page.locator("main")).to_contain_text(str(first))
    expect(page.locator("#text")).to_have_value("The bin was left full again. So is the other one.")
    assert "/receipt/" not in page.url, "nothing else was sent yet"
    assert send(page) != first, "now it is meant"


@pytest.mark.parametrize("script", [True, False])
def test_going_back_on_the_page_of_what_became_of_it_does_nothing_twice(
    new_page: Callable[..., Page], *, script: bool
) -> None:
    page = new_page(java_script_enabled=script)
    page.goto("/give/RS-001?lang=en")
    page.locator("#rating-2").check(force=True)
    page.locator("#text").fill("Nobody has come for a week.")
    page.locator("[name=wants_answer][value=yes]").check(force=True)
    send(page)
    page.get_by_role("link", name="See what becomes of it").click()
    page.locator("#message").fill("It smells, too.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you, it has been added.")).to_be_visible()

    page.go_back()
    page.locator("#message").fill("It smells, too.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you, it has been added.")).to_be_visible()
    expect(page.locator(".app-timeline").get_by_text("It smells, too.")).to_have_count(1)

    page.locator("summary").last.click()
    page.get_by_role("link", name="Take my complaint back").click()
    page.locator("main form button").click()
    expect(page.get_by_text("It has been taken back.")).to_be_visible()
    page.go_back()
    if page.locator("main form button").count() and "/withdraw" in page.url:
        page.locator("main form button").last.click()
    expect(page.get_by_text("You took it back")).to_have_count(1)
