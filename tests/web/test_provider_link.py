"""A provider without accounts sees to one case by a link: it sees what a provider may, and it ends."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Membership
from app.analysis import concerns
from app.audit.models import AuditEntry
from app.audit.rules import Verb
from app.cases import actions, provider_links, verdict_actions
from app.cases.models import Event, LinkDisclosure, ProviderLink, Verdict
from app.extensions import db
from app.intake import photo_keeping
from app.intake.models import Photo
from app.kernel.words import Actor, Attribution, PhotoStatus
from tests.browser_client import as_read
from tests.web.cases_story import MONDAY, history, sent
from tests.web.test_photos import chosen, jpeg

ADDRESS = "desk@clearway.example"


@pytest.fixture
def no_accounts(riverside):
    """Nobody of the provider can sign in."""
    db.session.query(Membership).filter_by(provider_id=riverside.provider.id).delete()
    db.session.commit()


@pytest.fixture
def complaint(riverside, no_accounts, at):
    with at(MONDAY):
        return sent(riverside)


@pytest.fixture
def send(client, alice):
    """An officer sends a link from the page of the case."""

    def sending(feedback, **changes):
        client.sign_in(alice)
        version = client.get(f"/cases/{feedback.reference}").page.select_one("input[name=version]")["value"]
        answers = {"version": version, "email": ADDRESS, "language": "en"} | changes
        return client.post(f"/cases/{feedback.reference}/link", data=answers)

    return sending


@pytest.fixture
def link(app, complaint, send, work, mail_box, at):
    """The path of a link that has arrived, and somebody without an account to open it."""
    with at(MONDAY):
        assert send(complaint).status_code == 303
        work()
    (letter,) = (each for each in mail_box() if each["To"] == ADDRESS)
    return re.search(r"http://localhost(/provider/\S+)", letter.get_body(("plain",)).get_content())[1]


@pytest.fixture
def desk(app):
    """Somebody at the provider's desk, who has never signed in anywhere."""
    return app.test_client()


def words(page):
    return " ".join(page.text.split())


def do(desk, path, what, **answers):
    version = desk.get(path).page.select_one("input[name=version]")["value"]
    return desk.post(f"{path}/{what}", data={"version": version} | answers)


def test_an_address_that_ends_otherwise_than_the_providers_is_looked_at_twice(client, complaint, link, send, at):
    with at(MONDAY):
        refused = send(complaint, email="desk@clearvvay.example")
        assert refused.status_code == 422
        text = words(refused.page.main)
        assert "end in clearway.example, and this one in clearvvay.example" in text
        assert history(complaint).count("link_sent") == 1
        assert send(complaint, email="other@clearway.example").status_code == 303
        assert send(complaint, email="desk@clearvvay.example", is_meant="y").status_code == 303
        assert send(complaint, email="again@clearvvay.example").status_code == 303, "it is known from now on"


def test_what_is_no_address_is_one_error(complaint, link, send, at):
    with at(MONDAY):
        refused = send(complaint, email="crew(at)x")
    assert refused.status_code == 422
    errors = [words(each) for each in refused.page.select(".govuk-error-summary__list li")]
    assert errors == ["Enter an e-mail address, like name@example.org."]


def test_an_officer_sends_it_and_the_provider_has_the_case(client, complaint, link, mail_box, at):
    assert history(complaint) == ["acknowledged", "assigned", "link_sent"]
    letter = next(each for each in mail_box() if each["To"] == ADDRESS)
    assert letter["Subject"] == f"A complaint for you to see to: {complaint.reference}"
    for kind in ("plain", "html"):
        body = letter.get_body((kind,)).get_content()
        assert link in body
        assert "to see to a complaint about Street cleaning at this place: Place RS-001." in " ".join(body.split())
        assert "16 Nov 2026, 09:00" in as_read(body)
        for hidden in ("bin was full", "behind the gate", "resident@example.org", "07700"):
            assert hidden not in body
    with at(MONDAY):
        card = words(client.get(f"/cases/{complaint.reference}").page.select_one("#link"))
    assert f"Sent to {ADDRESS} on 2 Nov 2026, 09:00. It opens until 16 Nov 2026, 09:00." in card


