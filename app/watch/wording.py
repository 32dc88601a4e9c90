"""How patterns, their thresholds and what may be behind them are said."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.kernel.words import Actor
from app.watch.rules import Finding, Pattern, Threshold
from app.web.texts import gettext as _

SIDES = {Actor.AGENCY: _l("the agency"), Actor.PROVIDER: _l("the provider")}

TITLES: Mapping[Pattern, Any] = {
    Pattern.QUICK: _l("Closed within minutes"),
    Pattern.AT_THE_LIMIT: _l("Closed just before the limit"),
    Pattern.AT_ONCE: _l("Many closed at once"),
    Pattern.REJECTIONS: _l("Many declined in a short time"),
    Pattern.SHORT: _l("Very short messages to residents"),
    Pattern.REPEATED: _l("The same message to many residents"),
    Pattern.BURST: _l("Many equal ratings in a short time"),
    Pattern.PAUSES: _l("Questions just before the limit"),
    Pattern.AFTER_A_CALL: _l("Taken back after somebody looked up the contact"),
    Pattern.DUPLICATES: _l("Duplicates that hide something"),
}

BEHIND: Mapping[Pattern, Any] = {
    Pattern.QUICK: _l("It may be good work: what could be put right by phone, or was known already."),
    Pattern.AT_THE_LIMIT: _l("It may be how the work is planned: rounds that end with the limit."),
    Pattern.AT_ONCE: _l("It may be one cause with many complaints, or a day's work written down in the evening."),
    Pattern.REJECTIONS: _l("It may be one thing that many took for this contract's."),
    Pattern.SHORT: _l("It may be all there is to say. Read some of them as their resident would."),
    Pattern.REPEATED: _l("It may be one cause with one answer, or a good sentence that everybody uses."),
    Pattern.BURST: _l(
        "It may be a class, a bus or a meeting that rates together. We keep no addresses of phones, so nobody can say "
        "whether they came from one."
    ),
    Pattern.PAUSES: _l("It may be that the question only arose at the place. While it is out the clock stands."),
    Pattern.AFTER_A_CALL: _l("It may be that the call solved it. We know of the look-up, not of any call."),
    Pattern.DUPLICATES: _l("It may be the same thing indeed. A merged case leaves every measure, so look at both."),
}

THRESHOLDS: Mapping[Threshold, Any] = {
    Threshold.QUICK_MINUTES: _l("Minutes after it was sent"),
    Threshold.QUICK_CASES: _l("Cases from which on it is shown"),
    Threshold.LIMIT_PERCENT: _l("Percent of the limit that are used"),
    Threshold.LIMIT_CASES: _l("Cases from which on it is shown"),
    Threshold.LIMIT_SHARE: _l("And percent of all that the side resolved"),
    Threshold.ONCE_SECONDS: _l("Within so many seconds"),
    Threshold.ONCE_CASES: _l("Cases from which on it is shown"),
    Threshold.REJECTION_HOURS: _l("Within so many hours"),
    Threshold.REJECTION_CASES: _l("Cases from which on it is shown"),
    Threshold.SHORT_LETTERS: _l("Fewer letters than (a Chinese sign counts for three)"),
    Threshold.SHORT_CASES: _l("Cases from which on it is shown"),
    Threshold.REPEATED_CASES: _l("Cases from which on it is shown"),
    Threshold.BURST_MINUTES: _l("Within so many minutes"),
    Threshold.BURST_RATINGS: _l("Ratings from which on it is shown"),
    Threshold.PAUSE_PERCENT: _l("Percent of the limit that are used"),
    Threshold.PAUSE_CASES: _l("Cases from which on it is shown"),
    Threshold.CALL_HOURS: _l("Within so many hours"),
    Threshold.CALL_CASES: _l("Cases from which on it is shown"),
    Threshold.DUPLICATE_PERCENT: _l("Percent of the limit that are used"),
    Threshold.DUPLICATE_CASES: _l("Cases from which on it is shown"),
}


def sentence(finding: Finding) -> str:
    """What was found, with its number; by a side of a contract, never by a person."""
    said = {
        "side": str(SIDES[finding.side]) if finding.side else "",
        "n": finding.count,
        **finding.more,
    }
    # One call for each, written out, as translators must find the texts.
    if finding.pattern == Pattern.QUICK:
        return _("Closed by %(side)s within %(minutes)s minutes of being sent: %(n)s cases.", **said)
    if finding.pattern == Pattern.AT_THE_LIMIT:
        return _(
            "Said to be resolved by %(side)s when %(percent)s %% of the limit or more, but not all, were used: "
            "%(n)s of %(of)s cases.",
            **said,
        )
    if finding.pattern == Pattern.AT_ONCE:
        return _("Closed by %(side)s, several within %(seconds)s seconds: %(n)s cases.", **said)
    if finding.pattern == Pattern.REJECTIONS:
        return _("Declined by %(side)s, several within %(hours)s hours: %(n)s cases.", **said)
    if finding.pattern == Pattern.SHORT:
        return _("Told by %(side)s in fewer than %(letters)s letters: %(n)s cases.", **said)
    if finding.pattern == Pattern.REPEATED:
        return _("Told by %(side)s in the same words, “%(words)s”: %(n)s cases.", **said)
    if finding.pattern == Pattern.BURST:
        return _("Rated %(rating)s of 5 at site %(site)s, several within %(minutes)s minutes: %(n)s times.", **said)
    if finding.pattern == Pattern.PAUSES:
        return _(
            "Asked by %(side)s when %(percent)s %% of the limit or more, but not all, were used: %(n)s cases.", **said
        )
    if finding.pattern == Pattern.AFTER_A_CALL:
        return _(
            "Taken back within %(hours)s hours after %(side)s looked up how to reach the resident: %(n)s cases.", **said
        )
    return _(
        "Merged by %(side)s into other cases: %(n)s. Of these with %(percent)s %% of the limit or more used: %(late)s; "
        "into a case that was over: %(over)s; into another contract's: %(other)s.",
        **said,
    )
