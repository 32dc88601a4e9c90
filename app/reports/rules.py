"""How a report is issued, and which counts of it stand out. Plain Python."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from math import comb, erfc, sqrt

from app.kernel.errors import MoveNotAllowed

LONGEST_STATEMENT = 10_000
LONGEST_CHANGE = 2_000


class ReportState(StrEnum):
    """How far a report has come."""

    DRAFT = "draft"
    WITH_PROVIDER = "with_provider"
    ISSUED = "issued"
    DISCARDED = "discarded"


class Step(StrEnum):
    """What is done to a report on its way."""

    SEND = "send"
    STATE = "state"
    ISSUE = "issue"
    DISCARD = "discard"


STEPS: dict[ReportState, frozenset[Step]] = {
    ReportState.DRAFT: frozenset({Step.SEND, Step.DISCARD}),
    ReportState.WITH_PROVIDER: frozenset({Step.STATE, Step.ISSUE, Step.DISCARD}),
    ReportState.ISSUED: frozenset(),
    ReportState.DISCARDED: frozenset(),
}
"""An issued report stays as it is: what was wrong in it is said by a further one that corrects it."""


def check_step(state: ReportState, step: Step, *, has_statement: bool, due_at: datetime | None, now: datetime) -> None:
    """Raise ``MoveNotAllowed`` unless the step can be taken now.

    Nothing is issued before the provider has said something to it, or has had its time to.
    """
    if step not in STEPS[state]:
        raise MoveNotAllowed(f"a report that is {state} does not take {step}")
    if step == Step.ISSUE and not has_statement and (due_at is None or now < due_at):
        raise MoveNotAllowed("the provider still has time for its statement")


STANDS_OUT = 0.05
"""Two counts are told apart where chance alone would set them as far apart less often than this."""

EXACT_UP_TO = 200
"""Beyond, the normal distribution says the same, and takes no longer however many there are."""


def leaders(counts: Mapping[str, int]) -> list[str]:
    """Which have the most, and those that cannot be told from them, the larger count first; none where all are 0.

    Each count is set against the largest by the exact two-sided test of two counts: of n = a + b, each falls to either
    side with probability one half (binomial; Przyborowski and Wilenski 1940).
    """
    in_order = sorted(((key, n) for key, n in counts.items() if n), key=lambda each: -each[1])
    return [key for key, n in in_order if _chance(in_order[0][1], n) >= STANDS_OUT]


def _chance(more: int, less: int) -> float:
    """How often chance alone sets two counts at least as far apart as these."""
    n = more + less
    if n > EXACT_UP_TO:
        return erfc(max(more - less - 1, 0) / sqrt(2 * n))
    reaching: int = sum(comb(n, k) for k in range(more, n + 1))
    return min(1.0, float(2 * reaching / 2**n))
