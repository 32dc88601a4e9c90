"""The page of a case: what happened, who may do what to it, and what they typed is never lost."""

import json
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app.cases import actions, merging
from app.cases.models import Case, Disclosure, Event, Look
from app.extensions import db
from app.intake.actions import erase_words, tracking_token
from app.kernel.words import Actor, CaseStatus, EventKind, FeedbackKind, Holder
from tests.web.cases_story import MONDAY, history, sent


@pytest.fixture
def complaint(riverside):
    return sent(riverside)


def text_of(page):
    return " ".join(page.text.split())


def seen(client, feedback):
    """The version that the page of a feedback carries."""
    return client.get(f"/cases/{feedback.reference}").page.select_one("input[name=version]")["value"]


def do(client, feedback, what, **answers):
    """Open the page, fill in one of its forms, send it."""
    if "version" not in answers:
        answers["version"] = seen(client, feedback)
    return client.post(f"/cases/{feedback.reference}/{what}", data=answers)


def given(complaint, alice):
    actions.assign(actions.case_of(complaint), member_id=alice.id)
    db.session.commit()


# (door, answers, event, who is told on the page)
DEEDS = [
    ("reply", {"message": "We are sorry."}, "replied"),
    ("ask", {"message": "Which bin?"}, "asked"),
    ("resolve", {"message": "It was emptied."}, "resolved"),
    ("reject", {"reason": "Not ours."}, "rejected"),
    ("assign", {"note": "Please see to it."}, "assigned"),
    ("take", {}, "taken_by"),
    ("note", {"note": "Third time here."}, "noted"),
    ("kind", {"kind": "suggestion"}, "kind_changed"),
]


@pytest.mark.parametrize(("door", "answers", "event"), DEEDS)
def test_an_officer_does_it(client, complaint, alice, door, answers, event):
    response = do(client.sign_in(alice), complaint, door, **answers)

    assert response.status_code == 303
    assert history(complaint) == ["acknowledged", event]
    page = client.get(response.location).page
    for words in answers.values():
        assert words in page.text or door == "kind"


@pytest.mark.parametrize(("door", "answers", "event"), DEEDS)
@pytest.mark.parametrize("who", ["viewer", "charlie", "other_staff"])
def test_others_cannot_do_it(client, riverside, hillside, complaint, door, answers, event, who):
    member = hillside.officer if who == "charlie" else getattr(riverside, who)

    status = client.sign_in(member).post(f"/cases/{complaint.reference}/{door}", data=answers).status_code

    forbidden = who == "viewer" or (who == "other_staff" and door not in ("reply", "ask", "resolve"))
    assert status == (403 if forbidden else 404)
    assert history(complaint) == ["acknowledged"]


@pytest.mark.parametrize(
    ("door", "answers", "said"),
    [
        ("reply", {"message": " "}, "Write what the resident should read."),
        ("reply", {"message": "x" * 5001}, "Use 5000 characters or fewer."),
        ("reject", {"reason": ""}, "Give a reason."),
        ("note", {"note": ""}, "Write the note."),
        ("kind", {"kind": "poem"}, "Choose one of the list."),
        ("clause", {"clause": "999", "reason": "Because"}, "Choose one of the list."),
        ("duplicate", {"of": ""}, "Enter the reference of the other case."),
        ("duplicate", {"of": "2222-2222-2222"}, "There is no such case"),
    ],
)
def test_it_says_what_is_wrong_and_changes_nothing(client, complaint, alice, door, answers, said):
    response = do(client.sign_in(alice), complaint, door, **answers)

    assert response.status_code == 422
    assert said in text_of(response.page)
    assert response.page.title.text.startswith("Error:")
    assert history(complaint) == ["acknowledged"]


def test_what_was_typed_is_kept(client, complaint, alice):
    page = do(client.sign_in(alice), complaint, "clause", clause="999", reason="It is about conduct").page

    assert "It is about conduct" in page.select_one("#clause-reason").text


def test_who_was_first_in_another_window_is_told_that_it_was_themselves(client, complaint, alice):
    version = seen(client.sign_in(alice), complaint)
    do(client, complaint, "reply", message="From one window.")

    response = do(client, complaint, "reply", message="From the other.", version=version)

    assert response.status_code == 409
    assert "by you in another window" in response.page.text
    assert "Somebody else" not in response.page.text


