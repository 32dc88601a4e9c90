"""What could not be done, for staff to see to; and whether all is well, for monitors."""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from app.config import ROOT
from app.extensions import db
from app.kernel.words import Role
from app.outbox import actions, queries
from app.outbox.models import Promise
from app.web.access import allow, public, viewer
from app.web.transactions import commits

bp = Blueprint("outbox", __name__)

SEE_TO_IT = (Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR)

UNHEALTHY_AFTER = 600
"""Seconds that a due promise may wait: a worker that runs takes it up within two."""

TOPICS = {
    "mail.fetch": _l("Looking into a mailbox"),
    "feedback.read": _l("Reading what a resident wrote"),
    "held.read": _l("Looking whether what is held for review can wait"),
    "case.propose_clause": _l("Proposing which clause a complaint is about"),
    "case.resume": _l("Letting the clock run again after a question to a resident"),
    "case.news": _l("Finding out who must hear of news about a case"),
    "staff.call": _l("To a member: what waits for them"),
    "provider.work": _l("To a provider's member: the new cases of the day"),
    "case.escalate": _l("Telling somebody that a limit comes near"),
    "provider.link": _l("To a provider: the link to a case"),
    "resident.receipt": _l("Receipt to a resident"),
    "resident.tell": _l("News of their case to a resident"),
    "retention.look": _l("Finding what has been kept for long enough"),
    "retention.carry_out": _l("Deleting what has been kept for long enough"),
    "rollup.follow": _l("Counting the days of contracts again"),
    "report.draw": _l("Charts of a report"),
    "report.print": _l("Files of an issued report"),
    "report.print_overview": _l("Files of an issued report of several contracts"),
    "report.ask": _l("Asking a provider for its statement"),
    "digest.send": _l("Weekly email"),
    "member.invite": _l("Invitation to a member"),
    "member.mail": _l("Letter to a member about signing in"),
}

# The kind of a foreign error → what staff can make of it; our own errors are sentences already.
ERRORS = {
    "ConnectionRefusedError": _l("The mail server did not answer."),
    "TimeoutError": _l("The mail server took too long."),
    "gaierror": _l("The mail server's name is not known."),
    "SMTPServerDisconnected": _l("The mail server hung up."),
    "SMTPAuthenticationError": _l("The mail server did not accept our user name and password."),
    "SMTPResponseException": _l("The mail server refused it for now."),
    "SMTPDataError": _l("The mail server refused it for now."),
    "SMTPSenderRefused": _l("The mail server does not accept our sender address."),
    "SMTPNotSupportedError": _l("The mail server cannot do what the settings ask for."),
    "SSLCertVerificationError": _l("The mail server's certificate is not valid."),
    "OperationalError": _l("The database was not available."),
    "GatewayBusy": _l("The gateway for text messages refused it for now."),
    "KeyError": _l("This version of the product does not know this kind of work."),
}


@bp.get("/undelivered")
@allow(*SEE_TO_IT)
def dead_letters() -> Any:
    dead = queries.dead_letters(viewer())
    agency = getattr(viewer(), "agency", None)
    return render_template(
        "outbox/dead_letters.html",
        dead=dead,
        topics=TOPICS,
        errors=ERRORS,
        references=_references(dead),
        timezone=agency.timezone if agency else "UTC",
    )


@bp.post("/undelivered/<int:promise_id>/retry")
@allow(*SEE_TO_IT)
@commits
def retry(promise_id: int) -> Any:
    actions.retry(queries.dead_letter_or_404(viewer(), promise_id))
    flash(_("It will be tried again at once."), "success")
    return redirect(url_for("outbox.dead_letters"))


@bp.get("/status")
@public
def status() -> Any:
    """JSON for monitors: 503 when the database is down or what is due is not being done."""
    try:
        found = queries.health()
    except SQLAlchemyError:
        db.session.rollback()
        return {"status": "database down", "version": version()}, 503
    is_late = (found.oldest_due_seconds or 0) > UNHEALTHY_AFTER
    answer = {
        "status": "background work is late" if is_late else "ok",
        "version": version(),
        "migration": found.migration,
        "oldest_due_seconds": found.oldest_due_seconds,
    }
    return answer, 503 if is_late else 200


@lru_cache(maxsize=1)
def version() -> str:
    """The product's version, from the one place that says it."""
    project: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return project


def _references(dead: Sequence[Promise]) -> dict[int, str]:
    """Promise → reference of the case it is about, where there is one and the viewer may open it."""
    if viewer().role == Role.ADMINISTRATOR:
        return {}
    about = {promise.id: feedback for promise in dead if (feedback := _feedback_of(promise)) is not None}
    known: dict[int, str] = current_app.extensions["case_references"](set(about.values()))
    return {promise: known[feedback] for promise, feedback in about.items() if feedback in known}


def _feedback_of(promise: Promise) -> int | None:
    feedback_id = promise.payload.get("feedback_id")
    return feedback_id if isinstance(feedback_id, int) else None
