"""What the resident sees of their case afterwards, and what they can do."""

from datetime import timedelta

import pytest

from app.accounts.models import Member
from app.cases import actions as cases
from app.cases import merging, news
from app.cases.models import Case, Event
from app.directory.models import Contract
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback, TrackingLink
from app.intake.words import FeedbackWords
from app.kernel.periods import day_of
from app.kernel.words import Actor, CaseStatus, EventKind
from app.reports.report import build
from app.resident.models import PinTry
from tests.web.test_give import answers


@pytest.fixture
def given(client, riverside):
    """A complaint with an e-mail address: its feedback and the token of its link."""
    page = client.get("/give/RS-001?lang=en").page
    client.post("/give/RS-001", data=answers(page, email="li@example.org", place="Gate 2"))
    feedback = db.session.query(Feedback).one()
    return feedback, intake.tracking_token(feedback.id)


def resolved():
    case = db.session.query(Case).one()
    cases.resolve(case, "The bin was emptied.", by=Actor.AGENCY, member_id=officer_id())
    db.session.commit()
    return case


def officer_id():
    return db.session.query(Member.id).filter_by(email="officer@riverside.example").scalar()


def kinds():
    return [event.kind for event in db.session.query(Event).order_by(Event.id)]


def test_it_shows_what_was_said_and_that_it_is_open(client, given):
    page = client.get(f"/track/{given[1]}").page

    assert "The bin was left full again." in page.text
    assert "It is open." in page.text
    assert given[0].reference in page.text


def test_an_unknown_or_revoked_link_opens_nothing(client, given):
    assert client.get("/track/made-up").status_code == 404
    assert client.post("/track/made-up/confirm").status_code == 404


def test_the_answer_arrives_with_links_that_only_open_a_page(client, riverside, given, work, mail_box):
    resolved()
    work()
    letter = mail_box()[-1].get_body(("plain",)).get_content()
    confirm = next(line for line in letter.split() if line.endswith("/confirm")).removeprefix("http://localhost")

    assert "The bin was emptied." in letter
    page = client.get(confirm).page
    assert db.session.query(Case).one().confirmed_at is None
    assert [button.text.strip() for button in page.select("main button")] == ["Yes, it is solved"]
    client.post(confirm, data={"rating": "4"})
    assert db.session.query(Case).one().confirmed_at is not None
    assert db.session.query(Event).filter_by(kind=EventKind.CONFIRMED).one().rating == 4


def test_reopening_annuls_the_resolution(client, riverside, given):
    resolved()

    sent = client.post(f"/track/{given[1]}/reopen", data={"message": "Still full."})

    assert sent.status_code == 303
    case = db.session.query(Case).one()
    assert (case.status, case.resolved_at, case.times_reopened) == (CaseStatus.OPEN, None, 1)
    assert "Still full." in client.get(sent.location).page.text


def test_what_cannot_be_is_said_and_nothing_is_changed(client, given):
    assert client.post(f"/track/{given[1]}/confirm").status_code == 409
    again = client.post(f"/track/{given[1]}/reopen", data={"message": "Still full."})
    assert again.status_code == 409
    assert "Still full." in again.page.select_one("textarea").text
    assert kinds() == [EventKind.ACKNOWLEDGED]


def test_an_answer_to_a_question_ends_the_wait_and_anything_else_is_an_addition(client, riverside, given):
    client.post(f"/track/{given[1]}/add", data={"message": "It is the green bin."})
    case = db.session.query(Case).one()
    cases.ask(case, "Which bin?", by=Actor.AGENCY, member_id=officer_id())
    db.session.commit()
    assert db.session.query(Case).one().waiting_since is not None

    client.post(f"/track/{given[1]}/add", data={"message": "The green one."})

    assert db.session.query(Case).one().waiting_since is None
    assert kinds()[1:] == [EventKind.ADDED, EventKind.ASKED, EventKind.RESIDENT_REPLIED]


