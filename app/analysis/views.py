"""Staff say what a text is: one tag on the page of a case, or all of the random sample."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for

from app.analysis import actions, queries, sampling
from app.analysis.forms import CheckForm, OneTagForm
from app.analysis.marking import parts_of
from app.analysis.models import Tag
from app.analysis.reading import VERSION
from app.analysis.wording import SENTIMENTS, agreement_words, aspect_words
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, ThingUnknown
from app.kernel.words import Role
from app.web.access import allow, viewer
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("analysis", __name__)

OFFICERS = (Role.OFFICER, Role.MANAGER)


@bp.post("/cases/<reference>/tags")
@allow(*OFFICERS)
@commits
def correct(reference: str) -> Any:
    """One button, one tag."""
    feedback = queries.feedback_or_404(viewer(), reference)
    tag, form = db.session.get(Tag, feedback.id), OneTagForm(request.form)
    if tag is None or not form.validate():
        abort(409 if tag is None else 400)
    actions.correct(feedback.id, form.to_said(tag.labels), member_id=_member())
    flash(_("What you say counts from now on."), "success")
    return redirect(url_for("cases.case", reference=feedback.reference, _anchor="tags"), 303)


@bp.get("/tags")
@allow(*OFFICERS)
def sample() -> Any:
    return _sample_page()


@bp.post("/tags/<reference>")
@allow(*OFFICERS)
@commits
def check(reference: str) -> Any:
    """What a text of the sample is, said unseen its tag; then both are shown side by side."""
    sample = queries.sample_or_404(viewer(), reference)
    form = CheckForm(request.form, reference=sample.feedback.reference)
    if not form.validate():
        return _sample_page(sent=form, reference=sample.feedback.reference), 422
    try:
        sampling.check(sample, form.to_labels(), member_id=_member())
    except (MoveNotAllowed, ThingUnknown):
        flash(_("Somebody else has checked this text already."), "info")
        return redirect(url_for("analysis.sample"), 303)
    return redirect(url_for("analysis.sample", compared=sample.feedback.reference), 303)


@bp.get("/tags.jsonl")
@allow(Role.MANAGER)
def training_data() -> Any:
    """What staff corrected, as data that analysis can be trained with."""
    lines = list(queries.training_lines(viewer().agency_id or 0))
    return Response(
        lines,
        mimetype="application/jsonl",
        headers={"Content-Disposition": 'attachment; filename="corrections.jsonl"'},
    )


def _sample_page(*, sent: CheckForm | None = None, reference: str | None = None) -> str:
    who = viewer()
    waiting = [
        (each, sent if sent and each.feedback.reference == reference else CheckForm(reference=each.feedback.reference))
        for each in queries.to_check(who)
    ]
    done = queries.compared(who, request.args.get("compared", ""))
    return render_template(
        "analysis/sample.html",
        waiting=waiting,
        form=sent,
        done=done,
        parts=parts_of(done.tag.redacted, done.evidence) if done else (),
        sentiments=SENTIMENTS,
        agreement=sampling.agreement_of(who.agency_id or 0, clock.now()),
        version=VERSION,
        size=sampling.SAMPLE,
        aspect_words=aspect_words,
        agreement_words=agreement_words,
        may_export=who.role == Role.MANAGER,
    )


def _member() -> int:
    member_id = viewer().member_id
    return member_id if member_id is not None else abort(403)
