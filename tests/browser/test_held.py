"""In doubt a browser does some work and nobody notices; without script it is held, told truthfully, and looked at."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.web.languages import OF_RESIDENTS
from tests.browser.conftest import Place, open_page
from tests.browser.people import OFFICER
from tests.browser.test_questions import by_width, is_usable
from tests.browser.test_small_and_forced import TOO_SMALL

SITE = "RS-006"


def write(place: Place, statement: str, *values: Any) -> Any:
    with closing(connect(Path(place.environment["ANSWERABLE_VAR"]) / "answerable.db", timeout=10)) as database:
        found = database.execute(statement, values).fetchone()
        database.commit()
        return found


@pytest.fixture
def crowd(place: Place) -> Iterator[None]:
    """So much was sent about the place in this hour that the next one is in doubt."""
    (site,) = write(place, "SELECT id FROM site WHERE code = ?", SITE)
    hour = int(time.time()) // 3600
    for each in (hour, hour + 1):
        write(place, "INSERT OR REPLACE INTO sent_count VALUES (?, 'site', ?, 5000)", each, str(site))
    yield
    write(place, "DELETE FROM sent_count WHERE scope = 'site' AND mark = ?", str(site))


def fill_in(page: Page, language: str) -> None:
    page.goto(f"/give/{SITE}?lang={language}")
    page.locator('[name=rating][value="2"]').check()
    page.locator("[name=text]").fill("The playground was locked again. Ask Ann Smith, 07700 900123.")
    page.locator("[name=wants_answer][value=yes]").check()


def is_held(place: Place, reference: str) -> bool:
    return bool(write(place, "SELECT is_held FROM feedback WHERE reference = ?", reference)[0])


def reference_on(page: Page) -> str:
    return page.locator("p[data-reference]").get_attribute("data-reference") or ""


@pytest.mark.usefixtures("crowd")
def test_in_doubt_the_browser_works_for_a_moment_and_it_counts(place: Place, new_page: Callable[..., Page]) -> None:
    page = new_page()
    asked = []
    page.on("response", lambda response: asked.append((response.status, response.url)))
    fill_in(page, "en")

    page.locator("main form[data-site] button[type=submit]").click()
    page.wait_for_url("**/receipt/**", timeout=30_000)

    assert not is_held(place, reference_on(page))
    expect(page.locator("main")).to_contain_text("must answer it")
    assert [status for status, url in asked if f"/give/{SITE}" in url and status != 304][-2:] == [428, 200]
    assert any("/work.js" in url for _status, url in asked), "fetched only now"


def test_who_is_not_in_doubt_does_no_work(new_page: Callable[..., Page]) -> None:
    page = new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    fill_in(page, "en")
    page.locator("main form[data-site] button[type=submit]").click()
    page.wait_for_url("**/receipt/**")

    assert not [url for url in asked if "/work.js" in url]


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("language", OF_RESIDENTS)
@by_width
def test_without_script_it_is_held_and_says_so(
    place: Place, new_page: Callable[..., Page], language: str, width: Any
) -> None:
    page = new_page(viewport=width, java_script_enabled=False)
    fill_in(page, language)
    page.locator("main form[data-site] button[type=submit]").click()
    page.wait_for_url("**/receipt/**")
    assert is_held(place, reference_on(page))
    receipt, track = page.url, page.locator("main a[href*='/track/']").get_attribute("href") or ""

    looked = new_page(viewport=width)
    for name, address in {"receipt": f"{receipt}?lang={language}", "track": f"{track}?lang={language}"}.items():
        looked.goto(address)
        is_usable(looked, f"held-{name}-{width['width']}-{language}")
        assert looked.evaluate(TOO_SMALL) == []


@by_width
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_officer_looks_and_decides(place: Place, chromium: Browser, width: Any, language: str) -> None:
    sender = open_page(chromium, place)
    fill_in(sender, "en")
    sender.locator("[name=text]").fill(
        "The shops https://a.example/with/a/long/way/that/does/not/break https://b.example https://c.example"
    )
    sender.locator("main form[data-site] button[type=submit]").click()
    sender.wait_for_url("**/receipt/**")
    reference = reference_on(sender)
    sender.context.close()

    page = open_page(chromium, place, OFFICER, viewport=width)
    page.goto(f"/inbox?lang={language}")
    page.locator("main a[href='/held']").click()
    page.wait_for_url("**/held")
    is_usable(page, f"held-list-{width['width']}-{language}")
    assert page.evaluate(TOO_SMALL) == []

    card = page.locator("section", has_text=reference)
    card.locator("form[action$='/set-aside'] button").click()
    expect(page.locator("section", has_text=reference)).to_have_count(0)
    page.goto("/held?view=set_aside")
    is_usable(page, f"held-aside-{width['width']}-{language}")
    page.locator("section", has_text=reference).locator("form[action$='/release'] button").click()
    page.goto(f"/cases/{reference}")
    expect(page.locator("h1")).to_contain_text(reference)
    page.context.close()
