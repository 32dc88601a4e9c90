"""What may be abuse, an injury or an accused worker is hidden from the provider until an officer for it releases it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Invitation, Membership
from app.analysis import actions, concerns
from app.analysis.models import Concern
from app.cases import actions as cases
from app.cases import erasing, verdict_actions
from app.cases.models import Verdict
from app.digest.queries import _quotable
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.periods import day_of, week_of
from app.kernel.words import Attribution, VerdictStage
from app.outbox.models import Promise
from app.reports.models import IssuedReport
from app.reports.report import build
from tests.web.cases_story import MONDAY, sent
from tests.web.tagging_story import analysis, read

WHY = {"reason": "An accused worker", "is_sure": "y"}
SECRET = "The carer struck my mother."


@pytest.fixture
def sofia(riverside):
    """The safeguarding officer of riverside."""
    membership = db.session.query(Membership).filter_by(member_id=riverside.second_officer.id).one()
    membership.is_safeguarding_officer = True
    db.session.commit()
    return riverside.second_officer


@pytest.fixture
def given(riverside, alice):
    """A complaint that the provider has."""
    feedback = read(riverside, {"text": SECRET}, redacted=SECRET)
    cases.assign(cases.case_of(feedback), member_id=alice.id)
    db.session.commit()
    return feedback


def mark(client, feedback):
    return client.post(f"/cases/{feedback.reference}/safeguarding", data=WHY)


def test_what_analysis_finds_is_hidden_from_the_first_moment(client, riverside, alice, bob, work):
    feedback = sent(riverside, text=SECRET)
    cases.assign(cases.case_of(feedback), member_id=alice.id)
    db.session.commit()

    actions.keep_reading(feedback.id, analysis(safeguarding=True, redacted=SECRET))

    assert client.sign_in(bob).get(f"/cases/{feedback.reference}").status_code == 404
    concern = db.session.query(Concern).one()
    assert concern.raised_by_id is None
    assert client.sign_in(alice).get(f"/cases/{feedback.reference}").status_code == 200


def test_anybody_of_the_agency_marks_a_miss_and_it_vanishes_at_once(client, riverside, bob, given):
    assert client.sign_in(bob).get(f"/cases/{given.reference}").status_code == 200

    mark(client.sign_in(riverside.viewer), given)

    assert client.sign_in(bob).get(f"/cases/{given.reference}").status_code == 404
    assert db.session.query(Concern).one().raised_by_id == riverside.viewer.id


def test_a_concern_needs_a_reason_and_to_be_sure_of_it(client, riverside, bob, sofia, given):
    page = f"/cases/{given.reference}"
    client.sign_in(riverside.viewer)
    for answers, said in (({"is_sure": "y"}, "Say why"), ({"reason": "An accused worker"}, "if you are sure")):
        refused = client.post(f"{page}/safeguarding", data=answers)
        assert refused.status_code == 422
        assert said in refused.page.select_one(".govuk-error-summary").text
    assert refused.page.select_one("#concern-reason")["value"] == "An accused worker"
    assert db.session.query(Concern).count() == 0

    mark(client, given)
    client.sign_in(sofia)
    assert client.post(f"{page}/safeguarding/release").status_code == 422
    client.post(f"{page}/safeguarding/close", data={"reason": "The police know", "is_sure": "y"})
    assert client.post(f"{page}/safeguarding/release", data={"reason": "A mix-up", "is_sure": "y"}).status_code == 303
    card = client.get(page).page.select_one("#concern-name").parent.text
    for said in ("An accused worker", "The police know", "A mix-up"):
        assert said in card
    assert client.sign_in(bob).get(page).status_code == 200
    assert "An accused worker" not in client.get(page).text

    erasing.forget_words(given)
    assert (db.session.query(Concern).one().reason, db.session.query(Concern).one().release_reason) == (None, None)


def test_no_page_of_the_provider_knows_of_it(app, client, riverside, bob, given):
    """Every address there is: the pages with the case's own reference, and all others looked through for its words."""
    concerns.raise_by(given, member_id=riverside.officer.id)
    db.session.commit()
    client.sign_in(bob)
    known = {"reference": given.reference, "code": riverside.site.code}
    seen = []
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", ())
        if "staff" not in access or rule.arguments - known.keys():
            continue
        stage = rule.endpoint.split(".")[0]
        values = known | ({"reference": "C-001"} if stage in ("directory", "posters", "reports", "reviews") else {})
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, {k: values[k] for k in rule.arguments})
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            data = {"message": "x", "reason": "x", "note": "x"} if method == "POST" else None
            response = client.open(path, method=method, data=data)
            seen.append(rule.endpoint)
            if stage == "cases" and rule.arguments:
                assert response.status_code == 404, (method, path)
            else:
                said = response.get_data().decode("utf-8", "replace")
                assert given.reference not in said, path
                assert "struck" not in said, path
    assert {
        "cases.inbox",
        "cases.case",
        "cases.reply",
        "cases.show_contact",
        "cases.hand_back",
        "reports.report",
    } <= set(seen)
    for asked in ("view=all", "view=mine", "view=overdue", "view=all&words=struck", "view=all&concerning=y"):
        page = client.get(f"/inbox?{asked}").page
        assert not page.select("tbody a"), asked
        assert "Mine 0" in " ".join(page.text.split())


