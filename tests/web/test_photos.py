"""Photos: sent with feedback, staged where the form is not taken, let through by the agency, shown to who may see."""

import os
import threading
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from app.audit.models import AuditEntry
from app.audit.rules import Verb
from app.cases import actions as cases
from app.cases.models import Case, Event
from app.extensions import db
from app.intake import photo_files, photo_keeping
from app.intake.actions import tracking_token
from app.intake.models import Feedback, Photo, StagedPhoto
from app.intake.photos import make_safe
from app.kernel import clock
from app.kernel.words import PhotoStatus
from app.outbox.models import Promise
from tests.browser_client import count_statements


def jpeg(colour="red", size=(640, 480), **more):
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG", **more)
    return written.getvalue()


def chosen(*files, name="photo.jpg"):
    """Files as a browser sends them."""
    return [FileStorage(BytesIO(data), name, content_type="image/jpeg") for data in files]


def answers(page, **changes):
    """The form of ``page`` as a resident fills it in, with the photos that it shows ticked."""
    hidden = {field["name"]: field.get("value", "") for field in page.select("form[method=post] input[type=hidden]")}
    kept = [field["value"] for field in page.select("input[name=kept]")]
    more = {"kept": kept} if kept else {}
    return hidden | more | {"rating": "2", "text": "The bin was left full again.", "wants_answer": "yes"} | changes


def send(client, form):
    """Send it as browsers do, with its files; what was there before stands in it by itself."""
    return client.post_parts("/give/RS-001?lang=en", form)


@pytest.fixture
def form(client, riverside):
    return answers(client.get("/give/RS-001?lang=en").page)


@pytest.fixture
def folder(settings):
    return settings.photo_folder


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*.jpg"))


@pytest.fixture(autouse=True)
def no_files_of_other_tests(app, folder):
    for path in folder.rglob("*.jpg"):
        path.unlink()


@pytest.fixture
def photo(client, riverside, form):
    """A complaint with one photo, which waits."""
    assert send(client, form | {"photos": chosen(jpeg())}).status_code == 303
    return db.session.query(Photo).one()


def test_photos_are_kept_with_the_feedback(client, riverside, form, folder):
    sent = send(client, form | {"photos": chosen(jpeg("red"), jpeg("blue"))})

    assert sent.status_code == 303
    feedback = db.session.query(Feedback).one()
    first, second = db.session.query(Photo).order_by(Photo.id)
    assert (first.feedback_id, first.agency_id) == (feedback.id, feedback.agency_id)
    assert (first.width, first.height, first.status) == (640, 480, PhotoStatus.WAITING)
    assert first.bytes == len(photo_files.read(first.name))
    assert Image.open(BytesIO(photo_files.read(second.name))).getpixel((9, 9))[2] > 200
    assert db.session.query(StagedPhoto).count() == 0
    assert len(files_in(folder)) == 4


def test_the_name_that_a_file_came_with_is_nowhere(client, riverside, form, folder):
    name = "../../../Li Wei 13800001234.php"
    send(client, form | {"photos": chosen(jpeg(), name=name)})

    photo = db.session.query(Photo).one()
    assert "Li" not in str(vars(photo))
    assert files_in(folder) == [f"{photo.name}-small.jpg", f"{photo.name}.jpg"]


def test_the_original_is_never_kept(client, riverside, form, folder):
    notes = Image.Exif()
    notes[0x013B] = "Li Wei, 13800001234"
    notes.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 49.0)})
    original = jpeg(exif=notes, comment=b"Li Wei, 13800001234")
    send(client, form | {"photos": chosen(original, original[:-50])})

    for path in folder.rglob("*.jpg"):
        assert b"Li Wei" not in path.read_bytes()
        assert not dict(Image.open(BytesIO(path.read_bytes())).getexif())
    assert "13800001234" not in str(list(db.session.execute(Photo.__table__.select())))


def test_without_photos_nothing_is_asked_about_them(client, riverside):
    # The first of a day makes its salt and the second finds it; the rest know it.
    for text in ("One.", "Two."):
        client.post("/give/RS-001", data=answers(client.get("/give/RS-001").page, text=text))
    form = answers(client.get("/give/RS-001").page)
    plain = count_statements(db.engine, lambda: client.post("/give/RS-001", data=form))
    form = answers(client.get("/give/RS-001").page)
    nothing_chosen = {"photos": chosen(b"", name="")}

    seen = count_statements(db.engine, lambda: send(client, form | nothing_chosen))

    assert [each.split("(")[0] for each in seen] == [each.split("(")[0] for each in plain]
    assert not [each for each in seen if "photo" in each and "photos_at_once" not in each]


