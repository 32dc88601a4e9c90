"""What could name or reach a person in a text, found and replaced by its kind.

Everything here takes time in proportion to the text, whatever the text: quantifiers are bounded, and slow
patterns run only around something they need.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import phonenumbers

from app.analysis import redaction_ar, redaction_asking, redaction_es
from app.analysis.lexicon import any_of, sections
from app.analysis.private import Private, Span, spans_of

REGIONS = ("CN", "GB", "US", "ES")


EXCEPTIONS = sections("exceptions", "en")
RANK = {kind: rank for rank, kind in enumerate(Private)}
LABELS = {
    "en": {
        Private.PHONE: "[phone]",
        Private.EMAIL: "[email]",
        Private.ID: "[ID number]",
        Private.NAME: "[name]",
        Private.PLATE: "[plate]",
        Private.ADDRESS: "[address]",
    },
    "zh": {
        Private.PHONE: "[电话]",
        Private.EMAIL: "[邮箱]",
        Private.ID: "[证件号]",
        Private.NAME: "[姓名]",
        Private.PLATE: "[车牌]",
        Private.ADDRESS: "[地址]",
    },
}


@dataclass(frozen=True)
class Redacted:
    """A text without personal data, and where it was in the original: sorted, never overlapping."""

    text: str
    spans: tuple[Span, ...]


def redact(text: str, language: str | None = None, *, known: Collection[str] = ()) -> Redacted:
    """Replace phones, e-mails, ID numbers, names, plates and addresses by their kind; ``known`` names anywhere.

    Without a language a text with Han characters is taken for Chinese, which only chooses the words put in.

    >>> redact("ring 020 7946 0018, or a.b@example.org").text
    'ring [phone], or [email]'
    >>> redact("(Li Wei laughed.)", known=names_in("Mr Li Wei was late.")).text
    '([name] laughed.)'
    """
    spans = joined([*find(text), *known_names(text, known)]) if known else find(text)
    labels = labels_for(text, language)
    parts, done = [], 0
    for span in spans:
        parts += [text[done : span.start], labels[span.type]]
        done = span.end
    return Redacted("".join([*parts, text[done:]]), spans)


def labels_for(text: str, language: str | None) -> dict[Private, str]:
    """What stands in the place of personal data in this text."""
    return LABELS["zh" if language == "zh" or (language is None and HAN.search(text)) else "en"]


def places_left(text: str, language: str | None, spans: Iterable[Span]) -> list[int | None]:
    """For each letter of a redacted text its place in the original; None within what was put in."""
    labels = labels_for(text, language)
    places: list[int | None] = []
    done = 0
    for span in spans:
        places += [*range(done, span.start), *[None] * len(labels[span.type])]
        done = span.end
    return [*places, *range(done, len(text))]


def find(text: str) -> tuple[Span, ...]:
    """Where the personal data is: sorted, touching or overlapping finds made one, nothing of either left out."""
    flat = text.translate(FLAT)
    found: list[Span] = []
    if "@" in flat or OBFUSCATED_HINT.search(flat):
        found += emails(flat)
    if SOME_DIGIT.search(flat):
        found += plates(flat)
        found += english_addresses(flat)
        found += id_numbers(flat)
        found += phones(flat)
    if HAN.search(flat):
        found += chinese_addresses(flat)
        found += chinese_names(flat)
        found += redaction_asking.asked_in_chinese(flat)
    found += spoken_phones(flat)
    found += spelled_codes(flat)
    found += english_names(flat)
    found += redaction_es.found_in(flat)
    found += redaction_asking.asked_in_latin(flat)
    if redaction_ar.ARABIC.search(flat):
        found += redaction_ar.found_in(flat)
        found += redaction_asking.asked_in_arabic(flat)
    return joined(found)


def names_in(*texts: str) -> frozenset[str]:
    """The names that are found in texts, without their titles: those by which the same persons are named elsewhere.

    Of 王经理 nothing but a surname is left without its title, so that it stays as it is.
    """
    names = set()
    for text in texts:
        for span in find(text):
            if span.type == Private.NAME:
                name = text[span.start : span.end].translate(FLAT)
                bare = TITLES.sub("", CHINESE_TITLE_AT_END.sub("", name)).strip(" .")
                names.add(bare if len(bare) > 1 else name)
    return frozenset(names)


def known_names(text: str, names: Iterable[str]) -> Iterator[Span]:
    """Where names stand that are known from elsewhere. A single word is one with a capital only: Mr Brown, brown."""
    flat = text.translate(FLAT)
    for name in names:
        words = name.split()
        if HAN.search(name) or len(words) > 1:
            pattern = r"\s{1,3}".join(map(re.escape, words))
        else:
            pattern = re.escape(name[:1].upper() + name[1:])
        edges = ("", "") if HAN.search(name) else (r"(?<!\w)", r"(?!\w)")
        flags = re.IGNORECASE if len(words) > 1 else re.NOFLAG
        yield from spans_of(re.compile(pattern.join(edges), flags), flat, Private.NAME)


def joined(found: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans as one; its type is the one of higher rank, so that no end of either shows."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if kept and span.start < kept[-1].end:
            last = kept[-1]
            kind = min(last.type, span.type, key=RANK.__getitem__)
            kept[-1] = Span(last.start, max(last.end, span.end), kind)
        else:
            kept.append(span)
    return tuple(kept)


# Full-width forms and odd spaces become plain ones, character for character: offsets stay those of the original.
FLAT = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | dict.fromkeys(
    (0xA0, 0x2002, 0x2003, 0x2007, 0x2009, 0x202F, 0x3000), " "
)
FLAT |= dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014), "-") | {0x2019: "'", 0xFF0C: "，", 0xFF1A: "："}
FLAT |= {0x660 + figure: str(figure) for figure in range(10)}
FLAT |= {0xFF1B: "；", 0xFF01: "！", 0xFF1F: "？", 0xFF08: "(", 0xFF09: ")"}

HAN = re.compile(r"[\u3400-\u9fff]")
NUMERALS = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
SOME_DIGIT = re.compile(rf"[0-9{NUMERALS}]")

LOCAL_PART = re.compile(r"[A-Za-z0-9._%+\-]{1,64}\Z")
DOMAIN = re.compile(r"[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}")
OBFUSCATED_HINT = re.compile(r"\b(?:dot|DOT)\b|点", re.ASCII)
OBFUSCATED = re.compile(
    r"(?<![A-Za-z0-9._])[A-Za-z0-9._+\-]{2,64}(?:\s(?:dot|underscore|dash)\s[A-Za-z0-9._+\-]{1,40}){0,4}\s{0,2}"
    r"(?:[(\[]\s?at\s?[)\]]|(?<=\s)(?:at|AT)(?=\s)|艾特|圈\s?a|@)\s{0,2}"
    r"[A-Za-z0-9\-]{1,40}(?:\s{0,2}(?:\.|点|[(\[]dot[)\]]|(?<=\s)(?:dot|DOT)(?=\s))\s{0,2}[A-Za-z\-]{2,20}){1,4}"
)


def emails(text: str) -> Iterator[Span]:
    at = text.find("@")
    while at >= 0:
        local = LOCAL_PART.search(text, max(0, at - 64), at)
        domain = DOMAIN.match(text, at + 1)
        if local and domain:
            yield Span(local.start(), domain.end(), Private.EMAIL)
        at = text.find("@", at + 1)
    if OBFUSCATED_HINT.search(text):
        yield from spans_of(OBFUSCATED, text, Private.EMAIL)


DIGITS = re.compile(r"(?<![0-9A-Za-z])(?:\+\s?)?\(?[0-9](?:[ .\-()/]{0,2}[0-9])*(?:\s?[Xx](?![A-Za-z0-9]))?")
DATE = re.compile(
    r"(?:(?:19|20)\d\d[-/. 年]\s?\d{1,2}[-/. 月]\s?\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d)(?![0-9])"
)
YEARS = re.compile(r"(?:19|20)\d\d\s?[-/]\s?(?:19|20)\d\d")
MONEY_BEFORE = re.compile(r"[£$€¥₦₹￥]\s?\Z")
ID_WORDS = re.compile(
    r"(?:\b(?:NHS|NI|MRN|PCN|ID|ref|reference|account|acct|customer|patient|policy|passport|badge|case|ticket|"
    r"complaint|member(?:ship)?|invoice|card|file|permit|licence|license)\b[\s\w.:#']{0,14}"
    r"|(?:身份证|证号|卡号|账号|帐号|户号|单号|编号|病历|社保|医保|护照|学号|证件)[^\d，。]{0,8})\Z",
    re.IGNORECASE,
)
PHONE_WORDS = re.compile(
    r"(?:\b(?:phone|mobile|cell|call|ring|tel|telephone|text|landline|whatsapp|number)\b[^\d.]{0,24}"
    r"|(?:电话|手机|热线|打|拨|号码|联系|微信)[^\d，。]{0,8})\Z",
    re.IGNORECASE,
)
BY_NUMERALS = re.compile(rf"[{NUMERALS}0-9](?:[ \-]?[{NUMERALS}0-9]){{7,24}}[Xx]?")
SHORTEST_PHONE, LONGEST_PHONE = 7, 15


def phones(text: str) -> Iterator[Span]:
    """Runs of seven digits or more; money, dates and years are left alone, fifteen digits or more are an ID."""
    for match in DIGITS.finditer(text):
        for start, end in without_dates(text, match.start(), match.end()):
            kind = number_kind(text, start, end)
            if kind:
                yield Span(start, end, kind)
    for match in BY_NUMERALS.finditer(text):
        written = match.group()
        if not written.isascii() and len(set(written)) > 2:
            figures = sum(1 for letter in written if letter not in " -")
            yield Span(match.start(), match.end(), Private.ID if figures > LONGEST_PHONE else Private.PHONE)


def without_dates(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a run of digits that are no date, without blanks at their ends."""
    if end - start > 3 * LONGEST_PHONE:
        yield start, end
        return
    for date_found in DATE.finditer(text, start, end):
        if date_found.start() == start or not text[date_found.start() - 1].isdigit():
            yield trimmed(text, start, date_found.start())
            start = date_found.end()
    yield trimmed(text, start, end)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start] in " .-/)" or is_opened_for_more(text, start, end)):
        start += 1
    while start < end and text[end - 1] in " .-/(":
        end -= 1
    return start, end


