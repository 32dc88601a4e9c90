"""Tags and concerns as each viewer may see them, and corrections as data to train with."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import joinedload

from app.analysis import concerns
from app.analysis.evidence import Evidence
from app.analysis.marking import Part, parts_of, reasons_of
from app.analysis.models import AnswerReading, Concern, Correction, Reading, Sample, Tag
from app.analysis.rules import HAPPY, UNHAPPY, disagree
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.intake.rules import read_reference
from app.kernel.words import AGENCY_ROLES, Sentiment
from app.kernel.working_time import Remaining, WorkingCalendar, hours_between, remaining
from app.web.access import Viewer

SHOWN = 60
"""So many texts to check are shown at once, the oldest first: three weeks' worth."""

LABELS = {Sentiment.NEGATIVE: "neg", Sentiment.NEUTRAL: "neu", Sentiment.POSITIVE: "pos"}
"""What the files call the sentiments that analysis is trained with."""


@dataclass(frozen=True)
class ConcernNow:
    """A concern and its clock: working hours ``left`` to its limit while it runs, those it ``took`` once it ended."""

    concern: Concern
    left: Remaining | None
    took: float | None


@dataclass(frozen=True)
class Tagging:
    """How a feedback was tagged: by which reading, for which words, what staff said of it, and the last concern.

    ``parts`` are the redacted text with what moved a tag, ``reasons`` the same by tag.
    """

    tag: Tag | None
    reading: Reading | None
    parts: tuple[Part, ...]
    reasons: dict[str, tuple[str, ...]]
    is_disagreeing: bool
    corrections: Sequence[Correction]
    concern: ConcernNow | None


@dataclass(frozen=True)
class Drawn:
    """A text of the random sample, and how it is tagged."""

    sample: Sample
    feedback: Feedback
    tag: Tag
    reading: Reading

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return evidence_of(self.reading)


def feedback_or_404(viewer: Viewer, reference: str) -> Feedback:
    """A feedback of the viewer's agency; providers correct nothing, so for them there is none."""
    wanted = select(Feedback).where(_of_agency(viewer), Feedback.reference == read_reference(reference))
    found = db.session.scalar(wanted.where(Feedback.is_held.is_(False)))
    return found if found is not None else abort(404)


def concern_or_404(viewer: Viewer, reference: str) -> Concern:
    """The standing concern about a feedback, for a safeguarding officer of its agency; for others there is none."""
    if not viewer.is_safeguarding_officer:
        abort(404)
    found = concerns.standing(feedback_or_404(viewer, reference).id)
    return found if found is not None else abort(404)


def sample_or_404(viewer: Viewer, reference: str) -> Sample:
    """The text of the sample under a reference, checked or not."""
    wanted = select(Sample).join(Feedback, Feedback.id == Sample.feedback_id).options(joinedload(Sample.feedback))
    found = db.session.scalar(wanted.where(_of_agency(viewer), Feedback.reference == read_reference(reference)))
    return found if found is not None else abort(404)


def to_check(viewer: Viewer) -> list[Drawn]:
    """What of the sample nobody has checked, the oldest first, without what was erased since."""
    waiting = _drawn(viewer).where(Sample.checked_at.is_(None)).order_by(Sample.week_start, Sample.id).limit(SHOWN)
    return [Drawn(*row) for row in db.session.execute(waiting)]


def compared(viewer: Viewer, reference: str) -> Drawn | None:
    """A text of the sample that was checked, to be held beside its tag; None where it was not, or is not theirs."""
    wanted = _drawn(viewer).where(Sample.checked_at.is_not(None), Feedback.reference == read_reference(reference))
    row = db.session.execute(wanted).one_or_none()
    return Drawn(*row) if row is not None else None


def tagging_of(feedback: Feedback, now: datetime) -> Tagging:
    """All about the tags of a feedback that the agency's own staff may see; the caller has made sure of that."""
    tag = db.session.get(Tag, feedback.id, options=[joinedload(Tag.reading)])
    corrections = db.session.scalars(
        select(Correction)
        .where(Correction.feedback_id == feedback.id)
        .options(joinedload(Correction.member))
        .order_by(Correction.id)
    ).all()
    concern = db.session.scalar(
        select(Concern)
        .where(Concern.feedback_id == feedback.id)
        .options(joinedload(Concern.raised_by), joinedload(Concern.closed_by), joinedload(Concern.released_by))
        .order_by(Concern.id.desc())
        .limit(1)
    )
    return Tagging(
        tag=tag,
        reading=tag.reading if tag else None,
        parts=parts_of(tag.redacted, evidence_of(tag.reading)) if tag else (),
        reasons=reasons_of(tag.redacted, evidence_of(tag.reading)) if tag else {},
        is_disagreeing=bool(tag and tag.is_sure and not tag.is_settled and disagree(tag.sentiment, feedback.rating)),
        corrections=corrections,
        concern=_now(concern, feedback, now) if concern else None,
    )


