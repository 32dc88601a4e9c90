"""What residents want deleted, what stands in the way, and what goes by itself once it was kept for long enough."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.audit.models import AuditEntry
from app.audit.rules import Doer, Verb
from app.cases import actions as cases
from app.cases import erasing, provider_links, verdict_actions
from app.cases.erasing import Because
from app.cases.models import Case, Event, Hold, ProviderLink
from app.cases.words import MessageWords
from app.directory.retention_periods import RETENTION, Kept, days_of
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel import clock
from app.kernel.words import Actor, Attribution, HoldKind
from app.outbox.models import Promise
from app.privacy import deleting_when_due
from app.web.transactions import begin_writing
from tests.web.test_give import answers


@pytest.fixture
def given(client, riverside, work):
    """A complaint with an e-mail address, read: its feedback and the token of its link."""
    page = client.get("/give/RS-001?lang=en").page
    client.post("/give/RS-001", data=answers(page, email="li@example.org", place="Gate 2"))
    work()
    feedback = db.session.query(Feedback).one()
    return feedback, intake.tracking_token(feedback.id)


def words():
    db.session.expire_all()
    return db.session.query(FeedbackWords).one()


def one_day(work, at, now):
    """What the worker does of its own accord on one day."""
    with at(now):
        begin_writing()
        deleting_when_due.promise_due(now)
        db.session.commit()
        work()


def test_while_a_claim_stands_the_words_stay_and_the_page_says_so(client, riverside, given, at, work):
    _, token = given
    case = db.session.query(Case).one()
    cases.resolve(case, "Emptied.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    assert "They say that it is solved. Until" in client.get(f"/track/{token}/erase").page.text

    client.post(f"/track/{token}/erase")

    assert words().email_sealed is None
    assert words().text is not None
    page = client.get(f"/track/{token}?done=erased_later").page
    assert "It is kept for now" in page.text
    assert not page.select("a[href*='/erase']")
    one_day(work, at, clock.now() + timedelta(days=13))
    assert words().text is not None
    one_day(work, at, clock.now() + timedelta(days=15))
    assert words().text is None


def test_confirming_ends_the_claim_and_the_words_go_at_once(client, riverside, given):
    _, token = given
    cases.resolve(db.session.query(Case).one(), "Emptied.", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()
    client.post(f"/track/{token}/erase")
    assert words().text

    client.post(f"/track/{token}/confirm")

    assert (words().text, words().place) == (None, None)


def test_while_it_is_judged_the_words_stay(client, riverside, given):
    _, token = given
    case = db.session.query(Case).one()
    cases.assign(case, member_id=riverside.officer.id)
    verdict_actions.judge(
        case, Attribution.PROVIDER, "The crew did not come.", member_id=riverside.officer.id, is_manager=False
    )
    db.session.commit()

    assert "being judged" in client.get(f"/track/{token}/erase").page.text
    client.post(f"/track/{token}/erase")

    assert words().text
    assert words().email_sealed is None


def test_a_manager_puts_it_on_hold_with_a_reason_and_an_end(client, riverside, given, at, work):
    feedback, token = given
    address = f"/cases/{feedback.reference}"
    client.sign_in(riverside.manager)
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    for wrong in (
        {"kind": "court", "reason": "", "until": day},
        {"kind": "court", "reason": "a court", "until": "2001-01-01"},
        {"kind": "court", "reason": "a court", "until": ""},
        {"kind": "court", "reason": "a court", "until": "2999-01-01"},
        {"kind": "court", "reason": "a court", "until": "nonsense"},
        {"kind": "", "reason": "a court", "until": day},
        {"kind": "weather", "reason": "a court", "until": day},
    ):
        assert client.post(f"{address}/hold", data=wrong).status_code == 422
    wanted = {"kind": "court", "reason": "a court asked", "until": day}
    day_said = f"{date.fromisoformat(day):%-d %b %Y}"
    assert client.post(f"{address}/hold", data=wanted).status_code == 303
    assert "A court · a court asked" in " ".join(client.get(address).page.text.split())
    sure = client.get(f"/track/{token}/erase").page.text
    assert "must keep it until" in sure
    said = f"until the end of {day_said}"
    assert said in " ".join(sure.split())
    assert f"On hold {said}: what was written is kept" in " ".join(client.get(address).page.text.split())
    assert ": a court needs it." in sure, "the resident reads of what kind the reason is"
    assert "a court asked" not in client.get(f"/track/{token}/erase").text
    client.post(f"/track/{token}/erase")
    assert words().text

    assert client.sign_in(riverside.officer).post(f"{address}/lift").status_code == 403
    assert client.sign_in(riverside.manager).post(f"{address}/lift").status_code == 303
    assert client.post(f"{address}/lift").status_code == 409
    one_day(work, at, clock.now() + timedelta(hours=1))

    assert words().text is None
    assert [entry.what for entry in db.session.query(AuditEntry).filter_by(what="hold")] == ["hold", "hold"]


def test_a_hold_ends_by_itself(riverside, given):
    feedback, _ = given
    now = clock.now()
    for kind, days in ((HoldKind.INQUIRY, 1), (HoldKind.COURT, 3), (HoldKind.COURT, 2)):
        ends_at = now + timedelta(days=days)
        erasing.place_hold(feedback, "why", ends_at, kind=kind, member_id=riverside.manager.id)

    assert set(erasing.why_kept(feedback)) == {Because.HOLD_COURT, Because.HOLD_INQUIRY}
    with clock.set_to(now + timedelta(days=2)):
        assert erasing.why_kept(feedback) == {Because.HOLD_COURT: now + timedelta(days=3)}
    with clock.set_to(now + timedelta(days=3, seconds=1)):
        assert erasing.why_kept(feedback) == {}


def test_contact_details_go_ninety_days_after_the_end_and_are_logged(riverside, given, at, work):
    feedback, _ = given
    case = db.session.query(Case).one()
    cases.reject(case, "Not ours.", member_id=riverside.officer.id)
    db.session.commit()
    ended = case.last_event_at

    one_day(work, at, ended + timedelta(days=89))
    assert words().email_sealed
    one_day(work, at, ended + timedelta(days=91))

    assert words().email_sealed is None
    assert words().text
    assert words().email_mark, "while words of theirs are kept they can be told of them"
    assert not db.session.get(Feedback, feedback.id).is_reachable
    (entry,) = db.session.query(AuditEntry).filter_by(verb=Verb.ERASED)
    assert (entry.what, entry.feedback_id, entry.doer) == ("contact", feedback.id, Doer.SYSTEM)


def test_where_links_were_sent_goes_ninety_days_after_they_are_over(client, riverside, given, at, work):
    """A link ends by itself, so this goes although the case is still open."""
    feedback, _ = given
    case, now = db.session.query(Case).one(), clock.now()
    with at(now):
        first = provider_links.send(case, email="desk@clearway.example", language="en", member_id=riverside.officer.id)
        db.session.commit()
        work()
    with at(now + timedelta(days=10)):
        second = provider_links.send(case, email="late@clearway.example", language="en", member_id=riverside.officer.id)
        db.session.commit()
        work()
    assert (first.revoked_at, second.expires_at) == (now + timedelta(days=10), now + timedelta(days=24))

    one_day(work, at, now + timedelta(days=99))
    assert [provider_links.address_of(each) for each in links()] == ["desk@clearway.example", "late@clearway.example"]
    one_day(work, at, now + timedelta(days=101))
    assert [provider_links.address_of(each) for each in links()] == [None, "late@clearway.example"]
    one_day(work, at, now + timedelta(days=113))
    assert links()[1].email_sealed
    assert provider_links.address_before(riverside.officer.memberships[0], case.provider_id) == "late@clearway.example"
    one_day(work, at, now + timedelta(days=115))

    assert [each.email_sealed for each in links()] == [None, None]
    assert [each.sent_at for each in links()] == [now, now + timedelta(days=10)], "that they were sent stays known"
    erased = db.session.query(AuditEntry).filter_by(verb=Verb.ERASED, what="provider_link").all()
    assert [(each.feedback_id, each.detail, each.doer) for each in erased] == [(feedback.id, "1", Doer.SYSTEM)] * 2
    assert provider_links.address_before(riverside.officer.memberships[0], case.provider_id) is None
    page = client.sign_in(riverside.officer).get(f"/cases/{feedback.reference}?lang=en").page
    assert "Where it was sent is deleted." in page.text
    assert words().email_sealed, "of the resident of an open case nothing goes"


def test_a_hold_keeps_where_a_link_was_sent(riverside, given, at, work):
    feedback, _ = given
    now = clock.now()
    case = db.session.query(Case).one()
    provider_links.send(case, email="desk@clearway.example", language="en", member_id=riverside.officer.id)
    erasing.place_hold(feedback, "a court", now + timedelta(days=400), member_id=riverside.manager.id)
    db.session.commit()
    one_day(work, at, now + timedelta(days=300))
    assert links()[0].email_sealed
    one_day(work, at, now + timedelta(days=401))
    assert links()[0].email_sealed is None


def links():
    db.session.expire_all()
    return db.session.query(ProviderLink).order_by(ProviderLink.id).all()


def test_what_is_noted_after_the_closing_puts_nothing_off(client, riverside, given, at, work):
    """Days are counted from the last closing: of a case that was opened again from the second."""
    case = db.session.query(Case).one()
    cases.reject(case, "Not ours.", member_id=riverside.officer.id)
    db.session.commit()
    first = case.last_event_at
    with at(first + timedelta(days=40)):
        cases.reopen(case, "It is ours.", by=Actor.AGENCY, member_id=riverside.officer.id)
        cases.reject(case, "Not ours after all.", member_id=riverside.officer.id)
        db.session.commit()
    second = case.last_event_at
    with at(second + timedelta(days=80)):
        cases.note(case.feedback, "They rang once more.", member_id=riverside.officer.id)
        db.session.commit()

    one_day(work, at, first + timedelta(days=91))
    assert words().email_sealed, "it was opened again"
    one_day(work, at, second + timedelta(days=89))
    assert words().email_sealed
    one_day(work, at, second + timedelta(days=91))

    assert words().email_sealed is None
    assert db.session.query(Case).one().last_event_at > second


def test_nothing_of_an_open_case_goes(given, at, work):
    one_day(work, at, clock.now() + timedelta(days=4000))

    assert words().email_sealed
    assert words().text


def test_after_two_years_nothing_that_was_written_is_left(riverside, given, at, work):
    feedback, _ = given
    case = db.session.query(Case).one()
    cases.resident_adds(feedback, "And again, says Ann Walker of 5 Long Street.")
    cases.note(feedback, "She is Ann Walker", member_id=riverside.officer.id)
    cases.reject(case, "Dear Ms Walker, not ours.", member_id=riverside.officer.id)
    db.session.commit()
    one_day(work, at, clock.now())

    one_day(work, at, clock.now() + timedelta(days=731))

    assert (words().text, words().place) == (None, None)
    assert {(each.text, each.redacted) for each in db.session.query(MessageWords)} == {(None, None)}
    assert db.session.query(Event).count() >= 4
    assert deleting_when_due.over(riverside.agency, Kept.WORDS, clock.now() + timedelta(days=800)) == []


def test_an_agency_chooses_its_own_days(client, riverside, given, at, work):
    client.sign_in(riverside.manager)
    page = client.get("/retention").page
    assert page.select_one("[name=contact]")["value"] == "90"
    assert page.select_one("[name=links]")["value"] == "90"
    assert "Addresses of links for providers" in page.main.text
    for wrong in ("", "0", "nonsense", "9999"):
        sent = client.post("/retention", data={"contact": wrong, "photos": "365", "words": "730", "links": "90"})
        assert sent.page.select_one(".govuk-error-summary a").text.startswith("Contact details: ")
        assert sent.status_code == 422, wrong
    done = client.post("/retention", data={"contact": "10", "photos": "30", "words": "100", "links": "5"})
    assert done.status_code == 303
    cases.reject(db.session.query(Case).one(), "Not ours.", member_id=riverside.officer.id)
    db.session.commit()

    one_day(work, at, clock.now() + timedelta(days=11))

    assert words().email_sealed is None
    assert client.sign_in(riverside.officer).get("/retention").status_code == 403


@pytest.mark.parametrize("kind", Kept)
def test_days_that_make_no_sense_are_those_of_the_product_or_the_nearest_that_do(kind):
    limits = RETENTION[kind]

    assert days_of(None, kind) == days_of({kind.value: "x"}, kind) == limits.default
    assert days_of({kind.value: 0}, kind) == limits.least
    assert days_of({kind.value: 10**6}, kind) == limits.most


def test_it_is_looked_once_a_day_and_in_parts(riverside, work):
    begin_writing()
    for hour in (1, 9, 23):
        deleting_when_due.promise_due(datetime(2026, 11, 2, hour, tzinfo=UTC))
    db.session.commit()

    assert db.session.query(Promise).filter_by(topic="retention.look").count() == 1


def test_a_hold_that_came_after_the_promise_counts(riverside, given, at, work):
    feedback, _ = given
    cases.reject(db.session.query(Case).one(), "Not ours.", member_id=riverside.officer.id)
    now = clock.now() + timedelta(days=1000)
    erasing.place_hold(feedback, "a court", now + timedelta(days=10), member_id=riverside.manager.id)
    db.session.commit()

    with at(now):
        for kind in Kept:
            deleting_when_due.carry_out(kind, [feedback.id])
        db.session.commit()

    assert words().text
    assert words().email_sealed
    assert db.session.query(Hold).count() == 1
