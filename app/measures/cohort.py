"""Every measure of a set of feedback: the numbers of the page, the PDF, the spreadsheet, the API and the email."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from app.kernel.periods import Period
from app.kernel.shares import Share, share_of
from app.kernel.words import Aspect, Attribution, CaseStatus, FeedbackKind, Sentiment, Word
from app.measures.clocks import CaseClocks, CaseFacts, clocks_of
from app.measures.survival import Times, times_of

PLEASED = frozenset({4, 5})
UNHAPPY = frozenset({1, 2})
UNJUDGED = "unjudged"


class FeedbackFacts(NamedTuple):
    """What a resident sent, as it is counted.

    ``sentiment`` and ``aspects`` are the effective ones (a correction by staff wins); None and empty where there was
    no text, or nothing has read it yet. ``case`` belongs to a complaint; on other kinds it is not looked at.
    """

    submitted_at: datetime
    kind: FeedbackKind
    rating: int | None = None
    sentiment: Sentiment | None = None
    aspects: tuple[Aspect, ...] = ()
    case: CaseFacts | None = None


class Reckoned(NamedTuple):
    """A feedback with the clocks of its case, if it has one: reckoned once, counted as often as needed."""

    facts: FeedbackFacts
    clocks: CaseClocks | None


@dataclass(frozen=True, slots=True)
class Count:
    value: int

    def to_json(self) -> dict[str, int]:
        return {"value": self.value}


@dataclass(frozen=True, slots=True)
class HoursWith:
    """Working hours that the cases spent in each one's hands."""

    agency: float
    provider: float
    resident: float

    def to_json(self) -> dict[str, float]:
        return {"agency": self.agency, "provider": self.provider, "resident": self.resident}


@dataclass(frozen=True, slots=True)
class LastWord:
    """Of the cases ever said to be resolved: what their residents say to it now.

    ``claimed``: nothing yet, and there is still time; ``confirmed``: it is solved; ``contested``: it is not, and it is
    open again; ``silent``: nothing within the contract's days. The first, second and last stand resolved.
    """

    claimed: int
    confirmed: int
    contested: int
    silent: int

    @property
    def n(self) -> int:
        return self.claimed + self.confirmed + self.contested + self.silent

    def to_json(self) -> dict[str, int]:
        return {word.value: getattr(self, word.value) for word in Word} | {"n": self.n}


@dataclass(frozen=True, slots=True)
class Figures:
    """One field for each measure, named by its key."""

    received: Count
    cases: Count
    response_rate: Share
    on_time_response_rate: Share
    response_hours: Times
    resolution_rate: Share
    on_time_resolution_rate: Share
    resolution_hours: Times
    reopen_rate: Share
    confirmed_rate: Share
    last_word: LastWord
    rejected_rate: Share
    service_satisfaction: Share
    handling_satisfaction: Share
    open: Count
    overdue: Count
    duplicates: Count
    withdrawn: Count
    provider_response_hours: Times
    hours_with: HoursWith
    negative_share: Share
    unhappy_without_case: Count

    def to_json(self) -> dict[str, dict[str, Any]]:
        return {key: getattr(self, key).to_json() for key in KEYS}


KEYS = tuple(each.name for each in fields(Figures))
SHARES = frozenset(each.name for each in fields(Figures) if each.type is Share)
"""The measures that a KPI can be about."""


@dataclass(frozen=True, slots=True)
class AspectFigures:
    mentions: int
    negative: Share

    def to_json(self) -> dict[str, Any]:
        return {"mentions": self.mentions, "negative": self.negative.to_json()}


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of a cohort, and beside them those of the cases found attributable to the provider."""

    figures: Figures
    aspects: dict[Aspect, AspectFigures]
    verdicts: dict[str, int]
    validated: Figures

    def to_json(self) -> dict[str, Any]:
        """The parts ``measures``, ``aspects`` and ``validated`` of a report's JSON."""
        return {
            "measures": self.figures.to_json(),
            "aspects": {str(aspect): figures.to_json() for aspect, figures in self.aspects.items()},
            "validated": {"verdicts": dict(self.verdicts), "measures": self.validated.to_json()},
        }


def cohort_of(feedback: Iterable[FeedbackFacts], period: Period, as_of: datetime) -> list[FeedbackFacts]:
    """What was submitted in the period and not after ``as_of``."""
    since, until = period.since, period.until
    return [each for each in feedback if since <= each.submitted_at < until and each.submitted_at <= as_of]


def measure(feedback: Iterable[FeedbackFacts], as_of: datetime) -> Measures:
    """Every measure of the feedback given (see ``cohort_of``), as it stood at ``as_of``."""
    return measures_of(reckon(feedback, as_of))


def reckon(feedback: Iterable[FeedbackFacts], as_of: datetime) -> list[Reckoned]:
    """Run the clocks of every case among the feedback up to ``as_of``."""
    return [
        Reckoned(each, clocks_of(each.case, as_of) if each.case and each.kind == FeedbackKind.COMPLAINT else None)
        for each in feedback
    ]


