"""Composes the weekly email; sends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale, format_date

from app.digest import queries
from app.digest.models import Subscription
from app.digest.queries import AwaitedCase, OverdueCase, Week
from app.digest.rules import (
    RESPONSE,
    ContractWeek,
    Kept,
    Quotable,
    contract_of,
    finds_it_too,
    is_worse,
    most_pressing_first,
    quotes,
    shortened,
    worst,
)
from app.directory.models import Contract
from app.kernel import clock
from app.kernel.periods import Period, day_of
from app.kernel.shares import Share
from app.kernel.words import Direction, Sentiment, VerdictStage, in_language
from app.mail.letter import Letter, compose
from app.measures.kpi_rating import TargetVerdict
from app.measures.notable_changes import Change
from app.measures.rollup import days_in_brief
from app.reports import definitions
from app.reports.overview import Overview, gather_overview
from app.reports.report import Report, for_provider, glance
from app.reviews.models import AgreedAction
from app.web.filters import percent
from app.web.languages import locale_of
from app.web.links import absolute
from app.web.texts import gettext as _
from app.web.texts import ngettext

SHOWN = 5
"""So many overdue cases of each kind are listed; the rest is behind a link."""

LINES, LINES_OF_QUIET = 20, 6
"""So many contracts have their line; where nothing is notable, as many as fit on one screen."""

MOST_FILES = 6
"""So many reports come as PDF; beyond that a letter grows too heavy for its box."""


@dataclass(frozen=True)
class Line:
    """What is said of one contract: its name, where its report is, how it stands in one sentence, and a small chart.

    ``more`` is whatever else there is to say, in small print.
    """

    name: str
    url: str
    sentence: str
    more: str
    chart: str | None
    alt: str


@dataclass(frozen=True)
class CaseLine:
    reference: str
    url: str
    words: str


@dataclass(frozen=True)
class Awaiting:
    """Cases that wait for the reader's decision under one heading, and where the rest of them is."""

    heading: str
    cases: list[CaseLine]
    more: int
    url: str


@dataclass(frozen=True)
class Quote:
    words: str
    source: str


@dataclass(frozen=True)
class Weekly:
    """A letter, and what is to be drawn and printed for it before it goes: charts by name, reports."""

    letter: Letter
    charts: tuple[tuple[str, dict[str, Any]], ...]
    overview: Overview | None
    reports: tuple[Report, ...]
    language: str


def weekly(sending_id: int) -> Weekly | None:
    """The letter of a sending, as things stand now; None where it must not go (any more)."""
    due = queries.still_to_send(sending_id)
    return weekly_about(due.subscription, due.week, clock.now()) if due else None


def letter_about(subscription: Subscription, period: Period, as_of: datetime) -> Letter:
    """The letter to a subscriber about a week, in their language, without its charts and files."""
    return weekly_about(subscription, period, as_of).letter


def weekly_about(subscription: Subscription, period: Period, as_of: datetime) -> Weekly:
    """The same, with what is to be drawn and printed for it."""
    language = subscription.member.language
    week = queries.week_of(subscription, period, as_of)
    wish = queries.wish_of(subscription.member_id)
    with force_locale(locale_of(language)):
        context = _said(week, language)
        charts = _charts(week, context["lines"])
    stop = absolute("digest.unsubscribe", token=subscription.unsubscribe_token)
    letter = compose(
        "digest",
        to=subscription.member.email,
        language=language,
        key=f"digest:{subscription.id}:{period.start.isoformat()}",
        headers=(("List-Unsubscribe", f"<{stop}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")),
        stop=stop,
        **context,
    )
    contracts = list(week.contracts.values()) if wish.with_pdf else []
    overview = None
    if len(contracts) > 1:
        # Letters about several contracts go to the agency's own people alone.
        gathered = gather_overview(
            week.agency, contracts, start=period.start, end=period.end, as_of=as_of, source=days_in_brief
        )
        overview = gathered.report
    reports = [
        glance(contract, start=period.start, end=period.end, as_of=as_of)
        for contract in contracts[: MOST_FILES - (overview is not None)]
    ]
    if week.reader.provider_id is not None:
        reports = [for_provider(report) for report in reports]
    return Weekly(letter, charts, overview, tuple(reports), language)


