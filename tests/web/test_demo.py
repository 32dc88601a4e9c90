"""The demo is loaded once, says how to sign in, and changes nothing the second time."""

from dataclasses import replace

from sqlalchemy import func, select

from app.accounts.models import Membership
from app.cases.models import Case, Event
from app.digest.models import Subscription
from app.extensions import db
from app.intake.models import Feedback
from app.reviews.models import AgreedAction


def counts():
    return [db.session.scalar(select(func.count()).select_from(table)) for table in (Feedback, Case, Event, Membership)]


def test_it_is_loaded_once_and_can_be_looked_at(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "CONFIG", replace(app.config["CONFIG"], var=tmp_path))
    runner = app.test_cli_runner()

    first = runner.invoke(args=["demo"])
    assert first.exit_code == 0, first.output
    assert "The demo is loaded." in first.output
    loaded = counts()
    assert (loaded[0], loaded[1], loaded[3]) == (1500, 500, 8)
    assert db.session.scalar(select(func.count()).select_from(Subscription)) == 2

    assert [bool(each.said_done) for each in db.session.query(AgreedAction).order_by(AgreedAction.due_on)] == [
        True,
        False,
    ]

    second = runner.invoke(args=["demo"])
    assert "nothing changed" in second.output
    assert counts() == loaded

    shown = runner.invoke(args=["demo", "--show"]).output
    kept = tmp_path / "demo_password"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().strip() in shown
    assert "/give/RS-BIN-01" in shown
    assert "staff@sunrise.example" in shown


def test_it_leaves_an_agency_of_the_same_name_alone(app, riverside):
    db.session.commit()
    answer = app.test_cli_runner().invoke(args=["demo"])

    assert answer.exit_code == 1
    assert "already that is not the demo's" in answer.output
    assert counts()[0] == 0


def test_it_says_when_it_is_not_loaded(app):
    answer = app.test_cli_runner().invoke(args=["demo", "--show"])

    assert answer.exit_code == 0
    assert "not loaded" in answer.output