def test_an_error_elsewhere_does_not_lose_them(client, riverside, form):
    refused = send(client, form | {"email": "li at example", "photos": chosen(jpeg("red"), jpeg("blue"))})

    assert refused.status_code == 422
    shown = refused.page.select("input[name=kept]")
    assert len(shown) == 2
    assert all(field.has_attr("checked") for field in shown)
    for image in refused.page.select(".app-photos img"):
        seen = client.get(image["src"])
        assert (seen.status_code, seen.mimetype) == (200, "image/jpeg")

    sent = send(client, answers(refused.page, email="li@example.org"))

    assert sent.status_code == 303
    assert db.session.query(Photo).count() == 2


def test_what_is_unticked_is_not_sent(client, riverside, form, work, folder):
    refused = send(client, form | {"email": "li at example", "photos": chosen(jpeg("red"), jpeg("blue"))})
    first, second = [field["value"] for field in refused.page.select("input[name=kept]")]

    again = send(client, answers(refused.page, email="li at example", kept=[second]))
    assert [field["value"] for field in again.page.select("input[name=kept]")] == [second]
    work()
    assert files_in(folder) == [f"{second}-small.jpg", f"{second}.jpg"]
    send(client, answers(again.page))

    assert db.session.query(Photo).one().name == second
    assert client.get(f"/give/RS-001/photos/{first}").status_code == 404


def test_staged_photos_can_be_added_to(client, riverside, form):
    refused = send(client, form | {"rating": "9", "photos": chosen(jpeg("red"), jpeg("blue"), jpeg("green"))})

    too_many = send(client, answers(refused.page, photos=chosen(jpeg("black"), jpeg("white"))))

    assert too_many.status_code == 422
    assert "Up to 4 photos can be sent; the first 4 are kept." in too_many.page.select_one("#photos-error").text
    assert len(too_many.page.select("input[name=kept]")) == 4
    assert send(client, answers(too_many.page)).status_code == 303
    assert db.session.query(Photo).count() == 4


def test_the_same_photo_twice_is_one(client, riverside, form):
    refused = send(client, form | {"rating": "9", "photos": chosen(jpeg(), jpeg())})
    assert len(refused.page.select("input[name=kept]")) == 1

    send(client, answers(refused.page, photos=chosen(jpeg())))

    assert db.session.query(Photo).count() == 1


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ([b""], "File 1 is empty. Take or choose the photo again."),
        ([b"The bin was left full."], "File 1 is no JPEG, PNG or WebP picture. Choose another one."),
        ([jpeg(size=(2000, 1500))[:5000]], "File 1 is damaged or cut off. Take or choose the photo again."),
        ([jpeg(size=(8192, 6144))], "File 1 has more than 40 megapixels. Choose a smaller one."),
        ([b"\xff\xd8\xff" + bytes(40_000_000)], "File 1 is larger than 15 MB. Choose a smaller one."),
        ([jpeg((n, 0, 0)) for n in range(0, 250, 50)], "Up to 4 photos can be sent; the first 4 are kept."),
    ],
    ids=["empty", "wrong type", "cut off", "50 megapixels", "40 MB", "five"],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_else_is_lost(
    client, riverside, form, folder, files, complaint
):
    form |= {"place": "Gate 2", "email": "li@example.org", "photos": chosen(*files)}

    refused = send(client, form)

    assert refused.status_code == 422
    page = refused.page
    assert complaint in page.select_one("#photos-error").text
    assert page.select_one(".govuk-error-summary a")["href"] == "#photos"
    assert page.select_one("#photos")["aria-invalid"] == "true"
    assert page.select_one("#place")["value"] == "Gate 2"
    assert page.select_one("#email")["value"] == "li@example.org"
    assert page.select_one("textarea").text.strip() == form["text"]
    assert db.session.query(Feedback).count() == 0
    good = len(files) - 1
    assert len(page.select("input[name=kept]")) == good
    assert len(files_in(folder)) == 2 * good
    # Sent once more as it now stands, it is taken.
    assert send(client, answers(page)).status_code == 303


