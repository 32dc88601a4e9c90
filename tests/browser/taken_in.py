"""Prints what was taken in with certain words, as JSON: ``python -m tests.browser.taken_in WORDS``."""

import json
import sys

from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.intake.models import Feedback
from app.intake.words import FeedbackWords


def main(words: str) -> None:
    with create_app().app_context():
        rows = db.session.execute(
            select(Feedback.reference, Feedback.idempotency_key)
            .join(FeedbackWords, FeedbackWords.feedback_id == Feedback.id)
            .where(FeedbackWords.text == words)
        )
        print(json.dumps([{"reference": reference, "key": key} for reference, key in rows]))


if __name__ == "__main__":
    main(sys.argv[1])
