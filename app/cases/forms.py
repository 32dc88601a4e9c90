"""The forms of the inbox and of a case's page: their questions, their limits, what is wrong with an answer."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, Form, HiddenField, SelectField, StringField, TextAreaField, ValidationError

from app.cases.queries import Wanted
from app.cases.rules import LONGEST_MESSAGE, LONGEST_REASON, InboxView
from app.directory.models import Clause, Contract, Site
from app.intake.forms import PhotosField
from app.intake.rules import clean
from app.kernel.words import FeedbackKind, Sentiment, in_language
from app.web.access import Viewer
from app.web.texts import gettext as _

KINDS = {
    FeedbackKind.COMPLAINT: _l("Complaint"),
    FeedbackKind.SUGGESTION: _l("Suggestion"),
    FeedbackKind.COMPLIMENT: _l("Compliment"),
    FeedbackKind.RATING: _l("Rating"),
}
SENTIMENTS = {
    Sentiment.NEGATIVE: _l("Negative"),
    Sentiment.NEUTRAL: _l("Neutral"),
    Sentiment.POSITIVE: _l("Positive"),
}
LONGEST_SEARCH = 200


class InboxForm(Form):
    """How the inbox is narrowed, read from its address; an answer that cannot be is said, and counts as none."""

    words = StringField(_l("Words"))
    contract = SelectField(_l("Contract"), coerce=str, validate_choice=False)
    site = SelectField(_l("Site"), coerce=str, validate_choice=False)
    sentiment = SelectField(_l("Tone"), coerce=str, validate_choice=False)
    kind = SelectField(_l("Kind"), coerce=str, validate_choice=False)
    urgent = BooleanField(_l("Urgent only"), false_values=("", "0", "no"))

    def offer(self, contracts: Sequence[Contract], sites: Sequence[Site], language: str) -> None:
        """What there is to choose from."""
        anything = ("", _("Any"))
        self.contract.choices = [
            anything,
            *((str(each.id), f"{each.reference} {in_language(each.title, language)}") for each in contracts),
        ]
        self.site.choices = [
            anything,
            *((str(each.id), f"{each.code} {in_language(each.name, language)}") for each in sites),
        ]
        self.sentiment.choices = [anything, *((str(value), label) for value, label in SENTIMENTS.items())]
        self.kind.choices = [anything, *((str(value), label) for value, label in KINDS.items())]

    def validate_words(self, field: Field) -> None:
        if len(field.data or "") > LONGEST_SEARCH:
            raise ValidationError(_("Search for %(most)s characters or fewer.", most=LONGEST_SEARCH))

    def validate_contract(self, field: Field) -> None:
        _offered(field)

    validate_site = validate_sentiment = validate_kind = validate_contract

    def to_wanted(self, view: InboxView) -> Wanted:
        """What is asked for, leaving out the answers that cannot be."""

        def answer(field: Field) -> str | None:
            return field.data if field.data and not field.errors else None

        contract, site = answer(self.contract), answer(self.site)
        sentiment, kind = answer(self.sentiment), answer(self.kind)
        return Wanted(
            view=view,
            contract_id=int(contract) if contract else None,
            site_id=int(site) if site else None,
            sentiment=Sentiment(sentiment) if sentiment else None,
            kind=FeedbackKind(kind) if kind else None,
            urgent=bool(self.urgent.data),
            words=answer(self.words) or "",
        )

    def to_address(self) -> dict[str, str]:
        """The answers as they stand in the address, to be kept in links."""
        kept = {field.name: str(field.data) for field in self if field.data and field is not self.urgent}
        return kept | ({"urgent": "y"} if self.urgent.data else {})


def view_of(text: str | None, viewer: Viewer, views: Iterable[InboxView]) -> InboxView:
    """The view an address names; else the first one there is."""
    offered = list(views)
    return next((view for view in offered if view == text), offered[0])


def _offered(field: Field) -> None:
    if field.data and field.data not in [value for value, _label in field.choices]:
        raise ValidationError(_("Choose one of the list."))


class ActForm(Form):
    """One thing done to a case. ``version`` is what the person saw; ids are told apart by ``action``."""

    action = ""
    version = HiddenField()

    def __init__(self, sent: Any = None, **more: Any):
        super().__init__(sent, **more)
        for field in self:
            field.id = f"{self.action}-{field.name}"

    @property
    def seen(self) -> int:
        """The version of the page; a made-up one is none that there is."""
        try:
            return int(self.version.data or "")
        except ValueError:
            return -1_000_000_000


class Text(TextAreaField):
    """Several lines, without hidden characters."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = clean(self.data or "")


def _checked(field: Field, missing: str, most: int) -> None:
    if not field.data:
        raise ValidationError(missing)
    if len(field.data) > most:
        raise ValidationError(_("Use %(most)s characters or fewer.", most=most))


class MessageForm(ActForm):
    """What is written to the resident: an answer, a question, or that it is done; with photos for the other side."""

    action = "message"
    message = Text(_l("Message to the resident"))
    photos = PhotosField(_l("Photos as evidence (optional)"))

    def validate_message(self, field: Field) -> None:
        _checked(field, _("Write what the resident should read."), LONGEST_MESSAGE)


class ReasonForm(ActForm):
    """Why: for what needs a reason."""

    reason = Text(_l("Reason"))

    def validate_reason(self, field: Field) -> None:
        _checked(field, _("Give a reason."), LONGEST_REASON)


class RejectForm(ReasonForm):
    action = "reject"


class HandBackForm(ReasonForm):
    action = "hand-back"


class ReopenForm(ReasonForm):
    action = "reopen"


class NoteForm(ActForm):
    """Something for colleagues only."""

    action = "note"
    note = Text(_l("Note"))

    def validate_note(self, field: Field) -> None:
        _checked(field, _("Write the note."), LONGEST_MESSAGE)


class AssignForm(ActForm):
    """To the provider, with or without a word."""

    action = "assign"
    note = Text(_l("Message to the provider (optional)"))

    def validate_note(self, field: Field) -> None:
        if field.data:
            _checked(field, "", LONGEST_REASON)


class TakeForm(ActForm):
    action = "take"


class OpenForm(ActForm):
    action = "open"


class DuplicateForm(ActForm):
    """Into which other case."""

    action = "duplicate"
    of = StringField(_l("Reference of the other case"))

    def validate_of(self, field: Field) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("Enter the reference of the other case."))


class KindForm(ActForm):
    """What kind of feedback it is."""

    action = "kind"
    kind = SelectField(_l("Kind"), coerce=str, validate_choice=False)

    def __init__(self, sent: Any = None, **more: Any):
        super().__init__(sent, **more)
        self.kind.choices = [(str(value), label) for value, label in KINDS.items()]

    def validate_kind(self, field: Field) -> None:
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose one of the list."))


class ClauseForm(ReasonForm):
    """Which duty a complaint is about, and why."""

    action = "clause"
    clause = SelectField(_l("Clause"), coerce=str, validate_choice=False)

    def offer(self, clauses: Sequence[Clause], language: str) -> None:
        self.clause.choices = [(str(each.id), f"{each.code} {in_language(each.title, language)}") for each in clauses]

    def validate_clause(self, field: Field) -> None:
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose one of the list."))
