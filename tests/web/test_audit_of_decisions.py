"""What was decided stands in the audit as it was then: verdicts, reports, agreed actions; never what people wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import JSON, LargeBinary, Text, select

import app.models  # noqa: F401  # all tables are known
from app.audit.models import AuditEntry
from app.audit.noting import VALUES
from app.cases import verdict_actions
from app.cases.actions import case_of
from app.extensions import db
from app.kernel.database import Base
from app.kernel.words import Attribution, Holder
from app.reports.models import IssuedReport
from app.reviews import actions as reviews
from app.reviews.models import AgreedAction
from tests.web.cases_story import MONDAY, sent

WROTE = "Anna Schmidt of 5 Quay Road said so."
PERIOD = {"start": "2026-09-01", "end": "2026-09-30", "as_of": "2026-10-12T09:00:00+08:00"}


def details(what):
    """Verb and detail of each entry about that, in their order."""
    wanted = select(AuditEntry.verb, AuditEntry.detail).where(AuditEntry.what == what).order_by(AuditEntry.id)
    return [f"{verb} {detail}" for verb, detail in db.session.execute(wanted)]


def shown(client, language="en"):
    """The column "What" of the audit's pages, newest first."""
    page, said = client.get(f"/audit?lang={language}").page, []
    while True:
        said += [" ".join(row.select("td")[1].get_text(" ").split()) for row in page.select("tbody tr")]
        older = page.select_one("a[rel=next]")
        if older is None:
            return said
        page = client.get(older["href"]).page


@pytest.fixture
def judged(riverside, at):
    """A complaint that went all the way: proposed, objected to, upheld, contested, decided by the manager."""
    with at(MONDAY):
        case = case_of(sent(riverside))
    with at(MONDAY + timedelta(hours=1)):
        staff, officer = riverside.staff.id, riverside.officer.id
        verdict_actions.judge(case, Attribution.PROVIDER, WROTE, member_id=officer, is_manager=False)
        verdict_actions.object_to(case, WROTE, member_id=staff)
        verdict_actions.judge(case, Attribution.PROVIDER, WROTE, member_id=officer, is_manager=False)
        verdict_actions.contest(case, WROTE, member_id=staff)
        verdict_actions.judge(case, Attribution.AGENCY, WROTE, member_id=riverside.manager.id, is_manager=True)
        db.session.commit()
    return case


def test_each_step_of_a_verdict_tells_what_was_found_and_by_when(judged):
    events = [each for each in details("event") if "verdict" in each]
    assert events == [
        "added verdict_proposed,has_message=yes",
        "added verdict_answered,changed_to=objected,has_message=yes",
        "added verdict,attribution=provider,has_message=yes",
        "added verdict_contested,has_message=yes",
        "added verdict,attribution=agency,has_message=yes",
    ]
    steps = details("verdict")
    assert steps[0].startswith("added reply,reply_by=2026-11-09T")
    assert "stage=reply>objected" in steps[1]
    assert "attribution=>provider" in steps[2]
    assert "stage=objected>stands" in steps[2]
    assert "contest_by=>2026-11-1" in steps[2]
    assert "stage=stands>contested" in steps[3]
    assert "attribution=provider>agency" in steps[4]
    assert "stage=contested>decided" in steps[4]


def test_a_second_look_tells_what_it_found(riverside, at):
    with at(MONDAY):
        case = case_of(sent(riverside))
        verdict_actions.judge(case, Attribution.AGENCY, WROTE, member_id=riverside.officer.id, is_manager=False)
        verdict_actions._verdict(case).is_drawn = True
        second = riverside.second_officer.id
        verdict_actions.check(case, agrees=False, why=WROTE, member_id=second)
        db.session.commit()

    assert "added verdict_checked,changed_to=disagrees,has_message=yes" in details("event")
    assert any("stage=stands>disputed" in each for each in details("verdict"))


def test_the_page_says_it_in_both_languages(client, riverside, judged):
    client.sign_in(riverside.manager)
    english, chinese = shown(client), shown(client, "zh")

    assert any("an event Verdict; Whom it is attributable to: The agency; with grounds" in row for row in english)
    assert any("The provider replied to the verdict; The provider objected; with grounds" in row for row in english)
    decided = "Whom it is attributable to: The provider → The agency"
    assert any(decided in row and "Stage of the verdict: contested → decided by a manager" in row for row in english)
    assert any("Until when the provider may reply: 9 Nov 2026, 10:00" in row for row in english)
    assert any("承办单位 →" in row for row in chinese)
    for raw in ("attribution", "stage", "changed_to", "has_message", "reply_by", "contested", "2026-11-09T"):
        assert not [row for row in chinese if raw in row]
        if raw not in ("stage", "contested"):
            assert not [row for row in english if raw in row]


