"""Managers see to the members of their agency, staff invite colleagues, and an invitation works once."""

import re
from datetime import timedelta

import pytest
from flask_security import hash_password
from sqlalchemy.exc import IntegrityError

from app.accounts.actions import add_member
from app.accounts.models import Invitation, Member, Membership
from app.accounts.rules import House
from app.audit.models import AuditEntry
from app.extensions import db, tries
from app.kernel import clock
from app.kernel.words import Role
from app.outbox.models import Promise
from tests import factories

PASSWORD = "four plain words here"


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests():
    tries.reset()


def membership_of(member):
    return db.session.query(Membership).filter_by(member_id=member.id).one()


def invite(client, email, role, house, language="en"):
    return client.post("/members/invite", data={"email": email, "role": role, "house": house, "language": language})


def link_in(letter):
    return re.search(r"http://localhost(/invitation/\S+)", letter.get_body(("plain",)).get_content())[1]


def test_a_manager_sees_the_members_of_their_agency_only(client, riverside, hillside):
    page = client.sign_in(riverside.manager).get("/members").page

    assert "officer@riverside.example" in page.text
    assert "hillside" not in page.main.text
    assert riverside.staff.email not in page.text


def test_an_invited_colleague_comes_in_once(client, app, riverside, work, mail_box):
    client.sign_in(riverside.manager)
    house = f"agency-{riverside.agency.id}"
    assert invite(client, " Dora@Riverside.example ", "officer", house).location.endswith("/members")
    assert "dora" not in str([promise.payload for promise in db.session.query(Promise)])
    work()
    (letter,) = mail_box()
    assert letter["To"] == "dora@riverside.example"
    assert "Riverside Public Services" in letter["Subject"]
    link = link_in(letter)

    dora = app.test_client()
    assert dora.get(link).status_code == 200
    answers = {"name": "Dora", "language": "zh", "password": PASSWORD, "password_again": "something else"}
    wrong = dora.post(link, data=answers)
    assert wrong.status_code == 422
    assert wrong.page.select_one("#name")["value"] == "Dora"
    assert dora.post(link, data={**answers, "password_again": PASSWORD}).location.startswith("/sign-in")
    assert dora.post("/sign-in", data={"email": "dora@riverside.example", "password": PASSWORD}).status_code == 302
    assert dora.get("/account").page.html["lang"] == "zh-Hans"
    over = dora.get(link)
    assert over.status_code == 404
    assert over.page.h1.text == "This invitation is over"
    assert over.page.select_one("main a[href^='/sign-in']")


def test_an_invitation_ends_after_seven_days_and_with_the_next_one(client, app, riverside, work, mail_box, at):
    client.sign_in(riverside.manager)
    invite(client, "dora@riverside.example", "viewer", f"agency-{riverside.agency.id}")
    work()
    first = link_in(mail_box()[0])
    dora = db.session.query(Invitation).one()
    stranger = app.test_client()
    with at(clock.now() + timedelta(days=7, minutes=1)):
        assert stranger.get(first).status_code == 404
    client.post(f"/members/invitations/{dora.id}/again")
    work()

    assert stranger.get(first).status_code == 404
    assert stranger.get(link_in(mail_box()[1])).status_code == 200
    assert stranger.get(first[:-1] + "x").status_code == 404


@pytest.mark.parametrize("weak", ["1234567890", "aaaaaaaaaa", "RiversidePublic1", "dora@riverside", "DoraDora2026"])
def test_who_comes_in_chooses_no_password_that_others_try_first(client, app, riverside, work, mail_box, weak):
    client.sign_in(riverside.manager)
    invite(client, "dora@riverside.example", "viewer", f"agency-{riverside.agency.id}")
    work()
    answers = {"name": "Dora", "language": "en", "password": weak, "password_again": weak}

    refused = app.test_client().post(link_in(mail_box()[0]), data=answers)

    assert refused.status_code == 422
    assert re.search("others would try|Leave out your name", refused.page.main.text)


