"""What was done and looked at is written down, chained, and nobody can change it."""

import threading
from datetime import date
from itertools import pairwise

import pytest
from flask_security import hash_password
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.accounts import actions as accounts
from app.audit import actions
from app.audit.models import TRIGGERS, AuditEntry
from app.audit.rules import LONGEST_DETAIL, Doer, Part, Verb, details_of, parts_of
from app.cases import actions as cases
from app.extensions import db
from app.intake.actions import tracking_token
from app.kernel import clock
from app.kernel.words import Actor, Role
from app.mail.bounces import mark_of
from app.mail.models import ReturnedMail
from app.web.transactions import begin_writing
from tests import factories
from tests.browser_client import count_statements
from tests.web.cases_story import sent


def entries(**wanted):
    return db.session.query(AuditEntry).filter_by(**wanted).order_by(AuditEntry.chain_id, AuditEntry.number).all()


def last():
    return db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()


def test_what_a_member_does_is_written_down_by_itself(client, riverside):
    case = cases.case_of(sent(riverside))
    client.sign_in(riverside.officer)

    client.post(f"/cases/{case.feedback.reference}/note", data={"note": "Gossip about Ann", "version": case.version})

    entry = entries(what="event", detail="noted")[0]
    assert (entry.doer, entry.member_id, entry.verb) == (Doer.MEMBER, riverside.officer.id, Verb.ADDED)
    assert (entry.agency_id, entry.feedback_id) == (riverside.agency.id, case.feedback_id)
    assert "Ann" not in str(vars(entry))


def test_what_is_refused_is_not_written_down(client, riverside):
    case = cases.case_of(sent(riverside))
    db.session.commit()
    before = len(entries())
    client.sign_in(riverside.officer)

    assert (
        client.post(f"/cases/{case.feedback.reference}/note", data={"note": "late", "version": 99}).status_code == 409
    )

    assert len(entries()) == before


def test_what_is_undone_to_a_savepoint_is_not_written_down(riverside):
    db.session.commit()
    before = last().id
    riverside.agency.emergency_number = "112"
    with db.session.begin_nested() as nothing:
        riverside.provider.name = "Other"
        db.session.flush()
        nothing.rollback()
    db.session.commit()

    (new,) = db.session.query(AuditEntry).filter(AuditEntry.id > before)
    assert (new.what, new.detail) == ("agency", "emergency_number")


def test_a_look_at_personal_data_is_written_down(client, riverside):
    feedback = sent(riverside)
    client.sign_in(riverside.officer)

    client.post(f"/cases/{feedback.reference}/contact", data={"reason": "to call about the address"})

    entry = entries(verb=Verb.OPENED)[0]
    assert (entry.what, entry.feedback_id, entry.member_id) == ("disclosure", feedback.id, riverside.officer.id)
    assert "address" not in str(vars(entry))


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET number = 99", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_or_remove(riverside, statement):
    with pytest.raises(DBAPIError, match="only ever added to"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_postgresql_refuses_to_empty(riverside):
    if db.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="only ever added to"):
            db.session.execute(text("TRUNCATE audit_entry"))
        db.session.rollback()


def test_two_at_once_write_one_chain(app, riverside):
    agency_id, start = riverside.agency.id, threading.Barrier(4)
    db.session.commit()
    db.session.remove()

    def write():
        with app.app_context():
            start.wait()
            for _ in range(10):
                begin_writing()
                actions.note(Verb.CHANGED, "agency", agency_id=agency_id, subject_id=agency_id)
                db.session.commit()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    mine = entries(chain_id=agency_id)
    assert [entry.number for entry in mine] == list(range(1, len(mine) + 1))
    assert all(after.previous == before.hash for before, after in pairwise(mine))
    assert len(mine) >= 40


def test_a_role_that_changes_and_who_worked_by_command(riverside):
    membership = riverside.second_officer.memberships[0]
    accounts.change_role(membership, Role.VIEWER)
    db.session.commit()

    assert (last().what, last().detail, last().doer) == ("membership", "role=officer>viewer", Doer.COMMAND)