def test_what_a_resident_adds_later_is_read_for_it_too(client, riverside, bob, given, work):
    cases.resident_adds(given, "And today the worker hit my son.")
    work()

    assert client.sign_in(bob).get(f"/cases/{given.reference}").status_code == 404
    assert db.session.query(Concern).one().raised_by_id is None


def test_it_is_not_quoted_in_letters(riverside, given, at):
    week = week_of(clock.now(), riverside.agency.timezone)
    (reader,) = riverside.manager.memberships

    def quoted():
        return [each.text for each in _quotable(reader, [riverside.contract.id], week, clock.now(), "en")]

    assert quoted() == [SECRET]
    concerns.raise_by(given, member_id=riverside.officer.id)
    assert quoted() == []


def test_reports_count_it_and_do_not_tell_it_by_itself(client, riverside, bob, given, at):
    grave = read(riverside, {"text": SECRET}, redacted=SECRET, urgent=True)
    period = "start={0}&end={0}".format(today())
    address = f"/reports/C-001?{period}"
    manager = client.sign_in(riverside.manager)
    assert {given.reference, grave.reference} <= set(build_now(riverside))
    for feedback in (given, grave):
        concerns.raise_by(feedback, member_id=riverside.officer.id)

    assert grave.reference not in manager.get(address).page.select_one("main").text
    manager.post("/reports/C-001/issued", data={"start": str(today()), "end": str(today())})

    issued = db.session.query(IssuedReport).one()
    for feedback in (given, grave):
        assert feedback.reference not in str(issued.content)
    assert issued.content["report"]["measures"]["cases"]["value"] == 2
    client.sign_in(bob)
    for kind in ("", ".json", ".csv"):
        assert given.reference not in client.get(f"/reports/C-001{kind}?{period}").text
    # Not either as it stood before.
    earlier = (clock.now() - timedelta(seconds=1)).isoformat().replace("+", "%2B")
    assert given.reference not in client.get(f"/reports/C-001/cases?of=cases&{period}&as_of={earlier}").text


def build_now(world):
    return [case.reference for case in build(world.contract, start=today(), end=today()).cases]


def today():
    return day_of(clock.now(), "Asia/Shanghai")


def test_only_a_safeguarding_officer_releases_it(client, riverside, alice, bob, charlie, sofia, given):
    concerns.raise_by(given, member_id=alice.id)
    release = f"/cases/{given.reference}/safeguarding/release"
    for person in (alice, riverside.manager, riverside.viewer, charlie):
        assert client.sign_in(person).post(release, data=WHY).status_code == 404
    assert client.sign_in(bob).post(release).status_code == 403
    assert "Release" not in client.sign_in(alice).get(f"/cases/{given.reference}").text

    page = client.sign_in(sofia).get(f"/cases/{given.reference}").page
    assert page.select_one(f'form[action="{release}"]')
    assert client.post(release, data=WHY).status_code == 303

    assert client.sign_in(bob).get(f"/cases/{given.reference}").status_code == 200
    assert "Safeguarding" not in client.get(f"/cases/{given.reference}").text
    assert db.session.query(Concern).one().released_by_id == sofia.id


def test_closed_it_stays_hidden_and_can_still_be_released(client, riverside, bob, sofia, given):
    concerns.raise_by(given, member_id=riverside.officer.id)
    client.sign_in(sofia).post(f"/cases/{given.reference}/safeguarding/close", data=WHY)
    assert client.sign_in(bob).get(f"/cases/{given.reference}").status_code == 404
    assert "/close" not in client.sign_in(sofia).get(f"/cases/{given.reference}").text

    client.post(f"/cases/{given.reference}/safeguarding/release", data=WHY)

    assert client.sign_in(bob).get(f"/cases/{given.reference}").status_code == 200


