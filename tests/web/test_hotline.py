"""A hotline's daily file: calls in, once each; its number and deadline beside ours; answers out."""

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest

from app.audit.models import AuditEntry
from app.cases import actions
from app.cases.models import Case
from app.directory.models import ContractSite
from app.extensions import db
from app.hotline import actions as hotline
from app.intake import actions as intake
from app.intake.models import Feedback, HotlineCall
from app.kernel.words import Actor, Channel
from app.web.sheets import Line
from tests.web.cases_story import MONDAY, history, sent
from tests.web.test_sheets import confirm, rows

HEAD = "number,received_at,site,contract,kind,text,email,phone,deadline\n"
FIRST = HEAD + (
    "GD-0042,2026-11-02 08:30,RS-001,,,The bin was left full.,caller@example.org,,2026-11-06 17:00\n"
    "GD-0043,2026-11-02 08:45,rs-003,C-002,compliment,Ms Li is so kind.,,+86 138 0013 8000,\n"
)


@pytest.fixture
def monday(at):
    with at(MONDAY + timedelta(hours=1)):
        yield


@pytest.fixture
def alice(app, riverside, monday):
    return app.test_client().sign_in(riverside.officer)


def send(client, table):
    return client.post("/hotline", data={"file": (io.BytesIO(table.encode()), "calls.csv")})


def call_of(number):
    return db.session.query(HotlineCall).filter_by(number=number).one()


def flat(page):
    return " ".join(page.main.text.split())


def test_calls_become_feedback_once_with_the_hotlines_number_and_deadline(alice, riverside, work, mail_box):
    assert alice.get("/by-phone").page.select_one("a[href='/hotline']")
    seen = send(alice, FIRST)
    assert [row[1:3] for row in rows(seen.page)] == [["GD-0042", "New"], ["GD-0043", "New"]]
    assert db.session.query(Feedback).count() == 0

    assert confirm(alice, seen).location == "/hotline"
    work()

    complaint, praise = call_of("GD-0042").feedback, call_of("GD-0043").feedback
    assert (complaint.channel, complaint.contract_id) == (Channel.HOTLINE, riverside.contract.id)
    assert complaint.submitted_at == MONDAY - timedelta(minutes=30)
    case = actions.case_of(complaint)
    # Ours is the clause's: 16 working hours of the agency, whatever the hotline wants.
    assert case.respond_by == MONDAY + timedelta(days=1, hours=7.5)
    assert actions.case_of(praise) is None
    assert mail_box()[0]["To"] == "caller@example.org"
    page = flat(alice.get(f"/cases/{complaint.reference}").page)
    assert "Hotline's number GD-0042 Hotline's deadline 6 Nov 2026, 17:00" in page
    assert "Came by Hotline" in page
    for asked in ("gd-0042", "GD-00 42"):
        assert complaint.reference in alice.get("/inbox", query_string={"view": "all", "words": asked}).page.main.text
    assert praise.reference not in alice.get("/inbox?view=all&words=gd-0042").page.main.text
    assert "13800138000" not in page.replace(" ", "")


@pytest.mark.parametrize("number", ["GD1", "7"])
def test_a_number_is_found_whole_however_short_it_is(alice, riverside, number):
    longer = f"{number}99"
    confirm(
        alice, send(alice, HEAD + "".join(f"{each},2026-11-02 08:30,RS-001,,,Full.,,,\n" for each in (number, longer)))
    )

    for asked, found in ((number, number), (number.lower(), number), (longer, longer)):
        page = alice.get("/inbox", query_string={"view": "all", "words": asked}).page.main.text
        for each in (number, longer):
            assert (call_of(each).feedback.reference in page) == (each == found), (asked, each)


def test_the_same_number_again_is_no_second_case_but_an_update(alice, riverside, work):
    confirm(alice, send(alice, FIRST))
    work()
    again = send(alice, FIRST)
    assert {row[2] for row in rows(again.page)} == {"As it was"}
    assert not again.page.select("button:-soup-contains('Take')")

    changed = HEAD + "gd-0042,2026-11-02 08:30,RS-001,,,Still full. It smells.,,,2026-11-04 12:00\n"
    seen = send(alice, changed)
    (row,) = rows(seen.page)
    assert row[2] == "Updated"
    assert "6 Nov 2026, 17:00 → 4 Nov 2026, 12:00" in row[3]
    assert "The text is new" in row[3]
    confirm(alice, seen)

    assert (db.session.query(Feedback).count(), db.session.query(Case).count()) == (2, 1)
    call = call_of("GD-0042")
    assert call.due_at == MONDAY + timedelta(days=2, hours=3)
    assert history(call.feedback) == ["acknowledged", "added"]
    assert intake.contact_of(call.feedback_id).email == "caller@example.org"
    assert {row[2] for row in rows(send(alice, changed).page)} == {"As it was"}


