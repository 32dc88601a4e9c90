"""The menu of members: what belongs together stands together, and each finds what is theirs."""

import pytest


@pytest.mark.parametrize(
    ("who", "groups"),
    [
        (
            "manager",
            {
                "Every day": ["Inbox", "By phone", "Check the tags"],
                "Contracts and figures": ["Contracts", "Sites", "Reports", "Watch", "Public figures"],
                "People and settings": ["Weekly email", "Members", "On duty", "Settings", "Audit", "Undelivered"],
            },
        ),
        (
            "officer",
            {
                "Every day": ["Inbox", "By phone", "Check the tags"],
                "Contracts and figures": ["Contracts", "Sites", "Reports", "Public figures"],
                "People and settings": ["Weekly email", "Undelivered"],
            },
        ),
        (
            "staff",
            {
                "Every day": ["Inbox"],
                "Contracts and figures": ["Contracts", "Reports"],
                "People and settings": ["Weekly email", "Members"],
            },
        ),
    ],
)
def test_the_menu_is_in_groups(client, riverside, who, groups):
    page = client.sign_in(getattr(riverside, who)).get("/contracts").page

    menu = {
        page.select_one(f"#{each['aria-labelledby']}").text: [link.text for link in each.select("a")]
        for each in page.select(".app-nav__list")
    }
    assert menu == groups
    assert page.select_one(".app-nav a[aria-current=page]").text == "Contracts"


def test_settings_lead_to_what_else_is_decided_for_the_agency(client, riverside):
    page = client.sign_in(riverside.manager).get("/settings").page

    assert {"/duty", "/calendar", "/members"} <= {link["href"] for link in page.select("main a")}
