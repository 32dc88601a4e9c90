"""What members say about themselves and about each other."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FloatField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange

from app.accounts.models import Membership
from app.accounts.passwords import Weakness, known_of, weakness_of
from app.accounts.rules import LEAST_PASSWORD, MOST_PASSWORD, House
from app.directory.forms import HOURS
from app.directory.models import Agency
from app.kernel.words import Role, in_language
from app.web.languages import OF_MEMBERS, named

ROLES: dict[Role, Any] = {
    Role.VIEWER: _l("Viewer"),
    Role.OFFICER: _l("Officer"),
    Role.MANAGER: _l("Manager"),
    Role.STAFF: _l("Provider staff"),
    Role.ADMINISTRATOR: _l("Administrator"),
}

ROLE_HINTS: dict[Role, Any] = {
    Role.VIEWER: _l("Reads cases and reports."),
    Role.OFFICER: _l("Answers cases and sees how to reach residents."),
    Role.MANAGER: _l("An officer who also manages members and contracts."),
    Role.STAFF: _l("Sees and answers the cases of their provider."),
    Role.ADMINISTRATOR: _l("Runs this installation."),
}


@dataclass(frozen=True)
class Invitation:
    email: str
    role: Role
    house: House
    language: str


@dataclass(frozen=True)
class Duty:
    """Memberships on duty, by id, and the limit of safeguarding concerns in working hours."""

    on_duty: frozenset[int]
    safeguarding_hours: float


@dataclass(frozen=True)
class Profile:
    """``quiet``: from which until which hour; None for no hours of their own."""

    name: str
    language: str
    quiet: tuple[int, int] | None = None


def languages() -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in named(OF_MEMBERS)]


def one_line(_form: FlaskForm, bound: Field) -> None:
    if not (bound.data or "").strip():
        raise ValidationError(_("Enter your name."))
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in bound.data):
        raise ValidationError(_("Use letters and spaces only."))


class NameAndLanguage(FlaskForm):
    name = StringField(_l("Your name"), [one_line, Length(max=120, message=_l("Use %(max)d characters or fewer."))])
    language = RadioField(_l("Language"), [InputRequired(_l("Choose a language."))], choices=languages())

    def to_profile(self) -> Profile:
        return Profile(self.name.data.strip(), self.language.data)


class ProfileForm(NameAndLanguage):
    """What members say about themselves once they have come in."""

    has_own_quiet = BooleanField(_l("Quiet hours of my own"))
    quiet_from = SelectField(_l("No letters from"), coerce=int, choices=HOURS)
    quiet_until = SelectField(_l("until"), coerce=int, choices=HOURS)

    def validate_has_own_quiet(self, field: Field) -> None:
        hours = (self.quiet_from, self.quiet_until)
        if not field.data and any(each.data != each.object_data for each in hours):
            raise ValidationError(_l("Tick this for the hours below to hold, or leave them as they were."))

    def to_profile(self) -> Profile:
        quiet = (self.quiet_from.data, self.quiet_until.data) if self.has_own_quiet.data else None
        return Profile(self.name.data.strip(), self.language.data, quiet)


WEAK: dict[Weakness, Any] = {
    Weakness.COMMON: _l("This password is one of the first that others would try. Put several words together instead."),
    Weakness.PERSONAL: _l(
        "Leave out your name, your address, the name of your agency or provider and Answerable, or add more to it."
    ),
}


class AcceptForm(NameAndLanguage):
    """Coming in for the first time; ``known`` is what anybody knows of the person, which makes no password."""

    known: frozenset[str] = frozenset()

    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Choose a password.")),
            Length(LEAST_PASSWORD, MOST_PASSWORD, _l("Use %(min)d to %(max)d characters.")),
        ],
    )
    password_again = PasswordField(
        _l("The same password again"), [EqualTo("password", _l("The two passwords are not the same."))]
    )

    def validate_password(self, field: Field) -> None:
        weakness = weakness_of(field.data, {*self.known, *known_of("", self.name.data or "")})
        if weakness is not None:
            raise ValidationError(WEAK[weakness])


class CodeForm(FlaskForm):
    """A code of the authenticator app; ``secret`` is the sealed key that is being set up, where one is."""

    code = StringField(_l("Code from the app"), [InputRequired(_l("Enter the six digits that the app shows."))])
    secret = HiddenField()


class ProofForm(FlaskForm):
    """Who changes the second step and has no app: a passkey's answer, or a recovery code."""

    code = StringField(_l("Recovery code"))
    credential = HiddenField()


class PasskeyForm(FlaskForm):
    """A key that the browser has just made, and what its member calls it."""

    name = StringField(_l("Name of the passkey"), [Length(max=60, message=_l("Use %(max)d characters or fewer."))])
    credential = HiddenField()

    def validate_name(self, field: Field) -> None:
        field.data = " ".join((field.data or "").split())
        if not field.data:
            raise ValidationError(_("Give it a name, so that you know it again."))
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in field.data):
            raise ValidationError(_("Use letters and spaces only."))


class RoleForm(FlaskForm):
    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))], choices=[])

    def offer(self, roles: Sequence[Role]) -> None:
        self.role.choices = [SelectChoice(role.value, ROLES[role]) for role in roles]

    def to_role(self) -> Role:
        return Role(self.role.data)


class MembershipForm(RoleForm):
    """What a member is to their house; at an agency also whether they see to safeguarding, at a provider who leads."""

    is_safeguarding_officer = BooleanField(_l("Safeguarding officer"))
    is_lead = BooleanField(_l("Leads the people of the provider"))


class DutyForm(FlaskForm):
    """Who is told at once, and how soon a safeguarding concern should be dealt with."""

    on_duty = SelectMultipleField(_l("Who is told of urgent feedback at once?"), choices=[])
    safeguarding_hours = FloatField(
        _l("Working hours in which a safeguarding concern should be dealt with"),
        [NumberRange(0.5, 400, _l("Enter a number of hours from 0.5 to 400."))],
    )

    def offer(self, memberships: Sequence[Membership]) -> None:
        self.on_duty.choices = [
            SelectChoice(str(each.id), each.member.name or each.member.email) for each in memberships
        ]

    def to_duty(self) -> Duty:
        return Duty(frozenset(int(each) for each in self.on_duty.data or ()), float(self.safeguarding_hours.data))


class TwoStepsForm(FlaskForm):
    """At which agencies managers may sign in with a password alone."""

    optional = SelectMultipleField(_l("Managers may sign in with a password alone"), choices=[])

    def offer(self, agencies: Sequence[Agency], language: str) -> None:
        self.optional.choices = [SelectChoice(str(each.id), in_language(each.name, language)) for each in agencies]

    @property
    def chosen(self) -> frozenset[int]:
        """The agencies' ids."""
        return frozenset(int(each) for each in self.optional.data or ())


class InviteForm(RoleForm):
    email = EmailField(_l("E-mail address"), [InputRequired(_l("Enter an e-mail address."))])
    house = SelectField(_l("Agency or provider"), choices=[])
    language = RadioField(_l("Language of the invitation"), choices=languages())

    def offer_houses(self, houses: Sequence[tuple[House, str]]) -> None:
        self.houses = {key_of(house): house for house, _name in houses}
        self.house.choices = [SelectChoice(key_of(house), name) for house, name in houses]

    def to_invitation(self) -> Invitation:
        return Invitation(self.email.data, self.to_role(), self.houses[self.house.data], self.language.data)


def key_of(house: House) -> str:
    if house.agency_id is not None:
        return f"agency-{house.agency_id}"
    return f"provider-{house.provider_id}" if house.provider_id is not None else "installation"