def test_five_photos_straight_from_a_large_camera_lose_no_words(client, riverside, form):
    huge = [jpeg((n, 0, 0)) + bytes(40_000_000) for n in range(0, 250, 50)]

    refused = send(client, form | {"photos": chosen(*huge)})

    assert refused.status_code == 422
    said = refused.page.select_one("#photos-error").text
    assert "File 1 is larger than 15 MB" in said
    assert "File 5 is larger than 15 MB" in said
    assert refused.page.select_one("textarea").text.strip() == form["text"]


def test_what_is_beyond_all_measure_has_a_page_that_says_so(app, client, riverside, form, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100_000)

    refused = send(client, form | {"photos": chosen(bytes(200_000))})

    assert refused.status_code == 413
    assert "larger than we can take" in refused.page.select_one("main").text


def test_good_photos_beside_a_bad_one_are_kept(client, riverside, form):
    refused = send(client, form | {"photos": chosen(jpeg("red"), b"nothing", jpeg("blue"), b"")})

    said = refused.page.select_one("#photos-error").text
    assert "File 2 is no JPEG" in said
    assert "File 4 is empty" in said
    assert len(refused.page.select("input[name=kept]")) == 2


def test_after_an_hour_it_says_that_they_must_be_chosen_again(client, riverside, form):
    refused = send(client, form | {"rating": "9", "photos": chosen(jpeg())})
    image = refused.page.select_one(".app-photos img")["src"]

    with clock.set_to(clock.now() + timedelta(hours=1, minutes=1)):
        assert client.get(image).status_code == 404
        late = send(client, answers(refused.page))

        assert "kept for an hour only" in late.page.select_one("#photos-error").text
        assert send(client, answers(late.page)).status_code == 303
    assert db.session.query(Photo).count() == 0


def test_nobody_sends_what_another_has_staged(client, riverside, form):
    refused = send(client, form | {"rating": "9", "photos": chosen(jpeg())})
    (name,) = [field["value"] for field in refused.page.select("input[name=kept]")]
    other = answers(client.get("/give/RS-001?lang=en").page, kept=[name, "../../etc/passwd"])

    assert send(client, other).status_code == 422
    assert db.session.query(Photo).count() == 0
    assert client.get(f"/give/RS-002/photos/{name}").status_code == 404
    assert client.get("/give/RS-001/photos/..%2f..%2fsecret_key").status_code == 404


def test_the_same_draft_sent_twice_is_one_feedback_with_its_photos_once(client, riverside, form, work, folder):
    refused = send(client, form | {"rating": "9", "photos": chosen(jpeg("red"))})
    again = answers(refused.page)
    first = send(client, again | {"photos": chosen(jpeg("blue"))})
    second = send(client, again | {"photos": chosen(jpeg("blue"))})

    assert (first.status_code, second.status_code) == (303, 303)
    assert db.session.query(Feedback).count() == 1
    assert db.session.query(Photo).count() == 2


def test_one_more_photo_under_the_same_key_can_be_sent_as_new(client, riverside, form):
    send(client, form | {"photos": chosen(jpeg("red"))})

    conflict = send(client, form | {"photos": chosen(jpeg("red"), jpeg("blue"))})

    assert conflict.status_code == 409
    assert "with other words or photos" in conflict.page.text
    assert len(conflict.page.select("input[name=kept]")) == 2
    assert send(client, answers(conflict.page)).status_code == 303
    assert db.session.query(Feedback).count() == 2