def is_opened_for_more(text: str, start: int, end: int) -> bool:
    """Whether a bracket opens here that holds more than a dialling code: it belongs to the sentence."""
    return text[start] == "(" and text.find(")", start, end) < 0


def number_kind(text: str, start: int, end: int) -> Private | None:
    """What a run of digits is: a phone, an ID or (None) a number like any other."""
    written = text[start:end]
    digits = "".join(figure for figure in written if figure in "0123456789")
    count = len(digits)
    if count < SHORTEST_PHONE:
        return None
    if count >= LONGEST_PHONE:
        return Private.ID
    before = text[max(0, start - 40) : start]
    if MONEY_BEFORE.search(before) or YEARS.fullmatch(written) or is_a_date(written):
        return None
    if ID_WORDS.search(before) and not PHONE_WORDS.search(before):
        return Private.ID
    if len(written) == count or written[0] == "+" or is_phone(written) or PHONE_WORDS.search(before):
        return Private.PHONE
    groups = re.split(r"[^0-9]+", written.strip("+()"))
    looks_grouped = len(groups) <= 4 and min(len(group) for group in groups[1:] or groups) >= 2
    return Private.PHONE if count >= 9 and looks_grouped else None


def is_phone(written: str) -> bool:
    """Whether the number is valid in a region whose residents write to us."""
    for region in REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(written, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def is_a_date(written: str) -> bool:
    if len(written) != 8 or not written.isdigit():
        return False
    try:
        return 1900 <= date(int(written[:4]), int(written[4:6]), int(written[6:])).year <= 2100
    except ValueError:
        return False


FIGURE_WORD = (
    r"(?:(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine)[0-9]?|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|[0-9]{1,4})"
)
SPOKEN = re.compile(
    rf"\b(?:plus\s)?(?:(?:double|triple|treble)[ \-]?)?{FIGURE_WORD}"
    rf"(?:[ ,\-]{{1,3}}(?:(?:then|and|drop the)\s)?(?:(?:double|triple|treble)[ \-]?)?{FIGURE_WORD}\b){{4,14}}",
    re.IGNORECASE,
)
SPOKEN_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
# 一百八十七，四四零九，三三幺零
SPOKEN_CHINESE = re.compile(
    rf"[{NUMERALS}百十]{{3,8}}(?:[，, ]{{0,2}}(?:后面|然后|再|加个?)?\s?[{NUMERALS}0-9]{{3,8}}){{2,4}}"
)


def spoken_phones(text: str) -> Iterator[Span]:
    """Numbers written as they are spoken: "oh seven seven, double-oh nine"."""
    yield from spans_of(SPOKEN_CHINESE, text, Private.PHONE)
    for match in SPOKEN.finditer(text):
        if len(SPOKEN_WORD.findall(match.group())) >= 3:
            yield Span(match.start(), match.end(), Private.PHONE)


# "WS slash 00 slash kay 771", "KX seven-one, O-B-Tango": pieces of a code as they are said on the phone.
SPELLED_PIECE = (
    rf"(?:{FIGURE_WORD}|[A-Z]{{1,3}}[0-9]{{0,4}}|slash|dash|hyphen|stroke|dot|gap|space|underscore|double|triple"
    r"|[Aa]lpha|[Bb]ravo|[Cc]harlie|[Dd]elta|[Ee]cho|[Ff]oxtrot|[Gg]olf|[Hh]otel|[Ii]ndia|[Jj]uliet|[Kk]ilo|[Ll]ima"
    r"|[Mm]ike|[Nn]ovember|[Oo]scar|[Pp]apa|[Qq]uebec|[Rr]omeo|[Ss]ierra|[Tt]ango|[Uu]niform|[Vv]ictor|[Ww]hiskey"
    r"|[Xx]-?ray|[Yy]ankee|[Zz]ulu|ay|bee|cee|dee|ee|eff|gee|aitch|jay|kay|ell|em|en|pee|cue|ar|ess|tee|vee|ex|zed|zee)"
)
SPELLED_CODE = re.compile(
    r"\b(?i:(?P<plate>plate|reg|registration)|ref|reference|account|permit|licen[cs]e|code|number|id|case|file|card)\b"
    r"(?:[ ,]{1,2}(?:(?i:for|of|no|the|my|is|was|now)\b|[a-z]{3,12}\b(?!-))){0,7}?[:,]?\s{1,2}"
    rf"(?P<code>{SPELLED_PIECE}(?:[ ,\-]{{1,3}}{SPELLED_PIECE}\b){{3,14}})"
)

SPELLED_SIGN = re.compile(r"[A-Z]{2}|[0-9]|\b[B-HJ-Z]\b")
PIECES = re.compile(r"[A-Za-z0-9]+")
LONG_CODE = 5


def spelled_codes(text: str) -> Iterator[Span]:
    """References and plates spelled out after the word that announces them; short ones have a figure or a capital."""
    for match in SPELLED_CODE.finditer(text):
        if SPELLED_SIGN.search(match["code"]) or len(PIECES.findall(match["code"])) >= LONG_CODE:
            kind = Private.PLATE if match["plate"] else Private.ID
            yield Span(match.start("code"), match.end("code"), kind)


CHINESE_ID = re.compile(r"(?<![0-9])[1-9](?:[ \-]?[0-9]){16}[ \-]?[0-9Xx](?![0-9])")
NATIONAL_INSURANCE = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}[ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?[A-Da-d](?![A-Za-z0-9])"
)
NHS = re.compile(r"(?<![0-9])[0-9]{3}[ \-]?[0-9]{3}[ \-]?[0-9]{4}(?![0-9])")
CODE = re.compile(r"(?<![A-Za-z0-9/_\-.@])[A-Za-z0-9]{1,24}(?:[/_\-][A-Za-z0-9]{1,24}){0,5}(?![A-Za-z0-9@])")
CODE_AFTER_WORD = re.compile(
    r"\b(?:ref(?:erence)?|account|acct|customer|patient|complaint|badge|permit|PCN|charge|ticket|MRN|NI|policy|"
    r"membership|file|passport|invoice|confirmation|case|token|learner|hospital|order|tenancy|claim)\b"
    r"(?:\s(?:ID|code|no|number|num|card))?[.:#]{0,2}\s{0,2}(?:(?:is|was|in|being)\s)?[#:]?\s?"
    r"(?P<code>[A-Z]{0,4}[ \-/]?[0-9A-Z]{0,6}[0-9](?:[ \-/]?[A-Z]{0,3}[0-9]{1,6}){1,6}(?:-?[A-Z]{1,3})?)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
ODD_CODE = re.compile(
    r"\b(?:ref(?:erence)?|account|acct|code|booking|confirmation)\s{1,2}(?:(?:is|was)\s)?"
    r"(?P<code>[A-Za-z0-9](?=[^\s,;]{0,30}[0-9])(?:[A-Za-z0-9]|[_/\-\"](?![\s,;.])){5,30})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
INITIALS_AND_FIGURES = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,4}\s?[0-9]{6,14}(?![A-Za-z0-9])")
CODE_AFTER_HAN = re.compile(
    r"(?:身份证|证号|卡号|账号|帐号|户号|单号|编号|病历号|社保号|医保号|护照|学号|证件号?|驾驶证)[号码是为叫：:\s]{0,6}"
    rf"(?P<code>[A-Za-z0-9][A-Za-z0-9 \-{NUMERALS}]{{4,24}}[A-Za-z0-9{NUMERALS}])"
)


def id_numbers(text: str) -> Iterator[Span]:
    """Identity, insurance and health numbers, and references that lead to a person.

    The check digit is not asked: somebody's number with a slip is still somebody's number.
    """
    yield from spans_of(CHINESE_ID, text, Private.ID)
    yield from spans_of(NATIONAL_INSURANCE, text, Private.ID)
    yield from spans_of(INITIALS_AND_FIGURES, text, Private.ID)
    for match in ODD_CODE.finditer(text):
        code = match["code"]
        if sum(map(str.isdigit, code)) >= 2 or any(mark in code for mark in "_/"):
            yield Span(match.start("code"), match.end("code"), Private.ID)
    for match in NHS.finditer(text):
        if re.search(r"NHS", text[max(0, match.start() - 30) : match.start()]):
            yield Span(match.start(), match.end(), Private.ID)
    for match in CODE.finditer(text):
        if is_reference(match.group()):
            yield Span(match.start(), match.end(), Private.ID)
    for match in CODE_AFTER_WORD.finditer(text):
        if sum(figure.isdigit() for figure in match.group("code")) >= 4:
            yield Span(match.start("code"), match.end("code"), Private.ID)
    for match in CODE_AFTER_HAN.finditer(text):
        if sum(figure.isdigit() for figure in match.group("code")) >= 5:
            yield Span(match.start("code"), match.end("code"), Private.ID)


def is_reference(word: str) -> bool:
    """Letters and at least four figures in one word, like WK40982217 or VG-2021-00847."""
    figures = sum(letter in "0123456789" for letter in word)
    letters = sum(letter.isalpha() for letter in word)
    return figures >= 4 and letters >= 1 and len(word) >= 6


PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
PLATES = (
    re.compile(
        rf"[{PROVINCES}][·•. \-]?[A-Za-z][·•.\s\-]?(?=[A-Za-z]{{0,5}}[0-9{NUMERALS}])"
        rf"(?:[A-Za-z0-9{NUMERALS}]\s?){{4,5}}[A-Za-z0-9{NUMERALS}挂学警港澳]?"
    ),
    re.compile(r"(?<![A-Za-z0-9])[A-Z]{3}-[0-9]{3}-?[A-Z]{1,2}(?![A-Za-z0-9])"),
    re.compile(r"(?<![A-Za-z0-9])[A-Z]-[0-9]{3}-[A-Z]{3}(?![A-Za-z0-9])"),
    re.compile(r"(?<![A-Za-z0-9])[A-Z]{2} [0-9]{3} [A-Z]{2}(?![A-Za-z0-9])"),
    re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}\s?[A-Z]{3}(?![A-Za-z0-9])"),
    re.compile(r"(?<![A-Za-z0-9])[0-9]{2,3}-[A-Z]{1,2}-[0-9]{1,6}(?![A-Za-z0-9])"),
    re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[ \-]?[0-9]{2}[ \-]?[A-Z]{1,2}[ \-]?[0-9]{4}(?![A-Za-z0-9])"),
    re.compile(r"(?<![A-Za-z0-9])[0-9]{4}-?[BCDFGHJKLMNPRSTVWXYZ]{3}(?![A-Za-z0-9])"),
)
PLATE_AFTER_WORD = re.compile(
    r"\b(?:plate|reg|rego|registration|number ?plate|licen[cs]e plate|matr[ií]cula|placas?|patente)\b\.?"
    r"(?:\s(?:no|number))?[.:]?\s"
    r"(?:(?:is|was|now|ending|es)\s)?(?P<plate>[A-Z0-9]{1,7}(?:[ \-][A-Z0-9]{1,5}){0,2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def plates(text: str) -> Iterator[Span]:
    for pattern in PLATES:
        yield from spans_of(pattern, text, Private.PLATE)
    for match in PLATE_AFTER_WORD.finditer(text):
        start, end = match.span("plate")
        words = text[start:end].split(" ")
        while words and not (any(map(str.isdigit, words[-1])) or words[-1].isupper()):
            words.pop()
        kept = " ".join(words)
        if len(kept) >= 5 and any(map(str.isdigit, kept)) and any(map(str.isalpha, kept)):
            yield Span(start, start + len(kept), Private.PLATE)


STREET = (
    r"(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Terrace|Close|Crescent|Cres|Drive|Dr|Way|Court|Ct|Place|Square|"
    r"Gardens|Grove|Hill|Park|Mews|Rise|Row|Walk|View|Green|Boulevard|Blvd|Parade|Quay|Wharf|Highway|Gate|Path)"
)
ROOM = r"(?:Flat|Apt|Apartment|Unit|Room|Suite)\.?\s?[0-9A-Za-z]{1,4}"
POSTCODE = (
    r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?\s?[0-9][A-Z]{2}|[A-Z][0-9][0-9W]\s[A-Z0-9]{4}|[A-Z]{2,3}\s[0-9]{4,5}"
    r"|[A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9])(?![A-Za-z0-9])"
)
TOWN = r"[A-Z][a-z]{2,20}(?:[ \-][A-Z][a-z]{2,20})?"
TAIL = rf"(?:,?\s(?i:{ROOM})\b)?(?:,\s{TOWN}\b)?(?:,?\s{POSTCODE})?"
WITH_CAPITALS = re.compile(
    rf"(?<![A-Za-z0-9£$€.,:])(?:(?i:{ROOM}),?\s{{1,2}}(?:[a-z' ]{{3,40}},\s)?)?"
    rf"(?:[A-Z][A-Za-z]{{1,20}}\s[A-Z][A-Za-z]{{1,20}},\s)?"
    rf"[0-9]{{1,5}}[A-Za-z]?(?:[\-/][0-9]{{1,5}})?,?\s(?:[A-Z][A-Za-z'.\-]{{1,20}}\s){{1,4}}{STREET}\b\.?{TAIL}"
)
RUE = re.compile(
    r"(?<![A-Za-z0-9£$€.])(?:[0-9]{1,5},?\s(?:Rue|Via|Calle)|(?:Calle|Avenida|Avda\.?|C/|Plaza|Paseo))\s"
    r"(?:(?:de|del|la|las|los)\s){0,2}[A-Z][\w'\-]{1,20}(?:\s[A-Z][\w'\-]{1,20}){0,3}"
    r"(?:,?\s(?:n\.?º\s?)?[0-9]{1,4}(?:,?\s[0-9]º\s?[A-Z]?)?)?(?:,\s(?i:apt)\.?\s?[0-9]{1,4})?"
)
IN_LOWER_CASE = re.compile(
    r"(?<![A-Za-z0-9£$€.,:])[0-9]{1,4}[a-z]?,?\s(?:[a-z']{3,20}\s){1,2}"
    r"(?:street|road|rd|lane|avenue|ave|terrace|close|crescent|drive|mews|grove|gardens)\b",
    re.IGNORECASE,
)
NO_STREET = frozenset(EXCEPTIONS["no street"])
AT_NUMBER = re.compile(r"\b(?:at|outside|behind)\s(?P<place>[0-9]{1,4}[a-z]?\s[A-Z][a-z]{3,20})(?=[,.;!?]|\s?\Z)")
ALONE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9][A-Z0-9]?\s[0-9][A-Z]{2}(?![A-Za-z0-9])")


