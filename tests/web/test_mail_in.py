"""Mail that residents send: a new one is feedback, a reply is a message in its case, and no machine starts a loop."""

import json
import re
import zipfile
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditEntry
from app.audit.rules import Verb
from app.cases import actions as cases
from app.cases.disclosure import place_of
from app.cases.models import Case
from app.directory.models import ContractSite
from app.extensions import db
from app.intake import actions as intake
from app.intake import mail_keeping, photo_files
from app.intake.models import Feedback, IncomingMail, MailPhoto, Photo
from app.intake.words import MailWords
from app.kernel.periods import day_of
from app.kernel.words import Actor, MailReason, MailState
from app.mail import threads
from app.mail.models import ReturnedMail
from app.mailroom import setting_up
from app.mailroom.rules import MAILS_A_DAY, RECEIPTS_A_DAY
from app.measures.models import Changed
from app.outbox.models import Promise
from app.privacy import deleting_when_due, finding
from tests.web.cases_story import history, sent
from tests.web.mail_story import AGENCY_BOX, RESIDENT, SITE_BOX, come, letter, mailbox


def picture(width=400, height=300, colour="red"):
    body = BytesIO()
    Image.new("RGB", (width, height), colour).save(body, "JPEG")
    return body.getvalue()


def answered(feedback):
    """A letter of ours about a feedback, as its resident got it."""
    return cases.reply(cases.case_of(feedback), "We come on Tuesday.", by=Actor.AGENCY, member_id=None)


def test_a_mail_to_a_sites_mailbox_is_a_complaint_with_its_channel(client, riverside, work, mail_box):
    box = mailbox(riverside, site=riverside.site)

    taken = come(box, letter("The bin at the gate is full. Call 07700 900123.\n"))

    feedback = db.session.query(Feedback).one()
    assert (taken.state, taken.feedback_id) == (MailState.FEEDBACK, feedback.id)
    assert (feedback.channel, feedback.kind, feedback.language) == ("email", "complaint", "en")
    assert feedback.contract_id == riverside.contract.id
    assert intake.words_of(feedback.id).text == "Full bin\n\nThe bin at the gate is full. Call 07700 900123."
    assert intake.contact_of(feedback.id).email == RESIDENT
    assert place_of(feedback.id) is None
    assert db.session.query(Case).one().respond_by is not None
    work()
    (receipt,) = mail_box()
    assert receipt["To"] == RESIDENT
    assert receipt["Reply-To"] == SITE_BOX
    assert feedback.reference in receipt["Subject"]

    page = client.sign_in(riverside.officer).get(f"/cases/{feedback.reference}?lang=en").page.select_one("main").text
    assert "E-mail" in page
    assert "07700" not in page
    day = day_of(feedback.submitted_at, riverside.agency.timezone)
    inbox = client.get("/inbox?view=all&channel=email&lang=en").page.select_one("main table").text
    assert feedback.reference in inbox
    assert client.get(f"/reports/C-001.json?start={day}&end={day}").json["channels"] == {"email": 1}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("垃圾桶三天没有人清运了，请尽快处理。", "zh"),
        ("El contenedor está lleno desde hace tres días y huele muy mal.", "es"),
        ("الحاوية ممتلئة منذ ثلاثة أيام ولم يأت أحد.", "ar"),
    ],
)
def test_it_is_answered_in_its_own_language(riverside, text, language):
    come(mailbox(riverside, site=riverside.site), letter(text, Subject="…"))

    assert db.session.query(Feedback).one().language == language


def test_a_mail_full_of_links_is_held_for_review(client, riverside, work, mail_box):
    links = " ".join(f"https://shop{number}.example/offer" for number in range(4))

    come(mailbox(riverside, site=riverside.site), letter(f"Buy here: {links}\n"))

    feedback = db.session.query(Feedback).one()
    assert feedback.is_held
    assert db.session.query(Case).count() == 0
    work()
    assert mail_box() == []
    assert feedback.reference in client.sign_in(riverside.officer).get("/held?lang=en").page.text
    client.post(f"/held/{feedback.reference}/release")
    work()
    assert db.session.query(Case).count() == 1
    assert [letter["To"] for letter in mail_box()] == [RESIDENT]


