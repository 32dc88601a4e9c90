"""Migrations go up, down and up again, with data; what they make is what the models say; on the database under test."""

import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from app import create_app
from app.analysis import search
from app.cases import actions, provider_links
from app.cases.models import LinkDisclosure, ProviderLink
from app.config import Config
from app.digest import actions as digests
from app.digest.models import Sending
from app.digest.timing import When
from app.directory.phrases import USUAL
from app.extensions import db
from app.kernel import clock
from app.kernel.database import Base
from app.kernel.words import Actor
from app.transparency import actions as publishing
from tests import factories
from tests.conftest import DATA_KEY
from tests.web.cases_story import sent
from tests.web.inbox_marks_story import everything_happens, marks


@pytest.fixture
def fresh(database_url, tmp_path: Path):
    """An application whose database is empty: not even tables."""
    if database_url.startswith("postgresql"):
        url = make_url(database_url).set(drivername="postgresql+psycopg")
        name = f"test_{uuid.uuid4().hex[:12]}"
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        target = url.set(database=name).render_as_string(hide_password=False).replace("+psycopg", "")
    else:
        target = f"sqlite:///{tmp_path / 'fresh.db'}"
    settings = {"DATABASE_URL": target, "SECRET_KEY": "test", "DATA_KEYS": DATA_KEY}
    app = create_app(Config.from_environment(settings, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if database_url.startswith("postgresql"):
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def ours(_object, name, _kind, _reflected, _other):
    return not (name or "").startswith(("feedback_search", "ix_feedback_search"))


def test_up_down_and_up_with_data(fresh):
    upgrade()
    factories.riverside()
    db.session.remove()

    downgrade(revision="base")
    left = {name for name in inspect(db.engine).get_table_names() if name != "alembic_version"}
    assert left == set()
    db.engine.dispose()

    upgrade()
    assert factories.hillside().agency.id
    assert {"case", "event", "promise", "feedback"} <= set(inspect(db.engine).get_table_names())


def test_what_is_there_survives_the_fifth_migration_and_its_undoing(fresh):
    upgrade(revision="0004")
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO agency (id, slug, name, timezone, calendar, languages)"
                " VALUES (1, 'riverside', '\"Riverside\"', 'Asia/Shanghai', '{}', '[]')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO member (id, email, name, active, language, fs_uniquifier)"
                " VALUES (1, 'ann@riverside.example', 'Ann', true, 'en', 'x')"
            )
        )
        connection.execute(text("INSERT INTO membership (id, member_id, agency_id, role) VALUES (1, 1, 1, 'manager')"))
    for revision in ("0005", "0004", "0005"):
        (upgrade if revision == "0005" else downgrade)(revision=revision)
        db.engine.dispose()

    with db.engine.connect() as connection:
        membership = connection.execute(text("SELECT role, is_on_duty, is_safeguarding_officer FROM membership")).one()
        hours = connection.scalar(text("SELECT safeguarding_hours FROM agency"))
    assert (membership.role, bool(membership.is_on_duty), bool(membership.is_safeguarding_officer)) == (
        "manager",
        False,
        False,
    )
    assert hours == 8
    for wrong in (
        "UPDATE agency SET safeguarding_hours = 0",
        "UPDATE membership SET agency_id = NULL, role = 'administrator', is_on_duty = true",
        # What was there before keeps its conditions.
        "UPDATE membership SET role = 'staff'",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(wrong))


def test_the_seventh_migration_looks_once_at_what_is_open(fresh):
    upgrade(revision="0006")
    with db.engine.begin() as connection:
        for statement in (*A_JUDGED_COMPLAINT, A_CASE):
            connection.execute(text(statement))
    for revision in ("0007", "0006", "0007"):
        (upgrade if revision == "0007" else downgrade)(revision=revision)
        db.engine.dispose()

    with db.engine.connect() as connection:
        case = connection.execute(text('SELECT submitted_at, escalate_at, status FROM "case"')).one()
        quiet = connection.execute(text("SELECT quiet_from, quiet_until FROM agency")).one()
    assert (case.escalate_at, case.status) == (case.submitted_at, "open")
    assert tuple(quiet) == (20, 7)
    for wrong in (
        "UPDATE agency SET quiet_from = 24",
        "INSERT INTO escalation (id, agency_id, feedback_id, limit_kind, step, told_at)"
        " VALUES (1, 1, 1, 'respond', 70, '2026-01-02 08:00:00')",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(wrong))


