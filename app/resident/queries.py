"""What the form needs to know of a site, and what the holder of a tracking link may see and do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from app.cases import rules
from app.cases.actions import state_of
from app.cases.models import Case, Event
from app.cases.words import MessageWords
from app.directory.models import Agency, Contract, ContractSite, Provider, Site
from app.extensions import db
from app.intake.models import Feedback, TrackingLink
from app.intake.rules import token_hash
from app.kernel.database import table
from app.kernel.periods import day_of
from app.kernel.words import STAFF_ONLY_EVENTS, Actor, CaseStatus, EventKind, Words
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


@dataclass(frozen=True)
class Service:
    """A service at a place: the contract in force there, in the words that the agency gave."""

    contract_id: int
    reference: str
    name: Words
    provider: Words


@dataclass(frozen=True)
class Place:
    """A site with its agency and the services that it has today."""

    site_id: int
    agency_id: int
    code: str
    name: Words
    agency: Words
    emergency_number: str | None
    services: tuple[Service, ...]


SITE, AGENCY, PLACING = table(Site), table(Agency), table(ContractSite)
CONTRACT, PROVIDER = table(Contract), table(Provider)
PLACE = (
    select(
        SITE.c.id.label("site_id"),
        SITE.c.code,
        SITE.c.name.label("site"),
        AGENCY.c.id.label("agency_id"),
        AGENCY.c.name.label("agency"),
        AGENCY.c.timezone,
        AGENCY.c.emergency_number,
        CONTRACT.c.id.label("contract_id"),
        CONTRACT.c.reference,
        CONTRACT.c.service,
        CONTRACT.c.starts_on,
        CONTRACT.c.ends_on,
        PLACING.c.starts_on.label("serves_from"),
        PLACING.c.ends_on.label("serves_until"),
        PROVIDER.c.name.label("provider"),
    )
    .select_from(SITE)
    .join(AGENCY, AGENCY.c.id == SITE.c.agency_id)
    .outerjoin(PLACING, PLACING.c.site_id == SITE.c.id)
    .outerjoin(CONTRACT, CONTRACT.c.id == PLACING.c.contract_id)
    .outerjoin(PROVIDER, PROVIDER.c.id == CONTRACT.c.provider_id)
    .where(SITE.c.code_key == bindparam("code_key"))
    .order_by(CONTRACT.c.reference)
)
"""All that a form has to know of its place, in one statement that is made once: every resident begins with it."""


def place_by_code(code: str, now: datetime) -> Place | None:
    """The place of a sticker, however its code is written, with what is in force there on its agency's day."""
    rows = db.session.connection().execute(PLACE, {"code_key": code.strip().casefold()}).all()
    if not rows:
        return None
    site, on = rows[0], day_of(now, rows[0].timezone)
    in_force = {
        row.reference: Service(row.contract_id, row.reference, row.service, row.provider)
        for row in rows
        if row.contract_id is not None
        and max(row.starts_on, row.serves_from) <= on <= min(row.ends_on, row.serves_until or row.ends_on)
    }
    return Place(
        site_id=site.site_id,
        agency_id=site.agency_id,
        code=site.code,
        name=site.site,
        agency=site.agency,
        emergency_number=site.emergency_number,
        services=tuple(in_force.values()),
    )


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
