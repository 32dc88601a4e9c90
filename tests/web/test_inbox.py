"""The inbox shows each viewer their own, without persons, and says what is due."""

from datetime import timedelta

import pytest

from app.cases import actions
from app.extensions import db
from app.kernel.words import Actor, FeedbackKind
from tests.web.cases_story import MONDAY, sent


def references(page):
    return [link.text.strip() for link in page.select("tbody a")]


def text_of(page):
    return " ".join(page.text.split())


def test_what_is_new_is_read_without_persons(client, riverside, alice, work):
    feedback = sent(riverside)
    being_read = client.sign_in(alice).get("/inbox").page
    assert "Being read" in text_of(being_read)
    assert "07700" not in being_read.text

    work()
    page = client.get("/inbox").page

    assert references(page) == [feedback.reference]
    assert "The bin was full again. Call me on [phone]." in text_of(page)
    assert "07700" not in page.text
    assert "resident@example.org" not in page.text


@pytest.mark.parametrize(
    ("view", "later", "said"),
    [
        ("unread", timedelta(hours=8), "Answer due in 8 working hours"),
        ("overdue", timedelta(days=7), "Answer overdue by 3 working days"),
    ],
)
def test_a_limit_is_said_in_working_time(client, riverside, alice, at, view, later, said):
    with at(MONDAY):
        sent(riverside)
    with at(MONDAY + later):
        assert said in text_of(client.sign_in(alice).get(f"/inbox?view={view}").page)


def test_each_view_holds_what_it_says(client, riverside, alice, at):
    with at(MONDAY):
        unread = sent(riverside)
        mine = sent(riverside)
        waiting = sent(riverside)
        unhappy = sent(riverside, kind=FeedbackKind.RATING)
        happy = sent(riverside, kind=FeedbackKind.RATING, rating=5)
        actions.take(actions.case_of(mine), assignee_id=alice.id, member_id=alice.id)
        actions.ask(actions.case_of(waiting), "Where?", by=Actor.AGENCY, member_id=alice.id)
        actions.look(happy, member_id=alice.id)
        db.session.commit()
    with at(MONDAY + timedelta(hours=1)):
        client.sign_in(alice)
        seen = {view: set(references(client.get(f"/inbox?view={view}").page)) for view in ("unread", "mine", "waiting")}
        assert seen == {
            "unread": {unread.reference, unhappy.reference},
            "mine": {mine.reference},
            "waiting": {waiting.reference},
        }
        assert references(client.get("/inbox?view=unhappy").page) == [unhappy.reference]
        assert references(client.get("/inbox?view=overdue").page) == []
        assert len(references(client.get("/inbox?view=all").page)) == 5
        counts = {tab.text.split("\n")[0].strip() for tab in client.get("/inbox").page.select(".app-tabs__link")}
        assert "Unread 2" in {" ".join(count.split()) for count in counts}


def test_a_question_out_before_the_limit_is_not_overdue(client, riverside, alice, at):
    with at(MONDAY):
        case = actions.case_of(sent(riverside))
        actions.ask(case, "Where?", by=Actor.AGENCY, member_id=alice.id)
        db.session.commit()
    with at(MONDAY + timedelta(days=60)):
        assert references(client.sign_in(alice).get("/inbox?view=overdue").page) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("words=bin+full", 1),
        ("words=07700", 0),
        ("sentiment=positive", 0),
        ("kind=complaint", 1),
        ("kind=suggestion", 0),
        ("contract={other}", 0),
        ("contract={own}", 1),
        ("site={site}", 1),
        ("site={other_site}", 0),
    ],
)
def test_it_is_narrowed_and_searched(client, riverside, alice, work, asked, found):
    places = {
        "own": riverside.contract.id,
        "other": riverside.other_contract.id,
        "site": riverside.site.id,
        "other_site": riverside.other_site.id,
    }
    sent(riverside)
    client.sign_in(alice)
    work()

    page = client.get("/inbox?view=all&" + asked.format(**places)).page

    assert len(references(page)) == found
    if not found:
        assert "Nothing fits." in page.text


def test_what_another_view_would_find_is_told(client, riverside, alice, work):
    sent(riverside)
    client.sign_in(alice)
    work()

    page = client.get("/inbox?view=overdue&words=bin+full").page

    assert "Nothing fits in this view." in page.text
    there = next(each for each in page.select("main a") if each.text == "Found among all: 1")
    assert len(references(client.get(there["href"]).page)) == 1
    assert "Found among all" not in client.get("/inbox?view=overdue&words=07700").page.text


@pytest.mark.parametrize(
    "asked",
    ["{0}", "{1}-{2}", "{1}", "{1} {2} {3}", "{2}{3}", "  {3}  "],
)
def test_it_is_found_by_its_reference_or_a_part_of_it(client, riverside, alice, asked):
    feedback, _other = sent(riverside), sent(riverside)
    reference = feedback.reference
    asked = asked.format(reference.lower(), *reference.split("-"))

    page = client.sign_in(alice).get("/inbox", query_string={"view": "all", "words": asked}).page

    assert references(page) == [reference]


