"""Before anything is sent: who reads it, for how long it is kept, and what of it is public; as the agency has it."""

import pytest

from app.extensions import db


@pytest.mark.parametrize("words", ["", "&easy=y"])
def test_it_is_said_before_the_button_for_how_long_the_agency_keeps_it(client, riverside, words):
    before = client.get(f"/give/RS-001?lang=en{words}").page
    assert "730 days" in before.text or "what you wrote after 730" in before.text

    riverside.agency.retention = {"words": 120, "contact": 10}
    db.session.commit()
    page = client.get(f"/give/RS-001?lang=en{words}").page

    folded = page.select_one("form#give details")
    assert "120" in folded.text, "also where the page was made and kept before"
    assert "730" not in folded.text
    assert riverside.agency.name in folded.text
    assert "numbers" in folded.text
    assert folded.find_next("button", type="submit"), "before it is sent"


def test_the_preview_of_a_manager_says_it_too(client, riverside):
    client.sign_in(riverside.manager)

    page = client.get("/contracts/C-001/questions/preview/form?in=en").page

    assert "Who reads this" in page.select_one("form#give").text
