"""How entries of the audit are said to people."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.accounts.forms import ROLES
from app.audit.rules import Doer, Verb
from app.cases import disclosure
from app.cases.wording import EVENTS
from app.directory.models import ClauseTarget, KpiTarget
from app.kernel.words import Direction
from app.privacy.columns import ACTION_STEPS, STAGES, column
from app.web.filters import day, number, percent
from app.web.texts import gettext as _

VERBS: dict[Verb, Any] = {
    Verb.ADDED: _l("Added"),
    Verb.CHANGED: _l("Changed"),
    Verb.REMOVED: _l("Removed"),
    Verb.OPENED: _l("Looked at"),
    Verb.FOUND: _l("Searched for"),
    Verb.EXPORTED: _l("Exported"),
    Verb.TAKEN_IN: _l("Taken in from a file"),
    Verb.ERASED: _l("Erased"),
    Verb.SIGNED_IN: _l("Signed in"),
    Verb.SIGNED_OUT: _l("Signed out"),
    Verb.ROTATED: _l("Sealed with a new key"),
}

DOERS: dict[Doer, Any] = {
    Doer.MEMBER: _l("A member"),
    Doer.RESIDENT: _l("The resident"),
    Doer.GUEST: _l("Somebody by a link"),
    Doer.SYSTEM: _l("The background worker"),
    Doer.COMMAND: _l("A command on the server"),
}

THINGS: dict[str, Any] = {
    "agency": _l("the agency"),
    "agreed_action": _l("an agreed action"),
    "agreed_action_note": _l("what is said about an agreed action"),
    "case_move": _l("a move to another contract"),
    "call_wish": _l("a wish to be called"),
    "clause": _l("a clause"),
    "clause_target": _l("the limits of a clause"),
    "concern": _l("a safeguarding concern"),
    "contract": _l("a contract"),
    "contact": _l("contact details"),
    "contract_site": _l("which contract serves a site"),
    "correction": _l("a tag, by correction"),
    "digest_wish": _l("how a member wants the weekly email"),
    "disclosure": _l("personal data"),
    "escalation": _l("that a limit came near"),
    "escalation_call": _l("who was told of a limit"),
    "event": _l("an event"),
    "feedback": _l("feedback"),
    "feedback_words": _l("words and contact"),
    "figure": _l("a figure"),
    "hold": _l("a hold"),
    "hotline_call": _l("calls of the hotline"),
    "incoming_mail": _l("an e-mail that came in"),
    "issued_overview": _l("a report of several contracts"),
    "issued_report": _l("a report"),
    "kpi": _l("a KPI"),
    "kpi_name": _l("the name of a KPI"),
    "kpi_target": _l("the target of a KPI"),
    "link_disclosure": _l("personal data, by the provider's link"),
    "mailbox": _l("a mailbox"),
    "member": _l("a member"),
    "membership": _l("a membership"),
    "passkey": _l("a passkey"),
    "performance_notice": _l("a notice of contract performance"),
    "person": _l("everything about one person"),
    "photo": _l("photos"),
    "phrase": _l("a ready phrase"),
    "provider": _l("a provider"),
    "provider_link": _l("a link for the provider"),
    "publication": _l("public figures"),
    "publication_freeze": _l("days without publishing"),
    "publication_terms": _l("the terms of publishing"),
    "published_contract": _l("a contract that is published"),
    "question": _l("a question"),
    "question_option": _l("an answer to choose from"),
    "question_set": _l("a version of the questions"),
    "questions_in_use": _l("which questions are asked"),
    "returned_mail": _l("an address whose mail comes back"),
    "sealed": _l("sealed data"),
    "site": _l("a site"),
    "subscription": _l("a weekly email"),
    "suspicion": _l("what is held for review"),
    "tracking_link": _l("a resident's link"),
    "verdict": _l("a verdict"),
    "volume": _l("a monthly volume"),
    "watch_threshold": _l("a threshold of the watch"),
    "words": _l("what was written"),
}


OPENED: dict[str, Any] = {
    disclosure.WORDS: _l("original words"),
    disclosure.CONTACT: _l("contact details"),
    disclosure.SHARED: _l("shared contact details"),
    disclosure.EVERYTHING: _l("original words and contact details"),
    disclosure.FOUND: _l("found by contact details"),
}


def thing(what: str) -> Any:
    """The kind of thing an entry is about; a table's own name where it has none for people yet."""
    return THINGS.get(what, what.replace("_", " "))


def detail(what: str, text: str) -> Any:
    """Of an event its kind, of a membership its role, else which columns changed."""
    known: dict[str, dict[Any, Any]] = {
        "agreed_action_note": ACTION_STEPS,
        "disclosure": OPENED,
        "event": EVENTS,
        "membership": ROLES,
        "verdict": STAGES,
    }
    found = known.get(what, {}).get(text)
    if found is not None:
        return found
    # Several columns may be called the same to people, like both ends of the quiet hours.
    return _(", ").join(dict.fromkeys(str(column(name)) for name in text.split(",")))


def version(row: ClauseTarget | KpiTarget) -> str:
    """What holds from a day on, as it stands now: a file may have changed it since."""
    from_day = day(row.starts_on)
    if isinstance(row, ClauseTarget):
        return _(
            "as it stands now, from %(day)s: answer within %(respond)s, resolve within %(resolve)s",
            day=from_day,
            respond=number(row.respond_within_hours),
            resolve=number(row.resolve_within_hours),
        )
    sign = "≥" if row.direction == Direction.AT_LEAST else "≤"
    shares = (f"{sign}\xa0{percent(share)}" for share in (row.target, row.approaching, row.inadequate))
    return _("as it stands now, from %(day)s: %(shares)s", day=from_day, shares=_(", ").join(shares))
