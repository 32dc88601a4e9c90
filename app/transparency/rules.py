"""What may be done with a publication, and how its contracts are numbered. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Words

LONGEST_WHY = 2_000


class PublicationState(StrEnum):
    """How far the public figures of a month have come."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


class PublicationStep(StrEnum):
    APPROVE = "approve"
    DISCARD = "discard"
    WITHDRAW = "withdraw"
    RESTORE = "restore"


STEPS: dict[PublicationState, frozenset[PublicationStep]] = {
    PublicationState.DRAFT: frozenset({PublicationStep.APPROVE, PublicationStep.DISCARD}),
    PublicationState.PUBLISHED: frozenset({PublicationStep.WITHDRAW}),
    # The same figures again, never others: two versions of a month could be subtracted from each other.
    PublicationState.WITHDRAWN: frozenset({PublicationStep.RESTORE}),
    PublicationState.DISCARDED: frozenset(),
}
APPEARS = frozenset({PublicationStep.APPROVE, PublicationStep.RESTORE})
"""Steps after which the public sees something that it did not see before."""


class InFreeze(MoveNotAllowed):
    """Nothing may appear today: these days are frozen."""


def check_step(state: PublicationState, step: PublicationStep, *, is_frozen: bool) -> None:
    """Raise ``MoveNotAllowed`` unless the step can be taken today; ``InFreeze`` where only the days forbid it."""
    if step not in STEPS[state]:
        raise MoveNotAllowed(f"a publication that is {state} does not take {step}")
    if is_frozen and step in APPEARS:
        raise InFreeze(f"nothing is published in these days, so no {step}")


@dataclass(frozen=True)
class Choice:
    """What the agency chose about a contract: whether the public sees its figures, and its provider's name."""

    is_published: bool = False
    is_named: bool = False


def names_of(services: Mapping[str, Words]) -> dict[str, int | None]:
    """Contract → its number among those about the same service, by reference; None for the only one."""
    same: dict[str, list[str]] = {}
    for reference in sorted(services):
        same.setdefault(str(services[reference]), []).append(reference)
    return {
        reference: (nth if len(group) > 1 else None)
        for group in same.values()
        for nth, reference in enumerate(group, start=1)
    }
