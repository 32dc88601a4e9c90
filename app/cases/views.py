"""The inbox, the page of one case, and a door for each thing that staff do to it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from app.cases import actions, disclosure, forms, photos, queries, rules, wording
from app.cases.forms import ActForm
from app.cases.models import Event
from app.cases.queries import CasePage
from app.directory import queries as directory
from app.directory.models import Clause
from app.extensions import db
from app.intake import keeping_photos, photo_files
from app.kernel.errors import MoveNotAllowed, StaleVersion, ThingUnknown
from app.kernel.words import Actor, EventKind, FeedbackKind, PhotoStatus, Role, in_language
from app.web.access import allow, viewer
from app.web.files import answers_and_files, picture
from app.web.languages import language
from app.web.paging import Key
from app.web.refusals import refuse
from app.web.texts import gettext as _
from app.web.transactions import begin_writing, commits, commits_late

bp = Blueprint("cases", __name__)

READERS = (Role.VIEWER, Role.OFFICER, Role.MANAGER, Role.STAFF)
OFFICERS = (Role.OFFICER, Role.MANAGER)
ANSWERERS = (*OFFICERS, Role.STAFF)

F = TypeVar("F", bound=ActForm)


@bp.get("/inbox")
@allow(*READERS)
def inbox() -> Any:
    who = viewer()
    views = queries.views_for(who)
    view = forms.view_of(request.args.get("view"), who, views)
    form = forms.InboxForm(request.args)
    form.offer(directory.contracts_for(who), queries.sites_for(who), language())
    form.validate()
    page = queries.inbox(
        who,
        form.to_wanted(view),
        before=Key.read(request.args.get("before")),
        after=Key.read(request.args.get("after")),
    )
    counts = queries.counts(who)
    kept: dict[str, Any] = form.to_address()
    tabs = [
        (wording.VIEWS[each], url_for("cases.inbox", view=each, **kept), _count(counts.get(each)), each == view)
        for each in views
    ]
    return render_template(
        "cases/inbox.html",
        form=form,
        page=page,
        tabs=tabs,
        view=view,
        empty=wording.EMPTY[view],
        is_narrowed=bool(kept),
        newer=url_for("cases.inbox", view=view, after=page.newer, **kept) if page.newer else None,
        older=url_for("cases.inbox", view=view, before=page.older, **kept) if page.older else None,
        agency_name=_house(),
        **_words(),
    ), 422 if form.errors else 200


@bp.get("/cases/<reference>")
@allow(*READERS)
def case(reference: str) -> Any:
    return _show(queries.page_or_404(viewer(), reference))


@bp.post("/cases/<reference>/looked")
@allow(*READERS)
@commits
def looked(reference: str) -> Any:
    """The browser says that the page is really seen, or a person presses the button."""
    page = queries.page_or_404(viewer(), reference)
    actions.look(page.feedback, member_id=_member())
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return "", 204, {"Content-Type": "text/plain"}
    return _back(page)


@bp.post("/cases/<reference>/show")
@allow(*ANSWERERS)
@commits
def show(reference: str) -> Any:
    """Original words and contact details, once, on this page alone; that they were opened is written down."""
    page = queries.page_or_404(viewer(), reference)
    if viewer().provider_id is not None and not disclosure.may_see_contact(viewer(), page.feedback):
        abort(403)
    return _show(page, shown=disclosure.show(viewer(), page.feedback))


@bp.post("/cases/<reference>/reply")
@allow(*ANSWERERS)
@commits_late
def reply(reference: str) -> Any:
    return _answer(
        reference,
        lambda page, form: actions.reply(
            _case(page), form.message.data, by=_side(), member_id=_member(), version=form.seen
        ),
        _("Your answer was sent."),
    )


@bp.post("/cases/<reference>/ask")
@allow(*ANSWERERS)
@commits_late
def ask(reference: str) -> Any:
    return _answer(
        reference,
        lambda page, form: actions.ask(
            _case(page), form.message.data, by=_side(), member_id=_member(), version=form.seen
        ),
        _("Your question was sent. The clock waits for the answer."),
    )


@bp.post("/cases/<reference>/resolve")
@allow(*ANSWERERS)
@commits_late
def resolve(reference: str) -> Any:
    return _answer(
        reference,
        lambda page, form: actions.resolve(
            _case(page), form.message.data, by=_side(), member_id=_member(), version=form.seen
        ),
        _("The resident was told that it is resolved, and can confirm or reopen it."),
    )


@bp.post("/cases/<reference>/reject")
@allow(*OFFICERS)
@commits
def reject(reference: str) -> Any:
    return _act(
        reference,
        forms.RejectForm,
        lambda page, form: actions.reject(_case(page), form.reason.data, member_id=_member(), version=form.seen),
        _("The case was rejected, and the resident was told why."),
    )


@bp.post("/cases/<reference>/reopen")
@allow(*OFFICERS)
@commits
def reopen(reference: str) -> Any:
    return _act(
        reference,
        forms.ReopenForm,
        lambda page, form: actions.reopen(
            _case(page), form.reason.data, by=Actor.AGENCY, member_id=_member(), version=form.seen
        ),
        _("The case is open again."),
    )


@bp.post("/cases/<reference>/assign")
@allow(*OFFICERS)
@commits
def assign(reference: str) -> Any:
    return _act(
        reference,
        forms.AssignForm,
        lambda page, form: actions.assign(
            _case(page), note=form.note.data or None, member_id=_member(), version=form.seen
        ),
        _("The provider has the case now."),
    )


@bp.post("/cases/<reference>/hand-back")
@allow(Role.STAFF)
@commits
def hand_back(reference: str) -> Any:
    return _act(
        reference,
        forms.HandBackForm,
        lambda page, form: actions.hand_back(_case(page), form.reason.data, member_id=_member(), version=form.seen),
        _("The agency has the case again."),
    )


@bp.post("/cases/<reference>/take")
@allow(*OFFICERS)
@commits
def take(reference: str) -> Any:
    return _act(
        reference,
        forms.TakeForm,
        lambda page, form: actions.take(_case(page), assignee_id=_member(), member_id=_member(), version=form.seen),
        _("You see to this case now."),
    )


@bp.post("/cases/<reference>/duplicate")
@allow(*OFFICERS)
@commits
def duplicate(reference: str) -> Any:
    def merge(page: CasePage, form: forms.DuplicateForm) -> object:
        other = queries.case_by_reference(viewer(), form.of.data)
        if other is None:
            raise ThingUnknown("no such case")
        return actions.mark_duplicate(_case(page), other, member_id=_member(), version=form.seen)

    return _act(reference, forms.DuplicateForm, merge, _("The case was merged into the other one."))


@bp.post("/cases/<reference>/note")
@allow(*OFFICERS)
@commits
def note(reference: str) -> Any:
    return _act(
        reference,
        forms.NoteForm,
        lambda page, form: actions.note(page.feedback, form.note.data, member_id=_member(), version=form.seen),
        _("The note was kept."),
    )


@bp.post("/cases/<reference>/kind")
@allow(*OFFICERS)
@commits
def change_kind(reference: str) -> Any:
    return _act(
        reference,
        forms.KindForm,
        lambda page, form: actions.change_kind(
            page.feedback, FeedbackKind(form.kind.data), member_id=_member(), version=form.seen
        ),
        _("The kind was changed."),
    )


@bp.post("/cases/<reference>/clause")
@allow(*OFFICERS)
@commits
def change_clause(reference: str) -> Any:
    return _act(
        reference,
        forms.ClauseForm,
        lambda page, form: actions.change_clause(
            _case(page),
            db.session.get_one(Clause, int(form.clause.data)),
            form.reason.data,
            member_id=_member(),
            version=form.seen,
        ),
        _("The clause was changed."),
    )


@bp.post("/cases/<reference>/open")
@allow(*OFFICERS)
@commits
def open_case(reference: str) -> Any:
    return _act(
        reference,
        forms.OpenForm,
        lambda page, form: actions.open_on(page.feedback, member_id=_member(), version=form.seen),
        _("A case was opened."),
    )


@bp.get("/cases/<reference>/photos/<int:photo_id>")
@allow(*READERS)
def photo(reference: str, photo_id: int) -> Any:
    """A photo, for who may see it: what waits or was refused is for the agency's officers alone."""
    page = queries.page_or_404(viewer(), reference)
    seen = photos.one_or_404(viewer(), page.feedback, photo_id)
    read = photo_files.read_small if "small" in request.args else photo_files.read
    return picture(read(seen.name) or abort(404), f"{page.feedback.reference}-{seen.id}")


