"""The weekly email: due once a week where the agency is, about limits that fell, in the reader's language."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.analysis import concerns
from app.analysis.models import Reading, Tag
from app.cases.history import EventFacts, fold
from app.cases.models import Case, Event, Verdict
from app.digest import actions
from app.digest.models import Sending, Subscription
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.periods import Period
from app.kernel.words import Actor, Attribution, Channel, EventKind, FeedbackKind, Holder, Sentiment, VerdictStage
from app.kernel.working_time import WorkingCalendar, add_hours
from app.outbox.models import Promise
from app.reviews import actions as reviews

# ISO week 45 of 2026 is 2 to 8 November; its letter is due on Monday 9 November, 08:00.
MONDAY = "2026-11-09T08:00:00+08:00"
WEEK = Period(datetime(2026, 11, 2).date(), datetime(2026, 11, 8).date(), "Asia/Shanghai")


def subscribed(world: Any, member: Any, *, contract: Any = None, since: str = "2026-10-01T00:00:00Z") -> Subscription:
    made = actions.subscribe(member.id, world.agency.id, contract.id if contract else None)
    made.since = datetime.fromisoformat(since)
    db.session.commit()
    return made


def feedback(world: Any, at: str, *, text: str = "", sentiment: Sentiment | None = None, **more: Any) -> Feedback:
    """Feedback at the first site, read where it has text."""
    sent = datetime.fromisoformat(at)
    made = Feedback(
        agency_id=world.agency.id,
        site_id=world.site.id,
        contract_id=world.contract.id,
        reference=uuid.uuid4().hex[:14],
        channel=Channel.WEB,
        language="en",
        has_text=bool(text),
        submitted_at=sent,
        recorded_at=sent,
        **{"kind": FeedbackKind.RATING, "rating": 3, **more},
    )
    db.session.add(made)
    db.session.flush()
    if text:
        shared = {
            "agency_id": world.agency.id,
            "feedback_id": made.id,
            "language": "en",
            "sentiment": sentiment or Sentiment.NEUTRAL,
            "aspects": [],
            "is_urgent": False,
            "redacted": text,
        }
        reading = Reading(version="test", negative=0, neutral=1, positive=0, pii=[], read_at=sent, **shared)
        db.session.add(reading)
        db.session.flush()
        db.session.add(Tag(reading_id=reading.id, **shared))
    db.session.commit()
    return made


def complaint(world: Any, at: str, *events: tuple[EventKind, str], assignee: Any = None, hours: float = 16) -> Case:
    """A complaint with a case: 16 working hours to answer, 40 to resolve, and what happened to it."""
    said = feedback(world, at, kind=FeedbackKind.COMPLAINT)
    calendar = WorkingCalendar.from_dict(world.agency.calendar, world.agency.timezone)
    facts = [EventFacts(datetime.fromisoformat(moment), kind, Actor.AGENCY) for kind, moment in events]
    state = fold(facts)
    for each in facts:
        db.session.add(
            Event(
                agency_id=world.agency.id,
                feedback_id=said.id,
                at=each.at,
                recorded_at=each.at,
                kind=each.kind,
                actor=each.actor,
            )
        )
    case = Case(
        agency_id=world.agency.id,
        feedback_id=said.id,
        contract_id=world.contract.id,
        provider_id=world.provider.id,
        status=state.status,
        holder=state.holder,
        assignee_id=assignee.id if assignee else None,
        submitted_at=said.submitted_at,
        respond_within_hours=hours,
        resolve_within_hours=40,
        calendar=world.agency.calendar,
        respond_by=add_hours(calendar, said.submitted_at, hours),
        resolve_by=add_hours(calendar, said.submitted_at, 40),
        first_response_at=state.first_response_at,
        last_event_at=max([said.submitted_at, *(each.at for each in facts)]),
    )
    db.session.add(case)
    db.session.commit()
    return case


def tick(moment: str | datetime) -> None:
    actions.promise_due(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
    db.session.commit()


def promises() -> list[str]:
    return list(db.session.scalars(select(Promise.key).order_by(Promise.id)))


def test_a_letter_is_due_on_monday_at_eight_where_the_agency_is(riverside, hillside):
    shanghai = subscribed(riverside, riverside.manager)
    london = subscribed(hillside, hillside.manager)

    tick("2026-11-09T07:59:59+08:00")
    assert promises() == [f"weekly:2026-W44:{shanghai.id}", f"weekly:2026-W44:{london.id}"]
    tick("2026-11-09T08:00:00+08:00")
    assert promises()[2:] == [f"weekly:2026-W45:{shanghai.id}"]
    tick("2026-11-09T07:59:59+00:00")
    assert len(promises()) == 3
    tick("2026-11-09T08:00:00+00:00")
    assert promises()[3:] == [f"weekly:2026-W45:{london.id}"]


@pytest.mark.parametrize(
    ("monday", "in_utc"),
    [("2026-03-23", "08:00"), ("2026-03-30", "07:00"), ("2026-10-19", "07:00"), ("2026-10-26", "08:00")],
)
def test_eight_oclock_is_by_the_wall_clock_in_summer_and_winter(hillside, monday, in_utc):
    subscribed(hillside, hillside.manager, since="2026-01-01T00:00:00Z")
    due = datetime.fromisoformat(f"{monday}T{in_utc}:00+00:00")

    tick(due - timedelta(seconds=1))
    assert len(promises()) == 1
    tick(due)
    assert len(promises()) == 2


def test_the_same_moment_again_promises_nothing(riverside, at):
    subscribed(riverside, riverside.manager)
    tick(MONDAY)
    tick(MONDAY)
    tick("2026-11-12T12:00:00+08:00")
    assert len(promises()) == 1


def test_after_downtime_only_the_latest_week_is_caught_up(riverside):
    subscription = subscribed(riverside, riverside.manager)
    tick("2026-11-03T12:00:00+08:00")
    tick("2026-11-26T12:00:00+08:00")
    assert promises() == [f"weekly:2026-W44:{subscription.id}", f"weekly:2026-W47:{subscription.id}"]


def test_who_subscribes_after_monday_at_eight_waits_for_the_next(riverside):
    subscribed(riverside, riverside.manager, since="2026-11-09T08:00:01+08:00")
    tick("2026-11-11T12:00:00+08:00")
    assert promises() == []
    tick("2026-11-16T08:00:00+08:00")
    assert len(promises()) == 1


def test_nobody_gets_it_who_did_not_subscribe(riverside):
    tick(MONDAY)
    assert promises() == []


def test_it_goes_once_with_one_click_to_stop_it(riverside, work, mail_box, at):
    stop = f"http://localhost/unsubscribe/{subscribed(riverside, riverside.manager).unsubscribe_token}"
    with at(MONDAY):
        tick(MONDAY)
        work()
        work()

    (letter,) = mail_box()
    assert letter["To"] == "manager@riverside.example"
    assert letter["List-Unsubscribe"] == f"<{stop}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        assert stop in letter.get_body((kind,)).get_content()
    assert db.session.scalars(select(Sending)).one().sent_at == datetime.fromisoformat(MONDAY)


@pytest.mark.parametrize("why", ["stopped", "left", "locked"])
def test_nothing_is_sent_to_who_no_longer_wants_or_may_have_it(why, riverside, work, mail_box, at):
    subscription = subscribed(riverside, riverside.manager)
    with at(MONDAY):
        tick(MONDAY)
        if why == "stopped":
            actions.unsubscribe(subscription)
        elif why == "left":
            db.session.delete(riverside.manager.memberships[0])
        else:
            riverside.manager.active = False
        work()
        assert mail_box() == []
    tick("2026-11-16T08:00:00+08:00")
    assert len(promises()) == 1


def letter_of(world, member, mail_box, work, at, **more):
    subscribed(world, member, **more)
    with at(MONDAY):
        tick(MONDAY)
        work()
    return mail_box()[-1]


def both(letter) -> list[str]:
    """What either part says, as plain words."""
    from bs4 import BeautifulSoup

    html = BeautifulSoup(letter.get_body(("html",)).get_content(), "html.parser")
    return [" ".join(text.split()) for text in (letter.get_body(("plain",)).get_content(), html.body.text)]


def test_a_week_without_anything_says_so(riverside, mail_box, work, at):
    letter = letter_of(riverside, riverside.manager, mail_box, work, at)

    assert letter["Subject"].startswith("Nothing notable this week")
    for part in both(letter):
        assert "Nothing notable this week" in part
        assert "No limit to answer fell this week." in part
        assert "Street cleaning" in part
        assert "Home care" in part


def test_cases_count_in_the_week_in_which_their_limit_fell(riverside, mail_box, work, at):
    """16 hours at 8½ a day: a complaint of Monday morning is due on Tuesday late, one of Friday on the next Monday."""
    replied = EventKind.REPLIED
    # Due in the week before: one on time.
    complaint(riverside, "2026-10-26T09:00:00+08:00", (replied, "2026-10-26T10:00:00+08:00"))
    # Sent the Friday before, due on Monday in the week: late.
    complaint(riverside, "2026-10-30T09:00:00+08:00", (replied, "2026-11-05T10:00:00+08:00"))
    # Sent and due in the week: on time, and late without an answer.
    complaint(riverside, "2026-11-02T09:00:00+08:00", (replied, "2026-11-02T10:00:00+08:00"))
    complaint(riverside, "2026-11-03T09:00:00+08:00")
    # Sent in the week, due after it, on the Monday evening: provisional.
    complaint(riverside, "2026-11-06T12:00:00+08:00")
    # Sent after the week: none of its business.
    complaint(riverside, "2026-11-09T07:00:00+08:00")

    letter = letter_of(riverside, riverside.viewer, mail_box, work, at, contract=riverside.contract)
    for part in both(letter):
        assert (
            "1 of 3 answered in time (33 %); target 90 % (too few cases to tell); no clear change from 100 %." in part
        )
        assert "Provisional: 1 of 3 cases sent this week not yet due." in part
        assert "Home care" not in part
    # The KPI is judged from ten cases on: three are no subject.
    assert letter["Subject"].startswith("4 overdue cases need you")


def test_of_several_misses_none_is_said_to_be_the_only_one(riverside, mail_box, work, at):
    other = replace(
        riverside, contract=riverside.other_contract, site=riverside.other_site, provider=riverside.other_provider
    )
    for world in (riverside, other):
        for minute in range(12):
            complaint(world, f"2026-11-03T09:{minute:02}:00+08:00")

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    assert ": 0 of 12 answered in time, target 90 %; 1 more is missed" in " ".join(letter["Subject"].split())
    for part in both(letter):
        assert "; 1 more is missed" in part


def test_it_lists_what_is_overdue_and_needs_the_reader(riverside, mail_box, work, at):
    mine = complaint(riverside, "2026-11-02T09:00:00+08:00", assignee=riverside.manager)
    nobodys = complaint(riverside, "2026-11-02T10:00:00+08:00")
    anothers = complaint(riverside, "2026-11-02T11:00:00+08:00", assignee=riverside.officer)
    providers = complaint(riverside, "2026-11-02T12:00:00+08:00", (EventKind.ASSIGNED, "2026-11-02T13:00:00+08:00"))
    young = complaint(riverside, "2026-11-06T16:00:00+08:00")
    assert providers.holder == Holder.PROVIDER
    first, second, third, fourth, last = [
        case.feedback.reference for case in (mine, nobodys, anothers, providers, young)
    ]

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    for part in (text, html):
        assert part.index(first) < part.index(second) < part.index(third) < part.index(fourth)
        assert f"http://localhost/cases/{first}" in part
        assert last not in part
        assert "2 overdue cases: 1 yours, the others taken by nobody" in part
        assert "2 overdue cases that others see to" in part
        assert "seen to by Officer" in part
        assert "with Clearway Ltd" in part
        assert "The reports behind the links count what was sent in these days" in " ".join(part.split())
    assert "4 open cases are overdue." in text
    assert f"- {first} · Street cleaning" in text


def test_it_says_how_much_came_in_and_how_much_of_it_has_words(riverside, mail_box, work, at):
    for text in ("Bins are full again.", "", ""):
        feedback(riverside, "2026-11-04T09:00:00+08:00", text=text)

    for part in both(letter_of(riverside, riverside.manager, mail_box, work, at)):
        assert "3 pieces of feedback came in: 0 complaints, 1 with words." in part


def test_it_quotes_a_criticism_and_a_praise_redacted(riverside, mail_box, work, at):
    for rating, text, sentiment in (
        (1, "Bins overflowing for days, call [phone].", Sentiment.NEGATIVE),
        (2, "Nobody swept on our side again.", Sentiment.NEGATIVE),
        (5, "Spotless since the new crew came, thank you.", Sentiment.POSITIVE),
        (3, "It was all right, I suppose, as always.", Sentiment.NEUTRAL),
        (1, "no", Sentiment.NEGATIVE),
    ):
        feedback(riverside, "2026-11-04T09:00:00+08:00", rating=rating, text=text, sentiment=sentiment)
    feedback(
        riverside, "2026-11-09T01:00:00+08:00", rating=1, text="Written after the week.", sentiment=Sentiment.NEGATIVE
    )

    for part in both(letter_of(riverside, riverside.manager, mail_box, work, at)):
        assert "Bins overflowing for days, call [phone]." in part
        assert "Spotless since the new crew came, thank you." in part
        assert "Nobody swept" not in part
        assert "after the week" not in part


def test_a_letter_keeps_to_its_agency(riverside, hillside, mail_box, work, at):
    feedback(
        hillside, "2026-11-04T09:00:00+00:00", rating=1, text="Said in the other town.", sentiment=Sentiment.NEGATIVE
    )
    complaint(hillside, "2026-11-02T09:00:00+00:00")

    for part in both(letter_of(riverside, riverside.manager, mail_box, work, at)):
        assert "other town" not in part
        assert "overdue" not in part


def test_the_command_sends_says_so_and_does_not_repeat_itself(app, riverside, mail_box):
    subscribed(riverside, riverside.manager)
    command = ["digest", "--now", MONDAY]
    runner = app.test_cli_runner()

    tried = runner.invoke(args=[*command, "--dry-run"])
    assert tried.exit_code == 0, tried.output
    assert "2026-W45 to manager@riverside.example: Nothing notable" in tried.output
    assert (mail_box(), promises()) == ([], [])

    done = runner.invoke(args=command)
    assert done.exit_code == 0, (done.output, done.exception)
    assert done.output == "sent: 2026-W45 to manager@riverside.example\n"
    assert runner.invoke(args=command).output == ""
    assert len(mail_box()) == 1

    wrong = runner.invoke(args=["digest", "--now", "2026-11-09T08:00:00"])
    assert wrong.exit_code == 1
    assert "--now" in wrong.output


def test_the_letter_is_in_the_readers_language(riverside, mail_box, work, at):
    riverside.manager.language = "zh"
    riverside.contract.service = {"en": "Street cleaning", "zh": "道路清扫"}
    db.session.commit()

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    assert 'lang="zh-Hans"' in letter.get_body(("html",)).get_content()
    assert all("道路清扫" in part for part in both(letter))


def test_contracts_of_the_same_service_are_told_apart_wherever_they_are_named(riverside, mail_box, work, at):
    riverside.other_contract.service = "Street cleaning"
    reviews.agree_on(
        riverside.contract,
        "Send two crews",
        side=Holder.PROVIDER,
        who="Site lead",
        due_on=date(2026, 11, 6),
        member_id=riverside.manager.id,
    )
    for nth in range(12):
        complaint(riverside, f"2026-10-27T09:{nth:02d}:00+08:00", (EventKind.RESOLVED, "2026-10-27T10:00:00+08:00"))
        complaint(riverside, f"2026-11-02T09:{nth:02d}:00+08:00")
    feedback(riverside, "2026-11-04T09:00:00+08:00", text="Nobody swept here.", rating=1, sentiment=Sentiment.NEGATIVE)

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    name = "Street cleaning (C-001, Clearway Ltd)"
    assert letter["Subject"] == (f"{name}: 0 of 12 answered in time, target 90 % – week 45, Riverside Public Services")
    for part in both(letter):
        assert f"{name}, Answered in time: fell from 100 % to 0 %" in part
        assert f"{name}: the target is missed beyond doubt" in part
        assert f"{name}, Place RS-001: no answer yet" in part
        assert f"{name}, Site lead: Send two crews" in part
        assert f"Criticism, {name}, Place RS-001" in part
        assert "Street cleaning (C-002, Sunrise Care)" in part
        assert "Street cleaning" not in part.replace("Street cleaning (C-00", "")

    # The letter about one contract says which, as others come beside it.
    letter = letter_of(riverside, riverside.viewer, mail_box, work, at, contract=riverside.contract)
    assert letter["Subject"].startswith(f"{name}: 0 of 12 answered in time, target 90 % – week 45, Riverside")
    assert letter["Subject"].count("C-001") == 1


def test_a_providers_letters_are_told_apart_by_their_contracts(riverside, mail_box, work, at):
    letter = letter_of(riverside, riverside.staff, mail_box, work, at, contract=riverside.contract)
    assert letter["Subject"] == ("Nothing notable this week – week 45, Street cleaning, Riverside Public Services")

    riverside.other_contract.service, riverside.other_contract.provider_id = "Street cleaning", riverside.provider.id
    db.session.commit()
    with at("2026-11-16T08:00:00+08:00"):
        tick("2026-11-16T08:00:00+08:00")
        work()
    assert mail_box()[-1]["Subject"] == (
        "Nothing notable this week – week 46, Street cleaning (C-001), Riverside Public Services"
    )


def test_it_names_first_what_only_its_reader_can_decide(riverside, mail_box, work, at):
    contested = complaint(riverside, "2026-11-02T09:00:00+08:00")
    db.session.add(
        Verdict(
            feedback_id=contested.feedback_id,
            agency_id=riverside.agency.id,
            stage=VerdictStage.CONTESTED,
            attribution=Attribution.PROVIDER,
            judged_by_id=riverside.officer.id,
            judged_at=contested.submitted_at,
        )
    )
    again = complaint(riverside, "2026-11-06T15:00:00+08:00")
    again.times_reopened = 2
    hidden = complaint(riverside, "2026-11-06T16:00:00+08:00")
    concerns.raise_by(hidden.feedback, member_id=riverside.officer.id)
    riverside.officer.memberships[0].is_safeguarding_officer = True
    db.session.commit()

    letter = letter_of(riverside, riverside.manager, mail_box, work, at)
    assert letter["Subject"].startswith("2 cases wait for your decision")
    for part in both(letter):
        assert f"{contested.feedback.reference}" in part
        assert ": the provider contests the verdict" in part
        assert ": reopened 2 times" in part
        assert part.index("2 cases wait for your decision") < part.index("1 overdue case that nobody has taken")
        assert hidden.feedback.reference not in part

    letter = letter_of(riverside, riverside.officer, mail_box, work, at)
    for part in both(letter):
        assert "1 safeguarding concern waits for you" in part
        assert hidden.feedback.reference in part
        assert "reopened 2 times" not in part

    theirs = letter_of(riverside, riverside.staff, mail_box, work, at, contract=riverside.contract)
    for part in both(theirs):
        assert "decision" not in part
        assert "safeguarding" not in part
