"""Full names without a title, as whoever publishes a text is asked about them: "Wang Wei", "J. Smith", 王小明.

Redaction hides what is surely private; this asks more broadly, and only ever warns: a person decides. Nothing is hidden
by it, and no accuracy of redaction that was measured rests on it.
"""

import re
from collections.abc import Iterator

from app.analysis.lexicon import any_of, sections
from app.analysis.private import Private, Span
from app.analysis.redaction import CAPITALISED, FLAT, GIVEN, HAN, NAME_LISTS, NO_NAME, find, joined

LATIN = sections("full_names", "en")
SYLLABLE = (
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|üe|ue|ai|ei|ui|ao|ou|iu|ie|er|an|en|in|un|ia|ua|uo|[aoeiuüv])"
)
PINYIN = re.compile(rf"{SYLLABLE}(?:[-']?{SYLLABLE})?", re.IGNORECASE)
PAIR = re.compile(rf"(?<![A-Za-z0-9'\-])(?=(?P<first>{CAPITALISED})\s(?P<second>{CAPITALISED})(?![A-Za-zÀ-ÿ'\-]))")
THIRD = re.compile(rf"\s(?P<third>{CAPITALISED})(?![A-Za-z'\-])")
INITIALS = re.compile(
    rf"(?<![A-Za-z0-9'\-.])(?:[A-Z]\.\s?){{1,2}}{any_of(LATIN['surname'], LATIN['surname and word'])}(?![A-Za-z'\-])"
)
WORD_BEFORE = re.compile(r"([A-Za-z]{1,20})\.?\s\Z")
WORD_BEHIND = re.compile(r"\s([A-Za-zÀ-ÿ]{2,20})")
PINYIN_SURNAMES = frozenset(LATIN["pinyin surname"])
SURNAMES = frozenset(LATIN["surname"])
NOBODY_BEHIND = frozenset(word.lower() for word in LATIN["nobody behind"])
NO_PAIR = frozenset(LATIN["no name"])
NO_NAME_BEFORE = frozenset(LATIN["no name before"])

CHINESE = sections("full_names", "zh")
SURE, DOUBLE = (any_of(NAME_LISTS[kind]) for kind in ("sure", "double"))
RARE = any_of(NAME_LISTS["also a word"])
NAMES = re.compile(rf"(?=(?P<double>{DOUBLE}{GIVEN}{{1,2}})|(?P<sure>{SURE}{GIVEN}{{2}})|(?P<rare>{RARE}{GIVEN}{{2}}))")
SHORT = re.compile(rf"(?=(?P<name>{SURE}{GIVEN}))")
PERSON_BEFORE = re.compile(rf"{any_of(CHINESE['person before a name'])}\Z")
EDGE_BEFORE = re.compile(r"(?:^|[^\u3400-\u9fff])\Z")
WORD_OF_TIES_BEFORE = re.compile(rf"{any_of(CHINESE['before a name'])}\Z")
LOOSELY_BEHIND = re.compile(rf"\Z|[^\u3400-\u9fff]|{any_of(CHINESE['behind a name'])}")
SURELY_BEHIND = re.compile(rf"\Z|[^\u3400-\u9fff]|{any_of(CHINESE['deed behind a name'])}")
NOBODY = frozenset(CHINESE["no name"]) | frozenset(NAME_LISTS["no name"]) | frozenset(NAME_LISTS["no name when asked"])
NOBODYS_LAST = frozenset(CHINESE["nobody's last"])
LONGEST_CUE = 4


def possible_names(text: str) -> tuple[Span, ...]:
    """Where somebody may be named who is not found by redaction: sorted, none overlapping another or a find of it."""
    flat = text.translate(FLAT)
    taken = find(text)
    found = [*_latin(flat), *(_chinese(flat) if HAN.search(flat) else ())]
    return joined(
        each for each in found if not any(each.start < other.end and other.start < each.end for other in taken)
    )


def _latin(text: str) -> Iterator[Span]:
    """Pinyin with the surname first or last, a common English surname after another name, initials and a surname."""
    for match in INITIALS.finditer(text):
        if not _is_of_a_place(text, match.start(), match.end()):
            yield Span(match.start(), match.end(), Private.NAME)
    for match in PAIR.finditer(text):
        start, end = match.start("first"), match.end("second")
        first, second = match["first"], match["second"]
        if f"{first} {second}" in NO_PAIR or {first, second} & NO_NAME or first in NO_NAME_BEFORE:
            continue
        is_pinyin = (_is_surname(first) and PINYIN.fullmatch(second)) or (
            _is_surname(second) and PINYIN.fullmatch(first)
        )
        if not is_pinyin and second not in SURNAMES:
            continue
        behind = THIRD.match(text, end)
        if is_pinyin and behind and PINYIN.fullmatch(behind["third"]):
            end = behind.end()
        if not (is_pinyin and _goes_on_before(text, start)) and not _is_of_a_place(text, start, end):
            yield Span(start, end, Private.NAME)


def _is_surname(word: str) -> bool:
    """Also as it stands in forms, WANG Wei."""
    return word in PINYIN_SURNAMES or (word.isupper() and word.capitalize() in PINYIN_SURNAMES)


def _goes_on_before(text: str, start: int) -> bool:
    """Whether the words begin within a longer run of pinyin, like Jing Lu in Nan Jing Lu."""
    before = WORD_BEFORE.search(text, max(0, start - 24), start)
    return bool(before and before[1][0].isupper() and before[1] not in NO_NAME and PINYIN.fullmatch(before[1]))


def _is_of_a_place(text: str, start: int, end: int) -> bool:
    """Whether the words around say that it is a street, an office or a firm."""
    before, behind = WORD_BEFORE.search(text, max(0, start - 24), start), WORD_BEHIND.match(text, end)
    return bool((before and before[1] in NO_NAME_BEFORE) or (behind and behind[1].lower() in NOBODY_BEHIND))


def _chinese(text: str) -> Iterator[Span]:
    """A surname with one or two characters, bounded by what stands before and after names of people.

    The less the characters say (a surname that is also a word, a given name of one character), the surer the bounds.
    """
    for match in NAMES.finditer(text):
        kind = match.lastgroup or ""
        longest = len(match[kind])
        for length in (longest, longest - 1) if kind == "double" else (longest,):
            if _stands(text, match.start(), match.start() + length, says_much=kind != "rare"):
                yield Span(match.start(), match.start() + length, Private.NAME)
                break
    for match in SHORT.finditer(text):
        if _stands(text, match.start(), match.end("name"), says_much=False):
            yield Span(match.start(), match.end("name"), Private.NAME)


def _stands(text: str, start: int, end: int, *, says_much: bool) -> bool:
    """Whether a name may stand there. After a word for a person it may stand before much, after an edge before less."""
    name = text[start:end]
    if name in NOBODY or name[:2] in NOBODY or name[-1] in NOBODYS_LAST:
        return False
    near = max(0, start - LONGEST_CUE)
    if PERSON_BEFORE.search(text, near, start):
        return bool(LOOSELY_BEHIND.match(text, end))
    if EDGE_BEFORE.search(text, near, start):
        return bool((LOOSELY_BEHIND if says_much else SURELY_BEHIND).match(text, end))
    return says_much and bool(WORD_OF_TIES_BEFORE.search(text, near, start) and LOOSELY_BEHIND.match(text, end))
