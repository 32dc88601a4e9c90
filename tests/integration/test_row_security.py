"""On PostgreSQL, whoever owns the tables: queries that forget the viewer find nobody else's rows."""

import uuid
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import g, session
from flask_migrate import upgrade
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from app import create_app
from app.analysis.models import AnswerReading
from app.audit.models import AuditEntry
from app.cases import actions as cases
from app.cases import moving
from app.cases.models import Case, Event
from app.cases.words import MessageWords
from app.checkup import check_up
from app.config import Config
from app.directory import actions as directory
from app.directory.models import Figure
from app.directory.rules import ENTERED
from app.extensions import db
from app.gaming_watch import actions as watch
from app.gaming_watch.models import WatchThreshold
from app.gaming_watch.rules import Threshold
from app.intake.models import Answer, Feedback, QuestionsAsked, Suspicion
from app.intake.words import AnswerWords, FeedbackWords
from app.kernel import clock
from app.kernel.database import Base
from app.kernel.row_security import POLICIES
from app.kernel.words import ActionStep, Actor, Holder, Source
from app.measures import actions as measures
from app.measures.models import Changed, ContractDay
from app.outbox import running
from app.questions.models import Question, QuestionOption, QuestionSet, QuestionsInUse
from app.reports import actions as reports
from app.reports.models import IssuedFile, IssuedReport
from app.reports.report import build
from app.reviews import actions as reviews
from app.reviews.actions import NewFigure
from app.reviews.models import AgreedAction, AgreedActionNote
from app.web.access import current_viewer
from app.web.transactions import begin_writing
from tests import factories
from tests.browser_client import Browser
from tests.conftest import DATA_KEY
from tests.web.cases_story import MONDAY, sent
from tests.web.questions_story import CHOICE, TEXT, ask
from tests.web.test_give import answers
from tests.web.test_routes_and_roles import TARGET


@contextmanager
def installed(database_url, folder: Path, *, owns: bool):
    """An application whose role owns nothing and may read and write what is the owner's, or owns all."""
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has no row-level security")
    owner = make_url(database_url).set(drivername="postgresql+psycopg")
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(owner, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        connection.execute(text(f"CREATE DATABASE {name}" + (f" OWNER {name}" if owns else "")))
    urls = [
        owner.set(database=name, **more).render_as_string(hide_password=False).replace("+psycopg", "")
        for more in ({}, {"username": name})
    ]
    settings = {
        "DATABASE_URL": urls[1],
        "QUEUE_URL": f"sqlite:///{folder / 'queue.db'}",
        "SECRET_KEY": "test",
        "DATA_KEYS": DATA_KEY,
        "PUBLIC_URL": "http://localhost",
    }
    if not owns:
        settings["DATABASE_OWNER_URL"] = urls[0]
    app = create_app(Config.from_environment(settings, folder))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    with app.app_context():
        upgrade()
        if not owns:
            given = create_engine(owner.set(database=name), isolation_level="AUTOCOMMIT")
            with given.connect() as connection:
                rights = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES", "USAGE ON ALL SEQUENCES"
                for right in rights:
                    connection.execute(text(f"GRANT {right} IN SCHEMA public TO {name}"))
            given.dispose()
        yield app
        db.session.remove()
        db.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}"))
    admin.dispose()


@pytest.fixture
def walled(database_url, tmp_path: Path):
    """As it should be: migrated by the owner, run by a role that owns nothing."""
    with installed(database_url, tmp_path, owns=False) as app:
        yield app


@pytest.fixture
def owning(database_url, tmp_path: Path):
    """As it is where DATABASE_URL alone is given: the application owns its tables."""
    with installed(database_url, tmp_path, owns=True) as app:
        yield app


@pytest.fixture
def two(walled):
    """Two agencies, each with a complaint that was answered; in the first one the other provider has one too."""
    worlds = factories.riverside(), factories.hillside()
    for world in worlds:
        feedback = sent(world)
        cases.reply(cases.case_of(feedback), "We look into it.", by=Actor.AGENCY, member_id=world.officer.id)
    db.session.commit()
    return worlds


def found(models=(Feedback, FeedbackWords, Case, Event, MessageWords)):
    """What queries find that know of no viewer, by table."""
    return {model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) for model in models}


def as_seen_by(app, member, find=found):
    db.session.rollback()
    with app.test_request_context("/inbox"):
        forget_who_looked()
        session["_user_id"], session["_fresh"] = member.fs_uniquifier, True
        assert current_viewer().member_id == member.id
        seen = find()
        db.session.rollback()
        # In the next transaction too.
        assert find() == seen
    forget_who_looked()
    db.session.rollback()
    return seen


def forget_who_looked():
    """The test's own application context outlives requests."""
    for name in list(g):
        g.pop(name)


