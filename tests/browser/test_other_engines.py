"""A resident on an iPhone or with Firefox: the same form, the same truth without a line."""

from collections.abc import Iterator

import pytest

from app.web.languages import OF_RESIDENTS
from tests.browser.conftest import Place
from tests.browser.engines import PHONE, Engine, firefox, webkit
from tests.browser.line import Line, line_to
from tests.browser.test_offline import REFERENCE, feedback_with

KEPT = """async (address) => {
  const kept = await (await caches.open("pages")).keys();
  const paths = kept.map((each) => new URL(each.url).pathname);
  return Boolean(navigator.serviceWorker.controller) && paths.includes(address) && paths.includes("/offline");
}"""


@pytest.fixture(scope="module", params=[webkit, firefox], ids=["WebKit", "Firefox"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with request.param(tmp_path_factory.mktemp("engine")) as engine:
        engine.ask("SetWindowRect", PHONE)
        yield engine


@pytest.fixture
def line(place: Place) -> Iterator[Line]:
    with line_to(place.url) as line:
        yield line


def write(engine: Engine, words: str) -> None:
    engine.press('[name=rating][value="2"]')
    engine.write("[name=text]", words)


def press_send(engine: Engine) -> None:
    engine.press("main form button[type=submit]")


def test_a_complaint_is_sent_and_followed(place: Place, engine: Engine) -> None:
    words = f"Never swept this week, says {engine.name}."
    engine.open(f"{place.url}/give/RS-001?lang=en")
    write(engine, words)
    engine.press("[name=wants_answer][value=yes]")
    press_send(engine)

    reference = engine.text("p[data-reference]")
    assert [kept for kept, _key in feedback_with(place, words)] == [reference]
    engine.press("main a[href*='/track/']")
    assert reference in engine.text("main")


def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(place: Place, engine: Engine) -> None:
    engine.open(f"{place.url}/give/RS-001?lang=en")
    write(engine, "Nobody came.")
    engine.write("[name=email]", "rosa at example")
    press_send(engine)

    assert "e-mail" in engine.text(".govuk-error-summary")
    assert engine.run("return document.querySelector('[name=text]').value") == "Nobody came."
    assert engine.run("return document.activeElement.closest('.govuk-error-summary') !== null")


def test_without_a_line_it_is_kept_and_sent_when_the_page_is_opened_again(
    place: Place, line: Line, engine: Engine
) -> None:
    words = f"Written in a tunnel with {engine.name}."
    engine.open(f"{line.url}/give/RS-001")
    engine.until(lambda: engine.think(KEPT, "/give/RS-001"))
    line.cut()
    engine.new_tab()
    engine.open(f"{line.url}/give/RS-001")
    write(engine, words)
    press_send(engine)
    engine.until(lambda: "Not sent yet" in engine.text("[data-unsent]"))
    assert feedback_with(place, words) == []
    engine.close_tab()

    line.mend()
    engine.open(f"{line.url}/track")

    engine.until(lambda: REFERENCE.search(engine.text("[data-unsent] [data-fill=reference]")))
    shown = engine.text("[data-unsent] [data-fill=reference]")
    assert [kept for kept, _key in feedback_with(place, words)] == [shown]


@pytest.mark.parametrize("language", OF_RESIDENTS)
def test_no_language_is_wider_than_a_phone(place: Place, engine: Engine, language: str) -> None:
    engine.open(f"{place.url}/give/RS-001?lang={language}")

    assert engine.run("return document.documentElement.lang")
    assert engine.run("return document.dir || 'ltr'") == ("rtl" if language == "ar" else "ltr")
    assert engine.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
