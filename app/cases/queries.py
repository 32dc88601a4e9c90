"""Feedback and cases as each viewer may see them: the inbox, its counts, and the page of one case."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, cast

from flask import abort
from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import Member, Membership
from app.analysis import search
from app.analysis.concerns import is_hidden, to_settle
from app.analysis.models import Tag
from app.analysis.queries import Tagging, disagrees, tagging_of
from app.cases import escalation_rules, rules, verdict_rules
from app.cases.deadlines import Hands, hands_of
from app.cases.history import CaseState, EventFacts, fold, last_word
from app.cases.models import RARE_NEWS, Case, CaseMove, Escalation, Event, Verdict
from app.cases.rules import TO_THE_MANAGER, HeldBy, InboxView, Stand
from app.cases.verdict_rules import Standing
from app.cases.words import MessageWords
from app.directory import queries as directory
from app.directory.models import Agency, Clause, Contract, ContractSite, Provider, Site
from app.directory.rules import Days, Lived
from app.directory.setting_up import counting_cases, looking_back
from app.extensions import db
from app.intake.actions import has_photo_waiting, wants_call
from app.intake.models import USUAL_CHANNELS, Feedback, HotlineCall
from app.intake.rules import part_of_reference, read_reference
from app.kernel import clock
from app.kernel.periods import Period, day_of
from app.kernel.words import (
    STAFF_ONLY_EVENTS,
    VERDICT_EVENTS,
    Actor,
    Attribution,
    CaseStatus,
    Channel,
    EventKind,
    FeedbackKind,
    Holder,
    Limit,
    Role,
    Sentiment,
    VerdictStage,
    Word,
    Words,
)
from app.kernel.working_time import Remaining, WorkingCalendar, falls_at, remaining
from app.web.access import Viewer
from app.web.paging import Key, Order, Page, page_of

COUNTED = 1_000
"""Beyond so many an exact count helps nobody, and costs every look into the inbox."""

MOST_BY_WORDS = 1_000
"""So many that hold the words are listed, those that came last: who wants others says more, or when it was."""

OF_VERDICTS = frozenset({InboxView.VERDICTS, InboxView.DECIDE})

OF_CASES = frozenset(
    {
        InboxView.WITH_US,
        InboxView.MINE,
        InboxView.OVERDUE,
        InboxView.WAITING,
        InboxView.TO_JUDGE,
        InboxView.VERDICTS,
        InboxView.DECIDE,
    }
)
"""The views in which everything has a case."""

OF_THE_AGENCY = frozenset(
    {
        InboxView.WITH_US,
        InboxView.UNHAPPY,
        InboxView.TO_CALL,
        InboxView.PHOTOS,
        InboxView.TO_JUDGE,
        InboxView.DECIDE,
    }
)
"""The views that mean nothing to a provider: its open cases, with it, are its own (``InboxView.MINE``)."""

MOST_URGENT = 500
"""So many that are urgent stand before all others; who has more has another trouble than their order."""

LEAST_OF_A_NUMBER = 4
"""So many characters of a hotline's number find its calls; a whole number does however short it is."""

BETWEEN_STAFF = VERDICT_EVENTS | {EventKind.ASSIGNED, EventKind.HANDED_BACK, EventKind.CLAUSE_CHANGED}
"""What agency and provider say to each other; the provider of another contract does not read it."""

NOT_THE_PROVIDERS = STAFF_ONLY_EVENTS - {EventKind.CLAUSE_CHANGED}
"""What a provider does not read of a case's history. By which clause it is measured, it does."""

UNEXPLAINED = frozenset({EventKind.MOVED, EventKind.CLAUSE_CHANGED})
"""Of these a provider reads that they happened, and not why: that is the agency's own, and may speak of others."""

UNTIL = frozenset({EventKind.LINK_SENT, EventKind.ASKED})
"""Of these the event keeps until when: a link opens, or the clock waits for an answer."""

EXCERPT = 180
"""Characters of a text that the inbox shows."""


@dataclass(frozen=True)
class Wanted:
    """What the inbox is asked for."""

    view: InboxView
    contract_id: int | None = None
    is_without_contract: bool = False
    site_id: int | None = None
    sentiment: Sentiment | None = None
    kind: FeedbackKind | None = None
    channel: Channel | None = None
    urgent: bool = False
    unsure: bool = False
    disagreeing: bool = False
    concerning: bool = False
    words: str = ""
    stand: Stand | None = None
    held_by: HeldBy | None = None
    assignee_id: int | None = None
    is_unassigned: bool = False
    # From the first of these moments on, until before the other.
    since: datetime | None = None
    until: datetime | None = None
    # What was found by its words, where it was looked up already (``looked_up``).
    found: tuple[int, ...] | None = None

    @property
    def is_cut_off(self) -> bool:
        """Whether more was found by its words than is listed."""
        return self.found is not None and len(self.found) >= MOST_BY_WORDS


@dataclass(frozen=True)
class Due:
    """The limit of an open case that falls next: for the first response until there is one, then for the resolution."""

    is_for_response: bool
    at: datetime
    left: Remaining


@dataclass(frozen=True)
class InboxRow:
    """One feedback in the inbox. ``excerpt`` is without persons; None while nobody has read it yet."""

    reference: str
    submitted_at: datetime
    timezone: str
    kind: FeedbackKind
    rating: int | None
    has_text: bool
    excerpt: str | None
    sentiment: Sentiment | None
    is_urgent: bool
    is_unsure: bool
    is_disagreeing: bool
    has_concern: bool
    has_photo_waiting: bool
    site: Words
    contract: Words | None
    status: CaseStatus | None
    holder: Holder | None
    is_waiting: bool
    is_reopened: bool
    is_handed_back: bool
    held_by: Words | None
    is_unread: bool
    assignee: str | None
    due: Due | None
    # What its resident was told, where that is sooner than the limit.
    promised_sooner: datetime | None = None
    # How far its verdict has come, in the views of verdicts; until when the provider may reply to it or contest it.
    verdict: VerdictStage | None = None
    verdict_by: datetime | None = None


