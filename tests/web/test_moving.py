"""A case goes to another contract: whoever had it no longer sees it, and each number counts it once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Membership
from app.analysis import concerns
from app.cases import actions, disclosure, moving, photos, provider_links, verdict_actions
from app.cases.models import Case, CaseMove, Event, Verdict
from app.directory.models import ClauseTarget
from app.extensions import db
from app.intake.actions import tracking_token
from app.intake.models import Photo
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, StaleVersion, ThingUnknown
from app.kernel.words import Actor, Attribution, EventKind, Holder, PhotoStatus
from app.reports.overview import gather_overview
from app.reports.report import build
from tests.web.cases_story import MONDAY, history, sent

TERM = {"start": date(2026, 10, 1), "end": date(2026, 12, 31)}
HOUR = timedelta(hours=1)


@pytest.fixture
def monday(at):
    with at(MONDAY):
        yield


@pytest.fixture
def case(app, riverside, monday, work):
    """A complaint about a bin, given to the provider of the first contract; it is about a visit of the second's."""
    feedback = sent(riverside, text="The carer did not come.", is_shared=True, phone="0131 496 0000")
    work()
    case = actions.case_of(feedback)
    actions.assign(case, member_id=riverside.officer.id)
    db.session.commit()
    return case


def move(world, case, to=None, **more):
    moving.move(
        case,
        to or world.other_contract,
        "It is about a visit.",
        **{"member_id": world.officer.id, "is_manager": False} | more,
    )
    db.session.commit()
    db.session.expire_all()


def post(client, case, **answers):
    form = {"contract": "", "reason": "It is about a visit.", "version": case.version} | answers
    return client.post(f"/cases/{case.feedback.reference}/move", data=form)


def test_whoever_had_it_no_longer_sees_it_and_the_other_provider_does(app, riverside, case):
    address = f"/cases/{case.feedback.reference}"
    bob, dora = (app.test_client().sign_in(who) for who in (riverside.staff, riverside.other_staff))
    assert (bob.get(address).status_code, dora.get(address).status_code) == (200, 404)
    alice = app.test_client().sign_in(riverside.officer)
    page = alice.get(address).page
    assert [option.text for option in page.select("#move-contract option")][1:] == ["C-002 Home care 2026"]
    assert page.select_one("#move-give").has_attr("checked")

    done = post(alice, case, contract=riverside.other_contract.id, give="y")
    assert done.location == address
    db.session.expire_all()

    assert (case.provider_id, case.holder) == (riverside.other_provider.id, Holder.PROVIDER)
    assert (bob.get(address).status_code, dora.get(address).status_code) == (404, 200)
    assert bob.post(f"{address}/reply", data={"message": "x"}).status_code == 404
    assert case.feedback.reference not in bob.get("/inbox?view=all").page.main.text
    assert case.feedback.reference in dora.get("/inbox?view=unread").page.main.text
    told = " ".join(alice.get(address).page.main.text.split())
    assert "Moved to another contract" in told
    assert "It is about a visit." in told
    assert "To contract C-002" in told
    assert "It is about a visit." not in dora.get(address).page.main.text


def test_without_giving_it_nobody_but_the_agency_sees_it(app, riverside, case):
    move(riverside, case)

    assert (case.holder, case.provider_since) == (Holder.AGENCY, None)
    for who in (riverside.staff, riverside.other_staff):
        assert app.test_client().sign_in(who).get(f"/cases/{case.feedback.reference}").status_code == 404


