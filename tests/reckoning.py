"""The numbers of a report, reckoned anew from histories alone, as plainly as can be: nothing of the product is used.

Slow and without cleverness on purpose: what a test holds the product's own measures against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

Z = 1.959963984540054
STAFF = ("agency", "provider")
RESPONSES = ("replied", "asked", "resolved", "rejected")
CLOCKS_KNOW = {
    *("acknowledged", "assigned", "handed_back", "replied", "asked", "resident_replied", "resumed", "resolved"),
    *("confirmed", "rated", "reopened", "rejected", "withdrawn", "duplicate", "moved"),
}
STAYS_PAUSED = ("asked", "assigned", "acknowledged", "handed_back", "moved")
ASPECTS = ("timeliness", "staff", "quality", "cost", "access", "safety", "cleanliness", "information")
FOUND = ("provider", "agency", "third_party", "outside_contract", "unsubstantiated")


@dataclass(frozen=True)
class Event:
    """One line of a history; ``changed_to`` is what an internal event says."""

    at: datetime
    kind: str
    actor: str
    rating: int | None = None
    attribution: str | None = None
    changed_to: str | None = None


@dataclass(frozen=True)
class Said:
    """One feedback and what happened to it, in order; ``respond`` and ``resolve`` are its limits in working hours.

    What is ``hidden`` by a safeguarding concern counts, but is told by itself nowhere.
    """

    reference: str
    submitted_at: datetime
    kind: str
    rating: int | None = None
    sentiment: str | None = None
    aspects: tuple[str, ...] = ()
    site: str = ""
    clause: str = ""
    channel: str = ""
    urgent: bool = False
    hidden: bool = False
    respond: float = 0
    resolve: float = 0
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Hours:
    """A working calendar as it stands in a directory file, and its zone."""

    calendar: dict[str, Any]
    zone: ZoneInfo

    def between(self, since: datetime, until: datetime) -> float:
        """Working hours from ``since`` to ``until``, day by day."""
        worked, day = timedelta(), since.astimezone(self.zone).date()
        while day <= until.astimezone(self.zone).date():
            if self.works(day):
                of_day = self.calendar.get("hours", {}).get(str(day.weekday()), self.calendar)
                begin, end = self.moment(day, of_day["start"]), self.moment(day, of_day["end"])
                worked += max(timedelta(), min(until, end) - max(since, begin))
            day += timedelta(days=1)
        return worked / timedelta(hours=1)

    def works(self, day: date) -> bool:
        if day.isoformat() in self.calendar.get("extra_workdays", ()):
            return True
        return day.weekday() in self.calendar["weekdays"] and day.isoformat() not in self.calendar.get("holidays", ())

    def moment(self, day: date, clock: str) -> datetime:
        hour, minute = (int(part) for part in clock.split(":"))
        midnight = datetime(day.year, day.month, day.day) + timedelta(days=hour // 24)
        return midnight.replace(hour=hour % 24, minute=minute, tzinfo=self.zone).astimezone(ZoneInfo("UTC"))


@dataclass
class Case:
    """A complaint after its events up to ``as_of``."""

    said: Said
    hours: Hours
    as_of: datetime
    confirm_days: int
    standing: str = "open"
    answered: datetime | None = None
    assigned: datetime | None = None
    resolved: datetime | None = None
    rejected: datetime | None = None
    withdrawn: datetime | None = None
    duplicate: bool = False
    ever_resolved: bool = False
    reopened: int = 0
    confirmed: bool = False
    handling: int | None = None
    attribution: str | None = None
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    held: dict[str, float] = field(default_factory=lambda: {"agency": 0.0, "provider": 0.0, "resident": 0.0})
    steps: list[Event] = field(default_factory=list)
    handed_back: bool = False

    def __post_init__(self) -> None:
        holder, asked, since = "agency", None, self.said.submitted_at
        for event in sorted(self.said.events, key=lambda each: each.at):
            if event.at > self.as_of:
                break
            if event.kind.startswith("verdict"):
                self.steps.append(event)
                self.handed_back = False
                self.attribution = event.attribution if event.kind == "verdict" else self.attribution
            if event.kind == "handed_back":
                self.handed_back = True
            if event.kind not in CLOCKS_KNOW or self.withdrawn or self.duplicate:
                continue
            self.pass_time(since, event.at, holder, asked)
            since = event.at
            if asked and event.kind not in STAYS_PAUSED:
                self.pauses.append((asked, event.at))
                asked = None
            if event.kind in RESPONSES and event.actor in STAFF:
                self.answered = self.answered or event.at
            if event.rating and event.actor == "resident" and event.kind in ("confirmed", "rated", "reopened"):
                self.handling = event.rating
            match event.kind:
                case "assigned":
                    holder = "provider"
                    if not self.answered:
                        self.assigned = self.assigned or event.at
                case "handed_back":
                    holder = "agency"
                case "asked":
                    asked = asked or event.at
                case "resolved" if self.standing != "resolved":
                    self.standing, self.resolved, self.rejected = "resolved", event.at, None
                    self.ever_resolved, self.confirmed = True, False
                case "rejected" if self.standing != "rejected":
                    self.standing, self.resolved, self.rejected = "rejected", None, event.at
                case "reopened":
                    self.standing, self.resolved, self.rejected = "open", None, None
                    self.reopened, self.confirmed = self.reopened + 1, False
                case "confirmed":
                    self.confirmed = True
                case "withdrawn":
                    self.withdrawn = event.at
                case "duplicate":
                    self.duplicate = True
        if not self.withdrawn and not self.duplicate:
            self.pass_time(since, self.as_of, holder, asked)
        if asked:
            self.pauses.append((asked, self.withdrawn or self.as_of))

    def pass_time(self, since: datetime, until: datetime, holder: str, asked: datetime | None) -> None:
        if self.standing == "open":
            self.held["resident" if asked else holder] += self.hours.between(since, until)

    @property
    def end(self) -> datetime:
        return self.withdrawn or self.as_of

    @property
    def response(self) -> float:
        return self.hours.between(self.said.submitted_at, self.answered or self.end)

    @property
    def resolution(self) -> float:
        stop = self.resolved or self.rejected or self.end
        paused = sum(self.hours.between(since, min(until, stop)) for since, until in self.pauses if since < stop)
        return self.hours.between(self.said.submitted_at, stop) - paused

    @property
    def answered_in_time(self) -> bool | None:
        late = self.response > self.said.respond
        return (not late) if self.answered else False if late else None

    @property
    def resolved_in_time(self) -> bool | None:
        late = self.resolution > self.said.resolve
        return (not late) if self.resolved else False if late else None

    @property
    def is_open(self) -> bool:
        return self.standing == "open" and not self.withdrawn and not self.duplicate

    @property
    def not_yet_due(self) -> bool:
        return self.is_open and not self.answered and self.response <= self.said.respond

    @property
    def overdue(self) -> bool:
        unanswered = not self.answered and self.response > self.said.respond
        return self.is_open and (unanswered or self.resolution > self.said.resolve)

    @property
    def grave(self) -> bool:
        """Told by itself whatever the shares say: urgent, reopened twice, or open beyond three times its limit."""
        waited, limit = (self.resolution, self.said.resolve) if self.answered else (self.response, self.said.respond)
        return self.said.urgent or self.reopened > 1 or (self.is_open and waited > 3 * limit)

    @property
    def word(self) -> str | None:
        if self.resolved:
            if self.confirmed:
                return "confirmed"
            return "silent" if self.as_of > self.resolved + timedelta(days=self.confirm_days) else "claimed"
        return "contested" if self.ever_resolved and self.standing == "open" else None

    @property
    def stage(self) -> str:
        """Where the verdict stands: proposed, objected, stands, contested, disputed, decided; empty before any."""
        stage = ""
        for step in self.steps:
            match step.kind, step.changed_to:
                case "verdict_proposed", _:
                    stage = "proposed"
                case "verdict_answered", "objected":
                    stage = "objected"
                case "verdict_contested", _:
                    stage = "contested"
                case "verdict_checked", "disagrees":
                    stage = "disputed"
                case "verdict", _:
                    stage = "decided" if stage == "contested" else "stands"
        return stage


def share(of: Iterable[bool]) -> dict[str, Any]:
    """A share with its Wilson interval."""
    counted = list(of)
    n, k = len(counted), sum(counted)
    if not n:
        return {"value": None, "numerator": 0, "denominator": 0, "low": None, "high": None}
    p = k / n
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    reach = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    low, high = 0.0 if k == 0 else middle - reach, 1.0 if k == n else middle + reach
    return {"value": p, "numerator": k, "denominator": n, "low": low, "high": high}


def curve(of: Iterable[tuple[float, bool]]) -> list[list[float]]:
    """The steps of the same curve: when something was done, and which share is left then."""
    counted, left, steps = list(of), Fraction(1), []
    for at in sorted({hours for hours, done in counted if done}):
        at_risk = sum(hours >= at for hours, _ in counted)
        left *= 1 - Fraction(sum(done for hours, done in counted if hours == at), at_risk)
        steps.append([at, float(left)])
    return steps


def times(of: Iterable[tuple[float, bool]]) -> dict[str, Any]:
    """Kaplan–Meier, in fractions; ``of`` says for each how long, and whether it happened then or was cut off."""
    counted = list(of)
    found: dict[str, Any] = {
        "p50": None,
        "p90": None,
        "n": len(counted),
        "censored": sum(not done for _, done in counted),
    }
    left = Fraction(1)
    for at in sorted({hours for hours, done in counted if done}):
        at_risk = sum(hours >= at for hours, _ in counted)
        left *= 1 - Fraction(sum(done for hours, done in counted if hours == at), at_risk)
        for name, remain in (("p50", Fraction(1, 2)), ("p90", Fraction(1, 10))):
            if found[name] is None and left <= remain:
                found[name] = at
    return found


def measures(said: Sequence[Said], cases: Sequence[Case]) -> dict[str, Any]:
    """Every measure of feedback, of which ``cases`` are the complaints, duplicates too."""
    mine = {case.said.reference for case in cases}
    kept = [case for case in cases if not case.duplicate]
    staying = [case for case in kept if not case.withdrawn]
    resolved = [case for case in kept if case.resolved]
    words = Counter(case.word for case in kept if case.word)
    return {
        "received": {"value": len(said)},
        "cases": {"value": len(kept)},
        "response_rate": share(bool(case.answered) for case in staying),
        "on_time_response_rate": share(case.answered_in_time for case in kept if case.answered_in_time is not None),
        "response_hours": times((case.response, bool(case.answered)) for case in kept),
        "resolution_rate": share(bool(case.resolved) for case in staying if case.standing != "rejected"),
        "on_time_resolution_rate": share(case.resolved_in_time for case in kept if case.resolved_in_time is not None),
        "resolution_hours": times((case.resolution, bool(case.resolved)) for case in kept),
        "reopen_rate": share(case.reopened > 0 for case in kept if case.ever_resolved),
        "confirmed_rate": share(case.confirmed for case in resolved),
        "last_word": {word: words[word] for word in ("claimed", "confirmed", "contested", "silent")}
        | {"n": sum(words.values())},
        "rejected_rate": share(case.standing == "rejected" for case in staying),
        "service_satisfaction": share(each.rating >= 4 for each in said if each.rating),
        "handling_satisfaction": share(case.handling >= 4 for case in kept if case.handling),
        "open": {"value": sum(case.is_open for case in kept)},
        "overdue": {"value": sum(case.overdue for case in kept)},
        "duplicates": {"value": len(cases) - len(kept)},
        "withdrawn": {"value": len(kept) - len(staying)},
        "provider_response_hours": times(
            (case.hours.between(case.assigned, case.answered or case.end), bool(case.answered))
            for case in kept
            if case.assigned
        ),
        "hours_with": {who: sum(case.held[who] for case in kept) for who in ("agency", "provider", "resident")},
        "negative_share": share(each.sentiment == "negative" for each in said if each.sentiment),
        "unhappy_without_case": {
            "value": sum(
                (each.rating in (1, 2) or each.sentiment == "negative") and each.reference not in mine for each in said
            )
        },
    }


def report(
    said: Sequence[Said], hours: Hours, as_of: datetime, *, confirm_days: int = 14, volumes: dict[date, int]
) -> dict[str, Any]:
    """The parts ``measures``, ``aspects``, ``validated`` of a report, and its tables by site, clause and channel.

    ``said`` is the cohort; ``volumes`` are the units of those months that lie wholly in its period.
    """
    cases = [Case(each, hours, as_of, confirm_days) for each in said if each.kind == "complaint"]
    kept = [case for case in cases if not case.duplicate]
    months = Counter(case.said.submitted_at.astimezone(hours.zone).date().replace(day=1) for case in kept)
    units, counted = sum(volumes.values()), sum(months[month] for month in volumes)
    blamed = [case for case in kept if case.attribution == "provider"]
    verdicts = Counter(case.attribution or "unjudged" for case in kept)
    checks = Counter(step.changed_to for case in kept for step in case.steps if step.kind == "verdict_checked")
    judged = [next((s.at for s in case.steps if s.kind in ("verdict", "verdict_proposed")), None) for case in kept]
    stages = Counter(case.stage for case in kept)
    return {
        "measures": measures(said, cases)
        | {
            "complaints_per_1000": {
                "value": 1000 * counted / units if units else None,
                "cases": counted,
                "units": units,
                "months": len(volumes),
            }
        },
        "aspects": {
            aspect: {
                "mentions": sum(aspect in each.aspects for each in said),
                "negative": share(each.sentiment == "negative" for each in said if aspect in each.aspects),
            }
            for aspect in ASPECTS
        },
        "validated": {
            "verdicts": {name: verdicts[name] for name in (*FOUND, "unjudged")},
            "measures": measures([case.said for case in blamed], blamed),
            "judged": share(bool(case.attribution) for case in kept),
            "judging_hours": times(
                (hours.between(case.said.submitted_at, at or as_of), bool(at))
                for case, at in zip(kept, judged, strict=True)
            ),
            "in_reply": stages["proposed"] + stages["objected"],
            "contested": stages["contested"] + stages["disputed"],
            "checked": {"same": checks["agrees"], "otherwise": checks["disagrees"]},
        },
        "sites": {code: group_by(said, cases, "site", code) for code in {each.site for each in said}},
        "clauses": {
            code: group_by(said, cases, "clause", code) for code in {each.clause for each in said if each.clause}
        },
        "channels": dict(Counter(each.channel for each in said)),
        "weeks": {
            monday: group(of_week, [case for case in cases if case.said in of_week])
            for monday, of_week in by_week(said, hours.zone).items()
        },
        "curve": curve((case.response, bool(case.answered)) for case in kept),
        "grave": sorted(
            [case.said.reference for case in cases if case.grave and not case.said.hidden]
            + [each.reference for each in said if each.urgent and each.kind != "complaint" and not each.hidden]
        ),
        "disputed": sorted(
            case.said.reference
            for case in cases
            if (case.handed_back or case.stage in ("objected", "contested")) and not case.said.hidden
        ),
        "cases": {case.said.reference: case for case in cases},
    }


def by_week(said: Sequence[Said], zone: ZoneInfo) -> dict[date, list[Said]]:
    """The feedback of each week, by its Monday."""
    weeks: dict[date, list[Said]] = {}
    for each in said:
        day = each.submitted_at.astimezone(zone).date()
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(each)
    return weeks


def group_by(said: Sequence[Said], cases: Sequence[Case], by: str, code: str) -> dict[str, Any]:
    """One row of the tables by site and clause."""
    here = [each for each in said if getattr(each, by) == code]
    return group(here, [case for case in cases if case.said in here])


def group(said: Sequence[Said], cases: Sequence[Case]) -> dict[str, Any]:
    """What is said of a part of the feedback."""
    kept = [case for case in cases if not case.duplicate]
    in_time = [case.answered_in_time for case in kept if case.answered_in_time is not None]
    return {
        "received": len(said),
        "cases": len(kept),
        "undecided": sum(case.not_yet_due for case in kept),
        "open": sum(case.is_open for case in kept),
        "overdue": sum(case.overdue for case in kept),
        "on_time": share(in_time),
        "negative": share(each.sentiment == "negative" for each in said if each.sentiment),
    }


def rating(kpi: dict[str, Any], of: dict[str, Any]) -> dict[str, Any]:
    """How a KPI of a directory file is judged by the share ``of`` its measure."""

    def meets(value: float, cut_off: float) -> bool:
        return value >= cut_off if kpi["direction"] == "at_least" else value <= cut_off

    def grade(value: float) -> str:
        for name, cut_off in (
            ("Good", "target"),
            ("Approaching target", "approaching"),
            ("Requires improvement", "inadequate"),
        ):
            if meets(value, kpi[cut_off]):
                return name
        return "Inadequate"

    judged: dict[str, Any] = {"rating": "Other", "clear": False, "target_verdict": "cannot tell"}
    if of["value"] is None:
        return judged | of
    if of["denominator"] >= kpi["minimum_n"]:
        judged |= {"rating": grade(of["value"]), "clear": grade(of["low"]) == grade(of["high"])}
    ends = {meets(of["low"], kpi["target"]), meets(of["high"], kpi["target"])}
    if len(ends) == 1:
        judged["target_verdict"] = "met" if ends == {True} else "missed"
    return judged | of
