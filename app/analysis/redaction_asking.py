"""Names after a word of asking or reaching somebody: "Call Anna Schmidt", 请联系王小明, "pregunten por Luis Romero".

What stands there is a person more often than anywhere else, so that a name need not be a common one; it must not be a
firm, an office or a place, of which the lists in ``words/`` know the usual words.
"""

import re
from collections.abc import Iterator

from app.analysis.lexicon import any_of, sections
from app.analysis.private import Private, Span, spans_of

CAPITALISED = r"[A-ZÀ-Þ][A-Za-zÀ-ÿ'\-]{1,30}"
RUN = rf"(?P<run>{CAPITALISED}(?:\s(?:(?:de|del|la|los|van|von|al|bin|y)\s){{0,2}}{CAPITALISED}){{0,4}})(?![A-Za-zÀ-ÿ])"
BEHIND = re.compile(r"\s([a-z]{2,12})\b")

ENGLISH = sections("asking", "en")
FIRST_NAMES = frozenset(sections("first_names", "en")["first"])
DAYS_AND_MORE = frozenset(sections("exceptions", "en")["no name"])
NOBODY = frozenset(ENGLISH["nobody"])
# "St Mary Abbots", "Queen Elizabeth Gardens": the first name after these is of a place.
NO_NAME_BEFORE = re.compile(rf"\b{any_of(ENGLISH['no name before'])}\.?\s\Z")
NO_NAME_AFTER = frozenset(ENGLISH["no name after"])
ASKED = re.compile(rf"\b(?i:{any_of(ENGLISH['before a name'])})\s(?:(?:my|our|the)\s[a-z]{{3,12}}\s)?{RUN}")

SPANISH = sections("asking", "es")
SPANISH_FIRST_NAMES = frozenset(sections("first_names", "es")["first"])
SPANISH_NO_NAME_BEFORE = re.compile(rf"\b{any_of(SPANISH['no name before'])}\s(?:(?:de|del|la)\s){{0,2}}\Z")
SPANISH_NOBODY = frozenset(SPANISH["nobody"])
# The verb in any form, a pronoun at its end included, and its preposition.
SPANISH_ASKED = re.compile(
    r"\b(?i:(?:ll[aá]m|pregunt|preg[uú]nt|contact|cont[aá]ct|avis|av[ií]s|habl|h[aá]bl|escrib|escr[ií]b|busc|busqu|b[uú]squ"
    r"|visit|vis[ií]t|d[ií]g|dec[ií]|d[ií]|consult|cons[uú]lt|mand|m[aá]nd|env[ií]|localic|localiz|record|recu[eé]rd)[a-záéíóú]{0,9}"
    r"|en contacto|hable)"
    rf"\s(?i:a|con|por|de parte de|para)\s{RUN}"
)


def asked_in_latin(text: str) -> Iterator[Span]:
    """English and Spanish: a run of two capitalised words or more, or one that is a common first name."""
    for pattern, nobody, first_names in (
        (ASKED, NOBODY, FIRST_NAMES),
        (SPANISH_ASKED, SPANISH_NOBODY, SPANISH_FIRST_NAMES | FIRST_NAMES),
    ):
        for match in pattern.finditer(text):
            kept = a_persons(match["run"], nobody)
            behind = BEHIND.match(text, match.start("run") + len(kept))
            alone = kept in first_names and not (behind and behind[1] in NO_NAME_AFTER)
            if alone or " " in kept:
                yield Span(match.start("run"), match.start("run") + len(kept), Private.NAME)


def a_persons(run: str, nobody: frozenset[str] = frozenset()) -> str:
    """What of a run of capitalised words names a person: nothing of "Clearway Ltd", and no weekday behind."""
    kept: list[str] = []
    for word in run.split(" "):
        if word in nobody or (word in DAYS_AND_MORE and not kept):
            return ""
        if word in DAYS_AND_MORE:
            break
        kept.append(word)
    while kept and kept[-1].islower():
        kept.pop()
    return " ".join(kept)


