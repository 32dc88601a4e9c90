"""Planted words: what a resident wrote and how to reach them must not show where it may not."""

import pytest

from app.cases import actions as cases
from app.cases.models import Case
from app.extensions import db
from app.intake.models import Feedback
from app.outbox.models import Promise

PHONE = "13800001234"
EMAIL = "canary@resident.example"
NAME = "王小明先生"
TEXT = f"我叫{NAME}，电话{PHONE}，垃圾三天没人清运了。"


@pytest.fixture
def planted(client, riverside, work):
    """A complaint full of personal data, read and given to the provider."""
    hidden = client.get("/give/RS-001").page.select("form[method=post] input[type=hidden]")
    form = {field["name"]: field.get("value", "") for field in hidden}
    form |= {"rating": "1", "text": TEXT, "wants_answer": "yes", "email": EMAIL, "phone": "13900004321"}
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

    for path in ("/inbox", f"/cases/{planted.reference}", "/reports/C-001", "/reports/C-001.json", "/contracts"):
        assert forbidden_in(client.get(path).text) == [], path


def test_the_agency_opens_personal_data_only_by_asking(client, riverside, planted):
    client.sign_in(riverside.officer)

    for path in ("/inbox", f"/cases/{planted.reference}", "/reports/C-001", "/reports/C-001.csv"):
        assert forbidden_in(client.get(path).text) == [], path


def test_promises_hold_no_personal_data(planted):
    for promise in db.session.query(Promise):
        assert forbidden_in(str(promise.payload) + str(promise.last_error)) == []


def test_the_database_file_holds_no_contact_in_the_clear(app, planted):
    for table in db.metadata.sorted_tables:
        if table.name in ("member", "feedback_words"):
            continue
        for row in db.session.execute(table.select()):
            assert forbidden_in(str(tuple(row))) == [], table.name
    words = str(tuple(db.session.execute(db.metadata.tables["feedback_words"].select()).one()))
    assert EMAIL not in words
    assert "13900004321" not in words
