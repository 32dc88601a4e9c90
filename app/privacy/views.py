"""What is kept of people, for those who answer for it: who looked at what, all about one person, what goes when."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from app.directory import actions as directory_actions
from app.directory import queries as directory
from app.directory.retention_periods import RETENTION, Kept, days_of
from app.intake.models import Feedback
from app.kernel.words import Role
from app.privacy import finding, naming, queries, wording
from app.privacy.forms import AuditForm, ErasePersonForm, PersonForm, RetentionForm
from app.privacy.queries import WantedEntries
from app.web.access import allow, viewer
from app.web.languages import language, only_speaks, spoken_here
from app.web.paging import Key
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("privacy", __name__)

OVERSEERS = (Role.MANAGER, Role.ADMINISTRATOR)


@bp.get("/audit")
@allow(*OVERSEERS)
def audit() -> Any:
    """Every change and every look at personal data, newest first."""
    who, form = viewer(), AuditForm(request.args)
    asked = request.args.get("of", "")
    chain = queries.chain_or_404(who, int(asked) if asked.isdecimal() and len(asked) < 10 else None)
    agencies = directory.agencies_for(who)
    form.offer(agencies if who.role == Role.ADMINISTRATOR else [], queries.who_acted(chain), language())
    feedback_id = queries.feedback_by_reference(chain, form.reference) if form.case.data else None
    page = queries.entries(
        WantedEntries(
            chain=chain,
            feedback_id=feedback_id,
            member_id=form.member_id,
            verb=form.chosen_verb,
            is_nothing=bool(form.case.data) and feedback_id is None,
        ),
        before=Key.read(request.args.get("before")),
        after=Key.read(request.args.get("after")),
    )
    kept, facts = form.to_address(), [entry.facts for entry in page.rows]
    zone = next((each.timezone for each in agencies if each.id == chain), "UTC")
    return render_template(
        "privacy/audit.html",
        form=form,
        page=page,
        may_choose=who.role == Role.ADMINISTRATOR,
        is_narrowed=bool(kept.keys() - {"of"}),
        clear=url_for("privacy.audit", **({"of": kept["of"]} if "of" in kept else {})),
        newer=url_for("privacy.audit", after=page.newer, **kept) if page.newer else None,
        older=url_for("privacy.audit", before=page.older, **kept) if page.older else None,
        timezone=zone,
        may_open=who.role == Role.MANAGER,
        verbs=wording.VERBS,
        doers=wording.DOERS,
        thing=wording.thing,
        subjects=naming.subjects_of(facts, chain),
        detail=partial(wording.detail, zone=zone, numbers=naming.numbers_of(facts, chain)),
    )


@bp.route("/people", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def people() -> Any:
    """Everything that one person sent, by how they can be reached. The answer to the form: no address holds it."""
    form, found = PersonForm(), None
    if only_speaks():
        return _person_page(form, None)
    if form.validate_on_submit():
        found = finding.find(viewer(), form.contact.data, form.reason.data)
    mails = finding.mails_that_wait(viewer(), form.contact.data) if found is not None else 0
    return _person_page(form, found, mails), 422 if form.errors else 200


@bp.post("/people/export")
@allow(Role.MANAGER)
@commits
def export() -> Any:
    """The same as a file, with words, contact and photos."""
    form = PersonForm()
    if not form.validate():
        return _person_page(form, None), 422
    file = finding.export(viewer(), form.contact.data, form.reason.data)
    if file is None:
        abort(404)
    headers = {"Content-Type": "application/zip", "Content-Disposition": 'attachment; filename="person.zip"'}
    return file, 200, headers


@bp.post("/people/erase")
@allow(Role.MANAGER)
@commits
def erase_person() -> Any:
    """Delete it, as the person could themselves; what cannot go yet is named, and follows by itself."""
    who, form = viewer(), ErasePersonForm()
    if not form.validate():
        is_known = not form.contact.errors and not form.reason.errors
        found = finding.find(who, form.contact.data, form.reason.data) if is_known else None
        return _person_page(form, found, finding.mails_that_wait(who, form.contact.data) if is_known else 0), 422
    erased, mails = finding.erase(who, form.contact.data, form.reason.data)
    if not erased and not mails:
        abort(404)
    zone = directory.agency_of(who).timezone
    why = finding.why_kept(erased)
    return render_template("privacy/person_erased.html", erased=erased, mails=mails, why=why, timezone=zone)


def to_people() -> dict[str, str] | None:
    """The search in each language: who is looked for is on no address, and is not looked for again by that."""
    if request.method != "POST":
        return None
    return {"form": "people"} | {code: url_for("privacy.people", lang=code) for code in spoken_here()}


def _person_page(form: PersonForm, found: Sequence[Feedback] | None, mails: int = 0) -> str:
    zone = directory.agency_of(viewer()).timezone
    why = finding.why_kept(found or ())
    sure = form.sure if isinstance(form, ErasePersonForm) else ErasePersonForm(formdata=None).sure
    return render_template(
        "privacy/people.html",
        form=form,
        sure=sure,
        found=found,
        mails=mails,
        why=why,
        timezone=zone,
        sends_to=to_people(),
    )


@bp.route("/retention", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def retention() -> Any:
    """For how many days the agency keeps what."""
    agency = directory.agency_of(viewer())
    form = RetentionForm(data={kind.value: days_of(agency.retention, kind) for kind in Kept})
    if form.validate_on_submit():
        directory_actions.change_retention(agency, form.to_days())
        flash(_("Your changes are kept."), "success")
        return redirect(url_for("privacy.retention"), 303)
    page = render_template("privacy/retention.html", form=form, limits=RETENTION)
    return page, 422 if form.errors else 200
