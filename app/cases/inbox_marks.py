"""What the inbox would have to reckon anew of a million feedback at every look, kept on each instead.

Whether it is unread, by the agency and by the provider, and whether a verdict is still to be found. It follows from
events, looks and verdicts, and is settled again whenever one of them is written (``settle``).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import aliased

from app.accounts.models import Membership
from app.cases import rules
from app.cases.models import Case, Event, Look, Verdict
from app.cases.queries import among_rare, is_after, is_before_a_move, is_one_of
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.database import table
from app.kernel.words import REVIEW_EVENTS, Actor, CaseStatus, EventKind, Holder

_COLLEAGUES = select(Membership.member_id)

AT_ONCE = 500
"""So many are settled by one statement."""


def settle(feedback_ids: Iterable[int]) -> None:
    """Write anew what the inbox reads of these feedback and their cases, after what has happened to them. Flushes.

    Past the session, as nothing of it is counted by any report.
    """
    ids = sorted(set(feedback_ids))
    db.session.flush()
    connection = db.session.connection()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        connection.execute(_OF_FEEDBACK, {"ids": some})
        connection.execute(_OF_CASE, {"ids": some})


def is_unread_by_agency() -> ColumnElement[bool]:
    """Over ``Feedback``: nobody of the staff has done anything about it or looked at it, or what asks for it.

    That is: at all or, where the agency holds it, since the latest of ``rules.NEWS``.
    """
    done = exists().where(Event.feedback_id == Feedback.id)
    # Who let it through has not dealt with it.
    by_staff = done.where(Event.actor.in_((Actor.AGENCY, Actor.PROVIDER)), Event.kind.not_in(REVIEW_EVENTS))
    never_seen = and_(~by_staff, ~exists().where(Look.feedback_id == Feedback.id))
    colleagues = _COLLEAGUES.where(Membership.agency_id == Feedback.agency_id).correlate(Feedback)
    held_by_provider = exists().where(
        Case.feedback_id == Feedback.id, Case.holder == Holder.PROVIDER, Case.status != CaseStatus.DUPLICATE
    )
    return or_(never_seen, and_(~held_by_provider, _has_unseen_news(Feedback.id, Holder.AGENCY, colleagues)))


def is_unread_by_provider() -> ColumnElement[bool]:
    """Over ``Case``: the same for the people of the provider, to whom it was given."""
    colleagues = _COLLEAGUES.where(Membership.provider_id == Case.provider_id).correlate(Case)
    looked = exists().where(Look.feedback_id == Case.feedback_id, Look.member_id.in_(colleagues))
    # What the provider of another contract did before the case was moved is nobody's here.
    done = exists().where(Event.feedback_id == Case.feedback_id, Event.actor == Actor.PROVIDER, ~is_before_a_move())
    is_theirs = and_(Case.holder == Holder.PROVIDER, Case.status != CaseStatus.DUPLICATE)
    news = and_(is_theirs, _has_unseen_news(Case.feedback_id, Holder.PROVIDER, colleagues))
    return and_(Case.provider_since.is_not(None), or_(and_(~done, ~looked), news))


def is_to_judge() -> ColumnElement[bool]:
    """Over ``Case``: it has been dealt with, and nobody has said whose it was."""
    over = Case.status.in_((CaseStatus.RESOLVED, CaseStatus.REJECTED))
    return and_(over, ~exists().where(Verdict.feedback_id == Case.feedback_id))


def _has_unseen_news(feedback_id: Any, side: Holder, colleagues: Any) -> ColumnElement[bool]:
    """Something asks ``side`` to look again, and no colleague has since, or has done anything.

    A first assignment needs no asking, since nobody has seen the case before it; a further one follows a hand-back.
    """
    news, rare, again = aliased(Event), aliased(Event), aliased(Event)
    asked = rules.NEWS[side] - {(EventKind.ASSIGNED, Actor.AGENCY)}
    found = exists().where(
        rare.feedback_id == feedback_id, among_rare(rare), is_one_of(rare, asked), _is_unseen(rare, side, colleagues)
    )
    if asked == rules.NEWS[side]:
        return found
    handed_back = exists().where(
        again.feedback_id == news.feedback_id,
        among_rare(again),
        again.kind == EventKind.HANDED_BACK,
        is_after(news, again),
    )
    assigned = exists().where(
        news.feedback_id == feedback_id,
        news.kind == EventKind.ASSIGNED,
        handed_back,
        _is_unseen(news, side, colleagues),
    )
    return or_(found, assigned)


def _is_unseen(news: Any, side: Holder, colleagues: Any) -> ColumnElement[bool]:
    """Over an event: nobody of ``side`` has looked since, or done anything."""
    later = aliased(Event)
    by_staff = (Actor.AGENCY, Actor.PROVIDER) if side == Holder.AGENCY else (Actor.PROVIDER,)
    acted = exists().where(
        later.feedback_id == news.feedback_id, later.actor.in_(by_staff), later.at >= news.at, is_after(later, news)
    )
    looked = exists().where(Look.feedback_id == news.feedback_id, Look.at >= news.at, Look.member_id.in_(colleagues))
    return and_(~acted, ~looked)


_SOME: Any = bindparam("ids", expanding=True)
_OF_FEEDBACK = update(table(Feedback)).where(Feedback.id.in_(_SOME)).values(is_unread=is_unread_by_agency())
_OF_CASE = (
    update(table(Case))
    .where(Case.feedback_id.in_(_SOME))
    .values(is_unread=is_unread_by_provider(), is_to_judge=is_to_judge())
)