def test_verdicts_survive_the_way_up_and_their_steps_leave_on_the_way_down(fresh):
    """From before there were verdicts as rows, with a verdict that a history brought, and back again."""
    upgrade(revision="0001")
    with db.engine.begin() as connection:
        for statement in A_JUDGED_COMPLAINT:
            connection.execute(text(statement))
    upgrade()

    with db.engine.begin() as connection:
        (row,) = connection.execute(text("SELECT feedback_id, stage, attribution, is_drawn FROM verdict")).all()
        assert (row.feedback_id, row.stage, row.attribution, bool(row.is_drawn)) == (1, "stands", "agency", False)
        connection.execute(text(EVENT.format(3, "verdict_proposed", "NULL")))
        assert connection.execute(text("SELECT reply_days, confirm_days, is_small FROM contract")).one()[:2] == (5, 14)
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text(EVENT.format(4, "danced", "NULL")))
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text("UPDATE contract SET reply_days = 0"))

    db.session.remove()
    db.engine.dispose()
    downgrade(revision="0001")
    with db.engine.begin() as connection:
        kinds = connection.execute(text("SELECT kind FROM event ORDER BY id")).scalars().all()
        assert kinds == ["verdict", "verdict"]
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text(EVENT.format(3, "verdict_proposed", "NULL")))
    db.engine.dispose()
    upgrade()


EVENT = (
    "INSERT INTO event"
    " (id, agency_id, feedback_id, at, recorded_at, kind, actor, attribution, has_message, is_imported)"
    " VALUES ({0}, 1, 1, '2026-01-0{0} 09:00:00', '2026-01-05 09:00:00', '{1}', 'agency', {2}, FALSE, FALSE)"
)
A_CASE = (
    'INSERT INTO "case" (id, agency_id, feedback_id, contract_id, provider_id, status, holder, is_imported,'
    " submitted_at, respond_within_hours, calendar, times_reopened, last_event_at, version)"
    " VALUES (1, 1, 1, 1, 1, 'open', 'agency', FALSE, '2026-01-01 08:00:00', 8, '{}', 0, '2026-01-01 08:00:00', 1)"
)
A_JUDGED_COMPLAINT = (
    "INSERT INTO agency (id, slug, name, timezone, calendar, languages) VALUES (1, 'a', '\"A\"', 'UTC', '{}', '[]')",
    "INSERT INTO provider (id, slug, name, kind) VALUES (1, 'p', '\"P\"', 'firm')",
    "INSERT INTO contract (id, agency_id, provider_id, reference, title, service, starts_on, ends_on, waiting_days)"
    " VALUES (1, 1, 1, 'C', '\"C\"', '\"S\"', '2026-01-01', '2026-12-31', 5)",
    "INSERT INTO site (id, agency_id, code, code_key, name) VALUES (1, 1, 'S', 's', '\"S\"')",
    "INSERT INTO feedback (id, agency_id, site_id, contract_id, reference, kind, channel, language, has_text,"
    " is_reachable, submitted_at, recorded_at)"
    " VALUES (1, 1, 1, 1, 'R', 'complaint', 'web', 'en', FALSE, FALSE, '2026-01-01 08:00:00', '2026-01-01 08:00:00')",
    EVENT.format(1, "verdict", "'provider'"),
    EVENT.format(2, "verdict", "'agency'"),
)


def test_contracts_and_letters_survive_the_way_down_from_public_figures_and_up(fresh):
    upgrade()
    world = factories.riverside()
    subscription = digests.subscribe(world.manager.id, world.agency.id)
    digests.wish(world.manager.id, When(2, 3, 17), True)
    db.session.add(Sending(subscription_id=subscription.id, period_start=date(2026, 9, 7), promised_at=clock.now()))
    publishing.choose(world.agency.id, [world.contract.id], [world.contract.id], 10)
    drafted = publishing.draft(world.agency, date(2026, 9, 1), member_id=None)
    publishing.approve(drafted, "Ann Lee", member_id=None, version=drafted.version)
    db.session.commit()
    db.session.remove()

    downgrade(revision="0006")
    db.engine.dispose()
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM contract")) == 2
        assert str(connection.scalar(text("SELECT period_start FROM sending"))) == "2026-09-07"
    db.engine.dispose()
    upgrade()

    with db.engine.connect() as connection:
        assert not any(connection.scalars(text("SELECT is_light_touch FROM contract")))
        assert connection.scalar(text("SELECT count(*) FROM publication")) == 0
    for wrong in (
        "INSERT INTO publication_terms (agency_id, smallest_cell) VALUES (1, 4)",
        "INSERT INTO digest_wish (member_id, every, weekday, hour, with_pdf) VALUES (1, 3, 0, 8, FALSE)",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(wrong))