def test_an_invitation_from_another_site_is_refused(client, riverside, work, mail_box):
    client.sign_in(riverside.manager)
    invite(client, "dora@riverside.example", "viewer", f"agency-{riverside.agency.id}")
    work()
    answers = {"name": "Dora", "language": "en", "password": PASSWORD, "password_again": PASSWORD}

    refused = client.post(link_in(mail_box()[0]), data=answers, headers={"Sec-Fetch-Site": "cross-site"})

    assert refused.status_code == 403


@pytest.mark.parametrize("role", ["staff", "administrator"])
def test_a_manager_gives_roles_of_their_agency_only(client, riverside, hillside, role):
    client.sign_in(riverside.manager)

    assert invite(client, "x@x.example", role, f"agency-{riverside.agency.id}").status_code == 422
    assert invite(client, "x@x.example", "officer", f"agency-{hillside.agency.id}").status_code == 422
    assert db.session.query(Member).filter_by(email="x@x.example").count() == 0


def test_a_manager_invites_the_first_staff_of_a_provider_and_no_more(client, app, riverside, hillside, work, mail_box):
    house = f"provider-{riverside.provider.id}"
    client.sign_in(riverside.manager)
    assert invite(client, "first@clearway.example", "staff", house).status_code == 422
    db.session.delete(membership_of(riverside.staff))
    db.session.commit()

    assert "Clearway Ltd" in client.get("/members/invite").page.select_one("#house").text
    assert invite(client, "first@clearway.example", "officer", house).status_code == 422
    assert invite(client, "first@clearway.example", "staff", house).status_code == 302
    assert "first@clearway.example" in client.get("/members").page.main.text
    work()
    answers = {"name": "First", "language": "en", "password": PASSWORD, "password_again": PASSWORD}
    assert app.test_client().post(link_in(mail_box()[-1]), data=answers).status_code == 302

    assert invite(client, "second@clearway.example", "staff", house).status_code == 422
    assert "first@clearway.example" not in client.get("/members").page.main.text


def test_a_provider_of_several_agencies_is_not_for_one_of_their_managers(client, riverside, hillside):
    db.session.delete(membership_of(riverside.staff))
    hillside.contract.provider_id = riverside.provider.id
    db.session.commit()
    client.sign_in(riverside.manager)

    assert invite(client, "x@clearway.example", "staff", f"provider-{riverside.provider.id}").status_code == 422


def test_staff_invite_colleagues_of_their_provider_and_change_nobody(client, riverside):
    client.sign_in(riverside.staff)
    colleague = membership_of(riverside.other_staff)

    assert invite(client, "c@clearway.example", "staff", f"provider-{riverside.provider.id}").status_code == 302
    assert invite(client, "c@x.example", "manager", f"provider-{riverside.provider.id}").status_code == 422
    assert riverside.other_staff.email not in client.get("/members").page.text
    assert client.post(f"/members/{colleague.id}/remove").status_code == 404
    assert client.get("/members").page.main.text.count("clearway.example") >= 2


def test_who_leads_at_a_provider_manages_its_people_and_no_others(client, riverside):
    own = membership_of(riverside.staff)
    colleague = add_member("colleague@clearway.example", Role.STAFF, House(provider_id=riverside.provider.id))
    db.session.commit()
    client.sign_in(riverside.staff)
    assert colleague.is_lead, "nobody else did"
    assert client.get(f"/members/{colleague.id}").status_code == 404
    assert client.post(f"/members/{colleague.id}/remove").status_code == 404

    own.is_lead, colleague.is_lead = True, False
    page = client.get("/members").page
    assert page.select_one(f"a[href='/members/{colleague.id}']")
    assert "Leads" in page.select_one("table").text
    assert client.get(f"/members/{own.id}").status_code == 404, "nobody changes their own"
    assert client.post(f"/members/{colleague.id}", data={"role": "staff", "is_lead": "y"}).status_code == 302
    assert db.session.get(Membership, colleague.id).is_lead
    assert client.post(f"/members/{colleague.id}", data={"role": "manager"}).status_code == 422
    for other in (riverside.other_staff, riverside.officer):
        assert client.get(f"/members/{membership_of(other).id}").status_code == 404
        assert client.post(f"/members/{membership_of(other).id}/remove").status_code == 404
    assert client.post(f"/members/{colleague.id}/remove").status_code == 302
    assert db.session.get(Membership, colleague.id) is None


