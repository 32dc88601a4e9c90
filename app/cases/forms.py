"""The forms of the inbox and of a case's page: their questions, their limits, what is wrong with an answer."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional

from app.accounts.actions import NoAddress, tidy_address
from app.accounts.models import Member
from app.analysis import search
from app.analysis.wording import SENTIMENTS
from app.cases.queries import Wanted
from app.cases.rules import (
    LONGEST_HOLD,
    LONGEST_MESSAGE,
    LONGEST_REASON,
    LONGEST_REASON_TO_LOOK,
    HeldBy,
    InboxView,
    Stand,
)
from app.cases.wording import ATTRIBUTIONS, HOLD_KINDS
from app.directory.models import Clause, Contract, Site
from app.intake.forms import PhotosField
from app.intake.rules import clean, read_reference
from app.intake.wording import CHANNELS
from app.kernel import clock
from app.kernel.periods import local
from app.kernel.words import Attribution, Channel, FeedbackKind, Sentiment, in_language
from app.web.access import Viewer
from app.web.fields import Day
from app.web.languages import OF_MEMBERS, named
from app.web.texts import gettext as _

KINDS = {
    FeedbackKind.COMPLAINT: _l("Complaint"),
    FeedbackKind.SUGGESTION: _l("Suggestion"),
    FeedbackKind.COMPLIMENT: _l("Compliment"),
    FeedbackKind.RATING: _l("Rating"),
}
STANDS = {
    Stand.OPEN: _l("Open"),
    Stand.REOPENED: _l("Reopened"),
    Stand.RESOLVED: _l("Resolved"),
    Stand.REJECTED: _l("Rejected"),
    Stand.WITHDRAWN: _l("Withdrawn"),
    Stand.DUPLICATE: _l("Duplicate"),
    Stand.NO_CASE: _l("No case"),
}
HELD_BY = {
    HeldBy.AGENCY: _l("The agency"),
    HeldBy.HANDED_BACK: _l("The agency, handed back"),
    HeldBy.PROVIDER: _l("A provider"),
}
NOBODY = "nobody"
NO_CONTRACT = "none"
LONGEST_SEARCH = 200


class InboxForm(Form):
    """How the inbox is narrowed, read from its address; an answer that cannot be is said, and counts as none."""

    words = StringField(_l("Words, reference or the hotline's number"))
    contract = SelectField(_l("Contract"), coerce=str, validate_choice=False)
    site = SelectField(_l("Site"), coerce=str, validate_choice=False)
    sentiment = SelectField(_l("Tone"), coerce=str, validate_choice=False)
    kind = SelectField(_l("Kind"), coerce=str, validate_choice=False)
    channel = SelectField(_l("Came by"), coerce=str, validate_choice=False)
    stand = SelectField(_l("State"), coerce=str, validate_choice=False)
    held_by = SelectField(_l("With"), coerce=str, validate_choice=False)
    assignee = SelectField(_l("Seen to by"), coerce=str, validate_choice=False)
    since = Day(_l("Sent from"), [Optional()])
    until = Day(_l("Sent until"), [Optional()])
    urgent = BooleanField(_l("Urgent only"), false_values=("", "0", "no"))

    unsure = BooleanField(_l("Not sure"), false_values=("", "0", "no"))
    disagreeing = BooleanField(_l("Words and stars disagree"), false_values=("", "0", "no"))
    concerning = BooleanField(_l("Safeguarding concern"), false_values=("", "0", "no"))

    def offer(
        self,
        contracts: Sequence[Contract],
        sites: Sequence[Site],
        colleagues: Sequence[Member],
        language: str,
        *,
        of_agency: bool,
    ) -> None:
        """What there is to choose from; what is under no contract is the agency's alone.

        Only those with ``colleagues`` see by whom a case is seen to.
        """
        anything = ("", _("Any"))
        self.contract.choices = [
            anything,
            *([(NO_CONTRACT, _("None in force"))] if of_agency else []),
            *((str(each.id), f"{each.reference} {in_language(each.title, language)}") for each in contracts),
        ]
        self.site.choices = [
            anything,
            *((str(each.id), f"{each.code} {in_language(each.name, language)}") for each in sites),
        ]
        self.sentiment.choices = [anything, *((str(value), label) for value, label in SENTIMENTS.items())]
        self.kind.choices = [anything, *((str(value), label) for value, label in KINDS.items())]
        self.channel.choices = [anything, *((str(value), label) for value, label in CHANNELS.items())]
        self.stand.choices = [anything, *((str(value), label) for value, label in STANDS.items())]
        self.held_by.choices = [anything, *((str(value), label) for value, label in HELD_BY.items())]
        self.assignee.choices = [
            anything,
            *([(NOBODY, _("Nobody"))] if colleagues else []),
            *((str(each.id), each.name or each.email) for each in colleagues),
        ]

    def validate_words(self, field: Field) -> None:
        if len(field.data or "") > LONGEST_SEARCH:
            raise ValidationError(_("Search for %(most)s characters or fewer.", most=LONGEST_SEARCH))
        if (field.data or "").strip() and not search.asked_tokens(field.data):
            raise ValidationError(_("Search for something with a letter or a number in it."))

    def validate_contract(self, field: Field) -> None:
        _offered(field)

    validate_sentiment = validate_kind = validate_channel = validate_contract
    validate_stand = validate_held_by = validate_assignee = validate_contract

    def validate_site(self, field: Field) -> None:
        if field.data and field.data not in [value for value, _label in field.choices]:
            raise ValidationError(_("This contract does not serve the site you chose before."))

    def validate_until(self, field: Field) -> None:
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("Choose a last day that is not before the first."))

    def to_wanted(self, view: InboxView, timezone: str) -> Wanted:
        """What is asked for, leaving out the answers that cannot be; days are those of ``timezone``."""

        def answer(field: Field) -> str | None:
            return field.data if field.data and not field.errors else None

        contract, site = answer(self.contract), answer(self.site)
        sentiment, kind, assignee = answer(self.sentiment), answer(self.kind), answer(self.assignee)
        channel, stand, held_by = answer(self.channel), answer(self.stand), answer(self.held_by)
        since, until = self.since.data, None if self.until.errors else self.until.data
        return Wanted(
            view=view,
            contract_id=int(contract) if contract and contract != NO_CONTRACT else None,
            is_without_contract=contract == NO_CONTRACT,
            site_id=int(site) if site else None,
            sentiment=Sentiment(sentiment) if sentiment else None,
            kind=FeedbackKind(kind) if kind else None,
            channel=Channel(channel) if channel else None,
            urgent=bool(self.urgent.data),
            unsure=bool(self.unsure.data),
            disagreeing=bool(self.disagreeing.data),
            concerning=bool(self.concerning.data),
            words=answer(self.words) or "",
            stand=Stand(stand) if stand else None,
            held_by=HeldBy(held_by) if held_by else None,
            assignee_id=int(assignee) if assignee and assignee != NOBODY else None,
            is_unassigned=assignee == NOBODY,
            since=local(since, 0, timezone) if since else None,
            until=local(until + timedelta(days=1), 0, timezone) if until else None,
        )

    def to_address(self) -> dict[str, str]:
        """The answers as they stand in the address, to be kept in links."""
        return {field.name: "y" if isinstance(field, BooleanField) else str(field.data) for field in self if field.data}


def view_of(text: str | None, viewer: Viewer, views: Iterable[InboxView]) -> InboxView:
    """The view an address names; else the first one there is."""
    offered = list(views)
    return next((view for view in offered if view == text), offered[0])


def _offered(field: Field) -> None:
    if field.data and field.data not in [choice[0] for choice in field.iter_choices()]:
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


class ConcernForm(ActForm):
    """Why it may be about abuse, an injury or an accused worker; and that this hides it at once."""

    action = "concern"
    reason = StringField(_l("Why, in a few words"))
    is_sure = BooleanField(_l("Hide it from the provider at once, and tell the safeguarding officers"))

    def validate_reason(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _checked(field, _("Say why, in a few words."), LONGEST_REASON_TO_LOOK)

    def validate_is_sure(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Tick the box if you are sure. Nothing was changed."))


class CloseConcernForm(ConcernForm):
    """What was found and done."""

    action = "concern-close"
    is_sure = BooleanField(_l("It is dealt with, and stays hidden from the provider"))


class ReleaseConcernForm(ConcernForm):
    """Why it is no concern, or none any more."""

    action = "concern-release"
    is_sure = BooleanField(_l("The provider may see it from now on"))


class ToProviderForm(ActForm):
    """Where a link for the provider is sent, and in which language it speaks.

    ``known`` are the domains of the provider's addresses, as far as they are known.
    """

    known: frozenset[str] = frozenset()
    email = EmailField(_l("E-mail address of the provider"))
    is_meant = BooleanField(_l("This address is the provider's: send the link there"))
    language = RadioField(
        _l("Language of the letter and the page"),
        choices=[SelectChoice(code, name) for code, name in named(OF_MEMBERS)],
        validate_choice=False,
    )

    def validate_email(self, field: Field) -> None:
        try:
            field.data = tidy_address(field.data or "")
        except NoAddress:
            raise ValidationError(_("Enter an e-mail address, like name@example.org.")) from None

    def validate_is_meant(self, field: Field) -> None:
        """Whoever has the link reads the case: an address elsewhere is looked at twice."""
        if self.email.errors:
            return
        domain = (self.email.data or "").rpartition("@")[2]
        if self.known and domain not in self.known and not field.data:
            raise ValidationError(
                _(
                    "So far the provider's addresses end in %(known)s, and this one in %(domain)s. Correct or tick it.",
                    known=", ".join(sorted(self.known)),
                    domain=domain,
                )
            )

    def validate_language(self, field: Field) -> None:
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose a language."))


class LinkForm(ToProviderForm):
    action = "link"


class NoteForm(ActForm):
    """Something for colleagues only."""

    action = "note"
    note = Text(_l("Note"))

    def validate_note(self, field: Field) -> None:
        _checked(field, _("Write the note."), LONGEST_MESSAGE)


class CalledForm(ActForm):
    """What was said when a resident who wanted it was called."""

    action = "called"
    note = Text(_l("What was said"))

    def validate_note(self, field: Field) -> None:
        _checked(field, _("Write what was said, or that nobody answered."), LONGEST_MESSAGE)


class AssignForm(ActForm):
    """To the provider, with or without a word."""

    action = "assign"
    note = Text(_l("Message to the provider (optional)"))

    def validate_note(self, field: Field) -> None:
        if field.data:
            _checked(field, "", LONGEST_REASON)


class TakeForm(ActForm):
    action = "take"


class AssigneeForm(ActForm):
    """Who of the agency sees to the case; nobody is an answer too."""

    action = "assignee"
    assignee = SelectField(_l("Who sees to it"), coerce=str, validate_choice=False)

    def offer(self, colleagues: Sequence[Member]) -> None:
        self.assignee.choices = [
            (NOBODY, _("Nobody")),
            *((str(each.id), each.name or each.email) for each in colleagues),
        ]

    def validate_assignee(self, field: Field) -> None:
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose one of the list."))

    @property
    def member_id(self) -> int | None:
        return None if self.assignee.data == NOBODY else int(self.assignee.data)


class ShowForm(ActForm):
    """Why somebody opens what a resident wrote and how to reach them."""

    action = "show"
    reason = StringField(_l("Why you need it"))

    def validate_reason(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _checked(field, _("Say why you need it."), LONGEST_REASON_TO_LOOK)


class HoldForm(ActForm):
    """Why what was written must be kept, and until which day."""

    action = "hold"
    kind = RadioField(
        _l("Of what kind the reason is"),
        choices=[SelectChoice(str(kind), words) for kind, words in HOLD_KINDS.items()],
        validate_choice=False,
    )
    reason = StringField(_l("Why it must be kept"))
    until = Day(_l("Until and including"))

    def validate_reason(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _checked(field, _("Say why it must be kept."), LONGEST_REASON_TO_LOOK)

    def validate_kind(self, field: Field) -> None:
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose what the resident reads of the reason."))

    def validate_until(self, field: Field) -> None:
        if field.errors:
            return
        if field.data is None:
            raise ValidationError(_("Choose a day of the calendar."))
        if not clock.now().date() < field.data <= clock.now().date() + LONGEST_HOLD:
            raise ValidationError(_("Choose a day after today and within ten years."))

    def ends_at(self, timezone: str) -> datetime:
        """The end of that day where the agency is."""
        return local(self.until.data + timedelta(days=1), 0, timezone)


class LiftForm(ActForm):
    action = "lift"


class OpenForm(ActForm):
    action = "open"


class DuplicateForm(ActForm):
    """Into which other case; ``sure`` is the reference of the one that was looked at first."""

    action = "duplicate"
    of = StringField(_l("Reference of the other case"))
    sure = HiddenField()

    @property
    def is_sure(self) -> bool:
        return bool(self.sure.data) and self.sure.data == read_reference(self.of.data or "")

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


class MoveForm(ReasonForm):
    """To which other contract a case belongs, and why."""

    action = "move"
    contract = SelectField(_l("Contract"), coerce=str, validate_choice=False)
    give = BooleanField(_l("Give it to the provider of that contract at once"))

    untold: Sequence[Contract] = ()
    is_given = False

    def offer(self, contracts: Sequence[Contract], with_people: Collection[int], language: str) -> None:
        """``with_people``: the providers (ids) of which somebody signs in. To no other can it be given at once."""
        self.untold = [each for each in contracts if each.provider_id not in with_people]
        self.is_given = len(self.untold) < len(contracts)
        self.contract.choices = [
            ("", _("Choose one")),
            *((str(each.id), f"{each.reference} {in_language(each.title, language)}") for each in contracts),
        ]

    def validate_give(self, field: Field) -> None:
        if field.data and self.contract.data in {str(each.id) for each in self.untold}:
            raise ValidationError(
                _(
                    "Nobody of the provider of that contract signs in, so nobody would be told. Take this tick out, "
                    "move the case, then send a link from its page."
                )
            )

    def validate_contract(self, field: Field) -> None:
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose one of the list."))


class JudgeForm(ToProviderForm):
    """Whom a complaint is attributable to, on what grounds, and where the provider is told that has no accounts."""

    action = "judge"
    attribution = RadioField(_l("Whose is it?"), coerce=str, validate_choice=False)
    grounds = Text(_l("Grounds"))

    is_hidden = False

    def offer(self, attributions: Iterable[Attribution], *, is_hidden: bool = False) -> None:
        """``is_hidden``: a safeguarding concern hides it from the provider, who is then not among them."""
        self.attribution.choices = [(str(each), ATTRIBUTIONS[each]) for each in attributions]
        self.is_hidden = is_hidden

    def validate_attribution(self, field: Field) -> None:
        if self.is_hidden and field.data == Attribution.PROVIDER:
            raise ValidationError(
                _(
                    "This is hidden from the provider by a safeguarding concern: it cannot be judged as theirs until it"
                    " is released."
                )
            )
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose whose it is."))

    def validate_grounds(self, field: Field) -> None:
        _checked(field, _("Give the grounds."), LONGEST_REASON)

    @property
    def address(self) -> str | None:
        """Where the link goes; None where no address was given, or it is not the provider's."""
        return self.email.data if self.attribution.data == Attribution.PROVIDER else None

    def validate_email(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if self.address:
            super().validate_email(field)

    def validate_is_meant(self, field: Field) -> None:
        if self.address:
            super().validate_is_meant(field)

    def validate_language(self, field: Field) -> None:
        if self.address:
            super().validate_language(field)


class AgreeForm(ActForm):
    """That the provider agrees, and knows that this is its last word."""

    action = "agree"
    is_sure = BooleanField(_l("We agree, and know that the verdict cannot be contested afterwards"))

    def validate_is_sure(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Tick the box if you are sure. Nothing was changed."))


class ObjectForm(ReasonForm):
    """Why it is not the provider's."""

    action = "object"


class ContestForm(ReasonForm):
    """Why a verdict that was upheld is wrong; once."""

    action = "contest"


class CheckForm(ActForm):
    """What a second person finds."""

    action = "check"
    agrees = RadioField(
        _l("Do you find the same?"),
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No, a manager should decide"))],
        validate_choice=False,
    )
    why = Text(_l("Why (needed where you find otherwise)"))

    def validate_agrees(self, field: Field) -> None:
        _offered(field)
        if not field.data:
            raise ValidationError(_("Choose yes or no."))

    def validate_why(self, field: Field) -> None:
        if self.agrees.data == "no":
            _checked(field, _("Say why you find otherwise."), LONGEST_REASON)
        elif field.data:
            _checked(field, "", LONGEST_REASON)
