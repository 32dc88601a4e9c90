"""The weekly email as mail programs show it, on a narrow screen and in a dark view: nothing cut off, all readable."""

import base64
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from app.kernel.words import Sentiment
from tests.integration.test_digest import feedback, letter_of
from tests.integration.test_digest_wishes import EARLIER, NOW, weeks_of_cases


@pytest.fixture
def letter(riverside: Any, mail_box: Any, work: Any, at: Any) -> str:
    """The HTML of a week in which much happened, with its pictures in it."""
    weeks_of_cases(riverside, EARLIER + NOW, late=NOW)
    for rating, tone in ((1, Sentiment.NEGATIVE), (5, Sentiment.POSITIVE)):
        feedback(
            riverside,
            "2026-11-04T09:00:00+08:00",
            text="Said at some length, as people do.",
            rating=rating,
            sentiment=tone,
        )
    found = letter_of(riverside, riverside.manager, mail_box, work, at)
    html: str = found.get_body(("html",)).get_content()
    for part in found.walk():
        if part["Content-ID"]:
            picture = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{picture}")
    assert "cid:" not in html
    return html


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 800])
def test_the_letter_can_be_read(chromium: Browser, letter: str, tmp_path: Path, scheme: Any, width: int) -> None:
    file = tmp_path / "letter.html"
    file.write_text(letter, encoding="utf-8")
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(file.as_uri())
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = Axe().run(page, options={"runOnly": ["color-contrast", "image-alt", "link-name", "list"]})
    ground = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
    drawn = page.evaluate("[...document.images].map((each) => each.naturalWidth)")
    context.close()

    assert too_wide == 0
    assert found.violations_count == 0, found.generate_report()
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert drawn
    assert min(drawn) > 300
