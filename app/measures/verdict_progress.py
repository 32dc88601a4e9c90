"""How far the agency has come with its verdicts: what a validated figure still waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.cases import verdicts
from app.cases.history import EventFacts
from app.kernel.shares import Share, share_of
from app.kernel.words import VERDICT_EVENTS, EventKind, VerdictStage
from app.kernel.working_time import HOUR
from app.measures.clocks import CaseFacts
from app.measures.facts import Reckoned
from app.measures.survival import Times, times_of

BEGINS = frozenset({EventKind.VERDICT, EventKind.VERDICT_PROPOSED})
"""With these the agency has judged; what comes after is the provider's time."""


@dataclass(frozen=True, slots=True)
class Judging:
    """Over the cases of a cohort: which share has a verdict, how long the agency took, and what is not settled.

    ``hours`` are working hours from submission to the agency's first judgement; cases that nobody has judged count
    with the time they have waited. ``in_reply`` wait for the provider or for the agency's answer to its objection,
    ``contested`` for a manager. ``same`` and ``otherwise`` are what second persons found.
    """

    judged: Share
    hours: Times
    in_reply: int
    contested: int
    same: int
    otherwise: int

    def to_json(self) -> dict[str, Any]:
        """What stands in a report's JSON beside ``verdicts`` and ``measures`` of ``validated``."""
        return {
            "judged": self.judged.to_json(),
            "judging_hours": self.hours.to_json(),
            "in_reply": self.in_reply,
            "contested": self.contested,
            "checked": {"same": self.same, "otherwise": self.otherwise},
        }


def judging_from(kept: Mapping[str, Any]) -> Judging:
    """Read again what ``to_json`` wrote."""
    return Judging(
        judged=Share(**kept["judged"]),
        hours=Times(**kept["judging_hours"]),
        in_reply=kept["in_reply"],
        contested=kept["contested"],
        same=kept["checked"]["same"],
        otherwise=kept["checked"]["otherwise"],
    )


def judging_of(reckoned: Sequence[Reckoned], as_of: datetime) -> Judging:
    """Reckon it from the events up to ``as_of``, at which the clocks have been run."""
    cases = [
        (each.facts.case, each.clocks)
        for each in reckoned
        if each.facts.case is not None and each.clocks is not None and each.clocks.state.duplicate_at is None
    ]
    steps = [[e for e in case.events if e.kind in VERDICT_EVENTS and e.at <= as_of] for case, _ in cases]
    stages = [verdicts.read(events).stage for events in steps if events]
    found = [e.changed_to for events in steps for e in events if e.kind == EventKind.VERDICT_CHECKED]
    return Judging(
        judged=share_of(sum(clocks.state.attribution is not None for _, clocks in cases), len(cases)),
        hours=times_of(_hours(case, events, as_of) for (case, _), events in zip(cases, steps, strict=True)),
        in_reply=sum(stage in (VerdictStage.REPLY, VerdictStage.OBJECTED) for stage in stages),
        contested=sum(stage in verdicts.FOR_THE_MANAGER for stage in stages),
        same=found.count(verdicts.AGREES),
        otherwise=found.count(verdicts.DISAGREES),
    )


def _hours(case: CaseFacts, steps: Sequence[EventFacts], as_of: datetime) -> tuple[float, bool]:
    """Working hours to the first judgement and whether there is one."""
    judged_at = min((step.at for step in steps if step.kind in BEGINS), default=None)
    worked = case.calendar.ledger.worked_until
    return (worked(judged_at or as_of) - worked(case.submitted_at)) / HOUR, judged_at is not None