def test_rating_the_handling(client, riverside, given):
    resolved()

    assert client.post(f"/track/{given[1]}/rate", data={"rating": ""}).status_code == 422
    assert client.post(f"/track/{given[1]}/rate", data={"rating": "5"}).status_code == 303
    assert db.session.query(Event).filter_by(kind=EventKind.RATED).one().rating == 5


def test_reference_and_pin_open_it_where_the_link_was_lost(client, given):
    _, pin = intake.way_back(given[0].id)
    wrong = client.post(
        "/track?lang=en", data={"reference": given[0].reference, "pin": "000000" if pin != "000000" else "1"}
    )
    assert "do not belong together" in wrong.page.text

    typed = given[0].reference.lower().replace("-", " ")
    assert client.post("/track", data={"reference": typed, "pin": pin}).location.startswith(f"/track/{given[1]}")


def test_after_five_wrong_pins_the_door_stays_shut_for_a_while(client, given, at):
    _, pin = intake.way_back(given[0].id)
    form = {"reference": given[0].reference, "pin": "no"}
    with at("2030-01-01T10:00:00+00:00"):
        assert [client.post("/track", data=form).status_code for _ in range(6)] == [422] * 5 + [429]
        assert client.post("/track", data=form | {"pin": pin}).status_code == 429
    with at("2030-01-01T10:16:00+00:00"):
        assert client.post("/track", data=form | {"pin": pin}).status_code == 303


def test_contact_details_and_words_can_be_deleted_and_the_numbers_stay(client, given, work):
    work()
    client.post(f"/track/{given[1]}/contact")
    assert intake.contact_of(given[0].id).email is None

    client.post(f"/track/{given[1]}/erase")

    words = db.session.query(FeedbackWords).one()
    assert (words.text, words.place) == (None, None)
    assert db.session.query(Feedback).one().rating == 2
    page = client.get(f"/track/{given[1]}").page
    assert "What you wrote is deleted." in page.text
    assert "left full" not in page.text


def test_taking_it_back_ends_it(client, given):
    client.post(f"/track/{given[1]}/withdraw")

    assert db.session.query(Case).one().status == CaseStatus.WITHDRAWN
    assert client.post(f"/track/{given[1]}/withdraw").location == f"/track/{given[1]}?done=withdrawn"
    page = client.get(f"/track/{given[1]}/withdraw?lang=en").page
    assert "You have taken it back already." in page.main.text
    assert page.h1.text == "What became of it", "it is not asked what cannot be"


@pytest.mark.parametrize("deed", ["withdraw", "contact", "erase"])
def test_nothing_is_deleted_or_taken_back_by_one_tap(client, riverside, given, deed):
    page = client.get(f"/track/{given[1]}?lang=en").page
    assert not page.select(f"form[action*='/{deed}']")
    (link,) = page.select(f"a[href*='/{deed}']")

    sure = client.get(link["href"]).page

    assert kinds() == [EventKind.ACKNOWLEDGED]
    assert intake.contact_of(given[0].id).email
    (form,) = sure.select("main form")
    assert client.post(form["action"]).status_code == 303
    assert not client.get(f"/track/{given[1]}").page.select(f"a[href*='/{deed}']")


def test_deleting_the_words_says_that_the_complaint_stays_open_and_can_end_it_too(client, riverside, given):
    assert "stays open" in client.get(f"/track/{given[1]}/erase?lang=en").page.text

    client.post(f"/track/{given[1]}/erase")
    page = client.get(f"/track/{given[1]}?lang=en").page
    assert "your complaint is still open" in page.text
    client.post(f"/track/{given[1]}/erase", data={"end": "y"})

    assert db.session.query(Case).one().status == CaseStatus.WITHDRAWN
    assert "still open" not in client.get(f"/track/{given[1]}?lang=en").page.text


@pytest.fixture
def joined(client, riverside, given):
    """Another resident's complaint, into which the first was merged; both letters are still to be written."""
    page = client.get("/give/RS-001?lang=en").page
    form = answers(page, text="Secret of the other resident.", email="other@example.org", place="Flat 9")
    client.post("/give/RS-001", data=form)
    other = db.session.query(Feedback).filter(Feedback.id != given[0].id).one()
    mine, theirs = (cases.case_of(db.session.get(Feedback, each)) for each in (given[0].id, other.id))
    merging.mark_duplicate(mine, theirs, member_id=officer_id())
    db.session.commit()
    return other