@pytest.mark.parametrize(
    ("door", "answers", "said"),
    [
        ("reply", {"message": "It is emptied."}, "It stands on the resident's page"),
        ("ask", {"message": "Which bin?"}, "It stands on the resident's page"),
        ("resolve", {"message": "It is emptied."}, "where they can confirm or reopen it"),
        ("reject", {"reason": "Not a bin of ours."}, "Why stands on the resident's page"),
    ],
)
def test_nobody_is_said_to_be_told_who_left_no_contact(client, riverside, alice, at, door, answers, said):
    with at(MONDAY):
        feedback = sent(riverside, email=None)
        done = do(client.sign_in(alice), feedback, door, **answers)
        told = client.get(done.location).page.select_one(".govuk-notification-banner").text

    assert said in told
    assert "no letter goes out" in told
    assert "was told" not in told


def test_a_question_to_whom_nobody_can_reach_stops_no_clock_and_claims_no_silence(app, client, riverside, alice, at):
    with at(MONDAY):
        feedback, reached = sent(riverside, email=None), sent(riverside)
        page = client.sign_in(alice).get(f"/cases/{feedback.reference}").page
        assert "Send as a question; the clock goes on" in page.main.text
        assert "the clock waits" not in page.main.text
        assert "Send as a question; the clock waits" in client.get(f"/cases/{reached.reference}").page.main.text
        do(client, feedback, "ask", message="Which bin?")
        assert "the clock waits" not in client.get(f"/cases/{feedback.reference}").page.main.text
        theirs = app.test_client().get(f"/track/{tracking_token(feedback.id)}").page.main.text

    assert "Which bin?" in theirs
    assert "without an answer" not in theirs


def test_it_is_said_who_reads_a_reason(client, complaint, alice):
    page = client.sign_in(alice).get(f"/cases/{complaint.reference}").page

    assert "The provider reads that the clause was changed, not why" in page.select_one("#do-clause").text


def test_who_comes_second_is_told_and_keeps_their_text(client, riverside, complaint, alice):
    version = seen(client.sign_in(alice), complaint)
    do(client, complaint, "reply", message="From Alice.")
    client.sign_in(riverside.second_officer)

    response = do(client, complaint, "reply", message="From her colleague.", version=version)

    assert response.status_code == 409
    assert "Somebody else changed this case" in response.page.text
    assert "From Alice." in response.page.text
    assert "From her colleague." in response.page.select_one("textarea#message-message").text
    assert history(complaint) == ["acknowledged", "replied"]
    again = response.page.select_one("input[name=version]")["value"]
    assert do(client, complaint, "reply", message="From her colleague.", version=again).status_code == 303


@pytest.mark.parametrize("version", ["", "made up", "0"])
def test_a_made_up_version_is_an_old_one(client, complaint, alice, version):
    assert do(client.sign_in(alice), complaint, "reply", message="Hi", version=version).status_code == 409
    assert history(complaint) == ["acknowledged"]


def test_of_two_officers_at_once_one_wins(app, client, riverside, complaint):
    """Really at once, on connections of their own."""
    path, version = f"/cases/{complaint.reference}/resolve", actions.case_of(complaint).version
    browsers = [app.test_client().sign_in(member) for member in (riverside.officer, riverside.second_officer)]
    db.session.remove()
    start, answers = Barrier(2), []

    def press(browser):
        with app.app_context():
            start.wait()
            answers.append(browser.post(path, data={"message": "Done.", "version": version}).status_code)
            db.session.remove()

    threads = [Thread(target=press, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 409]
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.RESOLVED)) == 1


def test_a_move_that_cannot_be_is_refused(client, complaint, alice):
    actions.resolve(actions.case_of(complaint), "Done.", by=Actor.AGENCY, member_id=alice.id)
    db.session.commit()

    response = do(client.sign_in(alice), complaint, "assign", note="Yours")

    assert response.status_code == 409
    assert "cannot be done where the case stands now" in response.page.text


def test_an_officer_reopens_merges_and_changes_the_clause(client, riverside, complaint, alice):
    other = sent(riverside)
    clause = riverside.contract.clauses[1]
    client.sign_in(alice)

    assert do(client, complaint, "clause", clause=clause.id, reason="Conduct").status_code == 303
    assert actions.case_of(complaint).clause.code == "2"
    do(client, complaint, "resolve", message="Done.")
    assert do(client, complaint, "reopen", reason="It was not").status_code == 303
    assert actions.case_of(complaint).status == CaseStatus.OPEN
    looked = do(client, complaint, "duplicate", of=other.reference.lower().replace("-", " "))
    assert looked.location == f"/cases/{complaint.reference}/duplicate?of={other.reference}"
    assert actions.case_of(complaint).status == CaseStatus.OPEN
    assert do(client, complaint, "duplicate", of=other.reference, sure=other.reference).status_code == 303
    assert actions.case_of(complaint).duplicate_of_id == actions.case_of(other).id
    assert other.reference in client.get(f"/cases/{complaint.reference}").page.text


