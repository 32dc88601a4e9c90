"""What the numbers of a report say, in sentences: the same on the page, in the PDF and beside a chart."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from app.intake.wording import CHANNELS
from app.kernel.periods import Period, day_of
from app.kernel.shares import Share
from app.kernel.words import Basis, Channel, Direction, in_language
from app.measures import kpi_rating
from app.measures.cohort import LastWord
from app.measures.kpi_rating import KpiRating, TargetVerdict
from app.measures.notable_changes import Change
from app.measures.survival import Times
from app.measures.verdict_progress import Judging
from app.measures.volume import PerThousand
from app.reports import definitions
from app.reports.report import ClauseKpis, Report, Tones, Week
from app.reports.rules import leaders
from app.web.filters import day, moment, number, percent, percent_whole
from app.web.languages import language
from app.web.texts import gettext as _
from app.web.texts import ngettext

NAMED = 5
"""So many are named of those that cannot be told apart."""


def together(*sentences: str) -> str:
    """Sentences one after another, as the language sets them: in Chinese nothing between. Empty ones are left out."""
    return ("" if language() == "zh" else " ").join(filter(None, sentences))


def verdict(report: Report) -> str:
    """The answer to "is it all right?", that says how much it rests on."""
    share = report.figures.on_time_response_rate
    if share.value is None:
        return _("Nothing in this period has reached its limit, so nothing can be judged.")
    missed = [rating.kpi.code for rating in report.ratings if rating.is_missed]
    text = _(
        "%(on_time)d of %(decided)d cases were answered in time; %(open)d are open, %(overdue)d of them overdue.",
        on_time=share.numerator,
        decided=share.denominator,
        open=report.figures.open.value,
        overdue=report.figures.overdue.value,
    )
    if missed:
        return together(text, _("Missed beyond doubt: %(codes)s.", codes=_(", ").join(missed)))
    if any(not rating.is_for_information for rating in report.ratings):
        return together(text, _("No target is missed beyond doubt."))
    return text


def compared_with(before: Period, before_as_of: datetime) -> str:
    """Which period one is compared with, and as of when: it was then as old as the one that is looked at is now."""
    return _(
        "Compared with %(start)s to %(end)s as it stood at %(at)s, at the same age.",
        start=day(before.start),
        end=day(before.end),
        at=moment(before_as_of, before.timezone),
    )


def judged(rating: KpiRating) -> str:
    """How a KPI is rated, and whether that is clear; where the interval allows other ratings too, which those are."""
    name = str(definitions.RATINGS[str(rating.rating)])
    if rating.is_clear:
        return _("%(rating)s, clear", rating=name)
    if not rating.is_too_close_to_call:
        return name
    others = _(" or ").join(str(definitions.RATINGS[str(other)]) for other in rating.others)
    return _("%(rating)s, too close to call with %(others)s", rating=name, others=others)


def rated_by(rating: KpiRating) -> str:
    """Which of the two figures of a KPI was rated."""
    return _("Rated: validated") if rating.kpi.basis == Basis.VALIDATED else _("Rated: raw")


def judged_over(over: Period) -> str:
    """The days of the ratings, where those are not the report's."""
    return _(
        "A small contract is judged over twelve months, here %(start)s to %(end)s; the figure beside the rated one is "
        "not known over so long.",
        start=day(over.start),
        end=day(over.end),
    )


def against_target(rating: KpiRating) -> str:
    """What can be said against the target alone, which may be sure where the rating is not."""
    if rating.sure_verdict != rating.target_verdict:
        is_met = rating.target_verdict == TargetVerdict.MET
        return _("Target met so far") if is_met else _("Target missed so far")
    if rating.target_verdict == TargetVerdict.MISSED and rating.is_too_close_to_call:
        return _("Target missed, whichever of these ratings it is")
    return str(definitions.TARGET_VERDICTS[str(rating.target_verdict)])


