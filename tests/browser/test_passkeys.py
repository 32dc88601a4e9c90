"""A passkey in a real browser, whose own authenticator makes it and signs with it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser import people
from tests.browser.conftest import Place, next_code, sign_in
from tests.browser.deeds import has
from tests.browser.people import ADMINISTRATOR

Pages = Callable[..., Page]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def device(new_page: Pages) -> Iterator[tuple[Page, Any]]:
    """An administrator's page in a browser with an authenticator; ``keys()`` are those that it holds."""
    page = new_page(ADMINISTRATOR)
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page, lambda: session.send("WebAuthn.getCredentials", made)["credentials"]
    session.detach()


def test_a_passkey_is_made_lets_in_and_is_removed(place: Place, device: tuple[Page, Any]) -> None:
    page, keys = device
    page.goto("/account/two-steps")
    page.get_by_label("Code from the app").fill(next_code())
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("[data-passkey-problem]")).to_be_hidden()
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("The passkey Laptop is added.")).to_be_visible()
    assert len(keys()) == 1
    assert place.letter(ADMINISTRATOR, has("one of these passkeys: Laptop."))

    page.goto("/account")
    page.get_by_role("button", name="Sign out everywhere").click()
    page.goto("/sign-in?next=/members")
    page.get_by_label("E-mail address").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert page.url == f"{place.url}/members"
    assert keys()[0]["signCount"] >= 2

    page.goto("/account/two-steps")
    page.get_by_label("Code from the app").fill(next_code())
    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_text("The passkey Laptop is removed.")).to_be_visible()


def test_without_script_the_code_remains(new_page: Pages) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, ADMINISTRATOR)

    page.goto("/account/two-steps")
    page.get_by_label("Code from the app").fill(next_code())
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This browser has no passkeys, or runs no scripts.")).to_be_visible()
    expect(page.get_by_label("Name of the passkey")).to_be_hidden()