def english_addresses(text: str) -> Iterator[Span]:
    yield from spans_of(WITH_CAPITALS, text, Private.ADDRESS)
    yield from spans_of(RUE, text, Private.ADDRESS)
    yield from spans_of(ALONE, text, Private.ADDRESS)
    for match in AT_NUMBER.finditer(text):
        if match["place"].split()[1] not in NO_NAME:
            yield Span(match.start("place"), match.end("place"), Private.ADDRESS)
    for match in IN_LOWER_CASE.finditer(text):
        if not NO_STREET & set(match.group().lower().split()):
            yield Span(match.start(), match.end(), Private.ADDRESS)


UNIT = (
    rf"(?:[甲乙丙丁A-Za-z]?[0-9]{{1,5}}|[{NUMERALS}十百]{{1,4}}|[A-Za-z甲乙丙丁])\s?"
    r"(?:号院|号楼|号库|号|栋|幢|楼|座|弄|单元|室|排|组|层|区|队|门)"
)
PLACE = r"(?:路|街|道|巷|弄|里|村|苑|园|区|公寓|院|庄|镇|乡|胡同|社区|坊|寓|城|府|大厦|花园)"
HOUSE = re.compile(
    rf"(?P<chain>{UNIT}(?:[东南西北]?(?:{UNIT}|[东南西北后前]门)){{0,5}}(?:[ \-]?[0-9]{{2,4}}(?![0-9]|块|元|分|年|路))?"
    r"|[0-9]{1,3}-[0-9]{1,3}-[0-9]{2,4}(?![0-9]))"
)
UNITS = re.compile(UNIT)
STAKE = re.compile(
    r"[\u4e00-\u9fff]{2,6}(?:高速|国道|省道)(?:公路)?[Kk][0-9]{1,4}(?:\+[0-9]{1,3})?(?:[东南西北]侧)?(?:应急车道)?"
)
BESIDE = re.compile(
    r"[\u4e00-\u9fff]{0,4}[东南西北左右后前](?:边|侧|面|头)(?:第?[一二三四五六七八九十0-9]{1,3}[户家间])?"
)
BEFORE_HOUSE = re.compile(rf"[\u4e00-\u9fff]{{1,16}}{PLACE}[东南西北]?[里区段]?\s?\Z")
BEGINS_PLACE = re.compile(
    r".*(?:地址改[为成到]|地址[是：:]?|寄到|改到|改成|搬到|送到|家住|住在|停在|家在"
    r"|住|到|在|是|的|给|去|从|来|我们|你们|我|换)"
)
NO_HOUSE = frozenset("线车桌床台机窗路")


