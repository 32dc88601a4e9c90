"""What a provider without accounts types behind its link is kept in the tab until it is sent, and no longer."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Place
from tests.browser.deeds import complain, link_in, open_case, press
from tests.browser.people import OFFICER

Pages = Callable[..., Page]
KEPT = "Object.keys(sessionStorage).filter((key) => key.startsWith('typed:'))"


def link_to(place: Place, new_page: Pages, email: str) -> str:
    reference = complain(new_page(), "RS-001", "Nobody swept the stairs.", email="stairs@example.org")
    officer = new_page(OFFICER)
    open_case(officer, reference)
    officer.locator("summary").get_by_text("Give it to Clearway Ltd").click()
    press(officer, "Give it to the provider")
    officer.get_by_text("Send a link to").click()
    officer.locator("#link-email").fill(email)
    press(officer, "Send the link")
    return link_in(place.letter(email), "provider")


def test_what_is_half_typed_behind_a_link_is_there_again_and_gone_once_sent(place: Place, new_page: Pages) -> None:
    address = link_to(place, new_page, "draft@clearway.example")
    page = new_page()
    page.goto(address)
    message, reason = page.locator("[name=message]"), page.locator("[name=reason]").last

    message.fill("We sweep on Mon")
    page.get_by_text("Not ours: hand it back").click()
    reason.fill("The stairs are the")
    page.goto(f"{address}?lang=zh")
    expect(message).to_have_value("We sweep on Mon")
    expect(reason).to_have_value("The stairs are the")
    page.goto(f"{address}?lang=en")
    assert all(address.rsplit("/", 1)[1] not in key for key in page.evaluate(KEPT)), "the way in is not kept"

    # The line fails, and the page is opened anew.
    message.fill("We sweep on Mondays.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send answer").click()
    page.wait_for_timeout(1_000)
    page.context.set_offline(False)
    page.goto(address)
    expect(message).to_have_value("We sweep on Mondays.")

    page.get_by_role("button", name="Send answer").click()
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()
    assert "done=" not in page.url
    expect(message).to_have_value("")
    expect(reason).to_have_value("The stairs are the")
    page.reload()
    expect(message).to_have_value("")

    # Another tab knows nothing of it, and another link in this one ends it.
    other = new_page()
    other.goto(address)
    expect(other.locator("[name=reason]").last).to_have_value("")
    page.goto(link_to(place, new_page, "another@clearway.example"))
    expect(page.locator("[name=message]")).to_have_value("")
    assert page.evaluate(KEPT) == []