def test_the_same_mail_again_is_nothing_new(riverside):
    box, mail = mailbox(riverside, site=riverside.site), letter()

    assert come(box, mail) is not None
    assert come(box, mail) is None
    assert come(mailbox(riverside, "other@riverside.example", site=riverside.other_site), mail) is None
    # Who knows its Message-ID cannot keep another's mail out.
    assert come(box, letter("Another thing", Message_ID=mail["Message-ID"], From="eve@example.org")) is not None
    assert db.session.query(Feedback).count() == 2


def test_a_reply_to_our_letter_is_a_message_in_the_case(client, riverside, work, mail_box):
    box = mailbox(riverside, site=riverside.site)
    feedback = sent(riverside, email=RESIDENT)
    answered(feedback)
    work()
    ours = mail_box()[-1]
    text = f"Nobody came.\n\nOn Tue, 3 Nov 2026, Riverside <{SITE_BOX}> wrote:\n> We come on Tuesday.\n-- \nAnn"

    taken = come(box, letter(text, Subject="Re: whatever", In_Reply_To=ours["Message-ID"], From="spouse@example.org"))

    assert taken.state == MailState.MESSAGE
    assert history(feedback)[-1] == "added"
    assert cases.message_of(taken.event_id) == "Nobody came."
    assert db.session.query(Feedback).count() == 1
    work()
    assert len(mail_box()) == 1, "nothing is sent to who replies; staff wait for their hour"
    page = client.sign_in(riverside.officer).get(f"/cases/{feedback.reference}").page
    assert "Nobody came." in page.text


def test_a_mailbox_that_takes_tags_is_answered_by_its_address(riverside, work, mail_box):
    box = mailbox(riverside, site=riverside.site, takes_tags=True)
    feedback = sent(riverside, email=RESIDENT)
    answered(feedback)
    work()
    to = mail_box()[-1]["Reply-To"]
    assert re.fullmatch(r"bins\+r\d+-[a-z2-7]{26}@riverside\.example", to)
    assert mail_keeping.mailbox_by_address(to) == box

    # Mail programs that send nothing back but the address; and servers that write it in capitals.
    taken = come(box, letter("Still full.", To=to.upper()))

    assert (taken.state, taken.feedback_id) == (MailState.MESSAGE, feedback.id)


def test_what_opens_the_residents_pages_is_not_shown_to_staff(riverside, work, mail_box):
    box = mailbox(riverside, site=riverside.site)
    come(box, letter())
    work()
    receipt = mail_box()[-1]
    feedback = db.session.query(Feedback).one()
    token, pin = intake.way_back(feedback.id)
    body = receipt.get_body(("plain",)).get_content()
    assert token in body
    assert pin in body

    # A mail program that marks nothing as quoted; and the whole letter passed on to another mailbox.
    reply = come(box, letter(f"Thanks!\n\n{body}", In_Reply_To=receipt["Message-ID"]))
    passed_on = come(mailbox(riverside, AGENCY_BOX), letter(body, From="eve@example.org"))

    said = cases.message_of(reply.event_id)
    assert "Thanks!" in said
    assert feedback.reference in said
    assert token not in said
    assert pin not in said
    waits = mail_keeping.said_in(passed_on).text
    assert feedback.reference in waits
    assert token not in waits
    assert pin not in waits


def test_neither_a_sender_nor_a_reference_makes_a_reply(riverside, work, mail_box):
    box = mailbox(riverside, site=riverside.site)
    feedback = sent(riverside, email=RESIDENT)
    answered(feedback)
    work()
    token = threads.token_of(feedback.id)
    made_up = token[:-1] + ("a" if token[-1] != "a" else "b")
    for mail in (
        letter("About that", Subject=f"Re: An answer to your feedback {feedback.reference}"),
        letter("About this", In_Reply_To=f"<{made_up}.abc@localhost>"),
        letter("About all", In_Reply_To=f"<r{feedback.id + 1}-{token.partition('-')[2]}.abc@localhost>"),
    ):
        assert come(box, mail).state == MailState.FEEDBACK
    assert history(feedback)[-1] == "replied"
    assert db.session.query(Feedback).count() == 4


