"""The spreadsheet of a report, opened again and read: typed cells, the same numbers, nothing that runs."""

import io
from datetime import datetime

import pytest
from openpyxl import load_workbook

from app.analysis.models import Tag
from app.cases.models import Case
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock

ADDRESS = "/reports/C-001.xlsx?start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"


@pytest.fixture
def opened(client, september):
    def open_as(member, address=ADDRESS):
        response = client.sign_in(member).get(address)
        assert response.status_code == 200
        assert response.mimetype.endswith("spreadsheetml.sheet")
        return load_workbook(io.BytesIO(response.data))

    return open_as


def table(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_sheet_is_there_and_says_what_it_holds(opened, september):
    book = opened(september.manager)

    assert book.sheetnames == [
        *("Report", "Measures", "Verdicts", "Weeks", "KPIs", "Aspects", "Sites", "Clauses", "Clauses by KPI"),
        *("Changes", "Told singly", "Cases", "Definitions"),
    ]
    measures = {row["Key"]: row for row in table(book["Measures"]) if row["Part"] == "raw"}
    assert measures["on_time_response_rate"]["Value"] == pytest.approx(8 / 12)
    assert (measures["received"]["Value"], measures["response_hours"]["n"]) == (15, 12)
    assert measures["confirmed_rate"]["Value"] is None, "nothing to count is no zero"
    weeks = table(book["Weeks"])
    assert sum(row["Feedback"] for row in weeks) == 15
    assert all(isinstance(row["Week of"], datetime) for row in weeks)


def test_cases_are_typed_and_their_text_is_without_persons(opened, september):
    feedback = db.session.query(Feedback).filter_by(external_reference="P3").one()
    db.session.query(Tag).filter_by(feedback_id=feedback.id).update({"redacted": "Ask [name] at [phone]"})
    db.session.commit()
    cases = table(opened(september.manager)["Cases"])

    assert len(cases) == 12
    mine = next(row for row in cases if row["Reference"] == feedback.reference)
    assert mine["Text without persons"] == "Ask [name] at [phone]"
    assert (mine["Answered"], mine["Answered in time"], mine["Resolved in time"]) == (True, True, False)
    assert isinstance(mine["Sent"], datetime)
    assert mine["Working hours to the first response"] == 7


@pytest.mark.parametrize("evil", ['=HYPERLINK("http://evil.example","x")', "+1+1", "@SUM(1)", "http://evil.example/"])
def test_text_stays_text(opened, september, evil):
    db.session.query(Tag).update({"redacted": evil})
    db.session.commit()
    book = opened(september.manager)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]

    assert evil in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]


def test_the_provider_gets_the_cases_it_was_given(opened, september):
    given = db.session.query(Case).first()
    given.provider_id, given.provider_since = september.provider.id, clock.now()
    db.session.commit()

    book = opened(september.staff)
    assert [row["Reference"] for row in table(book["Cases"])] == [given.feedback.reference]
    assert table(book["Measures"])[1]["Value"] == 12


def test_it_is_written_in_the_language_of_the_reader_and_twice_the_same(client, september):
    first = client.sign_in(september.manager).get(f"{ADDRESS}&lang=zh").data

    assert client.get(f"{ADDRESS}&lang=zh").data == first
    assert "按时答复" in [row[2] for row in load_workbook(io.BytesIO(first)).worksheets[1].iter_rows(values_only=True)]