def test_the_first_of_a_provider_leads_there_and_the_second_does_not(app, riverside):
    db.session.delete(membership_of(riverside.staff))
    db.session.commit()
    house = House(provider_id=riverside.provider.id)
    first, second = (add_member(f"{n}@clearway.example", Role.STAFF, house) for n in ("first", "second"))

    assert (first.is_lead, second.is_lead) == (True, False)
    assert not add_member("x@riverside.example", Role.OFFICER, House(agency_id=riverside.agency.id)).is_lead
    second.provider_id, second.agency_id, second.role, second.is_lead = None, riverside.agency.id, Role.OFFICER, True
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_administrators_invite_anybody_anywhere(client, riverside, hillside):
    client.sign_in(factories.administrator())

    assert invite(client, "m@hillside.example", "manager", f"agency-{hillside.agency.id}").status_code == 302
    assert invite(client, "a@x.example", "administrator", "installation").status_code == 302
    wrong = invite(client, "b@x.example", "staff", f"agency-{hillside.agency.id}")
    assert wrong.status_code == 422
    assert "does not fit" in wrong.page.text
    assert "hillside" in client.get("/members").page.text


def test_bad_addresses_and_members_already_are_named(client, riverside):
    client.sign_in(riverside.manager)
    house = f"agency-{riverside.agency.id}"

    assert "like name@example.org" in invite(client, "not an address", "viewer", house).page.text
    assert "a member already" in invite(client, riverside.officer.email, "viewer", house).page.text
    assert invite(client, "a@b.example\r\nBcc: c@d.example", "viewer", house).status_code == 422


def test_roles_change_but_not_ones_own(client, riverside):
    client.sign_in(riverside.manager)
    officer, own = membership_of(riverside.officer), membership_of(riverside.manager)

    client.post(f"/members/{officer.id}", data={"role": "viewer"})
    assert client.post(f"/members/{officer.id}", data={"role": "staff"}).status_code == 422
    assert client.post(f"/members/{own.id}", data={"role": "viewer"}).status_code == 404
    assert client.post(f"/members/{own.id}/remove").status_code == 404

    assert db.session.get(Membership, officer.id).role == "viewer"
    assert db.session.get(Membership, own.id).role == "manager"


def test_who_is_removed_is_out_at_once(client, app, riverside):
    officer = app.test_client().sign_in(riverside.officer)
    assert officer.get("/account").status_code == 200
    client.sign_in(riverside.manager).post(f"/members/{membership_of(riverside.officer).id}/remove")

    assert officer.get("/account").status_code == 302
    assert riverside.officer.email not in client.get("/members").page.main.select_one("table").text


def test_another_agencys_members_do_not_exist(client, riverside, hillside):
    client.sign_in(hillside.manager)
    officer = membership_of(riverside.officer)

    assert client.get(f"/members/{officer.id}").status_code == 404
    assert client.post(f"/members/{officer.id}", data={"role": "viewer"}).status_code == 404
    assert client.post(f"/members/{officer.id}/remove").status_code == 404


def with_an_account(member, name):
    member.password, member.name = hash_password(PASSWORD), name
    db.session.commit()
    return member