@bp.post("/cases/<reference>/photos/<int:photo_id>")
@allow(*photos.DECIDERS)
@commits
def decide_photo(reference: str, photo_id: int) -> Any:
    """Let a resident's photo through to the provider, or refuse it."""
    page = queries.page_or_404(viewer(), reference)
    seen = photos.one_or_404(viewer(), page.feedback, photo_id)
    decided = request.form.get("decision")
    if seen.actor != Actor.RESIDENT or decided not in (PhotoStatus.RELEASED, PhotoStatus.REFUSED):
        refuse(400, _("A resident's photo is let through or refused. Nothing was changed."))
    keeping_photos.decide(seen, PhotoStatus(decided), member_id=_member())
    flash(
        _("The provider may see the photo.") if decided == PhotoStatus.RELEASED else _("The provider does not see it."),
        "success",
    )
    return _back(page)


def _act(reference: str, kind: type[F], deed: Callable[[CasePage, F], object], done: str) -> Any:
    """Check a form, do its deed and go back to the case; else the page again, with what is wrong and what was typed."""
    page = queries.page_or_404(viewer(), reference)
    form = kind(request.form)
    if isinstance(form, forms.ClauseForm):
        form.offer(page.clauses, language())
    if not form.validate():
        return _show(page, sent=form), 422
    return _do(page, form, deed, done)


