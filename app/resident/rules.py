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


FILLERS = frozenset(
    re.findall(
        r"\w+",
        "a an and at by for from in is it my near of on our the to with al cerca con de del el en la las los mi por un "
        "una y في من على إلى عند مع",
    )
)
"""Words that say nothing of a place, in the languages of residents; of Chinese it is signs."""

FILLER_SIGNS = frozenset("的在里上下边旁那这和与了是我们有个")
HAN = re.compile(r"[\u3400-\u9fff]")
SHORTEST_PIECE = 2
"""Signs: of Chinese text a single one is in too much that means something else."""


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


def wanted_in(text: str) -> list[str]:
    """The words that a place has to be found by: those that mean something, or all where none does.

    >>> wanted_in("Bins on the market street")
    ['bins', 'market', 'street']
    """
    words = words_in(text)
    return [word for word in words if word not in FILLERS and not set(word) <= FILLER_SIGNS] or words


def is_said(word: str, said: str) -> bool:
    """Whether a word is in what is said of a place; Chinese, written without spaces, may be several words there.

    >>> is_said("菜市场的垃圾", "菜市场 垃圾、卫生"), is_said("菜市场的路灯", "菜市场 垃圾、卫生")
    (True, False)
    """
    if word in said or not HAN.search(word):
        return word in said
    # Where the beginning of the word, up to there, is made of pieces that are said.
    reached = [True] + [False] * len(word)
    for end in range(1, len(word) + 1):
        reached[end] = (reached[end - 1] and word[end - 1] in FILLER_SIGNS) or any(
            reached[start] and word[start:end] in said for start in range(end - SHORTEST_PIECE + 1)
        )
    return reached[-1]


def pieces_of(word: str) -> list[str]:
    """Of these one at least is said where ``is_said`` finds the word: a first look by the database.

    >>> pieces_of("菜市场"), pieces_of("market")
    (['菜市', '市场'], ['market'])
    """
    if not HAN.search(word) or len(word) < SHORTEST_PIECE:
        return [word]
    return [word[start : start + SHORTEST_PIECE] for start in range(len(word) - SHORTEST_PIECE + 1)]


def likeness(asked: str, code: str) -> int:
    """How far a site code is from what was asked for: 0 the same but for signs and zeros, 1 begins so, 2 otherwise.

    >>> [likeness("rs-bin-1", code) for code in ("RS-BIN-01", "RS-BIN-10", "RS-BIN-03")]
    [0, 1, 2]
    """
    wanted, its = (re.sub(r"(?<!\d)0+(?=\d)", "", squeezed(each)) for each in (asked, code))
    return 0 if its == wanted else 1 if its.startswith(wanted) else 2


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
