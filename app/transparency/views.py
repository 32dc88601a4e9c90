"""The public pages, for anyone; and the page on which an agency's managers decide what stands on them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from app.directory import queries as directory
from app.directory.models import Agency
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, StaleVersion
from app.kernel.periods import day_of, month_of
from app.kernel.words import Role
from app.transparency import actions, as_file, gathering, queries
from app.transparency.actions import CannotDraft
from app.transparency.forms import ApproveForm, ChoicesForm, FreezeForm, MonthForm, WithdrawForm
from app.transparency.models import Publication
from app.transparency.rules import LONGEST_WHY, InFreeze, PublicationState, PublicationStep, check_step
from app.web.access import allow, public, viewer
from app.web.languages import language
from app.web.pages import AGENCY
from app.web.texts import gettext as _
from app.web.transactions import begin_writing, commits, commits_late

bp = Blueprint("transparency", __name__)

MANAGERS = (Role.MANAGER,)
KEPT = "public, max-age=300"
"""For so long anybody on the way may keep a public page: a withdrawal is seen by all after five minutes."""

PAGES_KEPT = 256
"""So many pages, at most 30 KB each, a process keeps as they were made."""

MONTHS_BACK = 12
"""So many months back the first publication may begin."""

STATES = {
    PublicationState.DRAFT: _l("Draft"),
    PublicationState.PUBLISHED: _l("Published"),
    PublicationState.WITHDRAWN: _l("Withdrawn"),
    PublicationState.DISCARDED: _l("Discarded"),
}
MIMETYPES = {"json": "application/json", "csv": "text/csv"}


@bp.get("/open/")
@public
def index() -> Any:
    """The agencies that publish."""
    return _kept(render_template("transparency/index.html", agencies=queries.publishing()))


@bp.get("/open/<slug>")
@public
def latest(slug: str) -> Any:
    """The latest month of an agency."""
    months = queries.published_months(slug)
    return redirect(url_for("transparency.month", slug=slug, month=f"{months[0]:%Y-%m}")) if months else abort(404)


@bp.get("/open/<slug>/<month>")
@public
def month(slug: str, month: str) -> Any:
    """One month of an agency: its contracts, and the weeks of all of them together."""
    published = queries.published_or_404(slug, _month(month))
    if published.state == PublicationState.WITHDRAWN:
        return render_template("transparency/withdrawn.html", publication=published), 410
    of = Looked(
        published.content_hash,
        published.approved_by or "",
        published.approved_at,
        tuple(queries.published_months(slug)),
        language(),
        request.full_path,
    )
    if set(request.args) - {"lang"}:
        return _kept(_page.__wrapped__(of, published.id))
    return _kept(_page(of, published.id))


@dataclass(frozen=True)
class Looked:
    """All that a page of a month is made of: the same of it is the same page."""

    content_hash: str
    approved_by: str
    approved_at: datetime | None
    months: tuple[date, ...]
    language: str
    path: str


@lru_cache(maxsize=PAGES_KEPT)
def _page(of: Looked, publication_id: int) -> str:
    found = db.session.get_one(Publication, publication_id)
    return render_template(
        "transparency/month.html",
        publication=found,
        content=found.content,
        formulas=gathering.definitions_of(found.content, of.language),
        months=of.months,
        licence=as_file.LICENCE,
    )


@bp.get("/open/<slug>/<month>.<kind>")
@public
def file(slug: str, month: str, kind: str) -> Any:
    """The same as a file; ``all`` in place of the month: everything that is published."""
    if kind not in MIMETYPES:
        abort(404)
    if month == "all":
        found: Sequence[Publication] = queries.all_published(slug)
    else:
        found = [queries.published_or_404(slug, _month(month))]
        if found[0].state == PublicationState.WITHDRAWN:
            abort(410)
    if not found:
        abort(404)
    body = as_file.as_json(found) if kind == "json" else as_file.as_csv(found, language())
    made = _kept(body, MIMETYPES[kind])
    if kind == "csv":
        made.headers["Content-Disposition"] = f'attachment; filename="{found[0].content["agency"]}-{month}.csv"'
    return made


def _kept(body: str | bytes, mimetype: str = "text/html") -> Response:
    """An answer that anybody may keep for a while and ask about again."""
    made = make_response(body)
    made.mimetype = mimetype
    made.headers["Cache-Control"] = KEPT
    made.vary.add("Accept-Language")
    made.add_etag()
    made.make_conditional(request)
    return made


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(404)


@bp.get("/publications")
@allow(*AGENCY)
def publications() -> Any:
    """What is published and what is on its way; managers decide."""
    return _show()


@bp.post("/publications")
@allow(*MANAGERS)
@commits_late
def draft() -> Any:
    """Count a month and show what would appear of it."""
    agency = directory.agency_of(viewer())
    form = MonthForm(request.form)
    form.offer(_months(agency))
    if not form.validate():
        return _show(month=form), 422
    begin_writing()
    try:
        made = actions.draft(directory.agency_of(viewer()), form.read_month, member_id=viewer().member_id)
    except CannotDraft:
        flash(
            _(
                "This month cannot be drafted: another one is on its way, a later one is published, "
                "or no contract that ran in it is chosen."
            ),
            "error",
        )
        return _show(month=form), 409
    flash(_("The month is counted. Look at it before you approve it."), "success")
    return redirect(url_for("transparency.publication", publication_id=made.id), 303)


@bp.post("/publications/choices")
@allow(*MANAGERS)
@commits
def choose() -> Any:
    agency = directory.agency_of(viewer())
    form = ChoicesForm(request.form)
    form.offer(directory.contracts_for(viewer()), language())
    if not form.validate():
        return _show(choices=form), 422
    actions.choose(agency.id, form.published.data or [], form.named.data or [], form.smallest_cell.data)
    flash(_("Your choice is kept. It holds from the next draft on."), "success")
    return redirect(url_for("transparency.publications"), 303)


@bp.post("/publications/freezes")
@allow(*MANAGERS)
@commits
def freeze() -> Any:
    agency = directory.agency_of(viewer())
    form = FreezeForm(request.form)
    if not form.validate():
        return _show(freeze=form), 422
    actions.freeze(agency.id, form.starts_on.data, form.ends_on.data, form.why.data, member_id=viewer().member_id)
    flash(_("In these days nothing new appears."), "success")
    return redirect(url_for("transparency.publications"), 303)


@bp.post("/publications/freezes/<int:freeze_id>/lift")
@allow(*MANAGERS)
@commits
def lift(freeze_id: int) -> Any:
    actions.lift(queries.freeze_or_404(viewer(), freeze_id))
    flash(_("The days are free again."), "success")
    return redirect(url_for("transparency.publications"), 303)


@bp.get("/publications/<int:publication_id>")
@allow(*AGENCY)
def publication(publication_id: int) -> Any:
    """The month exactly as the public sees it or would see it, and what can be done with it."""
    return _look_at(queries.publication_or_404(viewer(), publication_id))


@bp.post("/publications/<int:publication_id>/approve")
@allow(*MANAGERS)
@commits
def approve(publication_id: int) -> Any:
    form = ApproveForm(request.form)

    def deed(found: Publication, version: int) -> None:
        actions.approve(found, form.name.data, member_id=viewer().member_id, version=version)

    if not form.validate():
        return _look_at(queries.publication_or_404(viewer(), publication_id), approve=form), 422
    return _step(publication_id, deed, _("It is published."), approve=form)


@bp.post("/publications/<int:publication_id>/discard")
@allow(*MANAGERS)
@commits
def discard(publication_id: int) -> Any:
    return _step(publication_id, actions.discard, _("The draft was discarded."), url_for("transparency.publications"))


@bp.post("/publications/<int:publication_id>/withdraw")
@allow(*MANAGERS)
@commits
def withdraw(publication_id: int) -> Any:
    form = WithdrawForm(request.form)

    def deed(found: Publication, version: int) -> None:
        actions.withdraw(found, form.why.data, member_id=viewer().member_id, version=version)

    if not form.validate():
        return _look_at(queries.publication_or_404(viewer(), publication_id), withdraw=form), 422
    return _step(publication_id, deed, _("It is withdrawn. The page says when and why."), withdraw=form)


@bp.post("/publications/<int:publication_id>/restore")
@allow(*MANAGERS)
@commits
def restore(publication_id: int) -> Any:
    return _step(publication_id, actions.restore, _("It is shown again as it was."))


def _step(publication_id: int, deed: Callable[..., None], done: str, goal: str | None = None, **forms: Any) -> Any:
    """Do one thing to a publication, unless it moved on since the page was opened or the days are frozen."""
    found = queries.publication_or_404(viewer(), publication_id)
    version = request.form.get("version", "")
    try:
        deed(found, version=int(version) if version.isdigit() else -1)
    except StaleVersion:
        flash(_("Somebody else has done something to this. Look again."), "error")
    except InFreeze:
        flash(_("Nothing new appears in these days. Try again when the freeze is over."), "error")
    except MoveNotAllowed:
        flash(_("This cannot be done as it stands now."), "error")
    else:
        flash(done, "success")
        return redirect(goal or url_for("transparency.publication", publication_id=found.id), 303)
    db.session.rollback()
    return _look_at(queries.publication_or_404(viewer(), publication_id), **forms), 409


def _look_at(found: Publication, approve: ApproveForm | None = None, withdraw: WithdrawForm | None = None) -> Any:
    who = viewer()
    member = getattr(who, "member", None)
    today = day_of(clock.now(), found.agency.timezone)
    frozen = queries.freeze_on(found.agency_id, today)
    may = set()
    if who.role in MANAGERS:
        for step in PublicationStep:
            with suppress(MoveNotAllowed):
                check_step(found.state, step, is_frozen=frozen is not None)
                may.add(str(step))
    young = None
    if found.state == PublicationState.DRAFT:
        period = actions.month_at(found.month, found.agency.timezone)
        young = gathering.undecided(queries.contracts_running(found.agency_id, period), period, found.as_of)
    return render_template(
        "transparency/publication.html",
        publication=found,
        content=found.content,
        formulas=gathering.definitions_of(found.content, language()),
        states=STATES,
        licence=as_file.LICENCE,
        frozen=frozen,
        may=may,
        young=young,
        approve=approve or ApproveForm(data={"name": (member.name or member.email) if member else ""}),
        withdraw=withdraw or WithdrawForm(),
        longest_why=LONGEST_WHY,
    )


def _show(choices: ChoicesForm | None = None, month: MonthForm | None = None, freeze: FreezeForm | None = None) -> Any:
    who = viewer()
    agency = directory.agency_of(who)
    contracts = directory.contracts_for(who)
    chosen = queries.choices(agency.id)
    if choices is None:
        named = [contract_id for contract_id, choice in chosen.items() if choice.is_named]
        choices = ChoicesForm(
            data={"published": list(chosen), "named": named, "smallest_cell": queries.smallest_cell(agency.id)}
        )
        choices.offer(contracts, language())
    if month is None:
        month = MonthForm()
        month.offer(_months(agency))
    return render_template(
        "transparency/publications.html",
        agency=agency,
        publications=queries.publications_of(who),
        states=STATES,
        freezes=queries.freezes_of(agency.id, day_of(clock.now(), agency.timezone)),
        choices=choices,
        chosen=len(chosen),
        month=month,
        has_draft=actions.draft_of(agency.id) is not None,
        freeze=freeze or FreezeForm(),
        may_decide=who.role in MANAGERS,
    )


def _months(agency: Agency) -> list[date]:
    """The months that can be drafted, the newest first: over, and later than all that the public has seen."""
    last = queries.last_approved(agency.id)
    month = month_of(clock.now(), agency.timezone)
    found: list[date] = []
    while len(found) < MONTHS_BACK:
        month = month_of(month.since - timedelta(days=1), agency.timezone)
        if last is not None and month.start <= last.month:
            break
        found.append(month.start)
    return found