def test_clause_limits_and_calendar_are_those_of_the_new_contract_on_the_day_of_submission(riverside, case, at):
    to = riverside.other_contract
    to.calendar = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "08:00", "end": "20:00"}
    to.confirm_days = 7
    clause = to.clauses[0]
    of = {"agency_id": riverside.agency.id, "clause_id": clause.id, "resolve_within_hours": 12}
    db.session.add(ClauseTarget(starts_on=date(2026, 11, 1), respond_within_hours=6, **of))
    db.session.add(ClauseTarget(starts_on=date(2026, 11, 3), respond_within_hours=1, **of))
    db.session.commit()

    with at(MONDAY + timedelta(days=2)):
        move(riverside, case)

    assert (case.clause_id, case.confirm_days) == (clause.id, 7)
    assert case.respond_by == MONDAY + 6 * HOUR
    assert case.resolve_by == MONDAY + timedelta(days=1)  # eleven hours of Monday, one of Tuesday


def test_what_was_asked_goes_on_stopping_the_clock(riverside, case, at):
    with at(MONDAY + HOUR):
        actions.ask(case, "Which day was it?", by=Actor.AGENCY, member_id=riverside.officer.id)
    with at(MONDAY + 2 * HOUR):
        move(riverside, case)

    assert case.waiting_since == MONDAY + HOUR


def test_it_counts_once_under_the_contract_it_had_at_each_moment(riverside, case, at):
    with at(MONDAY + 3 * HOUR):
        actions.reply(case, "We look into it.", by=Actor.PROVIDER, member_id=riverside.staff.id)
        db.session.commit()
    before = build(riverside.contract, **TERM, as_of=MONDAY + 4 * HOUR).to_json()
    riverside.other_contract.clauses[0].respond_within_hours = 2
    with at(MONDAY + 5 * HOUR):
        move(riverside, case)
        actions.assign(case, member_id=riverside.officer.id)
        db.session.commit()

    with at(MONDAY + 7 * HOUR):
        counts = {
            (reference, hours): build(contract, **TERM, as_of=MONDAY + hours * HOUR)
            for reference, contract in (("C-001", riverside.contract), ("C-002", riverside.other_contract))
            for hours in (4, 5, 7)
        }
    received = {key: report.figures.received.value for key, report in counts.items()}
    assert received == {
        ("C-001", 4): 1, ("C-001", 5): 0, ("C-001", 7): 0,
        ("C-002", 4): 0, ("C-002", 5): 1, ("C-002", 7): 1,
    }  # fmt: skip
    # The overview of the agency knows it under the same contract at each moment.
    for hours in (4, 5, 7):
        contracts = [riverside.contract, riverside.other_contract]
        told = gather_overview(riverside.agency, contracts, **TERM, as_of=MONDAY + hours * HOUR).report
        assert {line.reference: line.figures.received.value for line in told.lines} == {
            reference: received[reference, hours] for reference in ("C-001", "C-002")
        }
    # As of a moment before it, the report says what it said then, with the limits of then.
    assert counts["C-001", 4].to_json() == before
    now = counts["C-002", 7].figures
    assert (now.on_time_response_rate.numerator, now.on_time_response_rate.denominator) == (0, 1)
    # Nobody is rated on the delay of the provider before.
    assert now.provider_response_hours.n == 0
    assert (now.hours_with.agency, now.hours_with.provider) == (5, 2)
    assert counts["C-001", 4].figures.hours_with.provider == 4


def test_a_verdict_on_the_provider_before_is_none_on_the_next(riverside, case, at, work):
    judge = {"member_id": riverside.officer.id, "is_manager": False}
    verdict_actions.judge(case, Attribution.PROVIDER, "It was theirs.", **judge)
    verdict_actions.agree(case, member_id=riverside.staff.id)
    db.session.commit()
    with at(MONDAY + HOUR):
        move(riverside, case, member_id=riverside.manager.id, is_manager=True)
        report = build(riverside.other_contract, **TERM)

    assert report.measures.verdicts["unjudged"] == 1
    assert report.measures.validated.cases.value == 0
    assert db.session.get(Verdict, case.feedback_id) is None
    with at(MONDAY + 2 * HOUR):
        assert (
            verdict_actions.judge(case, Attribution.PROVIDER, "It is theirs.", **judge).kind
            == EventKind.VERDICT_PROPOSED
        )


