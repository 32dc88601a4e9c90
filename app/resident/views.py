"""The resident's pages: find a service, give feedback, the receipt, and what became of it."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.exc import IntegrityError

from app.cases import actions as cases
from app.cases import erasing, following, held_for_review, sent_twice
from app.cases.erasing import ask_to_erase, erase_what_was_asked, why_kept
from app.cases.models import Case
from app.cases.question_answers import of_resident
from app.directory.retention_periods import Kept, days_of
from app.extensions import csrf, db
from app.intake import actions as intake
from app.intake import photo_files
from app.intake import photo_keeping as keeping
from app.intake.models import Feedback
from app.intake.photo_keeping import Filed
from app.intake.rules import NewFeedback
from app.kernel import clock
from app.kernel.errors import DomainError
from app.kernel.words import CaseStatus, Channel, Drive, EventKind, FeedbackKind, PhotoStatus, in_language
from app.outbox.actions import promise
from app.questions import queries as questions
from app.questions.queries import OfferedSet
from app.questions.rules import is_key
from app.resident import actions, queries, spam
from app.resident.forms import AddForm, ConfirmForm, FindForm, GiveForm, NearForm, Own, RateForm, ReopenForm, Where
from app.resident.queries import Place, Service
from app.resident.receipt_picture import picture_of
from app.resident.rules import TRIES, rounded
from app.resident.spam import Sent, WorkWanted
from app.sms import gateway
from app.web.access import public
from app.web.blank_pages import BlankPage
from app.web.errors import typed_here
from app.web.files import answers_and_files, picture
from app.web.filters import moment
from app.web.languages import OF_RESIDENTS, RIGHT_TO_LEFT, language, only_speaks, sends_to, speak
from app.web.links import absolute
from app.web.pages import asset
from app.web.refusals import refuse
from app.web.texts import gettext as _
from app.web.transactions import begin_writing, commits, commits_late

bp = Blueprint("resident", __name__)
# These pages set no cookie: @public looks at the Origin instead.
csrf.exempt(bp)
RECEIPT_LASTS = timedelta(hours=24)
MOST_SETS = 20
"""Of more versions of questions no page asks."""
# Going back from the receipt shows the same draft with the same key, so that sending it again is no second complaint; a
# new visit asks anew. The blank form holds nothing of anybody.
MAY_GO_BACK = "private, no-cache"
# What stands in pages that are kept, where each resident's own goes; nobody can write it, as nobody can know it.
KEY, STAMP, REFERENCE, PIN, TOKEN, SIGNED, DUE = (secrets.token_hex(16) for _ in range(7))

# What is said where a case does not take what a resident wants to do with it, by the page that was asked.
REFUSED: Mapping[str, Any] = {
    "add": _l("This has ended, so nothing can be added. You can give new feedback about the same place."),
    "confirm": _l("There is nothing to confirm at the moment."),
    "reopen": _l(
        "It cannot be opened again: it is open already, or has ended. While it is open, add below what is wrong."
    ),
    "rate": _l("It can be rated once it has been answered for good."),
    "withdraw": _l("There is nothing to take back."),
}


@bp.get("/")
@public
def home() -> Any:
    """What this is; find a service by name, agency, provider, address or site code, or choose it from a list."""
    asked, now = request.args.get("q", "").strip()[:200], clock.now()
    code = queries.code_meant_by(asked) if asked else None
    if code is not None:
        return redirect(url_for("resident.give", code=code))
    return render_template(
        "resident/home.html",
        asked=asked,
        found=queries.places_found(asked, now) if asked else [],
        most=queries.MOST_FOUND,
        to_choose_from=queries.places_to_choose_from(now),
        may_be_near=queries.are_positions_known(),
    )


@bp.get("/accessibility")
@public
def accessibility() -> Any:
    """What is aimed at, how it is tested, what is known not to be met, and whom to tell."""
    return render_template("resident/accessibility.html", contacts=queries.contacts_of_agencies())


@bp.route("/near", methods=["GET", "POST"])
@public
@commits_late
def near() -> Any:
    """The nearest places. The position comes once, by POST, is looked with and forgotten: no page and no log has it."""
    if request.method == "GET":
        return redirect(url_for("resident.home"))
    form = NearForm(request.form)
    if not form.validate():
        return render_template("resident/near.html", found=None), 422
    found = queries.places_near(form.latitude.data, form.longitude.data, clock.now())
    return render_template("resident/near.html", found=[(place, rounded(metres)) for place, metres in found])


@bp.route("/give/<code>", methods=["GET", "POST"])
@public
@commits_late
def give(code: str) -> Any:
    """The form. What is sent is kept in one transaction; the reference is shown only after it."""
    now = clock.now()
    place = queries.place_by_code(code, now)
    if place is None:
        return somewhere_else(code)
    scene = scene_of(place)
    if request.method != "POST":
        own = {KEY: new_key(), STAMP: spam.stamp()}
        page = blank_form(scene, language(), request.full_path[:300]).filled(own)
        return page, {"Cache-Control": MAY_GO_BACK}
    form = GiveForm(answers_and_files(), services=services_of(scene), own=own_of(scene, place))
    if form.kept.data:
        form.staged = keeping.staged(place.site_id, form.draft, form.kept.data)
    good = form.validate()
    if only_speaks():
        form.ask_again(language())
    if only_speaks() or not good:
        form.key.data = form.draft or new_key()
        stage_photos(form, place)
        return give_page(form, scene), 200 if only_speaks() else 422

    services = place.services
    service = next((each for each in services if len(services) == 1 or each.reference == form.service.data), None)
    channel = Channel.QR if from_a_sign() else Channel.WEB
    contract_id = service.contract_id if service else None
    new = form.to_new_feedback(Where(place.agency_id, place.site_id, contract_id, language(), channel, now))
    photos = [*form.staged, *keeping.file(form.photos.pictures)]
    try:
        kept, due = take_in(new, photos, released=place.photos_at_once, sent=spam.as_sent(now))
    except WorkWanted:
        return {"work": spam.work_for(form.draft), "worker": asset("js/work.js")}, 428
    if isinstance(kept, Feedback) and not is_the_same(kept, new, photos):
        form.key.data = new_key()
        form.staged, form.photos.pictures = photos, []
        stage_photos(form, place)
        return give_page(form, scene, known=kept), 409
    receipt = receipt_url(kept.id, due)
    # Whatever keeps a feedback until there is a line asks for facts instead of a page.
    if request.accept_mimetypes.best == "application/json":
        return told(kept.id, receipt)
    return redirect(receipt, 303)


def told(feedback_id: int, receipt: str) -> dict[str, str]:
    """Reference, receipt and, for when the receipt has gone, the way back: what a sender keeps of what has arrived."""
    mine = intake.receipt_of(feedback_id) or abort(404)
    return {"reference": mine.reference, "receipt": receipt, "track": url_for("resident.track", token=mine.token)}


def somewhere_else(code: str) -> Any:
    """The place whose code was written differently, or a page that says that there is none, with what was typed."""
    meant = queries.code_meant_by(code)
    if meant is not None:
        # 307: what was sent is sent there.
        return redirect(url_for("resident.give", code=meant, **from_a_sign(), **in_easy_words()), 307)
    return render_template("resident/unknown.html", code=code[:40], kept=typed_here()), 404


def stage_photos(form: GiveForm, place: Place) -> None:
    """Keep the good photos of a form that is not taken in, so that they need not be chosen again; else do nothing."""
    if not form.photos.pictures and not form.kept.data and not form.staged:
        return
    photos = [*form.staged, *keeping.file(form.photos.pictures)]
    begin_writing()
    keeping.stage(place.agency_id, place.site_id, form.draft, photos)
    db.session.commit()  # they are kept although the answer is an error
    form.staged = photos


def is_the_same(known: Feedback, new: NewFeedback, photos: Sequence[Filed]) -> bool:
    """Whether all that is sent came before, under the same key."""
    if not intake.is_same(known, new):
        return False
    return not photos or {each.sha256 for each in photos} <= keeping.kept_of(known.id)


def take_in(
    new: NewFeedback, photos: Sequence[Filed] = (), *, released: bool = False, sent: Sent | None = None
) -> tuple[intake.Received | Feedback, datetime | None]:
    """Keep a feedback with its photos, case and promises, or find the one that came under its key before.

    Also by when it must be answered; None where nobody must. What can be made ready is, before the writers' turn is
    taken: residents of the whole installation wait for it. ``sent`` says how it came, where anybody can send it: what
    looks like spam is held for review, without a case and without letters until somebody lets it through.
    """
    ready = intake.make_ready(new)
    opening = cases.opening_of(new) if new.kind == FeedbackKind.COMPLAINT else None
    begin_writing()
    try:
        signs = spam.signs_of(new, sent) if sent else frozenset()
        received = intake.receive(ready, signs)
    except IntegrityError:
        # The same draft came before, or comes at the same time and was quicker.
        begin_writing()
        known = intake.sent_before(new.site_id, new.idempotency_key or "") or abort(409)
        return known, queries.answer_due(known.id)
    if photos:
        status = PhotoStatus.RELEASED if released and not signs else PhotoStatus.WAITING
        keeping.keep(received.agency_id, received.id, photos, status=status)
    if signs:
        held_for_review.note_held(received.id, received.agency_id, new.submitted_at)
        return received, None
    if opening:
        cases.open_new(received.id, opening)
    if new.email or new.phone:
        promise("resident.receipt", agency_id=received.agency_id, feedback_id=received.id)
    return received, opening.case["respond_by"] if opening else None


@bp.get("/give/<code>/photos/<staged>")
@public
def staged_photo(code: str, staged: str) -> Any:
    """A photo of a form that was not taken in yet, for who has its name: only the page that it came from."""
    place = queries.place_by_code(code, clock.now()) or abort(404)
    if not keeping.is_staged(place.site_id, staged):
        abort(404)
    return picture(photo_files.read_small(staged) or abort(404), "photo")


@bp.get("/receipt/<signed>")
@public
def receipt(signed: str) -> Any:
    """Reference, tracking link and PIN: for 24 hours, so that it can be opened again but not found years later."""
    mine, due = receipt_behind(signed)
    code = language()
    blank = replace(
        mine,
        reference=REFERENCE,
        pin=PIN,
        token=TOKEN,
        agency=in_language(mine.agency, code),
        service=mine.service and in_language(mine.service, code),
        provider=mine.provider and in_language(mine.provider, code),
    )
    page = blank_receipt(blank, DUE if due else "", code, request.query_string[:300])
    own = {REFERENCE: mine.reference, PIN: mine.pin, TOKEN: mine.token, SIGNED: signed}
    if due:
        own[DUE] = moment(datetime.fromtimestamp(due, UTC), mine.timezone)
    return page.filled(own)


@bp.get("/receipt/<signed>/picture")
@public
def receipt_picture(signed: str) -> Any:
    """The receipt as a picture to keep: where it was said, reference, by when, and the tracking link; no PIN."""
    mine, due = receipt_behind(signed)
    code = language()
    drawn = picture_of(
        title=_("Thank you, it has arrived"),
        about=[in_language(each, code) for each in (mine.agency, mine.service) if each],
        reference_is=_("Your reference:"),
        reference=mine.reference,
        due=_("An answer is due by %(at)s.", at=moment(datetime.fromtimestamp(due, UTC), mine.timezone)) if due else "",
        way_back_is=_("See what becomes of it"),
        way_back=absolute("resident.track", token=mine.token),
        warning=_("Who has this picture can read what you sent."),
        is_mirrored=code in RIGHT_TO_LEFT,
    )
    response = Response(drawn, mimetype="image/png")
    response.headers["Content-Disposition"] = f'attachment; filename="{mine.reference}.png"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def receipt_behind(signed: str) -> tuple[intake.Receipt, int | None]:
    """What a receipt says, and by when (seconds since 1970) it must be answered; 404 after a day, with the way back."""
    try:
        feedback_id, due = receipts().loads(signed, max_age=int(RECEIPT_LASTS.total_seconds()))
    except BadData:
        feedback_id = due = None
    mine = intake.receipt_of(feedback_id) if feedback_id else None
    if mine is None:
        refuse(
            404,
            _(
                "A receipt is shown for 24 hours. What you sent is not lost: open the address that it showed, or enter "
                "your reference and PIN."
            ),
        )
    return mine, due


@bp.route("/track", methods=["GET", "POST"])
@public
@commits
def find() -> Any:
    """Reference and PIN, where the link was lost. Whether a reference exists is not told."""
    form = FindForm(request.form or None)
    if request.method == "GET" or only_speaks():
        return find_page(form)
    if not form.validate():
        return find_page(form), 422
    now, reference = clock.now(), form.read_reference
    feedback = queries.feedback_by_reference(reference)
    if queries.wrong_pins(reference, now) >= TRIES:
        form.form_errors.append(_("Too many tries. Wait a quarter of an hour and try again."))
        return find_page(form), 429
    # A made-up PIN where there is none: an unknown reference is answered like a known one.
    token, pin = (intake.way_back(feedback.id) if feedback else None) or ("", secrets.token_hex(8))
    fits = hmac.compare_digest(pin.encode(), form.read_pin.encode())
    if not fits or not token:
        actions.note_wrong_pin(reference, now)
        db.session.commit()  # a wrong try counts although the answer is an error
        form.form_errors.append(_("Reference and PIN do not belong together."))
        return find_page(form), 422
    return redirect(url_for("resident.track", token=token), 303)


def find_page(form: FindForm) -> str:
    """Room for reference and PIN."""
    return render_template("resident/find.html", form=form, sends_to=sends_to("find"))


@bp.get("/track/<token>")
@public
def track(token: str) -> Any:
    """What became of it."""
    return track_page(whose(token), token)


@bp.get("/t/<token>")
@public
def short_track(token: str) -> Any:
    """The same behind an address that is short enough for a text message."""
    return redirect(url_for("resident.track", token=token))


@bp.get("/y/<token>")
@public
def short_yes(token: str) -> Any:
    """To the page with the button that says that it is solved."""
    return redirect(url_for("resident.confirm", token=token))


@bp.get("/n/<token>")
@public
def short_no(token: str) -> Any:
    """To the page with the button that opens it again."""
    return redirect(url_for("resident.reopen", token=token))


@bp.get("/track/<token>/photos/<int:photo_id>")
@public
def photo(token: str, photo_id: int) -> Any:
    """One of the photos that the resident sent."""
    mine = queries.photo_of(whose(token), photo_id)
    read = photo_files.read_small if "small" in request.args else photo_files.read
    return picture(read(mine.name) or abort(404), "photo")


@bp.post("/track/<token>/add")
@public
@commits
def add(token: str) -> Any:
    """Something more to say, or the answer to a question."""
    feedback = whose(token)
    form = AddForm(request.form)
    if only_speaks():
        return track_page(feedback, token, add_form=form)
    if not form.validate():
        return track_page(feedback, token, add_form=form), 422
    # Whoever goes back and presses the button again has said it already.
    if sent_twice.was_done(feedback, sent_twice.SAID, message=form.message.data):
        pass
    elif feedback.is_held:
        held_for_review.resident_adds(feedback, form.message.data)
    else:
        cases.resident_adds(feedback, form.message.data)
    return redirect(url_for("resident.track", token=token, done="added"), 303)


@bp.route("/track/<token>/confirm", methods=["GET", "POST"])
@public
@commits
def confirm(token: str) -> Any:
    """A page with one button: programs that check the links in mails open them, and must not confirm anything."""
    feedback = whose(token)
    case = cases.case_of(feedback)
    if request.method == "GET":
        if case is not None and case.confirmed_at is not None:
            return track_page(feedback, token, notice=was_confirmed(feedback, case.confirmed_at, queries.may(case)))
        if not queries.may(case).get("confirmed"):
            return track_page(feedback, token, notice=str(REFUSED["confirm"]))
        return confirm_page(ConfirmForm(), feedback, token)
    form = ConfirmForm(request.form)
    if only_speaks():
        return confirm_page(form, feedback, token)
    if not form.validate():
        return confirm_page(form, feedback, token), 422
    # A second press of the button says nothing new.
    rating = form.rating.data
    is_said = case is not None and case.confirmed_at is not None and rating is None
    if not is_said and not sent_twice.was_done(feedback, {EventKind.CONFIRMED}, rating=rating):
        cases.confirm(the(case), rating=rating)
        erase_what_was_asked(feedback)
    return redirect(url_for("resident.track", token=token, done="confirmed"), 303)


@bp.route("/track/<token>/reopen", methods=["GET", "POST"])
@public
@commits
def reopen(token: str) -> Any:
    """A page with one button, and room to say what is still wrong."""
    feedback = whose(token)
    case = cases.case_of(feedback)
    if request.method == "GET":
        if not queries.may(case).get("reopened"):
            return track_page(feedback, token, notice=str(REFUSED["reopen"]))
        return reopen_page(ReopenForm(), feedback, case, token)
    form = ReopenForm(request.form)
    if only_speaks():
        return reopen_page(form, feedback, case, token)
    if not form.validate():
        return reopen_page(form, feedback, case, token), 422
    message = form.message.data or None
    if sent_twice.was_done(feedback, {EventKind.REOPENED}, message=message):
        return redirect(url_for("resident.track", token=token, done="reopened"), 303)
    follower = following.follower_since(case, clock.now() - RECEIPT_LASTS) if case is not None else None
    is_again = follower is not None and intake.words_of(follower.feedback_id).text == message
    open_now = (follower if is_again else None) or following.reopen_or_follow(the(case), message)
    if open_now.feedback_id != feedback.id:
        return redirect(receipt_url(open_now.feedback_id, open_now.respond_by), 303)
    return redirect(url_for("resident.track", token=token, done="reopened"), 303)


@bp.post("/track/<token>/rate")
@public
@commits
def rate(token: str) -> Any:
    """How it was handled, from 1 to 5."""
    feedback = whose(token)
    form = RateForm(request.form)
    if only_speaks():
        return track_page(feedback, token, rate_form=form)
    if not form.validate() or form.rating.data is None:
        return track_page(feedback, token, rate_form=form), 422
    if not sent_twice.was_done(feedback, {EventKind.RATED}, rating=form.rating.data):
        cases.rate(the(cases.case_of(feedback)), form.rating.data)
    return redirect(url_for("resident.track", token=token, done="rated"), 303)


@bp.route("/track/<token>/withdraw", methods=["GET", "POST"])
@public
@commits
def withdraw(token: str) -> Any:
    """Take the complaint back, once sure."""
    feedback = whose(token)
    if request.method == "GET":
        case = cases.case_of(feedback)
        if not queries.may(case).get("withdrawn"):
            is_back = case is not None and case.status == CaseStatus.WITHDRAWN
            notice = _("You have taken it back already.") if is_back else str(REFUSED["withdraw"])
            return track_page(feedback, token, notice=notice)
        return render_template("resident/sure.html", what="withdraw", token=token, feedback=feedback)
    if not sent_twice.was_done(feedback, {EventKind.WITHDRAWN}):
        cases.withdraw(the(cases.case_of(feedback)))
    return redirect(url_for("resident.track", token=token, done="withdrawn"), 303)


@bp.route("/track/<token>/contact", methods=["GET", "POST"])
@public
@commits
def withdraw_contact(token: str) -> Any:
    """Delete the contact details, once sure; the link still works."""
    feedback = whose(token)
    if request.method == "GET":
        return render_template("resident/sure.html", what="withdraw_contact", token=token, feedback=feedback)
    erasing.withdraw_contact(feedback)
    return redirect(url_for("resident.track", token=token, done="contact"), 303)


@bp.route("/track/<token>/erase", methods=["GET", "POST"])
@public
@commits
def erase(token: str) -> Any:
    """Delete what was written and the contact details, once sure; that something was said here still counts.

    A complaint stays open without its words, unless it is taken back with them. While somebody still decides about it,
    the contact details go and the words stay; they follow as soon as nothing stands in their way.
    """
    feedback = whose(token)
    case = cases.case_of(feedback)
    can_end = queries.may(case).get("withdrawn", False)
    if request.method == "GET":
        is_open = case is not None and case.status == CaseStatus.OPEN
        return render_template(
            "resident/sure.html",
            what="erase",
            token=token,
            feedback=feedback,
            can_end=can_end,
            is_open=is_open,
            why=why_kept(feedback),
        )
    if can_end and request.form.get("end"):
        cases.withdraw(the(case))
    why = ask_to_erase(feedback)
    return redirect(url_for("resident.track", token=token, done="erased_later" if why else "erased"), 303)


@bp.errorhandler(DomainError)
def refused(_error: DomainError) -> Any:
    """A case that does not take it, be it that somebody was quicker: how it stands now, with what was typed."""
    db.session.rollback()
    token = (request.view_args or {})["token"]
    feedback = whose(token)
    notice = str(REFUSED[(request.endpoint or "").rpartition(".")[2]])
    return track_page(feedback, token, notice=notice, add_form=AddForm(request.form)), 409


@dataclass(frozen=True)
class Scene:
    """All that the form says of the place it is about, in the words of the page's language."""

    code: str
    site: str
    agency: str
    emergency_number: str | None
    photos_at_once: bool
    # For how many days after its end what is kept: contact details, photos, words.
    kept: tuple[int, ...]
    services: tuple[Service, ...]
    # Whether there is a gateway for text messages; without one a phone is for calls only.
    texts_are_sent: bool
    # The agency's own questions about them, as they are asked now.
    own: tuple[OfferedSet, ...]


