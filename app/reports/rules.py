"""Which single cases are told whatever the statistics say, and how a report is issued. Plain Python."""

from datetime import datetime
from enum import StrEnum

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


FAR = 3
"""A case open beyond so many times its limit is far beyond it."""


class Grave(StrEnum):
    """Why a case is told by itself."""

    URGENT = "urgent"
    REOPENED_AGAIN = "reopened_again"
    FAR_BEYOND_LIMIT = "far_beyond_limit"


def why_grave(
    *, is_urgent: bool, times_reopened: int, waiting_for: float | None, limit: float | None
) -> tuple[Grave, ...]:
    """Why a feedback or case is grave; nothing where it is not.

    ``waiting_for`` are the working hours that an open case has waited for what its ``limit`` is about, None where it
    does not wait.
    """
    reasons = []
    if is_urgent:
        reasons.append(Grave.URGENT)
    if times_reopened >= 2:
        reasons.append(Grave.REOPENED_AGAIN)
    if waiting_for is not None and limit is not None and waiting_for > FAR * limit:
        reasons.append(Grave.FAR_BEYOND_LIMIT)
    return tuple(reasons)