def decided(world, case):
    """What the provider contested and a manager found to be the agency's own."""
    bob, officer = world.staff.id, world.officer.id
    verdict_actions.judge(case, Attribution.PROVIDER, "It was theirs.", member_id=officer, is_manager=False)
    verdict_actions.object_to(case, "The street was closed.", member_id=bob)
    verdict_actions.judge(case, Attribution.PROVIDER, "It was open.", member_id=officer, is_manager=False)
    verdict_actions.contest(case, "It was closed on Sunday too.", member_id=bob)
    verdict_actions.judge(case, Attribution.AGENCY, "Closed indeed.", member_id=world.manager.id, is_manager=True)
    db.session.commit()


def test_an_officer_does_not_undo_what_a_manager_decided_by_moving_it_away_and_back(app, riverside, case):
    decided(riverside, case)
    alice = app.test_client().sign_in(riverside.officer)
    manager = app.test_client().sign_in(riverside.manager)
    address, there = f"/cases/{case.feedback.reference}", riverside.other_contract.id

    refused = post(alice, case, contract=there)
    assert refused.status_code == 409
    for page in (refused.page, alice.get(address).page):
        assert "only a manager can move this case" in page.select_one("#do-move, #actions").text
        assert page.select_one("#move-contract") is None
    assert "moved" not in history(case.feedback)

    assert "The verdict ends." in manager.get(address).page.select_one("#do-move").text
    assert post(manager, case, contract=there, reason="").status_code == 422
    assert post(manager, case, contract=there).status_code == 303
    db.session.expire_all()
    assert post(alice, case, contract=riverside.contract.id).status_code == 303  # back: nothing is judged here
    db.session.expire_all()
    grounds = {"attribution": "third_party", "grounds": "Somebody else.", "version": case.version}
    page = alice.get(address).page
    assert page.select_one("#do-judge") is None
    assert "only a manager judges again" in page.select_one("#verdict").text
    assert alice.post(f"{address}/verdict", data=grounds).status_code == 422
    with pytest.raises(MoveNotAllowed):
        verdict_actions.judge(case, Attribution.AGENCY, "Ours.", member_id=riverside.officer.id, is_manager=False)
    db.session.rollback()
    assert manager.post(f"{address}/verdict", data=grounds).status_code == 303


def test_an_objection_that_is_right_lets_the_officer_move_it(riverside, case):
    verdict_actions.judge(case, Attribution.PROVIDER, "Theirs.", member_id=riverside.officer.id, is_manager=False)
    verdict_actions.object_to(case, "It is about a visit.", member_id=riverside.staff.id)
    move(riverside, case)

    assert case.contract_id == riverside.other_contract.id


def test_a_proposal_that_waits_is_over_and_silence_consents_to_nothing(riverside, case, at, work):
    verdict_actions.judge(case, Attribution.PROVIDER, "Theirs.", member_id=riverside.officer.id, is_manager=False)
    move(riverside, case)

    with at(MONDAY + timedelta(days=30)):
        work()

    assert "verdict" not in history(case.feedback)


def test_what_the_provider_before_said_to_the_agency_is_not_the_next_ones_to_read(app, riverside, case, at):
    with at(MONDAY + HOUR):
        actions.reply(case, "Our crew comes.", by=Actor.PROVIDER, member_id=riverside.staff.id)
        actions.hand_back(case, "We have no carers here.", member_id=riverside.staff.id)
        db.session.commit()
    with at(MONDAY + 2 * HOUR):
        move(riverside, case)
        actions.assign(case, member_id=riverside.officer.id)
        db.session.commit()
        address = f"/cases/{case.feedback.reference}"
        theirs = app.test_client().sign_in(riverside.other_staff).get(address).page.main.text
        ours = app.test_client().sign_in(riverside.officer).get(address).page.main.text
        token = provider_links.send(case, email="x@sunrise.example", language="en", member_id=riverside.officer.id)
        db.session.commit()
        by_link = app.test_client().get(f"/provider/{provider_links.token_of(token)}").page.main.text

    assert "Handed back" not in app.test_client().sign_in(riverside.officer).get("/inbox?view=all").page.main.text
    for read in (theirs, by_link):
        assert "Our crew comes." in read
        assert "The provider before" in read
        assert "We have no carers" not in read
        assert "Clearway" not in read
        assert riverside.staff.name not in read
    assert "We have no carers here." in ours
    assert f"Clearway Ltd, {riverside.staff.name}" in ours