def chinese_addresses(text: str) -> Iterator[Span]:
    """A street, estate or village with a house number, or a chain of building, staircase and door."""
    yield from spans_of(STAKE, text, Private.ADDRESS)
    for match in HOUSE.finditer(text):
        start, end = match.span("chain")
        before = BEFORE_HOUSE.search(text, max(0, start - 18), start)
        units = len(UNITS.findall(text, start, end))
        if not before and units < 2:
            continue
        if units == 1 and text[end : end + 1] in NO_HOUSE and end < len(text):
            continue
        beside = BESIDE.match(text, end)
        end = beside.end() if beside else end
        if not before:
            yield Span(start, end, Private.ADDRESS)
            continue
        lead = BEGINS_PLACE.match(before.group())
        place = before.start() + (lead.end() if lead else 0)
        yield Span(place if start - place >= 2 else before.start(), end, Private.ADDRESS)


CAPITALISED = r"[A-ZÀ-Þ][A-Za-zÀ-ÿ'\-]{1,30}"
FULL_NAME = rf"{CAPITALISED}(?:\s(?:de|van|von|al|bin|O')?\s?{CAPITALISED}){{1,3}}"
TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Rev|Reverend|Fr|Father|Nurse|Sister|Smt|Shri|Sri|Sgt|PC|Cllr|"
    r"Councillor|Officer|Matron|Imam|Rabbi|Pastor|Madam|Auntie|Uncle|Señora|Señor|Srta|Sra|Sr|Don|Doña|MR|MRS|MS|DR)"
    rf"\.?\s(?P<rest>(?:[A-Z]\.?\s){{0,2}}{CAPITALISED}(?:\s{CAPITALISED}){{0,2}})"
)
# What stands before a name and is none of it, in the languages in which titles do.
TITLES = re.compile(
    r"\A(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Rev|Reverend|Fr|Father|Nurse|Sister|Smt|Shri|Sri|Sgt|PC|Cllr|"
    r"Councillor|Officer|Matron|Imam|Rabbi|Pastor|Madam|Auntie|Uncle|Chief|Alhaji|Alhaja|Sir|Lady|Lord|Dame|Elder|Hajia"
    r"|Señora|Señor|Señorita|Srta|Sra|Sr|Don|Doña)\b\.?\s{1,3}"
    r"|(?:السيدة?|الأستاذة?|الاستاذة?|الدكتورة?|دكتورة?|ست|أبلة|الحاجة|عم)\s{1,3}){1,3}",
    re.IGNORECASE,
)
OFFICE = re.compile(
    rf"\b(?:Chief|Alhaji|Alhaja|Sir|Lady|Lord|Dame|Pastor|Elder|Hajia)\s(?:\((?:Mr|Mrs|Ms|Dr)\.?\)\s)?{CAPITALISED}\s{CAPITALISED}"
)
RELATION = re.compile(
    r"\b(?:husband|wife|son|daughter|mother|father|mum|mam|dad|brother|sister|nan|gran|aunt|uncle|cousin|partner"
    r"|neighbour|neighbor|friend|tenant|resident|patient|pupil|manager|nurse|carer|ask for|ask)\s"
    rf"(?P<name>{CAPITALISED}\s{CAPITALISED}(?:\s{CAPITALISED})?)(?![A-Za-z])"
)
TITLED_LOW = re.compile(r"\b(?:mr|mrs|ms|miss)\.?\s(?P<rest>[a-z][a-z'\-]{2,20})\b")
INTRODUCED = re.compile(
    rf"(?:\b(?:[Mm]y name(?:'s| is)|[Mm]y full name is|[Nn]ame(?:'s| is|:)|[Mm]e llamo|[Mm]i nombre es)\s)"
    rf"(?P<name>{CAPITALISED}(?:\s{CAPITALISED}){{0,3}})"
)
INTRODUCED_LOW = re.compile(r"\bmy name(?:'s| is)\s(?P<name>[a-z'\-]{2,20}(?:\s[a-z'\-]{2,20})?)", re.IGNORECASE)
FULL_AFTER_CUE = re.compile(
    rf"(?:\b(?:I'm|I am|[Ii]t's|[Tt]his is|[Ii]t is|called|contact:?|details,|named|[Cc]arer|[Dd]river|[Ss]oy)\s)"
    rf"(?P<name>{FULL_NAME})"
)
SIGNED = re.compile(
    rf"(?:(?:[Ff]aithfully|[Ss]incerely|[Rr]egards|[Tt]ruly|[Tt]hanks|[Tt]hank you|[Ww]ishes|[Cc]heers|[Ss]aludos)"
    rf"[,.]?\s{{1,4}}"
    rf"|(?<=\n)\s{{0,4}}|(?<=[.!?]\s))(?P<name>{FULL_NAME})(?=\s{{0,4}}\Z|,\s[0-9(+])"
)
# Looked for from every word on: of "Call Anna Schmidt" the first two words are no name, and the last two are.
FULL = re.compile(rf"(?<![A-Za-z0-9'\-])(?=(?P<name>{CAPITALISED}\s{CAPITALISED})(?![A-Za-z'\-]))")
NO_NAME = frozenset(EXCEPTIONS["no name"])
NO_NAME_LOW = frozenset(EXCEPTIONS["no name in lower case"])