def test_every_table_about_feedback_is_behind_the_wall():
    about = {
        name
        for name, table in Base.metadata.tables.items()
        if {"agency_id", "feedback_id"} <= {column.name for column in table.columns}
    }

    assert about - POLICIES.keys() == set()


OPEN = {
    # Who is who, and which house has which contracts, clauses and sites: no personal data of residents, and pages of
    # residents, public pages and the other side of a contract need them.
    *(
        "agency",
        "provider",
        "contract",
        "contract_site",
        "clause",
        "clause_target",
        "kpi",
        "kpi_name",
        "kpi_target",
        "site",
    ),
    # Somebody may belong to several houses, changes between them and answers invitations of others on one page; and
    # an agency's links and letters go to the people of its providers.
    *("membership", "invitation"),
    # Of members themselves: for whatever house they look.
    *("member", "passkey", "digest_wish", "subscription", "sending", "returned_mail", "security_role"),
    # Under one key something is promised once, whoever asks: also a letter that two agencies owe the same person.
    "promise",
    # Lengths and hashes alone; whatever is done goes to the end of the chain of whom it is about.
    "audit_chain",
    # What is on its way to the public page.
    *("publication", "publication_freeze", "publication_terms", "published_contract"),
    # Of residents who are not known yet.
    *("staged_photo", "pin_try", "daily_salt", "sent_count"),
}


def test_a_new_table_is_behind_the_wall_or_named_here():
    assert Base.metadata.tables.keys() - POLICIES.keys() == OPEN