def test_whether_an_address_has_an_account_shows_nowhere_before_they_accept(client, riverside, hillside):
    known = with_an_account(hillside.officer, "Hilda Hill")
    membership_of(riverside.staff).is_lead = True
    db.session.commit()
    client.sign_in(riverside.staff)
    house = f"provider-{riverside.provider.id}"

    said = []
    for email in (known.email, "nobody@hillside.example"):
        answer = invite(client, email, "staff", house)
        page = client.get("/members").page
        (row,) = [each for each in page.select("tbody tr") if email in each.text]
        invitation = db.session.query(Invitation).filter_by(email=email).one()
        own = client.get(f"/members/invitations/{invitation.id}").page.main
        shown = (answer.status_code, answer.location, page.main.text, row.text, own.text)
        said.append([str(each).replace(email, "ADDRESS") for each in (*shown[:2], *shown[3:])])

    assert said[0] == said[1]
    assert "Invited" in said[0][2]
    assert "Hilda" not in page.main.text
    assert db.session.query(Membership).filter_by(member_id=known.id).count() == 1
    assert "already" in invite(client, known.email, "staff", house).page.main.text


@pytest.mark.parametrize("answer", ["accept", "decline"])
@pytest.mark.parametrize("way", ["letter", "account page"])
def test_who_has_an_account_accepts_or_declines(client, app, riverside, hillside, work, mail_box, way, answer):
    known = with_an_account(hillside.officer, "Hilda Hill")
    client.sign_in(riverside.manager)
    invite(client, known.email, "viewer", f"agency-{riverside.agency.id}")
    work()
    hilda = app.test_client()
    if way == "letter":
        link = link_in(mail_box()[0])
        assert "Riverside" in hilda.get(link).page.h1.text
        assert hilda.post(link, data={"answer": answer}).status_code == 303
        assert hilda.get(link).status_code == 404, "works once"
    else:
        hilda.sign_in(known)
        offered = hilda.get("/account").page
        assert "You are invited" in offered.main.text
        number = offered.select_one("input[name=invitation_id]")["value"]
        hilda.post("/account/invitation", data={"invitation_id": number, "answer": answer})
        assert hilda.post("/account/invitation", data={"invitation_id": number, "answer": answer}).status_code == 404

    assert db.session.query(Invitation).count() == 0
    houses = [each.agency_id for each in db.session.query(Membership).filter_by(member_id=known.id)]
    assert (riverside.agency.id in houses) is (answer == "accept")
    noted = [(each.what, str(each.verb)) for each in db.session.query(AuditEntry).filter_by(what="invitation")]
    assert len(noted) == 2, "that it was sent, and that it is gone"
    assert ("Hilda Hill" in client.get("/members").page.main.text) is (answer == "accept")


def test_an_invitation_to_another_address_is_nobody_elses_to_answer(client, riverside):
    client.sign_in(riverside.manager)
    invite(client, "dora@riverside.example", "viewer", f"agency-{riverside.agency.id}")
    number = db.session.query(Invitation).one().id
    client.sign_in(riverside.officer)

    answer = client.post("/account/invitation", data={"invitation_id": number, "answer": "accept"})

    assert answer.status_code == 404


def test_nobody_is_on_both_sides_of_a_contract(client, app, riverside, work, mail_box):
    judge, worker = with_an_account(riverside.officer, "Olive"), with_an_account(riverside.staff, "Stan")
    client.sign_in(riverside.staff)
    invite(client, judge.email, "staff", f"provider-{riverside.provider.id}")
    client.sign_in(riverside.manager)
    invite(client, worker.email, "officer", f"agency-{riverside.agency.id}")
    work()

    for letter, here in zip(mail_box(), ("Riverside Public Services", "Clearway Ltd"), strict=True):
        visitor = app.test_client()
        refused = visitor.post(link_in(letter), data={"answer": "accept"})
        assert refused.status_code == 303
        told = visitor.get(refused.location).page.text
        assert f"You belong to {here} already" in told
        assert "this invitation is over" in told
        assert visitor.get(link_in(letter)).status_code == 404, "nor can it be accepted later"
    assert len(judge.memberships) == len(worker.memberships) == 1
    assert db.session.query(Invitation).count() == 0
    assert worker.email not in client.get("/members").page.select_one("table").text, "it is offered no more"


