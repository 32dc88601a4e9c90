"""Feedback by phone: an officer asks the resident's questions and reads out reference and PIN."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from itsdangerous import BadData

from app.audit.actions import note
from app.audit.rules import Verb
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Channel, Role
from app.resident import queries
from app.resident.forms import Own, PhonedForm, Where
from app.resident.queries import Place
from app.resident.views import (
    RECEIPT_LASTS,
    is_texted,
    is_the_same,
    new_key,
    own_of,
    receipts,
    scene_of,
    services_of,
    take_in,
)
from app.sms import gateway
from app.web.access import allow, viewer
from app.web.languages import language
from app.web.links import absolute, short_link
from app.web.transactions import commits_late

bp = Blueprint("by_phone", __name__)

OFFICERS = (Role.OFFICER, Role.MANAGER)


@bp.get("/by-phone")
@allow(*OFFICERS)
def find() -> Any:
    """Which place is it about?"""
    asked = request.args.get("q", "").strip()[:200]
    found = queries.places_for(viewer(), asked, clock.now())
    return render_template("resident/by_phone_find.html", asked=asked, found=found, most=queries.MOST_FOUND)


@bp.route("/by-phone/<code>", methods=["GET", "POST"])
@allow(*OFFICERS)
@commits_late
def give(code: str) -> Any:
    """The questions of the resident's form, taken in as that is: one transaction, once for one key."""
    now = clock.now()
    place = queries.place_for(viewer(), code, now)
    scene = scene_of(place)
    services = services_of(scene)
    if request.method == "GET":
        form = PhonedForm(None, services=services, own=Own(scene.own), data={"key": new_key(), "language": language()})
        return _page(form, place)
    form = PhonedForm(request.form, services=services, own=own_of(scene, place))
    if not form.validate():
        return _page(form, place), 422
    served = place.services
    service = next((each for each in served if len(served) == 1 or each.reference == form.service.data), None)
    contract_id = service.contract_id if service else None
    where = Where(place.agency_id, place.site_id, contract_id, form.language.data, Channel.PHONE, now)
    new = form.to_new_feedback(where)
    kept, due = take_in(new)
    if isinstance(kept, Feedback) and not is_the_same(kept, new, ()):
        form.key.data = new_key()
        return _page(form, place, known=kept.reference), 409
    if not isinstance(kept, Feedback):
        note(Verb.ADDED, "feedback", agency_id=kept.agency_id, subject_id=kept.id, feedback_id=kept.id)
    signed = receipts().dumps([kept.id, int(due.timestamp()) if due else None])
    return redirect(url_for("by_phone.taken_in", signed=signed), 303)


@bp.get("/by-phone/taken-in/<signed>")
@allow(*OFFICERS)
def taken_in(signed: str) -> Any:
    """Reference and PIN, to be read out: for as long as a resident's own receipt shows them."""
    try:
        feedback_id, due = receipts().loads(signed, max_age=int(RECEIPT_LASTS.total_seconds()))
    except BadData:
        abort(404)
    feedback = db.session.get(Feedback, feedback_id)
    if feedback is None or feedback.agency_id != viewer().agency_id or feedback.channel != Channel.PHONE:
        abort(404)
    receipt = intake.receipt_of(feedback_id) or abort(404)
    due_at = datetime.fromtimestamp(due, UTC) if due else None
    address = short_link(absolute("resident.find"))
    return render_template(
        "resident/by_phone_taken_in.html", receipt=receipt, due=due_at, address=address, is_texted=is_texted(receipt)
    )


def _page(form: PhonedForm, place: Place, known: str | None = None) -> str:
    return render_template(
        "resident/by_phone.html",
        form=form,
        place=place,
        service=place.services[0] if len(place.services) == 1 else None,
        known=known,
        texts_are_sent=gateway.are_sent(),
    )