def scene_of(place: Place) -> Scene:
    """What is read for every request, so that a name changed now is a name changed on the next page."""
    code = language()
    set_ids = [each.question_set_id for each in place.services if each.question_set_id is not None]
    return Scene(
        code=place.code,
        site=in_language(place.name, code),
        agency=in_language(place.agency, code),
        emergency_number=place.emergency_number,
        photos_at_once=place.photos_at_once,
        kept=tuple(days_of(place.retention, each) for each in (Kept.CONTACT, Kept.PHOTOS, Kept.WORDS)),
        texts_are_sent=gateway.are_sent(),
        services=tuple(
            Service(each.contract_id, each.reference, in_language(each.name, code), in_language(each.provider, code))
            for each in place.services
        ),
        own=questions.offered(set_ids, code) if set_ids else (),
    )


def own_of(scene: Scene, place: Place) -> Own:
    """The agency's own questions of the page that was sent: kept on a phone, it may be of a version before this one."""
    sent = {int(each) for each in request.form.getlist("asked")[:MOST_SETS] if each.isdecimal() and len(each) < 10}
    served = frozenset(each.contract_id for each in place.services)
    now = frozenset(each.id for each in scene.own)
    if sent <= now:
        return Own(scene.own, frozenset(sent), served=served)
    known = queries.sets_asked_at(place, sent)
    if known != sent:
        return Own(scene.own, now, is_lost=True, served=served)
    return Own(questions.offered(known, language()), known, served=served)


