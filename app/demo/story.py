"""Twelve weeks of an agency: what residents said, what staff did about it, and how one provider slips from week 7.

How many there are of each kind is fixed, so that the demo's shares hold whatever is drawn; which ones, when and in
which words is drawn from a chance that is seeded: the same ``until`` tells the same story.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.demo.course import Course, Fate, Said, Service, draw
from app.demo.directory import (
    BUS,
    CARE,
    HANDED_OVER,
    HANDED_OVER_AFTER_WEEKS,
    HILLSIDE,
    LIFTS,
    LINE,
    PARKS,
    RIVERSIDE,
    STREETS,
    WEEKS,
    directories,
)
from app.demo.texts import Writer
from app.histories.rules import Line, PastEvent, PastFeedback
from app.kernel.words import Channel, FeedbackKind
from app.kernel.working_time import WorkingCalendar, hours_between

T = TypeVar("T")

OPEN, REOPENED, REOPENED_AND_OPEN = 0.10, 0.08, 0.016
"""Open: of all complaints, the last share among them. Reopened: of those that were ever resolved."""

REJECTED, WITHDRAWN, DUPLICATE = 0.04, 0.02, 0.03
CHINESE = {RIVERSIDE: 2 / 3, HILLSIDE: 0.0}

# Monday to Sunday; most write after the weekend, fewest on Sunday.
WEEKDAYS = (1.3, 1.1, 1.05, 1.0, 1.0, 0.6, 0.5)
HOURS = (1, 0, 0, 0, 0, 1, 3, 8, 11, 10, 8, 7, 8, 6, 6, 7, 8, 10, 10, 8, 7, 5, 3, 2)
CHANNELS = {
    Channel.QR: 55,
    Channel.WEB: 25,
    Channel.PHONE: 10,
    Channel.EMAIL: 5,
    Channel.SMS: 3,
    Channel.LETTER: 2,
}


SERVICES = {
    RIVERSIDE: (
        Service(
            STREETS,
            "streets",
            {"RS-BIN-01": 4, "RS-BIN-02": 3, "RS-BIN-03": 2, HANDED_OVER: 3},
            feedback=370,
            complaints=150,
            respond=1.6,
            resolve=8.0,
            pleased=0.62,
            slips=True,
        ),
        Service(PARKS, "parks", {"RS-PARK-01": 4, "RS-PARK-02": 3, HANDED_OVER: 3}, 260, 70, 2.2, 12.0, 0.70),
        Service(CARE, "care", {"RS-CARE-01": 4, "RS-CARE-02": 3, "RS-CARE-03": 2}, 270, 80, 1.2, 8.0, 0.72),
    ),
    HILLSIDE: (
        Service(LIFTS, "lifts", {"HS-LIFT-01": 3, "HS-LIFT-02": 4, "HS-LIFT-03": 2}, 200, 80, 0.8, 6.0, 0.55),
        Service(BUS, "bus", {"HS-BUS-01": 3, "HS-BUS-02": 2}, 220, 70, 2.4, 15.0, 0.66),
        Service(LINE, "line", {"HS-LINE-01": 1}, 180, 50, 1.0, 6.0, 0.60),
    ),
}


@dataclass(frozen=True)
class Story:
    """The history of one agency, ready to be taken in."""

    feedback: list[PastFeedback]
    events: list[PastEvent]


def story(agency: str, until: datetime) -> Story:
    """The twelve weeks before ``until`` (aware) of the agency with this slug."""
    return _Author(agency, until).write()


class _Author:
    def __init__(self, agency: str, until: datetime):
        self.agency = agency
        self.until = until.astimezone(UTC).replace(microsecond=0)
        self.chance = Random(f"{agency} {self.until.isoformat()}")
        described = next(each["agency"] for each in directories(self.until.date()) if each["agency"]["slug"] == agency)
        self.zone = ZoneInfo(described["timezone"])
        self.calendar = WorkingCalendar.from_dict(described["calendar"], described["timezone"])
        self.first = self.until.date() - timedelta(weeks=WEEKS)

    def write(self) -> Story:
        said = sorted(self._all_said(), key=lambda each: each.at)
        fates = self._fates([each for each in said if each.is_complaint])
        feedback: list[PastFeedback] = []
        events: list[PastEvent] = []
        for number, each in enumerate(said, start=1):
            writer = Writer(self.chance, each.language, each.service.name)
            feedback.append(self._feedback(number, each, writer))
            if each.is_complaint:
                course = self._course(each, fates[id(each)], writer)
                for happened in course.happened:
                    events.append(happened.as_past(len(events) + 1, feedback[-1].reference))
        return Story(feedback, events)

    def _all_said(self) -> Iterable[Said]:
        services = SERVICES[self.agency]
        total = sum(service.feedback for service in services)
        chinese = round(total * CHINESE[self.agency])
        languages = ["zh"] * chinese + ["en"] * (total - chinese)
        self.chance.shuffle(languages)
        for service in services:
            for number in range(service.feedback):
                is_complaint = number < service.complaints
                at, week = self._moment(service.slip if is_complaint else lambda _: 1.0)
                yield Said(service, at, week, is_complaint, languages.pop())

    def _moment(self, slip: Callable[[int], float]) -> tuple[datetime, int]:
        """A moment of the twelve weeks and its week, from 1; who is let down more, writes more."""
        days = [self.first + timedelta(days=day) for day in range(7 * WEEKS + 2)]
        weights = [WEEKDAYS[day.weekday()] * slip(self._week(day)) ** 0.5 for day in days]
        while True:
            day = self.chance.choices(days, weights)[0]
            hour = self.chance.choices(range(24), HOURS)[0]
            clock = time(hour, self.chance.randrange(60), self.chance.randrange(60), tzinfo=self.zone)
            at = datetime.combine(day, clock).astimezone(UTC)
            if self.until - timedelta(weeks=WEEKS) < at < self.until - timedelta(minutes=5):
                return at, self._week(day)

    def _week(self, day: date) -> int:
        return min((day - self.first).days // 7 + 1, WEEKS)

    def _site(self, said: Said) -> str:
        sites = dict(said.service.sites)
        handed_over = said.at.astimezone(self.zone).date() >= self.first + timedelta(weeks=HANDED_OVER_AFTER_WEEKS)
        if (said.service.contract == STREETS and handed_over) or (said.service.contract == PARKS and not handed_over):
            sites.pop(HANDED_OVER)
        return self._draw(sites)

    def _feedback(self, number: int, said: Said, writer: Writer) -> PastFeedback:
        slips = said.service.slip(said.week) > 1
        clause: str | None = None
        text: str | None
        if said.is_complaint:
            kind = FeedbackKind.COMPLAINT
            rating = self._draw({1: 60 if slips else 42, 2: 34, 3: 14, None: 8})
            text, clause = writer.complaint()
        else:
            pleased = said.service.pleased * (0.5 if slips else 1)
            kind = self._draw(
                {
                    FeedbackKind.COMPLIMENT: pleased,
                    FeedbackKind.SUGGESTION: 0.12,
                    FeedbackKind.RATING: max(0.88 - pleased, 0.1),
                }
            )
            rating, text = self._without_case(kind, writer)
        return PastFeedback(
            line=Line("demo", number, {}),
            reference=f"{self.agency[:1].upper()}-{number:04}",
            contract=said.service.contract,
            site=self._site(said),
            kind=kind,
            clause=clause,
            rating=rating,
            text=text,
            language=said.language,
            channel=self._draw(CHANNELS),
            submitted_at=said.at,
        )

    def _without_case(self, kind: FeedbackKind, writer: Writer) -> tuple[int | None, str | None]:
        """Rating and text of feedback that asks for no answer; many leave only the rating."""
        if kind == FeedbackKind.SUGGESTION:
            return self._draw({2: 15, 3: 40, 4: 20, 5: 10, None: 15}), writer.suggestion()
        if kind == FeedbackKind.COMPLIMENT:
            rating = self._draw({4: 45, 5: 55})
            return rating, self._draw({writer.praise(): 45, writer.short(rating): 25, None: 30})
        rating = self._draw({1: 12, 2: 28, 3: 60})
        longer = writer.mixed() if rating == 3 else writer.complaint()[0]
        return rating, self._draw({longer: 35, writer.short(rating): 25, None: 40})

    def _fates(self, complaints: list[Said]) -> dict[int, Fate]:
        """What becomes of each complaint: so many of each fate, the open ones mostly young or of whoever slips."""
        total = len(complaints)
        left = {id(each): each for each in complaints}
        hours = {id(each): hours_between(self.calendar, each.at, self.until) for each in complaints}
        fates: dict[int, Fate] = {}

        def give(fate: Fate, count: int, likely: Callable[[Said], float]) -> None:
            def key(each: Said) -> float:
                return float(self.chance.random() ** (1 / max(likely(each), 1e-6)))

            for each in sorted(left.values(), key=key, reverse=True)[: max(count, 0)]:
                fates[id(left.pop(id(each)))] = fate

        def recent(each: Said) -> float:
            # What came in within the last two working hours cannot have been dealt with.
            if hours[id(each)] < 2:
                return 1e9
            return float(each.service.slip(each.week) ** 2 * 0.15 + 8 * 0.5 ** (hours[id(each)] / 12))

        def settled(least_hours: float) -> Callable[[Said], float]:
            return lambda each: each.service.slip(each.week) if hours[id(each)] > least_hours else 0.0

        still_open, reopened_and_open = round(total * OPEN), round(total * REOPENED_AND_OPEN)
        give(Fate.OPEN, still_open - reopened_and_open, recent)
        ever_resolved = total * (1 - OPEN - REJECTED - WITHDRAWN - DUPLICATE + REOPENED_AND_OPEN)
        give(Fate.REOPENED_AND_OPEN, reopened_and_open, settled(20))
        give(Fate.REOPENED, round(ever_resolved * REOPENED) - reopened_and_open, settled(40))
        give(Fate.REJECTED, round(total * REJECTED), lambda each: float(hours[id(each)] > 6))
        give(Fate.WITHDRAWN, round(total * WITHDRAWN), lambda each: float(hours[id(each)] > 6))
        give(Fate.DUPLICATE, round(total * DUPLICATE), lambda each: float(hours[id(each)] > 6))
        give(Fate.RESOLVED, len(left), lambda each: 1.0)
        return fates

    def _course(self, said: Said, fate: Fate, writer: Writer) -> Course:
        """What happens to a complaint; told again at a quicker pace where its fate would come too late."""
        pace = 1.0
        while True:
            course = Course(said, writer, self.calendar, self.zone, self.until, pace)
            course.tell(fate)
            if course.is_told or pace < 1e-3:
                return course
            pace /= 2

    def _draw(self, weights: Mapping[T, float]) -> T:
        return draw(self.chance, weights)