def _said(week: Week, language: str) -> dict[str, Any]:
    """The week in words. Both parts of the letter are made of these, so that they say the same."""
    needing = [case for case in week.overdue if case.needs_the_reader]
    others = [case for case in week.overdue if not case.needs_the_reader]
    mine = sum(case.is_mine for case in needing)
    missed = worst(week.weeks)
    is_notable = bool(missed or week.awaited or week.overdue or week.changes or week.agreed or week.said_done)
    shown = most_pressing_first(week.weeks)[:LINES] if is_notable else week.weeks[:LINES_OF_QUIET]
    crossed = [_crossed(each, kept, week, language) for each in week.weeks for kept in each.kept if kept.has_crossed]
    is_provider = week.reader.provider_id is not None
    agency, scope, matter = (
        in_language(week.agency.name, language),
        _scope(week, language),
        _matter(week, missed, language),
    )
    return {
        "agency_name": agency,
        "matter": matter,
        # Of one contract, what the subject does not say yet: which, and whose it is.
        "about": agency
        if scope == agency or scope in matter
        else _("%(contract)s, %(agency)s", contract=scope, agency=agency),
        "is_notable": is_notable,
        "days": _("%(start)s to %(end)s", start=_day(week.period.start), end=_day(week.period.end)),
        "since": _day(week.period.start),
        "until": _day(week.period.end),
        "week_number": week.period.end.isocalendar().week,
        "lines": [_line(each, week, language, is_notable) for each in shown],
        "more_lines": len(week.weeks) - len(shown),
        "together": _together(week.weeks),
        "together_url": absolute(
            "overviews.index",
            agency=week.agency.slug,
            start=week.period.start.isoformat(),
            end=week.period.end.isoformat(),
        ),
        "is_one_week": _is_one_week(week.period),
        "changes": crossed + [_told(each, week, language) for each in week.changes],
        "awaiting": _awaiting(week, language),
        "overdue": [_case(case, week, language) for case in needing[:SHOWN]],
        "overdue_heading": _in_hand(len(needing)) if is_provider else _overdue_heading(mine, len(needing)),
        "more_overdue": max(0, len(needing) - SHOWN),
        "elsewhere": [_case(case, week, language) for case in others[:SHOWN]],
        "elsewhere_heading": ngettext(
            "%(num)d overdue case that others see to",
            "%(num)d overdue cases that others see to",
            len(others),
        ),
        "more_elsewhere": max(0, len(others) - SHOWN),
        "agreed": [_agreed(each, week, language) for each in week.agreed[:SHOWN]],
        "said_done": [_agreed(each, week, language) for each in week.said_done[:SHOWN]],
        "said_done_heading": ngettext(
            "%(num)d agreed action is said to be done and waits for your yes",
            "%(num)d agreed actions are said to be done and wait for your yes",
            len(week.said_done),
        ),
        "quotes": [_quote(each, week, language) for each in quotes(week.quotable, language)],
        "scope": scope,
    }


def _is_one_week(period: Period) -> bool:
    return period.days <= 7


def _matter(week: Week, missed: tuple[ContractWeek, Kept] | None, language: str) -> str:
    """The one thing that matters this week; it is the subject."""
    if missed:
        contract, kept = week.contracts[missed[0].contract_id], missed[1]
        said = _kept_words(kept)
        matter = _(
            "%(contract)s: %(said)s, %(target)s",
            contract=_named(contract, week, language),
            said=said,
            target=_target(kept),
        )
        more = sum(each.is_missed for of in week.weeks for each in of.kept) - 1
        # Only one fits into a subject, and it is not the only one.
        return matter + (ngettext("; %(num)d more is missed", "; %(num)d more are missed", more) if more else "")
    worse = next((each for each in week.changes if is_worse(each)), None)
    if worse:
        return _change(worse, week, language)
    if week.awaited:
        return _awaited_heading(len(week.awaited))
    needing = sum(case.needs_the_reader for case in week.overdue)
    if needing:
        return ngettext("%(num)d overdue case needs you", "%(num)d overdue cases need you", needing)
    if week.overdue:
        return ngettext("%(num)d case is overdue", "%(num)d cases are overdue", len(week.overdue))
    if week.agreed:
        return ngettext("%(num)d agreed action is overdue", "%(num)d agreed actions are overdue", len(week.agreed))
    if week.said_done:
        return ngettext(
            "%(num)d agreed action is said to be done and waits for your yes",
            "%(num)d agreed actions are said to be done and wait for your yes",
            len(week.said_done),
        )
    if week.changes:
        return _change(week.changes[0], week, language)
    return _("Nothing notable this week") if _is_one_week(week.period) else _("Nothing notable in these weeks")


