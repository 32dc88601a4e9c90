"""A report is drafted, stated on by the provider, issued: frozen, numbered, sealed; and corrected by another."""

import copy
import csv
import io
import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from app.accounts.models import Membership
from app.analysis.models import Tag
from app.cases import verdict_actions
from app.cases.models import Case
from app.directory.actions import add_kpi
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Attribution
from app.reports.corrections import changed_figures
from app.reports.frozen import canonical, freeze, thaw
from app.reports.models import IssuedFile, IssuedReport
from app.reports.report import build

PERIOD = {"start": "2026-09-01", "end": "2026-09-30", "as_of": "2026-10-12T09:00:00+08:00"}


@pytest.fixture
def walk(client, september, work):
    """Each step of the way as the people take it."""

    class Walk:
        def drafted(self, **more):
            answer = client.sign_in(september.manager).post("/reports/C-001/issued", data={**PERIOD, **more})
            assert answer.status_code == 303
            return answer.location.partition("?")[0]

        def post(self, member, address, **data):
            report = db.session.query(IssuedReport).order_by(IssuedReport.id.desc()).first()
            return client.sign_in(member).post(address, data={"version": report.version, **data})

        def stated(self):
            address = self.drafted()
            assert self.post(september.manager, f"{address}/send").status_code == 303
            said = "Five of these were caused by the closed bridge."
            assert self.post(september.staff, f"{address}/statement", statement=said).status_code == 303
            return address

        def issued(self):
            address = self.stated()
            assert self.post(september.manager, f"{address}/issue").status_code == 303
            work()
            return address

    return Walk()


def one():
    return db.session.query(IssuedReport).order_by(IssuedReport.id.desc()).first()


def dates():
    """The period of these reports, as their builder takes it."""
    return {
        "start": date(2026, 9, 1),
        "end": date(2026, 9, 30),
        "as_of": datetime.fromisoformat(PERIOD["as_of"]),
    }


def test_what_is_frozen_can_be_read_again_and_says_the_same(september):
    report = build(september.contract, **dates())
    content = json.loads(canonical(freeze(report)))

    assert canonical(freeze(thaw(content))) == canonical(content)
    assert thaw(content).figures == report.figures
    assert "The bin was left full" not in canonical(content).decode(), "no words of residents"


def test_a_draft_is_seen_by_the_agency_and_by_the_provider_only_once_it_is_sent(
    client, september, walk, mail_box, work
):
    address = walk.drafted()

    assert "Draft" in client.sign_in(september.viewer).get(address).page.h1.text
    assert client.sign_in(september.staff).get(address).status_code == 404
    walk.post(september.manager, f"{address}/send")
    work()
    (letter,) = [each for each in mail_box() if each["To"] == september.staff.email]
    assert "waits for your statement" in letter["Subject"]
    assert address in letter.get_body(("plain",)).get_content()
    (line,) = client.sign_in(september.staff).get("/inbox?lang=en").page.select(".govuk-inset-text a")
    assert line.text.startswith("A draft report waits for your statement until")
    assert line["href"].partition("?")[0] == address
    assert client.get(line["href"]).status_code == 200
    assert not client.sign_in(september.other_staff).get("/inbox").page.select(".govuk-inset-text")
    assert client.sign_in(september.other_staff).get(address).status_code == 404


def test_who_is_named_in_a_statement_is_pointed_out_before_it_is_public(client, september, walk):
    address = walk.drafted()
    walk.post(september.manager, f"{address}/send")
    said = "Mrs. Helga Brandt of 5 Quay Road was not at home."

    warned = walk.post(september.staff, f"{address}/statement", statement=said)
    assert warned.status_code == 422
    assert "a name: Mrs. Helga Brandt" in warned.page.main.text
    assert "an address: 5 Quay Road" in warned.page.main.text
    assert warned.page.select_one("textarea").text.strip() == said, "nothing typed is lost"
    assert one().statement is None
    assert walk.post(september.staff, f"{address}/statement", statement=said, is_meant="y").status_code == 303

    page = client.sign_in(september.manager).get(address).page
    assert "This will be public in the report" in page.main.text
    assert "Helga Brandt" in page.select_one(".govuk-inset-text").text
    plain = walk.post(september.staff, f"{address}/statement", statement="She was not at home.")
    assert plain.status_code == 303, "what names nobody asks for nothing"
    assert "This will be public" not in client.sign_in(september.manager).get(address).page.main.text


