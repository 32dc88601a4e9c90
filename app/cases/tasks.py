"""What the worker calls about cases. Ids in, safe to repeat."""

from datetime import datetime

from app.analysis import actions as analysis
from app.analysis import concerns
from app.analysis.models import Tag
from app.analysis.reading import analyse
from app.cases import actions, calling_staff, escalation_actions, letters, news, provider_links, verdict_actions
from app.cases.models import Event
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import EventKind
from app.mail import postman
from app.outbox.running import Deed


def propose_clause(feedback_id: int) -> Deed:
    """On ``case.propose_clause``: what analysis found in a complaint may say which duty is meant."""

    def propose() -> None:
        case = actions.case_of(db.session.get_one(Feedback, feedback_id))
        tag = db.session.get(Tag, feedback_id)
        if case is not None and tag is not None:
            actions.propose_clause(case, tag.aspects)

    return propose


def read_message(event_id: int) -> Deed | None:
    """On ``case.read_message``: what a resident writes later may raise a safeguarding concern as well."""
    text = actions.message_of(event_id)
    db.session.rollback()
    if not text or not analyse(text).safeguarding:
        return None

    def hide() -> None:
        concerns.raise_by_analysis(db.session.get_one(Feedback, db.session.get_one(Event, event_id).feedback_id))

    return hide


def hide_names(feedback_id: int) -> Deed | None:
    """On ``case.hide_names``: whom one text of a case names is hidden in the feedback's own texts as well."""
    names = actions.names_in_case(feedback_id)
    db.session.rollback()
    if not names:
        return None

    def hide() -> None:
        analysis.hide_names(feedback_id, names)

    return hide


def resume(feedback_id: int, event_id: int) -> Deed:
    """On ``case.resume``: the waiting time after a question is over."""

    def go_on() -> None:
        case = actions.case_of(db.session.get_one(Feedback, feedback_id))
        if case is not None:
            actions.resume(case, event_id)

    return go_on


def consent(feedback_id: int, event_id: int) -> Deed:
    """On ``case.consent``: the provider's time to reply to a proposed verdict is over."""

    def stand() -> None:
        case = actions.case_of(db.session.get_one(Feedback, feedback_id))
        if case is not None:
            verdict_actions.consent(case, event_id)

    return stand


def call_staff(feedback_id: int, event_id: int) -> Deed:
    """On ``case.news``: each member whom it concerns gets a letter when the hour is over, about all of that hour.

    A case that was given to a provider is told once a day, with the others of that day.
    """

    def find_out() -> None:
        event = db.session.get_one(Event, event_id)
        call_them = calling_staff.call_about_new_work if news.is_new_work(event) else calling_staff.call_members
        call_them(event.agency_id, news.recipients(event_id), event.recorded_at)
        case = actions.case_of(db.session.get_one(Feedback, feedback_id))
        if event.kind == EventKind.REOPENED and case is not None:
            calling_staff.call_managers_about_reopening(case, event.recorded_at)

    return find_out


def escalate(feedback_id: int) -> Deed:
    """On ``case.escalate``: a step of a limit is reached; whom it concerns is called."""

    def tell() -> None:
        case = actions.case_of(db.session.get_one(Feedback, feedback_id))
        if case is not None:
            escalation_actions.escalate(case)

    return tell


def send_link(link_id: int, tells_decision: bool = False) -> Deed | None:
    """On ``provider.link``: the one letter with the token, which is forgotten after it."""
    letter = letters.provider_link(link_id, tells_decision=tells_decision)
    db.session.rollback()
    if letter is None:
        return None
    postman.deliver(letter)

    def forget() -> None:
        provider_links.forget_token(link_id)

    return forget


def call(member_id: int, hour: str, since: str | None = None) -> Deed | None:
    """On ``staff.call``: what waits for a member now, and what happened in ``hour`` and, in quiet hours, before it."""
    slot = datetime.fromisoformat(hour)
    letter = letters.called(member_id, slot, datetime.fromisoformat(since) if since else slot)
    db.session.rollback()
    if letter is not None:
        postman.deliver(letter)
    return None


def tell_new_work(member_id: int, hour: str, since: str) -> Deed | None:
    """On ``provider.work``: the cases that were given to a member's provider since the letter before."""
    letter = letters.new_work(member_id, datetime.fromisoformat(hour), datetime.fromisoformat(since))
    db.session.rollback()
    if letter is not None:
        postman.deliver(letter)
    return None
