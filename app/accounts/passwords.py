"""What makes a password one of the first that somebody else would try. Plain Python."""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses (Wheeler, USENIX Security 2016)."""

MOST_READ = 32
"""So many characters are looked at: longer ones can cost seconds, and what is weak is weak by then."""

LEFT = 6
"""Without what anybody knows of the person, so many letters and figures must be left."""

PRODUCT = "Answerable"


class Weakness(StrEnum):
    """Why a password is refused."""

    COMMON = "common"
    PERSONAL = "personal"


def weakness_of(password: str, known: Collection[str] = ()) -> Weakness | None:
    """Whether it is tried first, or made of what anybody knows of the person (``known``); None where it is neither."""
    known = {word.casefold() for word in (*known, PRODUCT)}
    rest = password.casefold()
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, "")
    without = sum(sign.isalnum() for sign in rest)
    if without < LEFT and len(rest) < len(password):
        return Weakness.PERSONAL
    # Its lists of words take 15 MB and a while to load, and passwords are chosen seldom.
    from zxcvbn import zxcvbn

    found = zxcvbn(password[:MOST_READ], user_inputs=sorted(known))
    return Weakness.COMMON if found["score"] < LEAST_SCORE else None


def known_of(email: str, name: str = "", houses: Iterable[Mapping[str, str] | str] = ()) -> frozenset[str]:
    """What anybody knows of a person: parts of their address and name, and of the names of their houses."""
    named = [[house] if isinstance(house, str) else house.values() for house in houses]
    texts = [email, name, *(text for texts in named for text in texts)]
    parts = {part for text in texts for part in re.split(r"[\W_]+", text) if len(part) >= 3 or not part.isascii()}
    return frozenset(part for part in (*parts, *texts) if part)
