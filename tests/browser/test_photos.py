"""A resident sends photos from a phone, the agency lets one through, the provider sees it and shows what it did."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW
from tests.browser.deeds import open_case, press
from tests.browser.people import OFFICER, STAFF

Pages = Callable[..., Page]
WHERE = (31.0, 13.0, 49.0)


def photo(colour: str, name: str = "IMG_0001.jpg") -> Any:
    """A photo as a camera makes it: 12 megapixels, held upright, with the place where it was taken."""
    notes = Image.Exif()
    notes[0x0112] = 6
    notes.get_ifd(0x8825).update({1: "N", 2: WHERE})
    written = BytesIO()
    Image.new("RGB", (4000, 3000), colour).save(written, "JPEG", exif=notes)
    return {"name": name, "mimeType": "image/jpeg", "buffer": written.getvalue()}


def wait_for_smaller(page: Page, place: int) -> None:
    """Until the photo at this place has been made smaller. Asked from here: the page's policy refuses to poll in it."""
    for _ in range(100):
        if page.evaluate("(place) => document.querySelector('#photos').files[place]?.name", place) == "photo.jpg":
            return
        page.wait_for_timeout(100)
    raise AssertionError("it was not made smaller")


def is_shown(page: Page, picture: str = ".app-photos img") -> bool:
    """Whether every picture on the page has loaded."""
    page.locator(picture).first.scroll_into_view_if_needed()
    page.wait_for_function(
        "(wanted) => [...document.querySelectorAll(wanted)].every((one) => one.complete && one.naturalWidth > 0)",
        arg=picture,
    )
    return True


def fits(page: Page) -> bool:
    """Whether nothing is cut off, and nothing is in the way of those who do not see or do not point."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_photos_go_from_a_phone_to_the_provider_once_they_are_let_through(new_page: Pages) -> None:
    resident, officer, staff = new_page(), new_page(OFFICER), new_page(STAFF)
    resident.goto("/give/RS-001")
    field = resident.locator("#photos")
    field.set_input_files([photo("red"), photo("blue")])
    field.set_input_files([photo("green")])
    expect(resident.locator(".app-photos li")).to_have_count(3)
    is_shown(resident)
    wait_for_smaller(resident, 2)
    sizes = resident.evaluate(
        "Promise.all([...document.querySelector('#photos').files].map(async (file) => {"
        " const image = await createImageBitmap(file); return [image.width, image.height] }))"
    )
    assert sizes == [[1200, 1600]] * 3, "shrunk, and held as it was held"
    resident.get_by_role("button", name="Take photo 2 away").click()
    expect(resident.locator(".app-photos li")).to_have_count(2)
    assert fits(resident)

    resident.locator("#text").fill("The bin was left full again.")
    resident.locator("#email").fill("li at example")
    resident.locator("[name=wants_answer][value=yes]").check()
    resident.get_by_role("button", name="Send").click()
    expect(resident.locator(".govuk-error-summary")).to_be_visible()
    expect(resident.locator("[name=kept]")).to_have_count(2)
    is_shown(resident)
    assert fits(resident)
    resident.locator("#email").fill("")
    resident.get_by_label("Send photo 2").uncheck()
    resident.get_by_role("button", name="Send").click()
    resident.wait_for_url("**/receipt/**")
    reference = resident.locator("[data-reference]").get_attribute("data-reference") or ""
    resident.get_by_role("link", name="See what becomes of it").click()
    expect(resident.locator(".app-photos img")).to_have_count(1)
    is_shown(resident)
    assert fits(resident)

    open_case(officer, reference)
    officer.locator("summary").get_by_text("Give it to Clearway Ltd").click()
    press(officer, "Give it to the provider")
    open_case(staff, reference)
    expect(staff.get_by_text("A photo is being checked")).to_be_visible()
    expect(staff.locator(".app-photos img")).to_have_count(0)
    officer.goto("/inbox?view=photos")
    officer.get_by_role("link", name=reference).click()
    expect(officer.locator(".app-photos img")).to_have_count(0)
    officer.get_by_role("button", name="Show the photos").click()
    is_shown(officer)
    assert fits(officer)
    press(officer, "Let photo 1 through")
    expect(officer.get_by_text("The provider may see it")).to_be_visible()
    staff.reload()
    staff.get_by_role("button", name="Show the photos").click()
    expect(staff.locator(".app-photos img")).to_have_count(1)
    is_shown(staff)

    staff.locator("#message-photos").set_input_files([photo("white")])
    staff.locator("[name=message]").fill("The bin was emptied at nine.")
    press(staff, "Say it is resolved")
    expect(staff.locator(".app-timeline .app-photos img")).to_have_count(1)
    officer.reload()
    is_shown(officer, ".app-timeline .app-photos img")
    assert fits(officer)
    resident.reload()
    expect(resident.locator(".app-photos img")).to_have_count(1)


def test_a_file_that_is_refused_is_out_of_the_field_and_the_next_photo_arrives_once(new_page: Pages) -> None:
    page = new_page()
    page.goto("/give/RS-001")
    page.locator("#text").fill("The bin was left full again.")
    no_picture = {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}
    page.locator("#photos").set_input_files([no_picture])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("File 1 is no JPEG").first).to_be_visible()
    assert page.evaluate("document.querySelector('#photos').files.length") == 0

    page.locator("#photos").set_input_files([photo("red")])
    expect(page.locator(".app-photos li")).to_have_count(1)
    wait_for_smaller(page, 0)
    page.locator("#photos").set_input_files([no_picture])
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[name=kept]")).to_have_count(1)
    assert page.evaluate("document.querySelector('#photos').files.length") == 0

    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/receipt/**")
    page.get_by_role("link", name="See what becomes of it").click()
    expect(page.locator(".app-photos img")).to_have_count(1)


def test_more_than_four_are_told_on_the_phone(new_page: Pages) -> None:
    page = new_page()
    page.goto("/give/RS-001")

    page.locator("#photos").set_input_files([photo(colour) for colour in ("red", "blue", "green", "black", "white")])

    expect(page.get_by_text("Up to 4 photos: the first 4 are kept.")).to_be_visible()
    expect(page.locator(".app-photos li")).to_have_count(4)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_script_it_works_too(new_page: Pages, language: str) -> None:
    page = new_page(java_script_enabled=False, viewport=NARROW)
    page.goto(f"/give/RS-001?lang={language}")
    page.locator("[name=rating][value='2']").check(force=True)
    page.locator("#photos").set_input_files([photo("red"), {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}])
    page.locator("main form button[type=submit]").click()

    expect(page.locator("#photos-error")).to_be_visible()
    expect(page.locator("[name=kept]")).to_be_checked()
    page.locator("main form button[type=submit]").click()

    page.wait_for_url("**/receipt/**")
    page.locator("main a[href*='/track/']").click()
    expect(page.locator(".app-photos img")).to_have_count(1)