def test_the_page_shows_what_a_provider_may_see(complaint, desk, link, work, at):
    with at(MONDAY):
        work()
        response = desk.get(link)

    shown = words(response.page)
    assert response.status_code == 200
    assert "The bin was full again" in shown
    assert "behind the gate" in shown
    for hidden in ("07700", "resident@example.org", "Show contact", "Officer"):
        assert hidden not in shown
    assert response.page.select_one("meta[name=robots]")["content"] == "noindex"
    assert "Set-Cookie" not in response.headers
    assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("what", "answers", "kind"),
    [
        ("reply", {"message": "A crew comes tomorrow."}, "replied"),
        ("ask", {"message": "Which of the three bins?"}, "asked"),
        ("resolve", {"message": "It was emptied this morning."}, "resolved"),
        ("hand-back", {"reason": "The market hall is not on our route."}, "handed_back"),
    ],
)
def test_each_step_is_an_event_of_the_provider(client, complaint, desk, link, work, mail_box, at, what, answers, kind):
    with at(MONDAY + timedelta(hours=1)):
        response = do(desk, link, what, **answers)
        assert response.status_code == 303
        assert desk.get(response.location).page.select_one(".govuk-notification-banner--success")
        work()

        event = actions.history_of(complaint)[-1]
        assert (str(event.kind), event.actor, event.member_id) == (kind, Actor.PROVIDER, None)
        page = words(client.get(f"/cases/{complaint.reference}").page)
    assert "Clearway Ltd, by its link" in page
    assert next(iter(answers.values())) in page
    told = [each for each in mail_box() if each["To"] == "resident@example.org"]
    assert len(told) == (0 if kind == "handed_back" else 1)


def test_a_claim_comes_with_photos_made_safe(client, complaint, desk, link, at):
    with at(MONDAY + timedelta(hours=1)):
        answer = do(desk, link, "resolve", message="Emptied.", photos=chosen(jpeg("green")))
        assert answer.status_code == 303
        photo = db.session.query(Photo).one()
        assert (photo.actor, photo.member_id, photo.status) == (Actor.PROVIDER, None, PhotoStatus.RELEASED)
        assert photo.event_id == actions.history_of(complaint)[-1].id
        assert desk.get(f"{link}/photos/{photo.id}").location == f"{link}#photos"
        assert desk.post(f"{link}/photos").location == f"{link}#photos"
        assert desk.post(f"{link}/photos").location == f"{link}#photos"
        assert desk.get(f"{link}/photos/{photo.id}").mimetype == "image/jpeg"
        looked = db.session.query(AuditEntry).filter(AuditEntry.verb == Verb.OPENED).all()
        assert [(each.what, each.detail, each.feedback_id) for each in looked] == [
            ("link_disclosure", "photos", complaint.id)
        ]
        assert client.post(f"/cases/{complaint.reference}/photos").status_code == 303
        assert client.get(f"/cases/{complaint.reference}/photos/{photo.id}").status_code == 200
        bad = do(desk, link, "reply", message="More.", photos=chosen(b"GIF89a"))
    assert bad.status_code == 422
    assert "is no JPEG, PNG or WebP picture" in bad.page.text
    assert "More." in bad.page.select_one("textarea#message-message").text


def test_photos_of_the_resident_are_seen_once_they_are_let_through(complaint, desk, link, at):
    filed = photo_keeping.Filed("20261102T0300-" + "b" * 32, "0" * 64, 4, 3, 100)
    photo_keeping.keep(complaint.agency_id, complaint.id, [filed], status=PhotoStatus.WAITING)
    db.session.commit()
    photo = db.session.query(Photo).one()
    with at(MONDAY):
        assert desk.get(f"{link}/photos/{photo.id}").status_code == 404
        assert "photos/" not in str(desk.get(link).page)
        assert "A photo is being checked" in desk.get(link).page.text
        assert desk.post(f"{link}/photos").status_code == 404
        photo_keeping.decide(photo, PhotoStatus.RELEASED, member_id=None)
        db.session.commit()
        assert "A photo is being checked" not in desk.get(link).page.text
        desk.post(f"{link}/photos")
        assert f"{link}/photos/{photo.id}" in str(desk.get(link).page)


