"""The public pages: nothing before somebody approves it, everybody after; small numbers hidden beyond undoing."""

import csv
import gzip
import io
import json
import random
from datetime import date, timedelta

import pytest

from app.config import ROOT
from app.extensions import db
from app.intake.models import Feedback
from app.transparency.models import Publication
from app.transparency.rules import PublicationState
from tests import factories
from tests.attack import Attack
from tests.web.conftest import take_in

OCTOBER = "2026-10-20T09:00:00+08:00"
DECEMBER = "2026-12-20T09:00:00+08:00"


def lines_of(reference, site, day, count, answered, pleased, dice):
    """Complaints of a day, some answered the same day, some rated well; and what happened to them."""
    rows, events = [], []
    for nth in range(count):
        name = f"{reference}-{day:%m%d}-{nth}"
        rating = 5 if nth < pleased else 2
        rows.append(f"{name},{reference},{site},complaint,1,{rating},,en,web,{day}T09:00:00+08:00")
        if nth < answered:
            events.append(f"{name},{day}T10:00:00+08:00,replied,agency,Done.,")
    return rows, events


@pytest.fixture
def autumn(riverside, tmp_path):
    """Two months of five contracts of an agency, from busy to hardly used; three of them are chosen to be published."""
    dice = random.Random(7)
    sizes = {"C-001": 9, "C-002": 7}
    for nth, size in ((3, 8), (4, 1), (5, 6)):
        reference = f"C-00{nth}"
        factories.contract(riverside.agency, riverside.provider, reference, f"Service {nth}", [riverside.site])
        sizes[reference] = size
    db.session.commit()
    sites = {reference: "RS-003" if reference == "C-002" else "RS-001" for reference in sizes}
    rows, events = [], []
    day = date(2026, 8, 31)
    while day <= date(2026, 11, 15):
        if day.weekday() < 5:
            for reference, size in sizes.items():
                count = dice.randint(0, size)
                of_day = lines_of(
                    reference, sites[reference], day, count, dice.randint(0, count), dice.randint(0, count), dice
                )
                rows += of_day[0]
                events += of_day[1]
        day += timedelta(days=1)
    take_in(riverside, tmp_path, rows, events)
    db.session.commit()
    return riverside


@pytest.fixture
def walk(app, autumn, at):
    """Each step as a manager takes it, in a session of its own: sessions end when months go by."""

    def browser(member):
        return app.test_client().sign_in(member)

    class Walk:
        def choose(self, published, named=(), smallest_cell=10):
            ids = {each.reference: each.id for each in db.session.query(type(autumn.contract))}
            data = {
                "published": [ids[reference] for reference in published],
                "named": [ids[reference] for reference in named],
                "smallest_cell": smallest_cell,
            }
            return browser(autumn.manager).post("/publications/choices", data=data)

        def draft(self, month, moment=DECEMBER):
            with at(moment):
                return browser(autumn.manager).post("/publications", data={"month": month})

        def step(self, step, moment=DECEMBER, member=None, **data):
            found = db.session.query(Publication).order_by(Publication.id.desc()).first()
            address = f"/publications/{found.id}/{step}"
            with at(moment):
                return browser(member or autumn.manager).post(address, data={"version": found.version, **data})

        def publish(self, month):
            assert self.draft(month).status_code == 303
            assert self.step("approve", name="Ann Lee").status_code == 303

    made = Walk()
    made.choose(["C-001", "C-002", "C-003", "C-004"])
    return made


def one():
    return db.session.query(Publication).one()


def test_nothing_appears_before_somebody_approves_it_by_name(app, autumn, walk):
    answer = walk.draft("2026-09")
    stranger = app.test_client()

    for path in (
        "/open/riverside",
        "/open/riverside/2026-09",
        "/open/riverside/2026-09.json",
        "/open/riverside/all.csv",
    ):
        assert stranger.get(path).status_code == 404, path
    assert "Riverside" not in stranger.get("/open/").page.main.text
    preview = app.test_client().sign_in(autumn.manager).get(answer.location).page
    assert "Nobody outside sees this yet." in preview.text

    missing = walk.step("approve", name=" ")
    assert missing.status_code == 422
    assert "Write your name." in missing.page.text
    assert stranger.get("/open/riverside/2026-09").status_code == 404
    assert walk.step("approve", name="Ann Lee").status_code == 303
    page = stranger.get("/open/riverside", follow_redirects=True).page
    assert "How the services answered in Sep 2026" in page.h1.text
    assert "Approved by Ann Lee, Riverside Public Services" in page.text
    assert "Riverside" in stranger.get("/open/").page.main.text
    assert tables(preview) == tables(page), "what was looked at is what appears"


