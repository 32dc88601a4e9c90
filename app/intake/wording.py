"""How feedback reached us, and some of what is answered in it, as people read it."""

from flask_babel import lazy_gettext as _l
from flask_babel import pgettext

from app.kernel.words import Channel, Drive

CHANNELS = {
    Channel.WEB: _l("Website"),
    Channel.QR: _l("Code on a sign"),
    Channel.PHONE: _l("Phone"),
    Channel.EMAIL: _l("E-mail"),
    Channel.SMS: _l("Text message"),
    Channel.LETTER: _l("Letter"),
    Channel.API: _l("Another system"),
    Channel.HOTLINE: _l("Hotline"),
}
DRIVES = {Drive.POSITIVE: _l("Good"), Drive.NEGATIVE: _l("Not good")}


def yes_or_no(is_yes: bool) -> str:
    """The answer to a question of which nothing else is known; in some languages it is another word elsewhere."""
    return str(pgettext("an answer", "Yes") if is_yes else pgettext("an answer", "No"))