@dataclass(frozen=True)
class Happened:
    """An event as the viewer may read it: ``message`` without persons, unless the agency's own staff wrote it."""

    id: int
    at: datetime
    kind: EventKind
    actor: Actor
    member: str | None
    rating: int | None
    changed_to: str | None
    attribution: Attribution | None
    message: str | None
    is_erased: bool
    until: datetime | None
    is_by_link: bool
    # By another provider, of a contract under which the case was before; the agency sees which one that was.
    is_former: bool
    former: Words | None


@dataclass(frozen=True)
class LimitUsed:
    """How much of a limit is used, in whole percent, rounded down; and at which percents somebody was told."""

    limit: Limit
    percent: int
    told: tuple[int, ...]


@dataclass(frozen=True)
class CasePage:
    """All that the page of one feedback, with or without a case, is made of; ``version`` goes into its forms."""

    feedback: Feedback
    case: Case | None
    agency: Agency
    contract: Contract | None
    provider: Provider | None
    site: Site
    tag: Tag | None
    # How it was tagged and why, for the agency's own staff only.
    tagging: Tagging | None
    history: tuple[Happened, ...]
    state: CaseState
    happened: frozenset[EventKind]
    version: int
    is_unread: bool
    due: Due | None
    duplicate_of: str | None
    # The references of what was merged into it, for the agency alone: they are other residents' reports.
    merged: tuple[str, ...]
    assignee: Member | None
    verdict: Verdict | None
    standing: Standing
    hands: Hands | None
    last_word: Word | None
    follows: str | None
    # The hotline's own number and deadline, where it came by one.
    hotline: HotlineCall | None
    # Of the limits that run, how much is used, and at which steps somebody was told.
    clocks: tuple[LimitUsed, ...]
    # Without a case: when the limit of one would fall that is opened now.
    would_be_due: Due | None

    def allows(self, kind: EventKind, actor: Actor) -> bool:
        """Whether the case takes such an event now."""
        if kind == EventKind.HANDED_BACK and not verdict_rules.may_hand_back(self.standing):
            return False
        return self.case is not None and rules.allows(self.state, self.happened, kind, actor)

    def is_past(self, seen: int) -> bool:
        """Whether a person has done something since the version that a form brings back."""
        return self.case.is_past(seen) if self.case is not None else seen != self.version

    @property
    def may_change_kind(self) -> bool:
        """Whether it can still be of another kind: a complaint that was dealt with stays one."""
        return self.case is None or self.happened <= rules.UNDOES_NOTHING

    @property
    def is_back_for_the_manager(self) -> bool:
        """Whether it is open after it was reopened so often that a manager looks at it."""
        return self.case is not None and self.case.is_reopened and self.case.times_reopened >= TO_THE_MANAGER

    @property
    def clauses(self) -> Sequence[Clause]:
        return self.contract.clauses if self.contract else ()


def may_see(viewer: Viewer) -> ColumnElement[bool]:
    """Over ``Feedback`` with its ``Case`` outer-joined: the agency's own, or what was given to the provider.

    What a safeguarding concern hides does not exist for a provider, on whatever page; what is held for review exists
    on the pages of review alone (``cases.held_for_review``).
    """
    if viewer.agency_id is not None:
        return and_(Feedback.agency_id == viewer.agency_id, Feedback.is_held.is_(False))
    if viewer.provider_id is not None:
        return and_(
            Feedback.is_held.is_(False),
            Case.provider_id == viewer.provider_id,
            Case.provider_since.is_not(None),
            ~is_hidden(),
        )
    return Feedback.id.is_(None)


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Over ``Case``: open, and beyond a limit; a clock that stands is where it stood when the question went out."""
    return Case.overdue_from < now


def is_unread(viewer: Viewer) -> ColumnElement[bool]:
    """Over ``Feedback`` and ``Case``: nobody on the viewer's side has dealt with it or its news (``inbox_marks``)."""
    return _flag(Case.is_unread if viewer.provider_id is not None else Feedback.is_unread)


def _flag(column: Any) -> ColumnElement[bool]:
    """A flag as the indexes of those that have it say it."""
    return cast(ColumnElement[bool], column)


def _said(value: StrEnum) -> Any:
    """A value as it stands in the condition of an index, not told apart from the statement: so that it is used."""
    return literal_column(f"'{value.value}'")


OPEN = _said(CaseStatus.OPEN)


def is_before_a_move(until: datetime | None = None) -> ColumnElement[bool]:
    """Over ``Event``: it happened before its case was moved to the contract under which it is now, or was then."""
    later = exists().where(
        CaseMove.feedback_id == Event.feedback_id,
        or_(CaseMove.at > Event.at, and_(CaseMove.at == Event.at, CaseMove.event_id > Event.id)),
    )
    return later if until is None else later.where(CaseMove.at <= until)


def provider_then() -> Any:
    """Over ``Event`` before a move: the provider that the case had when it happened; None where it had none."""
    return (
        select(CaseMove.provider_id)
        .where(CaseMove.feedback_id == Event.feedback_id)
        .where(or_(CaseMove.at > Event.at, and_(CaseMove.at == Event.at, CaseMove.event_id > Event.id)))
        .order_by(CaseMove.at, CaseMove.event_id)
        .limit(1)
        .correlate(Event)
        .scalar_subquery()
    )


def is_one_of(event: Any, kinds: Iterable[tuple[EventKind, Actor]]) -> ColumnElement[bool]:
    """Over ``event`` (``Event`` or an alias of it): one of these kinds, done by that actor."""
    return or_(*(and_(event.kind == kind, event.actor == actor) for kind, actor in sorted(kinds)))