def test_the_other_case_is_looked_at_before_merging(client, riverside, complaint, alice, work):
    other = sent(riverside, text="The bin at the gate is full, call 07700 900123")
    actions.resolve(actions.case_of(other), "Emptied.", by=Actor.AGENCY, member_id=alice.id)
    client.sign_in(alice)
    work()

    step = do(client, complaint, "duplicate", of=other.reference).location
    page = client.get(step).page

    said = text_of(page)
    assert page.h1.text == f"Merge {complaint.reference} into {other.reference}?"
    assert page.select_one("main button") is page.select("main button")[-1], "nothing else is asked there"
    assert "The bin at the gate is full, call [phone]" in said
    assert "That case is over." in said
    assert "different contracts" not in said
    assert len(page.select(".app-languages li")) == 2
    third = sent(riverside, contract_id=riverside.other_contract.id, site_id=riverside.other_site.id)
    onward = do(client, complaint, "duplicate", of=third.reference, sure=other.reference)
    across = text_of(client.get(onward.location).page)
    assert "They are about different contracts: Street cleaning 2026 here, Home care 2026 there." in across
    assert client.get(f"/cases/{complaint.reference}/duplicate").location == f"/cases/{complaint.reference}"
    assert history(complaint) == ["acknowledged"]
    form = {field["name"]: field["value"] for field in page.select("main form input")}
    assert client.post(page.select_one("main form")["action"], data=form).status_code == 303
    assert history(complaint)[-1] == "duplicate"


def test_a_page_that_answers_a_form_is_offered_in_the_other_language_too(client, complaint, alice):
    page = do(client.sign_in(alice), complaint, "reply", message="").page

    others = [button["formaction"] for button in page.select(".app-languages button")]
    assert [each.partition("?")[0] for each in others] == [f"/cases/{complaint.reference}/reply"]


def test_a_colleague_is_asked_and_a_case_put_down(client, riverside, complaint, alice):
    second = riverside.second_officer
    client.sign_in(alice)
    page = client.get(f"/cases/{complaint.reference}").page
    assert {option.text for option in page.select("#assignee-assignee option")} == {
        "Nobody",
        "Officer",
        "Second",
        "Manager",
    }

    assert do(client, complaint, "assignee", assignee=second.id).status_code == 303
    assert actions.case_of(complaint).assignee_id == second.id
    assert "Seen to by Second" in client.get(f"/cases/{complaint.reference}").page.text
    assert do(client, complaint, "assignee", assignee="nobody").status_code == 303
    assert actions.case_of(complaint).assignee_id is None
    assert "Seen to by nobody" in client.get(f"/cases/{complaint.reference}").page.text
    for stranger in (riverside.viewer.id, riverside.staff.id, "", "x"):
        assert do(client, complaint, "assignee", assignee=stranger).status_code == 422


def test_praise_is_answered_and_stays_praise(client, app, riverside, alice, bob, mail_box, work, at):
    def numbers():
        asked = ["report", "--contract", "C-001", "--start", "2026-11-01", "--end", "2026-11-30"]
        return app.test_cli_runner().invoke(args=[*asked, "--as-of", "2026-12-01T00:00:00Z"]).stdout

    with at(MONDAY):
        praise = sent(riverside, kind=FeedbackKind.COMPLIMENT, rating=5, text="So clean!")
        sent(riverside)
        client.sign_in(alice)
        work()
        before = numbers()
        assert "It stays what it is: no case, no limit." in client.get(f"/cases/{praise.reference}").page.text
        assert do(client, praise, "reply", message="Thank you, we pass it on.").status_code == 303
        assert do(client, praise, "ask", message="Which one?").status_code == 409
        work()

    assert history(praise) == ["replied"]
    assert (praise.kind, actions.case_of(praise)) == (FeedbackKind.COMPLIMENT, None)
    assert "Thank you, we pass it on." in mail_box()[-1].get_body(("plain",)).get_content()
    assert json.loads(before)["measures"]["cases"]["value"] == 1
    assert numbers() == before