@pytest.mark.parametrize(
    ("said", "named"),
    [("Wang Wei did not open the door.", "Wang Wei"), ("我们联系了王小明，他没有回复。", "王小明")],
)
def test_a_full_name_without_a_title_is_asked_about_as_one_that_may_be(client, september, walk, said, named):
    address = walk.drafted()
    walk.post(september.manager, f"{address}/send")

    warned = walk.post(september.staff, f"{address}/statement", statement=said)
    assert warned.status_code == 422
    assert f"perhaps a name: {named}" in warned.page.main.text
    assert walk.post(september.staff, f"{address}/statement", statement=said, is_meant="y").status_code == 303
    assert named in client.sign_in(september.manager).get(address).page.select_one(".govuk-inset-text").text


def test_what_the_agency_says_of_a_correction_is_asked_about_too(client, september, walk):
    address = walk.issued()
    said = "Wang Wei had been counted twice."

    warned = walk.post(september.manager, f"{address}/correct", what_changed=said)
    assert warned.status_code == 422
    assert "perhaps a name: Wang Wei" in warned.page.main.text
    assert warned.page.select_one("#what_changed").text.strip() == said
    assert walk.post(september.manager, f"{address}/correct", what_changed=said, is_meant="y").status_code == 303


def test_a_stale_tab_says_whether_it_was_oneself(client, app, september, walk):
    address = walk.drafted()
    version = one().version
    walk.post(september.manager, f"{address}/send")

    mine = client.post(f"{address}/discard", data={"version": version})
    assert mine.status_code == 409
    assert "by you in another window" in mine.page.text
    walk.post(september.staff, f"{address}/statement", statement="The bridge was closed.")
    other = client.sign_in(september.manager).post(f"{address}/discard", data={"version": version})
    assert "Somebody else has done something" in other.page.text


def test_nothing_is_issued_before_the_provider_has_spoken_or_had_ten_working_days(client, september, walk):
    address = walk.drafted()
    walk.post(september.manager, f"{address}/send")

    refused = walk.post(september.manager, f"{address}/issue")
    assert refused.status_code == 409
    assert one().number is None
    waiting = one().statement_due_at - clock.now()
    assert timedelta(days=13) < waiting < timedelta(days=25), "ten working days, with weekends and holidays"
    one().statement_due_at = clock.now()
    db.session.commit()
    assert walk.post(september.manager, f"{address}/issue").status_code == 303
    assert "None was given in the time there was." in client.get(address).page.text


def test_a_provider_of_whom_nobody_signs_in_is_said_to_be_told_by_nobody(client, september, walk, work, mail_box):
    db.session.query(Membership).filter_by(provider_id=september.provider.id).delete()
    db.session.commit()
    address = walk.drafted()
    page = client.get(address).page.main
    assert "Nobody of this provider signs in: nobody can be asked here." in page.text
    assert "The report can be issued after 10 working days." in page.text
    assert [each.text for each in page.select("form[action*=send] button")] == ["Begin the time for its statement"]

    sent = walk.post(september.manager, f"{address}/send")
    assert sent.status_code == 303
    page = client.get(address).page
    work()
    assert mail_box() == []
    told = " ".join(page.main.text.split())
    assert "Nobody could be told by us" in page.select_one(".govuk-notification-banner").text
    assert "Time for the statement; nobody could be told by us" in told
    assert "so nobody could be told by us. Send it the draft yourself" in told
    assert page.select_one(".govuk-inset-text a")["href"].partition("?")[0] == f"{address}.pdf"
    assert "Sent to the provider" not in told
    assert "With the provider" not in told
    listed = client.get("/reports/C-001/issued").page.main.text
    assert "nobody could be told by us" in listed
    assert walk.post(september.manager, f"{address}/issue").status_code == 409, "its time is the same"
    one().statement_due_at = clock.now()
    db.session.commit()
    assert walk.post(september.manager, f"{address}/issue").status_code == 303