def is_after(event: Any, other: Any) -> ColumnElement[bool]:
    """Over two events: the first one happened later."""
    return or_(event.at > other.at, and_(event.at == other.at, event.id > other.id))


def _has_no_case() -> ColumnElement[bool]:
    """Over ``Feedback``; said so that PostgreSQL knows how many these are, which it does not of a join that fails."""
    its = aliased(Case)
    return ~exists().where(its.feedback_id == Feedback.id)


def is_unhappy_without_case() -> ColumnElement[bool]:
    """Over ``Feedback``, ``Case`` and ``Tag``: a bad rating or bad words, and no duty to answer."""
    return and_(_has_no_case(), or_(Feedback.rating <= 2, Tag.sentiment == Sentiment.NEGATIVE))


def urgent_and_unanswered(viewer: Viewer) -> Sequence[int]:
    """What is urgent and nobody has answered, without a case: nobody has looked at. Ids, the newest ``MOST_URGENT``.

    Asked for by themselves, along indexes of what is unanswered and unread, so that the inbox is not read through.
    """
    cases = (
        select(Case.feedback_id)
        .join(Tag, Tag.feedback_id == Case.feedback_id)
        .join(Feedback, Feedback.id == Case.feedback_id)
        .where(may_see(viewer), _flag(Tag.is_urgent), Case.status == OPEN, Case.first_response_at.is_(None))
        .order_by(Case.feedback_id.desc())
        .limit(MOST_URGENT)
    )
    if viewer.agency_id is None:
        return db.session.scalars(cases).all()
    others = (
        select(Feedback.id)
        .join(Tag, Tag.feedback_id == Feedback.id)
        .where(may_see(viewer), is_unread(viewer), _flag(Tag.is_urgent), _has_no_case())
        .order_by(Feedback.id.desc())
        .limit(MOST_URGENT)
    )
    found = (*db.session.scalars(cases.where(Case.agency_id == viewer.agency_id)), *db.session.scalars(others))
    return sorted(found, reverse=True)[:MOST_URGENT]


def is_verdict_for(viewer: Viewer) -> ColumnElement[bool]:
    """Over ``Case``: its verdict waits for a word of the viewer's side.

    The provider's reply, or what it may still contest; the agency's answer to an objection, a second person's look, or
    a link to a provider that could not be told.
    """
    verdict = select(Verdict.feedback_id)
    if viewer.provider_id is not None:
        to_reply = verdict.where(Verdict.stage == VerdictStage.REPLY)
        may_contest = verdict.where(Verdict.stage == VerdictStage.STANDS, Verdict.contest_by >= clock.now())
        return Case.feedback_id.in_(union_all(to_reply, may_contest))
    verdict = verdict.where(Verdict.agency_id == viewer.agency_id)
    to_check = verdict.where(
        Verdict.stage == VerdictStage.STANDS,
        Verdict.is_drawn,
        Verdict.checked_by_id.is_(None),
        or_(Verdict.judged_by_id.is_(None), Verdict.judged_by_id != viewer.member_id),
    )
    is_untold = verdict.where(Verdict.stage == VerdictStage.REPLY, Verdict.reply_by.is_(None))
    return Case.feedback_id.in_(union_all(verdict.where(Verdict.stage == VerdictStage.OBJECTED), is_untold, to_check))


def is_for_the_manager(viewer: Viewer) -> ColumnElement[bool]:
    """Over ``Case``: a verdict that this manager may decide, or reopened again and again."""
    again = aliased(Case)
    disputed = select(Verdict.feedback_id).where(
        Verdict.agency_id == viewer.agency_id, is_to_decide_by(viewer.member_id, Verdict.agency_id)
    )
    reopened = select(again.feedback_id).where(
        again.agency_id == viewer.agency_id, *_is_open_again(again), again.times_reopened >= TO_THE_MANAGER
    )
    return Case.feedback_id.in_(union_all(disputed, reopened))


def is_to_decide_by(member_id: int | None, agency_id: Any) -> ColumnElement[bool]:
    """Over ``Verdict``: it is contested or disputed, and this manager decides (``verdict_rules.deciders``).

    Who judged or gave the second look decides only where no other manager can.
    """
    sides = (Verdict.judged_by_id, Verdict.checked_by_id)
    is_no_side = and_(*(or_(side.is_(None), side != member_id) for side in sides))
    another = (
        exists()
        .where(Membership.agency_id == agency_id, Membership.role == Role.MANAGER)
        .where(Member.id == Membership.member_id, Member.active)
        .where(*(or_(side.is_(None), side != Membership.member_id) for side in sides))
        .correlate(Verdict)
    )
    return and_(Verdict.stage.in_(verdict_rules.FOR_THE_MANAGER), or_(is_no_side, ~another))


def names_of(member_ids: Sequence[int]) -> list[str]:
    """What members of the agency are called, in order."""
    found = db.session.scalars(select(Member).where(Member.id.in_(member_ids)))
    return sorted(member.name or member.email for member in found)


def _is_open_again(case: Any) -> tuple[ColumnElement[bool], ...]:
    """Over ``case`` (``Case`` or an alias of it), as its index says it: it is open, and not for the first time."""
    return case.status == OPEN, case.times_reopened > literal_column("0")


def views_for(viewer: Viewer) -> tuple[InboxView, ...]:
    """The views of the inbox that mean something to a viewer."""
    if viewer.role == Role.MANAGER:
        return tuple(InboxView)
    if viewer.role == Role.OFFICER:
        return tuple(view for view in InboxView if view != InboxView.DECIDE)
    if viewer.provider_id is None:
        return tuple(view for view in InboxView if view not in (InboxView.DECIDE, InboxView.PHOTOS))
    return tuple(view for view in InboxView if view not in OF_THE_AGENCY)


