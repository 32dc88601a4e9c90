"""Each week some texts are drawn at random and checked, and only they say how often the program agrees with staff."""

from datetime import date, timedelta

import pytest

from app.analysis import actions, sampling
from app.analysis.models import Sample
from app.analysis.rules import Labels, Said
from app.extensions import db
from app.kernel import clock
from app.kernel.words import Aspect, Sentiment
from app.outbox.models import Promise
from tests.web.cases_story import MONDAY
from tests.web.tagging_story import TEXT, analysis, read, tag_of

NEXT_MONDAY = MONDAY + timedelta(days=7)
RIGHT = {"sentiment": "negative", "aspects": ["timeliness"]}


@pytest.fixture
def drawn(riverside, at, work):
    """Three texts of last week, drawn by the worker on Monday; it is Monday now."""
    with at(MONDAY):
        feedback = [read(riverside, {"kind": "rating"}) for _ in range(3)]
    with at(NEXT_MONDAY):
        sampling.promise_due(clock.now())
        work()
        yield feedback


def check(client, feedback, **said):
    return client.post(f"/tags/{feedback.reference}", data=RIGHT | said)


def waiting(client):
    return [name.text.partition(" ")[0] for name in client.get("/tags").page.select("article h3")]


def test_the_texts_of_a_week_are_drawn_once_whatever_repeats(riverside, drawn, work):
    with clock.set_to(NEXT_MONDAY + timedelta(hours=5)):
        sampling.promise_due(clock.now())
        sampling.promise_due(clock.now())
        work()
    sampling.draw(riverside.agency.id, date(2026, 11, 2))

    assert db.session.query(Sample).count() == 3
    assert {each.week_start for each in db.session.query(Sample)} == {date(2026, 11, 2)}
    assert db.session.query(Promise).filter_by(topic="tags.draw").count() == 1


def test_twenty_are_drawn_of_many_and_none_that_came_before_or_after(riverside, at):
    with at(MONDAY - timedelta(days=1)):
        read(riverside)
    with at(MONDAY):
        among = [read(riverside).id for _ in range(25)]
    with at(NEXT_MONDAY):
        read(riverside)
        made = sampling.draw(riverside.agency.id, date(2026, 11, 2))

    assert len(made) == 20
    assert {each.feedback_id for each in made} <= set(among)


def test_a_right_press_counts_and_settles(client, riverside, alice, drawn):
    client.sign_in(alice)
    assert waiting(client) == [each.reference for each in drawn]

    assert check(client, drawn[0]).location == f"/tags?compared={drawn[0].reference}"

    assert waiting(client) == [each.reference for each in drawn[1:]]
    assert tag_of(drawn[0]).is_settled
    page = " ".join(client.get("/tags").page.text.split())
    assert "agreed with staff in 100 % of 1 checked, 21 % – 100 %" in page
    assert "1 of 3 drawn texts are checked" in page


def test_the_tag_is_not_seen_before_it_is_said_what_the_text_is(client, riverside, alice, drawn):
    page = client.sign_in(alice).get("/tags").page

    for article in page.select("article"):
        assert not article.select("mark, .govuk-tag, [checked], [aria-pressed], a")
    assert not page.select("#compared")
    assert TEXT in page.select_one("article .app-words").text


def test_then_both_are_shown_side_by_side(client, riverside, alice, drawn):
    client.sign_in(alice)

    page = client.get(check(client, drawn[0], sentiment="neutral", urgent="yes").location).page

    rows = [" ".join(row.text.split()) for row in page.select("#compared tbody tr")]
    assert rows == [
        "Tone Neutral Negative different",
        "Urgent? Urgent Not urgent different",
        "About Timeliness Timeliness the same",
    ]
    assert page.select("#compared mark")
    assert page.select_one("article form").has_attr("autofocus")


def test_what_is_not_ticked_is_not_so(client, riverside, alice, drawn):
    check(client.sign_in(alice), drawn[0], aspects=[])

    assert (tag_of(drawn[0]).aspects, tag_of(drawn[0]).is_urgent) == ([], False)
    assert sampling.agreement_of(riverside.agency.id, clock.now()).aspects.value == 0


