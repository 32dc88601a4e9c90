"""Everything that changes photos: staged with a draft, kept with a feedback or an event, let through, forgotten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, insert, select

from app.audit.actions import note
from app.audit.rules import Verb
from app.extensions import db
from app.intake import photo_files
from app.intake.models import Feedback, MailPhoto, Photo, StagedPhoto
from app.intake.photos import Picture
from app.kernel import clock
from app.kernel.words import Actor, PhotoStatus
from app.outbox.actions import promise

STAGED_FOR = timedelta(hours=1)
LITTER_AFTER = 2 * STAGED_FOR
"""So long a file may wait for the row that says that it is kept: longer than any request lasts."""

LOOKED_BACK = timedelta(days=7)
"""How far back litter is looked for: as long as a worker may be down."""


@dataclass(frozen=True)
class Filed:
    """A photo whose files are written: what its row will say."""

    name: str
    sha256: str
    width: int
    height: int
    bytes: int


def file(pictures: Iterable[Picture]) -> list[Filed]:
    """Write the files of pictures. Whoever writes no rows for them leaves litter, which is swept."""
    now = clock.now()
    return [
        Filed(photo_files.write(each, now), each.sha256, each.width, each.height, len(each.data)) for each in pictures
    ]


def stage(agency_id: int, site_id: int, draft: str, photos: Sequence[Filed]) -> None:
    """Let the staged photos of a draft be these, for an hour from now: others of it were taken away."""
    mine = (StagedPhoto.site_id == site_id) & (StagedPhoto.draft == draft)
    before = set(db.session.scalars(select(StagedPhoto.name).where(mine)))
    db.session.execute(delete(StagedPhoto).where(mine))
    _forget(before - {each.name for each in photos}, agency_id)
    staged_at = clock.now()
    if photos:
        own = {"agency_id": agency_id, "site_id": site_id, "draft": draft, "staged_at": staged_at}
        db.session.execute(insert(StagedPhoto), [own | vars(each) for each in photos])


def staged(site_id: int, draft: str, names: Iterable[str]) -> list[Filed]:
    """Those of the named photos that are staged under this draft and whose hour is not over, in the order staged."""
    wanted = (
        select(StagedPhoto)
        .where(StagedPhoto.site_id == site_id, StagedPhoto.draft == draft, StagedPhoto.name.in_(set(names)))
        .where(StagedPhoto.staged_at > clock.now() - STAGED_FOR)
    )
    return [
        Filed(row.name, row.sha256, row.width, row.height, row.bytes)
        for row in db.session.scalars(wanted.order_by(StagedPhoto.id))
    ]


def is_staged(site_id: int, name: str) -> bool:
    """Whether a photo of this name, which only its sender knows, is staged at the site."""
    wanted = (StagedPhoto.site_id == site_id) & (StagedPhoto.name == name)
    return bool(db.session.scalar(select(exists().where(wanted, StagedPhoto.staged_at > clock.now() - STAGED_FOR))))


def keep(agency_id: int, feedback_id: int, photos: Sequence[Filed], *, status: PhotoStatus) -> None:
    """Keep the photos that a resident sent with their feedback: waiting, or released where the agency said so."""
    now = clock.now()
    own = {
        "agency_id": agency_id,
        "feedback_id": feedback_id,
        "actor": Actor.RESIDENT,
        "added_at": now,
        "status": status,
        "decided_at": None if status == PhotoStatus.WAITING else now,
    }
    db.session.execute(insert(Photo), [own | vars(each) for each in photos])


def attach(feedback: Feedback, event_id: int, photos: Sequence[Filed], *, by: Actor, member_id: int | None) -> None:
    """Keep what staff show as evidence with something they did; the other side sees it at once, the resident not."""
    now = clock.now()
    own = {
        "agency_id": feedback.agency_id,
        "feedback_id": feedback.id,
        "event_id": event_id,
        "actor": by,
        "member_id": member_id,
        "added_at": now,
        "status": PhotoStatus.RELEASED,
        "decided_at": now,
        "decided_by_id": member_id,
    }
    if photos:
        db.session.execute(insert(Photo), [own | vars(each) for each in photos])
        number = str(len(photos))
        note(Verb.ADDED, "photo", agency_id=feedback.agency_id, feedback_id=feedback.id, detail=number)


def decide(photo: Photo, status: PhotoStatus, *, member_id: int) -> None:
    """Let a photo through to the provider, or refuse it; what was decided can be decided otherwise."""
    photo.status, photo.decided_by_id, photo.decided_at = status, member_id, clock.now()
    db.session.flush()


def kept_of(feedback_id: int) -> set[str]:
    """The SHA-256 of what a resident sent with a feedback."""
    mine = select(Photo.sha256).where(Photo.feedback_id == feedback_id, Photo.actor == Actor.RESIDENT)
    return set(db.session.scalars(mine))


def erase(feedback: Feedback) -> None:
    """Forget the photos that a resident sent: rows now, files as soon as that is certain."""
    names = set(
        db.session.scalars(select(Photo.name).where(Photo.feedback_id == feedback.id, Photo.actor == Actor.RESIDENT))
    )
    if not names:
        return
    db.session.execute(delete(Photo).where(Photo.name.in_(names)))
    db.session.execute(delete(StagedPhoto).where(StagedPhoto.name.in_(names)))
    number = str(len(names))
    note(Verb.ERASED, "photo", agency_id=feedback.agency_id, feedback_id=feedback.id, detail=number)
    _forget(names, feedback.agency_id)


def forget(names: Sequence[str]) -> None:
    """Delete the files of photos that no row knows any more."""
    photo_files.remove(set(names) - _known(names))


def end_staging() -> None:
    """Forget the drafts whose hour is over; their files become litter."""
    db.session.execute(delete(StagedPhoto).where(StagedPhoto.staged_at <= clock.now() - STAGED_FOR))


def sweep() -> None:
    """Delete the files of the last days that no row knows, once none can come any more."""
    until = clock.now() - LITTER_AFTER
    forget(list(photo_files.written_between(until - LOOKED_BACK, until)))


def promise_sweep(now: datetime) -> None:
    """Once an hour."""
    promise("photos.sweep", key=f"photos.sweep:{now:%Y-%m-%dT%H}")


def _forget(names: Iterable[str], agency_id: int) -> None:
    if gone := sorted(names):
        promise("photos.forget", agency_id=agency_id, names=gone)


def _known(names: Sequence[str]) -> set[str]:
    """Those of the names that a row knows; of drafts, those whose hour is not over."""
    known: set[str] = set()
    for start in range(0, len(names), 500):
        some = names[start : start + 500]
        known.update(db.session.scalars(select(Photo.name).where(Photo.name.in_(some))))
        known.update(db.session.scalars(select(MailPhoto.name).where(MailPhoto.name.in_(some))))
        alive = StagedPhoto.staged_at > clock.now() - STAGED_FOR
        known.update(db.session.scalars(select(StagedPhoto.name).where(StagedPhoto.name.in_(some), alive)))
    return known
