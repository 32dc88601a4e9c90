"""How each feedback counts in each measure: for the number itself, and for whoever opens what stands behind it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from app.kernel.words import Aspect, Attribution, CaseStatus, Sentiment, Word
from app.measures.clocks import CaseClocks
from app.measures.facts import PLEASED, FeedbackFacts, Reckoned, is_unhappy
from app.measures.tally import Tally

OfFeedback = Callable[[Reckoned], bool | None]
OfCase = Callable[[CaseClocks], bool | None]
"""True where a feedback is in the numerator (or is counted), False where only in the denominator, None where not."""

UNJUDGED = "unjudged"


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


def tally_of(reckoned: Iterable[Reckoned]) -> Tally:
    """Count feedback whose clocks have been run, in every measure."""
    tally = Tally()
    count_in(tally, reckoned)
    return tally


def some_of(reckoned: Iterable[Reckoned], keys: Collection[str]) -> Tally:
    """The same in some measures alone, without clocks."""
    of_feedback = [(key, OF_FEEDBACK[key]) for key in keys if key in OF_FEEDBACK]
    of_case = [(key, OF_CASE[key]) for key in keys if key in OF_CASE]
    tally = Tally()
    for each in reckoned:
        case = case_of(each)
        for key, counted in of_feedback:
            tally.count(key, counted(each))
        if case is not None:
            for key, of in of_case:
                tally.count(key, of(case))
    return tally


def count_in(tally: Tally, reckoned: Iterable[Reckoned]) -> None:
    """Add feedback whose clocks have been run to a tally, in every measure."""
    for each in reckoned:
        for key, counted in OF_FEEDBACK.items():
            tally.count(key, counted(each))
        if each.facts.sentiment is not None:
            for aspect in set(each.facts.aspects):
                tally.count(tone_key(aspect, each.facts.sentiment), True)
        case = case_of(each)
        if case is None:
            continue
        for key, of_case in OF_CASE.items():
            tally.count(key, of_case(case))
        tally.count(verdict_key(case.state.attribution), True)
        for key, hours in clocks_shown(case):
            tally.clock(key, hours, case.is_answered if key != "resolution_hours" else case.is_resolved)


def case_of(each: Reckoned) -> CaseClocks | None:
    """The case of a feedback as measures count it: a complaint that is no duplicate."""
    return each.clocks if each.clocks is not None and each.clocks.state.duplicate_at is None else None


def clocks_shown(case: CaseClocks) -> Iterable[tuple[str, float]]:
    """The hours that are counted of a case, by measure."""
    yield "response_hours", case.response_hours
    yield "resolution_hours", case.resolution_hours
    if case.provider_response_hours is not None:
        yield "provider_response_hours", case.provider_response_hours
    yield "agency_hours", case.agency_hours
    yield "provider_hours", case.provider_hours
    yield "resident_hours", case.resident_hours


def tone_key(aspect: Aspect, sentiment: Sentiment) -> str:
    return f"tone-{aspect}-{sentiment}"


def verdict_key(attribution: Attribution | None) -> str:
    return f"verdict-{attribution or UNJUDGED}"


def _among(kept: Callable[[CaseClocks], bool], about: Callable[[CaseClocks], bool]) -> OfCase:
    return lambda case: about(case) if kept(case) else None


def _only(about: Callable[[CaseClocks], bool]) -> OfCase:
    """A count: those for which it does not hold are no part of it."""
    return lambda case: True if about(case) else None


def _stays(case: CaseClocks) -> bool:
    return case.state.withdrawn_at is None


def _stands(case: CaseClocks) -> bool:
    return case.state.withdrawn_at is None and case.state.standing != CaseStatus.REJECTED


def _rated(rating: int | None) -> bool | None:
    return None if rating is None else rating in PLEASED


def _aspect(aspect: Aspect) -> OfFeedback:
    return lambda each: _is_negative(each.facts) if aspect in each.facts.aspects else None


def _is_negative(facts: FeedbackFacts) -> bool:
    return facts.sentiment == Sentiment.NEGATIVE


def _attributed(attribution: Attribution | None) -> OfCase:
    return _only(lambda case: case.state.attribution == attribution)


OF_FEEDBACK: Mapping[str, OfFeedback] = {
    "received": lambda _: True,
    "service_satisfaction": lambda each: _rated(each.facts.rating),
    "negative_share": lambda each: None if each.facts.sentiment is None else _is_negative(each.facts),
    "unhappy_without_case": lambda each: True if each.clocks is None and is_unhappy(each.facts) else None,
    "duplicates": lambda each: True if each.clocks and each.clocks.state.duplicate_at is not None else None,
    **{f"aspect-{aspect}": _aspect(aspect) for aspect in Aspect},
}
OF_CASE: Mapping[str, OfCase] = {
    "cases": lambda _: True,
    "response_rate": _among(_stays, lambda case: case.is_answered),
    "on_time_response_rate": lambda case: case.answered_on_time,
    "response_hours": lambda case: case.is_answered,
    "resolution_rate": _among(_stands, lambda case: case.is_resolved),
    "on_time_resolution_rate": lambda case: case.resolved_on_time,
    "resolution_hours": lambda case: case.is_resolved,
    "reopen_rate": _among(lambda case: case.state.was_resolved, lambda case: case.state.was_reopened),
    "confirmed_rate": _among(lambda case: case.is_resolved, lambda case: case.state.is_confirmed),
    "rejected_rate": _among(_stays, lambda case: case.state.standing == CaseStatus.REJECTED),
    "handling_satisfaction": lambda case: _rated(case.state.handling_rating),
    "open": _only(lambda case: case.state.is_open),
    "overdue": _only(lambda case: case.is_overdue),
    # Those of which it is still open whether they are in time.
    "not_yet_due": _only(lambda case: case.is_answer_not_yet_due),
    "resolution_not_yet_due": _only(lambda case: case.is_resolution_not_yet_due),
    "withdrawn": _only(lambda case: not _stays(case)),
    "provider_response_hours": lambda case: None if case.provider_response_hours is None else case.is_answered,
    # What residents say to those that were said to be resolved.
    "last_word": _only(lambda case: case.last_word is not None),
    "claimed": _only(lambda case: case.last_word == Word.CLAIMED),
    "confirmed": _only(lambda case: case.last_word == Word.CONFIRMED),
    "contested": _only(lambda case: case.last_word == Word.CONTESTED),
    "silent": _only(lambda case: case.last_word == Word.SILENT),
}

SHARES_OF_CASES = (
    "on_time_response_rate",
    "response_rate",
    "on_time_resolution_rate",
    "resolution_rate",
    "reopen_rate",
    "rejected_rate",
    "confirmed_rate",
    "handling_satisfaction",
)
"""Shares of cases, which alone have a clause."""

NOT_YET_DUE = ("not_yet_due", "resolution_not_yet_due")

BRIEF = ("received", "negative_share", "cases", "on_time_response_rate", "open", "overdue")
"""What is said of a part of the feedback in a line: of a site, a clause, a week, a contract among all."""

OF_CLAUSE = tuple(dict.fromkeys((*BRIEF, *SHARES_OF_CASES, *NOT_YET_DUE)))
"""What is said of a clause, which is judged by the KPIs too."""


def _of_case(about: OfCase) -> OfFeedback:
    def counted(each: Reckoned) -> bool | None:
        case = case_of(each)
        return None if case is None else about(case)

    return counted


OF_VERDICTS: Mapping[str, OfCase] = {
    verdict_key(attribution): _attributed(attribution) for attribution in (*Attribution, None)
}
"""Counted by ``verdict_key`` already; here for whoever opens what is behind one."""


def _sounds(aspect: Aspect, tone: Sentiment) -> OfFeedback:
    return lambda each: True if each.facts.sentiment == tone and aspect in each.facts.aspects else None


OF_TONES: Mapping[str, OfFeedback] = {
    tone_key(aspect, tone): _sounds(aspect, tone) for aspect in Aspect for tone in Sentiment
}
"""Counted by ``count_in`` all at once."""

COUNTED: Mapping[str, OfFeedback] = {
    **OF_FEEDBACK,
    **OF_TONES,
    **{key: _of_case(about) for key, about in (*OF_CASE.items(), *OF_VERDICTS.items())},
}
"""Measure → how a feedback counts in it: all of them, for whoever opens what is behind a number."""