def _change(each: Change, week: Week, language: str) -> str:
    """A change that is more than noise: what, where, from what to what, of how many."""
    measure, _colon, contract_id = each.key.partition(":")
    facts = {
        "what": str(definitions.DEFINITIONS[measure].name),
        "contract": _named(week.contracts[int(contract_id)], week, language),
        "before": percent(_round(each.before)),
        "now": percent(_round(each.now)),
        "n": each.now.denominator,
    }
    if each.rose:
        return _("%(contract)s, %(what)s: rose from %(before)s to %(now)s of %(n)d; unlikely to be chance", **facts)
    return _("%(contract)s, %(what)s: fell from %(before)s to %(now)s of %(n)d; unlikely to be chance", **facts)


def _told(each: Change, week: Week, language: str) -> str:
    """A change and, where the contract's own report does not tell it, why."""
    said, own = _change(each, week, language), week.own[contract_of(each)]
    if finds_it_too(own, each):
        return said
    why = _(
        "Here %(n)d comparisons are made together; the contract's own report makes %(m)d, of what was sent in these "
        "days, and does not find it",
        n=week.compared,
        m=sum(other.p is not None for other in own),
    )
    return _("%(change)s. %(why)s", change=said, why=why)


def _crossed(each: ContractWeek, kept: Kept, week: Week, language: str) -> str:
    return _(
        "%(contract)s: the target is missed beyond doubt, as it was not before: %(said)s, %(target)s",
        contract=_named(week.contracts[each.contract_id], week, language),
        said=_kept_words(kept),
        target=_target(kept),
    )


def _agreed(each: AgreedAction, week: Week, language: str) -> CaseLine:
    contract = week.contracts[each.contract_id]
    words = _(
        "%(service)s, %(who)s: %(what)s, agreed until %(day)s",
        service=_named(contract, week, language),
        who=each.who,
        what=each.what,
        day=_day(each.due_on),
    )
    where = {"reference": contract.reference, "agency": contract.agency.slug}
    return CaseLine(_("Agreed action"), absolute("reviews.contract", **where) + "#actions", words)


def _in_hand(total: int) -> str:
    return ngettext("%(num)d overdue case in your hands", "%(num)d overdue cases in your hands", total)


def _line(each: ContractWeek, week: Week, language: str, is_notable: bool) -> Line:
    contract, period = week.contracts[each.contract_id], week.period
    has_chart = is_notable and sum(share.denominator > 0 for _monday, share in each.trend) >= 2
    answered, *others = each.kept
    more = [in_language(contract.provider.name, language)] if len(week.apart[contract.id]) < 2 else []
    if is_notable:
        more += [_stands(each, kept, week) for kept in others if kept.this_week.denominator]
        more += _waiting(each, period) + _with_the_agency(each, week)
    more.append(_came_in(each.received, each.young.cases, each.with_words))
    return Line(
        name=_named(contract, week, language),
        url=absolute(
            "reports.report",
            reference=contract.reference,
            agency=contract.agency.slug,
            start=period.start.isoformat(),
            end=period.end.isoformat(),
        ),
        sentence=_stands(each, answered, week),
        more=" · ".join(more),
        chart=f"chart-{each.contract_id}" if has_chart else None,
        alt=_alt(each) if has_chart else "",
    )


def _alt(each: ContractWeek) -> str:
    """What the small chart shows, in words."""
    shares = [percent(_round(share)) if share.denominator else _("none due") for _monday, share in each.trend]
    said = _(
        "Answered in time by week, from the week of %(day)s: %(shares)s",
        day=_day(each.trend[0][0]),
        shares=_(", ").join(shares),
    )
    return _("; ").join([said, _target(each.answered)] if each.answered.target is not None else [said])


