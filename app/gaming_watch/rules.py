"""What is looked for, from which threshold on it is shown, and how it is found. Plain Python: deeds in, findings out.

A finding names a contract and a side, never a person: what is looked at does not say who of a side did it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from app.kernel.words import Actor, EventKind

CLOSES = frozenset({EventKind.RESOLVED, EventKind.REJECTED})
TELLS = frozenset({EventKind.REPLIED, EventKind.ASKED, EventKind.RESOLVED, EventKind.REJECTED})
EXCERPT = 120
"""Characters of a repeated text that are shown."""


class Pattern(StrEnum):
    """What is looked for."""

    QUICK = "quick"
    AT_THE_LIMIT = "at_the_limit"
    AT_ONCE = "at_once"
    REJECTIONS = "rejections"
    SHORT = "short"
    REPEATED = "repeated"
    BURST = "burst"
    PAUSES = "pauses"
    UNANSWERED = "unanswered"
    AFTER_A_CALL = "after_a_call"
    DUPLICATES = "duplicates"


class Threshold(StrEnum):
    """What an agency can set, each a whole number."""

    QUICK_MINUTES = "quick_minutes"
    QUICK_CASES = "quick_cases"
    LIMIT_PERCENT = "limit_percent"
    LIMIT_CASES = "limit_cases"
    LIMIT_SHARE = "limit_share"
    ONCE_SECONDS = "once_seconds"
    ONCE_CASES = "once_cases"
    REJECTION_HOURS = "rejection_hours"
    REJECTION_CASES = "rejection_cases"
    SHORT_LETTERS = "short_letters"
    SHORT_CASES = "short_cases"
    REPEATED_CASES = "repeated_cases"
    BURST_MINUTES = "burst_minutes"
    BURST_RATINGS = "burst_ratings"
    PAUSE_PERCENT = "pause_percent"
    PAUSE_CASES = "pause_cases"
    UNANSWERED_QUESTIONS = "unanswered_questions"
    UNANSWERED_CASES = "unanswered_cases"
    CALL_HOURS = "call_hours"
    CALL_CASES = "call_cases"
    DUPLICATE_PERCENT = "duplicate_percent"
    DUPLICATE_CASES = "duplicate_cases"


T = Threshold
P = Pattern

DEFAULTS: Mapping[Threshold, int] = {
    T.QUICK_MINUTES: 5,
    T.QUICK_CASES: 3,
    T.LIMIT_PERCENT: 95,
    T.LIMIT_CASES: 5,
    T.LIMIT_SHARE: 20,
    T.ONCE_SECONDS: 60,
    T.ONCE_CASES: 5,
    T.REJECTION_HOURS: 24,
    T.REJECTION_CASES: 5,
    T.SHORT_LETTERS: 12,
    T.SHORT_CASES: 3,
    T.REPEATED_CASES: 5,
    T.BURST_MINUTES: 10,
    T.BURST_RATINGS: 10,
    T.PAUSE_PERCENT: 90,
    T.PAUSE_CASES: 3,
    T.UNANSWERED_QUESTIONS: 2,
    T.UNANSWERED_CASES: 2,
    T.CALL_HOURS: 24,
    T.CALL_CASES: 2,
    T.DUPLICATE_PERCENT: 90,
    T.DUPLICATE_CASES: 2,
}

OF_PATTERN: Mapping[Pattern, tuple[Threshold, ...]] = {
    P.QUICK: (T.QUICK_MINUTES, T.QUICK_CASES),
    P.AT_THE_LIMIT: (T.LIMIT_PERCENT, T.LIMIT_CASES, T.LIMIT_SHARE),
    P.AT_ONCE: (T.ONCE_SECONDS, T.ONCE_CASES),
    P.REJECTIONS: (T.REJECTION_HOURS, T.REJECTION_CASES),
    P.SHORT: (T.SHORT_LETTERS, T.SHORT_CASES),
    P.REPEATED: (T.REPEATED_CASES,),
    P.BURST: (T.BURST_MINUTES, T.BURST_RATINGS),
    P.PAUSES: (T.PAUSE_PERCENT, T.PAUSE_CASES),
    P.UNANSWERED: (T.UNANSWERED_QUESTIONS, T.UNANSWERED_CASES),
    P.AFTER_A_CALL: (T.CALL_HOURS, T.CALL_CASES),
    P.DUPLICATES: (T.DUPLICATE_PERCENT, T.DUPLICATE_CASES),
}
"""By which thresholds a pattern is found."""

PERCENTS = frozenset({T.LIMIT_PERCENT, T.LIMIT_SHARE, T.PAUSE_PERCENT, T.DUPLICATE_PERCENT})
MOST, MOST_PERCENT = 10_000, 100

Thresholds = Mapping[Threshold, int]


@dataclass(frozen=True)
class Deed:
    """What one side did to a case, as far as it is looked at.

    ``used`` is the share of the limit to resolve that was used then; None where there is none. ``words`` are what was
    told to the resident, without persons.
    """

    case: str
    contract_id: int | None
    side: Actor
    kind: EventKind
    at: datetime
    sent_at: datetime
    used: float | None = None
    words: str | None = None
    # Of a question: whether the clock stood for it.
    stops_the_clock: bool = True
    # Of a question: whether the resident has written nothing since, or not before the next question.
    is_unanswered: bool = False
    # Of a duplicate: whether the case it was merged into was over then, or about another contract.
    into_over: bool = False
    into_other: bool = False


@dataclass(frozen=True)
class Rating:
    """A rating of the service that came with feedback."""

    case: str
    contract_id: int | None
    site: str
    rating: int
    at: datetime


@dataclass(frozen=True)
class Withdrawal:
    """A resident took a complaint back; ``opened_at`` is when a side last opened how to reach them before."""

    case: str
    contract_id: int | None
    side: Actor
    at: datetime
    opened_at: datetime


@dataclass(frozen=True)
class Finding:
    """A pattern that crossed its threshold: ``count`` cases where ``least`` are enough, the oldest first.

    ``side`` is None where nobody's is meant. ``more`` holds what else the sentence about it says.
    """

    pattern: Pattern
    contract_id: int | None
    side: Actor | None
    cases: tuple[str, ...]
    least: int
    since: datetime
    until: datetime
    more: Mapping[str, str | int]

    @property
    def count(self) -> int:
        return len(self.cases)


class Dated(Protocol):
    """A deed, a rating or a withdrawal."""

    @property
    def case(self) -> str: ...
    @property
    def contract_id(self) -> int | None: ...
    @property
    def at(self) -> datetime: ...


D = TypeVar("D", bound=Dated)


def findings(
    deeds: Sequence[Deed], ratings: Sequence[Rating], withdrawals: Sequence[Withdrawal], by: Thresholds
) -> list[Finding]:
    """All that crosses a threshold, in the order of the patterns, then by contract, side and time."""
    found = [
        *quick(deeds, by),
        *at_the_limit(deeds, by),
        *at_once(deeds, by),
        *rejections(deeds, by),
        *short(deeds, by),
        *repeated(deeds, by),
        *bursts(ratings, by),
        *pauses(deeds, by),
        *unanswered(deeds, by),
        *after_a_call(withdrawals, by),
        *duplicates(deeds, by),
    ]
    order = {pattern: nth for nth, pattern in enumerate(Pattern)}
    return sorted(found, key=lambda each: (order[each.pattern], each.contract_id or 0, each.side or "", each.since))


def quick(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Closed within minutes of being sent."""
    within = timedelta(minutes=by[T.QUICK_MINUTES])
    wanted = [each for each in deeds if each.kind in CLOSES and each.at - each.sent_at <= within]
    return _enough(P.QUICK, wanted, by[T.QUICK_CASES], minutes=by[T.QUICK_MINUTES])


