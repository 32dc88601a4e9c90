"""What a member chooses to get, and when."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectChoice, SelectField, SelectMultipleField

from app.digest.timing import When
from app.directory.models import Contract
from app.kernel.words import in_language
from app.web.texts import gettext as _

ALL = "all"
OFTEN = {1: _l("Every week"), 2: _l("Every second week"), 4: _l("Every fourth week")}
DAYS = {
    0: _l("Monday"),
    1: _l("Tuesday"),
    2: _l("Wednesday"),
    3: _l("Thursday"),
    4: _l("Friday"),
    5: _l("Saturday"),
    6: _l("Sunday"),
}


class SubscriptionsForm(FlaskForm):
    """Any number of: all of the agency, one contract, another. None of them is a choice too."""

    wanted = SelectMultipleField(_l("Which emails do you want?"))
    every = SelectField(
        _l("How often?"), choices=[SelectChoice(weeks, name) for weeks, name in OFTEN.items()], coerce=int
    )
    weekday = SelectField(
        _l("On which day?"), choices=[SelectChoice(day, name) for day, name in DAYS.items()], coerce=int
    )
    hour = SelectField(
        _l("At which hour?"), choices=[SelectChoice(hour, f"{hour}:00") for hour in range(24)], coerce=int
    )
    with_pdf = BooleanField(_l("Attach the reports as PDF"))

    def offer(self, everything: str | None, contracts: Sequence[Contract], language: str) -> None:
        """What there is to choose from; anything else is refused. A provider has no ``everything``."""
        self.wanted.choices = [SelectChoice(ALL, everything)] if everything else []
        self.wanted.choices += [
            SelectChoice(
                str(contract.id),
                _(
                    "%(service)s (%(provider)s)",
                    service=in_language(contract.service, language),
                    provider=in_language(contract.provider.name, language),
                ),
            )
            for contract in contracts
        ]

    def to_choice(self) -> list[int | None]:
        """Contracts by id, or None alone for all of the agency, which holds each of them already."""
        chosen = self.wanted.data or []
        return [None] if ALL in chosen else [int(each) for each in chosen]

    def to_when(self) -> When:
        return When(self.every.data, self.weekday.data, self.hour.data)