def _charts(week: Week, lines: Sequence[Line]) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The data of the small charts of these lines, by the name under which the letter shows them."""
    named = {line.chart for line in lines if line.chart}
    return tuple(
        (
            name,
            {
                "weeks": [
                    {"week": monday.isoformat(), "value": share.value, "is_last": monday == last}
                    for monday, share in each.trend
                    if share.value is not None
                ],
                "target": each.answered.target,
            },
        )
        for each in week.weeks
        if (name := f"chart-{each.contract_id}") in named
        and (last := max(monday for monday, share in each.trend if share.value is not None))
    )


def _stands(each: ContractWeek, kept: Kept, week: Week) -> str:
    """How a limit was kept, in one sentence: the numbers, the target, and whether that is another share than before."""
    if not kept.this_week.denominator:
        if _is_one_week(week.period):
            return _("No limit to answer fell this week.")
        return _("No limit to answer fell in these weeks.")
    parts = [_("%(said)s (%(share)s)", said=_kept_words(kept), share=percent(_round(kept.this_week)))]
    if kept.target is not None:
        parts.append(_("%(target)s (%(verdict)s)", target=_target(kept), verdict=_verdict(kept)))
    if kept.week_before.denominator:
        parts.append(_trend(each, kept, week))
    return _("%(sentence)s.", sentence=_("; ").join(parts))


def _trend(each: ContractWeek, kept: Kept, week: Week) -> str:
    """Rose and fell are said of what is more than noise, as under "What changed"."""
    before = percent(_round(kept.week_before))
    change = next((change for change in week.changes if change.key == f"{kept.measure}:{each.contract_id}"), None)
    if change is None:
        return _("no clear change from %(before)s", before=before)
    return _("rose from %(before)s", before=before) if change.rose else _("fell from %(before)s", before=before)


def _waiting(each: ContractWeek, period: Period) -> list[str]:
    """What is not due yet, and what is overdue."""
    said = []
    young = {"n": each.young.not_yet_due, "of": each.young.cases}
    if each.young.not_yet_due:
        said.append(
            _("Provisional: %(n)d of %(of)d cases sent this week not yet due.", **young)
            if _is_one_week(period)
            else _("Provisional: %(n)d of %(of)d cases sent in these weeks not yet due.", **young)
        )
    if each.overdue:
        said.append(ngettext("%(num)d open case is overdue.", "%(num)d open cases are overdue.", each.overdue))
    return said


def _with_the_agency(each: ContractWeek, week: Week) -> list[str]:
    """To a provider: how much of what is overdue is not in its hands, so that the numbers of the letter agree."""
    if week.reader.provider_id is None:
        return []
    elsewhere = each.overdue - sum(case.contract_id == each.contract_id for case in week.overdue)
    if elsewhere <= 0:
        return []
    return [ngettext("%(num)d of them is with the agency.", "%(num)d of them are with the agency.", elsewhere)]


def _came_in(received: int, complaints: int, with_words: int) -> str:
    """What was sent in the week, as the report of the week counts it."""
    if not received:
        return _("No feedback came in.")
    return _(
        "%(came)s: %(complaints)s, %(words)d with words.",
        came=ngettext("%(num)d piece of feedback came in", "%(num)d pieces of feedback came in", received),
        complaints=ngettext("%(num)d complaint", "%(num)d complaints", complaints),
        words=with_words,
    )


def _together(weeks: Sequence[ContractWeek]) -> list[str]:
    """What the contracts of a letter come to: cases added up, never shares averaged. Nothing to add up with one."""
    if len(weeks) < 2:
        return []
    shares = [each.answered.this_week for each in weeks]
    fell, overdue = sum(share.denominator for share in shares), sum(each.overdue for each in weeks)
    said = []
    if fell:
        said.append(_("%(n)d of %(of)d answered in time.", n=sum(share.numerator for share in shares), of=fell))
    said.append(
        _came_in(
            sum(each.received for each in weeks),
            sum(each.young.cases for each in weeks),
            sum(each.with_words for each in weeks),
        )
    )
    if overdue:
        said.append(ngettext("%(num)d open case is overdue.", "%(num)d open cases are overdue.", overdue))
    return said


def _kept_words(kept: Kept) -> str:
    share = kept.this_week
    if kept.measure == RESPONSE:
        return _("%(n)d of %(of)d answered in time", n=share.numerator, of=share.denominator)
    return _("%(n)d of %(of)d resolved in time", n=share.numerator, of=share.denominator)


def _target(kept: Kept) -> str:
    if kept.direction == Direction.AT_MOST:
        return _("target at most %(share)s", share=percent(kept.target))
    return _("target %(share)s", share=percent(kept.target))


def _verdict(kept: Kept) -> str:
    if kept.verdict == TargetVerdict.MET:
        return _("met")
    if kept.verdict == TargetVerdict.MISSED:
        return _("missed")
    return _("too few cases to tell")


def _round(share: Share) -> float | None:
    """Whole percents: a week has few cases."""
    return None if share.value is None else round(share.value, 2)


def _awaiting(week: Week, language: str) -> list[Awaiting]:
    """Concerns, then what is contested or comes back: each with its heading and the view of the inbox that has it."""
    concerns = [case for case in week.awaited if case.is_concern]
    others = [case for case in week.awaited if not case.is_concern]
    concerned = ngettext(
        "%(num)d safeguarding concern waits for you", "%(num)d safeguarding concerns wait for you", len(concerns)
    )
    return [
        Awaiting(
            heading,
            [_awaited(case, week, language) for case in cases[:SHOWN]],
            max(0, len(cases) - SHOWN),
            absolute("cases.inbox", **where),
        )
        for heading, cases, where in (
            (concerned, concerns, {"view": "all", "concerning": "y"}),
            (_awaited_heading(len(others)), others, {"view": "decide"}),
        )
        if cases
    ]


def _awaited_heading(total: int) -> str:
    return ngettext("%(num)d case waits for your decision", "%(num)d cases wait for your decision", total)


def _awaited(case: AwaitedCase, week: Week, language: str) -> CaseLine:
    if case.is_concern:
        why = _("safeguarding concern, hidden from the provider")
    elif case.stage == VerdictStage.CONTESTED:
        why = _("the provider contests the verdict")
    elif case.stage == VerdictStage.DISPUTED:
        why = _("a second person finds otherwise than the verdict")
    else:
        why = ngettext("reopened %(num)d time", "reopened %(num)d times", case.times_reopened)
    words = _("%(place)s: %(why)s", place=_place(case, week, language), why=why)
    return CaseLine(case.reference, absolute("cases.case", reference=case.reference), words)


def _place(case: AwaitedCase | OverdueCase, week: Week, language: str) -> str:
    contract = week.contracts.get(case.contract_id or 0)
    if contract is None:
        return case.site
    return _("%(service)s, %(site)s", service=_named(contract, week, language), site=case.site)


def _overdue_heading(mine: int, total: int) -> str:
    if mine == total:
        return ngettext("%(num)d overdue case of yours", "%(num)d overdue cases of yours", total)
    if mine == 0:
        return ngettext(
            "%(num)d overdue case that nobody has taken", "%(num)d overdue cases that nobody has taken", total
        )
    return _("%(total)d overdue cases: %(mine)d yours, the others taken by nobody", total=total, mine=mine)


def _case(case: OverdueCase, week: Week, language: str) -> CaseLine:
    on = _day(day_of(case.due_at, week.period.timezone))
    place = _place(case, week, language)
    words = (
        _("%(place)s: not resolved yet, due %(day)s", place=place, day=on)
        if case.is_answered
        else _("%(place)s: no answer yet, due %(day)s", place=place, day=on)
    )
    if case.provider is not None:
        words = _("%(words)s, with %(provider)s", words=words, provider=case.provider)
    if case.colleague is not None:
        words = _("%(words)s, seen to by %(member)s", words=words, member=case.colleague)
    return CaseLine(case.reference, absolute("cases.case", reference=case.reference), words)


def _quote(each: Quotable, week: Week, language: str) -> Quote:
    contract = week.contracts.get(each.contract_id or 0)
    service = _named(contract, week, language) if contract else each.site
    kind = _("Praise") if each.sentiment == Sentiment.POSITIVE else _("Criticism")
    return Quote(shortened(each.text), _("%(kind)s, %(service)s, %(site)s", kind=kind, service=service, site=each.site))


def _scope(week: Week, language: str) -> str:
    """What the reader subscribed to."""
    if week.subscription.contract is not None:
        return _named(week.subscription.contract, week, language)
    return in_language(week.agency.name, language)


def _named(contract: Contract, week: Week, language: str) -> str:
    """A contract by its service; where others have the same, also by what tells it from them."""
    service, apart = in_language(contract.service, language), week.apart[contract.id]
    if not apart:
        return service
    return _("%(service)s (%(apart)s)", service=service, apart=_(", ").join(apart))


def _day(on: date) -> str:
    # Translators: a pattern of Unicode CLDR: day and month, in the order usual in the language.
    return str(format_date(on, _("d MMM")))
