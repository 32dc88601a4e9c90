"""The inbox, the page of one case, and a door for each thing that staff do to it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from app.analysis import concerns
from app.analysis import queries as tagging
from app.analysis import wording as tag_wording
from app.analysis.models import Concern
from app.cases import (
    actions,
    beside_inbox,
    choosing_phrases,
    disclosure,
    erasing,
    following,
    forms,
    held_for_review,
    merging,
    moving,
    opening_links,
    photos,
    provider_links,
    queries,
    question_answers,
    rules,
    translating,
    verdict_actions,
    verdict_rules,
    wording,
)
from app.cases.forms import ActForm
from app.cases.models import Event
from app.cases.queries import CasePage
from app.directory import queries as directory
from app.directory.models import Clause, Contract
from app.extensions import db
from app.intake import actions as intake
from app.intake import mail_keeping, photo_files, photo_keeping
from app.intake.wording import CHANNELS
from app.kernel.errors import MoveNotAllowed, NobodyTold, StaleVersion, ThingUnknown
from app.kernel.words import (
    AGENCY_ROLES,
    Actor,
    Attribution,
    EventKind,
    FeedbackKind,
    Holder,
    HoldKind,
    PhotoStatus,
    Role,
    in_language,
)
from app.sms import gateway
from app.web.access import allow, viewer
from app.web.files import answers_and_files, picture
from app.web.languages import language, only_speaks, sends_to
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
    contracts = directory.contracts_for(who)
    chosen = next((each.id for each in contracts if str(each.id) == form.contract.data), None)
    form.offer(
        contracts, queries.sites_for(who, chosen), queries.colleagues_of(who), language(), of_agency=not who.provider_id
    )
    form.validate()
    wanted = queries.looked_up(who, form.to_wanted(view, queries.timezone_of(who)))
    page = queries.inbox(
        who,
        wanted,
        before=Key.read(request.args.get("before")),
        after=Key.read(request.args.get("after")),
    )
    counts = queries.counts(who)
    kept: dict[str, Any] = form.to_address()
    in_all = 0
    if kept and not page.rows and view != rules.InboxView.ALL:
        of_all = form.to_wanted(rules.InboxView.ALL, queries.timezone_of(who))
        in_all = queries.number_of(who, queries.looked_up(who, of_all))
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
        of_agency=who.provider_id is None,
        is_narrowed=bool(kept),
        is_narrowed_more=bool(kept.keys() - {"words"} or form.errors),
        found=_count(queries.number_of(who, wanted)) if kept else None,
        in_all=_count(in_all) if in_all else None,
        most_by_words=queries.MOST_BY_WORDS if wanted.is_cut_off else None,
        address_in_all=url_for("cases.inbox", view=rules.InboxView.ALL, **kept),
        clear=url_for("cases.inbox", view=view),
        newer=url_for("cases.inbox", view=view, after=page.newer, **kept) if page.newer else None,
        older=url_for("cases.inbox", view=view, before=page.older, **kept) if page.older else None,
        beside=beside_inbox.lines_for(who),
        without_contract=queries.open_without_contract(who),
        held=held_for_review.number_waiting(who) if who.role in OFFICERS else None,
        mails_waiting=mail_keeping.number_waiting(who.agency_id) if who.role in OFFICERS else 0,
        agency_name=_house(),
        **_words(),
    ), 422 if form.errors else 200


@bp.get("/cases/<reference>")
@allow(*READERS)
def case(reference: str) -> Any:
    if viewer().role in OFFICERS and held_for_review.is_held_for(viewer(), reference):
        return redirect(url_for("held.index"))
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


@bp.post("/cases/<reference>/words")
@allow(*OFFICERS)
@commits
def show_words(reference: str) -> Any:
    """What the resident wrote, as they wrote it: once, on this page alone; that it was opened is written down.

    The answer to the form itself: to lead to another page it would have to be kept somewhere on the way.
    """
    page = queries.page_or_404(viewer(), reference)
    return _show(page, shown=disclosure.show_words(viewer(), page.feedback))


@bp.post("/cases/<reference>/contact")
@allow(*ANSWERERS)
@commits
def show_contact(reference: str) -> Any:
    """How to reach the resident, in the same way and for a reason of its own."""
    page = queries.page_or_404(viewer(), reference)
    if viewer().provider_id is not None and not disclosure.may_see_contact(viewer(), page.feedback):
        abort(403)
    form = forms.ShowForm(request.form)
    if only_speaks():
        return _show(page, sent=form)
    if not form.validate():
        return _show(page, sent=form), 422
    return _show(page, shown=disclosure.show_contact(viewer(), page.feedback, form.reason.data))


@bp.post("/cases/<reference>/hold")
@allow(Role.MANAGER)
@commits
def hold(reference: str) -> Any:
    """Keep what was written for a court or an inquiry, also if its resident wants it deleted."""
    return _act(
        reference,
        forms.HoldForm,
        lambda page, form: erasing.place_hold(
            page.feedback,
            form.reason.data,
            form.ends_at(page.agency.timezone),
            kind=HoldKind(form.kind.data),
            member_id=_member(),
        ),
        _("What was written is kept until then."),
    )


@bp.post("/cases/<reference>/lift")
@allow(Role.MANAGER)
@commits
def lift(reference: str) -> Any:
    return _act(
        reference,
        forms.LiftForm,
        lambda page, form: erasing.lift_holds(page.feedback, member_id=_member()),
        _("The hold is ended."),
    )


@bp.post("/cases/<reference>/reply")
@allow(*ANSWERERS)
@commits_late
def reply(reference: str) -> Any:
    """To a complaint or, by officers, to any other feedback, which stays what it is."""

    def write(page: CasePage, form: forms.MessageForm) -> Any:
        if page.case is None:
            return actions.answer(page.feedback, form.message.data, member_id=_member(), version=form.seen)
        return actions.reply(page.case, form.message.data, by=_side(), member_id=_member(), version=form.seen)

    return _answer(reference, write, _("Your answer was sent."), _on_their_page())


@bp.post("/cases/<reference>/phrase")
@allow(*OFFICERS)
@commits_late
def put_phrase(reference: str) -> Any:
    """Without a script: the page again, with the chosen phrase below what was typed. Nothing is sent or kept."""
    page = queries.page_or_404(viewer(), reference)
    form = forms.MessageForm(answers_and_files())
    phrase = choosing_phrases.chosen(page, request.form.get("phrase"))
    form.message.data = "\n\n".join(part for part in (form.message.data, phrase) if part)
    return _show(page, sent=form)


@bp.post("/cases/<reference>/translate")
@allow(*OFFICERS)
@commits_late
def translate(reference: str) -> Any:
    """What the resident wrote in another language, by the machine that this installation names."""
    page = queries.page_or_404(viewer(), reference)
    if not translating.may_be_asked(page.agency):
        abort(404)
    into, left = language(), translating.left_to_translate(page.feedback, language())
    db.session.rollback()
    try:
        texts = translating.ask(left, into) if left else []
    except translating.NoTranslation:
        flash(_("The translation service gave no translation. Try again later."), "info")
        return _back(page)
    begin_writing()
    translating.keep(queries.page_or_404(viewer(), reference).feedback, into, left, texts)
    return _back(page)


@bp.post("/cases/<reference>/ask")
@allow(*ANSWERERS)
@commits_late
def ask(reference: str) -> Any:
    return _answer(
        reference,
        lambda page, form: actions.ask(
            _case(page), form.message.data, by=_side(), member_id=_member(), version=form.seen
        ),
        _("Your question was sent. It counts as an answer to the resident."),
        _on_their_page(),
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
        _(
            "It stands on the resident's page that it is resolved, where they can confirm or reopen it. They left no "
            "contact, so no letter goes out."
        ),
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
        _("The case was rejected. Why stands on the resident's page: they left no contact, so no letter goes out."),
    )


@bp.post("/cases/<reference>/reopen")
@allow(*OFFICERS)
@commits
def reopen(reference: str) -> Any:
    return _act(
        reference,
        forms.ReopenForm,
        lambda page, form: following.reopen_or_follow(
            _case(page), form.reason.data, by=Actor.AGENCY, member_id=_member(), version=form.seen
        ),
        _("It is open again."),
    )


@bp.post("/cases/<reference>/assign")
@allow(*OFFICERS)
@commits
def assign(reference: str) -> Any:
    return _act(
        reference,
        forms.AssignForm,
        lambda page, form: provider_links.give(
            _case(page), note=form.note.data or None, member_id=_member(), version=form.seen
        ),
        _(
            "The provider has the case now. Its people hear of it by e-mail: of the first new case of a day when the "
            "hour is over (or in the morning after quiet hours), of the others the next day."
        ),
    )


@bp.post("/cases/<reference>/hand-back")
@allow(Role.STAFF)
@commits
def hand_back(reference: str) -> Any:
    return _act(
        reference,
        forms.HandBackForm,
        lambda page, form: actions.hand_back(_case(page), form.reason.data, member_id=_member(), version=form.seen),
        _(
            "The agency has the case again. Its letters are gathered: they go out when the hour is over, or in the "
            "morning after quiet hours."
        ),
    )


@bp.post("/cases/<reference>/link")
@allow(*OFFICERS)
@commits
def send_link(reference: str) -> Any:
    """A link to this case for a provider without accounts."""
    return _act(
        reference,
        forms.LinkForm,
        lambda page, form: provider_links.send(
            _case(page), email=form.email.data, language=form.language.data, member_id=_member(), version=form.seen
        ),
        _("The link goes out now."),
    )


@bp.post("/cases/<reference>/link/revoke")
@allow(*OFFICERS)
@commits
def revoke_link(reference: str) -> Any:
    """Whatever has happened to the case meanwhile: a link is taken back at once."""
    page = queries.page_or_404(viewer(), reference)
    try:
        provider_links.revoke(_case(page), member_id=_member())
        flash(_("The link was taken back. It opens nothing any more."), "success")
    except MoveNotAllowed:
        db.session.rollback()
        flash(_("There is no link to take back."), "info")
    return _back(queries.page_or_404(viewer(), reference))


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


@bp.post("/cases/<reference>/assignee")
@allow(*OFFICERS)
@commits
def change_assignee(reference: str) -> Any:
    """Ask a colleague to see to it, or put it down."""
    return _act(
        reference,
        forms.AssigneeForm,
        lambda page, form: actions.take(
            _case(page), assignee_id=form.member_id, member_id=_member(), version=form.seen
        ),
        _(
            "It is kept who sees to this case now. A colleague hears of it by e-mail when the hour is over, "
            "or in the morning after quiet hours."
        ),
    )


@bp.post("/cases/<reference>/duplicate")
@allow(*OFFICERS)
@commits
def duplicate(reference: str) -> Any:
    """First the other case is shown, on a page of its own; what was looked at is then merged into."""
    form = forms.DuplicateForm(request.form)
    if form.validate() and not form.is_sure:
        page, other = queries.page_or_404(viewer(), reference), queries.case_by_reference(viewer(), form.of.data)
        if page.case is not None and other is not None and other is not page.case:
            step = url_for("cases.look_before_merging", reference=reference, of=other.feedback.reference)
            return redirect(step, 303)

    def merge(page: CasePage, form: forms.DuplicateForm) -> object:
        other = queries.case_by_reference(viewer(), form.of.data)
        if other is None:
            raise ThingUnknown("no such case")
        return merging.mark_duplicate(_case(page), other, member_id=_member(), version=form.seen)

    return _act(reference, forms.DuplicateForm, merge, _("The case was merged into the other one."))


@bp.get("/cases/<reference>/duplicate")
@allow(*OFFICERS)
def look_before_merging(reference: str) -> Any:
    """Both cases side by side, and what merging does: before anything is done that cannot be undone."""
    page = queries.page_or_404(viewer(), reference)
    of = request.args.get("of", "")
    other = queries.page_or_404(viewer(), of) if queries.case_by_reference(viewer(), of) else None
    if other is None or other.case is page.case or not page.allows(EventKind.DUPLICATE, Actor.AGENCY):
        return _back(page)
    return render_template("cases/merge.html", page=page, other=other, kinds=forms.KINDS, agency_name=_house())


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


@bp.post("/cases/<reference>/called")
@allow(*OFFICERS)
@commits
def called(reference: str) -> Any:
    """The resident who wanted a call was called: what was said is kept as a note. It is no answer that counts."""

    def keep(page: CasePage, form: forms.CalledForm) -> None:
        wish = intake.call_wish_of(page.feedback.id)
        if wish is None:
            raise MoveNotAllowed("nobody wants to be called")
        actions.note(page.feedback, form.note.data, member_id=_member(), version=form.seen)
        intake.call_is_done(wish, member_id=_member())

    return _act(reference, forms.CalledForm, keep, _("The call is done."))


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


@bp.post("/cases/<reference>/move")
@allow(*OFFICERS)
@commits
def move(reference: str) -> Any:
    """To another contract of the agency, where it counts from its submission on."""

    def to_another(page: CasePage, form: forms.MoveForm) -> None:
        to = db.session.get_one(Contract, int(form.contract.data))
        moving.move(
            _case(page),
            to,
            form.reason.data,
            member_id=_member(),
            is_manager=viewer().role == Role.MANAGER,
            version=form.seen,
        )
        if form.give.data:
            provider_links.give(_case(page), member_id=_member())

    return _act(reference, forms.MoveForm, to_another, _("The case was moved to the other contract."))


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


@bp.post("/cases/<reference>/verdict")
@allow(*OFFICERS)
@commits
def judge(reference: str) -> Any:
    return _act(
        reference,
        forms.JudgeForm,
        _judge,
        _("Your judgement was kept."),
    )


def _judge(page: CasePage, form: forms.JudgeForm) -> None:
    verdict_actions.judge(
        _case(page),
        Attribution(form.attribution.data),
        form.grounds.data,
        member_id=_member(),
        is_manager=viewer().role == Role.MANAGER,
        version=form.seen,
    )
    provider_links.tell_of_verdict(
        _case(page), email=form.address, language=form.language.data or language(), member_id=_member()
    )


@bp.post("/cases/<reference>/verdict/agree")
@allow(Role.STAFF)
@commits
def agree(reference: str) -> Any:
    return _act(
        reference,
        forms.AgreeForm,
        lambda page, form: verdict_actions.agree(_case(page), member_id=_member(), version=form.seen),
        _("You agreed; the verdict stands."),
    )


@bp.post("/cases/<reference>/verdict/object")
@allow(Role.STAFF)
@commits
def object_to(reference: str) -> Any:
    return _act(
        reference,
        forms.ObjectForm,
        lambda page, form: verdict_actions.object_to(
            _case(page), form.reason.data, member_id=_member(), version=form.seen
        ),
        _(
            "Your reply stands with the case, and the agency judges again. Its letters are gathered: "
            "they go out when the hour is over, or in the morning after quiet hours."
        ),
    )


@bp.post("/cases/<reference>/verdict/contest")
@allow(Role.STAFF)
@commits
def contest(reference: str) -> Any:
    return _act(
        reference,
        forms.ContestForm,
        lambda page, form: verdict_actions.contest(
            _case(page), form.reason.data, member_id=_member(), version=form.seen
        ),
        _(
            "The verdict is contested; a manager of the agency decides. Letters are gathered: "
            "they go out when the hour is over, or in the morning after quiet hours."
        ),
    )


@bp.post("/cases/<reference>/verdict/check")
@allow(*OFFICERS)
@commits
def check(reference: str) -> Any:
    return _act(
        reference,
        forms.CheckForm,
        lambda page, form: verdict_actions.check(
            _case(page),
            agrees=form.agrees.data == "yes",
            why=form.why.data,
            member_id=_member(),
            version=form.seen,
        ),
        _("What you found was kept."),
    )


@bp.post("/cases/<reference>/safeguarding")
@allow(*AGENCY_ROLES)
@commits
def raise_concern(reference: str) -> Any:
    """Anybody of the agency may, with a reason: from now on the provider does not see it."""
    return _act(
        reference,
        forms.ConcernForm,
        lambda page, form: concerns.raise_by(page.feedback, form.reason.data, member_id=_member()),
        _("The provider does not see it any more. The safeguarding officers are being told."),
    )


@bp.post("/cases/<reference>/safeguarding/close")
@allow(*AGENCY_ROLES)
@commits
def close_concern(reference: str) -> Any:
    """It is dealt with, and stays hidden."""
    return _settle(
        reference, forms.CloseConcernForm, concerns.close, _("The concern is closed. The provider does not see it.")
    )


@bp.post("/cases/<reference>/safeguarding/release")
@allow(*AGENCY_ROLES)
@commits
def release_concern(reference: str) -> Any:
    """It is none, or no more: the provider sees what is given to it."""
    done = _("The concern is released. The provider sees what is given to it.")
    return _settle(reference, forms.ReleaseConcernForm, concerns.release, done)


def _settle(reference: str, kind: type[forms.ConcernForm], how: Callable[..., None], done: str) -> Any:
    concern: Concern = tagging.concern_or_404(viewer(), reference)
    return _act(reference, kind, lambda _page, form: how(concern, form.reason.data, member_id=_member()), done)


@bp.post("/cases/<reference>/photos")
@allow(*READERS)
@commits
def show_photos(reference: str) -> Any:
    """The photos that the viewer may see, for a while: who opened them is written down."""
    page = queries.page_or_404(viewer(), reference)
    if not photos.seen_by(viewer(), page.feedback):
        abort(404)
    disclosure.show_photos(viewer(), page.feedback)
    return redirect(url_for("cases.case", reference=page.feedback.reference, _anchor="photos"), 303)


@bp.get("/cases/<reference>/photos/<int:photo_id>")
@allow(*READERS)
def photo(reference: str, photo_id: int) -> Any:
    """A photo, for who may see it: what waits or was refused is for the agency's officers alone."""
    page = queries.page_or_404(viewer(), reference)
    seen = photos.one_or_404(viewer(), page.feedback, photo_id)
    if not disclosure.are_photos_open(viewer(), page.feedback):
        return redirect(url_for("cases.case", reference=page.feedback.reference, _anchor="photos"))
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
    photo_keeping.decide(seen, PhotoStatus(decided), member_id=_member())
    flash(
        _("The provider may see the photo.") if decided == PhotoStatus.RELEASED else _("The provider does not see it."),
        "success",
    )
    return redirect(url_for("cases.case", reference=page.feedback.reference, _anchor="photos"), 303)