def so_far(rating: KpiRating) -> str:
    """How many cases are not yet due and whether they may turn what is said of a KPI; empty where none is."""
    facts = {"n": rating.not_yet_due, "cases": rating.awaited}
    if not rating.not_yet_due:
        return ""
    if rating.may_turn:
        return _("Provisional: %(n)s of %(cases)s are not yet due and may turn it.", **facts)
    return _("%(n)s of %(cases)s are not yet due; they cannot turn it.", **facts)


def overview(report: Report) -> str:
    """The verdict in one paragraph, for a cover: all right or not, what changed, which cases."""
    parts = [verdict(report)]
    if report.not_yet_due:
        decided = report.figures.on_time_response_rate.denominator
        parts.append(provisional(report.not_yet_due, decided + report.not_yet_due))
    notable = report.notable
    parts += [change(report, each) for each in notable[:3]] or [no_change(report)]
    if report.outcomes.n:
        parts.append(outcomes(report.outcomes))
    if report.grave:
        parts.append(ngettext("%(num)d grave case is listed.", "%(num)d grave cases are listed.", len(report.grave)))
    return together(*parts)


def channels(counted: Mapping[str, int]) -> str:
    """How what was received came: what officers took down on the phone is told apart in every form of a report."""
    each = (_("%(channel)s: %(number)d", channel=came_by(channel), number=count) for channel, count in counted.items())
    return _("How it came. %(channels)s.", channels=_("; ").join(each))


def came_by(channel: str) -> str:
    """The name of a channel."""
    return str(CHANNELS[Channel(channel)])


def provisional(not_yet_due: int, cases: int) -> str:
    return ngettext(
        "Provisional: %(num)d of %(cases)s cases is not yet due.",
        "Provisional: %(num)d of %(cases)s cases are not yet due.",
        not_yet_due,
        cases=cases,
    )


def change(report: Report, each: Change) -> str:
    """A notable change, told as somebody would: what, from where, to where, of how many."""
    return moved(compared_name(report, each.key), each)


def moved(what: str, each: Change) -> str:
    """The same of a share by its name."""
    facts = {"what": what, "before": whole(each.before.value), "now": whole(each.now.value), "n": each.now.denominator}
    if each.rose:
        return _("%(what)s: rose from %(before)s to %(now)s of %(n)d; unlikely to be chance.", **facts)
    return _("%(what)s: fell from %(before)s to %(now)s of %(n)d; unlikely to be chance.", **facts)


def no_change(report: Report) -> str:
    """That nothing changed clearly, and how large a change of the first share would have shown."""
    compared = [each for each in report.changes if each.p is not None]
    if not compared:
        return nothing_to_compare(report.changes)
    return together(_("No clear change against the period before."), would_show(report, compared[0]))


def nothing_to_compare(changes: Iterable[Change]) -> str:
    """Which side is missing where no share can be compared with the one before it, at the same age."""
    sides = [(each.before.denominator > 0, each.now.denominator > 0) for each in changes]
    had, has = any(before for before, _now in sides), any(now for _before, now in sides)
    if had and has:
        return _("No share has figures in both periods at the same age, so there is nothing to compare.")
    if had:
        return _("This period has no figures yet: there is nothing to compare with the period before.")
    if has:
        return _("The period before had no figures at the same age: there is nothing to compare this one with.")
    return _("Neither this period nor the one before it has figures yet, so there is nothing to compare.")


def nothing_under(quarters: Sequence[Share], before: Share) -> str:
    """The same of one share under its trend: its quarters, this one last; ``before`` is the last one at this age."""
    *earlier, now = quarters
    if not now.denominator:
        return (
            _("No figures yet in this quarter: there is nothing to compare with the one before.")
            if any(each.denominator for each in earlier)
            else _("No figures yet.")
        )
    if not any(each.denominator for each in earlier):
        return _("The first of these quarters with figures: there is nothing before it to compare with.")
    if earlier[-1].denominator and not before.denominator:
        return _("The last quarter had no figures yet at this age: there is nothing to compare with.")
    return _("The last quarter has no figures: there is nothing to compare with.")


