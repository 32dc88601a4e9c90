"""A year passes, day by day: all that ends by itself ends on its day, once, and nothing else moves."""

from datetime import timedelta

import pytest

from app.analysis import sampling
from app.cases import actions, escalation_actions, opening_links, provider_links, verdict_actions
from app.cases.models import Event, ProviderLink
from app.extensions import db
from app.intake import photo_keeping
from app.intake.actions import contact_of, tracking_token, words_of
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Actor, Attribution
from app.outbox.models import Promise
from app.privacy import deleting_when_due
from app.reports.report import build
from app.web.transactions import begin_writing
from tests.web.cases_story import MONDAY, sent

YEAR = 400


@pytest.fixture
def pass_days(work, at):
    """Let the worker do what it does each day, through one day after another."""

    def passing(since, until):
        day = since
        while day <= until:
            with at(day):
                begin_writing()
                for promise_due in (
                    escalation_actions.promise_due,
                    photo_keeping.promise_sweep,
                    deleting_when_due.promise_due,
                    sampling.promise_due,
                ):
                    promise_due(clock.now())
                db.session.commit()
                work()
            day += timedelta(days=1)

    return passing


def days(n, hour=0):
    return MONDAY + timedelta(days=n, hours=hour)


def kinds_at(feedback):
    """What happened, and on which day after the first Monday."""
    events = db.session.query(Event).filter_by(feedback_id=feedback.id).order_by(Event.at, Event.id)
    return [(str(each.kind), (each.at - MONDAY).days) for each in events]


def test_what_waits_for_nobody_any_more_ends_on_its_day(client, riverside, alice, pass_days, at):
    case_of = actions.case_of
    with at(MONDAY):
        asked, judged, linked, resolved = (sent(riverside, email=f"{n}@example.org") for n in range(4))
        actions.ask(case_of(asked), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        verdict_actions.judge(case_of(judged), Attribution.PROVIDER, "Left.", member_id=alice.id, is_manager=False)
        provider_links.send(case_of(linked), email="desk@clearway.example", language="en", member_id=alice.id)
        actions.resolve(case_of(resolved), "Emptied.", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()
    ids = [each.id for each in (asked, judged, linked, resolved)]

    def word(day):
        made = build(riverside.contract, start=MONDAY.date(), end=MONDAY.date(), as_of=days(day))
        return made.to_json()["measures"]["last_word"]

    pass_days(days(0, 1), days(40, 1))
    asked, judged, linked, resolved = (db.session.get_one(Feedback, each) for each in ids)
    # Five working days from Monday at nine end as Friday does; the worker of this test comes the morning after,
    # which changes nothing: both are of when they were due.
    assert kinds_at(asked)[-1] == ("resumed", 4)
    assert kinds_at(judged)[-1] == ("verdict", 4)
    link = db.session.query(ProviderLink).one()
    with at(link.expires_at - timedelta(seconds=1)):
        assert opening_links.end_of(link) is None
    with at(days(14)):
        assert opening_links.end_of(link) == opening_links.End.EXPIRED
    assert (word(14)["claimed"], word(15)["silent"]) == (1, 1)
    assert contact_of(resolved.id).email, "ninety days are not over"

    pass_days(days(41, 1), days(YEAR, 1))
    asked, judged, linked, resolved = (db.session.get_one(Feedback, each) for each in ids)
    assert contact_of(resolved.id).email is None
    assert words_of(resolved.id).text, "words are kept for two years"
    for still_open in (asked, judged, linked):
        assert contact_of(still_open.id).email, "nothing of an open case goes"
    assert word(YEAR)["silent"] == 1
    with at(days(YEAR)):
        path = f"/track/{tracking_token(resolved.id)}/reopen"
        assert client.post(path, data={"message": "Full again."}).status_code == 303
    assert kinds_at(resolved)[-1] == ("followed", YEAR), "after ninety days a new case goes on with it"
    for feedback in (asked, judged, linked):
        assert len([kind for kind, _day in kinds_at(feedback) if kind in ("resumed", "verdict")]) <= 1, "once"
    assert db.session.query(Promise).filter(Promise.dead_at.is_not(None)).count() == 0
