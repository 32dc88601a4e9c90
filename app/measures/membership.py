"""Which feedback stands behind a number: for whoever opens it, the numerator, the rest of the denominator, or all."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from app.kernel.words import Aspect, Attribution, CaseStatus, Sentiment, Word
from app.measures.clocks import CaseClocks
from app.measures.cohort import PLEASED, UNJUDGED, Reckoned, is_unhappy

Counted = Callable[[Reckoned], bool | None]
"""True where a feedback is in the numerator (or is counted), False where only in the denominator, None where not."""


class Part(StrEnum):
    """Which of those behind a number are asked for."""

    YES = "yes"
    NO = "no"
    ALL = "all"


def behind(reckoned: Sequence[Reckoned], key: str, part: Part = Part.ALL) -> list[int]:
    """The places in ``reckoned`` of the feedback behind the measure ``key``; ``KeyError`` where there is no such."""
    counted = COUNTED[key]
    wanted = {Part.YES: (True,), Part.NO: (False,), Part.ALL: (True, False)}[part]
    return [nth for nth, each in enumerate(reckoned) if counted(each) in wanted]


def _of_case(about: Callable[[CaseClocks], bool | None]) -> Counted:
    """Over cases: complaints that are no duplicates."""

    def counted(each: Reckoned) -> bool | None:
        clocks = each.clocks
        return None if clocks is None or clocks.state.duplicate_at is not None else about(clocks)

    return counted


def _among(kept: Callable[[CaseClocks], bool], about: Callable[[CaseClocks], bool]) -> Counted:
    return _of_case(lambda case: about(case) if kept(case) else None)


def _only(about: Callable[[CaseClocks], bool]) -> Counted:
    """A count: those for which it does not hold are no part of it."""
    return _of_case(lambda case: True if about(case) else None)


def _stays(case: CaseClocks) -> bool:
    return case.state.withdrawn_at is None


def _stands(case: CaseClocks) -> bool:
    return _stays(case) and case.state.standing != CaseStatus.REJECTED


def _rated(rating: int | None) -> bool | None:
    return None if rating is None else rating in PLEASED


def _aspect(aspect: Aspect) -> Counted:
    return lambda each: each.facts.sentiment == Sentiment.NEGATIVE if aspect in each.facts.aspects else None


def _attributed(attribution: Attribution | None) -> Counted:
    return _only(lambda case: case.state.attribution == attribution)


COUNTED: Mapping[str, Counted] = {
    "received": lambda _: True,
    "cases": _only(lambda _: True),
    "response_rate": _among(_stays, lambda case: case.is_answered),
    "on_time_response_rate": _of_case(lambda case: case.answered_on_time),
    "response_hours": _of_case(lambda case: case.is_answered),
    "resolution_rate": _among(_stands, lambda case: case.is_resolved),
    "on_time_resolution_rate": _of_case(lambda case: case.resolved_on_time),
    "resolution_hours": _of_case(lambda case: case.is_resolved),
    "reopen_rate": _among(lambda case: case.state.was_resolved, lambda case: case.state.was_reopened),
    "confirmed_rate": _among(lambda case: case.is_resolved, lambda case: case.state.is_confirmed),
    "rejected_rate": _among(_stays, lambda case: case.state.standing == CaseStatus.REJECTED),
    "service_satisfaction": lambda each: _rated(each.facts.rating),
    "handling_satisfaction": _of_case(lambda case: _rated(case.state.handling_rating)),
    "open": _only(lambda case: case.state.is_open),
    "overdue": _only(lambda case: case.is_overdue),
    "duplicates": lambda each: True if each.clocks and each.clocks.state.duplicate_at is not None else None,
    "withdrawn": _only(lambda case: not _stays(case)),
    "provider_response_hours": _of_case(
        lambda case: None if case.provider_response_hours is None else case.is_answered
    ),
    "negative_share": lambda each: None if each.facts.sentiment is None else each.facts.sentiment == Sentiment.NEGATIVE,
    "unhappy_without_case": lambda each: True if each.clocks is None and is_unhappy(each.facts) else None,
    # What residents say to those that were said to be resolved.
    "last_word": _only(lambda case: case.last_word is not None),
    "claimed": _only(lambda case: case.last_word == Word.CLAIMED),
    "confirmed": _only(lambda case: case.last_word == Word.CONFIRMED),
    "contested": _only(lambda case: case.last_word == Word.CONTESTED),
    "silent": _only(lambda case: case.last_word == Word.SILENT),
    **{f"aspect-{aspect}": _aspect(aspect) for aspect in Aspect},
    **{f"verdict-{attribution}": _attributed(attribution) for attribution in Attribution},
    f"verdict-{UNJUDGED}": _attributed(None),
}
"""Measure → how a feedback counts in it. The numbers themselves are in ``cohort``; a test holds the two together."""
