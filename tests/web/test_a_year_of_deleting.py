"""A year passes, day by day: words, photos and contact details go when their time is over, and no number changes."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from app.audit.models import AuditEntry
from app.audit.rules import Verb
from app.cases.models import Case
from app.cases.words import MessageWords
from app.directory import actions as directory
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.intake.words import FeedbackWords
from app.kernel.words import CaseStatus
from app.privacy import deleting_when_due
from app.web.transactions import begin_writing

EXAMPLE = Path(__file__).parent.parent / "examples" / "measures" / "example"
DAYS = {"contact": 30, "photos": 60, "words": 120}


def reports(app):
    """All that the reports of the example say, by what was asked."""
    made = {}
    for asked in json.loads((EXAMPLE / "expected.json").read_text()):
        where = ["--contract", asked["contract"], "--start", asked["start"], "--end", asked["end"]]
        printed = app.test_cli_runner().invoke(args=["report", *where, "--as-of", asked["as_of"]])
        assert printed.exit_code == 0, printed.output
        made[tuple(where)] = json.loads(printed.stdout)
        db.session.rollback()
    return made


def left():
    db.session.expire_all()
    words = db.session.query(FeedbackWords)
    return {
        "contact": words.filter(FeedbackWords.email_sealed.is_not(None)).count(),
        "words": words.filter(FeedbackWords.text.is_not(None)).count(),
        "messages": db.session.query(MessageWords).filter(MessageWords.text.is_not(None)).count(),
    }


def test_over_a_year_everything_goes_in_its_time_and_every_measure_stays(app, work, at):
    runner = app.test_cli_runner()
    for what in (["directory", str(EXAMPLE / "directory.json")], ["history", *files()]):
        assert runner.invoke(args=["import", *what]).exit_code == 0
    begin_writing()
    directory.change_retention(db.session.query(Agency).one(), DAYS)
    for words in db.session.query(FeedbackWords):
        words.email_sealed, words.email_mark = b"sealed", "mark"
    for feedback in db.session.query(Feedback):
        feedback.is_reachable = True
    db.session.commit()
    before, had = reports(app), left()
    assert min(had.values()) > 20
    first = datetime.fromisoformat("2026-11-01T01:00:00+08:00")
    seen = []

    for day in range(365):
        now = first + timedelta(days=day)
        with at(now):
            begin_writing()
            deleting_when_due.promise_due(now)
            db.session.commit()
            work()
        if day % 30 == 0:
            seen.append(left())

    assert reports(app) == before
    for kind in had:
        counts = [had[kind], *[each[kind] for each in seen]]
        assert counts == sorted(counts, reverse=True), "nothing comes back"
    still_open = db.session.query(Case).filter(Case.status == CaseStatus.OPEN).count()
    assert 0 < left()["contact"] <= still_open, "of what is open nothing goes"
    erased = db.session.query(AuditEntry).filter_by(verb=Verb.ERASED, what="contact").count()
    assert erased == had["contact"] - left()["contact"]
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0


def files():
    return [str(EXAMPLE / "feedback.csv"), str(EXAMPLE / "events.csv")]