def test_it_has_a_clock_of_its_own(client, riverside, sofia, at):
    with at(MONDAY):
        feedback = read(riverside)
        respond_by = cases.case_of(feedback).respond_by
    with at(MONDAY + timedelta(hours=2)):
        mark(client.sign_in(riverside.officer), feedback)
        page = " ".join(client.get(f"/cases/{feedback.reference}").page.text.split())
        assert "due in 6 working hours" in page
    with at(MONDAY + timedelta(hours=4)):
        client.sign_in(sofia).post(f"/cases/{feedback.reference}/safeguarding/close", data=WHY)
    with at(MONDAY + timedelta(hours=7)):
        page = " ".join(client.sign_in(sofia).get(f"/cases/{feedback.reference}").page.text.split())
        assert "Took 4 working hours from when it was sent" in page
    assert cases.case_of(feedback).respond_by == respond_by


def test_the_limit_is_the_agencys_own(client, riverside, sofia, at):
    manager = client.sign_in(riverside.manager)
    manager.post("/duty", data={"safeguarding_hours": "4"})
    with at(MONDAY):
        feedback = read(riverside, safeguarding=True)
    with at(MONDAY + timedelta(hours=5)):
        assert "overdue by 1 working hour" in manager.get(f"/cases/{feedback.reference}").page.text
    assert manager.post("/duty", data={"safeguarding_hours": "0"}).status_code == 422


def test_the_safeguarding_officer_is_told_at_once_without_words(client, riverside, sofia, given, work, mail_box):
    mark(client.sign_in(riverside.officer), given)
    work()

    (letter,) = [each for each in mail_box() if "Safeguarding" in each["Subject"]]
    assert letter["To"] == sofia.email
    for part in ("plain", "html"):
        content = letter.get_body((part,)).get_content()
        assert f"/cases/{given.reference}" in content
        assert "struck" not in content


def test_where_there_is_no_such_officer_the_managers_are_told(riverside, given, work, mail_box):
    concerns.raise_by(given, member_id=riverside.officer.id)
    work()

    assert [each["To"] for each in mail_box() if "Safeguarding" in each["Subject"]] == [riverside.manager.email]


def test_a_letter_about_what_was_settled_meanwhile_does_not_go(riverside, sofia, given, work, mail_box):
    concern = concerns.raise_by(given, member_id=riverside.officer.id)
    concerns.close(concern, member_id=sofia.id)
    work()

    assert [each for each in mail_box() if "Safeguarding" in each["Subject"]] == []


def test_it_is_marked_once_and_again_after_its_release(client, riverside, alice, sofia, given):
    mark(client.sign_in(alice), given)
    assert mark(client, given).status_code == 409
    assert db.session.query(Concern).count() == 1
    client.sign_in(sofia).post(f"/cases/{given.reference}/safeguarding/release", data=WHY)

    mark(client.sign_in(alice), given)

    assert db.session.query(Concern).count() == 2


def test_what_a_person_released_a_newer_version_does_not_hide_again(riverside, alice, sofia):
    feedback = read(riverside, version="words-0", safeguarding=True)
    concerns.release(concerns.standing(feedback.id), member_id=sofia.id)

    actions.read_again(feedback.id, analysis(version="words-9", safeguarding=True))

    assert concerns.standing(feedback.id) is None


def test_it_cannot_be_given_to_the_provider_meanwhile(client, riverside, alice, sofia):
    feedback = read(riverside, safeguarding=True)
    case = cases.case_of(feedback)

    with pytest.raises(MoveNotAllowed):
        cases.assign(case, member_id=alice.id)
    assert '/assign"' not in client.sign_in(alice).get(f"/cases/{feedback.reference}").text
    concerns.release(concerns.standing(feedback.id), member_id=sofia.id)
    cases.assign(case, member_id=alice.id)