def would_show(report: Report, each: Change) -> str:
    """How far a share would have had to go to be told from noise; empty where it did, or could not be compared."""
    return "" if each.is_notable or each.p is None else what_would_show(compared_name(report, each.key), each)


def what_would_show(what: str, each: Change) -> str:
    """The same of a share by its name."""
    facts = {"what": what, "n": each.now.denominator}
    below, above = each.shown_below, each.shown_above
    if below is not None and above is not None:
        return _(
            "%(what)s: with %(n)d cases, a fall to %(below)s or a rise to %(above)s would have shown.",
            below=percent(below),
            above=percent(above),
            **facts,
        )
    if below is not None:
        return _("%(what)s: with %(n)d cases, a fall to %(below)s would have shown.", below=percent(below), **facts)
    if above is not None:
        return _("%(what)s: with %(n)d cases, a rise to %(above)s would have shown.", above=percent(above), **facts)
    return _("%(what)s: %(n)d cases are too few to show any change.", **facts)


def compared_name(report: Report, key: str) -> str:
    """What was compared: a measure, an aspect, a site or a clause, by its name."""
    kind, _colon, code = key.partition(":")
    if not code:
        return str(definitions.DEFINITIONS[key].name)
    if kind == "aspect":
        return _("Negative about %(aspect)s", aspect=definitions.ASPECTS[code])
    groups = report.sites if kind == "site" else report.clauses
    name = next((in_language(group.name, language()) for group in groups if group.code == code), code)
    return _("Answered in time, %(name)s", name=name)


def outcomes(found: LastWord) -> str:
    """Resolved is a claim: what residents said to it."""
    if not found.n:
        return _("No case was said to be resolved.")
    text = ngettext(
        "Of %(num)d case said to be resolved, residents confirmed %(confirmed)d, contest %(contested)d and stayed "
        "silent about %(silent)d.",
        "Of %(num)d cases said to be resolved, residents confirmed %(confirmed)d, contest %(contested)d and stayed "
        "silent about %(silent)d.",
        found.n,
        confirmed=found.confirmed,
        contested=found.contested,
        silent=found.silent,
    )
    if found.claimed:
        text += " " + _("About %(claimed)d they may still say something.", claimed=found.claimed)
    return text


def trend(weeks: Sequence[Week], target: float | None) -> str:
    """The last week whose cases are all decided, beside all weeks and the target."""
    decided = [week for week in weeks if week.on_time.denominator]
    if not decided:
        return _("No limit to answer has fallen in these weeks.")
    last = next((week for week in reversed(decided) if not week.undecided), decided[-1])
    values = [week.on_time.value or 0 for week in decided]
    facts = {"day": day(last.start), "n": last.on_time.numerator, "of": last.on_time.denominator}
    low, high = whole(min(values)), whole(max(values))
    if len(decided) == 1:
        parts = [_("In the week of %(day)s, %(n)d of %(of)d were answered in time.", **facts)]
    elif low == high:
        parts = [
            _(
                "In the week of %(day)s, %(n)d of %(of)d were answered in time; in each of %(weeks)d weeks, %(share)s.",
                weeks=len(decided),
                share=low,
                **facts,
            )
        ]
    else:
        parts = [
            _(
                "In the week of %(day)s, %(n)d of %(of)d were answered in time; over %(weeks)d weeks, between %(low)s "
                "and %(high)s.",
                weeks=len(decided),
                low=low,
                high=high,
                **facts,
            )
        ]
    if target is not None:
        met = sum(value >= target for value in values)
        parts.append(_("The target of %(target)s was reached in %(met)d of them.", target=percent(target), met=met))
    return together(*parts)


