"""What has happened that staff must hear of: whom it concerns, and what of it they have not seen yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Member, Membership
from app.cases import queries, rules
from app.cases.calling_staff import WHO_ACTS
from app.cases.models import Case, Event, Look
from app.directory.models import Agency, Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import Actor, CaseStatus, EventKind, Holder, Words


@dataclass(frozen=True)
class News:
    """One case that somebody must see to: no words and no persons, since mail goes through many hands."""

    reference: str
    kind: EventKind
    by: Actor
    agency: Words
    service: Words | None
    # Until when an answer is due, where there was none yet; shown in the agency's zone.
    answer_by: datetime | None
    timezone: str


def recipients(event_id: int) -> Sequence[int]:
    """The members who must hear of an event, as the case stands now: whoever sees to it, or the provider's staff."""
    wanted = _concerning().with_only_columns(Membership.member_id).where(Event.id == event_id)
    return db.session.scalars(wanted.distinct().order_by(Membership.member_id)).all()


def is_new_work(event: Event) -> bool:
    """A case was given to a provider: its people hear of it once a day, of all else when the hour is over."""
    return event.kind == EventKind.ASSIGNED


def new_work(member: Member, since: datetime, until: datetime) -> tuple[News, ...]:
    """The cases that were given to a member's provider then, and that nobody there has seen: each once."""
    return _unseen(member, since, until, Event.kind == EventKind.ASSIGNED)


def unseen(member: Member, since: datetime, until: datetime) -> tuple[News, ...]:
    """The other news from ``since`` until before ``until`` that concern a member and were not seen: each case once."""
    return _unseen(member, since, until, Event.kind != EventKind.ASSIGNED)


def _unseen(member: Member, since: datetime, until: datetime, which: ColumnElement[bool]) -> tuple[News, ...]:
    found: dict[str, News] = {}
    for membership in member.memberships:
        wanted = _concerning().where(
            queries.may_see(membership),
            Membership.id == membership.id,
            which,
            Event.recorded_at >= since,
            Event.recorded_at < until,
            ~_is_acted_on(),
            ~_is_looked_at(),
        )
        for row in db.session.execute(wanted.order_by(Event.at, Event.id)):
            found[row.reference] = News(
                row.reference, row.kind, row.actor, row.agency, row.service, row.answer_by, row.timezone
            )
    return tuple(found.values())


def _concerning() -> Any:
    """Events with the memberships that must hear of them, but for who did it themselves."""
    return (
        select(
            Feedback.reference,
            Event.kind,
            Event.actor,
            Agency.name.label("agency"),
            Agency.timezone,
            Contract.service,
            case((Case.first_response_at.is_(None), Case.respond_by)).label("answer_by"),
        )
        .select_from(Event)
        .join(Feedback, Feedback.id == Event.feedback_id)
        .join(Agency, Agency.id == Event.agency_id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .outerjoin(Contract, Contract.id == Feedback.contract_id)
        .join(Membership, _must_act())
        .join(Member, Member.id == Membership.member_id)
        .where(Member.active, or_(Event.member_id.is_(None), Event.member_id != Membership.member_id))
    )


def _must_act() -> ColumnElement[bool]:
    """Over ``Event``, ``Case`` and ``Membership``. Where nobody sees to a case: who last did something about it.

    What a provider without accounts holds, somebody of the agency must keep an eye on.
    """
    did = aliased(Event)
    last = (
        select(did.member_id)
        .where(did.feedback_id == Event.feedback_id, did.actor == Actor.AGENCY, did.member_id.is_not(None))
        .order_by(did.at.desc(), did.id.desc())
        .limit(1)
        .correlate(Event)
        .scalar_subquery()
    )
    of_agency = and_(Membership.agency_id == Event.agency_id, Membership.role.in_(WHO_ACTS))
    return or_(
        and_(
            Case.holder == Holder.PROVIDER,
            Case.status != CaseStatus.DUPLICATE,
            Membership.provider_id == Case.provider_id,
            queries.is_one_of(Event, rules.NEWS[Holder.PROVIDER]),
        ),
        and_(
            # What was merged the agency sees to, whoever held it before.
            or_(
                Case.id.is_(None),
                Case.holder == Holder.AGENCY,
                Case.status == CaseStatus.DUPLICATE,
                ~_provider_has_staff(),
            ),
            of_agency,
            Membership.member_id == func.coalesce(Case.assignee_id, last),
            queries.is_one_of(Event, rules.NEWS[Holder.AGENCY]),
        ),
        and_(
            Event.kind == EventKind.TAKEN_BY,
            of_agency,
            Membership.member_id == Case.assignee_id,
            Event.changed_to == cast(Membership.member_id, String),
        ),
    )


def _provider_has_staff() -> ColumnElement[bool]:
    """Over ``Case``: somebody of its provider can sign in."""
    theirs = aliased(Membership)
    wanted = select(theirs.id).join(Member, Member.id == theirs.member_id)
    return wanted.where(theirs.provider_id == Case.provider_id, Member.active).correlate(Case).exists()


def _is_acted_on() -> ColumnElement[bool]:
    """Over ``Event`` and ``Membership``: somebody on the member's side has done something about it since."""
    later = aliased(Event)
    by_their_side = or_(
        and_(Membership.agency_id.is_not(None), later.actor == Actor.AGENCY),
        and_(Membership.provider_id.is_not(None), later.actor == Actor.PROVIDER),
    )
    since = select(later.id).where(
        later.feedback_id == Event.feedback_id, by_their_side, queries.is_after(later, Event)
    )
    return since.correlate(Event, Membership).exists()


def _is_looked_at() -> ColumnElement[bool]:
    """Over ``Event`` and ``Membership``: the member has looked since."""
    since = select(Look.id).where(
        Look.feedback_id == Event.feedback_id, Look.member_id == Membership.member_id, Look.at >= Event.at
    )
    return since.correlate(Event, Membership).exists()
