"""Every route for every role: who may come in is written in a table, said by the view and kept by the door."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event

from app import create_app
from app.accounts import actions as accounts
from app.accounts.models import Membership
from app.accounts.rules import House
from app.cases import actions as cases
from app.cases import provider_links
from app.directory import actions as directory
from app.directory import phrases
from app.directory.rules import ENTERED
from app.extensions import db, tries
from app.intake import actions as intake
from app.intake import photo_keeping
from app.intake.models import Feedback, Photo
from app.intake.photo_keeping import Filed
from app.intake.rules import NewFeedback
from app.kernel import clock
from app.kernel.periods import Period
from app.kernel.words import Basis, Channel, Direction, FeedbackKind, Holder, PhotoStatus, Role, Source
from app.outbox.actions import promise
from app.outbox.models import Promise
from app.reports import actions as reports
from app.reports import issued_overview
from app.reports.models import IssuedReport
from app.reports.queries import ContractsOf
from app.reports.report import build
from app.reviews import actions as reviews
from app.reviews.actions import NewFigure
from app.transparency import actions as publishing
from app.web.transactions import WRITING
from tests import factories
from tests.web.guests import GUESTS
from tests.web.mail_story import come, letter, mailbox
from tests.web.questions_story import CHOICE, YES_NO, ask

# flask-security guards its own pages, and files are for everybody.
OTHERS_OWN = frozenset(
    {
        "static",
        "security.static",
        "security.login",
        "security.logout",
        "security.forgot_password",
        "security.reset_password",
        "security.change_password",
        "security.two_factor_token_validation",
        "security.mf_recovery",
        # Not used: each answers that there is no such page.
        "security.two_factor_setup",
        "security.two_factor_setup_validate",
        "security.two_factor_rescue",
        "security.tf_select",
        "security.mf_recovery_codes",
    }
)
TARGET = {
    "basis": Basis.RAW,
    "direction": Direction.AT_LEAST,
    "target": 0.9,
    "approaching": 0.8,
    "inadequate": 0.6,
    "minimum_n": 5,
    "binds_from": None,
}
CONTRACTS = ("directory", "overviews", "posters", "preview", "questions", "reports", "reviews", "setting_up")
"""Stages whose pages go by the reference of a contract."""

PEOPLE = ("nobody", "viewer", "officer", "manager", "staff", "lead", "administrator", "stranger")
"""Everybody by the role of the table they come in with; ``stranger`` is the manager of another agency."""

LEADS_ALONE = frozenset(endpoint for endpoint, guests in GUESTS.items() if "lead" in guests.split())
"""What a provider's staff find only if they lead: for the others it is not there."""


def endpoints():
    """Ours, by method: taken from the application itself, so that no new page is forgotten."""
    app = create_app()
    return sorted(
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint not in OTHERS_OWN
    )


ROUTES = endpoints()