def _act(
    reference: str, kind: type[F], deed: Callable[[CasePage, F], object], done: str, unsent: str | None = None
) -> Any:
    """Check a form, do its deed and go back to the case; else the page again, with what is wrong and what was typed.

    ``done`` is said then, or ``unsent`` where it tells of a letter and the resident left no contact.
    """
    page = queries.page_or_404(viewer(), reference)
    form = kind(request.form)
    if isinstance(form, forms.ClauseForm):
        form.offer(page.clauses, language())
    if isinstance(form, forms.MoveForm):
        form.offer(*_to_move_to(page), language())
    if isinstance(form, forms.JudgeForm):
        form.offer(_attributions(page), is_hidden=_is_hidden(page))
    if isinstance(form, forms.AssigneeForm):
        form.offer(queries.colleagues_of(viewer()))
    if isinstance(form, forms.ToProviderForm) and page.provider is not None:
        form.known = provider_links.domains_of(viewer(), page.provider.id)
    if only_speaks():
        return _show(page, sent=form)
    if not form.validate():
        # What somebody else did may have taken away what was chosen: that is why, and not the choice.
        if form.version.data and page.is_past(form.seen):
            return _refused(reference, form, _stale(page))
        return _show(page, sent=form), 422
    return _do(page, form, deed, done, unsent)