def test_an_issued_report_is_numbered_hashed_and_has_its_files(client, september, walk):
    address = walk.issued()
    page = client.sign_in(september.viewer).get(address).page

    report = one()
    assert page.h1.text.strip().startswith("Report 1:")
    assert report.content_hash in page.text
    assert "closed bridge" in page.text
    kinds = sorted((file.kind, file.language) for file in report.files)
    assert kinds == [("csv", "en"), ("json", "en"), ("pdf", "en"), ("pdf", "zh"), ("xlsx", "en"), ("xlsx", "zh")]
    pdf = PdfReader(io.BytesIO(client.get(f"{address}.pdf").data))
    texts = [" ".join(each.extract_text().split()) for each in pdf.pages]
    assert all(f"Report 1, SHA-256 {report.content_hash}" in text for text in texts)
    assert "Five of these were caused by the closed bridge." in " ".join(texts)
    assert "What is left out" in " ".join(texts)
    book = load_workbook(io.BytesIO(client.get(f"{address}.xlsx").data))
    assert ("SHA-256", report.content_hash) in list(book["Report"].iter_rows(values_only=True))
    assert "The bin was left full" not in str([list(sheet.iter_rows(values_only=True)) for sheet in book])
    whole = json.loads(client.get(f"{address}.json").data)
    assert (whole["issue"]["number"], whole["measures"]["received"]["value"]) == (1, 15)


def test_the_page_says_who_issued_it_to_a_provider_by_role(client, september, walk):
    address = walk.issued()
    manager = db.session.merge(september.manager)
    by = {}
    for member in (september.viewer, september.staff):
        page = client.sign_in(member).get(address).page
        rows = {key.text.strip(): key.find_next_sibling("dd").text.strip() for key in page.select("dt")}
        by[member] = rows["Issued by"]
        assert member is september.viewer or manager.email not in page.text

    assert by == {september.viewer: manager.name or manager.email, september.staff: "a manager of the agency"}


def kpi_rows(page):
    return [" ".join(row.text.split()) for row in page.select("#kpis-caption ~ tbody tr")]


def test_draft_and_issued_report_show_the_kpis_as_frozen_to_agency_and_provider(client, september, walk):
    values = {"basis": "validated", "direction": "at_least", "target": 0.9, "approaching": 0.8, "inadequate": 0.5}
    agreed = september.contract.starts_on
    add_kpi(september.contract, "K9", "response_rate", None, values | {"minimum_n": 1}, starts_on=agreed)
    db.session.commit()
    address = walk.stated()

    drafts = [kpi_rows(client.sign_in(who).get(address).page) for who in (september.manager, september.staff)]
    frozen = one().content["report"]["kpis"]
    later = values | {"minimum_n": 1, "target": 1.0}
    add_kpi(september.contract, "K8", "response_rate", None, later, starts_on=agreed)
    walk.post(september.manager, f"{address}/issue")
    issued = [kpi_rows(client.sign_in(who).get(address).page) for who in (september.manager, september.staff)]

    assert drafts[0] == drafts[1] == issued[0] == issued[1]
    assert [kpi["code"] for kpi in frozen] == [row.split()[0] for row in drafts[0]]
    first, last = drafts[0][0], drafts[0][-1]
    assert "K1 Answered in timeRated: raw at least 90 %" in first
    assert "66.7 % 8 of 12; between" in first
    assert "Requires improvement, too close to call with" in first
    assert last.startswith("K9 AnsweredRated: validated at least 90 %")


