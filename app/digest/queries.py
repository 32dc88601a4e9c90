"""Who gets a letter now, and what stands in it. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Member, Membership
from app.analysis.concerns import is_hidden
from app.analysis.models import Tag
from app.cases.models import Case
from app.digest.models import Sending, Subscription
from app.digest.rules import ContractWeek, Quotable, contract_week
from app.digest.timing import digest_due_at, latest_due_week
from app.directory.models import Agency, Contract, Kpi, Provider, Site
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import Period, week_before
from app.kernel.words import CaseStatus, Holder, Sentiment, in_language
from app.measures.kpis import kpi_on
from app.measures.queries import facts_with
from app.web.access import Viewer

SLOWEST = timedelta(days=90)
"""A case at which nothing happened for so long before the week has no limit that falls in it, unless it is open."""

QUOTABLE = 300
"""The newest so many texts of a week are looked through for quotes."""


@dataclass(frozen=True)
class Due:
    """A letter that should go now."""

    subscription: Subscription
    week: Period


@dataclass(frozen=True)
class OverdueCase:
    """A case beyond a limit: the reader's, nobody's at the agency, or one that the provider or a colleague has."""

    reference: str
    site: str
    contract_id: int | None
    due_at: datetime
    is_answered: bool
    is_mine: bool
    provider: str | None
    colleague: str | None

    @property
    def needs_the_reader(self) -> bool:
        return self.is_mine or (self.provider is None and self.colleague is None)


@dataclass(frozen=True)
class Week:
    """All that a letter is made of."""

    subscription: Subscription
    agency: Agency
    period: Period
    contracts: dict[int, Contract]
    weeks: tuple[ContractWeek, ...]
    overdue: tuple[OverdueCase, ...]
    quotable: tuple[Quotable, ...]


def subscriptions_of(viewer: Viewer) -> Sequence[Subscription]:
    """The viewer's own, running, at the agency they look through."""
    return db.session.scalars(
        select(Subscription).where(
            Subscription.member_id == viewer.member_id,
            Subscription.agency_id == viewer.agency_id,
            Subscription.ended_at.is_(None),
        )
    ).all()


def as_if_subscribed(member: Member, agency: Agency) -> Subscription:
    """A subscription to all of the agency that is not kept: to show what its letter would say."""
    return Subscription(
        member=member,
        member_id=member.id,
        agency=agency,
        agency_id=agency.id,
        contract_id=None,
        unsubscribe_token="none",  # noqa: S106 (opens nothing)
        since=clock.now(),
    )


def contracts_of(viewer: Viewer, on: datetime) -> Sequence[Contract]:
    """The contracts of the viewer's agency that have not ended, by reference."""
    running = (Contract.agency_id == viewer.agency_id, Contract.ends_on >= (on - timedelta(days=31)).date())
    return db.session.scalars(select(Contract).where(*running).order_by(Contract.reference)).all()


def by_token_or_404(token: str) -> Subscription:
    return db.session.scalar(select(Subscription).where(Subscription.unsubscribe_token == token)) or abort(404)


def due(now: datetime) -> list[Due]:
    """The letters that should have gone by ``now`` and were not promised: of each subscription the latest week only."""
    found = []
    for subscription in db.session.scalars(
        select(Subscription)
        .options(joinedload(Subscription.agency), joinedload(Subscription.member))
        .where(Subscription.ended_at.is_(None), Subscription.since <= now, _still_belongs())
        .order_by(Subscription.id)
    ):
        week = latest_due_week(now, subscription.agency.timezone)
        if subscription.since <= digest_due_at(week):
            found.append(Due(subscription, week))
    starts = {each.week.start for each in found}
    promised = select(Sending.subscription_id, Sending.period_start).where(Sending.period_start.in_(starts))
    known = {(subscription_id, start) for subscription_id, start in db.session.execute(promised)}
    return [each for each in found if (each.subscription.id, each.week.start) not in known]


def still_to_send(sending_id: int) -> Due | None:
    """A letter that was promised; None where it went, or nobody wants it or may read it any more."""
    row = db.session.execute(
        select(Subscription, Sending.period_start)
        .join(Sending, Sending.subscription_id == Subscription.id)
        .options(joinedload(Subscription.agency), joinedload(Subscription.member))
        .where(
            Sending.id == sending_id,
            Sending.sent_at.is_(None),
            Subscription.ended_at.is_(None),
            _still_belongs(),
        )
    ).one_or_none()
    if row is None:
        return None
    subscription, start = row
    return Due(subscription, Period(start, start + timedelta(days=6), subscription.agency.timezone))


def _still_belongs() -> ColumnElement[bool]:
    """The subscriber can still sign in and is still with the agency: else a letter would tell a stranger."""
    return and_(
        exists().where(Member.id == Subscription.member_id, Member.active),
        exists().where(Membership.member_id == Subscription.member_id, Membership.agency_id == Subscription.agency_id),
    )


def week_of(subscription: Subscription, period: Period, as_of: datetime) -> Week:
    """Everything the letter of ``subscription`` about ``period`` says, as it stands at ``as_of``."""
    agency = subscription.agency
    contracts = _contracts(subscription, period)
    language = subscription.member.language
    return Week(
        subscription=subscription,
        agency=agency,
        period=period,
        contracts=contracts,
        weeks=_weeks(contracts, period, as_of),
        overdue=_overdue(subscription, contracts, as_of, language),
        quotable=_quotable(contracts, period, as_of, language),
    )