def test_opening_a_case_late_says_that_it_is_overdue_at_once(app, client, riverside, alice, at):
    with at(MONDAY):
        rating = sent(riverside, kind=FeedbackKind.RATING)
        page = client.sign_in(alice).get(f"/cases/{rating.reference}").page
        assert "the answer would be due in 16 working hours." in text_of(page)
    with at(MONDAY + timedelta(days=7)):
        page = app.test_client().sign_in(alice).get(f"/cases/{rating.reference}").page
        assert "the answer would be overdue by 3 working days at once." in text_of(page)


def test_where_the_kind_cannot_change_it_is_said_why(client, complaint, alice):
    client.sign_in(alice)
    assert client.get(f"/cases/{complaint.reference}").page.select("#kind-kind")
    given(complaint, alice)

    page = client.get(f"/cases/{complaint.reference}").page

    assert page.select("#kind-kind") == []
    assert "A complaint that somebody has dealt with stays a complaint." in page.text
    refused = do(client, complaint, "kind", kind="suggestion")
    assert refused.status_code == 409
    assert "somebody has dealt with the complaint" in refused.page.text


def test_who_handed_a_case_back_reads_why_there_is_nothing_to_press(client, complaint, alice, bob):
    given(complaint, alice)
    client.sign_in(bob)
    assert "You handed this case back." not in client.get(f"/cases/{complaint.reference}").page.text
    do(client, complaint, "hand-back", reason="Not on our route")

    page = client.get(f"/cases/{complaint.reference}").page

    assert "You handed this case back." in page.text
    assert page.select("main textarea") == []


def facts(client, feedback):
    page = client.get(f"/cases/{feedback.reference}").page
    rows = page.select(".app-columns__side .govuk-summary-list__row")
    return {row.dt.text.strip(): " ".join(row.dd.text.split()) for row in rows}


def test_facts_say_what_still_runs_and_what_is_over(client, complaint, alice):
    client.sign_in(alice)
    case = actions.case_of(complaint)
    assert {"Answer by", "Resolve by"} <= facts(client, complaint).keys()
    do(client, complaint, "ask", message="Which bin?")
    asked = facts(client, complaint)
    assert {"Answered on", "Paused since"} <= asked.keys()
    assert asked["Resolve by"] == "put off until the resident has answered"
    assert "Answer by" not in asked
    actions.resident_adds(complaint, "The left one")
    do(client, complaint, "resolve", message="Done.")
    done = facts(client, complaint)
    assert {"Answered on", "Resolved on"} <= done.keys()
    assert not {"Answer by", "Resolve by", "Paused since"} & done.keys()
    actions.reopen(case)
    assert facts(client, complaint)["Reopened"] == "1 time"


def test_a_case_is_opened_on_other_feedback_and_only_once(client, riverside, alice):
    rating = sent(riverside, kind=FeedbackKind.RATING)
    client.sign_in(alice)
    version = seen(client, rating)
    assert "No case" in client.get(f"/cases/{rating.reference}").page.text

    assert do(client, rating, "open", version=version).status_code == 303
    assert do(client, rating, "open", version=version).status_code == 409

    assert db.session.scalar(select(func.count(Case.id))) == 1
    assert rating.kind == FeedbackKind.COMPLAINT


def test_staff_answer_their_own_cases(client, complaint, alice, bob):
    client.sign_in(bob)
    assert client.get(f"/cases/{complaint.reference}").status_code == 404
    given(complaint, alice)

    assert do(client, complaint, "reply", message="On our way.").status_code == 303
    assert do(client, complaint, "hand-back", reason="Not on our route").status_code == 303

    assert history(complaint) == ["acknowledged", "assigned", "replied", "handed_back"]
    assert actions.case_of(complaint).holder == Holder.AGENCY
    assert (
        do(client, complaint, "resolve", message="Done.", version=actions.case_of(complaint).version).status_code == 409
    )


def test_staff_of_the_provider_read_no_persons_and_no_notes(client, complaint, alice, bob, work):
    actions.note(complaint, "Between us", member_id=alice.id)
    given(complaint, alice)
    actions.resident_adds(complaint, "My number is 07700 900123.")
    path, name = f"/cases/{complaint.reference}", alice.name
    client.sign_in(bob)
    work()

    page = client.get(path).page

    assert "Call me on [phone]." in page.text
    assert "My number is [phone]." in page.text
    assert "behind the gate" in page.text
    for hidden in ("07700", "resident@example.org", "Between us", name, "Show contact", "Show original"):
        assert hidden not in page.text
    assert client.post(f"{path}/contact").status_code == 403
    assert client.post(f"{path}/words").status_code == 403
    assert db.session.scalar(select(func.count(Disclosure.id))) == 0