def tables(page):
    return [" ".join(table.text.split()) for table in page.select("table")][-4:]


def test_it_says_how_many_contracts_are_published_and_the_formula_beside_the_numbers(client, walk):
    walk.publish("2026-09")
    page = client.get("/open/riverside/2026-09").page
    text = " ".join(page.text.split())

    assert "4 of 5 contracts published." in text
    assert "It does not mean 0." in text
    assert "Of the cases that are decided (answered, or beyond the limit of their clause)" in text
    assert "CC BY 4.0" in text
    assert "C-004" not in text, "references would say who the provider is"
    assert "Clearway" not in text


def test_a_provider_is_named_with_its_validated_figures_alone(client, walk):
    walk.choose(["C-001", "C-002", "C-003"], named=["C-001"])
    walk.publish("2026-09")
    (month,) = json.loads(client.get("/open/riverside/2026-09.json").data)["months"]
    named = next(each for each in month["contracts"] if each["provider"])
    text = " ".join(client.get("/open/riverside/2026-09").page.text.split())

    assert (named["provider"], named["basis"]) == ("Clearway Ltd", "validated")
    assert named["measures"] == {"on_time_response_rate": {"hidden": True}}, "nothing is judged, so nothing is told"
    assert "only complaints found to be the provider's" in text
    assert "not published" in text
    assert "Sunrise" not in text


def test_a_name_needs_a_contract_that_is_published(client, walk):
    answer = walk.choose(["C-001"], named=["C-002"])

    assert answer.status_code == 422
    assert "Choose a contract to be published before its provider is named." in answer.page.text
    low = walk.choose(["C-001"], smallest_cell=4)
    assert low.status_code == 422
    assert "Enter a whole number from 5 to 100." in low.page.text


def test_page_and_files_say_the_same(client, walk):
    walk.publish("2026-09")
    (month,) = json.loads(client.get("/open/riverside/2026-09.json").data)["months"]
    rows = list(csv.DictReader(io.StringIO(client.get("/open/riverside/2026-09.csv").data.decode("utf-8-sig"))))
    page = client.get("/open/riverside/2026-09").page

    assert month["approved_by"] == "Ann Lee"
    assert json.loads(client.get("/open/riverside/2026-09.json").data)["licence"]["name"] == "CC BY 4.0"
    for key in ("on_time_response_rate", "service_satisfaction"):
        said = [each["measures"][key] for each in month["contracts"]] + [month["all_contracts"][key]]
        cells = [
            row.select("td")[0].text.strip()
            for row in page.select_one(f"#{key}-contracts-caption").find_parent("table").select("tbody tr")
        ]
        assert cells == [
            "hidden" if each.get("hidden") else f"{each['numerator']} of {each['denominator']}" for each in said
        ]
        why = page.select_one(f"#{key}-contracts-caption").find_parent("table").find_previous("p").text
        of_contracts = [each for each in said[:-1] if each.get("hidden")]
        assert ("nothing good or bad" in why) == bool(of_contracts), "why it is hidden, and what that means"
        in_csv = [
            row for row in rows if row["measure"] == key and row["start"] == "2026-09-01" and row["end"] == "2026-09-30"
        ]
        assert [row["numerator"] for row in in_csv] == [
            "hidden" if each.get("hidden") else str(each["numerator"]) for each in said
        ]
        assert all("CC BY 4.0" in row["licence"] and row["formula"] for row in in_csv)
    numbers = [int(row[column]) for row in rows for column in ("numerator", "denominator") if row[column] != "hidden"]
    assert min(numbers) >= 10
    assert any(row["numerator"] == "hidden" for row in rows)