def test_what_a_resident_does_by_their_link_is_theirs(client, riverside):
    feedback = sent(riverside)
    case = cases.case_of(feedback)
    cases.resolve(case, "Done", by=Actor.AGENCY, member_id=riverside.officer.id)
    db.session.commit()

    client.post(f"/track/{tracking_token(feedback.id)}/confirm", data={})

    assert (last().what, last().detail, last().doer, last().member_id) == ("event", "confirmed", Doer.RESIDENT, None)


def verify(app, *arguments):
    return app.test_cli_runner().invoke(args=["audit", "verify", *arguments])


def tampered(app, statement):
    """As who owns the database could: without the triggers."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(statement)
            return
        for name in ("changed", "removed"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_entry_is_not_{name}")
        connection.exec_driver_sql(statement)
        for trigger in TRIGGERS["sqlite"]:
            connection.exec_driver_sql(trigger)


def test_a_whole_audit_is_said_to_be_whole(app, riverside):
    said = verify(app)

    assert said.exit_code == 0
    assert [line.split(":")[1].strip() for line in said.stdout.splitlines()] == ["installation", "riverside"]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE audit_entry SET detail = 'x' WHERE chain_id > 0 AND number = 5", "entry 5: it says something else"),
        ("DELETE FROM audit_entry WHERE chain_id > 0 AND number = 5", "entry 5: it is missing; the next"),
        ("DELETE FROM audit_entry WHERE chain_id > 0 AND number > 4", "entry 5: it is missing, and so is all"),
        ("UPDATE audit_entry SET previous = hash WHERE chain_id > 0 AND number = 2", "entry 2: it does not hold"),
    ],
)
def test_the_first_broken_entry_is_named(app, riverside, statement, why):
    tampered(app, statement)

    said = verify(app)

    assert said.exit_code == 1
    assert f"broken: riverside, {why}" in said.stderr


def test_an_end_that_was_cut_off_with_its_memory_is_found_by_what_was_noted_elsewhere(app, riverside):
    end = verify(app).stdout.splitlines()[1].removeprefix("whole: ")
    assert verify(app, "--was", end).exit_code == 0
    length = int(end.split(":")[1])
    cut = f"(SELECT hash FROM audit_entry WHERE chain_id > 0 AND number = {length - 1})"
    tampered(app, f"UPDATE audit_chain SET length = {length - 1}, head = {cut} WHERE id > 0")
    tampered(app, f"DELETE FROM audit_entry WHERE chain_id > 0 AND number = {length}")

    assert verify(app).exit_code == 0
    said = verify(app, "--was", end)
    assert said.exit_code == 1
    assert f"entry {length}: it is missing" in said.stderr
    assert verify(app, "--was", "nonsense").exit_code == 1


def test_a_manager_sees_their_agencys_audit_and_narrows_it(client, riverside, hillside):
    feedback = sent(riverside)
    client.sign_in(riverside.officer)
    client.post(f"/cases/{feedback.reference}/contact", data={"reason": "to call about the address"})
    client.sign_in(riverside.manager)

    looks = client.get("/audit?verb=opened").page
    assert "to call about the address" in looks.text
    assert feedback.reference in looks.text
    assert "Officer" in looks.select_one("tbody").text
    about = client.get(f"/audit?case={feedback.reference}").page.select("tbody tr")
    assert {row.a.text for row in about} == {feedback.reference}
    assert len(client.get(f"/audit?member={riverside.officer.id}").page.select("tbody tr")) == 1
    assert "Nothing was found" in client.get("/audit?case=XXXX-XXXX-XXXX").page.text
    assert client.get(f"/audit?of={hillside.agency.id}").status_code == 404
    assert client.get("/audit?of=0").status_code == 404
    assert client.sign_in(riverside.officer).get("/audit").status_code == 403


def test_an_administrator_sees_the_installations_and_any_agencys(client, riverside):
    client.sign_in(factories.administrator())

    assert "a provider" in client.get("/audit").page.text
    assert "a contract" in client.get(f"/audit?of={riverside.agency.id}").page.text


def test_pages_of_the_audit_begin_where_the_last_one_ended(client, riverside):
    for number in range(60):
        riverside.agency.emergency_number = str(number)
        db.session.commit()
    client.sign_in(riverside.manager)
    seen, page = [], client.get("/audit").page
    while True:
        seen += [int(cell.find(string=True)) for cell in page.select("tbody th")]
        older = page.select_one("a[rel=next]")
        if older is None:
            break
        page = client.get(older["href"]).page

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == len(entries(agency_id=riverside.agency.id))


def test_signing_in_and_out_is_written_down(client, riverside):
    riverside.officer.password = hash_password("correct horse battery")
    db.session.commit()
    client.post("/sign-in", data={"email": riverside.officer.email, "password": "correct horse battery"})
    client.post("/sign-out")

    assert [entry.verb for entry in entries(member_id=riverside.officer.id)] == [Verb.SIGNED_IN, Verb.SIGNED_OUT]


def test_giving_feedback_asks_nothing_of_the_audit(app, client, riverside):
    """The resident's three steps: form, post, receipt."""
    page = client.get("/give/RS-001").page
    form = {field["name"]: field.get("value", "") for field in page.select("form[method=post] input[type=hidden]")}
    form |= {"rating": "1", "text": "Full again.", "wants_answer": "yes"}

    def deed():
        receipt = client.post("/give/RS-001", data=form).location
        client.get(receipt)

    statements = count_statements(db.engine, deed)

    assert any("INSERT INTO feedback" in each for each in statements)
    assert not [each for each in statements if "audit" in each]


