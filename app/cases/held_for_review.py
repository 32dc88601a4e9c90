"""What is held for review: who looks at it, what they see of it, and what they say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlalchemy import Select, func, select

from app.cases import actions, disclosure
from app.cases.models import Event
from app.cases.words import MessageWords
from app.directory.models import Contract, Site
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback, Photo, Suspicion
from app.intake.rules import read_reference
from app.kernel import clock
from app.kernel.database import insertion
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Actor, EventKind, FeedbackKind, Sign, Words
from app.web.access import Viewer

SHOWN = 50
"""So many on one page; whoever has decided them sees the next."""


@dataclass(frozen=True)
class Held:
    """A feedback that is held, as its agency sees it: words and messages without persons, None where erased."""

    reference: str
    submitted_at: datetime
    site: Words
    contract: Words | None
    kind: FeedbackKind
    rating: int | None
    has_text: bool
    text: str | None
    place: str | None
    added: tuple[str, ...]
    photos: int
    signs: tuple[Sign, ...]
    is_urgent: bool
    set_aside_at: datetime | None


def for_viewer(viewer: Viewer) -> Select[Feedback, Suspicion]:
    """What is held for the viewer's agency; others have none."""
    wanted = select(Feedback, Suspicion).join(Suspicion, Suspicion.feedback_id == Feedback.id)
    return wanted.where(Suspicion.agency_id == viewer.agency_id, Feedback.is_held)


def waiting(viewer: Viewer) -> list[Held]:
    """What nobody has looked at: what may be urgent first, then the oldest; at most ``SHOWN``."""
    found = for_viewer(viewer).where(Suspicion.is_waiting)
    return _shown(found.order_by(Suspicion.is_urgent.desc(), Feedback.submitted_at, Feedback.id))


def set_aside_by(viewer: Viewer) -> list[Held]:
    """What was set aside as spam, the newest first; at most ``SHOWN``."""
    found = for_viewer(viewer).where(Suspicion.is_waiting.is_(False))
    return _shown(found.order_by(Suspicion.set_aside_at.desc(), Feedback.id.desc()))


def number_waiting(viewer: Viewer) -> int:
    """How much nobody has looked at."""
    waiting = (Suspicion.agency_id == viewer.agency_id, Suspicion.is_waiting)
    return db.session.scalar(select(func.count()).select_from(Suspicion).where(*waiting)) or 0


def feedback_or_404(viewer: Viewer, reference: str) -> Feedback:
    """What is held under a reference; what was released is held no more."""
    found: Feedback | None = db.session.scalar(
        for_viewer(viewer).where(Feedback.reference == read_reference(reference))
    )
    return found if found is not None else abort(404)


def is_held_for(viewer: Viewer, reference: str) -> bool:
    """Whether what is asked for by its reference is among them."""
    wanted = for_viewer(viewer).where(Feedback.reference == read_reference(reference))
    return db.session.execute(wanted).first() is not None


def note_held(feedback_id: int, agency_id: int, submitted_at: datetime) -> None:
    """Begin the history of what has only just been taken in and is held: it says so, and when."""
    now = clock.now()
    event = {
        "agency_id": agency_id,
        "feedback_id": feedback_id,
        "at": max(now, submitted_at),
        "recorded_at": now,
        "kind": EventKind.HELD,
        "actor": Actor.SYSTEM,
        "has_message": False,
        "is_imported": False,
    }
    db.session.connection().execute(insertion(Event), event)


def release(feedback: Feedback, *, member_id: int | None) -> None:
    """Let it through: it counts from now on, and a complaint has its case, whose clocks start at its submission."""
    _hold(feedback)
    intake.release(feedback)
    actions.record_review(feedback, EventKind.RELEASED, Actor.AGENCY, member_id=member_id)
    actions.open_for(feedback)


def set_aside(feedback: Feedback, *, member_id: int | None) -> None:
    """Say that it is spam: nobody sees it any more but on the page of what was set aside. ``MoveNotAllowed`` twice."""
    _hold(feedback)
    if not intake.suspicion_of(feedback).is_waiting:
        raise MoveNotAllowed("it is set aside already")
    intake.set_aside(feedback)
    actions.record_review(feedback, EventKind.SET_ASIDE, Actor.AGENCY, member_id=member_id)


def put_back(feedback: Feedback, *, by: Actor, member_id: int | None = None) -> None:
    """Have it looked at again. ``MoveNotAllowed`` where it waits already."""
    _hold(feedback)
    if intake.suspicion_of(feedback).is_waiting:
        raise MoveNotAllowed("it waits to be looked at already")
    intake.put_back(feedback)
    actions.record_review(feedback, EventKind.PUT_BACK, by, member_id=member_id)


def resident_adds(feedback: Feedback, message: str) -> None:
    """Keep what a resident adds to what is held; if it was set aside, somebody looks at it again."""
    actions.resident_adds(feedback, message)
    if not intake.suspicion_of(feedback).is_waiting:
        put_back(feedback, by=Actor.SYSTEM)


def was_set_aside(feedback: Feedback) -> bool:
    """Whether somebody of the agency found that it is spam."""
    suspicion = db.session.get(Suspicion, feedback.id)
    return feedback.is_held and suspicion is not None and not suspicion.is_waiting


def _hold(feedback: Feedback) -> None:
    """Wait for whoever decides about it now; ``MoveNotAllowed`` where they have let it through."""
    intake.suspicion_of(feedback)
    db.session.refresh(feedback)
    if not feedback.is_held:
        raise MoveNotAllowed("it is held no more")


def _shown(wanted: Select[Feedback, Suspicion]) -> list[Held]:
    rows = db.session.execute(
        wanted.add_columns(Site.name, Contract.title)
        .join(Site, Site.id == Feedback.site_id)
        .outerjoin(Contract, Contract.id == Feedback.contract_id)
        .limit(SHOWN)
    ).all()
    ids = [row.Feedback.id for row in rows]
    said, added, photos = disclosure.without_persons(ids), _added(ids), _photos(ids)
    return [
        Held(
            reference=feedback.reference,
            submitted_at=feedback.submitted_at,
            site=site,
            contract=contract,
            kind=feedback.kind,
            rating=feedback.rating,
            has_text=feedback.has_text,
            text=said[feedback.id][0],
            place=said[feedback.id][1],
            added=added.get(feedback.id, ()),
            photos=photos.get(feedback.id, 0),
            signs=tuple(Sign(each) for each in suspicion.signs),
            is_urgent=suspicion.is_urgent,
            set_aside_at=suspicion.set_aside_at,
        )
        for feedback, suspicion, site, contract in rows
    ]


def _added(ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    rows = db.session.execute(
        select(Event.feedback_id, MessageWords.redacted)
        .join(MessageWords, MessageWords.event_id == Event.id)
        .where(Event.feedback_id.in_(ids), Event.kind == EventKind.ADDED)
        .order_by(Event.at, Event.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for feedback_id, text in rows:
        found[feedback_id] = (*found.get(feedback_id, ()), text or "")
    return found


def _photos(ids: Sequence[int]) -> Mapping[int, int]:
    counted = select(Photo.feedback_id, func.count()).where(Photo.feedback_id.in_(ids)).group_by(Photo.feedback_id)
    return {feedback_id: n for feedback_id, n in db.session.execute(counted)}
