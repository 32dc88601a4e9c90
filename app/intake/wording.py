"""How feedback reached us, as people read it."""

from flask_babel import lazy_gettext as _l

from app.kernel.words import Channel

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