def _answer(reference: str, deed: Callable[[CasePage, forms.MessageForm], Event], done: str) -> Any:
    """The same for what is written to the resident: its photos are made safe before the writers' turn is taken."""
    page = queries.page_or_404(viewer(), reference)
    form = forms.MessageForm(answers_and_files())
    if not form.validate():
        return _show(page, sent=form), 422
    shown = keeping_photos.file(form.photos.pictures)

    def with_photos(page: CasePage, form: forms.MessageForm) -> None:
        event = deed(page, form)
        keeping_photos.attach(page.feedback, event.id, shown, by=_side(), member_id=_member())

    begin_writing()
    return _do(queries.page_or_404(viewer(), reference), form, with_photos, done)


def _do(page: CasePage, form: F, deed: Callable[[CasePage, F], object], done: str) -> Any:
    """Do a form's deed and go back to the case; else the page again, with why it cannot be done."""
    reference = page.feedback.reference
    try:
        deed(page, form)
    except StaleVersion:
        return _refused(
            reference,
            form,
            _(
                "Somebody else changed this case since you opened it. Nothing of yours was stored or sent. "
                "Read what is new, then send again if it still fits."
            ),
        )
    except MoveNotAllowed:
        return _refused(reference, form, _("This cannot be done where the case stands now. Nothing was changed."))
    except ThingUnknown:
        return _refused(reference, form, _("There is no such case that this one can be merged into."), status=422)
    flash(done, "success")
    return _back(page)


def _refused(reference: str, form: ActForm, why: str, status: int = 409) -> Any:
    db.session.rollback()
    form.form_errors.append(why)
    return _show(queries.page_or_404(viewer(), reference), sent=form), status


def _show(page: CasePage, *, sent: ActForm | None = None, shown: disclosure.Shown | None = None) -> str:
    who = viewer()
    side = _side()
    may_act = who.role in OFFICERS
    may_answer = who.role in ANSWERERS

    def can(kind: EventKind) -> bool:
        return (may_act or (may_answer and Actor.PROVIDER in rules.ACTORS[kind])) and page.allows(kind, side)

    made = {form.action: form for form in _forms(page)}
    if sent is not None:
        made[sent.action] = sent
    for form in made.values():
        form.version.data = str(page.version)
    more: dict[str, Any] = {"languages": []} if request.method == "POST" else {}
    return render_template(
        "cases/case.html",
        page=page,
        forms=made,
        sent=sent,
        form=sent,
        shown=shown,
        can={str(kind): can(kind) for kind in EventKind},
        may_act=may_act,
        of_agency=who.provider_id is None,
        is_mine=page.case is not None and page.case.assignee_id == who.member_id,
        may_show=may_answer
        and (
            (who.provider_id is None and (page.feedback.has_text or page.feedback.is_reachable))
            or disclosure.may_see_contact(who, page.feedback)
        ),
        place=disclosure.place_of(page.feedback.id),
        photos=photos.seen_by(who, page.feedback),
        longest=rules.LONGEST_MESSAGE,
        agency_name=_house(),
        **_words(),
        **more,
    )


def _forms(page: CasePage) -> list[ActForm]:
    clause = forms.ClauseForm(data={"clause": str(page.case.clause_id) if page.case else ""})
    clause.offer(page.clauses, language())
    return [
        forms.MessageForm(),
        forms.RejectForm(),
        forms.HandBackForm(),
        forms.ReopenForm(),
        forms.AssignForm(),
        forms.TakeForm(),
        forms.OpenForm(),
        forms.DuplicateForm(),
        forms.NoteForm(),
        forms.KindForm(data={"kind": str(page.feedback.kind)}),
        clause,
    ]


def _case(page: CasePage) -> Any:
    if page.case is None:
        raise MoveNotAllowed("there is no case")
    return page.case


def _back(page: CasePage) -> Any:
    return redirect(url_for("cases.case", reference=page.feedback.reference), 303)


def _side() -> Actor:
    return Actor.AGENCY if viewer().provider_id is None else Actor.PROVIDER


def _member() -> int:
    member_id = viewer().member_id
    return member_id if member_id is not None else abort(403)


def _house() -> Any:
    """The name of the agency or provider through which the member looks."""
    from_house = getattr(viewer(), "agency", None) or getattr(viewer(), "provider", None)
    return in_language(from_house.name, language()) if from_house else ""


def _count(n: int | None) -> str | None:
    if n is None:
        return None
    return f"{queries.COUNTED - 1}+" if n >= queries.COUNTED else str(n)


def _words() -> dict[str, Any]:
    return {"kinds": forms.KINDS, "events": wording.EVENTS, "actors": wording.ACTORS, "due_words": wording.due_words}
