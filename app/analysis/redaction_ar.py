"""What names or reaches a person in Arabic, beside what looks the same in every language."""

import re
from collections.abc import Iterator

from app.analysis.private import Private, Span, spans_of

ARABIC = re.compile(r"[\u0621-\u064a]")
WORD = r"[\u0621-\u064a]{2,15}"
LINK = r"(?:بن|بنت|ابن|عبد|أبو|ابو|أم|آل)"
FAMILY = r"ال[\u0621-\u064a]{2,14}"
# Given name, names of the fathers, and one or two family names beginning with the article.
FULL = rf"{WORD}(?:\s{LINK}\s{WORD}){{0,2}}(?:\s(?!ال|و){WORD}){{0,1}}(?:\s(?:{LINK}\s)?{FAMILY}){{1,2}}"
# After these comes a name; after the weaker ones only if one of LINK is in it, since a verb may follow as well.
TITLE = "السيدة?|الأستاذة?|الاستاذة?|الدكتورة?|دكتورة?|الحاجة?"
CUE = rf"(?:{TITLE}|اسمي|اسمه|اسمها|باسم|بإسم|الحاج|مع الاحترام،?|مقدمه|والدة)"
KIN = "والد|ابني|بنتي|زوجي|زوجتي|جارتي|جاري"
WEAK = rf"(?:{KIN}|الممرضة?|الموظفة?|السائق|الصحيح|أنا|انا|الطالبة?|المريضة?|المعلمة?|أبلة|ست|الست)"
LINKED = rf"{WORD}(?:\s(?!ال|و){WORD}){{0,1}}(?:\s{LINK}\s{WORD}){{1,2}}(?:\s{FAMILY}){{0,2}}"
AFTER_CUE = re.compile(rf"(?<![\u0621-\u064a]){CUE}:?\s{{1,2}}(?P<name>{FULL})(?![\u0621-\u064a])")
AFTER_WEAK = re.compile(rf"(?<![\u0621-\u064a]){WEAK}:?\s{{1,2}}(?P<name>{LINKED})(?![\u0621-\u064a])")
TITLED = re.compile(
    r"(?<![\u0621-\u064a])(?:السيدة?|الأستاذة?|الاستاذة?|الدكتورة?|دكتورة?|ست|أبلة|الحاجة|عم)\s"
    rf"(?!سنوات|سنين|ساعات|دقايق|دقائق|أيام|ايام|شهور|أشهر|مرات|أسابيع){WORD}(?=[،,.!؟\n]|\Z)"
)
SIGNED = re.compile(rf"\n\s{{0,4}}(?P<name>{FULL})\s{{0,4}}\Z")
UNIT = (
    r"(?:عمارة|بناية|بنايه|شقة|شقه|الدور|دور|الطابق|طابق|حي|رقم|منزل|بيت|فيلا|مدخل|بلوك|برج)\s[\u0621-\u064a0-9]{1,12}"
    r"(?:\s[0-9]{1,4})?"
)
STREET = re.compile(
    rf"(?<![\u0621-\u064a])(?:[0-9]{{1,4}}\s)?(?:شارع|حارة|طريق|زقاق)\s(?:ابن\s)?{WORD}(?:\s(?!{UNIT}){WORD}){{0,1}}"
    rf"(?:[،,]?\s{UNIT}){{1,4}}"
)
UNITS = re.compile(rf"(?<![\u0621-\u064a])(?:عمارة|بناية|برج)\s[0-9]{{1,4}}(?:[،,]?\s{UNIT}){{1,3}}")
PLATE = re.compile(r"(?<![\u0621-\u064a])(?:[\u0621-\u064a]\s){2,3}[0-9]{2,4}(?![0-9])")
CODE = re.compile(r"(?:رقم|التسجيل|الملف|البلاغ|الهوية)\s(?P<code>(?:[A-Z]{2,4}\s?)[0-9]{4,12})(?![0-9])")


def found_in(text: str) -> Iterator[Span]:
    """Names after a cue, a title or as a signature; streets with a house, plates, and numbers of files."""
    yield from spans_of(AFTER_CUE, text, Private.NAME, "name")
    yield from spans_of(AFTER_WEAK, text, Private.NAME, "name")
    yield from spans_of(TITLED, text, Private.NAME)
    yield from spans_of(SIGNED, text, Private.NAME, "name")
    yield from spans_of(STREET, text, Private.ADDRESS)
    yield from spans_of(UNITS, text, Private.ADDRESS)
    yield from spans_of(PLATE, text, Private.PLATE)
    yield from spans_of(CODE, text, Private.ID, "code")
