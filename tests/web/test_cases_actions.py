"""What happens to a case changes its row, its due times and what is promised, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.analysis import actions as analysis
from app.analysis import search
from app.analysis.models import Reading, Tag
from app.analysis.rules import Said
from app.cases import actions, erasing, merging
from app.cases.models import Case
from app.cases.words import MessageWords
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.errors import MoveNotAllowed, StaleVersion, ThingUnknown
from app.kernel.words import Actor, CaseStatus, EventKind, FeedbackKind, Holder, Sentiment
from app.outbox.models import Promise
from tests.web.cases_story import MONDAY, history, sent


@pytest.fixture
def complaint(riverside, at):
    with at(MONDAY):
        return sent(riverside)


def promised(topic):
    return db.session.scalars(select(Promise).where(Promise.topic == topic)).all()


def test_a_complaint_gets_its_case_with_limits_frozen(riverside, complaint):
    case = actions.case_of(complaint)

    assert history(complaint) == ["acknowledged"]
    assert case.clause.code == "1"
    assert (case.respond_within_hours, case.resolve_within_hours) == (16, 40)
    assert case.calendar == riverside.agency.calendar
    assert case.respond_by == MONDAY + timedelta(days=1, hours=7, minutes=30)
    assert case.resolve_by == MONDAY + timedelta(days=4, hours=6)
    assert case.first_response_at is None
    assert actions.open_for(complaint) is case


def test_other_feedback_has_no_case_until_an_officer_opens_one(riverside, alice, at):
    with at(MONDAY):
        rating = sent(riverside, kind=FeedbackKind.RATING)
        assert actions.case_of(rating) is None
    with at(MONDAY + timedelta(days=1)):
        case = actions.open_on(rating, member_id=alice.id)

    assert rating.kind == FeedbackKind.COMPLAINT
    assert case.submitted_at == MONDAY
    assert case.respond_by == MONDAY + timedelta(days=1, hours=7, minutes=30)
    assert history(rating) == ["opened"]


def test_analysis_changes_the_clause_until_somebody_answers(complaint, alice):
    case = actions.case_of(complaint)

    actions.propose_clause(case, ["staff"])
    assert case.clause.code == "2"
    actions.reply(case, "We are on it.", by=Actor.AGENCY, member_id=alice.id)
    assert actions.propose_clause(case, ["timeliness"]) is None
    assert case.clause.code == "2"


def test_analysis_does_not_overrule_an_officer(riverside, complaint, alice):
    case = actions.case_of(complaint)

    actions.change_clause(case, riverside.contract.clauses[1], "Conduct", member_id=alice.id)

    assert actions.propose_clause(case, ["timeliness"]) is None
    assert case.clause.code == "2"


def test_what_was_read_decides_the_clause(riverside, work):
    feedback_id = sent(riverside, text="The driver was rude and shouted at me.").id
    work()

    assert actions.case_of(db.session.get(Feedback, feedback_id)).clause.code == "2"


def test_a_question_puts_the_limit_off_until_the_answer(complaint, alice, at):
    case = actions.case_of(complaint)
    before = case.resolve_by
    with at(MONDAY + timedelta(hours=1)):
        actions.ask(case, "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        assert case.waiting_since == MONDAY + timedelta(hours=1)
        assert case.first_response_at == MONDAY + timedelta(hours=1)
    respond_by = case.respond_by
    with at(MONDAY + timedelta(hours=3)):
        actions.resident_adds(complaint, "The green one.")

    assert history(complaint)[-2:] == ["asked", "resident_replied"]
    assert case.waiting_since is None
    # Friday 15:00 and two working hours more.
    assert case.resolve_by == before + timedelta(hours=2)
    assert case.respond_by == respond_by


def test_without_an_answer_the_clock_runs_again(complaint, alice, at, work):
    feedback_id = complaint.id
    with at(MONDAY + timedelta(hours=1)):
        actions.ask(actions.case_of(complaint), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        assert promised("case.resume")[0].due_at == MONDAY + timedelta(days=7, hours=1)
        db.session.commit()
    with at(MONDAY + timedelta(days=7, hours=1)):
        work()

    feedback = db.session.get(Feedback, feedback_id)
    assert history(feedback)[-1] == "resumed"
    assert actions.case_of(feedback).waiting_since is None


def test_after_an_answer_nothing_is_resumed(complaint, alice, at):
    case = actions.case_of(complaint)
    asked = actions.ask(case, "Which bin?", by=Actor.AGENCY, member_id=alice.id)
    actions.resident_adds(complaint, "The green one.")

    assert actions.resume(case, asked.id) is None


def test_what_is_added_unasked_changes_no_clock(complaint):
    case = actions.case_of(complaint)
    before = case.resolve_by

    actions.resident_adds(complaint, "It happened again.")

    assert history(complaint)[-1] == "added"
    assert (case.resolve_by, case.first_response_at, case.status) == (before, None, CaseStatus.OPEN)


def test_feedback_without_a_case_takes_additions_too(riverside):
    rating = sent(riverside, kind=FeedbackKind.RATING)

    event = actions.resident_adds(rating, "Ring 07700 900123")

    words = db.session.get(MessageWords, event.id)
    assert (words.text, words.redacted) == ("Ring 07700 900123", "Ring [phone]")


@pytest.mark.parametrize("verb", ["reply", "ask", "resolve", "reject"])
def test_the_resident_hears_of_it(complaint, alice, verb):
    case = actions.case_of(complaint)
    who = {"member_id": alice.id} | ({} if verb == "reject" else {"by": Actor.AGENCY})

    event = getattr(actions, verb)(case, "A message", **who)

    assert [promise.payload for promise in promised("resident.tell")] == [
        {"feedback_id": complaint.id, "event_id": event.id}
    ]


def test_the_last_word_is_the_residents(complaint, alice):
    case = actions.case_of(complaint)
    actions.resolve(case, "Emptied.", by=Actor.AGENCY, member_id=alice.id)
    actions.confirm(case, rating=5)
    assert (case.status, case.confirmed_at is None) == (CaseStatus.RESOLVED, False)

    actions.reopen(case, "Full again.", rating=1)

    assert (case.status, case.confirmed_at, case.resolved_at) == (CaseStatus.OPEN, None, None)
    assert case.times_reopened == 1
    with pytest.raises(MoveNotAllowed):
        actions.reopen(case)
    with pytest.raises(MoveNotAllowed):
        actions.rate(case, 3)
    assert case.times_reopened == 1


def test_it_goes_to_the_provider_and_back(complaint, alice, bob):
    case = actions.case_of(complaint)
    assert case.provider_since is None

    actions.assign(case, member_id=alice.id, note="Yours")
    assert (case.holder, case.provider_since is None) == (Holder.PROVIDER, False)
    actions.hand_back(case, "Not on our route", member_id=bob.id)

    assert case.holder == Holder.AGENCY
    assert case.provider_since is not None
    with pytest.raises(MoveNotAllowed):
        actions.reply(case, "Hello", by=Actor.PROVIDER, member_id=bob.id)


def test_nobody_can_be_given_what_nobody_is_under_contract_for(riverside, alice):
    case = actions.case_of(sent(riverside, contract_id=None))

    assert (case.respond_by, case.resolve_by) == (None, None)
    with pytest.raises(MoveNotAllowed):
        actions.assign(case, member_id=alice.id)


def test_a_duplicate_is_merged_once_and_not_in_a_circle(riverside, complaint, alice):
    first, second = actions.case_of(complaint), actions.case_of(sent(riverside))

    merging.mark_duplicate(second, first, member_id=alice.id)

    assert (second.status, second.duplicate_of_id) == (CaseStatus.DUPLICATE, first.id)
    for wrong in (second, first):
        with pytest.raises(ThingUnknown):
            merging.mark_duplicate(first, wrong, member_id=alice.id)


def test_a_case_of_another_agency_is_no_original(complaint, hillside, alice):
    other = actions.case_of(sent(hillside))

    with pytest.raises(ThingUnknown):
        merging.mark_duplicate(actions.case_of(complaint), other, member_id=alice.id)


def test_a_complaint_that_is_none_loses_its_case_and_keeps_its_history(complaint, alice):
    actions.change_kind(complaint, FeedbackKind.SUGGESTION, member_id=alice.id)

    assert actions.case_of(complaint) is None
    assert history(complaint) == ["acknowledged", "kind_changed"]

    actions.change_kind(complaint, FeedbackKind.COMPLAINT, member_id=alice.id)
    assert actions.case_of(complaint).status == CaseStatus.OPEN


def test_a_complaint_that_was_answered_stays_one(complaint, alice):
    actions.reply(actions.case_of(complaint), "Sorry.", by=Actor.AGENCY, member_id=alice.id)

    with pytest.raises(MoveNotAllowed):
        actions.change_kind(complaint, FeedbackKind.RATING, member_id=alice.id)
    assert actions.case_of(complaint) is not None


def test_who_comes_second_with_an_old_version_is_refused(complaint, alice, riverside, at):
    case = actions.case_of(complaint)
    seen = case.version
    with at(MONDAY):
        actions.note(complaint, "Known spot", member_id=alice.id, version=seen)
        assert case.version > seen

        with pytest.raises(StaleVersion):
            actions.reply(case, "Hi", by=Actor.AGENCY, member_id=riverside.second_officer.id, version=seen)
    assert history(complaint) == ["acknowledged", "noted"]


def test_a_withdrawn_case_takes_nothing_more(complaint, alice):
    case = actions.case_of(complaint)
    actions.withdraw(case)

    for deed in (
        lambda: actions.reply(case, "Hi", by=Actor.AGENCY, member_id=alice.id),
        lambda: actions.resident_adds(complaint, "Hi"),
        lambda: actions.withdraw(case),
    ):
        with pytest.raises(MoveNotAllowed):
            deed()
    assert case.status == CaseStatus.WITHDRAWN
    assert EventKind.WITHDRAWN in [event.kind for event in actions.history_of(complaint)]
    assert db.session.scalar(select(Case.id)) == case.id


def test_who_was_named_in_what_is_erased_stays_hidden_in_what_staff_wrote(riverside, alice, at):
    with at(MONDAY):
        case = actions.case_of(sent(riverside, text="Mr Li Wei left the bins full."))
        actions.reply(case, "We spoke to Li Wei.", by=Actor.AGENCY, member_id=alice.id)
        erasing.ask_to_erase(case.feedback)
        actions.reply(case, "Mrs Ann Lee comes tomorrow.", by=Actor.AGENCY, member_id=alice.id)

    shown = db.session.scalars(select(MessageWords.redacted).order_by(MessageWords.event_id)).all()

    assert shown == ["We spoke to [name].", "[name] comes tomorrow."]


@pytest.mark.parametrize("is_read_late", [False, True])
def test_who_is_named_later_is_hidden_in_what_was_read_before_and_found_no_more(
    riverside, alice, at, work, is_read_late
):
    with at(MONDAY):
        feedback = sent(riverside, text="Karim Aziz left the bins full and was very rude. Ring 020 7946 0018.")
        if not is_read_late:
            work()
            assert "Karim Aziz" in db.session.get(Tag, feedback.id).redacted
            analysis.correct(feedback.id, Said(sentiment=Sentiment.NEUTRAL), member_id=alice.id)
            db.session.commit()
            evidence = [words_of(feedback, each) for each in reading_of(feedback).evidence]
        actions.resident_adds(feedback, "Mr Karim Aziz did it.")
        db.session.commit()
        work()

    tag = db.session.get(Tag, feedback.id, populate_existing=True)
    assert tag.redacted == reading_of(feedback).redacted == "[name] left the bins full and was very rude. Ring [phone]."
    assert db.session.scalars(search.matching("Karim")).all() == []
    if not is_read_late:
        assert tag.sentiment == Sentiment.NEUTRAL, "what staff said stays"
        after = [words_of(feedback, each) for each in reading_of(feedback).evidence]
        assert after == [words for words in evidence if "Karim" not in words and "Aziz" not in words]
        assert after
    actions.resident_adds(feedback, "As I said, Mr Karim Aziz.")
    db.session.commit()
    work()
    assert db.session.get(Tag, feedback.id, populate_existing=True).redacted == tag.redacted


def reading_of(feedback):
    return db.session.scalars(select(Reading).where(Reading.feedback_id == feedback.id)).one()


def words_of(feedback, evidence):
    return reading_of(feedback).redacted[evidence["start"] : evidence["end"]]


def test_who_was_named_once_in_a_case_is_hidden_in_all_its_messages(riverside, at):
    with at(MONDAY):
        case = actions.case_of(sent(riverside, text="Mr Li Wei left the bins full."))
    actions.resident_adds(case.feedback, "Ann Lee saw how Li Wei did it.")
    actions.resident_adds(case.feedback, "Mrs Ann Lee is my neighbour. (Li Wei laughed.)")

    shown = db.session.scalars(select(MessageWords.redacted).order_by(MessageWords.event_id)).all()

    assert shown == ["[name] saw how [name] did it.", "[name] is my neighbour. ([name] laughed.)"]
