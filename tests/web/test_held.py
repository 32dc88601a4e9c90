"""What looks like spam is held for review: kept, in no number, decided by a person; who is honest notices nothing."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from altcha.v1 import solve_challenge
from sqlalchemy import func, select, text

from app.cases import held_for_review
from app.cases.models import Case, Event
from app.extensions import db
from app.intake import quotas
from app.intake.models import DailySalt, Feedback, Photo, SentCount, Suspicion
from app.kernel import clock
from app.kernel.periods import Period
from app.kernel.words import Channel
from app.measures import actions as rollup_actions
from app.measures import rollup
from app.measures.cohort import cohort_of, measure
from app.measures.queries import facts_of
from app.outbox.models import Promise
from app.worker import SCHEDULE
from tests.web.test_by_phone import answers as phoned
from tests.web.test_give import answers
from tests.web.test_photos import chosen, jpeg
from tests.web.test_urgent import put_on_duty

NOON = datetime.fromisoformat("2026-11-03T12:00:00+08:00")
LINKS = "Cheap watches: https://a.example https://b.example https://c.example, ring Wang Xiaoming on 13800001234"
JSON = {"Accept": "application/json"}


@pytest.fixture
def quota(app, monkeypatch):
    """``quota(quota_network=3)``: so much may come in an hour."""

    def say(**quotas):
        monkeypatch.setitem(app.config, "CONFIG", replace(app.config["CONFIG"], **quotas))

    return say


def send(client, *, after=20, address="203.0.113.7", headers=None, **changes):
    """Send the form that was opened ``after`` so many seconds ago; the answer, and the receipt where it is one."""
    with clock.set_to(clock.now() - timedelta(seconds=after)):
        page = client.get("/give/RS-001").page
    form = answers(page, **changes)
    sent = client.post("/give/RS-001", data=form, headers=headers, environ_overrides={"REMOTE_ADDR": address})
    return sent, client.get(sent.location) if sent.status_code == 303 else None


def number(model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def test_what_is_full_of_links_gets_a_receipt_that_says_the_truth(client, riverside, work, mail_box):
    sent, receipt = send(client, text=LINKS, email="li@example.org")

    assert sent.status_code == 303
    feedback = db.session.query(Feedback).one()
    assert receipt.page.select_one("[data-reference]")["data-reference"] == feedback.reference
    assert "looks at it first" in receipt.page.text
    assert "must answer it" not in receipt.page.text
    assert "An answer is due" not in receipt.page.text
    assert feedback.is_held
    assert number(Case) == 0
    work()
    assert mail_box() == [], "nobody is written to for a machine"
    tracked = client.get(receipt.page.select_one("main a[href*='/track/']")["href"])
    assert "looks at it first" in tracked.page.text


def test_it_is_on_no_page_but_that_of_review(client, riverside, work):
    send(client, text=LINKS)
    work()
    reference = db.session.query(Feedback).one().reference

    client.sign_in(riverside.staff)
    for address in ("/inbox?view=all", f"/inbox?view=all&words={reference[:4]}", "/reports/C-001"):
        assert reference not in client.get(address).text
    assert client.get(f"/cases/{reference}").status_code == 404
    assert client.get("/held").status_code == 403

    client.sign_in(riverside.viewer)
    assert reference not in client.get("/inbox?view=all").text
    assert client.get(f"/cases/{reference}").status_code == 404

    client.sign_in(riverside.officer)
    inbox = client.get("/inbox?view=all").page
    assert reference not in inbox.text
    link = inbox.select_one("main a[href='/held']")
    assert link.text == "Held for review: 1"
    assert client.get(f"/cases/{reference}").location == "/held"
    page = client.get(link["href"]).page
    assert reference in page.text
    assert "There are many links in it" in page.text
    assert "13800001234" not in page.text, "without persons, as everywhere"
    assert "Cheap watches" in page.text


def test_another_agency_has_nothing_of_it(client, riverside, hillside):
    send(client, text=LINKS)
    reference = db.session.query(Feedback).one().reference

    client.sign_in(hillside.officer)

    assert reference not in client.get("/held").text
    for deed in ("release", "set-aside", "put-back"):
        assert client.post(f"/held/{reference}/{deed}").status_code == 404
    client.sign_in(riverside.viewer)
    assert client.post(f"/held/{reference}/release").status_code == 403


def test_let_through_it_counts_from_then_on_and_its_limits_run_from_when_it_was_sent(
    client, riverside, at, work, mail_box
):
    with at(NOON):
        send(client, text=LINKS, email="li@example.org")
    feedback = db.session.query(Feedback).one()
    before = datetime.fromisoformat("2026-11-04T12:00:00+08:00")
    released = before + timedelta(hours=1)
    client.sign_in(riverside.officer)
    with at(released):
        shown = client.post(f"/held/{feedback.reference}/release", follow_redirects=True)
        assert "it counts now" in shown.page.text
        work()
        unread = client.get("/inbox").page
        assert feedback.reference in unread.text, "nobody has dealt with it yet"

    case = db.session.query(Case).one()
    assert case.submitted_at == feedback.submitted_at
    assert case.respond_by == datetime.fromisoformat("2026-11-05T11:00:00+08:00")
    assert [str(event.kind) for event in db.session.query(Event).order_by(Event.id)] == [
        "held",
        "released",
        "acknowledged",
    ]
    (letter,) = mail_box()
    assert letter["To"] == "li@example.org"

    def received(as_of):
        period = Period(NOON.date(), NOON.date(), "Asia/Shanghai")
        facts = facts_of([riverside.contract.id], since=period.since, until=period.until, as_of=as_of)
        return measure(cohort_of(facts, period, as_of), as_of).figures.received.value

    assert received(before) == 0, "what was known then does not change"
    assert received(released) == 1
    with at(released):
        history = client.get(f"/cases/{feedback.reference}").page.text
    assert "Held for review" in history
    assert "Let through after review" in history


def test_set_aside_and_put_back(client, riverside):
    _, receipt = send(client, text=LINKS)
    reference = db.session.query(Feedback).one().reference
    track = receipt.page.select_one("main a[href*='/track/']")["href"]
    client.sign_in(riverside.officer)

    client.post(f"/held/{reference}/set-aside", follow_redirects=True)

    assert reference not in client.get("/held").text
    aside = client.get("/held?view=set_aside").page
    assert reference in aside.text
    assert "set it aside" in client.get(track).page.text
    again = client.post(f"/held/{reference}/set-aside", follow_redirects=True)
    assert "decided about it meanwhile" in again.page.text

    client.post(f"/held/{reference}/put-back")
    assert reference in client.get("/held").text
    client.post(f"/held/{reference}/set-aside")
    client.post(f"/held/{reference}/release")
    assert client.get(f"/cases/{reference}").status_code == 200
    assert client.post(f"/held/{reference}/set-aside").status_code == 404
    kinds = [str(event.kind) for event in db.session.query(Event).order_by(Event.id)]
    assert kinds == ["held", "set_aside", "put_back", "set_aside", "released", "acknowledged"]


def test_its_resident_can_say_that_it_is_no_spam(client, riverside, work, mail_box):
    _, receipt = send(client, text=LINKS)
    feedback = db.session.query(Feedback).one()
    track = receipt.page.select_one("main a[href*='/track/']")["href"]
    held_for_review.set_aside(feedback, member_id=riverside.officer.id)
    db.session.commit()

    client.post(f"{track}/add", data={"message": "These are the shops beside the bin, ask Ann Smith"})

    work()
    assert mail_box() == []
    client.sign_in(riverside.officer)
    page = client.get("/held").page
    assert feedback.reference in page.text
    assert "the shops beside the bin" in page.text


def test_a_resident_can_delete_what_is_held(client, riverside):
    _, receipt = send(client, text=LINKS)
    track = receipt.page.select_one("main a[href*='/track/']")["href"]

    client.post(f"{track}/erase")

    client.sign_in(riverside.officer)
    page = client.get("/held").page
    assert "Cheap watches" not in page.text
    assert "Erased" in page.text


def test_only_programs_fill_in_the_field_that_nobody_sees(client, riverside):
    page = client.get("/give/RS-001").page
    trap = page.select_one("input[name=homepage]")
    assert trap.find_parent(hidden=True)

    send(client, homepage="https://a.example")

    assert db.session.query(Suspicion).one().signs == ["honeypot"]


def test_photos_of_what_is_held_wait_although_the_agency_trusts_photos(client, riverside):
    riverside.agency.photos_at_once = True
    db.session.commit()
    page = client.get("/give/RS-001").page
    client.post_parts("/give/RS-001", answers(page, text=LINKS) | {"photos": chosen(jpeg())[0]})

    assert db.session.query(Photo).one().status == "waiting"
    client.sign_in(riverside.officer)
    assert "1 photo" in client.get("/held").page.text


def test_sent_again_it_is_still_the_same_one(client, riverside):
    page = client.get("/give/RS-001").page
    form = answers(page, text=LINKS)

    first, again = client.post("/give/RS-001", data=form), client.post("/give/RS-001", data=form)

    assert (first.status_code, again.status_code) == (303, 303)
    assert number(Feedback) == 1


@pytest.mark.parametrize("network", ["one", "many"])
def test_of_two_hundred_at_the_pace_of_people_none_is_refused_and_none_held(client, riverside, at, network):
    """A library's Wi-Fi, where all are one address; and as many from homes, some in words that were passed on."""
    passed_on = "The fountain in our street has been broken since spring. Please mend it before summer."
    moment = NOON
    for n in range(200):
        with at(moment):
            address = "203.0.113.7" if network == "one" else f"2001:db8:{n:x}::1"
            words = passed_on if n % 4 == 0 else f"The bin at number {n} was left full again, for the third week now."
            sent, receipt = send(client, after=3 + n % 50, address=address, text=words, wants_answer="no")
            assert sent.status_code == 303
            assert receipt.page.select_one("[data-reference]")
        moment += timedelta(seconds=11)

    assert number(Feedback) == 200
    assert number(Feedback, Feedback.is_held) == 0
    assert number(Suspicion) == 0


