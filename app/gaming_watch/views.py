"""The watch: patterns in which figures may be played with, for the managers of an agency alone."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.directory import queries as directory
from app.gaming_watch import actions, queries, wording
from app.gaming_watch.forms import ThresholdsForm, WatchForm
from app.gaming_watch.queries import Span
from app.gaming_watch.rules import DEFAULTS, OF_PATTERN, Pattern
from app.kernel import clock
from app.kernel.words import Role
from app.web.access import allow, viewer
from app.web.languages import language
from app.web.transactions import commits

bp = Blueprint("gaming_watch", __name__)

SHOWN = 100
"""So many cases of a finding are listed."""


@bp.get("/watch")
@allow(Role.MANAGER)
def watch() -> Any:
    who = viewer()
    form = WatchForm(request.args)
    contracts = directory.contracts_for(who)
    form.offer(contracts, language())
    by_reference = {each.reference: each for each in contracts}
    chosen = by_reference.get(form.contract.data or "")
    if form.contract.data and chosen is None:
        abort(404)
    until = clock.now()
    span = Span(until - timedelta(days=form.read_days), until, chosen.id if chosen else None)
    found = queries.found_for(who, span)
    return render_template(
        "gaming_watch/watch.html",
        form=form,
        found={pattern: [each for each in found if each.pattern == pattern] for pattern in Pattern},
        contracts={each.id: each for each in contracts},
        titles=wording.TITLES,
        behind=wording.BEHIND,
        sentence=wording.sentence,
        agency=directory.agency_of(who),
        span=span,
        shown=SHOWN,
    )


@bp.route("/watch/thresholds", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def thresholds() -> Any:
    """From when on a pattern is shown."""
    who = viewer()
    agency = directory.agency_of(who)
    form = ThresholdsForm(data={str(name): value for name, value in queries.thresholds_of(who).items()})
    if form.validate_on_submit():
        actions.set_thresholds(agency.id, form.to_thresholds())
        flash(_("Your changes are kept."), "success")
        return redirect(url_for("gaming_watch.thresholds"), 303)
    return render_template(
        "gaming_watch/thresholds.html",
        form=form,
        agency=agency,
        patterns=OF_PATTERN,
        titles=wording.TITLES,
        defaults=DEFAULTS,
    ), 422 if form.errors else 200
