"""What is answered to questions, as residents and staff read it."""

from flask_babel import lazy_gettext as _l
from flask_babel import pgettext

from app.kernel.words import Drive

DRIVES = {Drive.POSITIVE: _l("Good"), Drive.NEGATIVE: _l("Not good")}


def yes_or_no(is_yes: bool) -> str:
    """The answer to a question of which nothing else is known; in some languages it is another word elsewhere."""
    return str(pgettext("an answer", "Yes") if is_yes else pgettext("an answer", "No"))
