"""Keeping what analysis made of a feedback."""

from dataclasses import asdict

from sqlalchemy import select

from app.analysis import search
from app.analysis.models import Reading, Tag
from app.analysis.reading import Analysis
from app.extensions import db
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel import clock
from app.outbox.actions import promise


def text_to_read(feedback_id: int) -> tuple[str, str] | None:
    """The raw text of a feedback and the language of its page, for analysis only; None where there is none left."""
    row = db.session.execute(
        select(FeedbackWords.text, Feedback.language)
        .join(Feedback, Feedback.id == FeedbackWords.feedback_id)
        .where(FeedbackWords.feedback_id == feedback_id, FeedbackWords.text.is_not(None))
    ).one_or_none()
    return (row.text, row.language) if row and row.text else None


def reading_of(agency_id: int, feedback_id: int, analysis: Analysis) -> Reading:
    """An analysis as the row that keeps it."""
    negative, neutral, positive = analysis.probabilities
    return Reading(
        agency_id=agency_id,
        feedback_id=feedback_id,
        version=analysis.version,
        language=analysis.language,
        sentiment=analysis.sentiment,
        negative=negative,
        neutral=neutral,
        positive=positive,
        aspects=[str(aspect) for aspect in analysis.aspects],
        is_urgent=analysis.urgent,
        redacted=analysis.redacted,
        pii=[asdict(span) for span in analysis.pii],
        read_at=clock.now(),
    )


def tag_of(reading: Reading) -> Tag:
    """The tag that a reading makes, where nobody corrected it."""
    return Tag(
        feedback_id=reading.feedback_id,
        agency_id=reading.agency_id,
        reading_id=reading.id,
        language=reading.language,
        sentiment=reading.sentiment,
        aspects=reading.aspects,
        is_urgent=reading.is_urgent,
        redacted=reading.redacted,
    )


def keep_reading(feedback_id: int, analysis: Analysis) -> Reading | None:
    """Keep a reading, make it the tag that counts, index it; None where this version has read this feedback already.

    Promises ``case.propose_clause``, since what is said decides which duty is meant.
    """
    feedback = db.session.get_one(Feedback, feedback_id)
    known = select(Reading.id).where(Reading.feedback_id == feedback_id, Reading.version == analysis.version)
    if db.session.scalar(known):
        return None
    reading = reading_of(feedback.agency_id, feedback_id, analysis)
    db.session.add(reading)
    db.session.flush()
    db.session.merge(tag_of(reading))
    search.index(feedback_id, reading.redacted)
    promise("case.propose_clause", agency_id=feedback.agency_id, feedback_id=feedback_id)
    return reading


def keep_many(read: list[tuple[Feedback, Analysis]]) -> None:
    """Keep the readings of many feedback that nobody has read before, in few statements."""
    if not read:
        return
    readings = [reading_of(feedback.agency_id, feedback.id, analysis) for feedback, analysis in read]
    db.session.add_all(readings)
    db.session.flush()
    db.session.add_all([tag_of(reading) for reading in readings])
    db.session.flush()
    search.insert_many([(reading.feedback_id, reading.redacted) for reading in readings])
    for reading in readings:
        db.session.expunge(reading)


def erase(feedback_id: int) -> None:
    """Forget the text of a feedback in its readings, its tag and the index; how it was tagged stays."""
    for reading in db.session.scalars(select(Reading).where(Reading.feedback_id == feedback_id)):
        reading.redacted, reading.pii = "", []
    tag = db.session.get(Tag, feedback_id)
    if tag is not None:
        tag.redacted = ""
    search.forget(feedback_id)
