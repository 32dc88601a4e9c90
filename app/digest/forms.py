"""What a member chooses to get every Monday."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectMultipleField

from app.directory.models import Contract
from app.kernel.words import in_language
from app.web.texts import gettext as _

ALL = "all"


class SubscriptionsForm(FlaskForm):
    """Any number of: all of the agency, one contract, another. None of them is a choice too."""

    wanted = SelectMultipleField(_l("Which emails do you want?"))

    def offer(self, everything: str, contracts: Sequence[Contract], language: str) -> None:
        """What there is to choose from; anything else is refused."""
        self.wanted.choices = [SelectChoice(ALL, everything)] + [
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
