"""``flask analyse --again``: the newest version reads old feedback, in batches, and goes on where it was stopped."""

from collections.abc import Callable

from app.analysis import actions
from app.analysis.reading import VERSION, analyse
from app.extensions import db
from app.web.transactions import begin_writing

BATCH = 200


def read_all_again(progress: Callable[[int, int], None], *, batch: int = BATCH) -> int:
    """Let the newest version read every text that it has not read; how many it read. Commits each batch.

    What is left to do is what has no reading of this version: a run that was stopped, however, is gone on with. What
    staff corrected stays as they said. Texts are analysed outside any transaction, so that others write meanwhile.
    """
    done, last = 0, 0
    while True:
        ids, left = actions.left_to_read(VERSION, after=last, limit=batch)
        texts = actions.texts_to_read(ids)
        db.session.rollback()
        if not ids:
            return done + _read_answers_again(batch)
        read = {feedback_id: analyse(text) for feedback_id, (text, _) in texts.items()}
        begin_writing()
        for feedback_id, analysis in read.items():
            done += actions.read_again(feedback_id, analysis) is not None
        db.session.commit()
        last = ids[-1]
        progress(done, done + left - len(ids))


def _read_answers_again(batch: int) -> int:
    """The same for what was written in answer to questions; how many feedback that was."""
    done, last = 0, 0
    while ids := actions.answers_left_to_read(VERSION, after=last, limit=batch):
        texts = {feedback_id: actions.answers_to_read(feedback_id) for feedback_id in ids}
        db.session.rollback()
        read = {
            feedback_id: {answer_id: analyse(text) for answer_id, text in of_one.items()}
            for feedback_id, of_one in texts.items()
        }
        begin_writing()
        for feedback_id, of_one in read.items():
            actions.keep_answer_readings(feedback_id, of_one)
        db.session.commit()
        last = ids[-1]
        done += len(ids)
    return done
