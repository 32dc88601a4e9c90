"""What the tests of inbox and case page begin with: feedback as residents send it."""

from datetime import datetime
from typing import Any

from app.cases import actions
from app.extensions import db
from app.intake.actions import make_ready, receive
from app.intake.models import Feedback
from app.intake.rules import NewFeedback
from app.kernel import clock
from app.kernel.words import Channel, FeedbackKind
from tests.factories import Directory

MONDAY = datetime.fromisoformat("2026-11-02T09:00:00+08:00")


def sent(world: Directory, **changes: Any) -> Feedback:
    """Feedback about the first contract, with its case where it is a complaint; nobody has read it yet."""
    new = {
        "agency_id": world.agency.id,
        "site_id": world.site.id,
        "contract_id": world.contract.id,
        "kind": FeedbackKind.COMPLAINT,
        "rating": 1,
        "text": "The bin was full again. Call me on 07700 900123.",
        "place": "behind the gate",
        "email": "resident@example.org",
        "phone": None,
        "is_shared": False,
        "language": "en",
        "channel": Channel.WEB,
        "submitted_at": clock.now(),
    } | changes
    feedback = db.session.get_one(Feedback, receive(make_ready(NewFeedback(**new))).id)
    actions.open_for(feedback)
    db.session.commit()
    return feedback


def history(feedback: Feedback) -> list[str]:
    """The kinds of what happened, oldest first."""
    return [str(event.kind) for event in actions.history_of(feedback)]
