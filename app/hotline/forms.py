"""For which days a hotline's answers are taken away, and as what."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, ValidationError

from app.hotline.rules import LONGEST_SPAN
from app.web.fields import Day, need_day
from app.web.texts import gettext as _


class AnswersForm(FlaskForm):
    """A span of days, both ends included."""

    start = Day(_l("First day"))
    end = Day(_l("Last day"))
    form = RadioField(
        _l("As"), choices=[SelectChoice("xlsx", "XLSX"), SelectChoice("csv", "CSV")], validate_choice=False
    )

    def validate_start(self, field: Field) -> None:
        need_day(field)

    def validate_end(self, field: Field) -> None:
        need_day(field)
        if self.start.data and field.data < self.start.data:
            raise ValidationError(_("Choose a last day that is not before the first."))
        if self.start.data and field.data - self.start.data > LONGEST_SPAN:
            raise ValidationError(_("Choose a year at most."))

    def validate_form(self, field: Field) -> None:
        if field.data not in [choice[0] for choice in field.iter_choices()]:
            raise ValidationError(_("Choose one of the list."))

    def __init__(self, *given: Any, **more: Any):
        super().__init__(*given, **more)
        for field in (self.start, self.end, self.form):
            field.id = f"answers-{field.name}"