@lru_cache(maxsize=256)
def blank_form(scene: Scene, _language: str, _address: str) -> BlankPage:
    """The form with nothing filled in and ``KEY`` for its key; it depends on nothing but what is asked with."""
    form = GiveForm(None, services=services_of(scene), own=Own(scene.own))
    form.key.data = KEY
    form.lang.data = request.args.get("lang", "")
    return BlankPage(give_page(form, scene, stamp=STAMP), [KEY, STAMP])


@lru_cache(maxsize=256)
def blank_receipt(receipt: intake.Receipt, due: str, _language: str, _asked: bytes) -> BlankPage:
    """The receipt with what stands for each resident's own; it depends on nothing but what is asked with."""
    way_back = absolute("resident.track", token=receipt.token)
    signed = (request.view_args or {})["signed"]
    page = render_template(
        "resident/receipt.html",
        receipt=receipt,
        due=due,
        way_back=way_back,
        signed=signed,
        is_texted=is_texted(receipt),
    )
    page = page.replace(signed, SIGNED)
    return BlankPage(page, [REFERENCE, PIN, TOKEN, SIGNED, DUE])


def is_texted(receipt: intake.Receipt) -> bool:
    """Whether the receipt goes out as a text message too."""
    return receipt.has_phone and not receipt.has_email and gateway.are_sent()


