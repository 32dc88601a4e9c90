"""How long the server takes for the report of one contract and quarter when the database is full."""

import gc
import random
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from app.accounts.models import Member, Membership
from app.analysis.models import Reading, Tag
from app.cases.models import Case, Event
from app.directory.models import Agency, Contract
from app.extensions import db
from app.intake.models import Feedback
from app.intake.rules import ALPHABET
from app.intake.words import FeedbackWords
from app.kernel import clock
from app.kernel.database import insertion
from app.kernel.periods import Period, quarter_of
from app.kernel.words import (
    Actor,
    Aspect,
    CaseStatus,
    Channel,
    EventKind,
    FeedbackKind,
    Holder,
    Role,
    Sentiment,
)
from app.web.transactions import begin_writing

WEEKS = 104
BATCH = 2_000
SENTENCES = (
    "The bin was not emptied for the third week and nobody could say why.",
    "Quick and friendly, the street looked good an hour later.",
    "They came a day late, but they did a good job in the end.",
    "垃圾已经三周没有清运了，打电话也没有人接。",
    "师傅很热情，打扫得很干净。",
)
Rows = dict[str, Any]


@dataclass(frozen=True)
class ReportSpeed:
    """Seconds of the server for one page, and how much there was to read."""

    feedback: int
    in_report: int
    page: float
    json: float


def measure(app: Flask, feedback: int, times: int) -> ReportSpeed:
    """Fill the database with ``feedback`` rows, then ask ``times`` for the quarter before this one."""
    with app.app_context():
        fill(feedback)
        contract = db.session.scalars(select(Contract).order_by(Contract.id)).first()
        assert contract is not None
        quarter = quarter_before(clock.now(), contract.agency.timezone)
        within = Feedback.submitted_at.between(quarter.since, quarter.until)
        counted = select(func.count()).where(Feedback.contract_id == contract.id, within)
        in_report = db.session.scalar(counted) or 0
        address = f"/reports/{contract.reference}"
        asked = f"?start={quarter.start}&end={quarter.end}"
        cookie_of = manager(contract.agency_id)
        db.session.remove()

    # As the web server does before it forks: what was loaded once is not looked at for garbage any more.
    gc.collect()
    gc.freeze()
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": cookie_of, "_fresh": True, "fs_cc": "set", "fs_paa": 0})

    def seconds(path: str) -> float:
        began = time.perf_counter()
        response = client.get(path)
        took = time.perf_counter() - began
        if response.status_code != 200:
            raise RuntimeError(f"{path}: status {response.status_code}")
        return took

    def middle(path: str) -> float:
        seconds(path)  # the first one compiles the template
        return statistics.median(seconds(path) for _ in range(times))

    return ReportSpeed(feedback, in_report, middle(address + asked), middle(f"{address}.json{asked}"))


def quarter_before(now: datetime, timezone: str) -> Period:
    this = quarter_of(now, timezone)
    return quarter_of(this.since - timedelta(days=1), timezone)


def manager(agency_id: int) -> str:
    """A manager of the agency; returns what their session holds."""
    known = db.session.scalar(select(Member.fs_uniquifier).where(Member.email == "manager@lakeside.example"))
    if known is not None:
        return known
    person = Member(email="manager@lakeside.example", name="Manager", fs_uniquifier=uuid.uuid4().hex, active=True)
    begin_writing()
    # Else the page would be that of setting up the second step.
    db.session.get_one(Agency, agency_id).two_steps_optional = True
    db.session.add(person)
    db.session.flush()
    db.session.add(Membership(member_id=person.id, agency_id=agency_id, role=Role.MANAGER))
    db.session.commit()
    return person.fs_uniquifier