def test_the_files_of_an_issued_report_say_of_its_kpis_what_its_page_says(client, september, walk):
    address = walk.issued()
    rows = kpi_rows(client.sign_in(september.viewer).get(address).page)
    kpis = json.loads(client.get(f"{address}.json").data)["kpis"]
    book = load_workbook(io.BytesIO(client.get(f"{address}.xlsx").data))
    cells = [dict(zip(*pair, strict=True)) for pair in cells_of(book["KPIs"])]
    table = {
        row["key"]: row
        for row in csv.DictReader(io.StringIO(client.get(f"{address}.csv").text.lstrip("\ufeff")))
        if row["part"] == "kpis"
    }
    pdf = PdfReader(io.BytesIO(client.get(f"{address}.pdf").data))
    paper = " ".join(" ".join(each.extract_text() for each in pdf.pages).split())

    assert len(rows) == len(kpis) == len(cells) == len(table) > 0
    for row, kpi, cell in zip(rows, kpis, cells, strict=True):
        line = table[kpi["code"]]
        n = f"{kpi['numerator']} of {kpi['denominator']}"
        said = (
            kpi["rating"]
            if kpi["rating"] == "Other"
            else f"{kpi['rating']}, " + ("clear" if kpi["clear"] else "too close to call")
        )
        assert n in row
        assert said in row
        assert (cell["Numerator"], cell["Denominator"]) == (kpi["numerator"], kpi["denominator"])
        assert (cell["Which cases"], cell["Proposed rating"], cell["Clear"]) == (
            kpi["basis"],
            kpi["rating"],
            kpi["clear"],
        )
        assert (line["numerator"], line["denominator"]) == (str(kpi["numerator"]), str(kpi["denominator"]))
        assert f"{kpi['measure']} {kpi['basis']}, {kpi['direction']} {kpi['target']}: {kpi['rating']}" in line["text"]
        assert ("too close to call" in line["text"]) == ("too close to call" in row)
        assert (cell["First day"].date(), cell["Last day"].date()) == (date(2026, 9, 1), date(2026, 9, 30))
        assert line["text"].endswith("; 2026-09-01 to 2026-09-30")
        assert f"({n})" in paper
        assert said in paper