def services_of(scene: Scene) -> list[tuple[str, str]]:
    return [(each.reference, str(each.name)) for each in scene.services]


def give_page(
    form: GiveForm, scene: Scene, known: Feedback | None = None, *, stamp: str = "", is_preview: bool = False
) -> str:
    """The form as it stands; ``known`` is what came under its key before, with other words.

    ``stamp`` says when it was opened, else the form that was sent does. As a preview it is only looked at: nothing in
    it can be sent or leads away.
    """
    is_easy = bool(in_easy_words())
    return render_template(
        "resident/give_easy.html" if is_easy else "resident/give.html",
        form=form,
        easy=is_easy,
        other_words=in_other_words(scene),
        scene=scene,
        service=scene.services[0] if len(scene.services) == 1 else None,
        known=known,
        stamp=stamp or request.form.get("opened", "")[:64],
        sends_to={"form": "give", **{code: sent_to(scene, lang=code) for code in OF_RESIDENTS}}
        if request.method == "POST"
        else None,
        is_preview=is_preview,
        lost=lost_answers(form) if form.own.is_lost else [],
        staged=[
            (each.name, url_for("resident.staged_photo", code=scene.code, staged=each.name)) for each in form.staged
        ],
        action=sent_to(scene),
        **({"languages": []} if is_preview else {}),
    )


