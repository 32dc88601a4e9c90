"""Staff see how a text was tagged and why, and what they say of it wins, whatever reads it again."""

import json
from datetime import timedelta

import pytest

from app.analysis import actions
from app.analysis.models import Correction, Reading
from app.analysis.reading_again import read_all_again
from app.analysis.rules import Said
from app.cases import actions as cases
from app.cases.models import Case
from app.extensions import db
from app.intake import actions as intake
from app.kernel import clock
from app.kernel.words import FeedbackKind, Sentiment
from app.measures.queries import facts_of
from tests.web.cases_story import MONDAY, sent
from tests.web.tagging_story import analysis, read, tag_of


def press(client, feedback, **button):
    return client.post(f"/cases/{feedback.reference}/tags", data=button)


def pressed(page):
    return [" ".join(each.text.split()) for each in page.select("#tags button[aria-pressed=true]")]


def references(page):
    return [link.text.strip() for link in page.select("tbody a")]


def test_one_press_corrects_one_tag_and_says_who_did(client, riverside, alice, at):
    feedback = read(riverside)
    client.sign_in(alice)
    before = client.get(f"/cases/{feedback.reference}").page
    assert pressed(before) == ["Negative 1", "Not urgent n", "Timeliness"]

    assert press(client, feedback, sentiment="neutral").location == f"/cases/{feedback.reference}#tags"
    press(client, feedback, urgent="yes")
    press(client, feedback, add="staff")
    press(client, feedback, drop="timeliness")

    tag = tag_of(feedback)
    assert (tag.sentiment, tag.is_urgent, tag.aspects, tag.is_settled) == (Sentiment.NEUTRAL, True, ["staff"], True)
    page = client.get(f"/cases/{feedback.reference}").page
    assert pressed(page) == ["Neutral 2", "Urgent u", "Staff"]
    assert "Officer" in page.select_one("#tags").text
    kept = db.session.query(Correction).order_by(Correction.id).all()
    assert [(each.sentiment, each.is_urgent, each.aspects) for each in kept] == [
        (Sentiment.NEUTRAL, None, None),
        (None, True, None),
        (None, None, ["timeliness", "staff"]),
        (None, None, ["staff"]),
    ]
    assert {each.member_id for each in kept} == {alice.id}


def test_saying_it_twice_changes_nothing_more(client, riverside, alice):
    feedback = read(riverside)
    client.sign_in(alice)

    press(client, feedback, add="staff")
    press(client, feedback, add="staff")

    assert tag_of(feedback).aspects == ["timeliness", "staff"]


def test_the_words_that_moved_a_tag_are_marked(client, riverside, alice):
    feedback = read(riverside)

    page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page

    assert [mark.text for mark in page.select(".app-words mark")] == ["left ", "full", " again"]
    assert "".join(page.select_one(".app-words").text) == "The bin was left full again and the street smells."
    reasons = [" ".join(each.text.split()) for each in page.select(".app-reasons li")]
    assert reasons == ["Negative left full", "Timeliness full again"]


def test_what_is_marked_is_text_and_never_markup(client, riverside, alice):
    text = "<script>alert(1)</script> left full"
    feedback = read(riverside, redacted=text)

    page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page

    assert page.select_one(".app-words").text == text


def test_the_page_says_where_its_keys_work(client, riverside, alice):
    feedback = read(riverside)

    page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page

    assert "work once you have come to these buttons with Tab" in page.select_one("#tags form").text


def test_not_sure_is_a_state_of_its_own_that_staff_settle_even_by_agreeing(client, riverside, alice):
    feedback = read(riverside, is_sure=False)
    client.sign_in(alice)
    assert "Not sure" in client.get("/inbox?view=all").page.select_one("tbody").text
    assert references(client.get("/inbox?view=all&unsure=y").page) == [feedback.reference]
    assert pressed(client.get(f"/cases/{feedback.reference}").page) == ["Not urgent n", "Timeliness"]

    press(client, feedback, sentiment="negative")

    assert tag_of(feedback).is_sure
    assert references(client.get("/inbox?view=all&unsure=y").page) == []


def test_one_reading_has_one_word_on_every_page_for_agency_and_provider(client, riverside, alice, bob):
    feedback = read(riverside, is_sure=False)
    cases.assign(cases.case_of(feedback), member_id=alice.id)
    db.session.commit()

    for who in (alice, bob):
        client.sign_in(who)
        for page in (
            client.get("/inbox?view=all").page.select_one("tbody"),
            client.get(f"/cases/{feedback.reference}").page,
        ):
            said = [tag.text for tag in page.select(".govuk-tag")]
            assert "Not sure" in said
            assert not {"Negative", "Neutral", "Positive"} & set(said)
    client.sign_in(alice)
    assert not client.get("/inbox?view=all&sentiment=negative").page.select("tbody a"), "found by the word it shows"


@pytest.mark.parametrize(("rating", "is_sure", "flagged"), [(5, True, True), (5, False, False), (1, True, False)])
def test_words_and_stars_that_disagree_are_flagged_until_settled(client, riverside, alice, rating, is_sure, flagged):
    feedback = read(riverside, {"rating": rating, "kind": FeedbackKind.RATING}, is_sure=is_sure)
    client.sign_in(alice)

    def is_flagged():
        case = client.get(f"/cases/{feedback.reference}").page.select_one("#tags").text
        return ("Words and stars disagree" in case, len(references(client.get("/inbox?view=all&disagreeing=y").page)))

    assert is_flagged() == (flagged, int(flagged))
    press(client, feedback, sentiment="negative")
    assert is_flagged() == (False, 0)


