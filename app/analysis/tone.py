"""Words that praise or blame by themselves, and whether a "not" turns them round: 好, 不好, not dirty, nunca llegan.

A sum over words cannot know "not prompt" from what it knows of "prompt", and the sentence encoder takes both for nearly
the same. So what a "not" reaches is counted apart, by lists of words in each language.
"""

import re
import zlib
from functools import cache
from itertools import product
from typing import NamedTuple

from app.analysis.lexicon import sections

LANGUAGES = ("en", "zh", "es", "ar")

KINDS = ("good", "bad", "not good", "not bad", "not other")
"""What is counted; "not other" is a "not" that reaches no word of the lists: nobody came."""

GOOD, BAD, NOT, TURN, NEITHER = range(5)
SECTIONS = {"good": GOOD, "bad": BAD, "not": NOT, "turn": TURN, "neither": NEITHER}
OTHER = KINDS.index("not other")

WORDS_REACHED = 4
SIGNS_REACHED = 5
"""How far a "not" reaches: words after it, in Chinese signs; never beyond a comma or a "but"."""

LONGEST_TERM = 4
"""Signs of the longest Chinese term."""

STOP = re.compile(r"[,.;:!?()\n，。；：！？、،؛؟]")
SAME_LETTERS = str.maketrans("أإآىةؤئ", "ااايهوي")
"""Arabic letters of which many write one for the other."""


class Tone(NamedTuple):
    """A place in ``KINDS``, and where what has it begins and ends in the text."""

    kind: int
    start: int
    end: int


def tones_in(low: str, spans: list[tuple[int, int]]) -> list[Tone]:
    """What praises or blames in a text in lower case, cut into words at ``spans``; Chinese is read sign by sign."""
    terms, found, before = known(), Found(), 0
    for start, end in spans:
        if found.is_turning and STOP.search(low, before, start):
            found.close()
        word = low[start:end]
        if "\u3400" <= word[0] <= "\u9fff":
            signs_in(word, start, found, terms)
        else:
            kind = terms.get(word) if word[0] < "\u0600" else terms.get(word.translate(SAME_LETTERS))
            if kind is not None or found.is_turning:
                found.add(kind, start, end, 1, WORDS_REACHED)
        before = end
    found.close()
    return found.tones


def signs_in(word: str, start: int, found: "Found", terms: dict[str, int]) -> None:
    """The terms of a run of Chinese signs, the longest first; "好不好" asks and says neither."""
    starts, place = first_signs(), 0
    while place < len(word):
        size = 1
        kind = None
        if word[place] in starts:
            for size in range(min(LONGEST_TERM, len(word) - place), 0, -1):
                kind = terms.get(word[place : place + size])
                if kind is not None:
                    break
        if kind == NOT and 0 < place < len(word) - size and word[place - 1] == word[place + size]:
            kind = NEITHER
        found.add(kind, start + place, start + place + size, size, SIGNS_REACHED)
        place += size
    found.close()


class Found:
    """What was found so far, and the "not" that still reaches on."""

    def __init__(self) -> None:
        self.tones: list[Tone] = []
        self.is_turning = False
        self.begin = self.end = self.left = 0
        self.is_idle = True

    def add(self, kind: int | None, start: int, end: int, size: int, reach: int) -> None:
        """The next word or sign: ``size`` is what it takes of the reach, ``reach`` what a "not" has."""
        if kind == NOT:
            if not self.is_turning:
                self.begin, self.is_turning, self.is_idle = start, True, True
            self.end, self.left = end, reach
            return
        if kind == TURN:
            self.close()
        elif kind in {GOOD, BAD}:
            self.tones.append(Tone(kind + 2, self.begin, end) if self.is_turning else Tone(kind, start, end))
            self.is_idle = False
        if self.is_turning:
            self.end = end
            self.left -= size
            if self.left <= 0:
                self.close()

    def close(self) -> None:
        """Here the reach of a "not" ends."""
        if self.is_turning and self.is_idle:
            self.tones.append(Tone(OTHER, self.begin, self.end))
        self.is_turning = False


@cache
def known() -> dict[str, int]:
    """Every form of every word of the lists, and what it is. Where languages share a form, the first one has it."""
    terms: dict[str, int] = {}
    for language in LANGUAGES:
        for name, words in sections("tone", language).items():
            for word in words:
                for form in forms_of(word, language):
                    terms.setdefault(form, SECTIONS[name])
    return terms


@cache
def first_signs() -> frozenset[str]:
    return frozenset(term[0] for term in known())


def forms_of(word: str, language: str) -> list[str]:
    """The forms of a word: gender and number in Spanish; article, "and", "with" and endings in Arabic."""
    if language == "es":
        stem = word[:-1] if word.endswith(("o", "a")) else word
        return [word, *(stem + end for end in (("o", "a", "os", "as") if stem != word else ("s", "es")))]
    if language == "ar":
        word = word.translate(SAME_LETTERS)
        befores, ends = ("", "ال", "و", "وال", "ب", "بال", "ل"), ("", "ه", "ين", "ات", "ا", "ش")
        stem = word.removesuffix("ه") if len(word) > 3 else word
        return [word, *(before + stem + end for before, end in product(befores, ends))]
    return [word]


def fingerprint() -> int:
    """What marks the lists and their use."""
    said = "\n".join(f"{word} {kind}" for word, kind in sorted(known().items()))
    return zlib.crc32(f"{WORDS_REACHED} {SIGNS_REACHED} {said}".encode())
