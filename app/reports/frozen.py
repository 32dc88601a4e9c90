"""A report as it is kept when it is issued: whole, in plain JSON, to be read again long after its cases have moved."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale

from app.kernel.periods import Period
from app.kernel.shares import Share
from app.kernel.words import Aspect, Basis, Direction, Word
from app.measures.cohort import KEYS, SHARES, AspectFigures, Count, Figures, HoursWith, LastWord, Measures, NotYetDue
from app.measures.kpi_rating import Kpi, KpiRating, rate_share
from app.measures.notable_changes import Change
from app.measures.survival import Curve, Times
from app.measures.verdict_progress import judging_from
from app.measures.volume import PerThousand
from app.reports import definitions, question_answers
from app.reports.report import CaseLine, ClauseKpis, GraveCase, Group, Report, Scope, Tones, Week
from app.web.languages import OF_MEMBERS, locale_of

EXCLUDED = ("duplicates", "withdrawn")
"""What leaves the cases, or their denominators, and stays in sight."""

NEAR = 1e-6
"""Numbers that agree within this are the same."""


def freeze(report: Report) -> dict[str, Any]:
    """All that the report says, with the definitions in every language we speak. No words of residents."""
    whole = report.to_json()
    return {
        "report": whole,
        "cases": [_case(case) for case in report.cases],
        "definitions": {code: _defined(locale_of(code)) for code in OF_MEMBERS},
        "exclusions": {key: whole["measures"][key]["value"] for key in EXCLUDED}
        | {"not_yet_due": report.not_yet_due, "unjudged": whole["validated"]["verdicts"]["unjudged"]},
    }


def canonical(content: dict[str, Any]) -> bytes:
    """The one way to write the content down, over which its hash is taken."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def hash_of(content: dict[str, Any]) -> str:
    """SHA-256 of the content, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def thaw(content: dict[str, Any]) -> Report:
    """The report that was frozen: it dresses like a live one and says the same."""
    whole = content["report"]
    names, period = whole["names"], whole["period"]
    zone = period["timezone"]
    start, end = date.fromisoformat(period["start"]), date.fromisoformat(period["end"])
    compared = whole["compared_with"]
    curve = whole["response_curve"]
    measures = Measures(
        figures=_figures(whole["measures"]),
        aspects={
            Aspect(aspect): AspectFigures(figures["mentions"], Share(**figures["negative"]))
            for aspect, figures in whole["aspects"].items()
        },
        verdicts=dict(whole["validated"]["verdicts"]),
        validated=_figures(whole["validated"]["measures"]),
        not_yet_due=NotYetDue(answers=content["exclusions"].get("not_yet_due", 0)),
    )
    return Report(
        scope=Scope(
            whole["scope"]["agency"],
            whole["scope"]["contract"],
            names["agency"],
            names["contract"],
            names["provider"],
            names["service"],
        ),
        period=Period(start, end, zone),
        as_of=datetime.fromisoformat(whole["as_of"]),
        measures=measures,
        judging=judging_from(whole["validated"]),
        per_thousand=PerThousand(**whole["measures"]["complaints_per_1000"]),
        judged_over=_judged_over(whole["kpis"], Period(start, end, zone)),
        ratings=tuple(_rating(kpi) for kpi in whole["kpis"]),
        before=Period(date.fromisoformat(compared["start"]), date.fromisoformat(compared["end"]), zone),
        before_as_of=datetime.fromisoformat(compared["as_of"]),
        changes=tuple(
            Change(
                change["key"],
                Share(**change["before"]),
                Share(**change["now"]),
                change["p"],
                change["notable"],
                kept=(change["shown_below"], change["shown_above"]),
            )
            for change in whole["changes"]
        ),
        weeks=tuple(
            Week(**{**week, "start": date.fromisoformat(week["start"]), "on_time": Share(**week["on_time"])})
            for week in whole["weeks"]
        ),
        sites=tuple(_group(group) for group in whole["sites"]),
        clauses=tuple(_group(group) for group in whole["clauses"]),
        channels=dict(whole.get("channels", {})),
        tones={aspect: Tones(**tones) for aspect, tones in whole["tones"].items()},
        curve=Curve(tuple((hours, share) for hours, share in curve["steps"]), tuple(curve["cut_off"])),
        response_limits=tuple(curve["limits"]),
        grave=tuple(
            GraveCase(
                **{**each, "submitted_at": datetime.fromisoformat(each["submitted_at"]), "why": tuple(each["why"])}
            )
            for each in whole["grave"]
        ),
        disputed=tuple(whole["disputed"]),
        cases=tuple(
            CaseLine(
                **{
                    **case,
                    "submitted_at": datetime.fromisoformat(case["submitted_at"]),
                    "aspects": tuple(case["aspects"]),
                }
            )
            for case in content["cases"]
        ),
        agreement=Share(**whole["tags"]["agreement"]),
        questions=question_answers.from_json(whole.get("questions", ())),
        clause_kpis=tuple(
            ClauseKpis(each["code"], each["name"], tuple(_rating(kpi) for kpi in each["kpis"]))
            for each in whole.get("clause_kpis", ())
        ),
    )


def _rating(kept: dict[str, Any]) -> KpiRating:
    return rate_share(
        Kpi(
            code=kept["code"],
            measure=kept["measure"],
            direction=Direction(kept["direction"]),
            target=kept["target"],
            approaching=kept["approaching"],
            inadequate=kept["inadequate"],
            minimum_n=kept["minimum_n"],
            basis=Basis(kept["basis"]),
            title=kept.get("title"),
        ),
        Share(kept["value"], kept["numerator"], kept["denominator"], kept["low"], kept["high"]),
        is_for_information=kept["for_information"],
        not_yet_due=kept.get("not_yet_due", 0),
    )


def _judged_over(kpis: list[dict[str, Any]], period: Period) -> Period:
    """The period of the ratings, which each of them names; the report's where there are none."""
    if not kpis:
        return period
    return Period(date.fromisoformat(kpis[0]["start"]), date.fromisoformat(kpis[0]["end"]), period.timezone)


