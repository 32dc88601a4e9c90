"""Managers make questions without a script and by keyboard; residents answer them, with a line or without."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Place, open_page
from tests.browser.deeds import answer_all, press
from tests.browser.line import line_to
from tests.browser.people import MANAGER
from tests.browser.test_every_page import keep_picture
from tests.browser.test_offline import note, press_send, reference_in, until, visit
from tests.browser.test_small_and_forced import CUT_OFF, TOO_SMALL

EDITOR = "/contracts/C-003/questions"
WIDTHS = [{"width": 320, "height": 568}, {"width": 360, "height": 740}, {"width": 1280, "height": 900}]
by_width = pytest.mark.parametrize("width", WIDTHS, ids=lambda each: str(each["width"]))


@pytest.fixture(scope="module", autouse=True)
def asked(place: Place) -> None:
    place.run("tests.browser.questions")


def answers_of(place: Place, reference: str) -> tuple[int, int]:
    """Under which version a feedback was taken in, and how many answers it has."""
    file = Path(place.environment["ANSWERABLE_VAR"]) / "answerable.db"
    with closing(connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute(
            "SELECT s.number, (SELECT count(*) FROM answer a WHERE a.feedback_id = f.id) FROM feedback f"
            " JOIN questions_asked q ON q.feedback_id = f.id JOIN question_set s ON s.id = q.question_set_id"
            " WHERE f.reference = ?",
            [reference],
        ).fetchone()


def is_usable(page: Page, name: str) -> None:
    keep_picture(page, name)
    assert page.evaluate(CUT_OFF) == []
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@by_width
def test_the_editor_works_at_every_width(new_page: Callable[..., Page], width: Any) -> None:
    page = new_page(MANAGER, viewport=width)
    for name, address in {
        "list": "/questions",
        "edit": EDITOR,
        "new": f"{EDITOR}/new?kind=choice",
        "change": f"{EDITOR}/drive234",
        "preview": f"{EDITOR}/preview",
    }.items():
        page.goto(f"{address}{'&' if '?' in address else '?'}lang=en")
        is_usable(page, f"questions-{name}-{width['width']}")
        if name in ("edit", "change"):
            assert page.evaluate(TOO_SMALL) == []


@by_width
def test_the_form_with_questions_works_at_every_width(new_page: Callable[..., Page], width: Any) -> None:
    for language in ("en", "zh"):
        page = new_page(viewport=width)
        page.goto(f"/give/RS-004?lang={language}")
        is_usable(page, f"own-questions-{language}-{width['width']}")
        assert page.evaluate(TOO_SMALL) == []


def test_all_is_answered_and_arrives(place: Place, new_page: Callable[..., Page]) -> None:
    reference = answer_all(new_page())

    assert answers_of(place, reference)[1] == 7


@pytest.fixture
def without_script(place: Place, chromium: Browser) -> Iterator[Page]:
    page = open_page(chromium, place, MANAGER, java_script_enabled=False)
    yield page
    page.context.close()


def test_questions_are_made_ordered_and_published_by_keyboard_without_a_script(
    place: Place, new_page: Callable[..., Page], without_script: Page
) -> None:
    page = without_script
    page.goto("/contracts/C-002?lang=en")
    page.get_by_role("link", name="What residents are asked").click()
    for words in ("Was the visit on time?", "Was the carer kind?"):
        page.get_by_label("What is it answered with?").select_option("yes_no")
        reach(page, "Word the question")
        page.keyboard.press("Enter")
        page.get_by_label("Question in 简体中文").fill("问题：" + words)
        page.get_by_label("Question in English").fill(words)
        reach(page, "Keep it in the draft")
        page.keyboard.press("Enter")
    headings = page.locator(".app-questions h2")
    expect(headings).to_have_text(["1. Was the visit on time?", "2. Was the carer kind?"])
    reach(page, "Up Was the carer kind?")
    page.keyboard.press("Enter")
    expect(headings).to_have_text(["1. Was the carer kind?", "2. Was the visit on time?"])
    page.get_by_role("button", name="Look at what changes, and publish").click()
    expect(page.get_by_role("heading", name="New questions")).to_be_visible()
    reach(page, "Publish as version 1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 1, asked since")).to_be_visible()

    # At a place with two services the questions are those about the chosen one, with a script or without.
    resident = new_page()
    resident.goto("/give/RS-003?lang=en")
    group = resident.locator("[data-service='C-002']")
    expect(group).to_be_hidden()
    resident.locator("[name=service][value='C-002']").check()
    expect(group).to_be_visible()
    resident.locator("[name=service][value='C-001']").check()
    expect(group).to_be_hidden()

    for words in ("Was the carer kind?", "Was the visit on time?"):
        page.get_by_role("button", name=f"Ask it no more {words}").click()
    page.get_by_role("button", name="Look at what changes, and publish").click()
    page.get_by_role("button", name="Publish as version 2").click()
    expect(page.get_by_text("Nothing besides is asked.")).to_be_visible()


def reach(page: Page, name: str) -> None:
    """Put the focus on a button, from where it can be reached by the Tab key alone."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    expect(button).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()