def test_events_and_members_survive_the_twelfth_migration_and_its_undoing(fresh):
    upgrade(revision="0010")
    with db.engine.begin() as connection:
        for statement in A_JUDGED_COMPLAINT:
            connection.execute(text(statement))
        connection.execute(
            text(
                "INSERT INTO member (id, email, name, active, language, fs_uniquifier)"
                " VALUES (1, 'ann@riverside.example', 'Ann', true, 'en', 'x')"
            )
        )
    link_sent = EVENT.format(3, "link_sent", "NULL")
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text(link_sent))
    for revision in ("0012", "0010", "0012"):
        (upgrade if revision == "0012" else downgrade)(revision=revision)
        db.engine.dispose()
        if revision == "0012":
            with db.engine.begin() as connection:
                connection.execute(text(link_sent))
                connection.execute(text("UPDATE member SET quiet_from = 12, quiet_until = 18"))

    with db.engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM event ORDER BY id")).all() == ["verdict"] * 2 + ["link_sent"]
        assert connection.execute(text("SELECT name, quiet_from FROM member")).one() == ("Ann", 12)
    for wrong in (
        "UPDATE member SET quiet_from = 24",
        "UPDATE member SET quiet_until = NULL",
        EVENT.format(4, "danced", "NULL"),
        "INSERT INTO passkey (id, member_id, name, credential_id, public_key, sign_count, added_at)"
        " VALUES (1, 1, 'Phone', 'x', 'y', -1, '2026-01-02 08:00:00')",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(wrong))


def test_what_is_held_is_not_lost_on_the_way_down(fresh):
    upgrade(revision="0015")
    with db.engine.begin() as connection:
        for statement in A_JUDGED_COMPLAINT:
            connection.execute(text(statement))
    upgrade(revision="0017")
    with db.engine.begin() as connection:
        assert not connection.scalar(text("SELECT is_held FROM feedback"))
        connection.execute(text("UPDATE feedback SET is_held = TRUE"))
        connection.execute(text(EVENT.format(3, "held", "NULL")))
        connection.execute(
            text(
                "INSERT INTO suspicion (feedback_id, agency_id, signs, is_urgent, is_waiting)"
                " VALUES (1, 1, '[\"links\"]', FALSE, TRUE)"
            )
        )
        connection.execute(text("INSERT INTO sent_count (hour, scope, mark, n) VALUES (1, 'site', '1', 1)"))
    for wrong in (
        "UPDATE feedback SET released_at = '2026-01-02 08:00:00'",
        "UPDATE suspicion SET set_aside_at = '2026-01-02 08:00:00'",
        EVENT.format(4, "danced", "NULL"),
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(wrong))
    db.engine.dispose()
    downgrade(revision="0015")

    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT id, kind FROM feedback")).one() == (1, "rating")
        assert connection.scalars(text("SELECT kind FROM event ORDER BY id")).all() == ["verdict", "verdict"]
    db.engine.dispose()
    upgrade()

    with db.engine.connect() as connection:
        assert not connection.scalar(text("SELECT is_held FROM feedback"))


def test_messages_that_were_there_before_are_found_after(fresh):
    upgrade()
    case = actions.case_of(sent(factories.riverside()))
    actions.reply(case, "The lid was mended", by=Actor.AGENCY, member_id=None)
    actions.note(case.feedback, "Gossip", member_id=None)
    db.session.execute(text("DELETE FROM feedback_search"))
    db.session.commit()
    db.session.remove()

    downgrade(revision="0003")
    upgrade()

    assert len(db.session.scalars(search.matching("lid")).all()) == 1
    assert db.session.scalars(search.matching("gossip")).all() == []


def test_the_models_are_what_the_migrations_make(fresh):
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        different = compare_metadata(context, Base.metadata)

    assert different == []


def test_every_check_of_the_models_is_in_the_database(fresh):
    """Alembic compares no CHECK constraints, so their names are compared here."""
    upgrade()

    made = inspect(db.engine)
    missing = {
        table.name: names
        for table in Base.metadata.sorted_tables
        if (names := checks_of(table) - {str(check["name"]) for check in made.get_check_constraints(table.name)})
    }

    assert missing == {}


def checks_of(table) -> set[str]:
    named = {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}
    return {name if name.startswith("ck_") else f"ck_{table.name}_{name}" for name in named}


