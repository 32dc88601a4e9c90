"""What cannot be is said on the page, what was typed is still there, and nothing has changed: fault by fault."""

import io
import json
import re

import pytest
from sqlalchemy import select

from app.cases import actions, provider_links
from app.cases.models import Case
from app.directory import exporting
from app.extensions import db
from app.intake.actions import tracking_token
from app.intake.models import Feedback
from app.kernel.database import Base
from app.kernel.words import Actor, Holder
from tests.web.cases_story import sent

TYPED = "The gate was locked – from my notes."
# What each door of a case's page asks for.
DOORS = {
    "reply": {"message": TYPED},
    "ask": {"message": TYPED},
    "resolve": {"message": TYPED},
    "reject": {"reason": TYPED},
    "reopen": {"reason": TYPED},
    "assign": {"note": TYPED},
    "hand-back": {"reason": TYPED},
    "verdict": {"attribution": "agency", "grounds": TYPED},
    "verdict/object": {"reason": TYPED},
    "verdict/contest": {"reason": TYPED},
    "called": {"note": TYPED},
}
# Once it was given to the provider: in which state the table of moves, or of verdicts, forbids which doors to whom.
FORBIDDEN = {
    ("open", "manager"): ("reopen", "called", "assign"),
    ("open", "staff"): ("verdict/object", "verdict/contest"),
    ("resolved", "manager"): ("ask", "resolve", "reject", "assign"),
    ("resolved", "staff"): ("ask", "resolve", "hand-back"),
    ("rejected", "manager"): ("ask", "resolve", "reject", "assign"),
    ("rejected", "staff"): ("ask", "resolve", "hand-back"),
    ("withdrawn", "manager"): ("reply", "ask", "resolve", "reject", "reopen", "assign"),
    ("withdrawn", "staff"): ("reply", "ask", "resolve", "hand-back"),
}


def everything():
    """All rows of all tables, as they stand."""
    db.session.rollback()
    return {name: sorted(map(repr, db.session.execute(select(table)))) for name, table in Base.metadata.tables.items()}


def keeps(page, typed=TYPED):
    """Whether what was typed can still be read, copied or sent again."""
    fields = [field.text.strip() for field in page.select("textarea")]
    return typed in fields + [field.get("value") for field in page.select("main input")]


def said(page):
    """What the page says at its top is wrong."""
    return " ".join(each.text for each in page.select(".govuk-error-summary, .govuk-notification-banner, main h1 + p"))


def brought_to(state, feedback, member_id):
    """A complaint that was given to the provider, and what became of it then."""
    case = actions.case_of(feedback)
    if case.holder != Holder.PROVIDER:
        actions.assign(case, member_id=member_id)
    if state == "resolved":
        actions.resolve(case, "It was emptied.", by=Actor.AGENCY, member_id=member_id)
    elif state == "rejected":
        actions.reject(case, "Not ours.", member_id=member_id)
    elif state == "withdrawn":
        actions.withdraw(case)
    db.session.commit()
    return case


def link_to(feedback, officer):
    """The path of a link to a case, for a provider without accounts."""
    link = provider_links.send(
        actions.case_of(feedback), email="desk@clearway.example", language="en", member_id=officer.id
    )
    db.session.commit()
    return f"/provider/{provider_links.token_of(link)}"


@pytest.mark.parametrize(("state", "who"), FORBIDDEN)
def test_a_move_that_the_table_forbids(client, riverside, alice, state, who):
    complaint = sent(riverside)
    version = brought_to(state, complaint, alice.id).version
    client.sign_in(getattr(riverside, who))
    before = everything()

    for door in FORBIDDEN[state, who]:
        response = client.post(f"/cases/{complaint.reference}/{door}", data=DOORS[door] | {"version": version})
        is_refused(response, before)


def is_refused(response, before, words="", status=409, typed=TYPED):
    assert response.status_code == status
    assert words in said(response.page)
    assert said(response.page).strip()
    assert typed is None or keeps(response.page, typed)
    assert everything() == before


@pytest.mark.parametrize("state", ["resolved", "rejected", "withdrawn"])
def test_a_move_that_the_table_forbids_by_a_link(app, client, riverside, alice, state):
    complaint = sent(riverside)
    link = link_to(complaint, alice)
    version = brought_to(state, complaint, alice.id).version
    before = everything()

    for door in FORBIDDEN[state, "staff"]:
        is_refused(app.test_client().post(f"{link}/{door}", data=DOORS[door] | {"version": version}), before)


