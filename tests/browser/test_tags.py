"""Correcting a tag takes one press: of a button, of a key, and without script."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.deeds import complain, open_case
from tests.browser.people import OFFICER

Pages = Callable[..., Page]


def test_a_tag_is_corrected_by_key_while_the_focus_is_among_the_tags(new_page: Pages) -> None:
    reference = complain(new_page(), "RS-002", "The carer came an hour late again.", email="keys@example.org")
    officer = new_page(OFFICER)
    open_case(officer, reference)
    tags = officer.locator("#tags")

    officer.keyboard.press("3")
    expect(officer.locator(".govuk-notification-banner--success")).to_have_count(0)

    tags.get_by_role("button", name="Not urgent").focus()
    officer.keyboard.press("3")
    expect(officer.locator(".govuk-notification-banner--success")).to_be_visible()
    expect(tags.get_by_role("button", name="Positive")).to_have_attribute("aria-pressed", "true")

    tags.get_by_role("button", name="Cost").focus()
    officer.keyboard.press("Enter")
    expect(tags.get_by_role("button", name="Cost")).to_have_attribute("aria-pressed", "true")


def test_it_works_without_script(new_page: Pages) -> None:
    reference = complain(new_page(), "RS-002", "The bus stop is dark at night.", email="plain@example.org")
    officer = new_page(OFFICER, java_script_enabled=False)
    open_case(officer, reference)

    officer.locator("#tags").get_by_role("button", name="Neutral").click()

    expect(officer.locator("#tags").get_by_role("button", name="Neutral")).to_have_attribute("aria-pressed", "true")