def test_what_came_by_a_hotline_came_by_phone_on_the_way_down(fresh):
    upgrade(revision="0010")
    with db.engine.begin() as connection:
        for statement in (*A_JUDGED_COMPLAINT, A_CASE):
            connection.execute(text(statement))
    upgrade(revision="0011")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE feedback SET channel = 'hotline'"))
        connection.execute(
            text(
                "INSERT INTO hotline_call (feedback_id, agency_id, number, number_key, taken_in_at)"
                " VALUES (1, 1, 'GD 1', 'gd1', '2026-01-02 08:00:00')"
            )
        )
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text("UPDATE feedback SET channel = 'pigeon'"))
    db.engine.dispose()
    downgrade(revision="0010")

    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT id, channel FROM feedback")).one() == (1, "phone")
        # What was there before keeps its conditions.
        with pytest.raises(IntegrityError):
            connection.execute(text("UPDATE feedback SET channel = 'hotline'"))
    db.engine.dispose()
    upgrade(revision="0011")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE feedback SET channel = 'hotline'"))
        with pytest.raises(IntegrityError):
            connection.execute(text("UPDATE feedback SET rating = 9"))


def test_what_was_to_be_answered_later_than_solved_is_to_be_answered_as_soon_as_solved(fresh):
    upgrade(revision="0017")
    limits = "INSERT INTO {0} (id, agency_id, {1}, respond_within_hours, resolve_within_hours)"
    clause = limits.format("clause", "contract_id, position, code, title, aspects")
    target = limits.format("clause_target", "clause_id, starts_on")
    with db.engine.begin() as connection:
        for statement in A_JUDGED_COMPLAINT:
            connection.execute(text(statement))
        connection.execute(text(clause + " VALUES (1, 1, 1, 0, '1', '\"A\"', '[]', 16, 8)"))
        connection.execute(text(target + " VALUES (1, 1, 1, '2026-02-01', 8, 16)"))
    for revision in ("0018", "0017", "0018"):
        (upgrade if revision == "0018" else downgrade)(revision=revision)
        db.engine.dispose()

    with db.engine.connect() as connection:
        found = [
            tuple(connection.execute(text(f"SELECT respond_within_hours, resolve_within_hours FROM {name}")).one())
            for name in ("clause", "clause_target")
        ]
    assert found == [(8, 8), (8, 16)]
    for name in ("clause", "clause_target"):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(f"UPDATE {name} SET respond_within_hours = 17"))


def test_agencies_that_are_there_get_the_usual_phrases_and_mail_keeps_its_conditions(fresh):
    upgrade(revision="0018")
    with db.engine.begin() as connection:
        for statement in (*A_JUDGED_COMPLAINT, A_CASE):
            connection.execute(text(statement))
    for revision in ("0020", "0018", "0020"):
        (upgrade if revision == "0020" else downgrade)(revision=revision)
        db.engine.dispose()
        if revision == "0020":
            with db.engine.begin() as connection:
                connection.execute(text(A_MAILBOX))
                connection.execute(text(A_MAIL.format(1, "'feedback'", "NULL", 1)))

    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM phrase WHERE agency_id = 1")) == len(USUAL)
        assert not connection.scalar(text("SELECT translates FROM agency"))
    for wrong in (
        A_MAIL.format(2, "'feedback'", "NULL", "NULL"),
        A_MAIL.format(2, "'waiting'", "NULL", "NULL"),
        A_MAIL.format(2, "'message'", "NULL", 1),
        A_MAIL.format(1, "'waiting'", "'no_site'", "NULL"),
        "UPDATE mailbox SET imap_url = 'imaps://desk@mail.example'",
        "INSERT INTO notice (id, agency_id, feedback_id, nth, key, at) VALUES (1, 1, 1, 5, 'k', '2026-01-02 08:00:00')",
        "INSERT INTO call_wish (feedback_id, agency_id, wished_at, done_at)"
        " VALUES (1, 1, '2026-01-02 08:00:00', '2026-01-03 08:00:00')",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(wrong))


A_MAILBOX = (
    "INSERT INTO mailbox (id, agency_id, address, address_key, takes_tags, is_emptied, last_uid)"
    " VALUES (1, 1, 'a@b.example', 'a@b.example', FALSE, FALSE, 0)"
)
A_MAIL = (
    "INSERT INTO incoming_mail (agency_id, mailbox_id, message_key, arrived_at, taken_in_at, state, why, feedback_id)"
    " VALUES (1, 1, '{0}', '2026-01-02 08:00:00', '2026-01-02 08:00:00', {1}, {2}, {3})"
)


def test_the_marks_of_the_inbox_are_reckoned_of_what_is_there(fresh):
    upgrade()
    everything_happens(factories.riverside())
    kept = marks()
    db.session.remove()
    for go, revision in ((downgrade, "0021"), (upgrade, "0023")):
        go(revision=revision)
        db.engine.dispose()

    assert marks() == kept


