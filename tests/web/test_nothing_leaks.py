"""Planted words: what a resident wrote and how to reach them must not show where it may not."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from app.cases import actions as cases
from app.cases.models import Case
from app.digest import actions as digests
from app.digest import letters
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import week_of
from app.outbox.models import Promise
from app.reports import actions as reports
from app.reports.report import build
from app.reviews import queries as reviews
from app.reviews.pack import pack_of
from tests.web.questions_story import TEXT as ANSWERED
from tests.web.questions_story import ask

PHONE = "13800001234"
EMAIL = "canary@resident.example"
NAME = "王小明先生"
TEXT = f"我叫{NAME}，电话{PHONE}，垃圾三天没人清运，太差了，很不满意。"


@pytest.fixture
def planted(client, riverside, work):
    """A complaint and an answer full of personal data, read and given to the provider."""
    ask(riverside, replace(ANSWERED, is_for_provider=True))
    hidden = client.get("/give/RS-001").page.select("form[method=post] input[type=hidden]")
    form = {field["name"]: field.get("value", "") for field in hidden}
    form |= {
        "rating": "1",
        "text": TEXT,
        f"q-{ANSWERED.key}": TEXT,
        "wants_answer": "yes",
        "email": EMAIL,
        "phone": "13900004321",
    }
    client.post("/give/RS-001", data=form)
    work()
    case = db.session.query(Case).one()
    cases.assign(case, member_id=riverside.officer.id)
    db.session.commit()
    return db.session.query(Feedback).one()


def forbidden_in(text):
    return [word for word in (PHONE, EMAIL, "13900004321", "王小明") if word in text]


def test_the_provider_sees_text_without_persons(client, riverside, planted):
    client.sign_in(riverside.staff)

    reports_of_all = ("/reports", "/reports.json", "/reports.csv", "/reports/-/cases?of=received")
    single = ("/inbox", f"/cases/{planted.reference}", "/reports/C-001", "/reports/C-001.json", "/contracts")
    for path in (*single, *reports_of_all):
        assert forbidden_in(client.get(path).text) == [], path


def test_messages_in_a_case_are_redacted_like_feedback(client, riverside, planted):
    cases.resident_adds(planted, f"Ring me on {PHONE} or {EMAIL}, {NAME}")
    db.session.commit()

    for person in (riverside.staff, riverside.officer):
        page = client.sign_in(person).get(f"/cases/{planted.reference}").text
        assert forbidden_in(page) == []
        assert "[电话]" in page or "[phone]" in page


def test_where_exactly_is_shown_as_written_and_the_form_says_so(client, riverside):
    hint = client.get("/give/RS-001").page.select_one("#place-hint").text

    assert "the provider sees this as you write it" in hint


def test_the_agency_opens_personal_data_only_by_asking(client, riverside, planted):
    client.sign_in(riverside.officer)

    for path in ("/inbox", f"/cases/{planted.reference}", "/reports/C-001", "/reports/C-001.csv"):
        assert forbidden_in(client.get(path).text) == [], path


def test_promises_hold_no_personal_data(planted):
    for promise in db.session.query(Promise):
        assert forbidden_in(str(promise.payload) + str(promise.last_error)) == []


def test_the_database_file_holds_no_contact_in_the_clear(app, planted):
    for table in db.metadata.sorted_tables:
        if table.name in ("member", "answer_words", "feedback_words"):
            continue
        for row in db.session.execute(table.select()):
            assert forbidden_in(str(tuple(row))) == [], table.name
    words = str(tuple(db.session.execute(db.metadata.tables["feedback_words"].select()).one()))
    assert EMAIL not in words
    assert "13900004321" not in words


def test_files_of_reports_hold_none_either(client, riverside, planted):
    for member in (riverside.manager, riverside.staff):
        client.sign_in(member)
        book = load_workbook(io.BytesIO(client.get("/reports/C-001.xlsx").data))
        cells = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
        assert planted.reference in str(cells), "the case is listed"
        assert "三天没人清运" in str(cells), "with its text"
        pdf = PdfReader(io.BytesIO(client.get("/reports/C-001.pdf").data))
        pages = "".join(page.extract_text() for page in pdf.pages)
        lists = client.get("/reports/C-001/cases?of=received").text + client.get("/reports/C-001/topics").text
        assert forbidden_in(str(cells) + pages + lists) == []
        of_all = load_workbook(io.BytesIO(client.get("/reports.xlsx").data))
        cells = [row for sheet in of_all for row in sheet.iter_rows(values_only=True)]
        assert "三天没人清运" in str(cells)
        assert forbidden_in(str(cells)) == []


def test_the_weekly_email_and_the_evidence_pack_hold_none(riverside, planted, work):
    said = ""
    for member, contract in ((riverside.manager, None), (riverside.staff, riverside.contract)):
        subscription = digests.subscribe(member.id, riverside.agency.id, contract.id if contract else None)
        week, later = week_of(clock.now(), "Asia/Shanghai"), clock.now() + timedelta(days=30)
        letter = letters.letter_about(subscription, week, later)
        said += letter.subject + letter.text + letter.html
    assert planted.reference in said, "by then it is overdue"
    assert "三天没人清运" in said, "it is quoted"
    today = clock.now().date()
    report = reports.draft(
        riverside.contract, build(riverside.contract, start=date(today.year, 1, 1), end=today), member_id=None
    )
    reports.send(report, version=report.version)
    reports.state(report, "Agreed.", member_id=None, version=report.version)
    reports.issue(report, member_id=None, version=report.version)
    work()
    pack = pack_of(report, reviews.steps_of(report), reviews.actions_of(riverside.contract), None)
    assert forbidden_in(said + pack.decode("utf-8", "ignore")) == []