def test_what_was_changed_of_a_contract_is_named_and_linked(client, riverside, at):
    target = {"basis": "raw", "direction": "at_least", "target": "95", "approaching": "85", "inadequate": "70"}
    with at("2026-11-02T09:00:00+08:00"):
        client.sign_in(riverside.manager)
        target |= {"starts_on": "2027-01-01", "minimum_n": "5", "binds_from": ""}
        assert client.post("/contracts/C-001/kpis/K1", data=target).status_code == 303
        limits = {"starts_on": "2026-12-01", "respond_within_hours": "4", "resolve_within_hours": "8.5"}
        assert client.post("/contracts/C-001/clauses/1", data=limits).status_code == 303
        rows = client.get("/audit").page.select("tbody tr")
    said = [" ".join(row.text.split()) for row in rows]

    (kpi,) = [n for n, each in enumerate(said) if "the target of a KPI" in each]
    assert (
        "C-001 K1From: 1 Jan 2027; Counts: All cases; Better is: more; Good: 95 %; Approaching target: 85" in said[kpi]
    )
    assert rows[kpi].select_one("a[href*='/contracts/C-001/kpis/K1']").text == "C-001 K1"
    (clause,) = [each for each in said if "the limits of a clause" in each]
    limits = "Answer within, in working hours: 4; Resolve within, in working hours: 8.5"
    assert f"the limits of a clause C-001 1From: 1 Dec 2026; {limits}" in clause


def test_an_entry_tells_what_was_so_at_the_time_of_the_deed(app, client, riverside, at):
    """Whatever changes later: the days of a contract, a limit, a name, a site that is taken off."""
    contract, placing = riverside.contract, riverside.contract.placings[0]
    site = placing.site.code
    contract.ends_on, contract.reply_days, contract.title = date(2027, 6, 30), 7, "Streets, from the north"
    db.session.commit()
    contract.ends_on = date(2027, 9, 30)
    db.session.delete(placing)
    db.session.commit()
    client.sign_in(riverside.manager)

    said = [" ".join(row.text.split()) for row in client.get("/audit").page.select("tbody tr")]

    assert any("Until: 31 Dec 2027 → 30 Jun 2027; Days to reply to a verdict: 5 → 7; Title" in each for each in said)
    assert any("Until: 30 Jun 2027 → 30 Sep 2027" in each for each in said)
    assert any(f"Removed: which contract serves a site C-001 {site}From: 1 Jan 2026" in each for each in said)
    assert not any("north" in each for each in said), "what people write is no part of an entry"
    assert not any("north" in each.detail for each in entries())
    assert "whole" in verify(app).stdout