def test_hours_without_a_line_hold_nothing_up(client, riverside):
    send(client, after=9 * 3600)
    page = client.get("/give/RS-001").page
    # A page kept by an older version of ours has no stamp.
    client.post("/give/RS-001", data={**answers(page), "opened": ""})

    assert number(Feedback) == 2
    assert number(Feedback, Feedback.is_held) == 0


def test_a_script_that_is_quick_and_says_the_same_is_held(client, riverside):
    spam = "The best loans in the whole town, without any questions, ring us today"
    for _ in range(12):
        send(client, after=0, text=spam)

    assert number(Feedback, Feedback.is_held) == 3
    assert {tuple(each.signs) for each in db.session.query(Suspicion)} == {("same_words_often", "too_fast")}


def test_above_the_quota_work_is_asked_for_and_who_cannot_do_it_is_held(client, riverside, quota):
    quota(quota_network=2)
    for _ in range(2):
        send(client)

    plain, receipt = send(client)
    assert plain.status_code == 303
    assert "looks at it first" in receipt.page.text
    assert number(Feedback, Feedback.is_held) == 1
    other, _ = send(client, address="198.51.100.4")
    assert other.status_code == 303
    assert number(Feedback, Feedback.is_held) == 1, "other networks are not its affair"

    form = answers(client.get("/give/RS-001").page, proof="can")
    from_there = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.7"}, "headers": JSON}
    with clock.set_to(clock.now() + timedelta(seconds=20)):
        asked = client.post("/give/RS-001", data=form, **from_there)
        assert asked.status_code == 428
        assert number(Feedback) == 4, "it is not taken in yet"
        proof = solved(asked.json["work"])
        done = client.post("/give/RS-001", data=form | {"proof": proof}, **from_there)
        assert done.json["reference"]
        assert number(Feedback, Feedback.is_held) == 1

        other_draft = answers(client.get("/give/RS-001").page, proof=proof)
        client.post("/give/RS-001", data=other_draft, **from_there)
        assert number(Feedback, Feedback.is_held) == 2, "work is good for one draft"
        nonsense = answers(client.get("/give/RS-001").page, proof="bm9uc2Vuc2U=")
        assert client.post("/give/RS-001", data=nonsense, **from_there).status_code == 200
        assert number(Feedback, Feedback.is_held) == 3


