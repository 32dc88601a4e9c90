"""How often a PIN may be tried, what looks like an address or a phone number, and how places are looked for."""

import re
import unicodedata
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt

TRIES = 5
"""So many wrong PINs for one reference within ``WINDOW``, and the door stays shut until the first of them is older."""

WINDOW = timedelta(minutes=15)

MOST_NOTICES = 4
"""So many messages beside the answers go to a resident about one feedback, whatever happens; the database knows it."""

EMAIL = re.compile(r"[^\s@,;:<>\"()\[\]\\]{1,64}@(?:[^\s@.,;:<>\"()\[\]\\]{1,63}\.)+[^\s@.,;:<>\"()\[\]\\]{2,63}")
PHONE = re.compile(r"\+?[\d\s()./-]{5,24}")

EARTH = 6_371_008.8
"""Mean radius in metres."""

NEAR = 20_000
"""Metres; what is further away is nobody's nearest service."""


def is_email(text: str) -> bool:
    """Whether it looks like one address; whether it exists only a letter can tell."""
    return EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether it could be dialled: at least five digits, and nothing but what numbers are written with."""
    return PHONE.fullmatch(text) is not None and sum(sign.isdigit() for sign in text) >= 5


def words_in(text: str) -> list[str]:
    """What is looked for, word by word, without regard to case, width and punctuation.

    >>> words_in("ＲＳ-BIN  market street")
    ['rs', 'bin', 'market', 'street']
    """
    return re.findall(r"[^\W_]+", plain(text))


def squeezed(code: str) -> str:
    """A site code however it is written: ``RS-BIN-01``, ``rs bin 01`` and ``ＲＳＢＩＮ０１`` are one.

    >>> squeezed("rs bin-01")
    'rsbin01'
    """
    return "".join(words_in(code))


def plain(text: str) -> str:
    """Text as it is compared: full width as half width, capitals as small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two positions (latitude, longitude in degrees) on a sphere, by the haversine formula.

    >>> round(metres_between((51.5, 0.0), (51.51, 0.0)))
    1112
    """
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, each)) for each in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def rounded(metres: float) -> int:
    """A distance as it is said: to ten metres below a kilometre, else to a hundred."""
    step = 10 if metres < 1000 else 100
    return round(metres / step) * step
