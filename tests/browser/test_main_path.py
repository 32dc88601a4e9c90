"""The whole way of one complaint, from a phone in the street to Monday's letter, in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Place, next_monday_at_nine
from tests.browser.deeds import complain, has, link_in, open_case, press, say, text_of
from tests.browser.people import MANAGER, OFFICER

WORDS = "The bins at Mill Green have been overflowing since Friday, and nobody came."
Pages = Callable[..., Page]


def test_a_complaint_goes_all_the_way_and_the_resident_has_the_last_word(place: Place, new_page: Pages) -> None:
    resident, officer, manager = new_page(), new_page(OFFICER), new_page(MANAGER)
    officer.goto("/reports/C-003")
    # Other stories may have told of this contract before.
    cases_before = int(figure(officer, "Cases")) if officer.locator(".app-stat").count() else 0

    manager.goto("/weekly-email")
    manager.get_by_label("All contracts of Riverside Public Services").check()
    press(manager, "Save")

    reference = complain(resident, "RS-004", WORDS, email="rosa@example.org")
    receipt = place.letter("rosa@example.org", has(reference))
    assert "/track/" in text_of(receipt)

    open_case(officer, reference)
    expect(officer.get_by_text(WORDS).first).to_be_visible()
    say(officer, "Send answer", "A crew is on its way.")
    say(officer, "Say it is resolved", "The bins were emptied this morning.")

    claim = place.letter("rosa@example.org", has("The bins were emptied this morning."))
    resident.goto(link_in(claim, "reopen"))
    resident.get_by_label("What is still wrong? (optional)").fill("Two of them are still full.")
    resident.get_by_role("button", name="Open it again").click()
    expect(resident.get_by_text("It is open again. It should")).to_be_visible()

    officer.reload()
    expect(officer.get_by_text("Two of them are still full.").first).to_be_visible()
    say(officer, "Say it is resolved", "The last two were emptied as well.")

    second_claim = place.letter("rosa@example.org", has("The last two were emptied as well."))
    resident.goto(link_in(second_claim, "confirm"))
    resident.get_by_label("4 Good").check()
    resident.get_by_role("button", name="Yes, it is solved").click()
    expect(resident.get_by_text("Solved, as you confirmed.")).to_be_visible()

    officer.goto("/reports/C-003")
    assert figure(officer, "Cases") == str(cases_before + 1)
    expect(officer.locator(".app-bar__key--confirmed")).to_contain_text("1 of 1")

    monday = next_monday_at_nine("Asia/Shanghai")
    assert MANAGER in place.flask("digest", "--now", monday.isoformat())
    weekly = place.letter(MANAGER)
    assert {part.get_content_type() for part in weekly.walk()} >= {"text/plain", "text/html"}
    assert "Playgrounds" in text_of(weekly)
    assert "Playgrounds" in weekly.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert place.flask("digest", "--now", monday.isoformat()) == "", "the same Monday sends nothing twice"


def test_the_form_needs_no_mouse(new_page: Pages) -> None:
    page = new_page()
    page.goto("/give/RS-002")

    tab_to(page, "rating")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    tab_to(page, "text")
    page.keyboard.type("The carer comes an hour late, every day.")
    tab_to(page, "place")
    page.keyboard.type("Second floor")
    tab_to(page, "wants_answer")
    page.keyboard.press("Space")
    tab_to(page, "email")
    page.keyboard.type("keys@example.org")
    tab_to(page, "share")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Who reads this, and how long is it kept?"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Send"
    page.keyboard.press("Enter")

    page.wait_for_url("**/receipt/**")
    expect(page.locator("h1")).to_have_text("Thank you, it has arrived")
    page.get_by_role("link", name="See what becomes of it").click()
    expect(page.get_by_text("You rated it 2 of 5.")).to_be_visible()


def test_what_is_missing_is_said_and_focused(new_page: Pages) -> None:
    page = new_page()
    page.goto("/give/RS-001")
    page.get_by_label("Where exactly?").fill("By the fountain")
    page.get_by_role("button", name="Send").click()

    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Where exactly?")).to_have_value("By the fountain")
    summary.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.name") == "rating"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field of that name has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"{name} is not reached by the keyboard")


def figure(page: Page, name: str) -> str:
    """The number under a name on the report page."""
    stat = page.locator(".app-stat").filter(has=page.get_by_text(name, exact=True))
    return (stat.locator(".app-stat__value").text_content() or "").strip()
