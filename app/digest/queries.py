"""Who gets a letter now, and what stands in it. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import joinedload

from app.accounts.models import Member, Membership
from app.analysis.concerns import is_hidden, to_settle
from app.analysis.models import Tag
from app.cases.models import Case, Verdict
from app.cases.queries import is_for_the_manager, is_to_decide_by, may_see
from app.digest.models import DigestWish, Sending, Subscription
from app.digest.rules import (
    Called,
    ContractWeek,
    Mood,
    Quotable,
    changes,
    contract_of,
    contract_week,
    time_before,
    told_apart_by,
    trend_mondays,
)
from app.digest.timing import DIGEST_HOUR, MONDAY_AT_EIGHT, digest_due_at, latest_due_week
from app.directory.models import Agency, Contract, Kpi, Provider, Site
from app.directory.queries import for_viewer
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import Period, day_of, local
from app.kernel.shares import share_of
from app.kernel.words import CaseStatus, Holder, Role, Sentiment, VerdictStage, in_language
from app.mail.bounces import returned_among
from app.measures.kpis import kpi_on
from app.measures.notable_changes import Change
from app.measures.queries import counts_at, facts_with
from app.reports.counting import Span
from app.reports.report import own_changes
from app.reviews.models import AgreedAction
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
class AwaitedCase:
    """What only the reader and those of the same office can decide, and why: concern, stage of its verdict, returns."""

    reference: str
    site: str
    contract_id: int | None
    is_concern: bool = False
    stage: VerdictStage | None = None
    times_reopened: int = 0


@dataclass(frozen=True)
class Week:
    """All that a letter is made of."""

    subscription: Subscription
    reader: Membership
    agency: Agency
    period: Period
    contracts: dict[int, Contract]
    # What tells a contract from others of the same service; empty where there are none.
    apart: dict[int, tuple[str, ...]]
    weeks: tuple[ContractWeek, ...]
    awaited: tuple[AwaitedCase, ...]
    overdue: tuple[OverdueCase, ...]
    quotable: tuple[Quotable, ...]
    changes: tuple[Change, ...]
    # Among how many comparisons these were found, and those that each of these contracts' own report makes.
    compared: int
    own: dict[int, tuple[Change, ...]]
    # What should have been done by now; and what the provider says is done, where the reader may accept it.
    agreed: tuple[AgreedAction, ...]
    said_done: tuple[AgreedAction, ...]


ACCEPTING = (Role.OFFICER, Role.MANAGER)
"""Who says of an agreed action that it is done."""


def subscriptions_of(viewer: Viewer) -> Sequence[Subscription]:
    """The viewer's own, running, at the agency they look through, or about the contracts of their provider."""
    mine = select(Subscription).where(Subscription.member_id == viewer.member_id, Subscription.ended_at.is_(None))
    if viewer.provider_id is not None:
        theirs = select(Contract.id).where(Contract.provider_id == viewer.provider_id)
        return db.session.scalars(mine.where(Subscription.contract_id.in_(theirs))).all()
    return db.session.scalars(mine.where(Subscription.agency_id == viewer.agency_id)).all()


def wish_of(member_id: int) -> DigestWish:
    """When a member wants their emails; what nobody has chosen is not kept."""
    found = db.session.scalar(select(DigestWish).where(DigestWish.member_id == member_id))
    return found or DigestWish(member_id=member_id, every=1, weekday=0, hour=DIGEST_HOUR, with_pdf=False)


def reader_of(subscription: Subscription) -> Membership | None:
    """The membership through which a letter is read: with the agency or, about one contract, with its provider."""
    mine = select(Membership).where(Membership.member_id == subscription.member_id)
    found = db.session.scalar(mine.where(Membership.agency_id == subscription.agency_id))
    if found is None and subscription.contract is not None:
        found = db.session.scalar(mine.where(Membership.provider_id == subscription.contract.provider_id))
    return found


def as_if_subscribed(member: Member, agency: Agency, contract: Contract | None = None) -> Subscription:
    """A subscription to all of the agency, or to a contract, that is not kept: to show what its letter would say."""
    return Subscription(
        member=member,
        member_id=member.id,
        agency=agency,
        agency_id=agency.id,
        contract=contract,
        contract_id=contract.id if contract else None,
        unsubscribe_token="none",  # noqa: S106 (opens nothing)
        since=clock.now(),
    )


def contracts_of(viewer: Viewer, on: datetime) -> Sequence[Contract]:
    """The viewer's contracts that have not ended, by reference."""
    running = Contract.ends_on >= (on - timedelta(days=31)).date()
    return db.session.scalars(for_viewer(viewer).where(running).order_by(Contract.reference, Contract.id)).all()


def by_token_or_404(token: str) -> Subscription:
    return db.session.scalar(select(Subscription).where(Subscription.unsubscribe_token == token)) or abort(404)


