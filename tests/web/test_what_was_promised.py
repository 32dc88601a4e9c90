"""By when an answer is due was told to the resident: of a later day they hear, of an earlier one they read."""

from datetime import timedelta

import pytest

from app.cases import actions, moving
from app.extensions import db
from app.intake.actions import tracking_token
from app.kernel.words import Actor
from tests.web.cases_story import MONDAY, sent

LATER = "It takes longer than we said"


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
    return [mail for mail in mail_box() if LATER in mail["Subject"]]


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
    assert "It was passed on to the service that is in charge" in text
    page = read(client, case)
    assert "This was changed from 3 Nov 2026, 16:30 to 5 Nov 2026" in page
    work()
    assert len(about_it(mail_box)) == 1
    actions.reply(case, "We come.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    assert "This was changed from" not in read(client, case)


def test_an_earlier_day_is_only_read(client, riverside, case, work, mail_box):
    takes(riverside.other_contract, 4)

    moved(riverside, case)
    work()

    assert about_it(mail_box) == []
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


def test_what_analysis_makes_later_is_told_and_after_an_answer_it_is_the_solution(
    client, riverside, case, at, work, mail_box
):
    second = riverside.contract.clauses[1]
    second.respond_within_hours, second.resolve_within_hours = 24, 60
    actions.propose_clause(case, ["staff"])
    db.session.commit()
    work()
    assert len(about_it(mail_box)) == 1

    with at(MONDAY + timedelta(hours=1)):
        actions.reply(case, "We look.", by=Actor.AGENCY, member_id=riverside.officer.id)
        takes(riverside.other_contract, 48)
        moved(riverside, case)
        work()
    assert "We told you that it should be solved by" in about_it(mail_box)[-1].get_body(("plain",)).get_content()