@pytest.mark.parametrize(
    ("state", "doors"),
    [("open", ("confirm", "reopen", "rate")), ("rejected", ("confirm",)), ("withdrawn", ("confirm", "reopen", "add"))],
)
def test_a_move_that_the_table_forbids_the_resident(client, riverside, alice, state, doors):
    complaint = sent(riverside)
    brought_to(state, complaint, alice.id)
    path, before = f"/track/{tracking_token(complaint.id)}", everything()

    for door in doors:
        answers = {"message": TYPED, "rating": "4"}
        response = client.post(f"{path}/{door}", data=answers)
        is_refused(response, before, typed=TYPED if door in ("reopen", "add") else None)


@pytest.mark.parametrize("door", ["reply", "reject", "assign", "verdict"])
def test_a_stale_form(client, riverside, alice, door):
    """Somebody else said meanwhile that it is solved, so that some forms stand no longer on the page."""
    complaint = sent(riverside)
    case = actions.case_of(complaint)
    version = case.version
    actions.resolve(case, "It was emptied.", by=Actor.AGENCY, member_id=riverside.second_officer.id)
    db.session.commit()
    client.sign_in(alice)
    before = everything()

    response = client.post(f"/cases/{complaint.reference}/{door}", data=DOORS[door] | {"version": version})

    is_refused(response, before, "Somebody else changed this case since you opened it.")


def test_two_people_judge_at_once(app, riverside, alice):
    """The second one; really at the same moment: ``test_two_at_once``."""
    complaint = sent(riverside)
    path = f"/cases/{complaint.reference}"
    first, second = (app.test_client().sign_in(each) for each in (alice, riverside.second_officer))
    version = second.get(path).page.select_one("input[name=version]")["value"]
    assert first.post(f"{path}/verdict", data=DOORS["verdict"] | {"version": version}).status_code == 303
    before = everything()

    response = second.post(f"{path}/verdict", data=DOORS["verdict"] | {"version": version, "attribution": "provider"})

    is_refused(response, before, "Somebody else changed this case since you opened it.")


@pytest.mark.parametrize("door", ["reply", "ask", "resolve", "hand-back", "verdict/object", "verdict/contest"])
def test_a_link_used_after_it_was_taken_back(app, client, riverside, alice, door):
    complaint = sent(riverside)
    link = link_to(complaint, alice)
    client.sign_in(alice).post(f"/cases/{complaint.reference}/link/revoke")
    before = everything()

    response = app.test_client().post(f"{link}/{door}", data=DOORS[door] | {"version": "1"})

    is_refused(response, before, "The agency has taken this link back", status=410)


@pytest.mark.parametrize("door", ["reply", "resolve", "hand-back", "verdict/object"])
def test_a_provider_user_tries_another_providers_reference(client, riverside, alice, door):
    complaint = sent(riverside)
    actions.assign(actions.case_of(complaint), member_id=alice.id)
    db.session.commit()
    client.sign_in(riverside.other_staff)
    before = everything()

    assert client.get(f"/cases/{complaint.reference}").status_code == 404
    response = client.post(f"/cases/{complaint.reference}/{door}", data=DOORS[door] | {"version": "1"})

    is_refused(response, before, status=404)
    assert complaint.reference not in response.page.main.text


WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NO_DAYS = dict.fromkeys(WEEK, "") | {"is_own": "y", "holidays": "2026-12-24"}
TARGET = {
    "starts_on": "2027-01-01",
    "basis": "raw",
    "direction": "at_least",
    "target": "92.5",
    "approaching": "80",
    "inadequate": "60",
    "minimum_n": "10",
}
NEW_KPI = TARGET | {"code": "K9", "measure": "response_rate", "title": ""}
LIMITS = {"starts_on": "2027-01-01", "respond_within_hours": "7.25", "resolve_within_hours": "30"}
AT = "/contracts/C-001"


