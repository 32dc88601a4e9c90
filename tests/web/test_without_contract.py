"""Where no contract is in force: who takes a complaint in is warned, its resident hears what is true, it is found."""

import io
from datetime import date

import pytest

from app.cases import actions
from app.cases.models import Case
from app.directory.models import ContractSite
from app.extensions import db
from app.intake.models import Feedback
from tests.web.cases_story import MONDAY, sent
from tests.web.mail_story import AGENCY_BOX, come, letter, mailbox
from tests.web.test_give import answers
from tests.web.test_sheets import confirm, rows

NO_TIME = "No contract sets a time for the answer here, but Riverside Public Services must answer all the same."


@pytest.fixture
def unserved(riverside):
    """A site that nobody serves any more since the summer."""
    placing = db.session.query(ContractSite).filter_by(site_id=riverside.other_site.id).one()
    placing.ends_on = date(2026, 6, 30)
    db.session.commit()
    return riverside.other_site


@pytest.fixture
def monday(at):
    with at(MONDAY):
        yield


def flat(page):
    return " ".join(page.main.text.split())


def test_who_files_a_mail_there_is_warned_first(client, riverside, unserved, monday):
    taken = come(mailbox(riverside, AGENCY_BOX), letter(To=AGENCY_BOX))
    client.sign_in(riverside.officer)
    options = [each.text for each in client.get("/mail?lang=en").page.select(f"#site-{taken.id} option")]
    assert "RS-003 Place RS-003 (no contract in force)" in options
    assert "RS-001 Place RS-001" in options

    warned = client.post(f"/mail/{taken.id}/file?lang=en", data={"site": unserved.id})

    assert warned.status_code == 422
    assert "No contract is in force at this site on the day the e-mail arrived" in flat(warned.page)
    assert db.session.query(Feedback).count() == 0
    filed = client.post(f"/mail/{taken.id}/file", data={"site": unserved.id, "without_contract": "y"})
    assert filed.status_code == 303
    assert db.session.query(Feedback).one().contract_id is None


def test_the_hotlines_file_says_it_before_it_is_taken_in(client, riverside, unserved, monday):
    client.sign_in(riverside.officer)
    table = "number,received_at,site,text\nA1,2026-11-02 08:30,RS-001,Late\nA2,2026-11-02 08:30,RS-003,Late\n"

    seen = client.post("/hotline?lang=en", data={"file": (io.BytesIO(table.encode()), "calls.csv")})

    assert "1 new row is about a site at which no contract was in force." in flat(seen.page)
    assert [(row[1], "No contract in force" in row[3]) for row in rows(seen.page)] == [("A2", True), ("A1", False)]
    assert confirm(client, seen).status_code == 303


@pytest.mark.parametrize("easy", ["", "&easy=y"])
def test_its_form_speaks_of_no_provider(client, riverside, unserved, monday, easy):
    page = client.get(f"/give/RS-003?lang=en{easy}").page

    assert "Riverside Public Services itself reads what you send." in flat(page)
    assert "provider" not in page.text
    assert "firm" not in page.text
    assert page.select_one("#share") is None
    assert client.get("/give/RS-001?lang=en").page.select_one("#share")


def test_its_resident_is_promised_what_is_true(client, riverside, unserved, monday, work, mail_box):
    form = answers(client.get("/give/RS-003?lang=en").page, email="ann@example.org")

    sent_to = client.post("/give/RS-003?lang=en", data=form, follow_redirects=True)

    assert NO_TIME in flat(sent_to.page)
    work()
    (receipt,) = mail_box()
    assert NO_TIME in " ".join(receipt.get_body(("plain",)).get_content().split())
    assert NO_TIME in " ".join(receipt.get_body(("html",)).get_content().split())
    assert NO_TIME in flat(client.get(sent_to.page.select_one("a[href*='/track/']")["href"]).page)


def test_the_inbox_has_them_on_one_page_and_the_case_says_the_way_out(app, client, riverside, hillside, monday):
    bare, other = sent(riverside, contract_id=None), sent(riverside)
    client.sign_in(riverside.officer)

    inbox = client.get("/inbox?lang=en").page
    line = inbox.select_one("a[href*='contract=none']")
    assert line.text == "1 open complaint is under no contract, so it has no limit"
    found = client.get(line["href"]).page
    assert bare.reference in found.text
    assert other.reference not in found.text
    case = client.get(f"/cases/{bare.reference}?lang=en").page
    assert "Moved under a contract, it gets the limits of that contract." in flat(case)
    assert case.select_one(".govuk-inset-text a[href='#do-move']")
    assert "Moved under" not in client.get(f"/cases/{other.reference}?lang=en").page.text

    for stranger in (riverside.staff, hillside.officer):
        page = app.test_client().sign_in(stranger).get("/inbox?lang=en").page
        assert page.select_one("a[href*='contract=none']") is None
    client.post(
        f"/cases/{bare.reference}/move",
        data={
            "contract": riverside.contract.id,
            "reason": "Theirs",
            "version": db.session.query(Case).filter_by(feedback_id=bare.id).one().version,
        },
    )
    assert actions.case_of(bare).respond_by is not None
    assert client.get("/inbox?lang=en").page.select_one("a[href*='contract=none']") is None


def test_managers_read_which_sites_nobody_serves(client, riverside, unserved, monday):
    page = client.sign_in(riverside.manager).get("/contracts?lang=en").page

    assert "1 site is served by nobody today." in flat(page)
    assert [link.text for link in page.select("#unserved li a")] == ["RS-003"]
    tags = {row[0].split()[0]: "Served by nobody today" in row[0] for row in rows(client.get("/sites?lang=en").page)}
    assert tags == {"RS-001": False, "RS-002": False, "RS-003": True}