@pytest.fixture
def world(riverside, hillside):
    """Something for every address to lead to: a case, a member, a dead promise."""
    tries.reset()
    new = NewFeedback(
        agency_id=riverside.agency.id,
        site_id=riverside.site.id,
        contract_id=riverside.contract.id,
        kind=FeedbackKind.COMPLAINT,
        rating=1,
        text="The bin was left full.",
        place="",
        email="resident@example.org",
        phone="",
        is_shared=True,
        language="en",
        channel=Channel.WEB,
        submitted_at=datetime(2026, 11, 2, 3, 0, tzinfo=UTC),
    )
    feedback = db.session.get_one(Feedback, intake.receive(intake.make_ready(new)).id)
    cases.open_for(feedback)
    dead = db.session.get_one(Promise, promise("digest.send", agency_id=riverside.agency.id, sending_id=1))
    dead.dead_at, dead.last_error = dead.made_at, "TimeoutError"
    people = {
        "viewer": riverside.viewer,
        "officer": riverside.officer,
        "manager": riverside.manager,
        "staff": riverside.staff,
        "lead": factories.member("lead@clearway.example", Role.STAFF, provider=riverside.provider),
        "administrator": factories.administrator(),
        "stranger": hillside.manager,
    }
    people["lead"].memberships[0].is_lead = True
    agreed = reviews.agree_on(
        riverside.contract,
        "Send two crews on Mondays",
        side=Holder.PROVIDER,
        who="Site lead",
        due_on=date(2026, 12, 1),
        member_id=riverside.manager.id,
    )
    inspected = directory.add_kpi(riverside.contract, "E1", ENTERED, "Bins found clean", TARGET)
    new = NewFigure(date(2026, 11, 1), date(2026, 11, 30), 9, 10, Source.INSPECTION, "list.pdf", b"seen")
    figure = reviews.enter(riverside.contract, inspected, new, member_id=riverside.officer.id, name="Officer")
    filed = Filed("20261102T0300-" + "a" * 32, "0" * 64, 4, 3, 100)
    photo_keeping.keep(feedback.agency_id, feedback.id, [filed], status=PhotoStatus.WAITING)
    other = db.session.query(Membership).filter_by(member_id=riverside.second_officer.id).one()
    link = provider_links.send(
        cases.case_of(feedback), email="desk@clearway.example", language="en", member_id=riverside.officer.id
    )
    mail = come(mailbox(riverside, "help@riverside.example"), letter())
    values = {
        "reference": feedback.reference,
        "membership_id": other.id,
        "invitation_id": accounts.invite(
            "dora@riverside.example", Role.VIEWER, House(agency_id=riverside.agency.id)
        ).id,
        "promise_id": dead.id,
        "code": riverside.site.code,
        "token": intake.tracking_token(feedback.id),
        "link_token": provider_links.token_of(link),
        "photo_id": db.session.query(Photo.id).scalar(),
        "staged": filed.name,
        "signed": "one that has run out",
        "name": "trend",
        "report_id": issued_of(riverside.contract),
        "overview_id": overview_of(riverside),
        "kind": "pdf",
        "clause": "1",
        "kpi": "K1",
        "action_id": agreed.id,
        "figure_id": figure.id,
        "slug": riverside.agency.slug,
        "sheet": "sites",
        "form": "csv",
        "placing_id": riverside.contract.placings[0].id,
        "publication_id": publication_of(riverside).id,
        "freeze_id": publishing.freeze(
            riverside.agency.id, date(2027, 5, 1), date(2027, 5, 31), "Elections", member_id=None
        ).id,
        "month": "2026-10",
        "mail_id": mail.id,
        "phrase_id": phrases.add(riverside.agency, {"en": "Thank you."}).id,
        "key": ask(riverside, CHOICE, YES_NO).questions[0].key,
    }
    db.session.commit()
    return people, values


def publication_of(riverside):
    publishing.choose(riverside.agency.id, [riverside.contract.id], [], 10)
    with clock.set_to(datetime(2026, 11, 5, tzinfo=UTC)):
        return publishing.draft(riverside.agency, date(2026, 10, 1), member_id=None)


def issued_of(contract):
    """An issued report with its evidence pack."""
    period = {"start": date(2026, 10, 1), "end": date(2026, 12, 31)}
    report = reports.draft(contract, build(contract, **period), member_id=None)
    reports.send(report, version=report.version)
    reports.state(report, "So be it.", member_id=None, version=report.version)
    reports.issue(report, member_id=None, version=report.version)
    reports.keep_files(report.id, {("pdf", "en"): b"%PDF", ("zip", "en"): b"PK"})
    return report.id


def overview_of(riverside):
    """A report of all contracts, put together from the one that is issued."""
    asked = ContractsOf(riverside.agency, None)
    found = db.session.query(IssuedReport).all()
    period = Period(date(2026, 10, 1), date(2026, 12, 31), riverside.agency.timezone)
    made = issued_overview.put_together_from(found, period, riverside.agency, None)
    kept = reports.issue_overview(asked, made, issued_overview.content_of(made, found), member_id=None)
    reports.keep_overview_files(kept.id, {("pdf", "en"): b"%PDF"})
    return kept.id


def address(app, endpoint, values):
    """A page's address, filled with what is there; contracts and feedback both go by a reference."""
    (rule, *_) = app.url_map.iter_rules(endpoint)
    known = dict(values)
    if endpoint.split(".")[0] in CONTRACTS:
        known["reference"] = "C-001"
    if endpoint.startswith("links."):
        known["token"] = values["link_token"]
    missing = rule.arguments - known.keys()
    assert not missing, f"{endpoint}: tell this test what {missing} can be"
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), rule.rule)


def test_the_table_knows_every_route_and_no_other():
    assert GUESTS.keys() == {endpoint for endpoint, _method in ROUTES}, "tests/web/guests.py: decide who may come"