def test_nothing_is_shown_of_what_nobody_checked_or_of_another_agency(client, riverside, alice, charlie, drawn):
    check(client.sign_in(alice), drawn[0])

    assert not client.get(f"/tags?compared={drawn[1].reference}").page.select("#compared")
    assert not client.get("/tags?compared=nothing").page.select("#compared")
    client.sign_in(charlie)
    assert not client.get(f"/tags?compared={drawn[0].reference}").page.select("#compared")


def test_what_is_wrong_is_corrected_there_and_counts_against_the_program(client, riverside, alice, drawn):
    client.sign_in(alice)

    check(client, drawn[0], sentiment="neutral", aspects=[])
    check(client, drawn[1])

    assert tag_of(drawn[0]).sentiment == Sentiment.NEUTRAL
    assert tag_of(drawn[0]).aspects == []
    agreement = sampling.agreement_of(riverside.agency.id, clock.now())
    assert (agreement.sentiment.numerator, agreement.sentiment.denominator) == (1, 2)
    assert agreement.aspects.value == 0.5
    assert agreement.urgency.value == 1.0
    assert (agreement.checked, agreement.drawn) == (2, 3)


def test_corrections_made_elsewhere_do_not_count(client, riverside, alice, drawn, at):
    outside = read(riverside)
    for feedback in (outside, drawn[0]):
        actions.correct(feedback.id, Said(sentiment=Sentiment.POSITIVE), member_id=alice.id)
    db.session.commit()
    assert sampling.agreement_of(riverside.agency.id, clock.now()).checked == 0

    # One that was corrected before it was checked is held against what the program read, not against the correction.
    check(client.sign_in(alice), drawn[0], sentiment="positive")

    agreement = sampling.agreement_of(riverside.agency.id, clock.now())
    assert (agreement.sentiment.numerator, agreement.checked) == (0, 1)


def test_a_newer_version_is_held_against_the_same_words_of_staff(riverside, alice, drawn):
    sample = db.session.query(Sample).filter_by(feedback_id=drawn[0].id).one()
    said = Labels(Sentiment.NEUTRAL, (Aspect.TIMELINESS,), False)
    sampling.check(sample, said, member_id=alice.id)
    assert sampling.agreement_of(riverside.agency.id, clock.now()).sentiment.value == 0

    actions.read_again(drawn[0].id, analysis(version="words-9", sentiment=Sentiment.NEUTRAL))

    assert sampling.agreement_of(riverside.agency.id, clock.now()).sentiment.value == 1


def test_a_text_is_checked_once(client, riverside, alice, drawn):
    client.sign_in(alice)
    check(client, drawn[0])

    again = check(client, drawn[0], sentiment="positive")

    assert again.status_code == 303
    assert tag_of(drawn[0]).sentiment == Sentiment.NEGATIVE
    assert "already" in client.get("/tags").page.text


def test_what_is_missing_is_said(client, riverside, alice, drawn):
    response = client.sign_in(alice).post(f"/tags/{drawn[1].reference}", data={"urgent": "yes"})

    assert response.status_code == 422
    assert "Choose a tone." in response.page.select_one(".govuk-error-summary").text
    assert response.page.select_one(".govuk-error-summary a")["href"] == f"#sentiment-{drawn[1].reference}"
    assert [box["id"] for box in response.page.select("[checked]")] == [f"urgent-{drawn[1].reference}"]


def test_others_check_nothing(client, riverside, bob, charlie, drawn):
    assert check(client.sign_in(charlie), drawn[0]).status_code == 404
    assert waiting(client) == []
    assert check(client.sign_in(bob), drawn[0]).status_code == 403
    assert check(client.sign_in(riverside.viewer), drawn[0]).status_code == 403
    assert db.session.query(Sample).filter(Sample.checked_at.is_not(None)).count() == 0


def test_the_report_says_how_far_its_tags_can_be_trusted(client, riverside, alice, drawn):
    client.sign_in(alice)
    address = "/reports/C-001?start=2026-11-01&end=2026-11-30"
    assert "nobody has checked yet" in client.get(address).page.text

    check(client, drawn[0])

    assert "agreed with staff in 100 % of 1 checked" in client.get(address).page.text
