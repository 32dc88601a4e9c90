"""What is published, for the public; and for an agency's members what it chose and what is on its way. Reads only."""

from collections.abc import Sequence
from datetime import date

from flask import abort
from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from app.directory.models import Agency, Contract
from app.extensions import db
from app.kernel.periods import Period
from app.transparency.models import Publication, PublicationFreeze, PublicationTerms, PublishedContract
from app.transparency.rules import Choice, PublicationState
from app.transparency.suppression import SMALLEST_CELL
from app.web.access import Viewer

APPROVED = (PublicationState.PUBLISHED, PublicationState.WITHDRAWN)


def publishing() -> Sequence[tuple[Agency, date]]:
    """The agencies with published figures, each with its latest month, by slug."""
    latest: dict[int, tuple[Agency, date]] = {}
    rows = db.session.execute(
        select(Agency, Publication.month)
        .join(Publication, Publication.agency_id == Agency.id)
        .where(Publication.state == PublicationState.PUBLISHED)
        .order_by(Agency.slug, Publication.month)
    )
    for agency, month in rows:
        latest[agency.id] = (agency, month)
    return list(latest.values())


def published_months(slug: str) -> Sequence[date]:
    """The months of an agency that the public can see, the newest first."""
    found = select(Publication.month).join(Agency, Agency.id == Publication.agency_id)
    found = found.where(Agency.slug == slug, Publication.state == PublicationState.PUBLISHED)
    return db.session.scalars(found.order_by(Publication.month.desc())).all()


def published_or_404(slug: str, month: date) -> Publication:
    """What was published about a month, also where it is withdrawn since: its page says so."""
    found = db.session.scalar(
        select(Publication)
        .join(Agency, Agency.id == Publication.agency_id)
        .options(joinedload(Publication.agency), defer(Publication.content), defer(Publication.kept))
        .where(Agency.slug == slug, Publication.month == month, Publication.state.in_(APPROVED))
    )
    return found if found is not None else abort(404)


def all_published(slug: str) -> Sequence[Publication]:
    """Everything of an agency that the public can see, the oldest month first."""
    found = select(Publication).join(Agency, Agency.id == Publication.agency_id)
    found = found.where(Agency.slug == slug, Publication.state == PublicationState.PUBLISHED)
    return db.session.scalars(found.options(defer(Publication.kept)).order_by(Publication.month)).all()


def publications_for(viewer: Viewer) -> Select[Publication]:
    return select(Publication).where(Publication.agency_id == viewer.agency_id)


def publications_of(viewer: Viewer) -> Sequence[Publication]:
    """All of the viewer's agency but those discarded, the newest month first."""
    found = publications_for(viewer).where(Publication.state != PublicationState.DISCARDED)
    found = found.options(defer(Publication.content), defer(Publication.kept))
    return db.session.scalars(found.order_by(Publication.month.desc())).all()


def publication_or_404(viewer: Viewer, publication_id: int) -> Publication:
    found = db.session.scalar(publications_for(viewer).where(Publication.id == publication_id))
    return found if found is not None else abort(404)


def last_approved(agency_id: int) -> Publication | None:
    """The newest month that the public has ever seen, withdrawn since or not."""
    found = select(Publication).where(Publication.agency_id == agency_id, Publication.state.in_(APPROVED))
    return db.session.scalars(found.order_by(Publication.month.desc()).limit(1)).first()


def smallest_cell(agency_id: int) -> int:
    wanted = select(PublicationTerms.smallest_cell).where(PublicationTerms.agency_id == agency_id)
    found = db.session.scalar(wanted)
    return SMALLEST_CELL if found is None else found


def choices(agency_id: int) -> dict[int, Choice]:
    """Contract → what was chosen about it; those not among these are not published."""
    rows = db.session.execute(
        select(PublishedContract.contract_id, PublishedContract.is_named).where(
            PublishedContract.agency_id == agency_id
        )
    )
    return {contract_id: Choice(is_published=True, is_named=is_named) for contract_id, is_named in rows}


def contracts_running(agency_id: int, period: Period) -> Sequence[Contract]:
    """The contracts of an agency that ran on a day of the period, by reference."""
    found = select(Contract).where(Contract.agency_id == agency_id)
    found = found.where(Contract.starts_on <= period.end, Contract.ends_on >= period.start)
    return db.session.scalars(found.options(joinedload(Contract.provider)).order_by(Contract.reference)).all()


def freezes_of(agency_id: int, today: date) -> Sequence[PublicationFreeze]:
    """The freezes that are not over, by their first day."""
    found = select(PublicationFreeze).where(
        PublicationFreeze.agency_id == agency_id, PublicationFreeze.ends_on >= today
    )
    return db.session.scalars(found.order_by(PublicationFreeze.starts_on, PublicationFreeze.id)).all()


def freeze_on(agency_id: int, day: date) -> PublicationFreeze | None:
    """A freeze in which a day lies."""
    return next((each for each in freezes_of(agency_id, day) if each.starts_on <= day), None)


def freeze_or_404(viewer: Viewer, freeze_id: int) -> PublicationFreeze:
    found = db.session.scalar(
        select(PublicationFreeze).where(
            PublicationFreeze.id == freeze_id, PublicationFreeze.agency_id == viewer.agency_id
        )
    )
    return found if found is not None else abort(404)
