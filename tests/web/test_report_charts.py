"""Charts are pictures of their own: asked for by the page, drawn by the worker, kept by the mark of their data."""

import sys

import pytest

from app.extensions import db
from app.outbox.models import Promise
from app.reports.models import ChartPicture

PERIOD = "start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"
ADDRESS = f"/reports/C-001?{PERIOD}"


def ask(client, page):
    form = page.select_one("form[data-draw-charts]")
    sent = {field["name"]: field.get("value", "") for field in form.select("input")}
    return client.post(form["action"], data=sent)


def pictures(page):
    """Those that are shown; what waits for the script does not count."""
    return [image for image in page.select("main img") if not image.find_parent("template")]


def test_the_page_says_what_each_chart_says_before_it_is_drawn(client, september):
    page = client.sign_in(september.manager).get(ADDRESS).page

    assert not pictures(page)
    waiting = page.select("[data-chart]")
    assert len(waiting) == 5
    assert all("The chart is being drawn; the table says the same." in each.text for each in waiting)
    assert "Week of" in page.select_one("#chart-trend-caption").parent.text
    assert client.get(waiting[0]["data-chart"]).status_code == 202


def test_the_worker_draws_what_was_asked_for_once(client, september, work):
    page = client.sign_in(september.manager).get(ADDRESS).page
    first, again = ask(client, page), ask(client, page)

    assert (first.status_code, again.status_code) == (303, 303)
    assert db.session.query(Promise).filter_by(topic="report.draw").count() == 1
    work()
    shown = [image["src"] for image in pictures(client.get(ADDRESS).page)]
    assert len(shown) == 5
    assert db.session.query(ChartPicture).count() == 10, "for a desk and for a phone"
    drawn = client.get(shown[0])
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.text.startswith("<svg")
    assert "immutable" in drawn.headers["Cache-Control"]


def test_a_picture_says_what_it_shows_to_those_who_do_not_see_it(client, september, work):
    ask(client, client.sign_in(september.manager).get(ADDRESS).page)
    work()
    page = client.get(ADDRESS).page

    (trend,) = [each for each in pictures(page) if "/trend.svg" in each["src"]]
    assert "Answered in time, week by week. In the week of" in trend["alt"]


def test_other_data_are_another_picture_and_the_same_data_the_same(client, september):
    client.sign_in(september.manager)

    def mark(as_of):
        page = client.get(ADDRESS.replace("2026-10-12", as_of)).page
        return page.select_one("[data-chart*='/trend.svg']")["data-chart"].partition("mark=")[2].partition("&")[0]

    assert len(mark("2026-10-12")) == 32
    assert "as_of" not in client.get(ADDRESS).page.select_one("[data-chart*='/trend.svg']")["data-chart"]
    # Nothing happened between the two, and before them something did.
    assert mark("2026-09-20") == mark("2026-10-12") != mark("2026-09-05")


def test_a_picture_is_for_the_readers_of_its_contract_alone(client, september, charlie, work):
    ask(client, client.sign_in(september.manager).get(ADDRESS).page)
    work()
    address = client.get(ADDRESS).page.select_one("main img")["src"]

    assert client.sign_in(september.staff).get(address).status_code == 200
    assert client.sign_in(september.other_staff).get(address).status_code == 404
    assert client.sign_in(charlie).get(address).status_code == 404
    assert client.sign_in(september.manager).get(address.replace("trend", "nothing")).status_code in (404, 200)
    assert client.get("/reports/C-001/charts/nothing.svg").status_code == 404


@pytest.mark.parametrize("heavy", ["vl_convert", "typst", "altair"])
def test_the_web_process_never_loads_what_draws(heavy, client, september):
    before = heavy in sys.modules
    client.sign_in(september.manager).get(ADDRESS)

    assert (heavy in sys.modules) == before
