"""What is held for review: the list, and a door for each thing that officers say of it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.cases import held_for_review, wording
from app.cases.forms import KINDS
from app.directory import queries as directory
from app.intake.models import Feedback
from app.kernel.errors import MoveNotAllowed
from app.kernel.words import Actor, Role, in_language
from app.web.access import allow, viewer
from app.web.languages import language
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("held", __name__)

OFFICERS = (Role.OFFICER, Role.MANAGER)


@bp.get("/held")
@allow(*OFFICERS)
def index() -> Any:
    """What waits to be looked at, or what was set aside."""
    who, is_aside = viewer(), request.args.get("view") == "set_aside"
    agency = directory.agency_of(who)
    return render_template(
        "cases/held.html",
        rows=held_for_review.set_aside_by(who) if is_aside else held_for_review.waiting(who),
        tabs=[
            (_("Waiting"), url_for("held.index"), held_for_review.number_waiting(who), not is_aside),
            (_("Set aside as spam"), url_for("held.index", view="set_aside"), None, is_aside),
        ],
        is_aside=is_aside,
        most=held_for_review.SHOWN,
        zone=agency.timezone,
        agency_name=in_language(agency.name, language()),
        kinds=KINDS,
        signs=wording.SIGNS,
    )


@bp.post("/held/<reference>/release")
@allow(*OFFICERS)
@commits
def release(reference: str) -> Any:
    """It counts from now on."""
    return _decide(reference, held_for_review.release, _("Let through: it counts now, and is in the inbox."))


@bp.post("/held/<reference>/set-aside")
@allow(*OFFICERS)
@commits
def set_aside(reference: str) -> Any:
    """It is spam."""
    return _decide(reference, held_for_review.set_aside, _("Set aside. It can be put back for as long as it is kept."))


@bp.post("/held/<reference>/put-back")
@allow(*OFFICERS)
@commits
def put_back(reference: str) -> Any:
    """Perhaps it is none after all."""

    def undo(feedback: Feedback, *, member_id: int | None) -> None:
        held_for_review.put_back(feedback, by=Actor.AGENCY, member_id=member_id)

    return _decide(reference, undo, _("Put back: it waits to be looked at again."))


def _decide(reference: str, deed: Callable[..., None], done: str) -> Any:
    who = viewer()
    feedback = held_for_review.feedback_or_404(who, reference)
    view = "set_aside" if held_for_review.was_set_aside(feedback) else None
    try:
        deed(feedback, member_id=who.member_id)
    except MoveNotAllowed:
        # A second press, or a colleague who was quicker: how it stands now is below.
        flash(_("Somebody has decided about it meanwhile."), "error")
    else:
        flash(f"{feedback.reference}: {done}", "success")
    return redirect(url_for("held.index", view=view), 303)
