"""What a manager decides about the public pages: which contracts, which month, which days, under whose name."""

from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    Form,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)

from app.directory.models import Contract
from app.intake.rules import clean
from app.kernel.words import in_language
from app.transparency.rules import LONGEST_WHY
from app.transparency.suppression import LEAST_SMALLEST_CELL
from app.web.fields import Day, Whole, need_day, need_whole
from app.web.filters import month as month_name
from app.web.texts import gettext as _

MOST_SMALLEST_CELL = 100
LONGEST_NAME, LONGEST_FREEZE_WHY = 255, 200


class ChoicesForm(Form):
    """Which contracts are published, which providers are named, and below which number a cell is hidden."""

    published = SelectMultipleField(_l("Contracts whose figures are published"), coerce=int)
    named = SelectMultipleField(_l("Contracts whose provider is named"), coerce=int)
    smallest_cell = Whole(_l("Hide numbers below"))

    def offer(self, contracts: Sequence[Contract], language: str) -> None:
        choices = [
            SelectChoice(
                contract.id,
                _(
                    "%(service)s (%(reference)s, %(provider)s)",
                    service=in_language(contract.service, language),
                    reference=contract.reference,
                    provider=in_language(contract.provider.name, language),
                ),
            )
            for contract in contracts
        ]
        self.published.choices = self.named.choices = choices

    def validate_named(self, field: Field) -> None:
        if set(field.data or ()) - set(self.published.data or ()):
            raise ValidationError(_("Choose a contract to be published before its provider is named."))

    def validate_smallest_cell(self, field: Field) -> None:
        need_whole(field, LEAST_SMALLEST_CELL, MOST_SMALLEST_CELL)


class MonthForm(Form):
    """The month to be drafted."""

    month = SelectField(_l("Month"))

    def offer(self, months: Sequence[date]) -> None:
        self.month.choices = [(f"{month:%Y-%m}", month_name(month)) for month in months]

    @property
    def read_month(self) -> date:
        return date.fromisoformat(f"{self.month.data}-01")


class FreezeForm(Form):
    """Days in which nothing appears."""

    starts_on = Day(_l("First day"))
    ends_on = Day(_l("Last day"))
    why = StringField(_l("Why"))

    def validate_starts_on(self, field: Field) -> None:
        need_day(field)

    def validate_ends_on(self, field: Field) -> None:
        need_day(field)
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day must not be before the first."))

    def validate_why(self, field: Field) -> None:
        _text(field, _("Say why, like: before the council elections."), LONGEST_FREEZE_WHY)


class ApproveForm(Form):
    """Who stands for it."""

    name = StringField(_l("Your name, as it will stand on the page"))

    def validate_name(self, field: Field) -> None:
        _text(field, _("Write your name."), LONGEST_NAME)


class WithdrawForm(Form):
    """Why it is taken away."""

    why = TextAreaField(_l("Why it is withdrawn"))

    def validate_why(self, field: Field) -> None:
        _text(field, _("Say why it is withdrawn."), LONGEST_WHY)


def _text(field: Field, missing: str, most: int) -> None:
    field.data = clean(field.data or "")
    if not field.data:
        raise ValidationError(missing)
    if len(field.data) > most:
        raise ValidationError(_("Use %(most)s characters or fewer.", most=most))
