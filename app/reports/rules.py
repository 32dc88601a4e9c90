"""How a report is issued. Plain Python."""

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
