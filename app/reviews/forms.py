"""What is agreed in a review, what was delivered, and figures that people enter: the questions and their limits."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.utils import secure_filename
from wtforms import (
    Field,
    FileField,
    Form,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from app.directory.models import Kpi
from app.directory.rules import MOST_UNITS
from app.intake.rules import clean
from app.kernel.words import ActionStep, Holder, Source, in_language
from app.reports.definitions import RATINGS as RATING_NAMES
from app.reviews.actions import NewFigure
from app.reviews.rules import LONGEST_WHAT, LONGEST_WHO, MOST_BYTES, MUST_SAY, RATINGS
from app.web.fields import Day, Whole, need_day, need_whole
from app.web.texts import gettext as _

SIDES = {Holder.AGENCY: _l("The agency"), Holder.PROVIDER: _l("The provider")}
SOURCES = {Source.INSPECTION: _l("An inspection"), Source.PROVIDER_RETURN: _l("A return of the provider")}
# On a button, by what it says; and beside what was said.
SAYING = {
    ActionStep.NOTED: _l("Leave a note"),
    ActionStep.SAID_DONE: _l("Say that it is done"),
    ActionStep.MISSING: _l("Something is missing"),
    ActionStep.ACCEPTED: _l("It is done"),
}
SAID = {
    ActionStep.NOTED: _l("Note"),
    ActionStep.SAID_DONE: _l("Says that it is done"),
    ActionStep.MISSING: _l("Says that something is missing"),
    ActionStep.ACCEPTED: _l("Says that it is done and accepted"),
}
MONTH = re.compile(r"(\d{4})-(\d{2})")


class ReviewForm(Form):
    """A form on the page of a contract; ids are told apart by ``action``. ``today`` is the agency's day, needed once
    it is sent."""

    action = ""

    def __init__(self, sent: Any = None, *, today: date | None = None, **more: Any):
        super().__init__(sent, **more)
        self.today = today
        for field in self:
            field.id = f"{self.action}-{field.name}"


class AgreeForm(ReviewForm):
    """What, who, until when."""

    action = "agree"
    what = TextAreaField(_l("What is agreed"))
    side = RadioField(
        _l("Which side does it?"),
        choices=[SelectChoice(str(side), name) for side, name in SIDES.items()],
        validate_choice=False,
    )
    who = StringField(_l("Who there"))
    due_on = Day(_l("Until"))

    def validate_what(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _text(field, _("Write what is agreed."), LONGEST_WHAT)

    def validate_side(self, field: Field) -> None:
        _one_of(field, Holder)

    def validate_who(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _text(field, _("Write who does it."), LONGEST_WHO)

    def validate_due_on(self, field: Field) -> None:
        need_day(field)
        if field.data is not None and self.today is not None and field.data < self.today:
            raise ValidationError(_("Choose today or a later day."))


class SayForm(ReviewForm):
    """What one side says about an agreed action; which step it is, the button tells."""

    said = TextAreaField(_l("What you say"))

    def __init__(self, agreed_id: int, sent: Any = None, *, step: ActionStep | None = None, **more: Any):
        self.action = f"say-{agreed_id}"
        self.step = step
        super().__init__(sent, **more)

    def validate_said(self, field: Field) -> None:
        field.data = clean(field.data or "")
        if field.data or self.step in MUST_SAY:
            missing = _("Write what is missing.") if self.step == ActionStep.MISSING else _("Write your note.")
            _text(field, missing, LONGEST_WHAT)


class DeliverForm(ReviewForm):
    """How much was delivered in a month."""

    action = "deliver"
    month = StringField(_l("Month"))
    units = Whole(_l("Units delivered"))

    def validate_month(self, field: Field) -> None:
        if self.read_month is None:
            raise ValidationError(_("Enter a month like 2026-09."))
        if self.today is not None and self.read_month > self.today:
            raise ValidationError(_("This month has not begun. Choose one in which something was delivered."))

    def validate_units(self, field: Field) -> None:
        need_whole(field, 1, MOST_UNITS)

    @property
    def read_month(self) -> date | None:
        """The first day of the month, once it can be read."""
        found = MONTH.fullmatch((self.month.data or "").strip())
        try:
            return date(int(found[1]), int(found[2]), 1) if found else None
        except ValueError:
            return None


class FigureForm(ReviewForm):
    """So many of so many, from when until when, and the file it comes from."""

    action = "figure"
    kpi = SelectField(_l("KPI"), coerce=str, validate_choice=False)
    starts_on = Day(_l("First day"))
    ends_on = Day(_l("Last day"))
    numerator = Whole(_l("So many met it"))
    denominator = Whole(_l("Of so many"))
    source = RadioField(
        _l("Where is it from?"),
        choices=[SelectChoice(str(source), name) for source, name in SOURCES.items()],
        validate_choice=False,
    )
    file = FileField(_l("File (optional)"))
    content: bytes | None = None

    def offer(self, kpis: Sequence[Kpi], language: str, today: date) -> None:
        titles = {row.id: row.title_on(today) for row in kpis}
        self.kpi.choices = [
            (str(row.id), f"{row.code} {in_language(title, language) if (title := titles[row.id]) else ''}")
            for row in kpis
        ]

    def validate_kpi(self, field: Field) -> None:
        if field.data not in [choice[0] for choice in field.iter_choices()]:
            raise ValidationError(_("Choose one of the list."))

    def validate_starts_on(self, field: Field) -> None:
        need_day(field)

    def validate_ends_on(self, field: Field) -> None:
        need_day(field)
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day must not be before the first."))
        if field.data is not None and self.today is not None and field.data > self.today:
            raise ValidationError(_("This day is still to come. Enter figures once their days are over."))

    def validate_numerator(self, field: Field) -> None:
        need_whole(field, 0, MOST_UNITS)
        if isinstance(self.denominator.data, int) and field.data > self.denominator.data:
            raise ValidationError(_("More met it than there were."))

    def validate_denominator(self, field: Field) -> None:
        need_whole(field, 1, MOST_UNITS)

    def validate_source(self, field: Field) -> None:
        _one_of(field, Source)

    def validate_file(self, field: Field) -> None:
        """Reads the file, so that it can be kept."""
        if not field.data or not field.data.filename:
            return
        content = field.data.read(MOST_BYTES + 1)
        field.data.close()
        if len(content) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 5 MB."))
        self.content = content

    def to_new_figure(self) -> NewFigure:
        name = secure_filename(self.file.data.filename)[-120:] if self.content is not None else None
        return NewFigure(
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            numerator=self.numerator.data,
            denominator=self.denominator.data,
            source=Source(self.source.data),
            file_name=(name or "file") if self.content is not None else None,
            file=self.content,
        )


def _text(field: Field, missing: str, most: int) -> None:
    if not field.data:
        raise ValidationError(missing)
    if len(field.data) > most:
        raise ValidationError(_("Use %(most)s characters or fewer.", most=most))


def _one_of(field: Field, kind: Any) -> None:
    if field.data not in list(kind):
        raise ValidationError(_("Choose one of the list."))


class NoticeForm(ReviewForm):
    """How an officer rates each KPI of a report, why where it differs from what the figures propose, and their name."""

    action = "notice"
    name = StringField(_l("Your name, as it will stand under the notice"))

    def validate_name(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _text(field, _("Write your name."), 255)


def notice_form(kpis: Sequence[Mapping[str, Any]], sent: Any = None, **more: Any) -> NoticeForm:
    """The form with two questions for each KPI of a report's JSON: ``rating_0`` and ``why_0``, and so on."""
    fields: dict[str, Any] = {}
    for nth, kpi in enumerate(kpis):
        choices = [SelectChoice(rating, RATING_NAMES[rating]) for rating in RATINGS]
        label = _("KPI %(code)s", code=kpi["code"])
        fields[f"rating_{nth}"] = SelectField(label, choices=choices, default=kpi["rating"])
        fields[f"why_{nth}"] = TextAreaField(_("Why KPI %(code)s is rated differently", code=kpi["code"]))
        fields[f"validate_why_{nth}"] = _why_validator(nth, kpi["rating"])
    return type("NoticeFormOfReport", (NoticeForm,), fields)(sent, **more)  # type: ignore[no-any-return]


def _why_validator(nth: int, proposed: str) -> Any:
    def validate(form: NoticeForm, field: Field) -> None:
        field.data = clean(field.data or "")
        if form[f"rating_{nth}"].data != proposed:
            _text(field, _("Say why the rating differs."), LONGEST_WHAT)

    return validate


def ratings_from(form: NoticeForm, kpis: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What was answered, once it is valid."""
    return [
        {
            "code": kpi["code"],
            "proposed": kpi["rating"],
            "given": form[f"rating_{nth}"].data,
            "why": form[f"why_{nth}"].data or "",
        }
        for nth, kpi in enumerate(kpis)
    ]