def test_what_was_erased_is_not_brought_back(alice, riverside):
    confirm(alice, send(alice, FIRST))
    feedback = call_of("GD-0042").feedback
    actions.erase_words(feedback)
    intake.erase_words(feedback)
    db.session.commit()

    seen = send(alice, FIRST.replace("left full", "left full again"))

    assert rows(seen.page)[0][2] == "As it was"


def test_a_case_that_was_moved_is_still_the_same_call(alice, riverside):
    confirm(alice, send(alice, FIRST))
    feedback = call_of("GD-0042").feedback
    feedback.contract_id = riverside.other_contract.id
    db.session.commit()

    assert rows(send(alice, FIRST).page)[0][2] == "As it was"


WRONG = [
    ("number", "", "number is empty"),
    ("number", "GD-0043", "number is in row 2 already"),
    ("received_at", "2026-11-02 10:30", "received_at is in the future"),
    ("received_at", "yesterday", "received_at must be a time like"),
    ("received_at", "", "received_at is empty"),
    ("site", "HS-001", "site is no site of the agency"),
    ("contract", "C-002", "contract does not serve the site on that day"),
    ("kind", "moan", "kind must be one of rating, complaint"),
    ("text", "", "text is empty, and there is no rating"),
    ("email", "nobody", "email is no e-mail address"),
    ("phone", "1" * 41, "phone is longer than 40 characters"),
    ("deadline", "2026-11-01", "deadline is before the call"),
]