def english_names(text: str) -> Iterator[Span]:
    """Names with a title, names that people give as their own, and known first names with a surname."""
    for match in TITLED.finditer(text):
        end = match.start("rest") + len(real_name(match["rest"]))
        if end > match.start("rest"):
            yield Span(match.start(), end, Private.NAME)
    for match in TITLED_LOW.finditer(text):
        if match["rest"] not in NO_NAME_LOW and (match.group()[:4] != "miss" or "." in match.group()):
            yield Span(match.start(), match.end(), Private.NAME)
    yield from spans_of(OFFICE, text, Private.NAME)
    for pattern in (INTRODUCED, FULL_AFTER_CUE, SIGNED, RELATION):
        for match in pattern.finditer(text):
            name = real_name(match["name"])
            if (pattern is INTRODUCED and name) or " " in name:
                yield Span(match.start("name"), match.start("name") + len(name), Private.NAME)
    for match in INTRODUCED_LOW.finditer(text):
        words = match["name"].split(" ")
        if words[0].lower() not in NO_NAME_LOW:
            kept = words[:1] if len(words) < 2 or words[1].lower() in NO_NAME_LOW else words
            yield Span(match.start("name"), match.start("name") + len(" ".join(kept)), Private.NAME)
    for match in FULL.finditer(text):
        first, last = match["name"].split()
        is_of_a_place = redaction_asking.NO_NAME_BEFORE.search(text, max(0, match.start() - 12), match.start())
        if first.partition("-")[0] in FIRST_NAMES and last not in NO_NAME and not is_of_a_place:
            yield Span(match.start("name"), match.end("name"), Private.NAME)