def solved(work):
    """As the worker of the page solves it."""
    found = solve_challenge(work["challenge"], work["salt"], work["algorithm"], work["most"])
    assert found is not None
    names = ("algorithm", "challenge", "salt", "signature")
    payload = {name: work[name] for name in names} | {"number": found.number}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_work_is_not_asked_for_where_it_would_settle_nothing(client, riverside):
    sent, _ = send(client, headers=JSON, text=LINKS, proof="can")

    assert sent.status_code == 200
    assert sent.json["reference"]
    assert number(Feedback, Feedback.is_held) == 1


@pytest.mark.parametrize("which", ["quota_site", "quota_agency"])
def test_places_and_agencies_have_quotas_too(client, riverside, quota, which):
    quota(**{which: 1})

    send(client, address="203.0.113.1")
    send(client, address="203.0.113.2")

    assert number(Feedback, Feedback.is_held) == 1


def test_what_an_officer_takes_down_on_the_phone_is_never_held(client, riverside):
    client.sign_in(riverside.officer)
    page = client.get("/by-phone/RS-001").page
    form = phoned(page, text=LINKS)

    client.post("/by-phone/RS-001", data=form)

    feedback = db.session.query(Feedback).one()
    assert (feedback.channel, feedback.is_held) == (Channel.PHONE, False)