def test_what_was_added_later_is_found_and_notes_are_for_the_agency_alone(client, riverside, alice, bob, work):
    feedback = sent(riverside)
    reference = feedback.reference
    actions.resident_adds(feedback, "The lid is broken, my number is 07700 900123")
    actions.note(feedback, "Gossip about it", member_id=alice.id)
    actions.assign(actions.case_of(feedback), member_id=alice.id, note="Please hurry")
    work()

    def found(member, words):
        return references(client.sign_in(member).get(f"/inbox?view=all&words={words}").page)

    assert (found(alice, "lid"), found(bob, "lid"), found(bob, "hurry")) == ([reference],) * 3
    assert (found(bob, "gossip"), found(alice, "07700")) == ([], [])
    actions.erase_words(feedback)
    assert found(alice, "lid") == []


@pytest.mark.parametrize("sign", ["%", '"', "_", "---", "……"])
def test_a_search_for_a_sign_alone_is_refused(client, riverside, alice, sign):
    sent(riverside)

    response = client.sign_in(alice).get("/inbox", query_string={"view": "all", "words": sign})

    assert response.status_code == 422
    assert "Search for something with a letter or a number in it." in response.page.text


@pytest.fixture
def spread(riverside, alice, bob, at):
    """Five cases that stand in five ways, by name."""
    with at(MONDAY - timedelta(days=3)):
        named = {name: sent(riverside) for name in ("untouched", "taken", "given", "handed back", "reopened")}
        cases = {name: actions.case_of(feedback) for name, feedback in named.items()}
        actions.take(cases["taken"], assignee_id=alice.id, member_id=alice.id)
        for name in ("given", "handed back"):
            actions.assign(cases[name], member_id=alice.id)
        actions.hand_back(cases["handed back"], "Not ours", member_id=bob.id)
        actions.resolve(cases["reopened"], "Done", by=Actor.AGENCY, member_id=alice.id)
        actions.reopen(cases["reopened"])
    with at(MONDAY):
        named["rated"] = sent(riverside, kind=FeedbackKind.RATING)
    return {feedback.reference: name for name, feedback in named.items()}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("stand=reopened", {"reopened"}),
        ("stand=no_case", {"rated"}),
        ("stand=resolved", set()),
        ("held_by=provider", {"given"}),
        ("held_by=handed_back", {"handed back"}),
        ("held_by=agency", {"untouched", "taken", "handed back", "reopened"}),
        ("assignee={alice}", {"taken"}),
        ("assignee=nobody", {"untouched", "given", "handed back", "reopened"}),
        ("since=2026-11-02", {"rated"}),
        ("until=2026-11-01&stand=open", {"untouched", "taken", "given", "handed back", "reopened"}),
        ("since=2026-10-30&until=2026-10-30&held_by=provider", {"given"}),
    ],
)
def test_it_is_narrowed_by_where_a_case_stands_who_has_it_and_when(client, alice, spread, asked, found):
    page = client.sign_in(alice).get("/inbox?view=all&" + asked.format(alice=alice.id)).page

    assert {spread[reference] for reference in references(page)} == found
    assert f"Found: {len(found)}." in text_of(page)
    clear = next(link for link in page.select("main a") if link.text == "Clear the filter")
    assert len(references(client.get(clear["href"]).page)) == 6


def test_a_row_says_who_holds_the_case(client, riverside, alice, spread):
    rows = client.sign_in(alice).get("/inbox?view=all").page.select("tbody tr")

    said = {spread[row.select_one("th a").text]: " ".join(row.select("td")[-1].text.split()) for row in rows}
    assert "With Clearway Ltd" in said["given"]
    assert said["handed back"].startswith("Open Handed back")
    assert "With Riverside Public Services" in said["handed back"]
    assert "Seen to by Officer" in said["taken"]
    assert said["reopened"].startswith("Open Reopened")
    assert said["rated"] == "No case"


def test_what_was_due_longest_ago_stands_first_and_pages_go_on_from_there(client, riverside, alice, at):
    order = []
    for n in range(30):
        with at(MONDAY + timedelta(minutes=n)):
            order.append(sent(riverside).reference)
    with at(MONDAY - timedelta(days=1)):  # answered, and due for its solution later than the others for their answer
        case = actions.case_of(sent(riverside))
        actions.reply(case, "We look into it", by=Actor.AGENCY, member_id=alice.id)
        order.append(case.feedback.reference)
        db.session.commit()
    with at(MONDAY + timedelta(days=30)):
        first = client.sign_in(alice).get("/inbox?view=overdue").page
        second = client.get(first.select_one("a[rel=next]")["href"]).page
        back = client.get(second.select_one("a[rel=prev]")["href"]).page

    assert references(first) + references(second) == order
    assert references(back) == references(first)
    assert "Less long overdue" in first.select_one("a[rel=next]").text


