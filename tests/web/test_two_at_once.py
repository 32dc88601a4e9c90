"""Two people, or a person and a machine, at the same moment: really at once, on connections of their own."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.audit.rules import Verb
from app.cases import actions
from app.cases.history import fold
from app.cases.models import Case, Event, Verdict
from app.cases.words import MessageWords
from app.directory.retention_periods import Kept
from app.extensions import db
from app.intake.actions import tracking_token
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel.words import Actor, CaseStatus, EventKind, Role, VerdictStage
from app.privacy import deleting_when_due
from app.web.transactions import begin_writing
from tests.web.cases_story import history, sent


def at_once(app, *deeds):
    """Begin all of them at the same moment, each in a thread with a session of its own; what each came to."""
    db.session.remove()
    start, found, failed = Barrier(len(deeds)), [None] * len(deeds), []

    def begin(nth, deed):
        with app.app_context():
            start.wait()
            try:
                found[nth] = deed()
            except Exception as error:
                failed.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=begin, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    return found


def press(app, member, path, **answers):
    """A browser of that member which will send a form, and how it is answered."""
    browser = app.test_client().sign_in(member)
    return lambda: browser.post(path, data=answers).status_code


def count(kind):
    return db.session.scalar(select(func.count()).where(Event.kind == kind))


def is_as_its_history_says(feedback_id):
    case = db.session.scalar(select(Case).where(Case.feedback_id == feedback_id))
    return case.status == fold(actions.facts_of(case)).status


@pytest.fixture
def complaint(riverside):
    return sent(riverside)


def test_of_two_officers_who_answer_one_is_told_and_keeps_their_words(app, riverside, complaint):
    path, version = f"/cases/{complaint.reference}/reply", actions.case_of(complaint).version
    feedback_id = complaint.id
    browsers = [app.test_client().sign_in(member) for member in (riverside.officer, riverside.second_officer)]

    def answer(nth):
        return browsers[nth].post(path, data={"message": f"Words of {nth}", "version": version})

    answers = at_once(app, lambda: answer(0), lambda: answer(1))

    assert sorted(each.status_code for each in answers) == [303, 409]
    refused = next(nth for nth, each in enumerate(answers) if each.status_code == 409)
    assert f"Words of {refused}" in answers[refused].page.select_one("#message-message").text
    assert count(EventKind.REPLIED) == 1
    assert [row.text for row in db.session.query(MessageWords)] == [f"Words of {1 - refused}"]
    assert is_as_its_history_says(feedback_id)


def test_of_two_managers_who_decide_the_same_verdict_one_is_told(app, client, riverside, complaint, alice, bob):
    case = actions.case_of(complaint)
    page = f"/cases/{complaint.reference}"

    def do(member, door, **answers):
        version = client.sign_in(member).get(page).page.select_one("input[name=version]")["value"]
        assert client.post(f"{page}/{door}", data=answers | {"version": version}).status_code == 303

    do(alice, "assign")
    do(alice, "verdict", attribution="provider", grounds="Nobody came.")
    do(bob, "verdict/object", reason="The road was closed.")
    do(alice, "verdict", attribution="provider", grounds="It was open.")
    do(bob, "verdict/contest", reason="It was not.")
    db.session.expire_all()
    version, feedback_id = case.version, complaint.id
    riverside.second_officer.memberships[0].role = Role.MANAGER
    riverside.agency.two_steps_optional = True
    db.session.commit()
    before = count(EventKind.VERDICT)

    answers = at_once(
        app,
        *(
            press(app, member, f"{page}/verdict", attribution=found, grounds="Because.", version=version)
            for member, found in ((riverside.manager, "third_party"), (riverside.second_officer, "agency"))
        ),
    )

    assert sorted(answers) == [303, 409]
    assert count(EventKind.VERDICT) == before + 1
    verdict = db.session.get(Verdict, feedback_id)
    assert verdict.stage == VerdictStage.DECIDED
    said = db.session.scalars(select(Event).where(Event.kind == EventKind.VERDICT).order_by(Event.id.desc())).first()
    assert verdict.attribution == said.attribution


def test_a_resident_reopens_while_an_officer_closes(app, riverside, complaint, alice):
    """Whoever comes first: the history is whole, and the case is what it says."""
    case = actions.case_of(complaint)
    token, feedback_id = tracking_token(complaint.id), complaint.id
    version, path = case.version, f"/cases/{complaint.reference}/resolve"
    db.session.commit()
    resident = app.test_client()

    closed, reopened = at_once(
        app,
        press(app, alice, path, message="It is emptied.", version=version),
        lambda: resident.post(f"/track/{token}/reopen", data={"message": "It is not"}).status_code,
    )

    assert closed == 303
    events = [each for each in history(db.session.get(Feedback, feedback_id)) if each in ("resolved", "reopened")]
    # Open, there was nothing to reopen; closed already, it was reopened.
    assert (reopened, events) in [(409, ["resolved"]), (303, ["resolved", "reopened"])]
    assert is_as_its_history_says(feedback_id)


def test_a_resident_and_an_officer_reopen_and_it_counts_once(app, riverside, complaint, alice):
    actions.resolve(actions.case_of(complaint), "Done.", by=Actor.AGENCY, member_id=alice.id)
    db.session.commit()
    token, feedback_id = tracking_token(complaint.id), complaint.id
    version, path = actions.case_of(complaint).version, f"/cases/{complaint.reference}/reopen"
    db.session.commit()
    resident = app.test_client()

    answers = at_once(
        app,
        press(app, alice, path, reason="I saw it full.", version=version),
        lambda: resident.post(f"/track/{token}/reopen", data={"message": "It is not"}).status_code,
    )

    assert sorted(answers) == [303, 409]
    assert count(EventKind.REOPENED) == 1
    case = db.session.scalar(select(Case).where(Case.feedback_id == feedback_id))
    assert (case.status, case.times_reopened) == (CaseStatus.OPEN, 1)


def test_of_two_retention_jobs_the_second_finds_nothing_left(app, riverside, complaint):
    actions.reject(actions.case_of(complaint), "Not ours.", member_id=riverside.officer.id)
    db.session.commit()
    feedback_id = complaint.id

    def carry_out(kind):
        begin_writing()
        deleting_when_due.carry_out(kind, [feedback_id])
        db.session.commit()

    for kind in (Kept.CONTACT, Kept.WORDS):
        at_once(app, lambda kind=kind: carry_out(kind), lambda kind=kind: carry_out(kind))

    words = db.session.get(FeedbackWords, feedback_id)
    assert (words.text, words.email_sealed) == (None, None)
    noted = db.session.query(AuditEntry).filter_by(verb=Verb.ERASED, feedback_id=feedback_id)
    assert sorted(each.what for each in noted) == ["contact", "words"]
    assert history(db.session.get(Feedback, feedback_id)) == ["acknowledged", "rejected"]


def test_what_a_machine_did_meanwhile_is_in_nobodys_way(app, client, riverside, alice):
    """The clause that analysis proposes, in the second between opening the page and pressing the button."""
    second = riverside.contract.clauses[1]
    second.aspects = ["staff"]
    complaint = sent(riverside)
    page = client.sign_in(alice).get(f"/cases/{complaint.reference}").page
    version = page.select_one("input[name=version]")["value"]
    actions.propose_clause(actions.case_of(complaint), ["staff"])
    db.session.commit()
    assert history(complaint)[-1] == "clause_changed"

    sent_reply = client.post(f"/cases/{complaint.reference}/reply", data={"message": "Sorry.", "version": version})

    assert sent_reply.status_code == 303
    again = client.post(f"/cases/{complaint.reference}/reply", data={"message": "Twice?", "version": version})
    assert again.status_code == 409, "a person did something since"


def test_a_person_who_changes_the_clause_wins_over_the_machine_that_proposes_one(app, riverside, alice):
    first, second = riverside.contract.clauses[:2]
    second.aspects = ["staff"]
    complaint = sent(riverside)
    feedback_id, version = complaint.id, actions.case_of(complaint).version
    path, chosen = f"/cases/{complaint.reference}/clause", str(first.id)
    db.session.commit()

    def propose():
        begin_writing()
        actions.propose_clause(actions.case_of(db.session.get(Feedback, feedback_id)), ["staff"])
        db.session.commit()

    changed, _none = at_once(
        app, press(app, alice, path, clause=chosen, reason="It is about time.", version=version), propose
    )

    assert changed == 303
    case = db.session.scalar(select(Case).where(Case.feedback_id == feedback_id))
    assert str(case.clause_id) == chosen
    assert is_as_its_history_says(feedback_id)
