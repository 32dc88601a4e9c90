"""Texts in the language of the reader, with types, which the library has none of."""

import flask_babel


def gettext(text: str, **values: object) -> str:
    """``text`` in the reader's language; import it as ``_`` so that translators find it."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form that fits ``num``, which is also the value of ``%(num)d``."""
    return str(flask_babel.ngettext(one, many, num, **values))