def _answer(
    reference: str, deed: Callable[[CasePage, forms.MessageForm], Event], done: str, unsent: str | None = None
) -> Any:
    """The same for what is written to the resident: its photos are made safe before the writers' turn is taken."""
    page = queries.page_or_404(viewer(), reference)
    form = forms.MessageForm(answers_and_files())
    if only_speaks():
        return _show(page, sent=form)
    if not form.validate():
        return _show(page, sent=form), 422
    shown = photo_keeping.file(form.photos.pictures)

    def with_photos(page: CasePage, form: forms.MessageForm) -> None:
        event = deed(page, form)
        photo_keeping.attach(page.feedback, event.id, shown, by=_side(), member_id=_member())

    begin_writing()
    return _do(queries.page_or_404(viewer(), reference), form, with_photos, done, unsent)


def _do(page: CasePage, form: F, deed: Callable[[CasePage, F], object], done: str, unsent: str | None = None) -> Any:
    """Do a form's deed and go back to the case; else the page again, with why it cannot be done."""
    reference = page.feedback.reference
    try:
        deed(page, form)
    except StaleVersion:
        return _refused(reference, form, _stale(page))
    except NobodyTold:
        return _refused(reference, form, wording.nobody_told_words())
    except MoveNotAllowed:
        return _refused(reference, form, wording.refused_words(form.action))
    except ThingUnknown:
        return _refused(reference, form, _("There is no such case that this one can be merged into."), status=422)
    flash(done if unsent is None or page.feedback.is_reachable else unsent, "success")
    return _back(page)


