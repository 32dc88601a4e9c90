"""Correcting a tag takes one press: of a button, of a key, and without script."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.deeds import complain, open_case, say
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


def test_an_answer_half_typed_is_there_after_a_click_on_a_tag_and_gone_once_sent(new_page: Pages) -> None:
    reference = complain(new_page(), "RS-002", "Nobody swept the stairs.", email="typed@example.org")
    officer = new_page(OFFICER)
    open_case(officer, reference)
    message, note = officer.locator("[name=message]"), officer.locator("#do-note textarea")

    message.fill("We sweep on Mon")
    officer.locator("#tags").get_by_role("button", name="Cost").click()
    expect(officer.locator(".govuk-notification-banner--success")).to_be_visible()
    expect(message).to_have_value("We sweep on Mon")

    officer.locator("#do-note summary").click()
    note.fill("Asked the foreman.")
    officer.locator("#do-note button").click()
    expect(officer.get_by_text("Asked the foreman.")).to_be_visible()
    expect(message).to_have_value("We sweep on Mon")
    expect(note).to_have_value("")

    say(officer, "Send answer", "We sweep on Mondays.")
    expect(message).to_have_value("")
    officer.reload()
    expect(message).to_have_value("")

    message.fill("One more th")
    officer.get_by_role("button", name="Sign out").click()
    officer.wait_for_load_state()
    assert officer.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('typed:'))") == []
