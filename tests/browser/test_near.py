"""Near me, in a browser: asked only when pressed, told plainly when refused, usable by keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

BUTTON = "Find what is near me"
HERE = {"latitude": 31.2304, "longitude": 121.48}


def test_the_position_is_asked_for_by_the_button_and_sent_once(new_page: Callable[..., Page]) -> None:
    page = new_page(geolocation=HERE, permissions=["geolocation"])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url} {request.post_data or ''}"))
    page.goto("/")
    assert not any("latitude" in each for each in sent)

    page.get_by_role("button", name=BUTTON).focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Near you")).to_be_visible()
    first = page.locator("main ul li").first
    expect(first).to_contain_text("RS-001")
    expect(first).to_contain_text("40 m away")
    assert [each.partition(" ")[0] for each in sent if "31.2304" in each] == ["POST"]
    assert "31.2" not in page.url
    page.go_back()
    assert page.locator("[name=latitude]").input_value() == ""


def test_who_does_not_tell_is_told_how_else_to_find_it(new_page: Callable[..., Page]) -> None:
    page = new_page(permissions=[])
    page.goto("/")

    page.get_by_role("button", name=BUTTON).click()

    expect(page.locator("[data-near] [role=status]")).to_contain_text("by name or street above")
    expect(page.get_by_role("searchbox")).to_be_visible()


def test_without_script_there_is_no_button(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")

    expect(page.get_by_role("button", name=BUTTON)).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_be_visible()