def test_a_duplicate_is_told_by_letter_and_without_anything_of_the_other_resident(
    client, riverside, given, joined, work, mail_box
):
    work()

    letter = next(each for each in mail_box() if each["Subject"].startswith("Answered together"))
    assert letter["To"] == "li@example.org"
    other = [joined.reference, "Secret", "other@example.org", "Flat 9", intake.tracking_token(joined.id)]
    for part in ("plain", "html"):
        text = letter.get_body((part,)).get_content()
        assert f"http://localhost/track/{given[1]}" in text
        assert "http://localhost/give/RS-001" in text
        assert not [word for word in other if word in text]
    page = client.get(f"/track/{given[1]}?lang=en").page.text
    assert not [word for word in other if word in page]


def test_a_duplicate_shows_where_the_other_report_stands(client, riverside, given, joined):
    def said():
        return " ".join(client.get(f"/track/{given[1]}?lang=en").page.select_one("main").text.split())

    assert "Somebody else reported the same" in said()
    assert "The other report is being worked on." in said()
    theirs = cases.case_of(db.session.get(Feedback, joined.id))
    cases.resolve(theirs, "For the other resident alone.", by=Actor.AGENCY, member_id=officer_id())
    db.session.commit()

    assert "they said that it is solved" in said()
    assert "Give new feedback about the same place" in said()
    assert "For the other resident" not in said()


def test_whose_report_was_merged_hears_what_becomes_of_the_common_case(
    client, riverside, given, joined, work, mail_box
):
    work()
    theirs = cases.case_of(db.session.get(Feedback, joined.id))

    def heard(deed):
        before = len(mail_box())
        deed()
        db.session.commit()
        work()
        return [(each["To"], each["Subject"]) for each in mail_box()[before:] if each["To"] == "li@example.org"]

    reply = {"by": Actor.AGENCY, "member_id": officer_id()}
    reference = given[0].reference
    (first,) = heard(lambda: cases.reply(theirs, "Secret: see you at flat 9.", **reply))
    assert first == ("li@example.org", f"The other report was answered: {reference}")
    assert heard(lambda: cases.reply(theirs, "Secret again.", **reply)) == [], "that it was answered is told once"
    (solved,) = heard(lambda: cases.resolve(theirs, "Secret: done.", **reply))
    assert solved[1] == f"They say that it is solved: {reference}"
    letter = next(each for each in mail_box() if each["Subject"] == solved[1])
    other = [joined.reference, "Secret", "other@example.org", "Flat 9", intake.tracking_token(joined.id)]
    for part in ("plain", "html"):
        text = letter.get_body((part,)).get_content()
        assert f"http://localhost/track/{given[1]}" in text
        assert "/confirm" not in text, "it is not theirs to confirm"
        assert not [word for word in other if word in text]


def test_whose_report_was_merged_says_how_it_looks_and_no_number_changes(client, riverside, given, joined, work):
    theirs = cases.case_of(db.session.get(Feedback, joined.id))
    cases.resolve(theirs, "Done.", by=Actor.AGENCY, member_id=officer_id())
    db.session.commit()
    work()
    client.sign_in(riverside.officer).get(f"/cases/{given[0].reference}")

    def measured():
        day = day_of(given[0].submitted_at, "Asia/Shanghai")
        return build(db.session.get(Contract, riverside.contract.id), start=day, end=day).to_json()["measures"]

    before = measured()
    assert "Send" in client.get(f"/track/{given[1]}?lang=en").page.main.text
    answer = client.post(f"/track/{given[1]}/add", data={"message": "It is still full."})
    assert answer.status_code == 303

    now = measured()
    assert {key: now[key] for key in now if not key.endswith("_hours") and key != "hours_with"} == {
        key: before[key] for key in before if not key.endswith("_hours") and key != "hours_with"
    }
    assert db.session.get(Feedback, given[0].id, populate_existing=True).is_unread, "the agency is asked to look"
    page = client.get(f"/cases/{given[0].reference}").page
    assert "It is still full." in page.main.text
    assert page.select_one(f"a[href='/cases/{joined.reference}']")
    common = client.get(f"/cases/{joined.reference}").page
    assert common.select_one(f"dd a[href='/cases/{given[0].reference}']"), "and from there back"
    assert "It is still full." not in common.main.text


