"""Subscribing, and promising the letters that are due."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.digest import queries
from app.digest.models import Sending, Subscription
from app.digest.queries import Due
from app.digest.timing import When, weekly_key
from app.extensions import db
from app.kernel import clock
from app.outbox.actions import promise


def subscribe(member_id: int, agency_id: int, contract_id: int | None = None) -> Subscription:
    """From now on the member gets the weekly email of the agency, or of one of its contracts. Once is enough.

    Whoever comes back keeps the token, so that the links in older letters still work.
    """
    subscription = db.session.scalar(
        select(Subscription).where(
            Subscription.member_id == member_id,
            Subscription.agency_id == agency_id,
            Subscription.contract_id.is_(None) if contract_id is None else Subscription.contract_id == contract_id,
        )
    )
    if subscription is None:
        subscription = Subscription(
            member_id=member_id,
            agency_id=agency_id,
            contract_id=contract_id,
            unsubscribe_token=secrets.token_urlsafe(32),
            since=clock.now(),
        )
        db.session.add(subscription)
    elif subscription.ended_at is not None:
        subscription.ended_at, subscription.since = None, clock.now()
    db.session.flush()
    return subscription


def unsubscribe(subscription: Subscription) -> None:
    """No further letter, also none that is promised already."""
    if subscription.ended_at is None:
        subscription.ended_at = clock.now()
        db.session.flush()


def choose(member_id: int, agency_id: int, wanted: Collection[int | None]) -> None:
    """Make the member's subscriptions at the agency those to ``wanted``: contracts, or None for all of the agency."""
    running = db.session.scalars(
        select(Subscription).where(
            Subscription.member_id == member_id,
            Subscription.agency_id == agency_id,
            Subscription.ended_at.is_(None),
        )
    ).all()
    for subscription in running:
        if subscription.contract_id not in wanted:
            unsubscribe(subscription)
    for contract_id in wanted:
        subscribe(member_id, agency_id, contract_id)


def wish(member_id: int, when: When, with_pdf: bool) -> None:
    """From now on the member's emails come then."""
    found = queries.wish_of(member_id)
    found.every, found.weekday, found.hour, found.with_pdf = when.every, when.weekday, when.hour, with_pdf
    db.session.add(found)
    db.session.flush()


def promise_due(now: datetime) -> list[tuple[Due, int]]:
    """Promise every letter that is due at ``now`` and was not promised before; each with the id of its promise.

    A letter is for those who subscribed before its hour; after downtime only the latest goes out.
    """
    promised = []
    for due in queries.due(now):
        sending = Sending(
            subscription_id=due.subscription.id,
            period_start=due.week.start,
            period_end=due.week.end,
            promised_at=now,
        )
        db.session.add(sending)
        db.session.flush()
        promise_id = promise(
            "digest.send",
            agency_id=due.subscription.agency_id,
            key=f"{weekly_key(due.week)}:{due.subscription.id}",
            sending_id=sending.id,
        )
        if promise_id is not None:
            promised.append((due, promise_id))
    return promised


def note_sent(sending_id: int) -> None:
    """The letter went; in the transaction that keeps its promise."""
    db.session.get_one(Sending, sending_id).sent_at = clock.now()
