"""The questions that residents are asked, and how their answers are worded."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FloatField,
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from app.intake.forms import PhotosField
from app.intake.photo_keeping import Filed
from app.intake.photos import MOST_PHOTOS
from app.intake.rules import LONGEST_PLACE, LONGEST_TEXT, NewAnswers, NewFeedback, clean, kind_of, read_reference
from app.kernel.words import Channel
from app.questions.queries import OfferedSet
from app.resident.asking import add_fields, answers_in
from app.resident.fields import NoLongerThan, OneToFive
from app.resident.rules import is_email, is_phone
from app.web.languages import OF_RESIDENTS, named


@dataclass(frozen=True)
class Where:
    """The site and contract that a feedback is about, and when it is sent."""

    agency_id: int
    site_id: int
    contract_id: int | None
    language: str
    channel: Channel
    at: datetime


@dataclass(frozen=True)
class Own:
    """The agency's own questions on a page: versions, which of them the page that was sent had (``sent``).

    ``is_lost``: it had a version that nobody knows, so what was answered cannot be kept as an answer. ``served`` are
    the contracts of the services that can be chosen.
    """

    sets: tuple[OfferedSet, ...]
    sent: frozenset[int] = frozenset()
    is_lost: bool = False
    served: frozenset[int] = frozenset()

    def about(self, contract_id: int | None) -> OfferedSet | None:
        """The version that was asked about a service.

        Where the service has gone to another contract since the page was opened, the version of the one before.
        """
        sent = [each for each in self.sets if each.id in self.sent]
        of_it = [each for each in sent if each.contract_id == contract_id]
        of_one_that_went = [each for each in sent if each.contract_id not in self.served]
        return next(iter(of_it or of_one_that_went), None)


NO_OWN = Own(())


class GiveForm(Form):
    """What residents are asked, in this order: how was it, what happened, where, photos, an answer?, contact.

    ``kept`` names the photos that came before and are still wanted; ``staged`` says which of them there still are.
    After where it was come the agency's own questions, of the versions that ``own`` says.
    """

    service = RadioField(_l("Which service is it about?"), validate_choice=False)
    rating = OneToFive(_l("How was it?"))
    text = TextAreaField(_l("What happened? (optional)"), [NoLongerThan(LONGEST_TEXT)])
    place = StringField(_l("Where exactly? (optional)"), [NoLongerThan(LONGEST_PLACE)])
    photos = PhotosField(_l("Photos (optional)"))
    kept = SelectMultipleField(validate_choice=False)
    wants_answer = RadioField(
        _l("Should somebody answer or put it right?"),
        [Optional()],
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No, I only want to say it"))],
    )
    email = EmailField(_l("E-mail (optional)"), [Optional(), NoLongerThan(254)])
    phone = TelField(_l("Phone (optional)"), [Optional(), NoLongerThan(40)])
    call = BooleanField(_l("Please call me"))
    share = BooleanField(_l("The provider may see my contact details too"))
    key = HiddenField()
    lang = HiddenField()

    def __init__(self, asked: Any = None, *, services: list[tuple[str, str]], own: Own = NO_OWN, **more: Any):
        super().__init__(asked, **more)
        self.service.choices = [SelectChoice(value, label) for value, label in services]
        self.staged: list[Filed] = []
        self.own = own
        add_fields(self, own.sets, asked)

    @property
    def draft(self) -> str:
        """The key under which this form is sent, as far as it is kept."""
        return (self.key.data or "")[:64]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: something must have been said, something be there to share, and of several services one chosen."""
        for field in (self.text, self.place, self.email, self.phone):
            field.data = clean(field.data or "")
        self.staged = self.staged[:MOST_PHOTOS]
        self.photos.already = frozenset(each.sha256 for each in self.staged)
        good = bool(super().validate(extra_validators))
        is_silent = self.rating.data is None and not self.text.data
        if not self.rating.errors and is_silent and not any(answers_in(self, each) for each in self.own.sets):
            self.rating.errors = [*self.rating.errors, _l("Choose how it was, or write what happened.")]
            good = False
        if self.share.data and not (self.email.data or self.phone.data):
            self.share.errors = [*self.share.errors, _l("Enter an e-mail address or a phone number, or untick this.")]
            good = False
        if self.call.data and not self.phone.data:
            self.call.errors = [*self.call.errors, _l("Enter a phone number, or untick this.")]
            good = False
        if len(self.staged) < min(len(self.kept.data or ()), MOST_PHOTOS):
            self.photos.errors = [*self.photos.errors, _l("Your photos were kept for an hour only. Choose them again.")]
            good = False
        offered = [choice.value for choice in self.service.choices]
        if len(offered) > 1 and self.service.data not in offered:
            self.service.errors = [*self.service.errors, _l("Choose the service.")]
            good = False
        if self.own.is_lost:
            self.form_errors.append(
                _l("This page asked something that is asked no more. Look at the questions below, and send it again.")
            )
            good = False
        return good

    def ask_again(self, language: str) -> None:
        """The same answers in another language, with nothing said of them yet."""
        self.lang.data = language
        for field in self:
            field.errors = []

    def validate_email(self, field: Field) -> None:
        if not is_email(field.data):
            raise ValidationError(_l("Enter an e-mail address like name@example.com."))

    def validate_phone(self, field: Field) -> None:
        if not is_phone(field.data):
            raise ValidationError(_l("Enter a phone number like 0131 496 0000."))

    def to_new_feedback(self, where: Where) -> NewFeedback:
        """What was answered, as it is taken in."""
        wants_answer = self.wants_answer.data == "yes"
        return NewFeedback(
            agency_id=where.agency_id,
            site_id=where.site_id,
            contract_id=where.contract_id,
            kind=kind_of(wants_answer=wants_answer, rating=self.rating.data),
            rating=self.rating.data,
            text=self.text.data or None,
            place=self.place.data or None,
            email=self.email.data or None,
            phone=self.phone.data or None,
            is_shared=bool(self.share.data and (self.email.data or self.phone.data)),
            language=where.language,
            channel=where.channel,
            submitted_at=where.at,
            idempotency_key=self.draft or None,
            answered=self.answered(where.contract_id),
            wants_call=bool(self.call.data and self.phone.data),
        )

    def answered(self, contract_id: int | None) -> NewAnswers | None:
        """Which version of the questions about a service was asked, and what was answered; None where none was."""
        of = self.own.about(contract_id)
        return NewAnswers(of.id, answers_in(self, of)) if of else None


