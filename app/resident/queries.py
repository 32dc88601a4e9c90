"""What the form needs to know of a site, and what the holder of a tracking link may see and do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.cases import rules
from app.cases.actions import state_of
from app.cases.models import Case, Event
from app.cases.words import MessageWords
from app.directory.models import Contract, ContractSite, Site
from app.extensions import db
from app.intake.models import Feedback, TrackingLink
from app.intake.rules import token_hash
from app.kernel.periods import day_of
from app.kernel.words import STAFF_ONLY_EVENTS, Actor, CaseStatus, EventKind
from app.resident.models import PinTry
from app.resident.rules import TRIES, WINDOW

BETWEEN_STAFF = frozenset({EventKind.ASSIGNED, EventKind.HANDED_BACK})
"""Residents see that it happened; what was written with it is between agency and provider."""

HIDDEN = STAFF_ONLY_EVENTS | {EventKind.VERDICT, EventKind.MOVED}


@dataclass(frozen=True)
class Happening:
    """An event as its resident sees it."""

    at: datetime
    kind: EventKind
    actor: Actor
    message: str | None
    rating: int | None


def site_by_code(code: str) -> Site | None:
    """The site of a sticker with its agency, in one query, as this is the first thing on a resident's way."""
    wanted = (
        select(Site).where(Site.code_key == code.strip().casefold()).options(joinedload(Site.agency, innerjoin=True))
    )
    return db.session.scalar(wanted)


def contracts_serving(site: Site, now: datetime, *, with_clauses: bool = False) -> Sequence[Contract]:
    """The contracts in force at ``site`` on its agency's day, by reference, with their providers, in one query.

    With their clauses where a case may follow, so that nothing is left to read once the writer's lock is held.
    """
    on = day_of(now, site.agency.timezone)
    in_force = (
        select(Contract)
        .join(ContractSite, ContractSite.contract_id == Contract.id)
        .join(Contract.provider)
        .where(ContractSite.site_id == site.id, ContractSite.starts_on <= on, Contract.starts_on <= on)
        .where(Contract.ends_on >= on, or_(ContractSite.ends_on.is_(None), ContractSite.ends_on >= on))
        .options(contains_eager(Contract.provider))
        .order_by(Contract.reference)
    )
    if with_clauses:
        in_force = in_force.options(selectinload(Contract.clauses))
    return db.session.scalars(in_force).unique().all()


def feedback_by_id(feedback_id: int) -> Feedback | None:
    """A feedback with all that a page says about where it belongs."""
    return db.session.scalar(_with_all_behind(select(Feedback).where(Feedback.id == feedback_id)))


def feedback_by_token(token: str) -> Feedback:
    """The feedback that a link opens; 404 where nobody has that link (any more)."""
    wanted = (
        select(Feedback)
        .join(TrackingLink, TrackingLink.feedback_id == Feedback.id)
        .where(TrackingLink.token_hash == token_hash(token), TrackingLink.revoked_at.is_(None))
    )
    found = db.session.scalar(_with_all_behind(wanted))
    return found if found is not None else abort(404)


def feedback_by_reference(reference: str) -> Feedback | None:
    """The feedback of a reference, held until the transaction ends: tries of its PIN come one after the other."""
    return db.session.scalar(select(Feedback).where(Feedback.reference == reference).with_for_update())


def history_of(feedback: Feedback) -> list[Happening]:
    """What happened, oldest first: answers in full, without the housekeeping of staff."""
    rows = db.session.execute(
        select(Event.at, Event.kind, Event.actor, MessageWords.text, Event.rating)
        .outerjoin(MessageWords, MessageWords.event_id == Event.id)
        .where(Event.feedback_id == feedback.id, Event.kind.not_in(HIDDEN))
        .order_by(Event.at, Event.id)
    )
    return [
        Happening(at, kind, actor, None if kind in BETWEEN_STAFF else text, rating)
        for at, kind, actor, text, rating in rows
    ]


def may(case: Case | None) -> Mapping[str, bool]:
    """What the resident can do now, by kind of event. Without a case one can only add something."""
    if case is None:
        return {EventKind.ADDED: True}
    state, happened = state_of(case)
    allowed = {kind.value: rules.allows(state, happened, kind, Actor.RESIDENT) for kind in EventKind}
    # While it is open there is nothing to open again.
    return allowed | {"reopened": allowed["reopened"] and case.status != CaseStatus.OPEN}


def wrong_pins(reference: str, now: datetime) -> int:
    """How many wrong PINs were tried for a reference lately, up to ``TRIES``."""
    tries = select(PinTry.id).where(PinTry.reference == reference, PinTry.at > now - WINDOW).limit(TRIES)
    return len(db.session.scalars(tries).all())


def _with_all_behind(wanted: Select[Feedback]) -> Select[Feedback]:
    """Load site, agency, contract and provider in the same query."""
    return wanted.options(
        joinedload(Feedback.site, innerjoin=True).joinedload(Site.agency, innerjoin=True),
        joinedload(Feedback.contract).joinedload(Contract.provider),
    )