@pytest.mark.parametrize(
    ("what", "answers", "said"),
    [
        ("reply", {"message": " "}, "Write what the resident should read."),
        ("resolve", {"message": "x" * 5001}, "Use 5000 characters or fewer."),
        ("hand-back", {"reason": ""}, "Give a reason."),
    ],
)
def test_it_says_what_is_wrong_and_changes_nothing(complaint, desk, link, at, what, answers, said):
    with at(MONDAY):
        response = do(desk, link, what, **answers)

    assert response.status_code == 422
    assert said in words(response.page)
    assert history(complaint) == ["acknowledged", "assigned", "link_sent"]


def test_who_comes_second_is_told_and_keeps_their_text(client, alice, complaint, desk, link, at):
    with at(MONDAY):
        version = desk.get(link).page.select_one("input[name=version]")["value"]
        actions.reply(actions.case_of(complaint), "From the agency.", by=Actor.AGENCY, member_id=alice.id)
        response = desk.post(f"{link}/reply", data={"version": version, "message": "From the desk."})

    assert response.status_code == 409
    assert "Somebody else changed this case" in response.page.text
    assert "From the desk." in response.page.select_one("textarea#message-message").text


def test_who_was_first_with_the_same_link_is_not_called_somebody_else(complaint, desk, link, at):
    with at(MONDAY):
        version = desk.get(link).page.select_one("input[name=version]")["value"]
        desk.post(f"{link}/reply", data={"version": version, "message": "From one window."})
        response = desk.post(f"{link}/reply", data={"version": version, "message": "From the other."})

    assert response.status_code == 409
    assert "perhaps by you in another window" in response.page.text
    assert "Somebody else" not in response.page.text


def test_what_was_handed_back_can_be_read_and_not_answered(complaint, desk, link, at):
    with at(MONDAY):
        version = desk.get(link).page.select_one("input[name=version]")["value"]
        do(desk, link, "hand-back", reason="Not ours.")
        page = desk.get(link).page
        assert "You handed this case back." in page.text
        assert not page.select("textarea")
        current = actions.case_of(complaint).version
        assert current != int(version)
        late = desk.post(f"{link}/reply", data={"version": current, "message": "But it was us."})
    assert late.status_code == 409
    assert "But it was us." in late.page.text
    assert history(complaint)[-1] == "handed_back"


def test_contact_is_shown_only_where_it_is_shared_and_is_written_down(app, riverside, no_accounts, send, desk, at):
    with at(MONDAY):
        shared = sent(riverside, is_shared=True)
        send(shared)
        path = f"/provider/{provider_links.token_of(db.session.query(ProviderLink).one())}"
        assert "resident@example.org" not in desk.get(path).page.text
        assert desk.post(f"{path}/contact", data={"reason": ""}).status_code == 422
        page = desk.post(f"{path}/contact", data={"reason": "To agree on a time"}).page
    assert "resident@example.org" in page.text
    opened = db.session.query(LinkDisclosure).one()
    assert opened.reason == "To agree on a time"
    entry = db.session.query(AuditEntry).filter(AuditEntry.verb == Verb.OPENED).one()
    assert (entry.what, entry.feedback_id, entry.detail) == ("link_disclosure", shared.id, "contact")
    audit = app.test_client().sign_in(riverside.manager).get(f"/audit?case={shared.reference}").page.main
    assert "Reason: To agree on a time" in words(audit)