def test_who_never_came_in_is_invited_after_the_way_up_and_a_member_again_after_the_way_down(fresh):
    upgrade(revision="0023")
    member = "INSERT INTO member (id, email, name, password, active, language, fs_uniquifier, confirmed_at, invited_at)"
    belongs = "INSERT INTO membership (id, member_id, agency_id, role, is_safeguarding_officer, is_on_duty, is_lead)"
    with db.engine.begin() as connection:
        for statement in A_JUDGED_COMPLAINT:
            connection.execute(text(statement))
        for values in (
            "(71, 'in@a.example', 'In', 'x', TRUE, 'en', 'a', '2026-01-02 08:00:00', NULL)",
            "(72, 'out@a.example', '', NULL, TRUE, 'zh', 'b', NULL, '2026-01-02 08:00:00')",
        ):
            connection.execute(text(f"{member} VALUES {values}"))
        connection.execute(text(f"{belongs} VALUES (71, 71, 1, 'officer', FALSE, TRUE, FALSE)"))
        connection.execute(text(f"{belongs} VALUES (72, 72, 1, 'manager', TRUE, FALSE, FALSE)"))
    waiting, members = "SELECT email, role, language FROM invitation", "SELECT member_id FROM membership WHERE id > 70"
    for revision in ("0025", "0024", "0025"):
        (upgrade if revision == "0025" else downgrade)(revision=revision)
        db.engine.dispose()
        with db.engine.connect() as connection:
            if revision == "0025":
                assert connection.execute(text(waiting)).all() == [("out@a.example", "manager", "zh")]
                assert connection.scalars(text(members)).all() == [71]
            else:
                belonging = "SELECT email FROM member JOIN membership ON member.id = member_id WHERE email LIKE 'out%'"
                assert connection.scalars(text(belonging)).all() == ["out@a.example"]

    invitation = "INSERT INTO invitation (email, agency_id, role, is_safeguarding_officer, language, invited_at) VALUES"
    for wrong in (
        "('out@a.example', 1, 'viewer', FALSE, 'en', '2026-01-02 08:00:00')",
        "('A@a.example', 1, 'viewer', FALSE, 'en', '2026-01-02 08:00:00')",
        "('b@a.example', 1, 'staff', FALSE, 'en', '2026-01-02 08:00:00')",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(f"{invitation} {wrong}"))


def test_what_was_forgotten_of_links_and_seen_of_photos_survives_the_thirtieth_migration_and_its_undoing(fresh):
    upgrade()
    world = factories.riverside()
    case = actions.case_of(sent(world))
    link = provider_links.send(case, email="desk@clearway.example", language="en", member_id=world.officer.id)
    provider_links.show_contact(link, "To call")
    provider_links.show_photos(link)
    provider_links.forget_addresses(case.feedback, link.expires_at + timedelta(days=1))
    db.session.commit()
    link_id = link.id
    db.session.remove()

    downgrade(revision="0029")
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT length(email_sealed) FROM provider_link")) == 0
        assert connection.scalar(text("SELECT count(*) FROM link_disclosure")) == 1, (
            "whoever comes before knows one kind"
        )
    upgrade()

    found = db.session.get_one(ProviderLink, link_id)
    assert provider_links.address_of(found) is None
    assert db.session.scalars(select(LinkDisclosure.what)).all() == ["contact"]


def test_what_waits_to_be_told_and_is_on_hold_goes_down_and_up(fresh):
    upgrade(revision="0031")
    with db.engine.begin() as connection:
        for statement in (*A_JUDGED_COMPLAINT, A_CASE):
            connection.execute(text(statement))
    upgrade(revision="0032")
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO watch_threshold VALUES (1, 'unanswered_cases', 4), (1, 'pause_cases', 5)"))
        connection.execute(text("DELETE FROM verdict"))
        connection.execute(
            text(
                "INSERT INTO verdict (feedback_id, agency_id, stage, judged_at, is_drawn)"
                " VALUES (1, 1, 'reply', '2026-01-02 08:00:00', false)"
            )
        )
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text("INSERT INTO watch_threshold VALUES (1, 'weather', 4)"))
    db.engine.dispose()
    downgrade(revision="0031")

    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT name, value FROM watch_threshold")).one() == ("pause_cases", 5)
        assert connection.execute(text("SELECT count(*) FROM verdict WHERE reply_by = judged_at")).scalar() == 1
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text("UPDATE verdict SET reply_by = NULL"))
    db.engine.dispose()
    upgrade(revision="0032")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE verdict SET reply_by = NULL"))
