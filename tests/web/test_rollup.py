"""What days count, kept: reports say the same with it and without it, whatever happened since, on both databases."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, func, insert, select, update

from app.analysis.models import Reading, Tag
from app.cases import actions as cases
from app.cases import moving
from app.cases.history import EventFacts
from app.cases.models import Case, CaseMove, Event
from app.directory.models import Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import Period
from app.kernel.words import Actor, Basis, CaseStatus, EventKind, FeedbackKind, Holder
from app.kernel.working_time import microseconds
from app.measures import actions, rollup
from app.measures.models import Changed, ContractDay
from app.measures.packed_counts import LANE, WHOLE, as_bytes, from_bytes, number_of
from app.outbox.models import Promise
from app.reports.counting import Span
from app.reports.overview import gather_overview
from app.reports.report import build, glance
from tests.unit.measures.random_histories import NOW, feedback, happenings
from tests.web.cases_story import sent
from tests.web.test_example_histories import EXAMPLES
from tests.web.test_hotline import send
from tests.web.test_sheets import confirm

NUMBER = iter(range(1, 10**9))


def begun(world, made):
    """A feedback of the past as rows, one after the other, as actions write them."""
    number = next(NUMBER)
    site, clauses = (world.site, world.other_site)[made["where"]], world.contract.clauses
    row = Feedback(
        agency_id=world.agency.id,
        site_id=site.id,
        contract_id=world.contract.id,
        reference=f"{number // 10**8:04d}-{number // 10**4 % 10**4:04d}-{number % 10**4:04d}",
        kind=made["kind"],
        rating=made["rating"],
        channel=made["channel"],
        language="en",
        has_text=made["sentiment"] is not None,
        submitted_at=made["at"],
        recorded_at=made["at"],
    )
    db.session.add(row)
    db.session.flush()
    if made["sentiment"] is not None:
        whose = {"agency_id": world.agency.id, "feedback_id": row.id}
        read = {
            "language": "en",
            "sentiment": made["sentiment"],
            "aspects": [str(aspect) for aspect in made["aspects"]],
            "is_urgent": made["is_urgent"],
            "redacted": "",
        }
        reading = Reading(
            **whose, **read, version="test", negative=0.1, neutral=0.1, positive=0.8, pii=[], read_at=made["at"]
        )
        db.session.add(reading)
        db.session.flush()
        db.session.add(Tag(**whose, **read, reading_id=reading.id))
    if made["kind"] == FeedbackKind.COMPLAINT:
        db.session.add(
            Case(
                agency_id=world.agency.id,
                feedback_id=row.id,
                contract_id=world.contract.id,
                provider_id=world.provider.id,
                clause_id=clauses[made["where"]].id,
                status=CaseStatus.OPEN,
                holder=Holder.AGENCY,
                submitted_at=made["at"],
                respond_within_hours=made["respond"],
                resolve_within_hours=made["resolve"],
                calendar=world.agency.calendar,
                last_event_at=made["at"],
            )
        )
    happened(row, made["events"])
    return row


def happened(row, events):
    for event in events:
        made = Event(
            agency_id=row.agency_id,
            feedback_id=row.id,
            at=event.at,
            recorded_at=event.at,
            kind=event.kind,
            actor=event.actor,
            rating=event.rating,
            attribution=event.attribution,
            changed_to=event.changed_to if event.kind not in (EventKind.VERDICT, EventKind.MOVED) else None,
        )
        db.session.add(made)
        if event.kind == EventKind.MOVED and event.changed_to:
            moved(row, made, event.changed_to)
    db.session.commit()


def moved(row, event, reference):
    """A move to another contract, to other limits and days: as ``cases.moving`` writes it, where it is one."""
    case = db.session.scalar(select(Case).where(Case.feedback_id == row.id))
    to = db.session.scalar(select(Contract).where(Contract.reference == reference))
    if case is None or to.id == case.contract_id:
        return
    terms = ("provider_id", "clause_id", "respond_within_hours", "resolve_within_hours", "confirm_days", "calendar")
    db.session.flush()
    db.session.add(
        CaseMove(
            agency_id=row.agency_id,
            feedback_id=row.id,
            event_id=event.id,
            at=event.at,
            from_contract_id=case.contract_id,
            to_contract_id=to.id,
            **{name: getattr(case, name) for name in terms},
        )
    )
    event.changed_to = reference
    row.contract_id = case.contract_id = to.id
    case.provider_id, case.clause_id = to.provider_id, to.clauses[0].id
    case.respond_within_hours, case.resolve_within_hours = case.resolve_within_hours, case.respond_within_hours
    case.confirm_days, case.calendar = 3, case.calendar | {"start": "08:00", "weekdays": [0, 1, 2, 3, 4, 5, 6]}


def follow():
    """What the worker does until nothing is left."""
    while (found := actions.follow())[0] is not None:
        found[0]()
        db.session.execute(delete(Promise))
        db.session.commit()


def kept():
    return db.session.scalar(select(func.count()).select_from(ContractDay)) or 0


def held(contract_ids, period):
    """The days that need not be counted from the events."""
    days = rollup.days_of(contract_ids, [(period, NOW)])
    return {(each, day): kept for each in contract_ids for day, kept in days.of(each).items()}


def agree(found, expected, where=""):
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            agree(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for nth, (one, other) in enumerate(zip(found, expected, strict=True)):
            agree(one, other, f"{where}[{nth}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-6), where
    else:
        assert found == expected, where


def reports_agree(world, span, as_of):
    contracts = (world.contract, world.other_contract)
    asked = {"start": span[0], "end": span[1], "as_of": as_of}
    received = 0
    for contract in contracts:
        report = glance(contract, **asked)
        agree(report.to_json(), build(contract, **asked).to_json())
        received += report.figures.received.value
    in_brief, whole = (
        gather_overview(world.agency, contracts, **asked, source=source).report
        for source in (rollup.days_in_brief, rollup.no_days)
    )
    agree(in_brief.to_json(), whole.to_json())
    # At every moment each counts once, under one of the contracts.
    assert in_brief.counts["received"] == received == in_all(Span(Period(*span, world.agency.timezone), as_of))


def in_all(span):
    """All feedback of a period that there was at a moment."""
    sent_at = Feedback.submitted_at
    within = (sent_at >= span.period.since, sent_at < span.period.until, sent_at <= span.as_of)
    return db.session.scalar(select(func.count()).select_from(Feedback).where(*within))


SPANS = some.sampled_from(
    [
        (date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 9, 14), date(2026, 9, 20)),
        (date(2026, 11, 1), date(2026, 11, 20)),
    ]
)


# Without shrinking, which takes minutes on a database: `test_day_counts.py` shrinks.
@settings(
    max_examples=10,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    made=some.lists(feedback(), min_size=1, max_size=8),
    later=some.lists(some.tuples(some.integers(0, 7), happenings(NOW - timedelta(days=30), most=3)), max_size=3),
    more=some.lists(feedback(), max_size=2),
    spans=some.lists(SPANS, min_size=2, max_size=2, unique=True),
    ago=some.lists(some.timedeltas(timedelta(0), timedelta(days=100)), min_size=2, max_size=2),
    is_small=some.booleans(),
)
def test_reports_are_the_same_with_what_is_kept_and_from_the_events_alone(
    riverside, made, later, more, spans, ago, is_small
):
    for model in (Changed, ContractDay, CaseMove, Event, Case, Tag, Reading, Feedback):
        db.session.execute(delete(model))
    riverside.contract.is_small = is_small
    for kpi in riverside.other_contract.kpis:
        kpi.measure, kpi.basis = "reopen_rate", Basis.VALIDATED
    db.session.commit()
    asked = [(span, at) for span in spans for at in (NOW, *(NOW - each for each in ago))]
    with clock.set_to(NOW):
        rows = [begun(riverside, each) for each in made]
        follow()
        assert kept() >= 1 or min(each["at"] for each in made) > NOW - timedelta(days=2)
        assert db.session.scalar(select(func.count()).select_from(Changed)) == 0
        for span, at in asked:
            reports_agree(riverside, span, at)

        # Days in which something has changed since are counted from the events until the worker comes by.
        for which, events in later:
            happened(rows[which % len(rows)], events)
        for each in more:
            begun(riverside, each)
        for span, at in asked:
            reports_agree(riverside, span, at)

        follow()
        for span, at in asked:
            reports_agree(riverside, span, at)
        for contract in (riverside.contract, riverside.other_contract):
            assert rollup.check(contract)[1] == []


@pytest.fixture
def past(app):
    """An example history, taken in, and every day of it kept."""
    runner = app.test_cli_runner()
    folder = EXAMPLES / "example"
    runner.invoke(args=["import", "directory", str(folder / "directory.json")])
    runner.invoke(args=["import", "history", str(folder / "feedback.csv"), str(folder / "events.csv")])
    with clock.set_to(NOW):
        assert runner.invoke(args=["rollup", "rebuild"]).exit_code == 0
    return runner


def test_verify_counts_every_day_again_and_finds_none_that_differs(past):
    assert kept() > 50

    verified = past.invoke(args=["rollup", "verify"])

    assert verified.exit_code == 0, verified.output
    assert f"{kept()} days of contracts counted again, 0 differ." in verified.stdout


def test_verify_names_a_day_that_was_tampered_with_and_rebuild_mends_it(past):
    day = db.session.scalars(select(ContractDay).where(ContractDay.feedback > 1).order_by(ContractDay.day)).first()
    which = (ContractDay.contract_id == day.contract_id, ContractDay.day == day.day)
    more = from_bytes(day.sums) + number_of({LANE[WHOLE, "received", True]: 1})
    db.session.execute(update(ContractDay).where(*which).values(sums=as_bytes(more)))
    db.session.commit()

    verified = past.invoke(args=["rollup", "verify"])
    assert verified.exit_code == 1
    assert f"{day.day}: all, received" in verified.output

    with clock.set_to(NOW):
        past.invoke(args=["rollup", "rebuild"])
    assert past.invoke(args=["rollup", "verify"]).exit_code == 0


def test_what_was_counted_in_another_way_is_not_believed_and_counted_anew(past, monkeypatch):
    monkeypatch.setattr(rollup, "VERSION", rollup.VERSION + 1)
    with clock.set_to(NOW):
        assert rollup.counts_of([1], Period(date(2026, 9, 1), date(2026, 9, 30), "Asia/Shanghai"), NOW)[1]
        follow()
    assert set(db.session.scalars(select(ContractDay.version))) == {rollup.VERSION}


def test_what_an_import_brings_is_noted_too(past):
    """Many rows in one statement."""
    event = db.session.scalars(select(Event).order_by(Event.id)).first()
    row = {"agency_id": event.agency_id, "feedback_id": event.feedback_id, "at": NOW, "recorded_at": NOW}
    db.session.execute(insert(Event), [row | {"kind": EventKind.REOPENED, "actor": Actor.AGENCY}])
    db.session.commit()

    assert list(db.session.scalars(select(Changed.feedback_id))) == [event.feedback_id]


def test_the_worker_counts_anew_what_somebody_changed(riverside, work):
    with clock.set_to(NOW - timedelta(days=3)):
        feedback = sent(riverside)
    with clock.set_to(NOW):
        actions.promise_due(NOW)
        db.session.commit()
        work()
        assert kept() == 3  # that day and those after it; today is not over
        period = Period(date(2026, 11, 1), date(2026, 11, 30), riverside.agency.timezone)
        day = (riverside.contract.id, date(2026, 11, 17))
        assert held([riverside.contract.id], period).keys() >= {day}

        cases.reply(cases.case_of(feedback), "We are on our way.", by=Actor.AGENCY, member_id=None)
        db.session.commit()
        assert day not in held([riverside.contract.id], period)

        actions.promise_due(NOW + timedelta(minutes=1))
        db.session.commit()
        work()
        assert day in held([riverside.contract.id], period)
        assert rollup.check(riverside.contract) == (3, [])


def test_of_two_workers_the_slower_one_writes_nothing(riverside):
    with clock.set_to(NOW - timedelta(days=3)):
        feedback = sent(riverside)
    with clock.set_to(NOW):
        follow()
        happened(feedback, happening(EventKind.REPLIED))
        slower, _ = actions.follow()
        happened(feedback, happening(EventKind.RESOLVED))
        follow()
        slower()
        db.session.commit()
        assert rollup.check(riverside.contract) == (3, [])


def test_a_move_to_another_contract_changes_a_day_of_each(riverside):
    with clock.set_to(NOW - timedelta(days=3)):
        feedback = sent(riverside)
    span = (date(2026, 11, 16), date(2026, 11, 22))
    contracts = [riverside.contract.id, riverside.other_contract.id]
    period = Period(*span, riverside.agency.timezone)
    with clock.set_to(NOW):
        follow()
        assert kept() == 3  # all of the first contract

        moving.move(
            cases.case_of(feedback), riverside.other_contract, "Theirs", member_id=riverside.manager.id, is_manager=True
        )
        db.session.commit()
        assert rollup.changed_days(contracts, period) == {(each, date(2026, 11, 17)) for each in contracts}
        for at in (NOW - timedelta(days=1), NOW):
            reports_agree(riverside, span, at)

        follow()
        assert rollup.changed_days(contracts, period) == set()
        valid_from = {key: day.valid_from for key, day in held(contracts, period).items()}
        # The day it has left is not to be believed as of a moment at which it was still there.
        assert [valid_from[each, date(2026, 11, 17)] for each in contracts] == [microseconds(NOW)] * 2
        for at in (NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)):
            reports_agree(riverside, span, at)
        assert rollup.missing_days(riverside.contract, NOW) == []

        moving.move(
            cases.case_of(feedback), riverside.contract, "Yours", member_id=riverside.manager.id, is_manager=True
        )
        db.session.commit()
        reports_agree(riverside, span, NOW)
        follow()
        reports_agree(riverside, span, NOW)
        for contract in (riverside.contract, riverside.other_contract):
            assert rollup.check(contract)[1] == []


def test_what_a_hotline_hands_over_of_a_day_that_is_kept_is_counted(app, riverside):
    with clock.set_to(NOW - timedelta(days=3)):
        sent(riverside)
    with clock.set_to(NOW):
        follow()
        alice = app.test_client().sign_in(riverside.officer)
        calls = (
            "number,received_at,site,text,rating\nGD-1,2026-11-17 10:00,RS-001,,4\nGD-2,2026-11-17 11:00,RS-001,,1\n"
        )
        assert confirm(alice, send(alice, calls)).status_code == 303
        db.session.rollback()

        span = (date(2026, 11, 16), date(2026, 11, 22))
        assert glance(riverside.contract, start=span[0], end=span[1], as_of=NOW).figures.received.value == 3
        reports_agree(riverside, span, NOW)
        follow()
        reports_agree(riverside, span, NOW)


def happening(kind):
    return [EventFacts(NOW - timedelta(hours=1), kind, Actor.AGENCY)]


def test_an_agency_that_moves_to_another_zone_has_other_days(riverside):
    with clock.set_to(NOW - timedelta(days=3)):
        sent(riverside)
    with clock.set_to(NOW):
        follow()
        assert kept() == 3
        riverside.agency.timezone = "Europe/London"
        db.session.commit()
        assert kept() == 0


def test_the_schedule_promises_nothing_twice(riverside):
    for _ in range(2):
        actions.promise_due(NOW)
    db.session.commit()
    assert [each.topic for each in db.session.scalars(select(Promise))] == ["rollup.follow"]
