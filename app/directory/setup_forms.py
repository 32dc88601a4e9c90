"""The questions of setting up: a contract, a clause, a site, and on which days a contract serves one."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import Optional

from app.directory.forms import CODE, Number, need_day_of, need_order
from app.directory.models import Provider
from app.directory.rules import MOST, Days, Lived, Span, days_that_stay
from app.kernel.words import Aspect, ProviderKind, Words, in_language
from app.web.fields import Day, Whole, need_day
from app.web.filters import day as said_day
from app.web.languages import LANGUAGES
from app.web.texts import gettext as _

ANOTHER = "another"
"""The choice of a provider that is new."""

LONGEST_WORDS = 200
REFERENCE = re.compile(r"[^\s/?#%\\]{1,60}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
KINDS = {ProviderKind.FIRM: _l("Firm"), ProviderKind.SOCIAL_ORGANISATION: _l("Social organisation")}

F = TypeVar("F", bound="InLanguages")


class InLanguages(FlaskForm):
    """A form that asks for some names once in each of the agency's languages."""

    languages: tuple[str, ...] = ()
    # Name → its label, and whether there must be one.
    names: Mapping[str, tuple[Any, bool]] = {}  # never changed

    def __init__(self, *given: Any, **more: Any):
        super().__init__(*given, **more)
        # In the order of the page: what it is known by, its names, all else.
        fields: dict[str, Field] = vars(self)["_fields"]
        known_by = [name for name in ("reference", "code") if name in fields]
        named = [field.name for name in self.names for field in self.of(name)]
        self._fields = {name: fields[name] for name in dict.fromkeys([*known_by, *named, *fields])}

    def of(self, name: str) -> list[Field]:
        """The fields of a name, a language each."""
        return [self[f"{name}_{code}"] for code in self.languages]

    def words(self, name: str, before: Words | None = None) -> Words | None:
        """What was filled in: one string, or one for each language; languages not asked for stay as ``before``."""
        given = {code: self[f"{name}_{code}"].data for code in self.languages if self[f"{name}_{code}"].data}
        if isinstance(before, dict):
            return {code: text for code, text in before.items() if code not in self.languages} | given or None
        return given if len(given) > 1 else next(iter(given.values()), None)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: what must have a name has one, and none is too long."""
        good = bool(super().validate(extra_validators))
        for name, (_label, is_needed) in self.names.items():
            fields = self.of(name)
            if is_needed and not any(field.data for field in fields):
                fields[0].errors = [_("Enter a name.")]
                good = False
            for field in fields:
                if len(field.data or "") > LONGEST_WORDS:
                    field.errors = [_("Use %(max)d characters or fewer.", max=LONGEST_WORDS)]
                    good = False
        return good


def in_languages(form: type[F], languages: Sequence[str]) -> type[F]:
    """The form with a field for each name in each language, by which it is labelled where there are several."""
    fields: dict[str, Any] = {"languages": tuple(languages)}
    for name, (label, _is_needed) in form.names.items():
        for code in languages:
            field = StringField(label, filters=[_tidy])
            if len(languages) > 1:
                own = LANGUAGES.get(code, ("", code))[1]
                field = StringField(_l("%(what)s (%(language)s)", what=label, language=own), filters=[_tidy])
            fields[f"{name}_{code}"] = field
    asking: type[F] = type(form)(form.__name__, (form,), fields)  # type: ignore[misc]
    return asking


def said_in(words: Words | None, name: str, languages: Sequence[str]) -> dict[str, str]:
    """A name as the fields of such a form hold it; what is one string stands in the first language."""
    if isinstance(words, dict):
        return {f"{name}_{code}": words.get(code, "") for code in languages}
    return {f"{name}_{languages[0]}": words or ""}


def _tidy(text: str | None) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text or "").split())


def need_span(first: Field, last: Field) -> bool:
    """Whether the last day is not before the first; says so where it is."""
    if first.data and last.data and last.data < first.data:
        last.errors = [_("Choose a last day that is not before the first.")]
        return False
    return True


class ContractForm(InLanguages):
    """A contract: what it is called, what it is about, who delivers, from when until when."""

    names = {  # noqa: RUF012
        "title": (_l("Title of the contract"), True),
        "service": (_l("Service"), True),
        "also_called": (_l("Everyday words for the service (optional)"), False),
    }
    reference = StringField(_l("Reference"), filters=[_tidy])
    provider = SelectField(_l("Provider"), coerce=str, validate_choice=False)
    provider_name = StringField(_l("Name of the new provider"), filters=[_tidy])
    provider_slug = StringField(_l("Short name of the new provider"), filters=[_tidy])
    provider_kind = RadioField(
        _l("What is the new provider?"),
        choices=[SelectChoice(kind.value, label) for kind, label in KINDS.items()],
        validate_choice=False,
    )
    starts_on = Day(_l("First day"))
    ends_on = Day(_l("Last day"))
    is_sure = BooleanField(_l("Change the days all the same"))

    def __init__(self, *given: Any, is_new: bool, **more: Any):
        super().__init__(*given, **more)
        self.is_new = is_new
        if is_new:
            del self.is_sure
        else:
            del self.reference, self.provider, self.provider_name, self.provider_slug, self.provider_kind

    def offer(self, providers: Sequence[Provider], language: str) -> None:
        self.provider.choices = [
            *((each.slug, in_language(each.name, language)) for each in providers),
            (ANOTHER, _("Another one, which is new here")),
        ]

    @property
    def is_of_a_new_provider(self) -> bool:
        return bool(self.is_new and self.provider.data == ANOTHER)

    def validate_reference(self, field: Field) -> None:
        if not REFERENCE.fullmatch(field.data) or field.data in (".", ".."):
            raise ValidationError(_("Enter a reference like C-2027-04: up to 60 characters, no spaces or slashes."))

    def validate_provider(self, field: Field) -> None:
        if field.data not in [choice[0] for choice in field.choices]:
            raise ValidationError(_("Choose one of the list."))

    def validate_provider_name(self, field: Field) -> None:
        if self.is_of_a_new_provider and not 0 < len(field.data) <= LONGEST_WORDS:
            raise ValidationError(_("Enter a name."))

    def validate_provider_slug(self, field: Field) -> None:
        field.data = field.data.lower()
        if self.is_of_a_new_provider and (not SLUG.fullmatch(field.data) or field.data == ANOTHER):
            raise ValidationError(_("Enter a short name like clearway: small letters, digits and dashes."))

    def validate_provider_kind(self, field: Field) -> None:
        if self.is_of_a_new_provider and field.data not in list(ProviderKind):
            raise ValidationError(_("Choose one of the list."))

    def validate_starts_on(self, field: Field) -> None:
        need_day(field)

    validate_ends_on = validate_starts_on

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: it does not end before it begins."""
        good = bool(super().validate(extra_validators))
        return need_span(self.starts_on, self.ends_on) and good

    def to_values(self, before: Any = None) -> dict[str, Any]:
        """The answers by the names of the contract's columns."""
        return {
            "title": self.words("title", getattr(before, "title", None)),
            "service": self.words("service", getattr(before, "service", None)),
            "also_called": self.words("also_called", getattr(before, "also_called", None)),
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
        }


