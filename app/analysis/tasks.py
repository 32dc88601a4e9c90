"""What the worker calls to have feedback read, and to tell those who must know at once. Ids in, safe to repeat."""

from datetime import date

from app.accounts.queries import on_duty, safeguarding_officers
from app.analysis import actions, letters, sampling
from app.analysis.models import Concern
from app.analysis.reading import analyse
from app.extensions import db
from app.intake.models import Feedback
from app.mail.letter import Letter
from app.mail.postman import deliver
from app.outbox.actions import promise
from app.outbox.running import Deed


def read_feedback(feedback_id: int) -> Deed | None:
    """On ``feedback.read``: analyse the text outside any transaction, then keep the reading."""
    found = actions.text_to_read(feedback_id)
    db.session.rollback()
    if found is None:
        return None
    analysis = analyse(found[0])

    def keep() -> None:
        actions.keep_reading(feedback_id, analysis)

    return keep


def read_answers(feedback_id: int) -> Deed | None:
    """On ``answers.read``: the same for what was written in answer to the agency's own questions."""
    texts = actions.answers_to_read(feedback_id)
    db.session.rollback()
    if not texts:
        return None
    read = {answer_id: analyse(text) for answer_id, text in texts.items()}

    def keep() -> None:
        actions.keep_answer_readings(feedback_id, read)

    return keep


def read_held(feedback_id: int) -> Deed | None:
    """On ``held.read``: whether what is held for review can wait for whoever looks at it; nothing else is kept."""
    found = actions.text_to_read(feedback_id)
    db.session.rollback()
    analysis = analyse(found[0]) if found else None
    if analysis is None or not (analysis.urgent or analysis.safeguarding):
        return None

    def call() -> None:
        actions.call_about_held(feedback_id)

    return call


def draw(for_agency: int, week_start: str) -> Deed:
    """On ``tags.draw``: the week's texts for staff to check."""

    def draw_now() -> None:
        sampling.draw(for_agency, date.fromisoformat(week_start))

    return draw_now


def call_duty(feedback_id: int) -> Deed:
    """On ``urgent.call``: a letter to each member on duty."""

    def call() -> None:
        feedback = db.session.get_one(Feedback, feedback_id)
        for each in on_duty(feedback.agency_id):
            promise(
                "urgent.mail",
                agency_id=feedback.agency_id,
                key=f"urgent:{feedback_id}:{each.member_id}",
                feedback_id=feedback_id,
                member_id=each.member_id,
            )

    return call


def mail_urgent(feedback_id: int, member_id: int) -> None:
    """On ``urgent.mail``."""
    _send(letters.urgent(feedback_id, member_id))


def call_safeguarding(concern_id: int) -> Deed:
    """On ``safeguarding.call``: a letter to each safeguarding officer."""

    def call() -> None:
        concern = db.session.get_one(Concern, concern_id)
        for each in safeguarding_officers(concern.agency_id):
            promise(
                "safeguarding.mail",
                agency_id=concern.agency_id,
                key=f"safeguarding:{concern_id}:{each.member_id}",
                concern_id=concern_id,
                member_id=each.member_id,
            )

    return call


def mail_concern(concern_id: int, member_id: int) -> None:
    """On ``safeguarding.mail``."""
    _send(letters.concern(concern_id, member_id))


def _send(letter: Letter | None) -> None:
    """Outside any transaction, as mail servers take their time."""
    db.session.rollback()
    if letter is not None:
        deliver(letter)
