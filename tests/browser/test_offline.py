"""A resident without a line: the form opens, nothing written is lost, and "sent" is said only with a reference."""

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, expect

from app.web.languages import OF_RESIDENTS
from tests.browser.conftest import NARROW, Place
from tests.browser.line import Line, line_to
from tests.browser.test_photos import photo

WORDS = "The bins overflow and nobody came."
REFERENCE = re.compile(r"(\w{4}-){2}\w{4}")
GIVE_UP = 30_000
"""Milliseconds after which a page has surely given up on a server that does not answer."""


@pytest.fixture
def line(place: Place) -> Iterator[Line]:
    with line_to(place.url) as line:
        yield line


@pytest.fixture
def phone(line: Line, chromium: Browser) -> Iterator[BrowserContext]:
    """A phone whose every request goes over the line."""
    context = chromium.new_context(base_url=line.url, viewport=NARROW, locale="en-GB")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def visit(phone: BrowserContext, address: str = "/give/RS-001") -> Page:
    """Open the form with a line, and wait until it can be opened without."""
    page = phone.new_page()
    page.goto(address)
    until(
        page,
        """async (address) => {
          const kept = await (await caches.open("pages")).keys();
          const ours = kept.map((each) => new URL(each.url));
          return navigator.serviceWorker.controller && ours.some((each) => each.pathname + each.search === address)
            && ours.some((each) => each.pathname === "/offline");
        }""",
        address,
    )
    return page


def until(page: Page, is_so: str, argument: Any = None) -> None:
    """Wait for what only the browser can say, and must think about."""
    for _ in range(100):
        if page.evaluate(is_so, argument):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never: {is_so}")


def write(page: Page, words: str = WORDS) -> None:
    page.locator('[name=rating][value="2"]').check()
    page.locator("[name=text]").fill(words)


def press_send(page: Page) -> None:
    page.locator("main form button[type=submit]").click()


def note(page: Page) -> Any:
    return page.locator("[data-unsent] .app-unsent")


def reference_in(page: Page) -> str:
    shown = note(page).locator("[data-fill=reference]")
    expect(shown).to_have_text(REFERENCE)
    return shown.text_content() or ""


def feedback_with(place: Place, words: str) -> list[tuple[str, str]]:
    """(reference, key) of all that was taken in with these words."""
    file = Path(place.environment["ANSWERABLE_VAR"]) / "answerable.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute(
            "SELECT reference, idempotency_key FROM feedback JOIN feedback_words ON feedback_id = id WHERE text = ?",
            [words],
        ).fetchall()


def test_it_is_written_without_a_line_and_sent_when_one_of_our_pages_is_opened_again(
    place: Place, line: Line, phone: BrowserContext
) -> None:
    words = "Written in a tunnel, sent from home."
    visit(phone).close()
    line.cut()
    page = phone.new_page()
    page.goto("/give/RS-001", wait_until="domcontentloaded")
    write(page, words)
    press_send(page)

    expect(note(page)).to_contain_text("Not sent yet")
    expect(note(page).locator("h2")).to_be_focused()
    expect(page.locator("form[data-site]")).to_be_hidden()
    page.close()
    assert feedback_with(place, words) == []

    line.mend()
    later = phone.new_page()
    later.goto("/track")
    reference = reference_in(later)
    ((kept, key),) = feedback_with(place, words)
    assert kept == reference
    assert len(key) == 22, "a page that was kept makes a key of its own"
    note(later).get_by_role("link", name="Open the receipt").click()
    expect(later.locator("p[data-reference]")).to_have_text(reference)
    note(later).get_by_role("button", name="Remove this note").click()
    expect(note(later)).to_have_count(0)


def test_it_is_sent_as_soon_as_the_browser_says_that_there_is_a_line(place: Place, phone: BrowserContext) -> None:
    words = "Under the bridge there is no network."
    page = visit(phone)
    write(page, words)
    phone.set_offline(True)
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")

    phone.set_offline(False)

    assert reference_in(page) == feedback_with(place, words)[0][0]


