"""How patterns, their thresholds and what may be behind them are said."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.gaming_watch.rules import Finding, Pattern, Threshold
from app.kernel.words import Actor
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
    Pattern.UNANSWERED: _l("Questions again and again that nobody answers"),
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
    Pattern.UNANSWERED: _l(
        "It may be that the work cannot go on without the answer. The clock stands for the first such question alone."
    ),
    Pattern.AFTER_A_CALL: _l("It may be that the call solved it. We know of the look-up, not of any call."),
    Pattern.DUPLICATES: _l("It may be the same thing indeed. A merged case leaves every measure, so look at both."),
}

THRESHOLDS: Mapping[Threshold, Any] = {
    Threshold.QUICK_MINUTES: _l("Minutes after it was sent"),
    Threshold.QUICK_CASES: _l("Shown from so many cases on"),
    Threshold.LIMIT_PERCENT: _l("Percent of the limit that is used"),
    Threshold.LIMIT_CASES: _l("Shown from so many cases on"),
    Threshold.LIMIT_SHARE: _l("And from so many percent of all that the side resolved"),
    Threshold.ONCE_SECONDS: _l("Within so many seconds"),
    Threshold.ONCE_CASES: _l("Shown from so many cases on"),
    Threshold.REJECTION_HOURS: _l("Within so many hours"),
    Threshold.REJECTION_CASES: _l("Shown from so many cases on"),
    Threshold.SHORT_LETTERS: _l("Fewer letters than this (a Chinese sign counts for three)"),
    Threshold.SHORT_CASES: _l("Shown from so many cases on"),
    Threshold.REPEATED_CASES: _l("Shown from so many cases on"),
    Threshold.BURST_MINUTES: _l("Within so many minutes"),
    Threshold.BURST_RATINGS: _l("Shown from so many ratings on"),
    Threshold.PAUSE_PERCENT: _l("Percent of the limit that is used"),
    Threshold.PAUSE_CASES: _l("Shown from so many cases on"),
    Threshold.UNANSWERED_QUESTIONS: _l("Unanswered questions in one case"),
    Threshold.UNANSWERED_CASES: _l("Shown from so many cases on"),
    Threshold.CALL_HOURS: _l("Within so many hours"),
    Threshold.CALL_CASES: _l("Shown from so many cases on"),
    Threshold.DUPLICATE_PERCENT: _l("Percent of the limit that is used"),
    Threshold.DUPLICATE_CASES: _l("Shown from so many cases on"),
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
        return _("Cases closed by %(side)s within %(minutes)s minutes of being sent: %(n)s.", **said)
    if finding.pattern == Pattern.AT_THE_LIMIT:
        return _(
            "Cases that %(side)s said to be resolved when %(percent)s %% of the limit or more, but not all, were used: "
            "%(n)s of %(of)s.",
            **said,
        )
    if finding.pattern == Pattern.AT_ONCE:
        return _("Cases closed by %(side)s, several within %(seconds)s seconds: %(n)s.", **said)
    if finding.pattern == Pattern.REJECTIONS:
        return _("Cases declined by %(side)s, several within %(hours)s hours: %(n)s.", **said)
    if finding.pattern == Pattern.SHORT:
        return _("Cases answered by %(side)s in fewer than %(letters)s letters: %(n)s.", **said)
    if finding.pattern == Pattern.REPEATED:
        return _("Cases about which %(side)s wrote the same words, “%(words)s”: %(n)s.", **said)
    if finding.pattern == Pattern.BURST:
        return _("Ratings of %(rating)s of 5 at site %(site)s, several within %(minutes)s minutes: %(n)s.", **said)
    if finding.pattern == Pattern.PAUSES:
        return _(
            "Cases with a question of %(side)s when %(percent)s %% of the limit or more, but not all, were used: "
            "%(n)s.",
            **said,
        )
    if finding.pattern == Pattern.UNANSWERED:
        return _("Cases in which %(side)s asked %(questions)s times or more without an answer: %(n)s.", **said)
    if finding.pattern == Pattern.AFTER_A_CALL:
        return _(
            "Cases taken back within %(hours)s hours after %(side)s looked up how to reach the resident: %(n)s.", **said
        )
    return _(
        "Cases merged by %(side)s into others: %(n)s. Of these with %(percent)s %% of the limit or more used: "
        "%(late)s; into a case that was over: %(over)s; into another contract's: %(other)s.",
        **said,
    )