def _on_their_page() -> str:
    return _("It stands on the resident's page: they left no contact, so no letter goes out.")


def _stale(page: CasePage) -> str:
    db.session.rollback()
    if queries.last_to_act(page.feedback.id) == _member():
        return _(
            "This case was changed meanwhile, by you in another window. Nothing of what you sent now was stored. "
            "Read what is new, then send again if it still fits."
        )
    return _(
        "Somebody else changed this case since you opened it. Nothing of yours was stored or sent. "
        "Read what is new, then send again if it still fits."
    )


def _refused(reference: str, form: ActForm, why: str, status: int = 409) -> Any:
    db.session.rollback()
    form.form_errors.append(why)
    return _show(queries.page_or_404(viewer(), reference), sent=form), status


def _show(
    page: CasePage,
    *,
    sent: ActForm | None = None,
    shown: disclosure.Shown | None = None,
) -> str:
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
    more = _link(page) if may_act and page.case is not None else {}
    return render_template(
        "cases/case.html",
        page=page,
        forms=made,
        sent=sent,
        form=sent,
        sends_to=sends_to("sent") if sent else None,
        shown=shown,
        can={str(kind): can(kind) for kind in EventKind},
        may_act=may_act,
        may_answer_praise=may_act and page.case is None,
        would_be_words=wording.would_be_words(page.would_be_due),
        of_agency=who.provider_id is None,
        is_safeguarding_officer=who.is_safeguarding_officer,
        sentiments=tag_wording.SENTIMENTS,
        aspects=tag_wording.ASPECTS,
        tag_name=tag_wording.tag_name,
        aspect_words=tag_wording.aspect_words,
        correction_words=tag_wording.correction_words,
        time_left=wording.time_left,
        is_mine=page.case is not None and page.case.assignee_id == who.member_id,
        may_see_words=may_act and disclosure.may_see_words(who, page.feedback),
        may_see_contact=may_answer and disclosure.may_see_contact(who, page.feedback),
        place=disclosure.place_of(page.feedback.id),
        photos=photos.seen_by(who, page.feedback),
        photos_open=disclosure.are_photos_open(who, page.feedback),
        photos_checked=photos.number_checked(who, page.feedback),
        answers=question_answers.seen_by(who, page.feedback, shown.answers if shown else None),
        hold_kinds=wording.HOLD_KINDS,
        holds=erasing.open_holds(page.feedback) if who.provider_id is None else (),
        may_hold=who.role == Role.MANAGER,
        wants_call=who.provider_id is None and intake.call_wish_of(page.feedback.id) is not None,
        longest=rules.LONGEST_MESSAGE,
        reads=wording.READS.get(page.feedback.language),
        phrases=choosing_phrases.offered(page) if may_act else [],
        translations=translating.translations_of(page.feedback, language()),
        may_translate=may_act and _is_foreign(page) and translating.may_be_asked(page.agency),
        translator=translating.service(),
        agency_name=_house(),
        hearing=_hearing(page),
        is_for_another=may_act and _is_for_another_manager(page),
        is_alone=may_act and _decides_alone(page),
        is_hidden_from_provider=may_act and page.provider is not None and _is_hidden(page),
        deciders=_names_of_deciders(page) if may_act else (),
        has_people=page.provider is not None and opening_links.has_people(page.provider.id),
        is_for_a_manager=may_act and who.role != Role.MANAGER and verdict_rules.is_for_the_manager(page.standing),
        unmoved=_why_not_moved(page),
        runs_on=actions.runs_on_because(page.case) if page.case is not None else None,
        where_read=wording.where_read(texts_are_sent=gateway.are_sent()),
        reopened_for_you=who.role == Role.MANAGER and page.is_back_for_the_manager,
        **_words(),
        **more,
    )


