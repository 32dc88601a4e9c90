"""All background work on one screen: which task keeps which promise, and what is promised when."""

from collections.abc import Collection, Mapping

from flask import Flask
from sqlalchemy import select

from app.accounts import tasks as accounts
from app.analysis import sampling
from app.analysis import tasks as analysis
from app.cases import escalation_actions
from app.cases import tasks as cases
from app.cases.models import Case
from app.digest import actions as digests
from app.digest import tasks as digest
from app.extensions import db
from app.intake import photo_keeping, quotas
from app.intake import tasks as intake
from app.intake.models import Feedback
from app.mailroom import promising as mailboxes
from app.mailroom import tasks as mailroom
from app.measures import actions as rollup
from app.measures import tasks as measures
from app.outbox.running import Schedule, Task
from app.privacy import deleting_when_due
from app.privacy import tasks as privacy
from app.reports import tasks as reports
from app.resident import tasks as resident

# topic → the task that keeps it
HANDLERS: Mapping[str, Task] = {
    "photos.forget": intake.forget_photos,
    "photos.sweep": intake.sweep_photos,
    "mail.fetch": mailroom.fetch_mail,
    "mail.waits": mailroom.tell_that_it_waits,
    "feedback.read": analysis.read_feedback,
    "answers.read": analysis.read_answers,
    "held.read": analysis.read_held,
    "sent.forget": intake.forget_sent,
    "tags.draw": analysis.draw,
    "urgent.call": analysis.call_duty,
    "urgent.mail": analysis.mail_urgent,
    "safeguarding.call": analysis.call_safeguarding,
    "safeguarding.mail": analysis.mail_concern,
    "case.propose_clause": cases.propose_clause,
    "case.read_message": cases.read_message,
    "case.hide_names": cases.hide_names,
    "case.resume": cases.resume,
    "case.consent": cases.consent,
    "case.news": cases.call_staff,
    "case.escalate": cases.escalate,
    "provider.link": cases.send_link,
    "staff.call": cases.call,
    "provider.work": cases.tell_new_work,
    "resident.receipt": resident.send_receipt,
    "resident.tell": resident.tell,
    "resident.remind": resident.remind,
    "resident.later": resident.tell_later,
    "resident.joined": resident.tell_joined,
    "resident.moved": resident.tell_moved,
    "retention.look": privacy.look,
    "retention.carry_out": privacy.carry_out,
    "rollup.follow": measures.follow,
    "report.draw": reports.draw,
    "report.print": reports.print_files,
    "report.print_overview": reports.print_overview_files,
    "report.ask": reports.ask,
    "digest.send": digest.send,
    "member.invite": accounts.invite,
    "member.mail": accounts.mail,
}

# when → what is then promised: asked every minute, and once is once
SCHEDULE: Schedule = {
    "every minute: the cases of which a limit comes near": escalation_actions.promise_due,
    "every minute if something changed, and every hour: what days count": rollup.promise_due,
    "Monday 06:00 where the agency is: the texts that staff check": sampling.promise_due,
    "every five minutes: mailboxes": mailboxes.promise_due,
    "every hour": photo_keeping.promise_sweep,
    "soon after midnight: to forget the salt of the day before and its counts": quotas.promise_forgetting,
    "Monday 08:00 where the agency is, or when a member wishes": digests.promise_due,
    "every day": deleting_when_due.promise_due,
}


def init_app(app: Flask) -> None:
    """Let commands and the outbox's pages find all this without importing the stages."""
    app.extensions["handlers"] = HANDLERS
    app.extensions["case_references"] = case_references


def case_references(feedback_ids: Collection[int]) -> dict[int, str]:
    """Feedback → reference of its case, for promises that are about one."""
    found = select(Feedback.id, Feedback.reference).join(Case, Case.feedback_id == Feedback.id)
    rows = db.session.execute(found.where(Feedback.id.in_(feedback_ids)))
    return {feedback_id: reference for feedback_id, reference in rows}
