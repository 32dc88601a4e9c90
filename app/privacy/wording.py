"""How entries of the audit are said to people."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.accounts.forms import ROLES
from app.audit.rules import Doer, Part, Verb, parts_of
from app.cases import disclosure
from app.cases.wording import EVENTS
from app.directory.wording import SHARES, shown_value
from app.kernel.words import Role
from app.privacy.columns import ACTION_STEPS, STAGES, column
from app.web.filters import day, percent
from app.web.texts import gettext as _

A_DAY = re.compile(r"\d{4}-\d\d-\d\d")

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
    "mail_photo": _l("the photos of an e-mail"),
    "mailbox": _l("a mailbox"),
    "member": _l("a member"),
    "membership": _l("a membership"),
    "invitation": _l("an invitation to become a member"),
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
    disclosure.EVERYTHING: _l("original words, photos and contact details"),
    disclosure.PHOTOS: _l("photos"),
    disclosure.FOUND: _l("found by contact details"),
}


def thing(what: str) -> Any:
    """The kind of thing an entry is about; a table's own name where it has none for people yet."""
    return THINGS.get(what, what.replace("_", " "))


def detail(what: str, text: str) -> Any:
    """Of an event its kind, of a membership its role, else which columns, with what they said before and then."""
    known: dict[str, dict[Any, Any]] = {
        "agreed_action_note": ACTION_STEPS,
        "disclosure": OPENED,
        "link_disclosure": OPENED,
        "event": EVENTS,
        "membership": ROLES,
        "invitation": ROLES,
        "verdict": STAGES,
    }
    found = known.get(what, {}).get(text)
    if found is not None:
        return found
    if "=" not in text:
        # Several columns may be called the same to people, like both ends of the quiet hours.
        return _(", ").join(dict.fromkeys(str(column(name)) for name in text.split(",")))
    return _("; ").join(dict.fromkeys(_part(each) for each in parts_of(text) if not each.column.endswith("_id")))


def _part(part: Part) -> str:
    """A column and what it said at the time of the deed."""
    name = str(column(part.column))
    if part.after is None:
        return name
    after = _value(part.column, part.after)
    if part.before is None:
        return _("%(field)s: %(value)s", field=name, value=after)
    return _("%(field)s: %(before)s → %(after)s", field=name, before=_value(part.column, part.before), after=after)


def _value(of: str, text: str) -> str:
    """A value of the audit, as people read it."""
    if not text:
        return "–"
    if of in SHARES:
        return percent(float(text))
    if of == "role":
        return str(ROLES.get(Role(text), text))
    if of in ("quiet_from", "quiet_until"):
        return f"{int(text):02}:00"
    if A_DAY.fullmatch(text):
        return day(date.fromisoformat(text))
    return {"yes": _("yes"), "no": _("no")}.get(text) or shown_value(text, of)