def test_who_became_a_member_meanwhile_is_told_so(client, app, riverside, hillside, work, mail_box):
    known = with_an_account(hillside.officer, "Hilda Hill")
    client.sign_in(riverside.manager)
    invite(client, known.email, "viewer", f"agency-{riverside.agency.id}")
    work()
    add_member(known.email, Role.VIEWER, House(agency_id=riverside.agency.id))
    db.session.commit()

    visitor = app.test_client()
    answer = visitor.post(link_in(mail_box()[0]), data={"answer": "accept"})

    assert "already" in visitor.get(answer.location).page.text
    assert db.session.query(Invitation).count() == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_has_no_account_reads_who_invites_as_what_and_may_decline(client, app, riverside, work, mail_box, language):
    client.sign_in(riverside.manager)
    invite(client, "dora@riverside.example", "officer", f"agency-{riverside.agency.id}", language)
    work()
    link = link_in(mail_box()[0])
    dora = app.test_client()
    page = dora.get(link).page
    said = {"en": ("Riverside Public Services invites you.", "Officer"), "zh": ("邀请您", "经办人员")}[language]
    assert all(each in page.main.text for each in said), page.main.text

    declined = dora.post(link, data={"answer": "decline"})

    assert declined.status_code == 200
    assert declined.page.h1.text in ("You have declined", "您已谢绝")
    assert (
        db.session.query(Invitation).count()
        == db.session.query(Member).filter_by(email="dora@riverside.example").count()
        == 0
    )
    assert dora.get(link).status_code == dora.post(link, data={"answer": "decline"}).status_code == 404
    assert "dora@" not in client.get("/members").page.select_one("table").text


def test_an_invitation_is_taken_back_by_who_manages(client, app, riverside, hillside, work, mail_box):
    house = f"provider-{riverside.provider.id}"
    client.sign_in(riverside.staff)
    invite(client, "dora@clearway.example", "staff", house)
    work()
    number = db.session.query(Invitation).one().id
    assert client.post(f"/members/invitations/{number}/take-back").status_code == 404, "who leads does"
    for other in (riverside.other_staff, hillside.manager):
        stranger = app.test_client().sign_in(other)
        assert stranger.get(f"/members/invitations/{number}").status_code == 404
        assert stranger.post(f"/members/invitations/{number}/again").status_code == 404
        assert stranger.post(f"/members/invitations/{number}/take-back").status_code == 404
    membership_of(riverside.staff).is_lead = True
    db.session.commit()

    assert client.post(f"/members/invitations/{number}/take-back").status_code == 302
    assert app.test_client().get(link_in(mail_box()[0])).status_code == 404
    assert "dora@clearway.example" not in client.get("/members").page.select_one("table").text


def test_the_command_invites_and_prints_the_link(app, client, riverside, work, mail_box):
    run = app.test_cli_runner().invoke
    made = run(args=["member", "add", "root@x.example", "--role", "administrator"])
    assert made.exit_code == 0, made.output
    link = re.search(r"http://localhost(/invitation/\S+)", made.output)[1]
    assert client.get(link).status_code == 200
    assert run(args=["member", "add", "o@x.example", "--role", "officer", "--agency", "riverside"]).exit_code == 0
    assert run(args=["member", "add", "s@x.example", "--role", "staff", "--provider", "clearway"]).exit_code == 0
    for wrong in (
        ["o@x.example", "--role", "officer", "--agency", "riverside"],
        ["p@x.example", "--role", "officer", "--agency", "nowhere"],
        ["p@x.example", "--role", "officer"],
        ["p@x.example", "--role", "staff", "--agency", "riverside"],
        ["nonsense", "--role", "administrator"],
    ):
        refused = run(args=["member", "add", *wrong])
        assert refused.exit_code == 1, wrong
        assert refused.output.strip()
    work()
    assert len(mail_box()) == 3
