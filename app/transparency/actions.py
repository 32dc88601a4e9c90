"""Choosing what is published, drafting a month, and deciding that it appears."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.directory.models import Agency
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import DomainError, StaleVersion
from app.kernel.periods import Period, day_of, local, month_of
from app.reports.frozen import hash_of
from app.transparency import queries
from app.transparency.gathering import gather
from app.transparency.models import Publication, PublicationFreeze, PublicationTerms, PublishedContract
from app.transparency.rules import PublicationState, PublicationStep, check_step


class CannotDraft(DomainError):
    """A month that cannot be drafted now: not over, not after the last one, another on its way, nothing chosen."""


def choose(agency_id: int, published: Collection[int], named: Collection[int], smallest_cell: int) -> None:
    """From the next draft on these contracts are published, and the providers of those named among them."""
    before = db.session.scalars(select(PublishedContract).where(PublishedContract.agency_id == agency_id))
    chosen = {each.contract_id: each for each in before}
    for contract_id in sorted(chosen.keys() | set(published)):
        is_named = contract_id in named
        if contract_id not in chosen:
            db.session.add(PublishedContract(agency_id=agency_id, contract_id=contract_id, is_named=is_named))
        elif contract_id not in published:
            db.session.delete(chosen[contract_id])
        else:
            chosen[contract_id].is_named = is_named
    terms = db.session.scalar(select(PublicationTerms).where(PublicationTerms.agency_id == agency_id))
    if terms is None:
        terms = PublicationTerms(agency_id=agency_id)
        db.session.add(terms)
    terms.smallest_cell = smallest_cell
    db.session.flush()


def freeze(agency_id: int, starts_on: date, ends_on: date, why: str, *, member_id: int | None) -> PublicationFreeze:
    """In these days nothing appears."""
    made = PublicationFreeze(agency_id=agency_id, starts_on=starts_on, ends_on=ends_on, why=why, set_by_id=member_id)
    db.session.add(made)
    db.session.flush()
    return made


def lift(found: PublicationFreeze) -> None:
    db.session.delete(found)
    db.session.flush()


def draft(agency: Agency, day: date, *, member_id: int | None) -> Publication:
    """Count the month of ``day`` and decide what of it is hidden; it appears when somebody has approved it.

    ``CannotDraft`` unless the month is over and later than all that the public has seen: weeks and months are hidden
    with a view to what is out already.
    """
    # Two drafts at once would not know of each other.
    db.session.execute(select(Agency.id).where(Agency.id == agency.id).with_for_update())
    now = clock.now()
    month = month_at(day, agency.timezone)
    last = queries.last_approved(agency.id)
    choices = queries.choices(agency.id)
    contracts = queries.contracts_running(agency.id, month)
    if month.until > now or (last is not None and month.start <= last.month):
        raise CannotDraft("the month is not over, or not after the last one")
    if draft_of(agency.id) is not None:
        raise CannotDraft("another month is on its way")
    if not any(choices[contract.id].is_published for contract in contracts if contract.id in choices):
        raise CannotDraft("no contract is chosen")
    smallest = queries.smallest_cell(agency.id)
    is_next = last is not None and month_at(last.month, agency.timezone).until == month.since
    content, kept = gather(
        agency, month, contracts, choices, before=last if is_next else None, smallest=smallest, as_of=now
    )
    made = Publication(
        agency_id=agency.id,
        month=month.start,
        state=PublicationState.DRAFT,
        as_of=now,
        smallest_cell=smallest,
        content=content,
        kept=kept,
        content_hash=hash_of(content),
        drafted_by_id=member_id,
    )
    db.session.add(made)
    db.session.flush()
    return made


def draft_of(agency_id: int) -> Publication | None:
    """The month on its way."""
    wanted = select(Publication).where(Publication.agency_id == agency_id, Publication.state == PublicationState.DRAFT)
    return db.session.scalar(wanted)


def approve(found: Publication, name: str, *, member_id: int | None, version: int) -> None:
    """Somebody stands for it by name; from now on everybody sees it."""
    _check(found, PublicationStep.APPROVE, version)
    found.state = PublicationState.PUBLISHED
    found.approved_at, found.approved_by_id, found.approved_by = clock.now(), member_id, name
    db.session.flush()


def discard(found: Publication, *, version: int) -> None:
    _check(found, PublicationStep.DISCARD, version)
    found.state = PublicationState.DISCARDED
    db.session.flush()


def withdraw(found: Publication, why: str, *, member_id: int | None, version: int) -> None:
    """Take it away again; its page says when and why."""
    _check(found, PublicationStep.WITHDRAW, version)
    found.state, found.why_withdrawn = PublicationState.WITHDRAWN, why
    found.withdrawn_at, found.withdrawn_by_id = clock.now(), member_id
    db.session.flush()


def restore(found: Publication, *, version: int) -> None:
    """Show again what was withdrawn, as it was: other figures of the same month could be subtracted from these."""
    _check(found, PublicationStep.RESTORE, version)
    found.state = PublicationState.PUBLISHED
    found.withdrawn_at = found.withdrawn_by_id = found.why_withdrawn = None
    db.session.flush()


def month_at(day: date, timezone: str) -> Period:
    """The month in which a day lies."""
    return month_of(local(day, 0, timezone), timezone)


def _check(found: Publication, step: PublicationStep, version: int) -> None:
    if found.version != version:
        raise StaleVersion(f"publication {found.id} is at version {found.version}, not {version}")
    today = day_of(clock.now(), found.agency.timezone)
    check_step(found.state, step, is_frozen=queries.freeze_on(found.agency_id, today) is not None)