def _why_not_moved(page: CasePage) -> str | None:
    who = viewer()
    if page.case is None:
        return None
    return wording.why_not_moved(
        page.case,
        has_another=bool(queries.contracts_to_move_to(who, page)),
        is_a_managers=who.role != Role.MANAGER and verdict_rules.is_moved_by_the_manager(page.standing),
    )


def _link(page: CasePage) -> dict[str, Any]:
    """The link for the provider that there is, and whether one can be sent."""
    link = provider_links.link_of(viewer(), page.feedback.id)
    return {
        "link": link,
        "link_end": opening_links.end_of(link) if link else None,
        "link_address": provider_links.address_of(link) if link else None,
        "link_gives": provider_links.gives(page.case) if page.case else False,
        "can_link": provider_links.may_send(page.case) if page.case else False,
    }


def _is_foreign(page: CasePage) -> bool:
    """Whether something of what its resident wrote is in another language than the page, and not translated yet."""
    written_in = page.tag.language if page.tag is not None else page.feedback.language
    return written_in != language() and bool(translating.left_to_translate(page.feedback, language()))


def _hearing(page: CasePage) -> dict[str, bool]:
    """What the viewer may say about the verdict now."""
    who, standing, verdict = viewer(), page.standing, page.verdict
    of_agency, is_staff = who.role in OFFICERS, who.role == Role.STAFF
    return {
        "judge": of_agency and bool(_attributions(page)),
        "answer": is_staff and verdict_rules.may_answer(standing),
        "contest": is_staff and page.case is not None and verdict_actions.may_still_contest(page.case),
        "check": of_agency
        and verdict is not None
        and verdict_rules.may_check(
            standing, is_drawn=verdict.is_drawn, judged_by=verdict.judged_by_id, member_id=who.member_id
        ),
    }