def fill(feedback: int) -> None:
    """Two years of feedback about every contract, always the same: a third complaints, with about four events each."""
    dice = random.Random(7)
    contracts = list(db.session.scalars(select(Contract).order_by(Contract.id)))
    now = clock.now()
    people = (one(number, dice, contracts, now) for number in range(1, feedback + 1))
    begin_writing()
    while batch := list(islice(people, BATCH)):
        for table in (Feedback, FeedbackWords, Reading, Tag, Case, Event):
            rows = [row for each in batch for row in each.get(table, ())]
            if rows:
                # To the tables themselves, past what the application notes of its own writing.
                db.session.connection().execute(insertion(table), rows)
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def one(number: int, dice: random.Random, contracts: list[Contract], now: datetime) -> dict[type, list[Rows]]:
    """One feedback with all its rows, by table."""
    contract = contracts[number % len(contracts)]
    site_id = contract.placings[0].site_id
    whose: Rows = {"agency_id": contract.agency_id, "feedback_id": number}
    at = now - timedelta(seconds=dice.randrange(WEEKS * 7 * 24 * 3600))
    rating = dice.choices((1, 2, 3, 4, 5), (22, 18, 20, 22, 18))[0]
    complains = dice.random() < 1 / 3
    sentiment = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)[(rating > 2) + (rating > 3)]
    words = dice.choice(SENTENCES)
    read: Rows = {
        "language": "en" if words.isascii() else "zh",
        "sentiment": sentiment,
        "aspects": [str(aspect) for aspect in dice.sample(list(Aspect), dice.randrange(3))],
        "is_urgent": False,
        "redacted": words,
    }
    kind = FeedbackKind.COMPLAINT if complains else FeedbackKind.COMPLIMENT if rating > 3 else FeedbackKind.RATING
    made: dict[type, list[Rows]] = {
        Feedback: [
            {
                "id": number,
                "agency_id": contract.agency_id,
                "site_id": site_id,
                "contract_id": contract.id,
                "reference": "-".join("".join(dice.choices(ALPHABET, k=4)) for _ in range(3)),
                "kind": kind,
                "rating": rating,
                "channel": Channel.WEB,
                "language": read["language"],
                "has_text": True,
                "is_reachable": False,
                "submitted_at": at,
                "recorded_at": at,
            }
        ],
        FeedbackWords: [{**whose, "text": words, "is_shared": False}],
        Reading: [
            {
                **whose,
                **read,
                "id": number,
                "version": "bench",
                "negative": 0.6 if sentiment == Sentiment.NEGATIVE else 0.2,
                "neutral": 0.2,
                "positive": 0.2 if sentiment == Sentiment.NEGATIVE else 0.6,
                "pii": [],
                "read_at": at,
            }
        ],
        Tag: [{**whose, **read, "reading_id": number}],
    }
    if complains:
        events = [row for row in history(dice, at) if row["at"] <= now]
        made[Event] = [
            {**whose, "recorded_at": row["at"], "has_message": False, "is_imported": False, **row} for row in events
        ]
        made[Case] = [{**whose, **case(contract, at, events)}]
    return made


def history(dice: random.Random, at: datetime) -> Iterator[Rows]:
    """What happens to a complaint: one in ten stays open, one in twelve of the resolved comes back."""

    def event(kind: EventKind, actor: Actor, **more: Any) -> Rows:
        return {"at": at, "kind": kind, "actor": actor, "rating": None, "attribution": None, **more}

    yield event(EventKind.ACKNOWLEDGED, Actor.SYSTEM)
    at += timedelta(hours=dice.lognormvariate(1.5, 0.8))
    yield event(EventKind.ASSIGNED, Actor.AGENCY)
    at += timedelta(hours=dice.lognormvariate(3.0, 1.1))
    yield event(EventKind.REPLIED, Actor.PROVIDER)
    if dice.random() < 0.1:
        return
    at += timedelta(hours=dice.lognormvariate(3.5, 0.8))
    yield event(EventKind.RESOLVED, Actor.PROVIDER)
    if dice.random() < 1 / 12:
        at += timedelta(hours=dice.lognormvariate(3.0, 0.8))
        yield event(EventKind.REOPENED, Actor.RESIDENT)
        at += timedelta(hours=dice.lognormvariate(3.5, 0.8))
        yield event(EventKind.RESOLVED, Actor.PROVIDER)
    if dice.random() < 0.3:
        at += timedelta(hours=dice.lognormvariate(2.0, 0.8))
        yield event(EventKind.CONFIRMED, Actor.RESIDENT)
        yield event(EventKind.RATED, Actor.RESIDENT, rating=dice.choice((2, 3, 4, 5)))


def case(contract: Contract, at: datetime, events: list[Rows]) -> Rows:
    """The case of a complaint as its events left it; its limits are not asked for by reports, which reckon them."""
    clause = contract.clauses[0]
    resolved = [row["at"] for row in events if row["kind"] == EventKind.RESOLVED]
    reopened = [row["at"] for row in events if row["kind"] == EventKind.REOPENED]
    is_open = len(resolved) == len(reopened)
    replied = [row["at"] for row in events if row["kind"] == EventKind.REPLIED]
    assigned = [row["at"] for row in events if row["kind"] == EventKind.ASSIGNED]
    return {
        "contract_id": contract.id,
        "provider_id": contract.provider_id,
        "clause_id": clause.id,
        "status": CaseStatus.OPEN if is_open else CaseStatus.RESOLVED,
        "holder": Holder.PROVIDER if assigned else Holder.AGENCY,
        "provider_since": assigned[0] if assigned else None,
        "is_imported": False,
        "submitted_at": at,
        "respond_within_hours": clause.respond_within_hours,
        "resolve_within_hours": clause.resolve_within_hours,
        "calendar": contract.agency.calendar,
        "respond_by": at + timedelta(days=2),
        "resolve_by": at + timedelta(days=7),
        "overdue_from": None if not is_open else at + timedelta(days=7 if replied else 2),
        "first_response_at": replied[0] if replied else None,
        "resolved_at": None if is_open else resolved[-1],
        "times_reopened": len(reopened),
        "last_event_at": events[-1]["at"],
        "version": 1,
    }