def test_a_provider_to_whom_it_comes_back_reads_its_own_history_again(app, riverside, case, at):
    riverside.other_staff.name = "Dora Dunn"
    bob, officer = riverside.staff.id, riverside.officer.id
    with at(MONDAY + HOUR):
        answered = actions.reply(case, "Our crew comes.", by=Actor.PROVIDER, member_id=bob)
        db.session.flush()
        photo = Photo(
            agency_id=case.agency_id, feedback_id=case.feedback_id, event_id=answered.id, name="a" * 32,
            actor=Actor.PROVIDER, status=PhotoStatus.RELEASED, sha256="0" * 64, width=1, height=1, bytes=1,
            added_at=clock.now(), decided_at=clock.now(),
        )  # fmt: skip
        db.session.add(photo)
        verdict_actions.judge(case, Attribution.PROVIDER, "It was yours.", member_id=officer, is_manager=False)
        verdict_actions.object_to(case, "Not our street.", member_id=bob)
        actions.hand_back(case, "We have no carers here.", member_id=bob)
        db.session.commit()
    with at(MONDAY + 2 * HOUR):
        move(riverside, case)
        actions.assign(case, member_id=officer)
        actions.reply(case, "Our carer comes.", by=Actor.PROVIDER, member_id=riverside.other_staff.id)
        actions.hand_back(case, "It is a bin after all.", member_id=riverside.other_staff.id)
        db.session.commit()
        address = f"/cases/{case.feedback.reference}"
    with at(MONDAY + 3 * HOUR):
        move(riverside, case, riverside.contract)
        actions.assign(case, member_id=officer)
        db.session.commit()
        page = app.test_client().sign_in(riverside.staff).get(address).page
        theirs = " ".join(page.main.text.split())
        mine = photos.seen_by(db.session.scalar(select(Membership).where(Membership.member_id == bob)), case.feedback)

    for own in ("We have no carers here.", "Not our street.", "It was yours.", "Verdict proposed"):
        assert own in theirs
    assert theirs.count("Given to the provider") == 2
    assert f"Clearway Ltd, {riverside.staff.name}" in theirs
    assert "It is a bin after all." not in theirs
    assert theirs.count("The provider before") == 1  # who said that their carer comes
    assert riverside.other_staff.name not in theirs
    assert [each.id for each in mine] == [photo.id]
    ours = app.test_client().sign_in(riverside.officer).get(address).page.main.text
    assert f"Clearway Ltd, {riverside.staff.name}" in " ".join(ours.split())


def test_what_was_shared_with_one_provider_is_not_shared_with_another(riverside, case):
    member = db.session.scalar(select(Membership).where(Membership.member_id == riverside.other_staff.id))
    assert disclosure.may_see_contact(member, case.feedback)

    move(riverside, case)

    assert not disclosure.may_see_contact(member, case.feedback)


def test_a_link_of_the_provider_before_opens_nothing(app, riverside, case):
    link = provider_links.send(case, email="x@clearway.example", language="en", member_id=riverside.officer.id)
    db.session.commit()
    token = provider_links.token_of(link)
    assert app.test_client().get(f"/provider/{token}").status_code == 200

    move(riverside, case)

    assert app.test_client().get(f"/provider/{token}").status_code == 410