def test_a_shared_contact_is_shown_to_the_provider_on_demand(client, riverside, alice, bob):
    complaint = sent(riverside, is_shared=True)
    given(complaint, alice)
    client.sign_in(bob)
    assert "resident@example.org" not in client.get(f"/cases/{complaint.reference}").page.text

    page = client.post(f"/cases/{complaint.reference}/contact", data={"reason": "To find the bin"}).page

    assert "resident@example.org" in page.text
    assert "07700" not in page.text
    kept = [(row.what, row.member_id, row.reason) for row in db.session.scalars(select(Disclosure))]
    assert kept == [("contact", bob.id, "To find the bin")]


def test_original_words_are_opened_by_themselves_and_written_down(client, riverside, complaint, alice):
    path = f"/cases/{complaint.reference}"
    actions.resident_adds(complaint, "My number is 07700 900124.")
    client.sign_in(riverside.viewer)
    assert client.post(f"{path}/words").status_code == 403
    client.sign_in(alice)
    assert "07700" not in client.get(path).page.text
    assert "It is being read" in client.get(path).page.text
    assert db.session.scalar(select(func.count(Disclosure.id))) == 0

    page = client.post(f"{path}/words").page

    assert "Call me on 07700 900123." in page.text
    assert "07700 900124" in page.text, "what was added later is shown as it was written, too"
    assert "resident@example.org" not in page.text
    assert page.select_one(f"form[action='{path}/contact']"), "the contact details can still be opened"
    kept = [(row.what, row.member_id, row.reason) for row in db.session.scalars(select(Disclosure))]
    assert kept == [("words", alice.id, "")]
    assert next(link for link in page.select("main a") if link.text == "Hide it")["href"] == path
    assert "07700" not in client.get(path).page.text


def test_contact_details_are_opened_for_a_reason_of_their_own(client, riverside, complaint, alice):
    path = f"/cases/{complaint.reference}"
    client.sign_in(riverside.viewer)
    assert client.post(f"{path}/contact").status_code == 403
    client.sign_in(alice)
    unsaid = client.post(f"{path}/contact", data={"reason": " "})
    assert unsaid.status_code == 422
    assert "Say why you need it." in unsaid.page.text
    assert "resident@example.org" not in unsaid.page.text
    assert db.session.scalar(select(func.count(Disclosure.id))) == 0

    page = client.post(f"{path}/contact", data={"reason": "To call about the gate"}).page

    assert "resident@example.org" in page.text
    assert "07700" not in page.text, "the words stay as they were"
    kept = [(row.what, row.member_id, row.reason) for row in db.session.scalars(select(Disclosure))]
    assert kept == [("contact details", alice.id, "To call about the gate")]


def test_what_was_erased_is_not_offered(client, complaint, alice):
    actions.erase_words(complaint)
    erase_words(complaint)

    page = client.sign_in(alice).get(f"/cases/{complaint.reference}").page

    assert "Show original words" not in page.text


def test_a_look_is_kept_once_and_by_post_alone(client, complaint, alice):
    path = f"/cases/{complaint.reference}"
    client.sign_in(alice)
    assert client.get(path).page.select_one("form[data-post-on-load]")
    assert db.session.scalar(select(func.count(Look.id))) == 0

    assert client.post(f"{path}/looked").status_code == 303
    assert client.post(f"{path}/looked", headers={"Sec-Fetch-Dest": "empty"}).status_code == 204

    assert db.session.scalar(select(func.count(Look.id))) == 1
    assert not client.get(path).page.select_one("form[data-post-on-load]")


def test_a_viewer_reads_and_finds_nothing_to_press_but_a_concern(client, riverside, complaint):
    page = client.sign_in(riverside.viewer).get(f"/cases/{complaint.reference}").page

    assert [form["action"] for form in page.select("main form")] == [
        f"/cases/{complaint.reference}/looked",
        f"/cases/{complaint.reference}/safeguarding",
    ]