def test_a_query_that_forgets_the_viewer_finds_only_what_is_theirs(walled, two):
    riverside, hillside = two
    whole = found()
    assert whole["feedback"] == 2
    assert min(whole.values()) >= 2

    half = {name: number // 2 for name, number in whole.items()}
    assert as_seen_by(walled, riverside.officer) == half
    assert as_seen_by(walled, hillside.officer) == half
    assert as_seen_by(walled, riverside.staff) == half
    assert set(as_seen_by(walled, riverside.other_staff).values()) == {0}
    assert found() == whole, "what was said for a request ends with it"


def test_the_owner_is_behind_it_as_well_and_every_table_of_it_is_forced(owning):
    two = factories.riverside(), factories.hillside()
    for world in two:
        cases.reply(cases.case_of(sent(world)), "Soon.", by=Actor.AGENCY, member_id=world.officer.id)
    db.session.commit()
    whole = found()

    assert as_seen_by(owning, two[0].officer) == {name: number // 2 for name, number in whole.items()}
    assert set(as_seen_by(owning, two[0].other_staff).values()) == {0}
    forced = db.session.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
    assert set(forced) == POLICIES.keys()
    policies = db.session.execute(text("SELECT tablename FROM pg_policies WHERE policyname = 'second_wall'"))
    assert {name for (name,) in policies} == POLICIES.keys()


def told_of_the_wall(app):
    (told,) = [troubles for name, troubles in check_up(app.config["CONFIG"]) if name == "database"]
    return [(each.what.split(":")[0], each.is_grave) for each in told]


def test_the_check_says_whether_the_wall_holds_and_who_could_take_it_down(walled):
    assert told_of_the_wall(walled) == []


def test_the_check_tells_who_owns_the_tables(owning):
    ((what, is_grave),) = told_of_the_wall(owning)
    assert "owns the tables, so it could take down row-level security" in what
    assert not is_grave
    said = owning.test_cli_runner().invoke(args=["check"]).output
    assert "note: the role test_" in said
    assert "see docs/security.md" in said


def test_the_check_tells_whom_the_wall_does_not_hold(app):
    """Tests run as a superuser, for whom there is none."""
    if db.engine.dialect.name != "postgresql":
        assert told_of_the_wall(app) == []
        return
    ((what, is_grave),) = told_of_the_wall(app)
    assert "row-level security does not hold for the role" in what
    assert not is_grave


def test_reports_figures_and_the_audit_are_behind_it(walled):
    """Each agency has an issued report and a draft, a figure, a threshold and entries of the audit."""
    worlds = factories.riverside(), factories.hillside()
    for world in worlds:
        reports.draft(
            world.contract, build(world.contract, start=date(2026, 7, 1), end=date(2026, 9, 30)), member_id=None
        )
        period = {"start": date(2026, 10, 1), "end": date(2026, 12, 31)}
        report = reports.draft(world.contract, build(world.contract, **period), member_id=world.manager.id)
        reports.send(report, version=report.version)
        reports.state(report, "So be it.", member_id=None, version=report.version)
        reports.issue(report, member_id=None, version=report.version)
        reports.keep_files(report.id, {("pdf", "en"): b"%PDF"})
        kpi = directory.add_kpi(world.contract, "E1", ENTERED, "Bins found clean", TARGET)
        new = NewFigure(date(2026, 11, 1), date(2026, 11, 30), 9, 10, Source.INSPECTION, "list.pdf", b"seen")
        reviews.enter(world.contract, kpi, new, member_id=world.officer.id, name="Officer")
        watch.set_thresholds(world.agency.id, {Threshold.QUICK_CASES: 7})
    db.session.commit()
    models = (IssuedReport, IssuedFile, Figure, WatchThreshold)

    def seen():
        mine = db.session.scalars(select(AuditEntry.agency_id).where(AuditEntry.agency_id.is_not(None)).distinct())
        return found(models), set(mine)

    whole = {"issued_report": 4, "issued_file": 2, "figure": 2, "watch_threshold": 2}
    agencies = [world.agency.id for world in worlds]
    assert seen() == (whole, set(agencies))
    half = {name: number // 2 for name, number in whole.items()}
    for world, agency_id in zip(worlds, agencies, strict=True):
        assert as_seen_by(walled, world.officer, seen) == (half, {agency_id})
    for_provider = {"issued_report": 1, "issued_file": 1, "figure": 1, "watch_threshold": 0}
    assert as_seen_by(walled, worlds[0].staff, seen) == (for_provider, set()), "a draft is the agency's alone"
    assert as_seen_by(walled, worlds[0].other_staff, seen) == (dict.fromkeys(whole, 0), set())


def test_what_is_held_for_review_is_between_resident_and_agency(walled, two):
    riverside, hillside = two
    people = [riverside.officer, riverside.staff, hillside.officer]
    resident = walled.test_client()
    form = answers(resident.get("/give/RS-001?lang=en").page, homepage="https://a.example")
    assert resident.post("/give/RS-001", data=form).status_code == 303
    officer, staff, stranger = [db.session.merge(each) for each in people]

    def held():
        return db.session.scalar(select(func.count()).select_from(Feedback).where(Feedback.is_held)), *found(
            (Suspicion,)
        ).values()

    assert as_seen_by(walled, officer, held) == (1, 1)
    assert as_seen_by(walled, staff, held) == (0, 0)
    assert as_seen_by(walled, stranger, held) == (0, 0)
    assert as_seen_by(walled, staff)["feedback_words"] == 1, "nor its words"


def test_questions_and_answers_are_behind_it_as_well(walled, two):
    for world in two:
        ask(world, TEXT, CHOICE)
    for code in ("RS-001", "HS-001"):
        resident = walled.test_client()
        form = answers(resident.get(f"/give/{code}?lang=en").page)
        form |= {"q-text2345": "More often.", "q-which234": "glass234"}
        assert resident.post(f"/give/{code}", data=form).status_code == 303
        running.run_all(walled.extensions["handlers"])

    def all_of_it():
        asked = (QuestionSet, QuestionsInUse, Question, QuestionOption)
        return found((*asked, QuestionsAsked, Answer, AnswerWords, AnswerReading))

    riverside, hillside = two
    people = [riverside.officer, hillside.officer, riverside.staff, riverside.other_staff]
    officer, stranger, staff, other_staff = [db.session.merge(each) for each in people]
    whole = all_of_it()
    assert min(whole.values()) == 2
    half = {name: number // 2 for name, number in whole.items()}
    assert as_seen_by(walled, officer, all_of_it) == half
    assert as_seen_by(walled, stranger, all_of_it) == half
    assert as_seen_by(walled, staff, all_of_it) == half
    assert set(as_seen_by(walled, other_staff, all_of_it).values()) == {0}
    manager = walled.test_client().sign_in(db.session.merge(riverside.manager))
    page = manager.get("/contracts/C-001/questions?lang=en").page
    seen = page.select_one("[name=seen]")["value"]
    moved = manager.post("/contracts/C-001/questions/text2345/move", data={"to": "down", "seen": seen})
    assert moved.status_code == 303


def test_what_was_agreed_and_said_about_it_is_behind_it_too(walled, two):
    riverside, hillside = two
    for world in two:
        agreed = reviews.agree_on(
            world.contract,
            "Two crews",
            side=Holder.PROVIDER,
            who="Lead",
            due_on=world.contract.ends_on,
            member_id=world.manager.id,
        )
        reviews.say(
            agreed,
            ActionStep.NOTED,
            "Soon.",
            "Asia/Shanghai",
            side=Holder.AGENCY,
            member_id=world.manager.id,
            name="Ann",
        )
    db.session.commit()
    models = (AgreedAction, AgreedActionNote)
    half = {"agreed_action": 1, "agreed_action_note": 1}
    assert found(models) == {"agreed_action": 2, "agreed_action_note": 2}

    for member in (riverside.manager, riverside.staff, hillside.manager):
        assert as_seen_by(walled, member, lambda: found(models)) == half
    assert as_seen_by(walled, riverside.other_staff, lambda: found(models)) == dict.fromkeys(half, 0)
    address = (
        f"/contracts/C-001/actions/{db.session.scalars(select(AgreedAction.id).order_by(AgreedAction.id)).first()}"
    )
    bob = walled.test_client().sign_in(riverside.staff)
    assert bob.post(address, data={"step": "said_done"}).status_code == 303
    assert walled.test_client().sign_in(riverside.manager).post(address, data={"step": "accepted"}).status_code == 303


def test_writing_for_another_agency_is_refused(walled, two):
    riverside, hillside = two
    db.session.rollback()
    db.session.execute(text(f"SELECT set_config('answerable.sees', 'agency {riverside.agency.id}', true)"))

    changed = db.session.execute(text("UPDATE feedback SET rating = 5"))
    assert changed.rowcount == 1
    with pytest.raises(Exception, match="row-level security"):
        db.session.execute(text(f"UPDATE feedback SET agency_id = {hillside.agency.id}"))
    db.session.rollback()


def test_who_says_nothing_sees_nothing(walled, two):
    db.session.rollback()
    db.session.execute(text("SELECT set_config('answerable.sees', '', true)"))

    assert set(found().values()) == {0}
    db.session.rollback()


def test_everything_works_behind_the_wall(walled, two):
    riverside, hillside = two
    resident = walled.test_client()
    form = answers(resident.get("/give/RS-001?lang=en").page, email="li@example.org")
    receipt = resident.post("/give/RS-001", data=form).location
    assert resident.get(receipt).status_code == 200
    agency_id = hillside.agency.id
    running.run_all(walled.extensions["handlers"])
    reference = db.session.scalars(select(Feedback.reference).order_by(Feedback.id.desc())).first()
    foreign = db.session.scalars(select(Feedback.reference).where(Feedback.agency_id == agency_id)).one()

    officer = walled.test_client().sign_in(db.session.merge(riverside.officer))
    assert officer.get(f"/cases/{foreign}").status_code == 404
    for deed, more in (
        ("looked", {}),
        ("words", {}),
        ("contact", {"reason": "to call"}),
        ("assign", {"note": ""}),
        ("note", {"note": "Gossip"}),
        ("link", {"email": "desk@clearway.example", "language": "en"}),
        ("link/revoke", {}),
        ("verdict", {"attribution": "provider", "grounds": "Nobody came."}),
    ):
        version = version_of(officer, reference)
        done = officer.post(f"/cases/{reference}/{deed}", data={"version": version, **more})
        assert done.status_code < 400, (deed, done.text)
    manager = walled.test_client().sign_in(db.session.merge(riverside.manager))
    for path in ("/inbox", "/reports/C-001", "/contracts/C-001", "/audit", "/people", "/members", "/undelivered"):
        assert manager.get(path).status_code == 200, path
    sought = manager.post("/people", data={"contact": "li@example.org", "reason": "They asked"})
    assert reference in sought.text

    staff = walled.test_client().sign_in(db.session.merge(riverside.staff))
    assert reference in staff.get("/inbox").text
    sent_back = staff.post(
        f"/cases/{reference}/reply", data={"version": version_of(staff, reference), "message": "A crew comes."}
    )
    assert sent_back.status_code == 303
    assert staff.get("/reports/C-001").status_code == 200
    stranger = walled.test_client().sign_in(db.session.merge(riverside.other_staff))
    assert stranger.get(f"/cases/{reference}").status_code == 404
    begin_writing()
    db.session.commit()
    running.run_all(walled.extensions["handlers"])


def test_a_provider_counts_no_more_what_was_moved_away_from_it(walled):
    riverside = factories.riverside()
    with clock.set_to(MONDAY):
        feedback = sent(riverside)
    with clock.set_to(MONDAY + timedelta(days=3)):
        count_anew()
        staff = walled.test_client().sign_in(riverside.staff)
        assert received_by(staff) == 1
        moving.move(
            cases.case_of(feedback),
            riverside.other_contract,
            "It is a visit.",
            member_id=riverside.manager.id,
            is_manager=True,
        )
        db.session.commit()

        # The day is kept as it was, and those who are not let see the feedback any more must not believe it.
        assert db.session.scalar(select(ContractDay.feedback).where(ContractDay.feedback > 0)) == 1
        assert received_by(staff) == 0
        count_anew()
        assert db.session.scalar(select(Changed.id).limit(1)) is None
        assert received_by(staff) == 0


def count_anew():
    deed, _ = measures.follow()
    deed()
    db.session.commit()


def received_by(visitor):
    report = visitor.get("/reports/C-001.json?start=2026-11-02&end=2026-11-08").json
    forget_who_looked()
    db.session.rollback()
    return report["measures"]["received"]["value"]


def version_of(visitor, reference):
    return visitor.get(f"/cases/{reference}").page.select_one("input[name=version]")["value"]