def sent_to(scene: Scene, **language: Any) -> str:
    """Where the form is sent: an address of its own, as a browser forgets the page that it keeps under that address."""
    return url_for("resident.give", code=scene.code, draft="sent", **from_a_sign(), **in_easy_words(), **language)


def in_other_words(scene: Scene) -> str:
    """The form in easy words or, from there, in the usual ones; with what was typed, where it was sent."""
    kept = from_a_sign() if in_easy_words() else from_a_sign() | {"easy": "y"}
    return url_for("resident.give", code=scene.code, draft="sent" if request.method == "POST" else None, **kept)


def lost_answers(form: GiveForm) -> list[tuple[str, str]]:
    """What was written to questions that nobody knows any more; what was only chosen has no words to show."""
    answers = [(name, text) for name, text in typed_here() if name.startswith("q-") and name not in form]
    return [(name, text) for name, text in answers if not is_key(text) and text not in set(Drive)]


def from_a_sign() -> dict[str, Any]:
    """What an address says of those who come by a code on a sign."""
    return {"from": "qr"} if request.args.get("from") == "qr" else {}


def in_easy_words() -> dict[str, Any]:
    """What an address says of those who read the form in easy words: so it stays without a cookie."""
    return {"easy": "y"} if request.args.get("easy") == "y" else {}


