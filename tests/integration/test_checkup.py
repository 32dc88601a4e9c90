"""``flask check`` finds what is wrong with an installation, says how to mend it, and is silent about what is right."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from flask_migrate import upgrade

from app import create_app
from app.checkup import check_up
from app.config import Config
from app.extensions import db
from app.kernel import clock
from app.outbox.models import Promise
from tests.conftest import DATA_KEY
from tests.mail_sink import listening


@pytest.fixture
def place(tmp_path):
    """An installation of its own, as somebody made it a minute ago."""
    app = create_app(Config.from_environment({"DATA_KEYS": DATA_KEY, "SECRET_KEY": "test"}, tmp_path))
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def found(config):
    return {name: [each.what for each in troubles] for name, troubles in check_up(config) if troubles}


def run(app):
    return app.test_cli_runner().invoke(args=["check"])


def test_a_new_installation_is_well_and_told_that_its_letters_reach_nobody(place, tmp_path):
    done = run(place)

    assert done.exit_code == 0, done.output
    assert "migrations: ok" in done.output
    assert f"note: letters go into {tmp_path / 'mail'}, to nobody. To mend it: set MAIL_SERVER." in done.output


def test_without_its_tables_it_is_told_how_to_make_them(tmp_path):
    app = create_app(Config.from_environment({"DATA_KEYS": DATA_KEY, "SECRET_KEY": "test"}, tmp_path))

    done = run(app)

    assert done.exit_code == 1
    assert "WRONG: the tables are at migration none" in done.output
    assert "To mend it: flask db upgrade." in done.output
    assert "Traceback" not in done.output
    with app.app_context():
        db.engine.dispose()


def test_work_that_is_late_or_was_given_up_is_told(place):
    at = clock.now() - timedelta(hours=1)
    late = Promise(topic="feedback.read", payload={}, made_at=at, due_at=at)
    dead = Promise(topic="feedback.read", payload={}, made_at=at, due_at=at, dead_at=at, last_error="no")
    db.session.add_all([late, dead])
    db.session.commit()

    told = found(place.config["CONFIG"])["work"]

    assert told == ["a promise is due since 60 minutes", "1 promises were given up"]
    assert run(place).exit_code == 1


def test_a_clock_that_went_back_is_told(place):
    at = clock.now() + timedelta(days=2)
    db.session.add(Promise(topic="feedback.read", payload={}, made_at=at, due_at=at))
    db.session.commit()

    assert "which is still to come" in found(place.config["CONFIG"])["clock"][0]


def test_a_mail_server_that_lets_us_in_is_well_and_a_closed_door_is_told(place):
    config = place.config["CONFIG"]
    with listening() as sink:
        reachable = replace(config, mail_server="127.0.0.1", mail_port=sink.port, mail_tls="none")
        assert "mail" not in found(reachable)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = replace(reachable, mail_port=taken.getsockname()[1])
        (told,) = found(closed)["mail"]
    assert "does not let us in (ConnectionRefusedError)" in told


def test_an_open_address_on_the_internet_is_told(place):
    told = found(replace(place.config["CONFIG"], public_url="http://feedback.example.org"))["settings"]

    assert told[0].startswith("PUBLIC_URL is http://feedback.example.org")
    assert any("TRUSTED_PROXIES" in each for each in told)


def test_a_database_that_is_away_is_told_and_the_rest_is_looked_at(tmp_path):
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "QUEUE_URL": f"sqlite:///{tmp_path / 'queue.db'}"}
    app = create_app(Config.from_environment(away | {"DATA_KEYS": DATA_KEY, "SECRET_KEY": "test"}, tmp_path))

    done = run(app)

    assert done.exit_code == 1
    assert "WRONG: the database does not answer" in done.output
    assert "files: ok" in done.output
    assert "nobody" not in done.output.partition("mail:")[0]