def real_name(words: str) -> str:
    """The leading words that can be a name: "Petrov Monday" is Petrov."""
    kept = re.split(r"(\s)", words)
    for place in range(0, len(kept), 2):
        if kept[place] in NO_NAME:
            return "".join(kept[: max(place - 1, 0)])
    return words


FIRST_NAMES = frozenset(sections("first_names", "en")["first"])
NAME_LISTS = sections("surnames", "zh")
SURE_SURNAME = any_of(NAME_LISTS["double"], NAME_LISTS["sure"])
SURNAME = any_of(NAME_LISTS["double"], NAME_LISTS["sure"], NAME_LISTS["also a word"])
NO_GIVEN = "".join(NAME_LISTS["never in a name"])
GIVEN = rf"(?:(?![{NO_GIVEN}])[\u4e00-\u9fff])"
CHINESE_TITLE = any_of(NAME_LISTS["title"])
CHINESE_TITLE_AT_END = re.compile(rf"(?<=[\u3400-\u9fff]{{2}}){CHINESE_TITLE}\Z")
CHINESE_TITLED = re.compile(
    rf"(?:(?<![感谢])(?<![感多谢]谢)(?:[老小]{SURNAME}(?:{CHINESE_TITLE}|姑娘|[叔姐哥伯婶嫂])"
    rf"|{SURE_SURNAME}{GIVEN}{{1,2}}(?:{CHINESE_TITLE})"
    rf"|(?<![保收校公园0-9])(?:{SURNAME})(?:{CHINESE_TITLE}|阿婆|阿公|老伯|嫂子)"
    rf"|{SURNAME}(?:工|队|姐|哥|姨|叔|伯)(?=[说讲，。、带之]|来[了的])"
    rf"|老{SURE_SURNAME}(?=[，。！？、；：\s也说已在和今昨就又给]|\Z)"
    rf"|{SURE_SURNAME}(?:[工姐叔伯婶嫂总]|哥(?!哥))(?![\u4e00-\u9fff]{{0,1}}[程作人资单地])))"
)
CHINESE_INTRODUCED = re.compile(
    rf"(?:我叫|我名叫|名字叫|名叫|姓名[是为：: ]{{0,2}}|我的名字是?|我名字叫?"
    rf"|的名字|名字是?|户名[是为：: ]{{0,2}}|联系人[是为：: ]{{0,2}}"
    rf"|诉求人[：: ]{{0,2}}|住户|本人是?|患者|敬上人|机主|户主|业主|申请人|持证人|[，,]叫|[儿女孩娃]儿?子?叫)"
    rf"(?P<name>{SURNAME}{GIVEN}{{1,2}})(?!{GIVEN}{{0,1}}[们])"
)
CHINESE_SELF = re.compile(
    rf"(?:(?:我是|这里是|现在是|好像是|家属)(?={SURNAME})|(?:[，。！？：:；,\s(“]|^)(?={SURE_SURNAME}))"
    rf"(?P<name>{SURNAME}{GIVEN}{{1,2}})"
    rf"(?=[，。！,；;)”\s]|$|敬上|妈妈|爸爸|的妈|的爸)"
)
CHINESE_RELATION = re.compile(
    rf"(?:爱人|老伴|儿子|女儿|丈夫|妻子|父亲|母亲|哥哥|姐姐|弟弟|妹妹|邻居|请给|是)(?P<name>{SURNAME}{GIVEN}{{2}})"
    r"(?=[，。！？；\s]|代|出不|请假|的|说|住|今年)"
)
CHINESE_SIGNED = re.compile(
    rf"(?:\n\s{{0,4}}|[0-9{NUMERALS}][，, ]{{1,2}})(?P<name>{SURNAME}{GIVEN}{{1,2}})(?=\s|[，,]?\s?[0-9A-Za-z]|\Z)"
)
NOT_NAMES = frozenset(NAME_LISTS["no name"])


def chinese_names(text: str) -> Iterator[Span]:
    """A surname with a title, a name that somebody gives, or a full name standing by itself."""
    yield from spans_of(CHINESE_TITLED, text, Private.NAME)
    yield from spans_of(CHINESE_INTRODUCED, text, Private.NAME, "name")
    for pattern in (CHINESE_SELF, CHINESE_RELATION, CHINESE_SIGNED):
        for match in pattern.finditer(text):
            if not {match["name"], match["name"][:2]} & NOT_NAMES:
                yield Span(match.start("name"), match.end("name"), Private.NAME)