def whose(token: str) -> Feedback:
    """The feedback that a link opens, in the language it was given in; 404 where nobody has that link (any more).

    Links do not end: after years, with all words deleted, the page still says what became of it.
    """
    feedback = queries.feedback_by_token(token)
    if feedback is None:
        refuse(
            404,
            _(
                "This link opens nothing. Perhaps a part of the address is missing: look at it again where you have it "
                "from. A link does not end with the years. With your reference and PIN you get back in as well."
            ),
        )
    speak(feedback.language)
    return feedback


def was_confirmed(feedback: Feedback, at: datetime, can: Mapping[str, bool]) -> str:
    """For who opens an old letter: that it is confirmed, and what can be done now."""
    when = moment(at, feedback.site.agency.timezone)
    if can.get("reopened"):
        return _("You confirmed on %(at)s that it is solved. If it is not, press “It is not solved” below.", at=when)
    return _("You confirmed on %(at)s that it is solved. If it comes back, give new feedback about the place.", at=when)


def track_page(
    feedback: Feedback,
    token: str,
    notice: str | None = None,
    add_form: AddForm | None = None,
    rate_form: RateForm | None = None,
) -> str:
    """What became of a feedback, and what its resident can do about it now."""
    case = cases.case_of(feedback)
    contact, can = intake.contact_of(feedback.id), queries.may(case)
    may_add, may_rate = can.get("added") or can.get("resident_replied"), can.get("rated")
    sent = "add" if add_form and may_add else "rate" if rate_form and may_rate else None
    return render_template(
        "resident/track.html",
        feedback=feedback,
        token=token,
        agency=feedback.site.agency,
        contract=feedback.contract,
        provider=feedback.contract.provider if feedback.contract else None,
        case=case,
        waits_until=cases.waits_until(case) if case else None,
        joined=queries.what_it_was_joined_with(case) if case else None,
        can=can,
        sends_to=sends_to(sent) if sent else None,
        said_words=intake.words_of(feedback.id),
        photos=queries.photos_of(feedback),
        answers=of_resident(feedback, intake.answer_words_of(feedback.id)),
        history=queries.history_of(feedback),
        has_contact=bool(contact.email or contact.phone),
        why=why_kept(feedback),
        is_set_aside=held_for_review.was_set_aside(feedback),
        notice=notice,
        done=None if notice else request.args.get("done"),
        add_form=add_form or AddForm(),
        rate_form=rate_form or RateForm(),
        has_errors=bool((add_form and add_form.errors) or (rate_form and rate_form.errors)),
    )