def test_what_the_provider_held_is_the_agencys_once_it_is_merged(client, riverside, given, work):
    page = client.get("/give/RS-001?lang=en").page
    client.post("/give/RS-001", data=answers(page, text="The same.", email="other@example.org"))
    other = db.session.query(Feedback).filter(Feedback.id != given[0].id).one()
    mine = cases.case_of(db.session.get(Feedback, given[0].id))
    cases.assign(mine, member_id=officer_id())
    cases.ask(mine, "Which bin?", by=Actor.PROVIDER, member_id=None)
    merging.mark_duplicate(mine, cases.case_of(other), member_id=officer_id())
    db.session.commit()

    client.post(f"/track/{given[1]}/add", data={"message": "The big one."})

    event = cases.history_of(mine.feedback)[-1]
    assert event.kind == "added", "what was merged waits for no answer any more"
    assert list(news.recipients(event.id)) == [riverside.officer.id]


def test_a_revoked_link_opens_nothing(client, given):
    db.session.query(TrackingLink).one().revoked_at = given[0].submitted_at
    db.session.commit()

    assert client.get(f"/track/{given[1]}").status_code == 404
    assert client.post(f"/track/{given[1]}/add", data={"message": "Hello?"}).status_code == 404


def test_answers_are_shown_in_full_and_what_staff_write_among_themselves_is_not(client, riverside, given):
    case = db.session.query(Case).one()
    cases.note(given[0], "Second time this month.", member_id=officer_id())
    cases.assign(case, member_id=officer_id(), note="Please see to it today.")
    cases.reply(case, "Call Ms Chen on 0131 496 0001.", by=Actor.PROVIDER, member_id=None)
    db.session.commit()

    page = client.get(f"/track/{given[1]}?lang=en").page

    assert "Call Ms Chen on 0131 496 0001." in page.text
    assert "Passed to the provider" in page.text
    assert "It should be solved by" in page.text
    assert "Second time" not in page.text
    assert "see to it today" not in page.text


def test_what_has_ended_takes_nothing_more_and_the_words_are_kept(client, given):
    client.post(f"/track/{given[1]}/withdraw")

    late = client.post(f"/track/{given[1]}/add?lang=en", data={"message": "One more thing."})

    assert late.status_code == 409
    assert "This has ended" in late.page.select_one("main").text
    assert late.page.select_one("textarea").text.strip() == "One more thing."
    assert EventKind.ADDED not in kinds()


def test_feedback_without_a_case_takes_additions_and_nothing_else(client, riverside):
    client.post("/give/RS-001", data=answers(client.get("/give/RS-001").page, wants_answer="no"))
    token = intake.tracking_token(db.session.query(Feedback).one().id)

    assert client.post(f"/track/{token}/add", data={"message": "On Sundays too."}).status_code == 303
    for move in ("confirm", "reopen", "withdraw"):
        assert client.post(f"/track/{token}/{move}").status_code == 409
    assert client.post(f"/track/{token}/rate", data={"rating": "3"}).status_code == 409
    assert kinds() == [EventKind.ADDED]
    assert "On Sundays too." in client.get(f"/track/{token}").page.text


def test_an_empty_or_too_long_addition_is_refused(client, given):
    empty = client.post(f"/track/{given[1]}/add?lang=en", data={"message": " \u202e "})
    long = client.post(f"/track/{given[1]}/add?lang=en", data={"message": "x" * 5001})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "Write what you want to add." in empty.page.select_one(".govuk-error-summary").text
    assert long.page.title.text.startswith("Error:")
    assert len(long.page.select_one("textarea").text.strip()) == 5001