def test_two_at_once_with_one_key_keep_the_photos_once(app, riverside):
    answered = []

    def once():
        form = {"rating": "1", "text": "Late again.", "key": "one-draft", "photos": chosen(jpeg())}
        with app.app_context():
            answered.append(send(app.test_client(), form).status_code)

    db.session.commit()
    threads = [threading.Thread(target=once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answered == [303] * 3
    assert db.session.query(Photo).count() == 1


def test_a_photo_is_shown_to_its_resident_by_their_link_alone(client, riverside, photo, form):
    other = answers(client.get("/give/RS-001?lang=en").page, text="Something else.")
    stranger = client.get(send(client, other).location).page.select_one("main a[href*='/track/']")["href"]
    feedback = db.session.get_one(Feedback, photo.feedback_id)
    mine = client.get(send(client, form | {"photos": chosen(jpeg())}).location)
    track = mine.page.select_one("main a[href*='/track/']")["href"].partition("?")[0]
    assert feedback.reference in mine.page.text

    page = client.get(track).page
    images = [client.get(image["src"]) for image in page.select(".app-photos img")]
    large = client.get(page.select_one(".app-photos a")["href"])

    assert [image.status_code for image in images] == [200]
    assert Image.open(BytesIO(large.data)).size == (640, 480)
    assert Image.open(BytesIO(images[0].data)).size == (320, 240)
    assert large.headers["Content-Type"] == "image/jpeg"
    assert large.headers["X-Content-Type-Options"] == "nosniff"
    assert large.headers["Cache-Control"] == "private, no-store"
    assert large.headers["Content-Disposition"] == 'inline; filename="photo.jpg"'
    assert client.get(f"{stranger.partition('?')[0]}/photos/{photo.id}").status_code == 404
    assert client.get(f"/track/made-up/photos/{photo.id}").status_code == 404


def address(photo):
    return f"/cases/{db.session.get_one(Feedback, photo.feedback_id).reference}/photos/{photo.id}"


def opened(visitor, photo):
    """The page of the case with its photos, once they are opened."""
    shown = visitor.post(address(photo).rpartition("/")[0])
    assert shown.status_code == 303
    return visitor.get(shown.location).page


def looks():
    """Who opened photos so far, by what the audit says."""
    entries = db.session.query(AuditEntry).filter(AuditEntry.verb == Verb.OPENED).order_by(AuditEntry.id)
    return [(each.what, each.detail, each.member_id) for each in entries]


def give_to_provider(riverside):
    cases.assign(db.session.query(Case).one(), member_id=riverside.officer.id)
    db.session.commit()


def test_an_officer_lets_a_photo_through_before_the_provider_sees_it(app, riverside, photo):
    give_to_provider(riverside)
    officer, staff = app.test_client().sign_in(riverside.officer), app.test_client().sign_in(riverside.staff)
    case = address(photo).partition("/photos")[0]
    assert "Not shown to the provider yet" in opened(officer, photo).text
    assert officer.get(address(photo)).status_code == 200
    assert staff.get(address(photo)).status_code == 404
    assert not staff.get(case).page.select(".app-photos img")

    let_through = officer.post(address(photo), data={"decision": "released"})

    assert let_through.status_code == 303
    assert (photo.status, photo.decided_by_id) == (PhotoStatus.RELEASED, riverside.officer.id)
    assert len(opened(staff, photo).select(".app-photos img")) == 1
    assert staff.get(address(photo)).status_code == 200
    assert not staff.get(case).page.select("[name=decision]")

    officer.post(address(photo), data={"decision": "refused"})

    assert staff.get(address(photo)).status_code == 404
    assert officer.get(address(photo)).status_code == 200


def test_photos_to_look_at_have_a_view_a_mark_and_a_word_to_who_waits(app, riverside, photo):
    give_to_provider(riverside)
    officer, viewer, staff = (
        app.test_client().sign_in(who) for who in (riverside.officer, riverside.viewer, riverside.staff)
    )
    case = address(photo).partition("/photos")[0]

    page = officer.get("/inbox?view=photos&lang=en").page
    here = page.select_one("main nav [aria-current=page]")
    assert here.text.split() == ["Photos", "to", "look", "at", "1"]
    assert "Photo to look at" in page.select_one("main table").text
    assert "Photos to look at" not in viewer.get("/inbox?lang=en").page.text, "who does not decide has nothing to do"
    assert "Photos to look at" not in staff.get("/inbox?lang=en").page.text
    assert "Photo to look at" not in staff.get("/inbox?lang=en&view=all").page.text
    for visitor in (viewer, staff):
        assert "A photo is being checked" in visitor.get(f"{case}?lang=en").page.text
    assert "A photo is being checked" not in officer.get(f"{case}?lang=en").page.text

    officer.post(address(photo), data={"decision": "released"})

    assert "Every photo has been looked at." in officer.get("/inbox?view=photos&lang=en").page.text
    assert "A photo is being checked" not in staff.get(f"{case}?lang=en").page.text


def test_each_look_at_photos_is_written_down_once_for_each_person_and_opening(app, riverside, photo, at):
    give_to_provider(riverside)
    photo_keeping.decide(photo, PhotoStatus.RELEASED, member_id=riverside.officer.id)
    officer, staff = app.test_client().sign_in(riverside.officer), app.test_client().sign_in(riverside.staff)
    case = address(photo).partition("/photos")[0]
    with at("2026-11-02T09:00:00+08:00"):
        assert not officer.get(case).page.select(".app-photos img"), "nothing is shown unasked"
        assert officer.get(address(photo)).location == f"{case}#photos"
        assert looks() == []

        for _ in range(3):
            page = opened(officer, photo)
            assert officer.get(page.select_one(".app-photos img")["src"]).status_code == 200
            assert officer.get(address(photo)).status_code == 200
        assert looks() == [("disclosure", "photos", riverside.officer.id)]
        assert staff.get(address(photo)).status_code == 302, "what a colleague opened is not open to others"
        opened(staff, photo)
        assert looks()[1:] == [("disclosure", "photos", riverside.staff.id)]
    with at("2026-11-02T10:00:00+08:00"):
        assert officer.get(address(photo)).status_code == 302
        opened(officer, photo)
    assert len(looks()) == 3
    manager = app.test_client().sign_in(riverside.manager)
    assert "photos" in manager.get("/audit?verb=opened&lang=en").page.main.text


def test_where_there_is_no_photo_none_is_opened(app, riverside, photo):
    give_to_provider(riverside)
    staff = app.test_client().sign_in(riverside.staff)
    assert staff.post(address(photo).rpartition("/")[0]).status_code == 404
    assert looks() == []


def test_only_officers_decide_and_only_one_of_two_things(app, riverside, hillside, photo):
    give_to_provider(riverside)
    officer = app.test_client().sign_in(riverside.officer)
    assert officer.post(address(photo), data={"decision": "waiting"}).status_code == 400
    assert officer.post(address(photo)).status_code == 400
    for member, status in (
        (riverside.viewer, 403),
        (riverside.staff, 403),
        (hillside.officer, 404),
    ):
        visitor = app.test_client().sign_in(member)
        assert visitor.post(address(photo), data={"decision": "released"}).status_code == status
    assert photo.status == PhotoStatus.WAITING


def test_who_may_not_see_a_photo_finds_none(app, riverside, hillside, photo):
    assert app.test_client().get(address(photo)).status_code == 302
    for member in (riverside.viewer, riverside.staff, riverside.other_staff, hillside.manager):
        assert app.test_client().sign_in(member).get(address(photo)).status_code == 404


def test_an_agency_may_let_all_photos_through_at_once(app, client, riverside):
    manager = app.test_client().sign_in(riverside.manager)
    assert "The agency looks at them before" in client.get("/give/RS-001?lang=en").page.text
    assert manager.get("/settings").status_code == 200
    assert (
        manager.post("/settings", data={"photos_at_once": "y", "quiet_from": "20", "quiet_until": "7"}).status_code
        == 303
    )
    page = client.get("/give/RS-001?lang=en").page
    assert "The provider sees them too." in page.text

    send(client, answers(page, photos=chosen(jpeg())))

    photo = db.session.query(Photo).one()
    assert (photo.status, photo.decided_by_id) == (PhotoStatus.RELEASED, None)
    give_to_provider(riverside)
    staff = app.test_client().sign_in(riverside.staff)
    opened(staff, photo)
    assert staff.get(address(photo)).status_code == 200
    assert (
        manager.post("/settings", data={"csrf_token": "any", "quiet_from": "20", "quiet_until": "7"}).status_code == 303
    )
    assert "The agency looks at them before" in client.get("/give/RS-001?lang=en").page.text


def test_erasing_words_deletes_photos(client, riverside, photo, work, folder):
    feedback = db.session.get_one(Feedback, photo.feedback_id)
    path = address(photo)
    token = tracking_token(feedback.id)
    assert client.post(f"/track/{token}/erase").status_code == 303

    assert db.session.query(Photo).count() == 0
    assert client.sign_in(riverside.officer).get(path).status_code == 404
    work()
    assert files_in(folder) == []


def test_staff_show_photos_when_they_say_that_it_is_resolved(app, client, riverside, photo):
    give_to_provider(riverside)
    staff, officer = app.test_client().sign_in(riverside.staff), app.test_client().sign_in(riverside.officer)
    case = address(photo).partition("/photos")[0]
    version = staff.get(case).page.select_one("input[name=version]")["value"]

    said = staff.post(
        f"{case}/resolve",
        data={"version": version, "message": "Emptied at nine.", "photos": chosen(jpeg("green"))},
        content_type="multipart/form-data",
    )

    assert said.status_code == 303
    event = db.session.query(Event).filter_by(kind="resolved").one()
    evidence = db.session.query(Photo).filter_by(event_id=event.id).one()
    assert (evidence.actor, evidence.member_id, evidence.status) == ("provider", riverside.staff.id, "released")
    for visitor in (staff, officer, app.test_client().sign_in(riverside.viewer)):
        assert "With 1 photo" in visitor.get(case).page.select_one(".app-timeline").text
        (image,) = opened(visitor, photo).select(".app-timeline .app-photos img")
        assert visitor.get(image["src"]).status_code == 200
    assert officer.post(address(evidence), data={"decision": "refused"}).status_code == 400
    token = tracking_token(evidence.feedback_id)
    assert client.get(f"/track/{token}/photos/{evidence.id}").status_code == 404
    assert len(client.get(f"/track/{token}").page.select(".app-photos img")) == 1
    client.post(f"/track/{token}/confirm")
    assert client.post(f"/track/{token}/erase").status_code == 303
    assert db.session.query(Photo).one().id == evidence.id


def test_staff_are_told_what_is_wrong_with_a_photo_and_keep_their_words(app, riverside, photo):
    give_to_provider(riverside)
    staff = app.test_client().sign_in(riverside.staff)
    case = address(photo).partition("/photos")[0] + "?lang=en"
    version = staff.get(case).page.select_one("input[name=version]")["value"]

    refused = staff.post(
        f"{case.partition('?')[0]}/resolve?lang=en",
        data={"version": version, "message": "Emptied at nine.", "photos": chosen(b"nothing")},
        content_type="multipart/form-data",
    )

    assert refused.status_code == 422
    assert "File 1 is no JPEG" in refused.page.select_one("#message-photos-error").text
    assert refused.page.select_one("textarea[name=message]").text.strip() == "Emptied at nine."
    assert db.session.query(Event).filter_by(kind="resolved").count() == 0


def test_what_staff_say_on_an_old_page_attaches_nothing(app, riverside, photo):
    give_to_provider(riverside)
    staff = app.test_client().sign_in(riverside.staff)
    stale = staff.post(
        address(photo).partition("/photos")[0] + "/resolve",
        data={"version": "1", "message": "Emptied at nine.", "photos": chosen(jpeg())},
        content_type="multipart/form-data",
    )

    assert stale.status_code == 409
    assert db.session.query(Photo).count() == 1


def test_litter_is_swept_and_nothing_else(client, riverside, photo, form, work, folder):
    fresh = answers(client.get("/give/RS-001?lang=en").page, rating="9", photos=chosen(jpeg("blue")))
    send(client, fresh)
    photo_keeping.file([make_safe(jpeg("green"))])
    assert len(files_in(folder)) == 6

    sweep(work, timedelta(minutes=59))
    assert len(files_in(folder)) == 6
    assert db.session.query(StagedPhoto).count() == 1

    sweep(work, timedelta(hours=3))
    assert files_in(folder) == [f"{photo.name}-small.jpg", f"{photo.name}.jpg"]
    assert db.session.query(StagedPhoto).count() == 0


def sweep(work, later):
    """What the worker does of itself, so much later."""
    with clock.set_to(clock.now() + later):
        photo_keeping.promise_sweep(clock.now())
        photo_keeping.promise_sweep(clock.now())
        db.session.commit()
        work()


def test_a_sweep_is_promised_once_an_hour(app, at):
    for moment in ("2026-11-24T09:00:00+00:00", "2026-11-24T09:59:00+00:00", "2026-11-24T10:00:00+00:00"):
        with at(moment):
            photo_keeping.promise_sweep(clock.now())

    assert db.session.query(Promise).count() == 2


def test_files_are_for_us_alone(photo, folder):
    for path in folder.rglob("*.jpg"):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not os.path.exists(folder / "photo.jpg")


def test_a_photo_whose_file_is_gone_is_not_there(app, riverside, photo, folder):
    photo_files.remove([photo.name])

    officer = app.test_client().sign_in(riverside.officer)
    opened(officer, photo)
    assert officer.get(address(photo)).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": PhotoStatus.RELEASED},
        {"decided_at": "now"},
        {"actor": "provider"},
        {"width": 0},
        {"feedback_id": 999},
        {"event_id": 999},
    ],
    ids=str,
)
def test_the_database_refuses_what_cannot_be(photo, wrong):
    facts = {column.name: getattr(photo, column.name) for column in Photo.__table__.columns if column.name != "id"}
    facts |= {"name": "20261124T0930-" + "0" * 32} | wrong
    if facts["decided_at"] == "now":
        facts["decided_at"] = clock.now()

    with pytest.raises(IntegrityError):
        db.session.execute(Photo.__table__.insert(), facts)
    db.session.rollback()