def test_send_now_says_when_it_fails_and_shows_the_reference_when_it_does_not(
    place: Place, line: Line, phone: BrowserContext
) -> None:
    words = "No background sync on this phone."
    page = visit(phone)
    write(page, words)
    line.cut()
    press_send(page)
    button = note(page).get_by_role("button", name="Send now")
    button.click()
    expect(note(page)).to_contain_text("Not sent yet")
    expect(note(page)).to_contain_text("Last try:")
    expect(button).to_be_visible()

    line.mend()
    send_now(page)

    assert reference_in(page) == feedback_with(place, words)[0][0]


def test_the_browser_sends_it_while_no_page_is_open(place: Place, line: Line, phone: BrowserContext) -> None:
    words = "The browser itself sends this."
    page = visit(phone)
    write(page, words)
    line.cut()
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")
    page.goto("about:blank")
    line.mend()

    page.goto("/favicon.ico")  # an address of ours that is no page: only the worker can send
    tools = phone.new_cdp_session(page)
    registrations: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(each["registrationId"] for each in told["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    page.wait_for_timeout(500)
    tools.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": line.url, "registrationId": registrations[0], "tag": "send", "lastChance": False},
    )

    for _ in range(40):
        if feedback_with(place, words):
            break
        page.wait_for_timeout(250)
    assert len(feedback_with(place, words)) == 1
    page.goto("/")
    assert reference_in(page) == feedback_with(place, words)[0][0]


def test_two_tabs_send_it_once(place: Place, line: Line, phone: BrowserContext) -> None:
    words = "Two tabs, one complaint."
    first = visit(phone)
    write(first, words)
    line.cut()
    press_send(first)
    expect(note(first)).to_contain_text("Not sent yet")
    second = phone.new_page()
    second.goto("/give/RS-001")
    expect(note(second)).to_contain_text("Not sent yet")

    line.mend()
    for page in (first, second):
        page.evaluate("window.dispatchEvent(new Event('online'))")

    assert reference_in(first) == reference_in(second)
    assert len(feedback_with(place, words)) == 1


def test_what_arrived_without_an_answer_is_one_feedback_when_it_is_sent_again(
    place: Place, line: Line, phone: BrowserContext
) -> None:
    words = "The answer was lost on the way."
    page = visit(phone)
    write(page, words)
    line.lose_answers()
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")
    assert len(feedback_with(place, words)) == 1, "it has arrived, but nobody here can know"

    line.mend()
    send_now(page)

    reference = reference_in(page)
    assert [kept for kept, _key in feedback_with(place, words)] == [reference]


def test_a_server_that_does_not_answer_is_waited_for_and_then_it_is_kept(
    place: Place, line: Line, phone: BrowserContext
) -> None:
    words = "The server is deep in thought."
    page = visit(phone)
    write(page, words)
    line.fall_silent()
    press_send(page)
    expect(page.get_by_role("button", name="Sending…")).to_be_visible()
    expect(note(page)).to_contain_text("Not sent yet", timeout=GIVE_UP)

    # The form opens all the same, from what is kept, and a tab that is closed while it sends loses nothing.
    other = phone.new_page()
    other.goto("/give/RS-001")
    expect(other.locator("h1")).to_have_text("Street cleaning: Market Square")
    page.close()
    other.close()
    line.mend()
    last = phone.new_page()
    last.goto("/")
    assert reference_in(last) == feedback_with(place, words)[0][0]


def test_a_tab_closed_while_it_sends_loses_nothing(place: Place, line: Line, phone: BrowserContext) -> None:
    words = "Closed too soon."
    page = visit(phone)
    write(page, words)
    line.fall_silent()
    press_send(page)
    expect(page.get_by_role("button", name="Sending…")).to_be_visible()
    page.wait_for_timeout(500)
    page.close()
    line.mend()

    again = phone.new_page()
    again.goto("/give/RS-001")

    assert reference_in(again) == feedback_with(place, words)[0][0]
    expect(again.locator("[name=text]")).to_have_value("")


def test_a_draft_is_there_again_and_goes_once_the_reference_is_there(phone: BrowserContext) -> None:
    page = visit(phone)
    write(page)
    page.locator("[name=wants_answer][value=no]").check()
    page.close()

    again = phone.new_page()
    again.goto("/give/RS-001")
    expect(again.locator("[name=text]")).to_have_value(WORDS)
    expect(again.locator('[name=rating][value="2"]')).to_be_checked()
    expect(again.locator("[name=wants_answer][value=no]")).to_be_checked()
    expect(again.get_by_text("This is what you wrote here before and have not sent.")).to_be_visible()
    elsewhere = phone.new_page()
    elsewhere.goto("/give/RS-002")
    expect(elsewhere.locator("[name=text]")).to_have_value("")
    press_send(again)
    again.wait_for_url("**/receipt/**")
    again.goto("/give/RS-001")
    expect(again.locator("[name=text]")).to_have_value("")


def test_a_draft_can_be_thrown_away(phone: BrowserContext) -> None:
    page = visit(phone)
    write(page)
    page.reload()
    page.get_by_text("Start afresh").click()
    page.get_by_role("button", name="Delete it").click()

    expect(page.locator("[name=text]")).to_have_value("")
    expect(page.locator('[name=rating][value="2"]')).not_to_be_checked()
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("")


def test_an_empty_form_that_was_sent_leaves_nothing_behind(phone: BrowserContext) -> None:
    page = visit(phone)
    press_send(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    for address in ("/give/RS-001", "/give/RS-001?lang=ar"):
        page.goto(address)
        page.wait_for_timeout(500)
        expect(page.locator(".app-unsent")).to_have_count(0)
        expect(page.locator("main > .govuk-inset-text")).to_have_count(0)


def test_what_waits_can_be_deleted_and_never_arrives(place: Place, line: Line, phone: BrowserContext) -> None:
    words = "Better not."
    page = visit(phone)
    write(page, words)
    line.cut()
    press_send(page)
    note(page).get_by_text("Do not send it").click()
    note(page).get_by_role("button", name="Delete it").click()
    expect(note(page)).to_have_count(0)
    line.mend()
    page.goto("/give/RS-001")
    page.wait_for_timeout(500)

    assert feedback_with(place, words) == []
    assert page.evaluate("localStorage.length") == 0


def test_what_is_refused_later_is_shown_in_the_form_with_its_errors(
    place: Place, line: Line, phone: BrowserContext
) -> None:
    words = "The address is not one."
    page = visit(phone)
    write(page, words)
    page.locator("[name=email]").fill("rosa at example")
    line.cut()
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")
    page.close()
    line.mend()

    later = phone.new_page()
    later.goto("/")
    expect(note(later)).to_contain_text("Something in it must be changed first.")
    note(later).get_by_role("link", name="Look at it again").click()
    expect(later.locator(".govuk-error-summary")).to_be_focused()
    expect(later.get_by_role("link", name="Enter an e-mail address like name@example.com.")).to_be_visible()
    expect(later.locator("[name=text]")).to_have_value(words)
    expect(later.locator('[name=rating][value="2"]')).to_be_checked()
    expect(note(later)).to_have_count(0)

    later.locator("[name=email]").fill("rosa@example.org")
    press_send(later)
    later.wait_for_url("**/receipt/**")
    assert feedback_with(place, words)[0][0] == later.locator("[data-reference]").get_attribute("data-reference")
    later.goto("/give/RS-001")
    expect(later.locator("[name=text]")).to_have_value("")
    expect(note(later)).to_have_count(0)


def test_the_same_draft_with_other_words_is_told_and_can_be_sent_as_new(
    place: Place, line: Line, phone: BrowserContext
) -> None:
    first, second = "What was said first.", "What was said afterwards."
    page = visit(phone)
    write(page, first)
    press_send(page)
    page.wait_for_url("**/receipt/**")
    page.go_back()
    page.locator("[name=text]").fill(second)
    line.cut()
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")
    page.close()
    line.mend()

    later = phone.new_page()
    later.goto("/")
    expect(note(later)).to_contain_text("It was sent before with other words")
    note(later).get_by_role("link", name="Look at it again").click()
    later.get_by_role("button", name="Send as new").click()
    later.wait_for_url("**/receipt/**")

    assert len(feedback_with(place, first)) == len(feedback_with(place, second)) == 1
    expect(note(later)).to_have_count(0)


def test_photos_wait_with_it_and_are_sent_with_it(phone: BrowserContext, line: Line) -> None:
    page = visit(phone)
    write(page, "Two pictures of a bin, taken where there is no network.")
    choose_photos(page, 2)
    line.cut()
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")
    assert len(kept_files(page)) == 2
    page.close()
    line.mend()

    later = phone.new_page()
    later.goto("/")
    reference_in(later)
    note(later).get_by_role("link", name="Open the receipt").click()
    later.get_by_role("link", name="See what becomes of it").click()
    expect(later.locator(".app-photos img")).to_have_count(2)
    assert kept_files(later) == [], "what has arrived is not kept here any longer"


def test_photos_of_what_is_refused_later_are_not_lost(phone: BrowserContext, line: Line) -> None:
    words = "A picture, and an address that is none."
    page = visit(phone)
    write(page, words)
    page.locator("[name=email]").fill("rosa at example")
    choose_photos(page, 1)
    line.cut()
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")
    line.mend()
    send_now(page)
    expect(note(page)).to_contain_text("Something in it must be changed first.")
    assert len(kept_files(page)) == 1

    note(page).get_by_role("link", name="Look at it again").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.locator("[name=kept]")).to_have_count(1)
    page.locator("[name=email]").fill("")
    press_send(page)
    page.wait_for_url("**/receipt/**")
    page.get_by_role("link", name="See what becomes of it").click()
    expect(page.locator(".app-photos img")).to_have_count(1)


def test_photos_that_the_server_keeps_no_more_are_sent_again(place: Place, phone: BrowserContext, line: Line) -> None:
    """After an error the form names photos that are kept for an hour only; sent a day later they are gone there."""
    words = "Kept by the server, and then not."
    page = visit(phone)
    write(page, words)
    page.locator("[name=email]").fill("rosa at example")
    choose_photos(page, 1)
    press_send(page)
    expect(page.locator("[name=kept]")).to_have_count(1)
    page.locator("[name=email]").fill("")
    page.locator("[name=kept]").evaluate("(box) => (box.value = 'forgotten')")
    line.cut()
    press_send(page)
    expect(note(page)).to_contain_text("Not sent yet")
    line.mend()
    send_now(page)
    expect(note(page)).to_contain_text("Something in it must be changed first.")

    note(page).get_by_role("link", name="Look at it again").click()
    page.wait_for_url("**/receipt/**")
    page.get_by_role("link", name="See what becomes of it").click()
    expect(page.locator(".app-photos img")).to_have_count(1)


def send_now(page: Page) -> None:
    """Press "Send now", unless the browser was quicker: it sends by itself as soon as there is a line."""
    with suppress(TimeoutError):
        note(page).get_by_role("button", name="Send now").click(timeout=2000)


def choose_photos(page: Page, number: int) -> None:
    """Choose so many; they are shown small once they are shrunk."""
    page.locator("[name=photos]").set_input_files([photo(colour) for colour in ("red", "blue")[:number]])
    expect(page.locator("ul.app-photos li")).to_have_count(number)
    page.wait_for_function(
        "(n) => [...document.querySelector('[name=photos]').files].filter((f) => f.name === 'photo.jpg').length === n",
        arg=number,
    )


def kept_files(page: Page) -> Any:
    return page.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("answerable").onsuccess = ({target}) => {
            target.result.transaction("unsent").objectStore("unsent").getAll().onsuccess = ({target}) => resolve(
              target.result.flatMap((item) => item.fields || []).filter(([name]) => name === "photos")
                .map(([, file]) => [file.name, file.bytes.byteLength]));
          };
        })"""
    )


def test_nothing_of_anybodys_own_is_kept_and_no_key(phone: BrowserContext) -> None:
    page = visit(phone, "/give/RS-001?from=qr")
    write(page)
    press_send(page)
    page.wait_for_url("**/receipt/**")
    page.get_by_role("link", name="See what becomes of it").click()
    page.wait_for_url("**/track/**")
    page.goto("/sign-in")

    kept = page.evaluate(
        """async () => {
          const kept = {};
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys())
              kept[request.url.replace(location.origin, "")] = await (await cache.match(request)).text();
          }
          return kept;
        }"""
    )
    assert sorted(address.split("?v=")[0] for address in kept) == [
        "/give/RS-001?from=qr",
        "/offline?lang=en",
        "/static/js/resident.js",
        "/static/resident.css",
    ]
    assert 'name="key" type="hidden" value=""' in kept["/give/RS-001?from=qr"]


def test_new_assets_take_the_place_of_old_ones_and_kept_pages_are_fetched_anew(
    line: Line, phone: BrowserContext
) -> None:
    page = visit(phone)
    page.evaluate(
        """async () => {
          await (await caches.open("assets-old")).put("/static/resident.css?v=old", new Response(""));
          await navigator.serviceWorker.register("/service-worker.js?changed");
        }"""
    )
    until(page, "async () => !(await caches.keys()).includes('assets-old')")

    assert len(page.evaluate("caches.keys()")) == 2
    assert line.asked["GET /give/RS-001"] == line.asked["GET /offline"] == 2


def test_a_first_visit_takes_six_requests(line: Line, phone: BrowserContext) -> None:
    page = visit(phone)
    page.wait_for_timeout(500)

    # The manifest is asked for by browsers with a window, which this one has not.
    assert dict(line.asked) == {
        "GET /give/RS-001": 1,
        "GET /static/resident.css": 1,
        "GET /static/js/resident.js": 1,
        "GET /service-worker.js": 1,
        "GET /offline": 1,
    }


def test_it_can_be_installed(phone: BrowserContext) -> None:
    page = visit(phone, "/give/RS-001?lang=zh")
    tools = phone.new_cdp_session(page)
    told = tools.send("Page.getAppManifest")

    assert told["errors"] == []
    assert json.loads(told["data"])["lang"] == "zh-Hans"
    assert tools.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        # A private window, as tests have, installs nothing.
        [{"errorId": "in-incognito", "errorArguments": []}],
    )


def test_without_script_it_is_a_form_as_any_other(place: Place, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/give/RS-001")
    write(page)
    press_send(page)

    page.wait_for_url("**/receipt/**")


@pytest.mark.parametrize("language", OF_RESIDENTS)
def test_every_state_is_usable_by_all(line: Line, phone: BrowserContext, language: str) -> None:
    address = f"/give/RS-001?lang={language}"
    page = visit(phone, address)
    write(page)
    page.reload()
    look_at(page, f"draft-{language}")
    line.cut()
    press_send(page)
    expect(note(page)).to_have_count(1)
    look_at(page, f"waiting-{language}")
    page.goto(f"/?lang={language}")
    expect(page.locator("[data-kept-pages] a")).to_have_count(1)
    expect(note(page)).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans"}.get(language, language)
    look_at(page, f"offline-{language}")

    page.goto(address)
    page.locator("[name=email]").fill("rosa")
    page.locator("[name=text]").fill("One more.")
    press_send(page)
    expect(note(page)).to_have_count(2)
    line.mend()
    page.goto(f"/track?lang={language}")
    expect(note(page).locator("[data-fill=reference]")).to_have_text(REFERENCE)
    expect(note(page).locator("[data-do=mend]")).to_have_count(1)
    look_at(page, f"arrived-and-refused-{language}")
    note(page).locator("[data-do=mend]").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    look_at(page, f"errors-{language}")


def look_at(page: Page, name: str) -> None:
    """Nothing sticks out or breaks the rules of access; ``CONTACT_SHEETS=folder`` keeps a picture."""
    page.locator("details").evaluate_all("all => all.forEach((each) => (each.open = true))")
    folder = os.environ.get("CONTACT_SHEETS")
    if folder:
        page.screenshot(path=Path(folder) / f"unsent-{name}.png", full_page=True)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.locator("details").evaluate_all("all => all.forEach((each) => (each.open = false))")
