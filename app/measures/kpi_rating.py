"""How a KPI is judged: the ratings of the UK Procurement Act 2023, and whether the numbers can carry one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil
from typing import Any

from app.directory.rules import ENTERED
from app.kernel.shares import Share, Z, share_of
from app.kernel.words import Basis, Direction, Words
from app.measures.cohort import SHARES, Measures, NotYetDue


class Rating(StrEnum):
    GOOD = "Good"
    APPROACHING_TARGET = "Approaching target"
    REQUIRES_IMPROVEMENT = "Requires improvement"
    INADEQUATE = "Inadequate"
    OTHER = "Other"


class TargetVerdict(StrEnum):
    """What can be said against the target alone."""

    MET = "met"
    MISSED = "missed"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Kpi:
    """A promise of the contract: which share, on which side of which cut-offs, judged from how many cases on.

    Raises ``ValueError`` on a measure that is no share and on cut-offs in the wrong order.
    """

    code: str
    measure: str
    direction: Direction
    target: float
    approaching: float
    inadequate: float
    minimum_n: int
    basis: Basis = Basis.RAW
    binds_from: date | None = None
    title: Words | None = None

    def __post_init__(self) -> None:
        if self.measure not in SHARES | {ENTERED}:
            raise ValueError(f"measure: {self.measure!r} is not a share; those are {', '.join(sorted(SHARES))}")
        cut_offs = (self.target, self.approaching, self.inadequate)
        if not all(0 <= cut_off <= 1 for cut_off in cut_offs):
            raise ValueError("target, approaching, inadequate: shares from 0 to 1")
        if cut_offs != tuple(sorted(cut_offs, reverse=self.direction == Direction.AT_LEAST)):
            raise ValueError("approaching, inadequate: each must be easier to meet than the one before it")
        if self.minimum_n < 0:
            raise ValueError("minimum_n: not below 0")

    def meets(self, value: float, cut_off: float) -> bool:
        """Meeting includes equality."""
        return value >= cut_off if self.direction == Direction.AT_LEAST else value <= cut_off

    def grade(self, value: float) -> Rating:
        """The rating of a value, whatever number of cases it rests on."""
        if self.meets(value, self.target):
            return Rating.GOOD
        if self.meets(value, self.approaching):
            return Rating.APPROACHING_TARGET
        if self.meets(value, self.inadequate):
            return Rating.REQUIRES_IMPROVEMENT
        return Rating.INADEQUATE


COUNTED_MEANWHILE = {"on_time_response_rate": False, "response_rate": True} | {
    "on_time_resolution_rate": False,
    "resolution_rate": True,
}
"""The shares that wait for a limit: whether cases not yet due are in the denominator meanwhile, as not done."""


def not_yet_due_for(measure: str, due: NotYetDue) -> int:
    """How many cases may still turn a share either way; none where it waits for no limit."""
    if measure not in COUNTED_MEANWHILE:
        return 0
    return due.answers if measure.endswith("response_rate") else due.resolutions


@dataclass(frozen=True)
class KpiRating:
    """A proposal: the officer who signs the report sets the rating.

    ``is_clear`` says that both ends of the interval rate the same; it is False when there is no rating to be clear
    about. ``needed`` is the number of cases that would settle ``target_verdict`` if the share stayed as it is; None
    where it is settled, or where no number would do. All of these are of the share as it stands. ``not_yet_due``
    cases may still turn it: ``sure_verdict`` and ``may_turn`` say what holds whatever becomes of them.
    """

    kpi: Kpi
    share: Share
    rating: Rating
    is_clear: bool
    target_verdict: TargetVerdict
    needed: int | None
    is_for_information: bool
    not_yet_due: int = 0

    @property
    def is_missed(self) -> bool:
        """Whether the target binds and is missed, whatever becomes of the cases not yet due."""
        return not self.is_for_information and self.sure_verdict == TargetVerdict.MISSED

    @property
    def awaited(self) -> int:
        """All the cases of the share once those not yet due are decided."""
        is_counted = COUNTED_MEANWHILE.get(self.kpi.measure, True)
        return self.share.denominator + (0 if is_counted else self.not_yet_due)

    @property
    def at_the_ends(self) -> tuple["KpiRating", ...]:
        """How it is rated if none of the cases not yet due comes to be done in time, and if all do."""
        done = self.share.numerator
        return tuple(rate_share(self.kpi, share_of(n, self.awaited)) for n in (done, done + self.not_yet_due))

    @property
    def sure_verdict(self) -> TargetVerdict:
        """Met or missed only where it stays so, whatever becomes of the cases not yet due."""
        said = {self.target_verdict, *(each.target_verdict for each in self.at_the_ends)} if self.not_yet_due else ()
        return TargetVerdict.CANNOT_TELL if len(said) > 1 else self.target_verdict

    @property
    def may_turn(self) -> bool:
        """Whether the cases not yet due can change the rating, how clear it is, or the verdict against the target."""
        if not self.not_yet_due:
            return False
        now = (self.rating, self.is_clear, self.target_verdict)
        return any((each.rating, each.is_clear, each.target_verdict) != now for each in self.at_the_ends)

    @property
    def is_too_close_to_call(self) -> bool:
        return self.rating != Rating.OTHER and not self.is_clear

    @property
    def others(self) -> tuple[Rating, ...]:
        """The other ratings that the interval allows, the best first; none where it is clear, or there is none."""
        if not self.is_too_close_to_call or self.share.low is None or self.share.high is None:
            return ()
        order = list(Rating)
        ends = sorted(order.index(self.kpi.grade(end)) for end in (self.share.low, self.share.high))
        return tuple(each for each in order[ends[0] : ends[1] + 1] if each != self.rating)

    def to_json(self) -> dict[str, Any]:
        """An entry of ``kpis`` in a report's JSON."""
        return {
            "code": self.kpi.code,
            "measure": self.kpi.measure,
            "basis": str(self.kpi.basis),
            "direction": str(self.kpi.direction),
            "target": self.kpi.target,
            "approaching": self.kpi.approaching,
            "inadequate": self.kpi.inadequate,
            "minimum_n": self.kpi.minimum_n,
            "value": self.share.value,
            "numerator": self.share.numerator,
            "denominator": self.share.denominator,
            "low": self.share.low,
            "high": self.share.high,
            "rating": str(self.rating),
            "clear": self.is_clear,
            "target_verdict": str(self.target_verdict),
            "needed": self.needed,
            "for_information": self.is_for_information,
            **({"not_yet_due": self.not_yet_due, "may_turn": self.may_turn} if self.not_yet_due else {}),
            **({"title": self.kpi.title} if self.kpi.title else {}),
        }


