"""The directory as people change it: a file, seen before it is taken; the terms of a contract; a working calendar."""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional

from app.directory.rules import (
    CURRENCY,
    DAYS,
    ENTERED,
    MEASURES,
    MOST,
    NOT_LIVED,
    DayTrouble,
    Lived,
    Span,
    are_in_order,
    direction_of,
    trouble_with,
    trouble_with_new,
)
from app.kernel.words import Basis, Direction
from app.kernel.working_time import CalendarError, WorkingCalendar
from app.web.fields import Day, Whole, need_day
from app.web.filters import day as said_day
from app.web.languages import OF_RESIDENTS
from app.web.sheet_form import SheetForm
from app.web.texts import ngettext, translated

MOST_BYTES = 2_000_000
LONGEST_PHRASE = 1_000
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPAN = re.compile(r"\s*(\d\d?)[:.：](\d\d)\s*[-–—~～至]\s*(\d\d?)[:.：](\d\d)\s*")
CODE = re.compile(r"[A-Za-z0-9.\-]{1,40}")
HOURS = [SelectChoice(hour, f"{hour:02}:00") for hour in range(24)]


class DirectoryForm(FlaskForm):
    """Either ``file`` just chosen, or ``content`` sent again with ``seen``, the mark of the preview it was seen in."""

    file = FileField(_l("Directory file"))
    content = HiddenField()
    seen = HiddenField()
    is_sure = BooleanField(_l("Change the days all the same"))
    data_read: Any = None

    def validate_file(self, bound: Field) -> None:
        """Reads what was sent; afterwards ``data_read`` is the parsed JSON."""
        if bound.data:
            raw = bound.data.read(MOST_BYTES + 1)
            bound.data.close()
        else:
            raw = (self.content.data or "").encode()
        if not raw:
            raise ValidationError(_("Choose a file."))
        if len(raw) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 2 MB."))
        try:
            self.data_read = json.loads(raw.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not text in UTF-8.")) from None
        except json.JSONDecodeError as error:
            raise ValidationError(
                _(
                    "The file is not JSON: line %(line)s, column %(column)s is wrong.",
                    line=error.lineno,
                    column=error.colno,
                )
            ) from None
        except (ValueError, RecursionError):
            raise ValidationError(_("The file is not JSON that can be read.")) from None

    @property
    def is_confirmed(self) -> bool:
        return bool(self.seen.data) and not self.file.data

    def content_again(self) -> str:
        """The file in one line, for the hidden field."""
        return json.dumps(self.data_read, ensure_ascii=False, separators=(",", ":"))


class DirectorySheetForm(SheetForm):
    """A sheet of the directory: one of contracts may leave open cases outside their days, which is asked about."""

    is_sure = BooleanField(_l("Change the days all the same"))


def need_to_know(form: Any, outside: int) -> bool:
    """Whether somebody who leaves so many open cases outside the days of their contracts says that they know."""
    if not outside or form.is_sure.data:
        return True
    form.is_sure.errors = [
        ngettext(
            "%(num)d open case was sent outside these days. It stays with the contract; tick that you know.",
            "%(num)d open cases were sent outside these days. They stay with the contract; tick that you know.",
            outside,
        )
    ]
    return False


class Number(StringField):
    """A number, written with a point or a comma; ``read`` is its value, None where it is none."""

    @property
    def read(self) -> float | None:
        try:
            return float((self.data or "").strip().replace(",", "."))
        except ValueError:
            return None


class TermsForm(FlaskForm):
    """What a contract gives everybody, in days, and what it costs."""

    waiting_days = Whole(_l("Working days that a question to the resident stops the clock"))
    statement_days = Whole(_l("Working days for the provider's statement on a draft of a report"))
    reply_days = Whole(_l("Working days for the provider to reply to a verdict"))
    contest_days = Whole(_l("Working days to contest a verdict"))
    confirm_days = Whole(_l("Days for the resident to say whether it is solved"))
    reopen_days = Whole(_l("Days after which a reopening opens a new case"))
    value = StringField(_l("Value of the contract (optional)"))
    currency = StringField(_l("Currency (optional)"))
    is_small = BooleanField(_l("Too few cases for a quarter: judge the KPIs over twelve rolling months"))
    is_light_touch = BooleanField(_l("A light-touch contract (UK Procurement Act 2023)"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: no day beyond what makes sense."""
        good = bool(super().validate(extra_validators))
        for name, _usual, least, most in DAYS:
            field = self[name]
            if not field.errors and (field.data is None or not least <= field.data <= most):
                message = _("Enter a whole number from %(least)s to %(most)s.", least=least, most=most)
                field.errors = [*field.errors, message]
                good = False
        return good

    def validate_value(self, field: Field) -> None:
        if (field.data or "").strip() and self.amount is None:
            raise ValidationError(_("Enter an amount like 120000 or 120000.50."))

    def validate_currency(self, field: Field) -> None:
        field.data = (field.data or "").strip().upper()
        if field.data and not CURRENCY.fullmatch(field.data):
            raise ValidationError(_("Enter a currency like GBP or CNY."))

    @property
    def amount(self) -> Decimal | None:
        try:
            amount = Decimal((self.value.data or "").strip().replace(",", "").replace(" ", ""))
            fits = amount.is_finite() and 0 <= amount < 10**12 and amount == amount.quantize(Decimal("0.01"))
        except InvalidOperation:
            return None
        return amount if fits else None

    def to_values(self) -> dict[str, Any]:
        """The answers by the names of the contract's columns."""
        return {
            **{name: self[name].data for name, *_rest in DAYS},
            "value": self.amount,
            "currency": self.currency.data or None,
            "is_small": bool(self.is_small.data),
            "is_light_touch": bool(self.is_light_touch.data),
        }


class LimitsForm(FlaskForm):
    """Other limits of a clause, from a day of its contract (``of``) on, ``today`` at the earliest."""

    starts_on = Day(_l("From"))
    respond_within_hours = Number(_l("Answer within (working hours)"))
    resolve_within_hours = Number(_l("Resolve within (working hours)"))

    def __init__(self, *given: Any, of: Span, today: date, **more: Any):
        super().__init__(*given, **more)
        self.of, self.today = of, today

    def validate_starts_on(self, field: Field) -> None:
        need_day(field)
        need_day_of(field, self.of, self.today)

    def validate_respond_within_hours(self, field: Field) -> None:
        if field.read is None or not 0 < field.read < MOST:
            raise ValidationError(_("Enter a number above 0."))

    validate_resolve_within_hours = validate_respond_within_hours

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: nothing is to be answered later than solved."""
        good = bool(super().validate(extra_validators))
        return need_order(self.respond_within_hours, self.resolve_within_hours) and good


def need_day_of(field: Field, of: Span, today: date | None = None, lived: Lived = NOT_LIVED) -> None:
    """A day, if there is one, must be one of ``of``, no report may tell of it and, with ``today``, it is not over."""
    if field.data is None or field.errors:
        return
    trouble = trouble_with(field.data, of, today, lived.reported_until)
    if trouble == DayTrouble.OVER:
        raise ValidationError(_("Choose today or a later day: what is over stays as it was agreed."))
    _say(trouble, of, lived)


def need_new_day(field: Field, of: Span, today: date, lived: Lived) -> None:
    """From when a new KPI holds: no day that is over, where something was sent about the contract or reported."""
    if field.data is None or field.errors:
        return
    trouble = trouble_with_new(field.data, of, today, lived)
    if trouble == DayTrouble.OVER:
        raise ValidationError(
            _(
                "Choose today or a later day: there is feedback about the contract, and nobody was to be measured by"
                " this KPI before."
            )
        )
    _say(trouble, of, lived)


def _say(trouble: DayTrouble | None, of: Span, lived: Lived) -> None:
    if trouble == DayTrouble.OUTSIDE:
        span = {"first": said_day(of.starts_on), "last": said_day(of.ends_on)}
        raise ValidationError(_("Choose a day of the contract, from %(first)s to %(last)s.", **span))
    if trouble == DayTrouble.REPORTED:
        until = said_day(lived.reported_until)
        raise ValidationError(_("Choose a day after %(day)s: a report tells of the days until then.", day=until))


def need_order(respond: Number, resolve: Number) -> bool:
    """Whether the limit for the answer is not longer than that for the solution; says so where it is."""
    if respond.errors or resolve.errors or are_in_order(respond.read, resolve.read):
        return True
    respond.errors = [_("The time to answer cannot be longer than the time to resolve.")]
    return False


class KpiForm(FlaskForm):
    """Another target of a KPI from a day on, or a KPI that is new; shares in percent.

    ``of`` are the days of the contract, or of a KPI which is not new: they bound those of a target; ``today`` is the
    first from which one may change; ``lived`` what there is of the contract; ``measure`` that of a KPI that is not new.
    """

    code = StringField(_l("Code"))
    measure = SelectField(_l("Measure"), coerce=str, validate_choice=False)
    title = StringField(_l("Title of what is entered"))
    starts_on = Day(_l("From"), [Optional()])
    basis = RadioField(
        _l("Which cases count?"),
        choices=[
            SelectChoice("raw", _l("All cases")),
            SelectChoice("validated", _l("Only those found attributable to the provider")),
        ],
        validate_choice=False,
    )
    direction = RadioField(
        _l("Which side of the target is good?"),
        choices=[SelectChoice("at_least", _l("At least")), SelectChoice("at_most", _l("At most"))],
        validate_choice=False,
    )
    target = Number(_l("Good (per cent)"))
    approaching = Number(_l("Approaching target (per cent)"))
    inadequate = Number(_l("Requires improvement (per cent); what is short of it is inadequate"))
    minimum_n = Whole(_l("Cases needed to judge at all"))
    binds_from = Day(_l("Binds from (optional; before, it is for information)"))

    def __init__(self, *given: Any, is_new: bool, of: Span, today: date, lived: Lived, measure: str = "", **more: Any):
        super().__init__(*given, **more)
        self.known_measure, self.lived = measure, lived
        self.is_new, self.of, self.today = is_new, of, today
        if not is_new:
            del self.code, self.measure, self.title

    def offer(self, measures: Mapping[str, Any]) -> None:
        self.measure.choices = [*((key, name) for key, name in measures.items()), (ENTERED, _("Entered by people"))]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: each cut-off must be easier to meet than the one before it."""
        for field in (self.binds_from,):
            if field.raw_data and not field.raw_data[0].strip():
                field.data, field.process_errors = None, []
        good = bool(super().validate(extra_validators))
        fields = (self.target, self.approaching, self.inadequate)
        values = [field.read for field in fields]
        if good and None not in values:
            for harder, easier in ((0, 1), (1, 2)):
                before, after = values[harder] or 0.0, values[easier] or 0.0
                if (after > before) if self.direction.data == "at_least" else (after < before):
                    message = _("This must be easier to meet than the cut-off before it: nothing was changed.")
                    fields[easier].errors = [*fields[easier].errors, message]
                    good = False
        return good

    def validate_code(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if not CODE.fullmatch(field.data):
            raise ValidationError(_("Enter a code like K4: letters, digits, points and dashes."))

    def validate_measure(self, field: Field) -> None:
        if field.data not in MEASURES | {ENTERED}:
            raise ValidationError(_("Choose one of the list."))

    def validate_title(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if self.measure.data == ENTERED and not 0 < len(field.data) <= 200:
            raise ValidationError(_("Say what is entered, in 200 characters or fewer."))

    def validate_starts_on(self, field: Field) -> None:
        if self.is_new:
            need_new_day(field, self.of, self.today, self.lived)
        else:
            need_day(field)
            need_day_of(field, self.of, self.today, self.lived)

    def validate_binds_from(self, field: Field) -> None:
        need_day_of(field, self.of)

    def validate_basis(self, field: Field) -> None:
        if field.data not in list(Basis):
            raise ValidationError(_("Choose one of the list."))

    def validate_direction(self, field: Field) -> None:
        if field.data not in list(Direction):
            raise ValidationError(_("Choose one of the list."))
        only = direction_of(self.measure.data if self.is_new else self.known_measure)
        if only == Direction.AT_LEAST and field.data != only:
            raise ValidationError(_("Choose at least: of this measure a large share is good."))
        if only == Direction.AT_MOST and field.data != only:
            raise ValidationError(_("Choose at most: of this measure a small share is good."))

    def validate_target(self, field: Field) -> None:
        if field.read is None or not 0 <= field.read <= 100:
            raise ValidationError(_("Enter a share from 0 to 100."))

    validate_approaching = validate_inadequate = validate_target

    def validate_minimum_n(self, field: Field) -> None:
        if field.data is None or not 0 <= field.data < MOST:
            raise ValidationError(_("Enter a whole number, 0 or more."))

    def to_target(self) -> dict[str, Any]:
        """The answers by the names of a target's columns."""
        return {
            "basis": Basis(self.basis.data),
            "direction": Direction(self.direction.data),
            "target": (self.target.read or 0.0) / 100,
            "approaching": (self.approaching.read or 0.0) / 100,
            "inadequate": (self.inadequate.read or 0.0) / 100,
            "minimum_n": self.minimum_n.data,
            "binds_from": self.binds_from.data,
        }


class CalendarForm(FlaskForm):
    """When the clocks run: hours for each weekday, national holidays, and days of its own."""

    is_own = BooleanField(_l("A calendar of its own"))
    monday = StringField(_l("Monday"))
    tuesday = StringField(_l("Tuesday"))
    wednesday = StringField(_l("Wednesday"))
    thursday = StringField(_l("Thursday"))
    friday = StringField(_l("Friday"))
    saturday = StringField(_l("Saturday"))
    sunday = StringField(_l("Sunday"))
    country = SelectField(_l("National holidays"), coerce=str, validate_choice=False)
    holidays = TextAreaField(_l("Further days off"))
    extra_workdays = TextAreaField(_l("Further working days"))
    read: dict[str, Any] | None = None

    def __init__(self, calendar: Mapping[str, Any], timezone: str, countries: Mapping[str, Any], *, is_own: bool):
        own = calendar.get("hours", {})
        spans = {
            name: _said_span(own.get(str(day), calendar)) if day in calendar["weekdays"] else ""
            for day, name in enumerate(WEEKDAYS)
        }
        super().__init__(
            data={
                **spans,
                "is_own": is_own,
                "country": calendar.get("country", ""),
                "holidays": "\n".join(calendar.get("holidays", ())),
                "extra_workdays": "\n".join(calendar.get("extra_workdays", ())),
            }
        )
        self.timezone = timezone
        self.country.choices = list(countries.items())

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the calendar; afterwards ``read`` is it, as it is stored."""
        good = bool(super().validate(extra_validators))
        spans = {}
        for day, name in enumerate(WEEKDAYS):
            field = self[name]
            text = (field.data or "").strip()
            found = SPAN.fullmatch(text)
            if text and not found:
                field.errors = [*field.errors, _("Enter hours like 09:00-17:30, or nothing for a day off.")]
                good = False
            elif found:
                spans[day] = (f"{int(found[1]):02}:{found[2]}", f"{int(found[3]):02}:{found[4]}")
                if spans[day][1] <= spans[day][0]:
                    field.errors = [*field.errors, _("The end must come after the start.")]
                    good = False
        for field in (self.holidays, self.extra_workdays):
            wrong = next((text for text in (field.data or "").split() if not _is_date(text)), None)
            if wrong is not None:
                field.errors = [*field.errors, _("%(text)s is no date. Enter dates like 2026-10-01.", text=wrong)]
                good = False
        if not good:
            return False
        if not spans:
            self.monday.errors = [*self.monday.errors, _("A calendar needs at least one working day.")]
            return False
        usual = max(spans.values(), key=list(spans.values()).count)
        try:
            self.read = WorkingCalendar.from_dict(
                {
                    "weekdays": sorted(spans),
                    "start": usual[0],
                    "end": usual[1],
                    "hours": {
                        str(day): {"start": span[0], "end": span[1]} for day, span in spans.items() if span != usual
                    },
                    "country": self.country.data or "",
                    "holidays": (self.holidays.data or "").split(),
                    "extra_workdays": (self.extra_workdays.data or "").split(),
                },
                self.timezone,
            ).to_dict()
        except CalendarError as error:
            self.form_errors.append(_("This calendar cannot be: %(why)s", why=translated(error.said)))
            return False
        return True


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _said_span(hours: Mapping[str, Any]) -> str:
    return f"{hours['start']}-{hours['end']}"


class SettingsForm(FlaskForm):
    """What an agency decides once for all its services."""

    photos_at_once = BooleanField(_l("Residents' photos go to the provider at once"))
    quiet_from = SelectField(_l("No letters from"), coerce=int, choices=HOURS)
    quiet_until = SelectField(_l("until"), coerce=int, choices=HOURS)
    translates = BooleanField(_l("Texts in other languages may be translated by a machine"))
    contact = StringField(
        _l("How residents reach you"),
        [Optional(), Length(max=200, message=_l("Use %(max)d characters or fewer."))],
        filters=[lambda text: " ".join((text or "").split()) or None],
    )


class PhraseForm(FlaskForm):
    """What officers often write to residents, in each language of residents; one is enough."""

    en = TextAreaField()
    zh = TextAreaField()
    es = TextAreaField()
    ar = TextAreaField()

    @property
    def words(self) -> dict[str, str]:
        """Language → text, of those that are filled in."""
        return {code: self[code].data for code in OF_RESIDENTS if self[code].data}

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        for code in OF_RESIDENTS:
            field = self[code]
            lines = (field.data or "").splitlines()
            # Without hidden characters, which would come back in every answer.
            field.data = "\n".join("".join(filter(str.isprintable, line)).rstrip() for line in lines).strip()
            if len(field.data) > LONGEST_PHRASE:
                field.errors = [_("Use %(max)d characters or fewer.") % {"max": LONGEST_PHRASE}]
                good = False
        if good and not self.words:
            self.en.errors = [_("Write the phrase in one language at least.")]
            good = False
        return good