def in_view(viewer: Viewer, view: InboxView) -> ColumnElement[bool]:
    """The condition of one view, over ``Feedback``, ``Case`` and ``Tag``."""
    if view == InboxView.UNREAD:
        return is_unread(viewer)
    if view == InboxView.WITH_US:
        # What waits for the resident's answer waits for nobody here.
        return and_(Case.status == OPEN, Case.holder == _said(Holder.AGENCY), Case.waiting_since.is_(None))
    if view == InboxView.MINE:
        mine = Case.holder == Holder.PROVIDER if viewer.provider_id else Case.assignee_id == viewer.member_id
        return and_(Case.status == OPEN, mine)
    if view == InboxView.OVERDUE:
        return is_overdue(clock.now())
    if view == InboxView.WAITING:
        return Case.waiting_since.is_not(None)
    if view == InboxView.TO_CALL:
        return wants_call()
    if view == InboxView.PHOTOS:
        return has_photo_waiting()
    if view == InboxView.TO_JUDGE:
        return _flag(Case.is_to_judge)
    if view == InboxView.VERDICTS:
        return is_verdict_for(viewer)
    if view == InboxView.DECIDE:
        return is_for_the_manager(viewer)
    if view == InboxView.UNHAPPY:
        return is_unhappy_without_case()
    return Feedback.id.is_not(None)


def counts(viewer: Viewer) -> dict[InboxView, int]:
    """How many are in each view, but not in all; at most ``COUNTED``."""
    return {view: number_of(viewer, Wanted(view)) for view in views_for(viewer) if view != InboxView.ALL}