def test_nobody_consents_by_silence_to_a_verdict_on_what_they_may_not_see(riverside, alice, sofia, at, work, mail_box):
    with at(MONDAY):
        feedback = read(riverside)
        case = cases.case_of(feedback)
        verdict_actions.judge(
            case, Attribution.PROVIDER, "The crew did not come.", member_id=alice.id, is_manager=False
        )
        concern = concerns.raise_by(feedback, member_id=alice.id)
    with at(MONDAY + timedelta(days=10)):
        work()
        assert db.session.get(Verdict, feedback.id).stage == VerdictStage.REPLY
        assert [each["To"] for each in mail_box() if each["To"] == riverside.staff.email] == []
        concerns.release(db.session.merge(concern), member_id=sofia.id)
        db.session.commit()
    with at(MONDAY + timedelta(days=20)):
        work()
        assert db.session.get(Verdict, feedback.id).stage == VerdictStage.STANDS


def test_no_verdict_is_proposed_to_who_may_not_see_the_case(riverside, alice):
    feedback = read(riverside, safeguarding=True)

    with pytest.raises(MoveNotAllowed):
        verdict_actions.judge(
            cases.case_of(feedback), Attribution.PROVIDER, "Late.", member_id=alice.id, is_manager=False
        )


def test_the_provider_is_not_offered_as_who_is_to_blame_and_it_is_said_why(client, riverside, alice, sofia):
    feedback = read(riverside, safeguarding=True)
    address = f"/cases/{feedback.reference}"

    page = client.sign_in(alice).get(address).page
    form = page.select_one("form[action$='/verdict']")
    assert "provider" not in {each["value"] for each in form.select("[name=attribution]")}
    why = "The provider could not reply, so that it cannot be judged as theirs until it is released."
    assert why in " ".join(form.text.split())
    stale = {"attribution": "provider", "grounds": "Late.", "version": form.select_one("[name=version]")["value"]}
    refused = client.post(f"{address}/verdict", data=stale)
    assert refused.status_code == 422
    assert "it cannot be judged as theirs until it is released" in refused.page.select_one(".govuk-error-summary").text

    client.sign_in(sofia).post(f"{address}/safeguarding/release", data={"reason": "No harm.", "is_sure": "y"})
    form = client.sign_in(alice).get(address).page.select_one("form[action$='/verdict']")
    assert "provider" in {each["value"] for each in form.select("[name=attribution]")}


def test_the_database_knows_one_unreleased_concern_at_a_time(riverside, given):
    concern = concerns.raise_by(given, member_id=riverside.officer.id)
    second = Concern(
        agency_id=concern.agency_id, feedback_id=given.id, raised_at=concern.raised_at, due_at=concern.due_at
    )
    db.session.add(second)

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_staff_find_what_waits_for_the_safeguarding_officer(client, riverside, alice, sofia, given):
    read(riverside)
    concern = concerns.raise_by(given, member_id=alice.id)
    client.sign_in(sofia)
    found = client.get("/inbox?view=all&concerning=y").page.select("tbody a")
    assert [each.text for each in found] == [given.reference]

    concerns.close(db.session.merge(concern), member_id=sofia.id)

    assert not client.get("/inbox?view=all&concerning=y").page.select("tbody a")


def test_promises_about_it_hold_ids_only(riverside, given, work):
    concerns.raise_by(given, member_id=riverside.officer.id)
    work()

    for promise in db.session.query(Promise).filter(Promise.topic.startswith("safeguarding")):
        assert set(promise.payload) <= {"concern_id", "member_id"}


def test_a_manager_appoints_safeguarding_officers(app, client, riverside):
    other = db.session.query(Membership).filter_by(member_id=riverside.officer.id).one()
    client.sign_in(riverside.manager)

    client.post(f"/members/{other.id}", data={"role": "officer", "is_safeguarding_officer": "y"})
    assert db.session.get(Membership, other.id).is_safeguarding_officer
    assert "Safeguarding officer" in client.get("/members").page.text
    client.post(f"/members/{other.id}", data={"role": "officer"})
    assert not db.session.get(Membership, other.id).is_safeguarding_officer


def test_the_command_makes_one(app, riverside):
    run = app.test_cli_runner().invoke
    common = ["--safeguarding", "--role"]

    made = run(args=["member", "add", "sofia@riverside.example", *common, "viewer", "--agency", "riverside"])
    refused = run(args=["member", "add", "sam@clearway.example", *common, "staff", "--provider", "clearway"])

    assert made.exit_code == 0
    assert db.session.query(Invitation).filter_by(is_safeguarding_officer=True).one().role == "viewer"
    assert refused.exit_code == 1
    assert "Safeguarding officers belong to an agency." in refused.stderr
