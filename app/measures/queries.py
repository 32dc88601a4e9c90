"""Reading the facts that the measures count. Reads only."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.analysis.models import Tag
from app.cases.history import EventFacts
from app.cases.models import Case, CaseMove, Event
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.database import table
from app.kernel.words import Aspect
from app.kernel.working_time import calendar_kept
from app.measures.clocks import CaseFacts
from app.measures.facts import FeedbackFacts

MOVE = table(CaseMove)


def facts_of(
    contract_ids: Collection[int], *, since: datetime, until: datetime, as_of: datetime
) -> list[FeedbackFacts]:
    """The feedback about these contracts sent from ``since`` up to, not including, ``until``, as known at ``as_of``.

    The caller has made sure that its viewer may see the contracts.
    """
    within = and_(
        of_contracts(contract_ids, as_of),
        Feedback.submitted_at >= since,
        Feedback.submitted_at < until,
        Feedback.submitted_at <= as_of,
    )
    return [facts for _, facts in facts_with(within, as_of)]


def of_contracts(
    contract_ids: Collection[int], as_of: datetime, moved: Mapping[int, Any] | None = None
) -> ColumnElement[bool]:
    """Over ``Feedback``: about one of these contracts at ``as_of``, wherever it was moved to later.

    So each counts once at any moment: under the contract to which it was moved last until then. ``moved`` is all that
    was moved since, for whoever asks several times; else it is looked up.
    """
    moved = contracts_before(true(), as_of) if moved is None else moved
    if not moved:
        return Feedback.contract_id.in_(contract_ids)
    theirs = [feedback_id for feedback_id, move in moved.items() if move.from_contract_id in contract_ids]
    return or_(and_(Feedback.contract_id.in_(contract_ids), Feedback.id.not_in(moved.keys())), Feedback.id.in_(theirs))


def counts_at(as_of: datetime) -> ColumnElement[bool]:
    """Over ``Feedback``: not held for review at ``as_of``."""
    return and_(Feedback.is_held.is_(False), or_(Feedback.released_at.is_(None), Feedback.released_at <= as_of))


def contracts_before(which: ColumnElement[bool], as_of: datetime) -> dict[int, Any]:
    """Of the feedback moved after ``as_of``, as far as ``which`` holds: the first such move, with the terms before."""
    moves = db.session.connection().execute(
        select(*MOVE.c)
        .join(Feedback, Feedback.id == MOVE.c.feedback_id)
        .where(which, MOVE.c.at > as_of)
        .order_by(MOVE.c.at.desc(), MOVE.c.id.desc())
    )
    return {move.feedback_id: move for move in moves}


def facts_with(
    which: ColumnElement[bool], as_of: datetime, *columns: InstrumentedAttribute[Any]
) -> list[tuple[Any, FeedbackFacts]]:
    """The facts of the feedback for which ``which`` holds, oldest first, each with its row.

    A row has the feedback's ``id`` and whatever other ``columns`` of feedback, tag and case the caller needs of it: to
    look them up once more would take as long as the facts. What is held for review does not count, and what was
    released counts from its release on.
    """
    which = and_(which, counts_at(as_of))
    rows = (
        db.session.connection()
        .execute(
            select(
                Feedback.id,
                Feedback.submitted_at,
                Feedback.kind,
                Feedback.rating,
                Tag.sentiment,
                cast(Tag.aspects, Text).label("aspects"),
                Case.id.label("case_id"),
                cast(Case.calendar, Text).label("calendar"),
                Case.respond_within_hours,
                Case.resolve_within_hours,
                Case.confirm_days,
                Agency.timezone,
                *columns,
            )
            .join(Agency, Agency.id == Feedback.agency_id)
            .outerjoin(Tag, Tag.feedback_id == Feedback.id)
            .outerjoin(Case, Case.feedback_id == Feedback.id)
            .where(which)
            .order_by(Feedback.submitted_at, Feedback.id)
        )
        .all()
    )
    events = _events_of(which, as_of)
    before = contracts_before(which, as_of)
    aspects: dict[str | None, tuple[Aspect, ...]] = {None: ()}
    return [
        (
            row,
            FeedbackFacts(
                submitted_at=row.submitted_at,
                kind=row.kind,
                rating=row.rating,
                sentiment=row.sentiment,
                aspects=_known(aspects, row.aspects),
                case=None if row.case_id is None else _case(row, before.get(row.id), events.get(row.id, ())),
            ),
        )
        for row in rows
    ]


def _case(row: Any, moved: Any | None, events: Sequence[EventFacts]) -> CaseFacts:
    """A case on the terms that it has or, where it was moved after the moment asked about, had until then."""
    terms = row if moved is None else moved
    frozen = row.calendar if moved is None else json.dumps(moved.calendar)
    return CaseFacts(
        submitted_at=row.submitted_at,
        calendar=calendar_kept(frozen, row.timezone),
        events=events,
        respond_within_hours=terms.respond_within_hours,
        resolve_within_hours=terms.resolve_within_hours,
        confirm_days=terms.confirm_days,
    )


def _events_of(which: ColumnElement[bool], as_of: datetime) -> dict[int, list[EventFacts]]:
    found: dict[int, list[EventFacts]] = defaultdict(list)
    rows = db.session.connection().execute(
        select(Event.feedback_id, Event.at, Event.kind, Event.actor, Event.rating, Event.attribution, Event.changed_to)
        .join(Feedback, Feedback.id == Event.feedback_id)
        .where(which, Event.at <= as_of)
        .order_by(Event.feedback_id, Event.at, Event.id)
    )
    for feedback_id, at, kind, actor, rating, attribution, changed_to in rows:
        found[feedback_id].append(EventFacts(at, kind, actor, rating, attribution, changed_to))
    return found


def _known(aspects: dict[str | None, tuple[Aspect, ...]], text: str | None) -> tuple[Aspect, ...]:
    """The aspects of a tag, as they are kept, read once for all that name the same."""
    if text not in aspects:
        aspects[text] = tuple(Aspect(aspect) for aspect in json.loads(text or "[]"))
    return aspects[text]