def test_what_is_published_stays_as_it_was(client, walk, work):
    walk.publish("2026-09")
    before = client.get("/open/riverside/2026-09.json").data
    db.session.query(Feedback).update({"rating": 1})
    db.session.commit()

    assert client.get("/open/riverside/2026-09.json").data == before


def test_nothing_new_appears_in_days_that_are_frozen(client, autumn, walk):
    walk.draft("2026-09")
    client.sign_in(autumn.manager).post(
        "/publications/freezes",
        data={"starts_on": "2026-12-01", "ends_on": "2026-12-31", "why": "Before the council elections"},
    )
    refused = walk.step("approve", name="Ann Lee")
    assert refused.status_code == 409
    assert "Nothing new appears until 31 Dec 2026: Before the council elections" in refused.page.text
    assert client.get("/open/riverside/2026-09").status_code == 404
    assert walk.step("approve", moment="2027-01-01T00:30:00+08:00", name="Ann Lee").status_code == 303
    assert client.get("/open/riverside/2026-09").status_code == 200


def test_a_freeze_is_lifted(client, autumn, walk):
    client.sign_in(autumn.manager)
    client.post("/publications/freezes", data={"starts_on": "2026-12-01", "ends_on": "2026-11-30", "why": ""})
    data = {"starts_on": "2026-12-01", "ends_on": "2026-12-31", "why": "Elections"}
    assert client.post("/publications/freezes", data=data).status_code == 303
    walk.draft("2026-09")
    assert walk.step("approve", name="Ann Lee").status_code == 409
    (form,) = [
        each["action"] for each in client.get("/publications").page.select("form[action]") if "lift" in each["action"]
    ]
    assert client.post(form).status_code == 303
    assert walk.step("approve", name="Ann Lee").status_code == 303


def test_what_is_withdrawn_says_why_and_can_be_shown_again_as_it_was(client, walk):
    walk.publish("2026-09")
    before = client.get("/open/riverside/2026-09.json").data
    assert walk.step("withdraw", why="").status_code == 422
    assert walk.step("withdraw", why="A contract was counted twice.").status_code == 303
    gone = client.get("/open/riverside/2026-09")
    assert gone.status_code == 410
    assert "A contract was counted twice." in gone.page.text
    assert client.get("/open/riverside/2026-09.json").status_code == 410
    assert client.get("/open/riverside").status_code == 404
    again = walk.draft("2026-09")
    assert again.status_code == 422, "other figures of the same month could be subtracted from those that were out"
    assert walk.step("restore").status_code == 303
    assert client.get("/open/riverside/2026-09.json").data == before


def test_months_come_one_after_the_other(client, walk):
    assert walk.draft("2026-12").status_code == 422, "it is not over"
    walk.publish("2026-10")
    assert walk.draft("2026-09").status_code == 422
    assert walk.draft("2026-11").status_code == 303
    assert walk.draft("2026-11").status_code == 409, "one is on its way"
    assert walk.step("discard").status_code == 303
    assert walk.draft("2026-11").status_code == 303


def test_without_a_choice_there_is_nothing_to_draft(client, walk):
    walk.choose([])

    assert walk.draft("2026-09").status_code == 409
    assert db.session.query(Publication).count() == 0


def test_a_page_that_is_out_of_date_does_nothing(client, autumn, walk):
    walk.draft("2026-09")
    client.sign_in(autumn.manager)

    assert client.post(f"/publications/{one().id}/approve", data={"version": 77, "name": "Ann"}).status_code == 409
    assert one().state == PublicationState.DRAFT


def test_only_managers_decide(client, autumn, walk):
    walk.draft("2026-09")

    for member in (autumn.viewer, autumn.officer, autumn.staff):
        for step in ("approve", "discard"):
            assert walk.step(step, member=member, name="Ann").status_code == 403
    assert client.sign_in(autumn.viewer).get("/publications").status_code == 200
    assert client.get("/publications").page.select("form[action*=publications]") == []