CHINESE = sections("surnames", "zh")
SURE = any_of(CHINESE["double"], CHINESE["sure"])
ALSO_A_WORD = any_of(CHINESE["also a word"])
GIVEN = rf"(?:(?![{''.join(CHINESE['never in a name'])}])[\u4e00-\u9fff])"
NO_NAME = frozenset((*CHINESE["no name"], *CHINESE["no name when asked"]))
OFFICE = rf"(?![\u4e00-\u9fff]{{1,3}}{any_of(CHINESE['nobody behind'])})"
DONE = r"(?=处理|联系|商量|帮忙|反映|沟通|确认|解决|过来|过去|看看|核实|协调|了解|负责|知道)"
CLOSED = r"(?=[，。！？、；：,.;:!?)”\s0-9A-Za-z]|\Z|[吧就来去说讲的打在他她也要让把给明今后])"
PERSON = (
    rf"(?P<name>{SURE}{OFFICE}(?:{GIVEN}(?:{DONE})|{GIVEN}{{1,2}})"
    rf"|{ALSO_A_WORD}{OFFICE}(?:{GIVEN}{{2}}(?:{CLOSED}|{DONE})|{GIVEN}(?:{CLOSED}|{DONE})))"
)
ONCE = r"(?:一下|一声|一句|下|到|上|过)?"
CHINESE_ASKED = re.compile(
    rf"(?:(?:联系|联络|(?<![访顾学疑提慰设])问问?|询问|咨询|(?<![寻])找|寻找|通知|告诉|告知|转告|转交给?|提醒|拜访|探望|呼叫|致电|打给"
    rf"|电话给|(?<![大喊喇])叫|拜托|感谢|多谢|请让|交给|发给|回复|派|喊){ONCE}[：:]?\s?){PERSON}"
)
WITH_PERSON = PERSON.replace("?P<name>", "?P<with>")
CHINESE_TO = re.compile(
    rf"(?:给|向)\s?{PERSON}\s?(?=打|发|回|去个?|来个?|反映|说|留)|(?:跟|和|与|同|找)\s?{WITH_PERSON}"
    r"\s?(?=联系|联络|说|讲|沟通|反映|商量|打|确认|核实|约)"
)


def asked_in_chinese(text: str) -> Iterator[Span]:
    """A full name after a verb of asking or reaching, and between "to" or "with" and what is done."""
    for pattern in (CHINESE_ASKED, CHINESE_TO):
        for match in pattern.finditer(text):
            group = "name" if match["name"] else "with"
            if not {match[group], match[group][:2]} & NO_NAME:
                yield Span(match.start(group), match.end(group), Private.NAME)


ARABIC = sections("asking", "ar")
LETTER = r"[\u0621-\u064a]"
ALEF = "[اأإآ]"
GIVEN_ARABIC = any_of(ARABIC["given"])
LISTED = any_of(ARABIC["given"], ARABIC["family"])
NEVER = rf"(?!{any_of(ARABIC['never in a name'])}(?!{LETTER}))"
LINKED = rf"(?:بن|بنت|ابن|عبد|أبو|ابو|أم|آل)\s{LETTER}{{2,15}}"
FAMILY = rf"{NEVER}ال{LETTER}{{3,14}}"
ONE = rf"(?:{LINKED}|عبد{LETTER}{{3,10}}|{LISTED}(?!{LETTER})|{FAMILY}(?!{LETTER}))"
# علي by itself is "on me" as often as Ali.
ARABIC_NAME = rf"(?P<name>(?:عبد\s?ال{LETTER}{{3,12}}|(?!علي(?!\s{ONE})){GIVEN_ARABIC})(?!{LETTER})(?:\s{ONE}){{0,3}})"
ENDING = r"(?:وا|ي|ت|نا)?"
ARABIC_VERB = (
    rf"(?:(?:{ALEF}تصل|{ALEF}سأل|سأل|{ALEF}سال|كل[ّ]?م|{ALEF}خبر|{ALEF}?بل[ّ]?غ|راسل|{ALEF}تواصل|تواصل|تحدث|تكلم|هاتف|ناد|{ALEF}شكر|زور|{ALEF}بحث"
    rf"|{ALEF}رسل|{ALEF}بعث|قول|قل|{ALEF}ستدع|ذك[ّ]?ر|نب[ّ]?ه|راجع|قابل|رن|دق){ENDING}|(?:ال)?(?:{ALEF}تصال|تواصل|تحدث|حديث))"
)
ARABIC_ASKED = re.compile(rf"(?<!{LETTER}){ARABIC_VERB}\s(?:(?:مع|إلى|الى|عن|على|لدى)\s)?(?:[بل]ـ?\s?)?{ARABIC_NAME}")
# Two names in a row that are both listed, but for those of a street, a square, a school or a hospital.
ARABIC_TWO = re.compile(
    rf"(?P<before>{LETTER}{{2,12}}\s(?:(?:الملك|الأمير|الشيخ|الإمام|الامام)\s)?)?(?<!{LETTER})(?:[وفبل]ـ?)?"
    rf"(?P<name>{GIVEN_ARABIC}\s{LISTED})(?!{LETTER})"
)
PLACE = re.compile(
    r"(?:و|ف)?(?:ب|ل|في)?(?:شارع|حي|ميدان|طريق|مدرسة|مستشفى|جامع|مسجد|جسر|نفق|حديقة|محطة|دوار|مركز|ساحة|شركة|مدينة|كلية|جامعة)\s"
)


def asked_in_arabic(text: str) -> Iterator[Span]:
    """A common given name and what follows of names after such a verb; the article-less prefixes ب and ل included."""
    yield from spans_of(ARABIC_ASKED, text, Private.NAME, "name")
    for match in ARABIC_TWO.finditer(text):
        if not PLACE.match(match["before"] or ""):
            yield Span(match.start("name"), match.end("name"), Private.NAME)