@pytest.mark.parametrize("button", [{}, {"sentiment": "furious"}, {"add": "weather"}, {"urgent": "perhaps"}])
def test_a_button_that_is_none_is_refused(client, riverside, alice, button):
    feedback = read(riverside)

    assert press(client.sign_in(alice), feedback, **button).status_code == 400
    assert db.session.query(Correction).count() == 0


def test_nothing_can_be_said_of_what_nobody_has_read(client, riverside, alice):
    feedback = sent(riverside)

    assert press(client.sign_in(alice), feedback, sentiment="neutral").status_code == 409


def test_others_correct_nothing(client, riverside, alice, bob, charlie):
    feedback = read(riverside)
    cases.assign(cases.case_of(feedback), member_id=alice.id)

    assert press(client.sign_in(bob), feedback, sentiment="positive").status_code == 403
    assert press(client.sign_in(riverside.viewer), feedback, sentiment="positive").status_code == 403
    assert press(client.sign_in(charlie), feedback, sentiment="positive").status_code == 404
    page = client.sign_in(bob).get(f"/cases/{feedback.reference}").page
    assert not page.select("#tags, mark")


def test_a_correction_counts_in_the_measures(riverside, alice, at):
    with at(MONDAY):
        feedback = read(riverside)
    with at(MONDAY + timedelta(hours=1)):
        actions.correct(feedback.id, Said(sentiment=Sentiment.POSITIVE, aspects=()), member_id=alice.id)
        (facts,) = facts_of([riverside.contract.id], since=MONDAY, until=MONDAY + timedelta(days=1), as_of=clock.now())

    assert (facts.sentiment, facts.aspects) == (Sentiment.POSITIVE, ())


def test_corrected_aspects_may_mean_another_duty_until_somebody_answers(riverside, alice, work):
    feedback = read(riverside)
    work()
    assert db.session.query(Case).one().clause.code == "1"

    actions.correct(feedback.id, Said(aspects=("staff",)), member_id=alice.id)
    work()

    assert db.session.query(Case).one().clause.code == "2"


def test_a_newer_version_reads_old_feedback_again_and_leaves_corrections_alone(riverside, alice, work):
    corrected = sent(riverside, text="The bin was left full.")
    other = sent(riverside, text="Thank you, the street is spotless.")
    for feedback in (corrected, other):
        actions.keep_reading(feedback.id, analysis(version="words-0"))
    actions.correct(corrected.id, Said(sentiment=Sentiment.NEUTRAL, is_urgent=True), member_id=alice.id)
    db.session.commit()
    seen = []

    assert read_all_again(lambda done, of: seen.append((done, of)), batch=1) == 2

    assert seen == [(1, 2), (2, 2)]
    assert (tag_of(corrected).sentiment, tag_of(corrected).is_urgent) == (Sentiment.NEUTRAL, True)
    assert tag_of(other).sentiment == Sentiment.POSITIVE
    versions = [(each.feedback_id, each.version) for each in db.session.query(Reading).order_by(Reading.id)]
    assert [version for _, version in versions[:2]] == ["words-0", "words-0"]
    assert len(versions) == 4
    assert read_all_again(lambda done, of: seen.append((done, of))) == 0


def test_a_run_that_was_killed_is_gone_on_with(riverside):
    for _ in range(5):
        feedback = sent(riverside, text="The bin was left full.")
        actions.keep_reading(feedback.id, analysis(version="words-0"))
    db.session.commit()

    class Killed(Exception):
        pass

    def kill_after_two(done, _of):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        read_all_again(kill_after_two, batch=2)
    assert read_all_again(lambda *_: None, batch=2) == 3
    assert db.session.query(Reading).filter_by(version="words-0").count() == 5
    assert db.session.query(Reading).count() == 10


def test_what_was_erased_is_not_read_again(riverside):
    feedback = read(riverside, version="words-0")
    cases.erase_words(feedback)
    intake.erase_words(feedback)
    db.session.commit()

    assert actions.read_again(feedback.id, analysis(version="words-9")) is None
    assert read_all_again(lambda *_: None) == 0
    assert tag_of(feedback).redacted == ""


def test_the_command_says_how_far_it_is(app, riverside):
    read(riverside, version="words-0")

    done = app.test_cli_runner().invoke(args=["analyse", "--again"])

    assert done.exit_code == 0
    assert "read again: 1 of 1" in done.stderr
    assert "1 feedback" in done.stdout


def test_corrections_become_data_to_train_with(app, client, riverside, alice, hillside):
    feedback = read(riverside, redacted="Ring [phone], the bin was left full.")
    read(riverside)
    actions.correct(feedback.id, Said(sentiment=Sentiment.NEUTRAL), member_id=alice.id)
    db.session.commit()

    answer = client.sign_in(riverside.manager).get("/tags.jsonl")

    (line,) = [json.loads(each) for each in answer.get_data(as_text=True).splitlines()]
    assert line == {
        "id": f"riverside_{feedback.id}",
        "text": "Ring [phone], the bin was left full.",
        "label": "neu",
        "aspects": ["timeliness"],
        "urgent": False,
        "mixed": False,
        "sarcasm": False,
        "pii": [],
        "lang": "en",
        "source": "corrections_riverside",
        "domain": "outsourced public services",
        "split": "train",
        "corrected": ["label"],
    }
    printed = app.test_cli_runner().invoke(args=["corrections", "--agency", "riverside"])
    assert json.loads(printed.stdout) == line
    assert app.test_cli_runner().invoke(args=["corrections", "--agency", "hillside"]).stdout == ""
    assert app.test_cli_runner().invoke(args=["corrections", "--agency", "nowhere"]).exit_code == 1
    assert client.sign_in(alice).get("/tags.jsonl").status_code == 403
    assert client.sign_in(hillside.manager).get("/tags.jsonl").get_data(as_text=True) == ""
