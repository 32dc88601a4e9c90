"""The photos of a feedback as each viewer may see them."""

from collections.abc import Sequence

from flask import abort
from sqlalchemy import Select, and_, exists, func, select

from app.cases.models import Event
from app.cases.queries import is_before_a_move, provider_then
from app.extensions import db
from app.intake.models import Feedback, Photo
from app.kernel.words import Actor, PhotoStatus, Role
from app.web.access import Viewer

DECIDERS = (Role.OFFICER, Role.MANAGER)
"""Who looks at photos first, and lets them through or refuses them."""


def seen_by(viewer: Viewer, feedback: Feedback) -> Sequence[Photo]:
    """The photos of a feedback that the viewer sees, oldest first: all for who decides, else those released."""
    return db.session.scalars(_seen(viewer, feedback).order_by(Photo.id)).all()


def number_checked(viewer: Viewer, feedback: Feedback) -> int:
    """How many photos of a feedback an officer has still to look at, of which the viewer sees nothing until then."""
    if viewer.agency_id == feedback.agency_id and viewer.role in DECIDERS:
        return 0
    waiting = (Photo.feedback_id == feedback.id, Photo.status == PhotoStatus.WAITING)
    return db.session.scalar(select(func.count()).select_from(Photo).where(*waiting)) or 0


def one_or_404(viewer: Viewer, feedback: Feedback, photo_id: int) -> Photo:
    """One of them; what the viewer may not see is not there."""
    photo: Photo | None = db.session.scalar(_seen(viewer, feedback).where(Photo.id == photo_id))
    return photo if photo is not None else abort(404)


def _seen(viewer: Viewer, feedback: Feedback) -> Select[Photo]:
    photos = select(Photo).where(Photo.feedback_id == feedback.id)
    if viewer.agency_id == feedback.agency_id and viewer.role in DECIDERS:
        return photos
    released = photos.where(Photo.status == PhotoStatus.RELEASED)
    if viewer.agency_id == feedback.agency_id:
        return released
    # What another provider attached before the case was moved is between them and the agency.
    is_anothers = func.coalesce(provider_then(), 0) != viewer.provider_id
    anothers = exists().where(Event.id == Photo.event_id, is_before_a_move(), is_anothers)
    return released.where(~and_(Photo.actor == Actor.PROVIDER, anothers))
