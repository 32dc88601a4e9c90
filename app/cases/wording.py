"""How limits and events of a case are said to staff."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.cases import rules, verdict_rules
from app.cases.escalation_rules import ALL
from app.cases.models import Case
from app.cases.queries import Due, LimitUsed
from app.cases.rules import InboxView
from app.directory.models import Clause
from app.kernel.words import Actor, Attribution, CaseStatus, EventKind, HoldKind, Sign, VerdictStage, Word, in_language
from app.kernel.working_time import Remaining, Unit
from app.web.languages import language
from app.web.texts import gettext as _
from app.web.texts import ngettext

VIEWS = {
    InboxView.UNREAD: _l("Unread"),
    InboxView.WITH_US: _l("Open, with us"),
    InboxView.MINE: _l("Mine"),
    InboxView.OVERDUE: _l("Overdue"),
    InboxView.WAITING: _l("Waiting for the resident"),
    InboxView.TO_CALL: _l("To be called"),
    InboxView.PHOTOS: _l("Photos to look at"),
    InboxView.TO_JUDGE: _l("To be judged"),
    InboxView.VERDICTS: _l("Verdicts"),
    InboxView.DECIDE: _l("For the manager"),
    InboxView.UNHAPPY: _l("Unhappy, no case"),
    InboxView.ALL: _l("All"),
}

EMPTY = {
    InboxView.UNREAD: _l("Everything has been read."),
    InboxView.WITH_US: _l("No open case waits for the agency."),
    InboxView.MINE: _l("No open case is yours."),
    InboxView.OVERDUE: _l("Nothing is overdue."),
    InboxView.WAITING: _l("No resident has a question of ours to answer."),
    InboxView.TO_CALL: _l("Nobody waits for a call."),
    InboxView.PHOTOS: _l("Every photo has been looked at."),
    InboxView.TO_JUDGE: _l("All that has been dealt with has been judged."),
    InboxView.VERDICTS: _l("No verdict waits for a word of yours."),
    InboxView.DECIDE: _l("Nothing is contested, and nothing was reopened twice."),
    InboxView.UNHAPPY: _l("Nobody unhappy is without a case."),
    InboxView.ALL: _l("Nothing has come in yet."),
}

EVENTS = {
    EventKind.ACKNOWLEDGED: _l("Receipt sent"),
    EventKind.ASSIGNED: _l("Given to the provider"),
    EventKind.HANDED_BACK: _l("Handed back to the agency"),
    EventKind.REPLIED: _l("Answered"),
    EventKind.ASKED: _l("Resident asked"),
    EventKind.RESIDENT_REPLIED: _l("Resident answered"),
    EventKind.ADDED: _l("Resident added something"),
    EventKind.RESUMED: _l("The clock runs again"),
    EventKind.RESOLVED: _l("Said to be resolved"),
    EventKind.CONFIRMED: _l("Resident confirmed"),
    EventKind.RATED: _l("Resident rated the handling"),
    EventKind.REOPENED: _l("Reopened"),
    EventKind.REJECTED: _l("Rejected"),
    EventKind.WITHDRAWN: _l("Withdrawn by the resident"),
    EventKind.DUPLICATE: _l("Marked as a duplicate"),
    EventKind.MOVED: _l("Moved to another contract"),
    EventKind.VERDICT: _l("Verdict"),
    EventKind.OPENED: _l("Case opened by an officer"),
    EventKind.KIND_CHANGED: _l("Kind changed"),
    EventKind.CLAUSE_CHANGED: _l("Clause changed"),
    EventKind.LINK_SENT: _l("Link sent to the provider"),
    EventKind.LINK_REVOKED: _l("Link to the provider taken back"),
    EventKind.HELD: _l("Held for review"),
    EventKind.RELEASED: _l("Let through after review"),
    EventKind.SET_ASIDE: _l("Set aside as spam"),
    EventKind.PUT_BACK: _l("Put back to be looked at again"),
    EventKind.TAKEN_BY: _l("Taken on"),
    EventKind.NOTED: _l("Internal note"),
    EventKind.VERDICT_PROPOSED: _l("Verdict proposed: the provider"),
    EventKind.VERDICT_ANSWERED: _l("The provider replied to the verdict"),
    EventKind.VERDICT_CONTESTED: _l("Verdict contested"),
    EventKind.VERDICT_CHECKED: _l("Verdict looked at by a second person"),
    EventKind.FOLLOWED: _l("Over for too long; a new case goes on with it"),
}

SIGNS = {
    Sign.HONEYPOT: _l("A field that people do not see was filled in."),
    Sign.NO_STAMP: _l("It did not come from a page of ours."),
    Sign.TOO_FAST: _l("It was sent within three seconds of opening the form."),
    Sign.MANY_FROM_NETWORK: _l("Very many came from the same network within one hour."),
    Sign.MANY_AT_SITE: _l("Very many came about the same place within one hour."),
    Sign.MANY_TO_AGENCY: _l("Very many came to your agency within one hour."),
    Sign.LINK: _l("There is a link in it."),
    Sign.LINKS: _l("There are many links in it, or a link written for machines."),
    Sign.SAME_WORDS: _l("The same words came several times today."),
    Sign.SAME_WORDS_OFTEN: _l("The same words came ten times or more today."),
    Sign.ONE_THING_AGAIN: _l("It says the same thing again and again."),
}
"""Why something is held for review."""

ATTRIBUTIONS = {
    Attribution.PROVIDER: _l("The provider"),
    Attribution.AGENCY: _l("The agency"),
    Attribution.THIRD_PARTY: _l("A third party"),
    Attribution.OUTSIDE_CONTRACT: _l("Outside the contract"),
    Attribution.UNSUBSTANTIATED: _l("Not substantiated"),
}
"""Whom a complaint is attributable to."""

STAGES = {
    VerdictStage.REPLY: _l("Verdict: proposed"),
    VerdictStage.OBJECTED: _l("Verdict: the provider objects"),
    VerdictStage.STANDS: _l("Verdict: stands"),
    VerdictStage.CONTESTED: _l("Verdict: contested"),
    VerdictStage.DISPUTED: _l("Verdict: a second person finds otherwise"),
    VerdictStage.DECIDED: _l("Verdict: final"),
}
"""How far the verdict on a case has come, in a list."""

HOLD_KINDS = {
    HoldKind.VERDICT: _l("A verdict is open"),
    HoldKind.CLAIM: _l("A claim, for example for damages"),
    HoldKind.COURT: _l("A court"),
    HoldKind.INQUIRY: _l("An inquiry"),
    HoldKind.OTHER: _l("Another reason that the law gives"),
}
"""Why something is on hold, as its resident reads it."""

LAST_WORDS = {
    Word.CLAIMED: _l("Claimed; the resident may still say something"),
    Word.CONFIRMED: _l("Confirmed by the resident"),
    Word.CONTESTED: _l("Contested by the resident; open again"),
    Word.SILENT: _l("Silent; the days to say something are over"),
}

SAID = {
    verdict_rules.AGREED: _l("The provider agreed."),
    verdict_rules.OBJECTED: _l("The provider objected."),
    verdict_rules.SILENT: _l("The provider said nothing in time; silence is consent."),
    verdict_rules.AGREES: _l("They find the same."),
    verdict_rules.DISAGREES: _l("They find otherwise; a manager decides."),
    rules.NO_DAYS: _l("The contract gives no days to wait for an answer, so the clock runs on."),
    rules.UNREACHABLE: _l("They left no way to reach them, so the clock runs on."),
    rules.IN_VAIN: _l("Nobody has answered the question before, so the clock goes on."),
    rules.CONTACT_GONE: _l("They took back how to reach them, so the clock runs again."),
}
"""What is kept with an event about how it came to be."""

READS = {
    "en": _l("This resident reads English."),
    "zh": _l("This resident reads Chinese."),
    "es": _l("This resident reads Spanish."),
    "ar": _l("This resident reads Arabic."),
}
"""In which language letters and pages speak to who is answered."""

ACTORS = {
    Actor.SYSTEM: _l("Answerable"),
    Actor.AGENCY: _l("Agency"),
    Actor.PROVIDER: _l("Provider"),
    Actor.RESIDENT: _l("Resident"),
}


def time_left(left: Remaining) -> str:
    """Working time left, or gone since: "due in 3 working hours", "overdue by 2 working days"."""
    n = left.count
    if left.is_over:
        if left.unit == Unit.MINUTE:
            return ngettext("overdue by %(num)d minute", "overdue by %(num)d minutes", n)
        if left.unit == Unit.HOUR:
            return ngettext("overdue by %(num)d working hour", "overdue by %(num)d working hours", n)
        return ngettext("overdue by %(num)d working day", "overdue by %(num)d working days", n)
    if left.unit == Unit.MINUTE:
        return ngettext("due in %(num)d minute", "due in %(num)d minutes", n)
    if left.unit == Unit.HOUR:
        return ngettext("due in %(num)d working hour", "due in %(num)d working hours", n)
    return ngettext("due in %(num)d working day", "due in %(num)d working days", n)


def clock_words(clocks: Sequence[LimitUsed], limit: str) -> str | None:
    """How much of a limit is used: "80 % is used; somebody was told at 50 %"; None where it does not run."""
    of = next((each for each in clocks if each.limit == limit), None)
    if of is None:
        return None
    if of.percent >= 2 * ALL:
        used = _("overdue: %(n)s times its limit", n=of.percent // ALL)
    elif of.percent > ALL:
        used = _("overdue: %(n)s %% more than its limit", n=of.percent - ALL)
    else:
        used = _("%(n)s %% is used", n=of.percent)
    if not of.told:
        return used
    steps = ", ".join(str(step) for step in of.told)
    return _("%(used)s; somebody was told at %(steps)s %%", used=used, steps=steps)


def clause_words(code: str, clauses: Sequence[Clause]) -> str:
    """The clause under which a case came, by its title where the contract has it."""
    found = next((each for each in clauses if each.code == code), None)
    if found is None:
        return _("Clause %(code)s", code=code)
    return _("Clause %(code)s, %(title)s", code=code, title=in_language(found.title, language()))


def would_be_words(due: Due | None) -> str:
    """By when a case would be due that is opened now on other feedback."""
    if due is None:
        return _("No clause applies, so it would have no limit.")
    when = time_left(due.left)
    if due.left.is_over:
        return _("Its limits count from when it was sent: the answer would be %(when)s at once.", when=when)
    return _("Its limits count from when it was sent: the answer would be %(when)s.", when=when)


def why_not_moved(case: Case, *, has_another: bool, is_a_managers: bool) -> str | None:
    """Why a case cannot be moved to another contract now, and what to do first; None where it can."""
    if case.is_imported:
        return _(
            "It was brought in from a file, which says to which contract it belongs, so it cannot be moved. If it is "
            "not about this one, judge it as outside the contract."
        )
    if case.status in (CaseStatus.RESOLVED, CaseStatus.REJECTED):
        return _("Only an open case can be moved: reopen it first.")
    if case.status != CaseStatus.OPEN:
        return _("It has ended, so it cannot be moved.")
    if not has_another:
        return _("No other contract of your agency was in force on the day it was sent. Enter the right one first.")
    if is_a_managers:
        return _(
            "There is a verdict, which would end with it: only a manager can move this case. Ask one, and say why it "
            "belongs elsewhere."
        )
    return None


def where_read(*, texts_are_sent: bool) -> str:
    """Where the resident reads an answer; text messages are named where some gateway carries them."""
    if texts_are_sent:
        return _("The resident reads this on their page, and by e-mail or text message where they can be reached so.")
    return _("The resident reads this on their page, and by e-mail where they can be reached so.")


def refused_words(action: str) -> str:
    """Why something was not done, by the form that asked for it."""
    if action == "kind":
        return _("It is of this kind already, or somebody has dealt with the complaint, which then stays one.")
    if action == "concern":
        return _("There is a safeguarding concern already. The provider does not see it.")
    return _("This cannot be done where the case stands now. Nothing was changed.")


def nobody_told_words() -> str:
    """Why a case is not given to a provider without accounts as it is to others."""
    return _(
        "Nobody of this provider signs in, so nobody would be told. Nothing was changed. "
        "Send a link instead: the case is given with it."
    )


def due_words(due: Due) -> str:
    """Which limit it is, and how long that is."""
    when = time_left(due.left)
    return _("Answer %(when)s", when=when) if due.is_for_response else _("Solution %(when)s", when=when)