def at_the_limit(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Resolved just before the limit, more often than a few are anyway."""
    resolved = [each for each in deeds if each.kind == EventKind.RESOLVED and each.used is not None]
    late = [each for each in resolved if by[T.LIMIT_PERCENT] / 100 <= (each.used or 0) <= 1]
    of_all = {key: len({each.case for each in group}) for key, group in _by_side(resolved).items()}
    found = []
    for key, group in _by_side(late).items():
        share = 100 * len({each.case for each in group}) / of_all[key]
        if share >= by[T.LIMIT_SHARE]:
            found += _enough(P.AT_THE_LIMIT, group, by[T.LIMIT_CASES], percent=by[T.LIMIT_PERCENT], of=of_all[key])
    return found


def at_once(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Many closed in a moment."""
    closed = [each for each in deeds if each.kind in CLOSES]
    return _crowded(
        P.AT_ONCE, closed, timedelta(seconds=by[T.ONCE_SECONDS]), by[T.ONCE_CASES], seconds=by[T.ONCE_SECONDS]
    )


def rejections(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Many declined in a short time."""
    declined = [each for each in deeds if each.kind == EventKind.REJECTED]
    hours = by[T.REJECTION_HOURS]
    return _crowded(P.REJECTIONS, declined, timedelta(hours=hours), by[T.REJECTION_CASES], hours=hours)


def short(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Answered something that is too short to say anything; a question may be short."""
    letters = by[T.SHORT_LETTERS]
    answers = TELLS - {EventKind.ASKED}
    wanted = [each for each in deeds if each.kind in answers and each.words and weight_of(each.words) < letters]
    return _enough(P.SHORT, wanted, by[T.SHORT_CASES], letters=letters)


def repeated(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """The same words for many cases."""
    same: dict[tuple[Hashable, str], list[Deed]] = defaultdict(list)
    for each in deeds:
        if each.kind in TELLS and each.words and plain(each.words):
            same[(each.contract_id, each.side), plain(each.words)].append(each)
    found = []
    for group in same.values():
        said = " ".join((group[0].words or "").split())
        excerpt = said if len(said) <= EXCERPT else said[: EXCERPT - 1].rstrip() + "…"
        found += _enough(P.REPEATED, group, by[T.REPEATED_CASES], words=excerpt)
    return found


def bursts(ratings: Iterable[Rating], by: Thresholds) -> list[Finding]:
    """The same rating of one site again and again within minutes. Whether from one hand nobody can know."""
    minutes = by[T.BURST_MINUTES]
    same: dict[tuple[str, int], list[Rating]] = defaultdict(list)
    for each in ratings:
        same[each.site, each.rating].append(each)
    found = []
    for (site, rating), group in same.items():
        crowd = crowds(group, timedelta(minutes=minutes), by[T.BURST_RATINGS])
        if crowd:
            more: dict[str, str | int] = {"minutes": minutes, "site": site, "rating": rating}
            found.append(_finding(P.BURST, crowd, None, by[T.BURST_RATINGS], more))
    return found


def pauses(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Asked the resident something, which stops the clock, just before the limit."""
    near = by[T.PAUSE_PERCENT] / 100
    wanted = [
        each
        for each in deeds
        if each.kind == EventKind.ASKED and each.stops_the_clock and each.used is not None and near <= each.used <= 1
    ]
    return _enough(P.PAUSES, wanted, by[T.PAUSE_CASES], percent=by[T.PAUSE_PERCENT])


def unanswered(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Asked the resident again and again in one case, and never answered."""
    questions = by[T.UNANSWERED_QUESTIONS]
    asked = [each for each in deeds if each.kind == EventKind.ASKED and each.is_unanswered]
    wanted = [
        each
        for group in _by(asked, lambda each: (each.case, each.contract_id, each.side)).values()
        if len(group) >= questions
        for each in group
    ]
    return _enough(P.UNANSWERED, wanted, by[T.UNANSWERED_CASES], questions=questions)


def after_a_call(withdrawals: Iterable[Withdrawal], by: Thresholds) -> list[Finding]:
    """Taken back by the resident soon after a side opened how to reach them."""
    within = timedelta(hours=by[T.CALL_HOURS])
    wanted = [each for each in withdrawals if timedelta(0) <= each.at - each.opened_at <= within]
    return [
        found
        for (_contract, side), group in _by(wanted, lambda each: (each.contract_id, each.side)).items()
        for found in _if_enough(P.AFTER_A_CALL, group, side, by[T.CALL_CASES], {"hours": by[T.CALL_HOURS]})
    ]


def duplicates(deeds: Iterable[Deed], by: Thresholds) -> list[Finding]:
    """Merged where that hides something: near or beyond the limit, into what was over, or into another contract's."""
    late = by[T.DUPLICATE_PERCENT] / 100
    wanted = [
        each
        for each in deeds
        if each.kind == EventKind.DUPLICATE
        and (each.into_over or each.into_other or (each.used is not None and each.used >= late))
    ]
    found = []
    for group in _by_side(wanted).values():
        found += _enough(
            P.DUPLICATES,
            group,
            by[T.DUPLICATE_CASES],
            percent=by[T.DUPLICATE_PERCENT],
            late=sum(each.used is not None and each.used >= late for each in group),
            over=sum(each.into_over for each in group),
            other=sum(each.into_other for each in group),
        )
    return found


def crowds(dated: Iterable[D], within: timedelta, least: int) -> list[D]:
    """Those of which at least ``least`` lie within a time of that length, oldest first."""
    ordered = sorted(dated, key=lambda each: each.at)
    crowded: set[int] = set()
    first = 0
    for last, each in enumerate(ordered):
        while each.at - ordered[first].at > within:
            first += 1
        if last - first + 1 >= least:
            crowded.update(range(first, last + 1))
    return [ordered[nth] for nth in sorted(crowded)]


def weight_of(text: str) -> int:
    """How much a text can say: its letters and digits; of Chinese, Japanese and Korean each sign counts for three."""
    return sum(3 if unicodedata.east_asian_width(sign) == "W" else 1 for sign in text if sign.isalnum())


def plain(text: str) -> str:
    """A text as it is compared: without regard to case, width, digits, spaces and punctuation."""
    return re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _enough(pattern: Pattern, deeds: Iterable[Deed], least: int, **more: str | int) -> list[Finding]:
    return [
        found
        for (_contract, side), group in _by_side(deeds).items()
        for found in _if_enough(pattern, group, side, least, more)
    ]


def _crowded(
    pattern: Pattern, deeds: Iterable[Deed], within: timedelta, least: int, **more: str | int
) -> list[Finding]:
    return [
        found
        for (_contract, side), group in _by_side(deeds).items()
        for found in _if_enough(pattern, crowds(group, within, least), side, least, more)
    ]


def _if_enough(
    pattern: Pattern, dated: Sequence[D], side: Actor, least: int, more: Mapping[str, str | int]
) -> list[Finding]:
    enough = len({each.case for each in dated}) >= least
    return [_finding(pattern, dated, side, least, more)] if enough else []


def _finding(
    pattern: Pattern, dated: Sequence[D], side: Actor | None, least: int, more: Mapping[str, str | int]
) -> Finding:
    ordered = sorted(dated, key=lambda each: each.at)
    cases = tuple(dict.fromkeys(each.case for each in ordered))
    return Finding(pattern, ordered[0].contract_id, side, cases, least, ordered[0].at, ordered[-1].at, more)


def _by_side(deeds: Iterable[Deed]) -> dict[tuple[int | None, Actor], list[Deed]]:
    return _by(deeds, lambda each: (each.contract_id, each.side))


K = TypeVar("K", bound=Hashable)


def _by(dated: Iterable[D], key: Callable[[D], K]) -> dict[K, list[D]]:
    found: dict[K, list[D]] = defaultdict(list)
    for each in dated:
        found[key(each)].append(each)
    return found