def test_a_reply_that_comes_to_another_agencys_mailbox_finds_its_case(riverside, hillside):
    box = mailbox(hillside, "help@hillside.example", site=hillside.site)
    feedback = sent(riverside)

    taken = come(box, letter("Here", In_Reply_To=f"<{threads.token_of(feedback.id)}.x@localhost>"))

    assert (taken.agency_id, taken.state) == (riverside.agency.id, MailState.MESSAGE)


def test_a_reply_after_the_end_waits_for_an_officer(client, riverside):
    box = mailbox(riverside, site=riverside.site)
    feedback = sent(riverside)
    cases.withdraw(cases.case_of(feedback))

    taken = come(box, letter("It is back", In_Reply_To=f"<{threads.token_of(feedback.id)}.x@localhost>"))

    assert (taken.state, taken.why) == (MailState.WAITING, MailReason.CASE_IS_OVER)
    page = client.sign_in(riverside.officer).get("/mail?lang=en").page
    assert "It is back" in page.text
    assert page.select_one(f"main a[href='/cases/{feedback.reference}']")


AUTOMATIC = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated (rejected)"},
    {"Precedence": "bulk"},
    {"Precedence": "List"},
    {"Return_Path": "<>"},
    {"List_Id": "<news.example.org>"},
    {"X_Auto_Response_Suppress": "All"},
    {"From": "MAILER-DAEMON@mx.example"},
    {"From": "noreply@shop.example"},
]


@pytest.mark.parametrize("head", AUTOMATIC, ids=lambda head: "-".join(head.values()))
def test_what_a_machine_sends_is_set_aside_and_not_answered(riverside, work, mail_box, head):
    box = mailbox(riverside, site=riverside.site)
    feedback = sent(riverside, email=None)
    mail = letter("I am on holiday.", In_Reply_To=f"<{threads.token_of(feedback.id)}.x@localhost>", **head)

    taken = come(box, mail)
    work()

    assert (taken.state, taken.why, taken.sender_mark) == (MailState.SET_ASIDE, MailReason.AUTOMATIC, None)
    assert db.session.query(Feedback).count() == 1
    assert history(feedback) == ["acknowledged"]
    assert mail_box() == []
    assert db.session.query(MailWords).count() == 0


def test_who_says_that_no_machine_wrote_it_is_believed(riverside):
    assert come(mailbox(riverside, site=riverside.site), letter(Auto_Submitted="no")).state == MailState.FEEDBACK


def test_a_bounce_of_our_letter_ends_what_is_sent_to_that_address(riverside, work, mail_box):
    box = mailbox(riverside, site=riverside.site)
    sent(riverside, email=RESIDENT)
    cases.reply(db.session.query(Case).one(), "We come.", by=Actor.AGENCY, member_id=None)
    work()
    head = "\r\n".join(f"{name}: {value}" for name, value in mail_box()[-1].items() if name != "Content-Type")
    raw = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {SITE_BOX}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {RESIDENT}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n--b--\r\n"
    ).encode()

    assert come(box, raw).why == MailReason.AUTOMATIC

    assert db.session.query(ReturnedMail).one().status == "5.1.1"
    assert db.session.query(Feedback).count() == 1


def test_our_own_letters_and_mailboxes_write_to_nobody_here(riverside):
    box = mailbox(riverside, site=riverside.site)
    mailbox(riverside, AGENCY_BOX)
    for sender in ("Answerable <ANSWERABLE@localhost>", SITE_BOX, f"Desk <{AGENCY_BOX}>"):
        assert come(box, letter(sender, From=sender)).why == MailReason.OUR_OWN
    assert db.session.query(Feedback).count() == 0


