"""What is looked at, and the thresholds of an agency: one number each."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, IntegerField, SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.directory.models import Contract
from app.gaming_watch.rules import MOST, MOST_PERCENT, PERCENTS, Threshold
from app.gaming_watch.wording import THRESHOLDS
from app.kernel.words import in_language
from app.web.texts import gettext as _

DAYS = (7, 30, 90)
USUAL_DAYS = 30


class WatchForm(Form):
    """Read from the address; an answer that cannot be counts as none."""

    contract = SelectField(_l("Contract"), coerce=str, validate_choice=False)
    days = SelectField(_l("Time"), coerce=str, validate_choice=False)

    def offer(self, contracts: Sequence[Contract], language: str) -> None:
        self.contract.choices = [
            SelectChoice("", _("All")),
            *(
                SelectChoice(each.reference, f"{each.reference} {in_language(each.title, language)}")
                for each in contracts
            ),
        ]
        self.days.choices = [SelectChoice(str(each), _("The last %(n)s days", n=each)) for each in DAYS]
        if not self.days.data or self.days.data not in map(str, DAYS):
            self.days.data = str(USUAL_DAYS)

    @property
    def read_days(self) -> int:
        return int(self.days.data)


class ThresholdsForm(FlaskForm):
    """A field for each of ``Threshold``, added below."""

    def to_thresholds(self) -> Mapping[Threshold, int]:
        return {each: int(self[each].data) for each in Threshold}


def _number(threshold: Threshold) -> IntegerField:
    most = MOST_PERCENT if threshold in PERCENTS else MOST
    wrong: Any = _l("Enter a whole number from %(min)d to %(max)d.")
    return IntegerField(
        THRESHOLDS[threshold], [InputRequired(_l("Enter a whole number.")), NumberRange(1, most, wrong)]
    )


for _threshold in Threshold:
    setattr(ThresholdsForm, _threshold, _number(_threshold))
