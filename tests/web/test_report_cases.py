"""A number of a report opens the cases behind it: as many as it says, and to each only what is theirs."""

import re

import pytest

from app.analysis.models import Tag
from app.cases.models import Case
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.measures.membership import COUNTED

PERIOD = "start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"


def listed(page):
    """The references in the table of a list."""
    return [link.text for link in page.select("tbody th a")]


def test_the_page_answers_in_the_order_of_its_readers_questions(client, september):
    page = client.sign_in(september.manager).get(f"/reports/C-001?{PERIOD}").page

    assert [heading.text for heading in page.select("h2")] == [
        "Is it all right?",
        "What changed, and is it noise?",
        "Where?",
        "Why?",
        "Which cases?",
    ]
    assert "Of 0 cases" not in page.text
    assert "No case was said to be resolved." in page.text


def test_every_link_of_the_page_opens_as_many_as_it_says(client, september):
    page = client.sign_in(september.manager).get(f"/reports/C-001?{PERIOD}").page
    links = [link for link in page.select("main a[href*='/cases?']")]

    assert len(links) > 30
    for link in links:
        opened = client.get(link["href"])
        assert opened.status_code == 200, link["href"]
        said = re.search(r"(\d+) of (\d+)", link.text) or re.fullmatch(r"(\d+)", link.text.strip())
        if said and "part=all" in link["href"]:
            number = int(said[said.lastindex])
            table = opened.page.select_one("caption")
            # A bar says "3 of 9" of the three; a share's list holds all nine.
            expected = int(said[1]) if re.search("of=(confirmed|contested|silent)&", link["href"]) else number
            assert (table.text if table else "0 feedback") == f"{expected} feedback", link["href"]


def test_the_cases_not_answered_in_time_are_the_four_without_an_answer(client, september):
    client.sign_in(september.manager)
    late = client.get(f"/reports/C-001/cases?{PERIOD}&of=on_time_response_rate&part=no").page

    unanswered = db.session.query(Feedback).filter(Feedback.external_reference.in_(["P8", "P9", "P10", "P11"]))
    assert sorted(listed(late)) == sorted(each.reference for each in unanswered)
    assert "Not: Answered in time" in late.h1.text
    assert "The bin was left full again." in late.text


def test_a_list_can_be_of_one_site_or_clause(client, september):
    client.sign_in(september.manager)

    assert len(listed(client.get(f"/reports/C-001/cases?{PERIOD}&of=received&site=RS-002").page)) == 3
    assert len(listed(client.get(f"/reports/C-001/cases?{PERIOD}&of=received&clause=1").page)) == 12


@pytest.mark.parametrize(
    "asked", ["of=nothing", "of=received&part=some", "of=received&page=9", "of=open&clause=77", ""]
)
def test_what_is_not_there_is_not_found(client, september, asked):
    assert client.sign_in(september.manager).get(f"/reports/C-001/cases?{PERIOD}&{asked}").status_code == 404


def test_every_number_there_is_can_be_opened(client, september):
    client.sign_in(september.manager)
    for key in (*COUNTED, "grave", "disputed"):
        assert client.get(f"/reports/C-001/cases?{PERIOD}&of={key}").status_code == 200, key


def test_the_provider_sees_only_what_it_was_given(client, september):
    given = db.session.query(Case).first()
    given.provider_id, given.provider_since = september.provider.id, clock.now()
    db.session.commit()
    page = client.sign_in(september.staff).get(f"/reports/C-001/cases?{PERIOD}&of=cases").page

    assert listed(page) == [given.feedback.reference]
    assert "11 more were never given to you" in page.text


def test_a_grave_case_is_listed_though_the_numbers_are_fine(client, september):
    urgent = db.session.query(Feedback).filter_by(external_reference="P1").one()
    db.session.query(Tag).filter_by(feedback_id=urgent.id).update({"is_urgent": True})
    db.session.commit()
    page = client.sign_in(september.manager).get(f"/reports/C-001?{PERIOD}").page

    rows = [" ".join(row.text.split()) for row in page.select("#grave-cases-caption ~ tbody tr")]
    assert any(row.startswith(urgent.reference) and "Tagged as urgent" in row for row in rows)
    # Nothing was resolved in weeks, though eight were answered in time.
    assert sum("Open beyond three times its limit" in row for row in rows) == 12