def test_who_is_written_in_the_name_of_is_not_flooded_with_receipts(riverside, work, mail_box):
    box = mailbox(riverside, site=riverside.site)
    states = [come(box, letter(f"Complaint {n}")).state for n in range(MAILS_A_DAY + 2)]
    work()

    assert states == [MailState.FEEDBACK] * MAILS_A_DAY + [MailState.WAITING] * 2
    assert len(mail_box()) == RECEIPTS_A_DAY
    assert {each.why for each in db.session.query(IncomingMail).filter_by(state="waiting")} == {
        MailReason.MANY_FROM_ONE
    }


def test_photos_go_the_way_of_photos_and_all_else_is_named(client, riverside):
    box = mailbox(riverside, site=riverside.site)
    mail = letter("Look.")
    mail.add_attachment(picture(), "image", "jpeg", filename="IMG_1.jpg")
    mail.add_attachment(picture(16, 16), "image", "jpeg", filename="logo.jpg")
    mail.add_attachment(b"not a picture", "image", "jpeg", filename="broken.jpg")
    mail.add_attachment(b"%PDF-1.7", "application", "pdf", filename="letter to\r\n you.pdf".replace("\r\n", ""))
    mail.add_attachment(letter("Inside"))
    mail.add_attachment(b"MZ", "application", "octet-stream", filename="../../run.exe")

    come(box, mail)

    feedback = db.session.query(Feedback).one()
    photo = db.session.query(Photo).one()
    assert (photo.status, photo.actor, photo.feedback_id) == ("waiting", "resident", feedback.id)
    assert photo_files.read(photo.name)
    text = intake.words_of(feedback.id).text
    assert text.endswith("[Left out: letter to you.pdf, message/rfc822, ../../run.exe, broken.jpg]")
    assert "Inside" not in text
    client.sign_in(riverside.officer).post(f"/cases/{feedback.reference}/photos")
    page = client.get(f"/cases/{feedback.reference}?lang=en").page
    assert len(page.select("img[src*='/photos/']")) == 1


def test_an_agencys_mailbox_waits_until_an_officer_files_it(client, riverside, work, mail_box, at):
    box = mailbox(riverside, AGENCY_BOX)
    mail = letter("I am Ann Smith, 07700 900123. The bin is full.", To=AGENCY_BOX)
    mail.add_attachment(picture(), "image", "jpeg", filename="IMG_1.jpg")
    with at("2026-11-02T09:00:00+08:00"):
        taken = come(box, mail)
    assert (taken.state, taken.why) == (MailState.WAITING, MailReason.NO_SITE)
    assert db.session.query(Feedback).count() == 0

    client.sign_in(riverside.officer)
    assert client.get("/inbox?lang=en").page.select_one("a[href='/mail']").text == "1 e-mail waits to be filed"
    page = client.get("/mail?lang=en").page
    assert "The bin is full." in page.text
    assert "07700" not in page.text
    assert not page.select("main img")
    shown = client.post(f"/mail/{taken.id}/photos")
    assert shown.location == f"/mail#mail-{taken.id}"
    page = client.get("/mail?lang=en").page
    assert client.get(page.select_one("main img")["src"]).mimetype == "image/jpeg"
    client.post(f"/mail/{taken.id}/photos")
    (look,) = db.session.query(AuditEntry).filter(AuditEntry.verb == Verb.OPENED)
    assert (look.what, look.subject_id, look.member_id) == ("mail_photo", taken.id, riverside.officer.id)
    refused = client.post(f"/mail/{taken.id}/file?lang=en", data={"site": ""})
    assert refused.status_code == 422
    assert "Choose one of the list." in refused.page.text
    filed = client.post(f"/mail/{taken.id}/file", data={"site": riverside.site.id, "contract": ""})

    feedback = db.session.query(Feedback).one()
    assert filed.location == f"/cases/{feedback.reference}"
    assert feedback.submitted_at == taken.arrived_at, "it counts from when it arrived"
    assert intake.contact_of(feedback.id).email == RESIDENT
    assert "07700 900123" in intake.words_of(feedback.id).text
    assert db.session.query(MailWords).count() == db.session.query(MailPhoto).count() == 0
    work()
    assert photo_files.read(db.session.query(Photo).one().name), "its file stays"
    assert [each["To"] for each in mail_box()] == [RESIDENT]
    assert db.session.query(Changed).filter_by(feedback_id=feedback.id).count() > 0, "a day that is over counts anew"
    assert client.post(f"/mail/{taken.id}/file", data={"site": riverside.site.id}).status_code == 404


