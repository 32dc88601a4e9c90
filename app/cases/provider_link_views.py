"""What a provider without accounts sees and does by the link to one case."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from app.cases import (
    actions,
    disclosure,
    forms,
    opening_links,
    photos,
    provider_links,
    queries,
    question_answers,
    rules,
    verdict_actions,
    verdict_rules,
    wording,
)
from app.cases.forms import ActForm
from app.cases.models import Event, ProviderLink
from app.cases.opening_links import End
from app.cases.provider_links import LinkViewer
from app.cases.queries import CasePage
from app.extensions import csrf, db
from app.intake import photo_files, photo_keeping
from app.intake.actions import Contact
from app.kernel.errors import DomainError, MoveNotAllowed, StaleVersion
from app.kernel.words import Actor, EventKind
from app.sms import gateway
from app.web.access import public
from app.web.files import answers_and_files, picture
from app.web.languages import only_speaks, sends_to, speak
from app.web.texts import gettext as _
from app.web.transactions import begin_writing, commits, commits_late

bp = Blueprint("links", __name__)
# The token in the address is all the proof there is, and no cookie is set: @public looks at the Origin instead.
csrf.exempt(bp)

DONE = {
    "reply": _l("Your answer was sent."),
    "ask": _l("Your question was sent."),
    "resolve": _l("The resident was told that it is resolved, and can confirm or reopen it."),
    "hand-back": _l("The agency has the case again."),
    "agree": _l("You agreed; the verdict stands."),
    "object": _l("Your reply was sent to the agency, which judges again."),
    "contest": _l("The verdict is contested; a manager of the agency decides."),
}
UNSENT = {
    "reply": _l("It stands on the resident's page: they left no contact, so no letter goes out."),
    "ask": _l("It stands on the resident's page: they left no contact, so no letter goes out."),
    "resolve": _l(
        "It stands on the resident's page that it is resolved, where they can confirm or reopen it. They left no "
        "contact, so no letter goes out."
    ),
}
"""What is said instead where no letter goes out."""
DONE |= {f"{what}-unsent": said for what, said in UNSENT.items()}
CAN = (EventKind.REPLIED, EventKind.ASKED, EventKind.RESOLVED, EventKind.HANDED_BACK)


class LinkOver(Exception):
    """Somebody came with a link that opens nothing any more."""

    def __init__(self, link: ProviderLink, end: End):
        super().__init__(end.value)
        self.language, self.end = link.language, end


@bp.errorhandler(LinkOver)
def over(error: LinkOver) -> Any:
    """A page that says why, and whom to ask; what was typed is on it."""
    db.session.rollback()
    speak(error.language)
    typed = request.form.get("message") or request.form.get("reason") or ""
    return render_template("cases/link_over.html", end=error.end, typed=typed), 410


@bp.get("/provider/<token>")
@public
def case(token: str) -> Any:
    """The one case that a link opens, as the provider sees it."""
    link = _opened(token)
    return _show(link, _page(link), token, done=request.args.get("done"))


@bp.post("/provider/<token>/reply")
@public
@commits_late
def reply(token: str) -> Any:
    return _answer(token, "reply", actions.reply)


@bp.post("/provider/<token>/ask")
@public
@commits_late
def ask(token: str) -> Any:
    return _answer(token, "ask", actions.ask)


@bp.post("/provider/<token>/resolve")
@public
@commits_late
def resolve(token: str) -> Any:
    return _answer(token, "resolve", actions.resolve)


@bp.post("/provider/<token>/hand-back")
@public
@commits
def hand_back(token: str) -> Any:
    """Give the case back to the agency, with a reason."""
    return _reason(token, forms.HandBackForm(request.form), actions.hand_back)


@bp.post("/provider/<token>/verdict/agree")
@public
@commits
def agree(token: str) -> Any:
    """The verdict that is proposed is right."""
    form = forms.AgreeForm(request.form)
    return _act(token, form, lambda page: verdict_actions.agree(_case(page), member_id=None, version=form.seen))


@bp.post("/provider/<token>/verdict/object")
@public
@commits
def object_to(token: str) -> Any:
    """Why it is not the provider's."""
    return _reason(token, forms.ObjectForm(request.form), verdict_actions.object_to)


@bp.post("/provider/<token>/verdict/contest")
@public
@commits
def contest(token: str) -> Any:
    """Why a verdict that was upheld is wrong."""
    return _reason(token, forms.ContestForm(request.form), verdict_actions.contest)


@bp.post("/provider/<token>/contact")
@public
@commits
def contact(token: str) -> Any:
    """How to reach the resident, where they shared it: once, on this page alone; that it was opened is written down."""
    link = _opened(token, to_write=True)
    page = _page(link)
    if not disclosure.may_see_contact(_viewer(link), page.feedback):
        abort(404)
    form = forms.ShowForm(request.form)
    if only_speaks() or not form.validate():
        return _show(link, page, token, sent=form), 200 if only_speaks() else 422
    return _show(link, page, token, shown=provider_links.show_contact(link, form.reason.data))


@bp.post("/provider/<token>/photos")
@public
@commits
def show_photos(token: str) -> Any:
    """The photos that the provider may see, for a while: that they were opened is written down."""
    link = _opened(token, to_write=True)
    if not photos.seen_by(_viewer(link), _page(link).feedback):
        abort(404)
    provider_links.show_photos(link)
    return redirect(url_for("links.case", token=token, _anchor="photos"), 303)


@bp.get("/provider/<token>/photos/<int:photo_id>")
@public
def photo(token: str, photo_id: int) -> Any:
    """A photo that the provider may see."""
    link = _opened(token)
    page = _page(link)
    seen = photos.one_or_404(_viewer(link), page.feedback, photo_id)
    if not provider_links.are_photos_open(link):
        return redirect(url_for("links.case", token=token, _anchor="photos"))
    read = photo_files.read_small if "small" in request.args else photo_files.read
    return picture(read(seen.name) or abort(404), f"{page.feedback.reference}-{seen.id}")