class PhonedForm(GiveForm):
    """The same questions asked on the phone; who leaves contact details hears first who will see them."""

    language = SelectField(_l("Language of the caller"), choices=[])
    read_out = BooleanField(_l("I have read this to the caller, who agrees"))

    def __init__(self, asked: Any = None, *, services: list[tuple[str, str]], own: Own = NO_OWN, **more: Any):
        super().__init__(asked, services=services, own=own, **more)
        self.language.choices = [SelectChoice(code, name) for code, name in named(OF_RESIDENTS)]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if (self.email.data or self.phone.data) and not self.read_out.data:
            self.read_out.errors = [_l("Read it to the caller first, or leave out e-mail and phone.")]
            good = False
        return good


class AddForm(Form):
    """Something more to say."""

    message = TextAreaField(
        _l("Add something"),
        [InputRequired(_l("Write what you want to add.")), NoLongerThan(LONGEST_TEXT)],
    )

    def validate_message(self, field: Field) -> None:
        field.data = clean(field.data or "")
        if not field.data:
            raise ValidationError(_l("Write what you want to add."))


class ConfirmForm(Form):
    """It is solved; how was it handled?"""

    rating = OneToFive(_l("How was it handled? (optional)"))


class RateForm(Form):
    """How was it handled?"""

    rating = OneToFive(_l("How was it handled?"), [DataRequired(_l("Choose one of the five."))])


class ReopenForm(Form):
    """It is not solved; what is still wrong?"""

    message = TextAreaField(
        _l("What is still wrong? (optional)"),
        [NoLongerThan(LONGEST_TEXT)],
        filters=[lambda t: clean(t or "")],
    )


class NearForm(Form):
    """Where somebody stands, as their phone tells it; they type nothing."""

    latitude = FloatField(validators=[InputRequired(), NumberRange(-90, 90)])
    longitude = FloatField(validators=[InputRequired(), NumberRange(-180, 180)])


class FindForm(Form):
    """Reference and PIN, where the link was lost."""

    reference = StringField(
        _l("Reference"),
        [InputRequired(_l("Enter the reference, like 7KQ4-MMZ2-X9RD."))],
        filters=[lambda t: (t or "").strip()],
    )
    pin = StringField(_l("PIN"), [InputRequired(_l("Enter the PIN of six digits."))])

    @property
    def read_pin(self) -> str:
        """The PIN as it was typed, without spaces and in plain digits."""
        return "".join(unicodedata.normalize("NFKC", self.pin.data or "").split())

    @property
    def read_reference(self) -> str:
        return read_reference(self.reference.data or "")