def test_the_resident_reads_that_it_was_passed_on_but_not_why(app, riverside, case, at):
    with at(MONDAY + HOUR):
        actions.reply(case, "Our crew comes.", by=Actor.PROVIDER, member_id=riverside.staff.id)
    with at(MONDAY + 2 * HOUR):
        move(riverside, case)
        page = " ".join(app.test_client().get(f"/track/{tracking_token(case.feedback_id)}").page.main.text.split())

    assert "Passed on to the service that is in charge" in page
    assert "It is about a visit" not in page
    # Who said it then is named, as before the move; with which one the case is now is said as well.
    assert "Clearway Ltd" in page


def test_a_case_without_a_contract_gets_one(riverside, monday):
    case = actions.case_of(sent(riverside, contract_id=None))
    assert case.respond_by is None

    move(riverside, case)

    assert (case.contract_id, case.clause.code) == (riverside.other_contract.id, "1")
    assert case.respond_by is not None
    kept = db.session.scalar(select(CaseMove))
    assert (kept.from_contract_id, kept.provider_id, kept.respond_within_hours) == (None, None, None)


def test_back_and_forth_it_still_counts_once(riverside, case, at):
    for hours, contract in ((1, riverside.other_contract), (2, riverside.contract), (3, riverside.other_contract)):
        with at(MONDAY + hours * HOUR):
            move(riverside, case, contract)

    with at(MONDAY + 4 * HOUR):
        for hours, belongs in ((0, 1), (1, 2), (2, 1), (3, 2)):
            received = [
                build(contract, **TERM, as_of=MONDAY + hours * HOUR).figures.received.value
                for contract in (riverside.contract, riverside.other_contract)
            ]
            assert received == ([1, 0] if belongs == 1 else [0, 1]), hours


def refuse(world, case, error, to=None, **more):
    before = db.session.query(Event).count()
    with pytest.raises(error):
        moving.move(case, to or world.other_contract, "Why", member_id=world.officer.id, is_manager=False, **more)
    db.session.rollback()
    assert (db.session.query(Event).count(), case.contract_id) == (before, world.contract.id)