def test_whoever_was_called_otherwise_then_is_not_given_their_name_of_now(client, riverside):
    terms = {"waiting_days": 5, "statement_days": 10, "contest_days": 10, "confirm_days": 14, "reopen_days": 90}
    client.sign_in(riverside.manager)
    assert client.post("/contracts/C-001/terms", data=terms | {"reply_days": 7}).status_code == 303
    client.post("/account", data={"name": "Dana New", "language": "en"})
    assert client.post("/contracts/C-001/terms", data=terms | {"reply_days": 8}).status_code == 303

    rows = client.get("/audit").page.select("tbody tr")
    who = {row.select("td")[1].text: row.select("td")[0].text for row in rows}

    (before,) = [each for what, each in who.items() if "5 → 7" in what]
    (after,) = [each for what, each in who.items() if "7 → 8" in what]
    assert (before.strip(), after.strip()) == (riverside.manager.email, "Dana New")


@pytest.mark.parametrize("verb", [Verb.ADDED, Verb.CHANGED])
def test_no_entry_is_longer_than_it_may_be(verb):
    parts = [Part(f"column_{n}", "2026-01-01", "2027-01-01" if verb == Verb.CHANGED else None) for n in range(20)]

    details = details_of(parts)

    assert max(map(len, details)) <= LONGEST_DETAIL
    assert [part for detail in details for part in parts_of(detail)] == parts


def test_columns_and_kinds_are_said_in_the_readers_language(client, riverside):
    client.sign_in(riverside.manager)
    riverside.manager.language = "zh"
    riverside.contract.reply_days, riverside.agency.quiet_from = 7, 21
    db.session.commit()

    said = " ".join(row.text for row in client.get("/audit?lang=zh").page.select("tbody tr"))

    assert "对责任认定提出意见的天数" in said
    assert "免打扰时段" in said
    for raw in ("reply_days", "reply days", "quiet"):
        assert raw not in said


def test_a_setting_says_what_it_was_and_what_it_is(client, riverside):
    """Thresholds, days of keeping and what is published: also where a row goes, and where the default was in force."""
    client.sign_in(riverside.manager)
    thresholds = {
        field["name"]: field["value"] for field in client.get("/watch/thresholds").page.select("form input[inputmode]")
    }
    usual = thresholds["quick_cases"]
    client.post("/watch/thresholds", data=thresholds | {"quick_cases": "7"})
    client.post("/watch/thresholds", data=thresholds)
    client.post("/retention", data={"contact": "30", "photos": "365", "words": "730", "links": "90"})
    published = {"published": [riverside.contract.id], "named": [], "smallest_cell": 10}
    client.post("/publications/choices", data=published)
    client.post("/publications/choices", data=published | {"named": [riverside.contract.id]})
    client.post("/publications/choices", data={"smallest_cell": 12})

    said = [" ".join(row.select("td")[1].text.split()) for row in client.get("/audit").page.select("tbody tr")]

    threshold = "Changed: a threshold of the watchClosed within minutes: cases:"
    contract = "a contract that is published C-001"
    assert said[:8] == [
        "Changed: the terms of publishing 1Smallest number shown: 10 → 12",
        f"Removed: {contract}Whether the provider is named: yes",
        f"Changed: {contract}Whether the provider is named: no → yes",
        "Added: the terms of publishing 1Smallest number shown: 10",
        f"Added: {contract}",
        "Changed: the agencyDays that contact details are kept: 90 → 30",
        f"{threshold} 7 → {usual}",
        f"{threshold} {usual} → 7",
    ]


def test_an_address_that_works_again_is_written_down(client, riverside):
    db.session.add(ReturnedMail(address_mark=mark_of(riverside.officer.email), returned_at=clock.now(), status="5.1.1"))
    db.session.commit()
    membership = riverside.officer.memberships[0]

    client.sign_in(riverside.manager).post(f"/members/{membership.id}/mend")

    assert (last().verb, last().what, last().member_id) == (Verb.REMOVED, "returned_mail", riverside.manager.id)
