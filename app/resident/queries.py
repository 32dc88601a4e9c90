"""What the form needs to know of a site, and what the holder of a tracking link may see and do."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, case, cast, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from app.cases import rules
from app.cases.actions import state_of
from app.cases.models import Case, CaseMove, Event
from app.cases.queries import provider_then
from app.cases.words import MessageWords
from app.directory.models import Agency, Contract, ContractSite, Provider, Site
from app.extensions import db
from app.intake.models import Feedback, Photo, TrackingLink
from app.intake.rules import token_hash
from app.kernel.database import table
from app.kernel.periods import day_of
from app.kernel.words import STAFF_ONLY_EVENTS, VERDICT_EVENTS, Actor, CaseStatus, EventKind, Words
from app.questions.models import QuestionSet
from app.questions.queries import IN_USE
from app.resident.models import PinTry
from app.resident.rules import (
    NEAR,
    TRIES,
    WINDOW,
    is_said,
    likeness,
    metres_between,
    pieces_of,
    plain,
    squeezed,
    wanted_in,
)
from app.web.access import Viewer

BETWEEN_STAFF = frozenset({EventKind.ASSIGNED, EventKind.HANDED_BACK, EventKind.MOVED})
"""Residents see that it happened; what was written with it is between agency and provider."""

HIDDEN = STAFF_ONLY_EVENTS | VERDICT_EVENTS

FEW_PLACES = 60
"""So many places can be looked through as a list; of more, one searches."""

MOST_FOUND = 20
"""So many places are shown for a search; of more, one asks for less."""

NEAREST = 10
"""So many places are shown to who asks what is near."""

METRES_PER_DEGREE = 111_000
"""Of latitude, a little less than it is: what is looked through is rather too much."""


@dataclass(frozen=True)
class Happening:
    """An event as its resident sees it."""

    at: datetime
    kind: EventKind
    actor: Actor
    message: str | None
    rating: int | None
    # Of a provider: which one it was, also where the case is with another one by now.
    provider: Words | None = None
    # Of a move: to which service, and whose that is.
    to_service: Words | None = None
    to_provider: Words | None = None


@dataclass(frozen=True)
class Service:
    """A service at a place: the contract in force there, in the words that the agency gave."""

    contract_id: int
    reference: str
    name: Words
    provider: Words
    # The version of the agency's own questions about it; None where there are none.
    question_set_id: int | None = None
    # What people call it every day: only to be found by.
    also_called: Words | None = None


@dataclass(frozen=True)
class Place:
    """A site with its agency and the services that it has today."""

    site_id: int
    agency_id: int
    code: str
    name: Words
    address: Words | None
    agency: Words
    emergency_number: str | None
    photos_at_once: bool
    # For how many days the agency keeps what, where it has chosen.
    retention: Mapping[str, Any] | None
    services: tuple[Service, ...]


SITE, AGENCY, PLACING = table(Site), table(Agency), table(ContractSite)
CONTRACT, PROVIDER = table(Contract), table(Provider)
PLACES = (
    select(
        SITE.c.id.label("site_id"),
        SITE.c.code,
        SITE.c.name.label("site"),
        SITE.c.address,
        AGENCY.c.id.label("agency_id"),
        AGENCY.c.name.label("agency"),
        AGENCY.c.timezone,
        AGENCY.c.emergency_number,
        AGENCY.c.photos_at_once,
        AGENCY.c.retention,
        CONTRACT.c.id.label("contract_id"),
        CONTRACT.c.reference,
        CONTRACT.c.service,
        CONTRACT.c.also_called,
        CONTRACT.c.starts_on,
        CONTRACT.c.ends_on,
        PLACING.c.starts_on.label("serves_from"),
        PLACING.c.ends_on.label("serves_until"),
        PROVIDER.c.name.label("provider"),
        IN_USE.c.question_set_id,
    )
    .select_from(SITE)
    .join(AGENCY, AGENCY.c.id == SITE.c.agency_id)
    .outerjoin(PLACING, PLACING.c.site_id == SITE.c.id)
    .outerjoin(CONTRACT, CONTRACT.c.id == PLACING.c.contract_id)
    .outerjoin(PROVIDER, PROVIDER.c.id == CONTRACT.c.provider_id)
    .outerjoin(IN_USE, IN_USE.c.contract_id == CONTRACT.c.id)
)
PLACE = PLACES.where(SITE.c.code_key == bindparam("code_key")).order_by(CONTRACT.c.reference)
"""All that a form has to know of its place, in one statement that is made once: every resident begins with it."""


def _code_squeezed() -> ColumnElement[str]:
    """The same as ``rules.squeezed`` of a site's code, for the database."""
    code: ColumnElement[str] = SITE.c.code_key
    for sign in "- _./":
        code = func.replace(code, sign, "")
    return code


