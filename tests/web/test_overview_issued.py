"""A report of a provider or an agency is issued: put together from those issued of each contract, numbered, sealed."""

import hashlib
import io
import json

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from app.extensions import db
from app.reports.frozen import hash_of
from app.reports.models import IssuedOverview, IssuedOverviewFile, IssuedReport
from tests.web.test_overview import town  # noqa: F401

PERIOD = {"start": "2026-09-01", "end": "2026-09-30", "as_of": "2026-10-12T09:00:00+08:00"}
ASKED = "?start=2026-09-01&end=2026-09-30"


@pytest.fixture
def step(client, town, work):  # noqa: F811
    """Each step of the way as the people take it."""

    class Step:
        def issue(self, reference, staff, says="We have hired two more."):
            """The report of one contract, from its draft to its number."""
            client.sign_in(town.manager).post(f"/reports/{reference}/issued", data=PERIOD)
            report = db.session.query(IssuedReport).order_by(IssuedReport.id.desc()).first()
            address = f"/reports/{reference}/issued/{report.id}"
            for member, deed, more in (
                (town.manager, "send", {}),
                (staff, "statement", {"statement": says}),
                (town.manager, "issue", {}),
            ):
                version = db.session.get_one(IssuedReport, report.id, populate_existing=True).version
                answer = client.sign_in(member).post(f"{address}/{deed}", data={"version": version, **more})
                assert answer.status_code == 303, deed
            work()

        def put_together(self, provider=None, **more):
            address = "/reports/-/issued" + (f"?provider={provider}" if provider else "")
            return client.sign_in(town.manager).post(address, data={**PERIOD, **more})

    return Step()


@pytest.fixture
def both(step, town):  # noqa: F811
    step.issue("C-001", town.staff)
    step.issue("C-002", town.other_staff, says="One carer was ill.")


def one():
    return db.session.query(IssuedOverview).order_by(IssuedOverview.id.desc()).first()


def test_it_waits_until_a_report_of_each_contract_is_issued(client, town, step):  # noqa: F811
    step.issue("C-001", town.staff)
    page = client.sign_in(town.manager).get(f"/reports{ASKED}").page
    assert "Still to be issued for these days: C-002." in " ".join(page.text.split())
    assert not page.select("form[action*='/reports/-/issued']")
    assert step.put_together().status_code == 409
    assert one() is None


def test_it_is_numbered_in_the_same_series_sealed_and_has_its_files(client, town, both, step, work):  # noqa: F811
    page = client.sign_in(town.manager).get(f"/reports{ASKED}").page
    assert page.select("form[action*='/reports/-/issued']")
    answer = step.put_together()
    assert answer.status_code == 303
    work()

    made = one()
    assert (made.number, made.provider_id, hash_of(made.content)) == (3, None, made.content_hash)
    kinds = sorted((file.kind, file.language) for file in made.files)
    assert kinds == [("csv", "en"), ("json", "en"), ("pdf", "en"), ("pdf", "zh"), ("xlsx", "en"), ("xlsx", "zh")]
    page = client.get(answer.location).page
    assert page.h1.text.strip() == "Report 3: Riverside Public Services"
    assert made.content_hash in page.text
    assert "One carer was ill." in page.text
    assert "47 of 52" in page.text

    pdf = PdfReader(io.BytesIO(client.get(f"{answer.location}.pdf?lang=en").data))
    texts = [" ".join(each.extract_text().split()) for each in pdf.pages]
    assert all(f"Report 3, SHA-256 {made.content_hash}" in text for text in texts)
    assert "We have hired two more." in " ".join(texts)
    book = load_workbook(io.BytesIO(client.get(f"{answer.location}.xlsx?lang=en").data))
    assert ("SHA-256", made.content_hash) in [row[:2] for row in book["Report"].iter_rows(values_only=True)]
    whole = json.loads(client.get(f"{answer.location}.json").data)
    assert whole["measures"]["on_time_response_rate"]["numerator"] == 47
    assert [each["number"] for each in whole["reports"]] == [1, 2]
    assert whole["issue"]["number"] == 3
    assert all(each["issued"]["sha256"] for each in whole["contracts"])


def test_it_says_what_the_live_one_said_at_that_moment(client, town, both, step):  # noqa: F811
    step.put_together()
    live = json.loads(client.sign_in(town.manager).get(f"/reports.json{ASKED}&as_of=2026-10-12T09:00:00%2B08:00").data)
    kept = dict(one().content["overview"])

    for contract in (*live["contracts"], *kept["contracts"]):
        contract.pop("issued")  # then there was none
    assert kept == live


def test_what_happens_later_changes_nothing_and_once_more_is_a_correction(client, town, both, step, work):  # noqa: F811
    step.put_together()
    first = one()
    kept = first.content_hash
    page = client.get(f"/reports{ASKED}").page
    assert page.select("[name=what_changed]")
    assert step.put_together().status_code == 422
    step.issue("C-001", town.staff, says="Corrected.")
    assert step.put_together(what_changed="The report of C-001 was corrected.").status_code == 303

    second = one()
    assert (second.number, second.corrects.number, second.what_changed) == (5, 3, "The report of C-001 was corrected.")
    assert [each["number"] for each in second.content["reports"]] == [4, 2]
    # Its report of C-001 was drafted a moment later, so that what waits has waited longer.
    assert "Figures that changed" in client.get(f"/reports/-/issued/{second.id}").page.main.text
    assert db.session.get_one(IssuedOverview, first.id).content_hash == kept


def test_one_of_a_provider_is_for_the_agency_and_that_provider(client, town, both, step, charlie):  # noqa: F811
    step.put_together(provider="sunrise")
    of_provider = one()
    step.put_together()
    of_all = one()

    assert of_provider.content["overview"]["scope"] == {"agency": "riverside", "provider": "sunrise"}
    seen = {
        town.viewer: (200, 200),
        town.other_staff: (200, 404),
        town.staff: (404, 404),
        charlie: (404, 404),
    }
    for member, expected in seen.items():
        client.sign_in(member)
        found = tuple(client.get(f"/reports/-/issued/{each.id}").status_code for each in (of_provider, of_all))
        assert found == expected, member.email
    told = [
        client.sign_in(each).get(f"/reports/-/issued/{of_provider.id}").page for each in (town.viewer, town.other_staff)
    ]
    assert ["a manager of the agency" in page.text for page in told] == [False, True]
    assert all("Issued by" in page.text for page in told)
    assert client.sign_in(town.officer).post("/reports/-/issued", data=PERIOD).status_code == 403
    assert client.sign_in(town.other_staff).get("/reports").page.select_one("#issued ~ ul a").text == "Report 3"


def test_verify_knows_its_files_and_what_no_longer_fits(app, town, both, step, work, tmp_path):  # noqa: F811
    step.put_together()
    work()
    run = app.test_cli_runner()
    for file in db.session.query(IssuedOverviewFile):
        assert hashlib.sha256(file.body).hexdigest() == file.sha256
        path = tmp_path / f"{file.kind}-{file.language}"
        path.write_bytes(file.body)
        db.session.commit()
        result = run.invoke(args=["report", "verify", str(path)])
        assert result.exit_code == 0, result.output
        assert "Report 3 of riverside, all contracts" in result.output

    report = db.session.query(IssuedReport).filter_by(number=1).one()
    report.content = {**report.content, "exclusions": {}}
    db.session.commit()
    result = run.invoke(args=["report", "verify", str(tmp_path / "json-en")])
    assert result.exit_code == 1
    assert "report 1 is not the one that it was put together from" in result.output