def _reason(token: str, form: forms.ReasonForm, write: Callable[..., Event]) -> Any:
    """What is written to the agency."""
    return _act(token, form, lambda page: write(_case(page), form.reason.data, member_id=None, version=form.seen))


def _act(token: str, form: ActForm, deed: Callable[[CasePage], Any]) -> Any:
    """Do what a valid form asks for; else the page again, with what was typed."""
    link = _opened(token, to_write=True)
    page = _page(link)
    if only_speaks():
        return _show(link, page, token, sent=form)
    if not form.validate():
        return _show(link, page, token, sent=form), 422
    return _do(link, page, token, form, deed)


def _answer(token: str, what: str, write: Callable[..., Event]) -> Any:
    """What is written to the resident; its photos are made safe before the writers' turn is taken."""
    link = _opened(token)
    page = _page(link)
    form = forms.MessageForm(answers_and_files())
    if only_speaks():
        return _show(link, page, token, sent=form)
    if not form.validate():
        return _show(link, page, token, sent=form), 422
    shown = photo_keeping.file(form.photos.pictures)
    begin_writing()
    link = _opened(token, to_write=True)

    def say(page: CasePage) -> None:
        event = write(_case(page), form.message.data, by=Actor.PROVIDER, member_id=None, version=form.seen)
        photo_keeping.attach(page.feedback, event.id, shown, by=Actor.PROVIDER, member_id=None)

    return _do(link, _page(link), token, form, say, what)


def _do(
    link: ProviderLink,
    page: CasePage,
    token: str,
    form: ActForm,
    deed: Callable[[CasePage], Any],
    what: str | None = None,
) -> Any:
    """Do it and go back to the page; else the page again, with why it cannot be done and what was typed."""
    try:
        deed(page)
    except DomainError as error:
        db.session.rollback()
        link = _opened(token)
        page = _page(link)
        is_stale = isinstance(error, StaleVersion)
        form.form_errors.append(_stale(page) if is_stale else wording.refused_words(form.action))
        return _show(link, page, token, sent=form), 409
    said = what or form.action
    if said in UNSENT and not page.feedback.is_reachable:
        said += "-unsent"
    return redirect(url_for("links.case", token=token, done=said), 303)


def _stale(page: CasePage) -> str:
    """One link may be open in several windows, or with several people: what was done by it is nobody else's."""
    last = page.history[-1] if page.history else None
    if last is not None and last.is_by_link and not last.is_former:
        return _(
            "This case was changed meanwhile with this same link, perhaps by you in another window. Nothing of what "
            "you sent now was stored. Read what is new, then send again if it still fits."
        )
    return _(
        "Somebody else changed this case since you opened it. Nothing of yours was stored or sent. "
        "Read what is new, then send again if it still fits."
    )


def _opened(token: str, *, to_write: bool = False) -> ProviderLink:
    """The link of a token, in whose language the page then is; ``LinkOver`` where it has ended, else 404."""
    link = provider_links.by_token(token, to_write=to_write) or abort(404)
    end = opening_links.end_of(link)
    if end is not None:
        raise LinkOver(link, end)
    speak(link.language)
    return link


def _viewer(link: ProviderLink) -> LinkViewer:
    return LinkViewer(provider_id=link.provider_id)


def _page(link: ProviderLink) -> CasePage:
    return queries.page_or_404(_viewer(link), link.feedback.reference)


def _case(page: CasePage) -> Any:
    if page.case is None:
        raise MoveNotAllowed("there is no case")
    return page.case


def _show(
    link: ProviderLink,
    page: CasePage,
    token: str,
    *,
    sent: ActForm | None = None,
    shown: Contact | None = None,
    done: str | None = None,
) -> str:
    kinds = (
        forms.MessageForm,
        forms.HandBackForm,
        forms.ShowForm,
        forms.AgreeForm,
        forms.ObjectForm,
        forms.ContestForm,
    )
    blank = [kind() for kind in kinds]
    made: dict[str, ActForm] = {form.action: form for form in blank}
    if sent is not None:
        made[sent.action] = sent
    for form in made.values():
        form.version.data = str(page.version)
    who = _viewer(link)
    return render_template(
        "cases/by_link.html",
        link=link,
        token=token,
        page=page,
        forms=made,
        sent=sent,
        form=sent,
        sends_to=sends_to("sent") if sent else None,
        shown=shown,
        done=DONE.get(done or ""),
        can={str(kind): page.allows(kind, Actor.PROVIDER) for kind in CAN},
        hearing={
            "answer": verdict_rules.may_answer(page.standing),
            "contest": verdict_actions.may_still_contest(_case(page)),
        },
        of_agency=False,
        may_show=shown is None and disclosure.may_see_contact(who, page.feedback),
        place=disclosure.place_of(page.feedback.id),
        photos=photos.seen_by(who, page.feedback),
        photos_open=provider_links.are_photos_open(link),
        photos_checked=photos.number_checked(who, page.feedback),
        answers=question_answers.seen_by(who, page.feedback),
        longest=rules.LONGEST_MESSAGE,
        where_read=wording.where_read(texts_are_sent=gateway.are_sent()),
        runs_on=actions.runs_on_because(_case(page)),
        kinds=forms.KINDS,
        events=wording.EVENTS,
        actors=wording.ACTORS,
        attributions=wording.ATTRIBUTIONS,
        said_to_it=wording.SAID,
        due_words=wording.due_words,
        clause_words=wording.clause_words,
    )