def test_contact_that_is_not_shared_is_not_there(complaint, desk, link, at):
    with at(MONDAY):
        assert desk.post(f"{link}/contact", data={"reason": "To call"}).status_code == 404
    assert db.session.query(LinkDisclosure).count() == 0


def test_it_ends_after_fourteen_days(alice, complaint, desk, link, at):
    with at(MONDAY + timedelta(days=14, seconds=-1)):
        assert desk.get(link).status_code == 200
        version = desk.get(link).page.select_one("input[name=version]")["value"]
    with at(MONDAY + timedelta(days=14)):
        over = desk.get(link)
        assert over.status_code == 410
        assert "Links to a case are good for a limited time, and that of this one is over." in over.page.text
        late = desk.post(f"{link}/resolve", data={"version": version, "message": "It was emptied."})
        assert late.status_code == 410
        assert "It was emptied." in late.page.text, "what was typed is not lost"
        officer = desk.application.test_client().sign_in(alice)
        assert "It is over." in words(officer.get(f"/cases/{complaint.reference}").page.select_one("#link"))
    assert history(complaint) == ["acknowledged", "assigned", "link_sent"]


def test_history_keeps_who_sent_it_until_when_and_who_took_it_back(client, riverside, alice, complaint, link, bob, at):
    with at(MONDAY + timedelta(hours=1)):
        client.sign_in(riverside.manager)
        client.post(f"/cases/{complaint.reference}/link/revoke")
        page = client.get(f"/cases/{complaint.reference}").page
        sent_item, back_item = page.select(".app-timeline > li")[-2:]
        assert "Link sent to the provider" in words(sent_item)
        assert "It opens until 16 Nov 2026, 09:00." in words(sent_item)
        assert alice.name in words(sent_item)
        assert "Link to the provider taken back" in words(back_item)
        assert riverside.manager.name in words(back_item)
        kept = db.session.query(Event).filter(Event.kind.in_(["link_sent", "link_revoked"])).order_by(Event.id).all()
        assert [(each.member_id, each.changed_to, each.has_message) for each in kept] == [
            (alice.id, "2026-11-16T01:00:00+00:00", False),
            (riverside.manager.id, None, False),
        ]
        for others in (bob, riverside.other_staff):
            answer = client.sign_in(others).get(f"/cases/{complaint.reference}")
            assert answer.status_code == 404 or "Link sent" not in words(answer.page)


def test_it_can_be_taken_back(client, alice, complaint, desk, link, at):
    with at(MONDAY):
        assert client.post(f"/cases/{complaint.reference}/link/revoke").status_code == 303
        for answer in (desk.get(link), desk.post(f"{link}/reply", data={"message": "Too late."})):
            assert answer.status_code == 410
            assert "The agency has taken this link back" in answer.page.text
        card = client.get(f"/cases/{complaint.reference}").page.select_one("#link")
        assert "It was taken back." in words(card)
        assert "Take the link back" not in card.text
        again = client.post(f"/cases/{complaint.reference}/link/revoke")
        assert again.status_code == 303
        assert "There is no link to take back." in client.get(again.location).page.text
    row = db.session.query(ProviderLink).one()
    assert (row.revoked_by_id, row.token_sealed) == (alice.id, None)


def test_a_newer_link_ends_the_one_before(complaint, desk, link, send, at):
    with at(MONDAY + timedelta(hours=1)):
        send(complaint, email="other@clearway.example")
        assert desk.get(link).status_code == 410
        newer = db.session.query(ProviderLink).filter(ProviderLink.revoked_at.is_(None)).one()
        assert desk.get(f"/provider/{provider_links.token_of(newer)}").status_code == 200
    assert history(complaint) == ["acknowledged", "assigned", "link_sent", "link_sent"], "it had the case already"


