"""Texts in the language of the reader: with types, which the library has none of, and found five times as fast.

A report says some six hundred texts, and for each the library asks anew which application and context it is in.

In a language that runs from right to left, whatever is put into a text stands for itself: a reference, a telephone
number or a Latin name keeps its own direction and does not mix with what stands beside it (Unicode Standard Annex 9).
"""

import re
from functools import lru_cache
from gettext import NullTranslations

from babel import Locale
from flask import Flask
from flask_babel import get_domain, get_locale

from app.kernel.said import Said

# First strong isolate … pop directional isolate: like <bdi>, but in subjects and plain text too.
# A number and its unit, "section 71", and a figure with what it is of are not parted at the end of a line.
A_FIGURE = r"(?:(?<=[0-9])|(?<=\)[sd]))"
PARTED = re.compile(
    rf"{A_FIGURE} (?=%(?!\()|(?:working )?(?:hours?|days?|minutes?|weeks?|months?)\b|of %\()"
    r"|(?<=\bsection) (?=[0-9])|(?<=\)[sd] of) (?=%\()"
)
NO_BREAK = "\u00a0"
PUT_IN = re.compile(r"%\(\w+\)s")
APART = "\u2068\\g<0>\u2069"


def init_app(app: Flask) -> None:
    """Have templates find their texts here too."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _text,
        _plural,
        newstyle=True,
        pgettext=lambda context, text: _apart(_catalogue(get_locale()).pgettext(context, text)),
        npgettext=lambda context, *forms: _apart(_catalogue(get_locale()).npgettext(context, *forms)),
    )


def gettext(text: str, **values: object) -> str:
    """``text`` in the reader's language; import it as ``_`` so that translators find it."""
    said = _text(text)
    return said % values if values else said


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form that fits ``num``, which is also the value of ``%(num)d``."""
    return _plural(one, many, num) % (values | {"num": num})


def translated(said: str) -> str:
    """In the reader's language what was put together before that was known; any other text as it is."""
    if not isinstance(said, Said):
        return said
    values = {name: translated(each) if isinstance(each, str) else each for name, each in said.values.items()}
    return _text(said.text) % values if values else _text(said.text)


def _text(text: str) -> str:
    return _apart(unparted(_catalogue(get_locale()).gettext(text)))


def _plural(one: str, many: str, num: int) -> str:
    return _apart(unparted(_catalogue(get_locale()).ngettext(one, many, num)))


@lru_cache(maxsize=8192)
def unparted(text: str) -> str:
    """A text whose figures stay with their units where lines are broken.

    >>> unparted("90 %% within %(p90)s working hours").split(" ")
    ['90\xa0%%', 'within', '%(p90)s\xa0working', 'hours']
    """
    return PARTED.sub(NO_BREAK, text)


def _apart(said: str) -> str:
    """The text with room of its own for each value that is put in, where the language needs that."""
    return PUT_IN.sub(APART, said) if "%(" in said and _runs_from_the_right(get_locale()) else said


@lru_cache(maxsize=16)
def _runs_from_the_right(locale: Locale | None) -> bool:
    return locale is not None and locale.text_direction == "rtl"


@lru_cache(maxsize=16)
def _catalogue(_current: Locale | None) -> NullTranslations:
    """What the library has loaded for the locale of this moment."""
    loaded: NullTranslations = get_domain().get_translations()
    return loaded