def test_of_several_services_an_officer_says_which(client, riverside):
    db.session.add(
        ContractSite(
            agency_id=riverside.agency.id,
            contract_id=riverside.other_contract.id,
            site_id=riverside.site.id,
            starts_on=riverside.contract.starts_on,
        )
    )
    box = mailbox(riverside, site=riverside.site)
    taken = come(box, letter())
    assert taken.why == MailReason.SEVERAL_SERVICES
    client.sign_in(riverside.officer)
    address, site = f"/mail/{taken.id}/file?lang=en", riverside.site.id
    assert "Choose the one" in client.post(address, data={"site": site}).page.text
    elsewhere = client.post(address, data={"site": riverside.other_site.id, "contract": riverside.contract.id})
    assert "does not serve the site" in elsewhere.page.text
    client.post(address, data={"site": site, "contract": riverside.other_contract.id})
    assert db.session.query(Feedback).one().contract_id == riverside.other_contract.id

    box.contract_id = riverside.contract.id
    assert come(box, letter("Again")).state == MailState.FEEDBACK


def test_what_is_no_feedback_is_set_aside_and_its_words_go(client, riverside, charlie, bob, work):
    taken = come(mailbox(riverside, AGENCY_BOX), letter("Buy now"))
    for stranger in (charlie, bob, riverside.viewer):
        visitor = client.application.test_client().sign_in(stranger)
        assert visitor.post(f"/mail/{taken.id}/set-aside").status_code in (403, 404)
        assert "Buy now" not in visitor.get("/mail").text

    assert client.sign_in(riverside.officer).post(f"/mail/{taken.id}/set-aside").location == "/mail"

    db.session.expire_all()
    assert (taken.state, taken.why, taken.sender_mark) == (MailState.SET_ASIDE, MailReason.NO_FEEDBACK, None)
    assert taken.decided_by_id == riverside.officer.id
    assert db.session.query(MailWords).count() == 0
    assert "No e-mail waits" in client.get("/mail?lang=en").text


HTML_ONLY = b"""From: Ann <ann.resident@example.org>\r\nSubject: Bin\r\nMessage-ID: <h@x>\r
Content-Type: text/html; charset=utf-8\r\n\r
<html><head><title>T</title><style>p{}</style></head><body><p>Very&nbsp;full &amp; smelly</p><script>alert(1)</script>
<div>Since <b>Monday</b><br>at the gate</div></body></html>"""


def test_html_alone_is_read_as_text(riverside):
    come(mailbox(riverside, site=riverside.site), HTML_ONLY)

    text = intake.words_of(db.session.query(Feedback).one().id).text
    assert text.split("\n") == ["Bin", "", "Very full & smelly", "", "Since Monday", "at the gate"]