def test_an_old_letter_says_that_it_was_confirmed_and_what_can_be_done_now(client, riverside, given):
    resolved()
    assert "Is it solved?" in client.get(f"/track/{given[1]}/confirm").page.h1.text
    client.post(f"/track/{given[1]}/confirm")

    page = client.get(f"/track/{given[1]}/confirm?lang=en").page

    notice = page.select_one(".govuk-notification-banner").text
    assert "You confirmed on" in notice
    assert "“It is not solved” below" in notice
    assert not page.select("form[action$=confirm]")
    assert page.select("a[href*=reopen]")


def test_confirming_twice_is_confirming_once(client, riverside, given):
    resolved()

    assert [client.post(f"/track/{given[1]}/confirm").status_code for _ in range(2)] == [303, 303]
    assert kinds().count(EventKind.CONFIRMED) == 1


def test_a_declined_complaint_can_be_opened_again(client, riverside, given):
    cases.reject(db.session.query(Case).one(), "Not ours.", member_id=officer_id())
    db.session.commit()

    page = client.get(f"/track/{given[1]}?lang=en").page
    assert "Not ours." in page.text
    assert client.post(f"/track/{given[1]}/reopen").status_code == 303
    assert db.session.query(Case).one().status == CaseStatus.OPEN


def test_opening_pages_writes_nothing(client, riverside, given):
    resolved()
    before = kinds()

    for page in ("", "/confirm", "/reopen"):
        assert client.get(f"/track/{given[1]}{page}").status_code == 200

    assert kinds() == before


@pytest.mark.parametrize(
    ("verb", "subject"),
    [
        ("reply", "An answer to your feedback"),
        ("ask", "A question about your feedback"),
        ("resolve", "Is it solved?"),
        ("reject", "Your complaint was declined"),
    ],
)
def test_each_answer_is_a_letter(client, riverside, given, work, mail_box, verb, subject):
    work()
    by = {} if verb == "reject" else {"by": Actor.AGENCY}
    getattr(cases, verb)(db.session.query(Case).one(), "We looked.\nThank you <3", member_id=officer_id(), **by)
    work()

    letter = mail_box()[-1]
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert letter["To"] == "li@example.org"
    assert letter["Subject"].startswith(subject)
    assert given[0].reference in letter["Subject"]
    for part in (text, html):
        assert f"http://localhost/track/{given[1]}" in part
        assert "999" not in part
        assert ("/confirm" in part, "/reopen" in part) == (verb == "resolve", verb in ("resolve", "reject"))
    assert "Thank you <3" in text
    assert "Thank you &lt;3" in html


def test_who_took_the_address_back_gets_no_more_letters(client, riverside, given, work, mail_box):
    work()
    client.post(f"/track/{given[1]}/contact")
    resolved()
    work()

    assert len(mail_box()) == 1


def test_an_unknown_reference_is_answered_like_a_wrong_pin(client, given):
    wrong = {"reference": given[0].reference, "pin": "nonsense"}
    unknown = wrong | {"reference": "AAAA-BBBB-CCCC"}

    said = [client.post("/track?lang=en", data=form) for form in (wrong, unknown)]

    assert [each.status_code for each in said] == [422, 422]
    assert len({each.page.select_one(".govuk-error-summary").text for each in said}) == 1
    assert len(client.post("/track", data={"reference": "", "pin": ""}).page.select(".govuk-error-message")) == 2


def test_tries_of_long_ago_are_forgotten(client, given, at):
    form = {"reference": given[0].reference, "pin": "no"}
    with at("2030-01-01T10:00:00+00:00"):
        client.post("/track", data=form)
    with at("2030-01-01T11:00:00+00:00"):
        client.post("/track", data=form)

    assert db.session.query(PinTry).count() == 1