def need_days_that_may_move(form: ContractForm, before: Span, today: date, lived: Lived) -> bool:
    """Whether the contract ``before`` may get the days of the form: those that are over stay; says so where not."""
    stay = days_that_stay(before, Days(form.starts_on.data, form.ends_on.data), today, lived)
    if "starts_on" in stay:
        form.starts_on.errors = [
            _(
                "The first day stays %(day)s: the contract was used or reported on, and another would change days that"
                " are over.",
                day=said_day(before.starts_on),
            )
        ]
    if "ends_on" in stay:
        form.ends_on.errors = [
            _("Choose today or a later day: the contract was used or reported on, and days that are over stay its own.")
        ]
    return not stay


class ClauseForm(InLanguages):
    """A duty in a contract: what it is about and, where it is new, its limits."""

    names = {"title": (_l("Duty"), True)}  # noqa: RUF012
    code = StringField(_l("Code"), filters=[_tidy])
    aspects = SelectMultipleField(_l("What it is about"), coerce=str, validate_choice=False)
    respond_within_hours = Number(_l("Answer within (working hours)"))
    resolve_within_hours = Number(_l("Resolve within (working hours)"))
    nth = Whole(_l("Place among the clauses"))

    def __init__(self, *given: Any, is_new: bool, aspects: Mapping[str, Any], of: int = 0, **more: Any):
        super().__init__(*given, **more)
        self.aspects.choices = list(aspects.items())
        self.most, self.is_new = of, is_new
        if is_new:
            del self.nth
        else:
            del self.code, self.respond_within_hours, self.resolve_within_hours

    def validate_code(self, field: Field) -> None:
        if not CODE.fullmatch(field.data) or field.data in (".", ".."):
            raise ValidationError(_("Enter a code like K4: letters, digits, points and dashes."))

    def validate_aspects(self, field: Field) -> None:
        if any(each not in list(Aspect) for each in field.data or ()):
            raise ValidationError(_("Choose one of the list."))

    def validate_respond_within_hours(self, field: Field) -> None:
        if field.read is None or not 0 < field.read < MOST:
            raise ValidationError(_("Enter a number above 0."))

    validate_resolve_within_hours = validate_respond_within_hours

    def validate_nth(self, field: Field) -> None:
        if not field.errors and (field.data is None or not 1 <= field.data <= self.most):
            raise ValidationError(_("Enter a whole number from %(least)s to %(most)s.", least=1, most=self.most))

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: nothing is to be answered later than solved."""
        good = bool(super().validate(extra_validators))
        return (not self.is_new or need_order(self.respond_within_hours, self.resolve_within_hours)) and good

    def to_values(self, before: Any = None) -> dict[str, Any]:
        """The answers by the names of the clause's columns."""
        values: dict[str, Any] = {
            "title": self.words("title", getattr(before, "title", None)),
            "aspects": [str(each) for each in Aspect if each in (self.aspects.data or ())],
        }
        if before is None:
            values |= {
                "respond_within_hours": self.respond_within_hours.read,
                "resolve_within_hours": self.resolve_within_hours.read,
            }
        return values


