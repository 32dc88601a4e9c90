"""Every measure of a set of feedback: the numbers of the page, the PDF, the spreadsheet, the API and the email."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from app.kernel.periods import Period
from app.kernel.shares import Share
from app.kernel.words import Aspect, Attribution, Word
from app.measures.facts import FeedbackFacts, Reckoned, reckon
from app.measures.membership import UNJUDGED, case_of, tally_of, verdict_key
from app.measures.survival import Times
from app.measures.tally import Tally


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
class NotYetDue:
    """Open cases whose limit is still to come: to answer, where nothing was answered, and to resolve."""

    answers: int = 0
    resolutions: int = 0


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of a cohort, and beside them those of the cases found attributable to the provider.

    ``not_yet_due`` and ``validated_not_yet_due`` say of how many of each it is still open whether they are in time.
    """

    figures: Figures
    aspects: dict[Aspect, AspectFigures]
    verdicts: dict[str, int]
    validated: Figures
    not_yet_due: NotYetDue = NotYetDue()
    validated_not_yet_due: NotYetDue = NotYetDue()

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


def measures_of(reckoned: Iterable[Reckoned]) -> Measures:
    """Every measure of feedback whose clocks have been run, all at the same moment."""
    feedback = list(reckoned)
    return measures_from(tally_of(feedback), tally_of(each for each in feedback if is_validated(each)))


def measures_from(tally: Tally, validated: Tally) -> Measures:
    """The same from what was counted of it, and of the part of it that ``is_validated``."""
    return Measures(
        figures=figures_from(tally),
        aspects={aspect: _aspect_from(tally.share(f"aspect-{aspect}")) for aspect in Aspect},
        verdicts={str(each or UNJUDGED): tally.n(verdict_key(each)) for each in (*Attribution, None)},
        validated=figures_from(validated),
        not_yet_due=_not_yet_due(tally),
        validated_not_yet_due=_not_yet_due(validated),
    )


def is_validated(each: Reckoned) -> bool:
    """A case whose latest verdict found that it is the provider's."""
    case = case_of(each)
    return case is not None and case.state.attribution == Attribution.PROVIDER


def figures_of(reckoned: Iterable[Reckoned]) -> Figures:
    """The measures of feedback whose clocks have been run, without aspects and verdicts."""
    return figures_from(tally_of(reckoned))


def figures_from(tally: Tally) -> Figures:
    """The measures of what was counted."""
    made: dict[str, Any] = {"last_word": LastWord(**{str(word): tally.n(word) for word in Word})}
    made["hours_with"] = HoursWith(
        agency=tally.hours("agency_hours"),
        provider=tally.hours("provider_hours"),
        resident=tally.hours("resident_hours"),
    )
    for key, kind in _KINDS.items():
        if kind is Share:
            made[key] = tally.share(key)
        elif kind is Times:
            made[key] = tally.times(key)
        elif kind is Count:
            made[key] = Count(tally.n(key))
    return Figures(**made)


def _not_yet_due(tally: Tally) -> NotYetDue:
    return NotYetDue(tally.n("not_yet_due"), tally.n("resolution_not_yet_due"))


def _aspect_from(negative: Share) -> AspectFigures:
    return AspectFigures(negative.denominator, negative)


_KINDS = {each.name: each.type for each in fields(Figures)}
