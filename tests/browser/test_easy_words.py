"""The form in easy words, on phones and desks, with and without script; the link to it stays what it is."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.web.languages import OF_RESIDENTS
from tests.browser.conftest import Place
from tests.browser.test_questions import by_width, is_usable
from tests.browser.test_small_and_forced import FOCUS_UNSEEN, TOO_SMALL


@pytest.fixture(scope="module", autouse=True)
def asked(place: Place) -> None:
    place.run("tests.browser.questions")


@by_width
@pytest.mark.parametrize("language", OF_RESIDENTS)
def test_it_is_easy_to_find_and_to_fill_in_without_a_script(
    new_page: Callable[..., Page], width: Any, language: str
) -> None:
    page = new_page(viewport=width, java_script_enabled=False)
    page.goto(f"/give/RS-004?lang={language}")
    page.locator("main > p a[href*='easy=y']").click()
    assert page.locator("html").get_attribute("lang") == ("zh-Hans" if language == "zh" else language)

    page.locator("main form button[type=submit]:not([name])").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(page.locator("form.app-easy")).to_be_visible()
    page.locator('[name=rating][value="4"]').check()
    page.locator("main form button[type=submit]:not([name])").click()
    page.wait_for_url("**/receipt/**")


@by_width
@pytest.mark.parametrize("language", OF_RESIDENTS)
def test_letters_are_large_and_nothing_is_cut_off(new_page: Callable[..., Page], width: Any, language: str) -> None:
    page = new_page(viewport=width)
    page.goto(f"/give/RS-004?easy=y&lang={language}")

    is_usable(page, f"easy-{width['width']}-{language}")
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate(FOCUS_UNSEEN) == []
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('form .app-easy__part :is(label, legend, textarea, .govuk-hint)')]"
        ".filter((e) => e.checkVisibility()).map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 22


def test_what_was_typed_is_found_again_in_the_other_words(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto("/give/RS-005?lang=en")
    page.locator("[name=text]").fill("The shelter has no light.")
    page.get_by_role("link", name="Easy to read").click()
    page.wait_for_url("**easy=y*")

    expect(page.locator("[name=text]")).to_have_value("The shelter has no light.")