def due(now: datetime) -> list[Due]:
    """The letters that should have gone by ``now`` and were not promised: of each subscription the latest week only."""
    found = []
    rows = db.session.execute(
        select(Subscription, DigestWish)
        .outerjoin(DigestWish, DigestWish.member_id == Subscription.member_id)
        .options(joinedload(Subscription.agency), joinedload(Subscription.member))
        .where(Subscription.ended_at.is_(None), Subscription.since <= now, _still_belongs())
        .order_by(Subscription.id)
    ).all()
    returned = returned_among(subscription.member.email for subscription, _ in rows)
    for subscription, wish in rows:
        when = wish.when if wish else MONDAY_AT_EIGHT
        week = latest_due_week(now, subscription.agency.timezone, when)
        if subscription.since <= digest_due_at(week, when) and subscription.member.email not in returned:
            found.append(Due(subscription, week))
    starts = {each.week.start for each in found}
    promised = select(Sending.subscription_id, Sending.period_start).where(Sending.period_start.in_(starts))
    known = {(subscription_id, start) for subscription_id, start in db.session.execute(promised)}
    return [each for each in found if (each.subscription.id, each.week.start) not in known]


def still_to_send(sending_id: int) -> Due | None:
    """A letter that was promised; None where it went, or nobody wants it or may read it any more."""
    row = db.session.execute(
        select(Subscription, Sending.period_start, Sending.period_end)
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
    subscription, start, end = row
    return Due(subscription, Period(start, end or start + timedelta(days=6), subscription.agency.timezone))


def _still_belongs() -> ColumnElement[bool]:
    """The subscriber can still sign in and is still belongs to the agency or provider: no letter goes to a stranger."""
    mine = Membership.member_id == Subscription.member_id
    delivers = and_(Contract.id == Subscription.contract_id, Contract.provider_id == Membership.provider_id)
    return and_(
        exists().where(Member.id == Subscription.member_id, Member.active),
        or_(
            exists().where(mine, Membership.agency_id == Subscription.agency_id),
            exists().where(mine, delivers),
        ),
    )


def week_of(subscription: Subscription, period: Period, as_of: datetime) -> Week:
    """Everything the letter of ``subscription`` about ``period`` says, as it stands at ``as_of``."""
    agency = subscription.agency
    contracts = _contracts(subscription, period)
    language = subscription.member.language
    reader = reader_of(subscription) or abort(404)
    weeks = _weeks(contracts, period, as_of)
    found = changes(weeks, _moods(contracts, period, as_of))
    changed = {contract_of(each) for each in found.notable}
    agreed = _agreed(contracts, day_of(as_of, agency.timezone))
    return Week(
        subscription=subscription,
        reader=reader,
        agency=agency,
        period=period,
        contracts=contracts,
        apart=_apart(reader, contracts, period, language),
        weeks=weeks,
        awaited=(*_concerns(reader, subscription, language), *_to_decide(reader, subscription, language)),
        overdue=_overdue(reader, contracts, as_of, language),
        quotable=_quotable(reader, contracts, period, as_of, language),
        changes=found.notable,
        compared=found.of,
        own=own_changes([contracts[each] for each in changed], Span(period, as_of)),
        agreed=tuple(each for each in agreed if not each.said_done),
        said_done=tuple(each for each in agreed if each.said_done and reader.role in ACCEPTING),
    )


def _contracts(subscription: Subscription, period: Period) -> dict[int, Contract]:
    """The one subscribed to, or all of the agency that ran in the week or just before it, by reference."""
    wanted = [Contract.agency_id == subscription.agency_id]
    if subscription.contract_id is not None:
        wanted.append(Contract.id == subscription.contract_id)
    else:
        wanted.append(_ran_in(period))
    found = db.session.scalars(
        select(Contract).options(joinedload(Contract.provider)).where(*wanted).order_by(Contract.reference)
    )
    return {contract.id: contract for contract in found}


def _ran_in(period: Period) -> ColumnElement[bool]:
    """In the week or just before it."""
    return and_(Contract.starts_on <= period.end, Contract.ends_on >= period.start - timedelta(days=31))


def _apart(
    reader: Membership, contracts: dict[int, Contract], period: Period, language: str
) -> dict[int, tuple[str, ...]]:
    """Who gets a letter about each contract must tell the letters apart, too: among are all that the reader may see."""
    theirs = (
        Contract.provider_id == reader.provider_id
        if reader.provider_id is not None
        else Contract.agency_id == reader.agency_id
    )
    seen = db.session.scalars(select(Contract).options(joinedload(Contract.provider)).where(theirs, _ran_in(period)))
    called = {
        contract.id: Called(
            in_language(contract.service, language), contract.reference, in_language(contract.provider.name, language)
        )
        for contract in (*contracts.values(), *seen)
    }
    return {contract_id: told_apart_by(called[contract_id], called.values()) for contract_id in contracts}


def _weeks(contracts: Collection[int], period: Period, as_of: datetime) -> tuple[ContractWeek, ...]:
    since = min(time_before(period).since, local(trend_mondays(period)[0], 0, period.timezone))
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
            counts_at(as_of),
        )
        .group_by(Feedback.contract_id)
    )
    received = {contract_id: (count, with_words) for contract_id, count, with_words in db.session.execute(counts)}
    kpis = db.session.scalars(select(Kpi).where(Kpi.contract_id.in_(contracts)).order_by(Kpi.code)).all()
    return tuple(
        contract_week(
            contract_id,
            [each.case for id_, each in facts.items() if each.case is not None and contract_of[id_] == contract_id],
            received=received.get(contract_id, (0, 0)),
            kpis=[
                kpi_on(row, period.end) for row in kpis if row.contract_id == contract_id and row.holds_on(period.end)
            ],
            week=period,
            as_of=as_of,
        )
        for contract_id in contracts
    )