def test_no_address_is_kept_and_the_salt_goes_with_the_day(client, riverside, at, work):
    with at(NOON):
        send(client, address="203.0.113.7")
        counted = db.session.query(SentCount).order_by(SentCount.scope).all()
        assert {each.scope: each.n for each in counted} == {"agency": 1, "network": 1, "site": 1}
        assert not [each for each in counted if "203.0.113" in each.mark]
        first = db.session.query(DailySalt).one().salt
        send(client, address="203.0.113.7")
        assert db.session.query(DailySalt).one().salt == first
    with at(NOON + timedelta(days=1)):
        for name, promise_due in SCHEDULE.items():
            if "salt" in name:
                promise_due(clock.now())
        db.session.commit()
        work()
        assert number(DailySalt) == number(SentCount) == 0
        send(client, address="203.0.113.7")
        assert db.session.query(DailySalt).one().salt != first
    with at(NOON + timedelta(days=2)):
        send(client)
        assert number(DailySalt) == 1, "also where no worker runs"
        assert db.session.query(DailySalt).one().day == quotas.day_number(NOON + timedelta(days=2))


def test_who_is_on_duty_hears_of_what_cannot_wait(client, riverside, work, mail_box):
    put_on_duty(riverside.officer)
    said = "Gas is leaking at the entrance, danger, send someone immediately."
    send(client, text=f"{said} https://a.example https://b.example https://c.example")

    work()

    (letter,) = mail_box()
    assert letter["To"] == riverside.officer.email
    assert "Gas" not in letter.get_body(("plain",)).get_content()
    client.sign_in(riverside.officer)
    assert "May be urgent" in client.get("/held").page.text
    assert {each.topic for each in db.session.query(Promise)} & {"feedback.read", "case.propose_clause"} == set()


def test_a_kept_day_is_right_before_and_after_a_release(client, riverside, at):
    with at(NOON):
        send(client, text=LINKS)
        send(client)
    feedback = db.session.query(Feedback).filter_by(is_held=True).one()
    later = NOON + timedelta(days=2)

    period = Period(NOON.date(), NOON.date(), "Asia/Shanghai")

    def keep():
        deed, _n = rollup_actions.follow()
        if deed:
            deed()
        db.session.commit()

    def counted(as_of, source=rollup.days_of):
        of = riverside.contract.id
        return rollup.counts_of([of], period, as_of, source)[of]["all"].n("received")

    with at(later):
        keep()
        assert counted(later) == 1
    with at(later + timedelta(hours=1)):
        held_for_review.release(feedback, member_id=riverside.officer.id)
        db.session.commit()
        now = clock.now()
        assert counted(now) == 2
        keep()
        assert counted(now) == 2
        assert counted(later) == counted(later, rollup.no_days) == 1
        assert rollup.check(riverside.contract)[1] == []


def test_the_database_knows_that_what_is_held_was_not_released(app, riverside, client):
    send(client, text=LINKS)

    with pytest.raises(Exception, match="released"):
        db.session.execute(text("UPDATE feedback SET released_at = submitted_at"))
    db.session.rollback()
