"""Keeping what analysis made of a feedback and what staff say of it; the tag that counts follows from both."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import exists, func, select

from app.analysis import concerns, search
from app.analysis.language import language_of
from app.analysis.models import AnswerReading, Correction, Reading, Tag
from app.analysis.private import Span
from app.analysis.reading import Analysis, labelled_in, redacted
from app.analysis.redaction import Redacted, places_left
from app.analysis.rules import CALLED_WITHIN, Said, corrected
from app.extensions import db
from app.intake.models import Feedback, Suspicion
from app.intake.words import AnswerWords, FeedbackWords
from app.kernel import clock
from app.kernel.errors import ThingUnknown
from app.outbox.actions import promise


def text_to_read(feedback_id: int) -> tuple[str, str] | None:
    """The raw text of a feedback and the language of its page, for analysis only; None where there is none left."""
    found = texts_to_read([feedback_id])
    return found[feedback_id] if found else None


def texts_to_read(feedback_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """The same of many, by id, without those that have none left."""
    rows = db.session.execute(
        select(FeedbackWords.feedback_id, FeedbackWords.text, Feedback.language)
        .join(Feedback, Feedback.id == FeedbackWords.feedback_id)
        .where(FeedbackWords.feedback_id.in_(feedback_ids), FeedbackWords.text.is_not(None))
    )
    return {row.feedback_id: (row.text, row.language) for row in rows if row.text}


def left_to_read(version: str, *, after: int = 0, limit: int) -> tuple[list[int], int]:
    """The next feedback with a text that ``version`` has not read, by id after ``after``; and how many there are."""
    unread = (
        select(FeedbackWords.feedback_id)
        .join(Feedback, Feedback.id == FeedbackWords.feedback_id)
        .where(FeedbackWords.text.is_not(None), FeedbackWords.text != "", FeedbackWords.feedback_id > after)
        .where(Feedback.is_held.is_(False))
        .where(~exists().where(Reading.feedback_id == FeedbackWords.feedback_id, Reading.version == version))
    )
    ids = db.session.scalars(unread.order_by(FeedbackWords.feedback_id).limit(limit)).all()
    return list(ids), db.session.scalar(select(func.count()).select_from(unread.subquery())) or 0


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
        is_sure=analysis.is_sure,
        aspects=[str(aspect) for aspect in analysis.aspects],
        is_urgent=analysis.urgent,
        is_safeguarding=analysis.safeguarding,
        redacted=analysis.redacted,
        evidence=[asdict(each) for each in analysis.evidence],
        pii=[asdict(span) for span in analysis.pii],
        read_at=clock.now(),
    )


def tag_of(reading: Reading, said: Sequence[Said] = ()) -> Tag:
    """The tag that counts after a reading and what staff ``said``, oldest first."""
    labels, is_settled = corrected(reading.labels, said)
    return Tag(
        feedback_id=reading.feedback_id,
        agency_id=reading.agency_id,
        reading_id=reading.id,
        language=reading.language,
        sentiment=labels.sentiment,
        is_sure=reading.is_sure or is_settled,
        is_settled=is_settled,
        aspects=[str(aspect) for aspect in labels.aspects],
        is_urgent=labels.is_urgent,
        redacted=reading.redacted,
    )


def keep_reading(feedback_id: int, analysis: Analysis) -> Reading | None:
    """Keep a first reading, and promise ``case.propose_clause``: what is said decides which duty is meant.

    None where this version has read this feedback already, or its text was erased meanwhile.
    """
    reading = read_again(feedback_id, analysis)
    if reading is not None:
        promise("case.propose_clause", agency_id=reading.agency_id, feedback_id=feedback_id)
    return reading


def read_again(feedback_id: int, analysis: Analysis) -> Reading | None:
    """Keep a reading, let the tag that counts follow from it and from what staff said, and index its text.

    Calls those on duty where it is urgent, raises a concern where one may be meant. None as in ``keep_reading``. The
    clause of a case stays: by now people work by its limits.
    """
    feedback = _hold(feedback_id)
    known = select(Reading.id).where(Reading.feedback_id == feedback_id, Reading.version == analysis.version)
    if db.session.scalar(known) is not None or text_to_read(feedback_id) is None:
        return None
    reading = reading_of(feedback.agency_id, feedback_id, analysis)
    shown = db.session.scalar(select(Tag.redacted).where(Tag.feedback_id == feedback_id))
    db.session.add(reading)
    db.session.flush()
    _settle(feedback, reading)
    search.index(feedback_id, reading.redacted)
    if reading.is_safeguarding:
        concerns.raise_by_analysis(feedback)
    if reading.redacted != shown:
        _promise_hiding(feedback)
    return reading


def keep_many(read: list[tuple[Feedback, Analysis]]) -> None:
    """Keep the readings of many feedback of the past that nobody has read before, in few statements.

    Concerns are raised, as a provider must not see such words; nobody is called or told.
    """
    if not read:
        return
    readings = [reading_of(feedback.agency_id, feedback.id, analysis) for feedback, analysis in read]
    db.session.add_all(readings)
    db.session.flush()
    db.session.add_all([tag_of(reading) for reading in readings])
    db.session.flush()
    search.insert_many([(reading.feedback_id, reading.redacted) for reading in readings])
    concerns.raise_for_past([feedback for feedback, analysis in read if analysis.safeguarding])
    for reading in readings:
        db.session.expunge(reading)


def answers_to_read(feedback_id: int) -> dict[int, str]:
    """What a resident wrote in answer to questions, for analysis only: answer → raw text, of those still there."""
    rows = db.session.execute(
        select(AnswerWords.answer_id, AnswerWords.text).where(
            AnswerWords.feedback_id == feedback_id, AnswerWords.text.is_not(None)
        )
    )
    return {answer_id: text for answer_id, text in rows if text}


def answers_left_to_read(version: str, *, after: int = 0, limit: int) -> list[int]:
    """The next feedback with an answer in words that ``version`` has not read, by id after ``after``."""
    is_read = exists().where(AnswerReading.answer_id == AnswerWords.answer_id, AnswerReading.version == version)
    unread = (
        select(AnswerWords.feedback_id)
        .join(Feedback, Feedback.id == AnswerWords.feedback_id)
        .where(AnswerWords.text.is_not(None), AnswerWords.feedback_id > after, ~is_read, Feedback.is_held.is_(False))
    )
    return list(db.session.scalars(unread.distinct().order_by(AnswerWords.feedback_id).limit(limit)))


def keep_answer_readings(feedback_id: int, read: Mapping[int, Analysis]) -> None:
    """Keep what analysis made of answers, unless they were erased meanwhile; raise a concern, call who must know.

    No tag of the feedback changes: else a question that is asked anew would move what is measured by tags.
    """
    feedback = _hold(feedback_id)
    read = {answer_id: read[answer_id] for answer_id in answers_to_read(feedback_id) if answer_id in read}
    for answer_id, analysis in read.items():
        db.session.merge(
            AnswerReading(
                answer_id=answer_id,
                agency_id=feedback.agency_id,
                feedback_id=feedback_id,
                version=analysis.version,
                sentiment=analysis.sentiment,
                is_sure=analysis.is_sure,
                is_urgent=analysis.urgent,
                redacted=analysis.redacted,
                read_at=clock.now(),
            )
        )
    db.session.flush()
    _promise_hiding(feedback)
    if any(analysis.safeguarding for analysis in read.values()):
        concerns.raise_by_analysis(feedback)
    if any(analysis.urgent for analysis in read.values()):
        _call_duty(feedback)


def correct(feedback_id: int, said: Said, *, member_id: int) -> Tag:
    """Keep what a member of staff says of a text; from now on it wins, field by field, whatever reads it again.

    Calls those on duty where it makes it urgent; may change the clause of a case that nobody has answered.
    ``ThingUnknown`` where nothing has been read yet.
    """
    feedback = _hold(feedback_id)
    tag = db.session.get(Tag, feedback_id, populate_existing=True)
    if tag is None:
        raise ThingUnknown("nothing has been read that could be corrected")
    before = tag.labels
    db.session.add(
        Correction(
            agency_id=feedback.agency_id,
            feedback_id=feedback_id,
            sentiment=said.sentiment,
            aspects=None if said.aspects is None else [str(aspect) for aspect in said.aspects],
            is_urgent=said.is_urgent,
            member_id=member_id,
            at=clock.now(),
        )
    )
    db.session.flush()
    tag = _settle(feedback, db.session.get_one(Reading, tag.reading_id))
    if tag.labels.aspects != before.aspects:
        promise("case.propose_clause", agency_id=feedback.agency_id, feedback_id=feedback_id)
    return tag


def _promise_hiding(feedback: Feedback) -> None:
    """What was read is without those whom it names itself; whom else the case names, ``case.hide_names`` hides."""
    promise("case.hide_names", agency_id=feedback.agency_id, feedback_id=feedback.id)


def hide_names(feedback_id: int, names: Collection[str]) -> None:
    """Redact anew what is kept of a feedback's own texts, without ``names`` too; how it was tagged stays.

    Its marks move with the words; safe to repeat.
    """
    _hold(feedback_id)
    text = db.session.scalar(select(FeedbackWords.text).where(FeedbackWords.feedback_id == feedback_id))
    if text:
        for reading in db.session.scalars(select(Reading).where(Reading.feedback_id == feedback_id)):
            without = redacted(text, reading.language, known=names)
            if without.text != reading.redacted:
                reading.evidence = _moved(reading, text, without)
                reading.redacted, reading.pii = without.text, [asdict(span) for span in without.spans]
        tag = db.session.get(Tag, feedback_id, populate_existing=True)
        if tag is not None and tag.redacted != tag.reading.redacted:
            tag.redacted = tag.reading.redacted
            search.index(feedback_id, tag.redacted)
    written = answers_to_read(feedback_id)
    for answer in db.session.scalars(select(AnswerReading).where(AnswerReading.feedback_id == feedback_id)):
        if answer.answer_id in written:
            said = written[answer.answer_id]
            answer.redacted = redacted(said, language_of(said), known=names).text
    db.session.flush()


def _moved(reading: Reading, text: str, without: Redacted) -> list[dict[str, Any]]:
    """The evidence of a reading, where its words now stand; what is hidden now is evidence no more."""
    labels = labelled_in(reading.language)
    before = places_left(text, labels, [Span(**span) for span in reading.pii])
    now = {place: at for at, place in enumerate(places_left(text, labels, without.spans)) if place is not None}
    moved = []
    for each in reading.evidence:
        places = before[each["start"] : each["end"]]
        at = [now[place] for place in places if place is not None and place in now]
        if at and len(at) == len(places):
            moved.append(each | {"start": at[0], "end": at[-1] + 1})
    return moved


def erase(feedback_id: int) -> None:
    """Forget the text of a feedback in its readings, its tag and the index; how it was tagged stays."""
    _hold(feedback_id)
    for reading in db.session.scalars(select(Reading).where(Reading.feedback_id == feedback_id)):
        reading.redacted, reading.pii, reading.evidence = "", [], []
    tag = db.session.get(Tag, feedback_id)
    if tag is not None:
        tag.redacted = ""
    for answer in db.session.scalars(select(AnswerReading).where(AnswerReading.feedback_id == feedback_id)):
        answer.redacted = ""
    search.forget(feedback_id)


def _settle(feedback: Feedback, reading: Reading) -> Tag:
    """Make the tag what follows from a reading and all corrections."""
    found = select(Correction).where(Correction.feedback_id == feedback.id).order_by(Correction.id)
    tag = db.session.merge(tag_of(reading, [each.said for each in db.session.scalars(found)]))
    db.session.flush()
    if tag.is_urgent:
        _call_duty(feedback)
    return tag


def call_about_held(feedback_id: int) -> None:
    """What is held for review may be urgent: have those on duty told, and let it stand first."""
    feedback = _hold(feedback_id)
    suspicion = db.session.get(Suspicion, feedback_id)
    if feedback.is_held and suspicion is not None:
        suspicion.is_urgent = True
        _call_duty(feedback)


def _call_duty(feedback: Feedback) -> None:
    """Have those on duty told, once, unless it is too old to help."""
    if clock.now() - feedback.submitted_at <= CALLED_WITHIN:
        promise("urgent.call", agency_id=feedback.agency_id, key=f"urgent:{feedback.id}", feedback_id=feedback.id)


def _hold(feedback_id: int) -> Feedback:
    """Wait for whoever writes about the feedback now: two corrections, or one and a reading, come one by one.

    Its events can be added meanwhile.
    """
    held = select(Feedback).where(Feedback.id == feedback_id).with_for_update(key_share=True)
    return db.session.scalars(held.execution_options(populate_existing=True)).one()
