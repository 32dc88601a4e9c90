"""The pages on which a manager keeps the ready phrases of the agency."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from app.directory import phrases, queries
from app.directory.forms import PhraseForm
from app.directory.phrases import TooMany
from app.extensions import db
from app.kernel.words import Role
from app.web.access import allow, viewer
from app.web.languages import OF_RESIDENTS, named
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("phrases", __name__)


@bp.get("/phrases")
@allow(Role.MANAGER)
def index() -> Any:
    agency = queries.agency_of(viewer())
    return render_template(
        "directory/phrases.html", agency=agency, phrases=phrases.phrases_of(agency.id), languages_of=named(OF_RESIDENTS)
    )


@bp.route("/phrases/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def new() -> Any:
    form = PhraseForm()
    if form.validate_on_submit():
        try:
            phrases.add(queries.agency_of(viewer()), form.words)
            return _back(_("The phrase is kept. Officers find it beside the answer."))
        except TooMany:
            form.form_errors.append(_("There are fifty phrases already. Change or remove one first."))
    return _page(form, None)


@bp.route("/phrases/<int:phrase_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def change(phrase_id: int) -> Any:
    phrase = phrases.phrase_or_404(viewer(), phrase_id)
    form = PhraseForm(data={code: phrase.words.get(code, "") for code in OF_RESIDENTS})
    if form.validate_on_submit():
        phrases.change(phrase, form.words)
        return _back(_("The phrase is changed. What was sent stays as it was."))
    return _page(form, phrase_id)


@bp.post("/phrases/<int:phrase_id>/remove")
@allow(Role.MANAGER)
@commits
def remove(phrase_id: int) -> Any:
    phrases.remove(phrases.phrase_or_404(viewer(), phrase_id))
    return _back(_("The phrase is removed."))


def _page(form: PhraseForm, phrase_id: int | None) -> Any:
    is_wrong = bool(form.errors or form.form_errors)
    if is_wrong:
        db.session.rollback()
    page = render_template(
        "directory/phrase.html",
        form=form,
        phrase_id=phrase_id,
        agency=queries.agency_of(viewer()),
        languages_of=named(OF_RESIDENTS),
    )
    return page, 422 if is_wrong else 200


def _back(done: str) -> Any:
    flash(done, "success")
    return redirect(url_for("phrases.index"), 303)
