"""The course of one complaint in the demo: who does what when, by the moves that the pages allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.demo.texts import Writer
from app.histories.rules import Line, PastEvent
from app.kernel.words import Actor, Attribution, EventKind
from app.kernel.working_time import WorkingCalendar, add_hours, hours_between

T = TypeVar("T")

SLIPS_FROM_WEEK = 7
WAITING_DAYS = 5
"""After so many working days without an answer the clock runs again (the contracts say nothing else)."""

UP, TO_BED = 7, 22
"""Residents write between these hours."""

VERDICTS = {
    Attribution.PROVIDER: 55,
    Attribution.AGENCY: 10,
    Attribution.THIRD_PARTY: 13,
    Attribution.OUTSIDE_CONTRACT: 8,
    Attribution.UNSUBSTANTIATED: 14,
}


class Fate(StrEnum):
    """What becomes of a complaint."""

    OPEN = "open"
    RESOLVED = "resolved"
    REOPENED = "reopened, then resolved again"
    REOPENED_AND_OPEN = "reopened and still open"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Service:
    """A contract as its residents know it: how much they say, and how many working hours its people usually take."""

    contract: str
    name: str
    sites: dict[str, int]
    feedback: int
    complaints: int
    respond: float
    resolve: float
    pleased: float
    slips: bool = False

    def slip(self, week: int) -> float:
        """By how much everything takes longer in a week (from 1); 1 where all is as usual."""
        return 1 + 0.55 * (week - SLIPS_FROM_WEEK + 1) if self.slips and week >= SLIPS_FROM_WEEK else 1.0


@dataclass(frozen=True)
class Said:
    """A feedback before it has words: when, about what, in which language."""

    service: Service
    at: datetime
    week: int
    is_complaint: bool
    language: str


@dataclass(frozen=True)
class Happened:
    at: datetime
    kind: EventKind
    actor: Actor
    message: str | None = None
    rating: int | None = None
    attribution: Attribution | None = None

    def as_past(self, number: int, reference: str) -> PastEvent:
        """The same as a row of a history."""
        return PastEvent(
            line=Line("demo", number, {}),
            reference=reference,
            at=self.at,
            kind=self.kind,
            actor=self.actor,
            message=self.message,
            rating=self.rating,
            attribution=self.attribution,
        )


class Course:
    """Tells what happens to one complaint, step by step; a ``pace`` under 1 makes everything quicker."""

    def __init__(
        self, said: Said, writer: Writer, calendar: WorkingCalendar, zone: ZoneInfo, until: datetime, pace: float
    ):
        self.said, self.writer, self.chance = said, writer, writer.chance
        self.calendar, self.zone, self.until, self.pace = calendar, zone, until, pace
        self.slip = said.service.slip(said.week)
        self.at = said.at
        self.happened: list[Happened] = []
        self.answers = Actor.AGENCY
        """Whose hands the complaint is in."""
        self.is_told = True
        """Whether all that the fate needs came before ``until``."""

    def tell(self, fate: Fate) -> None:
        """Let the complaint come to its fate."""
        self.at += timedelta(seconds=self.chance.randint(1, 5))
        self._happens(EventKind.ACKNOWLEDGED, Actor.SYSTEM)
        tells = {
            Fate.OPEN: self._stays_open,
            Fate.RESOLVED: self._is_resolved,
            Fate.REOPENED: self._is_reopened_and_resolved,
            Fate.REOPENED_AND_OPEN: self._is_reopened,
            Fate.REJECTED: self._is_rejected,
            Fate.WITHDRAWN: self._is_withdrawn,
            Fate.DUPLICATE: self._is_a_duplicate,
        }
        tells[fate]()

    def _stays_open(self) -> None:
        age = hours_between(self.calendar, self.said.at, self.until)
        if age > 4 or self._chance(0.3):
            self._is_assigned()
        if age > 8 and self._chance(0.35 if self.slip > 1 else 0.7):
            self._staff_takes(self.said.service.respond * self.slip)
            if self._chance(0.25):
                self._happens(EventKind.ASKED, self.answers, self.writer.said("asked"))
                self._nobody_answers()
            else:
                self._happens(EventKind.REPLIED, self.answers, self._reply())

    def _is_resolved(self) -> None:
        self._is_worked_on()
        if not self._chance(0.1):
            self._resident_judges()
        self._verdict(0.5)

    def _is_reopened(self) -> None:
        self._is_worked_on()
        self._resident_takes(3, 60)
        rating = self._draw({1: 30, 2: 15, None: 55})
        self._needed(EventKind.REOPENED, Actor.RESIDENT, self.writer.said("reopened"), rating=rating)
        if self._chance(0.5):
            self._staff_takes(2 * self.slip)
            self._happens(EventKind.REPLIED, self.answers, self._reply())

    def _is_reopened_and_resolved(self) -> None:
        self._is_reopened()
        self._staff_takes(self.said.service.resolve * 0.8)
        self._needed(EventKind.RESOLVED, self.answers, self.writer.resolved())
        if self._chance(0.5):
            self._resident_confirms()
        self._verdict(0.8)

    def _is_rejected(self) -> None:
        self._staff_takes(3)
        self._needed(EventKind.REJECTED, Actor.AGENCY, self.writer.said("rejected"))
        if self._chance(0.3):
            self._resident_takes(4, 40)
            self._happens(EventKind.RATED, Actor.RESIDENT, rating=self._draw({1: 50, 2: 30, 3: 20}))
        self._verdict(0.6)

    def _is_withdrawn(self) -> None:
        if self._chance(0.5):
            self._is_assigned()
        self._resident_takes(5, 40)
        self._needed(EventKind.WITHDRAWN, Actor.RESIDENT, self.writer.said("withdrawn"))

    def _is_a_duplicate(self) -> None:
        self._staff_takes(2)
        self._needed(EventKind.DUPLICATE, Actor.AGENCY, self.writer.said("duplicate"))

    def _is_worked_on(self) -> None:
        """From the first look to the claim that it is done."""
        service = self.said.service
        if self._chance(0.8):
            self._is_assigned()
            if self._chance(0.04):
                self._staff_takes(2)
                self._happens(EventKind.HANDED_BACK, Actor.PROVIDER)
                self.answers = Actor.AGENCY
        if self._chance(0.8):
            self._staff_takes(service.respond * self.slip)
            if self._chance(0.12):
                self._happens(EventKind.ASKED, self.answers, self.writer.said("asked"))
                if self._chance(0.75):
                    self._resident_takes(1, 40)
                    self._happens(EventKind.RESIDENT_REPLIED, Actor.RESIDENT, self.writer.said("resident_replied"))
                else:
                    self._nobody_answers()
            else:
                self._happens(EventKind.REPLIED, self.answers, self._reply())
        self._staff_takes(service.resolve * self.slip)
        self._needed(EventKind.RESOLVED, self.answers, self.writer.resolved())

    def _is_assigned(self) -> None:
        self._staff_takes(0.7)
        self._happens(EventKind.ASSIGNED, Actor.AGENCY)
        self.answers = Actor.PROVIDER

    def _nobody_answers(self) -> None:
        """The system lets the clock run again after the contract's waiting time."""
        self.at = add_hours(self.calendar, self.at, WAITING_DAYS * self.calendar.hours_a_day)
        self._happens(EventKind.RESUMED, Actor.SYSTEM)

    def _resident_judges(self) -> None:
        """Two in five confirm, a few only rate; the rest stay silent."""
        does = self._draw({"confirms": 40, "rates": 8, "is silent": 52})
        if does == "confirms":
            self._resident_confirms()
        elif does == "rates":
            self._resident_takes(2, 70)
            self._happens(EventKind.RATED, Actor.RESIDENT, rating=self._handling())

    def _resident_confirms(self) -> None:
        self._resident_takes(1, 60)
        message = self.writer.said("confirmed") if self._chance(0.5) else None
        rating = self._handling() if self._chance(0.7) else None
        self._happens(EventKind.CONFIRMED, Actor.RESIDENT, message, rating=rating)

    def _handling(self) -> int:
        if self.slip > 1:
            return self._draw({1: 15, 2: 25, 3: 35, 4: 20, 5: 5})
        return self._draw({2: 5, 3: 15, 4: 40, 5: 40})

    def _verdict(self, share: float) -> None:
        if self._chance(share):
            self._staff_takes(16)
            # Who is short of people has few excuses.
            likely = VERDICTS | ({Attribution.PROVIDER: 150} if self.slip > 1 else {})
            self._happens(EventKind.VERDICT, Actor.AGENCY, attribution=self._draw(likely))

    def _reply(self) -> str:
        if self.answers == Actor.PROVIDER and self.slip > 1.5 and self._chance(0.6):
            return self.writer.said("reply.late")
        return self.writer.said(f"reply.{self.answers}")

    def _staff_takes(self, usual: float) -> None:
        """Working hours go by: mostly about the usual, now and then three times as many."""
        hours = usual * self.chance.lognormvariate(0, 0.6) * self.pace
        self.at = add_hours(self.calendar, self.at, max(hours, 0.02)) + timedelta(seconds=self.chance.randrange(30))

    def _resident_takes(self, least: float, most: float) -> None:
        """Hours go by, in which residents sleep as well."""
        self.at += timedelta(hours=self.chance.uniform(least, most) * self.pace)
        local = self.at.astimezone(self.zone)
        if UP <= local.hour < TO_BED:
            return
        day = local.date() + timedelta(days=1 if local.hour >= TO_BED else 0)
        morning = datetime.combine(day, time(UP), tzinfo=self.zone).astimezone(self.at.tzinfo)
        self.at = morning + timedelta(minutes=self.chance.uniform(0, 120) * self.pace)

    def _needed(self, kind: EventKind, actor: Actor, message: str | None, rating: int | None = None) -> None:
        """A step without which the fate is not fulfilled."""
        self.is_told = self.is_told and self.at <= self.until
        self._happens(kind, actor, message, rating)

    def _happens(
        self,
        kind: EventKind,
        actor: Actor,
        message: str | None = None,
        rating: int | None = None,
        attribution: Attribution | None = None,
    ) -> None:
        """Note a step, unless it lies ahead; two steps never share a second."""
        if self.happened:
            self.at = max(self.at, self.happened[-1].at + timedelta(seconds=1))
        self.at = self.at.replace(microsecond=0)
        if self.at <= self.until:
            self.happened.append(Happened(self.at, kind, actor, message, rating, attribution))

    def _chance(self, share: float) -> bool:
        return self.chance.random() < share

    def _draw(self, weights: Mapping[T, float]) -> T:
        return draw(self.chance, weights)


def draw(chance: Random, weights: Mapping[T, float]) -> T:
    """One of the keys, the likelier the greater its weight."""
    return chance.choices(list(weights), list(weights.values()))[0]