def test_every_view_lets_in_whom_the_table_names(app):
    wrong = []
    for endpoint, guests in GUESTS.items():
        # Whether somebody leads is asked by the view, as it is no role.
        wanted = "public" if guests == "public" else frozenset(map(Role, guests.replace("lead", "staff").split()))
        found = getattr(app.view_functions[endpoint], "access", None)
        if found != wanted:
            wrong.append(f"{endpoint} lets in {found}, the table says {guests}")

    assert wrong == []


def test_only_named_pages_of_others_are_excepted(app):
    theirs = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(("security", "static"))}

    assert theirs == OTHERS_OWN


def test_views_that_only_read_never_commit(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint in OTHERS_OWN:
            continue
        writes = bool(rule.methods & WRITING)
        assert hasattr(view, "commits") == writes, f"{rule.endpoint}: @commits belongs to views that take a POST"


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_is_for_those_it_names(app, riverside, world, who):
    people, values = world
    if who in ("staff", "lead"):
        values |= of_colleague(riverside.provider)
    wrong = []
    for endpoint, method in ROUTES:
        visitor = app.test_client()
        if who != "nobody":
            visitor.sign_in(db.session.merge(people[who]))
        response = visitor.open(address(app, endpoint, values), method=method)
        if not is_right(response, GUESTS[endpoint], who, method):
            wrong.append(f"{method} {endpoint} for {who}: {response.status_code}")
        restore(values)

    assert wrong == []


def is_right(response, guests, who, method):
    """Whether the answer is what the table promises to this one."""
    status, role = response.status_code, {"stranger": "manager"}.get(who, who)
    if guests == "public":
        return status not in (401, 403) and status < 500
    if who == "nobody" and method == "GET":
        return status == 302 and response.location.startswith("/sign-in")
    if who == "staff" and "lead" in guests.split():
        return status == 404
    if who == "lead" and "lead" in guests.split():
        return status < 400 or status == 422
    if role in guests.replace("lead", "lead staff").split() or (who == "lead" and "staff" in guests.split()):
        return status not in (401, 403) and status < 500
    return status == 403


def of_colleague(provider):
    """Of others at a provider: what who leads there may change, and others there may not."""
    colleague = factories.member("colleague@clearway.example", Role.STAFF, provider=provider)
    asked = accounts.invite("new@clearway.example", Role.STAFF, House(provider_id=provider.id))
    db.session.commit()
    return {"membership_id": colleague.memberships[0].id, "invitation_id": asked.id}


def restore(values):
    """What a visit removed, so that the next one finds something."""
    db.session.rollback()
    dead = db.session.get(Promise, values["promise_id"])
    if dead is not None and dead.dead_at is None:
        dead.dead_at, dead.done_at = dead.made_at, None
        db.session.commit()


# Addresses that hold a thing of riverside's: for the manager of hillside it does not exist.
def test_what_is_another_agencys_does_not_exist(app, world):
    people, values = world
    found = []
    for endpoint, method in ROUTES:
        view = app.view_functions[endpoint]
        (rule, *_) = app.url_map.iter_rules(endpoint)
        # A kind of sheet is everybody's own.
        holds = rule.arguments - {"sheet", "form"}
        if view.access == "public" or not holds or Role.MANAGER not in view.access:
            continue
        visitor = app.test_client().sign_in(db.session.merge(people["stranger"]))
        path = address(app, endpoint, values)
        if endpoint.split(".")[0] in CONTRACTS:
            path += "?agency=riverside"
        status = visitor.open(path, method=method).status_code
        if status != 404:
            found.append(f"{method} {endpoint}: {status}")

    assert found == []


@pytest.mark.parametrize("who", ["nobody", "officer", "manager", "staff", "administrator"])
def test_reading_a_page_writes_nothing(app, world, who):
    people, values = world
    written = []

    def note(_connection, _cursor, statement, *_rest):
        if re.match(r"\s*(insert|update|delete|replace)\b", statement, re.IGNORECASE):
            written.append((endpoint, statement.split("\n")[0]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for endpoint, method in ROUTES:
            if method == "GET":
                visitor = app.test_client()
                if who != "nobody":
                    visitor.sign_in(db.session.merge(people[who]))
                visitor.get(address(app, endpoint, values))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert written == []
    assert db.session.query(Feedback).count() == 1