def _is_for_another_manager(page: CasePage) -> bool:
    """Whether the viewer is a manager and a side of what others disagree on, and another manager decides."""
    who = viewer()
    if page.case is None or who.role != Role.MANAGER:
        return False
    return not verdict_actions.may_decide(page.case, page.standing, who.member_id)


def _names_of_deciders(page: CasePage) -> Sequence[str]:
    """Who of the agency may decide what others disagree on, where that is not the viewer."""
    if page.case is None or page.standing.stage not in verdict_rules.FOR_THE_MANAGER:
        return ()
    if viewer().role == Role.MANAGER and not _is_for_another_manager(page):
        return ()
    return queries.names_of(verdict_actions.deciders_of(page.case))


def _decides_alone(page: CasePage) -> bool:
    """Whether the viewer is a side of it and decides all the same, as nobody else can."""
    who, verdict = viewer(), page.verdict
    is_open = page.standing.stage in verdict_rules.FOR_THE_MANAGER and who.role == Role.MANAGER
    is_side = verdict is not None and who.member_id in (verdict.judged_by_id, verdict.checked_by_id)
    return is_open and is_side and not _is_for_another_manager(page)


def _attributions(page: CasePage) -> list[Attribution]:
    """What the viewer may find now: nothing that is found already, and nothing that is a manager's alone."""
    if page.case is None or (verdict_rules.is_for_the_manager(page.standing) and viewer().role != Role.MANAGER):
        return []
    if _is_for_another_manager(page):
        return []
    may_be_theirs = page.provider is not None and not _is_hidden(page)
    return [each for each in verdict_rules.findings(page.standing) if each != Attribution.PROVIDER or may_be_theirs]