SAID_OF_A_PLACE = func.lower(
    SITE.c.code_key
    + (" " + _code_squeezed())
    + (" " + cast(SITE.c.name, Text))
    + (" " + cast(AGENCY.c.name, Text))
    + (" " + func.coalesce(cast(SITE.c.address, Text), ""))
    + (" " + func.coalesce(cast(CONTRACT.c.service, Text), ""))
    + (" " + func.coalesce(cast(CONTRACT.c.also_called, Text), ""))
    + (" " + func.coalesce(cast(PROVIDER.c.name, Text), ""))
)


def place_by_code(code: str, now: datetime) -> Place | None:
    """The place of a sticker, with what is in force there on its agency's day. Capitals do not matter."""
    rows = db.session.connection().execute(PLACE, {"code_key": code.strip().casefold()}).all()
    return _place(rows, now) if rows else None


def code_meant_by(typed: str) -> str | None:
    """The code of the one site that is meant by ``typed``, however it is written; None where it is none or several."""
    wanted = squeezed(typed)
    if not wanted:
        return None
    rows = db.session.execute(select(SITE.c.code, SITE.c.code_key).where(_code_squeezed() == wanted)).all()
    exact = [row.code for row in rows if row.code_key == plain(typed).strip()]
    return exact[0] if exact else rows[0].code if len(rows) == 1 else None


def places_found(asked: str, now: datetime) -> list[Place]:
    """The places of which code, name, address, agency, service or provider hold every word asked for, by code.

    Words like "on" or 的 are not asked for, and Chinese without spaces is taken apart. A service is found by its
    everyday words too. One more than ``MOST_FOUND`` where there are more.
    """
    words = wanted_in(asked)
    return _alike(asked, _found(words, now)) if words else []


def places_for(viewer: Viewer, asked: str, now: datetime) -> list[Place]:
    """The same among the places of the viewer's agency; all of them where nothing is asked for."""
    return _alike(asked, _found(wanted_in(asked), now, SITE.c.agency_id == viewer.agency_id))


def place_for(viewer: Viewer, code: str, now: datetime) -> Place:
    """A place of the viewer's agency by its code; 404 where it has none of that code."""
    place = place_by_code(code, now)
    return place if place is not None and place.agency_id == viewer.agency_id else abort(404)


def _found(words: Sequence[str], now: datetime, *narrowed: ColumnElement[bool]) -> list[Place]:
    # A first look by the database, which knows capitals of plain letters alone; how exactly is looked at below.
    each_word = (or_(*(SAID_OF_A_PLACE.like("%" + _guess(piece) + "%") for piece in pieces_of(word))) for word in words)
    fitting = and_(true(), *narrowed, *each_word)
    found = PLACES.with_only_columns(SITE.c.id).where(fitting).distinct().order_by(None).limit(1000)
    places = _places(PLACES.where(SITE.c.id.in_(found)), now)
    return [each for each in places if all(is_said(word, _said_of(each)) for word in words)]


def _alike(asked: str, places: Sequence[Place]) -> list[Place]:
    """The code that was asked for first, then those that begin so, then all others; one more than are shown."""
    return sorted(places, key=lambda place: likeness(asked, place.code))[: MOST_FOUND + 1]


def places_to_choose_from(now: datetime) -> list[Place]:
    """All places with a service, by agency and code, where they are few; none where they are many."""
    first = select(SITE.c.id).limit(FEW_PLACES + 1)
    places = _places(PLACES.where(SITE.c.id.in_(first)), now)
    return [each for each in places if each.services] if len(places) <= FEW_PLACES else []


def contacts_of_agencies() -> Sequence[tuple[Words, str | None]]:
    """Every agency and how it says that residents reach it; None where it does not say."""
    rows = db.session.execute(select(AGENCY.c.name, AGENCY.c.contact).order_by(AGENCY.c.slug))
    return [(name, contact) for name, contact in rows]


def are_positions_known() -> bool:
    """Whether there is any place that could be near."""
    return db.session.scalar(select(SITE.c.id).where(SITE.c.latitude.is_not(None)).limit(1)) is not None


