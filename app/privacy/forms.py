"""What is looked for in the audit, who is looked for, and for how many days what is kept."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from app.accounts.models import Member
from app.audit.rules import INSTALLATION, Verb
from app.directory.models import Agency
from app.directory.retention_periods import RETENTION, Kept
from app.intake.rules import clean, contact_as_one, read_reference
from app.kernel.words import in_language
from app.privacy.wording import VERBS


class AuditForm(Form):
    """How the audit is narrowed, read from its address."""

    of = SelectField(_l("Agency"), coerce=str, validate_choice=False)
    case = StringField(_l("Reference"))
    member = SelectField(_l("Member"), coerce=str, validate_choice=False)
    verb = SelectField(_l("What was done"), coerce=str, validate_choice=False)

    def offer(self, agencies: Sequence[Agency], members: Sequence[Member], language: str) -> None:
        anything = ("", _("Any"))
        self.of.choices = [
            (str(INSTALLATION), _("The installation: members, providers")),
            *((str(each.id), in_language(each.name, language)) for each in agencies),
        ]
        self.member.choices = [anything, *((str(each.id), each.name or each.email) for each in members)]
        self.verb.choices = [anything, *((str(value), label) for value, label in VERBS.items())]

    @property
    def reference(self) -> str:
        return read_reference(self.case.data or "")

    @property
    def member_id(self) -> int | None:
        return int(self.member.data) if self.member.data and self.member.data.isdecimal() else None

    @property
    def chosen_verb(self) -> Verb | None:
        return Verb(self.verb.data) if self.verb.data in tuple(Verb) else None

    def to_address(self) -> dict[str, Any]:
        """The answers as they stand in the address, to be kept in links."""
        return {field.name: str(field.data) for field in self if field.data}


class PersonForm(FlaskForm):
    """Who is looked for, and why."""

    contact = StringField(_l("E-mail address or phone number"), [InputRequired(_l("Enter an address or a number."))])
    reason = StringField(
        _l("Why you need it"),
        [InputRequired(_l("Say why you need it.")), Length(max=300, message=_l("Use %(max)d characters or fewer."))],
    )

    def validate_contact(self, field: Field) -> None:
        field.data = clean(field.data or "")
        if "@" not in field.data and len(contact_as_one(field.data)) < 5:
            raise ValidationError(_("Enter a whole address or number, as it was left."))


class ErasePersonForm(PersonForm):
    """That everything about them is to be deleted, and to be sure of it."""

    sure = BooleanField(
        _l("It is really them who ask for it, and it cannot be undone"),
        [InputRequired(_l("Tick this to delete everything about this person."))],
    )


class RetentionForm(FlaskForm):
    """For how many days each kind of data is kept."""

    contact = IntegerField(_l("Contact details"), [InputRequired(_l("Enter a number of days."))])
    photos = IntegerField(_l("Photos"), [InputRequired(_l("Enter a number of days."))])
    words = IntegerField(_l("What was written"), [InputRequired(_l("Enter a number of days."))])
    links = IntegerField(_l("Addresses of links for providers"), [InputRequired(_l("Enter a number of days."))])

    def validate_contact(self, field: Field) -> None:
        limits = RETENTION[Kept(field.name)]
        if field.data is None or not limits.least <= field.data <= limits.most:
            raise ValidationError(
                _("Choose a number of days from %(least)d to %(most)d.", least=limits.least, most=limits.most)
            )

    validate_photos = validate_words = validate_links = validate_contact

    def to_days(self) -> dict[str, int]:
        return {kind.value: int(self[kind.value].data) for kind in Kept}
