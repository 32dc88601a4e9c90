"""Fields of residents' forms: a rating, and text with a most length that no browser cuts off."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import Length


class NoLongerThan(Length):
    """A most length that browsers are not told: they would cut off what is pasted, without a word."""

    def __init__(self, longest: int):
        super().__init__(max=longest, message=_l("Use %(max)d characters or fewer."))
        self.field_flags: dict[str, Any] = {}


class OneToFive(IntegerField):
    """A rating: 1 to 5, or None where nothing was chosen."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was chosen; the page offers nothing else than the five."""
        chosen = valuelist[0].strip() if valuelist else ""
        if chosen not in ("", "1", "2", "3", "4", "5"):
            raise ValueError(_l("Choose one of the five."))
        self.data = int(chosen) if chosen else None