def test_a_safeguarding_concern_closes_it_at_once_and_for_good(client, alice, complaint, desk, link, at):
    with at(MONDAY + timedelta(hours=1)):
        version = desk.get(link).page.select_one("input[name=version]")["value"]
        concern = concerns.raise_by(complaint, member_id=alice.id)
        db.session.commit()
        assert desk.get(link).status_code == 410
        assert desk.post(f"{link}/reply", data={"version": version, "message": "Hello"}).status_code == 410
        page = client.get(f"/cases/{complaint.reference}").page
        assert "It was closed" in words(page.select_one("#link"))
        assert not page.select("form[action$='/link']"), "and no new one can be sent"
    with at(MONDAY + timedelta(hours=2)):
        concerns.release(concern, member_id=alice.id)
        db.session.commit()
        assert desk.get(link).status_code == 410


def test_none_is_sent_about_what_is_hidden_or_over_or_has_no_provider(complaint, alice, send, at):
    with at(MONDAY):
        concern = concerns.raise_by(complaint, member_id=alice.id)
        db.session.commit()
        assert send(complaint).status_code == 409
        concerns.release(concern, member_id=alice.id)
        actions.reject(actions.case_of(complaint), "No.", member_id=alice.id)
        db.session.commit()
        assert send(complaint).status_code == 409
    assert db.session.query(ProviderLink).count() == 0


def test_another_provider_ends_it(riverside, complaint, desk, link, at):
    case = actions.case_of(complaint)
    case.provider_id = riverside.other_provider.id
    db.session.commit()
    with at(MONDAY):
        assert desk.get(link).status_code == 410


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c"])
def test_an_address_that_is_none_is_refused(complaint, send, at, email):
    with at(MONDAY):
        response = send(complaint, email=email)

    assert response.status_code == 422
    assert "Enter an e-mail address, like name@example.org." in response.page.text


def test_the_last_address_is_offered_for_the_next_case(client, riverside, complaint, link, at):
    with at(MONDAY):
        other = sent(riverside)
        page = client.get(f"/cases/{other.reference}").page
    assert page.select_one("#link-email")["value"] == ADDRESS


@pytest.mark.parametrize("who", ["viewer", "staff", "charlie"])
def test_only_officers_of_the_agency_send_and_revoke(client, riverside, hillside, at, who):
    with at(MONDAY):
        feedback = sent(riverside)
        member = hillside.officer if who == "charlie" else getattr(riverside, who)
        client.sign_in(member)
        for door in ("link", "link/revoke"):
            wanted = 404 if who == "charlie" else 403
            assert client.post(f"/cases/{feedback.reference}/{door}", data={}).status_code == wanted


def test_a_link_that_nobody_has_opens_nothing(desk, riverside):
    assert desk.get("/provider/made-up").status_code == 404
    assert desk.post("/provider/made-up/reply", data={"message": "Hello"}).status_code == 404