def differences(kept: Any, now: Any, place: str = "") -> Iterator[str]:
    """Where two pieces of JSON say something else, a line each; numbers within ``NEAR`` are the same."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*kept, *now]):
            yield from differences(kept.get(key), now.get(key), f"{place}.{key}" if place else str(key))
    elif isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        for nth, (one, other) in enumerate(zip(kept, now, strict=True)):
            yield from differences(one, other, f"{place}[{nth}]")
    elif _is_number(kept) and _is_number(now):
        if abs(kept - now) > NEAR:
            yield f"{place}: {kept} is now {now}"
    elif kept != now:
        yield f"{place}: {_short(kept)} is now {_short(now)}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _short(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return f"{len(value)} entries"
    return json.dumps(value, ensure_ascii=False)


def _defined(locale: str) -> dict[str, list[str]]:
    with force_locale(locale):
        return {each.key: [str(each.name), str(each.formula)] for each in definitions.DEFINITIONS.values()}


def _figures(kept: dict[str, Any]) -> Figures:
    def figure(key: str) -> Any:
        if key in SHARES:
            return Share(**kept[key])
        if key == "hours_with":
            return HoursWith(**kept[key])
        if key == "last_word":
            return LastWord(**{word.value: kept[key][word.value] for word in Word})
        return Times(**kept[key]) if key.endswith("_hours") else Count(**kept[key])

    return Figures(**{key: figure(key) for key in KEYS})


def _group(kept: dict[str, Any]) -> Group:
    return Group(**{**kept, "on_time": Share(**kept["on_time"]), "negative": Share(**kept["negative"])})


def _case(case: CaseLine) -> dict[str, Any]:
    return {
        **{name: getattr(case, name) for name in case.__dataclass_fields__},
        "submitted_at": case.submitted_at.isoformat(),
        "aspects": list(case.aspects),
    }