def test_the_way_of_a_report_tells_its_state_number_and_days(client, september, work):
    manager, staff = september.manager, september.staff

    def post(member, address, **data):
        version = db.session.query(IssuedReport).order_by(IssuedReport.id.desc()).first().version
        assert client.sign_in(member).post(address, data={"version": version, **data}).status_code == 303

    first = client.sign_in(manager).post("/reports/C-001/issued", data=PERIOD).location.partition("?")[0]
    post(manager, f"{first}/send")
    post(staff, f"{first}/statement", statement=WROTE, is_meant="y")
    post(manager, f"{first}/issue")
    post(manager, f"{first}/correct", what_changed=WROTE, is_meant="y")
    second = db.session.query(IssuedReport).order_by(IssuedReport.id.desc()).first()
    corrected = second.corrects_id
    post(manager, f"/reports/C-001/issued/{second.id}/discard")

    told = details("issued_report")
    assert told[0] == "added state=draft,starts_on=2026-09-01,ends_on=2026-09-30"
    assert "state=draft>with_provider" in told[1]
    assert "statement_due_at=>20" in told[1]
    assert "statement,statement_at=>20" in told[2], "that it was made, and when; not what it says"
    assert "number=>1" in told[3]
    assert "state=with_provider>issued" in told[3]
    assert told[4] == f"added state=draft,starts_on=2026-09-01,ends_on=2026-09-30,corrects_id={corrected}"
    assert told[5] == "changed state=draft>discarded"
    rows = shown(client.sign_in(manager))
    assert any(
        "Added: a report C-001 State: Draft; From: 1 Sep 2026; Until: 30 Sep 2026; Corrects: Report 1" in r
        for r in rows
    )
    assert any("State: With the provider → Issued" in row for row in rows)
    assert client.get("/audit").page.select(f"a[href*='{first}']"), "it opens the report"
    chinese = shown(client, "zh")
    for raw in ("state", "draft", "number", "issued_at", "corrects"):
        assert not [row for row in chinese if raw in row]


def test_an_agreed_action_tells_who_for_and_until_when(client, riverside, at):
    with at(MONDAY):
        due_on = (MONDAY + timedelta(days=29)).date()
        manager = riverside.manager
        agreed = reviews.agree_on(
            riverside.contract, WROTE, side=Holder.PROVIDER, who="Anna Schmidt", due_on=due_on, member_id=manager.id
        )
        for side, step, member in (
            (Holder.PROVIDER, "said_done", riverside.staff),
            (Holder.AGENCY, "missing", manager),
            (Holder.AGENCY, "accepted", manager),
        ):
            if step == "accepted":
                reviews.say(
                    agreed, "said_done", None, "Asia/Shanghai", side=Holder.PROVIDER, member_id=member.id, name="Li"
                )
            reviews.say(agreed, step, WROTE, "Asia/Shanghai", side=side, member_id=member.id, name="Anna Schmidt")
        db.session.commit()

    assert details("agreed_action") == [
        f"added side=provider,due_on={due_on}",
        f"changed done_by_id,done_on=>{MONDAY.date()}",
    ]
    assert details("agreed_action_note")[1] == "added missing,side=agency"
    rows = shown(client.sign_in(riverside.manager))
    assert any("an agreed action C-001 Side: The provider; When it is due: 1 Dec 2026" in row for row in rows)
    assert any("something is missing; Side: The agency" in row for row in rows)


def test_no_entry_holds_what_anybody_wrote(client, riverside, judged, at):
    with at(MONDAY):
        reviews.agree_on(
            riverside.contract,
            WROTE,
            side=Holder.AGENCY,
            who="Anna Schmidt",
            due_on=MONDAY.date(),
            member_id=riverside.manager.id,
        )
        db.session.commit()

    whole = " ".join(f"{each.what} {each.detail}" for each in db.session.query(AuditEntry))
    for written in ("Anna", "Schmidt", "Quay", "said so"):
        assert written not in whole
    assert db.session.query(AgreedAction).one().who == "Anna Schmidt"


def test_no_column_whose_value_is_told_can_hold_what_a_person_wrote():
    """Numbers, days, yes or no, choices among ours; and of texts those few that only ever hold our own words."""
    ours = {
        ("contract", "currency"),
        ("kpi", "measure"),
        # Of events of a verdict alone, which hold a choice.
        ("event", "changed_to"),
    }
    for name, columns in VALUES.items():
        for column in columns:
            of = Base.metadata.tables[name].columns[column]
            is_text = isinstance(of.type, (Text, JSON, LargeBinary)) or of.type.python_type is str
            has_choices = getattr(of.type, "enums", None)
            assert not is_text or has_choices or (name, column) in ours, (name, column)