def response_curve(report: Report) -> str:
    """How long residents wait, those who still do counted."""
    times = report.figures.response_hours
    if not times.n:
        return _("There are no cases.")
    if times.p50 is None:
        return _(
            "Less than half of the %(n)d cases have been answered; %(censored)d still wait or were cut off.",
            n=times.n,
            censored=times.censored,
        )
    parts = [
        _(
            "Half of the %(n)d cases were answered within %(hours)s working hours; %(censored)d still wait or were cut "
            "off.",
            n=times.n,
            hours=number(times.p50),
            censored=times.censored,
        )
    ]
    for limit in report.response_limits[-1:]:
        parts.append(
            _(
                "After %(hours)s hours, the longest limit, %(share)s were unanswered.",
                hours=number(limit),
                share=whole(report.curve.remaining_at(limit)),
            )
        )
    return together(*parts)


def judging(found: Judging) -> str:
    """How many cases have a verdict, and what the others wait for."""
    parts = [
        ngettext(
            "%(num)d of %(cases)s cases has a verdict.",
            "%(num)d of %(cases)s cases have a verdict.",
            found.judged.numerator,
            cases=found.judged.denominator,
        )
    ]
    if found.in_reply:
        parts.append(
            ngettext(
                "%(num)d waits for a reply or for the agency's answer to it.",
                "%(num)d wait for a reply or for the agency's answer to it.",
                found.in_reply,
            )
        )
    if found.contested:
        parts.append(
            ngettext(
                "%(num)d is contested; a manager decides.",
                "%(num)d are contested; a manager decides.",
                found.contested,
            )
        )
    if found.same or found.otherwise:
        parts.append(
            _(
                "A second person looked at %(n)s verdicts and found otherwise in %(otherwise)s.",
                n=found.same + found.otherwise,
                otherwise=found.otherwise,
            )
        )
    return together(*parts)


def own_delay(hours: Times) -> str:
    """How long the agency itself takes to judge."""
    return _(
        "The agency's own delay in judging: %(within)s; cases not judged count with the time they have waited.",
        within=within(hours),
    )


def per_thousand(found: PerThousand) -> str:
    """Complaints beside how much was delivered; empty where nobody has said that."""
    if found.value is None:
        return ""
    return ngettext(
        "%(value)s cases per 1,000 units delivered: %(cases)s, %(units)d units in %(num)d month whose volume is known.",
        "%(value)s cases per 1,000 units delivered: %(cases)s, %(units)d units in %(num)d months whose volume is "
        "known.",
        found.months,
        value=number(found.value),
        cases=ngettext("%(num)d case", "%(num)d cases", found.cases),
        units=found.units,
    )


def within(times: Times) -> str:
    """By when half and by when nine in ten were done, as far as so many are."""
    if not times.n:
        return _("there are no cases")
    if times.p50 is None:
        return _("fewer than half are done yet")
    if times.p90 is None:
        return _("half within %(p50)s working hours; fewer than 90 %% are done yet", p50=number(times.p50))
    return _("half within %(p50)s working hours, 90 %% within %(p90)s", p50=number(times.p50), p90=number(times.p90))


def aspects(found: Mapping[str, Tones]) -> str:
    """What residents are unhappy about most, by how often it is said."""
    counts = {code: tones.negative for code, tones in found.items() if tones.negative}
    first = [(str(definitions.ASPECTS[code]), found[code]) for code in leaders(counts)]
    if not first:
        return _("No aspect is named negatively.")
    if len(first) > 1:
        named = _named([(name, _of(tones.negative, tones.mentions)) for name, tones in first])
        if len(first) == len(counts):
            return _("These are named negatively, none clearly more often than another: %(aspects)s.", aspects=named)
        return _("Named negatively most often, none clearly more than another: %(aspects)s.", aspects=named)
    name, tones = first[0]
    facts = {"aspect": name, "negative": tones.negative, "mentions": tones.mentions}
    if len(counts) == 1:
        return _(
            "Only %(aspect)s is named negatively: %(negative)d of its %(mentions)d mentions are negative.", **facts
        )
    return _(
        "Named negatively most often is %(aspect)s: %(negative)d of its %(mentions)d mentions are negative.", **facts
    )


