"""Where a manager makes the questions of a service: a draft, looked at, published."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.accounts.models import Member
from app.directory import queries as directory
from app.directory.models import Contract
from app.extensions import db
from app.kernel.errors import DomainError, MoveNotAllowed, StaleVersion
from app.kernel.words import QuestionKind, Role
from app.questions import actions, answers, queries, rules
from app.questions.forms import OF_LANGUAGE, QuestionForm, SeenForm
from app.questions.models import Question, QuestionSet
from app.questions.rules import MOST_QUESTIONS, Asked
from app.questions.wording import KINDS
from app.web.access import allow, viewer
from app.web.errors import typed_here
from app.web.languages import OF_RESIDENTS, only_speaks, sends_to
from app.web.refusals import refuse
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("questions", __name__)


@bp.get("/questions")
@allow(Role.MANAGER)
def index() -> Any:
    """What the residents of each contract are asked."""
    contracts = directory.contracts_for(viewer())
    return render_template(
        "questions/index.html",
        contracts=contracts,
        in_use=queries.numbers_in_use(contracts),
        drafts=queries.drafts_among(contracts),
    )


@bp.get("/contracts/<reference>/questions")
@allow(Role.MANAGER)
def edit(reference: str) -> Any:
    """The questions as they are asked, or as the draft would have them."""
    return _editor(_contract(reference))


@bp.route("/contracts/<reference>/questions/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def add(reference: str) -> Any:
    """A question more; its kind is in the address."""
    contract = _contract(reference)
    kind = _kind_asked_for() or QuestionKind.CHOICE
    form = QuestionForm(request.form or None, kind=kind, languages=_languages(contract))
    if request.method == "GET":
        form.seen.data = _seen(contract)
        return _question_page(contract, form)
    if only_speaks():
        return _question_page(contract, form)
    if not form.validate():
        return _question_page(contract, form), 422
    try:
        actions.add(contract, form.to_asked(), seen=form.seen.data or "", member_id=_member())
    except StaleVersion:
        return _stale(contract, form)
    except MoveNotAllowed:
        form.form_errors.append(_too_many())
        return _question_page(_contract(reference), form), 422
    return _back(contract, _("The question is in the draft. Residents are asked it once you publish."))


@bp.route("/contracts/<reference>/questions/<key>", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def change(reference: str, key: str) -> Any:
    """Another wording, other answers, another kind; where that makes it another question, only when that is meant."""
    contract = _contract(reference)
    shown = _shown(contract)
    if request.method == "POST" and shown and key not in {each.key for each in shown.questions}:
        return _gone(contract)
    before = queries.question_or_404(shown, key).asked
    kind = _kind_asked_for() or before.kind
    form = QuestionForm(request.form or None, kind=kind, languages=_languages(contract), of=before)
    if request.method == "GET":
        form.seen.data = _seen(contract)
        return _question_page(contract, form)
    if only_speaks():
        return _question_page(contract, form)
    if not form.validate():
        return _question_page(contract, form), 422
    asked = form.to_asked()
    broken = rules.breaks(before, asked) if queries.was_published(key) else ()
    if broken and not form.sure.data:
        form.ask_whether_sure(broken)
        return _question_page(contract, form), 422
    if broken:
        asked = replace(asked, key=rules.new_key())
    try:
        actions.change(contract, key, asked, seen=form.seen.data or "", member_id=_member())
    except StaleVersion:
        return _stale(contract, form)
    return _back(contract, _("The change is in the draft. Residents are asked it so once you publish."))


@bp.post("/contracts/<reference>/questions/<key>/move")
@allow(Role.MANAGER)
@commits
def move(reference: str, key: str) -> Any:
    """Sooner or later than its neighbour."""
    is_up = request.form.get("to") == "up"
    return _act(
        reference,
        lambda contract, seen: actions.move(contract, key, up=is_up, seen=seen, member_id=_member()),
        _("The order is changed in the draft."),
    )


@bp.post("/contracts/<reference>/questions/<key>/retire")
@allow(Role.MANAGER)
@commits
def retire(reference: str, key: str) -> Any:
    """It is asked no more from the next version on."""
    return _act(
        reference,
        lambda contract, seen: actions.retire(contract, key, seen=seen, member_id=_member()),
        _("The draft asks it no more. What was answered stays in the reports."),
    )


@bp.post("/contracts/<reference>/questions/discard")
@allow(Role.MANAGER)
@commits
def discard(reference: str) -> Any:
    """The draft goes; what residents are asked stays."""
    return _act(
        reference,
        lambda contract, seen: actions.discard(contract, seen=seen),
        _("The draft is thrown away. Residents are asked what they were."),
    )


@bp.route("/contracts/<reference>/questions/publish", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def publish(reference: str) -> Any:
    """What will change and which figures end, then the button."""
    contract = _contract(reference)
    if request.method == "POST":
        return _act(
            reference,
            lambda contract, seen: actions.publish(contract, seen=seen, member_id=_member()),
            _("From now on residents are asked this. Pages that were opened before are still taken in."),
        )
    draft, current = queries.draft_of(contract), queries.in_use(contract)
    if draft is None:
        return redirect(_address(contract))
    changes = actions.changes_of(draft, current)
    return render_template(
        "questions/publish.html",
        contract=contract,
        draft=draft,
        changes=changes,
        answered=answers.numbers_answering([each.key for each in changes.ended]),
        missing=[(each, lacking) for each in draft.questions if (lacking := _missing(contract, each, OF_RESIDENTS))],
        form=SeenForm(data={"seen": actions.state_of(draft, current)}),
    )


def _act(reference: str, deed: Callable[[Contract, str], Any], done: str) -> Any:
    """Do what a button of the editor says, unless somebody was quicker."""
    contract = _contract(reference)
    try:
        deed(contract, request.form.get("seen", ""))
    except DomainError as error:
        db.session.rollback()
        contract = _contract(reference)
        notice = _stale_words(contract) if isinstance(error, StaleVersion) else _("Nothing would change.")
        return _editor(contract, notice=notice), 409
    return _back(contract, done)


def _editor(contract: Contract, notice: str | None = None, kept: list[tuple[str, str]] | None = None) -> str:
    draft, current = queries.draft_of(contract), queries.in_use(contract)
    shown = draft or current
    keys = [each.key for each in shown.questions] if shown else []
    return render_template(
        "questions/edit.html",
        contract=contract,
        draft=draft,
        current=current,
        shown=shown,
        seen=actions.state_of(draft, current),
        answered=answers.numbers_answering(keys),
        versions=queries.versions_of(contract),
        members=_members(draft, current),
        missing={each.key: _missing(contract, each) for each in (shown.questions if shown else ())},
        kinds=KINDS,
        is_full=len(keys) >= MOST_QUESTIONS,
        too_many=_too_many(),
        notice=notice,
        kept=kept or [],
    )


def _question_page(contract: Contract, form: QuestionForm, notice: str | None = None) -> str:
    key = form.of.key if form.of else None
    return render_template(
        "questions/question.html",
        contract=contract,
        form=form,
        key=key,
        kinds=KINDS,
        answered=answers.numbers_answering([key]).get(key, 0) if key else 0,
        was_published=bool(key and queries.was_published(key)),
        notice=notice,
        sends_to=sends_to("question"),
    )


def _stale(contract: Contract, form: QuestionForm) -> Any:
    """Somebody was quicker: what was typed stands in the form again, to be kept on top of theirs, or left."""
    db.session.rollback()
    contract = _contract(contract.reference)
    form.seen.data = _seen(contract)
    return _question_page(contract, form, notice=_stale_words(contract)), 409


def _gone(contract: Contract) -> Any:
    """The question was taken away, or became another, while somebody worded it: their words are shown."""
    form = QuestionForm(kind=_kind_asked_for() or QuestionKind.CHOICE, languages=_languages(contract))
    typed = [(str(form[name].label.text), text) for name, text in typed_here() if name in form and "-" in name]
    return _editor(contract, notice=_stale_words(contract), kept=typed), 409


def _stale_words(contract: Contract) -> str:
    shown = _shown(contract)
    who = db.session.get(Member, shown.changed_by_id) if shown else None
    name = (who.name or who.email) if who else _("Somebody else")
    return _("%(name)s has changed these questions since you opened the page. Nothing of yours was done.", name=name)


def _too_many() -> str:
    return _("There are %(n)s questions already: nobody answers more in a minute.", n=MOST_QUESTIONS)


def _shown(contract: Contract) -> QuestionSet | None:
    return queries.draft_of(contract) or queries.in_use(contract)


def _seen(contract: Contract) -> str:
    return actions.state_of(queries.draft_of(contract), queries.in_use(contract))


def _members(*sets: QuestionSet | None) -> Mapping[int, str]:
    """Who changed or published them, by name."""
    ids = {each for one in sets if one for each in (one.changed_by_id, one.published_by_id) if each is not None}
    found = db.session.query(Member).where(Member.id.in_(ids))
    return {each.id: each.name or each.email for each in found}


def _missing(contract: Contract, question: Question, spoken: Sequence[str] = ()) -> list[str]:
    """The agency's languages, and those ``spoken`` besides, in which a question has no words, by name."""
    asked: Asked = question.asked
    codes = dict.fromkeys([*contract.agency.languages, *spoken])
    lacking = [code for code in codes if not asked.is_whole_in(code)]
    return [OF_LANGUAGE.get(code, code) for code in lacking]


def _kind_asked_for() -> QuestionKind | None:
    asked = request.args.get("kind")
    if not asked:
        return None
    if asked not in set(QuestionKind):
        refuse(404, _("There is no such kind of question."))
    return QuestionKind(asked)


def _languages(contract: Contract) -> list[str]:
    return actions.languages_of(contract, OF_RESIDENTS)


def _contract(reference: str) -> Contract:
    return directory.contract_or_404(viewer(), reference, request.args.get("agency"))


def _address(contract: Contract) -> str:
    return url_for("questions.edit", reference=contract.reference, agency=contract.agency.slug)


def _back(contract: Contract, done: str) -> Any:
    flash(done, "success")
    return redirect(_address(contract), 303)


def _member() -> int:
    who = viewer().member_id
    if who is None:
        raise ValueError("questions are changed by people")
    return who