def _moods(contracts: Collection[int], period: Period, as_of: datetime) -> dict[tuple[int, bool], Mood]:
    """Contract and whether it is of now (or of the time before) → how it was spoken of."""
    before = time_before(period)
    is_now = (Feedback.submitted_at >= period.since).label("is_now")
    rows = db.session.execute(
        select(
            Feedback.contract_id,
            is_now,
            func.count(Feedback.rating),
            func.count().filter(Feedback.rating >= 4),
            func.count(Tag.sentiment),
            func.count().filter(Tag.sentiment == Sentiment.NEGATIVE),
        )
        .outerjoin(Tag, Tag.feedback_id == Feedback.id)
        .where(
            Feedback.contract_id.in_(contracts),
            Feedback.submitted_at >= before.since,
            Feedback.submitted_at < period.until,
            Feedback.submitted_at <= as_of,
            counts_at(as_of),
        )
        .group_by(Feedback.contract_id, is_now)
    )
    return {
        (contract_id, bool(now)): Mood(share_of(pleased, rated), share_of(negative, read))
        for contract_id, now, rated, pleased, read, negative in rows
        if contract_id is not None
    }


def _agreed(contracts: Collection[int], today: date) -> tuple[AgreedAction, ...]:
    """What was agreed and should have been done by now, or is said to be done and waits for the agency; by its day."""
    found = select(AgreedAction).where(AgreedAction.contract_id.in_(contracts), AgreedAction.done_on.is_(None))
    rows = db.session.scalars(found.order_by(AgreedAction.due_on, AgreedAction.id))
    return tuple(each for each in rows if each.due_on < today or each.said_done)


def _concerns(reader: Membership, subscription: Subscription, language: str) -> list[AwaitedCase]:
    """Safeguarding concerns that are open, the oldest first: for those who close and release them."""
    if not reader.is_safeguarding_officer:
        return []
    rows = db.session.execute(_of_the_letter(reader, subscription).where(Feedback.id.in_(to_settle())))
    return [
        AwaitedCase(row.reference, in_language(row.name, language), row.contract_id, is_concern=True) for row in rows
    ]


def _to_decide(reader: Membership, subscription: Subscription, language: str) -> list[AwaitedCase]:
    """What the inbox shows a manager as theirs, the oldest first."""
    if reader.role != Role.MANAGER:
        return []
    is_theirs = and_(Verdict.feedback_id == Feedback.id, is_to_decide_by(reader.member_id, Verdict.agency_id))
    rows = db.session.execute(
        _of_the_letter(reader, subscription)
        .add_columns(Case.times_reopened, Verdict.stage)
        .outerjoin(Verdict, is_theirs)
        .where(is_for_the_manager(reader))
    )
    return [
        AwaitedCase(
            row.reference,
            in_language(row.name, language),
            row.contract_id,
            stage=row.stage,
            times_reopened=row.times_reopened,
        )
        for row in rows
    ]


def _of_the_letter(reader: Membership, subscription: Subscription) -> Select[Any]:
    """What the reader may see of what they subscribed to, the oldest first; of all the agency also without contract."""
    contract_id = func.coalesce(Case.contract_id, Feedback.contract_id)
    is_wanted = contract_id == subscription.contract_id if subscription.contract_id is not None else true()
    columns: tuple[Any, ...] = (Feedback.reference, Site.name, contract_id.label("contract_id"))
    return (
        select(*columns)
        .join(Site, Site.id == Feedback.site_id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .where(may_see(reader), is_wanted)
        .order_by(Feedback.submitted_at, Feedback.id)
    )


def _overdue(reader: Membership, contracts: Collection[int], as_of: datetime, language: str) -> tuple[OverdueCase, ...]:
    """All that is beyond a limit: the reader's own, then what nobody has, then what others have; each oldest first.

    Of a provider only what it has in hand now: all of it needs the reader, and nobody of the agency is named.
    """
    mine = Case.assignee_id == reader.member_id
    in_hand = Case.holder == Holder.PROVIDER if reader.provider_id is not None else true()
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
            may_see(reader),
            in_hand,
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
            provider=in_language(row.provider, language) if row.provider and reader.provider_id is None else None,
            colleague=row.colleague if reader.provider_id is None else None,
        )
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda each: (not each.is_mine, not each.needs_the_reader, each.due_at, each.reference))
    )


def _quotable(
    reader: Membership, contracts: Collection[int], period: Period, as_of: datetime, language: str
) -> tuple[Quotable, ...]:
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
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .join(Site, Site.id == Feedback.site_id)
        .where(
            may_see(reader),
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