def measures_of(reckoned: Sequence[Reckoned]) -> Measures:
    """Every measure of feedback whose clocks have been run, all at the same moment."""
    verdicts = {str(each): 0 for each in Attribution} | {UNJUDGED: 0}
    attributable = []
    for each in reckoned:
        if each.clocks is not None and each.clocks.state.duplicate_at is None:
            attribution = each.clocks.state.attribution
            verdicts[str(attribution) if attribution else UNJUDGED] += 1
            if attribution == Attribution.PROVIDER:
                attributable.append(each)

    return Measures(
        figures=figures_of(reckoned),
        aspects=_aspects_of([each.facts for each in reckoned]),
        verdicts=verdicts,
        validated=figures_of(attributable),
    )


def figures_of(reckoned: Sequence[Reckoned]) -> Figures:
    """The measures of feedback whose clocks have been run, without aspects and verdicts."""
    feedback = [each.facts for each in reckoned]
    complaints = [each.clocks for each in reckoned if each.clocks is not None]
    cases = [case for case in complaints if case.state.duplicate_at is None]
    kept = [case for case in cases if case.state.withdrawn_at is None]
    not_rejected = [case for case in kept if case.state.standing != CaseStatus.REJECTED]
    resolved = [case for case in cases if case.is_resolved]
    ever_resolved = [case for case in cases if case.state.was_resolved]
    answered_on_time = [on_time for case in cases if (on_time := case.answered_on_time) is not None]
    resolved_on_time = [on_time for case in cases if (on_time := case.resolved_on_time) is not None]
    ratings = [each.rating for each in feedback if each.rating is not None]
    handling_ratings = [rating for case in cases if (rating := case.state.handling_rating) is not None]
    sentiments = [each.sentiment for each in feedback if each.sentiment is not None]

    return Figures(
        received=Count(len(feedback)),
        cases=Count(len(cases)),
        response_rate=share_of(sum(case.is_answered for case in kept), len(kept)),
        on_time_response_rate=share_of(sum(answered_on_time), len(answered_on_time)),
        response_hours=times_of((case.response_hours, case.is_answered) for case in cases),
        resolution_rate=share_of(sum(case.is_resolved for case in not_rejected), len(not_rejected)),
        on_time_resolution_rate=share_of(sum(resolved_on_time), len(resolved_on_time)),
        resolution_hours=times_of((case.resolution_hours, case.is_resolved) for case in cases),
        reopen_rate=share_of(sum(case.state.was_reopened for case in ever_resolved), len(ever_resolved)),
        confirmed_rate=share_of(sum(case.state.is_confirmed for case in resolved), len(resolved)),
        last_word=last_word_of(cases),
        rejected_rate=share_of(len(kept) - len(not_rejected), len(kept)),
        service_satisfaction=share_of(sum(rating in PLEASED for rating in ratings), len(ratings)),
        handling_satisfaction=share_of(sum(rating in PLEASED for rating in handling_ratings), len(handling_ratings)),
        open=Count(sum(case.state.is_open for case in cases)),
        overdue=Count(sum(case.is_overdue for case in cases)),
        duplicates=Count(len(complaints) - len(cases)),
        withdrawn=Count(len(cases) - len(kept)),
        provider_response_hours=times_of(
            (case.provider_response_hours, case.is_answered)
            for case in cases
            if case.provider_response_hours is not None
        ),
        hours_with=HoursWith(
            agency=sum(case.agency_hours for case in cases),
            provider=sum(case.provider_hours for case in cases),
            resident=sum(case.resident_hours for case in cases),
        ),
        negative_share=share_of(sum(each == Sentiment.NEGATIVE for each in sentiments), len(sentiments)),
        unhappy_without_case=Count(sum(each.clocks is None and is_unhappy(each.facts) for each in reckoned)),
    )


def last_word_of(cases: Iterable[CaseClocks]) -> LastWord:
    """Count the four states; a case that was never resolved, or was rejected since, is in none of them."""
    counts = Counter(word for case in cases if (word := case.last_word) is not None)
    return LastWord(
        claimed=counts[Word.CLAIMED],
        confirmed=counts[Word.CONFIRMED],
        contested=counts[Word.CONTESTED],
        silent=counts[Word.SILENT],
    )


def is_unhappy(feedback: FeedbackFacts) -> bool:
    """Rated 1 or 2, or tagged negative: without a case, officers see to it."""
    return feedback.rating in UNHAPPY or feedback.sentiment == Sentiment.NEGATIVE


def _aspects_of(feedback: Sequence[FeedbackFacts]) -> dict[Aspect, AspectFigures]:
    mentions = dict.fromkeys(Aspect, 0)
    negative = dict.fromkeys(Aspect, 0)
    for each in feedback:
        for aspect in set(each.aspects):
            mentions[aspect] += 1
            negative[aspect] += each.sentiment == Sentiment.NEGATIVE
    return {aspect: AspectFigures(mentions[aspect], share_of(negative[aspect], mentions[aspect])) for aspect in Aspect}
