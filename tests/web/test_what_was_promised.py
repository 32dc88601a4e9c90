"""By when an answer is due was told to the resident: of a later day they hear, of an earlier one they read."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.cases import actions, moving
from app.cases.models import Case
from app.extensions import db
from app.intake.actions import tracking_token
from app.kernel.words import Actor, FeedbackKind
from tests.web.cases_story import MONDAY, sent

LATER = "It takes longer than we said"
MOVED = "Passed on to another service"


@pytest.fixture
def case(riverside, at, work):
    """Answered within 16 working hours: by Tuesday evening."""
    with at(MONDAY):
        case = actions.case_of(sent(riverside, text="The carer did not come."))
        work()
        yield case


def takes(contract, hours):
    for clause in contract.clauses:
        clause.respond_within_hours, clause.resolve_within_hours = hours, hours * 2
    db.session.commit()


def moved(world, case):
    moving.move(case, world.other_contract, "Theirs", member_id=world.officer.id, is_manager=False)
    db.session.commit()
    db.session.expire_all()


def about_it(mail_box):
    return [mail for mail in mail_box() if LATER in mail["Subject"] or MOVED in mail["Subject"]]


def text_of(mail):
    return " ".join(mail.get_body(("plain",)).get_content().split())


def read(client, case):
    return " ".join(client.get(f"/track/{tracking_token(case.feedback_id)}?lang=en").page.main.text.split())


def test_of_a_later_day_the_resident_gets_one_letter_and_reads_what_was_changed(
    client, riverside, case, work, mail_box
):
    takes(riverside.other_contract, 32)

    moved(riverside, case)
    work()

    (mail,) = about_it(mail_box)
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "We told you that an answer is due by 3 Nov 2026, 17:30." not in text, "16 hours of 8.5 end a little earlier"
    assert "We told you that an answer is due by 3 Nov 2026, 16:30. An answer" in text
    assert "An answer is now due by 5 Nov 2026" in text
    assert mail["Subject"].startswith(MOVED)
    assert "It is with another service now: Home care, by Sunrise" in text
    assert ".We told you" not in text
    page = read(client, case)
    assert "This was changed from 3 Nov 2026, 16:30 to 5 Nov 2026" in page
    work()
    assert len(about_it(mail_box)) == 1
    actions.reply(case, "We come.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    assert "This was changed from" not in read(client, case)


def test_whom_it_is_with_now_is_told_and_read_also_where_no_day_changes(client, riverside, case, work, mail_box):
    moved(riverside, case)
    work()

    (mail,) = about_it(mail_box)
    assert "We told you" not in text_of(mail)
    assert "It is with another service now: Home care, by Sunrise" in text_of(mail)
    assert "An answer is now due by 3 Nov 2026, 16:30." in text_of(mail)
    assert riverside.officer.name not in mail.as_string()
    assert "Theirs" not in mail.as_string(), "why is between staff"
    page = read(client, case)
    assert page.count("Home care, by Sunrise") == 2, "above, and where it happened"


def test_of_two_moves_the_last_one_is_told(riverside, case, work, mail_box):
    moved(riverside, case)
    moving.move(case, riverside.contract, "Ours again", member_id=riverside.officer.id, is_manager=False)
    db.session.commit()
    work()

    (mail,) = about_it(mail_box)
    assert "Home care" not in text_of(mail)


def test_a_contract_that_only_follows_another_is_no_other_service(riverside, case, work, mail_box):
    riverside.other_contract.service = riverside.contract.service
    riverside.other_contract.provider_id = riverside.contract.provider_id
    db.session.commit()

    moved(riverside, case)
    work()

    assert about_it(mail_box) == []


def test_an_earlier_day_is_read_and_not_called_longer(client, riverside, case, work, mail_box):
    takes(riverside.other_contract, 4)

    moved(riverside, case)
    work()

    (mail,) = about_it(mail_box)
    assert "An answer is now due by 2 Nov 2026, 13:00." in text_of(mail)
    assert LATER not in mail.as_string()
    page = read(client, case)
    assert "An answer is due by 2 Nov 2026, 13:00." in page
    assert "This was changed" not in page


def test_another_clause_that_gives_longer_is_told_too_and_putting_it_back_ends_it(
    client, riverside, case, work, mail_box
):
    first, second = riverside.contract.clauses
    before = case.respond_by
    second.respond_within_hours, second.resolve_within_hours = 24, 60
    actions.change_clause(case, second, "Conduct", member_id=riverside.officer.id)
    db.session.commit()
    assert case.told_before == before
    work()
    (mail,) = about_it(mail_box)
    assert "It falls under another rule of the contract" in mail.get_body(("plain",)).get_content()

    actions.change_clause(case, first, "It was right", member_id=riverside.officer.id)
    db.session.commit()
    work()
    assert (case.told_before, case.respond_by) == (None, before)
    assert len(about_it(mail_box)) == 1


@pytest.fixture
def slow_clause(riverside):
    """The clause about staff, by which an answer may take a day longer than by the first one."""
    clause = riverside.contract.clauses[1]
    clause.respond_within_hours, clause.resolve_within_hours = 24, 60
    db.session.commit()
    return clause


def proposed(case, aspects):
    actions.propose_clause(case, aspects)
    db.session.commit()
    db.session.expire_all()


def test_what_the_receipt_said_stays_promised_when_the_text_falls_under_a_slower_clause(
    client, riverside, slow_clause, at, work, mail_box
):
    with at(MONDAY):
        code = riverside.site.code
        form = {"rating": "1", "text": "The carer was rude and shouted at me.", "wants_answer": "yes"}
        form |= {"email": "resident@example.org", "key": "a-draft-of-today"}
        answer = client.post(f"/give/{code}", data=form, headers={"Origin": "http://localhost"})
        receipt = " ".join(client.get(answer.location).page.main.text.split())
        work()
        case = db.session.scalars(select(Case)).one()
        assert case.clause_id == slow_clause.id, "the reading found the clause about staff"
        assert "An answer is due by 3 Nov 2026, 16:30." in receipt
        assert case.respond_by == datetime.fromisoformat("2026-11-04T16:00:00+08:00"), "the contract's own limit"
        assert about_it(mail_box) == [], "nobody is told another day seconds after the receipt"
        (mail,) = [each for each in mail_box() if each["To"] == "resident@example.org"]
        assert "An answer is due by 3 Nov 2026, 16:30." in " ".join(mail.get_body(("plain",)).get_content().split())
        page = read(client, case)
        assert "An answer is due by 3 Nov 2026, 16:30." in page
        assert "This was changed" not in page


def test_staff_read_what_was_promised_until_they_have_answered(client, riverside, case, slow_clause):
    proposed(case, ["staff"])
    client.sign_in(riverside.officer)
    said = "Promised to the resident 3 Nov 2026, 16:30"
    page = f"/cases/{case.feedback.reference}"

    assert said in " ".join(client.get(page).page.main.text.split())
    assert said.replace("resident ", "resident: ") in " ".join(client.get("/inbox?view=all").page.main.text.split())

    actions.reply(case, "We come.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    assert "Promised to the resident" not in client.get(page).page.main.text


def test_analysis_makes_it_sooner_and_never_later_again(client, riverside, case, slow_clause, work, mail_box):
    first = riverside.contract.clauses[0]
    first_promise = case.respond_by
    slow_clause.respond_within_hours, slow_clause.resolve_within_hours = 4, 60
    db.session.commit()
    proposed(case, ["staff"])
    sooner = case.respond_by
    assert sooner < first_promise
    assert case.still_promised is None

    proposed(case, first.aspects)
    work()

    assert (case.respond_by, case.promised) == (first_promise, sooner)
    assert about_it(mail_box) == []


def test_a_case_that_staff_open_promises_what_its_words_say(riverside, slow_clause, at, work, mail_box):
    with at(MONDAY):
        feedback = sent(riverside, kind=FeedbackKind.RATING, text="The carer was rude and shouted at me.")
        work()
        case = actions.open_on(feedback, member_id=riverside.officer.id)
        db.session.commit()
        work()
    assert case.clause_id == slow_clause.id
    assert case.promised == case.respond_by
    assert about_it(mail_box) == []


def test_what_staff_make_later_than_promised_is_told_and_after_an_answer_it_is_the_solution(
    client, riverside, case, slow_clause, at, work, mail_box
):
    first, _second = riverside.contract.clauses
    proposed(case, ["staff"])
    first.respond_within_hours, first.resolve_within_hours = 32, 60
    actions.change_clause(case, first, "It is about time", member_id=riverside.officer.id)
    db.session.commit()
    work()
    (mail,) = about_it(mail_box)
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "We told you that an answer is due by 3 Nov 2026, 16:30." in text

    with at(MONDAY + timedelta(hours=1)):
        actions.reply(case, "We look.", by=Actor.AGENCY, member_id=riverside.officer.id)
        takes(riverside.other_contract, 48)
        moved(riverside, case)
        work()
    assert "We told you that it should be solved by" in text_of(about_it(mail_box)[-1])
