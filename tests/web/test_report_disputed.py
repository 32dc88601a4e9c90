"""What the provider disputes: objected to or contested and not decided, or handed back and not judged since."""

import pytest

from app.cases import actions as cases
from app.cases import verdict_actions
from app.cases.models import Case
from app.extensions import db
from app.kernel.words import Attribution
from app.reports.report import build
from tests.web.test_issued_reports import PERIOD

FOUND = {"grounds": "The crew did not come.", "is_manager": False}


def disputed(world):
    from datetime import date

    db.session.commit()
    start, end = (date.fromisoformat(PERIOD[name]) for name in ("start", "end"))
    return build(world.contract, start=start, end=end).disputed


@pytest.fixture
def given(september):
    case = db.session.query(Case).order_by(Case.feedback_id).first()
    cases.assign(case, member_id=september.officer.id)
    return case


def test_an_objection_is_a_dispute_until_the_agency_decides(september, given):
    officer, staff = september.officer.id, september.staff.id
    verdict_actions.judge(given, Attribution.PROVIDER, member_id=officer, **FOUND)
    assert disputed(september) == ()
    verdict_actions.object_to(given, "It was the market's.", member_id=staff)
    assert disputed(september) == (given.feedback.reference,)
    verdict_actions.judge(given, Attribution.PROVIDER, member_id=officer, **FOUND)
    assert disputed(september) == ()
    verdict_actions.contest(given, "Look at the photo.", member_id=staff)
    assert disputed(september) == (given.feedback.reference,)
    verdict_actions.judge(given, Attribution.THIRD_PARTY, "So it was.", member_id=september.manager.id, is_manager=True)
    assert disputed(september) == ()


def test_what_is_disputed_leads_to_its_case(client, september, given):
    cases.hand_back(given, "Not our street.", member_id=september.staff.id)
    db.session.commit()
    client.sign_in(september.manager)
    reference = given.feedback.reference
    report = "/reports/C-001?start={start}&end={end}".format(**PERIOD)
    drafted = client.post("/reports/C-001/issued", data=dict(PERIOD, as_of="")).location

    for address in (report, drafted):
        links = [link.text for link in client.get(address).page.select(f"a[href='/cases/{reference}']")]
        assert reference in links, address


def test_what_is_handed_back_is_a_dispute_until_somebody_judges(september, given):
    cases.hand_back(given, "Not our street.", member_id=september.staff.id)
    assert disputed(september) == (given.feedback.reference,)
    verdict_actions.judge(given, Attribution.OUTSIDE_CONTRACT, member_id=september.officer.id, **FOUND)
    assert disputed(september) == ()