def test_sites_follow_the_contract(client, riverside, alice):
    sent(riverside)
    client.sign_in(alice)
    page = client.get(f"/inbox?view=all&contract={riverside.other_contract.id}").page
    assert [option.text for option in page.select("#site option")] == ["Any", "RS-003 Place RS-003"]

    response = client.get(f"/inbox?view=all&contract={riverside.contract.id}&site={riverside.other_site.id}")

    assert response.status_code == 422
    assert "This contract does not serve the site you chose before." in response.page.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("since=tomorrow", "Enter a date like 2026-09-30."),
        ("since=2026-11-02&until=2026-11-01", "Choose a last day that is not before the first."),
        ("assignee=999", "Choose one of the list."),
        ("stand=nowhere", "Choose one of the list."),
    ],
)
def test_a_narrowing_that_cannot_be_is_said_and_left_out(client, riverside, alice, asked, said):
    sent(riverside)

    response = client.sign_in(alice).get(f"/inbox?view=all&{asked}")

    assert response.status_code == 422
    assert said in response.page.text
    assert len(references(response.page)) == 1


def test_staff_of_a_provider_do_not_learn_who_sees_to_it(client, riverside, alice, bob):
    page = client.sign_in(bob).get("/inbox?view=all").page

    assert page.select("#assignee") == []
    assert client.get(f"/inbox?view=all&assignee={alice.id}").status_code == 422


def test_a_filter_that_cannot_be_is_said(client, riverside, alice):
    sent(riverside)

    response = client.sign_in(alice).get("/inbox?view=all&contract=999&words=" + "x" * 300)

    assert response.status_code == 422
    assert "Choose one of the list." in response.page.text
    assert "200 characters or fewer" in response.page.text
    assert client.get("/inbox?view=nonsense&before=rubbish").status_code == 200


def test_pages_go_on_by_key(client, riverside, alice, at):
    for n in range(30):
        with at(MONDAY + timedelta(minutes=n)):
            sent(riverside, kind=FeedbackKind.RATING)
    client.sign_in(alice)

    first = client.get("/inbox?view=all").page
    second = client.get(first.select_one("a[rel=next]")["href"]).page
    back = client.get(second.select_one("a[rel=prev]")["href"]).page

    assert len(references(first)) == 25
    assert len(references(second)) == 5
    assert not set(references(first)) & set(references(second))
    assert references(back) == references(first)


def test_staff_see_what_was_given_to_them_and_nothing_else(client, riverside, bob, alice, work):
    given, kept = sent(riverside), sent(riverside)
    actions.take(actions.case_of(given), assignee_id=alice.id, member_id=alice.id)
    actions.assign(actions.case_of(given), member_id=alice.id)
    name = alice.name
    given, kept = given.reference, kept.reference
    client.sign_in(bob)
    work()

    assert references(client.get("/inbox").page) == [given]
    assert references(client.get("/inbox?view=mine").page) == [given]
    assert kept not in client.get("/inbox?view=all").page.text
    assert "Unhappy" not in client.get("/inbox").page.text
    assert name not in client.get("/inbox?view=all").page.text


def test_others_see_nothing_of_it(client, riverside, charlie):
    sent(riverside)

    assert references(client.sign_in(charlie).get("/inbox?view=all").page) == []
    assert references(client.sign_in(riverside.other_staff).get("/inbox?view=all").page) == []


def test_it_is_for_members(client, riverside):
    assert "/sign-in" in client.get("/inbox").location


def test_what_waits_for_the_agency_stays_in_a_tab_after_it_was_looked_at(client, riverside, alice, bob, at):
    with at(MONDAY):
        open_one, given, waiting, over = (sent(riverside) for _ in range(4))
        actions.assign(actions.case_of(given), member_id=alice.id)
        actions.ask(actions.case_of(waiting), "Which bin?", by=Actor.AGENCY, member_id=alice.id)
        actions.resolve(actions.case_of(over), "Emptied.", by=Actor.AGENCY, member_id=alice.id)
        for feedback in (open_one, given, waiting, over):
            actions.look(feedback, member_id=alice.id)
        db.session.commit()

        def listed(view):
            page = client.get(f"/inbox?view={view}&lang=en").page
            return {link.text.strip() for link in page.select("tbody a")}

        client.sign_in(alice)
        assert listed("unread") == set()
        assert listed("with_us") == {open_one.reference}
        tab = client.get("/inbox?view=with_us&lang=en").page.select_one("main nav [aria-current]")
        assert " ".join(tab.text.split()) == "Open, with us 1"
        named = client.get("/inbox?view=with_us&lang=en").page.select_one("main nav summary")
        assert " ".join(named.text.split()) == "Views: Open, with us 1", "what a phone shows of the views"

    with at(MONDAY + timedelta(minutes=1)):
        # Its resident answers or opens it again, its provider hands it back: it is unread once more, and with us.
        actions.resident_adds(waiting, "The green one.")
        actions.reopen(actions.case_of(over), "It is full.")
        actions.hand_back(actions.case_of(given), "Not ours.", member_id=bob.id)
        db.session.commit()
        assert listed("unread") == {each.reference for each in (waiting, over, given)}
        assert listed("with_us") == {each.reference for each in (open_one, waiting, over, given)}
        client.sign_in(bob)
        assert "with_us" not in str(client.get("/inbox").page.main)