def reopen_page(form: ReopenForm, feedback: Feedback, case: Case | None, token: str) -> str:
    """Room to say what is still wrong; and whether a new case will go on with it, as it was over for long."""
    return render_template(
        "resident/reopen.html",
        form=form,
        token=token,
        feedback=feedback,
        is_over=case is not None and following.is_over_for_good(case),
        is_declined=case is not None and case.status == CaseStatus.REJECTED,
        sends_to=sends_to("reopen"),
    )


def confirm_page(form: ConfirmForm, feedback: Feedback, token: str) -> str:
    """One button that says that it is solved, and room to rate how it was handled."""
    return render_template(
        "resident/confirm.html", form=form, token=token, feedback=feedback, sends_to=sends_to("confirm")
    )


def the(case: Case | None) -> Case:
    """The case of a feedback that needs one for what is asked."""
    if case is None:
        raise DomainError("this feedback has no case")
    return case


def new_key() -> str:
    """What tells one draft from another."""
    return secrets.token_urlsafe(16)


class ByOurClock(TimestampSigner):
    """Signs with the moment that everything else here goes by."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


@lru_cache(maxsize=1)
def signer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="receipt", signer=ByOurClock)


def receipts() -> URLSafeTimedSerializer:
    return signer(current_app.config["SECRET_KEY"])


def receipt_url(feedback_id: int, due: datetime | None) -> str:
    """Where the receipt is; what it promises goes with it, so that nobody has to look it up."""
    return url_for("resident.receipt", signed=receipts().dumps([feedback_id, int(due.timestamp()) if due else None]))
