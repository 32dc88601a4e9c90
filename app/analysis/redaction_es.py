"""What names or reaches a person in Spanish, beside what looks the same in every language."""

import re
from collections.abc import Iterator

from app.analysis.lexicon import sections
from app.analysis.private import Private, Span, spans_of
from app.analysis.redaction_asking import SPANISH_NO_NAME_BEFORE, a_persons

CAPITAL = r"[A-ZÁÉÍÓÚÑÜ][A-Za-záéíóúñüÁÉÍÓÚÑÜ'\-]{1,30}"
FULL = rf"{CAPITAL}(?:\s(?:(?:de|del|la|los|y)\s){{0,2}}{CAPITAL}){{1,3}}"
TITLED = re.compile(
    r"\b(?:[Dd]on|[Dd]oña|D\.|D\.?ª|Dra?\.|Srta?\.|Sra?\.|[Ss]eñor(?:a|ita)?|[Dd]octora?|[Mm]aestr[oa]"
    r"|[Pp]rofe(?:sora?)?"
    r"|[Ll]icenciad[oa]|Lic\.|Ing\.|[Ii]ngenier[oa])"
    rf"\s{CAPITAL}(?:\s{CAPITAL}){{0,3}}"
)
AFTER_CUE = re.compile(
    r"(?:\b(?:[Mm]e llamo|[Ss]e llama|[Mm]i nombre es|[Aa] nombre de|[Ss]oy|[Ee]s|[Dd]ecir|[Aa]lumn[oa](?: es)?"
    r"|[Pp]aciente|[Cc]hofer|[Cc]onductora?|[Aa]uxiliar|[Ee]nfermer[oa]|[Vv]ecin[oa]|[Tt]itular|[Hh]ij[oa]"
    rf"|[Mm]arido|[Ee]spos[oa]|[Mm]adre|[Pp]adre|[Hh]erman[oa]|[Aa]tentamente,?)[:,]?\s)(?P<name>{FULL})"
)
FIRST_NAMES = frozenset(sections("first_names", "es")["first"])
# Looked for from every word on: in "Gracias Ana García" the second is the first name.
KNOWN = re.compile(
    rf"(?<![A-Za-zÀ-ÿ0-9'\-])(?=(?P<name>(?P<first>{CAPITAL})(?:\s(?:(?:de|del|la)\s){{0,2}}{CAPITAL}){{1,3}}))"
)
STREET = re.compile(
    r"\b(?:[Cc]alle|[Cc]/|[Aa]venida|[Aa]vda?\.?|[Pp]asaje|[Pp]laza|[Pp]aseo|[Cc]amino|[Cc]arretera|[Cc]uesta|[Rr]onda"
    r"|[Cc]arrera|[Cc]ra\.?|[Cc]allejón|[Tt]ransversal|[Dd]iagonal|[Jj]irón)\s"
    r"(?:(?:de|del|la|las|los|el)\s){0,2}(?:[\wÀ-ÿ'\-]{1,20}\s){0,3}?(?:[\wÀ-ÿ'\-]{1,20},?\s)?"
    r"(?:#\s?|n\.?º\s?|núm\.?\s)?[0-9]{1,5}(?:\s?[A-Za-z](?![a-zà-ÿ]))?(?:\s?[#\-]\s?[0-9]{1,4}){0,2}"
    r"(?:,?\s(?:[0-9]{1,2}\s?[ºª°]\s?(?:[A-Z](?![a-z])|izda\.?|dcha\.?)?|(?:piso|puerta|portal|apto\.?|depto\.?|bajo|escalera)"
    r"(?:\s[0-9A-Z]{1,4})?)){0,3}(?:,\s[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,20})?"
)
FLOOR = re.compile(
    r"(?<![A-Za-zÀ-ÿ])[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,20}(?:\s[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,20})?\s[0-9]{1,5},\s"
    r"[0-9]{1,2}\s?[ºª°]\s?[A-Z]?(?![a-z])(?:,\s[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,20})?"
)
PLATE = re.compile(
    r"\b(?:placas?|patente|matr[ií]cula|unidad|chapa)\s(?:n\.?º\s)?"
    r"(?P<plate>(?=[A-Z0-9 \-]{0,10}[0-9])[A-Z0-9]{1,4}[ \-]?[A-Z0-9]{2,4}(?:[ \-][A-Z0-9]{1,4})?)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
DOTTED_ID = re.compile(
    r"(?<![0-9.,$€£])(?<![$€£]\s)[0-9]{1,3}\.[0-9]{3}\.[0-9]{3}(?:-?[0-9KkA-Z])?(?![0-9.,]\d|\s?(?:euros|pesos|€))"
)


def found_in(text: str) -> Iterator[Span]:
    """Names with a title, after a cue or with a known first name; streets, plates, and identity numbers with dots."""
    yield from spans_of(TITLED, text, Private.NAME)
    yield from spans_of(AFTER_CUE, text, Private.NAME, "name")
    for match in KNOWN.finditer(text):
        before = SPANISH_NO_NAME_BEFORE.search(text, max(0, match.start() - 24), match.start())
        if match["first"] in FIRST_NAMES and not before:
            kept = a_persons(match["name"])
            if " " in kept:
                yield Span(match.start("name"), match.start("name") + len(kept), Private.NAME)
    yield from spans_of(STREET, text, Private.ADDRESS)
    yield from spans_of(FLOOR, text, Private.ADDRESS)
    yield from spans_of(PLATE, text, Private.PLATE, "plate")
    yield from spans_of(DOTTED_ID, text, Private.ID)
