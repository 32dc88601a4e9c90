"""What is kept for the inbox is what would be reckoned anew, whatever happened; searching ends where nobody pages."""

import pytest

from app.cases import queries
from app.cases.inbox_marks import settle
from app.extensions import db
from tests.web.cases_story import sent
from tests.web.inbox_marks_story import everything_happens, marks


def test_what_is_kept_is_what_would_be_reckoned(riverside):
    everything_happens(riverside)
    kept = marks()

    settle(row[0] for row in kept)

    assert marks() == kept
    # Each of them is both so and otherwise.
    for column in (1, 2, 3):
        assert {bool(row[column]) for row in kept} == {True, False}


def test_what_holds_a_common_word_is_listed_up_to_an_end_which_is_said(client, riverside, alice, work, monkeypatch):
    found = [sent(riverside).reference for _ in range(3)]
    work()
    monkeypatch.setattr(queries, "MOST_BY_WORDS", 2)
    client.sign_in(alice)

    page = client.get("/inbox?view=all&words=bin").page

    assert {link.text.strip() for link in page.select("tbody a")} == set(found[1:])
    assert "Listed are the 2 that came last" in " ".join(page.text.split())
    assert "that came last" not in client.get("/inbox?view=all&words=Nobody").page.text


@pytest.mark.parametrize("words", ["bin", "{0}"])
def test_what_is_found_by_words_is_the_viewers_own(client, riverside, hillside, alice, work, words):
    theirs = sent(hillside)
    work()

    page = (
        client.sign_in(alice).get("/inbox", query_string={"view": "all", "words": words.format(theirs.reference)}).page
    )

    assert theirs.reference not in [link.text.strip() for link in page.select("tbody a")]
    assert db.session.get_one(type(theirs), theirs.id).is_unread
