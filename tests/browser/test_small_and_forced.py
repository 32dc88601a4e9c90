"""The residents' pages for those who enlarge, choose their own colours, or want no motion; errors are pages too.

320 pixels are what is left of 1280 at 400 % zoom. ``CONTACT_SHEETS=folder`` keeps a picture of each.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.web.languages import OF_RESIDENTS
from tests.browser.conftest import Place, open_page
from tests.browser.deeds import complain
from tests.browser.test_every_page import check_status, keep_picture

SMALL = {"width": 320, "height": 568}
LONG = "The bins overflow: https://example.org/" + "a-very-long-address-without-a-break/" * 4

Doing = Callable[[Page, dict[str, str]], object]


def go(address: str, status: int = 200) -> Doing:
    def do(page: Page, world: dict[str, str]) -> None:
        check_status(page.goto(address.format(**world)), status)

    return do


def send_wrongly(page: Page, world: dict[str, str]) -> None:
    page.goto("/give/RS-003?lang={language}".format(**world))
    page.locator("[name=email]").fill("li at example")
    page.locator("[name=share]").check()
    page.locator("main button[type=submit]").last.click()
    page.wait_for_selector(".govuk-error-summary")


def answer_wrongly(page: Page, world: dict[str, str]) -> None:
    page.goto("/give/RS-004?lang={language}".format(**world))
    page.locator("[name=q-when2345]").fill("2999-01-01")
    page.locator("[name=q-text2345]").fill("x" * 2001)
    page.locator("main button[type=submit]").last.click()
    page.wait_for_selector(".govuk-error-summary")


def find_wrongly(page: Page, world: dict[str, str]) -> None:
    page.goto("/track?lang={language}".format(**world))
    page.locator("[name=reference]").fill("7KQ4-MMZ2-X9RD")
    page.locator("main button[type=submit]").click()
    page.wait_for_selector(".govuk-error-summary")


def add_nothing(page: Page, world: dict[str, str]) -> None:
    page.goto("{track}?lang={language}".format(**world))
    page.locator("form[action*='/add'] button[type=submit]").click()
    page.wait_for_selector(".govuk-error-message")


def look_near(page: Page, world: dict[str, str]) -> None:
    page.goto("/?lang={language}".format(**world))
    page.locator("[data-near] button").click()
    page.wait_for_url("**/near*")


STATES: dict[str, Doing] = {
    "home": go("/?lang={language}"),
    "home-found": go("/?q=street&lang={language}"),
    "near": look_near,
    "give": go("/give/RS-001?lang={language}"),
    "give-errors": send_wrongly,
    "give-own-questions": go("/give/RS-004?lang={language}"),
    "give-own-questions-errors": answer_wrongly,
    "give-easy": go("/give/RS-004?easy=y&lang={language}"),
    "receipt": go("{receipt}?lang={language}"),
    "receipt-over": go("/receipt/nobody-has-this?lang={language}", 404),
    "track": go("{track}?lang={language}"),
    "track-error": add_nothing,
    "sure": go("{track}/erase?lang={language}"),
    "find": go("/track?lang={language}"),
    "find-error": find_wrongly,
    "unknown": go("/give/NOWHERE?lang={language}", 404),
    "accessibility": go("/accessibility?lang={language}"),
}

# Success criterion 2.5.8: 24 by 24, or in a sentence, or so far from others that a circle of 24 touches none of them.
TOO_SMALL = """() => {
  const name = (e) => `${e.tagName.toLowerCase()} "${(e.innerText || e.name || "").trim().slice(0, 40)}"`;
  const seen = (e) => e.checkVisibility() && e.getClientRects().length && !e.closest(".govuk-skip-link");
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(seen)
    // What a label says is pressed, too: the larger of both counts.
    .map((e) => {
      const boxes = [e, ...(e.labels || [])].map((each) => each.getBoundingClientRect());
      const box = boxes.reduce((one, other) => (one.width * one.height > other.width * other.height ? one : other));
      return { e, box };
    });
  const inSentence = (e) => {
    const around = e.closest("p, li, dd");
    return e.tagName === "A" && around && around.innerText.trim() !== e.innerText.trim();
  };
  const middle = ({ box }) => [box.x + box.width / 2, box.y + box.height / 2];
  const apart = (one, { box }) => {
    const [x, y] = middle(one);
    return Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  };
  return targets
    .filter(({ box }) => box.width < 24 || box.height < 24)
    .filter(({ e }) => !inSentence(e))
    .filter((one) => targets.some((other) => other.e !== one.e && apart(one, other) < 12))
    .map(({ e, box }) => `${name(e)} ${Math.round(box.width)} x ${Math.round(box.height)}`);
}"""

# What is scrolled sideways, and what is cut off at the edge of the screen.
CUT_OFF = """() => {
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
  const beyond = [...document.querySelectorAll("body *")].filter((e) => {
    const box = e.getBoundingClientRect();
    const hidden = e.closest(".govuk-skip-link, .govuk-visually-hidden") || !e.checkVisibility();
    return !hidden && box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
  });
  return [...wide, ...beyond.map((e) => e.outerHTML.slice(0, 80))];
}"""

# The focus can be seen on whatever the keyboard reaches; a radio that is drawn by its label shows it there.
FOCUS_UNSEEN = """() => {
  const able = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((e) => e.checkVisibility() && !e.disabled);
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const shows = (e) => {
    e.focus();
    const next = e.nextElementSibling;
    return [[e, null], [e, "::before"], [e, "::after"], [next, null], [next, "::before"], [next, "::after"]].some(
      ([on, part]) => on && outlined(getComputedStyle(on, part)));
  };
  return able.filter((e) => !shows(e)).map((e) => e.outerHTML.slice(0, 80));
}"""

MOVING = """() => [
  ...document.getAnimations().map((each) => String(each.animationName || each.transitionProperty)),
  ...[...document.querySelectorAll("*")].flatMap((e) => [null, "::before", "::after"].flatMap((part) => {
    const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(e, part);
    const times = transitionDuration.split(",").map(parseFloat);
    const moves = times.some((seconds) => seconds > 0) || animationName !== "none" || scrollBehavior === "smooth";
    return moves ? [e.outerHTML.slice(0, 80)] : [];
  })),
]"""


@pytest.fixture(scope="module")
def world(place: Place, chromium: Browser) -> dict[str, str]:
    place.run("tests.browser.questions")
    resident = open_page(chromium, place)
    complain(resident, "RS-001", LONG, email="small@example.org")
    made = {"receipt": resident.url.partition("?")[0]}
    resident.locator("main a[href*='/track/']").click()
    made["track"] = resident.url.partition("?")[0]
    resident.context.close()
    return made


@pytest.fixture(scope="module")
def look(place: Place, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """One page for each way of looking."""
    pages: dict[str, Page] = {}

    def page_for(how: str, **more: Any) -> Page:
        if how not in pages:
            here = {"latitude": 31.23, "longitude": 121.48}
            pages[how] = open_page(
                chromium, place, viewport=SMALL, geolocation=here, permissions=["geolocation"], **more
            )
        return pages[how]

    yield page_for
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize("language", OF_RESIDENTS)
@pytest.mark.parametrize("state", STATES)
def test_at_four_times_its_size_nothing_is_cut_off_and_all_can_be_pressed(
    world: dict[str, str], look: Callable[..., Page], state: str, language: str
) -> None:
    page = look("small")

    STATES[state](page, {**world, "language": language})

    keep_picture(page, f"small-{state}-{language}")
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize("state", STATES)
def test_in_colours_of_ones_own_and_without_motion(
    world: dict[str, str], look: Callable[..., Page], state: str
) -> None:
    page = look("forced", forced_colors="active", reduced_motion="reduce")

    STATES[state](page, {**world, "language": "en"})

    keep_picture(page, f"forced-{state}")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.evaluate(FOCUS_UNSEEN) == []
    assert page.evaluate(MOVING) == []
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_in_forced_colours_what_is_chosen_is_not_told_by_colour_alone(look: Callable[..., Page]) -> None:
    page = look("forced", forced_colors="active", reduced_motion="reduce")
    page.goto("/give/RS-001")
    page.locator("[name=rating][value='4']").check()
    page.locator("[name=wants_answer][value=yes]").check()

    tick = "(e) => getComputedStyle(e.nextElementSibling, '::after').opacity"
    assert page.locator("[name=rating][value='4']").evaluate(tick) == "1"
    assert page.locator("[name=rating][value='3']").evaluate(tick) == "0"
    assert page.locator("[name=wants_answer][value=yes]").evaluate(tick) == "1"
    edge = "(e) => getComputedStyle(e).borderTopStyle"
    assert page.locator("main button[type=submit]").last.evaluate(edge) == "solid"


def test_the_whole_form_can_be_sent_by_keyboard_alone(look: Callable[..., Page]) -> None:
    page = look("small")
    page.goto("/give/RS-001?lang=en")

    reached: list[str] = []
    for _press in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate("[document.activeElement.name || '', document.activeElement.type || '']")
        reached.append(here[0])
        if here[0] == "rating":
            page.keyboard.press("Space")
        elif here[0] == "text":
            page.keyboard.type("Sent without a mouse.")
        elif here[1] == "submit":
            page.keyboard.press("Enter")
            break

    page.wait_for_url("**/receipt/**")
    order = [name for name in ("rating", "text", "place", "photos", "wants_answer", "email", "phone", "share")]
    assert [name for name in dict.fromkeys(reached) if name in order] == order
