"""Reads an example history from its files, as plainly as can be."""

import csv
import json
from datetime import datetime
from pathlib import Path

from app.cases.history import EventFacts
from app.kernel.words import Actor, EventKind, FeedbackKind
from app.kernel.working_time import WorkingCalendar
from app.measures.clocks import CaseFacts
from app.measures.facts import FeedbackFacts

EXAMPLES = Path(__file__).parents[2] / "examples" / "measures"


def rows(path):
    with path.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def number(text):
    return int(text) if text else None


def read(name):
    """Timezone, feedback by contract, and what must come out."""
    folder = EXAMPLES / name
    directory = json.loads((folder / "directory.json").read_text(encoding="utf-8"))
    timezone = directory["agency"]["timezone"]
    calendar = WorkingCalendar.from_dict(directory["agency"]["calendar"], timezone)
    clauses = {
        (each["reference"], clause["code"]): clause for each in directory["contracts"] for clause in each["clauses"]
    }

    events = {}
    for row in rows(folder / "events.csv"):
        event = EventFacts(
            datetime.fromisoformat(row["at"]), EventKind(row["event"]), Actor(row["actor"]), number(row["rating"])
        )
        events.setdefault(row["reference"], []).append(event)

    feedback = {}
    for row in rows(folder / "feedback.csv"):
        submitted_at = datetime.fromisoformat(row["submitted_at"])
        case = None
        if row["kind"] == "complaint":
            clause = clauses[row["contract"], row["clause"]]
            case = CaseFacts(
                submitted_at=submitted_at,
                calendar=calendar,
                events=events.get(row["reference"], ()),
                respond_within_hours=clause["respond_within_hours"],
                resolve_within_hours=clause["resolve_within_hours"],
            )
        facts = FeedbackFacts(submitted_at, FeedbackKind(row["kind"]), number(row["rating"]), case=case)
        feedback.setdefault(row["contract"], []).append(facts)

    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return timezone, feedback, expected