def number_of(viewer: Viewer, wanted: Wanted) -> int:
    """How many the inbox finds, at most ``COUNTED``."""
    found = _listed(viewer, wanted).found.limit(COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def inbox(viewer: Viewer, wanted: Wanted, *, before: Key | None = None, after: Key | None = None) -> Page[InboxRow]:
    """One page of the inbox: what is urgent and unanswered, then all else; the newest first, or the longest overdue."""
    listed = _listed(viewer, wanted)
    urgent = urgent_and_unanswered(viewer)
    page = page_of(
        db.session(),
        listed.found,
        listed.at,
        listed.feedback_id,
        first=listed.feedback_id.in_(urgent) if urgent else None,
        order=Order.OLDEST if wanted.view == InboxView.OVERDUE else Order.NEWEST,
        before=before,
        after=after,
    )
    now, ids = clock.now(), [row.page_id for row in page.rows]
    shown = {row[0].id: row for row in db.session.execute(_shown(viewer).where(Feedback.id.in_(ids)))}
    verdicts = _verdicts(ids) if wanted.view in OF_VERDICTS else {}
    rows = [_row(shown[each], now, viewer, verdicts.get(each)) for each in ids]
    return Page(rows, older=page.older, newer=page.newer)


class Listed(NamedTuple):
    """Which feedback a list holds: its moment and number, named as ``page_of`` wants them, and no more of it.

    What is shown of them is read once it is known which: a list is sorted through by what an index holds.
    """

    found: Select[Any]
    at: SQLColumnExpression[datetime]
    feedback_id: SQLColumnExpression[int]


def _listed(viewer: Viewer, wanted: Wanted) -> Listed:
    """What the inbox finds, read along the index of its view: of cases or, where it may hold others, of feedback."""
    by_case = _is_of_cases(viewer, wanted)
    at: Any = Case.submitted_at if by_case else Feedback.submitted_at
    number: Any = Case.feedback_id if by_case else Feedback.id
    conditions = [may_see(viewer), in_view(viewer, wanted.view), *_conditions(wanted, at, number)]
    if by_case and viewer.agency_id is not None:
        conditions.append(Case.agency_id == viewer.agency_id)
    if by_case and wanted.contract_id is not None:
        conditions.append(Case.contract_id == wanted.contract_id)
    if by_case and wanted.is_without_contract:
        conditions.append(Case.contract_id.is_(None))
    if wanted.view == InboxView.OVERDUE:
        at = Case.overdue_from
    query = select(at.label("page_at"), number.label("page_id"))
    if by_case:
        query = query.select_from(Case).join(Feedback, Feedback.id == Case.feedback_id)
    else:
        query = query.select_from(Feedback).outerjoin(Case, Case.feedback_id == Feedback.id)
    return Listed(query.outerjoin(Tag, Tag.feedback_id == number).where(*conditions), at, number)


def _is_of_cases(viewer: Viewer, wanted: Wanted) -> bool:
    """Whether only feedback with a case can be found: always by a provider, which has no other."""
    return (
        viewer.agency_id is None
        or wanted.view in OF_CASES
        or wanted.stand not in (None, Stand.NO_CASE)
        or wanted.held_by is not None
        or wanted.assignee_id is not None
        or wanted.is_unassigned
    )


def _shown(viewer: Viewer) -> Any:
    """All that a row of the inbox tells of a feedback."""
    return (
        _joined(
            select(
                Feedback,
                Case,
                Tag,
                Site.name.label("site"),
                Contract.title.label("contract"),
                Agency.timezone,
                Member.name.label("assignee"),
                Agency.name.label("agency"),
                Provider.name.label("provider"),
                is_unread(viewer).label("is_unread"),
                _was_handed_back().label("was_handed_back"),
                disagrees().label("is_disagreeing"),
                is_hidden().label("has_concern"),
                has_photo_waiting().label("has_photo_waiting"),
            )
        )
        .join(Site, Site.id == Feedback.site_id)
        .join(Agency, Agency.id == Feedback.agency_id)
        .outerjoin(Contract, Contract.id == Feedback.contract_id)
        .outerjoin(Member, Member.id == Case.assignee_id)
        .outerjoin(Provider, Provider.id == Case.provider_id)
    )


@dataclass(frozen=True)
class Breach:
    """An open case beyond a limit: which case, whose hands it is in, which limit, when it fell."""

    reference: str
    site: Words
    clause: str | None
    holder: Holder
    is_for_response: bool
    due_at: datetime


@counting_cases
def open_outside(contract: Contract, days: Days) -> int:
    """How many open cases of a contract were sent on other days than these, in the agency's timezone."""
    span = Period(days.starts_on, days.ends_on or date.max, contract.agency.timezone)
    outside = or_(Case.submitted_at < span.since, Case.submitted_at >= span.until)
    open_ones = (Case.agency_id == contract.agency_id, Case.contract_id == contract.id, Case.status == CaseStatus.OPEN)
    return db.session.scalar(select(func.count()).select_from(Case).where(*open_ones, outside)) or 0


@looking_back
def was_heard(contract: Contract) -> Lived:
    """Whether anything was ever sent about a contract."""
    found = select(Feedback.id).where(Feedback.contract_id == contract.id).limit(1)
    return Lived(was_heard=db.session.scalar(found) is not None)


def without_contract(viewer: Viewer, contract: Contract) -> Sequence[tuple[Site, int]]:
    """What came to sites of a contract while none was in force there: each site with how much, by code.

    It counts for no contract. Only those of the agency see it: it is no provider's either.
    """
    if viewer.agency_id != contract.agency_id:
        return ()
    served = select(ContractSite.site_id).where(ContractSite.contract_id == contract.id)
    found = (
        select(Site, func.count(Feedback.id))
        .join(Feedback, Feedback.site_id == Site.id)
        .where(may_see(viewer), Feedback.contract_id.is_(None), Site.id.in_(served))
        .group_by(Site.id)
        .order_by(Site.code_key)
    )
    return [(site, number) for site, number in db.session.execute(found)]


def open_without_contract(viewer: Viewer) -> int:
    """How many open cases of the viewer's agency stand under no contract, at most ``COUNTED``: they have no limit."""
    if viewer.agency_id is None:
        return 0
    found = (
        select(Case.id)
        .join(Feedback, Feedback.id == Case.feedback_id)
        .where(Case.agency_id == viewer.agency_id, Case.contract_id.is_(None), Case.status == OPEN)
        .where(may_see(viewer))
    )
    return db.session.scalar(select(func.count()).select_from(found.limit(COUNTED).subquery())) or 0


def breaches_of(viewer: Viewer, contract_id: int, now: datetime, *, limit: int) -> list[Breach]:
    """The open breaches of a contract that the viewer may see, the oldest first; one more than ``limit`` if more."""
    rows = db.session.execute(
        _joined(select(Feedback.reference, Site.name, Clause.code, Case))
        .join(Site, Site.id == Feedback.site_id)
        .outerjoin(Clause, Clause.id == Case.clause_id)
        .where(may_see(viewer), Case.contract_id == contract_id, is_overdue(now))
        .order_by(Case.overdue_from, Case.id)
        .limit(limit + 1)
    )
    found = []
    for reference, site, clause, case in rows:
        is_for_response = case.first_response_at is None and case.respond_by is not None and case.respond_by < now
        due_at = case.respond_by if is_for_response else case.resolve_by
        found.append(Breach(reference, site, clause, case.holder, is_for_response, due_at))
    return sorted(found, key=lambda each: each.due_at)


def colleagues_of(viewer: Viewer) -> Sequence[Member]:
    """Who may see to cases at the viewer's agency, by name; at a provider nobody in particular does."""
    if viewer.agency_id is None:
        return []
    wanted = select(Member).join(Membership, Membership.member_id == Member.id)
    wanted = wanted.where(Membership.agency_id == viewer.agency_id, Membership.role.in_((Role.OFFICER, Role.MANAGER)))
    return db.session.scalars(wanted.where(Member.active).order_by(Member.name, Member.email)).all()


def timezone_of(viewer: Viewer) -> str:
    """By whose calendar days are meant: the agency's; for providers, that of the first agency they work for."""
    wanted = select(Agency.timezone)
    if viewer.agency_id is not None:
        wanted = wanted.where(Agency.id == viewer.agency_id)
    else:
        wanted = wanted.join(Contract, Contract.agency_id == Agency.id)
        wanted = wanted.where(Contract.provider_id == viewer.provider_id).order_by(Contract.id)
    return db.session.scalar(wanted.limit(1)) or "UTC"


def contracts_to_move_to(viewer: Viewer, page: CasePage) -> Sequence[Contract]:
    """The other contracts of the viewer's agency that the case can be moved to, those that serve the site first."""
    may_move = viewer.role in (Role.OFFICER, Role.MANAGER)
    if not may_move or page.case is None or page.case.is_imported or page.case.status != CaseStatus.OPEN:
        return []
    day = day_of(page.feedback.submitted_at, page.agency.timezone)
    serving = {contract.id for contract in directory.contracts_serving(page.site, day)}
    found = [
        contract
        for contract in directory.contracts_for(viewer)
        if contract.id != page.feedback.contract_id and rules.can_hold(contract, day)
    ]
    return sorted(found, key=lambda contract: contract.id not in serving)


def sites_for(viewer: Viewer, contract_id: int | None = None) -> Sequence[Site]:
    """The sites that the inbox of a viewer can be narrowed to, by code: all, or those that a contract serves."""
    if contract_id is not None:
        mine = directory.for_viewer(viewer).with_only_columns(Contract.id).where(Contract.id == contract_id)
        served = select(ContractSite.site_id).where(ContractSite.contract_id.in_(mine))
        wanted = select(Site).where(Site.id.in_(served))
    elif viewer.agency_id is not None:
        wanted = select(Site).where(Site.agency_id == viewer.agency_id)
    else:
        mine = directory.for_viewer(viewer).with_only_columns(Contract.id)
        served = select(ContractSite.site_id).where(ContractSite.contract_id.in_(mine))
        wanted = select(Site).where(Site.id.in_(served))
    return db.session.scalars(wanted.order_by(Site.code_key)).all()


def page_or_404(viewer: Viewer, reference: str) -> CasePage:
    """Everything about one feedback that the viewer may see; what they may not see is not there."""
    row = db.session.execute(
        _joined(select(Feedback, Case, Tag, is_unread(viewer)))
        .where(may_see(viewer), Feedback.reference == read_reference(reference))
        .options(joinedload(Feedback.site), joinedload(Feedback.contract))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        abort(404)
    feedback, case, tag, unread = row
    events = _events(feedback.id)
    facts = [EventFacts(e.at, e.kind, e.actor, e.rating, e.attribution, e.changed_to) for e in events]
    state, now = fold(facts), clock.now()
    contract = feedback.contract
    agency = db.session.get_one(Agency, feedback.agency_id)
    duplicate_of = case.duplicate_of_id if case else None
    return CasePage(
        feedback=feedback,
        case=case,
        agency=agency,
        contract=contract,
        provider=db.session.get(Provider, case.provider_id) if case and case.provider_id else None,
        site=feedback.site,
        tag=tag,
        tagging=tagging_of(feedback, clock.now()) if viewer.agency_id is not None else None,
        history=_history(viewer, events, case.provider_id if case else None),
        state=state,
        happened=frozenset(event.kind for event in events),
        version=case.version if case else -len(events),
        is_unread=bool(unread),
        due=due_of(case, agency.timezone, now) if case else None,
        duplicate_of=_reference_of(duplicate_of) if duplicate_of else None,
        merged=_merged_into(case) if case and viewer.agency_id is not None else (),
        assignee=db.session.get(Member, case.assignee_id) if case and case.assignee_id else None,
        verdict=db.session.get(Verdict, feedback.id, populate_existing=True) if case else None,
        standing=verdict_rules.read(facts),
        hands=hands_of(WorkingCalendar.from_dict(case.calendar, agency.timezone), case.submitted_at, state, now)
        if case
        else None,
        last_word=last_word(state, case.confirm_days, now) if case else None,
        follows=_reference_of(case.follows_id) if case and case.follows_id else None,
        hotline=db.session.get(HotlineCall, feedback.id),
        clocks=_used(case, agency.timezone, state, now) if case else (),
        would_be_due=_would_be_due(feedback, agency, tag) if case is None else None,
    )


def last_to_act(feedback_id: int) -> int | None:
    """The member who did the last thing that a person did about a feedback; None where it was none of our members."""
    wanted = select(Event.member_id).where(Event.feedback_id == feedback_id, Event.actor != Actor.SYSTEM)
    return db.session.scalar(wanted.order_by(Event.at.desc(), Event.id.desc()).limit(1))


def case_by_reference(viewer: Viewer, reference: str) -> Case | None:
    """The case that the viewer may see under a reference, however it was typed."""
    wanted = (
        select(Case)
        .join(Feedback, Feedback.id == Case.feedback_id)
        .where(may_see(viewer), Feedback.reference == read_reference(reference))
    )
    return db.session.scalar(wanted)


def due_of(case: Case, timezone: str, now: datetime) -> Due | None:
    """Which limit of an open case falls next, and how long that is; None where none runs."""
    if case.status != CaseStatus.OPEN:
        return None
    is_for_response = case.first_response_at is None
    at = case.respond_by if is_for_response else case.resolve_by
    if at is None or (case.waiting_since is not None and not is_for_response and at >= case.waiting_since):
        return None
    calendar = WorkingCalendar.from_dict(case.calendar, timezone)
    return Due(is_for_response=is_for_response, at=at, left=remaining(calendar, now, at))


def _used(case: Case, timezone: str, state: CaseState, now: datetime) -> tuple[LimitUsed, ...]:
    calendar = WorkingCalendar.from_dict(case.calendar, timezone)
    told = db.session.scalars(
        select(Escalation).where(Escalation.feedback_id == case.feedback_id).order_by(Escalation.step)
    ).all()
    return tuple(
        LimitUsed(
            limit=of.limit,
            percent=int(
                escalation_rules.used(calendar, case.submitted_at, of, max(now, case.submitted_at)) * 100 + 1e-9
            ),
            told=tuple(each.step for each in told if each.limit_kind == of.limit),
        )
        for of in escalation_rules.running(state, case.respond_within_hours, case.resolve_within_hours)
    )


def _would_be_due(feedback: Feedback, agency: Agency, tag: Tag | None) -> Due | None:
    """The limit to answer, were a case opened on other feedback: it counts from the submission all the same."""
    clauses = feedback.contract.clauses if feedback.contract else ()
    clause = rules.clause_about(clauses, tag.aspects if tag else ()) or next(iter(clauses), None)
    if clause is None:
        return None
    frozen = clause.calendar or clause.contract.calendar or agency.calendar
    calendar = WorkingCalendar.from_dict(frozen, agency.timezone)
    limits = clause.limits_on(day_of(feedback.submitted_at, agency.timezone))
    at = falls_at(calendar, feedback.submitted_at, limits.respond_within_hours)
    if at is None:
        return None
    return Due(is_for_response=True, at=at, left=remaining(calendar, clock.now(), at))


def _joined(query: Any) -> Any:
    """``Feedback`` with its case and tag, where it has them."""
    return (
        query.select_from(Feedback)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .outerjoin(Tag, Tag.feedback_id == Feedback.id)
    )


def _conditions(
    wanted: Wanted, submitted_at: SQLColumnExpression[datetime], number: SQLColumnExpression[int]
) -> list[ColumnElement[bool]]:
    """How the inbox is narrowed; what an index of few is for is said as the index says it."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.contract_id is not None:
        conditions.append(Feedback.contract_id == wanted.contract_id)
    if wanted.is_without_contract:
        conditions.append(Feedback.contract_id.is_(None))
    if wanted.site_id is not None:
        conditions.append(Feedback.site_id == wanted.site_id)
    if wanted.sentiment is not None:
        # What is not sure is shown as that, and found by it.
        conditions.append(and_(Tag.sentiment == wanted.sentiment, Tag.is_sure))
    if wanted.kind is not None:
        conditions.append(Feedback.kind == _said(wanted.kind))
    if wanted.channel is not None:
        conditions.append(Feedback.channel == wanted.channel)
        if wanted.channel not in USUAL_CHANNELS:
            conditions.append(Feedback.channel.not_in([_said(channel) for channel in USUAL_CHANNELS]))
    if wanted.urgent:
        conditions.append(number.in_(select(Tag.feedback_id).where(Tag.is_urgent)))
    if wanted.unsure:
        conditions.append(number.in_(select(Tag.feedback_id).where(~Tag.is_sure)))
    if wanted.disagreeing:
        conditions.append(disagrees())
    if wanted.concerning:
        conditions.append(number.in_(to_settle()))
    if wanted.words:
        conditions.append(number.in_(wanted.found or ()))
    if wanted.stand is not None:
        conditions.append(_stands(wanted.stand))
    if wanted.held_by is not None:
        conditions.append(_is_held_by(wanted.held_by))
    if wanted.assignee_id is not None:
        conditions.append(Case.assignee_id == wanted.assignee_id)
    if wanted.is_unassigned:
        conditions += [Case.status == OPEN, Case.assignee_id.is_(None)]
    if wanted.since is not None:
        conditions.append(submitted_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(submitted_at < wanted.until)
    return conditions


def _was_handed_back() -> ColumnElement[bool]:
    """Over ``Feedback``: the provider has had it and gave it back; a verdict that is proposed shows it one too."""
    handed_back = exists().where(Event.feedback_id == Feedback.id, among_rare(Event))
    return handed_back.where(Event.kind == EventKind.HANDED_BACK, ~is_before_a_move())


def among_rare(event: Any) -> ColumnElement[bool]:
    """Over an event: what its index holds, said so that both databases use it."""
    among: ColumnElement[bool] = event.kind.in_(bindparam("rare_news", RARE_NEWS, expanding=True, literal_execute=True))
    return among


def _stands(stand: Stand) -> ColumnElement[bool]:
    """Over ``Case``."""
    if stand == Stand.NO_CASE:
        return _has_no_case()
    if stand == Stand.REOPENED:
        return and_(*_is_open_again(Case))
    return Case.status == CaseStatus(stand)


def _is_held_by(held_by: HeldBy) -> ColumnElement[bool]:
    """Over ``Case``."""
    holder = Holder.PROVIDER if held_by == HeldBy.PROVIDER else Holder.AGENCY
    held = and_(Case.status == CaseStatus.OPEN, Case.holder == holder)
    return and_(held, _was_handed_back()) if held_by == HeldBy.HANDED_BACK else held


def looked_up(viewer: Viewer, wanted: Wanted) -> Wanted:
    """The same with what is found by its words: the ``MOST_BY_WORDS`` that came last, asked for once for all lists.

    That is, by what was said or written about it, or as what a reference or number is of: groups of ours are enough,
    and of the hotline's number its beginning, or all of it where it is short.
    """
    if not wanted.words:
        return wanted
    listed = _listed(viewer, replace(wanted, words=""))
    number = listed.feedback_id
    query = listed.found.with_only_columns(number).limit(MOST_BY_WORDS)
    asked = [query.where(named).order_by(number.desc()) for named in _named(wanted.words, number)]
    matching = search.matching(wanted.words)
    if matching is not None:
        # Along the index of words, which has the last ones first.
        row = matching.selected_columns[0]
        said = search.first(matching.where(row > 0)).subquery()
        message = search.first(matching.where(row < 0)).subquery()
        asked.append(query.join(said, said.c.rowid == number).order_by(said.c.rowid.desc()))
        about = select(Event.feedback_id).join(message, Event.id == -message.c.rowid)
        asked.append(query.where(number.in_(about)).order_by(number.desc()))
    ids = {each for one in asked for each in db.session.scalars(one)}
    return replace(wanted, found=tuple(sorted(ids, reverse=True)[:MOST_BY_WORDS]))


def _named(words: str, number: SQLColumnExpression[int]) -> Iterator[ColumnElement[bool]]:
    """Over ``Feedback``, known by ``number``: that it is what words name by its reference, or by the hotline's."""
    key = "".join(words.split()).casefold()
    if key:
        is_part = len(key) >= LEAST_OF_A_NUMBER
        its = HotlineCall.number_key.startswith(key, autoescape=True) if is_part else HotlineCall.number_key == key
        yield number.in_(select(HotlineCall.feedback_id).where(its))
    part = part_of_reference(words)
    if part is not None:
        is_whole = part == read_reference(part)
        yield Feedback.reference == part if is_whole else search.holds(Feedback.reference, part, Feedback.id)


def _verdicts(feedback_ids: Sequence[int]) -> dict[int, Verdict]:
    wanted = select(Verdict).where(Verdict.feedback_id.in_(feedback_ids))
    return {verdict.feedback_id: verdict for verdict in db.session.scalars(wanted)}


def _row(row: Any, now: datetime, viewer: Viewer, verdict: Verdict | None) -> InboxRow:
    feedback, case, tag, site, contract, timezone, assignee = row[:7]
    of_agency = viewer.provider_id is None
    is_open = case is not None and case.status == CaseStatus.OPEN
    return InboxRow(
        reference=feedback.reference,
        submitted_at=feedback.submitted_at,
        timezone=timezone,
        kind=feedback.kind,
        rating=feedback.rating,
        has_text=feedback.has_text,
        excerpt=_excerpt(tag.redacted) if tag else None,
        sentiment=tag.sentiment if tag else None,
        is_urgent=bool(tag and tag.is_urgent),
        is_unsure=bool(tag and not tag.is_sure),
        is_disagreeing=bool(of_agency and row.is_disagreeing),
        has_concern=bool(of_agency and row.has_concern),
        has_photo_waiting=bool(of_agency and row.has_photo_waiting),
        site=site,
        contract=contract,
        status=case.status if case else None,
        holder=case.holder if case else None,
        is_waiting=bool(case and case.waiting_since),
        is_reopened=bool(case and case.is_reopened),
        is_handed_back=bool(is_open and case.holder == Holder.AGENCY and row.was_handed_back),
        held_by=(row.provider if case.holder == Holder.PROVIDER else row.agency) if is_open else None,
        is_unread=bool(row.is_unread),
        assignee=assignee if of_agency else None,
        due=due_of(case, timezone, now) if case else None,
        promised_sooner=case.promised_sooner if case else None,
        verdict=verdict.stage if verdict else None,
        verdict_by=_open_until(verdict, now) if verdict else None,
    )


def _open_until(verdict: Verdict, now: datetime) -> datetime | None:
    """Until when the provider may reply, or still contest; None where it may not."""
    if verdict.stage == VerdictStage.REPLY:
        return verdict.reply_by
    return verdict.contest_by if verdict.contest_by is not None and now <= verdict.contest_by else None


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1].rstrip() + "…"


def _events(feedback_id: int) -> Sequence[Event]:
    wanted = select(Event).where(Event.feedback_id == feedback_id).options(joinedload(Event.member))
    return db.session.scalars(wanted.order_by(Event.at, Event.id)).all()


def _history(viewer: Viewer, events: Sequence[Event], provider_id: int | None) -> tuple[Happened, ...]:
    """The agency reads what staff wrote as they wrote it; all else is read without persons.

    ``provider_id`` is whose the case is now: of a case that came back it reads what was said when it had it before.
    """
    of_agency = viewer.provider_id is None
    with_words = [event.id for event in events if event.has_message]
    words = {
        row.event_id: row
        for row in db.session.scalars(select(MessageWords).where(MessageWords.event_id.in_(with_words)))
    }
    shown = []
    taken_by = _names([event.changed_to for event in events if event.kind == EventKind.TAKEN_BY])
    before = _providers_before(events, provider_id)
    for event in events:
        is_former = event.id in before
        if not of_agency and (event.kind in NOT_THE_PROVIDERS or (is_former and event.kind in BETWEEN_STAFF)):
            continue
        written = words.get(event.id)
        as_written = of_agency and event.actor != Actor.RESIDENT
        # Only the agency learns which of its people it was.
        is_ours = event.actor == Actor.PROVIDER and not is_former
        named = event.member is not None and (of_agency or is_ours)
        is_open = of_agency or event.kind not in UNEXPLAINED
        shown.append(
            Happened(
                id=event.id,
                at=event.at,
                kind=event.kind,
                actor=event.actor,
                member=event.member.name or event.member.email if named and event.member else None,
                rating=event.rating,
                changed_to=taken_by.get(event.changed_to) if event.kind == EventKind.TAKEN_BY else event.changed_to,
                attribution=event.attribution,
                message=(written.text if as_written else written.redacted) if written and is_open else None,
                is_erased=bool(written and written.erased_at),
                until=datetime.fromisoformat(event.changed_to) if event.kind in UNTIL and event.changed_to else None,
                is_by_link=event.actor == Actor.PROVIDER and event.member_id is None and not event.is_imported,
                is_former=is_former and event.actor == Actor.PROVIDER,
                former=before.get(event.id) if of_agency else None,
            )
        )
    return tuple(shown)


def _providers_before(events: Sequence[Event], provider_id: int | None) -> dict[int, Words | None]:
    """Of the events before a case was moved last: event → the provider that had it then, where not ``provider_id``."""
    if not any(event.kind == EventKind.MOVED for event in events):
        return {}
    moves = db.session.execute(
        select(CaseMove.event_id, CaseMove.provider_id, Provider.name)
        .outerjoin(Provider, Provider.id == CaseMove.provider_id)
        .where(CaseMove.feedback_id == events[0].feedback_id)
    )
    then = {event_id: (had_it, name) for event_id, had_it, name in moves}
    found: dict[int, Words | None] = {}
    earlier: list[int] = []
    for event in events:
        if event.id in then:
            had_it, name = then[event.id]
            if had_it is None or had_it != provider_id:
                found |= dict.fromkeys(earlier, name)
            earlier = []
        else:
            earlier.append(event.id)
    return found


def _names(member_ids: Iterable[str | None]) -> dict[str | None, str]:
    """Members by the id that an event keeps of who sees to a case."""
    wanted = select(Member).where(Member.id.in_([int(each) for each in member_ids if each]))
    return {str(member.id): member.name or member.email for member in db.session.scalars(wanted)}


def _merged_into(case: Case) -> tuple[str, ...]:
    mine = select(Feedback.reference).join(Case, Case.feedback_id == Feedback.id)
    return tuple(db.session.scalars(mine.where(Case.duplicate_of_id == case.id).order_by(Case.submitted_at, Case.id)))


def _reference_of(case_id: int) -> str | None:
    wanted = select(Feedback.reference).join(Case, Case.feedback_id == Feedback.id)
    return db.session.scalar(wanted.where(Case.id == case_id))