def _named(found: Sequence[tuple[str, str]]) -> str:
    """Names with what each has, the first few of many."""
    shown = [_("%(name)s (%(figure)s)", name=name, figure=figure) for name, figure in found[:NAMED]]
    if (more := len(found) - NAMED) > 0:
        shown.append(ngettext("%(num)d other", "%(num)d others", more))
    return _(", ").join(shown)


def _of(n: int, of: int) -> str:
    return _("%(n)d of %(of)d", n=n, of=of)


def kpis(report: Report) -> str:
    """How many KPIs meet their target, miss it, or cannot be told."""
    if not report.ratings:
        return _("The contract sets no KPIs.")
    if len(report.ratings) == 1:
        (rating,) = report.ratings
        said_of_it = _("The contract has one KPI: %(verdict)s.", verdict=against_target(rating))
        return together(said_of_it, so_far(rating))
    said = [str(rating.sure_verdict) for rating in report.ratings if not rating.is_for_information]
    if not said:
        return _("None of the KPIs binds yet: all are for information.")
    return _(
        "Of %(n)d KPIs, %(met)s, %(missed)s, and %(unclear)s.",
        n=len(said),
        met=ngettext("%(num)d meets its target", "%(num)d meet their target", said.count("met")),
        missed=ngettext("%(num)d misses it beyond doubt", "%(num)d miss it beyond doubt", said.count("missed")),
        unclear=_("of %(num)d it cannot be told", num=said.count("cannot tell")),
    )


def is_out_of_reach(report: Report, rating: KpiRating) -> bool:
    """Whether there will hardly ever be the cases that would tell, at the pace of the days that are judged."""
    over = report.judged_over
    last = min(over.end, day_of(report.as_of, over.timezone))
    return kpi_rating.is_out_of_reach(rating, rating.share.denominator, max((last - over.start).days + 1, 1))


def clauses(found: Sequence[ClauseKpis]) -> str:
    """Which clauses miss a target beyond doubt, by which KPIs."""
    judged = [rating for each in found for rating in each.ratings if not rating.is_for_information]
    missed = [(each.code, ", ".join(rating.kpi.code for rating in each.ratings if rating.is_missed)) for each in found]
    named = _("; ").join(f"{code} ({kpis})" for code, kpis in missed if kpis)
    if not named:
        return _("No clause misses a target beyond doubt; %(n)d were looked at.", n=len(judged))
    return _("Clauses that miss a target beyond doubt: %(clauses)s.", clauses=named)


def sites(report: Report) -> str:
    """Where most waits beyond its limit."""
    waiting = {site.code: site for site in report.sites if site.overdue}
    first = [waiting[code] for code in leaders({code: site.overdue for code, site in waiting.items()})]
    total = report.figures.overdue.value
    if not first:
        return _("No site has an overdue case.")
    if len(first) > 1:
        named = _named([(in_language(site.name, language()), number(site.overdue)) for site in first])
        if len(first) == len(waiting):
            return _("Overdue cases, at no site clearly more than at another: %(sites)s.", sites=named)
        return _("Most overdue cases, at none of these clearly more than at another: %(sites)s.", sites=named)
    name = in_language(first[0].name, language())
    if len(waiting) == 1:
        return ngettext("%(num)d overdue case: %(site)s.", "All %(num)d overdue cases: %(site)s.", total, site=name)
    return _("Most overdue cases: %(site)s, %(overdue)d of %(all)d.", site=name, overdue=first[0].overdue, all=total)


def share(of: Share) -> str:
    """A share as it must be said: with what it rests on."""
    if of.value is None:
        return _("nothing to count")
    return _("%(share)s (%(n)d of %(of)d)", share=percent(of.value), n=of.numerator, of=of.denominator)


def target_of(report: Report, measure: str) -> float | None:
    """The target that a KPI of the contract sets for a share, on the side of at least."""
    return next(
        (
            rating.kpi.target
            for rating in report.ratings
            if rating.kpi.measure == measure and rating.kpi.direction == Direction.AT_LEAST
        ),
        None,
    )


def whole(value: float | None) -> str:
    """Whole percents, for sentences."""
    return percent_whole(value)