def _is_hidden(page: CasePage) -> bool:
    """Whether a safeguarding concern hides it from the provider, who could not reply to a verdict."""
    return concerns.standing(page.feedback.id) is not None


def _forms(page: CasePage) -> list[ActForm]:
    clause = forms.ClauseForm(data={"clause": str(page.case.clause_id) if page.case else ""})
    clause.offer(page.clauses, language())
    move = forms.MoveForm(data={"give": page.state.holder == Holder.PROVIDER})
    move.offer(*_to_move_to(page), language())
    judge = forms.JudgeForm(data=_to_provider(page))
    judge.offer(_attributions(page), is_hidden=_is_hidden(page))
    assignee = forms.AssigneeForm(data={"assignee": str((page.case and page.case.assignee_id) or forms.NOBODY)})
    assignee.offer(queries.colleagues_of(viewer()))
    return [
        judge,
        forms.AgreeForm(),
        forms.ObjectForm(),
        forms.ContestForm(),
        forms.CheckForm(),
        forms.MessageForm(),
        forms.RejectForm(),
        forms.HandBackForm(),
        forms.LinkForm(data=_to_provider(page)),
        forms.ReopenForm(),
        forms.AssignForm(),
        forms.TakeForm(),
        assignee,
        forms.ShowForm(),
        forms.HoldForm(),
        forms.LiftForm(),
        forms.OpenForm(),
        forms.DuplicateForm(),
        forms.NoteForm(),
        forms.CalledForm(),
        forms.KindForm(data={"kind": str(page.feedback.kind)}),
        clause,
        move,
        forms.ConcernForm(),
        forms.CloseConcernForm(),
        forms.ReleaseConcernForm(),
    ]


def _to_move_to(page: CasePage) -> tuple[Sequence[Contract], frozenset[int]]:
    """The contracts that a case can be moved to, and the providers (ids) among theirs of which somebody signs in."""
    contracts = queries.contracts_to_move_to(viewer(), page)
    return contracts, opening_links.with_people({each.provider_id for each in contracts})


def _to_provider(page: CasePage) -> dict[str, Any]:
    """Where the last link to this provider went: what the forms that send one are filled in with."""
    before = None
    if page.provider is not None and viewer().role in OFFICERS:
        before = provider_links.address_before(viewer(), page.provider.id)
    return {"email": before, "language": language()}


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
    return {
        "kinds": forms.KINDS,
        "channels": CHANNELS,
        "events": wording.EVENTS,
        "actors": wording.ACTORS,
        "due_words": wording.due_words,
        "clock_words": wording.clock_words,
        "clause_words": wording.clause_words,
        "attributions": wording.ATTRIBUTIONS,
        "stages": wording.STAGES,
        "said_to_it": wording.SAID,
        "last_words": wording.LAST_WORDS,
    }