def hostile():
    yield "nothing", b""
    yield "no head", b"\r\n\r\n"
    yield "bytes", bytes(range(256)) * 50
    yield "no end", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhalf"
    yield "charset", b"Content-Type: text/plain; charset=made-up-9\r\n\r\nwords \xff\xfe"
    yield "encoding", b"Content-Transfer-Encoding: base64\r\n\r\n====!!!"
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    yield "deep", b"Subject: x\r\n" + deep
    yield "boundaries", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000
    yield "comments", b"Content-Type: text/html\r\n\r\n" + b"<!--" * 75_000
    yield "tags", b"Content-Type: text/html\r\n\r\n" + b"<div>" * 60_000
    yield "lines", b"Content-Type: text/html\r\n\r\n" + b"<br>\n" * 20_000
    yield "subject", b"Subject: =?utf-8?q?" + b"=E2=80=AE" * 5_000 + b"?=\r\n\r\nwords"
    yield "address", b"From: " + b"(" * 20_000 + b"\r\n\r\nwords"
    yield "addresses", b"From: " + b"a@b.example, " * 5_000 + b"\r\n\r\nwords"
    named = b"Content-Type: application/pdf; name=caf\xe9\xff.pdf\r\nContent-Disposition: attachment"
    yield "name", b"Subject: x\r\n" + named + b"\r\n\r\n%PDF"
    yield "raw head", b"Subject: caf\xe9 \xff\r\nFrom: \xff@\xfe.example\r\nIn-Reply-To: \xff\r\n\r\nwords"
    yield "halves", b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA- +3AA-"
    yield "escapes", b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800 \\z"
    yield "idna", b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"xn--a." * 20_000
    yield "zero", b"Subject: a\x00b\r\n\r\nwords\x00 and more"
    yield "long", b"Subject: long\r\n\r\n" + b"words and more " * 100_000
    yield "colons", b"Subject: Re\r\n\r\n" + b"a:\n>" * 20_000


@pytest.mark.parametrize(("name", "raw"), list(hostile()), ids=lambda each: each if isinstance(each, str) else "")
def test_nothing_that_comes_stops_the_reading(riverside, name, raw):
    taken = come(mailbox(riverside, AGENCY_BOX), raw)

    assert taken.state in (MailState.WAITING, MailState.SET_ASIDE)
    if said := mail_keeping.said_in(taken):
        assert len(said.text) <= 5_000 + 1_100


def test_two_senders_are_nobody_in_particular(riverside):
    come(mailbox(riverside, site=riverside.site), letter(From="a@example.org, b@example.org"))

    assert intake.contact_of(db.session.query(Feedback).one().id).email is None


def test_a_mail_that_waits_for_too_long_goes(riverside, at):
    with at("2026-01-05T09:00:00+08:00"):
        old = come(mailbox(riverside, AGENCY_BOX), letter("Old"))
    with at("2026-11-02T09:00:00+08:00"):
        deleting_when_due.look()
    assert (old.state, old.why) == (MailState.SET_ASIDE, MailReason.TOO_OLD)
    assert db.session.query(MailWords).count() == 0


def test_what_waits_is_in_the_file_about_one_person(client, riverside):
    come(mailbox(riverside, AGENCY_BOX), letter("I wrote this"))
    viewer = riverside.manager.memberships[0]

    packed = finding.export(viewer, RESIDENT.upper(), "She asks")

    assert packed is not None
    (about,) = json.loads(zipfile.ZipFile(BytesIO(packed)).read("person.json"))
    assert about["text"].endswith("I wrote this")
    assert about["email"] == RESIDENT
    page = (
        client.sign_in(riverside.manager).post("/people?lang=en", data={"contact": RESIDENT, "reason": "She asks"}).page
    )
    assert "1 e-mail of theirs waits to be filed" in page.text
    assert page.select_one("form[action='/people/export']")
    assert finding.export(viewer, "somebody@example.org", "She asks") is None


def test_contact_that_is_withdrawn_leaves_no_mark_of_the_mail(riverside):
    taken = come(mailbox(riverside, site=riverside.site), letter())
    assert taken.sender_mark

    intake.withdraw_contact(db.session.query(Feedback).one())
    db.session.flush()

    assert taken.sender_mark is None


def test_the_page_of_mailboxes_says_how_reading_goes(client, riverside, hillside):
    mailbox(riverside, site=riverside.site)
    mailbox(riverside, AGENCY_BOX, imap_url="imaps://desk@mail.example/INBOX", password_sealed=b"x", trouble="timeout")
    mailbox(hillside, "help@hillside.example")
    client.sign_in(riverside.manager)

    assert client.get("/settings?lang=en").page.select_one("a[href='/mailboxes']")
    page = client.get("/mailboxes?lang=en").page.select_one("main").text
    assert "RS-001" in page
    assert "officers file what comes" in page
    assert "Cannot be read" in page
    assert "hillside" not in page