def test_others_do_not_find_it(client, riverside, complaint, charlie):
    assert client.sign_in(charlie).get(f"/cases/{complaint.reference}").status_code == 404
    assert client.sign_in(riverside.other_staff).get(f"/cases/{complaint.reference}").status_code == 404
    for door in ("words", "contact"):
        assert client.sign_in(charlie).post(f"/cases/{complaint.reference}/{door}").status_code == 404
    assert client.get("/cases/nonsense").status_code == 404


def test_hidden_characters_are_taken_out_of_what_is_written(client, complaint, alice):
    do(client.sign_in(alice), complaint, "reply", message="Dear\u202e resident\x00")

    assert "Dear resident" in client.get(f"/cases/{complaint.reference}").page.text


def test_where_letters_are_gathered_it_is_said(client, riverside, complaint, alice, bob):
    page = client.sign_in(alice).get(f"/cases/{complaint.reference}").page
    assert "Their letters are gathered" in page.main.text

    def told(member, door, **answers):
        done = do(client.sign_in(member), complaint, door, **answers)
        return client.get(done.location).page.select_one(".govuk-notification-banner").text

    def is_truthful(words):
        return "when the hour is over" in words and "in the morning after quiet hours" in words

    assert is_truthful(told(alice, "assignee", assignee=str(riverside.manager.id)))
    given = told(alice, "assign")
    assert "in the morning after quiet hours" in given
    assert "of the others the next day" in given
    assert is_truthful(told(bob, "hand-back", reason="Not our bin."))


def test_the_provider_reads_by_which_clause_it_is_measured_and_not_why(client, riverside, complaint, alice, bob):
    clause = riverside.contract.clauses[1]
    do(client.sign_in(alice), complaint, "clause", clause=str(clause.id), reason="The crew boss said so.")
    do(client, complaint, "assign")

    page = client.sign_in(bob).get(f"/cases/{complaint.reference}").page

    said = page.select_one(".app-timeline").text
    assert f"Clause {clause.code}, {clause.title}" in said
    assert "crew boss" not in page.text
    assert "crew boss" in client.sign_in(alice).get(f"/cases/{complaint.reference}").page.text


def test_on_a_phone_what_fits_the_state_is_one_tap_away(client, riverside, complaint, alice, bob):
    def jumps(member):
        page = client.sign_in(member).get(f"/cases/{complaint.reference}").page
        links = [link["href"] for link in page.select(".app-jump a")]
        assert all(page.select_one(link) for link in links)
        return links

    assert {"#answer", "#do-assign", "#do-take", "#verdict"} <= set(jumps(alice))
    do(client, complaint, "assign")
    assert "#do-assign" not in jumps(alice)
    assert {"#answer", "#do-hand-back"} <= set(jumps(bob))
    assert jumps(riverside.viewer) == ["#history", "#actions"]


def test_the_manager_reads_why_a_case_that_comes_back_is_theirs(client, riverside, complaint, alice):
    case = actions.case_of(complaint)
    for _time in range(2):
        actions.resolve(case, "Done.", by=Actor.AGENCY, member_id=alice.id)
        actions.reopen(case, by=Actor.RESIDENT)
    db.session.commit()

    page = text_of(client.sign_in(riverside.manager).get(f"/cases/{complaint.reference}").page)
    assert "Reopened 2 times: what was done did not help, so it is for the manager." in page
    assert "Agree with the provider on what must change" in page
    assert "for the manager" not in text_of(client.sign_in(alice).get(f"/cases/{complaint.reference}").page)


def test_a_duplicate_offers_neither_another_contract_nor_another_kind(client, riverside, complaint, alice):
    client.sign_in(alice)
    address = f"/cases/{complaint.reference}"
    assert {"Move it to another contract", "Change the kind"} <= set(summaries(client.get(address).page))

    merging.mark_duplicate(actions.case_of(complaint), actions.case_of(sent(riverside)), member_id=alice.id)
    db.session.commit()

    assert not {"Move it to another contract", "Change the kind"} & set(summaries(client.get(address).page))


def summaries(page):
    return [" ".join(each.text.split()) for each in page.select("main summary")]


def test_text_messages_are_named_where_a_gateway_carries_them(app, client, complaint, alice, monkeypatch):
    client.sign_in(alice)
    for url, said in (("", "and by e-mail where they can"), ("https://sms.example/send", "e-mail or text message")):
        monkeypatch.setitem(app.config, "CONFIG", replace(app.config["CONFIG"], sms_url=url))
        assert said in text_of(client.get(f"/cases/{complaint.reference}").page)
