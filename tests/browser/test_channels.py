"""Besides the form: a resident who only writes e-mails, and an officer who answers with a ready phrase."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE, Place
from tests.browser.deeds import has, link_in, open_case, press
from tests.browser.mails import letter, photo
from tests.browser.people import OFFICER

Pages = Callable[..., Page]
BOX = "square@riverside.example"


@pytest.fixture(scope="module")
def mailbox(place: Place) -> str:
    place.flask("mail", "add", BOX, "--agency", "riverside", "--site", "RS-001", "--plus")
    return BOX


def test_a_resident_who_only_writes_e_mails_is_answered_and_has_the_last_word(
    place: Place, mailbox: str, new_page: Pages
) -> None:
    place.receive(mailbox, letter("The bins have not been emptied for a week.", photo()))
    receipt = place.letter("ann@example.org", has("can also reply"))
    reference = receipt["Subject"].rpartition(" ")[2]

    officer = new_page(OFFICER, viewport=WIDE)
    open_case(officer, reference)
    expect(officer.locator("main")).to_contain_text("E-mail")
    expect(officer.get_by_text("This resident reads English.")).to_be_visible()
    officer.get_by_role("button", name="Show the photos").click()
    expect(officer.locator("main img")).to_have_count(1)
    officer.locator("#message-message").fill("Dear Ann,")
    officer.locator("#message-phrase").select_option(label="It has been put right. Please tell us if it has not.")
    officer.get_by_role("button", name="Put it into the answer").click()
    expect(officer.locator("#message-message")).to_have_value(
        "Dear Ann,\n\nIt has been put right. Please tell us if it has not."
    )
    expect(officer.locator("#message-message")).to_be_focused()
    press(officer, "Say it is resolved")

    told = place.letter("ann@example.org", has("put right"))
    place.receive(mailbox, letter("The one at the corner is still full.", answers=told))
    officer.reload()
    expect(officer.locator("main")).to_contain_text("The one at the corner is still full.")
    expect(officer.locator("main")).not_to_contain_text("wrote:")

    resident = new_page()
    resident.goto(link_in(told, "reopen"))
    resident.locator("main form button").click()
    open_case(officer, reference)
    expect(officer.locator("main")).to_contain_text("Reopened")


def test_an_officer_files_what_came_to_the_agency_without_script(place: Place, new_page: Pages) -> None:
    place.flask("mail", "add", "town@riverside.example", "--agency", "riverside")
    place.receive("town@riverside.example", letter("The hedge hides the sign.", sender="bo@example.org"))

    officer = new_page(OFFICER, java_script_enabled=False)
    officer.goto("/inbox")
    officer.get_by_role("link", name="to be filed").click()
    card = officer.locator(".app-card", has_text="The hedge hides the sign.")
    card.get_by_label("Site", exact=True).select_option(index=1)
    card.get_by_role("button", name="File it").click()

    expect(officer.locator("main")).to_contain_text("It is filed.")
    officer.locator("#message-phrase").select_option(index=1)
    officer.get_by_role("button", name="Put it into the answer").click()
    assert officer.locator("#message-message").input_value().startswith("Thank you for telling us.")


def test_what_is_piped_in_for_nobody_goes_back_to_the_mail_server(place: Place) -> None:
    with pytest.raises(AssertionError, match="no such mailbox"):
        place.receive("nobody@riverside.example", letter("Hello"))


def test_who_wants_a_call_is_on_the_list_until_it_is_done(new_page: Pages) -> None:
    resident = new_page()
    resident.goto("/give/RS-001")
    resident.locator('[name=rating][value="2"]').check()
    resident.locator("[name=text]").fill("Please ring, I cannot write well.")
    resident.locator("[name=phone]").fill("+44 7700 900123")
    resident.get_by_label("Please call me").check()
    resident.get_by_role("button", name="Send", exact=True).click()
    reference = resident.locator("[data-reference]").get_attribute("data-reference") or ""

    officer = new_page(OFFICER)
    officer.goto("/inbox?view=to_call")
    officer.get_by_role("link", name=reference).click()
    officer.get_by_text("The resident wants to be called").click()
    officer.locator("#called-note").fill("She says that the lid is broken.")
    press(officer, "The call is done")
    officer.goto("/inbox?view=to_call")
    expect(officer.get_by_role("link", name=reference)).to_have_count(0)