def places_near(latitude: float, longitude: float, now: datetime) -> list[tuple[Place, float]]:
    """The nearest places within ``NEAR`` and their distance in metres, the nearest first. Nothing of it is kept."""
    apart = func.abs(SITE.c.longitude - longitude)
    # Degrees of longitude get narrower towards the poles, and 180 east is 180 west.
    across = case((apart > 180, 360 - apart), else_=apart) * math.cos(math.radians(latitude))
    along = SITE.c.latitude - latitude
    found = db.session.execute(
        select(SITE.c.id, SITE.c.latitude, SITE.c.longitude)
        .where(func.abs(along) <= NEAR / METRES_PER_DEGREE)
        .order_by(along * along + across * across)
        .limit(NEAREST)
    ).all()
    metres = {row.id: metres_between((latitude, longitude), (row.latitude, row.longitude)) for row in found}
    places = _places(PLACES.where(SITE.c.id.in_(metres)), now)
    near = [(place, metres[place.site_id]) for place in places if metres[place.site_id] <= NEAR]
    return sorted(near, key=lambda each: each[1])


def _places(wanted: Select[Any], now: datetime) -> list[Place]:
    ordered = wanted.order_by(AGENCY.c.slug, SITE.c.code_key, CONTRACT.c.reference)
    rows = db.session.execute(ordered)
    return [_place(list(of_one), now) for _site, of_one in groupby(rows, key=lambda row: int(row.site_id))]


def _place(rows: Sequence[Any], now: datetime) -> Place:
    """The place that all ``rows`` are about."""
    site, on = rows[0], day_of(now, rows[0].timezone)
    in_force = {
        row.reference: Service(
            row.contract_id, row.reference, row.service, row.provider, row.question_set_id, row.also_called
        )
        for row in rows
        if row.contract_id is not None
        and max(row.starts_on, row.serves_from) <= on <= min(row.ends_on, row.serves_until or row.ends_on)
    }
    return Place(
        site_id=site.site_id,
        agency_id=site.agency_id,
        code=site.code,
        name=site.site,
        address=site.address,
        agency=site.agency,
        emergency_number=site.emergency_number,
        photos_at_once=site.photos_at_once,
        retention=site.retention,
        services=tuple(in_force.values()),
    )


def _guess(word: str) -> str:
    """A pattern that finds ``word`` in both cases, where the database may know no capitals but those of A to Z."""
    return "".join(sign if sign.isascii() or sign.upper() == sign.lower() else "_" for sign in word)


def _said_of(place: Place) -> str:
    said: list[Words | None] = [place.name, place.address, place.agency]
    said += [words for service in place.services for words in (service.name, service.provider, service.also_called)]
    return plain(" ".join([place.code, squeezed(place.code), *(text for words in said for text in _texts(words))]))


def _texts(words: Words | None) -> Iterable[str]:
    return words.values() if isinstance(words, dict) else [words or ""]


def feedback_by_token(token: str) -> Feedback | None:
    """The feedback that a link opens; None where nobody has that link (any more)."""
    wanted = (
        select(Feedback)
        .join(TrackingLink, TrackingLink.feedback_id == Feedback.id)
        .where(TrackingLink.token_hash == token_hash(token), TrackingLink.revoked_at.is_(None))
    )
    return db.session.scalar(_with_all_behind(wanted))


def feedback_by_reference(reference: str) -> Feedback | None:
    """The feedback of a reference, held until the transaction ends: tries of its PIN come one after the other."""
    return db.session.scalar(select(Feedback).where(Feedback.reference == reference).with_for_update())


def sets_asked_at(place: Place, set_ids: Collection[int]) -> frozenset[int]:
    """Those of the published versions that residents of this place have been asked at some time."""
    wanted = (
        select(QuestionSet.id)
        .join(ContractSite, ContractSite.contract_id == QuestionSet.contract_id)
        .where(ContractSite.site_id == place.site_id, QuestionSet.agency_id == place.agency_id)
        .where(QuestionSet.id.in_(set_ids), QuestionSet.published_at.is_not(None))
    )
    return frozenset(db.session.scalars(wanted))


def photos_of(feedback: Feedback) -> Sequence[Photo]:
    """The photos that the resident sent, in their order; what staff show each other is not among them."""
    mine = select(Photo).where(Photo.feedback_id == feedback.id, Photo.actor == Actor.RESIDENT)
    return db.session.scalars(mine.order_by(Photo.id)).all()


def photo_of(feedback: Feedback, photo_id: int) -> Photo:
    """One of them; 404 where it is none of theirs."""
    return next((photo for photo in photos_of(feedback) if photo.id == photo_id), None) or abort(404)


