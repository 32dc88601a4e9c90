"""A funnel from five peers on: who cannot be told apart is not told apart, and a provider sees no other."""

from datetime import date

import pytest

from app.directory.models import Contract
from app.extensions import db
from app.kernel.shares import share_of
from app.reports.peers import beyond, limits_at
from tests import factories
from tests.web.conftest import take_in

ADDRESS = "/reports/C-001/peers?start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"


@pytest.fixture
def five(riverside, tmp_path):
    """Five contracts of street cleaning with thirty cases each; the first answers a third, the others all but two."""
    rows, events = [], []
    for nth in range(5):
        reference = "C-001" if nth == 0 else f"P-00{nth}"
        if nth:
            made = factories.contract(
                riverside.agency, riverside.other_provider, reference, "Street cleaning", [riverside.site]
            )
            db.session.flush()
            assert made.starts_on <= date(2026, 9, 1)
        for case in range(30):
            at = f"2026-09-{case % 28 + 1:02}T09:00:00+08:00"
            rows.append(f"{reference}-{case},{reference},RS-001,complaint,1,2,,en,web,{at}")
            if case < (10 if nth == 0 else 28):
                events.append(f"{reference}-{case},{at.replace('T09', 'T16')},replied,agency,We are sorry.,")
    db.session.commit()
    take_in(riverside, tmp_path, rows, events)
    return riverside


@pytest.mark.parametrize(
    ("share", "outside"),
    [
        (share_of(8, 10), None),
        (share_of(80, 100), None),
        (share_of(71, 100), 0.95),
        (share_of(60, 100), 0.998),
        (share_of(0, 0), None),
    ],
)
def test_what_lies_outside_which_limit(share, outside):
    assert beyond(share, 0.8) == outside


def test_limits_narrow_as_cases_grow_and_stay_shares():
    assert limits_at(0.8, 100, 1.959963984540054) == pytest.approx((0.7216, 0.8784), abs=1e-4)
    assert limits_at(0.8, 2, 3.09) == (0.0, 1.0)


def test_the_one_that_differs_is_told_apart_and_the_rest_are_not(client, five, work):
    page = client.sign_in(five.manager).get(ADDRESS).page

    text = " ".join(page.text.split())
    assert "this contract 33.3 % of 30: clearly worse (99.8 %)" in text
    assert "Of 5 contracts, 1 can be told apart from the others." in text
    assert text.count("not told apart") == 4
    form = page.select_one("form[data-draw-charts]")
    client.post(form["action"], data={each["name"]: each.get("value", "") for each in form.select("input")})
    work()
    shown = client.get(ADDRESS).page.select_one("main img")
    assert "/funnel.svg" in shown["src"]
    assert client.get(shown["src"]).text.startswith("<svg")


def test_with_fewer_than_five_there_is_none(client, september):
    assert "Too few peers" in client.sign_in(september.manager).get(ADDRESS).page.text


def test_a_provider_does_not_see_the_others(client, five):
    assert client.sign_in(five.staff).get(ADDRESS).status_code == 403
    report = client.get(ADDRESS.replace("/peers", "")).page
    assert not report.select("a[href*='/peers']")
    assert db.session.query(Contract).count() == 6


def test_each_contract_of_the_funnel_opens_its_cases(client, five):
    page = client.sign_in(five.manager).get(ADDRESS).page
    rows = [row.select("th, td") for row in page.select("table:has(#chart-funnel-caption) tbody tr")]

    assert len(rows) == 5
    for cells in rows:
        (link,) = cells[3].select("a")
        assert cells[0].text.split()[0] in link["href"]
        assert client.get(link["href"]).page.select_one("caption").text == f"{link.text} feedback"
