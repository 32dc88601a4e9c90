"""What is looked at for patterns, as far as the viewer may see it. No query asks who of a side did something."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.cases.disclosure import FOUND, PHOTOS, SHARED, WORDS
from app.cases.escalation_rules import Running, used
from app.cases.history import EventFacts, fold
from app.cases.models import Case, CaseMove, Disclosure, Event, LinkDisclosure, ProviderLink
from app.cases.queries import may_see
from app.cases.rules import UNPAUSED
from app.cases.words import MessageWords
from app.directory.models import Site
from app.extensions import db
from app.gaming_watch.models import WatchThreshold
from app.gaming_watch.rules import CLOSES, DEFAULTS, TELLS, Deed, Finding, Rating, Threshold, Withdrawal, findings
from app.intake.models import Feedback
from app.kernel.words import Actor, EventKind, Limit
from app.measures.clocks import CaseFacts
from app.measures.queries import facts_with
from app.web.access import Viewer

LOOKED_AT = CLOSES | TELLS | {EventKind.DUPLICATE}


@dataclass(frozen=True)
class Span:
    """What is looked at: from ``since`` until before ``until``, of one contract or all."""

    since: datetime
    until: datetime
    contract_id: int | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until

    def is_about(self, contract_id: int | None) -> bool:
        return self.contract_id in (None, contract_id)


def thresholds_of(viewer: Viewer) -> dict[Threshold, int]:
    """From when on a pattern is shown to the viewer's agency."""
    rows = db.session.execute(
        select(WatchThreshold.name, WatchThreshold.value).where(WatchThreshold.agency_id == viewer.agency_id)
    )
    return {**DEFAULTS, **{name: value for name, value in rows}}


def found_for(viewer: Viewer, span: Span) -> list[Finding]:
    """The patterns that cross the agency's thresholds."""
    return findings(
        deeds_of(viewer, span), ratings_of(viewer, span), withdrawals_of(viewer, span), thresholds_of(viewer)
    )