def test_only_moves_that_the_rules_allow(riverside, hillside, case):
    refuse(riverside, case, ThingUnknown, hillside.contract)
    refuse(riverside, case, MoveNotAllowed, riverside.contract)
    refuse(riverside, case, StaleVersion, version=case.version - 1)
    riverside.other_contract.starts_on = date(2026, 11, 3)
    db.session.commit()
    refuse(riverside, case, MoveNotAllowed)
    riverside.other_contract.starts_on = date(2026, 11, 2)
    case.is_imported = True
    db.session.commit()
    refuse(riverside, case, MoveNotAllowed)
    case.is_imported = False
    actions.resolve(case, "Done.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    refuse(riverside, case, MoveNotAllowed)


def test_what_cannot_be_is_said_on_the_page_and_changes_nothing(app, riverside, hillside, case):
    alice = app.test_client().sign_in(riverside.officer)
    seen = case.version
    there = riverside.other_contract.id
    for answers, status, said in (
        ({"reason": "", "contract": there}, 422, "Give a reason."),
        ({"contract": ""}, 422, "Choose one of the list."),
        ({"contract": hillside.contract.id}, 422, "Choose one of the list."),
        ({"contract": riverside.contract.id}, 422, "Choose one of the list."),
        ({"contract": there, "version": seen - 1}, 409, "by you in another window"),
    ):
        refused = post(alice, case, **answers)
        assert refused.status_code == status
        assert said in refused.page.main.text
    assert history(case.feedback) == ["acknowledged", "assigned"]


def test_where_it_cannot_be_moved_the_page_says_why_and_what_to_do_first(app, riverside, case):
    alice = app.test_client().sign_in(riverside.officer)

    def said():
        page = alice.get(f"/cases/{case.feedback.reference}").page
        assert page.select_one("#move-contract") is None
        return page.select_one("#do-move").text

    riverside.other_contract.starts_on = date(2026, 11, 3)
    db.session.commit()
    assert "No other contract of your agency was in force" in said()
    riverside.other_contract.starts_on = date(2026, 11, 2)
    case.is_imported = True
    db.session.commit()
    assert "It was brought in from a file" in said()
    case.is_imported = False
    actions.resolve(case, "Done.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    assert "reopen it first" in said()


def test_of_two_who_move_at_once_one_is_told(app, riverside, case):
    seen = case.version
    first, second = (app.test_client().sign_in(who) for who in (riverside.officer, riverside.second_officer))
    assert post(first, case, contract=riverside.other_contract.id, version=seen).status_code == 303
    assert post(second, case, contract=riverside.other_contract.id, version=seen).status_code == 409
    db.session.expire_all()
    told = post(second, case, contract=riverside.contract.id, version=seen)

    assert told.status_code == 409
    assert history(case.feedback).count("moved") == 1


def test_what_a_safeguarding_concern_hides_is_moved_but_not_given(app, riverside, case):
    concerns.raise_by(case.feedback, member_id=riverside.officer.id)
    db.session.commit()
    alice = app.test_client().sign_in(riverside.officer)

    refused = post(alice, case, contract=riverside.other_contract.id, give="y")
    assert refused.status_code == 409
    assert history(case.feedback)[-1] == "assigned"
    assert post(alice, case, contract=riverside.other_contract.id).status_code == 303
    theirs = app.test_client().sign_in(riverside.other_staff)
    assert theirs.get(f"/cases/{case.feedback.reference}").status_code == 404


def test_viewers_and_staff_move_nothing_and_other_agencies_find_nothing(app, riverside, hillside, case):
    for who, status in ((riverside.viewer, 403), (riverside.staff, 403), (hillside.officer, 404)):
        answered = post(app.test_client().sign_in(who), case, contract=riverside.other_contract.id)
        assert answered.status_code == status


def test_the_moved_case_is_found_by_its_new_contract(app, riverside, case):
    move(riverside, case)
    alice = app.test_client().sign_in(riverside.officer)

    for contract, is_there in ((riverside.contract, False), (riverside.other_contract, True)):
        page = alice.get(f"/inbox?view=all&contract={contract.id}").page
        assert (case.feedback.reference in page.main.text) is is_there
    assert db.session.query(Case).count() == 1
    assert clock.now() == MONDAY


def test_it_is_not_given_to_a_provider_of_whom_nobody_signs_in(app, riverside, case, work, mail_box):
    db.session.query(Membership).filter_by(provider_id=riverside.other_provider.id).delete()
    db.session.commit()
    address = f"/cases/{case.feedback.reference}"
    alice = app.test_client().sign_in(riverside.officer)
    form = alice.get(address).page.select_one("#do-move")
    assert form.select_one("#move-give") is None
    assert "cannot be given to them at once: C-002. After the move you can send a link" in " ".join(form.text.split())

    refused = post(alice, case, contract=riverside.other_contract.id, give="y")
    assert refused.status_code == 422
    assert "Nobody of the provider of that contract signs in" in refused.page.select_one(".govuk-error-summary").text
    assert case.contract_id == riverside.contract.id

    assert post(alice, case, contract=riverside.other_contract.id).status_code == 303
    db.session.expire_all()
    assert (case.provider_id, case.holder) == (riverside.other_provider.id, Holder.AGENCY)
    page = alice.get(address).page
    assert page.select_one("#do-assign") is None
    assert page.select_one("#do-link") is not None
    assert "Nobody of Sunrise" in page.main.text
    forced = alice.post(f"{address}/assign", data={"version": case.version})
    assert forced.status_code == 409
    assert "Send a link instead: the case is given with it." in forced.page.select_one(".govuk-error-summary").text
    db.session.expire_all()
    assert case.holder == Holder.AGENCY
