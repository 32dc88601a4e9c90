"""Each week a few texts are drawn at random and checked by staff, so that the figure of agreement is unbiased.

They say what a text is before they see how it is tagged: who sees the tag first tends to agree with it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from app.analysis import actions
from app.analysis.models import Reading, Sample, Tag
from app.analysis.rules import SAMPLE as SAMPLE
from app.analysis.rules import Labels, Said, drawn
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.periods import Period, local, previous_week, week_name
from app.kernel.shares import Share, share_of
from app.outbox.actions import promise

DRAWN_AT = 6
"""On Monday at six where the agency is, the texts of the week before are drawn: all of them have been read by then."""


@dataclass(frozen=True)
class Agreement:
    """How often what was read is what staff said, over the random sample alone; ``drawn`` counts also the unchecked."""

    sentiment: Share
    aspects: Share
    urgency: Share
    drawn: int

    @property
    def checked(self) -> int:
        return self.sentiment.denominator


def promise_due(now: datetime) -> None:
    """Promise the draw of the last week that was over, once for each agency; older weeks are not caught up."""
    for agency in db.session.scalars(select(Agency)):
        week = previous_week(now, agency.timezone)
        promise(
            "tags.draw",
            agency_id=agency.id,
            due_at=local(week.end + timedelta(days=1), DRAWN_AT, agency.timezone),
            key=f"tags:{agency.id}:{week_name(week)}",
            for_agency=agency.id,
            week_start=week.start.isoformat(),
        )


def draw(agency_id: int, week_start: date) -> list[Sample]:
    """Draw the sample of a week; again: the same one, which is there already."""
    agency = db.session.get_one(Agency, agency_id)
    week = Period(week_start, week_start + timedelta(days=6), agency.timezone)
    known = select(Sample).where(Sample.agency_id == agency_id, Sample.week_start == week_start)
    there = db.session.scalars(known).all()
    if there:
        return list(there)
    texts = (
        select(Feedback.id)
        .join(Tag, Tag.feedback_id == Feedback.id)
        .where(Feedback.agency_id == agency_id, Feedback.submitted_at >= week.since, Feedback.submitted_at < week.until)
        .where(Tag.redacted != "")
    )
    among = db.session.scalars(texts).all()
    made = [
        Sample(agency_id=agency_id, feedback_id=feedback_id, week_start=week_start, drawn_at=clock.now())
        for feedback_id in drawn(among, seed=f"{agency.slug}:{week_name(week)}")
    ]
    db.session.add_all(made)
    db.session.flush()
    return made


def check(sample: Sample, labels: Labels, *, member_id: int) -> None:
    """Keep what a member says a drawn text is, unseen its tag: it counts for the agreement, and wins as a correction.

    ``MoveNotAllowed`` where somebody has checked it already.
    """
    # Two who check the same text come one after the other.
    db.session.execute(select(Sample.id).where(Sample.id == sample.id).with_for_update())
    db.session.refresh(sample)
    if sample.checked_at is not None:
        raise MoveNotAllowed("somebody has checked this text already")
    actions.correct(sample.feedback_id, Said(labels.sentiment, labels.aspects, labels.is_urgent), member_id=member_id)
    sample.sentiment, sample.is_urgent = labels.sentiment, labels.is_urgent
    sample.aspects = [str(aspect) for aspect in labels.aspects]
    sample.member_id, sample.checked_at = member_id, clock.now()
    db.session.flush()


def agreement_of(agency_id: int, as_of: datetime) -> Agreement:
    """Of what was checked up to ``as_of``: how often the newest reading says what staff said, with Wilson's interval.

    Corrections made elsewhere do not count: they are made where somebody noticed something.
    """
    newest = (
        select(func.max(Reading.id))
        .where(Reading.feedback_id == Sample.feedback_id, Reading.read_at <= as_of)
        .correlate(Sample)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Sample, Reading)
        .options(
            load_only(Sample.sentiment, Sample.aspects, Sample.is_urgent),
            load_only(Reading.sentiment, Reading.aspects, Reading.is_urgent),
        )
        .join(Reading, Reading.id == newest)
        .where(Sample.agency_id == agency_id, Sample.checked_at <= as_of)
    ).all()
    return Agreement(
        sentiment=share_of(sum(sample.sentiment == reading.sentiment for sample, reading in rows), len(rows)),
        aspects=share_of(sum(set(sample.aspects or ()) == set(reading.aspects) for sample, reading in rows), len(rows)),
        urgency=share_of(sum(sample.is_urgent == reading.is_urgent for sample, reading in rows), len(rows)),
        drawn=db.session.scalar(
            select(func.count(Sample.id)).where(Sample.agency_id == agency_id, Sample.drawn_at <= as_of)
        )
        or 0,
    )