def test_it_goes_on_in_the_language_it_was_given_in_unless_another_is_chosen(client, riverside):
    page = client.get("/give/RS-001?lang=zh").page
    client.post("/give/RS-001?lang=zh", data=answers(page))
    token = intake.tracking_token(db.session.query(Feedback).one().id)

    assert client.get(f"/track/{token}").page.html["lang"] == "zh-Hans"
    chosen = client.get(f"/track/{token}?lang=en").page
    assert chosen.html["lang"] == "en"
    assert all("lang=en" in form["action"] for form in chosen.select("form"))


def test_on_the_answer_to_what_was_sent_the_other_language_is_a_page_that_can_be_looked_at(client, given):
    refused = client.post(f"/track/{given[1]}/add?lang=en", data={"message": ""}).page

    others = [button["formaction"] for button in refused.select("header nav button")]
    assert others == [f"/track/{given[1]}/add?lang={code}" for code in ("zh", "es", "ar")]
    assert {client.post(other, data={"message": "", "speak": ""}).status_code for other in others} == {200}


def test_what_is_sent_again_from_a_page_left_behind_is_said_once(client, riverside, given):
    token = given[1]
    case = db.session.query(Case).one()

    def press(door, **typed):
        answer = client.post(f"/track/{token}/{door}", data=typed)
        assert answer.status_code == 303, (door, answer.status_code)
        return answer.location

    def said(kind):
        return kinds().count(kind)

    assert press("add", message="It smells.") == press("add", message="It smells.")
    assert said(EventKind.ADDED) == 1
    press("add", message="It smells more.")
    assert said(EventKind.ADDED) == 2
    for n in (1, 2):
        cases.ask(case, "Is it there today?", by=Actor.AGENCY, member_id=riverside.officer.id)
        db.session.commit()
        press("add", message="Yes")
        press("add", message="Yes")
        assert said(EventKind.RESIDENT_REPLIED) == n, "to each question once"

    resolved()
    assert press("reopen", message="Still full.") == press("reopen", message="Still full.")
    assert said(EventKind.REOPENED) == 1
    assert client.post(f"/track/{token}/reopen", data={"message": "Something else."}).status_code == 409
    resolved()
    press("confirm", rating="4")
    press("confirm", rating="4")
    assert said(EventKind.CONFIRMED) == 1
    press("rate", rating="2")
    press("rate", rating="2")
    press("rate", rating="3")
    assert said(EventKind.RATED) == 2
    press("contact")
    press("contact")


def test_taking_it_back_twice_is_once(client, given):
    token = given[1]
    for _press in range(2):
        answer = client.post(f"/track/{token}/withdraw")
        assert (answer.status_code, answer.location) == (303, f"/track/{token}?done=withdrawn")
    assert kinds().count(EventKind.WITHDRAWN) == 1
    for _press in range(2):
        assert client.post(f"/track/{token}/erase").status_code == 303


def test_going_on_with_what_is_long_over_twice_is_one_new_case(client, given, at):
    case = resolved()
    token = given[1]
    with at(case.resolved_at + timedelta(days=400)):
        first, second = (client.post(f"/track/{token}/reopen", data={"message": "Again."}) for _press in range(2))
        assert first.status_code == second.status_code == 303
        numbers = {client.get(each.location).page.select_one("p[data-reference]").text for each in (first, second)}
    assert len(numbers) == 1
    assert db.session.query(Case).count() == 2


def test_what_was_declined_is_asked_to_be_looked_at_again_and_then_it_is_open_again(client, riverside, given):
    case = db.session.query(Case).one()
    cases.reject(case, "The bin is the shop's.", member_id=officer_id())
    db.session.commit()
    token = given[1]
    page = client.get(f"/track/{token}?lang=en").page
    (link,) = page.select("a[href*='/reopen']")
    assert link.text.strip() == "Please look at it again", "nobody has said that it is solved"
    assert client.get(link["href"]).page.h1.text == "Please look at it again"

    client.post(f"/track/{token}/reopen", data={"message": "It is yours."})

    assert "It is open again. It should be solved by" in client.get(f"/track/{token}?lang=en").page.main.text
