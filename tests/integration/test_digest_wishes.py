"""More of the weekly email: what changed, small charts, agreed actions, wishes, providers, reports as PDF."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from pypdf import PdfReader

from app.digest import actions
from app.digest.models import Sending
from app.digest.timing import When, digest_due_at, latest_due_week, next_due_at
from app.extensions import db
from app.kernel.words import ActionStep, EventKind, Holder, Sentiment
from app.reviews import actions as reviews
from tests.browser_client import as_read
from tests.integration.test_digest import MONDAY, both, complaint, feedback, letter_of, promises, subscribed, tick

RESOLVED = EventKind.RESOLVED


def weeks_of_cases(world, days, *, late=()):
    """On each day five complaints, resolved within an hour, or, on days that are ``late``, never."""
    for day in days:
        for nth in range(5):
            at = datetime.fromisoformat(f"{day}T09:{nth:02d}:00+08:00")
            events = [] if day in late else [(RESOLVED, (at + timedelta(hours=1)).isoformat())]
            complaint(world, at.isoformat(), *events)


EARLIER = ["2026-10-12", "2026-10-13", "2026-10-19", "2026-10-20", "2026-10-26", "2026-10-27", "2026-10-28"]
NOW = ["2026-11-02", "2026-11-03", "2026-11-04"]


def test_what_changed_beyond_noise_is_said_in_a_sentence(riverside, mail_box, work, at):
    weeks_of_cases(riverside, EARLIER + NOW, late=NOW)

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    for part in both(letter):
        assert "Street cleaning, Answered in time: fell from 100 % to 0 % of 15; unlikely to be chance." in part
        assert "the target is missed beyond doubt, as it was not before" in part
        assert "Street cleaning: 0 of 15 answered in time (0 %); target 90 % (missed); fell from 100 %." in part


def test_a_small_chart_says_the_same_as_its_words(riverside, mail_box, work, at):
    weeks_of_cases(riverside, EARLIER + NOW, late=NOW[:1])

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    html = BeautifulSoup(as_read(letter.get_body(("html",)).get_content()), "html.parser")
    (picture,) = html.select("img")
    said = "none due, none due, none due, none due, 100 %, 100 %, 100 %, 67 %; target 90 %"
    assert said in picture["alt"]
    assert said in letter.get_body(("plain",)).get_content()
    name = picture["src"].removeprefix("cid:")
    (attached,) = [part for part in letter.walk() if part["Content-ID"] == f"<{name}>"]
    drawn = Image.open(BytesIO(attached.get_content()))
    assert (drawn.format, drawn.width > 300) == ("PNG", True)
    assert list(letter.iter_attachments()) == []


def test_in_a_quiet_week_all_fits_on_one_screen(riverside, mail_box, work, at):
    weeks_of_cases(riverside, EARLIER + NOW)

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    assert letter["Subject"].startswith("Nothing notable this week")
    html = BeautifulSoup(letter.get_body(("html",)).get_content(), "html.parser")
    assert html.select("img") == []
    assert "What changed" not in html.text
    assert len([line for line in letter.get_body(("plain",)).get_content().splitlines() if line]) <= 20


def test_agreed_actions_that_are_overdue_are_told(riverside, mail_box, work, at):
    for what, due in (("Send two crews on Mondays", date(2026, 11, 6)), ("Repair the gate", date(2026, 11, 30))):
        reviews.agree_on(
            riverside.contract, what, side=Holder.PROVIDER, who="Site lead", due_on=due, member_id=riverside.manager.id
        )
    db.session.commit()

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    assert letter["Subject"].startswith("1 agreed action is overdue")
    for part in both(letter):
        assert "Street cleaning, Site lead: Send two crews on Mondays, agreed until 6 Nov" in part
        assert "Repair the gate" not in part
    assert "/contracts/C-001?agency=riverside#actions" in letter.get_body(("plain",)).get_content()


def test_what_is_said_to_be_done_waits_for_the_agency_and_is_not_overdue(riverside, mail_box, work, at):
    agreed = reviews.agree_on(
        riverside.contract,
        "Send two crews on Mondays",
        side=Holder.PROVIDER,
        who="Site lead",
        due_on=date(2026, 11, 6),
        member_id=riverside.manager.id,
    )
    reviews.say(
        agreed,
        ActionStep.SAID_DONE,
        None,
        "Asia/Shanghai",
        side=Holder.PROVIDER,
        member_id=riverside.staff.id,
        name="Staff",
    )
    db.session.commit()

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    assert letter["Subject"].startswith("1 agreed action is said to be done and waits for your yes")
    for part in both(letter):
        assert "Agreed and not done" not in part
        assert "Street cleaning, Site lead: Send two crews on Mondays, agreed until 6 Nov" in part

    theirs = letter_of(riverside, riverside.staff, mail_box, work, at, contract=riverside.contract)
    for part in both(theirs):
        assert "Send two crews" not in part


def test_a_provider_gets_a_letter_about_its_own_contract_and_cases_in_its_hands(riverside, mail_box, work, at):
    theirs = complaint(riverside, "2026-11-02T12:00:00+08:00", (EventKind.ASSIGNED, "2026-11-02T13:00:00+08:00"))
    theirs.provider_since = theirs.submitted_at
    other = complaint(riverside, "2026-11-02T12:00:00+08:00", assignee=riverside.officer)
    feedback(
        riverside, "2026-11-04T09:00:00+08:00", rating=1, text="Never given to them.", sentiment=Sentiment.NEGATIVE
    )
    db.session.commit()

    letter = letter_of(riverside, riverside.staff, mail_box, work, at, contract=riverside.contract)
    for part in both(letter):
        assert theirs.feedback.reference in part
        assert other.feedback.reference not in part
        assert "1 overdue case in your hands" in part
        assert "2 open cases are overdue. · 1 of them is with the agency." in part
        assert "Never given to them" not in part
        assert "Officer" not in part
        assert "Home care" not in part


def test_staff_who_left_the_provider_get_none(riverside, mail_box, work, at):
    subscribed(riverside, riverside.staff, contract=riverside.contract)
    db.session.delete(riverside.staff.memberships[0])
    db.session.commit()
    tick(MONDAY)

    assert promises() == []


def test_staff_of_another_provider_get_none_about_it(riverside):
    subscribed(riverside, riverside.other_staff, contract=riverside.contract)
    tick(MONDAY)

    assert promises() == []


def test_the_report_comes_as_pdf_where_it_is_wished(riverside, mail_box, work, at):
    weeks_of_cases(riverside, NOW)
    actions.wish(riverside.manager.id, When(), True)

    letter = letter_of(riverside, riverside.manager, mail_box, work, at, contract=riverside.contract)
    (attached,) = letter.iter_attachments()
    assert attached.get_filename() == "C-001-2026-11-02-2026-11-08.pdf"
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(attached.get_content())).pages)
    assert "Street cleaning" in text


def test_who_subscribed_to_all_gets_the_report_of_all_first(riverside, mail_box, work, at):
    weeks_of_cases(riverside, NOW)
    actions.wish(riverside.manager.id, When(), True)

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    names = [each.get_filename() for each in letter.iter_attachments()]
    assert names == [f"{whose}-2026-11-02-2026-11-08.pdf" for whose in ("riverside", "C-001", "C-002")]


@pytest.mark.parametrize(
    ("when", "before", "due", "start"),
    [
        (When(weekday=3, hour=17), "2026-11-12T16:59:59+08:00", "2026-11-12T17:00:00+08:00", date(2026, 11, 2)),
        (When(weekday=6, hour=0), "2026-11-14T23:59:59+08:00", "2026-11-15T00:00:00+08:00", date(2026, 11, 2)),
        # 9 November 2026 begins week 149 after the first Monday of 2024: letters about two weeks end with even ones.
        (When(every=2), "2026-11-09T07:59:59+08:00", "2026-11-09T08:00:00+08:00", date(2026, 10, 26)),
        (When(every=4), "2026-11-09T07:59:59+08:00", "2026-11-09T08:00:00+08:00", date(2026, 10, 12)),
    ],
)
def test_it_comes_when_the_member_wishes(when, before, due, start):
    week = latest_due_week(datetime.fromisoformat(due), "Asia/Shanghai", when)

    assert (week.start, week.end) == (start, date(2026, 11, 8))
    assert digest_due_at(week, when) == datetime.fromisoformat(due)
    assert next_due_at(datetime.fromisoformat(before), "Asia/Shanghai", when) == datetime.fromisoformat(due)
    assert latest_due_week(datetime.fromisoformat(before), "Asia/Shanghai", when).end < date(2026, 11, 8)


def test_a_letter_about_four_weeks_counts_them_all(riverside, mail_box, work, at):
    weeks_of_cases(riverside, EARLIER + NOW)
    actions.wish(riverside.manager.id, When(every=4), False)

    letter = letter_of(riverside, riverside.manager, mail_box, work, at, contract=riverside.contract)
    sending = db.session.query(Sending).one()
    assert (sending.period_start, sending.period_end) == (date(2026, 10, 12), date(2026, 11, 8))
    assert letter["Subject"].startswith("Nothing notable in these weeks – 12 Oct to 8 Nov, Street cleaning, Riverside")
    for part in both(letter):
        assert "50 of 50 answered in time" in part
        assert "What was due from 12 Oct to 8 Nov" in part
        assert "Counted are the cases whose limit fell from 12 Oct to 8 Nov" in part
        assert "week 45" not in part
        assert "in the week" not in part


def fewer_in_time(world):
    """Of twenty cases in the week eleven answered in time, of twenty in the week before eighteen: p = 0.03."""
    for monday, in_time in (("2026-10-26", 18), ("2026-11-02", 11)):
        for nth in range(20):
            sent = datetime.fromisoformat(f"{monday}T09:{nth:02d}:00+08:00")
            answered = sent + (timedelta(hours=1) if nth < in_time else timedelta(days=3))
            complaint(world, sent.isoformat(), (EventKind.REPLIED, answered.isoformat()))


def test_where_the_contracts_own_report_finds_no_clear_change_it_is_said_why(riverside, mail_box, work, at):
    fewer_in_time(riverside)

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    for part in both(letter):
        assert (
            "Street cleaning, Answered in time: fell from 90 % to 55 % of 20; unlikely to be chance. "
            "Here 2 comparisons are made together; the contract's own report makes 7, of what was sent in these days, "
            "and does not find it."
        ) in part


def test_where_the_contracts_own_report_tells_the_same_nothing_is_explained(riverside, mail_box, work, at):
    weeks_of_cases(riverside, EARLIER + NOW, late=NOW)

    for part in both(letter_of(riverside, riverside.manager, mail_box, work, at)):
        assert "fell from 100 % to 0 %" in part
        assert "comparisons" not in part
