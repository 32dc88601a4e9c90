"""Which single cases are told whatever the statistics say, and how a report is issued. Plain Python."""

from enum import StrEnum


class ReportState(StrEnum):
    """How far a report has come."""

    DRAFT = "draft"
    WITH_PROVIDER = "with_provider"
    ISSUED = "issued"
    DISCARDED = "discarded"


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