def test_a_form_of_another_site_is_refused(complaint, desk, link, at):
    with at(MONDAY):
        answer = desk.post(f"{link}/reply", data={"message": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_the_token_is_in_no_row_and_no_log(request, complaint, desk, link, at):
    token = link.rpartition("/")[2]
    for name in inspect(db.engine).get_table_names():
        rows = db.session.execute(text(f'SELECT * FROM "{name}"')).all()
        assert token not in str(rows), name
    assert db.session.query(ProviderLink).one().token_sealed is None, "forgotten once the letter is out"

    actions.case_of(complaint).calendar = {}
    with at(MONDAY):
        assert desk.get(link).status_code == 500, "no calendar can be read from nothing"
    # The log writes to where standard error was when the application was made, before this test.
    logged = request.config.pluginmanager.getplugin("capturemanager").read_global_capture().err
    assert "links.case" in logged
    assert token not in logged


def test_a_crash_after_the_mail_repeats_it_at_most(complaint, send, at):
    with at(MONDAY):
        send(complaint)
        row = db.session.query(ProviderLink).one()
        token = provider_links.token_of(row)
        assert token
        provider_links.forget_token(row.id)
        db.session.commit()
        assert provider_links.token_of(db.session.get(ProviderLink, row.id, populate_existing=True)) is None


def test_two_links_to_a_case_do_not_stand_at_once(complaint, link, riverside):
    first = db.session.query(ProviderLink).one()
    values = {c.key: getattr(first, c.key) for c in inspect(ProviderLink).columns if c.key != "id"}
    db.session.add(ProviderLink(**values | {"token_hash": "0" * 64}))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_what_the_resident_adds_reaches_the_agency_where_the_provider_has_no_account(
    riverside, alice, complaint, link, work, mail_box, at
):
    with at(MONDAY + timedelta(hours=1)):
        actions.resident_adds(complaint, "And the lid is broken.")
        work()
    with at(MONDAY + timedelta(hours=2, minutes=2)):
        work()

    called = [each["To"] for each in mail_box() if "your word" in each["Subject"]]
    assert called == [alice.email]


def test_the_page_speaks_the_language_it_was_sent_in(complaint, send, desk, at):
    with at(MONDAY):
        send(complaint, language="zh")
        path = f"/provider/{provider_links.token_of(db.session.query(ProviderLink).one())}"
        assert desk.get(path).page.select_one("html")["lang"] == "zh-Hans"
        assert desk.get(f"{path}?lang=en").page.select_one("html")["lang"] == "en"


def test_other_cases_of_the_provider_are_not_behind_it(riverside, alice, complaint, desk, link, at):
    with at(MONDAY):
        other = sent(riverside)
        actions.assign(actions.case_of(other), member_id=alice.id)
        db.session.commit()
        assert other.reference not in desk.get(link).page.text
        assert desk.get(f"/cases/{other.reference}").status_code == 302
    assert db.session.query(Event).filter_by(feedback_id=other.id, actor="provider").count() == 0


@pytest.mark.parametrize(
    ("what", "answers", "steps", "stage"),
    [
        ("agree", {"is_sure": "y"}, ["verdict_answered", "verdict"], "stands"),
        ("object", {"reason": "The market left it there."}, ["verdict_answered"], "objected"),
    ],
)
def test_a_verdict_is_replied_to_by_a_link_also_when_the_case_is_over(
    alice, complaint, send, desk, at, what, answers, steps, stage
):
    case = actions.case_of(complaint)
    with at(MONDAY):
        actions.resolve(case, "Done.", by=Actor.AGENCY, member_id=alice.id)
        verdict_actions.judge(
            case, Attribution.PROVIDER, "The crew did not come.", member_id=alice.id, is_manager=False
        )
        db.session.commit()
        assert send(complaint).status_code == 303
        path = f"/provider/{provider_links.token_of(db.session.query(ProviderLink).one())}"
        page = desk.get(path).page
        assert "Silence is consent" in page.text
        assert not page.select("textarea#message-message")
        version = page.select_one("input[name=version]")["value"]
        assert desk.post(f"{path}/verdict/{what}", data={"version": version}).status_code == 422
        done = desk.post(f"{path}/verdict/{what}", data={"version": version} | answers)
        assert done.status_code == 303
        assert desk.get(done.location).page.select_one(".govuk-notification-banner--success")
    assert history(complaint)[-len(steps) :] == steps
    assert str(db.session.get(Verdict, complaint.id).stage) == stage


def test_what_was_upheld_can_be_contested_by_a_link(alice, complaint, link, desk, at):
    case = actions.case_of(complaint)
    with at(MONDAY + timedelta(hours=1)):
        for grounds in ("The crew did not come.", "It did not come, as the lists show."):
            verdict_actions.judge(case, Attribution.PROVIDER, grounds, member_id=alice.id, is_manager=False)
            db.session.commit()
            version = desk.get(link).page.select_one("input[name=version]")["value"]
            what = "object" if grounds.startswith("The") else "contest"
            answer = desk.post(f"{link}/verdict/{what}", data={"version": version, "reason": "It did."})
            assert answer.status_code == 303
        assert desk.post(f"{link}/verdict/contest", data={"version": "0", "reason": "Again."}).status_code == 409
    assert history(complaint)[-1] == "verdict_contested"