def test_commands_set_up_receive_once_and_close(app, riverside, work):
    run = app.test_cli_runner()
    done = run.invoke(args=["mail", "add", SITE_BOX, "--agency", "riverside", "--site", "rs-001", "--plus"])
    assert done.exit_code == 0, done.output
    assert f"flask mail receive {SITE_BOX}" in done.output
    for wrong in (
        ["mail", "add", "desk", "--agency", "riverside"],
        ["mail", "add", SITE_BOX, "--agency", "hillside"],
        ["mail", "add", "a@b.example", "--agency", "riverside", "--site", "HS-001"],
        ["mail", "add", "a@b.example", "--agency", "riverside", "--contract", "C-001"],
        ["mail", "add", "a@b.example", "--agency", "riverside", "--imap", "http://x@y/", "--password", "p"],
        ["mail", "add", "a@b.example", "--agency", "riverside", "--imap", "imaps://u:p@y/", "--password", "p"],
        ["mail", "fetch", "nobody@riverside.example"],
        ["mail", "remove", "nobody@riverside.example"],
    ):
        assert run.invoke(args=wrong).exit_code == 1, wrong

    raw = letter("Piped in.").as_bytes()
    taken = run.invoke(args=["mail", "receive", SITE_BOX.upper()], input=raw)
    assert (taken.exit_code, taken.output) == (0, "Taken in: feedback.\n")
    again = run.invoke(args=["mail", "receive", SITE_BOX], input=raw)
    assert (again.exit_code, again.output) == (0, "It is here already.\n")
    assert run.invoke(args=["mail", "receive", "nobody@riverside.example"], input=raw).exit_code == 67
    assert db.session.query(Feedback).count() == 1
    assert run.invoke(args=["mail", "remove", SITE_BOX]).exit_code == 0
    assert run.invoke(args=["mail", "receive", SITE_BOX], input=raw).exit_code == 67


def test_keys_of_mailboxes_and_of_what_waits_are_changed_too(riverside):
    made = setting_up.set_up(
        "desk@riverside.example",
        agency="riverside",
        site=None,
        contract=None,
        imap_url="imaps://desk@mail.example",
        password="secret",
        takes_tags=False,
        is_emptied=False,
    )
    come(made, letter())
    assert b"secret" not in made.password_sealed
    assert mail_keeping.password_of(made) == "secret"
    assert mail_keeping.seal_again() == (0, 0)
    made.password_sealed = b"none" + made.password_sealed[4:]
    assert mail_keeping.seal_again() == (0, 1)


def test_a_mail_to_be_taken_in_twice_at_once_is_refused_by_the_database(riverside):
    box = mailbox(riverside, AGENCY_BOX)
    first = come(box, letter())
    twin = {
        name: getattr(first, name) for name in ("agency_id", "mailbox_id", "message_key", "arrived_at", "taken_in_at")
    }
    db.session.add(IncomingMail(**twin, state=MailState.WAITING, why=MailReason.NO_SITE))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_promises_and_rows_of_mail_name_nobody(riverside):
    come(mailbox(riverside, site=riverside.site), letter())
    said = " ".join(str(each.payload) for each in db.session.query(Promise))
    rows = " ".join(str(tuple(row)) for row in db.session.execute(IncomingMail.__table__.select()))
    assert RESIDENT not in said + rows


