"""Letters to members about what cannot wait: something urgent, or a safeguarding concern."""

from typing import Any

from app.accounts.queries import membership_at
from app.analysis import concerns, queries
from app.analysis.models import Concern, Tag
from app.extensions import db
from app.intake.models import Feedback, Suspicion
from app.kernel.words import in_language
from app.mail.letter import Letter, compose


def urgent(feedback_id: int, member_id: int) -> Letter | None:
    """The redacted words and where to read on; None where it is urgent no more, or the member is not with the agency.

    Where there is a safeguarding concern, the words stay out, as do those of what is held for review.
    """
    tag, feedback = db.session.get(Tag, feedback_id), db.session.get_one(Feedback, feedback_id)
    membership = membership_at(feedback.agency_id, member_id)
    words = ([tag.redacted] if tag is not None and tag.is_urgent else []) + queries.urgent_answers(feedback_id)
    suspicion = db.session.get(Suspicion, feedback_id)
    is_held_and_urgent = feedback.is_held and suspicion is not None and suspicion.is_urgent
    if not (words or is_held_and_urgent) or membership is None:
        return None
    language = membership.member.language
    return compose(
        "urgent",
        to=membership.member.email,
        language=language,
        key=f"urgent.mail:{feedback_id}:{member_id}",
        words="" if concerns.standing(feedback_id) else "\n\n".join(words),
        **_scene(feedback, language),
    )


def concern(concern_id: int, member_id: int) -> Letter | None:
    """That there is one, and a link: no words, as mail goes through many hands. None where it has been settled."""
    raised = db.session.get_one(Concern, concern_id)
    membership = membership_at(raised.agency_id, member_id)
    if raised.ended_at is not None or membership is None:
        return None
    feedback = db.session.get_one(Feedback, raised.feedback_id)
    return compose(
        "concern",
        to=membership.member.email,
        language=membership.member.language,
        key=f"safeguarding.mail:{concern_id}:{member_id}",
        due_at=raised.due_at,
        timezone=feedback.site.agency.timezone,
        **_scene(feedback, membership.member.language),
    )


def _scene(feedback: Feedback, language: str) -> dict[str, Any]:
    return {
        "agency_name": in_language(feedback.site.agency.name, language),
        "reference": feedback.reference,
        "site": in_language(feedback.site.name, language),
        "service": in_language(feedback.contract.service, language) if feedback.contract else "",
    }
