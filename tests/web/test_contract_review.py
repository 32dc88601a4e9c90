"""The page of a contract, as both sides open it in a review; and its terms, changed from a day on."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditEntry
from app.cases import actions
from app.directory.models import ClauseTarget, Contract, Figure, Kpi, KpiTarget, Volume
from app.directory.rules import ENTERED
from app.extensions import db
from app.kernel.words import ActionStep, Direction, Holder
from app.reports.report import build
from app.reviews import actions as reviews
from app.reviews.models import AgreedAction, AgreedActionNote
from tests.web.cases_story import MONDAY, sent

PAGE = "/contracts/C-001"
TARGET = {
    "starts_on": "2027-01-01",
    "basis": "validated",
    "direction": "at_least",
    "target": "95",
    "approaching": "85",
    "inadequate": "70",
    "minimum_n": "5",
    "binds_from": "",
}


@pytest.fixture
def monday(at):
    with at(MONDAY + timedelta(hours=1)):
        yield


@pytest.fixture
def manager(app, riverside, monday):
    return app.test_client().sign_in(riverside.manager)


def inspected(world, code="E1"):
    """A KPI whose figures people enter."""
    kpi = Kpi(
        agency_id=world.agency.id,
        contract_id=world.contract.id,
        code=code,
        measure=ENTERED,
        title="Bins found clean",
        direction=Direction.AT_LEAST,
        target=0.9,
        approaching=0.8,
        inadequate=0.6,
        minimum_n=5,
    )
    db.session.add(kpi)
    db.session.commit()
    return kpi


def text_of(page, part="main"):
    return " ".join(page.select_one(part).text.split())


def test_an_empty_contract_has_a_page(client, riverside, monday):
    page = client.sign_in(riverside.viewer).get(PAGE).page

    assert "No open case is beyond its limit." in page.text
    assert "Nothing has been agreed yet." in page.text
    assert "Silent sites" in page.text
    assert not page.select("form[action*=actions]")
    assert not page.select("a[href*=terms]")


def test_it_shows_what_is_open_and_how_it_went(app, riverside, at):
    with at(MONDAY - timedelta(days=30)):
        late = sent(riverside)
    with at(MONDAY):
        good = sent(riverside)
        actions.reply(actions.case_of(good), "On our way.", by="agency", member_id=riverside.officer.id)
        db.session.commit()
    with at(MONDAY + timedelta(hours=2)):
        page = app.test_client().sign_in(riverside.officer).get(PAGE).page

    assert late.reference in text_of(page, "#breaches-caption ~ tbody")
    assert good.reference not in text_of(page, "#breaches-caption ~ tbody")
    kpis = text_of(page, "#kpis-caption ~ tbody")
    assert "1 of 2" in kpis
    assert "Other (too few to judge)" in kpis
    assert "The first of these quarters with figures: there is nothing before it to compare with." in kpis
    assert "– →" not in kpis
    assert "RS-001" not in text_of(page, "#silent-caption ~ tbody")
    assert "RS-002" in text_of(page, "#silent-caption ~ tbody")


def test_page_and_report_compare_with_the_same_days_at_the_same_age(app, riverside, at):
    """What came late in the last quarter, or was answered only then, says nothing about the beginning of this one."""
    for day, is_answered in (("07-06", True), ("07-20", True), ("09-10", False), ("09-11", False), ("10-12", False)):
        with at(f"2026-{day}T09:00:00+08:00"):
            given = sent(riverside)
            if is_answered:
                actions.reply(actions.case_of(given), "On our way.", by="agency", member_id=riverside.officer.id)
            db.session.commit()
    with at(MONDAY):
        alice = app.test_client().sign_in(riverside.officer)
        page = alice.get(PAGE).page
        report = alice.get("/reports/C-001?start=2026-10-01&end=2026-12-31").page
        built = build(riverside.contract, start=date(2026, 10, 1), end=date(2026, 12, 31), as_of=MONDAY)

    (change,) = [each for each in built.changes if each.key == "on_time_response_rate"]
    assert (change.before.numerator, change.before.denominator) == (2, 2)
    assert "Last quarter at this age: 100 %, 2 of 2" in text_of(page, "#kpis-caption ~ tbody")
    said = "Compared with 1 Jul 2026 to 30 Sep 2026 as it stood at 2 Aug 2026, 09:00, at the same age."
    assert said in text_of(page)
    assert said in text_of(report)


def test_the_provider_reads_it_but_changes_nothing(app, riverside, hillside, monday):
    bob = app.test_client().sign_in(riverside.staff)

    assert bob.get(PAGE).status_code == 200
    assert bob.get("/contracts/C-002").status_code == 404
    assert bob.post(f"{PAGE}/actions", data={"what": "Less work"}).status_code == 403
    assert bob.get(f"{PAGE}/terms").status_code == 403
    assert app.test_client().sign_in(riverside.other_staff).get(PAGE).status_code == 404


def test_what_is_agreed_lives_on_until_it_is_done(manager, riverside):
    answers = {"what": "Two crews on Mondays", "side": "provider", "who": "Site lead", "due_on": "2026-12-01"}

    assert manager.post(f"{PAGE}/actions", data=answers).status_code == 303
    agreed = db.session.query(AgreedAction).one()
    assert agreed.due_on == date(2026, 12, 1)
    row = text_of(manager.get(PAGE).page, "#agreed")
    assert "Two crews on Mondays The provider: Site lead, until 1 Dec 2026 To do" in row
    said = f"{PAGE}/actions/{agreed.id}"
    assert manager.post(said, data={"step": "accepted"}).status_code == 303
    assert manager.post(said, data={"step": "accepted"}).status_code == 409
    assert "Done on 2 Nov 2026" in text_of(manager.get(PAGE).page, "#agreed")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"what": " "}, "Write what is agreed."),
        ({"side": "nobody"}, "Choose one of the list."),
        ({"who": ""}, "Write who does it."),
        ({"due_on": "soon"}, "Enter a date like 2026-09-30."),
        ({"due_on": ""}, "Enter a date like 2026-09-30."),
        ({"due_on": "2026-11-01"}, "Choose today or a later day."),
    ],
)
def test_it_says_what_is_missing_and_keeps_the_rest(manager, changed, said):
    answers = {"what": "Two crews", "side": "provider", "who": "Lead", "due_on": "2026-12-01"} | changed

    response = manager.post(f"{PAGE}/actions", data=answers)

    assert response.status_code == 422
    assert said in response.page.text
    assert db.session.query(AgreedAction).count() == 0
    if answers["what"].strip():
        assert "Two crews" in response.page.select_one("#agree-what").text


def agreed_with_the_provider(world, side="provider"):
    found = reviews.agree_on(
        world.contract,
        "Two crews on Mondays",
        side=Holder(side),
        who="Site lead",
        due_on=date(2026, 12, 1),
        member_id=world.manager.id,
    )
    db.session.commit()
    return f"{PAGE}/actions/{found.id}"


def test_the_provider_says_that_it_is_done_and_the_agency_says_what_is_missing_then_accepts(app, manager, riverside):
    said = agreed_with_the_provider(riverside)
    bob = app.test_client().sign_in(riverside.staff)

    assert bob.post(said, data={"step": "noted", "said": "The second crew starts on Friday."}).status_code == 303
    assert bob.post(said, data={"step": "said_done"}).status_code == 303
    assert "Said to be done The agency accepts it" in text_of(bob.get(PAGE).page, "#agreed")
    assert "Said to be done You accept it" in text_of(manager.get(PAGE).page, "#agreed")
    assert manager.post(said, data={"step": "missing", "said": "Only one crew came."}).status_code == 303
    page = bob.get(PAGE).page
    row = text_of(page, "#agreed")
    assert "2 Nov 2026, 10:00, The provider (Staff): Note The second crew starts on Friday." in row
    assert "The agency (Manager): Says that something is missing Only one crew came." in row
    assert "To do" in row
    assert [each["value"] for each in page.select("#agreed button")] == ["noted", "said_done"]
    assert bob.post(said, data={"step": "said_done", "said": "Both came today."}).status_code == 303
    assert manager.post(said, data={"step": "accepted"}).status_code == 303
    page = bob.get(PAGE).page
    assert "Done on 2 Nov 2026" in text_of(page, "#agreed")
    assert [each["value"] for each in page.select("#agreed button")] == ["noted"]
    # It stays, and who said what is in the audit without the words.
    assert [note.step for note in db.session.query(AgreedActionNote)] == [
        "noted",
        "said_done",
        "missing",
        "said_done",
        "accepted",
    ]
    entries = db.session.query(AuditEntry).filter_by(what="agreed_action_note").order_by(AuditEntry.id)
    assert [(each.detail, each.member_id) for each in entries][:3] == [
        ("noted,side=provider", riverside.staff.id),
        ("said_done,side=provider", riverside.staff.id),
        ("missing,side=agency", riverside.manager.id),
    ]


@pytest.mark.parametrize(
    ("who", "side", "answers", "status"),
    [
        ("staff", "provider", {"step": "accepted"}, 409),
        ("staff", "provider", {"step": "missing", "said": "More"}, 409),
        ("staff", "agency", {"step": "said_done"}, 409),
        ("staff", "provider", {"step": "noted", "said": " "}, 422),
        ("staff", "provider", {"step": "noted", "said": "x" * 1001}, 422),
        ("staff", "provider", {"step": "over"}, 400),
        ("staff", "provider", {}, 400),
        ("manager", "provider", {"step": "said_done"}, 409),
        ("manager", "provider", {"step": "missing", "said": "More"}, 409),
        ("viewer", "provider", {"step": "noted", "said": "Hm"}, 403),
        ("other_staff", "provider", {"step": "noted", "said": "Hm"}, 404),
    ],
)
def test_what_a_side_may_not_say_of_an_agreed_action(app, riverside, monday, who, side, answers, status):
    said = agreed_with_the_provider(riverside, side)

    assert app.test_client().sign_in(getattr(riverside, who)).post(said, data=answers).status_code == status
    assert db.session.query(AgreedActionNote).count() == 0


def test_an_action_of_another_contract_is_not_there(app, riverside, hillside, monday):
    said = agreed_with_the_provider(riverside)

    stranger = app.test_client().sign_in(hillside.manager)
    assert stranger.post(said, data={"step": "accepted"}).status_code == 404


def test_complaints_are_set_against_what_was_delivered(manager, riverside):
    for _ in range(3):
        sent(riverside)

    said = []
    for units in ("1000", "1500", "1500"):
        assert manager.post(f"{PAGE}/volume", data={"month": "2026-11", "units": units}).status_code == 303
        said.append(text_of(manager.get(PAGE).page, ".govuk-notification-banner"))

    assert "Written down for Nov 2026: 1,000 units." in said[0]
    assert "Corrected for Nov 2026: 1,000 units become 1,500." in said[1]
    assert "Nothing changes for Nov 2026: 1,500 units were written down already." in said[2]
    assert "units=1000>1500" in [entry.detail for entry in db.session.query(AuditEntry).filter_by(what="volume")]
    assert db.session.query(Volume).one().units == 1500
    assert "Nov 2026 3 1,500 2 provisional: the month is not over" in text_of(
        manager.get(PAGE).page, "#months-caption ~ tbody"
    )
    made = build(db.session.merge(riverside.contract), start=date(2026, 11, 1), end=date(2026, 11, 30)).to_json()
    assert made["measures"]["complaints_per_1000"] == {"value": 2.0, "cases": 3, "units": 1500, "months": 1}


@pytest.mark.parametrize(
    "answers",
    [{"month": "2026-13", "units": "5"}, {"month": "2026-11", "units": "0"}, {"month": "2026-12", "units": "5"}, {}],
)
def test_a_month_that_cannot_be_is_refused(manager, answers):
    assert manager.post(f"{PAGE}/volume", data=answers).status_code == 422
    assert db.session.query(Volume).count() == 0


def figure(of, **changes):
    return {
        "kpi": str(of.id),
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-31",
        "numerator": "8",
        "denominator": "10",
        "source": "inspection",
    } | changes


def test_figures_of_inspections_are_entered_with_their_file(manager, riverside):
    kpi = inspected(riverside)
    sheet = {"file": (io.BytesIO(b"seen"), "../In spection.pdf")}

    first = manager.post(f"{PAGE}/figures", data=figure(kpi, **sheet), content_type="multipart/form-data")

    assert first.status_code == 303
    entered = db.session.query(Figure).one()
    assert (entered.numerator, entered.denominator, entered.entered_by) == (8, 10, "Manager")
    page = manager.get(f"{PAGE}/figures").page
    assert "8 of 10" in page.text
    file = manager.get(page.select_one("a[href*=file]")["href"])
    assert file.data == b"seen"
    assert file.headers["Content-Disposition"] == 'attachment; filename="In_spection.pdf"'
    line = text_of(manager.get(PAGE).page, "#kpis-caption ~ tbody")
    assert "E1 Bins found clean entered figures at least 90 % 80 %8 of 10" in line
    assert "Approaching target, too close to call with Good or Requires improvement" in line


def test_a_later_figure_corrects_one_about_the_same_days(manager, riverside):
    kpi = inspected(riverside)
    manager.post(f"{PAGE}/figures", data=figure(kpi))

    assert manager.post(f"{PAGE}/figures", data=figure(kpi, numerator="9")).status_code == 303
    overlapping = manager.post(f"{PAGE}/figures", data=figure(kpi, starts_on="2026-10-15"))
    november = manager.post(f"{PAGE}/figures", data=figure(kpi, starts_on="2026-11-01", ends_on="2026-11-02"))

    assert overlapping.status_code == 422
    assert "There are figures from 1 Oct 2026 to 31 Oct 2026 already." in overlapping.page.text
    assert november.status_code == 303
    made = build(db.session.merge(riverside.contract), start=date(2026, 10, 1), end=date(2026, 10, 31)).to_json()
    (of_inspections,) = (each for each in made["kpis"] if each["code"] == "E1")
    assert (of_inspections["numerator"], of_inspections["denominator"]) == (9, 10)


def test_a_corrected_figure_is_marked_and_the_earlier_one_stays_in_reach(app, manager, riverside, monday):
    kpi = inspected(riverside)
    days = {"starts_on": "2026-10-01", "ends_on": "2026-10-31"}
    manager.post(f"{PAGE}/figures", data=figure(kpi, **days))
    assert "corrected on" not in manager.get(PAGE).page.main.text
    manager.post(f"{PAGE}/figures", data=figure(kpi, **days, numerator="9"))
    manager.post(f"{PAGE}/figures", data=figure(kpi, **days, numerator="9"))

    for member in (riverside.manager, riverside.staff):
        page = app.test_client().sign_in(member).get(PAGE).page
        (row,) = [row for row in page.select("#kpis-caption ~ tbody tr") if "E1" in row.text]
        said = " ".join(row.text.split())
        assert "9 of 10" in said
        assert said.count("corrected on 2 Nov 2026") == 1, "the same once more corrects nothing"
        assert "by Manager; before: 8 of 10 for 1 Oct 2026 to 31 Oct 2026" in said
        link = row.select_one("a[href*=figures]")["href"]
        rows = [" ".join(each.text.split()) for each in manager.get(link).page.select("#figures-caption ~ tbody tr")]
        assert len(rows) == 3
        assert "8 of 10corrected on 2 Nov 2026" in rows[2]
        assert "corrects 8 of 10" in rows[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": "2026-11-03"},
        {"numerator": "11"},
        {"denominator": "0"},
        {"ends_on": "2026-09-01"},
        {"kpi": "999"},
        {"source": "air"},
    ],
)
def test_a_figure_that_cannot_be_is_refused(manager, riverside, wrong):
    response = manager.post(f"{PAGE}/figures", data=figure(inspected(riverside), **wrong))

    assert response.status_code == 422
    assert db.session.query(Figure).count() == 0


def test_a_small_contract_is_judged_over_twelve_months(riverside, at):
    contract = riverside.contract
    with at("2026-02-03T10:00:00+08:00"):
        sent(riverside)
    with at(MONDAY):
        sent(riverside)
        quarter = {"start": date(2026, 10, 1), "end": date(2026, 12, 31), "as_of": MONDAY + timedelta(days=30)}
        assert build(contract, **quarter).to_json()["kpis"][0]["denominator"] == 1
        contract.is_small = True
        db.session.commit()
        (kpi,) = build(contract, **quarter).to_json()["kpis"]

    assert (kpi["denominator"], kpi["start"], kpi["end"]) == (2, "2026-01-01", "2026-12-31")


def test_a_target_changes_from_a_day_on(manager, riverside):
    assert manager.post(f"{PAGE}/kpis/K1", data=TARGET).status_code == 303

    (old,) = build(db.session.merge(riverside.contract), start=date(2026, 10, 1), end=date(2026, 12, 31)).ratings
    (new,) = build(db.session.merge(riverside.contract), start=date(2027, 1, 1), end=date(2027, 3, 31)).ratings
    assert (old.kpi.target, old.kpi.basis) == (0.9, "raw")
    assert (new.kpi.target, new.kpi.basis) == (0.95, "validated")
    assert "≥ 95 %" in text_of(manager.get(PAGE).page, "#cut-offs-caption ~ tbody")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"approaching": "96"}, "easier to meet than the cut-off before it"),
        ({"inadequate": "90"}, "easier to meet than the cut-off before it"),
        ({"direction": "at_most"}, "Choose at least: of this measure a large share is good."),
        ({"target": "101"}, "Enter a share from 0 to 100."),
        ({"target": "much"}, "Enter a share from 0 to 100."),
        ({"minimum_n": "few"}, "Enter a whole number"),
        ({"starts_on": "later"}, "Enter a date like 2026-09-30."),
        ({"starts_on": "2026-11-01"}, "Choose today or a later day: what is over stays as it was agreed."),
        ({"starts_on": "2031-01-01"}, "Choose a day of the contract, from 1 Jan 2026 to 31 Dec 2027."),
        ({"binds_from": "2020-01-01"}, "Choose a day of the contract, from 1 Jan 2026 to 31 Dec 2027."),
    ],
)
def test_a_target_that_cannot_be_is_refused(manager, wrong, said):
    response = manager.post(f"{PAGE}/kpis/K1", data=TARGET | wrong)

    assert response.status_code == 422
    assert said in response.page.text
    assert db.session.query(KpiTarget).count() == 0


def test_two_targets_cannot_begin_on_one_day(manager):
    manager.post(f"{PAGE}/kpis/K1", data=TARGET)

    again = manager.post(f"{PAGE}/kpis/K1", data=TARGET | {"target": "99"})

    assert again.status_code == 422
    assert "There is another target from that day on already. Nothing was changed." in again.page.text
    assert db.session.query(KpiTarget).one().target == 0.95


def test_the_database_keeps_cut_offs_in_order(riverside):
    kpi = db.session.query(Kpi).first()
    db.session.add(
        KpiTarget(
            agency_id=kpi.agency_id,
            kpi_id=kpi.id,
            starts_on=date(2027, 1, 1),
            direction=Direction.AT_LEAST,
            target=0.5,
            approaching=0.8,
            inadequate=0.6,
        )
    )

    with pytest.raises(IntegrityError, match="cut_offs_in_order"):
        db.session.flush()
    db.session.rollback()


def test_a_kpi_is_added(manager, riverside):
    new = TARGET | {"code": "K9", "measure": "reopen_rate", "title": ""}
    wrong = manager.post(f"{PAGE}/new-kpi", data=new)
    assert (wrong.status_code, "Choose at most: of this measure a small share" in wrong.page.text) == (422, True)
    new |= {"direction": "at_most", "target": "5", "approaching": "10", "inadequate": "20"}

    assert manager.post(f"{PAGE}/new-kpi", data=new).status_code == 303
    assert manager.post(f"{PAGE}/new-kpi", data=new).status_code == 422
    assert manager.post(f"{PAGE}/new-kpi", data=new | {"code": "K10", "measure": ENTERED}).status_code == 422
    entered = new | {"code": "K10", "measure": ENTERED, "title": "Doors opened in time"}
    assert manager.post(f"{PAGE}/new-kpi", data=entered).status_code == 303
    assert [kpi.code for kpi in db.session.get(Contract, riverside.contract.id).kpis] == ["K1", "K10", "K9"]


@pytest.mark.parametrize(
    ("starts_on", "said"),
    [
        ("2026-11-01", "Choose today or a later day: what is over stays as it was agreed."),
        ("2028-01-01", "Choose a day of the contract, from 1 Jan 2026 to 31 Dec 2027."),
    ],
)
def test_limits_do_not_change_for_days_that_are_over_or_not_the_contracts(manager, starts_on, said):
    answers = {"starts_on": starts_on, "respond_within_hours": "4", "resolve_within_hours": "8,5"}

    response = manager.post(f"{PAGE}/clauses/1", data=answers)

    assert (response.status_code, db.session.query(ClauseTarget).count()) == (422, 0)
    assert said in response.page.text


def test_limits_change_from_a_day_on_and_open_cases_keep_theirs(manager, riverside, at):
    before = sent(riverside)
    answers = {"starts_on": "2026-11-03", "respond_within_hours": "4", "resolve_within_hours": "8,5"}

    assert manager.post(f"{PAGE}/clauses/1", data=answers).status_code == 303
    again = manager.post(f"{PAGE}/clauses/1", data=answers | {"respond_within_hours": "2"})
    assert again.status_code == 422
    assert "There are other limits from that day on already." in again.page.text
    assert db.session.query(ClauseTarget).count() == 1

    same_day = sent(riverside)
    with at(MONDAY + timedelta(days=1)):
        after = sent(riverside)
    limits = [actions.case_of(each).respond_within_hours for each in (before, same_day, after)]
    assert limits == [16, 16, 4]
    assert actions.case_of(after).resolve_within_hours == 8.5
    assert "from 3 Nov 2026: answer within 4" in text_of(manager.get(PAGE).page)


def test_all_limits_of_a_clause_are_there_for_both_sides_folded(app, manager, riverside, at):
    assert not manager.get(PAGE).page.select("details#limits"), "nothing has changed yet"
    for day, hours in (("2026-11-03", "4"), ("2026-11-05", "6")):
        answers = {"starts_on": day, "respond_within_hours": hours, "resolve_within_hours": "20"}
        assert manager.post(f"{PAGE}/clauses/1", data=answers).status_code == 303

    for member in (riverside.manager, riverside.staff):
        with at(MONDAY + timedelta(days=10)):
            page = app.test_client().sign_in(member).get(PAGE).page
        folded = page.select_one("details#limits")
        assert not folded.has_attr("open")
        rows = [[cell.text.strip() for cell in row.select("th, td")] for row in folded.select("tbody tr")]
        assert rows == [
            ["1 On time", "1 Jan 2026", "16", "40"],
            ["1 On time", "3 Nov 2026", "4", "20"],
            ["1 On time", "5 Nov 2026", "6", "20"],
        ]


TERMS = {
    "waiting_days": "3",
    "statement_days": "8",
    "reply_days": "7",
    "contest_days": "10",
    "confirm_days": "14",
    "reopen_days": "90",
    "value": "1,250,000.50",
    "currency": "cny",
    "is_small": "y",
}


def test_the_terms_are_changed(manager, riverside):
    assert manager.post(f"{PAGE}/terms", data=TERMS).status_code == 303

    contract = db.session.get(Contract, riverside.contract.id)
    assert (contract.reply_days, contract.currency, contract.is_small) == (7, "CNY", True)
    assert "1,250,000.50" in text_of(manager.get(PAGE).page)


@pytest.mark.parametrize(
    "wrong",
    [{"reply_days": "0"}, {"waiting_days": "100"}, {"value": "much"}, {"currency": "pounds"}, {"reopen_days": ""}],
)
def test_terms_that_cannot_be_are_refused(manager, riverside, wrong):
    response = manager.post(f"{PAGE}/terms", data=TERMS | wrong)

    assert response.status_code == 422
    assert db.session.get(Contract, riverside.contract.id).reply_days == 5


WEEK = {
    "is_own": "y",
    "monday": "9:00 - 17:30",
    "tuesday": "09:00-17:30",
    "wednesday": "",
    "thursday": "",
    "friday": "",
    "saturday": "",
    "sunday": "10:00-14:00",
    "country": "CN",
    "holidays": "2026-12-24",
    "extra_workdays": "",
}


def test_a_contract_can_have_a_calendar_of_its_own(manager, riverside):
    assert manager.post(f"{PAGE}/calendar", data=WEEK).status_code == 303

    calendar = db.session.get(Contract, riverside.contract.id).calendar
    assert calendar == {
        "weekdays": [0, 1, 6],
        "start": "09:00",
        "end": "17:30",
        "hours": {"6": {"start": "10:00", "end": "14:00"}},
        "country": "CN",
        "holidays": ["2026-12-24"],
        "extra_workdays": [],
    }
    assert actions.case_of(sent(riverside)).calendar == calendar
    assert "Mon, Tue 09:00–17:30; Sun 10:00–14:00" in text_of(manager.get(PAGE).page)
    page = manager.get(f"{PAGE}/calendar").page
    assert page.select_one("#sunday")["value"] == "10:00-14:00"
    assert manager.post(f"{PAGE}/calendar", data={k: v for k, v in WEEK.items() if k != "is_own"}).status_code == 303
    assert db.session.get(Contract, riverside.contract.id).calendar is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"monday": "", "tuesday": "", "sunday": ""}, "A calendar needs at least one working day."),
        ({"monday": "nine to five"}, "Enter hours like 09:00-17:30"),
        ({"monday": "17:00-09:00"}, "Monday: The end must come after the start."),
        ({"holidays": "2026-13-40"}, "Further days off: 2026-13-40 is no date. Enter dates like 2026-10-01."),
        ({"extra_workdays": "Sunday"}, "Further working days: Sunday is no date. Enter dates like 2026-10-01."),
        ({"country": "Atlantis"}, "is not known"),
    ],
)
@pytest.mark.parametrize("where", ["/calendar", f"{PAGE}/calendar", f"{PAGE}/clauses/1/calendar"])
def test_a_calendar_that_cannot_be_is_refused(manager, riverside, where, wrong, said):
    response = manager.post(where, data=WEEK | wrong)

    assert response.status_code == 422
    assert said in response.page.text
    contract = db.session.get(Contract, riverside.contract.id)
    assert (contract.calendar, contract.clauses[0].calendar) == (None, None)
    assert "hours" not in contract.agency.calendar


DAYS = {"title_en": "Streets", "service_en": "Streets", "starts_on": "2026-01-01", "ends_on": "2027-12-31"}


def test_days_that_leave_open_cases_outside_ask_for_a_tick(manager, riverside):
    riverside.contract.starts_on = date(2026, 12, 1)
    sent(riverside)
    later = DAYS | {"starts_on": "2027-01-01"}

    asked = manager.post(f"{PAGE}/change", data=later)

    assert asked.status_code == 422
    assert "1 open case was sent outside these days." in asked.page.main.text
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2026, 12, 1)
    assert manager.post(f"{PAGE}/change", data=later | {"is_sure": "y"}).status_code == 303
    db.session.expire_all()
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"starts_on": "2027-01-01"}, "The first day stays 1 Jan 2026"),
        ({"starts_on": "2025-06-01"}, "The first day stays 1 Jan 2026"),
        ({"starts_on": "2026-11-02"}, "The first day stays 1 Jan 2026"),
        ({"ends_on": "2026-11-01"}, "Choose today or a later day: the contract was used"),
    ],
)
def test_days_of_a_contract_that_are_over_stay_its_own(manager, riverside, days, said):
    sent(riverside)

    answer = manager.post(f"{PAGE}/change", data=DAYS | days | {"is_sure": "y"})

    assert answer.status_code == 422
    assert said in answer.page.main.text
    contract = db.session.get(Contract, riverside.contract.id)
    assert (contract.starts_on, contract.ends_on) == (date(2026, 1, 1), date(2027, 12, 31))


def test_days_of_a_contract_end_today_at_the_earliest_and_may_be_prolonged(app, manager, riverside, at):
    sent(riverside)

    assert manager.post(f"{PAGE}/change", data=DAYS | {"ends_on": "2026-11-02"}).status_code == 303, "today"
    with at("2026-12-01T09:00:00+08:00"):
        prolonged = (
            app.test_client().sign_in(riverside.manager).post(f"{PAGE}/change", data=DAYS | {"ends_on": "2028-12-31"})
        )
    assert prolonged.status_code == 303, "agreed late"


def test_days_of_a_contract_that_nothing_was_sent_about_may_have_been_set_down_wrongly(manager, riverside):
    assert manager.post(f"{PAGE}/change", data=DAYS | {"starts_on": "2025-01-01"}).status_code == 303
    db.session.expire_all()
    assert db.session.get(Contract, riverside.contract.id).starts_on == date(2025, 1, 1)


def test_what_came_while_no_contract_was_in_force_is_said_to_the_agency(app, manager, riverside):
    assert not manager.get(PAGE).page.select("#without-contract-caption")
    sent(riverside, contract_id=None)

    page = manager.get(PAGE).page

    assert "Sent while no contract was in force at the site" in page.main.text
    (link,) = page.select("a[href*='site=']")
    assert riverside.site.code == link.text
    assert manager.get(link["href"]).page.select("main a[href*='/cases/']")
    staff = app.test_client().sign_in(riverside.staff).get(PAGE).page
    assert "while no contract was in force" not in staff.main.text


def test_the_database_keeps_no_note_without_words(riverside, monday):
    agreed_with_the_provider(riverside)
    agreed = db.session.query(AgreedAction).one()
    db.session.add(
        AgreedActionNote(
            agency_id=agreed.agency_id,
            agreed_action_id=agreed.id,
            at=MONDAY,
            step=ActionStep.MISSING,
            side=Holder.AGENCY,
            by_name="Ann",
            by_id=riverside.manager.id,
        )
    )
    with pytest.raises(IntegrityError, match="says_something"):
        db.session.flush()
    db.session.rollback()
