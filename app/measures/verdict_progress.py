"""How far the agency has come with its verdicts: what a validated figure still waits for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.cases import verdict_rules
from app.cases.history import EventFacts, is_move
from app.kernel.shares import Share
from app.kernel.words import VERDICT_EVENTS, Actor, EventKind, FeedbackKind, VerdictStage
from app.kernel.working_time import HOUR
from app.measures.clocks import CaseFacts
from app.measures.facts import FeedbackFacts, Reckoned
from app.measures.membership import case_of
from app.measures.survival import Times
from app.measures.tally import Tally

FOUND = {verdict_rules.AGREES: "judging_same", verdict_rules.DISAGREES: "judging_otherwise"}

COUNTS = ("judged", "judging_in_reply", "judging_contested", *FOUND.values())
"""What ``count_in`` counts, beside hours."""

DISPUTED = (VerdictStage.OBJECTED, VerdictStage.CONTESTED)
"""The provider has said that a complaint is not its own, and waits for the agency to decide."""

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


def judging_in(tally: Tally) -> Judging:
    """How far they have come, from what ``count_in`` has counted."""
    return Judging(
        judged=tally.share("judged"),
        hours=tally.times("judging_hours"),
        in_reply=tally.n("judging_in_reply"),
        contested=tally.n("judging_contested"),
        same=tally.n("judging_same"),
        otherwise=tally.n("judging_otherwise"),
    )


def count_in(tally: Tally, reckoned: Iterable[Reckoned], as_of: datetime) -> None:
    """Add how far the verdicts on cases have come at ``as_of``."""
    for each in reckoned:
        case, clocks = each.facts.case, case_of(each)
        if case is None or clocks is None:
            continue
        steps = _steps(case.events, as_of)
        tally.count("judged", clocks.state.attribution is not None)
        tally.clock("judging_hours", *_hours(case, steps, as_of))
        if not steps:
            continue
        stage = verdict_rules.read(steps).stage
        if stage in (VerdictStage.REPLY, VerdictStage.OBJECTED):
            tally.count("judging_in_reply", True)
        if stage in verdict_rules.FOR_THE_MANAGER:
            tally.count("judging_contested", True)
        for step in steps:
            if step.kind == EventKind.VERDICT_CHECKED and step.changed_to in FOUND:
                tally.count(FOUND[step.changed_to], True)


def _steps(events: Iterable[EventFacts], as_of: datetime) -> list[EventFacts]:
    """What was said about whose a case is; under another contract it is judged anew."""
    steps: list[EventFacts] = []
    for event in events:
        if event.at <= as_of:
            if event.kind in VERDICT_EVENTS:
                steps.append(event)
            elif is_move(event):
                steps.clear()
    return steps


def _hours(case: CaseFacts, steps: Sequence[EventFacts], as_of: datetime) -> tuple[float, bool]:
    """Working hours to the first judgement and whether there is one."""
    judged_at = min((step.at for step in steps if step.kind in BEGINS), default=None)
    worked = case.calendar.ledger.worked_until
    return (worked(judged_at or as_of) - worked(case.submitted_at)) / HOUR, judged_at is not None


def is_disputed(facts: FeedbackFacts) -> bool:
    """The provider says that it is not its own, and the agency has not decided since.

    It objects to a proposal or contests a verdict; or it handed the case back, and nobody has judged since. What the
    provider of another contract said before a move is over.
    """
    if facts.case is None or facts.kind != FeedbackKind.COMPLAINT:
        return False
    steps: list[EventFacts] = []
    handed_back = False
    for event in facts.case.events:
        if is_move(event):
            steps.clear()
            handed_back = False
        elif event.kind in VERDICT_EVENTS:
            steps.append(event)
            handed_back = False
        elif event.kind == EventKind.HANDED_BACK and event.actor == Actor.PROVIDER:
            handed_back = True
    return handed_back or (bool(steps) and verdict_rules.read(steps).stage in DISPUTED)
