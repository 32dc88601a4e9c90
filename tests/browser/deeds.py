"""What people do in the browser and with their mail, told once for all tests."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from playwright.sync_api import Page, expect

SENTENCE_READ = 15_000
"""Milliseconds within which the worker has read a text."""


def complain(page: Page, code: str, words: str, *, email: str) -> str:
    """Complain at a site, in any language of the page; the reference that the receipt shows."""
    page.goto(f"/give/{code}")
    page.locator('[name=rating][value="2"]').check()
    page.locator("[name=text]").fill(words)
    page.locator("[name=wants_answer][value=yes]").check()
    page.locator("[name=email]").fill(email)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/receipt/**")
    reference = page.locator("[data-reference]").get_attribute("data-reference") or ""
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", reference)
    return reference


def answer_all(page: Page) -> str:
    """Answer every question about the playgrounds, and complain; the reference that the receipt shows."""
    page.goto("/give/RS-004")
    page.locator("[name=rating][value='2']").check()
    page.locator("[name=q-drive234-safety][value=negative]").check()
    page.locator("[name=q-drive234-cleanliness][value=positive]").check()
    page.locator("[name=q-rate2345][value='2']").check()
    page.locator("[name=q-which234][value=swing234]").check()
    page.locator("[name=q-again234][value=yes]").check()
    page.locator("[name=q-when2345]").fill("2026-09-30")
    page.locator("[name=q-text2345]").fill("Mend it before the holidays. Call 0131 496 0000.")
    page.locator("[name=wants_answer][value=yes]").check()
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/receipt/**")
    return page.locator("p[data-reference]").get_attribute("data-reference") or ""


def open_case(page: Page, reference: str) -> None:
    """From the inbox to the case, once the worker has read what was said."""
    page.goto("/inbox")
    page.get_by_role("link", name=reference).click()
    page.wait_for_url(f"**/cases/{reference}*")
    for _ in range(SENTENCE_READ // 250):
        if not page.get_by_text("It is being read.").count():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError("the worker does not read")


def say(page: Page, button: str, words: str) -> None:
    """Write an answer on the case's page and press one of the buttons below it."""
    page.locator("[name=message]").fill(words)
    press(page, button)
    expect(page.get_by_text(words).first).to_be_visible()


def press(page: Page, button: str) -> None:
    """Press a button of staff; it is done when the page says so."""
    page.get_by_role("button", name=button).click()
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()


def text_of(letter: EmailMessage) -> str:
    """The text part, which every letter has."""
    part = letter.get_body(("plain",))
    assert part is not None, "a letter has a text part"
    content: Any = part.get_content()
    return str(content)


def has(words: str) -> Callable[[EmailMessage], bool]:
    return lambda letter: words in text_of(letter)


def link_in(letter: EmailMessage, about: str) -> str:
    """The first link with ``/about`` in its path."""
    found = re.search(rf"https?://\S*/{about}\b\S*", text_of(letter))
    assert found, f"no link to {about} in the letter"
    return found[0]