def rate(kpi: Kpi, measures: Measures, *, period_end: date | None = None) -> KpiRating:
    """Judge a KPI by its measure, raw or validated. It binds when the period ends on or after its date."""
    is_validated = kpi.basis == Basis.VALIDATED
    figures = measures.validated if is_validated else measures.figures
    due = measures.validated_not_yet_due if is_validated else measures.not_yet_due
    share: Share = getattr(figures, kpi.measure)
    is_for_information = kpi.binds_from is not None and period_end is not None and period_end < kpi.binds_from
    return rate_share(kpi, share, is_for_information=is_for_information, not_yet_due=not_yet_due_for(kpi.measure, due))


def rate_share(kpi: Kpi, share: Share, *, is_for_information: bool = False, not_yet_due: int = 0) -> KpiRating:
    """Judge a KPI by the share that its measure came to; so many cases may still turn it."""
    rating, is_clear = Rating.OTHER, False
    verdict, needed = TargetVerdict.CANNOT_TELL, None
    if share.value is not None and share.low is not None and share.high is not None:
        if share.denominator >= kpi.minimum_n:
            rating = kpi.grade(share.value)
            is_clear = kpi.grade(share.low) == kpi.grade(share.high)
        ends = {kpi.meets(share.low, kpi.target), kpi.meets(share.high, kpi.target)}
        if len(ends) == 1:
            verdict = TargetVerdict.MET if ends == {True} else TargetVerdict.MISSED
        else:
            needed = cases_needed(share.value, kpi.target, share.denominator)
    return KpiRating(kpi, share, rating, is_clear, verdict, needed, is_for_information, not_yet_due)


OUT_OF_REACH = 5
"""What needs the cases of so many years is hardly ever told: few contracts run for so long."""


def is_out_of_reach(rating: KpiRating, cases: int, days: int) -> bool:
    """Whether a contract that had so many cases of a KPI in so many days will hardly ever have those needed."""
    return rating.needed is not None and rating.needed > OUT_OF_REACH * cases * 365.25 / days


def cases_needed(value: float, target: float, n: int) -> int | None:
    """How many cases (more than the ``n`` there are) would tell ``value`` from ``target``; None if none would.

    The Wilson interval leaves the target out when (value - target)² n ≥ z² target (1 - target).
    """
    if value == target:
        return None
    return max(n + 1, ceil(Z * Z * target * (1 - target) / (value - target) ** 2))