def deeds_of(viewer: Viewer, span: Span) -> list[Deed]:
    """What agency and providers did to cases then, with how much of the limit to resolve was used.

    What was done before a case was moved is the former contract's, of whose limits nothing is reckoned.
    """
    touched = (
        select(Event.feedback_id)
        .join(Feedback, Feedback.id == Event.feedback_id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .where(may_see(viewer), _of_staff(span), Case.id.is_not(None), _of_contract(span))
    )
    rows = facts_with(
        Feedback.id.in_(touched), span.until, Feedback.reference, Feedback.contract_id, Case.duplicate_of_id
    )
    moves = _moves_of([row.id for row, _facts in rows])
    words = _words_of(viewer, span)
    into = _merged_into(viewer, [row.duplicate_of_id for row, _facts in rows if row.duplicate_of_id])
    found = []
    for row, facts in rows:
        if facts.case is None:
            continue
        for nth, event in enumerate(facts.case.events):
            if event.kind not in LOOKED_AT or event.actor not in (Actor.AGENCY, Actor.PROVIDER):
                continue
            contract_id = moves[row.id].contract_at(event.at, row.contract_id)
            if not span.holds(event.at) or not span.is_about(contract_id):
                continue
            other = into.get(row.duplicate_of_id) if event.kind == EventKind.DUPLICATE else None
            found.append(
                Deed(
                    case=row.reference,
                    contract_id=contract_id,
                    side=event.actor,
                    kind=event.kind,
                    at=event.at,
                    sent_at=facts.submitted_at,
                    used=_used(facts.case, nth) if event.at > moves[row.id].last_at else None,
                    words=words.get((row.id, event.at, event.kind)),
                    stops_the_clock=not _ran_on(facts.case.events[nth + 1 : nth + 2]),
                    is_unanswered=event.kind == EventKind.ASKED and _is_unanswered(facts.case.events[nth + 1 :]),
                    into_over=other is not None and other.is_over(event.at),
                    into_other=other is not None and other.contract_id != contract_id,
                )
            )
    return found


def ratings_of(viewer: Viewer, span: Span) -> list[Rating]:
    """The ratings that came with feedback then."""
    rows = db.session.execute(
        select(Feedback.reference, Feedback.contract_id, Site.code, Feedback.rating, Feedback.submitted_at)
        .join(Site, Site.id == Feedback.site_id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .where(may_see(viewer), Feedback.rating.is_not(None), _of_contract(span))
        .where(Feedback.submitted_at >= span.since, Feedback.submitted_at < span.until)
    )
    return [
        Rating(reference, contract_id, code, rating, at)
        for reference, contract_id, code, rating, at in rows
        if rating is not None and span.is_about(contract_id)
    ]


def withdrawals_of(viewer: Viewer, span: Span) -> list[Withdrawal]:
    """What residents took back then, after somebody of a side had opened how to reach them."""
    rows = db.session.execute(
        select(Feedback.id, Feedback.reference, Feedback.contract_id, Event.at)
        .join(Event, Event.feedback_id == Feedback.id)
        .join(Case, Case.feedback_id == Feedback.id)
        .where(may_see(viewer), Event.kind == EventKind.WITHDRAWN, _within(Event, span), _of_contract(span))
    ).all()
    opened, moves = _openings_of([row.id for row in rows]), _moves_of([row.id for row in rows])
    found = [
        Withdrawal(row.reference, moves[row.id].contract_at(max(before), row.contract_id), side, row.at, max(before))
        for row in rows
        for side, moments in opened[row.id].items()
        if (before := [at for at in moments if at <= row.at])
    ]
    return [each for each in found if span.is_about(each.contract_id)]


@dataclass
class _Moves:
    """When a case was moved away from which contract, oldest first."""

    left: list[tuple[datetime, int | None]] = field(default_factory=list)

    @property
    def last_at(self) -> datetime:
        return self.left[-1][0] if self.left else datetime.min.replace(tzinfo=UTC)

    def contract_at(self, at: datetime, now: int | None) -> int | None:
        """The contract that it was under at a moment; ``now`` is the one that it is under now."""
        return next((contract_id for moved_at, contract_id in self.left if at <= moved_at), now)


def _moves_of(feedback_ids: Iterable[int]) -> dict[int, _Moves]:
    found: dict[int, _Moves] = defaultdict(_Moves)
    rows = db.session.execute(
        select(CaseMove.feedback_id, CaseMove.at, CaseMove.from_contract_id)
        .where(CaseMove.feedback_id.in_(list(feedback_ids)))
        .order_by(CaseMove.at, CaseMove.event_id)
    )
    for feedback_id, at, contract_id in rows:
        found[feedback_id].left.append((at, contract_id))
    return found


@dataclass(frozen=True)
class _Other:
    """A case that another one was merged into."""

    contract_id: int | None
    events: tuple[EventFacts, ...]

    def is_over(self, at: datetime) -> bool:
        return not fold(self.events, at).is_open


def _merged_into(viewer: Viewer, case_ids: Iterable[int]) -> dict[int, _Other]:
    rows = db.session.execute(
        select(Case.id, Feedback.contract_id, Event.at, Event.kind, Event.actor)
        .join(Feedback, Feedback.id == Case.feedback_id)
        .join(Event, Event.feedback_id == Feedback.id)
        .where(may_see(viewer), Case.id.in_(list(case_ids)))
        .order_by(Event.at, Event.id)
    )
    events: dict[tuple[int, int | None], list[EventFacts]] = defaultdict(list)
    for case_id, contract_id, at, kind, actor in rows:
        events[case_id, contract_id].append(EventFacts(at, kind, actor))
    return {case_id: _Other(contract_id, tuple(facts)) for (case_id, contract_id), facts in events.items()}


def _ran_on(following: Sequence[EventFacts]) -> bool:
    """Whether what came right after a question says that the clock did not wait for its answer at all."""
    return any(event.kind == EventKind.RESUMED and event.changed_to in UNPAUSED for event in following)


def _is_unanswered(following: Sequence[EventFacts]) -> bool:
    """Whether no answer came after a question, or only after the next one; what was asked only just now waits yet."""
    for event in following:
        if event.kind == EventKind.RESIDENT_REPLIED:
            return False
        if event.kind in (EventKind.ASKED, EventKind.RESUMED):
            return True
    return False


def _used(case: CaseFacts, nth: int) -> float | None:
    """Which share of the limit to resolve was used when the event happened."""
    if case.resolve_within_hours is None:
        return None
    before, at = fold(case.events[:nth]), case.events[nth].at
    of = Running(Limit.RESOLVE, case.resolve_within_hours, before.pauses)
    return used(case.calendar, case.submitted_at, of, at)


def _words_of(viewer: Viewer, span: Span) -> dict[tuple[int, datetime, EventKind], str]:
    rows = db.session.execute(
        select(Event.feedback_id, Event.at, Event.kind, MessageWords.redacted)
        .join(MessageWords, MessageWords.event_id == Event.id)
        .join(Feedback, Feedback.id == Event.feedback_id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .where(may_see(viewer), _of_staff(span), _of_contract(span))
    )
    return {(feedback_id, at, kind): said for feedback_id, at, kind, said in rows if said}


def _openings_of(feedback_ids: Iterable[int]) -> dict[int, dict[Actor, list[datetime]]]:
    """When each side opened contact details; of feedback that the viewer may see.

    Who looked for somebody's feedback by their contact details knew those before.
    """
    ids = list(feedback_ids)
    found: dict[int, dict[Actor, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for feedback_id, what, at in db.session.execute(
        select(Disclosure.feedback_id, Disclosure.what, Disclosure.at).where(
            Disclosure.feedback_id.in_(ids), Disclosure.what.not_in((WORDS, FOUND, PHOTOS))
        )
    ):
        found[feedback_id][Actor.PROVIDER if what == SHARED else Actor.AGENCY].append(at)
    link = aliased(ProviderLink)
    for feedback_id, at in db.session.execute(
        select(link.feedback_id, LinkDisclosure.at)
        .join(link, link.id == LinkDisclosure.link_id)
        .where(link.feedback_id.in_(ids), LinkDisclosure.what == SHARED)
    ):
        found[feedback_id][Actor.PROVIDER].append(at)
    return found


def _of_staff(span: Span) -> ColumnElement[bool]:
    """Over ``Event``: done by agency or provider then, and looked at."""
    return and_(
        Event.kind.in_(LOOKED_AT), or_(Event.actor == Actor.AGENCY, Event.actor == Actor.PROVIDER), _within(Event, span)
    )


def _within(event: type[Event], span: Span) -> ColumnElement[bool]:
    return and_(event.at >= span.since, event.at < span.until)


def _of_contract(span: Span) -> ColumnElement[bool]:
    """Over ``Feedback``: it is of the contract now, or was before it was moved."""
    if span.contract_id is None:
        return Feedback.id.is_not(None)
    was = exists().where(CaseMove.feedback_id == Feedback.id, CaseMove.from_contract_id == span.contract_id)
    return or_(Feedback.contract_id == span.contract_id, was)