def _contracts(subscription: Subscription, period: Period) -> dict[int, Contract]:
    """The one subscribed to, or all of the agency that ran in the week or just before it, by reference."""
    wanted = [Contract.agency_id == subscription.agency_id]
    if subscription.contract_id is not None:
        wanted.append(Contract.id == subscription.contract_id)
    else:
        wanted += [Contract.starts_on <= period.end, Contract.ends_on >= period.start - timedelta(days=31)]
    found = db.session.scalars(
        select(Contract).options(joinedload(Contract.provider)).where(*wanted).order_by(Contract.reference)
    )
    return {contract.id: contract for contract in found}


def _weeks(contracts: Collection[int], period: Period, as_of: datetime) -> tuple[ContractWeek, ...]:
    since = week_before(period).since
    matter = and_(
        Feedback.contract_id.in_(contracts),
        Feedback.submitted_at <= as_of,
        Feedback.id.in_(
            select(Case.feedback_id).where(
                or_(
                    Case.status == CaseStatus.OPEN,
                    Case.last_event_at >= since - SLOWEST,
                    Case.submitted_at >= since - SLOWEST,
                ),
            )
        ),
    )
    facts = {row.id: facts for row, facts in facts_with(matter, as_of)}
    whose = db.session.execute(select(Feedback.id, Feedback.contract_id).where(matter))
    contract_of = {feedback_id: contract_id for feedback_id, contract_id in whose}
    counts = (
        select(Feedback.contract_id, func.count(), func.count().filter(Feedback.has_text))
        .where(
            Feedback.contract_id.in_(contracts),
            Feedback.submitted_at >= period.since,
            Feedback.submitted_at < period.until,
        )
        .group_by(Feedback.contract_id)
    )
    received = {contract_id: (count, with_words) for contract_id, count, with_words in db.session.execute(counts)}
    kpis = db.session.scalars(
        select(Kpi).where(Kpi.contract_id.in_(contracts)).options(selectinload(Kpi.targets)).order_by(Kpi.code)
    ).all()
    return tuple(
        contract_week(
            contract_id,
            [each.case for id_, each in facts.items() if each.case is not None and contract_of[id_] == contract_id],
            received=received.get(contract_id, (0, 0)),
            kpis=[kpi_on(row, period.end) for row in kpis if row.contract_id == contract_id],
            week=period,
            as_of=as_of,
        )
        for contract_id in contracts
    )


def _overdue(
    subscription: Subscription, contracts: Collection[int], as_of: datetime, language: str
) -> tuple[OverdueCase, ...]:
    """All that is beyond a limit: the reader's own, then what nobody has, then what others have; each oldest first."""
    mine = Case.assignee_id == subscription.member_id
    rows = db.session.execute(
        select(
            Feedback.reference,
            Site.name,
            Case.contract_id,
            Case.respond_by,
            Case.resolve_by,
            Case.first_response_at,
            mine.label("is_mine"),
            case((Case.holder == Holder.PROVIDER, Provider.name)).label("provider"),
            case((~mine, func.coalesce(func.nullif(Member.name, ""), Member.email))).label("colleague"),
        )
        .join(Feedback, Feedback.id == Case.feedback_id)
        .join(Site, Site.id == Feedback.site_id)
        .outerjoin(Provider, Provider.id == Case.provider_id)
        .outerjoin(Member, Member.id == Case.assignee_id)
        .where(
            Case.agency_id == subscription.agency_id,
            Case.contract_id.in_(contracts),
            Case.status == CaseStatus.OPEN,
            or_(
                and_(Case.first_response_at.is_(None), Case.respond_by < as_of),
                # While we wait for the resident the limit to resolve is put off.
                and_(Case.waiting_since.is_(None), Case.resolve_by < as_of),
            ),
        )
    ).all()
    found = [
        OverdueCase(
            reference=row.reference,
            site=in_language(row.name, language),
            contract_id=row.contract_id,
            due_at=row.respond_by if row.first_response_at is None else row.resolve_by,
            is_answered=row.first_response_at is not None,
            is_mine=bool(row.is_mine),
            provider=in_language(row.provider, language) if row.provider else None,
            colleague=row.colleague,
        )
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda each: (not each.is_mine, not each.needs_the_reader, each.due_at, each.reference))
    )


def _quotable(contracts: Collection[int], period: Period, as_of: datetime, language: str) -> tuple[Quotable, ...]:
    """Redacted words sent in the week that are clearly pleased or displeased."""
    rows = db.session.execute(
        select(
            Tag.redacted,
            Tag.sentiment,
            Feedback.rating,
            Tag.language,
            Feedback.contract_id,
            Site.name,
            Feedback.submitted_at,
        )
        .join(Feedback, Feedback.id == Tag.feedback_id)
        .join(Site, Site.id == Feedback.site_id)
        .where(
            Feedback.contract_id.in_(contracts),
            Feedback.submitted_at >= period.since,
            Feedback.submitted_at < period.until,
            Feedback.submitted_at <= as_of,
            Tag.sentiment != Sentiment.NEUTRAL,
            # Letters are passed on: what no provider may see is not quoted in them.
            ~is_hidden(),
        )
        .order_by(Feedback.submitted_at.desc(), Feedback.id.desc())
        .limit(QUOTABLE)
    )
    return tuple(
        Quotable(text, sentiment, rating, spoken, contract_id, in_language(name, language), at)
        for text, sentiment, rating, spoken, contract_id, name, at in rows
    )