def test_public_pages_are_cached_and_touch_no_cookie(client, walk):
    walk.publish("2026-09")
    for path in ("/open/", "/open/riverside/2026-09", "/open/riverside/2026-09.csv", "/open/riverside/2026-09.json"):
        answer = client.application.test_client().get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=300", path
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers["Vary"]
        assert "Accept-Language" in answer.headers["Vary"]
        again = client.application.test_client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    page = client.application.test_client().get("/open/riverside/2026-09")
    assert page.page.select("script, form") == []


def test_a_page_and_its_style_weigh_thirty_kilobytes_at_most(client, walk):
    walk.publish("2026-09")
    style = (ROOT / "static" / "open.css.gz").stat().st_size
    for path in ("/open/", "/open/riverside/2026-09"):
        page = client.application.test_client().get(path)
        assert page.page.select("img, script") == []
        assert len(gzip.compress(page.data, 6)) + style <= 30_000, path


def test_the_page_speaks_chinese(client, walk):
    walk.publish("2026-09")
    page = client.get("/open/riverside/2026-09?lang=zh").page

    for said in ("2026年9月各项服务的回应情况", "按时答复", "5 份合同中已公开 4 份", "已隐藏", "全部合同"):
        assert said in page.text


def read(client, months):
    """What an attacker reads, from the page, the CSV and the JSON of every month alike."""
    found = []
    for month in months:
        (whole,) = json.loads(client.get(f"/open/riverside/{month}.json").data)["months"]
        found.append(whole)
    (everything,) = [json.loads(client.get("/open/riverside/all.json").data)["months"]]
    assert everything == found, "the file of all months says nothing else"
    return found


@pytest.mark.parametrize("named", [[], ["C-001", "C-003"], ["C-002"]])
def test_an_attacker_with_all_pages_and_files_cannot_undo_it(client, autumn, walk, named):
    """Three months published one after the other: bounds of every hidden figure from all sums that are known."""
    walk.choose(["C-001", "C-002", "C-003", "C-004"], named=named)
    months = ("2026-09", "2026-10", "2026-11")
    for month in months:
        walk.publish(month)
    attempts = 0
    for key in ("on_time_response_rate", "service_satisfaction"):
        for part in ("numerator", "rest"):
            attack, hidden = knowledge(read(client, months), key, part)
            for names in hidden:
                low, high = attack.bounds(*names)
                assert high - low >= 10, f"{key}, {part}: {names} lies from {low} to {high}"
                attempts += 1

    assert attempts >= 8, "there is something to attack"


def knowledge(months, key, part):
    attack, hidden = Attack(), []

    def value(said):
        return said["numerator"] if part == "numerator" else said["denominator"] - said["numerator"]

    days_of_week = {}
    for month in months:
        name, start, end = month["month"], date.fromisoformat(month["start"]), date.fromisoformat(month["end"])
        rows = []
        for nth, contract in enumerate(month["contracts"]):
            row = ("contract", name, nth)
            rows.append(attack.unknown(row))
            if contract["provider"]:
                rows.append(attack.unknown(("beside", name, nth)))
            said = contract["measures"].get(key)
            if said is not None and not said.get("hidden"):
                attack.know({row: 1}, value(said))
            else:
                hidden.append([row])
        for nth in range(month["contracts_running"] - month["contracts_published"]):
            rows.append(attack.unknown(("unpublished", name, nth)))
        monday, days = start - timedelta(days=start.weekday()), []
        while monday <= end:
            days.append(attack.unknown(("days", name, monday)))
            days_of_week.setdefault(monday, []).append(days[-1])
            monday += timedelta(days=7)
        attack.know(dict.fromkeys(rows, 1) | dict.fromkeys(days, -1), 0)
        total = month["all_contracts"][key]
        if total.get("hidden"):
            hidden.append(days)
        else:
            attack.know(dict.fromkeys(days, 1), value(total))
    for month in months:
        for week in month["weeks"]:
            monday, said = date.fromisoformat(week["start"]), week["measures"][key]
            pieces = list(days_of_week[monday])
            if monday < date.fromisoformat(months[0]["start"]):
                pieces.append(attack.unknown(("days", "before", monday)))
            if said.get("hidden"):
                hidden.append(pieces)
            else:
                attack.know(dict.fromkeys(pieces, 1), value(said))
    return attack, hidden