def test_what_was_chosen_for_one_mail_is_not_chosen_for_another(client, riverside):
    box = mailbox(riverside, AGENCY_BOX)
    first, second = come(box, letter("One")), come(box, letter("Two"))
    unreadable = come(box, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 6_000)
    assert unreadable.why == MailReason.UNREADABLE
    client.sign_in(riverside.officer)

    chosen = {"site": riverside.other_site.id, "contract": riverside.contract.id}
    page = client.post(f"/mail/{second.id}/file?lang=en", data=chosen).page

    assert page.select_one(f"#site-{second.id} option[selected]")["value"] == str(riverside.other_site.id)
    assert page.select_one(f"#contract-{second.id}-error")
    assert page.select_one(f"#site-{first.id} option[selected]") is None
    assert page.select_one(f"#site-{unreadable.id}") is None
    assert client.post(f"/mail/{unreadable.id}/file", data={"site": riverside.site.id}).status_code == 404


def test_a_fresh_mail_that_names_a_case_is_added_to_it(client, riverside, hillside, work, mail_box):
    feedback, other = sent(riverside, email=RESIDENT), sent(riverside, email="li@example.org")
    theirs = sent(hillside)
    box = mailbox(riverside, AGENCY_BOX)
    text = f"It is full again. I wrote about {other.reference.replace('-', ' ').lower()} and {theirs.reference} too."
    taken = come(box, letter(text, To=AGENCY_BOX, Subject=f"About {feedback.reference}"))
    client.sign_in(riverside.officer)

    page = client.get("/mail?lang=en").page
    named = [link.text for link in page.select(".govuk-inset-text a")]
    assert named == [feedback.reference, other.reference], "of another agency's case nothing is known"
    assert "It comes from the address that its resident left." in page.text
    refused = client.post(f"/mail/{taken.id}/add/{other.reference}?lang=en")
    assert refused.status_code == 422
    assert client.post(f"/mail/{taken.id}/add/{theirs.reference}", data={"sure": "y"}).status_code == 404
    assert client.post(f"/mail/{taken.id}/add/{feedback.reference}").location == f"/cases/{feedback.reference}"

    assert history(feedback)[-1] == "added"
    db.session.refresh(taken)
    assert (taken.state, taken.feedback_id, taken.decided_by_id) == (
        MailState.MESSAGE,
        feedback.id,
        riverside.officer.id,
    )
    assert "It is full again." in cases.message_of(taken.event_id)
    assert db.session.query(MailWords).count() == 0
    assert client.post(f"/mail/{taken.id}/add/{feedback.reference}").status_code == 404
    work()
    assert mail_box() == [], "it did not wait any more"


def test_from_another_address_an_officer_must_be_sure_and_what_is_over_takes_nothing(client, riverside):
    feedback = sent(riverside, email="li@example.org")
    box = mailbox(riverside, AGENCY_BOX)
    mail = letter("It is full again", To=AGENCY_BOX, Subject=f"About {feedback.reference}")
    taken = come(box, mail)
    client.sign_in(riverside.officer)

    page = client.get("/mail?lang=en").page
    assert "anybody who has seen the reference can have written it" in page.text
    assert client.post(f"/mail/{taken.id}/add/{feedback.reference}", data={"sure": "y"}).status_code == 303
    cases.withdraw(cases.case_of(feedback))
    again = come(box, letter("And again", To=AGENCY_BOX, Subject=f"About {feedback.reference}"))
    assert "That has ended and takes nothing more" in client.get("/mail?lang=en").page.text
    assert client.post(f"/mail/{again.id}/add/{feedback.reference}", data={"sure": "y"}).status_code == 409


def test_who_waits_hears_once_that_it_has_arrived(riverside, work, mail_box):
    box = mailbox(riverside, AGENCY_BOX)
    for text in ("The bin is full", "It is still full", "Hello?"):
        come(box, letter(text, To=AGENCY_BOX))
    come(box, letter("Buy now", To=AGENCY_BOX, From="eve@example.org", X_Spam_Flag="YES"))
    come(box, letter("I am away", To=AGENCY_BOX, From="bot@example.org", Auto_Submitted="auto-replied"))

    work()

    (ours,) = mail_box()
    assert (ours["To"], ours["Subject"]) == (RESIDENT, "Your e-mail has arrived")
    assert ours["Auto-Submitted"] == "auto-generated", "no machine answers it"