def evidence_of(reading: Reading) -> tuple[Evidence, ...]:
    """Which words of the redacted text moved which tag."""
    return tuple(Evidence(**each) for each in reading.evidence)


def disagrees() -> ColumnElement[bool]:
    """Over ``Tag`` and ``Feedback``: words that were surely read and stars contradict each other; nobody settled it."""
    return and_(
        Tag.is_sure.is_(True),
        Tag.is_settled.is_(False),
        or_(
            and_(Tag.sentiment == Sentiment.NEGATIVE, Feedback.rating.in_(HAPPY)),
            and_(Tag.sentiment == Sentiment.POSITIVE, Feedback.rating.in_(UNHAPPY)),
        ),
    )


def training_lines(agency_id: int) -> Iterator[str]:
    """``training_rows`` as JSON lines."""
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in training_rows(agency_id))


def training_rows(agency_id: int) -> Iterator[dict[str, Any]]:
    """Texts that staff corrected, as the files that analysis is trained with: redacted text and the labels that count.

    ``corrected`` names the labels that a person has said; the others are only what was read. What was erased is left
    out, and what a safeguarding concern hides.
    """
    said: dict[int, set[str]] = {}
    fields = select(Correction.feedback_id, Correction.sentiment, Correction.aspects, Correction.is_urgent)
    for feedback_id, sentiment, aspects, is_urgent in db.session.execute(
        fields.where(Correction.agency_id == agency_id).order_by(Correction.feedback_id)
    ):
        names = said.setdefault(feedback_id, set())
        names |= {"label"} if sentiment is not None else set()
        names |= {"aspects"} if aspects is not None else set()
        names |= {"urgent"} if is_urgent is not None else set()
    ids = list(said)
    agency = db.session.get_one(Agency, agency_id)
    for start in range(0, len(ids), 500):
        rows = db.session.scalars(
            select(Tag)
            .join(Feedback, Feedback.id == Tag.feedback_id)
            .where(Tag.feedback_id.in_(ids[start : start + 500]), Tag.redacted != "", ~concerns.is_hidden())
            .order_by(Tag.feedback_id)
        )
        for tag in rows:
            yield {
                "id": f"{agency.slug}_{tag.feedback_id}",
                "text": tag.redacted,
                "label": LABELS[tag.sentiment],
                "aspects": [str(aspect) for aspect in tag.labels.aspects],
                "urgent": tag.is_urgent,
                "mixed": False,
                "sarcasm": False,
                "pii": [],
                "lang": tag.language,
                "source": f"corrections_{agency.slug}",
                "domain": "outsourced public services",
                "split": "train",
                "corrected": sorted(said[tag.feedback_id]),
            }


def _drawn(viewer: Viewer) -> Select[Sample, Feedback, Tag, Reading]:
    return (
        select(Sample, Feedback, Tag, Reading)
        .join(Feedback, Feedback.id == Sample.feedback_id)
        .join(Tag, Tag.feedback_id == Sample.feedback_id)
        .join(Reading, Reading.id == Tag.reading_id)
        .options(joinedload(Feedback.site), joinedload(Feedback.contract))
        .where(_of_agency(viewer), Tag.redacted != "")
    )


def _of_agency(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.agency_id is None or viewer.role not in AGENCY_ROLES:
        return false()
    return Feedback.agency_id == viewer.agency_id


def _now(concern: Concern, feedback: Feedback, now: datetime) -> ConcernNow:
    agency = db.session.get_one(Agency, feedback.agency_id)
    calendar = WorkingCalendar.from_dict(agency.calendar, agency.timezone)
    if concern.ended_at is None:
        return ConcernNow(concern, remaining(calendar, now, concern.due_at), None)
    return ConcernNow(concern, None, hours_between(calendar, feedback.submitted_at, concern.ended_at))


def answer_readings(feedback_id: int) -> dict[int, AnswerReading]:
    """What analysis made of what a resident wrote in answer to questions: answer → its reading."""
    wanted = select(AnswerReading).where(AnswerReading.feedback_id == feedback_id)
    return {each.answer_id: each for each in db.session.scalars(wanted)}


def urgent_answers(feedback_id: int) -> list[str]:
    """Those of them that are tagged urgent, without persons, in the order of the questions."""
    found = answer_readings(feedback_id)
    return [found[answer_id].redacted for answer_id in sorted(found) if found[answer_id].is_urgent]
