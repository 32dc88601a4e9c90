"""How entries of the audit are said to people."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l

from app.accounts.forms import ROLES
from app.audit.rules import Doer, Part, Verb, parts_of
from app.cases import disclosure
from app.cases.wording import ATTRIBUTIONS, EVENTS, SAID
from app.directory.wording import SHARES, shown_value
from app.privacy.columns import ACTION_STEPS, OF_REPORTS, STAGES, STATES, column, kind_of_report
from app.web.filters import day, moment, percent
from app.web.texts import gettext as _

Numbers = Mapping[tuple[str, int], int | None]
A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
A_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")

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

KINDS: dict[str, Mapping[Any, Any]] = {
    "agreed_action_note": ACTION_STEPS,
    "disclosure": OPENED,
    "event": EVENTS,
    "invitation": ROLES,
    "link_disclosure": OPENED,
    "membership": ROLES,
    "verdict": STAGES,
}
"""Of what kind a new thing is, told first."""

CHOICES: dict[str, Mapping[Any, Any]] = {
    "attribution": ATTRIBUTIONS,
    "role": ROLES,
    # Both sides of a contract are among those that a complaint is attributable to.
    "side": ATTRIBUTIONS,
    "stage": STAGES,
    "state": STATES,
    "step": ACTION_STEPS,
}
"""Columns that hold a choice among ours."""


def thing(what: str) -> Any:
    """The kind of thing an entry is about; a table's own name where it has none for people yet."""
    return THINGS.get(what, what.replace("_", " "))


def detail(what: str, text: str, zone: str = "UTC", numbers: Numbers = MappingProxyType({})) -> Any:
    """Of what kind it is, how many, and which columns, with what they said before and then.

    Moments are said in ``zone``; ``numbers``: those of reports, as ``naming.numbers_of`` finds them.
    """
    kind, _comma, rest = text.partition(",")
    said = KINDS.get(what, {}).get(kind)
    if said is None:
        rest = text
    if rest.isdecimal():
        return _("How many: %(n)s", n=rest)
    parts = parts_of(rest)
    told = [_part(each, what, zone, numbers) for each in parts if each.after is None or _is_shown(each.column)]
    # Several columns may be called the same to people, like height and width.
    lines = dict.fromkeys([*([str(said)] if said is not None else []), *told])
    has_values = any(each.after is not None for each in parts)
    return (_("; ") if has_values else _(", ")).join(lines)


def _is_shown(of: str) -> bool:
    """Ids say nothing to people, but that of a report, which has a number."""
    return not of.endswith("_id") or of in OF_REPORTS


def _part(part: Part, what: str, zone: str, numbers: Numbers) -> str:
    """A column and what it said at the time of the deed."""
    if part.column == "changed_to" and part.after is not None:
        return str(SAID.get(part.after, part.after)).rstrip(".。")
    if part.column == "has_message" and part.after is not None:
        return _("with grounds")
    name = str(OF_REPORTS.get(part.column) or column(part.column))
    if part.after is None:
        return name

    def value(text: str) -> str:
        if part.column in OF_REPORTS and text:
            number = numbers.get((kind_of_report(what), int(text)))
            return _("Report %(number)s", number=number) if number else "–"
        return _value(part.column, text, what, zone)

    after = value(part.after)
    if part.before is None:
        return _("%(field)s: %(value)s", field=name, value=after)
    return _("%(field)s: %(before)s → %(after)s", field=name, before=value(part.before), after=after)


def _value(of: str, text: str, what: str, zone: str) -> str:
    """A value of the audit, as people read it."""
    if not text:
        return "–"
    if of in SHARES:
        return percent(float(text))
    if of in CHOICES:
        return str(CHOICES[of].get(text, text))
    if of in ("quiet_from", "quiet_until"):
        return f"{int(text):02}:00"
    if A_DAY.fullmatch(text):
        return day(date.fromisoformat(text))
    if A_MOMENT.match(text):
        return moment(datetime.fromisoformat(text), zone)
    return {"yes": _("yes"), "no": _("no")}.get(text) or shown_value(text, of)