@pytest.mark.parametrize(
    ("path", "answers", "words", "typed"),
    [
        *(
            (f"{of}/calendar", NO_DAYS, "at least one working day", "2026-12-24")
            for of in ("", AT, f"{AT}/clauses/1")
        ),
        (f"{AT}/kpis/K1", TARGET | {"approaching": "95"}, "easier to meet than the cut-off before it", "92.5"),
        (f"{AT}/kpis/K1", TARGET | {"inadequate": "85"}, "easier to meet than the cut-off before it", "92.5"),
        (f"{AT}/new-kpi", NEW_KPI | {"approaching": "95"}, "easier to meet than the cut-off before it", "92.5"),
    ],
)  # fmt: skip
def test_a_calendar_without_working_days_and_cut_offs_out_of_order(client, riverside, path, answers, words, typed):
    client.sign_in(riverside.manager)
    before = everything()

    is_refused(client.post(path, data=answers), before, words, status=422, typed=typed)


@pytest.mark.parametrize(
    ("path", "answers", "words", "typed"),
    [
        (f"{AT}/clauses/1", LIMITS, "There are other limits from that day on already.", "7.25"),
        (f"{AT}/kpis/K1", TARGET, "There is another target from that day on already.", "92.5"),
    ],
)
def test_two_versions_from_the_same_day(client, riverside, at, path, answers, words, typed):
    client.sign_in(riverside.manager)
    assert client.post(path, data=answers).status_code == 303
    before = everything()

    is_refused(client.post(path, data=answers), before, words, status=422, typed=typed)


def test_days_at_a_site_that_overlap(client, riverside):
    client.sign_in(riverside.manager)
    before = everything()

    response = client.post(f"{AT}/new-site", data={"site": "RS-001", "starts_on": "2026-05-01", "ends_on": ""})

    is_refused(response, before, "The contract serves this site already", status=422, typed="RS-001")


WRONG = {
    "a calendar without working days": ("calendar", {"weekdays": [], "start": "09:00", "end": "17:00"}, "working day"),
    "hours that end before they begin": ("calendar", {"weekdays": [0], "start": "17:00", "end": "09:00"}, "09:00"),
    "a holiday that is no date": (
        "calendar",
        {"weekdays": [0], "start": "09:00", "end": "17:00", "holidays": ["2026-13-40"]},
        "2026-13-40",
    ),
    "cut-offs out of order": ("kpis", None, "contracts[0].kpis[0].approaching"),
    "two versions from the same day": ("targets", None, "contracts[0].clauses[0].targets"),
}


@pytest.mark.parametrize("fault", WRONG)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_in_a_file_and_in_the_readers_language(client, riverside, fault, language):
    riverside.manager.language = language
    db.session.commit()
    client.sign_in(riverside.manager)
    whole = exporting.directory_of(riverside.agency)
    where, value, words = WRONG[fault]
    contract = whole["contracts"][0]
    if where == "calendar":
        contract["calendar"] = value
    elif where == "kpis":
        contract["kpis"][0]["approaching"] = 0.99
    else:
        later = {"from": "2027-01-01", "respond_within_hours": 4, "resolve_within_hours": 9}
        contract["clauses"][0]["targets"] = [later, later]
    before = everything()

    file = {"file": (io.BytesIO(json.dumps(whole).encode()), "directory.json")}
    response = client.post(f"/directory/import?lang={language}", data=file)

    assert response.status_code == 422
    problems = [each.text for each in response.page.select(".govuk-error-summary li")]
    assert len(problems) == 1
    assert everything() == before
    if language == "zh":
        assert re.search("[\u4e00-\u9fff]", problems[0])
        assert not re.search(r"\b(is|not|expected|got|after|the|than|there)\b", problems[0]), problems
    else:
        assert words in problems[0]


def test_a_limit_that_never_falls_keeps_no_complaint_out(client, riverside):
    """An hour a week, and years of work: nobody is late, and what a resident says is taken in all the same."""
    clause = riverside.contract.clauses[0]
    clause.calendar = {"weekdays": [0], "start": "09:00", "end": "10:00", "holidays": [], "extra_workdays": []}
    clause.respond_within_hours = clause.resolve_within_hours = 90_000
    db.session.commit()
    page = client.get("/give/RS-001").page
    form = {field["name"]: field.get("value", "") for field in page.select("form[method=post] input[type=hidden]")}

    given = client.post("/give/RS-001", data=form | {"rating": "1", "text": "Full again.", "wants_answer": "yes"})

    assert given.status_code == 303
    case = db.session.query(Case).one()
    assert (case.respond_by, case.resolve_by, case.escalate_at) == (None, None, None)
    client.sign_in(riverside.officer)
    for path in (f"/cases/{db.session.query(Feedback).one().reference}", "/inbox", "/contracts/C-001"):
        assert client.get(path).status_code == 200