class KpiNameForm(InLanguages):
    """What a KPI is called from one of its days (``of``) on, ``today`` at the earliest."""

    names = {"title": (_l("Title of what is entered"), True)}  # noqa: RUF012
    starts_on = Day(_l("From"))

    def __init__(self, *given: Any, of: Span, today: date, lived: Lived, **more: Any):
        super().__init__(*given, **more)
        self.span, self.today, self.lived = of, today, lived

    def validate_starts_on(self, field: Field) -> None:
        need_day(field)
        need_day_of(field, self.span, self.today, self.lived)


class SiteForm(InLanguages):
    """A place or a route: what it is called and where it is."""

    names = {  # noqa: RUF012
        "name": (_l("Name"), True),
        "address": (_l("Address (optional)"), False),
        "area": (_l("Area (optional)"), False),
    }
    code = StringField(_l("Code"), filters=[_tidy])
    latitude = Number(_l("Latitude (optional)"))
    longitude = Number(_l("Longitude (optional)"))

    def __init__(self, *given: Any, is_new: bool, **more: Any):
        super().__init__(*given, **more)
        if not is_new:
            del self.code

    def validate_code(self, field: Field) -> None:
        if not CODE.fullmatch(field.data) or field.data in (".", ".."):
            raise ValidationError(_("Enter a code like RS-014: letters, digits, points and dashes, up to 40."))

    def validate_latitude(self, field: Field) -> None:
        _check_degrees(field, 90)

    def validate_longitude(self, field: Field) -> None:
        _check_degrees(field, 180)
        if not self.latitude.errors and (self.latitude.read is None) != (field.read is None):
            raise ValidationError(_("Enter both latitude and longitude, or neither."))

    def to_values(self, before: Any = None) -> dict[str, Any]:
        """The answers by the names of the site's columns."""
        named = {name: self.words(name, getattr(before, name, None)) for name in self.names}
        return named | {"latitude": self.latitude.read, "longitude": self.longitude.read}


def _check_degrees(field: Field, most: int) -> None:
    if (field.data or "").strip() and (field.read is None or not -most <= field.read <= most):
        raise ValidationError(_("Enter degrees from %(least)s to %(most)s, like 31.2304.", least=-most, most=most))


class TakeOffForm(FlaskForm):
    """From which day on a contract serves a site no more."""

    gone_from = Day(_l("No longer from"))

    def validate_gone_from(self, field: Field) -> None:
        need_day(field)


class PlacingForm(FlaskForm):
    """Which site a contract serves, and on which days."""

    site = StringField(_l("Code of the site"), filters=[_tidy])
    starts_on = Day(_l("From"))
    ends_on = Day(_l("Until (optional; else as long as the contract runs)"), [Optional()])

    def __init__(self, *given: Any, is_new: bool, **more: Any):
        super().__init__(*given, **more)
        if not is_new:
            del self.site

    def validate_site(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Enter the code of a site."))

    def validate_starts_on(self, field: Field) -> None:
        need_day(field)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: it does not end before it begins."""
        good = bool(super().validate(extra_validators))
        return need_span(self.starts_on, self.ends_on) and good
