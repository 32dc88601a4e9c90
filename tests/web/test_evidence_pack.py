"""The evidence pack of an issued report: one file, checked by its hashes; a signed notice first where the law asks."""

import csv
import hashlib
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from app.audit.models import AuditEntry
from app.cases import actions as cases
from app.cases import verdict_actions
from app.cases.models import Case
from app.extensions import db
from app.kernel.words import ActionStep, Attribution, Holder
from app.reports.models import IssuedReport
from app.reviews import actions, queries
from app.reviews.models import PerformanceNotice
from app.reviews.pack import pack_of
from app.reviews.rules import needs_notice
from tests.web.test_issued_reports import walk  # noqa: F401  (a fixture)


@pytest.mark.parametrize(
    ("value", "currency", "is_light_touch", "needed"),
    [
        ("5000000.01", "GBP", False, True),
        ("5000000", "GBP", False, False),
        ("9000000", "GBP", True, False),
        ("9000000", "CNY", False, False),
        (None, None, False, False),
    ],
)
def test_a_notice_is_needed_above_five_million_pounds_unless_light_touch(value, currency, is_light_touch, needed):
    found = needs_notice(Decimal(value) if value else None, currency, is_light_touch=is_light_touch)

    assert found is needed


def where(report_id=None):
    found = report_id or db.session.query(IssuedReport.id).order_by(IssuedReport.id).limit(1).scalar()
    return f"/contracts/C-001/packs/{found}"


@pytest.fixture
def issued(september, walk):  # noqa: F811
    """An issued report of a contract with an agreed action and a verdict that was proposed."""
    case = db.session.query(Case).order_by(Case.feedback_id).first()
    cases.assign(case, member_id=september.officer.id)
    verdict_actions.judge(
        case, Attribution.PROVIDER, "The crew did not come.", member_id=september.officer.id, is_manager=False
    )
    agreed = actions.agree_on(
        september.contract,
        "=Two crews on Mondays",
        side=Holder.PROVIDER,
        who="Site lead",
        due_on=september.contract.starts_on,
        member_id=september.manager.id,
    )
    actions.say(
        agreed,
        ActionStep.NOTED,
        "They start on Friday.",
        "Asia/Shanghai",
        side=Holder.PROVIDER,
        member_id=september.staff.id,
        name="Staff",
    )
    db.session.commit()
    return walk.issued()


def taken(client):
    return zipfile.ZipFile(io.BytesIO(client.get(f"{where()}.zip").data))


def test_it_holds_everything_and_a_manifest_of_hashes(client, september, issued):
    client.sign_in(september.officer)
    assert where() in client.get(issued).text, "it is linked from the issued report"
    assert client.get(f"{where()}.zip").status_code == 404
    assert client.post(where()).status_code == 303
    pack = taken(client)
    names = set(pack.namelist())

    assert {
        "agreed-actions.csv",
        "definitions.txt",
        "manifest.json",
        "report-1-en.csv",
        "report-1-en.json",
        "report-1-en.pdf",
        "report-1-en.xlsx",
        "report-1-zh.pdf",
        "report-1-zh.xlsx",
        "statements.txt",
        "verdicts.csv",
    } == names
    manifest = json.loads(pack.read("manifest.json"))
    assert manifest["files"] == {
        name: hashlib.sha256(pack.read(name)).hexdigest() for name in names - {"manifest.json"}
    }
    assert (manifest["report"], manifest["contract"]) == (1, "C-001")
    assert "Five of these were caused by the closed bridge." in pack.read("statements.txt").decode()
    verdicts = list(csv.DictReader(io.StringIO(pack.read("verdicts.csv").decode("utf-8-sig"))))
    assert [(row["step"], row["by"], row["said"]) for row in verdicts] == [
        ("verdict_proposed", "agency", "The crew did not come.")
    ]
    (agreed,) = csv.DictReader(io.StringIO(pack.read("agreed-actions.csv").decode("utf-8-sig")))
    assert agreed["what"] == "'=Two crews on Mondays", "no formula for a spreadsheet"
    assert agreed["said"].endswith("provider (Staff): noted: They start on Friday.")
    assert "Answered in time: Of the cases that are decided" in pack.read("definitions.txt").decode()


def test_the_same_parts_are_the_same_bytes_and_it_stays(client, september, issued):
    client.sign_in(september.officer).post(where())
    first = client.get(f"{where()}.zip").data
    report = db.session.query(IssuedReport).one()
    again = pack_of(report, queries.steps_of(report), queries.actions_of(report.contract), None)
    assert again == first
    actions.agree_on(
        september.contract,
        "Something later",
        side=Holder.AGENCY,
        who="Ann",
        due_on=september.contract.ends_on,
        member_id=september.manager.id,
    )
    db.session.commit()
    client.post(where())
    assert client.get(f"{where()}.zip").data == first


def test_verify_knows_the_pack(app, client, september, issued, tmp_path: Path):
    client.sign_in(september.officer).post(where())
    path = tmp_path / "pack.zip"
    path.write_bytes(client.get(f"{where()}.zip").data)
    result = app.test_cli_runner().invoke(args=["report", "verify", str(path)])
    assert result.exit_code == 0, result.output
    path.write_bytes(path.read_bytes() + b"x")
    assert app.test_cli_runner().invoke(args=["report", "verify", str(path)]).exit_code == 1


def test_where_the_law_asks_an_officer_rates_and_signs_first(client, september, issued):
    september.contract.value, september.contract.currency = Decimal(6_000_000), "GBP"
    db.session.commit()
    client.sign_in(september.officer)
    assert client.post(where()).status_code == 409
    unsigned = client.post(f"{where()}/notice", data={"rating_0": "Good", "why_0": "", "name": ""})
    assert unsigned.status_code == 422
    assert "Say why the rating differs." in unsigned.page.text
    assert "Write your name." in unsigned.page.text
    answers = {"rating_0": "Good", "why_0": "The bridge was closed.", "name": "Ann Lee"}
    assert client.post(f"{where()}/notice", data=answers).status_code == 303
    assert client.post(f"{where()}/notice", data=answers).status_code == 409, "signed once"
    assert client.post(where()).status_code == 303
    noted = db.session.query(AuditEntry).filter_by(what="performance_notice").one()
    assert noted.agency_id == september.agency.id, "its agency's own managers see it"
    assert "Ann" not in noted.detail

    notice = taken(client).read("notice-section-71.txt").decode()
    for said in (
        "Procurement Act 2023, section 71",
        "Contracting authority: Riverside Public Services",
        "Supplier: Clearway Ltd",
        "KPI K1: Answered in time",
        "Result: 66.7% (8 of 12; 95 % interval",
        "Rating: Good",
        "Proposed by the figures: Requires improvement. Why it differs: The bridge was closed.",
        "Rated and signed by Ann Lee for Riverside Public Services on ",
    ):
        assert said in notice
    assert db.session.query(PerformanceNotice).one().signed_by_id == september.officer.id


def test_only_the_agency_takes_it_and_only_of_an_issued_report(client, september, walk, issued):  # noqa: F811
    assert client.sign_in(september.staff).get(where()).status_code == 403
    assert "packs" not in client.get(issued).text
    assert client.sign_in(september.viewer).get(where()).status_code == 200
    assert client.post(where()).status_code == 403
    draft = walk.drafted()
    client.sign_in(september.officer)
    assert client.get(where(int(draft.rsplit("/", 1)[1]))).status_code == 404