@pytest.mark.parametrize(("column", "cell", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_bad_rows_come_back_with_the_reason_and_the_good_go_in(alice, riverside, hillside, column, cell, said):
    good = ["GD-0043", "2026-11-02 08:00", "RS-001", "", "", "Dirty.", "", "", ""]
    bad = FIRST.splitlines()[1].split(",")
    bad[HEAD.strip().split(",").index(column)] = cell
    table = io.StringIO()
    csv.writer(table).writerows([HEAD.strip().split(","), good, bad])

    seen = send(alice, table.getvalue())
    done = confirm(alice, seen)

    assert said in rows(seen.page)[0][3]
    assert "1 row was taken in." in done.page.main.text
    assert [call.number for call in db.session.query(HotlineCall)] == ["GD-0043"]
    back = confirm(alice, done)
    sheet = list(openpyxl.load_workbook(io.BytesIO(back.data)).active.iter_rows(values_only=True))
    assert said in sheet[1][-1]


def test_where_several_contracts_serve_the_row_names_one(alice, riverside):
    both = {"site_id": riverside.site.id, "starts_on": date(2026, 1, 1)}
    db.session.add(ContractSite(agency_id=riverside.agency.id, contract_id=riverside.other_contract.id, **both))
    db.session.commit()

    seen = send(alice, FIRST)

    assert rows(seen.page)[0][3] == "contract is empty, and several serve the site: C-001, C-002"


def test_a_site_that_changes_and_a_case_that_is_over_are_refused(alice, riverside):
    confirm(alice, send(alice, FIRST))
    call = call_of("GD-0042")
    elsewhere = send(alice, FIRST.replace("RS-001", "RS-002"))
    assert rows(elsewhere.page)[0][3] == "site is another than before, which was RS-001"

    actions.withdraw(actions.case_of(call.feedback))
    db.session.commit()
    done = confirm(alice, send(alice, FIRST.replace("left full", "left full again")))

    assert "text is new, and nothing can be added: the case is over" in done.page.main.text
    assert history(call.feedback)[-1] == "withdrawn"


def test_answers_go_back_for_some_days(app, alice, riverside, at, work):
    confirm(alice, send(alice, FIRST))
    feedback = call_of("GD-0042").feedback
    sent(riverside)
    with at(MONDAY + timedelta(days=3)):
        actions.reply(
            actions.case_of(feedback), "=A crew comes today.", by=Actor.AGENCY, member_id=riverside.officer.id
        )
        db.session.commit()
        alice = app.test_client().sign_in(riverside.officer)
        days = {"start": "2026-11-05", "end": "2026-11-05", "form": "csv"}
        file = alice.post("/hotline/answers", data=days)
        both = alice.post("/hotline/answers", data=days | {"start": "2026-11-02", "form": "xlsx"})
        none = alice.post("/hotline/answers", data=days | {"start": "2026-11-06", "end": "2026-11-06"})

    (answer,) = csv.DictReader(io.StringIO(file.data.decode("utf-8-sig")))
    assert (answer["number"], answer["reference"], answer["status"]) == ("GD-0042", feedback.reference, "open")
    assert (answer["received_at"], answer["deadline"]) == ("2026-11-02 08:30", "2026-11-06 17:00")
    assert (answer["answered_at"], answer["answer"]) == ("2026-11-05 09:00", "'=A crew comes today.")
    sheet = list(openpyxl.load_workbook(io.BytesIO(both.data)).active.iter_rows(values_only=True))
    assert [row[0] for row in sheet] == ["number", "GD-0042", "GD-0043"]
    assert len(none.data.decode().splitlines()) == 1
    noted = db.session.query(AuditEntry).filter_by(verb="exported", what="hotline_call").order_by(AuditEntry.id).all()
    assert [entry.detail for entry in noted] == ["1", "2", "0"]


def test_days_that_cannot_be_are_said(alice, riverside):
    refused = alice.post("/hotline/answers", data={"start": "2026-11-05", "end": "2026-11-04", "form": "csv"})

    assert refused.status_code == 422
    assert "not before the first" in refused.page.main.text


def test_an_agency_has_its_own_numbers_and_answers(app, alice, riverside, hillside):
    confirm(alice, send(alice, FIRST))
    charlie = app.test_client().sign_in(hillside.officer)
    theirs = send(charlie, HEAD + "GD-0042,2026-11-02 00:30,HS-001,,,Dirty.,,,\n")
    assert rows(theirs.page)[0][2] == "New"
    confirm(charlie, theirs)

    days = {"start": "2026-11-01", "end": "2026-11-05", "form": "csv"}
    assert len(charlie.post("/hotline/answers", data=days).data.decode().splitlines()) == 2
    assert app.test_client().sign_in(riverside.viewer).get("/hotline").status_code == 403


def test_staff_of_the_provider_see_the_deadline_but_not_the_number(app, alice, riverside):
    confirm(alice, send(alice, FIRST))
    feedback = call_of("GD-0042").feedback
    actions.assign(actions.case_of(feedback), member_id=riverside.officer.id)
    db.session.commit()

    page = flat(app.test_client().sign_in(riverside.staff).get(f"/cases/{feedback.reference}").page)

    assert "Hotline's deadline 6 Nov 2026, 17:00" in page
    assert "GD-0042" not in page


def test_by_command_it_is_all_or_nothing_unless_good_rows_are_asked_for(app, riverside, monday, tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text(FIRST + "GD-0044,2026-11-02 08:00,NOWHERE,,,Dirty.,,,\n")
    command = ["import", "hotline", str(file), "--agency", "riverside"]

    refused = app.test_cli_runner().invoke(args=command)
    assert refused.exit_code == 1
    assert "calls.csv, row 4: site is no site of the agency" in refused.output
    assert db.session.query(HotlineCall).count() == 0

    done = app.test_cli_runner().invoke(args=[*command, "--good-rows"])
    assert "New: 2. Updated: 0. As they were: 0." in done.output
    (left,) = csv.DictReader(io.StringIO((tmp_path / "calls.refused.csv").read_text("utf-8-sig")))
    assert (left["number"], left["reason"]) == ("GD-0044", "site is no site of the agency")
    again = app.test_cli_runner().invoke(args=[*command, "--good-rows"])
    assert "New: 0. Updated: 0. As they were: 2." in again.output
    assert app.test_cli_runner().invoke(args=[*command[:-1], "nobody"]).exit_code == 1


def test_of_two_who_take_the_same_number_in_one_is_told(alice, riverside):
    seen = send(alice, FIRST)
    cells = dict(zip(HEAD.strip().split(","), FIRST.splitlines()[1].split(","), strict=True))
    rows_read = hotline.read(riverside.agency, [Line(2, cells)])
    hotline.take_in(riverside.agency.id, rows_read, hotline.make_ready(rows_read))
    db.session.commit()

    shown = confirm(alice, seen)

    assert [row[2] for row in rows(shown.page)] == ["As it was", "New"]
    assert db.session.query(Feedback).count() == 1