def test_the_preview_is_as_wide_as_a_phone_and_sends_nothing(new_page: Callable[..., Page]) -> None:
    page = new_page(MANAGER, viewport=WIDTHS[2])
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{EDITOR}/preview?lang=en&in=zh")
    frame = page.frame_locator("iframe")

    expect(frame.get_by_text("是什么让您这样觉得？")).to_be_visible()
    assert frame.locator("html").evaluate("innerWidth") == 360
    frame.locator("[name=q-again234][value=yes]").check()
    frame.get_by_role("button", name="提交").click()
    expect(frame.get_by_text("是什么让您这样觉得？")).to_be_visible()
    assert wrong == []
    page.get_by_label("Language of the form").select_option("en")
    page.get_by_role("button", name="Show").click()
    expect(frame.get_by_text("What made you feel that way?")).to_be_visible()


def test_what_was_answered_without_a_line_arrives_under_the_version_that_was_seen(
    place: Place, chromium: Browser, new_page: Callable[..., Page]
) -> None:
    with line_to(place.url) as line:
        phone = chromium.new_context(base_url=line.url, viewport=WIDTHS[1], locale="en-GB")
        phone.set_default_timeout(10_000)
        visit(phone, "/give/RS-004").close()
        line.cut()
        page = phone.new_page()
        page.goto("/give/RS-004", wait_until="domcontentloaded")
        page.locator("[name=q-again234][value=yes]").check()
        page.locator("[name=q-drive234-staff][value=negative]").check()
        press_send(page)
        expect(note(page)).to_contain_text("Not sent yet")
        page.close()

        manager = new_page(MANAGER)
        manager.goto(f"{EDITOR}?lang=en")
        manager.get_by_role("button", name="Ask it no more Has it happened before?").click()
        manager.get_by_role("button", name="Look at what changes, and publish").click()
        before = int((manager.get_by_role("button", name="Publish as version").text_content() or "").split()[-1]) - 1
        press(manager, "Publish as version")

        line.mend()
        later = phone.new_page()
        later.goto("/track")
        reference = reference_in(later)
        phone.close()

    assert answers_of(place, reference) == (before, 2)


def test_a_draft_of_before_finds_its_questions_in_the_new_version(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto("/give/RS-004?lang=en")
    page.locator("[name=q-rate2345][value='2']").check(force=True)
    page.locator("[name=q-text2345]").fill("Sand under the slide.")

    manager = new_page(MANAGER)
    manager.goto(f"{EDITOR}?lang=en")
    manager.get_by_role("button", name="Down What made you feel that way?").click()
    manager.get_by_role("button", name="Look at what changes, and publish").click()
    press(manager, "Publish as version")
    page.goto("/give/RS-004?lang=en")

    expect(page.locator("[name=q-text2345]")).to_have_value("Sand under the slide.")
    expect(page.locator("[name=q-rate2345][value='2']")).to_be_checked()
    until(page, "() => true")
