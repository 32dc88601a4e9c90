"""A number of a report opens the cases behind it: as many as it says, and to each only what is theirs."""

import re
from datetime import timedelta
from functools import cache, partial
from itertools import cycle
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.analysis.models import Tag
from app.cases.models import Case, Event
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Actor, Attribution, Basis, EventKind, Sentiment
from app.measures.membership import COUNTED
from app.reports.definitions import OUTCOMES
from app.web.filters import percent

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


def held_by(client, link):
    """How many the list behind a link holds, as it says itself."""
    answer = client.get(link)
    assert answer.status_code == 200, link
    caption = answer.page.select_one("caption")
    return int(caption.text.split()[0]) if caption else 0


def each_agrees(client, links):
    """Every figure opens as many as it says; the kinds of figures that there were."""
    kinds, opened = set(), cache(partial(held_by, client))
    for link in links:
        asked = parse_qs(urlsplit(link["href"]).query)
        of, part, text, number = asked["of"][0], asked["part"][0], link.text.strip(), opened(link["href"])
        if found := re.search(r"(\d+) of (\d+)", text):
            # Of a share the list holds all that it is about; but a bar says "3 of 9" of the three alone.
            expected = found[1] if of in OUTCOMES else found[2]
        elif found := re.fullmatch(r"([\d.]+) %", text):
            # A share alone: of those asked for, how many hold.
            holds, all_of_it = (
                opened(link["href"].replace(f"part={part}", f"part={other}")) for other in ("yes", "all")
            )
            assert text == percent(holds / all_of_it).replace("\xa0", " "), link["href"]
            expected = holds if part == "yes" else all_of_it
        else:
            expected = re.search(r"\d+", text)[0]
        assert number == int(expected), (text, link["href"], number)
        kinds.add(of.partition("-")[0])
    return kinds


def test_every_figure_of_the_page_opens_as_many_as_it_says(client, september):
    september.contract.is_small = True  # its KPIs are judged over other days than the report is about
    september.contract.kpis[-1].basis = Basis.VALIDATED
    cases = db.session.scalars(select(Case).where(Case.contract_id == september.contract.id)).all()
    for case in cases[:4]:
        db.session.add(
            Event(
                agency_id=case.agency_id,
                feedback_id=case.feedback_id,
                at=case.submitted_at + timedelta(days=2),
                recorded_at=case.submitted_at + timedelta(days=2),
                kind=EventKind.VERDICT,
                actor=Actor.AGENCY,
                attribution=Attribution.PROVIDER,
            )
        )
    for tag, tone in zip(db.session.scalars(select(Tag).order_by(Tag.feedback_id)), cycle(Sentiment)):
        tag.sentiment, tag.aspects = tone, ["timeliness", "staff"]
    db.session.commit()
    page = client.sign_in(september.manager).get(f"/reports/C-001?{PERIOD}").page

    kinds = each_agrees(client, page.select("main a[href*='/cases?']"))

    assert kinds >= {"received", "overdue", "tone", "aspect", "verdict", "channel", "not_yet_due", "response_rate"}
    # Neutral and positive mentions, clauses by KPIs, cases not yet due, validated KPIs.
    opening = {"chart-aspects": (1, 2, 3, 4), "chart-clauses": (1,), "chart-trend": (1, 2, 5), "kpis": (4,)}
    for table, columns in opening.items():
        for row in page.select(f"table:has(#{table}-caption) tbody tr"):
            cells = row.select("th, td")
            for column in columns:
                assert cells[column].select("a") or not re.search(r"\d", cells[column].text), (table, row.text)


def test_every_figure_of_an_overview_opens_as_many_as_it_says(client, september):
    page = client.sign_in(september.manager).get(f"/reports?{PERIOD}").page

    assert each_agrees(client, page.select("main a[href*='/cases?']")) >= {"received", "open", "on_time_response_rate"}


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
    "asked",
    [
        *("of=nothing", "of=received&part=some", "of=received&page=9", "of=open&clause=77", ""),
        # Few work at one site: it would be a figure about one of them.
        *("of=aspect-staff&site=RS-001", "of=tone-staff-negative&site=RS-001"),
    ],
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


def test_a_case_withdrawn_before_its_limit_is_not_waited_for(client, september):
    unanswered = db.session.query(Feedback).filter_by(external_reference="P8").one()
    at = unanswered.submitted_at + timedelta(minutes=5)
    db.session.add(
        Event(
            agency_id=unanswered.agency_id,
            feedback_id=unanswered.id,
            at=at,
            recorded_at=at,
            kind=EventKind.WITHDRAWN,
            actor=Actor.RESIDENT,
        )
    )
    db.session.commit()

    page = client.sign_in(september.manager).get(f"/reports/C-001?{PERIOD}").page

    assert "not yet due" not in page.select_one("main").text.replace("Hollow: cases of that week are not yet due", "")
    weeks = page.select("table:has(#chart-trend-caption) tbody tr")
    assert weeks
    assert all(row.select("td")[-1].text.strip() == "0" for row in weeks)
    listed_as_due = client.get(f"/reports/C-001/cases?{PERIOD}&of=not_yet_due&part=yes").page
    assert listed(listed_as_due) == []