def history_of(feedback: Feedback) -> list[Happening]:
    """What happened, oldest first: answers in full, without the housekeeping of staff.

    Where the clock did not wait at all, nobody was silent, and nothing of it is read here.
    """
    new = aliased(Provider)
    rows = db.session.execute(
        select(
            Event.at,
            Event.kind,
            Event.actor,
            MessageWords.text,
            Event.rating,
            Provider.name,
            Contract.service,
            new.name,
        )
        .outerjoin(MessageWords, MessageWords.event_id == Event.id)
        .outerjoin(CaseMove, CaseMove.event_id == Event.id)
        .outerjoin(Contract, Contract.id == CaseMove.to_contract_id)
        .outerjoin(new, new.id == Contract.provider_id)
        .outerjoin(Provider, and_(Event.actor == Actor.PROVIDER, Provider.id == provider_then()))
        .where(
            Event.feedback_id == feedback.id,
            Event.kind.not_in(HIDDEN),
            or_(Event.kind != EventKind.RESUMED, Event.changed_to.is_(None), Event.changed_to.not_in(rules.UNPAUSED)),
        )
        .order_by(Event.at, Event.id)
    )
    return [
        Happening(at, kind, actor, None if kind in BETWEEN_STAFF else text, rating, provider, to_service, to_provider)
        for at, kind, actor, text, rating, provider, to_service, to_provider in rows
    ]


def is_last_move(event: Event) -> bool:
    """Whether a case was not passed on again after this."""
    moves = select(CaseMove.event_id).where(CaseMove.feedback_id == event.feedback_id)
    return db.session.scalar(moves.order_by(CaseMove.at.desc(), CaseMove.event_id.desc()).limit(1)) == event.id


def names_another_service(event: Event) -> bool:
    """Whether after a move the service or its provider is called otherwise: a contract that follows another is not."""
    move = db.session.scalars(select(CaseMove).where(CaseMove.event_id == event.id)).one()
    before = db.session.get(Contract, move.from_contract_id) if move.from_contract_id else None
    now = db.session.get_one(Contract, move.to_contract_id)
    return before is None or (before.service, before.provider.name) != (now.service, now.provider.name)


def may(case: Case | None) -> Mapping[str, bool]:
    """What the resident can do now, by kind of event. Without a case one can only add something."""
    if case is None:
        return {EventKind.ADDED: True}
    state, happened = state_of(case)
    allowed = {kind.value: rules.allows(state, happened, kind, Actor.RESIDENT) for kind in EventKind}
    # While it is open there is nothing to open again; nor where a new case goes on with it.
    may_reopen = allowed["reopened"] and case.status != CaseStatus.OPEN and EventKind.FOLLOWED not in happened
    return allowed | {"reopened": may_reopen}


def answer_due(feedback_id: int) -> datetime | None:
    """By when an answer to a feedback is promised to its resident; None where none is."""
    promised = func.coalesce(Case.still_promised, Case.respond_by)
    return db.session.scalar(select(promised).where(Case.feedback_id == feedback_id))


def what_it_was_joined_with(case: Case) -> Case | None:
    """The case in which a duplicate is answered, through all that were joined in turn; None where it is none.

    Of it a resident is told where it stands, and nothing that its own resident wrote or was told.
    """
    seen: set[int] = set()
    while case.duplicate_of_id is not None and case.id not in seen:
        seen.add(case.id)
        case = db.session.get_one(Case, case.duplicate_of_id)
    return case if seen else None


def is_told_of(feedback: Feedback, event: Event) -> bool:
    """Whether a resident hears of an event of the case that theirs was merged into, and is merged into still.

    That it was answered, once; how it ended, each time.
    """
    case = db.session.scalar(select(Case).where(Case.feedback_id == feedback.id))
    common = what_it_was_joined_with(case) if case is not None else None
    if common is None or common.feedback_id != event.feedback_id:
        return False
    if event.kind != EventKind.REPLIED:
        return True
    since = select(func.max(Event.at)).where(Event.feedback_id == feedback.id, Event.kind == EventKind.DUPLICATE)
    before = select(Event.id).where(
        Event.feedback_id == common.feedback_id,
        Event.kind.in_(rules.TOLD_TO_THE_JOINED),
        Event.at >= since.scalar_subquery(),
        or_(Event.at < event.at, and_(Event.at == event.at, Event.id < event.id)),
    )
    return db.session.scalar(before.limit(1)) is None


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
