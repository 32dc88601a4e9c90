"""What is urgent stands first until somebody answers, and those on duty are told within seconds, once."""

from datetime import timedelta

import pytest

from app.accounts.models import Membership
from app.analysis import actions, concerns
from app.analysis.rules import Said
from app.cases import actions as cases
from app.extensions import db
from app.kernel.words import Actor, FeedbackKind
from tests.web.cases_story import MONDAY, sent
from tests.web.tagging_story import TEXT, analysis, read


def references(page):
    return [link.text.strip() for link in page.select("tbody a")]


def put_on_duty(member):
    db.session.query(Membership).filter_by(member_id=member.id).one().is_on_duty = True
    db.session.commit()


def told(mail_box):
    return sorted(each["To"] for each in mail_box() if each["Subject"].startswith("Urgent"))


def test_the_urgent_and_unanswered_stand_first_then_the_newest(client, riverside, alice, at):
    made = {}
    for n, (name, urgent) in enumerate(
        [("old urgent", True), ("answered urgent", True), ("new urgent", True), ("older", False), ("newest", False)]
    ):
        with at(MONDAY + timedelta(minutes=n)):
            made[name] = read(riverside, urgent=urgent)
    with at(MONDAY + timedelta(hours=1)):
        answered = cases.case_of(made["answered urgent"])
        cases.reply(answered, "We are on our way.", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()

        page = client.sign_in(alice).get("/inbox?view=all").page

    names = {feedback.reference: name for name, feedback in made.items()}
    order = [names[reference] for reference in references(page)]
    assert order == ["new urgent", "old urgent", "newest", "older", "answered urgent"]


def test_without_a_case_it_stands_first_until_somebody_looks(client, riverside, alice, at):
    with at(MONDAY):
        urgent = read(riverside, {"kind": FeedbackKind.RATING}, urgent=True)
    with at(MONDAY + timedelta(minutes=1)):
        newer = read(riverside)
    client.sign_in(alice)
    assert references(client.get("/inbox?view=all").page) == [urgent.reference, newer.reference]

    client.post(f"/cases/{urgent.reference}/looked")

    assert references(client.get("/inbox?view=all").page) == [newer.reference, urgent.reference]


@pytest.mark.parametrize("urgent", [0, 1, 24, 25, 26, 30, 55])
def test_pages_go_on_by_key_through_both_parts_and_back(client, riverside, alice, at, urgent):
    for n in range(55):
        with at(MONDAY + timedelta(minutes=n)):
            feedback = sent(riverside)
            # Some of the old ones.
            actions.keep_reading(feedback.id, analysis(urgent=n < urgent, redacted=TEXT))
    db.session.commit()
    client.sign_in(alice)

    pages, address = [], "/inbox?view=all"
    while address:
        page = client.get(address).page
        pages.append(references(page))
        older = page.select_one("a[rel=next]")
        last, address = page, older["href"] if older else None
    whole = [reference for page in pages for reference in page]
    assert [len(page) for page in pages] == [25, 25, 5]
    assert len(set(whole)) == 55

    back, newer = [], last.select_one("a[rel=prev]")
    while newer:
        page = client.get(newer["href"]).page
        back.insert(0, references(page))
        newer = page.select_one("a[rel=prev]")
    assert back == pages[:-1]


def test_those_on_duty_are_told_once(riverside, alice, work, mail_box):
    put_on_duty(riverside.second_officer)
    feedback = read(riverside, urgent=True, redacted="Gas smell in the hall, ring [phone].")
    work()
    actions.read_again(feedback.id, analysis(version="words-9", urgent=True))
    actions.correct(feedback.id, Said(is_urgent=False), member_id=alice.id)
    actions.correct(feedback.id, Said(is_urgent=True), member_id=alice.id)
    put_on_duty(alice)
    work()

    assert told(mail_box) == [riverside.second_officer.email]
    letter = mail_box()[-1].get_body(("plain",)).get_content()
    assert "Gas smell in the hall, ring [phone]." in letter
    assert f"/cases/{feedback.reference}" in letter


def test_a_correction_to_urgent_tells_them_too(client, riverside, alice, work, mail_box):
    put_on_duty(riverside.second_officer)
    feedback = read(riverside)
    client.sign_in(alice).post(f"/cases/{feedback.reference}/tags", data={"urgent": "yes"})
    client.post(f"/cases/{feedback.reference}/tags", data={"urgent": "yes"})
    work()

    assert told(mail_box) == [riverside.second_officer.email]


def test_where_nobody_is_on_duty_the_managers_are_told(riverside, work, mail_box):
    read(riverside, urgent=True)
    work()

    assert told(mail_box) == [riverside.manager.email]


def test_nobody_is_called_about_what_is_old_or_was_found_not_urgent(riverside, alice, at, work, mail_box):
    with at(MONDAY):
        old = read(riverside)
        denied = read(riverside, urgent=True)
        actions.correct(denied.id, Said(is_urgent=False), member_id=alice.id)
    with at(MONDAY + timedelta(days=30)):
        actions.read_again(old.id, analysis(version="words-9", urgent=True))
        work()

    assert told(mail_box) == []


def test_a_letter_has_no_words_where_there_is_a_concern(riverside, alice, work, mail_box):
    feedback = read(riverside, urgent=True, safeguarding=True)
    work()

    (letter,) = [each for each in mail_box() if each["Subject"].startswith("Urgent")]
    assert "street" not in letter.get_body(("plain",)).get_content()
    assert concerns.standing(feedback.id) is not None


def test_managers_say_who_is_on_duty(client, riverside, hillside):
    client.sign_in(riverside.manager)
    memberships = {each.member_id: each.id for each in db.session.query(Membership)}
    officer, stranger = memberships[riverside.officer.id], memberships[hillside.officer.id]

    client.post("/duty", data={"on_duty": [str(officer)], "safeguarding_hours": "8"})
    assert db.session.get(Membership, officer).is_on_duty
    assert "On duty" in client.get("/members").page.text
    assert client.post("/duty", data={"on_duty": [str(stranger)], "safeguarding_hours": "8"}).status_code == 422
    client.post(f"/members/{officer}", data={"role": "viewer"})
    assert not db.session.get(Membership, officer).is_on_duty
    client.post(f"/members/{officer}", data={"role": "officer"})
    client.post("/duty", data={"safeguarding_hours": "8"})

    assert not db.session.get(Membership, officer).is_on_duty
    assert client.sign_in(riverside.officer).get("/duty").status_code == 403