def cells_of(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [(head, row) for row in rows]


def test_what_happens_later_changes_nothing_in_it(client, september, walk):
    address = walk.issued()
    before = client.get(f"{address}.json").data
    db.session.query(Feedback).update({"rating": 1})
    db.session.query(Tag).update({"sentiment": "positive"})
    db.session.commit()

    assert client.get(f"{address}.json").data == before
    for deed in ("send", "issue", "discard"):
        assert walk.post(september.manager, f"{address}/{deed}").status_code == 409
    assert walk.post(september.staff, f"{address}/statement", statement="Another word.").status_code == 409
    assert client.get(f"{address}.json").data == before


def test_numbers_follow_each_other(client, september, walk):
    walk.issued()
    walk.issued()

    assert [report.number for report in db.session.query(IssuedReport).order_by(IssuedReport.id)] == [1, 2]


def test_a_correction_is_a_new_report_that_says_what_changed(client, september, walk, work):
    first = walk.issued()
    db.session.query(Feedback).filter_by(external_reference="R0").update({"rating": 1})
    db.session.commit()
    refused = walk.post(september.manager, f"{first}/correct", what_changed="")
    assert refused.status_code == 422
    assert "Say what changed, and why." in refused.page.text
    drafted = walk.post(september.manager, f"{first}/correct", what_changed="One rating had been typed wrongly.")
    address = drafted.location.partition("?")[0]
    walk.post(september.manager, f"{address}/send")
    walk.post(september.staff, f"{address}/statement", statement="Agreed.")
    walk.post(september.manager, f"{address}/issue")
    work()

    page = client.sign_in(september.viewer).get(address).page
    assert page.h1.text.strip().startswith("Report 2:")
    text = " ".join(page.text.split())
    assert "What changed against report 1" in text
    assert "One rating had been typed wrongly." in text
    assert "Satisfied with the service 3 of 15 2 of 15" in text
    assert "corrects report 1" in client.get("/reports/C-001/issued").page.text
    assert "This report was corrected. Report 2" in " ".join(client.get(first).page.text.split())
    assert "This report was corrected." not in page.text
    pdf = PdfReader(io.BytesIO(client.get(f"{address}.pdf").data))
    assert "What changed against report 1" in " ".join(each.extract_text() for each in pdf.pages)


def test_a_correction_names_the_kpis_that_say_something_else(client, september, walk):
    first = walk.issued()
    values = {"basis": "raw", "direction": "at_least", "target": 0.9, "approaching": 0.8, "inadequate": 0.5}
    agreed = september.contract.starts_on
    add_kpi(september.contract, "K9", "response_rate", None, values | {"minimum_n": 1}, starts_on=agreed)
    db.session.commit()

    drafted = walk.post(september.manager, f"{first}/correct", what_changed="A KPI was forgotten.")

    text = " ".join(client.sign_in(september.manager).get(drafted.location).page.text.split())
    assert re.search(r"K9 Answered – \d+ of \d+, (Good|Inadequate|Approaching target|Requires improvement)", text)


def test_of_a_moment_that_is_still_to_come_nothing_is_frozen(client, september):
    ahead = (clock.now() + timedelta(days=30)).isoformat()

    refused = client.sign_in(september.manager).post("/reports/C-001/issued", data={**PERIOD, "as_of": ahead})
    seen = client.get("/reports/C-001", query_string={**PERIOD, "as_of": ahead})

    assert refused.status_code == 400
    assert seen.status_code == 422
    assert "still to come" in seen.page.main.text
    assert db.session.query(IssuedReport).count() == 0


def numbers_in(content, path=()):
    """The way to every number of a report's JSON."""
    if isinstance(content, dict):
        return [way for key, value in content.items() for way in numbers_in(value, (*path, key))]
    if isinstance(content, list):
        return [way for nth, value in enumerate(content) for way in numbers_in(value, (*path, nth))]
    return [path] if isinstance(content, (int, float)) and not isinstance(content, bool) else []


def test_whichever_number_differs_a_correction_never_says_that_none_does(app, september, walk):
    before = freeze(build(september.contract, **dates()))["report"]
    ways = [way for way in numbers_in(before) if way[0] != "kpis" or way[-1] not in ("start", "end")]

    assert len(ways) > 300
    with app.test_request_context():
        assert changed_figures(before, before) == []
        for way in ways:
            now = copy.deepcopy(before)
            inner = now
            for key in way[:-1]:
                inner = inner[key]
            inner[way[-1]] += 1
            assert changed_figures(before, now), way


def test_a_verdict_given_after_it_was_issued_is_what_a_correction_changes(client, september, walk):
    first = walk.issued()
    case = db.session.scalars(select(Case).where(Case.contract_id == september.contract.id).order_by(Case.id)).first()
    found = {"member_id": september.officer.id, "is_manager": False}
    verdict_actions.judge(case, Attribution.THIRD_PARTY, "It was the market's.", **found)
    db.session.commit()

    drafted = walk.post(september.manager, f"{first}/correct", what_changed="A verdict came late.")

    text = " ".join(client.sign_in(september.manager).get(drafted.location).page.text.split())
    assert "Verdict: Third party 0 1" in text
    assert "No figure changed." not in text


def test_the_agency_says_something_too_and_it_stands_in_every_form(client, september, walk, work):
    address = walk.stated()
    refused = walk.post(september.manager, f"{address}/issue", agency_statement="Call Wang Wei about it.")
    assert refused.status_code == 422
    assert refused.page.select_one("#agency_statement").text.strip() == "Call Wang Wei about it."
    said = "We closed the bridge later than announced."
    assert walk.post(september.manager, f"{address}/issue", agency_statement=said).status_code == 303
    work()

    page = client.sign_in(september.viewer).get(address).page
    assert said in page.main.text
    pdf = PdfReader(io.BytesIO(client.get(f"{address}.pdf").data))
    assert said in " ".join(" ".join(each.extract_text() for each in pdf.pages).split())
    book = load_workbook(io.BytesIO(client.get(f"{address}.xlsx").data))
    facts = {row[0]: row[1] for row in book["Report"].iter_rows(min_row=2, values_only=True)}
    assert facts["Statement of the agency"] == said
    assert facts["Statement of the provider"] == "Five of these were caused by the closed bridge."
    assert facts["Number"] == 1
    assert isinstance(facts["When it was issued"], datetime)
    table = {(row["part"], row["key"]): row["text"] for row in rows_of(client, address)}
    assert table["issue", "agency_statement"] == said
    assert table["issue", "number"] == "1"
    assert table["issue", "sha256"] == one().content_hash
    assert table["exclusions", "duplicates"].isdigit()
    assert table["definitions", "on_time_response_rate"].startswith("Answered in time:")


def rows_of(client, address):
    return list(csv.DictReader(io.StringIO(client.get(f"{address}.csv").text.lstrip("\ufeff"))))


def test_what_is_told_singly_and_how_far_the_verdicts_are_stands_in_every_file(client, september, walk):
    address = walk.issued()
    content = json.loads(client.get(f"{address}.json").data)
    rows = rows_of(client, address)
    book = load_workbook(io.BytesIO(client.get(f"{address}.xlsx").data))
    verdicts = {row[0]: row for row in book["Verdicts"].iter_rows(min_row=2, values_only=True)}
    singly = [row[0] for row in book["Told singly"].iter_rows(min_row=2, values_only=True)]
    pdf = PdfReader(io.BytesIO(client.get(f"{address}.pdf").data))
    paper = " ".join(" ".join(each.extract_text() for each in pdf.pages).split())

    told = [each["reference"] for each in content["grave"]] + content["disputed"]
    assert told
    assert singly == told
    assert [row["key"] for row in rows if row["part"] in ("grave", "disputed")] == told
    judged = content["validated"]["judged"]
    assert (verdicts["judged"][3], verdicts["judged"][4]) == (judged["numerator"], judged["denominator"])
    assert verdicts["unjudged"][2] == content["validated"]["verdicts"]["unjudged"]
    assert f"{judged['numerator']} of {judged['denominator']} cases have a verdict." in paper
    assert "The agency's own delay in judging" in paper
    compared = {row["key"] for row in rows if row["part"] == "now"}
    assert compared == {each["key"] for each in content["changes"]}


def test_a_page_that_is_out_of_date_does_nothing(client, september, walk):
    address = walk.drafted()
    client.sign_in(september.manager)

    assert client.post(f"{address}/send", data={"version": 77}).status_code == 409
    assert client.post(f"{address}/send").status_code == 409
    assert one().sent_at is None


def test_only_managers_issue_and_only_the_provider_states(client, september, walk):
    address = walk.drafted()

    for member in (september.viewer, september.officer, september.staff):
        assert walk.post(member, f"{address}/send").status_code == 403
    assert walk.post(september.manager, f"{address}/statement", statement="So be it.").status_code == 403
    walk.post(september.manager, f"{address}/send")
    missing = walk.post(september.staff, f"{address}/statement", statement=" ")
    assert missing.status_code == 422
    assert "Write your statement." in missing.page.text


def test_verify_tells_the_issued_file_from_any_other(app, september, walk, tmp_path: Path):
    walk.issued()
    run = app.test_cli_runner()
    for file in db.session.query(IssuedFile):
        path = tmp_path / f"{file.kind}-{file.language}"
        path.write_bytes(file.body)
        db.session.commit()
        result = run.invoke(args=["report", "verify", str(path)])
        assert result.exit_code == 0, result.output
        assert "Report 1 of riverside, contract C-001" in result.output

    forged = json.loads((tmp_path / "json-en").read_text())
    forged["measures"]["response_rate"]["numerator"] = 12
    (tmp_path / "forged").write_text(json.dumps(forged))
    result = run.invoke(args=["report", "verify", str(tmp_path / "forged")])
    assert result.exit_code == 1
    assert "measures.response_rate.numerator: 8 is now 12" in result.output
    (tmp_path / "other").write_bytes(b"%PDF-1.7 of somebody else")
    assert run.invoke(args=["report", "verify", str(tmp_path / "other")]).exit_code == 1


def test_verify_says_what_no_longer_comes_out(app, september, walk, tmp_path: Path):
    walk.issued()
    path = tmp_path / "report.json"
    path.write_bytes(db.session.query(IssuedFile).filter_by(kind="json").one().body)
    db.session.query(Feedback).filter_by(external_reference="R0").update({"rating": 1})
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["report", "verify", str(path)])

    assert result.exit_code == 1
    assert "measures.service_satisfaction.numerator: 3 is now 2" in result.output


def test_verify_notices_a_database_that_was_changed(app, september, walk, tmp_path: Path):
    walk.issued()
    path = tmp_path / "report.json"
    path.write_bytes(db.session.query(IssuedFile).filter_by(kind="json").one().body)
    report = one()
    report.content = {**report.content, "exclusions": {}}
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["report", "verify", str(path)])

    assert result.exit_code == 1
    assert "its SHA-256 differs" in result.output
